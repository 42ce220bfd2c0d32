/** Gives every namespace its `default` ServiceAccount and the cluster's root certificate in the ConfigMap `kube-root-ca.crt`. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ConfigMap, Namespace, ServiceAccount } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { isNamespaceTerminating } from './podcontrol.js'

export const ROOT_CA_CONFIG_MAP = 'kube-root-ca.crt'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service ' +
  'IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Brings back the `default` ServiceAccount of every active namespace. */
export function startServiceAccountController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<ServiceAccount>(resources.serviceaccounts)
  const namespaces = ctx.informers.for<Namespace>(resources.namespaces)
  const accounts = ctx.informers.for<ServiceAccount>(resources.serviceaccounts)
  const controller = new KeyedController(ctx, { name: 'service-account-controller', sync })
  const enqueue = (namespace: Namespace): void => controller.queue.add(namespace.metadata.name!)
  controller.listen(namespaces, { add: enqueue, update: (_old, namespace) => enqueue(namespace) })
  controller.listen(accounts, { delete: (account) => controller.queue.add(account.metadata.namespace!) })
  return controller.startAfter(namespaces, accounts)

  async function sync(namespace: string): Promise<void> {
    if (!isActive(namespaces.get('', namespace)) || accounts.get(namespace, 'default')) return
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }
    await client.create(namespace, account as ServiceAccount).catch(fineIfThere)
  }
}

/** Publishes the root certificate in every active namespace, and puts it right when somebody changes it. */
export function startRootCAController(ctx: ControllerContext, options: { rootCertificate: string }): Controller {
  const client = ctx.client.resource<ConfigMap>(resources.configmaps)
  const namespaces = ctx.informers.for<Namespace>(resources.namespaces)
  const maps = ctx.informers.for<ConfigMap>(resources.configmaps)
  const controller = new KeyedController(ctx, { name: 'root-ca-cert-publisher', sync })
  const enqueue = (namespace: Namespace): void => controller.queue.add(namespace.metadata.name!)
  const onMap = (map: ConfigMap): void => {
    if (map.metadata.name === ROOT_CA_CONFIG_MAP) controller.queue.add(map.metadata.namespace!)
  }
  controller.listen(namespaces, { add: enqueue, update: (_old, namespace) => enqueue(namespace) })
  controller.listen(maps, { update: (_old, map) => onMap(map), delete: onMap })
  return controller.startAfter(namespaces, maps)

  async function sync(namespace: string): Promise<void> {
    if (!isActive(namespaces.get('', namespace))) return
    const data = { 'ca.crt': options.rootCertificate }
    const existing = maps.get(namespace, ROOT_CA_CONFIG_MAP)
    if (!existing) {
      const annotations = { 'kubernetes.io/description': DESCRIPTION }
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ROOT_CA_CONFIG_MAP, namespace, annotations }, data }
      await client.create(namespace, map as ConfigMap).catch(fineIfThere)
    } else if (existing.data?.['ca.crt'] !== data['ca.crt'] || Object.keys(existing.data).length !== 1) {
      await client.update({ ...existing, data })
    }
  }
}

function isActive(namespace: Namespace | undefined): boolean {
  return !!namespace && namespace.metadata.deletionTimestamp === undefined && namespace.status?.phase !== 'Terminating'
}

function fineIfThere(error: unknown): void {
  if (!isReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error
}
