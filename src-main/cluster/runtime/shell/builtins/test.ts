/** `test` and `[`, with the operators that dash, ash and bash share. Also the program /usr/bin/test. */
import type { Stat } from '../../fs.js'
import { EXECUTE, READ, WRITE } from '../../mounts.js'
import type { Task } from '../../task.js'
import type { Shell } from '../shell.js'
import { calculate } from '../arithmetic-expansion.js'

/** An expression that makes no sense: status 2. */
export class TestError extends Error {}

interface Context {
  readonly task: Task
  dialect?: string
  isSet?: (name: string) => boolean
  option?: (name: string) => boolean
}

const UNARY = /^-[bcdefghknoprstuvwxzGLNOSR]$/
const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

export async function test(shell: Shell, argv: readonly string[]): Promise<number> {
  const name = argv[0]!
  let args = argv.slice(1)
  if (name === '[') {
    if (args.at(-1) !== ']') {
      if (shell.dialect === 'ash') await shell.task.writeError('sh: missing ]\n')
      else await shell.complain(shell.dialect === 'bash' ? "[: missing `]'" : '[: missing ]')
      return 2
    }
    args = args.slice(0, -1)
  }
  try {
    return evaluateTest({ task: shell.task, dialect: shell.dialect, isSet: (n) => shell.isSet(n) }, args) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    // In ash these are applets of busybox: they do not know of the script.
    if (shell.dialect === 'ash') await shell.task.writeError(`sh: ${error.message}\n`)
    else await shell.complain(`${name}: ${error.message}`)
    return 2
  }
}

/** Whether a word is a condition on one operand in the dialect: dash knows those of POSIX. */
function isUnary({ dialect }: Context, word: string): boolean {
  return UNARY.test(word) && !(dialect === 'dash' && /^-[voRNa]$/.test(word))
}

/** Evaluates the arguments of `test`. Throws {@link TestError}. */
export function evaluateTest(context: Context, args: readonly string[]): boolean {
  // POSIX decides by the number of arguments up to four; that makes `[ "$x" = ! ]` and the like right.
  const [a, b, c, d] = args as [string, string, string, string]
  switch (args.length) {
    case 0:
      return false
    case 1:
      return a !== ''
    case 2:
      if (a === '!') return b === ''
      if (isUnary(context, a)) return unary(context, a, b)
      break
    case 3:
      if (BINARY.has(b)) return binary(context, b, a, c)
      if (b === '-a') return a !== '' && c !== ''
      if (b === '-o') return a !== '' || c !== ''
      if (a === '!') return !evaluateTest(context, [b, c])
      if (a === '(' && c === ')') return b !== ''
      if (context.dialect === 'bash') throw new TestError(`${b}: binary operator expected`)
      break
    case 4:
      if (a === '!') return !evaluateTest(context, [b, c, d])
      if (a === '(' && d === ')') return evaluateTest(context, [b, c])
      break
    default:
  }
  return new Expression(context, args).all()
}

/** The old grammar with -a, -o, ! and parentheses. */
class Expression {
  private at = 0

  constructor(
    private readonly context: Context,
    private readonly args: readonly string[],
  ) {}

  all(): boolean {
    const value = this.or()
    if (this.at < this.args.length)
      throw new TestError(this.context.dialect === 'bash' ? 'too many arguments' : `${this.args[this.at]}: unexpected operator`)
    return value
  }

  private or(): boolean {
    let value = this.and()
    while (this.args[this.at] === '-o') {
      this.at++
      value = this.and() || value
    }
    return value
  }

  private and(): boolean {
    let value = this.not()
    while (this.args[this.at] === '-a') {
      this.at++
      value = this.not() && value
    }
    return value
  }

  private not(): boolean {
    if (this.args[this.at] === '!' && this.at + 1 < this.args.length && !BINARY.has(this.args[this.at + 1]!)) {
      this.at++
      return !this.not()
    }
    return this.primary()
  }

