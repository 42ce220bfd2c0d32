import { humanDuration } from '../../components/time.js'

/** A container's state as `status.containerStatuses[].state` holds it. */
export interface ContainerState {
  running?: { startedAt?: string }
  waiting?: { reason?: string; message?: string }
  terminated?: { exitCode?: number; signal?: number; reason?: string; message?: string; startedAt?: string; finishedAt?: string }
}

/** A state in words. `detail` has the parts after the reason: exit code, when, for how long. */
export interface StateText {
  tone: 'ok' | 'warn' | 'bad' | 'busy' | 'off'
  text: string
  exitCode?: number
  signal?: number
  /** When it began or ended, ms since the epoch. */
  at?: number
  /** How long it ran. */
  ran?: string
  message?: string
}

/** Puts a container's state into words; `undefined` for an empty one. */
export function describeState(state: ContainerState | undefined, ready: boolean): StateText | undefined {
  if (state?.running) {
    const at = state.running.startedAt ? Date.parse(state.running.startedAt) : undefined
    return { tone: ready ? 'ok' : 'warn', text: 'Running', ...(at !== undefined ? { at } : {}) }
  }
  if (state?.waiting) {
    const { reason = 'Waiting', message } = state.waiting
    const busy = reason === 'ContainerCreating' || reason === 'PodInitializing' || reason === 'Waiting'
    return { tone: busy ? 'busy' : 'bad', text: reason, ...(message ? { message } : {}) }
  }
  if (state?.terminated) {
    const { exitCode = 0, signal, reason, message, startedAt, finishedAt } = state.terminated
    const at = finishedAt ? Date.parse(finishedAt) : undefined
    return {
      tone: exitCode === 0 ? 'off' : 'bad',
      text: reason ?? 'Terminated',
      exitCode,
      ...(signal ? { signal } : {}),
      ...(at !== undefined ? { at } : {}),
      ...(at !== undefined && startedAt ? { ran: humanDuration(at - Date.parse(startedAt)) } : {}),
      ...(message ? { message } : {}),
    }
  }
  return undefined
}
