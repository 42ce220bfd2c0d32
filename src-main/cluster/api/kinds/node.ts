import type { Kind } from './kind.js'
import type { Node } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { items } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'

const ROLE_PREFIX = 'node-role.kubernetes.io/'

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
export const node: Kind<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  model: 'V1Node',
  changesGeneration: () => false,

  prepareForUpdate: keepStatus,

  columns: [
    nameColumn(),
    column('Status', 'The status of the node', readiness),
    column('Roles', 'The roles of the node', roles),
    ageColumn(),
    column('Version', '@status.nodeInfo.kubeletVersion', (o) => o.status?.nodeInfo?.kubeletVersion ?? ''),
    column('Internal-IP', '@status.addresses', (o) => address(o, 'InternalIP'), { wide: true }),
    column('External-IP', '@status.addresses', (o) => address(o, 'ExternalIP'), { wide: true }),
    column('OS-Image', '@status.nodeInfo.osImage', (o) => o.status?.nodeInfo?.osImage || '<unknown>', { wide: true }),
    column('Kernel-Version', '@status.nodeInfo.kernelVersion', (o) => o.status?.nodeInfo?.kernelVersion || '<unknown>', { wide: true }),
    column(
      'Container-Runtime',
      '@status.nodeInfo.containerRuntimeVersion',
      (o) => o.status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
      {
        wide: true,
      },
    ),
  ],
  fields: { 'spec.unschedulable': (o) => String(o.spec?.unschedulable ?? false) },
  subresources: {
    proxy: { type: 'connect', verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'NodeProxyOptions' },
    status: statusSubresource<Node>(),
  },
}

function readiness(o: Node): string {
  const ready = items(o.status?.conditions).find((c) => c.type === 'Ready')
  const text = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return o.spec?.unschedulable ? `${text},SchedulingDisabled` : text
}

function roles(o: Node): string {
  const found = new Set<string>()
  for (const [key, value] of Object.entries(o.metadata?.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) found.add(key.slice(ROLE_PREFIX.length))
    else if (key === 'kubernetes.io/role' && value) found.add(value)
  }
  return [...found].sort().join(',') || '<none>'
}

function address(o: Node, type: string): string {
  return items(o.status?.addresses).find((a) => a.type === type)?.address ?? '<none>'
}
