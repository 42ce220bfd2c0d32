/**
 * Errors as Kubernetes says them: a `Status` object with code, reason, message and causes. They are thrown once, where
 * the rule is broken, and written to the client as they are.
 * Wording follows k8s.io/apimachinery's documented `errors` and `field` packages.
 */
import { shownJson } from './shown-json.js'

/** One cause of a Status: a field and what is wrong with it. */
export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

/** The details of a Status. */
export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** A `v1.Status` object. */
export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: Record<string, unknown>
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: StatusDetails
  code: number
}

/** An error that answers a request: carries the whole Status. */
export class StatusError extends Error {
  readonly status: Status

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'StatusError'
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details ? { details } : {}),
      code,
    }
  }

  /** The HTTP status code. */
  get code(): number {
    return this.status.code
  }

  /** The machine-readable reason, such as `NotFound`. */
  get reason(): string {
    return this.status.reason ?? ''
  }
}

/** Whether an error is a Status with one of the given reasons. */
export function isReason(error: unknown, ...reasons: string[]): error is StatusError {
  return error instanceof StatusError && reasons.includes(error.reason)
}

/** Names a resource for messages: `deployments.apps`, `pods`. */
export interface ResourceName {
  group: string
  /** The plural, as in the URL. */
  resource: string
}

/** `deployments.apps`, or the bare plural in the core group. */
export function qualified(r: ResourceName): string {
  return r.group ? `${r.resource}.${r.group}` : r.resource
}

function details(r: ResourceName, name: string, extra: Partial<StatusDetails> = {}): StatusDetails {
  return { ...(name ? { name } : {}), ...(r.group ? { group: r.group } : {}), kind: r.resource, ...extra }
}

/** 404: `pods "x" not found`. */
export function notFound(r: ResourceName, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(r)} ${quoted(name)} not found`, details(r, name))
}

/**
 * 409: `pods "x" already exists`.
 * @param about `leaving`: the one that has the name is being deleted; `drawn`: the other has a prefix to draw names from
 */
export function alreadyExists(r: ResourceName, name: string, about: { leaving?: boolean; drawn?: boolean } = {}): StatusError {
  const drawn = about.drawn ? ', the server was not able to generate a unique name for the object' : ''
  const message = `${about.leaving ? 'object is being deleted: ' : ''}${qualified(r)} ${quoted(name)} already exists${drawn}`
  return new StatusError(409, 'AlreadyExists', message, details(r, name, about.drawn ? { retryAfterSeconds: 1 } : {}))
}

/** 409: `Operation cannot be fulfilled on pods "x": why`. */
export function conflict(r: ResourceName, name: string, why: string): StatusError {
  return new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(r)} ${quoted(name)}: ${why}`, details(r, name))
}

/** What an update with a stale resourceVersion is told. */
export const OPTIMISTIC_LOCK = 'the object has been modified; please apply your changes to the latest version and try again'

/** 403: `pods "x" is forbidden: why`. */
export function forbidden(r: ResourceName, name: string, why: string): StatusError {
  const message = !r.resource
    ? `forbidden: ${why}`
    : name
      ? `${qualified(r)} ${quoted(name)} is forbidden: ${why}`
      : `${qualified(r)} is forbidden: ${why}`
  return new StatusError(403, 'Forbidden', message, details(r, name))
}

/** 400 with a message of its own. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

/** 401. */
export function unauthorized(message = 'Unauthorized'): StatusError {
  return new StatusError(401, 'Unauthorized', message)
}

/** 405: the resource has no such verb. */
export function methodNotSupported(r: ResourceName, action: string): StatusError {
  return new StatusError(405, 'MethodNotAllowed', `${action} is not supported on resources of kind "${qualified(r)}"`, details(r, ''))
}

/** 410: the revision asked for is gone. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

/** 429 with a Retry-After in seconds. */
export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds })
}

/** 500. The message must not hold secrets. */
export function internalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
}

