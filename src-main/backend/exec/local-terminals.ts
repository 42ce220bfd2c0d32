/**
 * Terminals of this machine: the login shell, with a KUBECONFIG whose current context is that of the tab. The kubeconfig that is written
 * holds no credentials: it names cluster and user of the context's own file, which follows it in KUBECONFIG, and kubectl merges them as
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files says. What kubectl
 * changes (`config use-context`, `set-context`) goes to that file too, and leaves the person's own alone.
 */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { toRpcError } from '../errors.js'
import type { ContextSummary, LocalTerminalParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { loginShell, startOf } from './login-shell.js'
import { OwnFolders, ownFile, removeFolder } from './own-folders.js'
import { connectPty, startPty } from './pty-stream.js'
import { loadPty, type Pty, type SpawnPty } from './pty.js'

/** How long the login shell may take to say whether it finds kubectl, ms. */
const LOOKUP_TIMEOUT = 15_000

/** The kubeconfig of a terminal, as JSON (which is YAML). */
export function terminalKubeconfig(context: ContextSummary, namespace = context.namespace): string {
  const { name, cluster, user } = context
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      contexts: [{ name, context: { cluster, ...(user ? { user } : {}), ...(namespace ? { namespace } : {}) } }],
    },
    null,
    2,
  )}\n`
}

/** The environment of this process without what is only about this process. */
export function environment(): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && !/^(ELECTRON_|NODE_OPTIONS$|NODE_ENV$|DRYDOCK_|CHROME_|npm_)/.test(name)) out[name] = value
  return out
}

/** {@link environment} with the proxy that a person chose for a context. One that its kubeconfig names comes before it. */
export function environmentOn({ proxy }: Pick<ContextSummary, 'proxy'>): Record<string, string> {
  return { ...environment(), ...(proxy ? { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } : {}) }
}

/** Whether the login shell finds kubectl. */
function findsKubectl(shell: string, env: Record<string, string>): Promise<boolean> {
  const [file, args] = process.platform === 'win32' ? ['where', ['kubectl']] : [shell, ['-l', '-c', 'command -v kubectl']]
  return new Promise((resolve) => {
    execFile(file as string, args as string[], { env, timeout: LOOKUP_TIMEOUT }, (error) => resolve(!error)).stdin?.end()
  })
}

export class LocalTerminals {
  private readonly folders: OwnFolders
  private readonly open = new Set<Pty>()

  /**
   * @param data the app's data directory; what an earlier run left of its terminals is removed
   * @param load gives the means to start one
   */
  constructor(
    data: string,
    private readonly load: () => Promise<SpawnPty> = loadPty,
  ) {
    this.folders = new OwnFolders(data, 'terminals')
  }

  /** The `local` stream: a login shell until it exits or the window closes the stream. */
  async stream(context: ContextSummary, params: LocalTerminalParams, stream: StreamContext<'local'>): Promise<void> {
    let spawn: SpawnPty
    try {
      spawn = await this.load()
    } catch (error) {
      stream.emit({ type: 'exit', code: null, error: toRpcError(error) })
      return stream.end()
    }
    if (stream.signal.aborted) return
    const own = this.folders.make()
    const kubeconfig = [ownFile(own, 'kubeconfig', terminalKubeconfig(context, params.namespace)), ...context.files].join(path.delimiter)
    const shell = loginShell()
    const env = environmentOn(context)
    const start = startOf(shell, { KUBECONFIG: kubeconfig }, own, env)
    const forget = (): void => removeFolder(own)
    let pty: Pty
    try {
      pty = startPty(spawn, start.file, start.args, params, { ...env, ...start.env, KUBECONFIG: kubeconfig })
    } catch (error) {
      forget()
      stream.emit({ type: 'exit', code: null, error: toRpcError(error) })
      return stream.end()
    }
    this.open.add(pty)
    stream.emit({ type: 'open', shell, kubeconfig })
    void findsKubectl(shell, env).then((found) => stream.emit({ type: 'kubectl', found }))
    connectPty(pty, stream, (code) => {
      this.open.delete(pty)
      forget()
      stream.emit({ type: 'exit', code })
      stream.end()
    })
  }

  /** Ends all. */
  close(): void {
    for (const pty of this.open) pty.kill()
    this.folders.removeAll()
  }
}
