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
