/** Evicts pods that have devices with NoExecute taints, at once or after the `tolerationSeconds` of their claims (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-taints-and-tolerations). */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ResourceClaim } from '../api/kinds/resourceclaim.js'
import type { ResourceSlice } from '../api/kinds/resourceslice.js'
import type { Pod } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { AllocatedDevice, Device } from '../scheduler/devices/model.js'
import { covers } from '../scheduler/plugins/tainttoleration.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { deletePod, podInformer, timeOf } from './pods.js'
import { sameValue } from './templatehash.js'

type Taint = NonNullable<Device['taints']>[number]

/** Claims by the uids of the pods that may use them. */
const BY_USER = 'resourceclaims-by-user'
/** Slices by `driver/pool`. */
const BY_POOL = 'resourceslices-by-pool'

export function startDeviceTaintEvictionController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Pod>(resources.pods)
  const claims = ctx.informers.for<ResourceClaim>(resources.resourceclaims)
  const slices = ctx.informers.for<ResourceSlice>(resources.resourceslices)
  const pods = podInformer(ctx.informers)
  const controller = new KeyedController(ctx, { name: 'device-taint-eviction-controller', sync })
  claims.addIndex(BY_USER, (claim) => (claim.status?.reservedFor ?? []).map((user) => user.uid))
  slices.addIndex(BY_POOL, (slice) => [poolOf(slice)])
  /** The uids of pods whose eviction is to come, by their keys. */
  const planned = new Map<string, string>()

  const onClaim = ({ metadata: { namespace }, status }: ResourceClaim): void => {
    for (const user of status?.reservedFor ?? []) if (user.resource === 'pods') controller.queue.add(`${namespace}/${user.name}`)
  }
  const onSlice = (slice: ResourceSlice): void => {
    const pool = poolOf(slice)
    for (const claim of claims.list()) if (devicesOf(claim).some((d) => `${d.driver}/${d.pool}` === pool)) onClaim(claim)
  }
  const onPod = (pod: Pod): void => {
    if (pod.spec?.resourceClaims?.length && pod.spec.nodeName) controller.queue.add(keyOf(pod))
  }
  controller.listen(claims, {
    add: onClaim,
    update(old, claim) {
      onClaim(old)
      onClaim(claim)
    },
    delete: onClaim,
  })
  controller.listen(slices, {
    add: onSlice,
    update: (old, slice) => (sameValue(old.spec, slice.spec) ? undefined : onSlice(slice)),
    delete: onSlice,
  })
  controller.listen(pods, { add: onPod, update: (_old, pod) => onPod(pod), delete: (pod) => void planned.delete(keyOf(pod)) })
  return controller.startAfter(pods, claims, slices)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const pod = pods.get(namespace, name)
    if (!pod?.spec?.nodeName || pod.metadata.deletionTimestamp !== undefined) return void planned.delete(key)
    const when = Math.min(...claims.byIndex(BY_USER, pod.metadata.uid!).map(evictionTime))
    if (when === Infinity) {
      if (planned.delete(key)) tell(pod, 'Cancelling deletion')
      return
    }
    const left = when - ctx.clock.now()
    if (left > 0) {
      planned.set(key, pod.metadata.uid!)
      return controller.queue.addAfter(key, left)
    }
    planned.delete(key)
    await evict(pod)
  }

  /** From when on the pods that use a claim are to go; Infinity when they may stay. */
  function evictionTime(claim: ResourceClaim): number {
    let first = Infinity
    for (const allocated of devicesOf(claim))
      for (const taint of deviceOf(allocated)?.taints ?? []) {
        if (taint.effect === 'NoExecute') first = Math.min(first, timeOf(taint.timeAdded) + toleranceOf(allocated, taint))
      }
    return first
  }

  /** What the newest slices of its pool say of a device. */
  function deviceOf({ driver, pool, device }: AllocatedDevice): Device | undefined {
    const all = slices.byIndex(BY_POOL, `${driver}/${pool}`)
    const newest = Math.max(...all.map((s) => s.spec.pool.generation))
    return all.flatMap((s) => (s.spec.pool.generation === newest ? (s.spec.devices ?? []) : [])).find((d) => d.name === device)
  }

  async function evict(pod: Pod): Promise<void> {
    const { namespace, name } = pod.metadata
    tell(pod, 'Marking for deletion')
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByDeviceTaintManager',
      message: 'Device Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: rfc3339(ctx.clock.now()),
    }
    try {
      await client.patch(namespace!, name!, { status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' })
      await deletePod(ctx.client, pod)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  function tell({ metadata: { namespace, name, uid } }: Pod, text: string): void {
    const about = { apiVersion: 'v1', kind: 'Pod', namespace: namespace!, name: name!, uid: uid! }
    ctx.events.event(about, 'Normal', 'DeviceTaintManagerEviction', text)
  }
}

function poolOf({ spec }: ResourceSlice): string {
  return `${spec.driver}/${spec.pool.name}`
}

function devicesOf(claim: ResourceClaim): readonly AllocatedDevice[] {
  return claim.status?.allocation?.devices?.results ?? []
}

/** For how long, ms, a taint is borne: the shortest time that the tolerations for it name, and for ever when one names none. */
function toleranceOf({ tolerations = [] }: AllocatedDevice, taint: Taint): number {
  const meant = tolerations.filter((t) => t.effect === 'NoExecute' && covers(t, taint))
  if (meant.some((t) => t.tolerationSeconds === undefined)) return Infinity
  return meant.length === 0 ? 0 : 1000 * Math.max(0, Math.min(...meant.map((t) => Number(t.tolerationSeconds))))
}
