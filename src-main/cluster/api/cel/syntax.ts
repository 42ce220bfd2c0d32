/**
 * The Common Expression Language as a tree. https://github.com/google/cel-spec/blob/master/doc/langdef.md
 * Macros are nodes of their own instead of the loops that they stand for: they are checked and evaluated as written.
 */

/** A node; `at` is the offset in the text that messages point to. */
export type Expr =
  | { kind: 'const'; at: number; value: null | boolean | bigint | number | string | Uint8Array | { uint: bigint } }
  | { kind: 'ident'; at: number; name: string }
  | { kind: 'select'; at: number; operand: Expr; field: string; optional: boolean }
  /** `has(operand.field)`. */
  | { kind: 'has'; at: number; operand: Expr; field: string; optional: boolean }
  | { kind: 'index'; at: number; operand: Expr; index: Expr; optional: boolean }
  /** A function, an operator such as `_+_`, or a method when it has a target. */
  | { kind: 'call'; at: number; name: string; target: Expr | undefined; args: Expr[] }
  | { kind: 'list'; at: number; elements: Entry[] }
  | { kind: 'map'; at: number; entries: (Entry & { key: Expr })[] }
  /** `name{field: value}`. */
  | { kind: 'struct'; at: number; name: string; fields: (Entry & { name: string; at: number })[] }
  | Macro

/** An element or entry; one that is optional is left out when it has no value. */
export interface Entry {
  value: Expr
  optional: boolean
}

/** `range.name(vars…, args…)`, such as `self.all(x, x > 0)`; `optMap` and `optFlatMap` bind the value of an optional, `bind` any value. */
export interface Macro {
  kind: 'macro'
  at: number
  name: string
  range: Expr
  vars: string[]
  args: Expr[]
}

/** The names of `a.b.c`; undefined for what is more than names. */
export function qualified(expr: Expr): string[] | undefined {
  if (expr.kind === 'ident') return [expr.name]
  if (expr.kind !== 'select' || expr.optional) return undefined
  const names = qualified(expr.operand)
  return names && [...names, expr.field]
}

/** What not every place that has expressions allows in them. */
export interface Dialect {
  /** `cel.bind(name, value, expression)`, a name for a value, as selectors of devices have it. */
  readonly bindings?: boolean
  /** Objects and operations of patches, and what goes with them. */
  readonly patches?: boolean
}

/** A fault of a text at an offset. */
export interface Issue {
  at: number
  message: string
}

/** Refuses a text that is no expression. */
export class SyntaxFault extends Error {
  constructor(readonly issue: Issue) {
    super(issue.message)
    this.name = 'SyntaxFault'
  }
}

/** Issues as the compiler tells them: each with its line and a caret below the place. */
export function describeIssues(source: string, issues: readonly Issue[]): string {
  const lines = source.split('\n')
  return issues
    .map(({ at, message }) => {
      let line = 0
      let column = at
      while (line < lines.length - 1 && column > lines[line]!.length) column -= lines[line++]!.length + 1
      return `ERROR: <input>:${line + 1}:${column + 1}: ${message}\n | ${lines[line]}\n | ${'.'.repeat(column)}^`
    })
    .join('\n')
}
