/** What a jq expression is evaluated in: names in scope, and the program around it. */
import type { Json, JsonObject } from './json.js'
import type { Expression } from './syntax.js'
import type { Evaluator } from './evaluate.js'

/** A value, and where it stands in the input of `path(…)` when that is asked for. */
export interface Item {
  value: Json
  path?: readonly Json[]
}

/** An argument of a function: an expression where it was written. */
export interface Closure {
  body: Expression
  env: Env
}

export interface Definition {
  params: readonly string[]
  body: Expression
  env: Env
}

/** Names in scope. */
export interface Env {
  readonly parent?: Env
  readonly variables?: ReadonlyMap<string, Json>
  readonly functions?: ReadonlyMap<string, Definition | Closure>
  readonly label?: { name: string; token: symbol }
}

/** A builtin that is not written in jq itself. */
export type Native = (jq: Evaluator, input: Item, args: readonly Closure[]) => AsyncIterable<Item> | Promise<Json> | Json

/** What the program around the evaluator gives it. */
export interface Host {
  /** Accounts for a step; a promise when the process has to pause. */
  tick(): Promise<void> | undefined
  /** Natives by `name/arity`. */
  natives: Readonly<Record<string, Native>>
  environment(): JsonObject
  nextInput(): Promise<Json | undefined>
  writeError(text: string): Promise<void>
  /** ms since 1970. */
  now(): number
  /** How many lines of the input have been read. */
  inputLine(): number
  /** The file that the last input is of; null for standard input. */
  inputName(): Json
  /** The names of all builtins, with their arities. */
  builtins(): string[]
}

/** A scope with one variable more. */
export function bind(env: Env, name: string, value: Json): Env {
  return { parent: env, variables: new Map([[name, value]]) }
}
