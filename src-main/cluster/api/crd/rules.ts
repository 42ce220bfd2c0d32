/**
 * Evaluates the rules of a custom resource (`x-kubernetes-validations`) on an object, with the messages and limits of
 * the API server. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
import { Budget, CostExceeded, type Program } from '../cel/evaluate.js'
import { EvaluationError } from '../cel/functions/overload.js'
import { Optional, type Value } from '../cel/values.js'
import { equalJson } from '../copy.js'
import { field, type FieldError } from '../errors.js'
import { hasRules, rulesOf, rulesWithin, type CompiledRule } from './rule-programs.js'
import { celValue, isEmbedded } from './rule-types.js'
import { isObject, valuesOf, type SchemaNode, type ValidationRule } from './schema.js'

/** What one rule may cost, and all rules of one object together. */
const PER_CALL_LIMIT = 1_000_000
const OBJECT_BUDGET = 10_000_000
const LONGEST_MESSAGE = 5 * 1024

/** What the rules say about an object. */
export interface RuleFaults {
  readonly errors: readonly FieldError[]
  /** Faults of values that an update leaves as they were: told as warnings. */
  readonly warnings: readonly string[]
}

/** Errors after which the rules are not looked at: the object is not what they expect. */
const BLOCKING = new Set(['FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid'])
const BLOCKED = 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'

/**
 * Evaluates all rules of a schema on an object.
 * @param old what is stored, when this is an update
 * @param before what else is wrong with the object
 */
export function validateRules(object: unknown, schema: SchemaNode, old: unknown, before: readonly FieldError[]): RuleFaults {
  if (!hasRules(schema)) return { errors: [], warnings: [] }
  if (before.some((e) => BLOCKING.has(e.reason))) return { errors: [field.invalid('<nil>', null, BLOCKED)], warnings: [] }
  return faultsFrom(object, schema, { path: '', old, isResource: true, ratchet: old !== undefined && equalJson(object, old) })
}

/** What the rules of a schema say of a value at a path that stands for itself, as a default does: it replaces its like. */
export function ruleFaultsAlone(value: unknown, node: SchemaNode, path: string): readonly FieldError[] {
  return hasRules(node) ? faultsFrom(value, node, { path, old: value, isResource: isEmbedded(node), ratchet: undefined }).errors : []
}

function faultsFrom(value: unknown, node: SchemaNode, place: Place): RuleFaults {
  const run = new Run()
  try {
    run.visit(value, node, place)
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error
  }
  return run
}

/** The budget is spent, or a rule cost too much: no further rules are looked at. */
class OutOfBudget extends Error {}

/** Where a value is. */
interface Place {
  readonly path: string
  /** The stored value that this one replaces; undefined when there is none or it cannot be told. */
  readonly old: unknown
  readonly isResource: boolean
  /** Whether the value, or what it is in, is as it was stored; undefined where that is no excuse. */
  readonly ratchet: boolean | undefined
}

/** Whether a part of a value is as it was stored, when the whole is or is not. */
const kept = (whole: boolean | undefined, part: unknown, before: unknown): boolean | undefined =>
  whole === undefined || before === undefined ? whole : equalJson(part, before)

class Run implements RuleFaults {
  readonly errors: FieldError[] = []
  readonly warnings: string[] = []
  private left = OBJECT_BUDGET

  visit(value: unknown, node: SchemaNode, place: Place): void {
    if (value === null || value === undefined || !hasRules(node)) return
    this.evaluate(value, node, rulesOf(node, place.isResource), place)
    for (const part of node.allOf ?? []) this.evaluate(value, node, rulesWithin(node, part, place.isResource), place)
    if (Array.isArray(value)) this.visitList(value, node, place)
    else if (isObject(value)) this.visitObject(value, node, place)
  }

  private visitList(list: readonly unknown[], node: SchemaNode, { path, old, ratchet }: Place): void {
    const { items } = node
    if (!items) return
    list.forEach((element, i) => {
      const before = correlated(element, node, old)
      this.visit(element, items, {
        path: `${path}[${i}]`,
        old: before,
        isResource: isEmbedded(items),
        ratchet: kept(ratchet, element, before),
      })
    })
  }

  private visitObject(object: Record<string, unknown>, node: SchemaNode, { path, old, ratchet }: Place): void {
    const before = isObject(old) ? old : {}
    const values = valuesOf(node)
    for (const name of Object.keys(object)) {
      const property = node.properties && Object.hasOwn(node.properties, name) ? node.properties[name] : values
      if (!property) continue
      const inner = property === values ? `${path}[${name}]` : path ? `${path}.${name}` : name
      this.visit(object[name], property, {
        path: inner,
        old: before[name],
        isResource: isEmbedded(property),
        ratchet: kept(ratchet, object[name], before[name]),
      })
    }
  }

