/** Which builtins each dialect has. */
import type { Shell } from '../shell.js'
import { aliasBuiltin, builtinBuiltin, caller, enable, commandBuiltin, hash, typeBuiltin, unalias } from './commands.js'
import {
  breakBuiltin,
  colon,
  continueBuiltin,
  evalBuiltin,
  execBuiltin,
  exitBuiltin,
  logout,
  falseBuiltin,
  returnBuiltin,
  source,
  trap,
} from './control.js'
import { dirs, popd, pushd } from './directories.js'
import { cd, pwd, times } from './environment.js'
import { ulimit, umask } from './limits.js'
import { bg, disown, fg, jobs, killBuiltin, suspend, wait } from './job-control.js'
import { echo, printf } from './text.js'
import { mapfile } from './mapfile.js'
import { read } from './read.js'
import { test } from './test.js'
import { letBuiltin, setBuiltin, shift, shopt, unset } from './variables.js'
import { getopts } from './getopts.js'
import { declare, exportBuiltin, local, readonly } from './declare.js'
import { compgen, complete, compopt } from './completion.js'
import { fc } from './fc.js'
import { help, historyBuiltin } from './interactive.js'

/** A builtin: gets its arguments with its name in front, returns its status. */
export type Builtin = (shell: Shell, argv: readonly string[]) => Promise<number> | number

/** The special builtins of POSIX: found before functions, and their errors are fatal. */
const special: Record<string, Builtin> = {
  ':': colon,
  '.': source,
  break: breakBuiltin,
  continue: continueBuiltin,
  eval: evalBuiltin,
  exec: execBuiltin,
  exit: exitBuiltin,
  export: exportBuiltin,
  readonly,
  return: returnBuiltin,
  set: setBuiltin,
  shift,
  times,
  trap,
  unset,
}

const regular: Record<string, Builtin> = {
  '[': test,
  alias: aliasBuiltin,
  bg,
  cd,
  chdir: cd,
  command: commandBuiltin,
  echo,
  false: falseBuiltin,
  fg,
  getopts,
  hash,
  jobs,
  kill: killBuiltin,
  local,
  printf,
  pwd,
  read,
  test,
  true: colon,
  type: typeBuiltin,
  ulimit,
  umask,
  unalias,
  wait,
}

const extended: Record<string, Builtin> = { source, let: letBuiltin, help, history: historyBuiltin }

const bashOnly: Record<string, Builtin> = {
  builtin: builtinBuiltin,
  caller,
  enable,
  declare,
  dirs,
  popd,
  pushd,
  typeset: declare,
  mapfile,
  readarray: mapfile,
  shopt,
  disown,
  fc,
  logout,
  compgen,
  complete,
  compopt,
  suspend,
}

function own(table: Record<string, Builtin>, name: string): Builtin | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** The builtin of a name in the shell's dialect. */
export function builtinOf(shell: Shell, name: string): Builtin | undefined {
  if (shell.dialect === 'bash' && name === 'chdir') return undefined
  if (shell.disabled.has(name)) return undefined
  const found = own(special, name) ?? own(regular, name)
  if (found || shell.dialect === 'dash') return found
  return own(extended, name) ?? (shell.dialect === 'bash' ? own(bashOnly, name) : undefined)
}

export function isSpecial(shell: Shell, name: string): boolean {
  return Object.hasOwn(special, name) || (name === 'source' && shell.dialect !== 'dash')
}

/** Builtins whose arguments may be assignments. */
export function isDeclaration(name: string): boolean {
  return name === 'export' || name === 'readonly' || name === 'local' || name === 'declare' || name === 'typeset'
}

/** All names, for completion and `help`. */
export function builtinNames(shell: Shell): string[] {
  const tables = [special, regular, ...(shell.dialect === 'dash' ? [] : [extended]), ...(shell.dialect === 'bash' ? [bashOnly] : [])]
  const names = tables.flatMap((t) => Object.keys(t)).sort()
  return shell.dialect === 'bash' ? names.filter((name) => name !== 'chdir') : names
}
