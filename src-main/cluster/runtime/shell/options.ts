/** What `set` and `shopt` turn on and off. */

export interface Options {
  allexport: boolean
  errexit: boolean
  /** bash: `set -E`: functions and subshells have the ERR trap, too. */
  errtrace: boolean
  /** bash: `set -T`: functions and subshells have the DEBUG and RETURN traps, too. */
  functrace: boolean
  ignoreeof: boolean
  interactive: boolean
  monitor: boolean
  noclobber: boolean
  noexec: boolean
  noglob: boolean
  nounset: boolean
  pipefail: boolean
  stdin: boolean
  verbose: boolean
  xtrace: boolean
  notify: boolean
  emacs: boolean
  vi: boolean
}

/** The letters of `set` and `$-`. */
export const optionLetters: Readonly<Record<string, keyof Options>> = {
  a: 'allexport',
  e: 'errexit',
  i: 'interactive',
  m: 'monitor',
  C: 'noclobber',
  n: 'noexec',
  f: 'noglob',
  u: 'nounset',
  s: 'stdin',
  v: 'verbose',
  x: 'xtrace',
  b: 'notify',
  E: 'emacs',
  V: 'vi',
  I: 'ignoreeof',
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
