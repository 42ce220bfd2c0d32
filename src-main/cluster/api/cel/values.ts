/**
 * The values of CEL expressions: null, boolean, bigint (int), {@link Uint}, number (double), string, Uint8Array (bytes),
 * arrays, maps and the classes below. Objects of a schema are maps from the names of their fields.
 */
import { isIP, isIPv4 } from 'node:net'
import { equalJson } from '../copy.js'
import type { Quantity } from '../kinds/rules/quantity.js'
import { AuthorizerValue, DecisionValue, GroupCheckValue, PathCheckValue, ResourceCheckValue } from './authorization.js'
import { typeText, type Type } from './types.js'

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | Uint
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | QuantityValue
  | UrlValue
  | IpValue
  | CidrValue
  | FormatValue
  | SemverValue
  | AuthorizerValue
  | PathCheckValue
  | GroupCheckValue
  | ResourceCheckValue
  | DecisionValue

/** An unsigned 64-bit integer. */
export class Uint {
  constructor(readonly value: bigint) {}
}

/** A moment, in nanoseconds since 1970; as a text it is in the zone in which it was written. */
export class Timestamp {
  /** @param offset of its zone from UTC, in minutes */
  constructor(
    readonly nanos: bigint,
    readonly offset = 0,
  ) {}
}

/** A span of time in nanoseconds. */
export class Duration {
  constructor(readonly nanos: bigint) {}
}

/** A value, or none. */
export class Optional {
  static readonly NONE = new Optional(undefined)
  constructor(readonly value: Value | undefined) {}
}

/** A type as a value, as `type(1)` gives it. */
export class TypeValue {
  constructor(readonly name: string) {}
}

export class QuantityValue {
  constructor(readonly quantity: Quantity) {}
}

export class UrlValue {
  constructor(
    readonly url: URL,
    readonly text: string,
  ) {}
}

/** An address: its bits, and the text it was given as. */
export class IpValue {
  constructor(
    readonly bits: bigint,
    readonly family: 4 | 6,
  ) {}
}

export class CidrValue {
  constructor(
    readonly ip: IpValue,
    readonly prefix: number,
  ) {}
}

/** A format by name, which tells what is wrong with a text. */
export class FormatValue {
  constructor(
    readonly name: string,
    readonly faults: (text: string) => readonly string[],
  ) {}
}

export class SemverValue {
  constructor(
    readonly major: bigint,
    readonly minor: bigint,
    readonly patch: bigint,
    readonly prerelease: readonly string[],
  ) {}
}

/** Lists whose equality and sum are those of sets or of maps by key. */
export interface ListKind {
  readonly type: 'set' | 'map'
}

const listKinds = new WeakMap<readonly Value[], ListKind>()

/** Marks a list as a set, or as a map by the keys of its elements. */
export const markList = (list: readonly Value[], kind: ListKind): void => void listKinds.set(list, kind)
export const listKindOf = (list: readonly Value[]): ListKind | undefined => listKinds.get(list)

/** Fields of an object that no rule sees, since its schema or the language has no name for them. They count for equality. */
const unseenFields = new WeakMap<ReadonlyMap<Value, Value>, Readonly<Record<string, unknown>>>()

/** Tells which fields an object has besides those that rules see. */
export const markUnseen = (map: ReadonlyMap<Value, Value>, fields: Readonly<Record<string, unknown>>): void =>
  void unseenFields.set(map, fields)

/** As in the API server there must be as many; those that both have must be equal. */
function equalUnseen(a: ReadonlyMap<Value, Value>, b: ReadonlyMap<Value, Value>): boolean {
  const x = unseenFields.get(a) ?? {}
  const y = unseenFields.get(b) ?? {}
  if (Object.keys(x).length !== Object.keys(y).length) return false
  return Object.entries(x).every(([name, value]) => !Object.hasOwn(y, name) || equalJson(value, y[name]))
}

const elementKeys = new WeakMap<object, string>()

/** Tells by which key an element stands in a list that is a map. */
export const markElement = (element: Value, key: string): void => {
  if (typeof element === 'object' && element !== null) elementKeys.set(element, key)
}
export const elementKey = (element: Value): string | undefined =>
  typeof element === 'object' && element !== null ? elementKeys.get(element) : undefined

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** The kind of a value's type, as in {@link Type}. */
export function kindOf(value: Value): Type['kind'] {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Map) return 'map'
  if (value instanceof Uint8Array) return 'bytes'
  return KINDS.get((value as object).constructor) ?? 'dyn'
}

const KINDS = new Map<unknown, Type['kind']>([
  [Uint, 'uint'],
  [Timestamp, 'timestamp'],
  [Duration, 'duration'],
  [Optional, 'optional_type'],
  [TypeValue, 'type'],
  [QuantityValue, 'kubernetes.Quantity'],
  [UrlValue, 'kubernetes.URL'],
  [FormatValue, 'kubernetes.NamedFormat'],
  [SemverValue, 'kubernetes.Semver'],
  [IpValue, 'net.IP'],
  [CidrValue, 'net.CIDR'],
  [AuthorizerValue, 'kubernetes.authorization.Authorizer'],
  [PathCheckValue, 'kubernetes.authorization.PathCheck'],
  [GroupCheckValue, 'kubernetes.authorization.GroupCheck'],
  [ResourceCheckValue, 'kubernetes.authorization.ResourceCheck'],
  [DecisionValue, 'kubernetes.authorization.Decision'],
])

const TYPE_NAMES: Readonly<Record<string, string>> = {
  null: 'null_type',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
}

