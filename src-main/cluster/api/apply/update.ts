/** Ownership after a create, update or patch: who changes a field owns it from then on. */
import type { KubeObject, ManagedFieldsEntry } from '../object.js'
import { modelOf } from '../schema/schema.js'
import type { Model, ModelLike } from '../schema/schema.js'
import { emptyObject } from './empty.js'
import { isEmptySet, LEAF, union } from './fields.js'
import type { Fields } from './fields.js'
import { isReset, isSame, ofVersions, ownable, readManagers, takeAway, withoutReset, writeManagers } from './managers.js'
import type { Manager } from './managers.js'
import { compare, fieldsBeyond } from './typed.js'
import { reconciled } from './reconcile.js'
import type { Difference, Json } from './typed.js'

/** One write that is not an apply. */
export interface TrackedUpdate {
  /** What is stored; undefined for a create. Not changed. */
  old: KubeObject | undefined
  /** What the client wants stored, defaulted. Not changed. */
  new: KubeObject
  /** `fieldManager`, or the first part of the user agent. */
  manager: string
  operation?: 'Update'
  /** Empty for the object itself. */
  subresource: string
  /** The paths of what the endpoint puts back: the write does not come to own it. */
  resets?: readonly string[]
  model: ModelLike
  /** As in `apps/v1`. */
  apiVersion: string
  /** Owners of fields of other versions than these are forgotten, if it is there. */
  apiVersions?: readonly string[] | undefined
  /** RFC 3339, seconds. */
  time: string
}

/**
 * The `managedFields` that the new object is stored with; undefined when it is to have none. When the write changes
 * nothing, the stored entries are given back as they are, so that the object compares as unchanged.
 */
export function trackUpdate(update: TrackedUpdate): ManagedFieldsEntry[] | undefined {
  const { old, manager, subresource, apiVersion, time } = update
  const sent = update.new.metadata.managedFields
  const stored = old?.metadata.managedFields
  if (old && subresource === '' && isReset(sent)) return undefined
  // A subresource cannot write managedFields; elsewhere malformed or empty ones count as not sent.
  const fromRequest = subresource === '' && sent !== stored ? readManagers(sent) : undefined
  const model = modelOf(update.model)
  const tracked = reconciled(fromRequest?.length ? fromRequest : (readManagers(stored) ?? []), model)
  // What was never tracked stays untracked until somebody applies.
  if (old && tracked.length === 0) return undefined
  const managers = ofVersions(tracked, update.apiVersions)
  const change = changeBetween(old, update.new, model)
  const written = (set: Fields): Fields => ownable(withoutReset(set, update.resets ?? []))
  const taken = written(union(change?.added ?? LEAF, change?.modified ?? LEAF))
  const removed = written(change?.removed ?? LEAF)
  if (isEmptySet(taken) && isEmptySet(removed))
    return fromRequest?.length ? writeManagers(managers) : (stored as ManagedFieldsEntry[] | undefined)
  const others = takeAway(takeAway(managers, taken), removed)
  if (isEmptySet(taken)) return writeManagers(others)
  const own: Manager = { manager, operation: 'Update', apiVersion, time, subresource, fields: taken }
  const previous = others.find((m) => isSame(m, own))
  if (!previous) return writeManagers([...others, own])
  return writeManagers([...others.filter((m) => m !== previous), { ...own, fields: union(previous.fields, taken) }])
}

function changeBetween(old: KubeObject | undefined, object: KubeObject, model: Model): Difference | undefined {
  if (old) return compare(old as Json, object as Json, model)
  return { added: fieldsBeyond(emptyObject(model), object as Json, model) }
}
