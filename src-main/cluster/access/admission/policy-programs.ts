/** The expressions of a ValidatingAdmissionPolicy, compiled. */
import type * as k8s from '@kubernetes/client-node'
import type { Variables } from '../../api/cel/check.js'
import { compile } from '../../api/cel/compile.js'
import type { Program } from '../../api/cel/evaluate.js'
import type { Type } from '../../api/cel/types.js'
import { policyVariables, variablesOfMessages, withComposed } from '../../api/kinds/rules/admission-expressions.js'
import { items, type Sent } from '../../api/kinds/rules/sent.js'

type Spec = Sent<k8s.V1ValidatingAdmissionPolicySpec>

/** An expression with its text, which messages repeat. */
export interface PolicyExpression {
  readonly text: string
  readonly program: Program
}

/** One rule, and what it says when it is broken. */
export interface PolicyRule extends PolicyExpression {
  /** Gives the message; undefined when there is none of that kind. */
  readonly message: PolicyExpression | undefined
  readonly fixedMessage: string
  readonly reason: string
}

/** A policy that can be evaluated. */
export interface PolicyPrograms {
  readonly conditions: readonly PolicyExpression[]
  readonly variables: ReadonlyMap<string, PolicyExpression>
  readonly rules: readonly PolicyRule[]
  /** The values of annotations of audit events. There is no such log here, but that they have one is asked for. */
  readonly annotations: readonly PolicyExpression[]
}

class NotCompiled extends Error {}

/**
 * Compiles the expressions of a stored policy; undefined when there is one that cannot be. What is wrong with an
 * expression was refused when the policy was written.
 */
export function compilePolicy(spec: Spec): PolicyPrograms | undefined {
  try {
    return programsOf(spec)
  } catch (error) {
    if (error instanceof NotCompiled) return undefined
    throw error
  }
}

function programsOf(spec: Spec): PolicyPrograms {
  const given = policyVariables(Boolean(spec.paramKind))
  const composed = new Map<string, Type>()
  const variables = new Map<string, PolicyExpression>()
  for (const { name, expression } of items(spec.variables)) {
    variables.set(
      name ?? '',
      expressionOf(expression, withComposed(given, composed), (type) => void composed.set(name ?? '', type)),
    )
  }
  const scope = withComposed(given, composed)
  const forMessages = variablesOfMessages(scope)
  return {
    variables,
    conditions: items(spec.matchConditions).map(({ expression }) => expressionOf(expression, given)),
    rules: items(spec.validations).map(({ expression, message, messageExpression, reason }) => ({
      ...expressionOf(expression, scope),
      message: messageExpression ? expressionOf(messageExpression, forMessages) : undefined,
      fixedMessage: message?.trim() ?? '',
      reason: reason || 'Invalid',
    })),
    annotations: items(spec.auditAnnotations).map(({ valueExpression }) => expressionOf(valueExpression, scope)),
  }
}

/** @param told is given the type of the expression */
function expressionOf(source: string | null | undefined, scope: Variables, told: (type: Type) => undefined = () => undefined) {
  const text = source?.trim() ?? ''
  const outcome = compile(text, scope, told)
  if (!('program' in outcome)) throw new NotCompiled(outcome.failure)
  return { text, program: outcome.program }
}
