/** Jobs and CronJobs. */
import { Cron } from 'croner'
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
  time,
  type Json,
  type ListKind,
} from './kind.js'

const imagesColumn = { id: 'images', title: 'Images', type: 'text', width: 220, wide: true } as const

/** The status word of `kubectl get jobs`. */
function status(o: Json): Cell {
  const on = (type: string): Json => (o.status?.conditions ?? []).find((c: Json) => c.type === type && c.status === 'True')
  const failed = on('Failed') ?? on('FailureTarget')
  if (on('Complete')) return { text: 'Complete', tone: 'ok' }
  if (failed) return { text: on('Failed') ? 'Failed' : 'FailureTarget', tone: 'bad', title: [failed.reason, failed.message].join(': ') }
  if (o.metadata?.deletionTimestamp) return { text: 'Terminating', tone: 'busy' }
  if (on('Suspended')) return { text: 'Suspended', tone: 'off' }
  if (on('SuccessCriteriaMet')) return { text: 'SuccessCriteriaMet', tone: 'busy' }
  return { text: 'Running', tone: 'busy', ...(o.status?.failed ? { title: `${o.status.failed} failed` } : {}) }
}

/** Completions as `kubectl get jobs` writes them: `1/3`, and for work queues `0/1 of 3`. */
function completions(o: Json): Cell {
  const { completions: wanted, parallelism = 1 } = o.spec ?? {}
  const done = o.status?.succeeded ?? 0
  const text = wanted === undefined ? (parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`) : `${done}/${wanted}`
  return { text, sort: done / (wanted || 1) }
}

function duration(o: Json): Cell {
  const start = time(o.status?.startTime)
  if (start === null) return null
  const failed = (o.status?.conditions ?? []).find((c: Json) => c.type === 'Failed' && c.status === 'True')
  const end = time(o.status?.completionTime) ?? time(failed?.lastTransitionTime)
  if (end === null) return { text: '', since: start, sort: -start }
  return { text: '', spent: end - start, sort: end - start }
}

export const jobs: ListKind = {
  group: 'batch',
  resource: 'jobs',
  keepsPods: true,
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'status', title: 'Status', type: 'status', width: 120 },
    { id: 'completions', title: 'Completions', type: 'text', width: 100, align: 'right', stays: 'long' },
    ...keptPodsColumns,
    { id: 'parallelism', title: 'Parallelism', type: 'number', width: 92, align: 'right' },
    { id: 'duration', title: 'Duration', type: 'duration', width: 84, align: 'right' },
    { id: 'owner', title: 'Controlled by', type: 'text', width: 180 },
    containersColumn,
    imagesColumn,
    { id: 'selector', title: 'Selector', type: 'text', width: 200, wide: true },
    ageColumn,
  ],
  cells: (o) => {
    const owner = (o.metadata?.ownerReferences ?? []).find((r: Json) => r.controller)
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      status(o),
      completions(o),
      ...unknownPods,
      o.spec?.parallelism ?? 1,
      duration(o),
      owner ? `${owner.kind}/${owner.name}` : '',
      containersOf(o.spec?.template),
      imagesOf(o.spec?.template),
      selectorText(o.spec?.selector),
      born(o),
    ]
  },
}

/** When a CronJob runs next, ms since the epoch; null when it never does. Counted from its last run where that is later than now: its cluster's clock may be ahead. */
function nextRun(o: Json): number | null {
  const { schedule, timeZone, suspend } = o.spec ?? {}
  if (suspend || typeof schedule !== 'string') return null
  try {
    const from = Math.max(Date.now(), time(o.status?.lastScheduleTime) ?? 0)
    return new Cron(schedule, { paused: true, timezone: timeZone ?? 'UTC' }).nextRun(new Date(from))?.getTime() ?? null
  } catch {
    return null
  }
}

export const cronJobs: ListKind = {
  group: 'batch',
  resource: 'cronjobs',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'schedule', title: 'Schedule', type: 'text', width: 120, stays: 'always' },
    { id: 'timeZone', title: 'Time zone', type: 'text', width: 110, stays: 'brief' },
    { id: 'suspended', title: 'Suspended', type: 'status', width: 90 },
    { id: 'active', title: 'Active', type: 'number', width: 64, align: 'right' },
    { id: 'lastSchedule', title: 'Last schedule', type: 'age', width: 100, align: 'right' },
    { id: 'lastSuccess', title: 'Last success', type: 'age', width: 96, align: 'right' },
    { id: 'nextRun', title: 'Next run', type: 'until', width: 84, align: 'right' },
    containersColumn,
    imagesColumn,
    ageColumn,
  ],
  cells: (o) => [
    o.metadata?.name ?? '',
    o.metadata?.namespace ?? '',
    o.spec?.schedule ?? '',
    o.spec?.timeZone ?? '',
    o.spec?.suspend ? { text: 'Suspended', tone: 'off' } : '',
    (o.status?.active ?? []).length,
    time(o.status?.lastScheduleTime),
    time(o.status?.lastSuccessfulTime),
    nextRun(o),
    containersOf(o.spec?.jobTemplate?.spec?.template),
    imagesOf(o.spec?.jobTemplate?.spec?.template),
    born(o),
  ],
}
