import { resourceKey } from '../app/routes.js'
import { backend } from '../app/rpc.js'
import type { KindInfo, ObjectRef } from '../../src-main/backend/rpc/contract.js'
import type { KubeObject } from '../stores/object.js'

/**
 * Kinds whose objects are the same when they are created again: all that they are is what somebody wrote. Not those that
 * stand for something that ends with them (pods, volumes, namespaces), nor those whose uid others know (service accounts).
 */
const written: ReadonlySet<string> = new Set([
  'configmaps',
  'secrets',
  'services',
  'limitranges',
  'resourcequotas',
  'podtemplates',
  'ingresses.networking.k8s.io',
  'ingressclasses.networking.k8s.io',
  'networkpolicies.networking.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'cronjobs.batch',
  'horizontalpodautoscalers.autoscaling',
  'poddisruptionbudgets.policy',
  'priorityclasses.scheduling.k8s.io',
  'storageclasses.storage.k8s.io',
  'runtimeclasses.node.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
])

/** How many objects of one deletion are kept at most, so that they can be created again. */
const MOST = 100

/** Whether a deletion of `count` objects of a kind can be taken back. */
export function canRecreate(kind: KindInfo, count: number): boolean {
  return count <= MOST && written.has(resourceKey(kind)) && kind.verbs.includes('create')
}

/** An object as it is to be created again: without what the server gave to the one that was deleted. Null when its owner makes another. */
export function recreation(object: KubeObject): Record<string, unknown> | null {
  const { status: _status, ...rest } = object
  const {
    uid: _uid,
    resourceVersion: _version,
    creationTimestamp: _created,
    generation: _generation,
    deletionTimestamp,
    deletionGracePeriodSeconds: _grace,
    managedFields: _managed,
    selfLink: _link,
    ...metadata
  } = object.metadata as KubeObject['metadata'] & Record<string, unknown>
  if (deletionTimestamp || object.metadata.ownerReferences?.some((o) => o.controller)) return null
  return { ...rest, metadata }
}

/** Reads an object that is about to be deleted; gives what creates it again, undefined where that cannot be. */
export async function recreate(context: string, ref: ObjectRef): Promise<(() => Promise<unknown>) | undefined> {
  const found = await backend.call('objects.get', { context, ref }).catch(() => undefined)
  const object = found && recreation(found as unknown as KubeObject)
  if (!object) return undefined
  const { name: _name, ...resource } = ref
  return () => backend.call('objects.create', { context, resource, object })
}
