/** What `set` and `shopt` turn on and off. */
import type { Dialect } from './ast.js'

/** The options of `set -o` by their names, as far as they are not those of one letter alone. */
export interface Options {
  allexport: boolean
  /** bash: `{a,b}` is expanded. */
  braceexpand: boolean
  errexit: boolean
  /** bash: `set -E`: functions and subshells have the ERR trap, too. */
  errtrace: boolean
  /** bash: `set -T`: functions and subshells have the DEBUG and RETURN traps, too. */
  functrace: boolean
  hashall: boolean
  /** bash: `!!` and the like at the prompt. */
  histexpand: boolean
  history: boolean
  ignoreeof: boolean
  interactive: boolean
  'interactive-comments': boolean
  keyword: boolean
  monitor: boolean
  noclobber: boolean
  noexec: boolean
  noglob: boolean
  nolog: boolean
  nounset: boolean
  onecmd: boolean
  physical: boolean
  pipefail: boolean
  posix: boolean
  privileged: boolean
  stdin: boolean
  verbose: boolean
  xtrace: boolean
  notify: boolean
  emacs: boolean
  vi: boolean
  debug: boolean
}

type Letters = Readonly<Record<string, keyof Options>>

/** The letters of `set`, in the order in which `$-` shows them. */
const LETTERS: Readonly<Record<Dialect, Letters>> = {
  dash: {
    e: 'errexit', f: 'noglob', I: 'ignoreeof', i: 'interactive', m: 'monitor', n: 'noexec', s: 'stdin', x: 'xtrace', v: 'verbose',
    V: 'vi', E: 'emacs', C: 'noclobber', a: 'allexport', b: 'notify', u: 'nounset', p: 'privileged',
  },
  ash: {
    e: 'errexit', f: 'noglob', I: 'ignoreeof', i: 'interactive', m: 'monitor', n: 'noexec', s: 'stdin', x: 'xtrace', v: 'verbose',
    C: 'noclobber', a: 'allexport', b: 'notify', u: 'nounset', E: 'errtrace', V: 'vi',
  },
  bash: {
    a: 'allexport', b: 'notify', e: 'errexit', f: 'noglob', h: 'hashall', i: 'interactive', k: 'keyword', m: 'monitor', n: 'noexec',
    p: 'privileged', t: 'onecmd', u: 'nounset', v: 'verbose', x: 'xtrace', B: 'braceexpand', C: 'noclobber', E: 'errtrace',
    H: 'histexpand', P: 'physical', T: 'functrace', s: 'stdin',
  },
} // prettier-ignore

export function optionLetters(dialect: Dialect): Letters {
  return LETTERS[dialect]
}

/** The options that `set -o` lists, in its order. */
const NAMES: Readonly<Record<Dialect, readonly (keyof Options)[]>> = {
  dash: [
    'errexit', 'noglob', 'ignoreeof', 'interactive', 'monitor', 'noexec', 'stdin', 'xtrace', 'verbose', 'vi', 'emacs', 'noclobber',
    'allexport', 'notify', 'nounset', 'privileged', 'nolog', 'debug',
  ],
  ash: [
    'errexit', 'noglob', 'ignoreeof', 'monitor', 'noexec', 'xtrace', 'verbose', 'noclobber', 'allexport', 'notify', 'nounset',
    'errtrace', 'vi', 'pipefail',
  ],
  bash: [
    'allexport', 'braceexpand', 'emacs', 'errexit', 'errtrace', 'functrace', 'hashall', 'histexpand', 'history', 'ignoreeof',
    'interactive-comments', 'keyword', 'monitor', 'noclobber', 'noexec', 'noglob', 'nolog', 'notify', 'nounset', 'onecmd', 'physical',
    'pipefail', 'posix', 'privileged', 'verbose', 'vi', 'xtrace',
  ],
} // prettier-ignore

export function optionNames(dialect: Dialect): readonly (keyof Options)[] {
  return NAMES[dialect]
}

/** The options of a new shell that reads a script. */
export function initialOptions(dialect: Dialect): Options {
  const names = new Set(Object.values(NAMES).flat().concat('interactive', 'stdin'))
  const options = Object.fromEntries([...names].map((name) => [name, false])) as unknown as Options
  if (dialect === 'bash') options.braceexpand = options.hashall = options['interactive-comments'] = true
  return options
}

/** What `shopt` shows as on in a new bash. */
export const DEFAULT_SHOPT = [
  'checkwinsize',
  'cmdhist',
  'complete_fullquote',
  'extquote',
  'force_fignore',
  'globasciiranges',
  'globskipdots',
].concat(['hostcomplete', 'interactive_comments', 'patsub_replacement', 'progcomp', 'promptvars', 'sourcepath'])
