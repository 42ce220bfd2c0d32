/**
 * Errors of the backend: what a server answered, what the network did, what a kubeconfig lacks, all turned into the
 * one {@link RpcError} that a window shows.
 */
import { STATUS_CODES } from 'node:http'
import type { RpcError } from './rpc/contract.js'
import { said, type SentenceCode } from './sentences.js'

/** An error with a reason, and where a server answered, its Status. Thrown everywhere in the backend. */
export class BackendError extends Error {
  constructor(readonly rpc: RpcError) {
    super(rpc.message)
    this.name = 'BackendError'
  }
}

/** An error in one of the backend's own sentences, to be thrown; `more` is what else is known of it, such as causes. */
export function problem(
  reason: string,
  code: SentenceCode,
  values: Record<string, string | number> = {},
  more: Pick<RpcError, 'code' | 'causes'> = {},
): BackendError {
  return new BackendError({ ...said(reason, code, values), ...more })
}

interface StatusLike {
  kind?: string
  message?: string
  reason?: string
  code?: number
  details?: { causes?: RpcError['causes'] }
}

/** The error of an HTTP answer outside of 2xx; the body is a Status, or whatever a proxy in between said. */
export function errorFromAnswer(code: number, body: string): BackendError {
  let status: StatusLike = {}
  try {
    const parsed: unknown = JSON.parse(body)
    if (parsed && typeof parsed === 'object') status = parsed as StatusLike
  } catch {
    // Not a Status: a proxy or a load balancer answered in its own words.
  }
  const reason = status.reason || reasonOfCode(code)
  // A page for a browser says nothing to who reads its source.
  const words = body.trim().startsWith('<') ? '' : body.trim().slice(0, 300)
  if (status.message === undefined && !words)
    return problem(reason, 'answered', { answer: `${code} ${STATUS_CODES[code] ?? ''}`.trim() }, { code })
  return new BackendError({
    message: status.message ?? words,
    reason,
    code,
    ...(status.details?.causes ? { causes: status.details.causes } : {}),
  })
}

function reasonOfCode(code: number): string {
  const known: Record<number, string> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Gone',
    422: 'Invalid',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
  }
  return known[code] ?? 'Internal'
}

/** Node's error codes by what they mean to a person. */
const networkReasons: Record<string, [reason: string, sentence: SentenceCode]> = {
  ECONNREFUSED: ['Refused', 'connectionRefused'],
  ECONNRESET: ['Unreachable', 'connectionClosed'],
  EPIPE: ['Unreachable', 'connectionClosed'],
  ENOTFOUND: ['Unreachable', 'nameUnknown'],
  EAI_AGAIN: ['Unreachable', 'nameUnknownNow'],
  ETIMEDOUT: ['Timeout', 'noAnswer'],
  EHOSTUNREACH: ['Unreachable', 'noRoute'],
  ENETUNREACH: ['Unreachable', 'networkUnreachable'],
  ENETDOWN: ['Unreachable', 'networkDown'],
  CERT_HAS_EXPIRED: ['ExpiredCertificate', 'certificateExpired'],
  CERT_NOT_YET_VALID: ['ExpiredCertificate', 'certificateEarly'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['BadCertificate', 'certificateOwn'],
  SELF_SIGNED_CERT_IN_CHAIN: ['BadCertificate', 'certificateAuthority'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['BadCertificate', 'certificateAuthority'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['BadCertificate', 'certificateAuthority'],
  CERT_SIGNATURE_FAILURE: ['BadCertificate', 'certificateAuthority'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['BadCertificate', 'certificateName'],
}

/** Any thrown value as an {@link RpcError}. Never carries headers, tokens or stack traces. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof BackendError) return error.rpc
  const e = error as { code?: unknown; message?: unknown; name?: unknown; cause?: unknown }
  if (typeof e?.code === 'string' && networkReasons[e.code]) {
    return said(...networkReasons[e.code]!)
  }
  if (e?.cause && e.cause !== error) {
    const inner = toRpcError(e.cause)
    if (inner.reason !== 'Internal') return inner
  }
  if (typeof e?.code === 'string' && /^ERR_(SSL|TLS)|^EPROTO/.test(e.code)) return said('BadCertificate', 'tlsFailed')
  if (e?.name === 'AbortError') return said('Timeout', 'cancelled')
  const message = typeof e?.message === 'string' && e.message ? e.message : String(error)
  if (/exec(utable)? plugin|spawn .* ENOENT|credential/i.test(message)) return said('ExecPlugin', 'credentialsFailed', { words: message })
  return { reason: 'Internal', message }
}

/** Whether an error means that the server cannot be reached now, so that trying again may help. */
export function isConnectionError(error: unknown): boolean {
  return ['Refused', 'Unreachable', 'Timeout', 'Proxy', 'BadCertificate', 'ExpiredCertificate', 'ServiceUnavailable'].includes(
    toRpcError(error).reason,
  )
}
