import type {
  Calls,
  ClientFrame,
  ConnectionState,
  Forward,
  KindInfo,
  ListParams,
  ObjectRef,
  RpcError,
  ServerFrame,
  Settings,
  Streams,
} from '../../src-main/backend/rpc/contract.js'
import type { Transport, TransportListener } from '../../src-renderer/app/transport.js'
import { answer } from './fake-answers.js'
import { columnsOf, projectionOf, rowsOf } from './fake-columns.js'
import { fakeContexts } from './fake-contexts.js'
import { fakeCluster } from './fake-data.js'
import { fakeKinds } from './fake-kinds.js'
import type { FakeObject } from './fake-maker.js'
import { fakeEvents } from './fake-events.js'
import { FakeError, keyOf, matches } from './fake-requests.js'
import { FakeShell, logLine } from './fake-shell.js'

/** How the fake is made. */
export interface FakeOptions {
  /** The present of the fake cluster, ms since the epoch. */
  time?: number
  /** At least so many pods. */
  pods?: number
  /** Milliseconds between answers and events, 0: at once (in a microtask). */
  latency?: number
  /** Row changes a second in the list of pods. */
  churn?: number
  /** Log lines a second of a followed log. */
  logRate?: number
}

interface OpenStream {
  stream: keyof Streams
  params: never
  emit(event: unknown): void
  end(error?: RpcError): void
  input?(input: unknown): void
  closed?(): void
}

/** A backend in memory that answers the whole contract, for tests and for `vite` with `?fake`. */
export class FakeBackend {
  kinds = fakeKinds
  readonly time: number
  readonly world: Map<string, Map<string, FakeObject>>
  /** Every call that was made, in order. */
  readonly calls: { method: keyof Calls; params: unknown }[] = []
  /** Acknowledgements by stream id. */
  readonly acks = new Map<number, number>()
  settings: Settings = { theme: 'system', language: 'system', places: {}, columns: {}, layout: {} }
  connections = new Map<string, ConnectionState>()
  forwards: Forward[] = []
  /** Makes `access.check` say no for these verbs, as `verb resource`. */
  denied = new Set<string>()
  /** Images that are known, and the tags that every registry has. */
  images: string[] = []
  tags: string[] = []
  /** Calls that are answered only after something else. */
  readonly held = new Map<keyof Calls, Promise<unknown>>()
  /** Lists of a kind that are answered only after something else. */
  readonly heldLists = new Map<string, Promise<unknown>>()
  /** Whether the machine has a kubectl. */
  kubectl = true
  private readonly streams = new Map<number, OpenStream>()
  private listener: TransportListener | null = null
  private version = 5000
  private readonly timers = new Set<ReturnType<typeof setInterval>>()

  constructor(private readonly options: FakeOptions = {}) {
    this.time = options.time ?? Date.now()
    this.world = fakeCluster(this.time, options.pods)
    if (options.churn) this.churn(options.churn)
  }

  /** The fake as an {@link Rpc}'s transport. */
  readonly connect = (listener: TransportListener): Transport => {
    this.listener = listener
    this.later(() => listener.open())
    return { send: (f) => this.later(() => this.receive(f)), retry: () => this.restore(), close: () => this.close() }
  }

  /** Breaks the line, as when the backend process dies. */
  drop(retryAt: number | null = null): void {
    for (const s of this.streams.values()) s.closed?.()
    this.streams.clear()
    this.listener?.lost(retryAt)
  }

  restore(): void {
    this.listener?.open()
  }

  close(): void {
    for (const t of this.timers) clearInterval(t)
    for (const s of this.streams.values()) s.closed?.()
    this.streams.clear()
  }

  /** The open streams of a name. */
  open(stream: keyof Streams): OpenStream[] {
    return [...this.streams.values()].filter((s) => s.stream === stream)
  }

  setConnection(context: string, change: Partial<ConnectionState>): ConnectionState {
    const state: ConnectionState = { ...(this.connections.get(context) ?? { context, phase: 'idle' }), since: Date.now(), ...change }
    this.connections.set(context, state)
    for (const s of this.open('connection')) if ((s.params as { context: string }).context === context) s.emit(state)
    return state
  }

  /** Stores an object and tells whoever watches. */
  upsert(key: string, object: FakeObject): void {
    object.metadata.resourceVersion = String(++this.version)
    let map = this.world.get(key)
    if (!map) this.world.set(key, (map = new Map()))
    map.set(object.metadata.uid, object)
    this.tell(key, object, false)
  }

