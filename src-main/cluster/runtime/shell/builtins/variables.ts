/** Builtins about variables, positional parameters and options. */
import { calculate } from '../arithmetic-expansion.js'
import { readonlyError } from '../assignments.js'
import { optionLetters, type Options, type Shell } from '../shell.js'
import { functionText } from '../source-text.js'
import type { Variable } from '../variables.js'
import { quoted } from './commands.js'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

function badName(shell: Shell, builtin: string, name: string): unknown {
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
    const rest = { ...attributes }
    delete rest.elements
    shell.variables.mark(name, rest)
  }
}

async function listVariables(shell: Shell, word: string, filter: (v: Variable) => boolean): Promise<void> {
  for (const [name, v] of shell.variables.list()) {
    if (!filter(v)) continue
    if (shell.dialect === 'bash')
      await shell.task.write(
        `declare -${v.exported ? 'x' : 'r'} ${name}${v.value === undefined ? '' : `="${v.value.replace(/["$`\\]/g, '\\$&')}"`}\n`,
      )
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
  // Functions are not handed to other shells here.
  if (args[0] === '-f' && shell.dialect === 'bash') return args.slice(1).every((name) => shell.functions.has(name)) ? 0 : 1
  if (args[0] === '--') args = args.slice(1)
  declareAll(shell, 'export', args, { exported: true }, false)
  return 0
}

export async function readonly(shell: Shell, argv: readonly string[]): Promise<number> {
  const args = argv.slice(1)
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
  let print = false
  let reference = false
  let functions: 'f' | 'F' | undefined
  while (args[0] && /^-[aAgirxpfFn]+$/.test(args[0]) && (shell.dialect === 'bash' || args[0] === '-r')) {
    for (const c of args[0].slice(1)) {
      if (c === 'a' || c === 'A') attributes.elements = new Map()
      if (c === 'A') attributes.associative = true
      if (c === 'i') attributes.integer = true
      if (c === 'r') attributes.readonly = true
      if (c === 'x') attributes.exported = true
      if (c === 'p') print = true
      if (c === 'n') reference = true
      if (c === 'f' || c === 'F') functions = c
    }
    args = args.slice(1)
  }
  if (functions) return listFunctions(shell, args, functions === 'F')
  if (reference) {
    for (const arg of args) declareReference(shell, builtin, arg, isLocal)
    return 0
  }
  if (print) {
    for (const name of args) {
      const v = shell.variables.lookup(name)
      if (!v) {
        await shell.complainBuiltin(builtin, `${name}: not found`)
        return 1
      }
      const flags =
        `${v.elements ? (v.associative ? 'A' : 'a') : ''}${v.integer ? 'i' : ''}${v.readonly ? 'r' : ''}${v.exported ? 'x' : ''}` || '-'
      const value = v.elements
        ? `=(${[...v.elements].map(([k, e]) => `[${k}]="${e}"`).join(' ')})`
        : v.value === undefined
          ? ''
          : `="${v.value}"`
      await shell.task.write(`declare -${flags} ${name}${value}\n`)
    }
    return 0
  }
  declareAll(shell, builtin, args, attributes, isLocal)
  return 0
}

export async function unset(shell: Shell, argv: readonly string[]): Promise<number> {
  let what: 'any' | 'variable' | 'function' = shell.dialect === 'bash' ? 'any' : 'variable'
  let args = argv.slice(1)
  if (args[0] === '-f') what = 'function'
  if (args[0] === '-v') what = 'variable'
  if (args[0]?.startsWith('-')) args = args.slice(1)
  for (const name of args) {
    if (what === 'function') {
      shell.functions.delete(name)
      continue
    }
    const m = shell.dialect === 'bash' ? /^([A-Za-z_]\w*)\[(.*)\]$/.exec(name) : null
    try {
      if (m) shell.variables.unsetElement(m[1]!, shell.variables.lookup(m[1]!)?.associative ? m[2]! : String(calculate(shell, m[2]!)))
      else if (!NAME.test(name)) throw badName(shell, 'unset', name)
      else if (what === 'any' && !shell.variables.lookup(name)) shell.functions.delete(name)
      else shell.variables.unset(name)
    } catch (error) {
      throw readonlyError(shell, error)
    }
  }
  return 0
}

export async function shift(shell: Shell, argv: readonly string[]): Promise<number> {
  const text = argv[1] ?? '1'
  if (!/^\d+$/.test(text)) throw shell.error(`shift: Illegal number: ${text}`)
  const n = Number(text)
  if (n > shell.positional.length) {
    if (shell.dialect === 'dash') throw shell.error("shift: can't shift that many")
    return 1
  }
  shell.positional = shell.positional.slice(n)
  return 0
}

/** Sets an option by its name; false when there is none. */
export function setOption(shell: Shell, name: string, on: boolean): boolean {
  if (name === 'pipefail' ? shell.dialect === 'dash' : !Object.hasOwn(shell.options, name)) return false
  shell.options[name as keyof Options] = on
  if (name === 'allexport') shell.variables.exportAll = on
  return true
}

/** Option letters of `set` and of the shell's own command line. Throws the shell's error for one it does not have. */
export function setLetters(shell: Shell, letters: string, on: boolean): void {
  for (const c of letters) {
    if (shell.dialect !== 'dash' && (c === 'h' || c === 'B' || c === 'H' || c === 'o' || c === 'E' || c === 'T')) continue
    const name = Object.hasOwn(optionLetters, c) ? optionLetters[c]! : undefined
    if (!name)
      throw shell.error(
        shell.dialect === 'bash'
          ? `set: -${c}: invalid option`
          : `set: ${shell.dialect === 'dash' ? 'Illegal option' : 'illegal option'} -${c}`,
        2,
      )
    setOption(shell, name, on)
  }
}

export async function setBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  const args = argv.slice(1)
  if (args.length === 0) {
    for (const [name, v] of shell.variables.list()) {
      if (v.value !== undefined)
        await shell.task.write(`${name}=${shell.dialect === 'bash' && /^[\w./:@%+,-]*$/.test(v.value) ? v.value : quoted(v.value)}\n`)
    }
    return 0
  }
  while (args.length > 0) {
    const arg = args[0]!
    if (arg === '--') {
      shell.positional = args.slice(1)
      return 0
    }
    if (arg === '-' && args.length >= 1) {
      shell.options.xtrace = shell.options.verbose = false
      args.shift()
      if (args.length > 0) shell.positional = args
      return 0
    }
    if (!/^[-+]./.test(arg)) break
    args.shift()
    const on = arg[0] === '-'
    // `-o name` may stand at the end of other letters, as in `set -euo pipefail`.
    const letters = arg.slice(1)
    const withName = letters.endsWith('o')
    setLetters(shell, withName ? letters.slice(0, -1) : letters, on)
    if (!withName) continue
    const name = args.shift()
    if (name === undefined) await listOptions(shell)
    else if (!setOption(shell, name, on))
      throw shell.error(
        shell.dialect === 'bash'
          ? `set: ${name}: invalid option name`
          : shell.dialect === 'dash'
            ? `set: Illegal option -o ${name}`
            : `set: illegal option ${on ? '-' : '+'}o ${name}`,
        2,
      )
  }
  if (args.length > 0) shell.positional = args
  return 0
}

async function listOptions(shell: Shell): Promise<void> {
  if (shell.dialect !== 'bash') await shell.task.write('Current option settings\n')
  for (const [name, on] of Object.entries(shell.options).sort()) await shell.task.write(`${name.padEnd(16)}${on ? 'on' : 'off'}\n`)
}

const SHOPT = ['autocd', 'cdspell', 'checkwinsize', 'cmdhist', 'direxpand', 'dotglob', 'expand_aliases', 'extdebug', 'extglob', 'extquote']
  .concat(['failglob', 'force_fignore', 'globasciiranges', 'globstar', 'histappend', 'hostcomplete', 'huponexit', 'inherit_errexit'])
  .concat(['interactive_comments', 'lastpipe', 'lithist', 'localvar_inherit', 'login_shell', 'mailwarn', 'nocaseglob', 'nocasematch'])
  .concat(['nullglob', 'patsub_replacement', 'progcomp', 'promptvars', 'restricted_shell', 'shift_verbose', 'sourcepath', 'xpg_echo'])

/** bash: `shopt [-suq] [name…]`. */
export async function shopt(shell: Shell, argv: readonly string[]): Promise<number> {
  const flags = argv
    .slice(1)
    .filter((a) => a.startsWith('-'))
    .join('')
  const names = argv.slice(1).filter((a) => !a.startsWith('-'))
  let status = 0
  for (const name of names.length > 0 ? names : SHOPT) {
    if (!SHOPT.includes(name)) {
      await shell.complainBuiltin('shopt', `${name}: invalid shell option name`)
      status = 1
    } else if (names.length > 0 && flags.includes('s')) shell.shopt.add(name)
    else if (names.length > 0 && flags.includes('u')) shell.shopt.delete(name)
    else {
      const on = shell.shopt.has(name)
      if (names.length > 0 && !on) status = 1
      if (!flags.includes('q')) await shell.task.write(`${name.padEnd(15)}\t${on ? 'on' : 'off'}\n`)
    }
  }
  return status
}

export function letBuiltin(shell: Shell, argv: readonly string[]): number {
  let value = 0n
  for (const arg of argv.slice(1)) value = calculate(shell, arg)
  return value === 0n ? 1 : 0
}

export async function getopts(shell: Shell, argv: readonly string[]): Promise<number> {
  const [, spec, name] = argv
  if (spec === undefined || name === undefined) throw shell.error('getopts: Usage: getopts optstring var [arg...]')
  const args = argv.length > 3 ? argv.slice(3) : shell.positional
  const silent = spec.startsWith(':')
  const state = shell.getopts
  let index = state.index
  let { offset } = state
  const done = (status: number, option: string, argument?: string): number => {
    const { onChange } = shell.variables
    // Setting OPTIND here is not the script's reset of it.
    shell.variables.onChange = undefined
    shell.variables.set('OPTIND', String(index))
    shell.variables.onChange = onChange
    shell.getopts = { index, offset }
    shell.variables.set(name, option)
    if (argument === undefined) shell.variables.unset('OPTARG')
    else shell.variables.set('OPTARG', argument)
    return status
  }
  const arg = args[index - 1]
  if (offset === 0) {
    if (arg === undefined || !/^-./.test(arg)) return done(1, '?')
    if (arg === '--') {
      index++
      return done(1, '?')
    }
    offset = 1
  }
  const current = args[index - 1]!
  const c = current[offset]!
  offset++
  const known = c !== ':' && spec.includes(c)
  const takes = known && spec[spec.indexOf(c, silent ? 1 : 0) + 1] === ':'
  const last = offset >= current.length
  if (!known) {
    if (last) {
      index++
      offset = 0
    }
    if (silent) return done(0, '?', c)
    await shell.task.writeError(shell.dialect !== 'bash' ? `Illegal option -${c}\n` : `${shell.arg0}: illegal option -- ${c}\n`)
    return done(0, '?')
  }
  if (!takes) {
    if (last) {
      index++
      offset = 0
    }
    return done(0, c)
  }
  let argument: string | undefined = current.slice(offset)
  index++
  offset = 0
  if (last) {
    argument = args[index - 1]
    if (argument === undefined) {
      if (silent) return done(0, ':', c)
      await shell.task.writeError(
        shell.dialect !== 'bash' ? `No arg for -${c} option\n` : `${shell.arg0}: option requires an argument -- ${c}\n`,
      )
      return done(0, '?')
    }
    index++
  }
  return done(0, c, argument)
}
