/** What makes the rules of a schema valid: their fields, and that their expressions compile. */
import { field, type FieldError } from '../errors.js'
import { compileRule } from './rule-programs.js'
import { isEmbedded } from './rule-types.js'
import { valuesOf, type SchemaNode, type ValidationRule } from './schema.js'

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const LONGEST_MESSAGE = 2048

const hasLineBreak = (text: string): boolean => /[\n\r]/.test(text)

/** Checks the fields of a node's rules; the expressions are looked at when nothing else is wrong. */
export function checkRuleFields(node: SchemaNode, path: string, errors: FieldError[]): void {
  node['x-kubernetes-validations']?.forEach((r, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`
    const rule = (r.rule ?? '').trim()
    const given = r.message ?? ''
    const message = given.trim()
    if (!rule) errors.push(field.required(`${at}.rule`, 'rule is not specified'))
    else if (given && !message) errors.push(field.invalid(`${at}.message`, given, 'message must be non-empty if specified'))
    else if (given.length > LONGEST_MESSAGE)
      errors.push(field.invalid(`${at}.message`, `${given.slice(0, 10)}...`, 'message must have a maximum length of 2048 characters'))
    else if (hasLineBreak(message)) errors.push(field.invalid(`${at}.message`, given, 'message must not contain line breaks'))
    else if (hasLineBreak(rule) && !message)
      errors.push(field.required(`${at}.message`, 'message must be specified if rule contains line breaks'))
    if (r.messageExpression && !r.messageExpression.trim())
      errors.push(field.required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'))
    if (r.reason && !REASONS.includes(r.reason)) errors.push(field.notSupported(`${at}.reason`, r.reason, REASONS))
    checkFieldPath(r.fieldPath ?? '', node, `${at}.fieldPath`, errors)
  })
}

function checkFieldPath(given: string, node: SchemaNode, at: string, errors: FieldError[]): void {
  if (given && !given.trim()) errors.push(field.invalid(at, given, 'fieldPath must be non-empty if specified'))
  if (hasLineBreak(given)) errors.push(field.invalid(at, given, 'fieldPath must not contain line breaks'))
  if (given && !isFieldPath(given, node)) errors.push(field.invalid(at, given, 'fieldPath must be a valid path'))
}

/** Whether a path such as `.spec.names['a']` leads through fields and keys that the schema has. */
function isFieldPath(path: string, schema: SchemaNode): boolean {
  let node: SchemaNode | undefined = schema
  const step = /\.([^.[\]]+)|\['((?:\\.|[^'\\])*)'\]/y
  while (step.lastIndex < path.length) {
    const match = step.exec(path)
    if (!match || !node) return false
    const name = match[1] ?? match[2]!.replace(/\\(['\\])/g, '$1')
    node = node.properties ? (Object.hasOwn(node.properties, name) ? node.properties[name] : undefined) : valuesOf(node)
    if (!node) return false
  }
  return true
}

/** Compiles all rules of a schema, the innermost first. The path is that of the schema in the definition. */
export function checkRuleExpressions(schema: SchemaNode, path: string, errors: FieldError[]): void {
  visit(schema, path, { isResource: true, uncorrelatable: undefined }, errors)
}

interface Place {
  isResource: boolean
  /** The path of the outermost list or map whose parts cannot be told from each other on an update. */
  uncorrelatable: string | undefined
}

function visit(node: SchemaNode, path: string, place: Place, errors: FieldError[]): void {
  const inner = (part: SchemaNode, isCorrelatable: boolean): Place => ({
    isResource: isEmbedded(part),
    uncorrelatable: place.uncorrelatable ?? (isCorrelatable ? undefined : path),
  })
  const granular = node['x-kubernetes-map-type'] !== 'atomic'
  const values = valuesOf(node)
  if (values) visit(values, `${path}.additionalProperties`, inner(values, granular), errors)
  for (const [name, property] of Object.entries(node.properties ?? {}))
    visit(property, `${path}.properties[${name}]`, inner(property, granular), errors)
  if (node.items) visit(node.items, `${path}.items`, inner(node.items, node['x-kubernetes-list-type'] === 'map'), errors)
  node['x-kubernetes-validations']?.forEach((rule, i) => checkRule(rule, node, `${path}.x-kubernetes-validations[${i}]`, place, errors))
}

function checkRule(source: ValidationRule, node: SchemaNode, at: string, place: Place, errors: FieldError[]): void {
  const outcome = compileRule(source, node, place.isResource)
  if (!outcome) return
  if (outcome.failure !== undefined) errors.push(ruleFault(`${at}.rule`, source, outcome.failure))
  if (outcome.messageFailure !== undefined) errors.push(ruleFault(`${at}.messageExpression`, source, outcome.messageFailure))
  if (!outcome.rule) return
  if (outcome.rule.usesOldSelf) {
    if (place.uncorrelatable !== undefined) {
      const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`
      errors.push(field.invalid(`${at}.rule`, source.rule, text))
    }
  } else if (source.optionalOldSelf !== undefined && source.optionalOldSelf !== null)
    errors.push(field.invalid(`${at}.optionalOldSelf`, source.optionalOldSelf, 'may not be set if oldSelf is not used in rule'))
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
