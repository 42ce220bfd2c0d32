/** The kinds that keep pods running: Deployments, ReplicaSets, ReplicationControllers, StatefulSets, DaemonSets. */
import type { Cell } from '../rpc/contract.js'
import { keptPodsColumns, unknownPods } from './kept-pods.js'
import {
  ageColumn,
  born,
  containersColumn,
  containersOf,
  imagesOf,
  nameColumn,
  namespaceColumn,
  selectorText,
  type Json,
  type ListKind,
} from './kind.js'

const images = (o: Json): string => imagesOf(o.spec?.template)
const containers = (o: Json): string => containersOf(o.spec?.template)
const selector = (o: Json): string => selectorText(o.spec?.selector)

function readyCell(ready: number, desired: number): Cell {
  return {
    text: `${ready}/${desired}`,
    sort: desired ? ready / desired : 1,
    tone: ready >= desired ? (desired === 0 ? 'off' : 'ok') : ready === 0 ? 'bad' : 'warn',
  }
}

function conditions(o: Json): Cell {
  const list: Json[] = o.status?.conditions ?? []
  const on = list.filter((c) => c.status === 'True').map((c) => c.type)
  const bad =
    list.find((c) => (c.type === 'Progressing' || c.type === 'Available') && c.status === 'False') ??
    list.find((c) => c.type === 'ReplicaFailure' && c.status === 'True')
  // What is wrong is what is looked for: its reason says more than which other conditions hold.
  if (bad) return { text: bad.reason || `${bad.type}=${bad.status}`, tone: 'bad', title: `${bad.type}=${bad.status}: ${bad.message}` }
  return { text: on.join(', ') }
}

const readyColumn = { id: 'ready', title: 'Ready', type: 'status', width: 70 } as const
const number = (id: string, title: string, wide = false) =>
  ({ id, title, type: 'number', width: 86, align: 'right', ...(wide ? { wide } : {}) }) as const
/** A number that the bricks beside it show one by one. */
const bricksShow = (id: string, title: string) => ({ ...number(id, title), stays: 'brief' }) as const
const imagesColumn = { id: 'images', title: 'Images', type: 'text', width: 240 } as const
const selectorColumn = { id: 'selector', title: 'Selector', type: 'text', width: 200, wide: true } as const

export const deployments: ListKind = {
  group: 'apps',
  resource: 'deployments',
  keepsPods: true,
  columns: [
    nameColumn,
    namespaceColumn,
    readyColumn,
    ...keptPodsColumns,
    bricksShow('upToDate', 'Up-to-date'),
    bricksShow('available', 'Available'),
    number('desired', 'Desired', true),
    { id: 'conditions', title: 'Conditions', type: 'text', width: 170 },
    containersColumn,
    imagesColumn,
    selectorColumn,
    ageColumn,
  ],
  cells: (o) => [
    o.metadata?.name ?? '',
    o.metadata?.namespace ?? '',
    readyCell(o.status?.readyReplicas ?? 0, o.spec?.replicas ?? 0),
    ...unknownPods,
    o.status?.updatedReplicas ?? 0,
    o.status?.availableReplicas ?? 0,
    o.spec?.replicas ?? 0,
    conditions(o),
    containers(o),
    images(o),
    selector(o),
    born(o),
  ],
}

const replicaCells = (o: Json): Cell[] => [
  o.metadata?.name ?? '',
  o.metadata?.namespace ?? '',
  o.spec?.replicas ?? 0,
  o.status?.replicas ?? 0,
  readyCell(o.status?.readyReplicas ?? 0, o.spec?.replicas ?? 0),
  ...unknownPods,
]

export const replicaSets: ListKind = {
  group: 'apps',
  resource: 'replicasets',
  keepsPods: true,
  columns: [
    nameColumn,
    namespaceColumn,
    number('desired', 'Desired'),
    bricksShow('current', 'Current'),
    readyColumn,
    ...keptPodsColumns,
    number('revision', 'Revision'),
    { id: 'owner', title: 'Controlled by', type: 'text', width: 200 },
    containersColumn,
    { ...imagesColumn, wide: true },
    selectorColumn,
    ageColumn,
  ],
  cells: (o) => {
    const owner = (o.metadata?.ownerReferences ?? []).find((r: Json) => r.controller)
    const revision = o.metadata?.annotations?.['deployment.kubernetes.io/revision']
    return [
      ...replicaCells(o),
      revision ? Number(revision) : null,
      owner ? `${owner.kind}/${owner.name}` : '',
      containers(o),
      images(o),
      selector(o),
      born(o),
    ]
  },
}

export const replicationControllers: ListKind = {
  group: '',
  resource: 'replicationcontrollers',
  keepsPods: true,
  columns: [
    nameColumn,
    namespaceColumn,
    number('desired', 'Desired'),
    bricksShow('current', 'Current'),
    readyColumn,
    ...keptPodsColumns,
    { ...selectorColumn, wide: false },
    containersColumn,
    { ...imagesColumn, wide: true },
    ageColumn,
  ],
  cells: (o) => [...replicaCells(o), selector(o), containers(o), images(o), born(o)],
}

export const statefulSets: ListKind = {
  group: 'apps',
  resource: 'statefulsets',
  keepsPods: true,
  columns: [
    nameColumn,
    namespaceColumn,
    readyColumn,
    ...keptPodsColumns,
    { id: 'service', title: 'Service', type: 'text', width: 150, stays: 'brief' },
    containersColumn,
    imagesColumn,
    selectorColumn,
    ageColumn,
  ],
  cells: (o) => [
    o.metadata?.name ?? '',
    o.metadata?.namespace ?? '',
    readyCell(o.status?.readyReplicas ?? 0, o.spec?.replicas ?? 0),
    ...unknownPods,
    o.spec?.serviceName ?? '',
    containers(o),
    images(o),
    selector(o),
    born(o),
  ],
}

export const daemonSets: ListKind = {
  group: 'apps',
  resource: 'daemonsets',
  keepsPods: true,
  columns: [
    nameColumn,
    namespaceColumn,
    number('desired', 'Desired'),
    bricksShow('current', 'Current'),
    readyColumn,
    ...keptPodsColumns,
    bricksShow('upToDate', 'Up-to-date'),
    bricksShow('available', 'Available'),
    { id: 'nodeSelector', title: 'Node selector', type: 'text', width: 160 },
    containersColumn,
    { ...imagesColumn, wide: true },
    selectorColumn,
    ageColumn,
  ],
  cells: (o) => {
    const s = o.status ?? {}
    const nodes = Object.entries(o.spec?.template?.spec?.nodeSelector ?? {}).map(([k, v]) => `${k}=${v}`)
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      s.desiredNumberScheduled ?? 0,
      s.currentNumberScheduled ?? 0,
      readyCell(s.numberReady ?? 0, s.desiredNumberScheduled ?? 0),
      ...unknownPods,
      s.updatedNumberScheduled ?? 0,
      s.numberAvailable ?? 0,
      nodes.join(','),
      containers(o),
      images(o),
      selector(o),
      born(o),
    ]
  },
}
