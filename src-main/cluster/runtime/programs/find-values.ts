/** What the tests of find compare with: numbers with a sign, sizes, regular expressions in one of their syntaxes. */
import { Fail } from './command.js'
import { compile } from './regex.js'

/** `+3`, `-3`, `3` */
export function compare(text: string): (n: number) => boolean {
  const n = Number(text.replace(/^[-+]/, ''))
  if (text.startsWith('+')) return (x) => x > n
  if (text.startsWith('-')) return (x) => x < n
  return (x) => x === n
}

const UNITS: Readonly<Record<string, number>> = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1_048_576, G: 1_073_741_824 }

/** The argument of -size. Throws Fail. @param busybox has neither M nor G */
export function sizeTest(text: string, busybox: boolean): { test: (n: number) => boolean; unit: number } {
  const m = (busybox ? /^([-+]?\d+)([ckbw]?)$/ : /^([-+]?\d+)([ckMGbw]?)$/).exec(text)
  if (m) return { test: compare(m[1]!), unit: UNITS[m[2]!]! }
  if (busybox) throw new Fail(`find: invalid number '${text.replace(/^\+/, '')}'`)
  const type = text.at(-1) ?? ''
  throw new Fail(/[\dckMGbw]/.test(type) ? `find: Invalid argument \`${text}' to -size` : `find: invalid -size type \`${type}'`)
}

const BASIC = ['posix-basic', 'posix-minimal-basic', 'ed', 'sed', 'grep']
const EMACS = ['findutils-default', 'emacs']
/** All of them, in the order of the message. */
const SYNTAXES =
  'findutils-default ed emacs gnu-awk grep posix-awk awk posix-basic posix-egrep egrep posix-extended posix-minimal-basic sed'.split(' ')

/** The argument of -regextype. Throws Fail. */
export function checkSyntax(name: string): void {
  if (SYNTAXES.includes(name)) return
  const known = SYNTAXES.map((each) => `'${each}'`).join(', ')
  throw new Fail(`find: Unknown regular expression type '${name}'; valid types are ${known}.`)
}

/** A regular expression in a syntax of -regextype, for a whole path. */
export function pathRegex(pattern: string, syntax: string, flags: string): RegExp {
  if (BASIC.includes(syntax)) return compile(`^\\(${pattern}\\)$`, false, flags)
  return compile(`^(${EMACS.includes(syntax) ? fromEmacs(pattern) : pattern})$`, true, flags)
}

/** In the syntax of emacs groups and alternatives are written with backslashes, repetitions without. */
function fromEmacs(pattern: string): string {
  return pattern.replace(/\[\^?\]?[^\]]*\]|\\([^])|[(){}|]/g, (whole, escaped?: string) => {
    if (whole[0] === '[') return whole
    return escaped === undefined ? `\\${whole}` : /[()|]/.test(escaped) ? escaped : whole
  })
}
