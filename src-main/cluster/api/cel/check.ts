/** The type of an expression, and what is wrong with it: undeclared names, undefined fields, calls that nothing takes. */
import { isFunction, overloadsOf } from './functions.js'
import type { Overload } from './functions/overload.js'
import { PATCH_FUNCTIONS, patchStructure } from './patches.js'
import { qualified, type Dialect, type Expr, type Issue, type Macro } from './syntax.js'
import {
  BOOL,
  bound,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  fits,
  INT,
  joined,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  typeOf,
  typeText,
  UINT,
  type Bindings,
  type Type,
} from './types.js'

/** What an expression may refer to by name. */
export type Variables = Readonly<Record<string, Type>>

export interface Checked {
  readonly type: Type
  readonly issues: readonly Issue[]
  /** The variables that the expression refers to. */
  readonly uses: ReadonlySet<string>
  /** The type of each node. */
  readonly types: ReadonlyMap<Expr, Type>
  /** The ways to call a function that a call may turn out to be; none for `&&`, `||` and `?:`. */
  readonly overloads: ReadonlyMap<Expr, readonly Overload[]>
}

/** Names of types that may be used as values. */
export const TYPE_IDENTS: Readonly<Record<string, Type>> = {
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  list: listOf(DYN),
  map: mapOf(DYN, DYN),
  null_type: NULL,
  type: typeOf(DYN),
  dyn: DYN,
  'google.protobuf.Timestamp': TIMESTAMP,
  'google.protobuf.Duration': DURATION,
}

/**
 * Checks an expression. Calls of functions in a namespace, such as `optional.of(x)`, are resolved in place: their
 * target becomes part of the name.
 */
export function check(expr: Expr, variables: Variables, dialect: Dialect = {}): Checked {
  const checker = new Checker(variables, dialect)
  const type = checker.typeOf(expr, undefined)
  const { types, overloads, uses } = checker
  return { type, issues: checker.issues.sort((a, b) => a.at - b.at), uses, types, overloads }
}

/** Variables of macros, the innermost first. */
interface Scope {
  readonly name: string
  readonly type: Type
  readonly outer: Scope | undefined
}

/** The type of a macro's variable. */
function local(name: string, scope: Scope | undefined): Type | undefined {
  for (let s = scope; s; s = s.outer) if (s.name === name) return s.type
  return undefined
}

class Checker {
  readonly issues: Issue[] = []
  readonly uses = new Set<string>()
  readonly types = new Map<Expr, Type>()
  readonly overloads = new Map<Expr, readonly Overload[]>()
  /** Elements of the list that `format` takes may be of any types. */
  private mixed = false

  constructor(
    private readonly variables: Variables,
    private readonly dialect: Dialect,
  ) {}

  typeOf(expr: Expr, scope: Scope | undefined): Type {
    this.resolve(expr, scope)
    const type = this.deduce(expr, scope)
    this.types.set(expr, type)
    return type
  }

  /** Makes one name of those that are selected from each other, when it is that of a variable or a type. */
  private resolve(expr: Expr, scope: Scope | undefined): void {
    if (expr.kind !== 'select') return
    const names = qualified(expr)
    if (!names) return
    const name = names.join('.')
    const isName = Object.hasOwn(this.variables, name)
      ? !local(names[0]!, scope)
      : Object.hasOwn(TYPE_IDENTS, name) && !this.find(names[0]!, scope)
    if (isName) Object.assign(expr, { kind: 'ident', name })
  }

  private deduce(expr: Expr, scope: Scope | undefined): Type {
    switch (expr.kind) {
      case 'const':
        return constType(expr.value)
      case 'ident':
        return this.ident(expr.name, expr.at, scope)
      case 'select':
        return this.select(expr, scope)
      case 'has':
        this.select(expr, scope)
        return BOOL
      case 'index':
        return this.index(expr, scope)
      case 'call':
        return this.call(expr, scope)
      case 'list': {
        const { mixed } = this
        this.mixed = false
        return listOf(
          this.common(
            expr.elements.map(({ value, optional }) => this.element(value, optional, scope)),
            mixed,
          ),
        )
      }
      case 'map':
        return mapOf(
          this.common(expr.entries.map(({ key }) => [this.typeOf(key, scope), key.at])),
          this.common(expr.entries.map(({ value, optional }) => this.element(value, optional, scope))),
        )
      case 'struct':
        return this.struct(expr, scope)
      case 'macro':
        return this.macro(expr, scope)
    }
  }

  private fault(at: number, message: string): Type {
    this.issues.push({ at, message })
    return DYN
  }

  private find(name: string, scope: Scope | undefined): Type | undefined {
    const own = local(name, scope)
    if (own) return own
    if (!Object.hasOwn(this.variables, name)) return undefined
    this.uses.add(name)
    return this.variables[name]
  }

