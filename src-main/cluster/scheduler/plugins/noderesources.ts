/** Whether a node has enough left for a pod, and how well filled it would be. */
import type { Node } from '../../api/object.js'
import type { NodeScorer, Plugin, Rejection } from '../framework.js'
import { MAX_SCORE } from '../framework.js'
import type { NodeInfo } from '../nodeinfo.js'
import type { PodInfo } from '../podinfo.js'
import type { Resources } from '../resources.js'
import { heldRequests, readResources } from '../resources.js'

export type FitStrategy = 'LeastAllocated' | 'MostAllocated'

function lacks(node: NodeInfo, pod: PodInfo, isElsewhere: (resource: string) => boolean): Rejection | undefined {
  const { requests } = pod
  // The common case first; what a pod does not ask for it need not find.
  const cpuFits = requests.cpu === 0 || requests.cpu <= node.freeCpu
  const memoryFits = requests.memory === 0 || requests.memory <= node.freeMemory
  if (cpuFits && memoryFits && node.freePods > 0 && !requests.ephemeralStorage && !requests.scalars) return undefined
  const { allocatable, requested } = node
  const reasons: string[] = []
  let unresolvable = false
  const check = (name: string, wanted: number, all: number, taken: number): void => {
    if (wanted === 0 || wanted <= all - taken) return
    reasons.push(`Insufficient ${name}`)
    // More than the whole node has: no pod that goes can help.
    if (wanted > all) unresolvable = true
  }
  if (node.freePods <= 0) reasons.push('Too many pods')
  check('cpu', requests.cpu, allocatable.cpu, requested.cpu)
  check('memory', requests.memory, allocatable.memory, requested.memory)
  check('ephemeral-storage', requests.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage)
  for (const [name, wanted] of requests.scalars ?? []) {
    const all = allocatable.scalars?.get(name) ?? 0
    if (all > 0 || !isElsewhere(name)) check(name, wanted, all, requested.scalars?.get(name) ?? 0)
  }
  return reasons.length ? { reasons, unresolvable } : undefined
}

function share(wanted: number, all: number, strategy: FitStrategy): number {
  if (all === 0) return 0
  if (strategy === 'LeastAllocated') return wanted > all ? 0 : Math.floor(((all - wanted) * MAX_SCORE) / all)
  return Math.floor((Math.min(wanted, all) * MAX_SCORE) / all)
}

/**
 * The NodeResourcesFit plugin with one of its strategies; cpu and memory count alike.
 * @param isElsewhere whether a resource is looked after by another plugin on nodes that have none of it
 */
export function nodeResourcesFit(
  strategy: FitStrategy = 'LeastAllocated',
  isElsewhere: (resource: string) => boolean = () => false,
): Plugin {
  return {
    name: 'NodeResourcesFit',
    weight: 1,
    filter: (pod) => ({ check: (node) => lacks(node, pod, isElsewhere) }),
    score(pod): NodeScorer {
      const { cpu, memory } = pod.nonZero
      return {
        score(node) {
          const { allocatable } = node
          let sum = 0
          let count = 0
          if (allocatable.cpu > 0) {
            sum += share(node.nonZeroCpu + cpu, allocatable.cpu, strategy)
            count++
          }
          if (allocatable.memory > 0) {
            sum += share(node.nonZeroMemory + memory, allocatable.memory, strategy)
            count++
          }
          return count ? Math.floor(sum / count) : 0
        },
      }
    },
    helps(event, pod) {
      if (event.type === 'AssignedPodDelete') return true
      const wanted = amounts(pod.requests)
      switch (event.type) {
        case 'PodUpdate':
        case 'AssignedPodUpdate': {
          // A pod that was made smaller in place leaves room, if it has less of what is wanted.
          const [before, after] = [amounts(heldRequests(event.old)), amounts(heldRequests(event.pod))]
          const own = event.type === 'PodUpdate'
          return [...before].some(([name, had]) => had > (after.get(name) ?? 0) && (own || (wanted.get(name) ?? 0) > 0))
        }
        case 'NodeAdd':
        case 'NodeUpdate': {
          const has = nodeAmounts(event.node)
          const isShort = ([name, amount]: [string, number]): boolean => amount > (has.get(name) ?? 0) && !isElsewhere(name)
          if ([...wanted].some(isShort)) return false
          const had = event.type === 'NodeUpdate' ? nodeAmounts(event.old) : undefined
          return !had || [...wanted].some(([name, amount]) => amount > 0 && (has.get(name) ?? 0) > (had.get(name) ?? 0))
        }
        default:
          return false
      }
    },
  }
}

/** Amounts by the name of the resource; a pod counts as one of `pods`. */
function amounts({ cpu, memory, ephemeralStorage, scalars = new Map<string, number>() }: Resources, pods = 1): Map<string, number> {
  return new Map([['pods', pods], ['cpu', cpu], ['memory', memory], ['ephemeral-storage', ephemeralStorage], ...scalars])
}

function nodeAmounts({ status }: Node): Map<string, number> {
  return amounts(readResources(status?.allocatable), Number(status?.allocatable?.pods ?? 0))
}

/**
 * Prefers nodes whose cpu and memory would be filled more alike than they are. Where a pod changes nothing about that the
 * score is three quarters of the greatest, since v1.36.
 */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score(pod) {
    const { cpu, memory } = pod.requests
    // Pods that ask for neither would all end on the one node that is filled most evenly.
    if (cpu === 0 && memory === 0) return undefined
    return {
      score(node) {
        const { allocatable, requested } = node
        const before = unevenness(requested.cpu, requested.memory, allocatable)
        const after = unevenness(requested.cpu + cpu, requested.memory + memory, allocatable)
        return Math.floor((0.75 + (before - after) / 2) * MAX_SCORE)
      },
    }
  },
}

/** The standard deviation of how full a node's cpu and memory are: of two fractions it is half their distance. */
function unevenness(cpu: number, memory: number, allocatable: Resources): number {
  if (allocatable.cpu === 0 || allocatable.memory === 0) return 0
  return Math.abs(Math.min(1, cpu / allocatable.cpu) - Math.min(1, memory / allocatable.memory)) / 2
}
