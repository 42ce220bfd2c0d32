/** What the processes of a container write, on its way to the log and to whoever is attached. */
import type { Clock } from '../clock.js'
import type { AttachedClients } from './attached-clients.js'
import type { ContainerLog } from './container-log.js'
import type { Pipe } from './pipe.js'
import type { Pty } from './pty.js'
import { outside } from './waiting.js'

type Stream = 'stdout' | 'stderr'

const MOST_AT_ONCE = 65_536
/** Ms of cluster time that the log takes for a line: who writes faster has to wait, as for a container runtime. */
const LINE_TIME = 0.005
/** Ms that are not waited for. */
const SHORT = 10

export class ContainerOutput {
  /** Streams that somebody may still write to. */
  private open = 0
  private onEnd: (() => void) | undefined
  /** Ms that the log is behind. */
  private behind = 0

  constructor(
    private readonly clock: Clock,
    private readonly log: ContainerLog,
    private readonly attached: AttachedClients,
  ) {}

  /** Takes what is written to a pipe, until its last writer is gone. The processes take their ends of it first. */
  ofPipe(pipe: Pipe, stream: Stream): void {
    this.open++
    pipe.drain(
      (data) => this.take(stream, data),
      () => this.close(),
    )
  }

  /** Takes what is written to a terminal, until it is closed. */
  ofTerminal(pty: Pty): void {
    this.open++
    void this.pump(pty)
  }

  /** Resolves when all that was written has been taken, and nobody can write more. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      if (this.open === 0) resolve()
      else this.onEnd = resolve
    })
  }

  private async pump(pty: Pty): Promise<void> {
    await Promise.resolve()
    for (;;) {
      const data = await pty.readOutput(MOST_AT_ONCE, outside)
      if (data.length === 0) return this.close()
      await this.take('stdout', data)
    }
  }

  private take(stream: Stream, data: Uint8Array): Promise<void> | undefined {
    this.behind += this.log.write(stream, data) * LINE_TIME
    this.attached.send(stream, data)
    if (this.behind < SHORT) return undefined
    const { behind } = this
    this.behind = 0
    return new Promise((resolve) => this.clock.after(behind, resolve))
  }

  private close(): void {
    if (--this.open === 0) this.onEnd?.()
  }
}
