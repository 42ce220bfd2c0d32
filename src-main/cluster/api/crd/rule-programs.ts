/** The rules of a schema's nodes, compiled. */
import { compile, type CompileFailure } from '../cel/compile.js'
import type { SizeAt } from '../cel/cost.js'
import type { Program } from '../cel/evaluate.js'
import { optionalOf } from '../cel/types.js'
import { followPath } from './field-paths.js'
import { declaredType } from './rule-types.js'
import type { SchemaNode, ValidationRule } from './schema.js'
import { sizesWithin, valueSize } from './value-sizes.js'

/** A rule that can be evaluated. */
export interface CompiledRule {
  readonly source: ValidationRule
  readonly program: Program
  /** Whether it is about a change, and only looked at when there is an old value. */
  readonly usesOldSelf: boolean
  readonly message: Program | undefined
  /** The fieldPath, as messages have it. */
  readonly path: string | undefined
  /** What evaluating the rule once costs at most. */
  estimate(): number
  /** The same of its messageExpression; 0 when it has none. */
  estimateMessage(): number
}

/** A rule, or what is wrong with it: with the rule itself, or with its messageExpression. */
export interface RuleOutcome {
  readonly rule?: CompiledRule
  readonly failure?: string
  readonly messageFailure?: string
}

/** Compiles one rule of a node; undefined when it is empty, or when rules cannot see the values of the node. */
export function compileRule(source: ValidationRule, node: SchemaNode, isResource: boolean): RuleOutcome | undefined {
  const type = declaredType(node, isResource)
  if (!source.rule?.trim() || !type) return undefined
  const variables = { self: type, oldSelf: source.optionalOldSelf ? optionalOf(type) : type }
  const rule = compile(source.rule, variables, 'bool')
  if ('failure' in rule) return { failure: rule.failure }
  const message = source.messageExpression ? compile(source.messageExpression, variables, 'string') : undefined
  const messageFailure = message && 'failure' in message ? messageProblem(message) : undefined
  const shown = message && 'program' in message ? message : undefined
  const sizeAt = (): SizeAt => sizesWithin(valueSize(node, isResource) ?? { max: 0, serialized: 0 })
  const compiled: CompiledRule = {
    source,
    program: rule.program,
    usesOldSelf: rule.uses.has('oldSelf'),
    message: shown?.program,
    path: fieldPath(source, node),
    estimate: () => rule.estimate(sizeAt()),
    estimateMessage: () => shown?.estimate(sizeAt()) ?? 0,
  }
  return { rule: compiled, ...(messageFailure === undefined ? {} : { messageFailure }) }
}

function fieldPath(source: ValidationRule, node: SchemaNode): string | undefined {
  const found = source.fieldPath ? followPath(source.fieldPath, node) : undefined
  return typeof found === 'object' ? found.path : undefined
}

function messageProblem({ failure }: CompileFailure): string {
  if (failure.startsWith('compilation failed')) return `messageExpression ${failure}`
  if (failure.startsWith('program ')) return `messageExpression ${failure.slice('program '.length)}`
  return 'messageExpression must evaluate to a string'
}

const compiled = new WeakMap<SchemaNode, readonly CompiledRule[]>()

/** The rules of a node. They were found to be right when the definition was written. */
export const rulesOf = (node: SchemaNode, isResource: boolean): readonly CompiledRule[] => rulesWithin(node, node, isResource)

/** The rules that a part of `allOf` has for the values of a node. */
export function rulesWithin(node: SchemaNode, part: SchemaNode, isResource: boolean): readonly CompiledRule[] {
  let rules = compiled.get(part)
  if (!rules) {
    rules = (part['x-kubernetes-validations'] ?? []).flatMap((source) => compileRule(source, node, isResource)?.rule ?? [])
    compiled.set(part, rules)
  }
  return rules
}

const withRules = new WeakMap<SchemaNode, boolean>()

/** Whether a node, or one inside of it, has rules. */
export function hasRules(node: SchemaNode): boolean {
  let found = withRules.get(node)
  if (found === undefined) {
    const { items, additionalProperties, properties, allOf } = node
    const inner = [items, additionalProperties, ...Object.values(properties ?? {}), ...(allOf ?? [])]
    found = Boolean(node['x-kubernetes-validations']?.length) || inner.some((n) => typeof n === 'object' && n !== null && hasRules(n))
    withRules.set(node, found)
  }
  return found
}
