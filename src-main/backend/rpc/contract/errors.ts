/** What a call or a stream fails with. */

/** What went wrong, as the window shows it. */
export interface RpcError {
  /** One sentence for a person. */
  message: string
  /** Kubernetes' reason (`Forbidden`, `NotFound`, …) or one of ours: `Unreachable`, `Refused`, `BadCertificate`, `Unauthorized`, `ExecPlugin`, `Timeout`, `Internal`. */
  reason: string
  /** The HTTP status, if a server answered. */
  code?: number
  causes?: { field?: string; message?: string; reason?: string }[]
}
