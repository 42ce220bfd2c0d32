/**
 * Everything that passes between a window (or a browser tab) and the backend. The renderer imports only types, and only
 * from here; what a type says about one concern is in `contract/`. Calls are {@link Calls}: a method name, parameters,
 * one result. Streams are {@link Streams}: opened with parameters, they send events until either side closes; some take
 * input. Errors cross as {@link RpcError}: a Kubernetes Status where there is one.
 */
import type { AccessAnswer, AccessQuestion } from './contract/access.js'
import type { ApplyCalls } from './contract/apply.js'
import type { BenchmarkParams, BenchmarkReport } from './contract/benchmark.js'
import type { CopyEvent, CopyParams, Forward, LogEvent, LogParams, ShellEvent, ShellInput, ShellParams } from './contract/containers.js'
import type { CheckCalls } from './contract/checks.js'
import type { CommandCalls, CommandEvent, CommandParams } from './contract/commands.js'
import type { ConnectionState, ContextSummary, EmbeddedState, KubeconfigSource } from './contract/contexts.js'
import type { RpcError } from './contract/errors.js'
import type { FileCalls } from './contract/files.js'
import type { HelmCalls, HelmEvent, HelmOperation } from './contract/helm.js'
import type { HistoryCalls, ObjectHistory } from './contract/history.js'
import type { CustomColumn, ListEvent, ListParams } from './contract/lists.js'
import type { ImageCalls } from './contract/images.js'
import type { LocalTerminalEvent, LocalTerminalParams } from './contract/local-terminals.js'
import type { MetricCalls } from './contract/metrics.js'
import type { EventRow, KindInfo, ObjectEvent, ObjectRef, OpenApiSchema, ResourceRef } from './contract/resources.js'
import type { RelationGraph } from './contract/relations.js'
import type { SearchEvent, SearchParams } from './contract/search.js'
import type { AppInfo, Settings } from './contract/settings.js'
import type { DrainEvent, DrainOptions, UsageSeries, WorkloadRevision } from './contract/workloads.js'

export type * from './contract/access.js'
export type * from './contract/apply.js'
export type * from './contract/benchmark.js'
export type * from './contract/checks.js'
export type * from './contract/commands.js'
export type * from './contract/containers.js'
export type * from './contract/contexts.js'
export type * from './contract/errors.js'
export type * from './contract/files.js'
export type * from './contract/helm.js'
export type * from './contract/history.js'
export type * from './contract/images.js'
export type * from './contract/lists.js'
export type * from './contract/local-terminals.js'
export type * from './contract/metrics.js'
export type * from './contract/relations.js'
export type * from './contract/resources.js'
export type * from './contract/search.js'
export type * from './contract/settings.js'
export type * from './contract/workloads.js'

