/** What the kubelet says of a pod that it evicts because the node is short of something. */
import { formatQuantity } from '../api/kinds/rules/quantity.js'
import type { PodUsage } from './pod-usage.js'
import { bytes } from './quantity.js'

/** What the node is short of. Bytes, or a number of processes. */
export interface Shortfall {
  resource: string
  threshold: number
  available: number
}

/** The containers that use more of something than they asked for, with what they use. Of process ids none can be blamed. */
function offenders(resource: string, usage: PodUsage): { name: string; used: number; request: string }[] {
  if (resource === 'pids') return []
  return usage.containers
    .map((c) => ({ name: c.name, used: resource === 'memory' ? c.memory : c.disk, request: c.requests[resource] ?? '0' }))
    .filter(({ used, request }) => used > bytes(request))
}

/** What the event of the eviction is annotated with. */
export function evictionAnnotations({ resource }: Shortfall, usage: PodUsage): Record<string, string> {
  const found = offenders(resource, usage)
  return {
    offending_containers: found.map((o) => o.name).join(','),
    offending_containers_usage: found.map((o) => kibi(o.used)).join(','),
    starved_resource: resource,
  }
}

export function evictionMessage({ resource, threshold, available }: Shortfall, usage: PodUsage): string {
  const left = Math.max(0, available)
  const [limit, rest] = resource === 'pids' ? [`${threshold}`, `${left}`] : [binary(threshold), kibi(left)]
  return [
    `The node was low on resource: ${resource}. Threshold quantity: ${limit}, available: ${rest}. `,
    ...offenders(resource, usage).map(
      ({ name, used, request }) =>
        `Container ${name} was using ${kibi(used)}, request is ${request}, has larger consumption of ${resource}. `,
    ),
  ].join('')
}

function binary(amount: number): string {
  return formatQuantity({ nano: BigInt(Math.floor(amount)) * 1_000_000_000n, format: 'BinarySI' })
}

/** Measured bytes are told in whole Ki, as the statistics of the kernel come in pages. */
function kibi(amount: number): string {
  return `${Math.ceil(amount / 1024)}Ki`
}
