/** Binds pods to their nodes: what has to be done before, and the Binding itself. */
import type { Client } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { KubeObject } from '../api/object.js'
import type { EventRecorder } from '../controllers/events.js'
import { referenceTo } from '../controllers/events.js'
import type { Plugin } from './framework.js'
import type { NodeInfo } from './nodeinfo.js'
import type { PodInfo } from './podinfo.js'
import type { PodWriter } from './pod-writer.js'

export interface BinderOptions {
  client: Client
  events: EventRecorder
  writer: PodWriter
  plugins: readonly Plugin[]
}

/** A pod that could not be bound. */
export class BindFailure extends Error {
  constructor(
    doing: string,
    override readonly cause: unknown,
  ) {
    super(`${doing}: ${(cause as Error).message}`)
  }

  /** Whether the pod itself is gone. */
  get isGone(): boolean {
    return isReason(this.cause, 'NotFound') && this.cause.status.details?.kind === resources.pods.resource
  }
}

export class Binder {
  constructor(private readonly options: BinderOptions) {}

  /**
   * Binds a pod, and says so in an event.
   * @param message of the event
   * @throws BindFailure
   */
  async bind(info: PodInfo, node: NodeInfo, message: string): Promise<void> {
    const { client, events, writer, plugins } = this.options
    const { pod, namespace } = info
    let doing = ''
    try {
      for (const plugin of plugins) {
        doing = `running PreBind plugin "${plugin.name}"`
        const work = plugin.preBind?.(info, node)
        if (work) await Promise.all([writer.nominate(info, node.name), work])
      }
      doing = 'binding rejected: running Bind plugin "DefaultBinder"'
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: pod.metadata.name!, namespace, uid: info.uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node.name },
      }
      await client.resource<KubeObject>(resources.pods).create(namespace, binding, { subresource: 'binding' })
    } catch (error) {
      throw new BindFailure(doing, error)
    }
    events.event(referenceTo('v1', 'Pod', pod), 'Normal', 'Scheduled', message, { action: 'Binding' })
  }
}
