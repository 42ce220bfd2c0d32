/** The escapes of `echo` and printf(1). */
import { textOfBytes } from '../stray-bytes.js'

/** The characters that a locale can write: all, or those of ASCII, as in POSIX' own locale, which a container has unless it says otherwise. */
export type Characters = 'utf-8' | 'ascii'

export interface EscapeOptions {
  /** Whether there is `\xHH`; not in dash. */
  hexadecimal?: boolean
  /** Whether octals of `echo` need their leading zero, as in bash. */
  leadingZero?: boolean
  /** Which characters `\uHHHH` and `\UHHHHHHHH` can become; without it there are no such escapes. */
  characters?: Characters
}

/** The characters of the locale that an environment names. */
export function charactersOf(variable: (name: string) => string | undefined): Characters {
  return /utf-?8/i.test(variable('LC_ALL') || variable('LC_CTYPE') || variable('LANG') || '') ? 'utf-8' : 'ascii'
}

/** What `echo` writes for its arguments: the options among `-n`, `-e` and `-E` that stand first, then text. */
export function echoed(args: readonly string[], at: EscapeOptions): string {
  let newline = true
  let escapes = false
  let first = 0
  for (; /^-[neE]+$/.test(args[first] ?? ''); first++)
    for (const option of args[first]!.slice(1)) {
      if (option === 'n') newline = false
      else escapes = option === 'e'
    }
  return echoedText(args.slice(first), newline, escapes, at)
}

/** The same of dash: escapes are always interpreted, and there is but `-n`. */
export function echoedByDash(args: readonly string[]): string {
  const newline = args[0] !== '-n'
  return echoedText(newline ? args : args.slice(1), newline, true, { hexadecimal: false })
}

function echoedText(words: readonly string[], newline: boolean, escapes: boolean, at: EscapeOptions): string {
  const { text, stop } = escapes ? unescape(words.join(' '), 'echo', at) : { text: words.join(' '), stop: false }
  return newline && !stop ? `${text}\n` : text
}

const SIMPLE: Record<string, string> = { a: '\x07', b: '\b', e: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' }

/**
 * Replaces backslash escapes. `echo` style has octals as `\0nnn` and `\c` (stop everything); `printf` style (the format
 * itself) has `\nnn` and no `\c`. Bytes given by number may together be a character of UTF-8.
 */
export function unescape(text: string, style: 'echo' | 'printf', at: EscapeOptions = {}): { text: string; stop: boolean } {
  if (!text.includes('\\')) return { text, stop: false }
  const bytes: (string | number)[] = []
  let stop = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c !== '\\' || i + 1 >= text.length) {
      bytes.push(c)
      continue
    }
    const rest = text.slice(i + 1)
    const octal = (style === 'echo' && /^0([0-7]{0,3})/.exec(rest)) || (!at.leadingZero && /^([0-7]{1,3})/.exec(rest))
    const hex = at.hexadecimal !== false && /^x([0-9A-Fa-f]{1,2})/.exec(rest)
    const character = at.characters && /^(?:u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8}))/.exec(rest)
    const n = rest[0]!
    if (octal) {
      bytes.push(parseInt(octal[1] || '0', 8) & 255)
      i += octal[0].length
    } else if (hex) {
      bytes.push(parseInt(hex[1]!, 16))
      i += hex[0].length
    } else if (character) {
      bytes.push(characterOf(parseInt(character[1] ?? character[2]!, 16), at.characters!))
      i += character[0].length
    } else if (n === 'c' && style === 'echo') {
      stop = true
      break
    } else if (Object.hasOwn(SIMPLE, n)) {
      bytes.push(SIMPLE[n]!)
      i++
    } else if (style === 'printf' && (n === '"' || n === "'")) {
      bytes.push(n)
      i++
    } else bytes.push(c)
  }
  return { text: joinBytes(bytes), stop }
}

/** Bytes given by number may together be a UTF-8 sequence. */
function joinBytes(parts: (string | number)[]): string {
  let out = ''
  let run: number[] = []
  for (const p of parts) {
    if (typeof p === 'number') run.push(p)
    else {
      if (run.length > 0) out += textOfBytes(run)
      run = []
      out += p
    }
  }
  return run.length > 0 ? out + textOfBytes(run) : out
}

function characterOf(code: number, characters: Characters): string {
  if (code < 0x80 || (characters === 'utf-8' && code <= 0x10ffff)) return String.fromCodePoint(code)
  const digits = code.toString(16).toUpperCase()
  return code > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`
}
