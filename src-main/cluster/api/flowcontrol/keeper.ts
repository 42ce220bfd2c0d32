/**
 * Keeps the FlowSchemas and PriorityLevelConfigurations that every cluster has, and tells of each FlowSchema whether the
 * level that it names is there. Follows "API Priority and Fairness": maintenance restores what is deleted, and the specs
 * of those that are annotated for it.
 */
import { rfc3339 } from '../../clock.js'
import { copyJson, equalJson } from '../copy.js'
import { isReason } from '../errors.js'
import { apiVersionOf, prefixOf, storageKey } from '../kindset.js'
import type { FlowSchema } from '../kinds/flowschema.js'
import type { Kind } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'
import { serverCall } from '../server-call.js'
import { create } from '../verbs/create.js'
import type { Machinery } from '../verbs/machinery.js'
import { update } from '../verbs/update.js'
import { FLOW_SCHEMAS, PRIORITY_LEVELS } from './configuration.js'

export const FLOW_GROUP = 'flowcontrol.apiserver.k8s.io'
const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec'
const PRODUCER = 'api-priority-and-fairness-config-producer-v1'
const CONSUMER = 'api-priority-and-fairness-config-consumer-v1'

/** The keeper of one server. */
export interface FlowControlKeeper {
  /** Makes what is missing, and restores specs. Resolves when it is on disk. */
  maintain(): Promise<void>
  stop(): void
}

/** Starts to follow the FlowSchemas of a server. Does nothing without the kinds. */
export function keepFlowControl(m: Machinery): FlowControlKeeper {
  const levels = m.kinds.findResource(FLOW_GROUP, 'prioritylevelconfigurations')
  const schemas = m.kinds.findResource(FLOW_GROUP, 'flowschemas')
  if (!levels || !schemas) return { maintain: async () => undefined, stop: () => undefined }
  let stopped = false

  const ensure = async (kind: Kind, name: string, spec: object): Promise<void> => {
    const stored = m.store.get(storageKey(kind, '', name))?.object
    try {
      if (!stored) {
        const metadata = { name, annotations: { [AUTO_UPDATE]: 'true' } }
        await create(m, kind, serverCall(PRODUCER), {
          apiVersion: apiVersionOf(kind),
          kind: kind.kind,
          metadata,
          spec: copyJson(spec),
        } as KubeObject)
      } else if (stored.metadata.annotations?.[AUTO_UPDATE] === 'true' && !equalJson(stored['spec'], spec)) {
        await update(m, kind, serverCall(PRODUCER), name, copyJson({ ...stored, spec }))
      }
    } catch (error) {
      // A user was faster; the next round looks again.
      if (!stopped && !isReason(error, 'AlreadyExists', 'Conflict', 'NotFound')) throw error
    }
  }
  const tell = async (schema: FlowSchema): Promise<void> => {
    const level = schema.spec?.priorityLevelConfiguration.name ?? ''
    const isThere = m.store.get(storageKey(levels, '', level)) !== undefined
    const was = schema.status?.conditions?.find((c) => c.type === 'Dangling')
    const condition = {
      type: 'Dangling',
      status: isThere ? 'False' : 'True',
      reason: isThere ? 'Found' : 'NotFound',
      message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${isThere ? 'and it exists' : 'but there is no such object'}`,
    }
    if (was && was.status === condition.status && was.message === condition.message) return
    const lastTransitionTime = was?.status === condition.status ? was.lastTransitionTime : rfc3339(m.clock.now())
    const status = { conditions: [{ ...condition, lastTransitionTime }] }
    const changed = copyJson({ ...schema, status }) as unknown as KubeObject
    await update(m, schemas, serverCall(CONSUMER), schema.metadata.name!, changed, 'status').catch((error: unknown) => {
      if (!stopped && !isReason(error, 'Conflict', 'NotFound')) throw error
    })
  }
  const tellAll = (): void => {
    for (const { object } of m.store.list(prefixOf(schemas)).items) void m.clock.track(tell(object as unknown as FlowSchema))
  }

  const { revision } = m.store
  const stopSchemas = m.store.watch(prefixOf(schemas), revision, (events) => {
    for (const { type, current } of events) if (type !== 'delete') void m.clock.track(tell(current.object as unknown as FlowSchema))
  })
  const stopLevels = m.store.watch(prefixOf(levels), revision, (events) => {
    if (events.some(({ type, previous }) => type === 'delete' || !previous)) tellAll()
  })
  return {
    async maintain() {
      if (stopped) return
      for (const { name, spec } of PRIORITY_LEVELS) await ensure(levels, name, spec)
      await Promise.all(FLOW_SCHEMAS.map(({ name, spec }) => ensure(schemas, name, spec)))
    },
    stop() {
      stopped = true
      stopSchemas()
      stopLevels()
    },
  }
}
