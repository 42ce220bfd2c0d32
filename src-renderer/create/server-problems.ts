import type { DocumentResult, RpcError } from '../../src-main/backend/rpc/contract.js'
import { placeOfField } from '../editor/field-place.js'

/** What the server found wrong with one field of a document. */
export interface ServerProblem {
  document: number
  /** As the server writes it; empty when it names none. */
  field: string
  message: string
}

/** json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32 */
const WRONG_TYPE = /json: cannot unmarshal \S+(?: \S+)? into Go struct field \w*\.([\w.]+) of type \S+/

/** The fields that an error names: its causes, and what decoding and server-side apply say in their sentences. */
export function problemsOf(document: number, error: RpcError): ServerProblem[] {
  // It names the whole patch, or nothing, as the place of a value of the wrong type.
  const wrong = WRONG_TYPE.exec(error.message)
  if (wrong) return [{ document, field: wrong[1]!, message: wrong[0] }]
  const out: ServerProblem[] = (error.causes ?? [])
    .filter((c) => c.field)
    .map((c) => ({ document, field: c.field!, message: c.message ?? error.message }))
  if (out.length) return out
  // strict decoding error: unknown field "spec.replicsa", duplicate field "x"
  for (const m of error.message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)) out.push({ document, field: m[2]!, message: m[0] })
  // failed to create typed patch object (ns/name; apps/v1, Kind=Deployment): errors: .spec.replicas: expected numeric (int or float), got string
  if (!out.length)
    for (const m of error.message.matchAll(/(?:^|[\s:])(\.[a-zA-Z][\w.-]*(?:\[[^\]]*\][\w.-]*)*): ([^\n]+?)(?=\s+\.[a-zA-Z][\w.]*: |$)/g))
      out.push({ document, field: m[1]!, message: m[2]! })
  return out.length ? out : [{ document, field: '', message: error.message }]
}

/** All problems of a run, document by document. */
export const serverProblems = (results: readonly DocumentResult[]): ServerProblem[] =>
  results.flatMap((r) => (r.error ? problemsOf(r.document, r.error) : []))

/** Whether an apply was refused because others manage fields that it would change. */
export const isFieldConflict = (error: RpcError | undefined): boolean =>
  error?.reason === 'Conflict' && (error.causes ?? []).some((c) => c.reason === 'FieldManagerConflict')

/** Whether what the server found wrong in the text that it was given is still so in the text now: the field has the same value. */
export function stillSo(problem: ServerProblem, tried: string, now: string): boolean {
  if (tried === now) return true
  const before = placeOfField(tried, problem.document, problem.field)
  const after = placeOfField(now, problem.document, problem.field)
  return before !== undefined && after !== undefined && tried.slice(before.from, before.to) === now.slice(after.from, after.to)
}
