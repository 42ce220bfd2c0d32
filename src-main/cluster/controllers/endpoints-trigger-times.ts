/**
 * When that happened for which the endpoints of a Service are written anew, as their annotation tells it: from it people
 * measure how long a change takes to reach the nodes
 * (https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time).
 */
import type { Pod, Service } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import { LAST_CHANGE } from './endpoints-model.js'
import { timeOf } from './pods.js'

export class TriggerTimes {
  /** When each pod of a Service, as it was at the last look, had become ready or not, ms. */
  private readonly known = new Map<string, ReadonlyMap<string, number>>()

  /**
   * The annotation: the earliest of what has come about since the last look, at first the making of the Service.
   * There is none when nothing has come, but something gone.
   */
  annotation(key: string, service: Service, pods: readonly Pod[]): Record<string, string> {
    const before = this.known.get(key)
    const now = new Map(pods.map((pod) => [pod.metadata.name!, readySince(pod)]))
    this.known.set(key, now)
    let earliest = before ? Infinity : timeOf(service.metadata.creationTimestamp)
    if (before) for (const [name, at] of now) if (at > (before.get(name) ?? 0)) earliest = Math.min(earliest, at)
    return Number.isFinite(earliest) ? { [LAST_CHANGE]: rfc3339(earliest) } : {}
  }

  forget(key: string): void {
    this.known.delete(key)
  }
}

/** Since when a pod is ready, or is not; 0 when nobody has said. */
function readySince({ status }: Pod): number {
  const ready = status?.conditions?.find((c) => c.type === 'Ready')
  return ready?.lastTransitionTime ? timeOf(ready.lastTransitionTime) : 0
}
