/** What is amiss in a cluster, or will be: found by looking at the objects, not by waiting for them to fail. */
import type { KindInfo, ObjectRef } from './resources.js'

/** What can be found, each at an object. */
export type CheckRule =
  | 'podFailing'
  | 'missingReference'
  | 'missingBackend'
  | 'missingTarget'
  | 'serviceNoPods'
  | 'serviceNoneReady'
  | 'servicePort'
  | 'claimPending'
  | 'jobFailed'
  | 'scalerInactive'
  | 'restarts'
  | 'budgetBlocks'
  | 'noReadinessProbe'
  | 'imageLatest'
  | 'privileged'
  | 'hostAccess'
  | 'noRequests'
  | 'noMemoryLimit'
  | 'nakedPod'
  | 'unused'
  | 'vulnerable'

/** `bad`: does not work now. `warn`: will not, some day, or is a danger. `info`: advice. */
export type CheckSeverity = 'bad' | 'warn' | 'info'

/** One thing that was found at one object. */
export interface Finding {
  rule: CheckRule
  severity: CheckSeverity
  kind: KindInfo
  ref: ObjectRef
  /** What the sentence of the rule names: containers, an image, what is missing. */
  values: Record<string, string>
}

export interface CheckReport {
  /** The gravest first. */
  findings: Finding[]
  /** How many objects were looked at. */
  looked: number
  /** Kinds of which there are more than were looked at. */
  cut: string[]
  /** Kinds that the user may not list. */
  forbidden: string[]
}

export interface CheckCalls {
  /** Looks at the objects of namespaces, of all when there are none. */
  'checks.run': (p: { context: string; namespaces?: string[] }) => CheckReport
}
