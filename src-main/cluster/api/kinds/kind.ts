/**
 * The contract of `api/kinds/`: ONE FILE PER RESOURCE KIND, each exporting one {@link Kind}. The API server drives all
 * verbs from it and from the schema; a kind says only what is its own: names, defaults, rules, columns, subresources.
 * `registry.ts` lists them all.
 */
import type { UserInfo } from '../client.js'
import type { FieldError } from '../errors.js'
import type { KubeObject } from '../object.js'
import type { ModelLike } from '../schema/schema.js'
import type { Clock } from '../../clock.js'
import type { Random } from '../../random.js'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** What a rule may look at besides the object. */
export interface RuleContext {
  readonly user: UserInfo
  readonly namespace: string
  readonly clock: Clock
  readonly random: Random
  readonly dryRun: boolean
  /** The subresource being written, '' for the object itself. */
  readonly subresource: string
  /** The group of the version that the client writes in; another than the kind's own for what two groups serve. */
  readonly sentGroup: string
  /** Adds a text to the Warning headers, for what cannot be told any more once the object is prepared. */
  warn(text: string): void
  /** Reads another stored object (frozen), with no access check: for admission and allocation. */
  lookup(group: string, resource: string, namespace: string, name: string): KubeObject | undefined
  /** Reads all stored objects of a resource (frozen), optionally of one namespace. */
  lookupAll(group: string, resource: string, namespace?: string): readonly KubeObject[]
}

/** One column of the server-side Table (`kubectl get`). Documented for each kind by kubectl's own output. */
export interface Column<T> {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  /** The OpenAPI format; `name` marks the name column. */
  format?: string
  description?: string
  /** Path in the kind's schema whose description this column has, such as `status.podIP`; used when `description` is missing. */
  describes?: string
  /** 0 is always shown, 1 only with `-o wide`. */
  priority?: 0 | 1
  /** The cell. Ages are given as `duration(now - creationTimestamp)`, see `columns.ts`. */
  cell(object: T, now: number): string | number | bigint | boolean | null
}

/** A subresource that reads and writes the same object (status, and those of a kind's own such as resize). */
export interface ObjectSubresource<T> {
  type: 'object'
  verbs: readonly Verb[]
  /** Keeps everything that this subresource may not write: changes `object` in place. */
  prepareForUpdate(object: T, old: T, ctx: RuleContext): void
  /** The paths of what it puts back: nobody comes to own that by writing here. By default `spec` for `status`. */
  resets?: readonly string[]
  validateUpdate?(object: T, old: T, ctx: RuleContext): FieldError[]
  /** Texts for Warning headers. */
  warnings?(object: T, old: T): string[]
}

/** `scale`: an autoscaling/v1 Scale made from three paths of the object. */
export interface ScaleSubresource {
  type: 'scale'
  specReplicas: string
  /**
   * The path of the replicas in every version, by its apiVersion; undefined where that version is not scaled. Without
   * this all versions have `specReplicas`.
   */
  specReplicasIn?: ReadonlyMap<string, string | undefined>
  statusReplicas: string
  /** Path of the selector; printed as a query string in `status.selector`. */
  selector?: string
}

/** Anything else (binding, eviction, token, log, exec, …): handled by code that the API server registers by name. */
export interface ConnectSubresource {
  type: 'connect'
  verbs: readonly (Verb | 'connect')[]
  /** The kind in the discovery document, such as `PodExecOptions`, with its group and version if they differ. */
  kind: string
  group?: string
  version?: string
}

export type Subresource<T> = ObjectSubresource<T> | ScaleSubresource | ConnectSubresource

/**
 * For a version that is not the one stored: how objects go to and from the stored version. Only the names, the defaults
 * and this are the version's own; rules, columns and field selectors are those of the stored kind, on the stored form.
 */
export interface VersionConversion<T> {
  /** The group and version of the stored kind; its `kind` and `plural` are the same. */
  group: string
  version: string
  /** The stored form of an object that has its defaults. The argument is not changed. */
  toStored(object: T): KubeObject
  /** The object in this version. The stored one is frozen and not changed. */
  fromStored(stored: KubeObject): T
  /** Rules that hold only for what is written in this version, besides those of the stored kind; on the stored form. */
  validateCreate?(stored: KubeObject): FieldError[]
  validateUpdate?(stored: KubeObject, old: KubeObject): FieldError[]
  /** Names of this version's field selectors as the stored kind has them, such as `regarding.kind` to `involvedObject.kind`. */
  fieldNames?: Readonly<Record<string, string>>
  /**
   * For versions of a custom resource, which all have the same fields: rules, columns and subresources are this
   * version's own, and only `apiVersion` changes on the way.
   */
  ownRules?: boolean
  /** For versions of a custom resource: what its watches are made for. They end once its definition says something else. */
  shape?: string
  /** For versions of a custom resource: all apiVersions that its definition has, served or not. */
  apiVersions?: readonly string[]
}

/** A condition of a table row: kubectl greys out rows that are `Completed`. */
export interface RowCondition {
  type: string
  status: string
  reason?: string
  message?: string
}

/** Where the objects of a virtual kind come from: they are made when they are asked for. */
export interface ObjectSource<T> {
  /** One object, with its kind and apiVersion. Throws a `StatusError`, usually a 404, when there is none. */
  get(namespace: string, name: string): T
  /** All objects, or those of one namespace, by namespace and name. Selectors are applied by the server. */
  list(namespace: string): readonly T[]
}

