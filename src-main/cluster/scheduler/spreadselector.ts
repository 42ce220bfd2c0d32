/**
 * Finds what a pod without spread constraints of its own is spread against: the pods selected by its Services and by
 * the ReplicaSet, ReplicationController or StatefulSet that owns it.
 */
import type * as k8s from '@kubernetes/client-node'
import type { Informer, Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import type { ObjectMeta, ReplicaSet, ReplicationController, Service, Wire } from '../api/object.js'
import { controllerOf } from '../api/object.js'
import type { LabelMatcher } from '../controllers/selector.js'
import { mapMatcherOf, matcherOf, selectorString } from '../controllers/selector.js'
import type { PodInfo } from './podinfo.js'

type StatefulSet = Wire<k8s.V1StatefulSet> & { metadata: ObjectMeta }

export interface SpreadSelector {
  /** Equal texts mean equal pods. */
  signature: string
  selects: LabelMatcher
}

/** Answers for each pod; remembers the answer for each owner until a Service or an owner changes. */
export class SpreadSelectors {
  private readonly services: Informer<Service>
  private readonly sets: Informer<ReplicaSet>
  private readonly controllers: Informer<ReplicationController>
  private readonly statefulSets: Informer<StatefulSet>
  private readonly known = new Map<string, SpreadSelector | undefined>()
  private readonly stops: (() => void)[]

  constructor(informers: Informers) {
    this.services = informers.for(resources.services)
    this.sets = informers.for(resources.replicasets)
    this.controllers = informers.for(resources.replicationcontrollers)
    this.statefulSets = informers.for(resources.statefulsets)
    const forget = (): void => this.known.clear()
    const forgetOne = (object: { metadata: ObjectMeta }): void => void this.known.delete(object.metadata.uid!)
    this.stops = [
      this.services.on({ add: forget, update: forget, delete: forget }),
      this.sets.on({ add: forgetOne, delete: forgetOne }),
      this.controllers.on({ add: forgetOne, update: forgetOne, delete: forgetOne }),
      this.statefulSets.on({ add: forgetOne, delete: forgetOne }),
    ]
  }

  stop(): void {
    for (const stop of this.stops) stop()
  }

  of(info: PodInfo): SpreadSelector | undefined {
    if (!info.ownerUid) return this.find(info)
    if (!this.known.has(info.ownerUid)) this.known.set(info.ownerUid, this.find(info))
    return this.known.get(info.ownerUid)
  }

  private find(info: PodInfo): SpreadSelector | undefined {
    const { namespace, pod } = info
    const parts: SpreadSelector[] = []
    for (const service of this.services.list(namespace)) {
      const selector = service.spec?.selector
      const selects = mapMatcherOf(selector)
      if (selects(pod.metadata.labels)) parts.push({ signature: selectorString({ matchLabels: selector! }), selects })
    }
    const owner = controllerOf(pod)
    if (owner?.kind === 'ReplicationController') {
      const selector = this.controllers.get(namespace, owner.name)?.spec?.selector
      if (selector) parts.push({ signature: selectorString({ matchLabels: selector }), selects: mapMatcherOf(selector) })
    } else if (owner?.kind === 'ReplicaSet' || owner?.kind === 'StatefulSet') {
      const set = owner.kind === 'ReplicaSet' ? this.sets.get(namespace, owner.name) : this.statefulSets.get(namespace, owner.name)
      const selector = set?.spec?.selector
      if (selector) parts.push({ signature: selectorString(selector), selects: matcherOf(selector) })
    }
    if (parts.length === 0) return undefined
    if (parts.length === 1) return parts[0]
    return { signature: parts.map((p) => p.signature).join('&'), selects: (labels) => parts.every((p) => p.selects(labels)) }
  }
}
