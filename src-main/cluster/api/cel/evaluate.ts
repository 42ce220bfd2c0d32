/** Turns a checked expression into a function. What it costs is counted, so that none runs for long. */
import { TYPE_IDENTS } from './check.js'
import { mayBe } from './functions.js'
import { elementAt } from './functions/operators.js'
import { EvaluationError, type Overload } from './functions/overload.js'
import type { Entry, Expr, Macro } from './syntax.js'
import { compare, entry, isList, kindOf, Optional, typeName, TypeValue, Uint, type Value } from './values.js'

/** More was spent than may be: nothing catches this but the caller. */
export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded')
    this.name = 'CostExceeded'
  }
}

/** What an evaluation may still spend; a step costs 1. */
export class Budget {
  constructor(public left: number) {}

  spend(cost: number): void {
    this.left -= cost
    if (this.left < 0) throw new CostExceeded()
  }
}

/** Variables, the innermost first. */
interface Frame {
  readonly name: string
  readonly value: Value
  readonly outer: Frame | undefined
}

type Step = (frame: Frame | undefined, budget: Budget) => Value

/** Evaluates with the values of its variables. Throws {@link EvaluationError} or {@link CostExceeded}. */
export type Program = (variables: Readonly<Record<string, Value>>, budget: Budget) => Value

/** Which functions a call may turn out to be, as the checker found. */
type Overloads = ReadonlyMap<Expr, readonly Overload[]>

/** The program of an expression that was checked. */
export function programOf(expr: Expr, overloads: Overloads): Program {
  const step = stepOf(expr, overloads)
  return (variables, budget) => {
    let frame: Frame | undefined
    for (const [name, value] of Object.entries(variables)) frame = { name, value, outer: frame }
    return step(frame, budget)
  }
}

function stepOf(expr: Expr, checked: Overloads): Step {
  switch (expr.kind) {
    case 'const': {
      const { value } = expr
      const constant: Value = typeof value === 'object' && value !== null && 'uint' in value ? new Uint(value.uint) : value
      return () => constant
    }
    case 'ident':
      return identStep(expr.name)
    case 'select':
      return selectStep(expr, checked)
    case 'has':
      return hasStep(expr, checked)
    case 'index':
      return indexStep(expr, checked)
    case 'call':
      return callStep(expr, checked)
    case 'list':
      return listStep(expr.elements, checked)
    case 'map':
      return mapStep(expr.entries, checked)
    case 'struct':
      return structStep(expr, checked)
    case 'macro':
      return macroStep(expr, checked)
  }
}

function identStep(name: string): Step {
  const type = Object.hasOwn(TYPE_IDENTS, name) ? new TypeValue(typeName(TYPE_IDENTS[name]!)) : undefined
  return (frame, budget) => {
    budget.spend(1)
    for (let f = frame; f; f = f.outer) if (f.name === name) return f.value
    if (type) return type
    throw new EvaluationError(`no such attribute(s): ${name}`)
  }
}

/** A field of a map; undefined when it has none, and of what can have none, such as null. */
function fieldOf(value: Value, name: string): Value | undefined {
  if (isList(value)) throw new EvaluationError("unsupported index type 'string' in list")
  return value instanceof Map ? (value as ReadonlyMap<Value, Value>).get(name) : undefined
}

function present(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new EvaluationError(`no such key: ${name}`)
  return value
}

const optional = (value: Value | undefined): Optional => (value === undefined ? Optional.NONE : new Optional(value))

function selectStep(expr: { operand: Expr; field: string; optional: boolean }, checked: Overloads): Step {
  const operand = stepOf(expr.operand, checked)
  const { field } = expr
  return (frame, budget) => {
    budget.spend(1)
    const value = operand(frame, budget)
    if (value instanceof Optional) return value.value === undefined ? value : optional(fieldOf(value.value, field))
    return expr.optional ? optional(fieldOf(value, field)) : present(fieldOf(value, field), field)
  }
}

function hasStep(expr: { operand: Expr; field: string }, checked: Overloads): Step {
  const operand = stepOf(expr.operand, checked)
  return (frame, budget) => {
    budget.spend(1)
    const value = operand(frame, budget)
    if (value instanceof Optional) return value.value !== undefined && fieldOf(value.value, expr.field) !== undefined
    return fieldOf(value, expr.field) !== undefined
  }
}

/** What is at an index or key; undefined when there is nothing. */
function tryIndex(value: Value, index: Value): Value | undefined {
  if (isList(value)) return value[Number(index)]
  return value instanceof Map ? entry(value as ReadonlyMap<Value, Value>, index) : undefined
}

