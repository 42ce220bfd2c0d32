/**
 * Everything that passes between a window (or a browser tab) and the backend, in one file. The renderer imports only
 * types from here, and only from here. Calls are {@link Calls}: a method name, parameters, one result. Streams are
 * {@link Streams}: opened with parameters, they send events until either side closes; some take input.
 * Errors cross as {@link RpcError}: a Kubernetes Status where there is one.
 */

/** What went wrong, as the window shows it. */
export interface RpcError {
  /** One sentence for a person. */
  message: string
  /** Kubernetes' reason (`Forbidden`, `NotFound`, …) or one of ours: `Unreachable`, `Refused`, `BadCertificate`, `Unauthorized`, `ExecPlugin`, `Timeout`, `Internal`. */
  reason: string
  /** The HTTP status, if a server answered. */
  code?: number
  causes?: { field?: string; message?: string; reason?: string }[]
}

/** One kubeconfig context. */
export interface ContextSummary {
  /** Unique over all kubeconfig files: the context's name, with the file's name added where two clash. */
  id: string
  name: string
  /** The embedded cluster's own context. */
  embedded: boolean
  cluster: string
  user: string
  namespace: string
  server: string
  /** The kubeconfig file it came from. */
  source: string
  /** A problem in the kubeconfig that makes it unusable. */
  problem?: string
}

/** Whether what the window shows of a context is the truth. */
export interface ConnectionState {
  context: string
  /** `idle`: nothing opened yet. `live`: watches run. `stale`: data shown, connection lost, trying again. */
  phase: 'idle' | 'connecting' | 'live' | 'stale' | 'failed'
  /** When the phase began, ms since the epoch. */
  since: number
  /** Kubernetes version, such as `v1.36.0`, once known. */
  version?: string
  error?: RpcError
  /** When it will be tried again, ms since the epoch. */
  retryAt?: number
}

/** Names a resource of a context. */
export interface ResourceRef {
  group: string
  version: string
  /** The plural. */
  resource: string
}

/** Names an object. */
export interface ObjectRef extends ResourceRef {
  namespace?: string
  name: string
}

/** A kind that a context's cluster has, from discovery. */
export interface KindInfo extends ResourceRef {
  kind: string
  namespaced: boolean
  verbs: string[]
  shortNames: string[]
  categories: string[]
}

/** How a cell is shown. The words the window colours are the `tone`; numbers and times are formatted by the window. */
export type Cell =
  | string
  | number
  | null
  | {
      text: string
      tone?: 'ok' | 'warn' | 'bad' | 'busy' | 'off'
      /** Sorts instead of the text. */
      sort?: number | string
      /** Shown on hover. */
      title?: string
    }

/** One column of a list. */
export interface ColumnInfo {
  id: string
  /** English heading; the window looks up `columns.ID` in its translations first. */
  title: string
  type: 'text' | 'number' | 'age' | 'status' | 'bricks' | 'labels'
  /** Hidden until chosen. */
  wide?: boolean
  /** Preferred width in px. */
  width?: number
  align?: 'left' | 'right'
}

/** One object as a list shows it. Compact: it crosses by the thousand. */
export interface Row {
  /** The uid. */
  id: string
  name: string
  namespace: string
  /** One per column. `age` columns hold the time of birth, ms since the epoch. */
  cells: Cell[]
  /** For search. */
  labels?: Record<string, string>
  /** `metadata.deletionTimestamp` is set. */
  deleting?: boolean
}

export interface ListParams {
  context: string
  resource: ResourceRef
  /** Empty or left out: all namespaces that the user may list. */
  namespaces?: string[]
  labelSelector?: string
  fieldSelector?: string
}

/** What a list stream sends: a snapshot first (again after a reconnect that lost track), then batched changes. */
export type ListEvent =
  | { type: 'columns'; columns: ColumnInfo[] }
  | { type: 'snapshot'; rows: Row[]; /** More rows follow in `more` events. */ complete: boolean; total: number }
  | { type: 'more'; rows: Row[]; complete: boolean }
  | { type: 'changes'; upserts: Row[]; removes: string[] }
  | { type: 'state'; phase: 'loading' | 'live' | 'stale' | 'forbidden' | 'failed'; error?: RpcError }

/** What an object stream sends: the whole object, without managedFields, each time it changes. */
export type ObjectEvent =
  | { type: 'object'; object: Record<string, unknown> }
  | { type: 'deleted' }
  | { type: 'state'; phase: 'loading' | 'live' | 'stale' | 'forbidden' | 'missing' | 'failed'; error?: RpcError }

