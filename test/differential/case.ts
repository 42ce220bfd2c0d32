/**
 * Cases: requests to an API server and, when recorded, what it answered. One case is one line of JSON.
 *
 * In paths, headers and bodies `{{ns}}` is the namespace of the case, a fresh one for each run, and `{{name}}` a value
 * that an earlier request saved.
 */
import { readFileSync } from 'node:fs'

/**
 * How closely two answers are compared:
 * - `status`: the HTTP status and the reason of a failure;
 * - `message`: besides, a failure's message and details; of other bodies only kind and apiVersion;
 * - `subset`: all that was recorded is there; more fields are fine, as later versions add some;
 * - `exact`: headers and body.
 */
export type Mode = 'status' | 'message' | 'subset' | 'exact'

/** The object saved as `of`, with values set and removed at JSON pointers. It becomes the body of a request. */
export interface Edit {
  of: string
  set?: Record<string, unknown>
  unset?: string[]
}

export interface Step {
  method: string
  path: string
  accept?: string
  contentType?: string
  /** Further headers; null leaves one out that is sent otherwise. */
  headers?: Record<string, string | null>
  /** An object is sent as JSON, a string as it is. */
  body?: unknown
  edit?: Edit
  /** Values to save from the answer: name to JSON pointer. */
  save?: Record<string, string>
  /** The request is repeated until it is answered with this HTTP status, for 15 s at most. */
  until?: number
  /** The answer is a watch, even when it has a single event. */
  stream?: boolean
  /** Overrides the mode of the case. */
  mode?: Mode
}

export interface Answer {
  status: number
  headers: { 'content-type'?: string; warning?: string }
  /** Exactly one of these is there: a JSON object, the events of a watch, or anything else. */
  body?: unknown
  events?: unknown[]
  text?: string
}

export interface Case {
  id: string
  group: string
  about: string
  mode?: Mode
  /** JSON pointers: only these parts of a body are compared (a failure is always compared whole), or all but these. */
  only?: string[]
  ignore?: string[]
  /** Lists are compared as sets. */
  unordered?: boolean
  /** managedFields are compared too. */
  managedFields?: boolean
  /** The case needs no namespace of its own. */
  noNamespace?: boolean
  /** Milliseconds to wait after the setup, for what a server learns a moment later. */
  settle?: number
  setup?: Step[]
  steps: Step[]
  cleanup?: Step[]
  /** What was recorded, one per step. */
  answers?: Answer[]
}

/** The cases of a file with one per line. */
export function readCases(file: string): Case[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Case)
}
