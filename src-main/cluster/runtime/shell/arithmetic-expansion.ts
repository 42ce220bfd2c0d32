/** Arithmetic expansion: expressions over the shell's variables. */
import { ArithmeticError, evaluate } from './arithmetic.js'
import type { Word } from './ast.js'
import type { Shell } from './shell.js'
import { expandString } from './expand.js'

/** The value of an arithmetic expression. */
export async function expandArithmetic(shell: Shell, expression: Word): Promise<bigint> {
  const text = await expandString(shell, expression)
  const value = calculate(shell, text)
  if (text.length > SHORT) await shell.task.tick(text.length * CHARACTER_COST)
  return value
}

/** Characters of an expression that are not billed for themselves. */
const SHORT = 1000
/** CPU ms that a character of an expression takes. */
const CHARACTER_COST = 0.0002
/** Characters that one expression may have: a few tenths of a second. */
const LONGEST = 1024 * 1024

/** Evaluates the text of an expression in the shell's variables; a wrong one is the shell's error. */
export function calculate(shell: Shell, text: string, builtin = ''): bigint {
  const { variables, dialect } = shell
  if (text.length > LONGEST) throw shell.error('arithmetic expression: Cannot allocate memory')
  try {
    return evaluate(
      text,
      {
        get: (name, index) => {
          const value = index === undefined ? variables.get(name) : variables.getElement(name, index)
          if (value === undefined && shell.options.nounset) throw shell.unset(name)
          return value
        },
        set: (name, value, index) => (index === undefined ? variables.set(name, value) : variables.setElement(name, index, value)),
        keyed: (name) => variables.lookup(name)?.associative === true,
      },
      dialect,
    )
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error
    const message = (builtin && `${builtin}: `) + arithmeticMessage(shell, error)
    throw builtin ? shell.error(message) : shell.discard(message)
  }
}

function arithmeticMessage(shell: Shell, error: ArithmeticError): string {
  if (shell.dialect === 'ash') return error.kind === 'division' ? 'divide by zero' : 'arithmetic syntax error'
  if (shell.dialect === 'bash') {
    const rest = error.rest.trim()
    if (error.kind === 'division')
      return `${error.expression}: division by 0 (error token is "${rest || (error.expression.split(/[/%]/).at(-1) ?? '').trim()}")`
    if (error.kind === 'base' || error.kind === 'exponent')
      return `${error.expression}: ${error.message} (error token is "${rest || lastToken(error.expression)}")`
    if (error.message === 'expecting EOF') return `${error.expression}: syntax error in expression (error token is "${rest}")`
    return `${error.expression}: syntax error: operand expected (error token is "${rest || lastToken(error.expression)}")`
  }
  if (error.kind === 'number') return error.message
  return `arithmetic expression: ${error.message}: "${error.expression}"`
}

function lastToken(expression: string): string {
  return /(\w+|\W)\s*$/.exec(expression)?.[0] ?? ''
}
