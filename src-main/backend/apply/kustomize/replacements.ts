/**
 * `replacements` of a kustomization: a value of one object, or of a field of it, put into fields of others.
 * https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/
 */
import type { Json } from '../../kinds/kind.js'
import { yamlValues } from '../yaml.js'
import { isMap } from '../fields.js'
import { gvkOf, idOf, kustomizeError, type KustomizeResource } from './resource.js'

interface Selector {
  group?: string
  version?: string
  kind?: string
  name?: string
  namespace?: string
}

interface FieldOptions {
  delimiter?: string
  index?: number
  create?: boolean
}

export interface Replacement {
  source?: Selector & { fieldPath?: string; options?: FieldOptions }
  sourceValue?: string
  targets?: { select?: Selector; reject?: Selector[]; fieldPaths?: string[]; options?: FieldOptions }[]
}

/** A place in an object: a mapping with a key, or a list with an index. */
interface Place {
  holder: Record<string, Json> | Json[]
  key: string | number
}

const SELECTABLE = ['group', 'version', 'kind', 'name', 'namespace'] as const

/** Runs replacements in their order. Throws with what does not fit. */
export function replace(resources: readonly KustomizeResource[], replacements: readonly Replacement[], where: string): void {
  for (const replacement of replacements) {
    const value = sourceOf(resources, replacement, where)
    if (!replacement.targets?.length) throw kustomizeError(where, 'each of "replacements" needs "targets"')
    for (const target of replacement.targets) {
      if (!target.select || !Object.keys(target.select).length) throw kustomizeError(where, 'target must specify resources to select')
      for (const r of resources) {
        if (!matches(r, target.select)) continue
        if (target.reject?.some((s) => Object.keys(s).length > 0 && matches(r, s))) continue
        for (const path of target.fieldPaths ?? ['metadata.name']) put(r, path, value, target.options ?? {}, where)
      }
    }
  }
}

/** Whether a resource is meant, by what it is or by a name that it had. */
function matches(r: KustomizeResource, selector: Selector): boolean {
  const { group, version, kind } = gvkOf(r.object)
  const values = { group: [group], version: [version], kind: [kind], name: r.names, namespace: r.namespaces }
  return SELECTABLE.every((field) => {
    const wanted = selector[field]
    return !wanted || values[field].includes(wanted)
  })
}

function sourceOf(resources: readonly KustomizeResource[], { source, sourceValue }: Replacement, where: string): Json {
  if (sourceValue !== undefined) return sourceValue
  if (!source) throw kustomizeError(where, 'each of "replacements" needs "source" and "targets"')
  const found = resources.filter((r) => matches(r, source))
  const text = SELECTABLE.flatMap((f) => (source[f] ? [`${f}: ${source[f]}`] : [])).join(', ')
  if (found.length !== 1)
    throw kustomizeError(where, found.length ? `multiple matches for the source {${text}}` : `nothing selected by {${text}}`)
  const path = source.fieldPath || 'metadata.name'
  const [place] = placesAt(found[0]!.object, stepsOf(path), false)
  const value = place && read(place)
  if (value === undefined) throw kustomizeError(where, `fieldPath \`${path}\` is missing for replacement source ${idOf(found[0]!.object)}`)
  const { delimiter, index = 0 } = source.options ?? {}
  if (!delimiter) return value
  if (typeof value === 'object') throw kustomizeError(where, 'delimiter option can only be used with scalar nodes')
  const part = String(value).split(delimiter)[index]
  if (part === undefined) throw kustomizeError(where, `options.index ${index} is out of bounds for value ${String(value)}`)
  return part
}

function put(r: KustomizeResource, path: string, value: Json, options: FieldOptions, where: string): void {
  const places = placesAt(r.object, stepsOf(path), options.create === true)
  if (places.length === 0) throw kustomizeError(where, `unable to find field "${path}" in replacement target ${idOf(r.object)}`)
  for (const place of places) {
    const before = read(place)
    const next = withDelimiter(before, value, options, where)
    write(place, isScalar(next) ? asTyped(before, next) : structuredClone(next))
    if (path === 'metadata.name' && !r.names.includes(String(next))) r.names.push(String(next))
    if (path === 'metadata.namespace' && !r.namespaces.includes(String(next))) r.namespaces.push(String(next))
  }
}

