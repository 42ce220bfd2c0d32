/** Sends the requests of a case to an API server. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Case, Edit, Step } from './case.js'
import type { Connection, Received, Sent } from './connection.js'
import { normalise, normaliseText, type Normalising } from './normalise.js'
import { removeAt, setAt, valueAt } from './pointer.js'

export interface Run {
  /** One per step, normalised. */
  answers: Answer[]
  /** What of the preparation failed; then the answers say nothing. */
  problems: string[]
}

/** The answers were recorded under this name; the server takes it for the field manager. */
const USER_AGENT = 'recorder/1.0'
const UNTIL_MS = 15_000
const UNTIL_PAUSE_MS = 100

/** Runs one case in a namespace of its own, which is deleted afterwards. */
export async function runCase(connection: Connection, script: Case): Promise<Run> {
  const namespace = `t${randomBytes(4).toString('hex')}x`
  const session = new Session(connection, namespace)
  const problems: string[] = []
  const prepare = async (step: Step): Promise<void> => {
    const { status, text } = await session.send(step)
    if (status === 0 || (status >= 400 && status !== step.until))
      problems.push(`${step.method} ${step.path} of the setup: ${status} ${text.slice(0, 200)}`)
  }
  if (!script.noNamespace) {
    await prepare(creation('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }))
    // A server with controllers makes it too: either may be first.
    await session.send(
      creation(`namespaces/${namespace}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }),
    )
  }
  for (const step of script.setup ?? []) await prepare(step)
  if (script.settle) await sleep(script.settle)
  const answers: Answer[] = []
  for (const step of script.steps) answers.push(answer(await session.send(step), step, { ...script, namespace }))
  for (const step of script.cleanup ?? []) await session.send(step)
  if (!script.noNamespace) await session.send({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
  return { answers, problems }
}

/** Runs `work` on all of `items`, `jobs` of them at a time; the results are in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], jobs: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!)
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  return results
}

function creation(resource: string, body: unknown): Step {
  return { method: 'POST', path: `/api/v1/${resource}`, body }
}

/** The requests of one run, with what they saved. */
class Session {
  private readonly saved: Record<string, unknown>

  constructor(
    private readonly connection: Connection,
    namespace: string,
  ) {
    this.saved = { ns: namespace }
  }

  /** Sends a request, again and again when the step says until when, and saves what it asks for. */
  async send(step: Step): Promise<Received> {
    const request = this.request(step)
    const end = performance.now() + UNTIL_MS
    let received = await this.connection.send(request)
    while (step.until !== undefined && received.status !== step.until && performance.now() < end) {
      await sleep(UNTIL_PAUSE_MS)
      received = await this.connection.send(request)
    }
    if (step.save) {
      const body = parsed(received.text)
      for (const [name, pointer] of Object.entries(step.save)) this.saved[name] = valueAt(body, pointer)
    }
    return received
  }

  private request(step: Step): Sent {
    const content = step.edit ? this.edited(step.edit) : this.filled(step.body)
    const body = content === undefined || typeof content === 'string' ? content : JSON.stringify(content)
    const headers: Record<string, string | null> = {
      accept: step.accept ?? 'application/json',
      'user-agent': USER_AGENT,
      ...(body === undefined
        ? {}
        : { 'content-type': step.contentType ?? 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...(this.filled(step.headers) as Step['headers']),
    }
    const sent = Object.entries(headers).filter((h): h is [string, string] => h[1] !== null)
    return { method: step.method, path: this.filled(step.path) as string, headers: Object.fromEntries(sent), body }
  }

  /** A copy with the names in double braces replaced; names that nothing was saved under stay. */
  private filled(value: unknown): unknown {
    if (typeof value === 'string')
      return value.replace(/\{\{(\w+)\}\}/g, (braces, name: string) => {
        const saved = this.saved[name]
        return typeof saved === 'string' ? saved : braces
      })
    if (Array.isArray(value)) return value.map((element) => this.filled(element))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [this.filled(key), this.filled(inner)]))
  }

  private edited({ of, set = {}, unset = [] }: Edit): unknown {
    const object = structuredClone(this.saved[of] ?? {}) as object
    for (const pointer of ['/metadata/managedFields', ...unset]) removeAt(object, pointer)
    for (const [pointer, value] of Object.entries(set)) setAt(object, pointer, this.filled(value))
    return object
  }
}

function answer({ status, type, warning, text }: Received, step: Step, options: Normalising): Answer {
  const headers: Answer['headers'] = { 'content-type': type }
  if (warning) headers.warning = normaliseText(warning, options.namespace)
  const body = parsed(text)
  if (isObject(body)) {
    const normalised = normalise(body, options)
    return step.stream ? { status, headers, events: [normalised] } : { status, headers, body: normalised }
  }
  const lines = body === undefined && text.includes('\n') ? text.trim().split('\n').map(parsed) : []
  if (lines.length > 0 && lines.every(isObject)) return { status, headers, events: lines.map((line) => normalise(line, options)) }
  return { status, headers, text: normaliseText(text, options.namespace) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === 'object'
}
