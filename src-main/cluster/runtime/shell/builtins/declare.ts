/** Builtins that give variables values and attributes: `declare`, `local`, `export`, `readonly`. */
import { calculate } from '../arithmetic-expansion.js'
import { readonlyError } from '../assignments.js'
import type { Shell } from '../shell.js'
import { functionText } from '../source-text.js'
import { entriesOf, type Variable } from '../variables.js'
import { quoted } from './commands.js'
import { quotedValue } from '../printf.js'

/** What a variable may be called. */
export const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

export function badName(shell: Shell, builtin: string, name: string): unknown {
  if (shell.dialect === 'bash') return shell.error(`${builtin}: \`${name}': not a valid identifier`, 1)
  return shell.error(`${builtin}: ${name}: bad variable name`)
}

/** Shared by export, readonly, local and declare: `name` or `name=value`, with attributes. */
function declareAll(shell: Shell, builtin: string, args: readonly string[], attributes: Partial<Variable>, local: boolean): void {
  for (const arg of args) {
    if (local && arg === '-') {
      shell.savedOptions ??= { ...shell.options }
      continue
    }
    const m = /^([^=+]*)(\+?)=([\s\S]*)$/.exec(arg)
    const name = m ? m[1]! : arg
    if (!NAME.test(name)) throw badName(shell, builtin, arg)
    if (local) shell.variables.makeLocal(name, shell.dialect !== 'bash')
    const rest = { ...attributes }
    delete rest.elements
    // A value is changed as the attributes say.
    if ('letterCase' in rest) shell.variables.mark(name, { letterCase: rest.letterCase })
    try {
      if (m) {
        const old = m[2] ? (shell.variables.get(name) ?? '') : ''
        const value = attributes.integer ? String(calculate(shell, m[3]!)) : old + m[3]!
        if (attributes.elements) shell.variables.setArray(name, new Map([['0', value]]))
        else shell.variables.set(name, value)
      } else if (attributes.elements && !shell.variables.lookup(name)?.elements) shell.variables.setArray(name, new Map())
    } catch (error) {
      throw readonlyError(shell, error)
    }
    shell.variables.mark(name, rest)
  }
}

/** The letters of a variable's attributes, in bash's order. */
export function attributeLetters(v: Variable): string {
  const letters = [
    v.elements && (v.associative ? 'A' : 'a'),
    v.integer && 'i',
    v.reference !== undefined && 'n',
    v.readonly && 'r',
    v.exported && 'x',
    v.letterCase && (v.letterCase === 'lower' ? 'l' : 'u'),
  ]
  return letters.filter(Boolean).join('')
}

/** bash: the command that would make the variable. */
function declaration(name: string, v: Variable): string {
  const key = (k: string): string => (/^[\w./:@%+,-]+$/.test(k) ? k : quotedValue(k))
  const value = v.elements
    ? `=(${entriesOf(v)
        .map(([k, e]) => `[${key(k)}]=${quotedValue(e)}`)
        .join(' ')}${v.associative && v.elements.size > 0 ? ' ' : ''})`
    : v.reference !== undefined
      ? `="${v.reference}"`
      : v.value === undefined
        ? ''
        : `=${quotedValue(v.value)}`
  return `declare -${attributeLetters(v) || '-'} ${name}${value}\n`
}

async function listVariables(shell: Shell, word: string, filter: (v: Variable) => boolean): Promise<void> {
  for (const [name, v] of shell.variables.list()) {
    if (!filter(v)) continue
    if (shell.dialect === 'bash') await shell.task.write(declaration(name, v))
    else await shell.task.write(`${word} ${name}${v.value === undefined ? '' : `=${quoted(v.value)}`}\n`)
  }
}

export async function exportBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  let args = argv.slice(1)
  if (args[0] === '-n' && shell.dialect !== 'dash') {
    for (const name of args.slice(1)) shell.variables.mark(name, { exported: false })
    return 0
  }
  if (args.length === 0 || args[0] === '-p') {
    await listVariables(shell, 'export', (v) => v.exported)
    return 0
  }
  if (args[0] === '-f' && shell.dialect === 'bash') {
    let status = 0
    for (const name of args.slice(1)) {
      if (shell.functions.has(name)) shell.exportedFunctions.add(name)
      else {
        await shell.complainBuiltin('export', `${name}: not a function`)
        status = 1
      }
    }
    return status
  }
  if (args[0] === '--') args = args.slice(1)
  declareAll(shell, 'export', args, { exported: true }, false)
  return 0
}

