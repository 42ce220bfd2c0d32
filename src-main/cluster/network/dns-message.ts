/**
 * DNS on the wire (RFC 1035, with RFC 6891 for larger datagrams): reads a question and writes the answer that the
 * cluster's names give, as CoreDNS does. Names are written out in full.
 */
import { DnsError, type DnsAnswer, type DnsType } from './network.js'
import type { Resolver } from './resolver.js'

const TYPES: Readonly<Record<string, number>> = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 }
const OPT = 41
const IN = 1
/** Bytes of an answer by UDP for a client that does not say that it takes more. */
const PLAIN_LIMIT = 512
const ROOM = 1232

/** Response codes. */
const FORMERR = 1
const SERVFAIL = 2
const NXDOMAIN = 3
const NOTIMP = 4
const REFUSED = 5

const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']
const FLAGS: ReadonlyMap<number, string> = new Map([
  [0x8000, 'qr'],
  [0x400, 'aa'],
  [0x200, 'tc'],
  [0x100, 'rd'],
  [0x80, 'ra'],
])

interface Question {
  name: string
  type: number
  class: number
  /** The bytes of the question section. */
  section: Buffer
  /** Bytes that the client takes by UDP, when it has said so. */
  room: number | undefined
}

/** The name at a place of a message, and where it ends. undefined for one that is cut off or points in circles. */
function readName(message: Buffer, from: number): { name: string; end: number } | undefined {
  const labels: string[] = []
  let at = from
  let end: number | undefined
  for (let jumps = 0; jumps < 16;) {
    const length = message[at]
    if (length === undefined) return undefined
    if (length === 0) return { name: `${labels.join('.')}.`, end: end ?? at + 1 }
    if (length >= 0xc0) {
      if (message[at + 1] === undefined) return undefined
      end ??= at + 2
      at = ((length & 0x3f) << 8) | message[at + 1]!
      jumps++
      continue
    }
    if (length > 63 || at + 1 + length > message.length) return undefined
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
    if (labels.length > 127) return undefined
  }
  return undefined
}

function readQuestion(message: Buffer): Question | undefined {
  if (message.readUInt16BE(4) !== 1) return undefined
  const found = readName(message, 12)
  if (!found || found.end + 4 > message.length) return undefined
  const { name, end } = found
  let room: number | undefined
  // The OPT record of EDNS has the root's name, and the size in the place of a class.
  const extra = end + 4
  if (message.readUInt16BE(10) > 0 && message[extra] === 0 && extra + 11 <= message.length && message.readUInt16BE(extra + 1) === OPT)
    room = Math.max(PLAIN_LIMIT, message.readUInt16BE(extra + 3))
  return { name, type: message.readUInt16BE(end), class: message.readUInt16BE(end + 2), section: message.subarray(12, end + 4), room }
}

function writeName(name: string): Buffer {
  const labels = name.replace(/\.$/, '').split('.').filter(Boolean)
  const parts = labels.map((label) => {
    const bytes = Buffer.from(label, 'latin1').subarray(0, 63)
    return Buffer.concat([Buffer.of(bytes.length), bytes])
  })
  return Buffer.concat([...parts, Buffer.of(0)])
}

function numbers(size: 2 | 4, ...values: number[]): Buffer {
  const out = Buffer.alloc(size * values.length)
  values.forEach((v, i) => (size === 2 ? out.writeUInt16BE(v & 0xffff, i * 2) : out.writeUInt32BE(v >>> 0, i * 4)))
  return out
}

function writeData({ type, data }: DnsAnswer): Buffer {
  const words = data.split(' ')
  switch (type) {
    case 'A':
      return Buffer.from(data.split('.').map(Number))
    case 'AAAA': {
      const [head = [], tail] = data.split('::').map((half) => (half === '' ? [] : half.split(':')))
      const zeros = tail ? Array.from({ length: 8 - head.length - tail.length }, () => '0') : []
      return numbers(2, ...[...head, ...zeros, ...(tail ?? [])].map((group) => parseInt(group, 16)))
    }
    case 'SRV':
      return Buffer.concat([numbers(2, ...words.slice(0, 3).map(Number)), writeName(words[3] ?? '')])
    case 'SOA':
      return Buffer.concat([writeName(words[0]!), writeName(words[1]!), numbers(4, ...words.slice(2).map(Number))])
    case 'TXT': {
      const text = Buffer.from(data.replace(/^"|"$/g, '')).subarray(0, 255)
      return Buffer.concat([Buffer.of(text.length), text])
    }
    default:
      return writeName(data)
  }
}

