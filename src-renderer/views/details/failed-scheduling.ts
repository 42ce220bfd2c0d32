/** The message of a FailedScheduling event, in its parts. */
export interface FailedScheduling {
  feasible: number
  total: number
  reasons: { nodes: number; text: string }[]
  /** What preemption found. */
  preemption?: string
}

/**
 * Reads `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: …`, as the scheduler
 * writes it, most common reason first. Null when the text is another one.
 */
export function readFailedScheduling(message: string | undefined): FailedScheduling | null {
  const head = /^(\d+)\/(\d+) nodes are available: (.*)$/s.exec(message ?? '')
  if (!head) return null
  const [all = '', preemption] = head[3]!.split(/ ?preemption: /)
  // A reason may hold commas (the keys of a taint): the next one begins with its number of nodes.
  const reasons = all
    .replace(/\.\s*$/, '')
    .split(/, (?=\d+ )/)
    .map((part) => /^(\d+) (.*)$/s.exec(part))
    .filter((m) => m !== null)
    .map((m) => ({ nodes: Number(m[1]), text: m[2]! }))
    .sort((a, b) => b.nodes - a.nodes)
  return { feasible: Number(head[1]), total: Number(head[2]), reasons, ...(preemption ? { preemption } : {}) }
}
