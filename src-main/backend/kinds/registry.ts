/** All kinds with columns of their own. */
import { clusterRoles, roles, serviceAccounts } from './access.js'
import type { ResourceRef } from '../rpc/contract.js'
import { horizontalPodAutoscalers } from './autoscalers.js'
import { clusterRoleBindings, roleBindings } from './bindings.js'
import { customResourceDefinitions, namespaces } from './cluster.js'
import { configMaps, secrets } from './config.js'
import { podDisruptionBudgets } from './disruption-budgets.js'
import { events } from './events.js'
import { gatewayClasses, gatewayRoutes, gateways } from './gateway.js'
import { ingressClasses, ingresses } from './ingresses.js'
import { cronJobs, jobs } from './jobs.js'
import type { ListKind } from './kind.js'
import { endpointSlices, networkPolicies } from './network.js'
import { nodes } from './nodes.js'
import { pods } from './pods.js'
import { resourceQuotas } from './quotas.js'
import { services } from './services.js'
import { jobSets, leaderWorkerSets, verticalPodAutoscalers } from './sig-workloads.js'
import { persistentVolumeClaims, persistentVolumes, storageClasses } from './storage.js'
import { daemonSets, deployments, replicaSets, replicationControllers, statefulSets } from './workloads.js'

const all: readonly ListKind[] = [
  pods,
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
  daemonSets,
  jobs,
  cronJobs,
  jobSets,
  leaderWorkerSets,
  services,
  ingresses,
  ingressClasses,
  gatewayClasses,
  gateways,
  ...gatewayRoutes,
  networkPolicies,
  endpointSlices,
  configMaps,
  secrets,
  horizontalPodAutoscalers,
  verticalPodAutoscalers,
  podDisruptionBudgets,
  resourceQuotas,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
  serviceAccounts,
  roles,
  clusterRoles,
  roleBindings,
  clusterRoleBindings,
  namespaces,
  customResourceDefinitions,
  nodes,
  events,
]

/** The columns of a resource; undefined when the server's Table is to be used. */
export function listKind(r: Pick<ResourceRef, 'group' | 'resource'>): ListKind | undefined {
  return all.find((k) => k.group === r.group && k.resource === r.resource)
}
