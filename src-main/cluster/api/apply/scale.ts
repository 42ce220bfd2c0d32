/**
 * Who owns the replicas of an object that is scaled: entries of the object as its Scale shows them, and back. Follows
 * the scale handler of k8s.io/apimachinery's `managedfields`.
 */
import type { ManagedFieldsEntry } from '../object.js'
import { difference, isEmptySet } from './fields.js'
import type { Fields } from './fields.js'
import { readManagers, writeManagers } from './managers.js'
import type { Manager } from './managers.js'

const SCALE_VERSION = 'autoscaling/v1'
const IN_SCALE: Fields = { 'f:spec': { 'f:replicas': {} } }

/** The set of one path, such as `.spec.replicas`. */
function setOf(path: string): Fields {
  return path
    .split('.')
    .filter((part) => part !== '')
    .reduceRight<Fields>((inner, part) => ({ [`f:${part}`]: inner }), {})
}

const owns = (m: Manager, path: Fields): boolean => !isEmptySet(m.fields) && isEmptySet(difference(path, m.fields))

/** The entries of a Scale: those of the object that own its replicas. */
export function scaleEntries(entries: ManagedFieldsEntry[] | undefined, replicasPath: string): ManagedFieldsEntry[] {
  const path = setOf(replicasPath)
  const managers = (readManagers(entries) ?? []).filter((m) => owns(m, path))
  return writeManagers(managers.map((m) => ({ ...asNew(m), apiVersion: SCALE_VERSION, fields: IN_SCALE })))
}

/**
 * The entries of an object whose Scale was written: replicas are taken from those that the Scale no longer has, and
 * given to those that it has now. These have no time.
 */
export function entriesOfScaled(
  entries: ManagedFieldsEntry[] | undefined,
  scaled: ManagedFieldsEntry[] | undefined,
  replicasPath: string,
  apiVersion: string,
): ManagedFieldsEntry[] {
  const path = setOf(replicasPath)
  const left = [...(readManagers(scaled) ?? [])]
  const kept = (readManagers(entries) ?? []).flatMap((m) => {
    if (!owns(m, path)) return [m]
    const at = left.findIndex((s) => s.manager === m.manager && s.operation === m.operation && s.subresource === m.subresource)
    if (at >= 0) {
      left.splice(at, 1)
      return [m]
    }
    const fields = difference(m.fields, path)
    return isEmptySet(fields) ? [] : [{ ...asNew(m), fields }]
  })
  return writeManagers([...kept, ...left.map((m) => ({ ...asNew(m), apiVersion, time: '', fields: path }))])
}

function asNew(m: Manager): Manager {
  const copy = { ...m }
  delete copy.entry
  return copy
}