/** The name of a type as `type()` gives it, and as a literal in an expression has it. */
export function typeName(type: Type | Type['kind']): string {
  const kind = typeof type === 'string' ? type : type.kind === 'object' ? typeText(type) : type.kind
  return TYPE_NAMES[kind] ?? kind
}

/** Whether two values are equal. Numbers of different types are compared by what they are worth. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined && y !== undefined) return x == y
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (isList(a) && isList(b)) return equalLists(a, b)
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size || !equalUnseen(a as ReadonlyMap<Value, Value>, b as ReadonlyMap<Value, Value>)) return false
    for (const [key, value] of a as ReadonlyMap<Value, Value>) {
      const other = entry(b as ReadonlyMap<Value, Value>, key)
      if (other === undefined || !equal(value, other)) return false
    }
    return true
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) return a.nanos === b.nanos
  if (a instanceof Optional && b instanceof Optional)
    return a.value === undefined || b.value === undefined ? a.value === b.value : equal(a.value, b.value)
  if (a instanceof TypeValue && b instanceof TypeValue) return a.name === b.name
  if (a instanceof QuantityValue && b instanceof QuantityValue) return a.quantity.nano === b.quantity.nano
  if (a instanceof UrlValue && b instanceof UrlValue) return a.text === b.text
  if (a instanceof IpValue && b instanceof IpValue) return a.family === b.family && a.bits === b.bits
  if (a instanceof CidrValue && b instanceof CidrValue) return a.prefix === b.prefix && equal(a.ip, b.ip)
  if (a instanceof SemverValue && b instanceof SemverValue) return compareSemver(a, b) === 0
  return a instanceof FormatValue && b instanceof FormatValue && a.name === b.name
}

function equalLists(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false
  const kind = listKindOf(a) ?? listKindOf(b)
  if (!kind) return a.every((value, i) => equal(value, b[i]!))
  // In sets and maps the order does not count.
  return a.every((value) => b.some((other) => equal(value, other)))
}

/** The number that a value is, if it is one. */
export function numeric(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value
  return value instanceof Uint ? value.value : undefined
}

/** The entry of a map; keys that are numbers match whatever type of number is asked for. */
export function entry(map: ReadonlyMap<Value, Value>, key: Value): Value | undefined {
  const found = map.get(key)
  return found === undefined ? entryOfNumber(map, key)?.[1] : found
}

/** Whether a map has a key, which {@link entry} may give a value for even where it has not. */
export function hasEntry(map: ReadonlyMap<Value, Value>, key: Value): boolean {
  return map.has(key) || entryOfNumber(map, key) !== undefined
}

function entryOfNumber(map: ReadonlyMap<Value, Value>, key: Value): [Value, Value] | undefined {
  const number = numeric(key)
  if (number === undefined) return undefined
  for (const found of map) if (numeric(found[0]) == number) return found
  return undefined
}

/** Which of two values of one type comes first; undefined when they have no order. */
export function compare(a: Value, b: Value): number | undefined {
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : x == y ? 0 : NaN
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration))
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0
  return undefined
}

/** Semantic versions by precedence: a version before its release is less than the release. */
export function compareSemver(a: SemverValue, b: SemverValue): number {
  for (const part of ['major', 'minor', 'patch'] as const) if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length
  for (let i = 0; i < Math.max(a.prerelease.length, b.prerelease.length); i++) {
    const x = a.prerelease[i]
    const y = b.prerelease[i]
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    if (x === y) continue
    const numbers = [x, y].map((p) => (/^\d+$/.test(p) ? Number(p) : undefined))
    if (numbers[0] !== undefined && numbers[1] !== undefined) return numbers[0] - numbers[1]
    if (numbers[0] !== undefined || numbers[1] !== undefined) return numbers[0] !== undefined ? -1 : 1
    return x < y ? -1 : 1
  }
  return 0
}

/** Reads an address; undefined when it is none. IPv4 in IPv6 and zones are not taken. */
export function ipFrom(text: string): IpValue | undefined {
  const family = isIP(text)
  if (family === 0 || text.includes('%')) return undefined
  if (isIPv4(text))
    return new IpValue(
      text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n),
      4,
    )
  if (text.includes('.')) return undefined
  const [head = '', tail] = text.split('::')
  const groups = (part: string): bigint[] => (part ? part.split(':').map((g) => BigInt(`0x${g}`)) : [])
  const first = groups(head)
  const last = groups(tail ?? '')
  const all = [...first, ...Array<bigint>(8 - first.length - last.length).fill(0n), ...last]
  return new IpValue(
    all.reduce((bits, group) => (bits << 16n) | group, 0n),
    6,
  )
}

/** An address in its canonical text. */
export function ipText({ bits, family }: IpValue): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':')
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1)
}

/** Reads a network such as `10.0.0.0/8`; undefined when it is none. */
export function cidrFrom(text: string): CidrValue | undefined {
  const slash = text.lastIndexOf('/')
  const ip = slash < 0 ? undefined : ipFrom(text.slice(0, slash))
  const prefix = text.slice(slash + 1)
  if (!ip || !/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > widthOf(ip)) return undefined
  return new CidrValue(ip, Number(prefix))
}

export const widthOf = (ip: IpValue): number => (ip.family === 4 ? 32 : 128)

/** The first address of a network. */
export function maskedIp({ ip, prefix }: CidrValue, bits = prefix): IpValue {
  const rest = BigInt(widthOf(ip) - bits)
  return new IpValue((ip.bits >> rest) << rest, ip.family)
}
