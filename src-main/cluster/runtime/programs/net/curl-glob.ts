/** The sets and ranges in curl's URLs: `{a,b}`, `[1-9]`, `[01-10]`, `[a-z:2]`. https://curl.se/docs/manpage.html */
import { CurlError } from './curl-request.js'

/** One URL that a pattern stands for, and what each of its places was: `#1` in the name of -o. */
export interface Globbed {
  readonly url: string
  readonly places: readonly string[]
}

/** All URLs that a pattern stands for, in curl's order: the last place changes first. Throws CurlError 3. */
export function glob(pattern: string): Globbed[] {
  let all: Globbed[] = [{ url: '', places: [] }]
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at)
    const [found, values] = setAt(rest) ?? rangeAt(rest) ?? [undefined, undefined]
    if (found !== undefined) {
      all = all.flatMap(({ url, places }) => values.map((value) => ({ url: url + value, places: [...places, value] })))
      at += found.length
      continue
    }
    if (rest.startsWith('{')) throw wrong('unmatched brace', pattern, at)
    if (/^[}\]]/.test(rest)) throw wrong('unmatched close brace/bracket', pattern, at)
    // Told behind what was read as a range.
    if (/^\[(?!\]|[0-9a-f:.%]*:[0-9a-f:.%]*\])/i.test(rest))
      throw wrong('bad range', pattern, at + (/^\[(?:\d+|[A-Za-z])-(?:\d+\]?|[A-Za-z]\]?)?/.exec(rest)?.[0].length ?? 0))
    // An address of IPv6 in its brackets is no range.
    const plain = /^(?:\[[^\]]*\]|\\[{}[\]]|[^{[}\]])/.exec(rest)![0]
    all = all.map(({ url, places }) => ({ url: url + plain.replace(/^\\(?=[{}[\]])/, ''), places }))
    at += plain.length
  }
  return all
}

function wrong(what: string, pattern: string, at: number): CurlError {
  const column = at + 1
  return new CurlError(3, `${what} in URL position ${column}:\n${pattern}\n${' '.repeat(at)}^`)
}

function setAt(text: string): [string, string[]] | undefined {
  const found = /^\{([^{}]*)\}/.exec(text)
  return found ? [found[0], found[1]!.split(',')] : undefined
}

/** The most URLs that a range may stand for. */
const MOST = 100_000

function rangeAt(text: string): [string, string[]] | undefined {
  const [whole, first = '', last = '', stride = '1'] = /^\[(\d+|[A-Za-z])-(\d+|[A-Za-z])(?::(\d+))?\]/.exec(text) ?? []
  if (whole === undefined) return undefined
  const numbers = /^\d/.test(first)
  if (numbers !== /^\d/.test(last)) return undefined
  const [from, to] = numbers ? [Number(first), Number(last)] : [first.charCodeAt(0), last.charCodeAt(0)]
  const step = Number(stride)
  if (to < from || step < 1 || (to - from) / step > MOST) return undefined
  const width = /^0\d/.test(first) ? first.length : 0
  const values = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step)
  return [whole, values.map((n) => (numbers ? String(n).padStart(width, '0') : String.fromCharCode(n)))]
}
