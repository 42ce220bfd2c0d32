/** What a call or a stream fails with. */
import type { SentenceCode } from '../../sentences.js'

export type { SentenceCode }

/** What went wrong, as the window shows it. */
export interface RpcError {
  /** One sentence for a person. */
  message: string
  /** Which of the backend's own sentences the message is; left out where it is somebody else's words. */
  sentence?: { code: SentenceCode; values?: Record<string, string> }
  /** Kubernetes' reason (`Forbidden`, `NotFound`, …) or one of ours: `Unreachable`, `Refused`, `BadCertificate`, `Unauthorized`, `ExecPlugin`, `Timeout`, `Internal`. */
  reason: string
  /** The HTTP status, if a server answered. */
  code?: number
  causes?: { field?: string; message?: string; reason?: string }[]
}
