/**
 * The set of kinds that a server serves. It changes while the server runs: CustomResourceDefinitions add kinds and take
 * them away; discovery and OpenAPI follow through {@link KindSet.onChange}.
 */
import { shownJson } from './shown-json.js'
import type { Kind } from './kinds/kind.js'
import type { KubeObject } from './object.js'
import type { StoredObject } from '../store/store.js'
import { deepFreeze } from '../store/version.js'

/** A group with its versions, the preferred one first. */
export interface KindGroup {
  name: string
  versions: string[]
}

/** The order of the groups in discovery, as of kube-apiserver; custom groups follow in the order of their names. */
const GROUP_ORDER = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io',
]

/** The kinds served now, by path. */
export class KindSet {
  private readonly byPath = new Map<string, Kind>()
  private readonly listeners = new Set<() => void>()
  private sorted: KindGroup[] | undefined
  /** Preferred versions by plural and group: admission asks for some with every write. */
  private readonly preferred = new Map<string, Map<string, Kind>>()
  /** Counts changes: caches of what is made from the kinds compare it. */
  generation = 0

  constructor(kinds: Iterable<Kind> = []) {
    for (const kind of kinds) this.byPath.set(path(kind.group, kind.version, kind.plural), kind)
  }

  all(): readonly Kind[] {
    return [...this.byPath.values()]
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return this.byPath.get(path(group, version, plural))
  }

  /** The kind under any version, the preferred one first. */
  findResource(group: string, plural: string): Kind | undefined {
    let byGroup = this.preferred.get(plural)
    if (byGroup?.has(group)) return byGroup.get(group)
    let found: Kind | undefined
    for (const version of this.versions(group)) if ((found = this.find(group, version, plural))) break
    // Asked for by clients, too: what is not there is not kept.
    if (!found) return undefined
    if (!byGroup) this.preferred.set(plural, (byGroup = new Map()))
    byGroup.set(group, found)
    return found
  }

  findKind(group: string, version: string, kind: string): Kind | undefined {
    for (const k of this.byPath.values()) if (k.kind === kind && k.group === group && k.version === version) return k
    return undefined
  }

  /** The kind whose rules hold for a kind: itself, or for a version that is not stored the one that is. */
  rulesOf(kind: Kind): Kind {
    const { storedAs } = kind
    return storedAs && !storedAs.ownRules ? (this.find(storedAs.group, storedAs.version, kind.plural) ?? kind) : kind
  }

  /** All versions in which the objects of a kind are served, itself among them. */
  versionsOf(kind: Kind): readonly Kind[] {
    const place = prefixOf(kind)
    return this.all().filter((k) => k.kind === kind.kind && prefixOf(k) === place)
  }

  inVersion(group: string, version: string): Kind[] {
    return this.all().filter((k) => k.group === group && k.version === version)
  }

  versions(group: string): readonly string[] {
    return this.groups().find((g) => g.name === group)?.versions ?? []
  }

  /** All groups, the core group first. */
  groups(): readonly KindGroup[] {
    if (this.sorted) return this.sorted
    const groups = new Map<string, Set<string>>()
    for (const k of this.byPath.values()) groups.set(k.group, (groups.get(k.group) ?? new Set()).add(k.version))
    this.sorted = [...groups]
      .map(([name, versions]) => ({ name, versions: [...versions].sort(byPriority) }))
      .sort((a, b) => groupRank(a.name) - groupRank(b.name) || (a.name < b.name ? -1 : 1))
    return this.sorted
  }

  /** Adds kinds, or replaces those under the same path. */
  add(...kinds: Kind[]): void {
    for (const kind of kinds) this.byPath.set(path(kind.group, kind.version, kind.plural), kind)
    this.changed()
  }