  private ident(name: string, at: number, scope: Scope | undefined): Type {
    const found = this.find(name, scope)
    if (found) return found
    if (Object.hasOwn(TYPE_IDENTS, name)) return typeOf(TYPE_IDENTS[name]!)
    return this.fault(at, `undeclared reference to '${name}' (in container '')`)
  }

  private select(expr: { at: number; operand: Expr; field: string; optional: boolean }, scope: Scope | undefined): Type {
    const operand = this.typeOf(expr.operand, scope)
    const inner = operand.kind === 'optional_type' ? operand.element : operand
    const type = this.field(inner, expr.field, expr.at)
    return expr.optional || operand.kind === 'optional_type' ? optionalOf(type) : type
  }

  private field(type: Type, name: string, at: number): Type {
    if (type.kind === 'dyn') return DYN
    if (type.kind === 'map') return type.value
    if (type.kind !== 'object') return this.fault(at, `type '${typeText(type)}' does not support field selection`)
    return type.field(name) ?? this.fault(at, `undefined field '${name}'`)
  }

  private index(expr: { at: number; operand: Expr; index: Expr; optional: boolean }, scope: Scope | undefined): Type {
    const operand = this.typeOf(expr.operand, scope)
    const index = this.typeOf(expr.index, scope)
    const inner = operand.kind === 'optional_type' ? operand.element : operand
    const type = indexed(inner, index)
    if (!type) {
      const name = expr.optional || operand.kind === 'optional_type' ? '_[?_]' : '_[_]'
      return this.fault(expr.at, `found no matching overload for '${name}' applied to '(${typeText(operand)}, ${typeText(index)})'`)
    }
    return expr.optional || operand.kind === 'optional_type' ? optionalOf(type) : type
  }

  private element(value: Expr, optional: boolean, scope: Scope | undefined): [Type, number] {
    const type = this.typeOf(value, scope)
    if (!optional) return [type, value.at]
    return [type.kind === 'optional_type' ? type.element : type, value.at]
  }

  /** The type that all elements have; of no elements, any. */
  private common(types: readonly [Type, number][], mixed = false): Type {
    let common: Type | undefined
    for (const [type, at] of types) {
      const next: Type | undefined = common === undefined ? type : joined(common, type)
      if (!next && !mixed) this.fault(at, `expected type '${typeText(common!)}' but found '${typeText(type)}'`)
      common = next ?? DYN
    }
    return common ?? DYN
  }

  private struct(expr: Expr & { kind: 'struct' }, scope: Scope | undefined): Type {
    const type = this.dialect.patches ? patchStructure(expr.name) : undefined
    if (type?.kind !== 'object') return this.fault(expr.at, `undeclared reference to '${expr.name}' (in container '')`)
    for (const { name, value, optional, at } of expr.fields) {
      const [given] = this.element(value, optional, scope)
      const wanted = type.field(name)
      if (!wanted) this.fault(at, `undefined field '${name}'`)
      else if (!fits(given, wanted, new Map()))
        this.fault(at, `expected type of field '${name}' is '${typeText(wanted)}' but provided type is '${typeText(given)}'`)
    }
    return type
  }

  private isFunction(name: string): boolean {
    return isFunction(name) && (this.dialect.patches === true || !PATCH_FUNCTIONS.has(name))
  }

  private call(expr: Expr & { kind: 'call' }, scope: Scope | undefined): Type {
    const { target } = expr
    if (target?.kind === 'ident' && !this.find(target.name, scope) && this.isFunction(`${target.name}.${expr.name}`)) {
      expr.name = `${target.name}.${expr.name}`
      expr.target = undefined
    }
    const given = expr.target ? [this.typeOf(expr.target, scope)] : []
    this.mixed = expr.name === 'format' && given.length === 1
    given.push(...expr.args.map((arg) => this.typeOf(arg, scope)))
    this.mixed = false
    const matching = matchesOf(expr.name, expr.target !== undefined, given)
    this.overloads.set(
      expr,
      matching.map(({ overload }) => overload),
    )
    const type = resultOf(expr.name, given, matching)
    if (type) return type
    if (!CONTROL.has(expr.name) && !isFunction(expr.name))
      return this.fault(expr.at, `undeclared reference to '${expr.name}' (in container '')`)
    const texts = given.map(typeText)
    const shown = expr.target ? `${texts[0]}.(${texts.slice(1).join(', ')})` : `(${texts.join(', ')})`
    return this.fault(expr.at, `found no matching overload for '${expr.name}' applied to '${shown}'`)
  }

