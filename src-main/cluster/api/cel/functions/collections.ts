/** Functions of lists, maps, sets and optional values. */
import { compare, Duration, equal, isList, numeric, Optional, Uint, type Value } from '../values.js'
import { duration, int, uint } from './operators.js'
import { EvaluationError, fn, method, type Overload } from './overload.js'

type List = readonly Value[]

const ORDERED = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']

function extreme(list: List, name: string, better: (order: number) => boolean): Value {
  if (list.length === 0) throw new EvaluationError(`${name} called on empty list`)
  return list.reduce((best, value) => (better(compare(value, best) ?? 0) ? value : best))
}

/** What sums of nothing are. */
const ZEROS: Readonly<Record<string, Value>> = { int: 0n, uint: uint(0n), double: 0, duration: new Duration(0n) }

function sum(list: List, zero: Value): Value {
  const [first] = list
  if (first === undefined) return zero
  return list.slice(1).reduce((total, value) => added(total, value), first)
}

function added(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  if (a instanceof Uint && b instanceof Uint) return uint(a.value + b.value)
  if (a instanceof Duration && b instanceof Duration) return duration(a.nanos + b.nanos)
  const x = numeric(a)
  const y = numeric(b)
  if (typeof x === 'bigint' && typeof y === 'bigint') return int(x + y)
  throw new EvaluationError('no such overload')
}

const isSorted = (list: List): boolean => list.every((value, i) => i === 0 || (compare(list[i - 1]!, value) ?? 0) <= 0)

function distinct(list: List): Value[] {
  const out: Value[] = []
  for (const value of list) if (!out.some((other) => equal(other, value))) out.push(value)
  return out
}

/** How deep `flatten` goes. */
function flatten(list: List, depth: bigint): Value[] {
  if (depth < 0n) throw new EvaluationError('level must be non-negative')
  return list.flatMap((value) => (isList(value) && depth > 0n ? flatten(value, depth - 1n) : [value]))
}

function slice(list: List, from: bigint, to: bigint): Value[] {
  if (from < 0n || to < 0n) throw new EvaluationError(`cannot slice(${from}, ${to}), negative indexes not supported`)
  if (from > to) throw new EvaluationError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`)
  if (to > BigInt(list.length)) throw new EvaluationError(`cannot slice(${from}, ${to}), list is length ${list.length}`)
  return list.slice(Number(from), Number(to))
}

const has = (list: List, value: Value): boolean => list.some((other) => equal(other, value))
const contains = (list: List, part: List): boolean => part.every((value) => has(list, value))

function valueOf({ value }: Optional): Value {
  if (value === undefined) throw new EvaluationError('optional.none() dereference')
  return value
}

const isZero = (value: Value): boolean =>
  value === null ||
  value === false ||
  value === '' ||
  numeric(value) == 0 ||
  (isList(value) && value.length === 0) ||
  (value instanceof Map && value.size === 0)

export const COLLECTIONS: readonly Overload[] = [
  fn('size', 'list(A) => int', (list: List) => BigInt(list.length)),
  method('size', 'list(A) => int', (list: List) => BigInt(list.length)),
  fn('size', 'map(A, B) => int', (map: ReadonlyMap<Value, Value>) => BigInt(map.size)),
  method('size', 'map(A, B) => int', (map: ReadonlyMap<Value, Value>) => BigInt(map.size)),
  ...ORDERED.flatMap((type) => [
    method('isSorted', `list(${type}) => bool`, isSorted),
    method('min', `list(${type}) => ${type}`, (list: List) => extreme(list, 'min', (order) => order < 0)),
    method('max', `list(${type}) => ${type}`, (list: List) => extreme(list, 'max', (order) => order > 0)),
    method('sort', `list(${type}) => list(${type})`, (list: List) => [...list].sort((a, b) => compare(a, b) ?? 0)),
  ]),
  ...Object.entries(ZEROS).map(([type, zero]) => method('sum', `list(${type}) => ${type}`, (list: List) => sum(list, zero))),
  method('indexOf', 'list(A), A => int', (list: List, value: Value) => BigInt(list.findIndex((other) => equal(other, value)))),
  method('lastIndexOf', 'list(A), A => int', (list: List, value: Value) => {
    const at = [...list].reverse().findIndex((other) => equal(other, value))
    return BigInt(at < 0 ? -1 : list.length - 1 - at)
  }),
  method('distinct', 'list(A) => list(A)', distinct),
  method('reverse', 'list(A) => list(A)', (list: List) => [...list].reverse()),
  method('slice', 'list(A), int, int => list(A)', slice),
  method('flatten', 'list(dyn) => list(dyn)', (list: List) => flatten(list, 1n)),
  method('flatten', 'list(dyn), int => list(dyn)', flatten),
  fn('lists.range', 'int => list(int)', (count: bigint) => Array.from({ length: Math.max(0, Number(count)) }, (_, i) => BigInt(i))),
  fn('sets.contains', 'list(A), list(A) => bool', contains),
  fn('sets.equivalent', 'list(A), list(A) => bool', (a: List, b: List) => contains(a, b) && contains(b, a)),
  fn('sets.intersects', 'list(A), list(A) => bool', (a: List, b: List) => a.some((value) => has(b, value))),
  fn('optional.of', 'A => optional_type(A)', (value: Value) => new Optional(value)),
  fn('optional.ofNonZeroValue', 'A => optional_type(A)', (value: Value) => (isZero(value) ? Optional.NONE : new Optional(value))),
  fn('optional.none', ' => optional_type(A)', () => Optional.NONE),
  method('hasValue', 'optional_type(A) => bool', ({ value }: Optional) => value !== undefined),
  method('value', 'optional_type(A) => A', valueOf),
  method('or', 'optional_type(A), optional_type(A) => optional_type(A)', (a: Optional, b: Optional) => (a.value === undefined ? b : a)),
  method('orValue', 'optional_type(A), A => A', ({ value }: Optional, other: Value) => (value === undefined ? other : value)),
]
