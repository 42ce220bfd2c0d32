/** What a pod uses of its node's memory and disk, and whether that is more than it may. */
import type { Pod } from '../api/object.js'
import { formatQuantity } from '../api/kinds/rules/quantity.js'
import type { PodState } from './pod-state.js'
import { bytes } from './quantity.js'

type Resources = Readonly<Record<string, string>>

/** Of one container, in bytes. */
interface ContainerUse {
  name: string
  memory: number
  /** Writable layer and log. */
  disk: number
  requests: Resources
  limits: Resources
}

/** Of one pod, in bytes. */
export interface PodUsage {
  memory: number
  /** Writable layers, logs, and emptyDir volumes on disk. */
  disk: number
  processes: number
  containers: readonly ContainerUse[]
  /** By the name of the volume. */
  emptyDirs: ReadonlyMap<string, number>
  /** What its containers ask for, by resource. */
  requests: Readonly<Record<string, number>>
}

/** What one run of a container uses. */
export type Stats = (id: string) => { memoryBytes: number; diskBytes?: number; processes?: number } | undefined

/** Measures a pod. `stats` tells what one run of a container uses. */
export function podUsage(state: PodState, stats: Stats): PodUsage {
  const spec = state.pod.spec!
  let processes = 0
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name, resources }): ContainerUse => {
    const run = state.containers.get(name)?.current
    const used = run ? stats(run.id) : undefined
    processes += used?.processes ?? 0
    return {
      name,
      memory: used?.memoryBytes ?? 0,
      disk: used?.diskBytes ?? 0,
      requests: resources?.requests ?? {},
      limits: resources?.limits ?? {},
    }
  })
  const emptyDirs = new Map<string, number>()
  let disk = containers.reduce((sum, c) => sum + c.disk, 0)
  for (const { name, emptyDir } of spec.volumes ?? []) {
    if (!emptyDir) continue
    const used = state.volumes.get(name)?.usage() ?? 0
    emptyDirs.set(name, used)
    if (emptyDir.medium !== 'Memory') disk += used
  }
  const requests: Record<string, number> = {}
  for (const resource of ['memory', 'ephemeral-storage'])
    requests[resource] = containers.slice(0, spec.containers.length).reduce((sum, c) => sum + bytes(c.requests[resource]), 0)
  return { memory: containers.reduce((sum, c) => sum + c.memory, 0), disk, processes, containers, emptyDirs, requests }
}

/** What a pod uses in all: bytes, and processes. */
export function totalUsage(state: PodState, stats: Stats): { memory: number; disk: number; processes: number } {
  let memory = 0
  let disk = 0
  let processes = 0
  for (const { current, kind } of state.containers.values()) {
    const used = current && kind !== 'ephemeral' ? stats(current.id) : undefined
    memory += used?.memoryBytes ?? 0
    disk += used?.diskBytes ?? 0
    processes += used?.processes ?? 0
  }
  for (const { name, emptyDir } of state.pod.spec!.volumes ?? [])
    if (emptyDir && emptyDir.medium !== 'Memory') disk += state.volumes.get(name)?.usage() ?? 0
  return { memory, disk, processes }
}

/** Whether the pod has limits to its use of local storage. */
export function hasLocalLimits(pod: Pod): boolean {
  const { containers, volumes } = pod.spec!
  return (
    containers.some((c) => c.resources?.limits?.['ephemeral-storage'] !== undefined) ||
    (volumes?.some((v) => v.emptyDir?.sizeLimit !== undefined) ?? false)
  )
}

/** Why a pod is to be evicted for its use of local storage; undefined when it keeps within its limits. */
export function localStorageExcess(pod: Pod, usage: PodUsage): string | undefined {
  for (const { name, emptyDir } of pod.spec!.volumes ?? []) {
    const limit = emptyDir?.sizeLimit
    if (limit && bytes(limit) > 0 && usage.emptyDirs.get(name)! > bytes(limit))
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `
  }
  const main = usage.containers.slice(0, pod.spec!.containers.length)
  const limits = main.map((c) => bytes(c.limits['ephemeral-storage']))
  const total = limits.reduce((sum, l) => sum + l, 0)
  if (total > 0 && limits.every((l) => l > 0) && usage.disk > total) {
    const text = formatQuantity({ nano: BigInt(total) * 1_000_000_000n, format: 'BinarySI' })
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${text}. `
  }
  for (const [i, c] of main.entries())
    if (limits[i]! > 0 && c.disk > limits[i]!)
      return `Container ${c.name} exceeded its local ephemeral storage limit "${c.limits['ephemeral-storage']}". `
  return undefined
}
