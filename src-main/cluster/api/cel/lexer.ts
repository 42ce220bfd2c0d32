/** Cuts the text of a CEL expression into tokens. */
import { SyntaxFault } from './syntax.js'

export type Token =
  | { type: 'ident' | 'op' | 'end'; text: string; at: number }
  | { type: 'literal'; text: string; at: number; value: bigint | number | string | Uint8Array | { uint: bigint } }

const SPACE = /(?:[\t\n\f\r ]+|\/\/[^\n]*)+/y
const NUMBER = /0[xX][0-9a-fA-F]+[uU]?|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|\d+[uU]?/y
const STRING = /[bB]?(?:"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\.|[^"\\\n\r])*"|'(?:\\.|[^'\\\n\r])*')/y
const RAW_STRING = /[bB]?[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/y
const IDENT = /[A-Za-z_][A-Za-z0-9_]*/y
const OPERATOR = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y

/** All tokens and an end. Throws {@link SyntaxFault} at what is none. */
export function tokens(source: string): Token[] {
  const found: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(source)?.[0]
  }
  while (at < source.length) {
    const space = take(SPACE)
    if (space) {
      at += space.length
      continue
    }
    const token = next(take, at)
    if (!token) {
      const text = source[at] === '"' || source[at] === "'" ? source.slice(at) : source[at]!
      throw new SyntaxFault({ at, message: `Syntax error: token recognition error at: '${text}'` })
    }
    found.push(token)
    at += token.text.length
  }
  found.push({ type: 'end', text: '<EOF>', at: source.length })
  return found
}

function next(take: (pattern: RegExp) => string | undefined, at: number): Token | undefined {
  const string = take(RAW_STRING) ?? take(STRING)
  if (string !== undefined) return { type: 'literal', text: string, at, value: stringValue(string, at) }
  const number = take(NUMBER)
  if (number !== undefined) return { type: 'literal', text: number, at, value: numberValue(number, at) }
  const ident = take(IDENT)
  if (ident !== undefined) return { type: 'ident', text: ident, at }
  const op = take(OPERATOR)
  return op === undefined ? undefined : { type: 'op', text: op, at }
}

function numberValue(text: string, at: number): bigint | number | { uint: bigint } {
  if (/[uU]$/.test(text)) {
    const uint = BigInt(text.slice(0, -1))
    if (uint >= 2n ** 64n) throw new SyntaxFault({ at, message: 'invalid uint literal' })
    return { uint }
  }
  if (/^0[xX]/.test(text) || /^\d+$/.test(text)) {
    const int = BigInt(text)
    // One more for the least number, whose sign is a token of its own.
    if (int > 2n ** 63n) throw new SyntaxFault({ at, message: 'invalid int literal' })
    return int
  }
  return Number(text)
}

function stringValue(text: string, at: number): string | Uint8Array {
  const prefix = /^[a-zA-Z]*/.exec(text)![0].toLowerCase()
  const quoted = text.slice(prefix.length)
  const quotes = quoted.startsWith('"""') || quoted.startsWith("'''") ? 3 : 1
  const body = quoted.slice(quotes, -quotes)
  const bytes = prefix.includes('b')
  if (prefix.includes('r')) return bytes ? Buffer.from(body) : body
  return bytes ? unescapedBytes(body, at) : unescaped(body, at)
}

const ESCAPE = /\\(?:([abfnrtv\\'"`?])|x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|[^])/g
const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function codeOf(groups: readonly (string | undefined)[], at: number): { simple: string } | { code: number } {
  const [simple, x, upperX, u, upperU, octal] = groups
  if (simple !== undefined) return { simple: SIMPLE[simple] ?? simple }
  const hex = x ?? upperX ?? u ?? upperU
  const code = hex !== undefined ? parseInt(hex, 16) : octal !== undefined ? parseInt(octal, 8) : -1
  if (code < 0 || code > 0x10ffff) throw new SyntaxFault({ at, message: 'Syntax error: invalid escape sequence' })
  return { code }
}

function unescaped(body: string, at: number): string {
  return body.replace(ESCAPE, (_, ...groups: (string | undefined)[]) => {
    const found = codeOf(groups.slice(0, 6), at)
    return 'simple' in found ? found.simple : String.fromCodePoint(found.code)
  })
}

/** In bytes a numeric escape is an octet, not a character. */
function unescapedBytes(body: string, at: number): Uint8Array {
  const parts: Uint8Array[] = []
  let end = 0
  for (const match of body.matchAll(ESCAPE)) {
    parts.push(Buffer.from(body.slice(end, match.index)))
    const found = codeOf(match.slice(1, 7), at)
    parts.push(
      'simple' in found
        ? Buffer.from(found.simple)
        : found.code < 256
          ? Uint8Array.of(found.code)
          : Buffer.from(String.fromCodePoint(found.code)),
    )
    end = match.index + match[0].length
  }
  parts.push(Buffer.from(body.slice(end)))
  return Buffer.concat(parts)
}
