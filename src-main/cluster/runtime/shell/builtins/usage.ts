/** bash: the options of its builtins, and what it says of one that is not there. */
import type { Shell } from '../shell.js'

/** Option letters (a colon follows one that takes an argument) and synopsis, as `help -s` shows it. */
const BUILTINS: Readonly<Record<string, readonly [letters: string, synopsis: string]>> = {
  alias: ['p', '[-p] [name[=value] ... ]'],
  caller: ['', '[expr]'],
  cd: ['LPe@', '[-L|[-P [-e]] [-@]] [dir]'],
  command: ['pVv', '[-pVv] command [arg ...]'],
  compgen: [
    'abcdefgjksuvo:A:G:W:P:S:X:F:C:',
    '[-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]',
  ],
  complete: [
    'abcdefgjksuvprDEIo:A:G:W:P:S:X:F:C:',
    '[-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]',
  ],
  fc: ['e:lnrs', '[-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]'],
  declare: ['aAfFgiIlnrtuxp', '[-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]'],
  disown: ['har', '[-h] [-ar] [jobspec ... | pid ...]'],
  enable: ['adnpsf:', '[-a] [-dnps] [-f filename] [name ...]'],
  exec: ['cla:', '[-cl] [-a name] [command [argument ...]] [redirection ...]'],
  export: ['fnp', '[-fn] [name[=value] ...] or export -p'],
  getopts: ['', 'optstring name [arg ...]'],
  eval: ['', '[arg ...]'],
  hash: ['lrp:dt', '[-lr] [-p pathname] [-dt] [name ...]'],
  history: ['cd:anrwps', '[-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]'],
  jobs: ['lnprsx', '[-lnprs] [jobspec ...] or jobs -x command [args]'],
  mapfile: ['d:n:O:s:tu:C:c:', '[-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]'],
  printf: ['v:', '[-v var] format [arguments]'],
  pwd: ['LP', '[-LP]'],
  read: [
    'ersa:d:i:n:N:p:t:u:',
    '[-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]',
  ],
  readarray: ['d:n:O:s:tu:C:c:', '[-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]'],
  readonly: ['aAfp', '[-aAf] [name[=value] ...] or readonly -p'],
  shopt: ['pqsuo', '[-pqsu] [-o] [optname ...]'],
  source: ['', 'filename [arguments]'],
  '.': ['', 'filename [arguments]'],
  times: ['', ''],
  trap: ['lp', '[-lp] [[arg] signal_spec ...]'],
  type: ['afptP', '[-afptP] name [name ...]'],
  typeset: ['aAfFgiIlnrtuxp', '[-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]'],
  ulimit: ['SHabcdefiklmnpqrstuvxPRT', '[-SHabcdefiklmnpqrstuvxPRT] [limit]'],
  umask: ['pS', '[-p] [-S] [mode]'],
  unalias: ['a', '[-a] name [name ...]'],
  unset: ['fvn', '[-f] [-v] [-n] [name ...]'],
  wait: ['fnp:', '[-fn] [-p var] [id ...]'],
}

/** An argument of an option that is none. */
export class InvalidOption extends Error {}

/** Tells how a builtin is used. Returns the status of a wrong use, 2. */
export async function usage(shell: Shell, name: string): Promise<number> {
  await shell.task.writeError(`${name}: usage: ${name} ${BUILTINS[name]?.[1] ?? ''}`.trimEnd() + '\n')
  return 2
}

/** Looks for an option that a builtin does not have; says so and returns its status. undefined when all are right. */
export async function wrongOption(shell: Shell, argv: readonly string[]): Promise<number | undefined> {
  const name = argv[0]!
  const known = Object.hasOwn(BUILTINS, name) ? BUILTINS[name]![0] : undefined
  if (known === undefined) return undefined
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i]!
    if (arg === '--' || arg === '-' || !arg.startsWith('-')) return undefined
    // A line of the history by how far back it is, is no option.
    if (name === 'fc' && /^-\d+$/.test(arg)) return undefined
    for (let j = 1; j < arg.length; j++) {
      const at = arg[j] === ':' ? -1 : known.indexOf(arg[j]!)
      if (at < 0) {
        await shell.complainBuiltin(name, `-${arg[j]}: invalid option`)
        return usage(shell, name)
      }
      if (known[at + 1] !== ':') continue
      if (j + 1 >= arg.length && ++i >= argv.length) {
        await shell.complainBuiltin(name, `-${arg[j]}: option requires an argument`)
        return usage(shell, name)
      }
      break
    }
  }
  return undefined
}
