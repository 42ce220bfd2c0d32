/** How sort compares two texts: the orders of its options, by themselves or of a key. */
import type { Random } from '../../random.js'
import { compareVersions } from './version-order.js'

type Compare = (a: string, b: string) => number

const SUFFIX: Record<string, number> = { K: 1, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6, Z: 7, Y: 8 }
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

const byValue = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

const leadingNumber = (s: string): number => Number(/^[ \t\n]*-?\d*\.?\d*/.exec(s)![0]) || 0

/** What -g reads: text that is no number comes first, then what is not a number. */
function generalNumber(s: string): [kind: number, value: number] {
  const m = /^\s*[-+]?(?:(\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?|0x[\da-f]+|nan)/i.exec(s)
  if (!m) return [0, 0]
  if (/nan/i.test(m[0])) return [1, 0]
  return [2, /inf/i.test(m[0]) ? (m[0].includes('-') ? -Infinity : Infinity) : Number(m[0])]
}

/** The magnitude that a suffix stands for, below 0 for negative numbers, and the number before it. */
function humanNumber(s: string): [magnitude: number, number: number] {
  const m = /^[ \t\n]*(-?)(\d*\.?\d*)([KkMGTPEZY])?/.exec(s)!
  const n = Number(m[2]) || 0
  const sign = m[1] ? -1 : 1
  return [n === 0 ? 0 : sign * (m[3] ? SUFFIX[m[3]]! : 0), sign * n]
}

/** The letters of orders that exclude each other. */
export const KINDS = 'ghMnRV'

/**
 * The order of some letters of options: one of {@link KINDS} or none, with `d`, `f` and `i`.
 *
 * @param random what -R places texts by; those that are alike stay together
 */
export function orderOf(flags: string, random: Random): Compare {
  if (flags.includes('n')) return (a, b) => leadingNumber(a) - leadingNumber(b)
  if (flags.includes('g'))
    return (a, b) => {
      const [x, y] = [generalNumber(a), generalNumber(b)]
      return x[0] - y[0] || byValue(x[1], y[1])
    }
  if (flags.includes('h'))
    return (a, b) => {
      const [x, y] = [humanNumber(a), humanNumber(b)]
      return x[0] - y[0] || x[1] - y[1]
    }
  if (flags.includes('M')) {
    const month = (s: string): number => MONTHS.indexOf(s.trimStart().slice(0, 3).toUpperCase())
    return (a, b) => month(a) - month(b)
  }
  const shown = (text: string): string => {
    let s = flags.includes('d') ? text.replace(/[^A-Za-z0-9 \t]/g, '') : flags.includes('i') ? text.replace(/[^ -~]/g, '') : text
    if (flags.includes('f')) s = s.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
    return s
  }
  const compare = flags.includes('V') ? compareVersions : flags.includes('R') ? randomOrder(random) : byValue<string>
  return /[dif]/.test(flags) ? (a, b) => compare(shown(a), shown(b)) : compare
}

function randomOrder(random: Random): Compare {
  const places = new Map<string, number>()
  const place = (text: string): number => {
    let n = places.get(text)
    if (n === undefined) places.set(text, (n = random.next()))
    return n
  }
  return (a, b) => place(a) - place(b) || byValue(a, b)
}