export async function readonly(shell: Shell, argv: readonly string[]): Promise<number> {
  const args = argv.slice(1)
  if (args[0] === '-f' && shell.dialect === 'bash') {
    for (const name of args.slice(1)) shell.readonlyFunctions.add(name)
    return 0
  }
  if (args.length === 0 || args[0] === '-p') {
    await listVariables(shell, 'readonly', (v) => v.readonly)
    return 0
  }
  declareAll(shell, 'readonly', args, { readonly: true }, false)
  return 0
}

export async function local(shell: Shell, argv: readonly string[]): Promise<number> {
  if (!shell.variables.inFunction) {
    if (shell.dialect === 'bash') {
      await shell.complain('local: can only be used in a function')
      return 1
    }
    throw shell.error(shell.dialect === 'dash' ? 'local: not in a function' : 'not in a function')
  }
  return declareWith(shell, 'local', argv.slice(1), true)
}

export async function declare(shell: Shell, argv: readonly string[]): Promise<number> {
  const global = argv.some((a) => /^-\w*g/.test(a))
  return declareWith(shell, argv[0]!, argv.slice(1), shell.variables.inFunction && !global)
}

/** bash: `declare -n name=other`. */
function declareReference(shell: Shell, builtin: string, arg: string, isLocal: boolean): void {
  const [name, to] = arg.split(/=(.*)/s) as [string, string | undefined]
  if (!NAME.test(name) || (to !== undefined && !NAME.test(to))) throw badName(shell, builtin, arg)
  if (to === name && !isLocal) throw shell.error(`${builtin}: ${name}: nameref variable self references not allowed`, 1)
  if (isLocal) shell.variables.makeLocal(name, false)
  if (to !== undefined) shell.variables.mark(name, { reference: to })
}

/** `declare -f` prints functions, `-F` their names. */
async function listFunctions(shell: Shell, names: readonly string[], brief: boolean): Promise<number> {
  let status = 0
  for (const name of names.length > 0 ? names : [...shell.functions.keys()].sort()) {
    const f = shell.functions.get(name)
    if (!f) status = 1
    else await shell.task.write(brief ? `${names.length > 0 ? '' : 'declare -f '}${name}\n` : `${functionText(f)}\n`)
  }
  return status
}

async function declareWith(shell: Shell, builtin: string, args: string[], isLocal: boolean): Promise<number> {
  const attributes: Partial<Variable> = {}
  const letters = new Set<string>()
  while (args[0] && /^[-+][aAgirxpfFntIlu]+$/.test(args[0]) && (shell.dialect === 'bash' || args[0] === '-r')) {
    const on = args[0].startsWith('-')
    for (const c of args[0].slice(1)) {
      letters.add(c)
      if (c === 'a' || c === 'A') attributes.elements = new Map()
      if (c === 'A') attributes.associative = true
      if (c === 'i') attributes.integer = on
      if (c === 'r') attributes.readonly = true
      if (c === 'x') attributes.exported = on
      if (c === 'l' || c === 'u') attributes.letterCase = on ? (c === 'l' ? 'lower' : 'upper') : undefined
    }
    args = args.slice(1)
  }
  if (args[0] === '--') args = args.slice(1)
  if (letters.has('f') || letters.has('F')) return listFunctions(shell, args, letters.has('F'))
  if (letters.has('n')) {
    for (const arg of args) declareReference(shell, builtin, arg, isLocal)
    return 0
  }
  if (builtin === 'local' && args.length === 0 && shell.dialect === 'bash' && (letters.size === 0 || letters.has('p')))
    return printVariables(shell, builtin, shell.variables.localNames())
  if (letters.has('p')) return printVariables(shell, builtin, args)
  if (args.length === 0 && builtin !== 'local') {
    await listVariables(shell, builtin, (v) => [...letters].every((c) => attributeLetters(v).includes(c)))
    return 0
  }
  declareAll(shell, builtin, args, attributes, isLocal)
  return 0
}

/** `declare -p`: all variables, or those of the names. */
async function printVariables(shell: Shell, builtin: string, names: readonly string[]): Promise<number> {
  if (names.length === 0) await listVariables(shell, builtin, () => true)
  let status = 0
  for (const name of names) {
    const v = shell.variables.own(name)
    if (v) await shell.task.write(declaration(name, v))
    else {
      await shell.complainBuiltin(builtin, `${name}: not found`)
      status = 1
    }
  }
  return status
}
