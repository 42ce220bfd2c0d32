/** Evicts pods from nodes with NoExecute taints, at once or after their `tolerationSeconds` (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions). */
import { jsonText } from '../../exact-json.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Node, Pod } from '../api/object.js'
import { keyOf } from '../api/object.js'
import type { Timer } from '../clock.js'
import { rfc3339 } from '../clock.js'
import { covers } from '../scheduler/plugins/tainttoleration.js'
import type { Controller, ControllerContext } from './controller.js'
import { referenceTo } from './events.js'
import { deletePod, podInformer } from './pods.js'

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number]

const PODS_BY_NODE = 'pods-by-node'

export function startTaintEvictionController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Pod>(resources.pods)
  const nodes = ctx.informers.for<Node>(resources.nodes)
  const pods = podInformer(ctx.informers)
  pods.addIndex(PODS_BY_NODE, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []))
  /** Evictions to come, with the time at which they were planned. */
  const planned = new Map<string, { since: number; timer: Timer }>()
  /** The pods that are being deleted right now. */
  const leaving = new Set<string>()

  const onNode = (old: Node | undefined, node: Node): void => {
    if (old && JSON.stringify(noExecute(old)) === JSON.stringify(noExecute(node))) return
    if (!old && noExecute(node).length === 0) return
    for (const pod of pods.byIndex(PODS_BY_NODE, node.metadata.name!)) plan(pod, node)
  }
  const onPod = (old: Pod | undefined, pod: Pod): void => {
    // What is planned for a pod that is being deleted ends with the pod.
    if (!pod.spec?.nodeName || pod.metadata.deletionTimestamp !== undefined) return
    if (old?.spec?.nodeName === pod.spec.nodeName && jsonText(old.spec.tolerations) === jsonText(pod.spec.tolerations)) return
    const node = nodes.get('', pod.spec.nodeName)
    if (node) plan(pod, node)
  }
  const stops = [
    nodes.on({ add: (node) => onNode(undefined, node), update: onNode }),
    pods.on({ add: (pod) => onPod(undefined, pod), update: onPod, delete: cancel }),
  ]
  return {
    name: 'taint-eviction-controller',
    stop() {
      for (const stop of stops) stop()
      for (const { timer } of planned.values()) timer.cancel()
    },
  }

  function plan(pod: Pod, node: Node): void {
    if (pod.metadata.deletionTimestamp !== undefined || leaving.has(keyOf(pod))) return
    const taints = noExecute(node)
    const tolerance = toleranceOf(pod, taints)
    const now = ctx.clock.now()
    // An eviction that is planned stays as it is: a longer time comes too late, and so does a shorter one.
    if (tolerance > 0 && tolerance !== Infinity && (planned.get(keyOf(pod))?.since ?? now) < now) return
    cancel(pod)
    if (tolerance === Infinity) return
    // What happens to the taint meanwhile comes too late.
    if (tolerance === 0) return void evict(pod)
    const timer = ctx.clock.after(tolerance * 1000, () => {
      planned.delete(keyOf(pod))
      void evict(pod)
    })
    planned.set(keyOf(pod), { since: now, timer })
  }

  /** Gives up an eviction that is planned, and says so, be it because the pod is gone. */
  function cancel(pod: Pod): void {
    planned.get(keyOf(pod))?.timer.cancel()
    if (planned.delete(keyOf(pod)))
      ctx.events.event(referenceTo('v1', 'Pod', pod), 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${keyOf(pod)}`)
  }

  async function evict(pod: Pod): Promise<void> {
    const { namespace, name } = pod.metadata
    leaving.add(keyOf(pod))
    ctx.events.event(referenceTo('v1', 'Pod', pod), 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`)
    const condition = {
      type: 'DisruptionTarget',
      ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: rfc3339(ctx.clock.now()),
    }
    try {
      await client.patch(namespace!, name!, { status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' })
      await deletePod(ctx.client, pod)
    } catch (error) {
      if (!isReason(error, 'NotFound', 'Conflict')) ctx.log(`evicting ${keyOf(pod)} failed`, error)
    } finally {
      leaving.delete(keyOf(pod))
    }
  }
}

function noExecute(node: Node): Taint[] {
  return (node.spec?.taints ?? []).filter((t) => t.effect === 'NoExecute')
}

/** For how many seconds a pod bears the taints: 0 when not at all, Infinity when for ever. Of several tolerations the first counts. */
function toleranceOf(pod: Pod, taints: readonly Taint[]): number {
  let least = Infinity
  for (const taint of taints) {
    const toleration = pod.spec?.tolerations?.find((t) => covers(t, taint))
    if (!toleration) return 0
    if (toleration.tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, Number(toleration.tolerationSeconds)))
  }
  return least
}
