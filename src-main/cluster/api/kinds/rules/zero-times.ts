/**
 * Times that are structs and not pointers in Go (`metav1.Time` with `omitempty`): its encoder never leaves a struct out, so
 * that one which nobody has set is there as null. `kubectl get -o yaml` shows `lastProbeTime: null` of every condition.
 */
import { items } from './sent.js'

/** Sets the times of an object, or of a part of one, that it does not say to null, in place. */
export function setZeroTimes(part: object | null | undefined, ...names: readonly string[]): void {
  if (!part) return
  const fields = part as Record<string, unknown>
  for (const name of names) fields[name] ??= null
}

/** Same for the conditions of a pod or a claim. */
export function setConditionTimes(conditions: readonly (object | null)[] | null | undefined): void {
  for (const condition of items(conditions)) setZeroTimes(condition, 'lastProbeTime', 'lastTransitionTime')
}

interface StatusOfContainer {
  state?: ContainerTimes | null
  lastState?: ContainerTimes | null
}

interface ContainerTimes {
  running?: object | null
  terminated?: object | null
}

/** Same for what is told of a pod's containers. */
export function setContainerTimes(statuses: readonly (StatusOfContainer | null)[] | null | undefined): void {
  for (const status of items(statuses)) {
    for (const state of [status.state, status.lastState]) {
      setZeroTimes(state?.running, 'startedAt')
      setZeroTimes(state?.terminated, 'startedAt', 'finishedAt')
    }
  }
}
