/** From the text of an expression to a program, or to what is wrong with it. */
import { check, type Variables } from './check.js'
import { estimateCost, type SizeAt } from './cost.js'
import { programOf, type Program } from './evaluate.js'
import { literalIssues, unsearchable } from './literals.js'
import { parse } from './parser.js'
import { describeIssues, SyntaxFault, type Dialect } from './syntax.js'
import type { Type } from './types.js'

export interface Compiled {
  readonly program: Program
  /** The variables that the expression refers to. */
  readonly uses: ReadonlySet<string>
  /** What an evaluation costs at most, when the values of variables are of these sizes. */
  estimate(sizeAt: SizeAt): number
}

/** What is wrong with an expression, in the compiler's words. */
export interface CompileFailure {
  readonly failure: string
}

/** Says what is wrong with the type of an expression; undefined when it will do. */
export type ResultRule = (type: Type) => string | undefined

const mustGive =
  (kind: 'bool' | 'string'): ResultRule =>
  (type) =>
    type.kind === kind ? undefined : `cel expression must evaluate to a ${kind}`

/** The type of an expression, or what is wrong with it in the checker's words. */
export function checkedType(source: string, variables: Variables): { readonly type: Type } | { readonly issues: string } {
  try {
    const expr = parse(source)
    const { type, issues } = check(expr, variables)
    const wrong = issues.length > 0 ? issues : literalIssues(expr)
    return wrong.length > 0 ? { issues: describeIssues(source, wrong) } : { type }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return { issues: describeIssues(source, [error.issue]) }
  }
}

/** Compiles an expression that gives a bool or a string, or whatever a rule allows. */
export function compile(
  source: string,
  variables: Variables,
  result: 'bool' | 'string' | ResultRule,
  dialect: Dialect = {},
): Compiled | CompileFailure {
  try {
    const expr = parse(source, dialect)
    const checked = check(expr, variables, dialect)
    const { type, issues, uses, overloads } = checked
    if (issues.length > 0) return { failure: `compilation failed: ${describeIssues(source, issues)}` }
    const wrong = literalIssues(expr)
    if (wrong.length > 0) return { failure: `compilation failed: ${describeIssues(source, wrong)}` }
    const unfit = (typeof result === 'string' ? mustGive(result) : result)(type)
    if (unfit !== undefined) return { failure: unfit }
    const pattern = unsearchable(expr)
    if (pattern !== undefined) return { failure: `program instantiation failed: ${pattern}` }
    return { program: programOf(expr, overloads), uses, estimate: (sizeAt) => estimateCost(expr, checked, sizeAt) }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return { failure: `compilation failed: ${describeIssues(source, [error.issue])}` }
  }
}
