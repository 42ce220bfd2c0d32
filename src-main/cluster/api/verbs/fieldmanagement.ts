/** The part of the server that knows who owns which field, as verbs use it. */
import type { KubeObject } from '../object.js'
import type { ModelLike } from '../schema/schema.js'
import { applyMergePatch } from '../patch/merge.js'

/** What sets managedFields after a write that is not an apply. */
export interface TrackedUpdate {
  /** What was stored; undefined for a create. */
  old: KubeObject | undefined
  /** What will be stored: gets its managedFields. */
  new: KubeObject
  manager: string
  operation: 'Update'
  subresource: string
  /** The paths of what the endpoint puts back. */
  resets?: readonly string[]
  model: ModelLike
  apiVersion: string
  /** Owners of fields of other versions than these are forgotten; those of all versions are kept when it is left out. */
  apiVersions?: readonly string[] | undefined
  /** RFC 3339. */
  time: string
}

/** A server-side apply. */
export interface Apply {
  /** What is stored; undefined when nothing is. */
  live: KubeObject | undefined
  /** What the client sent. */
  config: KubeObject
  manager: string
  force: boolean
  model: ModelLike
  subresource: string
  /** The paths of what the endpoint puts back. */
  resets?: readonly string[]
  apiVersion: string
  /** As in a tracked update. */
  apiVersions?: readonly string[] | undefined
  time: string
}

/** What keeps managedFields: `api/apply/`. */
export interface FieldManagement {
  /** The merged object with its managedFields; throws the 409 of a conflict. */
  applyServerSide(apply: Apply): KubeObject
  /** Sets the managedFields of `update.new`, in place. */
  trackUpdate(update: TrackedUpdate): void
}

/** Keeps no managedFields: an apply is then a merge. For tests of other things. */
export const noFieldManagement: FieldManagement = {
  applyServerSide: ({ live, config }) => (live ? (applyMergePatch(live, config) as KubeObject) : config),
  trackUpdate: () => undefined,
}
