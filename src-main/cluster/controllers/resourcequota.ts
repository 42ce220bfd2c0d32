/** Counts anew what a namespace uses of its quotas: admission adds, and this takes away what is gone (https://kubernetes.io/docs/concepts/policy/resource-quotas/). */
import type * as k8s from '@kubernetes/client-node'
import type { AdmissionAttributes } from '../access/admission/plugin.js'
import type { Claim } from '../access/admission/quota-usage.js'
import { classesOf, scopeMatches, usageOf } from '../access/admission/quota-usage.js'
import type { Informer } from '../api/client.js'
import { resources } from '../api/client.js'
import type { Kind } from '../api/kinds/kind.js'
import { heldSpec } from '../api/kinds/rules/held-resources.js'
import { addQuantities, canonicalQuantity, formatQuantity, parseQuantity } from '../api/kinds/rules/quantity.js'
import type { KubeObject, ObjectMeta, Pod, Wire } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { DiscoveredResource, ResourceDiscovery } from './discovery.js'
import { isPodFinished, timeOf } from './pods.js'
import { updateStatus } from './status.js'
import { canonical } from './templatehash.js'

export type ResourceQuota = Wire<k8s.V1ResourceQuota> & { metadata: ObjectMeta }

/** How often each quota is counted anew without a cause: --resource-quota-sync-period. */
const RESYNC_MS = 5 * 60_000

export interface ResourceQuotaOptions {
  discovery: ResourceDiscovery
}

export function startResourceQuotaController(ctx: ControllerContext, { discovery }: ResourceQuotaOptions): Controller {
  const client = ctx.client.resource<ResourceQuota>(resources.resourcequotas)
  const quotas = ctx.informers.for<ResourceQuota>(resources.resourcequotas)
  const watched = new Map<string, { resource: DiscoveredResource; informer: Informer<KubeObject> }>()
  const controller = new KeyedController(ctx, { name: 'resourcequota-controller', sync })
  controller.listen(quotas, {
    add: (quota) => consider(quota),
    update(old, quota) {
      if (canonical(old.spec) !== canonical(quota.spec)) consider(quota)
    },
  })
  // A quota may name a resource that is defined only later.
  controller.onStop(
    discovery.onChange(() => {
      for (const quota of quotas.list()) consider(quota)
    }),
  )
  return controller.startAfter(quotas)

  /** Watches what the quota limits, from the first quota on that limits it. */
  function consider(quota: ResourceQuota): void {
    for (const resource of limitedBy(quota, discovery.resources())) watch(resource)
    controller.queue.add(keyOf(quota))
  }

  function watch(resource: DiscoveredResource): void {
    const path = `${resource.group}/${resource.resource}`
    if (watched.has(path)) return
    const informer = ctx.informers.for<KubeObject>(resource)
    watched.set(path, { resource, informer })
    const replenish = (object: KubeObject): void => {
      for (const quota of quotas.list(object.metadata.namespace)) controller.queue.add(keyOf(quota))
    }
    controller.listen(informer, {
      update(old, object) {
        if (givesBack(resource, old, object)) replenish(object)
      },
      delete: replenish,
    })
    void informer.synced.then(() => {
      for (const quota of quotas.list()) controller.queue.add(keyOf(quota))
    })
  }

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const quota = quotas.get(namespace, name)
    if (!quota) return
    const limited = limitedBy(quota, discovery.resources())
    await Promise.all(limited.map((r) => ctx.informers.for(r).synced))
    const hard: Record<string, string> = quota.spec?.hard ?? {}
    const used = Object.fromEntries(Object.keys(hard).map((k) => [k, parseQuantity('0')]))
    for (const resource of limited) {
      const kind = { group: resource.group, plural: resource.resource, kind: resource.kind } as Kind
      for (const object of ctx.informers.for<KubeObject>(resource).list(namespace)) {
        if (!scopeMatches(quota, { kind, object } as unknown as AdmissionAttributes)) continue
        // What has ended takes nothing any more, but is still one of the objects that are stored.
        const ended = kind.kind === 'Pod' && kind.group === '' && hasEnded(object as unknown as Pod, ctx.clock.now())
        for (const [what, amount] of Object.entries(usageOf(kind, object, 'CREATE')))
          if (used[what] && (!ended || what === 'count/pods')) used[what] = addQuantities(used[what], parseQuantity(amount))
      }
    }
    const status = {
      hard: Object.fromEntries(Object.entries(hard).map(([k, v]) => [k, canonicalQuantity(v)])),
      used: Object.fromEntries(Object.entries(used).map(([k, q]) => [k, formatQuantity(q)])),
    }
    if (canonical(quota.status) !== canonical(status)) await updateStatus(client, quota, status)
    // What admission charged for a request that then failed is given back by counting anew now and then.
    controller.queue.addAfter(key, RESYNC_MS)
  }
}

/** Whether quotas leave a pod out: it has finished, or was to be gone by now and its node does not answer. */
function hasEnded(pod: Pod, now: number): boolean {
  if (isPodFinished(pod)) return true
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false
  return now > timeOf(deletionTimestamp) + Number(deletionGracePeriodSeconds) * 1000
}

/**
 * Whether a change may lower what an object uses: a pod that has ended, holds other resources or has another deadline, a
 * claim that left a class, any other specification.
 */
function givesBack(resource: DiscoveredResource, old: KubeObject, object: KubeObject): boolean {
  if (resource.group !== '') return canonical(old.spec) !== canonical(object.spec)
  if (resource.resource === 'pods') {
    const [before, after] = [old as unknown as Pod, object as unknown as Pod]
    return (isPodFinished(after) && !isPodFinished(before)) || canonical(weighed(before)) !== canonical(weighed(after))
  }
  if (resource.resource === 'persistentvolumeclaims') {
    const [before, after] = [classesOf(old as unknown as Claim), classesOf(object as unknown as Claim)]
    if (canonical(before) !== canonical(after)) return true
  }
  return canonical(old.spec) !== canonical(object.spec)
}

/** What of a pod quotas weigh, and decide by which of them it is weighed. */
function weighed(pod: Pod): unknown {
  const { containers, initContainers, resources: whole, activeDeadlineSeconds } = heldSpec(pod)
  return [containers, initContainers, whole, activeDeadlineSeconds]
}

/** The resources whose objects a quota counts. */
function limitedBy(quota: ResourceQuota, all: readonly DiscoveredResource[]): DiscoveredResource[] {
  const wanted = new Set<string>()
  for (const name of Object.keys(quota.spec?.hard ?? {})) {
    if (name.startsWith('count/')) {
      const [resource, ...group] = name.slice('count/'.length).split('.')
      wanted.add(`${group.join('.')}/${resource}`)
    } else if (name.startsWith('services')) wanted.add('/services')
    else if (name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/')) wanted.add('/persistentvolumeclaims')
    else if (all.some((r) => r.group === '' && r.resource === name)) wanted.add(`/${name}`)
    else if (name.endsWith('.deviceclass.resource.k8s.io/devices')) wanted.add('resource.k8s.io/resourceclaims')
    else {
      wanted.add('/pods')
      // Devices may be asked for by name of the resource, or by claims.
      if (name.startsWith('requests.deviceclass.resource.kubernetes.io/')) wanted.add('resource.k8s.io/resourceclaims')
    }
  }
  return all.filter((r) => r.namespaced && wanted.has(`${r.group}/${r.resource}`))
}
