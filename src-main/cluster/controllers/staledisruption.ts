/**
 * Takes back the condition `DisruptionTarget` of pods that were to be disrupted and then were not: part of the
 * disruption controller (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions).
 */
import { resources } from '../api/client.js'
import type { Pod } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { isPodFinished, podCondition, podInformer, timeOrLongAgo } from './pods.js'

/** A pod that still is not being deleted after this time is taken to be spared. */
const STALE_MS = 2 * 60_000
const TYPE = 'DisruptionTarget'

export function startStaleDisruptionController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Pod>(resources.pods)
  const pods = podInformer(ctx.informers)
  const controller = new KeyedController(ctx, { name: 'stale-disruption', workers: 1, sync })
  const onPod = (pod: Pod): void => {
    const left = untilStale(pod)
    if (left !== undefined) controller.queue.addAfter(keyOf(pod), left)
  }
  controller.listen(pods, { add: onPod, update: (_old, pod) => onPod(pod) })
  return controller.startAfter(pods)

  /** Milliseconds until the condition is stale, 0 or less when it is; undefined when it never will be. */
  function untilStale(pod: Pod): number | undefined {
    const condition = podCondition(pod, TYPE)
    if (condition?.status !== 'True' || pod.metadata.deletionTimestamp !== undefined || isPodFinished(pod)) return undefined
    // A kubelet that ends a pod may take any time until the pod is deleted.
    if (condition.reason === 'TerminationByKubelet') return undefined
    return timeOrLongAgo(condition.lastTransitionTime) + STALE_MS - ctx.clock.now()
  }

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const pod = pods.get(namespace, name)
    const left = pod && untilStale(pod)
    if (!pod || left === undefined) return
    if (left > 0) return controller.queue.addAfter(key, left)
    const condition = { type: TYPE, status: 'False', reason: null, message: null, lastTransitionTime: rfc3339(ctx.clock.now()) }
    await client.patch(namespace, name, { status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' })
  }
}
