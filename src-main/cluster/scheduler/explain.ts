/** Why a pod went where it went, or nowhere: what each plugin said of each node. */
import type { QueuedPod } from './queue.js'
import type { Selection } from './selection.js'

/** What one plugin gave to a node. */
export interface PluginScore {
  plugin: string
  /** After normalising, 0..100. */
  score: number
  weight: number
}

export interface NodeScore {
  node: string
  /** The sum of score times weight over the plugins. */
  total: number
  plugins: PluginScore[]
}

export interface NodeRejection {
  node: string
  plugin: string
  reasons: readonly string[]
}

/** The record of one attempt to schedule one pod. */
export interface SchedulingRecord {
  /** `namespace/name`. */
  pod: string
  uid: string
  /** Cluster time in ms. */
  at: number
  /** Which attempt it was, from 1. */
  attempt: number
  outcome: 'Scheduled' | 'Unschedulable' | 'Error'
  /** The chosen node. */
  node?: string
  /** The node that preemption made room on. */
  nominatedNode?: string
  /** The text of the event. */
  message: string
  /** How many nodes there are, how many were looked at, how many of them fit. */
  nodes: { total: number; evaluated: number; feasible: number }
  /** Plugins whose filter had something to say about this pod. */
  filters: readonly string[]
  /** The best nodes, best first. */
  scores: readonly NodeScore[]
  /** The nodes that were refused, and by which plugin. */
  rejections: readonly NodeRejection[]
  /** How many nodes were refused for each reason. */
  reasons: Readonly<Record<string, number>>
}

/** Nodes that are listed one by one in a record. */
export const MAX_LISTED = 32

/** The record of an attempt that has just ended. */
export function recordOf(queued: QueuedPod, selection: Selection, result: AttemptResult): SchedulingRecord {
  return new Attempt(queued, selection, result)
}

interface AttemptResult {
  outcome: SchedulingRecord['outcome']
  message: string
  nominated?: string | undefined
}

/** A record whose scores are worked out only for those that ask for them. A class: with a getter of its own each would be a hash table. */
class Attempt implements SchedulingRecord {
  readonly pod: string
  readonly uid: string
  readonly at: number
  readonly attempt: number
  readonly outcome: SchedulingRecord['outcome']
  readonly node?: string
  readonly nominatedNode?: string
  readonly message: string
  readonly nodes: SchedulingRecord['nodes']
  readonly filters: readonly string[]
  readonly rejections: readonly NodeRejection[]
  readonly reasons: Readonly<Record<string, number>>
  private readonly scored: () => NodeScore[]

  constructor({ info, attempts, triedAt }: QueuedPod, selection: Selection, { outcome, message, nominated }: AttemptResult) {
    const { chosen, total, evaluated, feasible, filters, scores, listedRejections, reasons } = selection
    this.pod = info.key
    this.uid = info.uid
    this.at = triedAt
    this.attempt = attempts
    this.outcome = outcome
    if (chosen) this.node = chosen.name
    if (nominated) this.nominatedNode = nominated
    this.message = message
    this.nodes = { total, evaluated, feasible }
    this.filters = filters.map((f) => f.plugin)
    this.rejections = listedRejections
    this.reasons = Object.fromEntries(reasons)
    this.scored = scores
  }

  get scores(): readonly NodeScore[] {
    return this.scored()
  }
}

/** The records of the last pods, the latest attempt of each. */
export class SchedulingRecords {
  private readonly records = new Map<string, SchedulingRecord>()

  constructor(private readonly capacity: number) {}

  add(record: SchedulingRecord): void {
    this.records.delete(record.pod)
    this.records.set(record.pod, record)
    if (this.records.size > this.capacity) this.records.delete(this.records.keys().next().value!)
  }

  /** Forgets a pod that is gone. */
  remove(podKey: string): void {
    this.records.delete(podKey)
  }

  /** @param podKey `namespace/name` */
  get(podKey: string): SchedulingRecord | undefined {
    return this.records.get(podKey)
  }
}
