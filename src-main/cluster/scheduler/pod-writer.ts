/** What the scheduler writes of pods besides their binding: that one fits nowhere, and that others have to go for it. */
import type { Client, ResourceClient } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Pod, PodCondition } from '../api/object.js'
import type { Clock } from '../clock.js'
import { rfc3339 } from '../clock.js'
import type { EventRecorder } from '../controllers/events.js'
import { referenceTo } from '../controllers/events.js'
import type { PodInfo } from './podinfo.js'

export interface PodWriterOptions {
  client: Client
  clock: Clock
  events: EventRecorder
  /** The scheduler's name, as its messages have it. */
  scheduler: string
  log(message: string, error: unknown): void
}

export class PodWriter {
  private readonly pods: ResourceClient<Pod>

  constructor(private readonly options: PodWriterOptions) {
    this.pods = options.client.resource<Pod>(resources.pods)
  }

  /** Deletes the victims of a preemption; those that are going already are left alone. */
  evict(preemptor: PodInfo, node: string, victims: readonly PodInfo[]): void {
    for (const victim of victims) {
      if (victim.pod.metadata.deletionTimestamp !== undefined) continue
      this.evictOne(preemptor, node, victim).catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) this.options.log(`preempting ${victim.key} failed`, error)
      })
    }
  }

  private async evictOne(preemptor: PodInfo, node: string, { pod, namespace }: PodInfo): Promise<void> {
    const { clock, events, scheduler } = this.options
    const name = pod.metadata.name!
    const condition = {
      type: 'DisruptionTarget',
      ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${scheduler}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: rfc3339(clock.now()),
    }
    await this.pods.patch(namespace, name, { status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' })
    await this.pods.delete(namespace, name, { preconditions: { uid: pod.metadata.uid! } })
    const text = `Preempted by pod ${preemptor.uid} on node ${node}`
    events.event(referenceTo('v1', 'Pod', pod), 'Normal', 'Preempted', text, 'Preempting')
  }

  /** Says in the pod's status that it could not be scheduled. Never rejects. */
  async reportUnschedulable(info: PodInfo, message: string, nominated: string | undefined): Promise<void> {
    const { pod } = info
    const old = pod.status?.conditions?.find((c) => c.type === 'PodScheduled')
    const sameNomination = (pod.status?.nominatedNodeName ?? '') === (nominated ?? '')
    if (old?.status === 'False' && old.reason === 'Unschedulable' && old.message === message && sameNomination) return
    const { clock, log } = this.options
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: old?.status === 'False' && old.lastTransitionTime ? old.lastTransitionTime : rfc3339(clock.now()),
      ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
    }
    const status = { conditions: [condition], ...(sameNomination ? {} : { nominatedNodeName: nominated ?? null }) }
    try {
      await this.pods.patch(info.namespace, pod.metadata.name!, { status }, { type: 'strategic', subresource: 'status' })
    } catch (error) {
      if (!isReason(error, 'NotFound')) log(`writing the status of ${info.key} failed`, error)
    }
  }
}
