/** How a process ends. */
import { signalNumbers, type Signal } from './process.js'

/** How a process ended. */
export type ExitReason = { code: number } | { signal: Signal }

/** The code a shell sees: 128+n for signal n. */
export function exitCode(reason: ExitReason): number {
  return 'code' in reason ? reason.code : 128 + signalNumbers[reason.signal]
}
