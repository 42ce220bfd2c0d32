import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defaultDataDirectory } from '../../src-main/directories.js'

const electron = vi.hoisted(() => ({ isPackaged: true, switches: [] as string[] }))
vi.mock('electron', () => ({
  app: {
    get isPackaged() {
      return electron.isPackaged
    },
    getAppPath: () => '/src/drydock',
    commandLine: { hasSwitch: (name: string) => electron.switches.includes(name) },
  },
}))

const { assistantArguments, ownAssistantCommand } = await import('../../src-main/main/assistant.js')
const usual = defaultDataDirectory({ ...process.env, DRYDOCK_DATA: undefined })

afterEach(() => {
  vi.unstubAllEnvs()
  Object.assign(electron, { isPackaged: true, switches: [] })
})

describe('a start of the app', () => {
  it('is for an assistant where it says --mcp, with what comes after it', () => {
    expect(assistantArguments(['/usr/bin/drydock'])).toBeUndefined()
    expect(assistantArguments(['/usr/bin/drydock', '--mcp'])).toEqual([])
    expect(assistantArguments(['/usr/bin/drydock', '--no-sandbox', '--mcp', '--context', 'a', '--allow-writes'])).toEqual([
      '--context',
      'a',
      '--allow-writes',
    ])
  })
})

describe('the command for an assistant', () => {
  it('is the packaged program itself', () => {
    expect(ownAssistantCommand(usual)).toEqual({ command: process.execPath, args: ['--mcp'] })
  })

  it('is the file of an AppImage, not the place where it is mounted this time', () => {
    vi.stubEnv('APPIMAGE', '/home/you/Drydock.AppImage')
    expect(ownAssistantCommand(usual).command).toBe('/home/you/Drydock.AppImage')
  })

  it('names the folder of an app that is not packaged, its switches, and data that is elsewhere', () => {
    Object.assign(electron, { isPackaged: false, switches: ['no-sandbox'] })
    const data = path.resolve('/elsewhere')
    expect(ownAssistantCommand(data).args).toEqual(['--no-sandbox', '/src/drydock', '--mcp', '--data', data])
  })
})
