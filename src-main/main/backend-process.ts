/**
 * The backend's utility process: each window gets a MessagePort straight to it, so that main never relays data. When it
 * dies it is started anew and the windows get new ports.
 */
import { MessageChannelMain, utilityProcess, type UtilityProcess, type WebContents } from 'electron'
import type { ClusterFleet, NewCluster } from '../backend/embedded/fleet.js'
import { toRpcError } from '../backend/errors.js'
import type { AppInfo, EmbeddedState, RpcError } from '../backend/rpc/contract.js'

/** What main tells the backend. A `window` message carries the port. */
export type ControlMessage =
  | { type: 'start'; app: AppInfo; embedded: EmbeddedState[] }
  | { type: 'embedded'; states: EmbeddedState[] }
  | { type: 'embedded.done'; id: number; error?: RpcError }
  | { type: 'window' }
  | { type: 'woken' }
  | { type: 'stop' }
/** What the backend asks of main. */
export type ControlRequest = { type: 'embedded'; id: number } & (
  | { act: 'create'; options: NewCluster }
  | { act: 'start' | 'stop' | 'remove'; name: string }
  | { act: 'snapshot' | 'restore' | 'removeSnapshot'; name: string; snapshot: string }
)

export class BackendProcess {
  private child: UtilityProcess
  private readonly windows = new Set<WebContents>()
  private stopping = false

  constructor(
    private readonly file: string,
    private readonly app: AppInfo,
    private readonly fleet: ClusterFleet,
  ) {
    this.child = this.fork()
    fleet.listen((states) => this.post({ type: 'embedded', states }))
  }

  /** Gives a window a port to the backend; again after each reload. */
  attach(contents: WebContents): void {
    if (!this.windows.has(contents)) {
      this.windows.add(contents)
      contents.once('destroyed', () => this.windows.delete(contents))
    }
    const { port1, port2 } = new MessageChannelMain()
    this.child.postMessage({ type: 'window' } satisfies ControlMessage, [port1])
    contents.postMessage('drydock:port', null, [port2])
  }

  /** The machine was asleep until now. */
  woken(): void {
    this.post({ type: 'woken' })
  }

  stop(): Promise<void> {
    this.stopping = true
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.child.kill(), 3000)
      this.child.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      this.post({ type: 'stop' })
    })
  }

  private fork(): UtilityProcess {
    const child = utilityProcess.fork(this.file, [], { stdio: 'inherit', serviceName: 'Drydock backend' })
    child.on('message', (message: ControlRequest) => {
      void this.act(message)
    })
    child.once('exit', () => {
      if (this.stopping) return
      for (const w of this.windows) w.send('drydock:lost')
      this.child = this.fork()
      for (const w of this.windows) this.attach(w)
    })
    child.postMessage({ type: 'start', app: this.app, embedded: this.fleet.states() } satisfies ControlMessage)
    return child
  }

  private async act(request: ControlRequest): Promise<void> {
    const { id } = request
    try {
      if (request.act === 'create') await this.fleet.create(request.options)
      else if ('snapshot' in request) await this.fleet[request.act](request.name, request.snapshot)
      else await this.fleet[request.act](request.name)
      this.post({ type: 'embedded.done', id })
    } catch (error) {
      this.post({ type: 'embedded.done', id, error: toRpcError(error) })
    }
  }

  private post(message: ControlMessage): void {
    this.child.postMessage(message)
  }
}
