/**
 * Whether a node can take a pod at all. The scheduler has asked the same before, but a pod may name its node itself.
 * The reasons are those of the kubelet's admission: `OutOfcpu`, `OutOfmemory`, `OutOfpods`, `NodeAffinity`, `SysctlForbidden`.
 */
import type { Pod } from '../api/object.js'
import { SAFE_SYSCTLS } from '../api/kinds/rules/safe-sysctls.js'
import { bytes, millicores } from './quantity.js'
import type { PendingResize } from './resize.js'

/** What a pod asks for: millicores and bytes. */
export interface PodRequests {
  cpu: number
  memory: number
}

/** What a pod asks for in all. */
export function podRequests(pod: Pod): PodRequests {
  return { cpu: request(pod, 'cpu'), memory: request(pod, 'memory') }
}

/** The sum of a pod's containers, or the most that its init phase needs. */
function request(pod: Pod, name: 'cpu' | 'memory'): number {
  const amount = name === 'cpu' ? millicores : bytes
  const of = (c: { resources?: { requests?: Record<string, string> } }): number => amount(c.resources?.requests?.[name])
  const podLevel = pod.spec!.resources?.requests?.[name]
  if (podLevel !== undefined) return amount(podLevel)
  let sidecars = 0
  let peak = 0
  for (const c of pod.spec!.initContainers ?? []) {
    if (c.restartPolicy === 'Always') sidecars += of(c)
    peak = Math.max(peak, sidecars + (c.restartPolicy === 'Always' ? 0 : of(c)))
  }
  const main = pod.spec!.containers.reduce((sum, c) => sum + of(c), sidecars)
  return Math.max(main, peak) + amount(pod.spec!.overhead?.[name])
}

/** Why a sysctl of the pod is refused: it is not safe, or it would be the node's own. */
function sysctlRefusal(pod: Pod): { reason: string; message: string } | undefined {
  for (const { name } of pod.spec!.securityContext?.sysctls ?? []) {
    const dotted = name.replaceAll('/', '.')
    const forbidden = (why: string): { reason: string; message: string } => ({
      reason: 'SysctlForbidden',
      message: `forbidden sysctl: "${dotted}" ${why}`,
    })
    if (!SAFE_SYSCTLS.has(dotted)) return forbidden('not allowlisted')
    if (pod.spec!.hostNetwork && dotted.startsWith('net.')) return forbidden('not allowed with host net enabled')
    if (pod.spec!.hostIPC && dotted.startsWith('kernel.')) return forbidden('not allowed with host ipc enabled')
  }
  return undefined
}

/** Why the pod is refused; undefined when it fits. `others` are what the pods ask for that are active on the node. */
export function refusal(
  pod: Pod,
  others: Iterable<PodRequests>,
  allocatable: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): { reason: string; message: string } | undefined {
  for (const [key, value] of Object.entries(pod.spec!.nodeSelector ?? {}))
    if (labels[key] !== value)
      return { reason: 'NodeAffinity', message: `Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector` }
  return sysctlRefusal(pod) ?? shortage(podRequests(pod), others, allocatable)
}

/** What a node lacks for a pod, as the kubelet says it; undefined when there is room. */
function shortage(
  requests: PodRequests,
  others: Iterable<PodRequests>,
  allocatable: Readonly<Record<string, string>>,
): { reason: string; message: string } | undefined {
  const used = { cpu: 0, memory: 0, pods: 0 }
  for (const other of others) {
    used.cpu += other.cpu
    used.memory += other.memory
    used.pods++
  }
  const wanted = { ...requests, pods: 1 }
  const capacity = capacityOf(allocatable)
  for (const name of ['pods', 'cpu', 'memory'] as const) {
    if (wanted[name] === 0 || used[name] + wanted[name] <= capacity[name]) continue
    return {
      reason: `OutOf${name}`,
      message: `Node didn't have enough resource: ${name}, requested: ${wanted[name]}, used: ${used[name]}, capacity: ${capacity[name]}`,
    }
  }
  return undefined
}

function capacityOf(allocatable: Readonly<Record<string, string>>): PodRequests & { pods: number } {
  return { cpu: millicores(allocatable.cpu), memory: bytes(allocatable.memory), pods: Number(allocatable.pods) }
}

/** Why a running pod cannot get the resources that it wants now: never on this node, or not yet. */
export function resizeRefusal(
  pod: Pod,
  others: Iterable<PodRequests>,
  allocatable: Readonly<Record<string, string>>,
): PendingResize | undefined {
  const wanted = podRequests(pod)
  const capacity = capacityOf(allocatable)
  for (const name of ['cpu', 'memory'] as const)
    if (wanted[name] > capacity[name])
      return {
        reason: 'Infeasible',
        message: `Node didn't have enough capacity: ${name}, requested: ${wanted[name]}, capacity: ${capacity[name]}`,
      }
  const short = shortage(wanted, others, allocatable)
  return short && { reason: 'Deferred', message: short.message }
}
