/** Builtins about variables, positional parameters and options. */
import { calculate } from '../arithmetic-expansion.js'
import { readonlyError } from '../assignments.js'
import { optionLetters, optionNames, type Options } from '../options.js'
import type { Shell } from '../shell.js'
import { quoted } from './commands.js'
import { badName, NAME } from './declare.js'

export async function unset(shell: Shell, argv: readonly string[]): Promise<number> {
  let what: 'any' | 'variable' | 'function' = shell.dialect === 'bash' ? 'any' : 'variable'
  let args = argv.slice(1)
  if (args[0] === '-f') what = 'function'
  if (args[0] === '-v') what = 'variable'
  const reference = args[0] === '-n'
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
      else if (reference) shell.variables.unsetReference(name)
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
  shell.setPositional(shell.positional.slice(n))
  return 0
}

/** Sets an option by its name; false when there is none. */
export function setOption(shell: Shell, name: string, on: boolean): boolean {
  const option = optionNames(shell.dialect).find((o) => o === name)
  if (!option) return false
  changeOption(shell, option, on)
  return true
}

function changeOption(shell: Shell, option: keyof Options, on: boolean): void {
  shell.options[option] = on
  if (option === 'allexport') shell.variables.exportAll = on
}

/** Option letters of `set` and of the shell's own command line. Throws the shell's error for one it does not have. */
export function setLetters(shell: Shell, letters: string, on: boolean): void {
  const known = optionLetters(shell.dialect)
  for (const c of letters) {
    if (Object.hasOwn(known, c)) changeOption(shell, known[c]!, on)
    else if (shell.dialect === 'bash')
      throw shell.error(`set: -${c}: invalid option\nset: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]`, 2)
    else throw shell.error(`set: ${shell.dialect === 'dash' ? 'Illegal option' : 'illegal option'} -${c}`, 2)
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
      shell.setPositional(args.slice(1))
      return 0
    }
    if (arg === '-' && args.length >= 1) {
      shell.options.xtrace = shell.options.verbose = false
      args.shift()
      if (args.length > 0) shell.setPositional(args)
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
    if (name === undefined) await listOptions(shell, on)
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
  if (args.length > 0) shell.setPositional(args)
  return 0
}

/** `set -o` shows the options, `set +o` the commands that set them. */
async function listOptions(shell: Shell, shown: boolean): Promise<void> {
  const { dialect, options, task } = shell
  if (dialect === 'dash' && shown) await task.write('Current option settings\n')
  for (const name of optionNames(dialect)) {
    const on = options[name]
    const state = on ? 'on' : 'off'
    await task.write(
      shown ? `${dialect === 'bash' ? `${name.padEnd(15)}\t` : name.padEnd(16)}${state}\n` : `set ${on ? '-' : '+'}o ${name}\n`,
    )
  }
}

/** bash: the options of `shopt`. */
export const SHOPT = [
  'autocd assoc_expand_once cdable_vars cdspell checkhash checkjobs checkwinsize cmdhist compat31 compat32',
  'compat40 compat41 compat42 compat43 compat44 complete_fullquote direxpand dirspell dotglob execfail',
  'expand_aliases extdebug extglob extquote failglob force_fignore globasciiranges globskipdots globstar',
  'gnu_errfmt histappend histreedit histverify hostcomplete huponexit inherit_errexit interactive_comments',
  'lastpipe lithist localvar_inherit localvar_unset login_shell mailwarn no_empty_cmd_completion nocaseglob',
  'nocasematch noexpand_translation nullglob patsub_replacement progcomp progcomp_alias promptvars',
  'restricted_shell shift_verbose sourcepath varredir_close xpg_echo',
].flatMap((line) => line.split(' '))

/** bash: `shopt [-pqsu] [-o] [name…]`; with -o it is about the options of `set -o`. */
export async function shopt(shell: Shell, argv: readonly string[]): Promise<number> {
  const flags = argv
    .slice(1)
    .filter((a) => a.startsWith('-'))
    .join('')
  const names = argv.slice(1).filter((a) => !a.startsWith('-'))
  const ofSet = flags.includes('o')
  const known: readonly string[] = ofSet ? optionNames(shell.dialect) : SHOPT
  const isOn = (name: string): boolean => (ofSet ? shell.options[name as keyof typeof shell.options] : shell.shopt.has(name))
  const turn = flags.includes('s') ? true : flags.includes('u') ? false : undefined
  let status = 0
  for (const name of names.length > 0 ? names : known) {
    if (!known.includes(name)) {
      await shell.complainBuiltin('shopt', `${name}: invalid ${ofSet ? '' : 'shell '}option name`)
      status = 1
    } else if (names.length > 0 && turn !== undefined) {
      if (ofSet) setOption(shell, name, turn)
      else if (turn) shell.shopt.add(name)
      else shell.shopt.delete(name)
    } else if (turn === undefined || isOn(name) === turn) {
      const on = isOn(name)
      if (names.length > 0 && !on) status = 1
      const command = ofSet ? `set ${on ? '-' : '+'}o ${name}\n` : `shopt ${on ? '-s' : '-u'} ${name}\n`
      if (!flags.includes('q')) await shell.task.write(flags.includes('p') ? command : `${name.padEnd(15)}\t${on ? 'on' : 'off'}\n`)
    }
  }
  return status
}

export async function letBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  if (argv.length === 1) {
    await shell.complainBuiltin('let', 'expression expected')
    return 1
  }
  let value = 0n
  for (const arg of argv.slice(1)) value = calculate(shell, arg, shell.dialect === 'bash' ? 'let' : '')
  return value === 0n ? 1 : 0
}