  private primary(): boolean {
    const arg = this.args[this.at]
    if (arg === undefined) throw new TestError('argument expected')
    const next = this.args[this.at + 1]
    if (arg === '(' && !(next !== undefined && BINARY.has(next))) {
      this.at++
      const value = this.or()
      if (this.args[this.at++] !== ')') throw new TestError('closing paren expected')
      return value
    }
    if (next !== undefined && BINARY.has(next)) {
      const right = this.args[this.at + 2]
      if (right === undefined)
        throw new TestError(this.context.dialect === 'bash' ? `${arg}: unary operator expected` : `${next}: argument expected`)
      this.at += 3
      return binary(this.context, next, arg, right)
    }
    if (isUnary(this.context, arg) && next !== undefined) {
      this.at += 2
      return unary(this.context, arg, next)
    }
    if (next !== undefined && next !== '-a' && next !== '-o' && next !== ')' && this.args.length > 1) {
      throw new TestError(
        this.context.dialect === 'bash'
          ? this.args.length > 3
            ? 'too many arguments'
            : `${arg}: unary operator expected`
          : `${this.context.dialect === 'dash' ? arg : next}: ${this.context.dialect === 'dash' ? 'unexpected operator' : 'unknown operand'}`,
      )
    }
    this.at++
    return arg !== ''
  }
}

function integer(context: Context, text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) {
    if (context.dialect === 'bash') throw new TestError(`${text}: integer expression expected`)
    throw new TestError(
      context.dialect === 'dash'
        ? `Illegal number: ${text}`
        : context.dialect === 'ash'
          ? `${text}: bad number`
          : `invalid integer '${text}'`,
    )
  }
  return BigInt(text.trim().replace(/^\+/, ''))
}

function binary(context: Context, op: string, left: string, right: string): boolean {
  switch (op) {
    case '=':
    case '==':
      if (op === '==' && context.dialect === 'dash') throw new TestError(`${left}: unexpected operator`)
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '>':
      return left > right
    case '-nt':
    case '-ot':
    case '-ef': {
      const [a, b] = [statOf(context, left), statOf(context, right)]
      if (op === '-ef') return a !== undefined && b !== undefined && a.inode === b.inode
      if (op === '-nt') return a !== undefined && (b === undefined || a.mtime > b.mtime)
      return b !== undefined && (a === undefined || a.mtime < b.mtime)
    }
    default: {
      const [a, b] = [integer(context, left), integer(context, right)]
      if (op === '-eq') return a === b
      if (op === '-ne') return a !== b
      if (op === '-lt') return a < b
      if (op === '-le') return a <= b
      if (op === '-gt') return a > b
      return a >= b
    }
  }
}

function statOf(context: Context, path: string, follow = true): Stat | undefined {
  try {
    return follow ? context.task.fs.stat(path) : context.task.fs.lstat(path)
  } catch {
    context.task.check()
    return undefined
  }
}

function unary(context: Context, op: string, operand: string): boolean {
  const { task } = context
  switch (op) {
    case '-n':
      return operand !== ''
    case '-z':
      return operand === ''
    case '-t':
      return task.fd(Number(integer(context, operand)))?.kind === 'tty'
    case '-r':
      return task.fs.access(operand, READ)
    case '-w':
      return task.fs.access(operand, WRITE)
    case '-x':
      return task.fs.access(operand, EXECUTE)
    case '-h':
    case '-L':
      return statOf(context, operand, false)?.type === 'symlink'
    case '-v':
      return context.isSet?.(operand) ?? false
    case '-R':
      return false
    case '-o':
      return context.option?.(operand) ?? false
    default:
  }
  const stat = statOf(context, operand)
  if (!stat) return false
  switch (op) {
    case '-d':
      return stat.type === 'directory'
    case '-f':
      return stat.type === 'file'
    case '-c':
      return stat.type === 'device'
    case '-b':
      return stat.type === 'block'
    case '-p':
      return stat.type === 'fifo'
    case '-S':
      return stat.type === 'socket'
    case '-s':
      return stat.size > 0
    case '-g':
      return (stat.mode & 0o2000) !== 0
    case '-u':
      return (stat.mode & 0o4000) !== 0
    case '-k':
      return (stat.mode & 0o1000) !== 0
    case '-O':
      return stat.uid === task.uid
    case '-G':
      return stat.gid === task.gid
    default:
      return true
  }
}

/** For `[[`. */
export function testUnary(shell: Shell, op: string, operand: string): boolean {
  return unary({ task: shell.task, dialect: shell.dialect, isSet: (n) => shell.isSet(n) }, op, operand)
}

/** For `[[`, where operands of -eq and the like are arithmetic. */
export function testBinary(shell: Shell, op: string, left: string, right: string, arithmetic = false): boolean {
  const number = (t: string): string => String(calculate(shell, t, '[['))
  const numeric = arithmetic && /^-(eq|ne|lt|le|gt|ge)$/.test(op)
  return binary({ task: shell.task, dialect: shell.dialect }, op, numeric ? number(left) : left, numeric ? number(right) : right)
}
