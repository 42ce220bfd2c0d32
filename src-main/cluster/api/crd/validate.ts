/**
 * Whether a custom resource follows its schema: OpenAPI v3 validation with the paths and messages of the API server
 * (k8s.io/kube-openapi `validation`), and the order in which it tells faults.
 */
import { jsonText } from '../../../exact-json.js'
import { compilePattern } from '../cel/functions/patterns.js'
import { equalJson } from '../copy.js'
import { field, printed, type FieldError } from '../errors.js'
import { formatHolds } from './formats.js'
import { boundFaults, rangeFaults } from './numbers.js'
import { isObject, valuesOf, type Json, type SchemaNode } from './schema.js'

/**
 * Checks an object against the schema of its version.
 * @param old what is stored: faults of values that an update leaves alone are not told ("validation ratcheting")
 * @param path where the value is; a whole object has none
 */
export function validateValue(object: unknown, schema: SchemaNode, old?: unknown, path = ''): FieldError[] {
  return check(object, schema, path, old).errors
}

/** Faults, and how many checks were passed: of several alternatives the one that fits best is told about. */
interface Outcome {
  errors: FieldError[]
  passed: number
}

const types = (node: SchemaNode): readonly string[] =>
  node['x-kubernetes-int-or-string'] ? ['integer', 'string'] : node.type ? [node.type] : []

/** How messages name the type of a JSON value. */
function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'bigint') return 'integer'
  // A whole number beyond 2^53 that is no bigint is a floating-point one, or does not fit into 64 bits.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return typeof value
}

const typeFault = (path: string, expected: string, found: string): FieldError =>
  field.typeInvalid(at(path), found, `${path} in body must be of type ${expected}: ${JSON.stringify(found)}`)

/** The path of a field error; the object as a whole has none. */
const at = (path: string): string => path.replace(/^\./, '') || '<nil>'

function check(value: unknown, node: SchemaNode, path: string, old: unknown): Outcome {
  const out: Outcome = { errors: [], passed: 0 }
  if (old !== undefined && equalJson(value, old)) return out
  checkType(value, node, path, out)
  if (value === null) {
    checkEnum(value, node, path, out)
    return out
  }
  checkLogic(value, node, path, out)
  if (typeof value === 'string') checkString(value, node, path, out)
  else if (typeof value === 'number' || typeof value === 'bigint') checkNumber(value, node, path, out)
  else if (Array.isArray(value)) checkArray(value, node, path, old, out)
  checkEnum(value, node, path, out)
  if (isObject(value)) checkObject(value, node, path, old, out)
  return out
}

function tell(out: Outcome, error: FieldError | undefined): void {
  if (error) out.errors.push(error)
  else out.passed++
}

function merge(out: Outcome, inner: Outcome): void {
  out.errors.push(...inner.errors)
  out.passed += inner.passed
}

function checkType(value: unknown, node: SchemaNode, path: string, out: Outcome): void {
  const wanted = types(node)
  if (wanted.length === 0 && !node.format) return
  const found = typeName(value)
  if (value === null) {
    tell(out, node.nullable ? undefined : typeFault(path, wanted.join(','), 'null'))
    return
  }
  const numeric = wanted.includes('number') || wanted.includes('integer')
  // Text and lists with a format are judged by the format.
  const byFormat = !numeric && Boolean(node.format) && (typeof value === 'string' || Array.isArray(value))
  const fits = wanted.length === 0 || wanted.includes(found) || (found === 'integer' && wanted.includes('number')) || byFormat
  tell(out, fits ? undefined : typeFault(path, wanted.join(','), found))
}

/** A fault of an alternative belongs to no field. */
const logicFault = (path: string, text: string): FieldError => field.invalid('<nil>', '', `${JSON.stringify(path)} ${text}`)