function mustIndex(value: Value, index: Value): Value {
  if (isList(value)) return elementAt(value, index)
  if (!(value instanceof Map)) throw new EvaluationError(`no such key: ${shownKey(index)}`)
  return present(entry(value as ReadonlyMap<Value, Value>, index), shownKey(index))
}

const shownKey = (key: Value): string => (key instanceof Uint ? String(key.value) : String(key))

function indexStep(expr: { operand: Expr; index: Expr; optional: boolean }, checked: Overloads): Step {
  const operand = stepOf(expr.operand, checked)
  const index = stepOf(expr.index, checked)
  return (frame, budget) => {
    budget.spend(1)
    const value = operand(frame, budget)
    const at = index(frame, budget)
    if (value instanceof Optional) return value.value === undefined ? value : optional(tryIndex(value.value, at))
    return expr.optional ? optional(tryIndex(value, at)) : mustIndex(value, at)
  }
}

function callStep(expr: Expr & { kind: 'call' }, checked: Overloads): Step {
  const args = (expr.target ? [expr.target, ...expr.args] : expr.args).map((arg) => stepOf(arg, checked))
  switch (expr.name) {
    case '_&&_':
      return logicStep(args[0]!, args[1]!, false)
    case '_||_':
      return logicStep(args[0]!, args[1]!, true)
    case '_?_:_':
      return (frame, budget) => {
        budget.spend(1)
        return args[0]!(frame, budget) === true ? args[1]!(frame, budget) : args[2]!(frame, budget)
      }
  }
  const overloads = checked.get(expr) ?? []
  return (frame, budget) => {
    const values = args.map((arg) => arg(frame, budget))
    const overload = overloads.find((o) => takes(o, values))
    if (!overload) throw new EvaluationError('no such overload')
    budget.spend(overload.cost ?? 1 + values.reduce<number>((cost, value) => cost + traversal(value), 0))
    if (overload.name === 'lists.range') budget.spend(Math.max(0, Number(values[0])))
    return (overload.call as (...args: Value[]) => Value)(...values)
  }
}

/** What it costs to go through a value: a tenth of each character, one for each element. */
function traversal(value: Value): number {
  if (typeof value === 'string') return value.length / 10
  if (isList(value)) return value.length
  return value instanceof Map ? value.size : 0
}

function takes(overload: Overload, values: readonly Value[]): boolean {
  const offset = overload.target ? 1 : 0
  if (overload.target && !mayBe(values[0]!, overload.target)) return false
  if (!overload.args.every((type, i) => mayBe(values[i + offset]!, type))) return false
  // Lists of one type: their first element tells which.
  const list = overload.target?.kind === 'list' ? overload.target.element : undefined
  const [first] = list ? (values[0] as readonly Value[]) : []
  return !list || first === undefined || mayBe(first, list)
}

/** && and ||: an error on one side does not count when the other side settles it. */
function logicStep(left: Step, right: Step, settles: boolean): Step {
  return (frame, budget) => {
    budget.spend(1)
    let failure: EvaluationError
    try {
      const value = left(frame, budget)
      if (value === settles) return settles
      if (typeof value === 'boolean') return truth(right(frame, budget))
      failure = new EvaluationError('no such overload')
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      failure = error
    }
    if (right(frame, budget) === settles) return settles
    throw failure
  }
}

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw new EvaluationError('no such overload')
  return value
}

/** An element or entry that may be left out: undefined when its optional has no value. */
function given(value: Value, isOptional: boolean): Value | undefined {
  if (!isOptional) return value
  if (!(value instanceof Optional)) throw new EvaluationError(`cannot initialize optional entry from non-optional value ${kindOf(value)}`)
  return value.value
}

function listStep(elements: readonly Entry[], checked: Overloads): Step {
  const steps = elements.map(({ value, optional: isOptional }) => [stepOf(value, checked), isOptional] as const)
  return (frame, budget) => {
    budget.spend(10)
    return steps.map(([step, isOptional]) => given(step(frame, budget), isOptional)).filter((v): v is Value => v !== undefined)
  }
}

