/**
 * The requests that are worked on, and the pages that tell of them to those who look for what keeps a server busy.
 * https://kubernetes.io/docs/reference/debug-cluster/flow-control/
 */
import { createHash } from 'node:crypto'
import type { Store } from '../../store/store.js'
import type { UserInfo } from '../client.js'
import type { RequestInfo } from '../http/requestinfo.js'
import type { PriorityLevelConfiguration } from '../kinds/prioritylevelconfiguration.js'
import type { Flow } from './classify.js'
import { FLOW_GROUP } from './keeper.js'

/** The query of dump_requests that asks for what each request is about. */
const DETAILS = 'includeRequestDetails'
/** Columns are at least so wide, and end with a space. */
const LEAST_WIDTH = 8
/** Work of a queue in which nobody waits, in seat-seconds. */
const NO_WORK = '0.00000000ss'

interface Running {
  readonly flow: Flow
  readonly user: UserInfo
  readonly info: RequestInfo
  /** Cluster ms. */
  readonly arrived: number
}

interface Level {
  readonly name: string
  readonly uid: string
  /** How many queues it has; 0 for one that refuses what does not fit, and for the exempt one. */
  readonly queues: number
  readonly running: readonly Running[]
}

/** Which requests of each priority level are worked on. All have one seat, and none of them waits in a queue. */
export class RunningRequests {
  private readonly running = new Set<Running>()
  private readonly dispatched = new Map<string, number>()

  constructor(private readonly store: Store) {}

  /** Notes that a request is worked on; the function returned notes that it is done. */
  add(request: Running): () => void {
    const { level } = request.flow
    this.dispatched.set(level, (this.dispatched.get(level) ?? 0) + 1)
    this.running.add(request)
    return () => void this.running.delete(request)
  }

  /** The page at a path; undefined where there is none. */
  page(path: string, query: URLSearchParams): string | undefined {
    switch (path) {
      case '/debug/api_priority_and_fairness/dump_priority_levels':
        return table([LEVEL_COLUMNS, ...this.levels().map((level) => this.levelRow(level))])
      case '/debug/api_priority_and_fairness/dump_queues':
        return table([QUEUE_COLUMNS, ...this.levels().flatMap(queueRows)])
      case '/debug/api_priority_and_fairness/dump_requests': {
        const details = Boolean(query.get(DETAILS))
        return table([
          details ? [...REQUEST_COLUMNS, ...DETAIL_COLUMNS] : REQUEST_COLUMNS,
          ...this.levels().flatMap((level) => requestRows(level, details)),
        ])
      }
      default:
        return undefined
    }
  }

  private levels(): Level[] {
    return this.store.list(`/registry/${FLOW_GROUP}/prioritylevelconfigurations/`).items.map(({ object }) => {
      const { metadata, spec } = object as unknown as PriorityLevelConfiguration
      return {
        name: metadata.name!,
        uid: metadata.uid!,
        queues: spec?.limited?.limitResponse?.queuing?.queues ?? 0,
        running: [...this.running].filter(({ flow }) => flow.level === metadata.uid),
      }
    })
  }

  private levelRow({ name, uid, running }: Level): string[] {
    const dispatched = this.dispatched.get(uid) ?? 0
    return [name, '0', String(running.length === 0), 'false', '0', String(running.length), String(dispatched), '0', '0', '0']
  }
}

const columns = (names: string): readonly string[] => names.split(' ')

const LEVEL_COLUMNS = columns(
  'PriorityLevelName ActiveQueues IsIdle IsQuiescing WaitingRequests ExecutingRequests DispatchedRequests RejectedRequests TimedoutRequests CancelledRequests',
)
const QUEUE_COLUMNS = columns(
  'PriorityLevelName Index PendingRequests ExecutingRequests SeatsInUse NextDispatchR InitialSeatsSum MaxSeatsSum TotalWorkSum',
)
const REQUEST_COLUMNS = columns(
  'PriorityLevelName FlowSchemaName QueueIndex RequestIndexInQueue FlowDistingsher ArriveTime InitialSeats FinalSeats AdditionalLatency StartTime',
)
const DETAIL_COLUMNS = columns('UserName Verb APIPath Namespace Name APIVersion Resource SubResource')

function queueRows({ name, queues, running }: Level): string[][] {
  const executing = new Map<number, number>()
  for (const request of running) {
    const queue = queueOf(request, queues)
    executing.set(queue, (executing.get(queue) ?? 0) + 1)
  }
  return Array.from({ length: queues }, (_, i) => {
    const n = String(executing.get(i) ?? 0)
    return [name, String(i), '0', n, n, NO_WORK, '0', '0', NO_WORK]
  })
}

function requestRows({ name, queues, running }: Level, details: boolean): string[][] {
  return running
    .map((request) => ({ request, queue: queueOf(request, queues) }))
    .sort((a, b) => a.queue - b.queue)
    .map(({ request, queue }) => {
      const { flow, user, info, arrived } = request
      const time = nanoTime(arrived)
      const row = [name, flow.schemaName, String(queue), '-1', distinguisherOf(request), time, '1', '0', '0s', time]
      if (!details) return row
      const version = info.group ? `${info.group}/${info.version}` : info.version
      return [...row, user.username, info.verb, info.path, info.namespace, info.name, version, info.resource, info.subresource]
    })
}

/** What tells apart the flows of a schema. */
function distinguisherOf({ flow, user, info }: Running): string {
  if (flow.distinguisher === 'ByUser') return user.username
  return flow.distinguisher === 'ByNamespace' ? info.namespace : ''
}

/** The first queue that the hash of a flow deals to it; -1 where there are none. */
function queueOf(request: Running, queues: number): number {
  if (queues === 0) return -1
  const hash = createHash('sha256')
    .update(`${request.flow.schemaName}\0${distinguisherOf(request)}`)
    .digest()
  return Number(hash.readBigUInt64LE() % BigInt(queues))
}

/** A time as Go's RFC3339Nano: fractions without the zeros at their end. */
const nanoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z')

/** Rows as Go's tabwriter prints them: cells end with a comma but the last, and stand under each other. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(LEAST_WIDTH, ...rows.map((row) => row[i]!.length + 2)))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : `${cell},`.padEnd(widths[i]!))).join('')
  return rows.map((row) => `${line(row)}\n`).join('')
}