/** allOf, anyOf, oneOf and not. */
function checkLogic(value: unknown, node: SchemaNode, path: string, out: Outcome): void {
  const judge = (schema: SchemaNode): Outcome => check(value, schema, path, undefined)
  if (node.anyOf?.length) {
    const outcomes: Outcome[] = []
    for (const schema of node.anyOf) {
      const outcome = judge(schema)
      outcomes.push(outcome)
      if (outcome.errors.length === 0) break
    }
    const fitting = outcomes.find((o) => o.errors.length === 0)
    if (!fitting) out.errors.push(logicFault(path, 'must validate at least one schema (anyOf)'))
    merge(out, fitting ?? best(outcomes))
  }
  if (node.oneOf?.length) {
    const outcomes = node.oneOf.map(judge)
    const fitting = outcomes.filter((o) => o.errors.length === 0)
    if (fitting.length === 1) merge(out, fitting[0]!)
    else {
      const found = fitting.length === 0 ? 'Found none valid' : `Found ${fitting.length} valid alternatives`
      out.errors.push(logicFault(path, `must validate one and only one schema (oneOf). ${found}`))
      if (fitting.length === 0) merge(out, best(outcomes))
    }
  }
  if (node.allOf?.length) {
    const outcomes = node.allOf.map(judge)
    for (const outcome of outcomes) merge(out, outcome)
    const fitting = outcomes.filter((o) => o.errors.length === 0).length
    if (fitting < outcomes.length) {
      out.errors.push(logicFault(path, `must validate all the schemas (allOf)${fitting === 0 ? '. None validated' : ''}`))
    }
  }
  if (node.not && judge(node.not).errors.length === 0) out.errors.push(logicFault(path, 'must not validate the schema (not)'))
}

const best = (outcomes: readonly Outcome[]): Outcome => outcomes.reduce((a, b) => (b.passed > a.passed ? b : a))

/** Whether a text matches; a pattern that is none lets everything pass. */
function matchesPattern(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern)
  return typeof compiled === 'string' || compiled.test(text)
}

