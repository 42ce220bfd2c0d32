/**
 * What a machine says of its kubelet: the fields of `kubelet.config.k8s.io/v1beta1` KubeletConfiguration that make a
 * difference here (https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/).
 */

/** Thresholds or amounts by eviction signal: quantities (`1.5Gi`) or percentages of the capacity (`10%`). */
export type BySignal = Readonly<Record<string, string>>

export interface KubeletConfiguration {
  /** What is kept for daemons of Kubernetes and of the system: quantities of cpu, memory and ephemeral-storage. */
  readonly kubeReserved?: Readonly<Record<string, string>>
  readonly systemReserved?: Readonly<Record<string, string>>
  /** Below these pods are evicted at once. Replaces all defaults, unless they are merged. */
  readonly evictionHard?: BySignal
  /** Below these pods are evicted once it has been so for a grace period. */
  readonly evictionSoft?: BySignal
  /** The grace periods of the soft thresholds, durations such as `1m30s`. */
  readonly evictionSoftGracePeriod?: BySignal
  /** How much more than its threshold is to be free before enough has been reclaimed. */
  readonly evictionMinimumReclaim?: BySignal
  /** The longest that a pod gets to end when it is evicted for a soft threshold, s; 0 by default. */
  readonly evictionMaxPodGracePeriod?: number
  /** A node is under pressure until nothing was short for so long; `5m` by default. */
  readonly evictionPressureTransitionPeriod?: string
  /** Whether the hard thresholds that are not given are the defaults. */
  readonly mergeDefaultEvictionSettings?: boolean
  /** How long a shutdown waits for pods to end, and how much of that is for critical ones; `0s` by default. */
  readonly shutdownGracePeriod?: string
  readonly shutdownGracePeriodCriticalPods?: string
  /** Instead of the two: how long a shutdown waits for the pods of each range of priorities. */
  readonly shutdownGracePeriodByPodPriority?: readonly { readonly priority: number; readonly shutdownGracePeriodSeconds: number }[]
}

/**
 * The hard thresholds where nothing else is said. Process ids have none in Kubernetes, where the kernel has its limit;
 * here a tenth of them is kept free.
 */
export const DEFAULT_EVICTION_HARD: BySignal = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
  'pid.available': '10%',
}

/** The hard thresholds that are in effect. */
export function evictionHard({ evictionHard: given, mergeDefaultEvictionSettings: merge }: KubeletConfiguration): BySignal {
  return given ? { ...(merge ? DEFAULT_EVICTION_HARD : {}), ...given } : DEFAULT_EVICTION_HARD
}
