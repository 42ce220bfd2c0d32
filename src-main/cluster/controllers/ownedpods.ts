/** Turns changes of pods into keys of the workloads that own them, or might come to own them. */
import type { Informer } from '../api/client.js'
import type { ObjectMeta, OwnerReference, Pod } from '../api/object.js'
import { controllerOf, keyOf } from '../api/object.js'
import type { KeyedController } from './controller.js'
import type { Expectations } from './expectations.js'

export interface OwnedPodsOptions<T extends { metadata: ObjectMeta }> {
  controller: KeyedController
  pods: Informer<Pod>
  /** The kind that controller references of these pods carry, such as `ReplicaSet`. */
  ownerKind: string
  owners: Informer<T>
  expectations?: Expectations
  /** The owners in the pod's namespace whose selector matches it, for a pod that nobody controls. */
  matching?(pod: Pod): Iterable<T>
  /** Told of every change of an owned pod, before its owner is enqueued. */
  changed?(owner: T, old: Pod | undefined, pod: Pod): void
  /**
   * How long changes of an owner's pods are gathered before it is looked at, ms; none by default. For owners of very
   * many pods, of which each look costs what their number is.
   */
  gatherMs?(owner: T): number
}

/** The owner that a controller reference means, if it is of this kind and still the same object. */
export function resolveOwner<T extends { metadata: ObjectMeta }>(
  owners: Informer<T>,
  kind: string,
  namespace: string,
  ref: OwnerReference | undefined,
): T | undefined {
  if (!ref || ref.kind !== kind) return undefined
  const owner = owners.get(namespace, ref.name)
  return owner?.metadata.uid === ref.uid ? owner : undefined
}

/** Listens to pods and enqueues their owners. */
export function listenToOwnedPods<T extends { metadata: ObjectMeta }>(options: OwnedPodsOptions<T>): void {
  const { controller, expectations, ownerKind, owners } = options
  const ownerOf = (pod: Pod): T | undefined => resolveOwner(owners, ownerKind, pod.metadata.namespace!, controllerOf(pod))
  const enqueue = (owner: T): void => controller.queue.addAfter(keyOf(owner), options.gatherMs?.(owner) ?? 0)
  const enqueueMatching = (pod: Pod): void => {
    for (const owner of options.matching?.(pod) ?? []) controller.queue.add(keyOf(owner))
  }
  const gone = (pod: Pod): void => {
    const ref = controllerOf(pod)
    if (ref?.kind !== ownerKind) return
    // The owner itself may be gone already; its key is the same.
    const key = `${pod.metadata.namespace}/${ref.name}`
    expectations?.deletionObserved(key, keyOf(pod))
    const owner = ownerOf(pod)
    if (owner) options.changed?.(owner, pod, pod)
    controller.queue.add(key)
  }
  controller.listen(options.pods, {
    add(pod) {
      if (pod.metadata.deletionTimestamp !== undefined) return gone(pod)
      if (!controllerOf(pod)) return enqueueMatching(pod)
      const owner = ownerOf(pod)
      if (!owner) return
      options.changed?.(owner, undefined, pod)
      expectations?.creationObserved(keyOf(owner))
      // The last pod of a burst makes room for the next burst.
      if (expectations?.satisfied(keyOf(owner))) controller.queue.add(keyOf(owner))
      else enqueue(owner)
    },
    update(old, pod) {
      if (pod.metadata.deletionTimestamp !== undefined && old.metadata.deletionTimestamp === undefined) {
        gone(pod)
        // Labels may have changed in the same write.
        if (old.metadata.labels !== pod.metadata.labels) gone(old)
        return
      }
      const oldRef = controllerOf(old)
      const ref = controllerOf(pod)
      if (oldRef && oldRef.uid !== ref?.uid) {
        const before = ownerOf(old)
        if (before) controller.queue.add(keyOf(before))
      }
      if (ref) {
        const owner = ownerOf(pod)
        if (!owner) return
        options.changed?.(owner, old, pod)
        enqueue(owner)
      } else if (oldRef || !sameLabels(old, pod)) enqueueMatching(pod)
    },
    delete: gone,
  })
}

function sameLabels(a: Pod, b: Pod): boolean {
  const x = a.metadata.labels ?? {}
  const y = b.metadata.labels ?? {}
  const keys = Object.keys(x)
  return keys.length === Object.keys(y).length && keys.every((k) => x[k] === y[k])
}
