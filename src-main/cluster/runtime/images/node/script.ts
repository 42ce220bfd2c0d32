/** What the calls of a script's sandbox work on. */
import type { Process } from '../../process.js'
import type { Value } from './engine.js'
import type { EventLoop } from './event-loop.js'

export interface Script {
  readonly process: Process
  readonly loop: EventLoop
  /** Tells the script that something happened to what it opened under `id`. */
  dispatch(id: number, ...what: Value[]): void
}

/** A failure as the script gets it: `code` in Node's words for what DNS says. */
export function failure(error: unknown, address?: string): Value {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const inNode: Record<string, string> = { NXDOMAIN: 'ENOTFOUND', SERVFAIL: 'EAI_AGAIN', TIMEOUT: 'EAI_AGAIN' }
  return {
    message: String(message),
    ...(typeof code === 'string' ? { code: inNode[code] ?? code } : {}),
    ...(address === undefined ? {} : { address }),
  }
}
