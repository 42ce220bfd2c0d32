/** Patches of a kustomization: strategic merge or JSON 6902, with a target or meant for the object that they name. */
import fastJsonPatch, { type Operation } from 'fast-json-patch'
import type { Json } from '../../kinds/kind.js'
import { fromYaml } from '../yaml.js'
import { isMap } from '../fields.js'
import { gvkOf, idOf, kustomizeError, rename, type KustomizeResource } from './resource.js'
import { strategicMerge } from './strategic-merge.js'

export interface PatchTarget {
  group?: string
  version?: string
  kind?: string
  name?: string
  namespace?: string
  labelSelector?: string
  annotationSelector?: string
}

export interface PatchOptions {
  allowNameChange?: boolean
  allowKindChange?: boolean
}

/** Applies one patch text (which may hold several documents) to the resources; gives those that are left. */
export function applyPatch(
  resources: readonly KustomizeResource[],
  text: string,
  target: PatchTarget | undefined,
  options: PatchOptions,
  where: string,
): KustomizeResource[] {
  const operations = jsonPatch(text, where)
  if (operations) {
    if (!target) throw kustomizeError(where, 'a JSON 6902 patch needs a target')
    return changeEach(resources, select(resources, target, where), (r) => {
      try {
        return fastJsonPatch.applyPatch(r.object, operations, true, false).newDocument
      } catch (error) {
        throw kustomizeError(where, `the patch does not fit ${idOf(r.object)}: ${(error as Error).message.split('\n')[0]}`)
      }
    })
  }
  let left = [...resources]
  for (const patch of documents(text, where)) {
    const chosen = target ? select(left, target, where) : [named(left, patch, where)]
    left = changeEach(left, chosen, (r) => {
      const merged = strategicMerge(r.object, patch)
      if (!merged) return undefined
      // The patch says which object it is meant for by the name that the object had: that does not rename it.
      const name = r.object.metadata?.name
      const { kind, apiVersion } = r.object
      if (!options.allowKindChange) Object.assign(merged, { kind, apiVersion })
      if (!options.allowNameChange) merged.metadata = { ...merged.metadata, name }
      if (merged.metadata?.namespace !== r.object.metadata?.namespace && !options.allowNameChange) {
        if (r.object.metadata?.namespace === undefined) delete merged.metadata.namespace
        else merged.metadata.namespace = r.object.metadata.namespace
      }
      return merged
    })
  }
  return left
}

function changeEach(
  resources: readonly KustomizeResource[],
  chosen: readonly KustomizeResource[],
  change: (r: KustomizeResource) => Json | undefined,
): KustomizeResource[] {
  const picked = new Set(chosen)
  const left: KustomizeResource[] = []
  for (const r of resources) {
    if (!picked.has(r)) left.push(r)
    else {
      const object = change(r)
      if (object === undefined) continue
      r.object = object
      if (object.metadata?.name) rename(r, object.metadata.name)
      left.push(r)
    }
  }
  return left
}

/** The documents of a patch text. */
function documents(text: string, where: string): Json[] {
  try {
    return fromYaml(text, 'kustomize')
  } catch (error) {
    throw kustomizeError(where, `unable to parse SM or JSON patch: ${(error as Error).message}`)
  }
}

/** The operations of a JSON patch, written as JSON or YAML; undefined when the text is no list. */
function jsonPatch(text: string, where: string): Operation[] | undefined {
  if (!/^\s*(?:#.*\n\s*|---\s*\n\s*)*(?:-\s|\[)/.test(text)) return undefined
  const [wrapped] = documents(`patch:\n${text.replace(/^---\s*\n/, '').replace(/^/gm, '  ')}`, where)
  const list: unknown = wrapped?.patch
  if (!Array.isArray(list)) throw kustomizeError(where, 'unable to parse SM or JSON patch')
  for (const op of list as Json[])
    if (!isMap(op) || typeof op.op !== 'string' || typeof op.path !== 'string')
      throw kustomizeError(where, 'each operation of a JSON 6902 patch needs "op" and "path"')
  return list as Operation[]
}

/** The one resource that a patch names, by its present or an earlier name. */
function named(resources: readonly KustomizeResource[], patch: Json, where: string): KustomizeResource {
  const p = gvkOf(patch)
  const found = resources.filter((r) => {
    const g = gvkOf(r.object)
    const namespace = patch.metadata?.namespace
    return (
      g.kind === p.kind &&
      g.group === p.group &&
      g.version === p.version &&
      r.names.includes(patch.metadata?.name) &&
      (namespace === undefined ? true : r.namespaces.includes(namespace))
    )
  })
  if (found.length === 1) return found[0]!
  const id = idOf(patch)
  if (found.length === 0) throw kustomizeError(where, `no resource matches strategic merge patch "${id}": no matches for Id ${id}`)
  throw kustomizeError(where, `multiple matches for Id ${id}; failed to find unique target for patch ${id}`)
}

/** The resources of a target; names are regular expressions over the whole name. */
function select(resources: readonly KustomizeResource[], t: PatchTarget, where: string): KustomizeResource[] {
  const pattern = (text: string | undefined, what: string): ((value: string) => boolean) => {
    if (!text) return () => true
    try {
      const re = new RegExp(`^(?:${text})$`)
      return (value) => re.test(value)
    } catch {
      throw kustomizeError(where, `the target's ${what} "${text}" is not a regular expression`)
    }
  }
  const [group, version, kind] = [pattern(t.group, 'group'), pattern(t.version, 'version'), pattern(t.kind, 'kind')]
  const [name, namespace] = [pattern(t.name, 'name'), pattern(t.namespace, 'namespace')]
  return resources.filter((r) => {
    const g = gvkOf(r.object)
    return (
      group(g.group) &&
      version(g.version) &&
      kind(g.kind) &&
      r.names.some(name) &&
      (!t.namespace || r.namespaces.some(namespace)) &&
      matchesSelector(t.labelSelector, r.object.metadata?.labels, where) &&
      matchesSelector(t.annotationSelector, r.object.metadata?.annotations, where)
    )
  })
}

/** A selector as kubectl writes them: `a=b,c!=d,e,!f,g in (h,i),j notin (k)`. */
export function matchesSelector(selector: string | undefined, labels: Record<string, string> | undefined, where: string): boolean {
  if (!selector) return true
  const has = labels ?? {}
  for (const part of selector.split(/,(?![^(]*\))/)) {
    const text = part.trim()
    const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text)
    const pair = /^([^\s=!]+)\s*(==?|!=)\s*(\S*)$/.exec(text)
    const exists = /^(!?)\s*([^\s=!]+)$/.exec(text)
    let ok: boolean
    if (set)
      ok =
        set[3]!
          .split(',')
          .map((v) => v.trim())
          .includes(has[set[1]!] ?? '\u0000') ===
        (set[2] === 'in')
    else if (pair) ok = (has[pair[1]!] === pair[3]) === (pair[2] !== '!=')
    else if (exists) ok = exists[2]! in has === (exists[1] === '')
    else throw kustomizeError(where, `unable to parse the selector "${selector}"`)
    if (!ok) return false
  }
  return true
}