/** Of length and pattern the first fault is told; a format is judged besides. */
function checkString(value: string, node: SchemaNode, path: string, out: Outcome): void {
  const length = (node.maxLength ?? node.minLength ?? undefined) === undefined ? 0 : [...value].length
  const { maxLength, minLength, pattern, format } = node
  if (typeof maxLength === 'number' && length > maxLength) tell(out, field.tooLong(at(path), maxLength))
  else if (typeof minLength === 'number' && length < minLength)
    tell(out, field.invalid(at(path), value, `${path} in body should be at least ${minLength} chars long`))
  else if (pattern && !matchesPattern(pattern, value))
    tell(out, field.invalid(at(path), value, `${path} in body should match '${pattern}'`))
  else out.passed++
  if (format && formatHolds(format, value) === false)
    out.errors.push(field.typeInvalid(at(path), value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`))
}

function checkNumber(value: number | bigint, node: SchemaNode, path: string, out: Outcome): void {
  for (const fault of rangeFaults(value, node, path)) out.errors.push(field.invalid('<nil>', '', fault))
  for (const bound of boundFaults(value, node)) out.errors.push(field.invalid(at(path), value, `${path} in body should be ${bound}`))
  out.passed++
}

function checkArray(value: readonly unknown[], node: SchemaNode, path: string, old: unknown, out: Outcome): void {
  const { items, minItems, maxItems } = node
  if (items) value.forEach((element, i) => merge(out, check(element, items, `${path}[${i}]`, oldElement(element, node, old))))
  if (typeof minItems === 'number' && value.length < minItems)
    out.errors.push(field.invalid(at(path), value.length, `${path} in body should have at least ${minItems} items`))
  if (typeof maxItems === 'number' && value.length > maxItems) out.errors.push(field.tooMany(at(path), value.length, maxItems))
  out.passed++
}

/** The stored element that this one replaces: known only where elements have keys. */
function oldElement(element: unknown, node: SchemaNode, old: unknown): unknown {
  if (node['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old) || !isObject(element)) return undefined
  const keys = node['x-kubernetes-list-map-keys'] ?? []
  return old.find((o: unknown) => isObject(o) && keys.every((k) => o[k] === element[k])) as unknown
}

function checkEnum(value: unknown, node: SchemaNode, path: string, out: Outcome): void {
  if (!node.enum?.length) return
  const shown = node.enum.map((v) => (typeof v === 'string' ? v : jsonText(v)))
  tell(out, node.enum.some((v) => equalJson(v, value)) ? undefined : field.notSupported(at(path), value, shown))
}

function checkObject(value: Json, node: SchemaNode, path: string, old: unknown, out: Outcome): void {
  const { minProperties, maxProperties } = node
  const count = Object.keys(value).length
  if (typeof minProperties === 'number' && count < minProperties) {
    out.errors.push(field.invalid(at(path), count, `${path} in body should have at least ${minProperties} properties`))
    return
  }
  if (typeof maxProperties === 'number' && count > maxProperties) {
    out.errors.push(field.tooMany(at(path), count, maxProperties))
    return
  }
  const before = isObject(old) ? old : {}
  const under = (name: string): string => (path ? `${path}.${name}` : name)
  const values = valuesOf(node)
  const declared = node.properties ?? {}
  if (values) {
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(declared, name)) merge(out, check(value[name], values, `${path}.${name}`, before[name]))
    }
  }
  for (const [name, schema] of Object.entries(declared)) {
    if (value[name] !== undefined) merge(out, check(value[name], schema, under(name), before[name]))
  }
  for (const name of node.required ?? []) {
    if (value[name] === undefined) out.errors.push(field.required(under(name)))
  }
  out.passed++
}

/**
 * Elements that repeat in lists that are sets or maps by key. An update of an object in which there were some already may
 * have any.
 */
export function validateLists(value: unknown, node: SchemaNode, old?: unknown): FieldError[] {
  const errors = repeated(value, node, '')
  return errors.length > 0 && old !== undefined && repeated(old, node, '').length > 0 ? [] : errors
}

function repeated(value: unknown, node: SchemaNode, path: string): FieldError[] {
  if (isObject(value)) {
    return Object.keys(value).flatMap((name) => {
      const schema = node.properties?.[name] ?? valuesOf(node)
      if (!schema) return []
      return repeated(value[name], schema, node.properties?.[name] ? (path ? `${path}.${name}` : name) : `${path}[${name}]`)
    })
  }
  if (!Array.isArray(value)) return []
  const { items } = node
  return [
    ...repeatedElements(value, node, path),
    ...(items ? value.flatMap((element, i) => repeated(element, items, `${path}[${i}]`)) : []),
  ]
}

/** The elements of a list that are there before; of what is there more than twice the second is told. */
function repeatedElements(value: readonly unknown[], node: SchemaNode, path: string): FieldError[] {
  const list = node['x-kubernetes-list-type']
  if (list !== 'set' && list !== 'map') return []
  const odd = list === 'map' ? value.findIndex((element) => element !== null && !isObject(element)) : -1
  if (odd >= 0) return [field.invalid(`${path}[${odd}]`, value[odd], 'must be an object for an array of list-type map')]
  const seen = new Map<string, number>()
  return value.flatMap((element, i) => {
    const shown = list === 'set' ? element : keysOf(element, node)
    const key = printed(sorted(shown))
    const times = seen.get(key) ?? 0
    seen.set(key, times + 1)
    return times === 1 ? [field.duplicate(`${path}[${i}]`, shown)] : []
  })
}

function keysOf(element: unknown, node: SchemaNode): unknown {
  if (!isObject(element)) return {}
  const keys = [...(node['x-kubernetes-list-map-keys'] ?? [])].sort()
  return Object.fromEntries(keys.filter((k) => element[k] !== undefined).map((k) => [k, element[k]]))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((k) => [k, sorted(value[k])]),
  )
}