  remove(key: string, uid: string): void {
    const object = this.world.get(key)?.get(uid)
    if (!object) return
    this.world.get(key)?.delete(uid)
    this.tell(key, object, true)
  }

  find(key: string, namespace: string | undefined, name: string): FakeObject {
    for (const o of this.world.get(key)?.values() ?? [])
      if (o.metadata.name === name && (o.metadata.namespace ?? '') === (namespace ?? '')) return o
    throw new FakeError({ message: `${key} "${name}" not found`, reason: 'NotFound', code: 404 })
  }

  /** A uid that no object has yet. */
  newUid(prefix: string): string {
    return `${prefix}-${++this.version}`
  }

  private tell(key: string, object: FakeObject, removed: boolean): void {
    for (const s of this.open('list')) {
      const p = s.params as ListParams
      if (!matches(object, p)) continue
      const rows = rowsOf(p, key, [object], this.kinds)
      if (rows.length)
        s.emit(removed ? { type: 'changes', upserts: [], removes: [object.metadata.uid] } : { type: 'changes', upserts: rows, removes: [] })
    }
    for (const s of this.open('object')) {
      const p = s.params as { ref: ObjectRef }
      if (keyOf(p.ref) !== key || p.ref.name !== object.metadata.name || (p.ref.namespace ?? '') !== (object.metadata.namespace ?? ''))
        continue
      s.emit(removed ? { type: 'deleted' } : { type: 'object', object: structuredClone(object) })
    }
    for (const s of this.open('counts')) this.sendCounts(s)
  }

  private later(run: () => void): void {
    if (this.options.latency) setTimeout(run, this.options.latency)
    else queueMicrotask(run)
  }

  private send(frame: ServerFrame): void {
    this.later(() => this.listener?.frame(frame))
  }

  private receive(frame: ClientFrame): void {
    switch (frame.t) {
      case 'call': {
        this.calls.push({ method: frame.method, params: frame.params })
        void (async () => (await this.held.get(frame.method), answer(this, frame.method, frame.params as never)))().then(
          (result) => this.send({ t: 'result', id: frame.id, result: result ?? null }),
          (e: unknown) =>
            this.send({ t: 'error', id: frame.id, error: e instanceof FakeError ? e.detail : { message: String(e), reason: 'Internal' } }),
        )
        return
      }
      case 'open': {
        const { id } = frame
        const s: OpenStream = {
          stream: frame.stream,
          params: frame.params as never,
          emit: (event) => this.streams.get(id) === s && this.send({ t: 'event', id, event }),
          end: (error) => {
            if (this.streams.delete(id)) this.send({ t: 'end', id, ...(error ? { error } : {}) })
          },
        }
        this.streams.set(id, s)
        this.start(s)
        return
      }
      case 'input':
        this.streams.get(frame.id)?.input?.(frame.input)
        return
      case 'ack':
        this.acks.set(frame.id, (this.acks.get(frame.id) ?? 0) + frame.n)
        return
      case 'close':
        this.streams.get(frame.id)?.closed?.()
        this.streams.delete(frame.id)
    }
  }

  /** The cluster has other kinds from now on. */
  setKinds(kinds: KindInfo[]): void {
    this.kinds = kinds
    for (const s of this.streams.values()) if (s.stream === 'kinds') s.emit(kinds)
  }

  private start(s: OpenStream): void {
    const p = s.params as { context: string } & Record<string, unknown>
    switch (s.stream) {
      case 'contexts':
        return s.emit(fakeContexts)
      case 'connection':
        return s.emit(this.connections.get(p.context) ?? { context: p.context, phase: 'idle', since: Date.now() })
      case 'kinds':
        if (this.connections.get(p.context)?.phase === 'live') s.emit(this.kinds)
        return
      case 'embedded':
        return s.emit([
          { name: 'drydock', phase: 'ready', server: 'https://127.0.0.1:6443', kubeconfig: '/home/you/.drydock/drydock.kubeconfig' },
        ])
      case 'forwards':
        return s.emit(this.forwards)
      case 'counts':
        return this.sendCounts(s)
      case 'usage':
        return s.emit({ until: this.time, intervalSeconds: 60, cpuCores: [0.02, 0.05, 0.1], memoryBytes: [2 ** 25, 2 ** 25, 2 ** 26] })
      case 'list':
        return this.startList(s)
      case 'object': {
        const { ref } = s.params as { ref: ObjectRef }
        try {
          s.emit({ type: 'object', object: structuredClone(this.find(keyOf(ref), ref.namespace, ref.name)) })
          return s.emit({ type: 'state', phase: 'live' })
        } catch (e) {
          return s.emit({ type: 'state', phase: 'missing', error: (e as FakeError).detail })
        }
      }
      case 'events': {
        const { ref } = s.params as { ref: ObjectRef & { kind: string } }
        const object = this.world.get(keyOf(ref)) ? this.find(keyOf(ref), ref.namespace, ref.name) : null
        return s.emit(fakeEvents(ref, object, this.time))
      }
      case 'logs':
        return this.startLogs(s)
      case 'shell': {
        const shell = new FakeShell((s.params as { pod: string }).pod, s.emit, () => s.end())
        s.input = (input) => shell.input(input as Streams['shell']['input'])
        return shell.start()
      }
    }
  }