function withDelimiter(before: Json, value: Json, { delimiter, index = 0 }: FieldOptions, where: string): Json {
  if (!delimiter) return value
  if (typeof before === 'object' && before !== null) throw kustomizeError(where, 'delimiter option can only be used with scalar nodes')
  const parts = String(before ?? '').split(delimiter)
  if (index < 0) parts.unshift(String(value))
  else if (index >= parts.length) parts.push(String(value))
  else parts[index] = String(value)
  return parts.join(delimiter)
}

const isScalar = (v: Json): boolean => v !== undefined && v !== null && typeof v !== 'object'

/** A scalar takes the type of the one that it replaces: a port stays a number, a string a string. A new one is read as YAML. */
function asTyped(before: Json, next: Json): Json {
  if (!isScalar(before)) return typeof next === 'string' && next !== '' ? plain(next) : next
  if (typeof before === 'string') return String(next)
  if (typeof next !== 'string') return next
  if (typeof before === 'number' && next.trim() !== '' && Number.isFinite(Number(next))) return Number(next)
  if (typeof before === 'boolean' && /^(true|false)$/.test(next)) return next === 'true'
  return next
}

function plain(text: string): Json {
  const [value] = yamlValues(text, 'kustomize')
  return isScalar(value) ? value : text
}

/** The steps of a path: keys, indexes, `[name=value]`, `*`. A dot in a key is written `\.`, or the key in brackets. */
export function stepsOf(path: string): string[] {
  const steps: string[] = []
  let step = ''
  let inside = 0
  for (let i = 0; i < path.length; i++) {
    const c = path[i]!
    if (c === '\\' && path[i + 1] === '.') step += path[++i]
    else if (c === '.' && inside === 0) {
      if (step) steps.push(step)
      step = ''
    } else {
      if (c === '[') inside++
      if (c === ']') inside--
      step += c
    }
  }
  if (step) steps.push(step)
  return steps
}

/** The places that a path means. With `create`, what is missing of mappings and of named elements on the way is made. */
function placesAt(root: Json, steps: readonly string[], create: boolean): Place[] {
  let places: Place[] = [{ holder: { root }, key: 'root' }]
  steps.forEach((step, i) => {
    places = places.flatMap((place) => next(place, step, create, i === steps.length - 1))
  })
  return places
}

function next(place: Place, step: string, create: boolean, last: boolean): Place[] {
  const element = /^\[([^=\]]+)=(.*)\]$/.exec(step)
  let value = read(place)
  if (create && (value === undefined || value === null)) write(place, (value = element || /^\d+$/.test(step) ? [] : {}))
  if (Array.isArray(value)) {
    const list = value as Json[]
    if (step === '*') return list.map((_v, key) => ({ holder: list, key }))
    if (/^\d+$/.test(step)) {
      if (create && Number(step) === list.length) list.push(null)
      return Number(step) < list.length ? [{ holder: list, key: Number(step) }] : []
    }
    if (!element) return []
    const [, field, wanted] = element
    const found = list.flatMap((v, key) => (isMap(v) && String(v[field!]) === wanted ? [{ holder: list, key }] : []))
    if (found.length || !create) return found
    list.push({ [field!]: wanted })
    return [{ holder: list, key: list.length - 1 }]
  }
  if (!isMap(value)) return []
  if (step === '*') return Object.keys(value).map((key) => ({ holder: value as Record<string, Json>, key }))
  const key = /^\[(.*)\]$/.exec(step)?.[1] ?? step
  if (value[key] === undefined && !create) return []
  if (value[key] === undefined && last) value[key] = null
  return [{ holder: value as Record<string, Json>, key }]
}

function read({ holder, key }: Place): Json {
  return (holder as Record<string | number, Json>)[key]
}

function write({ holder, key }: Place, value: Json): void {
  ;(holder as Record<string | number, Json>)[key] = value
}
