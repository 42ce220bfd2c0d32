/** What reaches into a pod: logs, shells and port-forwards. */
import type { RpcError } from './errors.js'

export interface LogParams {
  context: string
  namespace: string
  pod: string
  container: string
  follow: boolean
  previous?: boolean
  timestamps?: boolean
  tailLines?: number
  sinceSeconds?: number
  /** RFC 3339. */
  sinceTime?: string
  /** Ends with the last line that was written until then, ms since the epoch; needs `timestamps`. */
  until?: number
  /** Only lines after the one with this timestamp, as the log writes it: to go on where another stream was. */
  after?: string
}

/**
 * Log text comes in chunks of whole lines where possible; `end` tells why it stopped. `starting` (the container has not begun, and the
 * error tells what it waits for), `reconnecting` (the connection was lost) and `restarting` (the container ended and may run again) are
 * followed by more.
 */
export type LogEvent =
  | { type: 'data'; text: string }
  | { type: 'end'; reason: 'eof' | 'error' | 'reconnecting' | 'restarting' | 'starting'; error?: RpcError }

export interface ShellParams {
  context: string
  namespace: string
  pod: string
  container: string
  /** Empty: the first of bash, ash, sh that is there. */
  command: string[]
  columns: number
  rows: number
  /** `exec` starts a process, `attach` joins the container's own. */
  mode: 'exec' | 'attach'
}

export type ShellEvent =
  /** `stdin` and `tty` tell what an attached container has; a process that was started has both. */
  | { type: 'open'; command: string[]; stdin?: boolean; tty?: boolean }
  | { type: 'data'; data: Uint8Array }
  | { type: 'exit'; code: number | null; error?: RpcError }
export type ShellInput =
  | { type: 'data'; data: string | Uint8Array }
  | { type: 'resize'; columns: number; rows: number }
  /** No more input comes: what Ctrl+D means where there is no terminal. */
  | { type: 'eof' }

export interface CopyParams {
  context: string
  namespace: string
  pod: string
  container: string
  /** `from` the container to this machine, or `to` it. */
  direction: 'from' | 'to'
  /** A file or folder in the container. */
  remote: string
  /** A file or folder of this machine; `~` is the person's home. */
  local: string
}

/** `bytes` are those of the archive; `skipped` are links, which are not copied. */
export type CopyEvent =
  | { type: 'progress'; bytes: number; files: number }
  | { type: 'end'; bytes: number; files: number; skipped: number; error?: RpcError }

/** A running port-forward. */
export interface Forward {
  id: string
  context: string
  namespace: string
  /** What was chosen: `pod/x`, `service/y`. */
  target: string
  /** The pod it leads to now. */
  pod: string
  remotePort: number
  localPort: number
  state: 'active' | 'waiting' | 'failed'
  connections: number
  /** Bytes from the pod, and to it, since it was started. */
  received: number
  sent: number
  error?: RpcError
}
