/** printf(1): shared by the builtin and the programs. */
import { formatTime } from '../programs/strftime.js'
import { unescape, type Characters } from './escapes.js'

export interface PrintfComplaint {
  kind: 'number' | 'format'
  text: string
  /** Only the beginning of the text is a number. */
  partial?: boolean
}

const DIRECTIVE = /%([-+ #0']*)(\*|\d+)?(?:\.(\*|\d*))?(?:hh|h|ll|l|L|j|z|t)?(.)/y

/** A text so that a shell would read it as it is: `%q`. */
export function reusable(text: string): string {
  if (text === '') return "''"
  if (/\p{Cc}/u.test(text)) {
    const named: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\x07': '\\a', '\x1b': '\\E' }
    const escaped = text.replace(/[\p{Cc}'\\]/gu, (c) =>
      c === "'" || c === '\\' ? `\\${c}` : (named[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`),
    )
    return `$'${escaped}'`
  }
  return text.replace(/[^A-Za-z0-9_@%+=:./\-#~\x80-\uffff]|^[~#]|(?<=[=:])~/g, '\\$&')
}

/** A value so that bash reads it again: in double quotes, or as `$'…'` when it holds control characters. */
export function quotedValue(value: string): string {
  return /\p{Cc}/u.test(value) ? reusable(value) : `"${value.replace(/["$`\\]/g, '\\$&')}"`
}

/** Formats as printf(1): the format is used again while arguments are left. */
export function formatPrintf(
  format: string,
  args: readonly string[],
  at: { now: number; hexadecimal?: boolean; quoting?: boolean; characters?: Characters },
): { text: string; complaints: PrintfComplaint[] } {
  const complaints: PrintfComplaint[] = []
  let next = 0
  let out = ''
  const argument = (): string | undefined => args[next++]

  const number = (text: string | undefined): bigint => {
    if (text === undefined || text === '') return 0n
    if (text[0] === "'" || text[0] === '"') return BigInt(text.codePointAt(1) ?? 0)
    const m = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|\d+)/.exec(text)
    if (!m) {
      complaints.push({ kind: 'number', text })
      return 0n
    }
    if (m[0].length < text.length) complaints.push({ kind: 'number', text, partial: true })
    const digits = /^0\d/.test(m[2]!) ? `0o${m[2]!.slice(1).replace(/[89].*/, '')}` : m[2]!
    const n = BigInt(digits)
    return m[1] === '-' ? -n : n
  }
  const float = (text: string | undefined): number => {
    if (text === undefined || text === '') return 0
    const n = Number.parseFloat(text)
    if (Number.isNaN(n)) {
      complaints.push({ kind: 'number', text })
      return 0
    }
    if (!/^\s*[-+]?[\d.]+([eE][-+]?\d+)?$/.test(text)) complaints.push({ kind: 'number', text, partial: true })
    return n
  }

  do {
    const before = next
    for (let i = 0; i < format.length;) {
      const c = format[i]!
      if (c === '\\') {
        const m = /\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|.)?(?:\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}))*/sy
        m.lastIndex = i
        const text = m.exec(format)![0]
        if (text === '\\c') return { text: out, complaints }
        out += unescape(text, 'printf', at).text
        i += text.length
        continue
      }
      if (c !== '%') {
        out += c
        i++
        continue
      }
      if (format[i + 1] === '%') {
        out += '%'
        i += 2
        continue
      }
      DIRECTIVE.lastIndex = i
      const m = DIRECTIVE.exec(format)
      if (!m) {
        complaints.push({ kind: 'format', text: format.slice(i) })
        return { text: out, complaints }
      }
      i += m[0].length
      const flags = m[1]!
      let width = m[2] === '*' ? Number(number(argument())) : Number(m[2] ?? 0)
      let left = flags.includes('-')
      if (width < 0) {
        left = true
        width = -width
      }
      const precision = m[3] === undefined ? undefined : m[3] === '*' ? Number(number(argument())) : Number(m[3] || 0)
      width = Math.min(width, 100_000)
      const pad = (text: string, zero: boolean): string => {
        // A width counts bytes.
        const n = width - Buffer.byteLength(text)
        if (n <= 0) return text
        if (left) return text + ' '.repeat(n)
        if (!zero) return ' '.repeat(n) + text
        const sign = /^(?:[-+ ]|0[xX])/.exec(text)?.[0] ?? ''
        return sign + '0'.repeat(n) + text.slice(sign.length)
      }
      const signed = (negative: boolean): string => (negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '')
      const zero = flags.includes('0') && !left
      const kind = m[4]!
      switch (kind) {
        case 's': {
          const text = argument() ?? ''
          out += pad(precision === undefined ? text : text.slice(0, precision), false)
          break
        }
        case 'b': {
          const u = unescape((argument() ?? '').replace(/\\([1-7][0-7]{0,2})/g, '\\0$1'), 'echo', at)
          out += pad(precision === undefined ? u.text : u.text.slice(0, precision), false)
          if (u.stop) return { text: out, complaints }
          break
        }
        case 'q': {
          if (at.quoting === false) {
            complaints.push({ kind: 'format', text: m[0] })
            return { text: out, complaints }
          }
          const text = argument() ?? ''
          out += pad(reusable(text), false)
          break
        }
        case 'c':
          out += pad([...(argument() ?? '')][0] ?? '', false)
          break
        case 'd':
        case 'i': {
          const n = number(argument())
          let digits = String(n < 0n ? -n : n)
          if (precision !== undefined) digits = digits.padStart(precision, '0')
          out += pad(signed(n < 0n) + digits, zero && precision === undefined)
          break
        }
        case 'u':
        case 'o':
        case 'x':
        case 'X': {
          const n = BigInt.asUintN(64, number(argument()))
          let digits = n.toString(kind === 'o' ? 8 : kind === 'u' ? 10 : 16)
          if (kind === 'X') digits = digits.toUpperCase()
          if (precision !== undefined) digits = digits.padStart(precision, '0')
          if (flags.includes('#') && n !== 0n) digits = (kind === 'o' ? '0' : kind === 'u' ? '' : `0${kind}`) + digits
          out += pad(digits, zero && precision === undefined)
          break
        }
        case 'f':
        case 'F':
        case 'e':
        case 'E':
        case 'g':
        case 'G': {
          const n = float(argument())
          const text = formatFloat(Math.abs(n), kind, precision, flags.includes('#'))
          out += pad(signed(n < 0 || Object.is(n, -0)) + text, zero)
          break
        }
        case '(': {
          const end = format.indexOf(')T', i)
          if (end < 0) {
            complaints.push({ kind: 'format', text: '(' })
            return { text: out, complaints }
          }
          const seconds = argument()
          out += formatTime(format.slice(i, end) || '%X', seconds === undefined || seconds === '-1' ? at.now : Number(seconds) * 1000)
          i = end + 2
          break
        }
        default:
          complaints.push({ kind: 'format', text: m[0] })
          return { text: out, complaints }
      }
    }
    if (next === before) break
  } while (next < args.length)
  return { text: out, complaints }
}

/** %f, %e and %g of a number that is not negative. */
export function formatFloat(n: number, kind: string, precision: number | undefined, keepZeros = false): string {
  if (!Number.isFinite(n)) {
    const text = Number.isNaN(n) ? 'nan' : 'inf'
    return /[A-Z]/.test(kind) ? text.toUpperCase() : text
  }
  const lower = kind.toLowerCase()
  let text: string
  if (lower === 'f')
    text =
      n >= 1e21 ? BigInt(n).toString() + (precision === 0 ? '' : `.${'0'.repeat(precision ?? 6)}`) : fixed(n, Math.min(precision ?? 6, 100))
  else if (lower === 'e') text = exponent(n.toExponential(Math.min(precision ?? 6, 100)))
  else {
    const p = Math.min(precision === 0 ? 1 : (precision ?? 6), 100)
    const e = n === 0 ? 0 : Number(n.toExponential(p - 1).split('e')[1])
    text = e < -4 || e >= p ? exponent(n.toExponential(p - 1)) : fixed(n, Math.max(0, p - 1 - e))
    if (!keepZeros && text.includes('.')) text = text.replace(/\.?0+(?=e|$)/, '')
  }
  return /[A-Z]/.test(kind) ? text.toUpperCase() : text
}

/** toFixed, but halves go to the even neighbour, as in C. */
function fixed(n: number, digits: number): string {
  const text = n.toFixed(digits)
  if (digits > 60 || n >= 1e15) return text
  const exact = n.toFixed(Math.min(100, digits + 40))
  const rest = exact.slice(exact.indexOf('.') + 1 + digits)
  if (!/^50*$/.test(rest)) return text
  const down = exact.slice(0, exact.length - rest.length).replace(/\.$/, '')
  return Number(down.at(-1)) % 2 === 0 ? down : text
}

/** C writes at least two digits of exponent. */
function exponent(text: string): string {
  return text.replace(/e([-+])(\d)$/, 'e$10$2')
}
