/** Stands in for scheduler and kubelet in tests of controllers: pods start, become ready and end at once, or as told. */
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { rfc3339 } from '../../../src-main/cluster/clock.js'
import type { FakeCluster } from './fake-cluster.js'

export interface SimpleKubelet {
  /** Pods for which this says false start but do not become ready. */
  ready: (pod: Pod) => boolean
  /** Pods for which this says false stay pending. */
  starts: (pod: Pod) => boolean
  /** Pods that are being deleted go away only when this says true. */
  lets: (pod: Pod) => boolean
}

export function startSimpleKubelet(cluster: FakeCluster): SimpleKubelet {
  const kubelet: SimpleKubelet = { ready: () => true, starts: () => true, lets: () => true }
  const client = cluster.client('system:node:node-1').resource<Pod>(resources.pods)
  const tend = (pod: Pod): void => {
    const { namespace, name } = pod.metadata
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (kubelet.lets(pod)) client.delete(namespace!, name!, { gracePeriodSeconds: 0 }).catch(() => undefined)
      return
    }
    if (pod.status?.phase === 'Pending' && kubelet.starts(pod) && cluster.has(resources.pods, namespace!, name!))
      cluster.edit<Pod>(resources.pods, namespace!, name!, (p) => {
        p.spec!.nodeName ??= 'node-1'
        p.status = { ...p.status, phase: 'Running', startTime: rfc3339(cluster.clock.now()) }
        setReady(p, kubelet.ready(pod), cluster.clock.now())
      })
  }
  cluster.for<Pod>(resources.pods).on({ add: tend, update: (_old, pod) => tend(pod) })
  return kubelet
}

export function setReady(pod: Pod, ready: boolean, now: number): void {
  const others = (pod.status!.conditions ?? []).filter((c) => c.type !== 'Ready')
  pod.status!.conditions = [...others, { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: rfc3339(now) }]
}
