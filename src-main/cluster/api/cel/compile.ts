/** From the text of an expression to a program, or to what is wrong with it. */
import { check, type Variables } from './check.js'
import { estimateCost, type SizeAt } from './cost.js'
import { programOf, type Program } from './evaluate.js'
import { literalIssues, unsearchable } from './literals.js'
import { parse } from './parser.js'
import { describeIssues, SyntaxFault } from './syntax.js'

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

/** Compiles an expression that gives a bool or a string. */
export function compile(source: string, variables: Variables, result: 'bool' | 'string'): Compiled | CompileFailure {
  try {
    const expr = parse(source)
    const checked = check(expr, variables)
    const { type, issues, uses, overloads } = checked
    if (issues.length > 0) return { failure: `compilation failed: ${describeIssues(source, issues)}` }
    const wrong = literalIssues(expr)
    if (wrong.length > 0) return { failure: `compilation failed: ${describeIssues(source, wrong)}` }
    if (type.kind !== result) return { failure: `cel expression must evaluate to a ${result}` }
    const pattern = unsearchable(expr)
    if (pattern !== undefined) return { failure: `program instantiation failed: ${pattern}` }
    return { program: programOf(expr, overloads), uses, estimate: (sizeAt) => estimateCost(expr, checked, sizeAt) }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return { failure: `compilation failed: ${describeIssues(source, [error.issue])}` }
  }
}
