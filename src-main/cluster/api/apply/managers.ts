/** `metadata.managedFields`: the entries of an object, changed as a whole by one request. */
import type { ManagedFieldsEntry } from '../object.js'
import { difference, isEmptySet, union, without } from './fields.js'
import type { Fields } from './fields.js'
import { sharedSet } from './shared.js'
import type { Json } from './typed.js'

/** Who owns which fields. */
export interface Manager {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  /** RFC 3339; empty when unknown. */
  time: string
  /** Empty for the object itself. */
  subresource: string
  fields: Fields
  /** The entry it was read from, while nothing about it has changed. */
  entry?: ManagedFieldsEntry
}

/** Fields that nobody owns: what identifies an object, and what the server keeps. */
const UNOWNED = {
  object: ['f:apiVersion', 'f:kind'],
  metadata: [
    '.',
    'f:name',
    'f:namespace',
    'f:creationTimestamp',
    'f:selfLink',
    'f:uid',
    'f:clusterName',
    'f:generation',
    'f:managedFields',
    'f:resourceVersion',
  ],
} as const

/** A set without the fields that nobody owns. */
export function ownable(set: Fields): Fields {
  const metadata = set['f:metadata']
  if (!metadata) return without(set, UNOWNED.object)
  const left = without(metadata, UNOWNED.metadata)
  if (isEmptySet(left)) return without(set, [...UNOWNED.object, 'f:metadata'])
  return { ...without(set, UNOWNED.object), 'f:metadata': left }
}

/** A set without what an endpoint puts back as it was, such as `status` or `metadata.labels`: nobody owns that through it. */
export function withoutReset(set: Fields, resets: readonly string[]): Fields {
  return resets.reduce((left, path) => withoutPath(left, path.split('.')), set)
}

function withoutPath(set: Fields, [name, ...rest]: readonly string[]): Fields {
  const element = `f:${name}`
  const part = set[element]
  if (!part) return set
  const left = rest.length > 0 ? withoutPath(part, rest) : {}
  return isEmptySet(left) ? without(set, [element]) : { ...set, [element]: left }
}

/** Reads entries. Undefined when one of them is malformed: then all are forgotten, as the API server does. */
export function readManagers(entries: unknown): Manager[] | undefined {
  if (entries === undefined || entries === null) return []
  if (!Array.isArray(entries)) return undefined
  const out: Manager[] = []
  for (const entry of entries as Partial<ManagedFieldsEntry>[]) {
    if (entry?.fieldsType !== 'FieldsV1' || !entry.apiVersion || !isKnownTrie(entry.fieldsV1)) return undefined
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') return undefined
    out.push({
      manager: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      time: (entry.time as string | undefined) ?? '',
      subresource: entry.subresource ?? '',
      fields: entry.fieldsV1,
      entry: entry as ManagedFieldsEntry,
    })
  }
  return out
}

/** The managers whose version there still is: what a version that has been removed from a definition calls its fields is not known. */
export function ofVersions(managers: Manager[], apiVersions: readonly string[] | undefined): Manager[] {
  return apiVersions ? managers.filter((m) => apiVersions.includes(m.apiVersion)) : managers
}

/** Tries that were read before: those of what is stored are frozen, and most are read with every write. */
const tries = new WeakSet<object>()

function isKnownTrie(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  if (tries.has(value)) return true
  if (!isTrie(value)) return false
  if (Object.isFrozen(value)) tries.add(value)
  return true
}

function isTrie(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  for (const element in value) {
    if (element !== '.' && !/^[fkvi]:/.test(element)) return false
    if (!isTrie((value as Json)[element])) return false
  }
  return true
}

/** Whether a client asks to forget all owners: `managedFields: [{}]`, or a list with nothing in it. */
export function isReset(entries: unknown): boolean {
  return Array.isArray(entries) && (entries.length === 0 || (entries.length === 1 && isEmptySet(entries[0] as Fields)))
}

/** Whether two entries are of the same manager acting in the same way. */
export function isSame(a: Manager, b: Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    // An applier stays the same when it moves to another version of the API.
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  )
}

/** A manager that is no longer as it was read. */
function unread(m: Manager): Manager {
  const out = { ...m }
  delete out.entry
  return out
}

/** The managers with other fields; one that has none left is gone. */
export function withFields(m: Manager, fields: Fields): Manager[] {
  if (fields === m.fields) return [m]
  if (isEmptySet(fields)) return []
  return [{ ...unread(m), fields }]
}

/** Takes fields away from every manager but those that `spare` names. */
export function takeAway(managers: readonly Manager[], fields: Fields, spare?: (m: Manager) => boolean): Manager[] {
  if (isEmptySet(fields)) return [...managers]
  return managers.flatMap((m) => (spare?.(m) ? [m] : withFields(m, difference(m.fields, fields))))
}

/** More managers that update than this are folded into one, oldest first. */
const MAX_UPDATE_MANAGERS = 10
const ANCIENT = 'ancient-changes'

function capped(managers: readonly Manager[]): Manager[] {
  const updaters = managers.filter((m) => m.operation === 'Update')
  if (updaters.length <= MAX_UPDATE_MANAGERS) return [...managers]
  const oldest = [...updaters].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
  const out = new Set(managers)
  let count = updaters.length
  const bucket = new Map<string, Manager>()
  for (const m of oldest) {
    if (count <= MAX_UPDATE_MANAGERS) break
    const old = bucket.get(m.apiVersion)
    out.delete(m)
    if (old) {
      out.delete(old)
      count--
    }
    const folded = old
      ? { ...old, fields: union(old.fields, m.fields), time: m.time > old.time ? m.time : old.time }
      : { ...unread(m), manager: ANCIENT, subresource: '' }
    bucket.set(m.apiVersion, folded)
    out.add(folded)
  }
  return [...out]
}

/** The entries as they are stored: appliers first, then by time and name. */
export function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  const order = capped(managers).sort(
    (a, b) =>
      compareText(a.operation, b.operation) ||
      compareText(a.time, b.time) ||
      compareText(a.manager, b.manager) ||
      compareText(a.apiVersion, b.apiVersion) ||
      compareText(a.subresource, b.subresource),
  )
  return order.map(
    (m) =>
      m.entry ?? {
        manager: m.manager,
        operation: m.operation,
        apiVersion: m.apiVersion,
        ...(m.time ? { time: m.time } : {}),
        fieldsType: 'FieldsV1',
        fieldsV1: sharedSet(m.fields),
        ...(m.subresource ? { subresource: m.subresource } : {}),
      },
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
