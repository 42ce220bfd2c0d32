/** How many requests are worked on at once: more wait their turn, too many are refused. */
import { StatusError } from '../errors.js'

/** As `--max-requests-inflight` and `--max-mutating-requests-inflight` of kube-apiserver. */
const READING = 400
const WRITING = 200
/** How many may wait before they are told to come back. */
const WAITING = 5000

class Lane {
  private running = 0
  private readonly queue: (() => void)[] = []

  constructor(private readonly limit: number) {}

  async enter(): Promise<void> {
    if (this.running < this.limit) {
      this.running++
      return
    }
    if (this.queue.length >= WAITING) {
      throw new StatusError(429, 'TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds: 1 })
    }
    await new Promise<void>((resolve) => this.queue.push(resolve))
  }

  leave(): void {
    const next = this.queue.shift()
    if (next) next()
    else this.running--
  }
}

/** The two lanes of a server. What may last (watches, logs, exec, proxies) does not pass through. */
export class InFlight {
  private readonly reading = new Lane(READING)
  private readonly writing = new Lane(WRITING)

  /** Runs work in the lane of its verb. Throws 429 when too many wait already. */
  async run(verb: string, work: () => Promise<void>): Promise<void> {
    const lane = ['get', 'list', 'head', 'options'].includes(verb) ? this.reading : this.writing
    await lane.enter()
    try {
      await work()
    } finally {
      lane.leave()
    }
  }
}
