/** Compares two normalised answers. */
import type { Answer, Mode } from './case.js'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Plain = any

interface Rules {
  /** What was wanted may be a part of what came. */
  part: boolean
  /** Every wanted element of a list must be there, in any order, among others. */
  unordered: boolean
}

const SHOWN = 400
/** Fields that name an element of a list, the first that it has. */
const IDENTITIES = ['name', 'groupVersion', 'type', 'key']

/** How the answer `got` differs from `want`, one line for each difference; empty when they are equal in this mode. */
export function differences(want: Answer, got: Answer, mode: Mode, unordered = false): string[] {
  if (want.status !== got.status) return [`HTTP status: want ${told(want)}, got ${told(got)}`]
  const rules: Rules = { part: mode !== 'exact', unordered }
  const equal = { part: false, unordered: false }
  const wanted = want.body as Plain
  const failure = wanted?.kind === 'Status' && wanted.status === 'Failure'
  if (mode === 'status') return failure ? compare(wanted.reason, (got.body as Plain)?.reason, 'reason', rules) : []
  const found =
    mode === 'exact'
      ? compare(want.headers, got.headers, 'headers', rules)
      : compare(mediaType(want), mediaType(got), 'content-type', equal)
  if (want.text !== undefined) found.push(...compare(want.text, got.text, 'text', rules))
  else if (want.events) found.push(...compare(want.events, got.events, 'events', rules))
  else if (mode !== 'message') found.push(...compare(wanted, got.body, '', rules))
  else if (failure) found.push(...compare(essence(wanted), essence(got.body), '', equal))
  else found.push(...compare({ kind: wanted?.kind, apiVersion: wanted?.apiVersion }, got.body, '', rules))
  return found
}

function told({ status, body }: Answer): string {
  const { kind, message } = (body ?? {}) as Plain
  return kind === 'Status' && message ? `${status} ${message}` : String(status)
}

function mediaType(answer: Answer): string {
  return (answer.headers['content-type'] ?? '').split(';')[0]!
}

/** What a failure tells its reader. */
function essence(status: Plain): unknown {
  const { name, group, kind, causes } = status?.details ?? {}
  return { kind: status?.kind, reason: status?.reason, message: status?.message, details: { name, group, kind, causes } }
}

function compare(want: Plain, got: Plain, at: string, rules: Rules): string[] {
  if (Array.isArray(want) && Array.isArray(got)) {
    if (rules.unordered) return want.flatMap((element) => among(element, got, at, rules))
    if (want.length !== got.length) return [`${at}: want ${want.length} elements ${show(want)}, got ${got.length} ${show(got)}`]
    return want.flatMap((element, i) => compare(element, got[i], `${at}[${i}]`, rules))
  }
  if (isMap(want) && isMap(got)) {
    const keys = new Set([...Object.keys(want), ...(rules.part ? [] : Object.keys(got))])
    return [...keys].flatMap((key) => compare(want[key], got[key], at ? `${at}.${key}` : key, rules))
  }
  return want === got ? [] : [`${at}: want ${show(want)}, got ${show(got)}`]
}

/** Looks for an element in a list; tells how the most similar one of the same name differs. */
function among(want: Plain, list: Plain[], at: string, rules: Rules): string[] {
  const identity = isMap(want) ? IDENTITIES.find((key) => want[key] !== undefined) : undefined
  const label = identity === undefined ? show(want) : String(want[identity])
  let nearest: string[] | undefined
  for (const got of list) {
    if (identity !== undefined && got?.[identity] !== want[identity]) continue
    const found = compare(want, got, `${at}[${label}]`, rules)
    if (found.length === 0) return []
    if (identity !== undefined && (!nearest || found.length < nearest.length)) nearest = found
  }
  return nearest ?? [`${at}: lacks ${label}`]
}

function isMap(value: unknown): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