/** How one resource behaves. All functions are pure but for the object they are told to change. */
export interface Kind<T extends { metadata: object } = any> {
  group: string
  version: string
  kind: string
  /** The plural in the URL. */
  plural: string
  singular: string
  shortNames?: readonly string[]
  /** The kind of its lists; by default the kind and `List`. */
  listKind?: string
  /** Such as `all`, for `kubectl get all`. */
  categories?: readonly string[]
  namespaced: boolean
  /** The model in the generated schema, such as `V1Pod` (the name in client-node), or the custom resource's own. */
  model: ModelLike
  /** Which verbs exist; all when left out. */
  verbs?: readonly Verb[]
  /** True for what is answered but never stored (reviews, metrics). */
  virtual?: boolean
  /** Answers get and list of a virtual kind; without it a connect handler of the server does. */
  objects?: ObjectSource<T>
  /**
   * What get and list show of a stored object when part of it is only known at that moment. Gives a new object with the
   * same metadata; watches and the answers of writes show what is stored.
   */
  show?(object: T, clock: Clock): T
  /** Position in `kubectl api-resources` and storage: two versions of one kind share `storageKey` (`GROUP/RESOURCE`). */
  storageKey?: string
  /** Set for a version that is not stored itself. */
  storedAs?: VersionConversion<T>
  /** The version that kube-apiserver stores it in, where it is not served any more: its hash is what discovery tells. */
  storageVersion?: string

  /** Fills in defaults, in place. Runs on every write, after decoding, before admission. */
  setDefaults?(object: T): void
  /**
   * What of {@link setDefaults} concerns a write that leaves the spec alone, such as one of the status. Where it is there,
   * such a write shares with the stored object what it may not change and what it leaves alone: that is frozen, so no
   * rule of it and no admission may change it in place.
   */
  setDefaultsBesidesSpec?(object: T): void
  /** Clears or sets what the server owns before a create (status, generation is done by the server). */
  prepareForCreate?(object: T, ctx: RuleContext): void
  /** Same before an update of the object itself: by default `status` is kept from `old`. */
  prepareForUpdate?(object: T, old: T, ctx: RuleContext): void
  /**
   * Rules that hold whenever the object is written. Of an update, what is wrong with `old` as well does not count: what an
   * object shares with it need not be looked at.
   */
  validate?(object: T, ctx: RuleContext, old?: T): FieldError[]
  /** Rules that hold only when the object is created. `validate` runs besides. */
  validateCreate?(object: T, ctx: RuleContext): FieldError[]
  /** Rules of an update (immutable fields). `validate` of the new object runs besides. */
  validateUpdate?(object: T, old: T, ctx: RuleContext): FieldError[]
  /** A text for the Warning header of every request: the kind is deprecated. */
  deprecation?: string
  /** Texts for Warning headers. */
  warnings?(object: T, old: T | undefined): string[]
  /** Whether a change bumps `metadata.generation`; by default: `spec` changed and the kind has a `status` subresource or is listed as generational. */
  changesGeneration?(object: T, old: T): boolean
  /** Whether objects have a `metadata.generation`: 1 on create, one more whenever `changesGeneration` says so. */
  generational?: boolean
  /** How names are checked: DNS subdomain by default. Gives the messages, none when it is fine. */
  validateName?(name: string): string[]
  /** Whether its own rules do not look at the metadata: what is wrong with that is told of only when nothing else is. */
  metadataApart?: boolean
  /** How often its own rules look at all of the metadata when the object is updated: what is wrong is told as often once more. By default they look at what changed. */
  metadataOnUpdate?: 1 | 2
  /** May a PUT create it (`allowUnconditionalUpdate`/create-on-update)? By default no. */
  createOnUpdate?: boolean
  /** Whether an update without resourceVersion is allowed; by default yes. */
  unconditionalUpdate?: boolean
  /** Default grace period in seconds on delete; undefined when the kind is deleted at once. */
  gracefulDeletion?(object: T, requestedSeconds: number | undefined, ctx: RuleContext): number | undefined

  /** Changes the object in place when its deletion is first asked for: it stays when it has finalizers then. */
  prepareForDelete?(object: T, ctx: RuleContext): void

  /**
   * What becomes of dependents when neither a deletion nor a finalizer says so: they are deleted in the background, or
   * `orphaned` where that has always been so. `ignored`: the garbage collector never looks at the kind.
   */
  dependents?: 'orphaned' | 'ignored'
  /** A text for the Warning header of a deletion that leaves dependents behind without having asked for it. */
  orphaningWarning?: string

  columns?: readonly Column<T>[]
  /** The order of rows in tables of lists, where it is not that of the names. */
  rowOrder?(a: T, b: T): number
  /** Conditions of an object's row in a Table. */
  rowConditions?(object: T): RowCondition[]
  /** Field selectors besides `metadata.name` and `metadata.namespace`. */
  fields?: Readonly<Record<string, (object: T) => string>>
  subresources?: Readonly<Record<string, Subresource<T>>>
  /** The paths of lists that are written as null when there is nothing in them: Go does not leave them out. */
  nullLists?: readonly string[]
  /** The paths of what a write of the object itself puts back; by default `status`, where that is a subresource. */
  resets?: readonly string[]
}
