/** Perl's regular expressions, as grep -P takes them, in JavaScript's words. */

import { CLASSES } from './regex.js'

const PERL_CLASSES: Readonly<Record<string, string>> = { ...CLASSES, word: '\\w' }

/** What JavaScript has not: bracket expressions with classes, texts taken as they are, and letters of its own. */
const TOKEN = /\\Q([^]*?)(?:\\E|$)|\\x\{([\dA-Fa-f]+)\}|\\([^])|\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]|\(\?P<|\(\?P=(\w+)\)|([*+?}])\+/g

const LETTERS: Readonly<Record<string, string>> = {
  h: '[ \\t]',
  H: '[^ \\t]',
  R: '(?:\\r\\n|\\n|\\r)',
  N: '[^\\n]',
  A: '^',
  z: '$',
  Z: '$',
  e: '\\x1b',
  a: '\\x07',
  E: '',
  G: '',
}

/**
 * The source of a RegExp that finds what Perl's pattern finds, and the flags that it asks for at its beginning (`(?i)`). What stands before
 * `\K` is looked for behind what is found.
 */
export function perlPattern(pattern: string): { source: string; flags: string } {
  let flags = ''
  const body = pattern.replace(/^\(\?([ims]+)\)/, (_, given: string) => {
    flags = given
    return ''
  })
  const source = body.replace(TOKEN, (whole: string, quoted?: string, hex?: string, letter?: string, name?: string, repeated?: string) => {
    if (quoted !== undefined) return quoted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    if (hex !== undefined) return `\\u${hex.padStart(4, '0').slice(-4)}`
    if (letter !== undefined) return LETTERS[letter] ?? whole
    if (name !== undefined) return `\\k<${name}>`
    if (repeated !== undefined) return repeated
    return whole === '(?P<' ? '(?<' : bracket(whole)
  })
  const kept = source.lastIndexOf('\\K')
  return { source: kept < 0 ? source : `(?<=${source.slice(0, kept)})${source.slice(kept + 2)}`, flags }
}

function bracket(text: string): string {
  const negated = text.startsWith('[^')
  const inner = text.slice(negated ? 2 : 1, -1)
  const plain = inner.replace(/^\]/, '\\]').replace(/\[:(\w+):\]|\\h|(\[)/g, (whole, name?: string, open?: string) => {
    if (open !== undefined) return '\\['
    return name === undefined ? ' \\t' : (PERL_CLASSES[name] ?? whole)
  })
  return `[${negated ? '^' : ''}${plain}]`
}
