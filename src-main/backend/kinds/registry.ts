/** All kinds with columns of their own. */
import type { ResourceRef } from '../rpc/contract.js'
import { configMaps, secrets } from './config.js'
import { events } from './events.js'
import type { ListKind } from './kind.js'
import { nodes } from './nodes.js'
import { pods } from './pods.js'
import { services } from './services.js'
import { daemonSets, deployments, replicaSets, replicationControllers, statefulSets } from './workloads.js'

const all: readonly ListKind[] = [
  pods,
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
  daemonSets,
  services,
  configMaps,
  secrets,
  nodes,
  events,
]

/** The columns of a resource; undefined when the server's Table is to be used. */
export function listKind(r: Pick<ResourceRef, 'group' | 'resource'>): ListKind | undefined {
  return all.find((k) => k.group === r.group && k.resource === r.resource)
}
