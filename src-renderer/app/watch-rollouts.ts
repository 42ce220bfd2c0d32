import type { Calls, DocumentResult, ObjectRef } from '../../src-main/backend/rpc/contract.js'
import { useRollouts } from '../stores/rollouts.js'
import type { KubeObject } from '../stores/object.js'
import type { Rpc } from './rpc.js'

/** The calls whose outcome is a rollout in any case. */
const starting: ReadonlySet<keyof Calls> = new Set<keyof Calls>(['workloads.restart', 'workloads.rollback', 'workloads.scale'])

/** Those whose outcome may be one. */
const changing: ReadonlySet<keyof Calls> = new Set<keyof Calls>(['objects.patch', 'objects.save', 'objects.undo', 'objects.undoSave'])

/** The workloads that a call has set rolling. A change that left the generation alone (of a label, say) sets nothing rolling. */
export function rolloutsOf(method: keyof Calls, params: unknown, result: unknown): ObjectRef[] {
  const { ref, dryRun } = params as { ref?: ObjectRef; dryRun?: boolean }
  if (dryRun) return []
  if (method === 'objects.apply') return (result as DocumentResult[]).filter((r) => r.action === 'configured').map((r) => r.ref)
  if (!ref) return []
  if (starting.has(method)) return [ref]
  if (!changing.has(method)) return []
  const object = result as Partial<KubeObject> | null
  return (object?.metadata?.generation ?? 0) > (object?.status?.observedGeneration ?? 0) ? [ref] : []
}

/** Follows the rollouts that changes made in this window start. */
export function watchRollouts(rpc: Rpc): void {
  rpc.done = (method, params, result) => {
    const { context } = params as { context?: string }
    if (!context) return
    // A workload that cannot be read any more is nobody's news.
    for (const ref of rolloutsOf(method, params, result))
      useRollouts()
        .follow(context, ref)
        .catch(() => undefined)
  }
}
