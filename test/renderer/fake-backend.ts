import { parse, stringify } from 'yaml'
import type {
  Calls,
  ClientFrame,
  ConnectionState,
  ContextSummary,
  EventRow,
  Forward,
  KindInfo,
  ListParams,
  ObjectRef,
  RpcError,
  ServerFrame,
  Settings,
  Streams,
  WorkloadRevision,
} from '../../src-main/backend/rpc/contract.js'
import { inverseOf } from '../../src-main/backend/apply/inverse.js'
import type { Transport, TransportListener } from '../../src-renderer/app/transport.js'
import { projectionOf } from './fake-columns.js'
import { fakeCluster, fakeKinds, type FakeObject } from './fake-data.js'
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

class FakeError extends Error {
  constructor(readonly detail: RpcError) {
    super(detail.message)
  }
}

const keyOf = (r: { group: string; resource: string }) => (r.group ? `${r.resource}.${r.group}` : r.resource)

const contexts: ContextSummary[] = [
  {
    id: 'drydock',
    name: 'drydock',
    embedded: true,
    cluster: 'drydock',
    user: 'drydock-admin',
    namespace: 'default',
    server: 'https://127.0.0.1:6443',
    source: '~/.drydock/drydock.kubeconfig',
    files: ['~/.drydock/drydock.kubeconfig'],
  },
  {
    id: 'kind-staging',
    name: 'kind-staging',
    embedded: false,
    cluster: 'kind-staging',
    user: 'kind-staging',
    namespace: 'default',
    server: 'https://127.0.0.1:38121',
    source: '~/.kube/config',
    files: ['~/.kube/config'],
  },
  {
    id: 'prod-eu',
    name: 'prod-eu',
    embedded: false,
    cluster: 'prod-eu',
    user: 'oidc',
    namespace: 'shop',
    server: 'https://api.prod-eu.example.com:6443',
    source: '~/.kube/config',
    files: ['~/.kube/config'],
  },
  {
    id: 'gke_acme-analytics_europe-west4_batch-processing',
    name: 'gke_acme-analytics_europe-west4_batch-processing',
    embedded: false,
    cluster: 'gke',
    user: 'gke',
    namespace: '',
    server: 'https://34.90.11.7',
    source: '~/.kube/gke.yaml',
    files: ['~/.kube/gke.yaml'],
    problem: { reason: 'ExecPlugin', message: 'The exec plugin gke-gcloud-auth-plugin was not found.' },
  },
]

/** A backend in memory that answers the whole contract, for tests and for `vite` with `?fake`. */
export class FakeBackend {
  private kinds = fakeKinds
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

