import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { IpcMainEvent, MenuItemConstructorOptions } from 'electron'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const electron = vi.hoisted(() => ({
  opened: [] as string[],
  listeners: new Map<string, (event: unknown, message: unknown) => void>(),
}))
vi.mock('electron', () => ({
  app: { on: () => undefined },
  BrowserWindow: { getFocusedWindow: () => null, getAllWindows: () => [] },
  Menu: { buildFromTemplate: (t: unknown) => t },
  shell: { openExternal: (url: string) => void electron.opened.push(url) },
  protocol: {},
  ipcMain: { on: (channel: string, listener: (event: unknown, message: unknown) => void) => electron.listeners.set(channel, listener) },
}))

const { writeCrashReport } = await import('../../src-main/main/crash-reports.js')
const { crc32 } = await import('../../src-main/main/crc32.js')
const { isWebLink, openOutside } = await import('../../src-main/main/links.js')
const { menuTemplate } = await import('../../src-main/main/menu.js')
const { handleWindowMessages } = await import('../../src-main/main/window-messages.js')

describe('links', () => {
  it('of the web go to the browser; those that would start a program go nowhere', () => {
    for (const url of [
      'https://kubernetes.io/',
      'http://127.0.0.1:8080/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'smb://x/y',
      'ms-msdt:/id',
      'x',
    ])
      openOutside(url)
    expect(electron.opened).toEqual(['https://kubernetes.io/', 'http://127.0.0.1:8080/'])
    expect(isWebLink(' https://a')).toBe(true)
    expect(isWebLink('HTTPS://a')).toBe(true)
  })
})

describe('messages of windows', () => {
  const heard: unknown[] = []
  handleWindowMessages({
    ready: () => heard.push('ready'),
    paste: () => heard.push('paste'),
    notify: (_c, n) => heard.push(n),
    language: (l) => heard.push(l),
    tray: (on) => heard.push(on),
  })
  const frame = (url: string) => ({ url })
  const event = (url: string, main = true) => {
    const sender = frame(url)
    return { senderFrame: sender, sender: { mainFrame: main ? sender : frame(url) } } as unknown as IpcMainEvent
  }
  const send = (channel: string, message: unknown, e = event('app://drydock/')) => electron.listeners.get(channel)!(e, message)
  beforeEach(() => void heard.splice(0))

  it('are heard from the app’s own page only, and only from its main frame', () => {
    send('drydock:ready', {}, event('https://example.com/'))
    send('drydock:ready', {}, event('app://drydock.example.com/'))
    send('drydock:ready', {}, event('app://drydock/', false))
    send('drydock:ready', {}, { senderFrame: null, sender: { mainFrame: null } } as unknown as IpcMainEvent)
    expect(heard).toEqual([])
    send('drydock:ready', undefined)
    expect(heard).toEqual(['ready'])
  })

  it('that are not what they should be lose what is wrong with them', () => {
    send('drydock:notify', { id: 1, title: 'x'.repeat(500), body: { toString: () => 'no' } })
    send('drydock:notify', { id: 'one', title: 'x' })
    send('drydock:tray', { on: 'yes' })
    send('drydock:language', 'zh-CN')
    expect(heard).toEqual([{ id: 1, title: 'x'.repeat(200), body: '' }, false, ''])
  })
})

describe('the menu', () => {
  const labels = (items: MenuItemConstructorOptions[]): unknown[] =>
    items.map((i) => (Array.isArray(i.submenu) ? [i.label ?? i.role, labels(i.submenu)] : (i.label ?? i.role ?? '—')))
  const submenu = (platform: NodeJS.Platform, label: string) =>
    (labels(menuTemplate('en', platform)) as [string, string[]][]).find(([l]) => l === label)?.[1]

  it('of a Mac has an app menu with About, Settings and Quit; elsewhere they are under File and Help', () => {
    expect(submenu('darwin', 'Drydock')).toEqual([
      'About Drydock',
      '—',
      'Settings…',
      '—',
      'services',
      '—',
      'hide',
      'hideOthers',
      'unhide',
      '—',
      'quit',
    ])
    expect(submenu('darwin', 'File')).toEqual(['Create from YAML…', 'New local terminal', '—', 'close'])
    expect(submenu('linux', 'Drydock')).toBeUndefined()
    expect(submenu('linux', 'File')).toEqual(['Create from YAML…', 'New local terminal', '—', 'Settings…', '—', 'quit'])
    expect(submenu('win32', 'Help')).toEqual(['Keyboard shortcuts', 'Kubernetes documentation', '—', 'About Drydock'])
  })

  it('is in the language of the window', () => {
    expect(menuTemplate('zh-CN', 'linux').map((m) => m.label)).toEqual(['文件', '编辑', '视图', '窗口', '帮助'])
  })
})

describe('a crash report', () => {
  let directory: string
  beforeEach(() => (directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-crash-'))))
  afterEach(() => fs.rmSync(directory, { recursive: true }))

  it('says which process ended and how, and holds nothing else; the twenty newest are kept', () => {
    for (let i = 0; i < 25; i++)
      writeCrashReport(directory, {
        time: `2026-11-21T09:00:${String(i).padStart(2, '0')}.000Z`,
        process: 'window',
        reason: 'crashed',
        exitCode: 5,
      })
    const names = fs.readdirSync(directory).sort()
    expect([names.length, names[0]]).toEqual([20, '2026-11-21T09-00-05-000Z.json'])
    const report = JSON.parse(fs.readFileSync(path.join(directory, names.at(-1)!), 'utf8')) as object
    expect(report).toMatchObject({ process: 'window', reason: 'crashed', exitCode: 5, platform: process.platform })
    expect(Object.keys(report).sort()).toEqual(['arch', 'exitCode', 'platform', 'process', 'reason', 'time', 'version'])
    expect(fs.statSync(path.join(directory, names[0]!)).mode & 0o777).toBe(0o600)
  })
})

it('the check sum of a picture’s parts is that of PNG', () => {
  // The end of every PNG file.
  expect(crc32(Buffer.from('IEND')).toString(16)).toBe('ae426082')
})
