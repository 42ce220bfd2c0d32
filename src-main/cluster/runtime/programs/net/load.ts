/** What ab and wrk share: many connections that ask the same URL again and again, and the measures of it. */
import { DnsError, type Connection } from '../../../network/network.js'
import type { Command } from '../command.js'
import { external, within } from './connection.js'
import { open, type Url } from './http-client.js'
import { AnswerStream, type StreamAnswer } from './http-stream.js'

/** CPU ms that a request costs the generator. */
const COST = 0.05

export interface LoadPlan {
  url: Url
  address: string
  request: Uint8Array
  isHead: boolean
  connections: number
  keepAlive: boolean
  /** Requests to send; without bound when undefined. */
  count: number | undefined
  /** Cluster time to stop at. */
  until: number
  /** Cluster ms that one request may take. */
  patience: number
}

/** One request that was answered: times in cluster ms from its start. */
export interface Sample {
  connect: number
  wait: number
  total: number
  reused: boolean
  answer: StreamAnswer
}

/** Runs a plan until it is done. Both callbacks are called in the order of events; `failed` may end it by throwing. */
export async function runLoad(
  c: Command,
  plan: LoadPlan,
  answered: (sample: Sample) => Promise<void> | void,
  failed: (error: unknown) => Promise<void> | void,
): Promise<void> {
  const { clock } = c.task
  let sent = 0
  const open_ = new Set<Connection>()
  const worker = async (): Promise<void> => {
    let stream: AnswerStream | undefined
    while ((plan.count === undefined || sent < plan.count) && clock.now() < plan.until && !c.task.aborted.aborted) {
      sent++
      const start = clock.now()
      const reused = stream !== undefined
      try {
        if (!stream) {
          const connection = await open(c.task, plan.url, { insecure: true }, plan.address, c.task.aborted)
          open_.add(connection)
          connection.once('close', () => open_.delete(connection))
          stream = new AnswerStream(connection, () => clock.now())
        }
        const connected = clock.now()
        const answer = await patiently(c, plan.patience, stream.exchange(plan.request, plan.isHead))
        await answered({ connect: connected - start, wait: answer.firstByteAt - connected, total: clock.now() - start, reused, answer })
        if (!plan.keepAlive || !answer.reusable) {
          stream.connection.destroy()
          stream = undefined
        }
      } catch (error) {
        stream?.connection.destroy()
        stream = undefined
        await failed(error)
        // A server that is gone refuses at once: without a pause this would never let anybody else run.
        await clock.sleep(1)
      }
      await c.work(COST)
    }
    stream?.connection.destroy()
  }
  try {
    await external(c.task, Promise.all(Array.from({ length: plan.connections }, worker)))
  } finally {
    for (const connection of open_) connection.destroy()
  }
}

/** Rejects with an Error `timeout` when it takes longer than `ms` of cluster time. */
function patiently<T>(c: Command, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = c.task.clock.after(ms, () => reject(new Error('timeout')))
    work.then(resolve, reject).finally(() => timer.cancel())
  })
}

/** The address of a host; undefined when it has none. */
export async function lookUp(c: Command, host: string): Promise<string | undefined> {
  try {
    return (await within(c.task, undefined, () => c.task.net.resolve(host)))?.[0]
  } catch (error) {
    if (error instanceof DnsError) return undefined
    throw error
  }
}

/** Mean, standard deviation, median, extremes of values. */
export function statistics(values: readonly number[]): { min: number; max: number; mean: number; deviation: number; median: number } {
  if (values.length === 0) return { min: 0, max: 0, mean: 0, deviation: 0, median: 0 }
  const sorted = [...values].sort((a, b) => a - b)
  const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length
  const squares = sorted.reduce((a, b) => a + (b - mean) ** 2, 0)
  const middle = sorted.length / 2
  const median = sorted.length % 2 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { min: sorted[0]!, max: sorted.at(-1)!, mean, deviation: sorted.length > 1 ? Math.sqrt(squares / (sorted.length - 1)) : 0, median }
}
