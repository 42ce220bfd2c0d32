/**
 * Who owns the replicas of an object that is scaled: entries of the object as its Scale shows them, and back. Follows
 * the scale handler of k8s.io/apimachinery's `managedfields`.
 */
import type { ScaleSubresource } from '../kinds/kind.js'
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

const owns = (m: Manager, path: Fields | undefined): boolean =>
  path !== undefined && !isEmptySet(m.fields) && isEmptySet(difference(path, m.fields))

/** Where the replicas are, in the version of the resource that is scaled and in the others. */
type Replicas = Pick<ScaleSubresource, 'specReplicas' | 'specReplicasIn'>

/** The replicas as an entry of this version names them; undefined where the version has none. */
function replicasOf(m: Manager, { specReplicas, specReplicasIn }: Replicas): Fields | undefined {
  const path = specReplicasIn ? specReplicasIn.get(m.apiVersion) : specReplicas
  return path === undefined ? undefined : setOf(path)
}

/** The entries of a Scale: those of the object that own its replicas. */
export function scaleEntries(entries: ManagedFieldsEntry[] | undefined, scale: Replicas): ManagedFieldsEntry[] {
  const managers = (readManagers(entries) ?? []).filter((m) => owns(m, replicasOf(m, scale)))
  return writeManagers(managers.map((m) => ({ ...asNew(m), apiVersion: SCALE_VERSION, fields: IN_SCALE })))
}

/**
 * The entries of an object whose Scale was written: replicas are taken from those that the Scale no longer has, and
 * given to those that it has now. These have no time. Entries of versions that the resource no longer has are gone.
 * @param apiVersion the version in which the Scale was written
 */
export function entriesOfScaled(
  entries: ManagedFieldsEntry[] | undefined,
  scaled: ManagedFieldsEntry[] | undefined,
  scale: Replicas,
  apiVersion: string,
): ManagedFieldsEntry[] {
  const left = (readManagers(scaled) ?? []).filter((m) => owns(m, IN_SCALE))
  const kept = (readManagers(entries) ?? []).flatMap((m) => {
    if (scale.specReplicasIn?.has(m.apiVersion) === false) return []
    const path = replicasOf(m, scale)
    if (!path || !owns(m, path)) return [m]
    const at = left.findIndex((s) => s.manager === m.manager && s.operation === m.operation && s.subresource === m.subresource)
    if (at >= 0) {
      left.splice(at, 1)
      return [m]
    }
    const fields = difference(m.fields, path)
    return isEmptySet(fields) ? [] : [{ ...asNew(m), fields }]
  })
  return writeManagers([...kept, ...left.map((m) => ({ ...asNew(m), apiVersion, time: '', fields: setOf(scale.specReplicas) }))])
}

function asNew(m: Manager): Manager {
  const copy = { ...m }
  delete copy.entry
  return copy
}
