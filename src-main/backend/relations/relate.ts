/** Which objects hang together, from the objects themselves: owner references, selectors and references by name. */
import type { Json } from '../kinds/kind.js'
import { resourceKey } from '../session/paths.js'
import type { KindInfo, RelatedObject, Relation } from '../rpc/contract.js'
import { matches } from './selector.js'
import { stateOf } from './state.js'
import { usedBy } from './used-by.js'

/** What was read of one kind. Of ConfigMaps and Secrets that is metadata alone. */
export interface Listed {
  kind: KindInfo
  objects: Json[]
  /** All there are were read: an object that is not among them is missing. */
  whole: boolean
}

/** Kinds that are shown only when something refers to them. */
const BY_REFERENCE = new Set(['configmaps', 'secrets'])

interface Known extends RelatedObject {
  object: Json
}

/** @param kinds all kinds of the cluster, for owners of kinds that were not read */
export function relate(lists: readonly Listed[], kinds: readonly KindInfo[]): { objects: RelatedObject[]; relations: Relation[] } {
  /** The kind that a reference names, whatever its version. */
  const kindOf = ({ apiVersion = '', kind }: { apiVersion?: string; kind?: string }): KindInfo | undefined =>
    kinds.find((k) => k.kind === kind && k.group === (apiVersion.includes('/') ? apiVersion.split('/')[0] : ''))
  const byId = new Map<string, Known>()
  const byUid = new Map<string, Known>()
  const relations = new Map<string, Relation>()
  const idOf = (kind: KindInfo, namespace: string | undefined, name: string): string =>
    [resourceKey(kind), ...(kind.namespaced && namespace ? [namespace] : []), name].join('/')

  function add(
    kind: KindInfo,
    namespace: string | undefined,
    name: string,
    object: Json,
    state: Pick<RelatedObject, 'status' | 'tone'>,
  ): Known {
    const { group, version, resource } = kind
    const ref = { group, version, resource, name, ...(kind.namespaced && namespace ? { namespace } : {}) }
    const known: Known = { id: idOf(kind, namespace, name), kind, ref, ...state, object }
    byId.set(known.id, known)
    return known
  }
  const link = (from: Known, to: Known, type: Relation['type']): void => {
    relations.set(`${from.id} ${to.id} ${type}`, { from: from.id, to: to.id, type })
  }

  for (const { kind, objects } of lists)
    for (const object of objects) {
      const m = object.metadata ?? {}
      if (isPast(kind, object)) continue
      const known = add(kind, m.namespace, m.name, object, stateOf(kind, object))
      if (m.uid) byUid.set(m.uid, known)
    }

  // Owners; those of kinds that were not read are known by the reference alone.
  const ownerOf = new Map<Known, Known>()
  for (const child of byId.values()) {
    const owners: Json[] = child.object.metadata?.ownerReferences ?? []
    const reference = owners.find((o) => o.controller) ?? owners[0]
    if (!reference) continue
    const owner = byUid.get(reference.uid) ?? foreign(reference, child)
    if (!owner) continue
    ownerOf.set(child, owner)
    link(owner, child, 'owns')
  }
  function foreign(reference: Json, child: Known): Known | undefined {
    const kind = kindOf(reference)
    // A node owns its static pods: that is no relation of the namespace.
    if (!kind || kind.kind === 'Node') return undefined
    const id = idOf(kind, child.ref.namespace, reference.name)
    const found = byId.get(id)
    if (found) return found
    const owner = add(kind, child.ref.namespace, reference.name, {}, { status: '' })
    // Gone before what it owns, which the garbage collector is about to take.
    return lists.some((l) => l.kind === kind && l.whole) ? Object.assign(owner, { missing: true }) : owner
  }
  const rootOf = (o: Known): Known => {
    let at = o
    for (let steps = 0; steps < 8; steps++) {
      const owner = ownerOf.get(at)
      if (!owner) break
      at = owner
    }
    return at
  }

  /** What a reference by name leads to; what is not there is shown as missing where that is certain. */
  function named(key: string, namespace: string | undefined, name: string): Known | undefined {
    const list = lists.find((l) => resourceKey(l.kind) === key)
    if (!list || !name) return undefined
    const found = byId.get(idOf(list.kind, namespace, name))
    if (found || !list.whole) return found
    return Object.assign(add(list.kind, namespace, name, {}, { status: '', tone: 'bad' }), { missing: true })
  }

  const all = [...byId.values()]
  const of = (key: string): Known[] => all.filter((o) => resourceKey(o.kind) === key)
  const pods = of('pods')
  const selectable = all.filter((o) => !ownerOf.has(o) && o.object.spec?.template?.metadata)
  /** The workloads whose pods a selector selects, or pods of no workload. */
  function selected(namespace: string | undefined, selector: Json): { roots: Known[]; pods: Known[] } {
    const there = pods.filter((p) => p.ref.namespace === namespace && matches(selector, p.object.metadata?.labels))
    const idle = selectable.filter((w) => w.ref.namespace === namespace && matches(selector, w.object.spec.template.metadata.labels))
    return { roots: [...new Set([...there.map(rootOf), ...idle])], pods: there }
  }

  for (const ingress of of('ingresses.networking.k8s.io')) {
    const spec = ingress.object.spec ?? {}
    const backends: Json[] = [
      spec.defaultBackend,
      ...(spec.rules ?? []).flatMap((r: Json) => (r.http?.paths ?? []).map((p: Json) => p.backend)),
    ]
    for (const b of backends) {
      const service = b?.service?.name && named('services', ingress.ref.namespace, b.service.name)
      if (service) link(ingress, service, 'routes')
    }
    for (const t of spec.tls ?? []) {
      const secret = t.secretName && named('secrets', ingress.ref.namespace, t.secretName)
      if (secret) link(ingress, secret, 'uses')
    }
  }
  for (const service of of('services')) {
    const selector = service.object.spec?.selector
    if (!selector || service.object.spec.type === 'ExternalName') continue
    const found = selected(service.ref.namespace, selector)
    for (const root of found.roots) link(service, root, 'selects')
    const ready = found.pods.filter((p) => p.tone === 'ok').length
    service.status = `${ready}/${found.pods.length}`
    service.tone = ready === 0 ? 'bad' : ready < found.pods.length ? 'warn' : 'ok'
  }
  for (const scaler of of('horizontalpodautoscalers.autoscaling')) {
    const target = scaler.object.spec?.scaleTargetRef
    const kind = target && kindOf(target)
    const found = kind && named(resourceKey(kind), scaler.ref.namespace, target.name)
    if (found) link(scaler, found, 'scales')
  }
  for (const budget of of('poddisruptionbudgets.policy'))
    for (const root of selected(budget.ref.namespace, budget.object.spec?.selector).roots) link(budget, root, 'guards')

  for (const user of all) {
    const isPod = resourceKey(user.kind) === 'pods'
    // Pods of a workload read what its template says; only their claims are their own.
    const owned = ownerOf.has(user)
    if (owned && !isPod) continue
    for (const use of usedBy(user.object)) {
      const claim = use.key === 'persistentvolumeclaims'
      if (isPod && owned && !claim) continue
      // An object that may be missing is no fault.
      const list = lists.find((l) => resourceKey(l.kind) === use.key)
      if (use.optional && list && !byId.has(idOf(list.kind, user.ref.namespace, use.name))) continue
      const to = named(use.key, user.ref.namespace, use.name)
      if (to) link(user, to, 'uses')
    }
  }

  const referred = new Set([...relations.values()].flatMap((r) => (r.type === 'owns' ? [] : [r.from, r.to])))
  const objects = [...byId.values()]
    .filter((o) => referred.has(o.id) || !BY_REFERENCE.has(resourceKey(o.kind)))
    .map(({ object: _, ...shown }): RelatedObject => shown)
  const shownIds = new Set(objects.map((o) => o.id))
  return { objects, relations: [...relations.values()].filter((r) => shownIds.has(r.from) && shownIds.has(r.to)) }
}

/** Whether an object is of the past: a ReplicaSet that a rollout left without pods. */
function isPast(kind: KindInfo, object: Json): boolean {
  return (
    kind.resource === 'replicasets' &&
    (object.metadata?.ownerReferences ?? []).length > 0 &&
    (object.spec?.replicas ?? 0) === 0 &&
    (object.status?.replicas ?? 0) === 0
  )
}
