/** Kinds that SIGs make beside Kubernetes: VerticalPodAutoscalers, JobSets and LeaderWorkerSets. */
import type { Cell } from '../rpc/contract.js'
import { conditionCell } from './conditions.js'
import { ageColumn, born, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'

const number = (id: string, title: string) => ({ id, title, type: 'number', width: 86, align: 'right' }) as const
const statusColumn = { id: 'status', title: 'Status', type: 'status', width: 130 } as const

/** What is recommended for each container: the amount alone where there is one container. */
function recommended(o: Json, of: 'cpu' | 'memory'): string {
  const all: Json[] = o.status?.recommendation?.containerRecommendations ?? []
  if (all.length === 1) return all[0].target?.[of] ?? ''
  return all.map((c) => `${c.containerName} ${c.target?.[of] ?? '–'}`).join(', ')
}

/** https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/api.md */
export const verticalPodAutoscalers: ListKind = {
  group: 'autoscaling.k8s.io',
  resource: 'verticalpodautoscalers',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'reference', title: 'Reference', type: 'text', width: 180 },
    { id: 'mode', title: 'Mode', type: 'text', width: 100 },
    { id: 'cpu', title: 'CPU', type: 'text', width: 110 },
    { id: 'memory', title: 'Memory', type: 'text', width: 120 },
    statusColumn,
    ageColumn,
  ],
  cells: (o) => {
    const ref = o.spec?.targetRef
    const conditions: Json[] = o.status?.conditions ?? []
    const unsupported = conditions.find((c) => (c.type === 'ConfigUnsupported' || c.type === 'NoPodsMatched') && c.status === 'True')
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      ref ? `${ref.kind}/${ref.name}` : '',
      o.spec?.updatePolicy?.updateMode ?? '',
      recommended(o, 'cpu'),
      recommended(o, 'memory'),
      unsupported
        ? { text: unsupported.reason || unsupported.type, tone: 'bad', ...(unsupported.message ? { title: unsupported.message } : {}) }
        : conditionCell(conditions, ['RecommendationProvided'], 'Provided'),
      born(o),
    ]
  },
}

/** https://jobset.sigs.k8s.io/docs/reference/jobset.v1alpha2/ */
function jobSetStatus(o: Json): Cell {
  const on = (type: string): Json => (o.status?.conditions ?? []).find((c: Json) => c.type === type && c.status === 'True')
  const failed = on('Failed')
  if (failed) return { text: 'Failed', tone: 'bad', title: [failed.reason, failed.message].filter(Boolean).join(': ') }
  if (on('Completed')) return { text: 'Completed', tone: 'ok' }
  if (o.spec?.suspend) return { text: 'Suspended', tone: 'off' }
  return { text: 'Running', tone: 'busy' }
}

/** `workers 3/4` for each of its replicated Jobs: how many of them have succeeded, or are ready meanwhile. */
function replicatedJobs(o: Json): string {
  const told: Json[] = o.status?.replicatedJobsStatus ?? []
  return ((o.spec?.replicatedJobs ?? []) as Json[])
    .map(({ name, replicas = 1 }) => {
      const { succeeded = 0, ready = 0 } = told.find((s) => s.name === name) ?? {}
      return `${name} ${succeeded + ready}/${replicas}`
    })
    .join(', ')
}

export const jobSets: ListKind = {
  group: 'jobset.x-k8s.io',
  resource: 'jobsets',
  columns: [
    nameColumn,
    namespaceColumn,
    statusColumn,
    { id: 'replicatedJobs', title: 'Replicated Jobs', type: 'text', width: 200 },
    number('restarts', 'Restarts'),
    ageColumn,
  ],
  cells: (o) => [o.metadata?.name ?? '', o.metadata?.namespace ?? '', jobSetStatus(o), replicatedJobs(o), o.status?.restarts ?? 0, born(o)],
}

/** https://lws.sigs.k8s.io/docs/reference/leaderworkerset.v1/ */
export const leaderWorkerSets: ListKind = {
  group: 'leaderworkerset.x-k8s.io',
  resource: 'leaderworkersets',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'ready', title: 'Ready', type: 'status', width: 70 },
    number('upToDate', 'Up-to-date'),
    number('groupSize', 'Group size'),
    ageColumn,
  ],
  cells: (o) => {
    const wanted = o.spec?.replicas ?? 1
    const ready = o.status?.readyReplicas ?? 0
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      {
        text: `${ready}/${wanted}`,
        sort: wanted ? ready / wanted : 1,
        tone: ready >= wanted ? (wanted === 0 ? 'off' : 'ok') : ready === 0 ? 'bad' : 'warn',
      },
      o.status?.updatedReplicas ?? 0,
      o.spec?.leaderWorkerTemplate?.size ?? 1,
      born(o),
    ]
  },
}
