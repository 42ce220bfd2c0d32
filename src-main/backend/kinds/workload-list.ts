/**
 * All that runs in a cluster as one list: workloads of every kind, and pods that nobody keeps. A kind of the window's own, which no server
 * has; each row tells whose kind it is.
 */
import type { Cell, ColumnInfo, KindInfo, ResourceRef } from '../rpc/contract.js'
import { resourceKey } from '../session/paths.js'
import { cronJobs, jobs } from './jobs.js'
import { keptPodsColumns, unknownPods } from './kept-pods.js'
import { ageColumn, born, imagesOf, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'
import { pods } from './pods.js'
import { daemonSets, deployments, replicaSets, replicationControllers, statefulSets } from './workloads.js'

/** Whether a resource is the list of all workloads. */
export const isWorkloads = (r: Pick<ResourceRef, 'group' | 'resource'>): boolean => r.group === '' && r.resource === 'workloads'

/** What a kind's objects say in the list. */
interface WorkloadKind {
  own: ListKind
  kind: string
  ready(this: void, object: Json, own: OwnCells): Cell
  status(this: void, object: Json, own: OwnCells): Cell
  template(this: void, object: Json): Json
}
/** The cell of a column of the kind's own list. */
type OwnCells = (column: string) => Cell

const ofReplicas = { ready: (_: Json, own: OwnCells) => own('ready'), template: (o: Json) => o.spec?.template }

/** Replicas as a controller counts them. */
interface Counts {
  wanted: number
  /** Made of the template as it is now. */
  updated: number
  there: number
  ready: number
}

/** How replicas are: none wanted, some still to come, or there and not ready. @param comes what is still to be done is under way */
function replicasStatus(object: Json, { wanted, updated, there, ready }: Counts, comes = false): Cell {
  const seen = (object.status?.observedGeneration ?? 0) >= (object.metadata?.generation ?? 0)
  if (!seen || comes || updated < wanted || there > wanted) return { text: 'Progressing', tone: 'busy' }
  if (wanted === 0) return { text: 'Scaled to zero', tone: 'off' }
  if (ready === 0) return { text: 'Unavailable', tone: 'bad' }
  return ready < wanted ? { text: 'Degraded', tone: 'warn' } : { text: 'Available', tone: 'ok' }
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status */
function deploymentStatus(o: Json): Cell {
  const { spec = {}, status = {} } = o
  const condition = (type: string): Json => (status.conditions ?? []).find((c: Json) => c.type === type)
  const progressing = condition('Progressing')
  const failure = condition('ReplicaFailure')
  const why = (c: Json): string => [c.reason, c.message].filter(Boolean).join(': ')
  if (progressing?.status === 'False') return { text: progressing.reason || 'Failed', tone: 'bad', title: why(progressing) }
  if (failure?.status === 'True') return { text: failure.reason || 'ReplicaFailure', tone: 'bad', title: why(failure) }
  if (spec.paused) return { text: 'Paused', tone: 'off' }
  const counts = {
    wanted: spec.replicas ?? 1,
    updated: status.updatedReplicas ?? 0,
    there: status.replicas ?? 0,
    ready: status.availableReplicas ?? 0,
  }
  // Pods that are not there yet are no trouble until the rollout has been complete once.
  return replicasStatus(o, counts, counts.ready < counts.wanted && progressing?.reason !== 'NewReplicaSetAvailable')
}

function statefulSetStatus(o: Json): Cell {
  const { spec = {}, status = {} } = o
  const wanted = spec.replicas ?? 1
  const there = status.replicas ?? 0
  // Those before the partition, and all with OnDelete, keep the template that they have.
  const stay = spec.updateStrategy?.type === 'OnDelete' ? wanted : (spec.updateStrategy?.rollingUpdate?.partition ?? 0)
  const updated = Math.min(there, (status.updatedReplicas ?? 0) + stay)
  return replicasStatus(o, { wanted, updated, there, ready: status.readyReplicas ?? 0 })
}

function daemonSetStatus(o: Json): Cell {
  const { spec = {}, status = {} } = o
  const wanted = status.desiredNumberScheduled ?? 0
  const there = status.currentNumberScheduled ?? 0
  const updated = spec.updateStrategy?.type === 'OnDelete' ? there : (status.updatedNumberScheduled ?? 0)
  return replicasStatus(o, { wanted, updated, there, ready: status.numberReady ?? 0 })
}

function replicaSetStatus(o: Json): Cell {
  const { spec = {}, status = {} } = o
  const failure = (status.conditions ?? []).find((c: Json) => c.type === 'ReplicaFailure' && c.status === 'True')
  if (failure) return { text: failure.reason || 'ReplicaFailure', tone: 'bad', title: [failure.reason, failure.message].join(': ') }
  const there = status.replicas ?? 0
  return replicasStatus(o, { wanted: spec.replicas ?? 1, updated: there, there, ready: status.readyReplicas ?? 0 })
}

function cronJobStatus(o: Json, own: OwnCells): Cell {
  const title = [o.spec?.schedule, o.spec?.timeZone].filter(Boolean).join(' ')
  if (o.spec?.suspend) return { text: 'Suspended', tone: 'off', title }
  return own('active') ? { text: 'Active', tone: 'busy', title } : { text: 'Scheduled', tone: 'ok', title }
}

const all: readonly WorkloadKind[] = [
  { own: deployments, kind: 'Deployment', ...ofReplicas, status: deploymentStatus },
  { own: statefulSets, kind: 'StatefulSet', ...ofReplicas, status: statefulSetStatus },
  { own: daemonSets, kind: 'DaemonSet', ...ofReplicas, status: daemonSetStatus },
  { own: replicaSets, kind: 'ReplicaSet', ...ofReplicas, status: replicaSetStatus },
  { own: replicationControllers, kind: 'ReplicationController', ...ofReplicas, status: replicaSetStatus },
  {
    own: jobs,
    kind: 'Job',
    ready: (_, own) => own('completions'),
    status: (_, own) => own('status'),
    template: (o) => o.spec?.template,
  },
  {
    own: cronJobs,
    kind: 'CronJob',
    ready: () => null,
    status: cronJobStatus,
    template: (o) => o.spec?.jobTemplate?.spec?.template,
  },
  { own: pods, kind: 'Pod', ready: (_, own) => own('ready'), status: (_, own) => own('status'), template: (o) => o },
]

const columns: ColumnInfo[] = [
  nameColumn,
  namespaceColumn,
  { id: 'kind', title: 'Kind', type: 'text', width: 150 },
  { id: 'ready', title: 'Ready', type: 'status', width: 84 },
  { id: 'status', title: 'Status', type: 'status', width: 170 },
  ...keptPodsColumns,
  { id: 'images', title: 'Images', type: 'text', width: 240 },
  { id: 'owner', title: 'Controlled by', type: 'text', width: 200, wide: true },
  ageColumn,
]

/** A kind of the list, and what of its objects is shown. */
export interface ListedWorkload {
  resource: ResourceRef
  /** What a row says of its kind: `deployments.apps`. */
  key: string
  list: ListKind
  /** Whether an object has a controller that is in the list itself. */
  controlled(this: void, object: Json): boolean
}

/** The kinds of workloads that a server has, as the list shows them. */
export function listedWorkloads(kinds: readonly KindInfo[]): ListedWorkload[] {
  return all.flatMap(({ own, kind, ready, status, template }) => {
    const found = kinds.find((k) => k.group === own.group && k.resource === own.resource && k.verbs.includes('list'))
    if (!found) return []
    const { group, version, resource } = found
    const cells = (o: Json): Cell[] => {
      const values = own.cells(o)
      const cell: OwnCells = (id) => values[own.columns.findIndex((c) => c.id === id)] ?? null
      const controller = controllerOf(o)
      return [
        o.metadata?.name ?? '',
        o.metadata?.namespace ?? '',
        kind,
        ready(o, cell),
        o.metadata?.deletionTimestamp ? { text: 'Terminating', tone: 'busy' } : status(o, cell),
        ...unknownPods,
        imagesOf(template(o)),
        controller ? `${controller.kind}/${controller.name}` : '',
        born(o),
      ]
    }
    // A pod that nobody keeps is its own workload: what it uses is told of itself.
    const list: ListKind = { group, resource, columns, cells, ...(own === pods && pods.usage ? { usage: pods.usage } : {}) }
    return [{ resource: { group, version, resource }, key: resourceKey(found), list, controlled }]
  })
}

/** The columns of the list. */
export const workloadColumns: readonly ColumnInfo[] = columns

function controllerOf(object: Json): Json {
  return (object.metadata?.ownerReferences ?? []).find((r: Json) => r.controller)
}
function controlled(object: Json): boolean {
  const controller = controllerOf(object)
  if (!controller) return false
  const group = String(controller.apiVersion ?? '').split('/')
  return all.some((w) => w.kind === controller.kind && w.own.group === (group.length > 1 ? group[0] : ''))
}
