/** CEL expressions that select devices. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import { compile, type Compiled, type CompileFailure } from '../../cel/compile.js'
import { Budget, CostExceeded } from '../../cel/evaluate.js'
import { EvaluationError } from '../../cel/functions/overload.js'
import { parseSemver } from '../../cel/semver.js'
import type { SizeAt } from '../../cel/cost.js'
import { ANY, BOOL, mapOf, STRING, typeName, type Type } from '../../cel/types.js'
import { QuantityValue, type Value } from '../../cel/values.js'
import { field, type FieldError } from '../../errors.js'
import { checkList } from './device-lists.js'
import { parseQuantity } from './quantity.js'
import { items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Selectors = Sent<k8s.V1DeviceClassSpec>['selectors']

const MOST_SELECTORS = 32
/** Bytes. */
const LONGEST_EXPRESSION = 10 * 1024
const MOST_COST = 1_000_000

const QUANTITY: Type = { kind: 'kubernetes.Quantity' }
const FIELDS: Readonly<Record<string, Type>> = {
  driver: STRING,
  attributes: mapOf(STRING, mapOf(STRING, ANY)),
  capacity: mapOf(STRING, mapOf(STRING, QUANTITY)),
  allowMultipleAllocations: BOOL,
}
const DEVICE: Type = {
  kind: 'object',
  name: 'kubernetes.DRADevice',
  field: (name) => (Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined),
}

/** Entries of a map, and characters of domains, identifiers and values of attributes. */
const ENTRIES = 32
const DOMAIN = 63
const ID = 32
const VALUE = 64

/** The sizes of what a device has: of the maps in it, their keys and the attributes. */
const sizeAt: SizeAt = ([name, ...path]) => {
  if (name === undefined) return 0
  if (name === 'driver') return DOMAIN
  if (name !== 'attributes' && name !== 'capacity') return undefined
  const [outer, inner] = path
  if (outer === undefined) return ENTRIES
  if (outer === '@keys') return DOMAIN
  if (inner === undefined) return ENTRIES
  return inner === '@keys' ? ID : name === 'attributes' ? VALUE : 0
}

const givesBool = (type: Type): string | undefined =>
  type.kind === 'bool' || type.kind === 'dyn' ? undefined : `must evaluate to bool or the unknown type, not ${typeName(type)}`

const compiled = new Map<string, Compiled | CompileFailure>()
const MOST_KEPT = 256

function compiledSelector(expression: string): Compiled | CompileFailure {
  let known = compiled.get(expression)
  if (!known) {
    known = compile(expression, { device: DEVICE }, givesBool, { bindings: true })
    if (compiled.size >= MOST_KEPT) compiled.clear()
    compiled.set(expression, known)
  }
  return known
}

/** Checks selectors of devices: each has an expression that compiles, is true or false, and does not cost too much. */
export function validateDeviceSelectors(selectors: Selectors, path: string, errors: FieldError[]): void {
  checkList(items(selectors), MOST_SELECTORS, path, errors, ({ cel }, at) => {
    if (cel) validateSelector(cel.expression ?? '', `${at}.cel.expression`, errors)
    else errors.push(field.required(`${at}.cel`))
  })
}

function validateSelector(expression: string, path: string, errors: FieldError[]): void {
  if (Buffer.byteLength(expression) > LONGEST_EXPRESSION) {
    errors.push(field.tooLong(path, LONGEST_EXPRESSION))
    return
  }
  const result = compiledSelector(expression)
  if ('failure' in result) errors.push(field.invalid(path, expression, result.failure))
  else if (result.estimate(sizeAt) > MOST_COST) errors.push(field.forbidden(path, 'too complex, exceeds cost limit'))
}

/** What expressions know of a device; the driver stands for the domain of names that have none. */
export interface DeviceFacts {
  readonly driver: string
  readonly attributes: Readonly<Record<string, object>> | undefined
  readonly capacity: Readonly<Record<string, { readonly value: string }>> | undefined
  readonly allowMultipleAllocations: boolean | undefined
}

/** Says whether an expression selects a device. Throws an Error in the words of the scheduler where it gives no value. */
export function deviceSelector(expression: string): (device: DeviceFacts) => boolean {
  const known = compiledSelector(expression)
  if ('failure' in known) throw new Error(`CEL compile error: ${known.failure}`)
  return (device) => {
    try {
      return known.program({ device: deviceValue(device) }, new Budget(MOST_COST)) === true
    } catch (error) {
      if (!(error instanceof EvaluationError) && !(error instanceof CostExceeded)) throw error
      throw new Error(`CEL runtime error: ${error.message}`)
    }
  }
}

function deviceValue({ driver, attributes, capacity, allowMultipleAllocations }: DeviceFacts): Value {
  return new Map<Value, Value>([
    ['driver', driver],
    ['attributes', byDomain(driver, attributes, attributeValue)],
    ['capacity', byDomain(driver, capacity, ({ value }) => new QuantityValue(parseQuantity(value)))],
    ['allowMultipleAllocations', allowMultipleAllocations ?? false],
  ])
}

/** Of a domain of which a device has nothing there is nothing in the map, which is not an error by itself. */
class Domains extends Map<Value, Value> {
  override get(domain: Value): Value | undefined {
    return super.get(domain) ?? (typeof domain === 'string' ? new Map<Value, Value>() : undefined)
  }
}

function byDomain<T>(driver: string, entries: Readonly<Record<string, T>> | undefined, valueOf: (entry: T) => Value): Value {
  const domains = new Domains()
  for (const [name, entry] of Object.entries(entries ?? {})) {
    const slash = name.indexOf('/')
    const domain = slash < 0 ? driver : name.slice(0, slash)
    const values = (domains.has(domain) ? domains.get(domain) : new Map()) as Map<Value, Value>
    values.set(name.slice(slash + 1), valueOf(entry))
    domains.set(domain, values)
  }
  return domains
}

function attributeValue({ bool, int, string, version }: { bool?: boolean; int?: number; string?: string; version?: string }): Value {
  if (bool !== undefined) return bool
  if (int !== undefined) return BigInt(int)
  if (string !== undefined) return string
  const parsed = parseSemver(version ?? '')
  return typeof parsed === 'string' ? null : parsed
}
