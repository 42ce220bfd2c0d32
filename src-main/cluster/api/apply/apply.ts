/**
 * Server-side apply: merges a configuration into an object and keeps track of who owns which field. Follows
 * "Server-Side Apply" of the Kubernetes documentation: a field that another manager owns and that the configuration
 * changes is a conflict; a field that the manager no longer applies and nobody else owns is removed.
 */
import { jsonText } from '../../../exact-json.js'
import { badRequest, StatusError, withoutReason } from '../errors.js'
import type { KubeObject } from '../object.js'
import { modelOf } from '../schema/schema.js'
import type { Model, ModelLike } from '../schema/schema.js'
import { identified } from './converted.js'
import { emptyObject } from './empty.js'
import { faultsOf } from './faults.js'
import { difference, equalSets, intersection, isEmptySet, LEAF, pathsOf, union } from './fields.js'
import type { Fields } from './fields.js'
import { isSame, ofVersions, ownable, readManagers, takeAway, withoutReset, writeManagers } from './managers.js'
import type { Manager } from './managers.js'
import { merge, prune } from './merge.js'
import { reconciled } from './reconcile.js'
import { compare, fieldsOfConfig } from './typed.js'
import type { Json } from './typed.js'

/** The manager of everything that was in an object before it was first applied, when nothing was tracked. */
const BEFORE_FIRST_APPLY = 'before-first-apply'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** An object's metadata with its name is part of every configuration, though nobody is said to own it. */
const METADATA: Fields = { 'f:metadata': LEAF }

/** One apply request. */
export interface ApplyRequest {
  /** What is stored; undefined when the object is to be created. Not changed. */
  live: KubeObject | undefined
  /** The parsed body. Not changed. */
  config: unknown
  manager: string
  /** Takes conflicting fields over. */
  force: boolean
  model: ModelLike
  /** Empty for the object itself. */
  subresource: string
  /** The paths of what the endpoint puts back: the apply does not come to own it. */
  resets?: readonly string[]
  /** As in `apps/v1`. */
  apiVersion: string
  /** Owners of fields of other versions than these are forgotten, if it is there. */
  apiVersions?: readonly string[] | undefined
  /** RFC 3339, seconds. */
  time: string
}

/**
 * The object after an apply, with its `managedFields`. It is not yet decoded, defaulted or validated. When nothing
 * changes, neither fields nor owners, it equals the live one.
 * @throws StatusError 400 for a malformed configuration, 409 for conflicts, 500 (as the API server) for one that does
 *   not follow the schema
 */
export function applyServerSide(request: ApplyRequest): KubeObject {
  const { live, manager, subresource, apiVersion, time, force, resets = [] } = request
  const model = modelOf(request.model)
  const config = checkedConfig(request.config, model, apiVersion)
  let managers = reconciled(readManagers(live?.metadata.managedFields) ?? [], model)
  if (live && managers.length === 0) managers = beforeFirstApply(live, model, apiVersion)
  managers = ofVersions(managers, request.apiVersions)

  const fields = ownable(withoutReset(fieldsOfConfig(config, model), resets))
  const own: Manager = { manager, operation: 'Apply', apiVersion, time, subresource, fields }
  const previous = managers.find((m) => isSame(m, own))
  const others = managers.filter((m) => m !== previous)
  const base = (live as Json | undefined) ?? {}
  const merged = merge(base, live ? writableConfig(config, resets) : config, model)
  const owned = others.reduce((set, m) => union(set, m.fields), union(own.fields, METADATA))
  const after = previous ? prune(merged, difference(previous.fields, own.fields), owned, model) : merged

  const change = compare(base, after, model)
  const changed = (set: Fields): Fields => ownable(withoutReset(set, resets))
  const taken = changed(union(change?.added ?? {}, change?.modified ?? {}))
  // What kubectl applied on the client's side before is its own.
  const migrated = live && manager === 'kubectl' && !force ? lastAppliedFields(live, model, apiVersion) : LEAF
  const conflicts = others
    .map((m) => ({ manager: m, fields: difference(intersection(m.fields, taken), migrated) }))
    .filter((c) => !isEmptySet(c.fields))
  if (conflicts.length > 0 && !force) throw conflictError(conflicts)
  const remaining = takeAway(takeAway(others, taken), changed(change?.removed ?? {}))

  const unchanged = !change && previous && equalSets(previous.fields, own.fields) && previous.apiVersion === apiVersion
  const mine = unchanged ? [previous] : isEmptySet(own.fields) ? [] : [own]
  const entries = writeManagers([...remaining, ...mine])
  const metadata = { ...(after.metadata as Json | undefined) }
  delete metadata.managedFields
  if (manager === 'kubectl' && subresource === '') renewLastApplied(metadata, config)
  return {
    ...(after as unknown as KubeObject),
    apiVersion: config.apiVersion as string,
    kind: config.kind as string,
    metadata: { ...metadata, ...(entries.length ? { managedFields: entries } : {}) },
  } as KubeObject
}

