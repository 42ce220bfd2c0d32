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
    events.event(referenceTo('v1', 'Pod', pod), 'Normal', 'Preempted', text, { action: 'Preempting' })
  }

  /**
   * Says in the pod's status that it could not be scheduled. Never rejects.
   *
   * @param reason `Unschedulable` for a pod that fits nowhere; `SchedulerError` when something else went wrong
   */
  async report(info: PodInfo, reason: 'Unschedulable' | 'SchedulerError', message: string, nominated: string | undefined): Promise<void> {
    const { pod } = info
    const old = pod.status?.conditions?.find((c) => c.type === 'PodScheduled')
    const sameNomination = (pod.status?.nominatedNodeName ?? '') === (nominated ?? '')
    if (old?.status === 'False' && old.reason === reason && old.message === message && sameNomination) return
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason,
      message,
      lastTransitionTime: old?.status === 'False' && old.lastTransitionTime ? old.lastTransitionTime : rfc3339(this.options.clock.now()),
      ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
    }
    await this.write(info, { conditions: [condition], ...(sameNomination ? {} : { nominatedNodeName: nominated ?? null }) })
  }

  /** Says where a pod is going to be bound, while that takes its time. Never rejects. */
  async nominate(info: PodInfo, nodeName: string): Promise<void> {
    if (info.pod.status?.nominatedNodeName !== nodeName) await this.write(info, { nominatedNodeName: nodeName })
  }

  /** Says that a pod is promised no node any more. Never rejects. */
  async withdrawNomination(info: PodInfo): Promise<void> {
    if (info.pod.status?.nominatedNodeName) await this.write(info, { nominatedNodeName: null })
  }

  private async write({ key, namespace, pod }: PodInfo, status: object): Promise<void> {
    try {
      await this.pods.patch(namespace, pod.metadata.name!, { status }, { type: 'strategic', subresource: 'status' })
    } catch (error) {
      if (!isReason(error, 'NotFound')) this.options.log(`writing the status of ${key} failed`, error)
    }
  }
}
