/**
 * Credential plugins that ask a person, run in a terminal of the window: what they ask and are told is there; what they print on their
 * standard output, the credential, is not shown and goes nowhere but to the session.
 */
import fs from 'node:fs'
import { problem, toRpcError } from '../errors.js'
import type { LocalTerminalParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { PluginStart } from '../session/credential-plugin.js'
import type { Session } from '../session/session.js'
import { OwnFolders, ownFile, removeFolder } from './own-folders.js'
import { programOn } from './own-program.js'
import { connectPty, startPty } from './pty-stream.js'
import { loadPty, type Pty, type SpawnPty } from './pty.js'

/** What a plugin prints is short. */
const MOST_OUTPUT = 1024 * 1024

export class PluginTerminals {
  private readonly folders: OwnFolders
  private readonly open = new Set<Pty>()

  /**
   * @param data the app's data directory; what an earlier run left there is removed
   * @param load gives the means to start a terminal
   */
  constructor(
    data: string,
    private readonly load: () => Promise<SpawnPty> = loadPty,
  ) {
    this.folders = new OwnFolders(data, 'plugins')
  }

  /** The `plugin` stream: the plugin of a context until it has ended, and the context is connected or not. */
  async stream(session: Session, size: LocalTerminalParams, stream: StreamContext<'plugin'>): Promise<void> {
    let code: number | null = null
    const inTerminal = async (start: PluginStart): Promise<string> => {
      if (process.platform === 'win32') throw problem('Unavailable', 'pluginWindows', { plugin: start.command })
      const spawn = await this.load()
      const file = await programOn(start.env.PATH ?? '', start.command)
      if (!file) throw start.missing()
      const own = this.folders.make()
      try {
        const printed = ownFile(own, 'printed', '')
        // The shell is given the plugin's words as words: it reads none of them.
        const words = ['-c', 'exec "$@" >"$0"', printed, file, ...start.args]
        const pty = startPty(spawn, '/bin/sh', words, size, start.env as Record<string, string>)
        code = await this.untilEnd(pty, stream)
        if (code !== 0) throw problem('PluginAsks', 'pluginExited', { plugin: start.command, code })
        if (fs.statSync(printed).size > MOST_OUTPUT) throw problem('ExecPlugin', 'pluginPrinted', { plugin: start.command })
        return fs.readFileSync(printed, 'utf8')
      } finally {
        removeFolder(own)
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
    this.folders.removeAll()
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
