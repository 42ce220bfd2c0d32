/** What a check of the Pod Security Standards is, and the wording that the checks share. */
import type { Container, PodSpec } from '../../api/object.js'

/** The metadata that checks look at. */
export interface CheckedMetadata {
  annotations?: { [key: string]: string }
}

/** A broken rule: what it is about, and where. */
export interface Fault {
  reason: string
  detail: string
}

/** Looks at a pod; gives what it breaks. */
export type Judge = (spec: PodSpec, metadata: CheckedMetadata, containers: readonly Container[]) => Fault | undefined

/** A check as it is from a version of the standards on, until there is a later one of the same id. */
export interface Check {
  readonly id: string
  /** The minor version of Kubernetes from which on the standards have it so. */
  readonly since: number
  /** The baseline check that a restricted one says more strictly: only the latter is told. */
  readonly overrides?: string
  readonly judge: Judge
}

export const quoted = (names: readonly string[]): string => names.map((n) => JSON.stringify(n)).join(', ')
export const plural = (word: string, names: readonly unknown[]): string => (names.length === 1 ? word : `${word}s`)
export const are = (names: readonly unknown[], one: string, many: string): string => (names.length === 1 ? one : many)
export const namesOf = (containers: readonly Container[]): string[] => containers.map((c) => c.name)
export const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort()

/** Whether a pod has a user namespace of its own, in which its root is nobody. */
export const hasOwnUsers = (spec: PodSpec): boolean => spec.hostUsers === false
