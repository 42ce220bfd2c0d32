/**
 * What the evaluation of an expression costs at most, told before any value is there: from the sizes that values may
 * have. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#resource-use-by-validation-functions
 *
 * The estimate is the compiler's own, so that definitions are refused for the same rules as anywhere: macros cost what
 * the loops that they stand for do, and parts whose size is not known are taken to be as large as can be.
 */
import type { Checked } from './check.js'
import { callCost } from './cost-functions.js'
import { add, fixed, isScalar, times, union, unknown, type Entries, type Estimate, type Size } from './cost-sizes.js'
import type { Expr, Macro } from './syntax.js'
import { DYN, type Type } from './types.js'

/**
 * The largest size of what a path leads to, from the variable that it starts at: field names, `@items`, `@keys` and
 * `@values`. Undefined when nothing is known of it.
 */
export type SizeAt = (path: readonly string[]) => number | undefined

const LIST = 10
const MAP = 30
const STRUCT = 40

/** Estimates a checked expression. */
export function estimateCost(expr: Expr, checked: Checked, sizeAt: SizeAt): number {
  return new Estimator(checked, sizeAt).visit(expr, undefined).cost
}

/** A variable of a macro, the innermost first. */
interface Scope {
  readonly name: string
  readonly path: readonly string[]
  readonly size: Size | undefined
  readonly entries: Entries | undefined
  readonly outer: Scope | undefined
}

/** What is known of a node besides its cost; its size may follow from that. */
interface Known {
  path?: readonly string[]
  /** The size that follows from the expression itself. */
  size?: Size | undefined
  /** The size that a variable was bound with, when nothing else tells. */
  bound?: Size | undefined
  entries?: Entries | undefined
}

class Estimator {
  constructor(
    private readonly checked: Checked,
    private readonly sizeAt: SizeAt,
  ) {}

  visit(expr: Expr, scope: Scope | undefined): Estimate {
    switch (expr.kind) {
      case 'const':
        return this.node(expr, 0, { size: fixed(literalSize(expr.value)) })
      case 'ident': {
        const local = find(expr.name, scope)
        return this.node(expr, 1, local ? { path: local.path, bound: local.size, entries: local.entries } : { path: [expr.name] })
      }
      case 'select': {
        const operand = this.visit(expr.operand, scope)
        if (expr.optional) return this.node(expr, add(operand.cost, 1))
        const ofField = operand.type.kind === 'map' || operand.type.kind === 'object'
        return this.node(expr, add(operand.cost, ofField ? 1 : 0), { path: [...operand.path, expr.field] })
      }
      case 'has':
        return this.node(expr, this.visit(expr.operand, scope).cost)
      case 'index': {
        const operand = this.visit(expr.operand, scope)
        const cost = add(add(operand.cost, this.visit(expr.index, scope).cost), 1)
        if (expr.optional || operand.type.kind === 'optional_type') return this.node(expr, cost)
        const path = [...operand.path, operand.type.kind === 'list' ? '@items' : '@values']
        return this.node(expr, cost, { path, size: operand.entries?.value })
      }
      case 'call': {
        const target = expr.target && this.visit(expr.target, scope)
        const args = expr.args.map((arg) => this.visit(arg, scope))
        const { cost, size, entries } = callCost(expr, this.checked.overloads.get(expr) ?? [], target, args, this.sizeAt)
        return this.node(expr, cost, { size, entries })
      }
      case 'list': {
        const elements = expr.elements.map(({ value }) => this.visit(value, scope))
        const entries: Entries = { isList: true, key: fixed(1), value: among(elements) }
        return this.node(expr, add(LIST, sum(elements)), { size: fixed(elements.length), entries })
      }
      case 'map': {
        const keys = expr.entries.map(({ key }) => this.visit(key, scope))
        const values = expr.entries.map(({ value }) => this.visit(value, scope))
        const entries: Entries = { isList: false, key: among(keys), value: among(values) }
        return this.node(expr, add(MAP, sum([...keys, ...values])), { size: fixed(keys.length), entries })
      }
      case 'struct':
        return this.node(expr, add(STRUCT, sum(expr.fields.map(({ value }) => this.visit(value, scope)))))
      case 'macro':
        if (expr.name === 'bind') return this.binding(expr, scope)
        return expr.name === 'optMap' || expr.name === 'optFlatMap' ? this.optional(expr, scope) : this.loop(expr, scope)
    }
  }

  private node(expr: Expr, cost: number, known: Known = {}): Estimate {
    const type = this.checked.types.get(expr) ?? DYN
    const { path = [], entries } = known
    return { cost, type, path, size: known.size ?? this.sizeOf(path, type) ?? known.bound, entries }
  }

  private sizeOf(path: readonly string[], type: Type): Size | undefined {
    const max = path.length > 0 ? this.sizeAt(path.slice(1)) : undefined
    if (max !== undefined) return { min: 0, max }
    return isScalar(type) ? fixed(1) : undefined
  }

