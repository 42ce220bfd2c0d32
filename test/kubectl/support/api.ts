/** A client of the API by paths, as controllers and test suites use it: what it creates and patches, and what a watch brings. */
import https from 'node:https'
import readline from 'node:readline'
import { credentials, requester } from './requests.js'

/** An object as JSON. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'
const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

/** An answer that was not wanted: the Status of the server. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly status: Json,
    what: string,
  ) {
    super(`${what}: ${code} ${status?.message ?? ''}`)
  }
  get reason(): string {
    return this.status?.reason ?? ''
  }
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: Json
}

/** A watch that is read on. */
export interface Watching {
  /** All events so far, oldest first. */
  readonly events: readonly WatchEvent[]
  /** The first event from `events[from]` on that `matches`, where each event is asked once; rejects after a minute with what came instead. */
  until(matches: (event: WatchEvent) => boolean, from?: number): Promise<WatchEvent>
  close(): void
}

/** How long a state is waited for, ms of this machine: generous. */
export const PATIENCE = 60_000

const entries = (values: Query): [string, string][] => Object.entries(values).map(([k, v]) => [k, String(v)])
const query = (values: Query): string => {
  const text = new URLSearchParams(entries(values)).toString()
  return text ? `?${text}` : ''
}
type Query = Readonly<Record<string, string | number | boolean>>

/** A client with the administrator's credentials, or with a bearer token's. Every call rejects with a Refusal where the answer is no success. */
export class Api {
  readonly request: ReturnType<typeof requester>

  constructor(
    private readonly kubeconfig: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {
    this.request = requester(kubeconfig, { anonymous: headers.authorization !== undefined })
  }

  private async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Json> {
    const answer = await this.request(method, path, body, { ...this.headers, ...headers })
    if (answer.code < 200 || answer.code > 299) throw new Refusal(answer.code, answer.json, `${method} ${path}`)
    return answer.json ?? answer.text
  }

  get(path: string, options: Query = {}): Promise<Json> {
    return this.call('GET', path + query(options))
  }
  create(collection: string, object: unknown, options: Query = {}): Promise<Json> {
    return this.call('POST', collection + query(options), object)
  }
  update(path: string, object: unknown): Promise<Json> {
    return this.call('PUT', path, object)
  }
  patch(path: string, type: PatchType, patch: unknown, options: Query = {}): Promise<Json> {
    return this.call('PATCH', path + query(options), patch, { 'content-type': PATCH_TYPES[type] })
  }
  delete(path: string, options?: Json): Promise<Json> {
    return this.call('DELETE', path, options && { kind: 'DeleteOptions', apiVersion: 'v1', ...options })
  }
  deleteCollection(collection: string, labelSelector: string): Promise<Json> {
    return this.call('DELETE', collection + query({ labelSelector }))
  }
  /** Reads, changes and writes an object, again after a conflict, as client-go's RetryOnConflict does. */
  async change(path: string, mutate: (object: Json) => void, subresource = ''): Promise<Json> {
    for (;;) {
      const object = await this.get(path)
      mutate(object)
      try {
        return await this.update(path + subresource, object)
      } catch (e) {
        if (!(e instanceof Refusal) || e.reason !== 'Conflict') throw e
      }
    }
  }
  /** Whether there is an object at a path. */
  async exists(path: string): Promise<boolean> {
    const answer = await this.request('GET', path, undefined, { ...this.headers })
    if (answer.code !== 404 && answer.code !== 200) throw new Refusal(answer.code, answer.json, `GET ${path}`)
    return answer.code === 200
  }

  /** Makes a namespace that pods can be created in: one with its default ServiceAccount. */
  async namespace(name: string): Promise<Json> {
    const namespace = await this.create('/api/v1/namespaces', { metadata: { name } })
    await eventually(() => this.exists(`/api/v1/namespaces/${name}/serviceaccounts/default`), Boolean)
    return namespace
  }
  /** Moves the cluster's clock ahead; resolves when the jump is accepted, not when all that lies on the way has happened. */
  jump(seconds: number): Promise<Json> {
    return this.patch('/apis/drydock.dev/v1/clocks/cluster', 'merge', { spec: { jumpSeconds: seconds } })
  }

  /** Opens a watch of a collection, whose path may have a query; resolves when the server has answered. */
  watch(collection: string, options: Query = {}): Promise<Watching> {
    const { server, ca, cert, key } = credentials(this.kubeconfig)
    return new Promise((resolve, reject) => {
      const request = https.get(
        {
          host: server.hostname,
          port: server.port,
          path: `${collection}${collection.includes('?') ? '&' : '?'}${new URLSearchParams(entries({ ...options, watch: true }))}`,
          ca,
          cert,
          key,
          agent: false,
          headers: { accept: 'application/json' },
        },
        (response) => {
          if (response.statusCode !== 200) {
            reject(new Refusal(response.statusCode ?? 0, undefined, `watch ${collection}`))
            response.resume()
            return
          }
          const events: WatchEvent[] = []
          const waiting = new Set<() => void>()
          const lines = readline.createInterface({ input: response })
          lines.on('line', (line) => {
            events.push(JSON.parse(line) as WatchEvent)
            for (const look of waiting) look()
          })
          // A watch that is closed from this side ends in an error of its stream, which readline hands on.
          for (const stream of [response, lines]) stream.on('error', () => undefined)
          const until: Watching['until'] = (matches, from = 0) =>
            new Promise((found, failed) => {
              let next = from
              const look = (): void => {
                while (next < events.length) {
                  const event = events[next++]!
                  if (!matches(event)) continue
                  clearTimeout(timer)
                  waiting.delete(look)
                  return found(event)
                }
              }
              const timer = setTimeout(() => {
                waiting.delete(look)
                const seen = events.map((e) => `${e.type} ${e.object.metadata?.name ?? JSON.stringify(e.object)}`).join(', ')
                failed(new Error(`a minute of watching ${collection} brought only: ${seen}`))
              }, PATIENCE)
              waiting.add(look)
              look()
            })
          resolve({ events, until, close: () => void request.destroy() })
        },
      )
      request.on('error', reject)
    })
  }

  close(): void {
    this.request.close()
  }
}

/** What a refused call was answered with. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call
  } catch (e) {
    if (e instanceof Refusal) return e
    throw e
  }
  throw new Error('the call was not refused')
}

/** Asks again and again until the answer holds; rejects after `seconds` with the last answer. Errors of the question end it at once. */
export async function eventually<T>(ask: () => Promise<T>, holds: (answer: T) => boolean, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    if (Date.now() > end) throw new Error(`not so after ${seconds} s: ${JSON.stringify(answer)?.slice(0, 4000)}`)
    await new Promise((r) => setTimeout(r, 25))
  }
}
