/**
 * What a session puts out before its client's streams are there. Both outputs are read from the first moment on, so that
 * they reach the client in the order in which the process wrote them.
 */
import type { Readable, Writable } from 'node:stream'
import type { Session } from '../../kubelet/endpoint.js'

/** Bytes kept before the process has to wait. */
const LARGEST = 256 * 1024

type Name = 'stdout' | 'stderr'

/** The outputs of one session until they are handed on. */
export class EarlyOutput {
  private readonly backlog: { name: Name; chunk: Buffer }[] = []
  private size = 0
  private readonly stops: (() => void)[] = []

  constructor(private readonly session: Session) {
    this.listen('stdout', session.stdout)
    this.listen('stderr', session.stderr)
  }

  /** Writes what has come so far to the client's streams. From then on the outputs are read by whoever calls this. */
  handOn(to: Readonly<Partial<Record<Name, Writable>>>): void {
    for (const stop of this.stops) stop()
    for (const { name, chunk } of this.backlog.splice(0)) to[name]?.write(chunk)
  }

  private listen(name: Name, from: Readable | undefined): void {
    if (!from) return
    const onData = (chunk: Buffer): void => {
      this.backlog.push({ name, chunk })
      this.size += chunk.length
      if (this.size < LARGEST) return
      this.session.stdout?.pause()
      this.session.stderr?.pause()
    }
    // Told again to whoever reads on: a stream that broke is destroyed.
    from.on('error', () => undefined)
    from.on('data', onData)
    // A stream begins to flow a tick later, when a short process has long written to both.
    from.read(0)
    this.stops.push(() => {
      from.off('data', onData)
      from.pause()
    })
  }
}
