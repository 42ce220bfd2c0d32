/**
 * When a node is short of something: eviction signals and their thresholds
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#eviction-signals-and-thresholds).
 */
import { parseGoDuration } from '../go-duration.js'
import type { KubeletConfiguration } from './kubelet-configuration.js'
import { evictionHard } from './kubelet-configuration.js'
import { bytes } from './quantity.js'

export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'

/** What a signal tells of: the condition of the node, and the resource as messages name it. */
export const SIGNALS = {
  'memory.available': { pressure: 'MemoryPressure', resource: 'memory' },
  'nodefs.available': { pressure: 'DiskPressure', resource: 'ephemeral-storage' },
  'nodefs.inodesFree': { pressure: 'DiskPressure', resource: 'inodes' },
  'imagefs.available': { pressure: 'DiskPressure', resource: 'ephemeral-storage' },
  'imagefs.inodesFree': { pressure: 'DiskPressure', resource: 'inodes' },
  'pid.available': { pressure: 'PIDPressure', resource: 'pids' },
} as const

export type Signal = keyof typeof SIGNALS

export interface Threshold {
  readonly signal: Signal
  /** A quantity, or a percentage of the capacity. */
  readonly value: string
  /** For how long it has to be short before a pod is evicted, ms; undefined for a hard threshold. */
  readonly graceMs?: number
  /** How much more is to be free before enough has been reclaimed. */
  readonly minimumReclaim?: string
}

/** What there is of a signal's resource, and what of it is free: bytes, or a number of things. */
export interface Observation {
  readonly capacity: number
  readonly available: number
}

export type Observations = Readonly<Partial<Record<Signal, Observation>>>

const isSignal = (name: string): name is Signal => name in SIGNALS

/** The hard thresholds, then the soft ones. Those of zero are off. */
export function thresholdsOf(configuration: KubeletConfiguration): Threshold[] {
  const { evictionSoft = {}, evictionSoftGracePeriod = {}, evictionMinimumReclaim = {} } = configuration
  const thresholds = (values: Readonly<Record<string, string>>, soft: boolean): Threshold[] =>
    Object.entries(values)
      .filter((entry): entry is [Signal, string] => isSignal(entry[0]) && amountOf(entry[1], Infinity) > 0)
      .map(([signal, value]) => ({
        signal,
        value,
        ...(soft ? { graceMs: parseGoDuration(evictionSoftGracePeriod[signal] ?? '') ?? 0 } : {}),
        ...(evictionMinimumReclaim[signal] === undefined ? {} : { minimumReclaim: evictionMinimumReclaim[signal] }),
      }))
  return [...thresholds(evictionHard(configuration), false), ...thresholds(evictionSoft, true)]
}

/** The share that a percentage stands for, with the precision that the kubelet has of it. */
export const shareOf = (percentage: string): number => Math.fround(Math.fround(Number(percentage.replace(/%$/, ''))) / 100)

/** What a threshold comes to on a node with this capacity. */
export function amountOf(value: string, capacity: number): number {
  if (!value.endsWith('%')) return bytes(value)
  const share = shareOf(value)
  return share === 0 ? 0 : Math.floor(capacity * share)
}

/** @param reclaiming counts what is to be free beyond the threshold */
export function isMet({ signal, value, minimumReclaim }: Threshold, observations: Observations, reclaiming: boolean): boolean {
  const seen = observations[signal]
  if (!seen) return false
  const more = reclaiming && minimumReclaim ? amountOf(minimumReclaim, seen.capacity) : 0
  return seen.available < amountOf(value, seen.capacity) + more
}

/** Of thresholds that have been met the one that is to be done something about first: memory, then hard ones. */
export function mostUrgent(thresholds: readonly Threshold[]): Threshold | undefined {
  return thresholds.find((t) => t.signal === 'memory.available') ?? thresholds[0]
}
