/** Operators: arithmetic, comparison, membership, and sums of lists that are sets or maps. */
import { compare, Duration, elementKey, equal, hasEntry, listKindOf, markList, numeric, Timestamp, Uint, type Value } from '../values.js'
import { EvaluationError, fn, type Overload } from './overload.js'

const INT_MAX = 2n ** 63n - 1n
const INT_MIN = -(2n ** 63n)
const UINT_MAX = 2n ** 64n - 1n

/** An int that is within its 64 bits. */
export function int(value: bigint): bigint {
  if (value > INT_MAX || value < INT_MIN) throw new EvaluationError('integer overflow')
  return value
}

/** A uint that is within its 64 bits. */
export function uint(value: bigint): Uint {
  if (value > UINT_MAX || value < 0n) throw new EvaluationError('unsigned integer overflow')
  return new Uint(value)
}

const SECOND = 1_000_000_000n
const FIRST_MOMENT = -62135596800n * SECOND
const LAST_MOMENT = 253402300799n * SECOND + (SECOND - 1n)

/** A moment of the years 1 to 9999. @param offset of its zone from UTC, in minutes */
export function timestamp(nanos: bigint, offset = 0): Timestamp {
  if (nanos < FIRST_MOMENT || nanos > LAST_MOMENT) throw new EvaluationError('timestamp overflow')
  return new Timestamp(nanos, offset)
}

/** A span of time within its 64 bits of nanoseconds. */
export function duration(nanos: bigint): Duration {
  if (nanos > INT_MAX || nanos < INT_MIN) throw new EvaluationError('integer overflow')
  return new Duration(nanos)
}

function arithmetic(name: string, ints: (a: bigint, b: bigint) => bigint, doubles?: (a: number, b: number) => number): Overload[] {
  const overloads = [
    fn(name, 'int, int => int', (a: bigint, b: bigint) => int(ints(a, b))),
    fn(name, 'uint, uint => uint', (a: Uint, b: Uint) => uint(ints(a.value, b.value))),
  ]
  if (doubles) overloads.push(fn(name, 'double, double => double', doubles))
  return overloads
}

function divided(divide: (a: bigint, b: bigint) => bigint, name: string): (a: bigint, b: bigint) => bigint {
  return (a, b) => {
    if (b === 0n) throw new EvaluationError(`${name} by zero`)
    return divide(a, b)
  }
}

/** Lists of sets are united, lists that are maps are merged by their keys; others are put one after the other. */
function sum(a: readonly Value[], b: readonly Value[]): readonly Value[] {
  const kind = listKindOf(a) ?? listKindOf(b)
  if (!kind) return [...a, ...b]
  const keyed = (x: Value, y: Value): boolean => (kind.type === 'set' ? equal(x, y) : elementKey(x) === elementKey(y))
  const out = [...a]
  for (const value of b) {
    const at = out.findIndex((other) => keyed(other, value))
    if (at < 0) out.push(value)
    else out[at] = value
  }
  markList(out, kind)
  return out
}

const ORDERED = ['bool', 'string', 'bytes', 'timestamp', 'duration']
const NUMBERS = ['int', 'uint', 'double']

function comparison(name: string, holds: (order: number) => boolean): Overload[] {
  const pairs = [
    ...ORDERED.map((t) => `${t}, ${t}`),
    ...NUMBERS.flatMap((a) => [a, ...NUMBERS.filter((n) => n !== a)].map((b) => `${a}, ${b}`)),
  ]
  return pairs.map((pair) => fn(name, `${pair} => bool`, (a: Value, b: Value) => holds(compare(a, b) ?? NaN)))
}

/** The element at an index. */
export function elementAt(list: readonly Value[], index: Value): Value {
  const at = Number(numeric(index))
  const found = list[at]
  if (found === undefined) throw new EvaluationError(`index out of bounds: ${at}`)
  return found
}

export const OPERATORS: readonly Overload[] = [
  ...arithmetic(
    '_+_',
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  ...arithmetic(
    '_-_',
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  ...arithmetic(
    '_*_',
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  ...arithmetic(
    '_/_',
    divided((a, b) => a / b, 'division'),
    (a, b) => a / b,
  ),
  ...arithmetic(
    '_%_',
    divided((a, b) => a % b, 'modulus'),
  ),
  fn('_+_', 'string, string => string', (a: string, b: string) => a + b),
  fn('_+_', 'bytes, bytes => bytes', (a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b])),
  fn('_+_', 'list(A), list(A) => list(A)', sum),
  fn('_+_', 'timestamp, duration => timestamp', (a: Timestamp, b: Duration) => timestamp(a.nanos + b.nanos, a.offset)),
  fn('_+_', 'duration, timestamp => timestamp', (a: Duration, b: Timestamp) => timestamp(a.nanos + b.nanos, b.offset)),
  fn('_+_', 'duration, duration => duration', (a: Duration, b: Duration) => duration(a.nanos + b.nanos)),
  fn('_-_', 'timestamp, timestamp => duration', (a: Timestamp, b: Timestamp) => duration(a.nanos - b.nanos)),
  fn('_-_', 'timestamp, duration => timestamp', (a: Timestamp, b: Duration) => timestamp(a.nanos - b.nanos, a.offset)),
  fn('_-_', 'duration, duration => duration', (a: Duration, b: Duration) => duration(a.nanos - b.nanos)),
  fn('-_', 'int => int', (a: bigint) => int(-a)),
  fn('-_', 'double => double', (a: number) => -a),
  fn('!_', 'bool => bool', (a: boolean) => !a),
  fn('_==_', 'A, A => bool', equal),
  fn('_!=_', 'A, A => bool', (a: Value, b: Value) => !equal(a, b)),
  ...comparison('_<_', (order) => order < 0),
  ...comparison('_<=_', (order) => order <= 0),
  ...comparison('_>_', (order) => order > 0),
  ...comparison('_>=_', (order) => order >= 0),
  fn('@in', 'A, list(A) => bool', (value: Value, list: readonly Value[]) => list.some((other) => equal(value, other))),
  fn('@in', 'A, map(A, B) => bool', (key: Value, map: ReadonlyMap<Value, Value>) => hasEntry(map, key)),
]
