/**
 * Credential plugins that ask a person, run in a terminal of the window: what they ask and are told is there; what they print on their
 * standard output, the credential, is not shown and goes nowhere but to the session.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { problem, toRpcError } from '../errors.js'
import type { LocalTerminalParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { PluginStart } from '../session/credential-plugin.js'
import type { Session } from '../session/session.js'
import { programOn } from './own-program.js'
import { connectPty, TERMINAL_ENVIRONMENT } from './pty-stream.js'
import { loadPty, type Pty, type SpawnPty } from './pty.js'

/** What a plugin prints is short. */
const MOST_OUTPUT = 1024 * 1024

export class PluginTerminals {
  private readonly directory: string
  private readonly open = new Set<Pty>()

  /**
   * @param data the app's data directory; what an earlier run left there is removed
   * @param load gives the means to start a terminal
   */
  constructor(
    data: string,
    private readonly load: () => Promise<SpawnPty> = loadPty,
  ) {
    this.directory = path.join(data, 'plugins')
    fs.rmSync(this.directory, { recursive: true, force: true })
  }

  /** The `plugin` stream: the plugin of a context until it has ended, and the context is connected or not. */
  async stream(session: Session, { columns, rows }: LocalTerminalParams, stream: StreamContext<'plugin'>): Promise<void> {
    let code: number | null = null
    const inTerminal = async (start: PluginStart): Promise<string> => {
      if (process.platform === 'win32') throw problem('Unavailable', 'pluginWindows', { plugin: start.command })
      const spawn = await this.load()
      const file = await programOn(start.env.PATH ?? '', start.command)
      if (!file) throw start.missing()
      fs.mkdirSync(this.directory, { recursive: true, mode: 0o700 })
      const own = fs.mkdtempSync(path.join(this.directory, 'run-'))
      const printed = path.join(own, 'printed')
      try {
        fs.writeFileSync(printed, '', { mode: 0o600 })
        // The shell is given the plugin's words as words: it reads none of them.
        const pty = spawn('/bin/sh', ['-c', 'exec "$@" >"$0"', printed, file, ...start.args], {
          cols: columns,
          rows,
          cwd: os.homedir(),
          env: { ...(start.env as Record<string, string>), ...TERMINAL_ENVIRONMENT },
          name: TERMINAL_ENVIRONMENT.TERM,
          encoding: null,
        })
        code = await this.untilEnd(pty, stream)
        if (code !== 0) throw problem('PluginAsks', 'pluginExited', { plugin: start.command, code })
        if (fs.statSync(printed).size > MOST_OUTPUT) throw problem('ExecPlugin', 'pluginPrinted', { plugin: start.command })
        return fs.readFileSync(printed, 'utf8')
      } finally {
        fs.rmSync(own, { recursive: true, force: true })
      }
    }
    try {
      await session.askPlugin(inTerminal)
      stream.emit({ type: 'exit', code })
    } catch (error) {
      stream.emit({ type: 'exit', code, error: toRpcError(error) })
    }
    stream.end()
  }

  /** Ends all. */
  close(): void {
    for (const pty of this.open) pty.kill()
    fs.rmSync(this.directory, { recursive: true, force: true })
  }

  /** Shows a terminal in the window until its process ends; gives its exit code. */
  private untilEnd(pty: Pty, stream: StreamContext<'plugin'>): Promise<number> {
    this.open.add(pty)
    stream.emit({ type: 'open' })
    return new Promise((resolve) => connectPty(pty, stream, resolve)).then((code) => {
      this.open.delete(pty)
      return code as number
    })
  }
}