/** One request, one answer. */
export interface Calls extends ApplyCalls, CheckCalls, CommandCalls, FileCalls, HelmCalls, HistoryCalls, ImageCalls, MetricCalls {
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
  /** One object, or what a subresource of it says; managedFields left out unless asked for. */
  'objects.get': (p: { context: string; ref: ObjectRef; managedFields?: boolean; subresource?: string }) => Record<string, unknown>
  /** The object as YAML, the way `kubectl get -o yaml` prints it. */
  'objects.yaml': (p: { context: string; ref: ObjectRef; managedFields?: boolean }) => string
  /** What `kubectl describe` of the person's own kubectl prints; `again` looks for kubectl anew. Rejects with `NoKubectl` where there is none. */
  'objects.describe': (p: { context: string; ref: ObjectRef; again?: boolean }) => string
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
  /** How the objects of namespaces (of all when there are none) hang together. */
  'relations.read': (p: { context: string; namespaces?: string[] }) => RelationGraph
  /** What is wrong with a column that a person made; null when nothing is. */
  'columns.check': (p: { column: CustomColumn }) => string | null
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
  /** Gives the workload as it is after it. */
  'workloads.restart': (p: { context: string; ref: ObjectRef }) => Record<string, unknown>
  'forwards.start': (p: { context: string; namespace: string; target: string; remotePort: number; localPort?: number }) => Forward
  'forwards.stop': (p: { id: string }) => void
  /** May the user do this? Asked with SelfSubjectAccessReview, cached for a minute. */
  'access.check': (p: { context: string } & AccessQuestion) => AccessAnswer
  /** Several questions at once, answered in their order. */
  'access.checks': (p: { context: string; questions: AccessQuestion[] }) => AccessAnswer[]
  /** Makes an embedded cluster and starts it: a new one, or one from a snapshot of another. */
  'embedded.create': (p: { name: string; nodes?: number; seed?: number; from?: { cluster: string; snapshot: string } }) => void
  'embedded.start': (p: { name: string }) => void
  'embedded.stop': (p: { name: string }) => void
  /** Stops an embedded cluster and deletes all that it kept. */
  'embedded.remove': (p: { name: string }) => void
  /** Takes a snapshot of an embedded cluster, running or not. */
  'embedded.snapshot': (p: { name: string; snapshot: string }) => void
  /** Puts back what a snapshot holds. A cluster that runs is stopped for it and started again. */
  'embedded.restore': (p: { name: string; snapshot: string }) => void
  'embedded.removeSnapshot': (p: { name: string; snapshot: string }) => void
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
  | 'objects.undo'
  | 'objects.undoSave'
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
  /**
   * Logs in at the identity provider that the kubeconfig names; tells the address of the page to do so, and ends once that is done and
   * the context is connected. Closing it leaves off.
   */
  login: { params: { context: string }; event: { url: string }; input: never }
  /** All embedded clusters, by name. */
  embedded: { params: Record<string, never>; event: EmbeddedState[]; input: never }
  /** All kinds of a context, again whenever a CustomResourceDefinition or an APIService has changed them. */
  kinds: { params: { context: string }; event: KindInfo[]; input: never }
  list: { params: ListParams; event: ListEvent; input: never }
  /** Live counts by resource for the sidebar: `group/resource` to number. */
  counts: {
    params: { context: string; namespaces?: string[]; resources: ResourceRef[] }
    event: Record<string, number | null>
    input: never
  }
  /** Looks for objects in clusters, and tells what becomes of what it found. */
  search: { params: SearchParams; event: SearchEvent; input: never }
  object: { params: { context: string; ref: ObjectRef }; event: ObjectEvent; input: never }
  /** Who changed what of an object, told again with each change. */
  history: { params: { context: string; ref: ObjectRef }; event: ObjectHistory; input: never }
  events: { params: { context: string; ref: ObjectRef & { kind: string; uid?: string } }; event: EventRow[]; input: never }
  /** Copies files; ends when it has, or why not. Closing it leaves off. */
  copy: { params: CopyParams; event: CopyEvent; input: never }
  logs: { params: LogParams; event: LogEvent; input: never }
  shell: { params: ShellParams; event: ShellEvent; input: ShellInput }
  /** The login shell of the machine that the backend runs on, with a KUBECONFIG for a context. */
  local: { params: LocalTerminalParams; event: LocalTerminalEvent; input: ShellInput }
  /** Runs a command line that was prepared, in a terminal unless it is one for the background. Ends after `exit`. */
  command: { params: CommandParams; event: CommandEvent; input: ShellInput }
  /** Runs the credential plugin of a context in a terminal, and connects with what it gave; what it printed is not shown. Ends after `exit`. */
  plugin: { params: LocalTerminalParams; event: CommandEvent; input: ShellInput }
  /** Asks a Service many times; ends after the report that is `finished`. */
  benchmark: { params: BenchmarkParams; event: BenchmarkReport; input: never }
  forwards: { params: Record<string, never>; event: Forward[]; input: never }
  /**
   * What a pod (with a namespace) or a node uses, sent again as samples come. The embedded cluster keeps a history; of
   * others there are samples from the moment on. Null: the cluster has no metrics.
   */
  usage: { params: { context: string; name: string; namespace?: string }; event: UsageSeries | null; input: never }
  /** Cordons a node and empties it, as `kubectl drain` does. Ends after `done`; closing the stream stops it. */
  drain: { params: { context: string; node: string; options: DrainOptions }; event: DrainEvent; input: never }
  /** Runs the person's own helm. Ends after `exit`; closing the stream interrupts it. */
  helm: { params: { context: string; operation: HelmOperation }; event: HelmEvent; input: never }
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