export interface LogParams {
  context: string
  namespace: string
  pod: string
  container: string
  follow: boolean
  previous?: boolean
  timestamps?: boolean
  tailLines?: number
  sinceSeconds?: number
}

/** Log text comes in chunks of whole lines where possible; `end` tells why it stopped. */
export type LogEvent = { type: 'data'; text: string } | { type: 'end'; reason: 'eof' | 'error' | 'reconnecting'; error?: RpcError }

export interface ShellParams {
  context: string
  namespace: string
  pod: string
  container: string
  /** Empty: the first of bash, ash, sh that is there. */
  command: string[]
  columns: number
  rows: number
  /** `exec` starts a process, `attach` joins the container's own. */
  mode: 'exec' | 'attach'
}

export type ShellEvent =
  | { type: 'open'; command: string[] }
  | { type: 'data'; data: Uint8Array }
  | { type: 'exit'; code: number | null; error?: RpcError }
export type ShellInput = { type: 'data'; data: string | Uint8Array } | { type: 'resize'; columns: number; rows: number }

/** A running port-forward. */
export interface Forward {
  id: string
  context: string
  namespace: string
  /** What was chosen: `pod/x`, `service/y`. */
  target: string
  /** The pod it leads to now. */
  pod: string
  remotePort: number
  localPort: number
  state: 'active' | 'waiting' | 'failed'
  connections: number
  /** Bytes from the pod, and to it, since it was started. */
  received: number
  sent: number
  error?: RpcError
}

/** An event of an object, for its details. */
export interface EventRow {
  id: string
  type: string
  reason: string
  message: string
  source: string
  count: number
  /** ms since the epoch. */
  first: number
  last: number
}

/** Settings kept by the backend in one JSON file; no secrets. Unknown keys are kept. */
export interface Settings {
  theme: 'system' | 'light' | 'dark'
  language: 'system' | 'en' | 'zh-CN'
  lastContext?: string
  /** Per context: last route, namespaces chosen. */
  places: Record<string, { route?: string; namespaces?: string[] }>
  /** Per resource (`group/resource`): hidden and shown columns, widths. */
  columns: Record<string, { hidden?: string[]; shown?: string[]; widths?: Record<string, number> }>
  /** Widths and heights of panels in px. */
  layout: Record<string, number>
  /** What a person chose for a context, by its id. */
  clusters?: Record<string, ClusterSettings>
  /** Kubeconfig files and folders that were added. */
  kubeconfigs?: string[]
  /** Port-forwards to listen for again at the next start. */
  forwards?: Pick<Forward, 'context' | 'namespace' | 'target' | 'remotePort' | 'localPort'>[]
}

/** What a person chose for one context. */
export interface ClusterSettings {
  /** Shown instead of the context's name. */
  title?: string
  group?: string
  favourite?: boolean
  /** `#rrggbb`. */
  colour?: string
  /** `read-only` refuses every change; `confirm` asks for the name to be typed before one. */
  protection?: 'confirm' | 'read-only'
  /** Namespaces to list where the user may not list namespaces. */
  namespaces?: string[]
  /** Not shown in the catalogue. */
  hidden?: boolean
}

/** Facts about the app for the About box and the status line. */
export interface AppInfo {
  version: string
  mode: 'electron' | 'web'
  platform: string
  electron?: string
  /** Where data is kept. */
  dataDirectory: string
  /** The embedded cluster's kubeconfig file. */
  kubeconfig: string
}

/** A place that contexts come from. `kubectl` is what KUBECONFIG or ~/.kube/config names: it cannot be removed here. */
export interface KubeconfigSource {
  path: string
  type: 'kubectl' | 'file' | 'folder' | 'pasted'
  contexts: number
}

/** The state of an embedded cluster's own process. */
export interface EmbeddedState {
  name: string
  phase: 'starting' | 'ready' | 'stopped' | 'crashed'
  error?: string
  server?: string
  kubeconfig?: string
}

/** What may be asked of the server with an access review. */
export interface AccessQuestion {
  verb: string
  ref: ResourceRef & { namespace?: string; name?: string; subresource?: string }
}

export interface AccessAnswer {
  allowed: boolean
  reason?: string
}

/** One revision of a Deployment (its ReplicaSets), StatefulSet or DaemonSet (their ControllerRevisions). */
export interface WorkloadRevision {
  revision: number
  /** The ReplicaSet or ControllerRevision that keeps it. */
  ref: ObjectRef
  kind: 'ReplicaSet' | 'ControllerRevision'
  /** ms since the epoch. */
  created: number
  /** `kubernetes.io/change-cause`. */
  cause?: string
  images: string[]
  /** Whether the workload's template is this one now. */
  current: boolean
  /** The pod template, without the label by which a controller tells its sets apart. */
  template: Record<string, unknown>
}