  /** `a.optMap(x, f)`: whether there is a value, and if so what is made of it. */
  private optional(expr: Macro, outer: Scope | undefined): Estimate {
    const target = this.visit(expr.range, outer)
    const value = target.type.kind === 'optional_type' ? target.type.element : DYN
    const scope: Scope = { name: expr.vars[0]!, path: [], size: this.sizeOf([], value), entries: undefined, outer }
    const made = this.visit(expr.args[0]!, scope)
    const bind = add(add(LIST, add(target.cost, 1)), made.cost)
    return this.node(expr, add(add(target.cost, 1), expr.name === 'optMap' ? add(bind, 1) : bind), { size: unknown })
  }

  /** `cel.bind(x, a, b)`: a loop over nothing that begins with `a` and ends with `b`. */
  private binding(expr: Macro, outer: Scope | undefined): Estimate {
    const { cost, path, size, entries } = this.visit(expr.range, outer)
    const inner = this.visit(expr.args[0]!, { name: expr.vars[0]!, path, size, entries, outer })
    return this.node(expr, add(add(LIST, cost), inner.cost), { path: inner.path, size: inner.size, entries: inner.entries })
  }

  private loop(expr: Macro, outer: Scope | undefined): Estimate {
    const range = this.visit(expr.range, outer)
    const inner = expr.vars.reduce<Scope | undefined>(
      (scope, name, i) => ({ ...variable(range, expr.vars.length, i), name, outer: scope }),
      outer,
    )
    const args = expr.args.map((arg) => this.visit(arg, inner))
    const { before, step, after } = foldOf(expr.name, args)
    const count = range.size ?? unknown
    const cost = add(add(add(range.cost, before), after), times(count.max, step))
    return this.node(expr, cost, this.outcome(expr, args, count, range, inner!))
  }

  /** The size of what a loop gives; of lists also that of their elements. */
  private outcome(
    { name }: Macro,
    args: readonly Estimate[],
    count: Size,
    { type }: Estimate,
    { path, size }: Scope,
  ): Pick<Known, 'size' | 'entries'> {
    const listOf = (element: Size | undefined): Pick<Known, 'size' | 'entries'> => ({
      size: count,
      entries: { isList: true, key: fixed(1), value: union(fixed(0), element ?? unknown) },
    })
    switch (name) {
      case 'all':
      case 'exists':
      case 'exists_one':
        return { size: fixed(1) }
      case 'transformMap':
      case 'transformMapEntry':
        return { size: count }
      case 'sortBy':
      case 'filter': {
        const kept = type.kind === 'list' ? type.element : type.kind === 'map' ? type.key : DYN
        return listOf(this.sizeOf(path, kept) ?? size)
      }
      default:
        return listOf(args.at(-1)!.size)
    }
  }
}

function find(name: string, scope: Scope | undefined): Scope | undefined {
  for (let s = scope; s; s = s.outer) if (s.name === name) return s
  return undefined
}

const sum = (parts: readonly Estimate[]): number => parts.reduce((total, { cost }) => add(total, cost), 0)

function among(parts: readonly Estimate[]): Size {
  if (parts.length === 0) return fixed(0)
  return parts.map(({ size }) => size ?? unknown).reduce(union)
}

function literalSize(value: (Expr & { kind: 'const' })['value']): number {
  if (typeof value === 'string') return [...value].length
  return value instanceof Uint8Array ? value.length : 1
}

/** A variable of a loop: of one, the element of a list or key of a map; of two, the index or key and the value. */
function variable(range: Estimate, count: number, i: number): Omit<Scope, 'name' | 'outer'> {
  const isList = range.entries?.isList ?? range.type.kind === 'list'
  const isKey = count === 2 ? i === 0 : !isList
  const part = isKey ? (isList ? '@indices' : '@keys') : isList ? '@items' : '@values'
  return { path: [...range.path, part], size: isKey ? range.entries?.key : range.entries?.value, entries: undefined }
}

/** What a loop does once before, in each step and once after. */
function foldOf(name: string, args: readonly Estimate[]): { before: number; step: number; after: number } {
  const last = args.at(-1)!.cost
  const filter = args.length === 2 ? args[0]!.cost : 0
  switch (name) {
    case 'all':
      return { before: 0, step: add(3, last), after: 1 }
    case 'exists':
      return { before: 0, step: add(4, last), after: 1 }
    case 'exists_one':
      return { before: 0, step: add(2, last), after: 2 }
    case 'filter':
      return { before: LIST, step: add(13, last), after: 1 }
    case 'transformMap':
      return { before: MAP, step: add(filter, add(3, last)), after: 1 }
    case 'transformMapEntry':
      return { before: MAP, step: add(filter, add(2, last)), after: 1 }
    default:
      return { before: LIST, step: add(filter, add(12, last)), after: 1 }
  }
}