function checkedConfig(config: unknown, model: Model, apiVersion: string): Json {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw badRequest(
      `error decoding YAML: json: cannot unmarshal ${Array.isArray(config) ? 'array' : typeof config} into Go value of type map[string]interface {}`,
    )
  }
  const object = config as Json
  const metadata = (object.metadata ?? {}) as { managedFields?: unknown; name?: unknown; namespace?: unknown }
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) throw badRequest('metadata.managedFields must be nil')
  const faults = faultsOf(object, model)
  if (faults.length > 0) {
    const why = faults.length === 1 ? faults[0]! : `errors:\n${faults.map((f) => `  ${f}`).join('\n')}`
    throw withoutReason(`failed to create typed patch object (${identified(object, apiVersion, model.goName)}): ${why}`)
  }
  return { apiVersion, kind: model.goName, ...object }
}

/** What the endpoint lets a client change: without such parts as `status`. Of the metadata, some hold as conditions. */
function writableConfig(config: Json, resets: readonly string[]): Json {
  const rest = { ...config }
  for (const part of resets) if (part !== 'metadata') delete rest[part]
  return rest
}

function beforeFirstApply(live: KubeObject, model: Model, apiVersion: string): Manager[] {
  const change = compare(emptyObject(model), live as Json, model)
  const fields = ownable(change?.added ?? {})
  if (isEmptySet(fields)) return []
  return [
    {
      manager: BEFORE_FIRST_APPLY,
      operation: 'Update',
      apiVersion,
      time: (live.metadata.creationTimestamp as string | undefined) ?? '',
      subresource: '',
      fields,
    },
  ]
}

interface Conflict {
  manager: Manager
  fields: Fields
}

/**
 * The fields that the object still has as the configuration says that `kubectl apply` keeps in an annotation: those that
 * somebody has changed since are not among them. None without such a configuration in the version of the request.
 */
function lastAppliedFields(live: KubeObject, model: Model, apiVersion: string): Fields {
  let last: unknown
  try {
    last = JSON.parse(live.metadata.annotations?.[LAST_APPLIED] || 'null')
  } catch {
    return LEAF
  }
  if (typeof last !== 'object' || last === null || (last as Json).apiVersion !== apiVersion) return LEAF
  if (faultsOf(last as Json, model).length > 0) return LEAF
  const { added, modified, removed } = compare(last as Json, live as Json, model) ?? {}
  return [added, modified, removed].reduce<Fields>(
    (set, other) => (other ? difference(set, other) : set),
    fieldsOfConfig(last as Json, model),
  )
}

/** Annotations may not grow over this; the configuration is then forgotten. Bytes. */
const ANNOTATIONS_LIMIT = 256 * 1024

/**
 * Keeps the configuration that `kubectl apply` without `--server-side` reads: where an object has one, an apply by
 * kubectl renews it, so that one may go back.
 */
function renewLastApplied(metadata: Json, config: Json): void {
  const annotations = metadata.annotations as Record<string, string> | undefined
  if (annotations?.[LAST_APPLIED] === undefined) return
  const text = jsonText(sortKeys(config)) + '\n'
  const renewed = { ...annotations }
  if (Buffer.byteLength(text) > ANNOTATIONS_LIMIT) delete renewed[LAST_APPLIED]
  else renewed[LAST_APPLIED] = text
  metadata.annotations = renewed
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sortKeys(v)]),
  )
}

/** `"kubectl-edit" using apps/v1`; appliers only by their name. */
function named(m: Manager): string {
  const subresource = m.subresource ? ` with subresource ${JSON.stringify(m.subresource)}` : ''
  return JSON.stringify(m.manager) + subresource + (m.operation === 'Update' ? ` using ${m.apiVersion}` : '')
}

function conflictError(conflicts: readonly Conflict[]): StatusError {
  const byManager = [...conflicts].sort((a, b) => (named(a.manager) < named(b.manager) ? -1 : 1))
  const causes = byManager.flatMap((c) =>
    pathsOf(c.fields).map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with ${named(c.manager)}`, field: path })),
  )
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `Apply failed with ${causes.length} conflicts: ${byManager
          .flatMap((c) => [`conflicts with ${named(c.manager)}:`, ...pathsOf(c.fields).map((p) => `- ${p}`)])
          .join('\n')}`
  return new StatusError(409, 'Conflict', message, { causes })
}
