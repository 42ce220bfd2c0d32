/** Texts in an expression that are to be durations, timestamps or patterns and are not: found when it is compiled. */
import { durationFrom, timestampFrom } from './functions/moments.js'
import { EvaluationError } from './functions/overload.js'
import { compilePattern } from './functions/patterns.js'
import type { Expr, Issue } from './syntax.js'

type Call = Expr & { kind: 'call' }

const isPattern = (text: string): boolean => typeof compilePattern(text) !== 'string'

function isRead(read: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      read(text)
      return true
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      return false
    }
  }
}

/** By function, what its first argument must be when it is a literal. */
const CHECKS: Readonly<Record<string, (text: string) => boolean>> = {
  duration: isRead(durationFrom),
  timestamp: isRead(timestampFrom),
  matches: isPattern,
}

/** What the compiler says of literals that cannot be read. */
export function literalIssues(expr: Expr): Issue[] {
  const issues: Issue[] = []
  visitCalls(expr, (call) => {
    const check = Object.hasOwn(CHECKS, call.name) ? CHECKS[call.name] : undefined
    const literal = textOf(call)
    if (check && literal !== undefined && !check(literal)) issues.push({ at: call.args[0]!.at, message: `invalid ${call.name} argument` })
  })
  return issues.sort((a, b) => a.at - b.at)
}

/** The first fault of a literal pattern to be searched for, in the words of Go's parser; undefined when all are fine. */
export function unsearchable(expr: Expr): string | undefined {
  let fault: string | undefined
  visitCalls(expr, (call) => {
    if (call.name !== 'find' && call.name !== 'findAll') return
    const compiled = compilePattern(textOf(call) ?? '')
    if (typeof compiled === 'string') fault ??= compiled
  })
  return fault
}

function textOf({ args: [first] }: Call): string | undefined {
  return first?.kind === 'const' && typeof first.value === 'string' ? first.value : undefined
}

function visitCalls(expr: Expr, visit: (call: Call) => void): void {
  if (expr.kind === 'call') visit(expr)
  for (const part of partsOf(expr)) visitCalls(part, visit)
}

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'select':
    case 'has':
      return [expr.operand]
    case 'index':
      return [expr.operand, expr.index]
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args
    case 'list':
      return expr.elements.map(({ value }) => value)
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value])
    case 'struct':
      return expr.fields.map(({ value }) => value)
    case 'macro':
      return [expr.range, ...expr.args]
    default:
      return []
  }
}
