/** Small checks that rules are put together from. Each adds what is wrong with a value at a path to the list. */
import { field, type FieldError } from '../../errors.js'
import { semanticEqual, unset } from './sent.js'

export const FIELD_IMMUTABLE = 'field is immutable'
export const NOT_NEGATIVE = 'must be greater than or equal to 0'
export const POSITIVE = 'must be greater than zero'

/** Whether a number is there, which as a whole number of 64 bits may be a bigint: that compares as numbers do. */
export const isNumber = (value: unknown): value is number => typeof value === 'number' || typeof value === 'bigint'

/** Runs checks and gives the errors they have found. */
export function collect(checks: (errors: FieldError[]) => void): FieldError[] {
  const errors: FieldError[] = []
  checks(errors)
  return errors
}

/** Adds an error for each message of a name check. */
export function checkName(check: (name: string) => string[], value: string, path: string, errors: FieldError[]): void {
  for (const m of check(value)) errors.push(field.invalid(path, value, m))
}

/** A number must not be negative; a missing one is fine. */
export function checkNotNegative(value: number | null | undefined, path: string, errors: FieldError[]): void {
  if ((value ?? 0) < 0) errors.push(field.invalid(path, value, NOT_NEGATIVE))
}

/** A number within bounds that both belong to it. */
export function checkRange(value: number, low: number, high: number, path: string, errors: FieldError[]): void {
  if (value < low || value > high) errors.push(field.invalid(path, value, `must be between ${low} and ${high}, inclusive`))
}

/** A value out of a list; an unset one is reported as required. */
export function checkOneOf(value: string | null | undefined, valid: readonly string[], path: string, errors: FieldError[]): void {
  if (unset(value)) errors.push(field.required(path))
  else checkSupported(value, valid, path, errors)
}

/** A value out of a list, when it is set at all. */
export function checkSupported(value: string | null | undefined, valid: readonly string[], path: string, errors: FieldError[]): void {
  if (!unset(value) && !valid.includes(value)) errors.push(field.notSupported(path, value, valid))
}

/** A value out of a list, when it was given at all: an empty text was, where the API keeps a pointer to it. */
export function checkGiven(value: string | null | undefined, valid: readonly string[], path: string, errors: FieldError[]): void {
  if (value !== undefined && value !== null && !valid.includes(value)) errors.push(field.notSupported(path, value, valid))
}

/** A text that must be there. */
export function checkRequired(value: string | null | undefined, path: string, errors: FieldError[], detail = ''): boolean {
  if (!unset(value)) return true
  errors.push(field.required(path, detail))
  return false
}

/** A field that may not change. */
export function checkImmutable(value: unknown, old: unknown, path: string, errors: FieldError[]): void {
  if (!semanticEqual(value, old)) errors.push(field.invalid(path, value ?? null, FIELD_IMMUTABLE))
}

/** A fault of a whole structure whose value says nothing: `Invalid value: why`. */
export function invalidAsWhole(path: string, why: string): FieldError {
  return { reason: 'FieldValueInvalid', field: path, body: `Invalid value: ${why}` }
}

/** Adds a detail to an error whose kind has none of its own. */
export function withDetail(error: FieldError, detail: string): FieldError {
  return { ...error, body: `${error.body}: ${detail}` }
}

/**
 * A structure as messages print the server's own form of it: all its fields, with capitals, missing ones as null, or as
 * `zero` says where the server's own type cannot be null.
 */
export function internal(
  value: object | null | undefined,
  names: readonly string[],
  zero: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const v = { ...zero, ...withoutNull(value) } as Record<string, unknown>
  const form = (x: unknown): unknown => {
    if (x === undefined || x === null) return null
    if (Array.isArray(x)) return x.map(form)
    if (typeof x === 'object')
      return Object.fromEntries(Object.entries(x).map(([k, e]) => [k.charAt(0).toUpperCase() + k.slice(1), form(e)]))
    return x
  }
  return Object.fromEntries(names.map((n) => [n.charAt(0).toUpperCase() + n.slice(1), form(v[n])]))
}

/** What of a structure is there. */
function withoutNull(value: object | null | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, v]) => v !== null && v !== undefined))
}
