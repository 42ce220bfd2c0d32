/** Revisions of workloads, drains of nodes, and what pods and nodes use. */
import type { RpcError } from './errors.js'
import type { ObjectRef } from './resources.js'

/** One revision of a Deployment (its ReplicaSets), StatefulSet or DaemonSet (their ControllerRevisions). */
export interface WorkloadRevision {
  revision: number
  /** The ReplicaSet or ControllerRevision that keeps it. */
  ref: ObjectRef
  kind: 'ReplicaSet' | 'ControllerRevision'
  /** ms since the epoch. */
  created: number
  /** `kubernetes.io/change-cause`. */
  cause?: string
  images: string[]
  /** Whether the workload's template is this one now. */
  current: boolean
  /** The pod template, without the label by which a controller tells its sets apart. */
  template: Record<string, unknown>
}

/** The options of `kubectl drain`. */
export interface DrainOptions {
  ignoreDaemonSets: boolean
  deleteEmptyDirData: boolean
  /** Deletes pods that no controller will make again, too. */
  force: boolean
  /** Deletes instead of evicting: disruption budgets are not asked. */
  disableEviction: boolean
  /** Seconds; -1: the pod's own. */
  gracePeriodSeconds: number
  /** Seconds until it gives up; 0: never. */
  timeoutSeconds: number
  podSelector?: string
}

/** A drain's steps: which pods there are and what becomes of each. */
export type DrainEvent =
  | { type: 'pods'; pods: { namespace: string; name: string; skipped?: 'daemonset' | 'mirror' }[] }
  | { type: 'pod'; namespace: string; name: string; state: 'evicting' | 'blocked' | 'gone' | 'failed'; message?: string }
  | { type: 'done'; error?: RpcError }

/** What a pod or node uses over time, oldest first. The last sample is of `until`. */
export interface UsageSeries {
  /** ms since the epoch. */
  until: number
  intervalSeconds: number
  cpuCores: number[]
  memoryBytes: number[]
}