/** The options of `kubectl drain`. */
export interface DrainOptions {
  ignoreDaemonSets: boolean
  deleteEmptyDirData: boolean
  /** Deletes pods that no controller will make again, too. */
  force: boolean
  /** Deletes instead of evicting: disruption budgets are not asked. */
  disableEviction: boolean
  /** Seconds; -1: the pod's own. */
  gracePeriodSeconds: number
  /** Seconds until it gives up; 0: never. */
  timeoutSeconds: number
  podSelector?: string
}

/** A drain's steps: which pods there are and what becomes of each. */
export type DrainEvent =
  | { type: 'pods'; pods: { namespace: string; name: string; skipped?: 'daemonset' | 'mirror' }[] }
  | { type: 'pod'; namespace: string; name: string; state: 'evicting' | 'blocked' | 'gone' | 'failed'; message?: string }
  | { type: 'done'; error?: RpcError }

/** What a pod or node uses over time, oldest first. The last sample is of `until`. */
export interface UsageSeries {
  /** ms since the epoch. */
  until: number
  intervalSeconds: number
  cpuCores: number[]
  memoryBytes: number[]
}

/** A schema of OpenAPI v3, as far as the window reads it. */
export interface OpenApiSchema {
  $ref?: string
  allOf?: OpenApiSchema[]
  oneOf?: OpenApiSchema[]
  type?: string
  format?: string
  description?: string
  properties?: Record<string, OpenApiSchema>
  additionalProperties?: boolean | OpenApiSchema
  items?: OpenApiSchema
  required?: string[]
  enum?: unknown[]
  default?: unknown
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
}

/** One request, one answer. */
export interface Calls {
  'app.info': (p: Record<string, never>) => AppInfo
  'settings.get': (p: Record<string, never>) => Settings
  'settings.set': (p: { change: Partial<Settings> }) => Settings
  'contexts.list': (p: Record<string, never>) => ContextSummary[]
  /** Starts a session if there is none; resolves when the server has answered, rejects when it cannot be reached. */
  'contexts.connect': (p: { context: string }) => ConnectionState
  'contexts.disconnect': (p: { context: string }) => void
  /** The kinds of a context, from discovery, cached. */
  'kinds.list': (p: { context: string }) => KindInfo[]
  /** The schemas of a group and version by name, from the cluster's OpenAPI v3; kept for a minute. */
  'schemas.get': (p: { context: string; group: string; version: string }) => Record<string, OpenApiSchema>
  /** One object; managedFields left out unless asked for. */
  'objects.get': (p: { context: string; ref: ObjectRef; managedFields?: boolean }) => Record<string, unknown>
  /** The object as YAML, the way `kubectl get -o yaml` prints it. */
  'objects.yaml': (p: { context: string; ref: ObjectRef; managedFields?: boolean }) => string
  /** Saves edited YAML as a merge patch of what changed between `original` and `edited`. */
  'objects.save': (p: { context: string; ref: ObjectRef; original: string; edited: string; dryRun?: boolean }) => Record<string, unknown>
  'objects.patch': (p: {
    context: string
    ref: ObjectRef
    type: 'json' | 'merge' | 'strategic'
    patch: unknown
    subresource?: string
  }) => Record<string, unknown>
  'objects.delete': (p: {
    context: string
    ref: ObjectRef
    gracePeriodSeconds?: number
    propagation?: 'Background' | 'Foreground' | 'Orphan'
  }) => void
  /** Applies one or several YAML documents with server-side apply; gives one result per document. */
  'objects.apply': (p: {
    context: string
    yaml: string
    namespace?: string
    dryRun?: boolean
  }) => { ref: ObjectRef; action: 'created' | 'configured' | 'unchanged' | 'failed'; error?: RpcError }[]
  /** Whole objects, at most `limit` (default 500), without managedFields: for views of few objects. Long lists are streams. */
  'objects.list': (p: {
    context: string
    resource: ResourceRef & { namespace?: string }
    labelSelector?: string
    fieldSelector?: string
    limit?: number
  }) => Record<string, unknown>[]
  /** Creates an object; the server's answer, without managedFields. */
  'objects.create': (p: {
    context: string
    resource: ResourceRef & { namespace?: string }
    object: Record<string, unknown>
    dryRun?: boolean
  }) => Record<string, unknown>
  /** Posts to or replaces a subresource: `eviction`, `token`, `approval`. */
  'objects.subresource': (p: {
    context: string
    ref: ObjectRef
    subresource: string
    verb: 'create' | 'update'
    object: Record<string, unknown>
  }) => Record<string, unknown>
  /** The revisions of a workload, newest first. */
  'workloads.revisions': (p: { context: string; ref: ObjectRef }) => WorkloadRevision[]
  /** What `kubectl rollout undo --to-revision` does. */
  'workloads.rollback': (p: { context: string; ref: ObjectRef; revision: number }) => void
  'workloads.scale': (p: { context: string; ref: ObjectRef; replicas: number }) => void
  'workloads.restart': (p: { context: string; ref: ObjectRef }) => void
  'forwards.start': (p: { context: string; namespace: string; target: string; remotePort: number; localPort?: number }) => Forward
  'forwards.stop': (p: { id: string }) => void
  /** May the user do this? Asked with SelfSubjectAccessReview, cached for a minute. */
  'access.check': (p: { context: string } & AccessQuestion) => AccessAnswer
  /** Several questions at once, answered in their order. */
  'access.checks': (p: { context: string; questions: AccessQuestion[] }) => AccessAnswer[]
  /** Makes an embedded cluster and starts it. */
  'embedded.create': (p: { name: string; nodes?: number; seed?: number }) => void
  'embedded.start': (p: { name: string }) => void
  'embedded.stop': (p: { name: string }) => void
  /** Stops an embedded cluster and deletes all that it kept. */
  'embedded.remove': (p: { name: string }) => void
  /** The kubeconfig files and folders that contexts come from. */
  'kubeconfigs.list': (p: Record<string, never>) => KubeconfigSource[]
  /** Adds a file, or a folder whose files are read. Rejects when it is not there. */
  'kubeconfigs.add': (p: { path: string }) => void
  /** Keeps pasted text as a file of its own, readable by this user alone; gives its path. */
  'kubeconfigs.paste': (p: { name: string; text: string }) => string
  /** Forgets a file or folder that was added; a pasted one is deleted. */
  'kubeconfigs.remove': (p: { path: string }) => void
}