  private evaluate(value: unknown, node: SchemaNode, rules: readonly CompiledRule[], place: Place): void {
    if (rules.length === 0) return
    const self = celValue(value, node, place.isResource)
    const hasOld = place.old !== undefined && place.old !== null
    const oldSelf = hasOld ? celValue(place.old, node, place.isResource) : undefined
    for (const rule of rules) {
      if (rule.usesOldSelf && !hasOld && !rule.source.optionalOldSelf) continue
      const variables: Record<string, Value> = { self }
      if (rule.source.optionalOldSelf) variables['oldSelf'] = hasOld ? new Optional(oldSelf) : Optional.NONE
      else if (oldSelf !== undefined) variables['oldSelf'] = oldSelf
      this.apply(rule, variables, value, node, place)
    }
  }

  private apply(rule: CompiledRule, variables: Record<string, Value>, value: unknown, node: SchemaNode, place: Place): void {
    const { source } = rule
    const type = node.type ?? ''
    const at = place.path || '<nil>'
    let holds: Value
    try {
      holds = this.spend(rule.program, variables, () =>
        field.invalid(at, type, 'validation failed due to running out of cost budget, no further validation rules will be run'),
      )
    } catch (error) {
      if (error instanceof CostExceeded) {
        const text = `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown(source)}`
        this.errors.push(field.invalid(at, type, text))
        throw new OutOfBudget()
      }
      if (!(error instanceof EvaluationError)) throw error
      this.errors.push(field.invalid(at, type, evaluationFault(error, source)))
      return
    }
    if (holds === true) return
    const path = rule.path ? [place.path, rule.path].filter(Boolean).join('.') : at
    const tell = (fault: FieldError): void => {
      if (place.ratchet && !rule.usesOldSelf) this.warnings.push(`${fault.field}: ${fault.body}`)
      else this.errors.push(fault)
    }
    const refuse = (detail: string): void => tell(field.invalid(path, type, detail))
    const detail = this.message(rule, variables, refuse) ?? defaultMessage(source)
    tell(faultOf(path, type === 'object' || type === 'array' ? undefined : value, detail, source.reason))
  }

  /** Runs a program and takes what it cost from what is left for the object. */
  private spend(program: Program, variables: Record<string, Value>, exhausted: () => FieldError): Value {
    const budget = new Budget(PER_CALL_LIMIT)
    try {
      return program(variables, budget)
    } finally {
      this.left -= PER_CALL_LIMIT - Math.max(budget.left, 0)
      if (this.left < 0) {
        this.errors.push(exhausted())
        // oxlint-disable-next-line no-unsafe-finally -- whatever came of the program, nothing more is run
        throw new OutOfBudget()
      }
    }
  }

  /**
   * What a messageExpression gives; undefined when it fails or gives nothing that can be shown. One that costs too much
   * is told, and ends it all.
   */
  private message(
    { message, source }: CompiledRule,
    variables: Record<string, Value>,
    refuse: (detail: string) => void,
  ): string | undefined {
    if (!message) return undefined
    const budget = new Budget(PER_CALL_LIMIT)
    let text: Value
    try {
      text = message(variables, budget)
    } catch (error) {
      if (error instanceof CostExceeded) {
        const at = JSON.stringify(source.messageExpression)
        refuse(`no further validation rules will be run due to call cost exceeds limit for messageExpression: ${at}`)
        throw new OutOfBudget()
      }
      if (!(error instanceof EvaluationError)) throw error
      return undefined
    } finally {
      this.left -= PER_CALL_LIMIT - Math.max(budget.left, 0)
    }
    if (this.left < 0) {
      refuse('messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run')
      throw new OutOfBudget()
    }
    if (typeof text !== 'string') return undefined
    const trimmed = text.trim()
    return trimmed === '' || trimmed.includes('\n') || Buffer.byteLength(trimmed) > LONGEST_MESSAGE ? undefined : trimmed
  }
}

/** The stored element that one replaces: known only where elements have keys. */
function correlated(element: unknown, node: SchemaNode, old: unknown): unknown {
  if (node['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old) || !isObject(element)) return undefined
  const keys = node['x-kubernetes-list-map-keys'] ?? []
  return (old as unknown[]).find((o) => isObject(o) && keys.every((k) => equalJson(o[k], element[k])))
}

/** How messages name a rule: by its message, or by itself. */
const shown = (source: ValidationRule): string => (source.message || source.rule || '').trim()

const defaultMessage = (source: ValidationRule): string => (source.message ? source.message.trim() : `failed rule: ${shown(source)}`)

function evaluationFault({ message }: EvaluationError, source: ValidationRule): string {
  return message.startsWith('no such overload')
    ? `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${shown(source)}`
    : `${message} evaluating rule: ${shown(source)}`
}

/** A fault of a value; what is no single value is not shown. */
function faultOf(path: string, value: unknown, detail: string, reason: string | null | undefined): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return field.forbidden(path, detail)
    case 'FieldValueRequired':
      return field.required(path, detail)
    case 'FieldValueDuplicate':
      return value === undefined ? { reason, field: path, body: 'Duplicate value' } : field.duplicate(path, value)
    default:
      return value === undefined
        ? { reason: 'FieldValueInvalid', field: path, body: `Invalid value: ${detail}` }
        : field.invalid(path, value, detail)
  }
}