function writeRecord(record: DnsAnswer): Buffer {
  const data = writeData(record)
  return Buffer.concat([writeName(record.name), numbers(2, TYPES[record.type]!, IN), numbers(4, record.ttl), numbers(2, data.length), data])
}

/** A message that asks for one name. @param id 16 bits */
export function questionMessage(name: string, type: DnsType, id: number): Buffer {
  return Buffer.concat([numbers(2, id, 0x100, 1, 0, 0, 0), writeName(name), numbers(2, TYPES[type]!, IN)])
}

/** What a log tells of a question and its answer: `A IN web.default.svc.cluster.local.`, `NOERROR`, `qr,aa,rd`. */
export function describeMessages(
  question: Uint8Array,
  answer: Buffer,
): { asked: string; type: string; room: number; code: string; flags: string } | undefined {
  const found = readQuestion(Buffer.from(question))
  if (!found) return undefined
  const type = Object.keys(TYPES).find((t) => TYPES[t] === found.type) ?? `TYPE${found.type}`
  const bits = answer.readUInt16BE(2)
  const flags = [...FLAGS].flatMap(([bit, flag]) => (bits & bit ? [flag] : [])).join(',')
  return { asked: found.name, type, room: found.room ?? PLAIN_LIMIT, code: CODES[bits & 15] ?? String(bits & 15), flags }
}

/** The SOA of the zone that a name is in, for an answer that there is nothing; none for a name of no zone. */
async function authority(names: Resolver, name: string): Promise<DnsAnswer[]> {
  const zone = /(?:^|\.)([^.]+\.[^.]+\.)$/.exec(name)?.[1]
  if (zone === undefined) return []
  try {
    return (await names.query(zone, 'SOA')).filter((a) => a.type === 'SOA')
  } catch (error) {
    if (error instanceof DnsError) return []
    throw error
  }
}

/** The names that SRV records lead to, each once: an answer brings their addresses along. */
export function targetsOf(answers: readonly DnsAnswer[]): string[] {
  return [...new Set(answers.flatMap((a) => (a.type === 'SRV' ? [a.data.split(' ')[3]!] : [])))]
}

interface Found {
  code: number
  answers: DnsAnswer[]
  authorities: DnsAnswer[]
  additional: DnsAnswer[]
}

/** What the cluster's names have for a question. */
async function lookUp(names: Resolver, question: Question): Promise<Found> {
  const none = { answers: [], authorities: [], additional: [] }
  if (question.class !== IN) return { ...none, code: REFUSED }
  const name = question.name.toLowerCase()
  const type = Object.keys(TYPES).find((t) => TYPES[t] === question.type) as DnsType | undefined
  try {
    // A type that is not known is asked as one that no name has.
    const answers = type ? await names.query(name, type) : (await names.query(name, 'AAAA')).filter(() => false)
    const additional = (await Promise.all(targetsOf(answers).map((target) => names.query(target, 'A')))).flat()
    return { code: 0, answers, authorities: answers.length > 0 ? [] : await authority(names, name), additional }
  } catch (error) {
    if (!(error instanceof DnsError)) throw error
    return error.code === 'NXDOMAIN' ? { ...none, code: NXDOMAIN, authorities: await authority(names, name) } : { ...none, code: SERVFAIL }
  }
}

/**
 * The answer to a message; undefined for what is no question at all.
 * @param stream whether it came by TCP: then nothing is cut off
 */