/** The calls that change something in a cluster; a dry run of one does not. */
export type WritingCall =
  | 'objects.save'
  | 'objects.patch'
  | 'objects.delete'
  | 'objects.apply'
  | 'objects.create'
  | 'objects.subresource'
  | 'workloads.rollback'
  | 'workloads.scale'
  | 'workloads.restart'

/** Opened with `params`, sends `event`s, may take `input`. */
export interface Streams {
  contexts: { params: Record<string, never>; event: ContextSummary[]; input: never }
  connection: { params: { context: string }; event: ConnectionState; input: never }
  /** All embedded clusters, by name. */
  embedded: { params: Record<string, never>; event: EmbeddedState[]; input: never }
  list: { params: ListParams; event: ListEvent; input: never }
  /** Live counts by resource for the sidebar: `group/resource` to number. */
  counts: {
    params: { context: string; namespaces?: string[]; resources: ResourceRef[] }
    event: Record<string, number | null>
    input: never
  }
  object: { params: { context: string; ref: ObjectRef }; event: ObjectEvent; input: never }
  events: { params: { context: string; ref: ObjectRef & { kind: string; uid?: string } }; event: EventRow[]; input: never }
  logs: { params: LogParams; event: LogEvent; input: never }
  shell: { params: ShellParams; event: ShellEvent; input: ShellInput }
  forwards: { params: Record<string, never>; event: Forward[]; input: never }
  /**
   * What a pod (with a namespace) or a node uses, sent again as samples come. The embedded cluster keeps a history; of
   * others there are samples from the moment on. Null: the cluster has no metrics.
   */
  usage: { params: { context: string; name: string; namespace?: string }; event: UsageSeries | null; input: never }
  /** Cordons a node and empties it, as `kubectl drain` does. Ends after `done`; closing the stream stops it. */
  drain: { params: { context: string; node: string; options: DrainOptions }; event: DrainEvent; input: never }
}

/** Frames from the window. Ids are the window's own, counted up. */
export type ClientFrame =
  | { t: 'call'; id: number; method: keyof Calls; params: unknown }
  | { t: 'open'; id: number; stream: keyof Streams; params: unknown }
  | { t: 'input'; id: number; input: unknown }
  /** Tells that `n` events have been taken; the backend holds back when too many are under way. */
  | { t: 'ack'; id: number; n: number }
  | { t: 'close'; id: number }

/** Frames to the window. */
export type ServerFrame =
  | { t: 'result'; id: number; result: unknown }
  | { t: 'error'; id: number; error: RpcError }
  | { t: 'event'; id: number; event: unknown }
  /** The stream is over; with an error if it failed. */
  | { t: 'end'; id: number; error?: RpcError }
