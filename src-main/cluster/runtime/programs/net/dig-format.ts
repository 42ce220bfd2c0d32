/** How dig writes what it asks and what it is told. */
import type { DnsAnswer, DnsType } from '../../../network/network.js'

/** What is asked. */
export interface Asked {
  name: string
  type: DnsType
}

/** Puts texts where BIND's columns are: with tabs up to a column, with one space past it. */
function columns(parts: readonly (readonly [text: string, column: number])[]): string {
  let line = ''
  let at = 0
  for (const [text, column] of parts) {
    if (line !== '') {
      const to = Math.max(column, at + 1)
      const tabs = Math.floor(to / 8) - Math.floor(at / 8)
      const from = tabs > 0 ? to - (to % 8) : at
      line += '\t'.repeat(tabs) + ' '.repeat(to - from)
      at = to
    }
    line += text
    at += text.length
  }
  return line
}

/** How records are written, and what is asked along with the question. */
export interface Style {
  ttl: boolean
  /** `1h30m` in the place of seconds. */
  units: boolean
  class: boolean
  multiline: boolean
  /** Who answered, beside short answers. */
  identify: boolean
  edns: boolean
  cookie: boolean
  dnssec: boolean
  /** Prints what is asked. */
  query: boolean
  /** Attempts, and cluster ms for each. */
  tries: number
  time: number
  /** In the place of the search list. */
  domain: string | undefined
}

export const PLAIN: Style = {
  ttl: true, units: false, class: true, multiline: false, identify: false, edns: true, cookie: true, dnssec: false, query: false, tries: 3,
  time: 5000, domain: undefined,
} // prettier-ignore

const FLAGS: Readonly<Record<string, keyof Style>> = {
  ttlid: 'ttl', ttl: 'ttl', ttlunits: 'units', class: 'class', cl: 'class', multiline: 'multiline', identify: 'identify', edns: 'edns',
  cookie: 'cookie', dnssec: 'dnssec', do: 'dnssec', qr: 'query',
} // prettier-ignore

/** Sets what `+name`, `+noname` or `+name=value` asks for; false when it is none of these. */
export function setStyle(style: Style, option: string): boolean {
  const off = option.startsWith('no') && option !== 'nosuch'
  const [name = '', value = ''] = (off ? option.slice(2) : option).split('=', 2)
  const flag = FLAGS[name]
  if (flag) {
    Object.assign(style, { [flag]: !off })
    return true
  }
  if (name === 'tries' || name === 'retry' || name === 'time' || name === 'timeout') {
    if (!off && !/^\d+$/.test(value)) return false
    if (name.startsWith('time')) style.time = off ? 5000 : Math.max(1, Number(value)) * 1000
    else style.tries = off ? 3 : Math.max(1, Number(value) + (name === 'retry' ? 1 : 0))
    return true
  }
  if (name !== 'domain') return false
  style.domain = off ? undefined : value
  return true
}

/** Seconds as `1w2d3h4m5s`. */
function inUnits(seconds: number): string {
  const units: readonly (readonly [string, number])[] = [['w', 604_800], ['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]] // prettier-ignore
  let left = seconds
  const parts = units.map(([unit, size]) => {
    const n = Math.floor(left / size)
    left -= n * size
    return n > 0 ? `${n}${unit}` : ''
  })
  return parts.join('') || '0s'
}

/** One record in its columns. */
export function record(a: DnsAnswer, style: Style = PLAIN): string {
  const ttl: [string, number][] = style.ttl ? [[style.units ? inUnits(a.ttl) : String(a.ttl), 24]] : []
  const klass: [string, number][] = style.class ? [['IN', style.ttl ? 32 : 24]] : []
  const at = style.ttl || style.class ? (style.ttl && style.class ? 40 : 32) : 24
  const data = style.multiline && a.type === 'SOA' ? tallSoa(a.data) : a.data
  return `${columns([[a.name, 0], ...ttl, ...klass, [a.type, at], [data, at + 8]])}\n`
}

/** An SOA over several lines, with what its numbers are. */
function tallSoa(data: string): string {
  const [origin, mail, ...numbers] = data.split(' ')
  const names = ['serial', 'refresh', 'retry', 'expire', 'minimum']
  const lines = numbers.map((n, i) => {
    const told = i === 0 ? '' : ` (${inWords(Number(n))})`
    return `\t\t\t\t${n.padEnd(10)} ; ${names[i]}${told}\n`
  })
  return `${origin} ${mail} (\n${lines.join('')}\t\t\t\t)`
}

/** Seconds as `1 hour 30 minutes`. */
function inWords(seconds: number): string {
  const units: readonly (readonly [string, number])[] = [['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]] // prettier-ignore
  let left = seconds
  const parts = units.flatMap(([unit, size]) => {
    const n = Math.floor(left / size)
    left -= n * size
    return n > 0 ? [`${n} ${unit}${n === 1 ? '' : 's'}`] : []
  })
  return parts.join(' ') || '0 seconds'
}

/** The question as its section has it. */
export const question = ({ name, type }: Asked, style: Style = PLAIN): string =>
  `;${columns([[name, 0], ...(style.class ? [['IN', 32] as const] : []), [type, style.class ? 40 : 32]])}\n`

/** Bytes of a name on the wire, uncompressed. */
const wireName = (name: string): number => (name === '.' ? 1 : name.length + 1)

function wireData({ type, data }: DnsAnswer): number {
  const words = data.split(' ')
  switch (type) {
    case 'A':
      return 4
    case 'AAAA':
      return 16
    case 'SRV':
      return 6 + wireName(words[3] ?? '')
    case 'SOA':
      return wireName(words[0]!) + wireName(words[1]!) + 20
    case 'TXT':
      return data.length - 1
    default:
      return wireName(data)
  }
}

/** Header, question, records, and the OPT record with dig's cookie, as CoreDNS sends them: nothing is compressed. */
export function messageSize(query: Asked, records: readonly DnsAnswer[], style: Style = PLAIN): number {
  const extra = style.edns ? (style.cookie ? 23 : 11) : 0
  return records.reduce((sum, r) => sum + wireName(r.name) + 10 + wireData(r), 12 + wireName(query.name) + 4 + extra)
}
