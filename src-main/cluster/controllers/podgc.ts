/**
 * Deletes pods that nobody will deal with any more: those of nodes that are gone or out of service, and finished ones
 * when there are too many (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection).
 */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Node, Pod } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { isOutOfService } from './outofservice.js'
import { isPodFinished, podInformer, timeOf } from './pods.js'

export interface PodGCOptions {
  /** How many finished pods may stay: kube-controller-manager's --terminated-pod-gc-threshold. */
  threshold?: number
}

const ORPHAN_DELAY_MS = 40_000
const ALL = 'finished'
/** Of too many finished pods those that their node has evicted go first. */
const EVICTED = 'Evicted'

export function startPodGCController(ctx: ControllerContext, { threshold = 12_500 }: PodGCOptions = {}): Controller {
  const client = ctx.client.resource<Pod>(resources.pods)
  const nodes = ctx.informers.for<Node>(resources.nodes)
  const pods = podInformer(ctx.informers)
  const onNode = 'pods-by-node'
  pods.addIndex(onNode, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []))
  let finished = 0
  const controller = new KeyedController(ctx, { name: 'pod-garbage-collector', workers: 1, sync })
  // Before the informers are listened to: they tell of what is there at once.
  const considerOutOfService = (node: Node | undefined): void => {
    if (node && isOutOfService(node)) controller.queue.add(`out-of-service/${node.metadata.name}`)
  }
  const count = (before: Pod | undefined, after: Pod | undefined): void => {
    finished += Number(!!after && isPodFinished(after)) - Number(!!before && isPodFinished(before))
    if (finished > threshold) controller.queue.add(ALL)
    // A pod that was being deleted before it got a node has nobody who would end it.
    if (after && after.metadata.deletionTimestamp !== undefined && !after.spec?.nodeName)
      controller.queue.add(`unscheduled/${after.metadata.namespace}/${after.metadata.name}`)
    if (after?.spec?.nodeName && after.metadata.deletionTimestamp !== undefined && !before?.metadata.deletionTimestamp)
      considerOutOfService(nodes.get('', after.spec.nodeName))
    if (after?.spec?.nodeName && !before?.spec?.nodeName && !nodes.get('', after.spec.nodeName))
      controller.queue.addAfter(`node/${after.spec.nodeName}`, ORPHAN_DELAY_MS)
  }
  controller.listen(pods, { add: (pod) => count(undefined, pod), update: count, delete: (pod) => count(pod, undefined) })
  controller.listen(nodes, { add: considerOutOfService, update: (_old, node) => considerOutOfService(node) })
  controller.listen(nodes, { delete: (node) => controller.queue.addAfter(`node/${node.metadata.name}`, ORPHAN_DELAY_MS) })
  return controller.startAfter(nodes, pods)

  async function sync(key: string): Promise<void> {
    if (key === ALL) return deleteFinished()
    if (key.startsWith('node/')) return deleteOrphans(key.slice('node/'.length))
    if (key.startsWith('out-of-service/')) return deleteTerminating(key.slice('out-of-service/'.length))
    const pod = pods.getByKey(key.slice('unscheduled/'.length))
    if (pod && pod.metadata.deletionTimestamp !== undefined && !pod.spec?.nodeName) await remove(pod, [])
  }

  async function deleteFinished(): Promise<void> {
    const surplus = [...pods.list()].filter(isPodFinished)
    surplus.sort(
      (a, b) =>
        Number(b.status?.reason === EVICTED) - Number(a.status?.reason === EVICTED) ||
        timeOf(a.metadata.creationTimestamp) - timeOf(b.metadata.creationTimestamp) ||
        (a.metadata.name! < b.metadata.name! ? -1 : 1),
    )
    await Promise.all(surplus.slice(0, Math.max(0, surplus.length - threshold)).map((pod) => remove(pod)))
  }

  /** Nobody will end the pods that are being deleted on a node that is out of service. */
  async function deleteTerminating(nodeName: string): Promise<void> {
    const node = nodes.get('', nodeName)
    if (!node || !isOutOfService(node)) return
    const terminating = pods.byIndex(onNode, nodeName).filter((pod) => pod.metadata.deletionTimestamp !== undefined)
    await Promise.all(terminating.map((pod) => remove(pod, [])))
  }

  async function deleteOrphans(nodeName: string): Promise<void> {
    const orphans = pods.byIndex(onNode, nodeName)
    if (orphans.length === 0 || nodes.get('', nodeName)) return
    const live = await ctx.client.resource<Node>(resources.nodes).get('', nodeName).catch(nothingIfGone)
    if (live) return
    const conditionOf = ({ metadata: { generation } }: Pod): object => ({
      type: 'DisruptionTarget',
      ...(generation ? { observedGeneration: generation } : {}),
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      lastTransitionTime: rfc3339(ctx.clock.now()),
    })
    await Promise.all(orphans.map((pod) => remove(pod, [conditionOf(pod)])))
  }

  /** @param conditions are given to a pod that has not finished, with the phase Failed */
  async function remove(pod: Pod, conditions?: readonly object[]): Promise<void> {
    const { namespace, name, uid } = pod.metadata
    try {
      if (conditions && !isPodFinished(pod)) {
        const status = { phase: 'Failed', ...(conditions.length ? { conditions } : {}) }
        await client.patch(namespace!, name!, { status }, { type: 'strategic', subresource: 'status' })
      }
      await client.delete(namespace!, name!, { gracePeriodSeconds: 0, preconditions: { uid: uid! } })
    } catch (error) {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
  }
}

function nothingIfGone(error: unknown): undefined {
  if (!isReason(error, 'NotFound')) throw error
}
