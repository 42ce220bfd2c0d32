/** On which nodes the pods of a DaemonSet belong: its node selector and affinity, and the taints that daemon pods tolerate. */
import type * as k8s from '@kubernetes/client-node'
import type { Node, ObjectMeta, Pod, PodTemplateSpec, Wire } from '../api/object.js'
import { requiredNodeAffinity } from '../scheduler/plugins/nodeaffinity.js'
import type { Toleration } from '../scheduler/podinfo.js'
import { tolerates } from '../scheduler/plugins/tainttoleration.js'
import { canonical } from './templatehash.js'

export type DaemonSet = Wire<k8s.V1DaemonSet> & { metadata: ObjectMeta }

/** What every daemon pod tolerates, so that it stays on a node in trouble. */
const TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]
const HOST_NETWORK_TOLERATION: Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }

const placements = new WeakMap<PodTemplateSpec, Placement>()

/** The tolerations of a set's pods: the template's own and those of every daemon pod. */
export function withDaemonTolerations(template: PodTemplateSpec): Toleration[] {
  const own = template.spec!.tolerations ?? []
  const extra = template.spec!.hostNetwork ? [...TOLERATIONS, HOST_NETWORK_TOLERATION] : TOLERATIONS
  return [...own, ...extra.filter((t) => !own.some((o) => canonical(o) === canonical(t)))]
}

/** Whether a node should get a daemon pod, and whether one that is there may stay. */
export type Placement = (node: Node) => Fitness
interface Fitness {
  shouldRun: boolean
  mayStay: boolean
}

const FITS: Fitness = { shouldRun: true, mayStay: true }
const UNFIT: Fitness = { shouldRun: false, mayStay: false }

/** Where a set's pods belong; what depends on the set alone is found once for all nodes and times. */
export function placementOf(set: DaemonSet): Placement {
  const template = set.spec!.template
  let placement = placements.get(template)
  if (!placement) placements.set(template, (placement = placementFor(template)))
  return placement
}

function placementFor(template: PodTemplateSpec): Placement {
  const matches = requiredNodeAffinity({ spec: template.spec } as Pod)
  const named = template.spec?.nodeName
  const tolerations = withDaemonTolerations(template)
  /** What was found of each version of a node: sets are looked at far more often than nodes change. */
  const found = new WeakMap<Node, Fitness>()
  const fitness = (node: Node): Fitness => {
    if ((named && named !== node.metadata.name) || (matches && !matches(node.metadata.name!, node.metadata.labels ?? {}))) return UNFIT
    const untolerated = node.spec?.taints?.filter((t) => t.effect !== 'PreferNoSchedule' && !tolerates(tolerations, t))
    if (!untolerated?.length) return FITS
    return { shouldRun: false, mayStay: !untolerated.some((t) => t.effect === 'NoExecute') }
  }
  return (node) => {
    let fits = found.get(node)
    if (!fits) found.set(node, (fits = fitness(node)))
    return fits
  }
}
