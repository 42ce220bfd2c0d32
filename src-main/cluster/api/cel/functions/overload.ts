/** How the functions of CEL are written down: a name, the types of what they take and give, and what they do. */
import { signature, type Signature } from '../types.js'
import type { Value } from '../values.js'

/** One way to call a function. A method's target is the first argument of `call`. */
export interface Overload extends Signature {
  readonly call: (...args: never[]) => Value
  /** What a call costs, where that is not by the size of what it is given. */
  readonly cost?: number
}

/** A call that failed, in the words of the evaluator: `no such key: x`, `division by zero`. */
export class EvaluationError extends Error {}

/** A function or an operator: `fn('size', 'string => int', …)`. */
export function fn(name: string, types: string, call: (...args: never[]) => Value): Overload {
  return { ...signature(name, types, false), call }
}

/** A method, whose first type is that of its target: `method('contains', 'string, string => bool', …)`. */
export function method(name: string, types: string, call: (...args: never[]) => Value): Overload {
  return { ...signature(name, types, true), call }
}
