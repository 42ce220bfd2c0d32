/** Terminals on this machine, ready for kubectl. */
import type { RpcError } from './errors.js'

export interface LocalTerminalParams {
  /** KUBECONFIG names a file whose current context is this one. */
  context: string
  /** The namespace of that context; its own by default. */
  namespace?: string
  columns: number
  rows: number
}

export type LocalTerminalEvent =
  | {
      type: 'open'
      /** The program, such as `/bin/zsh`. */
      shell: string
      /** What KUBECONFIG is set to. */
      kubeconfig: string
    }
  /** Told when the login shell has answered: whether it finds kubectl. */
  | { type: 'kubectl'; found: boolean }
  | { type: 'data'; data: Uint8Array }
  | { type: 'exit'; code: number | null; error?: RpcError }
