import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test, type ElectronApplication, type Page } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, newDirectory, openKind, row, screenOf, startElectron } from './support/app.js'

/** The window in a real Electron. */

let data: string
let app: ElectronApplication
let page: Page

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  data = newDirectory()
  ;({ app, page } = await startElectron(data))
  await live(page)
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(data, { recursive: true, force: true })
})

test('opens on the embedded cluster, and goes from the list of pods to the answer of hostname in a shell', async () => {
  const kubectl = await kubectlOn(embeddedKubeconfig(data))
  await openKind(page, 'Pods')
  kubectl('run shell --image=busybox -- sleep 1000000')
  await expect(row(page, 'shell')).toContainText('Running')
  await row(page, 'shell').click()
  await page.getByRole('region', { name: 'Details: shell' }).getByRole('button', { name: 'Shell', exact: true }).click()
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
  await page.keyboard.type('hostname\n')
  await expect(screenOf(page)).toContainText(/hostname\s*shell/)
})

test('the page is sandboxed and isolated: no Node, no way out', async () => {
  const seen = await page.evaluate(() => ({
    require: typeof (globalThis as { require?: unknown }).require,
    process: typeof (globalThis as { process?: unknown }).process,
    electron: Object.keys(globalThis).filter((k) => /electron|ipc/i.test(k)),
  }))
  expect(seen).toEqual({ require: 'undefined', process: 'undefined', electron: [] })
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    const { sandbox, contextIsolation, nodeIntegration, webviewTag } = contents.getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration, webviewTag }
  })
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false })
})

test('a second start on the same data ends at once and leaves the first window in front', async () => {
  const second = spawn(process.env.DRYDOCK_ELECTRON!, ['--no-sandbox', path.resolve('.')], {
    env: { ...process.env, DRYDOCK_DATA: data, HOME: data, KUBECONFIG: path.join(data, 'none') },
    stdio: 'ignore',
  })
  expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('a backend that crashes is replaced, and the window goes on', async () => {
  await app.evaluate(({ app: electron }) => {
    const backend = electron.getAppMetrics().find((m) => m.name === 'Drydock backend' || m.serviceName === 'Drydock backend')
    if (backend) process.kill(backend.pid, 'SIGKILL')
  })
  await openKind(page, 'Nodes')
  await expect(row(page, 'drydock')).toContainText('Ready', { timeout: 30_000 })
  await live(page)
})

test('the size of the window is remembered, and the cluster with it', async () => {
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setSize(1111, 777))
  await expect
    .poll(() =>
      fs.existsSync(`${data}/window.json`) ? (JSON.parse(fs.readFileSync(`${data}/window.json`, 'utf8')) as { width: number }).width : 0,
    )
    .toBe(1111)
  await app.close()
  ;({ app, page } = await startElectron(data))
  await live(page)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getSize())).toEqual([1111, 777])
  await openKind(page, 'Pods')
  await expect(row(page, 'shell')).toContainText('Running')
})

// Last: to the test driver a navigation that is denied stays under way.
test('navigation and new windows are denied, and the policy blocks scripts from elsewhere', async () => {
  const before = page.url()
  await page.evaluate(() => {
    window.open('https://example.com')
    window.location.href = 'https://example.com'
  })
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(null))))
  expect(page.url()).toBe(before)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  const blocked = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (e) => resolve(e.effectiveDirective), { once: true })
        const script = document.createElement('script')
        script.src = 'https://example.com/x.js'
        document.head.append(script)
      }),
  )
  expect(blocked).toBe('script-src-elem')
})
