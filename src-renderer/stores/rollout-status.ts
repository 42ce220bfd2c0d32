import type { KubeObject } from './object.js'

/** How far a rollout is. */
export interface RolloutStatus {
  phase: 'running' | 'done' | 'failed'
  /** Replicas that are new and available, of those wanted. */
  ready: number
  wanted: number
  /** Why it failed, as the controller says. */
  message?: string
}

/** The kinds that roll out. */
export const rollingKinds: readonly string[] = ['deployments', 'statefulsets', 'daemonsets']

/**
 * The rules of `kubectl rollout status`: whether what the object's generation asks for is there.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export function rolloutStatus(resource: string, object: KubeObject): RolloutStatus {
  const { spec = {}, status = {} } = object
  const seen = (status.observedGeneration ?? 0) >= (object.metadata.generation ?? 0)
  if (resource === 'daemonsets') {
    const wanted = status.desiredNumberScheduled ?? 0
    const ready = Math.min(status.updatedNumberScheduled ?? 0, status.numberAvailable ?? 0)
    // With OnDelete nothing happens until somebody deletes pods.
    const waits = spec.updateStrategy?.type === 'OnDelete'
    return { phase: seen && (waits || ready >= wanted) ? 'done' : 'running', ready, wanted }
  }
  const wanted = spec.replicas ?? 1
  const updated = status.updatedReplicas ?? 0
  if (resource === 'statefulsets') {
    const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0
    const ready = Math.min(status.readyReplicas ?? 0, wanted)
    const whole =
      spec.updateStrategy?.type === 'OnDelete' ||
      (partition > 0 ? updated >= wanted - partition : status.updateRevision === status.currentRevision)
    return { phase: seen && whole && (status.readyReplicas ?? 0) >= wanted ? 'done' : 'running', ready, wanted }
  }
  const ready = Math.min(updated, status.availableReplicas ?? 0)
  const progressing = (status.conditions ?? []).find((c: { type: string }) => c.type === 'Progressing')
  if (seen && progressing?.reason === 'ProgressDeadlineExceeded')
    return { phase: 'failed', ready, wanted, message: progressing.message ?? progressing.reason }
  const done = seen && updated >= wanted && (status.replicas ?? 0) <= updated && (status.availableReplicas ?? 0) >= updated
  return { phase: done ? 'done' : 'running', ready, wanted }
}
