/** What the scheduler says when a pod fits nowhere, in kube-scheduler's words. */

/** Reasons with the number of nodes each stands for: `1 node(s) were unschedulable, 2 Insufficient cpu`. */
function countedReasons(reasons: ReadonlyMap<string, number>): string {
  return [...reasons]
    .map(([reason, n]) => `${n} ${reason}`)
    .sort()
    .join(', ')
}

/**
 * `0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.`
 *
 * @param everywhere a reason that holds for all nodes; then the counted ones are not shown
 */
export function noNodeFits(total: number, reasons: ReadonlyMap<string, number>, everywhere?: string): string {
  const head = `0/${total} nodes are available:`
  if (everywhere) return `${head} ${everywhere}.`
  return reasons.size ? `${head} ${countedReasons(reasons)}.` : head
}

/** What a cluster without nodes is told. */
export const NO_NODES = 'no nodes available to schedule pods'

/**
 * Why the plugins that run when nothing fits could not help either; appended to {@link noNodeFits}.
 *
 * @param hasClaims whether the pod asks for devices
 */
export function postFilterMessage(preemption: string, hasClaims: boolean): string {
  return ` ${hasClaims ? 'still not schedulable' : 'no new claims to deallocate'}, preemption: ${preemption}`
}