  remove(...kinds: Kind[]): void {
    for (const kind of kinds) this.byPath.delete(path(kind.group, kind.version, kind.plural))
    this.changed()
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private changed(): void {
    this.generation++
    this.sorted = undefined
    this.preferred.clear()
    for (const listener of this.listeners) listener()
  }
}

function path(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`
}

function groupRank(name: string): number {
  const rank = GROUP_ORDER.indexOf(name)
  return rank < 0 ? GROUP_ORDER.length : rank
}

function stability(version: RegExpExecArray): number {
  return version[2] === undefined ? 2 : version[2] === 'beta' ? 1 : 0
}

/** Kubernetes' version priority: v2 before v1 before v1beta2 before v1alpha1, anything else by name at the end. */
export function byPriority(a: string, b: string): number {
  const x = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(a)
  const y = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(b)
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : a > b ? 1 : 0
  return stability(y) - stability(x) || Number(y[1]) - Number(x[1]) || Number(y[3] ?? 0) - Number(x[3] ?? 0)
}

/** `apps/v1`, or `v1` in the core group. */
export function apiVersionOf(kind: { group: string; version: string }): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version
}

/** The prefix of a resource's keys in the store, of one namespace if it is given. */
export function prefixOf(kind: Kind, namespace = ''): string {
  const place = kind.storageKey ?? `${kind.group || 'core'}/${kind.plural}`
  const resource = `/registry/${place.includes('/') ? place : `core/${place}`}/`
  return namespace && kind.namespaced ? `${resource}${namespace}/` : resource
}

/** The key of one object in the store. */
export function storageKey(kind: Kind, namespace: string, name: string): string {
  return prefixOf(kind, namespace) + name
}

/** An object as one version of its kind shows it: with its JSON. */
export interface View {
  readonly object: KubeObject
  readonly bytes: Buffer
}

const converted = new WeakMap<Kind, WeakMap<StoredObject, View>>()

/** What a stored object looks like as `kind`: itself, unless it is stored in another form. Converted once. */
export function viewOf(kind: Kind, stored: StoredObject): View {
  if (!kind.storedAs) return stored
  let views = converted.get(kind)
  if (!views) converted.set(kind, (views = new WeakMap()))
  let view = views.get(stored)
  if (!view) {
    view = viewAs(kind, stored, kind.storedAs.fromStored(stored.object))
    views.set(stored, view)
  }
  return view
}

function viewAs(kind: Kind, stored: StoredObject, converted: KubeObject): View {
  if (converted === stored.object) return stored
  const object = deepFreeze(arranged(kind, converted))
  return { object, bytes: Buffer.from(shownJson(object)) }
}

/** The order in which the API writes the fields of metadata. */
const METADATA_ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const

/**
 * The object with its fields in the API's order: kind, apiVersion, metadata, the rest. The bytes of everything stored
 * start with kind and apiVersion, so that a list can leave them out by cutting. Nulls and empty metadata are dropped.
 */
export function arranged(kind: Kind, object: KubeObject): KubeObject {
  const sent = object.metadata
  const metadata: Record<string, unknown> = {}
  for (const name of METADATA_ORDER) {
    const value = sent[name]
    if (value === undefined || value === null || value === '') continue
    if (name === 'resourceVersion') metadata[name] = value
    else if (typeof value === 'object' && Object.keys(value).length === 0) continue
    else metadata[name] = value
  }
  // Where all versions have the same rules of form, the object says in which one it is.
  const apiVersion = kind.storedAs?.ownRules && object.apiVersion ? object.apiVersion : apiVersionOf(kind)
  const out: Record<string, unknown> = { kind: kind.kind, apiVersion, metadata }
  for (const name in object) if (name !== 'kind' && name !== 'apiVersion' && name !== 'metadata') out[name] = object[name]
  for (const path of kind.nullLists ?? []) writeNullList(out, path.split('.'))
  return out as KubeObject
}

/** Writes a list that is empty or missing as null, where the part that it belongs to is there. */
function writeNullList(object: Record<string, unknown>, [name, ...rest]: readonly string[]): void {
  const value = object[name!]
  if (rest.length === 0) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) object[name!] = null
    return
  }
  if (typeof value !== 'object' || value === null) return
  const part = { ...(value as Record<string, unknown>) }
  writeNullList(part, rest)
  object[name!] = part
}