  private tell(key: string, object: FakeObject, removed: boolean): void {
    for (const s of this.open('list')) {
      const p = s.params as ListParams
      if (keyOf(p.resource) !== key || !matches(object, p)) continue
      s.emit(
        removed
          ? { type: 'changes', upserts: [], removes: [object.metadata.uid] }
          : { type: 'changes', upserts: [projectionOf(key).row(object)], removes: [] },
      )
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
        void this.answer(frame.method, frame.params as never).then(
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
        return s.emit(contexts)
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
      case 'events':
        return s.emit(this.events(s.params as { ref: ObjectRef & { kind: string } }))
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
    const projection = projectionOf(key)
    if (this.denied.has(`list ${key}`)) {
      const error = {
        message: `${key} is forbidden: User "jane" cannot list resource "${p.resource.resource}" in API group "${p.resource.group}" at the cluster scope`,
        reason: 'Forbidden',
        code: 403,
      }
      return s.emit({ type: 'state', phase: 'forbidden', error })
    }
    s.emit({ type: 'columns', columns: projection.columns })
    const rows = [...(this.world.get(key)?.values() ?? [])].filter((o) => matches(o, p)).map((o) => projection.row(o))
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

  private events(p: { ref: ObjectRef & { kind: string } }): EventRow[] {
    const o = this.world.get(keyOf(p.ref)) ? this.find(keyOf(p.ref), p.ref.namespace, p.ref.name) : null
    const born = o ? Date.parse(o.metadata.creationTimestamp) : this.time
    if (p.ref.kind !== 'Pod') return []
    const waiting = o?.status?.containerStatuses?.[0]?.state?.waiting
    const rows: EventRow[] = [
      {
        id: 'e1',
        type: 'Normal',
        reason: 'Scheduled',
        message: `Successfully assigned ${p.ref.namespace}/${p.ref.name} to ${o?.spec.nodeName ?? 'drydock-worker'}`,
        source: 'default-scheduler',
        count: 1,
        first: born,
        last: born,
      },
      {
        id: 'e2',
        type: 'Normal',
        reason: 'Pulled',
        message: `Container image "${o?.spec.containers[0].image}" already present on machine`,
        source: 'kubelet, drydock-worker',
        count: 1,
        first: born + 1000,
        last: born + 1000,
      },
    ]
    if (waiting?.message)
      rows.unshift({
        id: 'e3',
        type: 'Warning',
        reason: waiting.reason === 'CrashLoopBackOff' ? 'BackOff' : 'Failed',
        message: waiting.message,
        source: 'kubelet, drydock-worker',
        count: 63,
        first: born + 4000,
        last: this.time - 12_000,
      })
    return rows
  }

  /** Answers one call. */
  private async answer<M extends keyof Calls>(method: M, params: Parameters<Calls[M]>[0]): Promise<unknown> {
    const p = params as { context: string; ref: ObjectRef } & Record<string, never>
    const target = () => this.find(keyOf(p.ref), p.ref.namespace, p.ref.name)
    const save = (o: FakeObject) => (this.upsert(keyOf(p.ref), o), structuredClone(o))
    switch (method) {
      case 'app.info':
        return {
          version: '0.1.0',
          mode: 'web',
          platform: 'linux',
          dataDirectory: '/home/you/.drydock',
          kubeconfig: '/home/you/.drydock/drydock.kubeconfig',
        }
      case 'settings.get':
        return this.settings
      case 'settings.set':
        return (this.settings = { ...this.settings, ...(params as { change: Partial<Settings> }).change })
      case 'contexts.list':
        return contexts
      case 'contexts.connect': {
        if (p.context === 'prod-eu') {
          const error = {
            message: 'connect ECONNREFUSED 203.0.113.7:6443: no answer from https://api.prod-eu.example.com:6443',
            reason: 'Refused',
          }
          this.setConnection(p.context, { phase: 'failed', error, retryAt: Date.now() + 24_000 })
          throw new FakeError(error)
        }
        return this.setConnection(p.context, { phase: 'live', version: 'v1.36.0' })
      }
      case 'contexts.disconnect':
        return void this.setConnection(p.context, { phase: 'idle' })
      case 'kubeconfigs.list':
        return [{ path: '/home/you/.kube/config', type: 'kubectl', contexts: 2 }]
      case 'kinds.list':
        return this.kinds
      case 'objects.get':
        return structuredClone(target())
      case 'objects.yaml':
        return stringify(target(), { lineWidth: 0 })
      case 'objects.save': {
        const edited = parse((params as unknown as { edited: string }).edited) as FakeObject
        if (edited.metadata.name !== p.ref.name)
          throw new FakeError({
            message: `the name of the object (${edited.metadata.name}) does not match the name on the URL (${p.ref.name})`,
            reason: 'BadRequest',
            code: 400,
          })
        if (edited.spec?.replicas < 0)
          throw new FakeError({
            message: `Deployment.apps "${p.ref.name}" is invalid: spec.replicas: Invalid value: ${edited.spec.replicas}: must be greater than or equal to 0`,
            reason: 'Invalid',
            code: 422,
            causes: [
              {
                field: 'spec.replicas',
                reason: 'FieldValueInvalid',
                message: `Invalid value: ${edited.spec.replicas}: must be greater than or equal to 0`,
              },
            ],
          })
        return (params as unknown as { dryRun?: boolean }).dryRun ? edited : save(edited)
      }
      case 'objects.patch': {
        const o = structuredClone(target())
        const { type, patch } = params as unknown as { type: string; patch: unknown }
        if (type === 'json') {
          for (const { path, value } of patch as { op: string; path: string; value: unknown }[]) {
            const keys = path.split('/').slice(1)
            const last = keys.pop()!
            // oxlint-disable-next-line typescript/no-explicit-any
            keys.reduce((at: any, k) => at[k], o)[last] = value
          }
          return save(o)
        }
        return save(mergePatch(o, patch) as FakeObject)
      }
      case 'objects.undo': {
        const { patch, before } = params as unknown as { patch: unknown; before: unknown }
        return save(mergePatch(structuredClone(target()), inverseOf(patch, before)) as FakeObject)
      }
      case 'objects.delete':
        return this.remove(keyOf(p.ref), target().metadata.uid)
      case 'objects.apply': {
        const q = params as unknown as { yaml: string; namespace?: string; dryRun?: boolean }
        const docs = q.yaml.split(/^---$/m).map((d) => parse(d) as FakeObject | null)
        return docs.filter((d) => d !== null).map((d, i) => this.applyOne(d, i, q.namespace, q.dryRun))
      }
      case 'workloads.scale': {
        const o = structuredClone(target())
        o.spec.replicas = (params as unknown as { replicas: number }).replicas
        return void save(o)
      }
      case 'workloads.restart':
        return save(structuredClone(target()))
      case 'forwards.start': {
        const q = params as unknown as { context: string; namespace: string; target: string; remotePort: number; localPort?: number }
        const f: Forward = {
          id: `f${this.forwards.length + 1}`,
          pod: q.target.split('/')[1]!,
          state: 'active',
          connections: 0,
          received: 0,
          sent: 0,
          ...q,
          localPort: q.localPort ?? 40000 + this.forwards.length,
        }
        this.setForwards([...this.forwards, f])
        return f
      }
      case 'forwards.stop':
        return this.setForwards(this.forwards.filter((f) => f.id !== (params as unknown as { id: string }).id))
      case 'access.checks':
        return Promise.all(
          (params as unknown as { questions: Parameters<Calls['access.check']>[0][] }).questions.map((q) =>
            this.answer('access.check', { ...q, context: p.context }),
          ),
        )
      case 'workloads.revisions':
        return this.revisions(p.ref)
      case 'workloads.rollback': {
        const o = structuredClone(target())
        o.spec.template = this.revisions(p.ref).find((r) => r.revision === (params as unknown as { revision: number }).revision)!.template
        return void save(o)
      }
      case 'relations.read':
        return { objects: [], relations: [], cut: [], forbidden: [] }
      case 'objects.list':
        return [...(this.world.get(keyOf((params as unknown as { resource: KindInfo }).resource))?.values() ?? [])].map((o) =>
          structuredClone(o),
        )
      case 'objects.create': {
        const { resource, object } = params as unknown as { resource: KindInfo & { namespace?: string }; object: FakeObject }
        const metadata = { ...object.metadata, uid: `made-${++this.version}`, creationTimestamp: new Date(this.time).toISOString() }
        this.upsert(keyOf(resource), { ...object, metadata })
        return object
      }
      case 'objects.subresource':
        return (params as unknown as { subresource: string }).subresource === 'token' ? { status: { token: 'eyJhbGciOi.fake.token' } } : {}
      case 'access.check': {
        const q = params as unknown as { verb: string; ref: { group: string; resource: string } }
        const no = this.denied.has(`${q.verb} ${keyOf(q.ref)}`)
        return no ? { allowed: false, reason: 'no RBAC policy matched' } : { allowed: true }
      }
      case 'drafts.list':
      case 'templates.list':
        return []
      default:
        return null
    }
  }

  private revisions(ref: ObjectRef): WorkloadRevision[] {
    const owner = this.find(keyOf(ref), ref.namespace, ref.name)
    const note = 'deployment.kubernetes.io/revision'
    return [...(this.world.get('replicasets.apps')?.values() ?? [])]
      .filter((s) => s.metadata.ownerReferences?.some((o: { uid: string }) => o.uid === owner.metadata.uid))
      .map((s) => {
        const template = structuredClone(s.spec.template)
        delete template.metadata?.labels?.['pod-template-hash']
        return {
          revision: Number(s.metadata.annotations?.[note]),
          kind: 'ReplicaSet' as const,
          ref: { group: 'apps', version: 'v1', resource: 'replicasets', namespace: s.metadata.namespace!, name: s.metadata.name },
          created: Date.parse(s.metadata.creationTimestamp),
          images: template.spec.containers.map((c: { image: string }) => c.image),
          current: s.metadata.annotations?.[note] === owner.metadata.annotations?.[note],
          template,
        }
      })
      .sort((a, b) => b.revision - a.revision)
  }

  private applyOne(
    d: FakeObject,
    document: number,
    namespace: string | undefined,
    dryRun: boolean | undefined,
  ): ReturnType<Calls['objects.apply']>[number] {
    const [group, version] = d.apiVersion.includes('/') ? (d.apiVersion.split('/') as [string, string]) : ['', d.apiVersion]
    const kind: KindInfo | undefined = fakeKinds.find((k) => k.group === group && k.kind === d.kind)
    const ref: ObjectRef = { group, version, resource: kind?.resource ?? d.kind, name: d.metadata?.name ?? '' }
    if (!kind)
      return {
        document,
        kind: d.kind,
        ref,
        action: 'failed',
        error: { message: `no matches for kind "${d.kind}" in version "${d.apiVersion}"`, reason: 'NotFound' },
      }
    if (kind.namespaced) ref.namespace = d.metadata.namespace ?? namespace ?? 'default'
    let old: FakeObject | null = null
    try {
      old = this.find(keyOf(kind), ref.namespace, ref.name)
    } catch {
      // A new object.
    }
    if (!dryRun) {
      const metadata = old?.metadata ?? {
        uid: `applied-${++this.version}`,
        creationTimestamp: new Date().toISOString(),
        resourceVersion: '',
      }
      this.upsert(keyOf(kind), {
        ...d,
        metadata: { ...metadata, ...d.metadata, ...(ref.namespace ? { namespace: ref.namespace } : {}) } as FakeObject['metadata'],
      })
    }
    return { document, kind: d.kind, ref, action: old ? 'configured' : 'created' }
  }

  private setForwards(forwards: Forward[]): void {
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

function matches(o: FakeObject, p: { namespaces?: string[]; labelSelector?: string }): boolean {
  if (p.namespaces?.length && o.metadata.namespace && !p.namespaces.includes(o.metadata.namespace)) return false
  if (!p.labelSelector) return true
  return p.labelSelector.split(',').every((t) => {
    const [k, v] = t.split('=')
    return o.metadata.labels?.[k!] === v
  })
}

function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const out: Record<string, unknown> = typeof target === 'object' && target !== null ? { ...(target as Record<string, unknown>) } : {}
  for (const [k, v] of Object.entries(patch)) {
    if (v === null) delete out[k]
    else out[k] = mergePatch(out[k], v)
  }
  return out
}
