/** How many requests are worked on at once: more wait their turn, too many are refused. */
import type { Limits } from './limits.js'

/** Thrown for a request that comes when too many wait already. The API server answers it with a line of text, not with a Status. */
export class TooManyRequests extends Error {
  /** Seconds, for the header Retry-After. */
  readonly retryAfter = 1

  constructor() {
    super('Too many requests, please try again later.')
  }
}

class Lane {
  private running = 0
  private readonly queue: (() => void)[] = []

  constructor(
    private readonly limit: number,
    private readonly waiting: number,
  ) {}

  async enter(): Promise<void> {
    if (this.running < this.limit) {
      this.running++
      return
    }
    if (this.queue.length >= this.waiting) throw new TooManyRequests()
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
  private readonly reading: Lane
  private readonly writing: Lane

  constructor({ reading, writing, waiting }: Limits) {
    this.reading = new Lane(reading, waiting)
    this.writing = new Lane(writing, waiting)
  }

  /** Runs work in the lane of its verb. Rejects with {@link TooManyRequests}. */
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