  private macro(expr: Macro, scope: Scope | undefined): Type {
    const range = this.typeOf(expr.range, scope)
    const types = variableTypes(expr, range)
    if (!types) {
      if (expr.name === 'optMap' || expr.name === 'optFlatMap')
        return this.fault(expr.at, `found no matching overload for '${expr.name}' applied to '${typeText(range)}'`)
      return this.fault(
        expr.range.at,
        `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      )
    }
    const inner = expr.vars.reduce<Scope | undefined>((outer, name, i) => ({ name, type: types[i]!, outer }), scope)
    const args = expr.args.map((arg) => this.typeOf(arg, inner))
    const last = args.at(-1)!
    const predicate = args[0]!
    const wantsBool = ['all', 'exists', 'exists_one', 'filter'].includes(expr.name) || args.length === 2
    if (wantsBool && !fits(predicate, BOOL, new Map())) {
      const operator = expr.name === 'all' ? '_&&_' : expr.name === 'exists' ? '_||_' : '_?_:_'
      const shown =
        operator === '_?_:_'
          ? `(${typeText(predicate)}, ${expr.name === 'exists_one' ? 'int, int' : 'list(dyn), list(dyn)'})`
          : `(bool, ${typeText(predicate)})`
      return this.fault(expr.at, `found no matching overload for '${operator}' applied to '${shown}'`)
    }
    if (
      expr.name === 'sortBy' &&
      last.kind !== 'dyn' &&
      overloadsOf('sort', true).every(({ target }) => !fits(listOf(last), target!, new Map()))
    ) {
      const shown = `${typeText(range)}.(list(${typeText(last)}))`
      return this.fault(expr.at, `found no matching overload for '@sortByAssociatedKeys' applied to '${shown}'`)
    }
    return macroType(expr.name, range, types, last)
  }
}

function constType(value: (Expr & { kind: 'const' })['value']): Type {
  switch (typeof value) {
    case 'boolean':
      return BOOL
    case 'bigint':
      return INT
    case 'number':
      return DOUBLE
    case 'string':
      return STRING
  }
  return value === null ? NULL : value instanceof Uint8Array ? BYTES : UINT
}

function indexed(type: Type, index: Type): Type | undefined {
  if (type.kind === 'dyn') return DYN
  if (type.kind === 'list') return fits(index, INT, new Map()) ? type.element : undefined
  return type.kind === 'map' && fits(index, type.key, new Map()) ? type.value : undefined
}

/** Operators that do not evaluate all that they are given. */
const CONTROL: ReadonlySet<string> = new Set(['_&&_', '_||_', '_?_:_'])

interface Match {
  readonly overload: Overload
  readonly result: Type
}

/** The ways to call a function that take what is given. */
function matchesOf(name: string, isMethod: boolean, given: readonly Type[]): Match[] {
  const matching: Match[] = []
  for (const overload of overloadsOf(name, isMethod)) {
    const wanted = overload.target ? [overload.target, ...overload.args] : overload.args
    const bindings: Bindings = new Map()
    if (wanted.length !== given.length || !wanted.every((type, i) => fits(given[i]!, type, bindings))) continue
    matching.push({ overload, result: bound(overload.result, bindings) })
  }
  return matching
}

function resultOf(name: string, given: readonly Type[], matching: readonly Match[]): Type | undefined {
  if (name === '_&&_' || name === '_||_') return given.every((t) => fits(t, BOOL, new Map())) ? BOOL : undefined
  if (name === '_?_:_') return fits(given[0]!, BOOL, new Map()) ? joined(given[1]!, given[2]!) : undefined
  const first = matching[0]?.result
  return first && matching.every(({ result }) => typeText(result) === typeText(first)) ? first : first && DYN
}

/** The types of a macro's variables; undefined when there is nothing to go through. */
function variableTypes({ name, vars }: Macro, range: Type): Type[] | undefined {
  if (name === 'bind') return [range]
  if (name === 'optMap' || name === 'optFlatMap')
    return range.kind === 'optional_type' ? [range.element] : range.kind === 'dyn' ? [DYN] : undefined
  if (range.kind === 'dyn') return vars.map(() => DYN)
  if (range.kind === 'list') return vars.length === 2 ? [INT, range.element] : [range.element]
  if (range.kind === 'map') return vars.length === 2 ? [range.key, range.value] : [range.key]
  return undefined
}

function macroType(name: string, range: Type, vars: readonly Type[], result: Type): Type {
  switch (name) {
    case 'filter':
      return listOf(vars[0]!)
    case 'sortBy':
      return range
    case 'map':
    case 'transformList':
      return listOf(result)
    case 'transformMap':
      return mapOf(vars[0]!, result)
    case 'transformMapEntry':
      return result.kind === 'map' ? result : mapOf(DYN, DYN)
    case 'optMap':
      return optionalOf(result)
    case 'optFlatMap':
    case 'bind':
      return result
    default:
      return BOOL
  }
}

/** Types of variables that hold what `timestamp` and `duration` formats of a schema give. */
export const FORMAT_TYPES: Readonly<Record<string, Type>> = {
  date: TIMESTAMP,
  'date-time': TIMESTAMP,
  datetime: TIMESTAMP,
  duration: DURATION,
  byte: BYTES,
}
