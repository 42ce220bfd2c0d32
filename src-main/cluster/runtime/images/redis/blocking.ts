/** Commands of a Redis server that wait for a list to have something: BLPOP and its kin. */
import type { Clock } from '../../../clock.js'
import type { Client } from './clients.js'
import { Failure, type Reply } from './resp.js'

interface Blocking {
  /** Arguments that it takes at least. */
  readonly least: number
  /** The commands that it tries one after the other, and what their answer is told with. */
  attempt(args: readonly string[]): { command: readonly string[]; told?: string }[]
}

/** The commands that wait, and what they wait to do. */
const BLOCKING: Readonly<Record<string, Blocking>> = {
  blpop: { least: 2, attempt: (keys) => keys.map((key) => ({ command: ['lpop', key], told: key })) },
  brpop: { least: 2, attempt: (keys) => keys.map((key) => ({ command: ['rpop', key], told: key })) },
  brpoplpush: { least: 3, attempt: (args) => [{ command: ['rpoplpush', ...args] }] },
  blmove: { least: 5, attempt: (args) => [{ command: ['lmove', ...args] }] },
}

/** Clients that wait for lists. */
export class ListWaiters {
  /** Each tries again. */
  private readonly waiting = new Set<() => void>()

  /** @param run runs a command over the data of a client */
  constructor(
    private readonly clock: Clock,
    private readonly run: (client: Client, name: string, args: readonly string[]) => Reply,
  ) {}

  static knows(name: string): boolean {
    return Object.hasOwn(BLOCKING, name)
  }

  get count(): number {
    return this.waiting.size
  }

  /** Something was written. */
  retry(): void {
    // Those that still find nothing wait on, in the same set.
    const all = [...this.waiting]
    for (const retry of all) retry()
  }

  /** A command that waits for a list to have something, as long as its last argument says in seconds; 0 for ever. */
  answer(client: Client, name: string, args: readonly string[]): Reply | Promise<Reply> {
    const { least, attempt } = BLOCKING[name]!
    if (args.length < least) return new Failure(`ERR wrong number of arguments for '${name}' command`)
    const seconds = Number(args.at(-1))
    if (Number.isNaN(seconds)) return new Failure('ERR timeout is not a float or out of range')
    if (seconds < 0) return new Failure('ERR timeout is negative')
    const tried = (): Reply => {
      for (const { command, told } of attempt(args.slice(0, -1))) {
        const reply = this.run(client, command[0]!, command.slice(1))
        if (reply !== null) return reply instanceof Failure || told === undefined ? reply : [told, reply]
      }
      return null
    }
    const first = tried()
    if (first !== null) return first
    return new Promise((resolve) => {
      const over = (reply: Reply): void => {
        this.waiting.delete(retry)
        timer?.cancel()
        client.connection.off('close', gone)
        resolve(reply)
      }
      const gone = (): void => over(null)
      const retry = (): void => {
        // What it takes is a write itself, after which others may try.
        this.waiting.delete(retry)
        const reply = tried()
        if (reply !== null) over(reply)
        else this.waiting.add(retry)
      }
      const timer = seconds > 0 ? this.clock.after(seconds * 1000, gone) : undefined
      this.waiting.add(retry)
      client.connection.once('close', gone)
    })
  }
}
