/** Ownership after a create, update or patch: who changes a field owns it from then on. */
import type { KubeObject, ManagedFieldsEntry } from '../object.js'
import { modelOf } from '../schema/schema.js'
import type { Model, ModelLike } from '../schema/schema.js'
import { emptyObject } from './empty.js'
import { jsonText } from '../../../exact-json.js'
import { isEmptySet, LEAF, union } from './fields.js'
import type { Fields } from './fields.js'
import { isReset, isSame, ofVersions, ownable, readManagers, takeAway, withoutReset, writeManagers } from './managers.js'
import type { Manager } from './managers.js'
import { compare, fieldsBeyond } from './typed.js'
import { reconciled } from './reconcile.js'
import { sharedSet } from './shared.js'
import type { Json } from './typed.js'

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
  const { taken, removed } = old ? changed(old, update, model) : { taken: created(update, model), removed: LEAF }
  if (isEmptySet(taken) && isEmptySet(removed))
    return fromRequest?.length ? writeManagers(managers) : (stored as ManagedFieldsEntry[] | undefined)
  const others = takeAway(takeAway(managers, taken), removed)
  if (isEmptySet(taken)) return writeManagers(others)
  const own: Manager = { manager, operation: 'Update', apiVersion, time, subresource, fields: taken }
  const previous = others.find((m) => isSame(m, own))
  if (!previous) return writeManagers([...others, own])
  return writeManagers([...others.filter((m) => m !== previous), { ...own, fields: union(previous.fields, taken) }])
}

/** What a write to what is there sets, and what it takes away. */
function changed(old: KubeObject, update: TrackedUpdate, model: Model): { taken: Fields; removed: Fields } {
  const change = compare(old as Json, update.new as Json, model)
  const written = (set: Fields | undefined): Fields => ownable(withoutReset(set ?? LEAF, update.resets ?? []))
  return { taken: written(union(change?.added ?? LEAF, change?.modified ?? LEAF)), removed: written(change?.removed) }
}

/** How many different pods are remembered, so that the fields of the next one like it are known. */
const MOST_TEMPLATES = 256
const templates = new Map<string, Fields>()

/**
 * What a create sets. Pods are made in thousands from one template, and differ in their names alone, which nobody owns: their fields are
 * made once.
 */
function created(update: TrackedUpdate, model: Model): Fields {
  const object = update.new
  const set = (): Fields => ownable(withoutReset(fieldsBeyond(emptyObject(model), object as Json, model), update.resets ?? []))
  if (model.name !== 'V1Pod') return set()
  const text = jsonText({ ...object, metadata: { ...object.metadata, name: '' } })
  let fields = templates.get(text)
  if (fields) return fields
  fields = sharedSet(set())
  if (templates.size >= MOST_TEMPLATES) templates.delete(templates.keys().next().value!)
  templates.set(text, fields)
  return fields
}
