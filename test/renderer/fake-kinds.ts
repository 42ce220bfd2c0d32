import type { KindInfo } from '../../src-main/backend/rpc/contract.js'

const all = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
function kind(
  group: string,
  version: string,
  resource: string,
  name: string,
  namespaced: boolean,
  short: string[] = [],
  verbs = all,
): KindInfo {
  return { group, version, resource, kind: name, namespaced, verbs, shortNames: short, categories: [] }
}

/** The kinds that the fake cluster has. */
export const fakeKinds: KindInfo[] = [
  kind('', 'v1', 'pods', 'Pod', true, ['po']),
  kind('apps', 'v1', 'deployments', 'Deployment', true, ['deploy']),
  kind('apps', 'v1', 'statefulsets', 'StatefulSet', true, ['sts']),
  kind('apps', 'v1', 'daemonsets', 'DaemonSet', true, ['ds']),
  kind('apps', 'v1', 'replicasets', 'ReplicaSet', true, ['rs']),
  kind('', 'v1', 'replicationcontrollers', 'ReplicationController', true, ['rc']),
  kind('batch', 'v1', 'jobs', 'Job', true),
  kind('batch', 'v1', 'cronjobs', 'CronJob', true, ['cj']),
  kind('', 'v1', 'services', 'Service', true, ['svc']),
  kind('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', true),
  kind('networking.k8s.io', 'v1', 'ingresses', 'Ingress', true, ['ing']),
  kind('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy', true, ['netpol']),
  kind('', 'v1', 'configmaps', 'ConfigMap', true, ['cm']),
  kind('', 'v1', 'secrets', 'Secret', true),
  kind('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', true, ['hpa']),
  kind('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', true, ['pvc']),
  kind('', 'v1', 'persistentvolumes', 'PersistentVolume', false, ['pv']),
  kind('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false, ['sc']),
  kind('', 'v1', 'serviceaccounts', 'ServiceAccount', true, ['sa']),
  kind('rbac.authorization.k8s.io', 'v1', 'roles', 'Role', true),
  kind('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding', true),
  kind('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', false),
  kind('', 'v1', 'nodes', 'Node', false, ['no']),
  kind('', 'v1', 'namespaces', 'Namespace', false, ['ns']),
  kind('', 'v1', 'events', 'Event', true, ['ev']),
  kind('coordination.k8s.io', 'v1', 'leases', 'Lease', true),
  kind('cert-manager.io', 'v1', 'certificates', 'Certificate', true, ['cert']),
  kind('', 'v1', 'bindings', 'Binding', true, [], ['create']),
]
