/**
 * Times that are structs and not pointers in Go (`metav1.Time` with `omitempty`): its encoder never leaves a struct out, so
 * that one which nobody has set is there as null. `kubectl get -o yaml` shows `lastProbeTime: null` of every condition.
 */
/** Sets the times of an object, or of a part of one, that it does not say to null, in place. */
export function setZeroTimes(part: object | null | undefined, ...names: readonly string[]): void {
  if (!part) return
  const fields = part as Record<string, unknown>
  for (const name of names) fields[name] ??= null
}

/** A part of an object with the times that it does not say as null: itself when it says all of them, else a copy. */
function withZeroTimes<T>(part: T, ...names: readonly string[]): T {
  if (!part || typeof part !== 'object') return part
  const fields = part as Record<string, unknown>
  if (names.every((name) => fields[name] !== undefined)) return part
  const copy = { ...part }
  setZeroTimes(copy, ...names)
  return copy
}

/** The elements as `change` makes them: the list itself when it leaves all as they are. Anything but a list is left alone. */
function changed<T extends readonly unknown[] | null | undefined>(list: T, change: (element: NonNullable<T>[number]) => unknown): T {
  if (!Array.isArray(list)) return list
  const elements: unknown[] = list.map(change)
  return elements.every((element, i) => element === list[i]) ? list : (elements as unknown as T)
}

/** Conditions of a pod or a claim with their times. Nothing is changed in place: stored ones are frozen. */
export function withConditionTimes<T extends readonly unknown[] | null | undefined>(conditions: T): T {
  return changed(conditions, (c) => withZeroTimes(c, 'lastProbeTime', 'lastTransitionTime'))
}

interface StatusOfContainer {
  state?: ContainerTimes | null
  lastState?: ContainerTimes | null
}

interface ContainerTimes {
  running?: unknown
  terminated?: unknown
}

/** Same for what is told of a pod's containers. */
export function withContainerTimes<T extends readonly unknown[] | null | undefined>(statuses: T): T {
  return changed(statuses, (element) => {
    const status = element as StatusOfContainer | null
    if (!status) return element
    const state = withStateTimes(status.state)
    const lastState = withStateTimes(status.lastState)
    if (state === status.state && lastState === status.lastState) return element
    return { ...status, ...(state && { state }), ...(lastState && { lastState }) }
  })
}

function withStateTimes(state: ContainerTimes | null | undefined): ContainerTimes | null | undefined {
  const running = withZeroTimes(state?.running, 'startedAt')
  const terminated = withZeroTimes(state?.terminated, 'startedAt', 'finishedAt')
  if (!state || (running === state.running && terminated === state.terminated)) return state
  return { ...state, ...(running ? { running } : {}), ...(terminated ? { terminated } : {}) }
}
