/**
 * The backend's utility process: each window gets a MessagePort straight to it, so that main never relays data. When it
 * dies it is started anew and the windows get new ports.
 */
import { MessageChannelMain, utilityProcess, type UtilityProcess, type WebContents } from 'electron'
import type { ClusterSupervisor } from '../backend/embedded/supervisor.js'
import type { AppInfo, EmbeddedState } from '../backend/rpc/contract.js'

/** What main tells the backend. A `window` message carries the port. */
export type ControlMessage =
  | { type: 'start'; app: AppInfo; embedded: EmbeddedState }
  | { type: 'embedded'; state: EmbeddedState }
  | { type: 'window' }
  | { type: 'stop' }
/** What the backend asks of main. */
export type ControlRequest = { type: 'embedded.restart' }

export class BackendProcess {
  private child: UtilityProcess
  private readonly windows = new Set<WebContents>()
  private stopping = false

  constructor(
    private readonly file: string,
    private readonly app: AppInfo,
    private readonly supervisor: ClusterSupervisor,
  ) {
    this.child = this.fork()
    supervisor.listen((state) => this.post({ type: 'embedded', state }))
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
      if (message.type === 'embedded.restart') this.supervisor.restart()
    })
    child.once('exit', () => {
      if (this.stopping) return
      for (const w of this.windows) w.send('drydock:lost')
      this.child = this.fork()
      for (const w of this.windows) this.attach(w)
    })
    child.postMessage({ type: 'start', app: this.app, embedded: this.supervisor.state() } satisfies ControlMessage)
    return child
  }

  private post(message: ControlMessage): void {
    this.child.postMessage(message)
  }
}
