/** Who changed what of an object, and when. */
import type { ObjectRef } from './resources.js'

/** A field that a manager owns, as it is now. */
export interface OwnedField {
  /** `spec.template.spec.containers[name=web].image`. */
  path: string
  /** Left out where the object has no such field any more. Values of Secrets are masked. */
  value?: string
}

/** One entry of `metadata.managedFields`. */
export interface FieldManager {
  manager: string
  operation: string
  subresource?: string
  apiVersion: string
  /** When it last changed a field of its own, ms since the epoch; null when that is not kept. */
  time: number | null
  fields: OwnedField[]
}

/** A version of an object that came by while its details were open. */
export interface SeenVersion {
  id: number
  /** When it was made if its managers tell, else when it was seen; ms since the epoch. */
  time: number
  resourceVersion: string
  /** Whose fields have changed since the version before. */
  by: { manager: string; operation: string; subresource?: string }[]
  /** Which fields have. Empty for the first. */
  changed: string[]
  /** Its deletion, after which another object of the name may come. */
  deleted?: true
}

/** What is known of an object's past: its managers, the latest first, and the versions that were seen, the newest first. */
export interface ObjectHistory {
  managers: FieldManager[]
  seen: SeenVersion[]
}

export interface HistoryCalls {
  /** Two versions that were seen, as YAML. Of Secrets it shows which values differ, and never what they are. */
  'history.compare': (p: { context: string; ref: ObjectRef; from: number; to: number }) => { from: string; to: string }
}