function mapStep(entries: readonly (Entry & { key: Expr })[], checked: Overloads): Step {
  const steps = entries.map(({ key, value, optional: isOptional }) => [stepOf(key, checked), stepOf(value, checked), isOptional] as const)
  return (frame, budget) => {
    budget.spend(30)
    const map = new Map<Value, Value>()
    for (const [key, step, isOptional] of steps) {
      const name = key(frame, budget)
      const value = given(step(frame, budget), isOptional)
      if (map.has(name)) throw new EvaluationError(`Failed with repeated key`)
      if (value !== undefined) map.set(name, value)
    }
    return map
  }
}

/** An object is a map of its fields, as those are that expressions are given. */
function structStep(expr: Expr & { kind: 'struct' }, checked: Overloads): Step {
  const steps = expr.fields.map(({ name, value, optional: isOptional }) => [name, stepOf(value, checked), isOptional] as const)
  return (frame, budget) => {
    budget.spend(40)
    const object = new Map<Value, Value>()
    for (const [name, step, isOptional] of steps) {
      const value = given(step(frame, budget), isOptional)
      if (value !== undefined) object.set(name, value)
    }
    return object
  }
}

type Pair = readonly [Value, Value]

/** What a macro goes through: with one variable elements or keys, with two also indexes or values. */
function pairsOf(range: Value, twoVariables: boolean): Pair[] {
  if (isList(range)) return range.map((value, i): Pair => (twoVariables ? [BigInt(i), value] : [value, value]))
  if (range instanceof Map) return [...(range as ReadonlyMap<Value, Value>)]
  throw new EvaluationError('no such overload')
}

function macroStep(expr: Macro, checked: Overloads): Step {
  const range = stepOf(expr.range, checked)
  const args = expr.args.map((arg) => stepOf(arg, checked))
  const [first = '', second] = expr.vars
  if (expr.name === 'bind') return (frame, budget) => args[0]!({ name: first, value: range(frame, budget), outer: frame }, budget)
  if (expr.name === 'optMap' || expr.name === 'optFlatMap') {
    const flat = expr.name === 'optFlatMap'
    return (frame, budget) => {
      const value = range(frame, budget)
      if (!(value instanceof Optional)) throw new EvaluationError('no such overload')
      if (value.value === undefined) return value
      const result = args[0]!({ name: first, value: value.value, outer: frame }, budget)
      return flat ? result : new Optional(result)
    }
  }
  const fold = FOLDS[expr.name]!
  const filter = args.length === 2 ? args[0] : undefined
  const body = args.at(-1)!
  return (frame, budget) => {
    const pairs = pairsOf(range(frame, budget), second !== undefined)
    const inner = ([a, b]: Pair): Frame => {
      budget.spend(1)
      const outer = { name: first, value: a, outer: frame }
      return second === undefined ? outer : { name: second, value: b, outer }
    }
    const kept = filter ? pairs.filter((pair) => truth(filter(inner(pair), budget))) : pairs
    return fold(kept, (pair) => body(inner(pair), budget))
  }
}

type Fold = (pairs: readonly Pair[], body: (pair: Pair) => Value) => Value

/** Whether one settles it; an error counts only when none does. */
function quantified(pairs: readonly Pair[], body: (pair: Pair) => Value, settles: boolean): boolean {
  let failure: EvaluationError | undefined
  for (const pair of pairs) {
    try {
      if (truth(body(pair)) === settles) return settles
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      failure ??= error
    }
  }
  if (failure) throw failure
  return !settles
}

const FOLDS: Readonly<Record<string, Fold>> = {
  all: (pairs, body) => quantified(pairs, body, false),
  exists: (pairs, body) => quantified(pairs, body, true),
  exists_one: (pairs, body) => pairs.filter((pair) => truth(body(pair))).length === 1,
  filter: (pairs, body) => pairs.filter((pair) => truth(body(pair))).map(([value]) => value),
  map: (pairs, body) => pairs.map(body),
  transformList: (pairs, body) => pairs.map(body),
  sortBy: (pairs, body) =>
    pairs
      .map((pair) => ({ value: pair[0], key: body(pair) }))
      .sort((a, b) => compare(a.key, b.key) ?? 0)
      .map(({ value }) => value),
  transformMap: (pairs, body) => new Map(pairs.map((pair) => [pair[0], body(pair)])),
  transformMapEntry(pairs, body) {
    const out = new Map<Value, Value>()
    for (const pair of pairs) {
      const made = body(pair)
      if (!(made instanceof Map)) throw new EvaluationError('no such overload')
      for (const [key, value] of made as ReadonlyMap<Value, Value>) {
        if (out.has(key)) throw new EvaluationError(`insert failed: key ${shownKey(key)} already exists`)
        out.set(key, value)
      }
    }
    return out
  },
}
