/** Waiting until something is tried again. */
import type { Session } from './session.js'

/** Resolves after so many ms, or as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}

/**
 * Resolves when what failed may be asked for again: when the server answers again, or after so many ms where it does and
 * refused. Resolves also when the signal aborts.
 */
export async function untilRetry(session: Session, ms: number, signal: AbortSignal): Promise<void> {
  if (session.state.phase === 'live') await pause(ms, signal)
  await session.whenLive(signal).catch(() => undefined)
}
