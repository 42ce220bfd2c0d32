/**
 * Deletes what nobody owns any more
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents): in the background when its
 * owners are gone, in the foreground before its owner goes, or sets it free when its owner is deleted as an orphaning one.
 */
import type { Informer } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { KubeObject, OwnerReference } from '../api/object.js'
import { setOwners } from './adoption.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { DiscoveredResource, ResourceDiscovery } from './discovery.js'
import { findByKind, groupOf } from './discovery.js'
import { referenceTo } from './events.js'

const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'

/** Not owned by anything for long, and too many to watch. */
const IGNORED = new Set(['/events', 'events.k8s.io/events'])

/** An object that owns or is owned; one that does neither is not kept. */
interface GraphNode {
  uid: string
  resource: DiscoveredResource
  namespace: string
  name: string
  owners: readonly OwnerReference[]
  deleting: boolean
  foreground: boolean
  orphaning: boolean
}

export interface GarbageCollectorOptions {
  discovery: ResourceDiscovery
}

export function startGarbageCollector(ctx: ControllerContext, { discovery }: GarbageCollectorOptions): Controller {
  /** Objects with owners, and objects that are being deleted in the foreground or as orphaning. */
  const nodes = new Map<string, GraphNode>()
  /** The uids of what each uid owns. */
  const dependents = new Map<string, Set<string>>()
  const watched = new Map<string, Informer<KubeObject>>()
  /** Owners that were found to be gone, by {@link coordinates}, so that a thousand dependents ask once; uids never come back. */
  const absent = new Set<string>()
  const controller = new KeyedController(ctx, { name: 'garbage-collector-controller', workers: 20, sync })

  watchAll()
  controller.onStop(discovery.onChange(watchAll))
  return controller.startAfter(...watched.values())

  /** Watches every resource that can be deleted, those that came since the last call included. */
  function watchAll(): void {
    for (const resource of discovery.resources()) {
      const path = `${resource.group}/${resource.resource}`
      const usable = ['delete', 'list', 'watch'].every((v) => resource.verbs.includes(v))
      if (watched.has(path) || IGNORED.has(path) || !usable) continue
      const informer = ctx.informers.for<KubeObject>(resource)
      watched.set(path, informer)
      controller.listen(informer, {
        add: (object) => seen(resource, object),
        update: (_old, object) => seen(resource, object),
        delete: (object) => gone(resource, object),
      })
    }
  }

  function seen(resource: DiscoveredResource, object: KubeObject): void {
    const { uid, namespace = '', name, ownerReferences = [], finalizers = [], deletionTimestamp } = object.metadata
    const before = nodes.get(uid!)
    const deleting = deletionTimestamp !== undefined
    const node: GraphNode = {
      uid: uid!,
      resource,
      namespace,
      name: name!,
      owners: ownerReferences,
      deleting,
      foreground: deleting && finalizers.includes(FOREGROUND),
      orphaning: deleting && finalizers.includes(ORPHAN),
    }
    if (!before && ownerReferences.length === 0 && !node.foreground && !node.orphaning) return
    link(before, node)
    if (node.foreground || node.orphaning) controller.queue.add(node.uid)
    if (!ownersChanged(before, node)) return
    // A new dependent of an owner that is there is nothing to look into, and that is nearly always so.
    if (!deleting && !node.owners.every((o) => isAlive(node, o))) controller.queue.add(node.uid)
    // Whether it blocks an owner that is going may have changed.
    for (const o of [...(before?.owners ?? []), ...node.owners]) wakeForeground(o.uid)
  }

  /** Whether the cache knows the owner, and it is not being deleted. */
  function isAlive(node: GraphNode, ref: OwnerReference): boolean {
    const resource = findByKind(discovery.resources(), ref.apiVersion, ref.kind)
    const informer = resource && watched.get(`${resource.group}/${resource.resource}`)
    const owner = informer?.get(resource!.namespaced ? node.namespace : '', ref.name)
    return owner?.metadata.uid === ref.uid && owner.metadata.deletionTimestamp === undefined
  }

  function gone({ group, kind }: DiscoveredResource, { metadata }: KubeObject): void {
    const uid = metadata.uid!
    const node = nodes.get(uid)
    miss(coordinates(group, kind, metadata.namespace, metadata.name!, uid))
    if (node) {
      link(node, undefined)
      for (const o of node.owners) wakeForeground(o.uid)
    }
    for (const dependent of dependents.get(uid) ?? []) controller.queue.add(dependent)
  }

  function miss(owner: string): void {
    absent.add(owner)
    if (absent.size > 10_000) absent.delete(absent.values().next().value!)
  }

  function wakeForeground(ownerUid: string): void {
    const owner = nodes.get(ownerUid)
    if (owner?.foreground) controller.queue.add(ownerUid)
  }

  function link(before: GraphNode | undefined, after: GraphNode | undefined): void {
    for (const o of before?.owners ?? []) {
      const set = dependents.get(o.uid)
      set?.delete(before!.uid)
      if (set?.size === 0) dependents.delete(o.uid)
    }
    for (const o of after?.owners ?? []) {
      let set = dependents.get(o.uid)
      if (!set) dependents.set(o.uid, (set = new Set()))
      set.add(after!.uid)
    }
    if (after) nodes.set(after.uid, after)
    else if (before) nodes.delete(before.uid)
  }

  async function sync(uid: string): Promise<void> {
    const node = nodes.get(uid)
    if (!node) return
    if (node.orphaning) return orphan(node)
    if (node.foreground) await finishForeground(node)
    else if (!node.deleting) await collect(node)
  }

  /** Deletes an object none of whose owners is left, or drops the references to those that are gone. */
  async function collect(node: GraphNode): Promise<void> {
    if (node.owners.length === 0) return
    const live = await read(node)
    if (!live || live.metadata.uid !== node.uid || live.metadata.deletionTimestamp !== undefined) return
    const owners = live.metadata.ownerReferences ?? []
    const solid: OwnerReference[] = []
    const dangling: OwnerReference[] = []
    const waiting: OwnerReference[] = []
    for (const o of owners) {
      const owner = await readOwner(node, o)
      // As long as one owner cannot be judged, nothing is done with the object.
      if (owner === 'unknown') return
      if (!owner) dangling.push(o)
      else if (isForeground(owner)) waiting.push(o)
      else solid.push(o)
    }
    if (owners.length === 0 || (dangling.length === 0 && waiting.length === 0)) return
    if (solid.length) {
      await setOwners(live, solid, client(node))
      return
    }
    // Its own dependents go first if it blocks an owner and has dependents that block it.
    const own = [...(dependents.get(node.uid) ?? [])]
    const hasDependents = own.length > 0
    // One of them that waits for its dependents may wait for this very object: such a circle would never end.
    if (waiting.length && own.some((uid) => nodes.get(uid)?.foreground)) await unblock(live, node)
    const finalizers = live.metadata.finalizers ?? []
    const propagationPolicy =
      waiting.length && hasDependents
        ? 'Foreground'
        : finalizers.includes(ORPHAN)
          ? 'Orphan'
          : finalizers.includes(FOREGROUND)
            ? 'Foreground'
            : 'Background'
    await client(node)
      .delete(node.namespace, node.name, { propagationPolicy, preconditions: { uid: node.uid } })
      .catch(ignoreNotFound)
  }

  /** Lets an object keep none of its owners from going. */
  async function unblock(live: KubeObject, node: GraphNode): Promise<void> {
    const owners = (live.metadata.ownerReferences ?? []).map((o) => ({ ...o, blockOwnerDeletion: false }))
    await setOwners(live, owners, client(node))
  }

  /** Deletes the dependents of an object, and lets it go when none that blocks it is left. */
  async function finishForeground(node: GraphNode): Promise<void> {
    let blocked = false
    for (const uid of dependents.get(node.uid) ?? []) {
      const dependent = nodes.get(uid)
      if (!dependent) continue
      if (dependent.owners.some((o) => o.uid === node.uid && o.blockOwnerDeletion)) blocked = true
      if (!dependent.deleting) controller.queue.add(uid)
    }
    if (!blocked) await removeFinalizer(node, FOREGROUND)
  }

  /** Takes the references to an object from its dependents, then lets it go. */
  async function orphan(node: GraphNode): Promise<void> {
    const work = [...(dependents.get(node.uid) ?? [])].map(async (uid) => {
      const dependent = nodes.get(uid)
      const live = dependent && (await read(dependent))
      if (!dependent || !live || live.metadata.uid !== uid) return
      const others = (live.metadata.ownerReferences ?? []).filter((o) => o.uid !== node.uid)
      if (others.length !== (live.metadata.ownerReferences ?? []).length) await setOwners(live, others, client(dependent))
    })
    for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason
    await removeFinalizer(node, ORPHAN)
  }

  async function removeFinalizer(node: GraphNode, finalizer: string): Promise<void> {
    const live = await read(node)
    if (!live || live.metadata.uid !== node.uid || !live.metadata.finalizers?.includes(finalizer)) return
    const finalizers = live.metadata.finalizers.filter((f) => f !== finalizer)
    const { resourceVersion } = live.metadata
    const patch = { metadata: { finalizers: finalizers.length ? finalizers : null, resourceVersion } }
    await client(node).patch(node.namespace, node.name, patch, { type: 'merge' }).catch(ignoreNotFound)
  }

  /** The owner a reference means; undefined when it is gone, `unknown` when its kind is (a deleted CRD may come back). */
  async function readOwner(dependent: GraphNode, ref: OwnerReference): Promise<KubeObject | undefined | 'unknown'> {
    const inNamespace = (namespace: string): string => coordinates(groupOf(ref.apiVersion), ref.kind, namespace, ref.name, ref.uid)
    if (absent.has(inNamespace('')) || absent.has(inNamespace(dependent.namespace))) return undefined
    const resource = findByKind(discovery.resources(), ref.apiVersion, ref.kind)
    if (!resource) return 'unknown'
    // A cluster-scoped object cannot be owned by a namespaced one: such a reference can never be resolved.
    if (resource.namespaced && !dependent.namespace) {
      reportInvalidNamespace(dependent, ref)
      return 'unknown'
    }
    const namespace = resource.namespaced ? dependent.namespace : ''
    const known = ctx.informers.for<KubeObject>(resource)
    const cached = known.get(namespace, ref.name)
    if (cached?.metadata.uid === ref.uid) return cached
    try {
      const live = await ctx.client.resource<KubeObject>(resource).get(namespace, ref.name)
      if (live.metadata.uid === ref.uid) return live
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    if (resource.namespaced && isElsewhere(known, ref.uid, namespace)) reportInvalidNamespace(dependent, ref)
    miss(inNamespace(namespace))
    return undefined
  }

  function reportInvalidNamespace(dependent: GraphNode, ref: OwnerReference): void {
    const { group, version, kind } = dependent.resource
    const { namespace, name, uid } = dependent
    const about = referenceTo(group ? `${group}/${version}` : version, kind, { metadata: { namespace, name, uid } })
    const owner = `ownerRef [${ref.apiVersion}/${ref.kind}, namespace: ${namespace}, name: ${ref.name}, uid: ${ref.uid}]`
    ctx.events.event(about, 'Warning', 'OwnerRefInvalidNamespace', `${owner} does not exist in namespace "${namespace}"`)
  }

  function client(node: GraphNode): ReturnType<typeof ctx.client.resource<KubeObject>> {
    return ctx.client.resource<KubeObject>(node.resource)
  }

  async function read(node: GraphNode): Promise<KubeObject | undefined> {
    try {
      return await client(node).get(node.namespace, node.name)
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}

/** What tells an owner from all others. A reference from a namespace where the owner is not says nothing of those from where it is. */
function coordinates(group: string, kind: string, namespace: string | undefined, name: string, uid: string): string {
  return `${group}/${kind}/${namespace ?? ''}/${name}/${uid}`
}

/** Whether an object is there, but not in this namespace. */
function isElsewhere(objects: Informer<KubeObject>, uid: string, namespace: string): boolean {
  for (const { metadata } of objects.list()) if (metadata.uid === uid) return metadata.namespace !== namespace
  return false
}

function isForeground(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined && !!object.metadata.finalizers?.includes(FOREGROUND)
}

function ownersChanged(a: GraphNode | undefined, b: GraphNode): boolean {
  if (!a || a.owners.length !== b.owners.length) return true
  return b.owners.some((o, i) => o.uid !== a.owners[i]!.uid || o.blockOwnerDeletion !== a.owners[i]!.blockOwnerDeletion)
}

function ignoreNotFound(error: unknown): void {
  if (!isReason(error, 'NotFound')) throw error
}
