/** What makes the rules of a schema valid: their fields, that their expressions compile, and what they may cost. */
import { times } from '../cel/cost-sizes.js'
import { field, type FieldError } from '../errors.js'
import { followPath } from './field-paths.js'
import { expressionFault, type RuleBudget } from './rule-budget.js'
import { compileRule } from './rule-programs.js'
import { declaredType } from './rule-types.js'
import type { SchemaNode, ValidationRule } from './schema.js'
import { mostOccurrences, valueSize } from './value-sizes.js'

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const NOT_EMPTY = 'must be non-empty if specified'
const ONE_LINE = 'must not contain line breaks'

const hasLineBreak = (text: string): boolean => /[\n\r]/.test(text)

/** Checks the fields of a node's rules; the expressions are looked at when nothing else is wrong. */
export function checkRuleFields(node: SchemaNode, path: string, errors: FieldError[]): void {
  node['x-kubernetes-validations']?.forEach((r, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`
    const rule = (r.rule ?? '').trim()
    const given = r.message ?? ''
    const message = given.trim()
    if (!rule) errors.push(field.required(`${at}.rule`, 'rule is not specified'))
    else if (given && !message) errors.push(field.invalid(`${at}.message`, given, `message ${NOT_EMPTY}`))
    else if (hasLineBreak(message)) errors.push(field.invalid(`${at}.message`, given, `message ${ONE_LINE}`))
    else if (hasLineBreak(rule) && !message)
      errors.push(field.required(`${at}.message`, 'message must be specified if rule contains line breaks'))
    if (r.messageExpression && !r.messageExpression.trim())
      errors.push(field.required(`${at}.messageExpression`, `messageExpression ${NOT_EMPTY}`))
    if (typeof r.reason === 'string' && !REASONS.includes(r.reason)) errors.push(field.notSupported(`${at}.reason`, r.reason, REASONS))
    checkFieldPath(r.fieldPath ?? '', node, `${at}.fieldPath`, errors)
  })
}

function checkFieldPath(given: string, node: SchemaNode, at: string, errors: FieldError[]): void {
  if (given && !given.trim()) errors.push(field.invalid(at, given, `fieldPath ${NOT_EMPTY}`))
  if (hasLineBreak(given)) errors.push(field.invalid(at, given, `fieldPath ${ONE_LINE}`))
  if (given && typeof followPath(given, node) === 'string') errors.push(field.invalid(at, given, 'fieldPath must be a valid path'))
}

/** What the rules of a node are judged by. */
export interface RuleScope {
  readonly isResource: boolean
  /** How often the node may occur in an object, when all lists and maps that it is in are bounded. */
  readonly occurrences: number | undefined
  /** What all expressions of the schema cost. */
  readonly budget: RuleBudget
  /** Whether an expression may cost what it likes by itself: the schema is as it was before. */
  readonly unlimited: boolean
}

/** How often the parts of a node may occur; undefined when nothing bounds it. */
export function occurrencesWithin(node: SchemaNode, occurrences: number | undefined): number | undefined {
  if (occurrences === undefined) return undefined
  const isMap = node.type === 'object' && node.additionalProperties !== undefined && node.additionalProperties !== null
  const limit = node.type === 'array' ? node.maxItems : isMap ? node.maxProperties : 1
  return typeof limit === 'number' ? times(occurrences, Math.max(limit, 0)) : undefined
}

/**
 * What is wrong with the expressions of a node's rules.
 * @param uncorrelatable the path of the outermost part whose values cannot be told from each other on an update
 */
export function ruleFaults(node: SchemaNode, path: string, scope: RuleScope, uncorrelatable: string | undefined): FieldError[] {
  const rules = node['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return []
  const at = `${path}.x-kubernetes-validations`
  if (!declaredType(node, scope.isResource)) {
    const why =
      'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations'
    return [{ reason: 'InternalError', field: at, body: `Internal error: ${why}` }]
  }
  return rules.flatMap((rule, i) => faultsOf(rule, node, `${at}[${i}]`, scope, uncorrelatable))
}

function faultsOf(
  source: ValidationRule,
  node: SchemaNode,
  at: string,
  scope: RuleScope,
  uncorrelatable: string | undefined,
): FieldError[] {
  const errors: FieldError[] = []
  const observe = (path: string, what: string, cost: number): void => {
    const fault = scope.unlimited ? undefined : expressionFault(path, what, cost)
    if (fault) errors.push(fault)
    scope.budget.observe(path, cost)
  }
  const outcome = compileRule(source, node, scope.isResource)
  const rule = outcome?.rule
  if (rule)
    observe(
      `${at}.rule`,
      'estimated rule cost',
      times(rule.estimate(), scope.occurrences ?? mostOccurrences(valueSize(node, scope.isResource)!)),
    )
  if (outcome?.failure !== undefined) errors.push(ruleFault(`${at}.rule`, source, outcome.failure))
  if (outcome?.messageFailure !== undefined) errors.push(ruleFault(`${at}.messageExpression`, source, outcome.messageFailure))
  else if (rule?.message) observe(`${at}.messageExpression`, 'estimated messageExpression cost', rule.estimateMessage())
  if (rule?.usesOldSelf) {
    if (uncorrelatable !== undefined) {
      const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`
      errors.push(field.invalid(`${at}.rule`, source.rule, text))
    }
  } else if (typeof source.optionalOldSelf === 'boolean')
    errors.push(field.invalid(`${at}.optionalOldSelf`, source.optionalOldSelf, 'may not be set if oldSelf is not used in rule'))
  return errors
}

/** The whole rule is shown as what is wrong, as the API server's own type has it. */
function ruleFault(at: string, source: ValidationRule, detail: string): FieldError {
  const shown = JSON.stringify({
    Rule: source.rule ?? '',
    Message: source.message ?? '',
    MessageExpression: source.messageExpression ?? '',
    Reason: source.reason ?? null,
    FieldPath: source.fieldPath ?? '',
    OptionalOldSelf: source.optionalOldSelf ?? null,
  }).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)
  return { reason: 'FieldValueInvalid', field: at, body: `Invalid value: ${shown}: ${detail}` }
}
