/**
 * The contract of admission: plugins that see each write after authorisation, decoding and defaulting, and before it is
 * validated and stored. All `mutate`s run in the order of the list, then (after validation) all `validate`s.
 * Follows Kubernetes' "Admission Control in Kubernetes".
 */
import type { UserInfo } from '../../api/client.js'
import type { Kind } from '../../api/kinds/kind.js'
import type { KubeObject } from '../../api/object.js'
import type { Clock } from '../../clock.js'
import type { Random } from '../../random.js'
import type { Decision, PathAccess, ResourceAccess } from '../authorizer.js'

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

export type GroupVersionKind = Pick<Kind, 'group' | 'version' | 'kind'>

/** One write as admission sees it. */
export interface AdmissionAttributes {
  /** The kind of the resource that is written, in the version whose rules hold: the objects are of it. */
  readonly kind: Kind
  /** The version that the client writes in. */
  readonly requested: Kind
  /** All versions in which the resource is served. */
  versions(): readonly Kind[]
  /** The kind of the objects: {@link requested}, or what a subresource takes, such as `autoscaling/v1, Kind=Scale`. */
  readonly objectKind: GroupVersionKind
  readonly operation: AdmissionOperation
  /** The new object: a `mutate` may change it in place. Undefined for DELETE. For CONNECT the options. */
  readonly object: KubeObject | undefined
  /** What is stored, frozen. Undefined for CREATE. */
  readonly oldObject: KubeObject | undefined
  /** Empty for what has no namespace. */
  readonly namespace: string
  /** May be empty on CREATE with generateName. */
  readonly name: string
  /** Empty for the object itself. */
  readonly subresource: string
  readonly user: UserInfo
  readonly dryRun: boolean
  readonly clock: Clock
  readonly random: Random
  /** Tells whether somebody may do something: the answer of the authorizer. */
  decide(user: UserInfo, access: ResourceAccess | PathAccess): Decision
  /** Reads another stored object (frozen), with no access check. */
  lookup(group: string, resource: string, namespace: string, name: string): KubeObject | undefined
  /** The resource whose objects are of a kind; undefined when none is served. */
  resourceOf(group: string, version: string, kind: string): Pick<Kind, 'plural' | 'namespaced'> | undefined
  /** Reads all stored objects of a resource (frozen), optionally of one namespace. */
  lookupAll(group: string, resource: string, namespace?: string): readonly KubeObject[]
  /**
   * Writes the status of another stored object with optimistic concurrency, with no access check: `change` is given a
   * mutable copy and called again when somebody else was faster. For ResourceQuota. Does nothing in a dry run.
   */
  updateStored(group: string, resource: string, namespace: string, name: string, change: (object: KubeObject) => void): Promise<void>
  /** Adds a text to the answer's Warning headers. */
  warn(text: string): void
}

/** One admission plugin, named as in `--enable-admission-plugins`. Refusals are thrown `StatusError`s, as a rule `forbidden`. */
export interface AdmissionPlugin {
  readonly name: string
  /** The operations that it is shown. */
  readonly operations: readonly AdmissionOperation[]
  /** Set when Kubernetes does it where objects are stored, not in admission: it is not measured as a plugin then. */
  readonly isOfRegistry?: true
  mutate?(attributes: AdmissionAttributes): void | Promise<void>
  validate?(attributes: AdmissionAttributes): void | Promise<void>
}