  private startList(s: OpenStream): void {
    const p = s.params as ListParams
    const key = keyOf(p.resource)
    const held = this.heldLists.get(key)
    this.heldLists.delete(key)
    if (held) return void held.then(() => this.startList(s))
    if (this.denied.has(`list ${key}`)) {
      const error = {
        message: `${key} is forbidden: User "jane" cannot list resource "${p.resource.resource}" in API group "${p.resource.group}" at the cluster scope`,
        reason: 'Forbidden',
        code: 403,
      }
      return s.emit({ type: 'state', phase: 'forbidden', error })
    }
    s.emit({ type: 'columns', columns: columnsOf(p) })
    const rows = [...this.world].flatMap(([of, objects]) =>
      rowsOf(
        p,
        of,
        [...objects.values()].filter((o) => matches(o, p)),
        this.kinds,
      ),
    )
    const first = rows.slice(0, 2000)
    s.emit({ type: 'snapshot', rows: first, complete: rows.length === first.length, total: rows.length })
    for (let i = 2000; i < rows.length; i += 5000)
      s.emit({ type: 'more', rows: rows.slice(i, i + 5000), complete: i + 5000 >= rows.length })
    s.emit({ type: 'state', phase: 'live' })
  }

  private startLogs(s: OpenStream): void {
    const p = s.params as unknown as Streams['logs']['params']
    const line = (n: number) => (p.timestamps ? `${new Date(this.time + n * 250).toISOString()} ` : '') + logLine(p.pod, n)
    let n = 0
    const initial = Math.min(p.tailLines ?? 200, 200)
    s.emit({ type: 'data', text: Array.from({ length: initial }, () => line(n++)).join('') })
    if (!p.follow || p.previous) {
      s.emit({ type: 'end', reason: 'eof' })
      return s.end()
    }
    if (!this.options.logRate) return
    const step = 20
    const timer = setInterval(
      () => {
        const count = Math.max(1, Math.round((this.options.logRate! * step) / 1000))
        let text = ''
        for (let i = 0; i < count; i++) text += line(n++)
        s.emit({ type: 'data', text })
      },
      Math.max(step, 1000 / this.options.logRate),
    )
    this.timers.add(timer)
    s.closed = () => clearInterval(timer)
  }

  private sendCounts(s: OpenStream): void {
    const p = s.params as Streams['counts']['params']
    const counts: Record<string, number | null> = {}
    for (const r of p.resources) {
      const all = [...(this.world.get(keyOf(r))?.values() ?? [])]
      counts[`${r.group}/${r.resource}`] = this.denied.has(`list ${keyOf(r)}`)
        ? null
        : all.filter((o) => matches(o, { namespaces: p.namespaces ?? [] })).length
    }
    s.emit(counts)
  }

  setForwards(forwards: Forward[]): void {
    this.forwards = forwards
    for (const s of this.open('forwards')) s.emit(forwards)
  }

  private churn(rate: number): void {
    let i = 0
    const pods = [...(this.world.get('pods')?.values() ?? [])]
    const timer = setInterval(() => {
      const upserts = Array.from({ length: Math.round(rate / 20) }, () => {
        i = (i + 7919) % pods.length
        const o = pods[i]!
        const copy = {
          ...o,
          status: {
            ...o.status,
            containerStatuses: o.status.containerStatuses.map((c: { restartCount: number }) => ({
              ...c,
              restartCount: c.restartCount + 1,
            })),
          },
        }
        pods[i] = copy
        this.world.get('pods')!.set(o.metadata.uid, copy)
        return copy
      })
      for (const s of this.open('list')) {
        const p = s.params as ListParams
        if (keyOf(p.resource) !== 'pods') continue
        s.emit({ type: 'changes', upserts: upserts.filter((o) => matches(o, p)).map((o) => projectionOf('pods').row(o)), removes: [] })
      }
    }, 50)
    this.timers.add(timer)
  }
}