export async function answerMessage(names: Resolver, data: Uint8Array, stream: boolean): Promise<Buffer | undefined> {
  const message = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  // An answer is not answered.
  if (message.length < 12 || message[2]! & 0x80) return undefined
  const opcode = (message[2]! >> 3) & 15
  const recursion = message[2]! & 1
  const question = opcode === 0 ? readQuestion(message) : undefined
  if (!question) return header(message, { code: opcode === 0 ? FORMERR : NOTIMP, recursion, counts: [0, 0, 0, 0] })
  const { code, answers, authorities, additional } = await lookUp(names, question)
  const ours = authorities.length > 0 || answers.length > 0
  const option = question.room === undefined ? [] : [Buffer.concat([Buffer.of(0), numbers(2, OPT, ROOM), numbers(4, 0), numbers(2, 0)])]
  const whole = (found: Omit<Found, 'code'>, truncated: boolean): Buffer => {
    const counts: Header['counts'] = [1, found.answers.length, found.authorities.length, found.additional.length + option.length]
    const records = [...found.answers, ...found.authorities, ...found.additional].map(writeRecord)
    const head = header(message, { code, recursion, authoritative: ours, truncated, counts })
    return Buffer.concat([head, question.section, ...records, ...option])
  }
  const fits = (answer: Buffer): boolean => stream || answer.length <= (question.room ?? PLAIN_LIMIT)
  // What comes along is left out first, and nobody is told.
  for (const along of [additional, []]) {
    const answer = whole({ answers, authorities, additional: along }, false)
    if (fits(answer)) return answer
  }
  return whole({ answers: [], authorities: [], additional: [] }, true)
}

interface Header {
  code: number
  recursion: number
  authoritative?: boolean
  truncated?: boolean
  counts: [number, number, number, number]
}

function header(asked: Buffer, h: Header): Buffer {
  const flags =
    0x8000 |
    (asked[2]! & 0x78 ? (asked[2]! & 0x78) << 8 : 0) |
    (h.authoritative ? 0x400 : 0) |
    (h.truncated ? 0x200 : 0) |
    (h.recursion << 8) |
    h.code
  return Buffer.concat([asked.subarray(0, 2), numbers(2, flags, ...h.counts)])
}

/** What stands in front of an answer's data; the data itself as tcpdump shows it. undefined when it is cut off. */
function readRecord(message: Buffer, from: number): { type: number; end: number; data: string; name: string } | undefined {
  const name = readName(message, from)
  if (!name || name.end + 10 > message.length) return undefined
  const type = message.readUInt16BE(name.end)
  const at = name.end + 10
  const end = at + message.readUInt16BE(name.end + 8)
  if (end > message.length) return undefined
  const target = (offset: number): string => readName(message, at + offset)?.name ?? '.'
  const word = Object.keys(TYPES).find((t) => TYPES[t] === type) ?? `Type${type}`
  const data = ((): string => {
    switch (word) {
      case 'A':
        return [...message.subarray(at, end)].join('.')
      case 'SRV':
        return `${target(6)}:${message.readUInt16BE(at + 4)} ${message.readUInt16BE(at)} ${message.readUInt16BE(at + 2)}`
      case 'CNAME':
      case 'PTR':
      case 'NS':
        return target(0)
      case 'AAAA':
        return message.toString('hex', at, end).replace(/(.{4})(?=.)/g, '$1:')
      default:
        return ''
    }
  })()
  return { type, end, data: `${word}${data === '' ? '' : ` ${data}`}`, name: name.name }
}

/** A message as tcpdump tells it: `4660+ A? web.default.svc.cluster.local.`, `4660*- 1/0/0 A 10.96.0.50`. undefined for what is none. */
export function describeDns(message: Buffer): string | undefined {
  if (message.length < 12) return undefined
  const [id, bits] = [message.readUInt16BE(0), message.readUInt16BE(2)]
  const counts = [4, 6, 8, 10].map((at) => message.readUInt16BE(at))
  const question = readName(message, 12)
  if (!question) return undefined
  const type = message.readUInt16BE(question.end)
  const word = Object.keys(TYPES).find((t) => TYPES[t] === type) ?? `Type${type}`
  if (!(bits & 0x8000)) return `${id}${bits & 0x100 ? '+' : ''}${counts[3]! > 0 ? ` [${counts[3]}au]` : ''} ${word}? ${question.name}`
  const code = ['', ' FormErr', ' ServFail', ' NXDomain', ' NotImp', ' Refused'][bits & 15] ?? ` Resp${bits & 15}`
  const flags = `${bits & 0x400 ? '*' : ''}${bits & 0x80 ? '' : '-'}${bits & 0x200 ? '|' : ''}`
  const records: string[] = []
  let at = question.end + 4
  for (let i = 0; i < counts[1]!; i++) {
    const found = readRecord(message, at)
    if (!found) break
    records.push(found.data)
    at = found.end
  }
  return `${id}${code}${flags} ${counts[1]}/${counts[2]}/${counts[3]}${records.length > 0 ? ` ${records.join(', ')}` : ''}`
}
