/** pods/binding and the old `bindings`: assigns a pod to a node. The scheduler's way to say where a pod runs. */
import { rfc3339 } from '../../clock.js'
import { WriteConflictError } from '../../store/store.js'
import type { ConnectHandler } from '../connect.js'
import { badRequest, conflict, field, notFound, withoutReason, type FieldError } from '../errors.js'
import { arranged } from '../kindset.js'
import { pod as podKind } from '../kinds/pod.js'
import { dropOldInitContainers } from '../kinds/rules/pod-defaults.js'
import type { KubeObject, Pod, PodCondition } from '../object.js'
import { attributesOf, type Machinery } from '../verbs/machinery.js'
import { preconditionFailed } from '../verbs/preconditions.js'

interface Binding extends KubeObject {
  target?: { kind?: string; name?: string }
}

const PODS = { group: '', resource: 'pods' }
const BINDING = { group: '', version: 'v1', kind: 'Binding' }

/** The answer to a binding or an eviction that worked. */
export function success(code: number): KubeObject {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code } as unknown as KubeObject
}

/** Handles a binding of the pod that the path or, for `bindings`, the object names. */
export function bindingHandler(m: Machinery): ConnectHandler {
  return async ({ body, namespace, name: named, call }) => {
    const binding = body as Binding
    const name = named || (binding.metadata.name ?? '')
    if ((binding.metadata.name ?? '') !== name) throw badRequest('name in URL does not match name in Binding object')
    const errors: FieldError[] = []
    const { kind = '', name: node = '' } = binding.target ?? {}
    // An empty kind is taken for Node, as for clients that predate it.
    if (kind !== '' && kind !== 'Node') errors.push(field.notSupported('target.kind', kind, ['Node', '<empty>']))
    if (node === '') errors.push(field.required('target.name'))
    // The API server answers these as an internal error without a reason, and clients may rely on it.
    const texts = errors.map((e) => `${e.field}: ${e.body}`)
    if (texts.length > 0) throw withoutReason(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`)
    const of = { kind: podKind, objectKind: BINDING, name, subresource: 'binding' }
    const attributes = attributesOf(m, call, { ...of, operation: 'CREATE', object: binding, oldObject: undefined })
    await m.admission.admit(attributes)
    if (!name) throw badRequest('Name parameter required.')
    await m.admission.validate(attributes)
    const key = `/registry/core/pods/${namespace}/${name}`
    for (;;) {
      const current = m.store.get(key)
      if (!current) throw notFound(PODS, name)
      const old = current.object as unknown as Pod
      const about = `${PODS.resource}/binding`
      const { uid, resourceVersion } = binding.metadata
      if (uid && uid !== old.metadata.uid) throw preconditionFailed(podKind, namespace, name, 'UID', uid, old.metadata.uid!)
      const revision = String(current.modRevision)
      if (resourceVersion && resourceVersion !== revision)
        throw preconditionFailed(podKind, namespace, name, 'ResourceVersion', resourceVersion, revision)
      if (old.metadata.deletionTimestamp)
        throw conflict({ group: '', resource: about }, name, `pod ${name} is being deleted, cannot be assigned to a host`)
      if (old.spec?.nodeName) {
        throw conflict({ group: '', resource: about }, name, `pod ${name} is already assigned to node ${JSON.stringify(old.spec.nodeName)}`)
      }
      if (old.spec?.schedulingGates?.length) {
        throw conflict({ group: '', resource: about }, name, `pod ${name} has non-empty .spec.schedulingGates`)
      }
      if (call.dryRun) return success(201)
      const { annotations, labels } = binding.metadata
      dropOldInitContainers(annotations)
      // A node was only thought of until now.
      const { nominatedNodeName: _, ...status } = old.status ?? {}
      // All else is that of the version before, which is frozen.
      const pod: Pod = {
        ...old,
        metadata: {
          ...old.metadata,
          ...(annotations && { annotations: { ...old.metadata.annotations, ...annotations } }),
          ...(labels && { labels: { ...old.metadata.labels, ...labels } }),
        },
        spec: { ...old.spec!, nodeName: node },
        status: { ...status, conditions: withScheduled(status.conditions ?? [], rfc3339(m.clock.now())) },
      }
      try {
        const kind = m.kinds.findResource('', 'pods')!
        await m.store.put(key, arranged(kind, pod as unknown as KubeObject), current.modRevision)
        return success(201)
      } catch (error) {
        if (!(error instanceof WriteConflictError)) throw error
      }
    }
  }
}

function withScheduled(conditions: readonly PodCondition[], now: string): PodCondition[] {
  const others = conditions.filter((c) => c.type !== 'PodScheduled')
  const before = conditions.find((c) => c.type === 'PodScheduled')
  const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : now
  const { observedGeneration } = before ?? {}
  return [
    ...others,
    {
      type: 'PodScheduled',
      status: 'True',
      lastProbeTime: null as unknown as string,
      ...(lastTransitionTime ? { lastTransitionTime } : {}),
      ...(observedGeneration !== undefined ? { observedGeneration } : {}),
    } as PodCondition,
  ]
}