/** 500 with a message of its own and no reason: what the API server answers when an error of its own is no Status. */
export function withoutReason(message: string): StatusError {
  const error = new StatusError(500, '', message)
  delete error.status.reason
  return error
}

/** One broken rule of one field. */
export interface FieldError {
  /** The Status cause's reason, such as `FieldValueInvalid`. */
  reason: string
  /** The path, as in `spec.containers[0].image`. */
  field: string
  /** Everything after `path: `, as in `Required value: must be set`. */
  body: string
}

/** A text as Go's %q quotes it: what cannot be printed is escaped in Go's way. */
function quoted(text: string): string {
  const json = JSON.stringify(text)
  // Nearly all texts are plain.
  if (!/[^ -~]|\\u/.test(json)) return json
  return json.replaceAll(/\\\\|\\u([0-9a-f]{4})|[\p{C}\p{Z}]/gu, (found, escaped?: string) => {
    if (found === '\\\\') return found
    const code = escaped ? parseInt(escaped, 16) : found.codePointAt(0)!
    if (code === 0x20) return found
    if (code === 0x07) return '\\a'
    if (code === 0x0b) return '\\v'
    const digits = code.toString(16)
    if (code < 0x20 || code === 0x7f) return `\\x${digits.padStart(2, '0')}`
    return code > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`
  })
}

/** A value as the messages print it: strings quoted as in Go's %q, objects as JSON. */
export function printed(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return shownJson(value)
}

/** Makes {@link FieldError}s in the API's wording. */
export const field = {
  required: (path: string, detail = ''): FieldError => ({
    reason: 'FieldValueRequired',
    field: path,
    body: detail ? `Required value: ${detail}` : 'Required value',
  }),
  invalid: (path: string, value: unknown, detail: string): FieldError => ({
    reason: 'FieldValueInvalid',
    field: path,
    body: `Invalid value: ${printed(value)}: ${detail}`,
  }),
  notSupported: (path: string, value: unknown, valid: readonly string[]): FieldError => ({
    reason: 'FieldValueNotSupported',
    field: path,
    body: `Unsupported value: ${printed(value)}${valid.length ? `: supported values: ${valid.map((v) => JSON.stringify(v)).join(', ')}` : ''}`,
  }),
  forbidden: (path: string, detail: string): FieldError => ({ reason: 'FieldValueForbidden', field: path, body: `Forbidden: ${detail}` }),
  duplicate: (path: string, value: unknown): FieldError => ({
    reason: 'FieldValueDuplicate',
    field: path,
    body: `Duplicate value: ${printed(value)}`,
  }),
  notFound: (path: string, value: unknown): FieldError => ({
    reason: 'FieldValueNotFound',
    field: path,
    body: `Not found: ${printed(value)}`,
  }),
  tooLong: (path: string, max: number): FieldError => ({
    reason: 'FieldValueTooLong',
    field: path,
    body: `Too long: may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`,
  }),
  tooMany: (path: string, actual: number, max: number): FieldError => ({
    reason: 'FieldValueTooMany',
    field: path,
    body: `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`,
  }),
  typeInvalid: (path: string, value: unknown, detail: string): FieldError => ({
    reason: 'FieldValueTypeInvalid',
    field: path,
    body: `Invalid value: ${printed(value)}: ${detail}`,
  }),
}

/** 422: `Pod "x" is invalid: spec.containers: Required value`, several causes in brackets. */
export function invalid(kind: { group: string; kind: string }, name: string, errors: readonly FieldError[]): StatusError {
  const texts = errors.map((e) => `${e.field}: ${e.body}`)
  const unique = [...new Set(texts)]
  const qualifiedKind = kind.group ? `${kind.kind}.${kind.group}` : kind.kind
  const list = unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`
  return new StatusError(422, 'Invalid', `${qualifiedKind} ${quoted(name)} is invalid: ${list}`, {
    ...(name ? { name } : {}),
    ...(kind.group ? { group: kind.group } : {}),
    kind: kind.kind,
    causes: errors.map((e) => ({ reason: e.reason, message: e.body, field: e.field })),
  })
}
