/**
 * Whether a node can take a pod at all. The scheduler has asked the same before, but a pod may name its node itself.
 * The reasons are those of the kubelet's admission: `OutOfcpu`, `OutOfpods`, `NodeAffinity`, `NodePorts`, `TaintToleration`, `SysctlForbidden` …
 */
import type { Node, Pod } from '../api/object.js'
import { SAFE_SYSCTLS } from '../api/kinds/rules/safe-sysctls.js'
import type { HostPort } from '../scheduler/podinfo.js'
import { hostPortsOf, portsClash } from '../scheduler/podinfo.js'
import { requiredNodeAffinity } from '../scheduler/plugins/nodeaffinity.js'
import { tolerates } from '../scheduler/plugins/tainttoleration.js'
import type { Resources } from '../scheduler/resources.js'
import { addResources, podRequests, readResources } from '../scheduler/resources.js'
import type { PendingResize } from './resize.js'
import { isMirror } from './static-pods.js'

/** What a pod takes of its node. */
export interface PodShare {
  readonly requests: Resources
  readonly hostPorts: readonly HostPort[]
}

/** What of a node decides on a pod. */
export interface AdmittingNode {
  name: string
  labels: Readonly<Record<string, string>>
  taints: NonNullable<NonNullable<Node['spec']>['taints']>
  allocatable: Readonly<Record<string, string>>
}

/** One resource that is short: amounts as messages print them, millicores and bytes and whole units. */
export interface Shortage {
  resource: string
  requested: number
  used: number
  capacity: number
}

export interface Refusal {
  reason: string
  message: string
  /** All that is short, when nothing else is wrong: it can be made free for a critical pod. */
  short?: readonly Shortage[]
}

/** What a pod takes of its node. */
export function podShare(pod: Pod): PodShare {
  return { requests: podRequests(pod.spec!), hostPorts: hostPortsOf(pod) }
}

/** Why a pod could run on no node like this one: it is for another operating system. */
function systemRefusal(pod: Pod): Refusal | undefined {
  const { nodeSelector = {}, os } = pod.spec!
  const wanted = nodeSelector['kubernetes.io/os']
  if (wanted !== undefined && wanted !== 'linux')
    return {
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    }
  if (os && os.name !== 'linux')
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }
  return undefined
}

/** Why a sysctl of the pod is refused: it is not safe, or it would be the node's own. */
function sysctlRefusal(pod: Pod): Refusal | undefined {
  for (const { name } of pod.spec!.securityContext?.sysctls ?? []) {
    const dotted = name.replaceAll('/', '.')
    const forbidden = (why: string): Refusal => ({ reason: 'SysctlForbidden', message: `forbidden sysctl: "${dotted}" ${why}` })
    if (!SAFE_SYSCTLS.has(dotted)) return forbidden('not allowlisted')
    if (pod.spec!.hostNetwork && dotted.startsWith('net.')) return forbidden('not allowed with host net enabled')
    if (pod.spec!.hostIPC && dotted.startsWith('kernel.')) return forbidden('not allowed with host ipc enabled')
  }
  return undefined
}

/**
 * Why the pod is refused; undefined when it fits. Of several reasons the first one is told, in the kubelet's order:
 * what is short, then affinity, name, ports and taints.
 *
 * @param others what the pods take that are active on the node
 */
export function refusal(pod: Pod, others: Iterable<PodShare>, node: AdmittingNode): Refusal | undefined {
  const all = [...others]
  const early = sysctlRefusal(pod) ?? systemRefusal(pod)
  if (early) return early
  const short = shortages(podShare(pod).requests, all, node.allocatable)
  const failed = failedPredicate(pod, all, node)
  if (short[0]) return { reason: `OutOf${short[0].resource}`, message: shortageText(short[0]), ...(failed ? {} : { short }) }
  return failed
}

function failedPredicate(pod: Pod, others: readonly PodShare[], node: AdmittingNode): Refusal | undefined {
  const failed = (name: string, why: string): Refusal => ({ reason: name, message: `Predicate ${name} failed: ${why}` })
  const matches = requiredNodeAffinity(pod)
  if (matches && !matches(node.name, node.labels)) return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  const taken = others.flatMap((o) => o.hostPorts)
  if (hostPortsOf(pod).some((p) => taken.some((t) => portsClash(p, t))))
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  // A static pod has nobody who would put it elsewhere.
  const untolerated = node.taints.some((t) => t.effect === 'NoExecute' && !tolerates(pod.spec!.tolerations, t))
  if (untolerated && !isMirror(pod)) return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate")
  return undefined
}

function shortageText({ resource, requested, used, capacity }: Shortage): string {
  return `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
}

/** What a node lacks for a pod. An extended resource that it does not know is somebody else's to give. */
function shortages(wanted: Resources, others: readonly PodShare[], allocatable: Readonly<Record<string, string>>): Shortage[] {
  const capacity = readResources(allocatable)
  const used: Resources = { cpu: 0, memory: 0, ephemeralStorage: 0 }
  for (const other of others) addResources(used, other.requests)
  const amounts: Shortage[] = [
    { resource: 'pods', requested: 1, used: others.length, capacity: Number(allocatable.pods ?? 0) },
    { resource: 'cpu', requested: wanted.cpu, used: used.cpu, capacity: capacity.cpu },
    { resource: 'memory', requested: wanted.memory, used: used.memory, capacity: capacity.memory },
    { resource: 'ephemeral-storage', requested: wanted.ephemeralStorage, used: used.ephemeralStorage, capacity: capacity.ephemeralStorage },
  ]
  for (const [resource, requested] of wanted.scalars ?? []) {
    const has = capacity.scalars?.get(resource)
    if (has !== undefined) amounts.push({ resource, requested, used: used.scalars?.get(resource) ?? 0, capacity: has })
  }
  return amounts.filter((a) => a.requested > 0 && a.used + a.requested > a.capacity)
}

/** Why a running pod cannot get the resources that it wants now: never on this node, or not yet. */
export function resizeRefusal(
  pod: Pod,
  others: Iterable<PodShare>,
  allocatable: Readonly<Record<string, string>>,
): PendingResize | undefined {
  const wanted = podRequests(pod.spec!)
  const capacity = readResources(allocatable)
  for (const name of ['cpu', 'memory'] as const)
    if (wanted[name] > capacity[name])
      return {
        reason: 'Infeasible',
        message: `Node didn't have enough capacity: ${name}, requested: ${wanted[name]}, capacity: ${capacity[name]}`,
      }
  const [short] = shortages(wanted, [...others], allocatable)
  return short && { reason: 'Deferred', message: shortageText(short) }
}
