/** Writes the objects of an addon through the API, as `kubectl create` of its manifest does. */
import { resources, type Client, type GroupVersionResource } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { KubeObject } from '../api/object.js'

const rbac = (resource: string): GroupVersionResource => ({ group: 'rbac.authorization.k8s.io', version: 'v1', resource })

const byKind: Readonly<Record<string, GroupVersionResource>> = {
  Namespace: resources.namespaces,
  ServiceAccount: resources.serviceaccounts,
  ConfigMap: resources.configmaps,
  Service: resources.services,
  Deployment: resources.deployments,
  DaemonSet: resources.daemonsets,
  StorageClass: resources.storageclasses,
  Pod: resources.pods,
  Role: rbac('roles'),
  RoleBinding: rbac('rolebindings'),
  ClusterRole: rbac('clusterroles'),
  ClusterRoleBinding: rbac('clusterrolebindings'),
  IngressClass: { group: 'networking.k8s.io', version: 'v1', resource: 'ingressclasses' },
}

/** Creates an object unless it is there. */
export async function createObject(client: Client, object: KubeObject): Promise<void> {
  try {
    await client.resource(byKind[object.kind!]!).create(object.metadata.namespace ?? '', object)
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}
