/**
 * Strategic merge patches as kustomize applies them: lists of built-in kinds merge by their keys, what is new comes before what was
 * there, and `$patch` deletes or replaces. Lists of other kinds are replaced.
 */
import type { Json } from '../../kinds/kind.js'
import { isMap } from '../fields.js'
import { isBuiltIn } from './resource.js'

/** Merge keys of the API's lists by the name of the field (Kubernetes API reference, "patch strategy: merge"). */
const mergeKeys: Record<string, string> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  volumes: 'name',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  resourceClaims: 'name',
  schedulingGates: 'name',
  secrets: 'name',
  conditions: 'type',
  ownerReferences: 'uid',
  webhooks: 'name',
}
const scalarSets = new Set(['finalizers'])

/** The key by which the items of a list merge; undefined where a patch replaces the list. */
function mergeKey(field: string, parent: string, items: readonly Json[]): string | undefined {
  if (field === 'ports')
    return parent === 'containers' || parent === 'initContainers' || !items.some((i) => isMap(i) && 'port' in i) ? 'containerPort' : 'port'
  // In an object of its own (a ServiceAccount) a list of names; in a projected volume or a Job these words mean other things.
  if (field === 'secrets' && parent !== '') return undefined
  return mergeKeys[field]
}

/** What a patch makes of an object; undefined when it deletes it. Neither is changed. */
export function strategicMerge(object: Json, patch: Json): Json | undefined {
  if (patch.$patch === 'delete') return undefined
  return mergeMap(object, patch, '', isBuiltIn(object))
}

function mergeMap(target: Record<string, Json>, patch: Record<string, Json>, at: string, keyed: boolean): Json {
  if (patch.$patch === 'replace') {
    const { $patch: _, ...rest } = patch
    return clean(rest)
  }
  const out: Record<string, Json> = { ...target }
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key.startsWith('$setElementOrder/') || key === '$retainKeys') continue
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const field = key.slice(key.indexOf('/') + 1)
      if (Array.isArray(out[field])) out[field] = out[field].filter((v: Json) => !(value as Json[]).includes(v))
    } else if (value === null) delete out[key]
    else if (isMap(value)) {
      if (value.$patch === 'delete') delete out[key]
      else out[key] = isMap(out[key]) ? mergeMap(out[key], value, key, keyed) : clean(value)
    } else if (Array.isArray(value)) out[key] = Array.isArray(out[key]) ? mergeList(out[key], value, key, at, keyed) : cleanList(value)
    else out[key] = value
  }
  if (Array.isArray(patch.$retainKeys)) for (const key of Object.keys(out)) if (!patch.$retainKeys.includes(key)) delete out[key]
  return out
}

function mergeList(target: Json[], patch: Json[], field: string, parent: string, keyed: boolean): Json[] {
  if (patch.some((p) => isMap(p) && p.$patch === 'replace' && Object.keys(p).length === 1))
    return cleanList(patch.filter((p) => !(isMap(p) && p.$patch === 'replace')))
  if (!keyed) return cleanList(patch)
  if (scalarSets.has(field)) return [...patch, ...target.filter((t) => !patch.includes(t))]
  const key = mergeKey(field, parent, [...patch, ...target])
  if (!key) return cleanList(patch)
  const left = [...target]
  const merged: Json[] = []
  for (const item of patch) {
    if (!isMap(item)) return cleanList(patch)
    const i = left.findIndex((t) => isMap(t) && t[key] === item[key] && (key !== 'containerPort' || sameProtocol(t, item)))
    const [found] = i < 0 ? [] : left.splice(i, 1)
    if (item.$patch === 'delete') continue
    merged.push(isMap(found) ? mergeMap(found, item, field, keyed) : clean(item))
  }
  return [...merged, ...left]
}

/** TCP is the protocol of a port that names none. */
const sameProtocol = (a: Record<string, Json>, b: Record<string, Json>): boolean => (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP')

/** What is new has no directives and no nulls left in it. */
function clean(value: Json): Json {
  if (Array.isArray(value)) return cleanList(value)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([k, v]) => v !== null && !k.startsWith('$') && !(isMap(v) && v.$patch === 'delete'))
      .map(([k, v]) => [k, clean(v)]),
  )
}
const cleanList = (list: Json[]): Json[] => list.filter((v) => !(isMap(v) && v.$patch === 'delete')).map(clean)
