/** IP addresses and CIDR blocks as the API reads them: leading zeros in IPv4 are accepted, as Kubernetes has always done. */
import { isIPv6 } from 'node:net'
import { field, type FieldError } from '../../errors.js'

/** The bytes of an address: 4 or 16 of them (IPv4 within IPv6 counts as IPv4), or undefined for what is none. */
export function parseIP(text: string): readonly number[] | undefined {
  const four = parseIPv4(text)
  if (four) return four
  if (!isIPv6(text) || text.includes('%')) return undefined
  const bytes = parseIPv6(text)
  const mapped = bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255
  return mapped ? bytes.slice(12) : bytes
}

function parseIPv4(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((p) => !/^\d{1,10}$/.test(p) || Number(p) > 255)) return undefined
  return parts.map(Number)
}

/** The 16-bit groups of a part of an IPv6 address. */
const groups = (part: string | undefined): number[] => (part ? part.split(':').map((g) => parseInt(g, 16)) : [])

function parseIPv6(text: string): number[] {
  let s = text
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(s)
  if (dotted) {
    const [a, b, c, d] = parseIPv4(dotted[2]!) ?? [0, 0, 0, 0]
    s = `${dotted[1]}${((a! << 8) | b!).toString(16)}:${((c! << 8) | d!).toString(16)}`
  }
  const [head, tail] = s.split('::') as [string, string | undefined]
  const first = groups(head)
  const last = groups(tail)
  const all = tail === undefined ? first : [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
  return all.flatMap((g) => [g >> 8, g & 255])
}

/** Whether a text is an IPv6 address. */
export const isIPv6Address = (text: string): boolean => parseIP(text)?.length === 16

/** A block of addresses: its base as given, and how many bits are the prefix. */
export interface Block {
  readonly address: readonly number[]
  readonly prefix: number
}

/** Reads a CIDR block, or gives undefined. */
export function parseCIDR(text: string): Block | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseIP(text.slice(0, slash))
  const prefix = text.slice(slash + 1)
  if (!address || !/^\d{1,3}$/.test(prefix) || Number(prefix) > address.length * 8) return undefined
  return { address, prefix: Number(prefix) }
}

/** Whether an address is within a block. */
export function blockContains(block: Block, address: readonly number[]): boolean {
  if (block.address.length !== address.length) return false
  for (let bit = 0; bit < block.prefix; bit += 8) {
    const mask = block.prefix - bit >= 8 ? 255 : (255 << (8 - (block.prefix - bit))) & 255
    if ((block.address[bit / 8]! & mask) !== (address[bit / 8]! & mask)) return false
  }
  return true
}

/** The one text that stands for an address: IPv4 with dots, IPv6 in lower case with its longest run of zeros left out. */
export function formatIP(address: readonly number[]): string {
  if (address.length === 4) return address.join('.')
  const words = Array.from({ length: 8 }, (_, i) => (address[2 * i]! << 8) | address[2 * i + 1]!)
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let n = 0
    while (i + n < 8 && words[i + n] === 0) n++
    if (n > length) [start, length] = [i, n]
  }
  const text = (part: number[]): string => part.map((w) => w.toString(16)).join(':')
  return start < 0 ? text(words) : `${text(words.slice(0, start))}::${text(words.slice(start + length))}`
}

/** What is wrong with a value that must be the one text of an address, nothing when it is. */
export function canonicalIP(value: string): string[] {
  const why = problemOfIP(value)
  if (why) return [why]
  const text = formatIP(parseIP(value)!)
  return text === value ? [] : [`must be in canonical form (${JSON.stringify(text)})`]
}

/** Adds an error unless the value is the one text of a CIDR block. */
export function checkCanonicalCIDR(value: string, path: string, errors: FieldError[]): void {
  if (!checkCIDR(value, path, errors)) return
  const { address, prefix } = parseCIDR(value)!
  const text = `${formatIP(address)}/${prefix}`
  if (text !== value) errors.push(field.invalid(path, value, `must be in canonical form (${JSON.stringify(text)})`))
}

/** Adds an error unless the value is the one text of an address with the length of its network's prefix. */
export function checkInterfaceAddress(value: string, path: string, errors: FieldError[]): void {
  const block = parseCIDR(value)
  if (!block) {
    errors.push(field.invalid(path, value, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'))
    return
  }
  const text = `${formatIP(block.address)}/${block.prefix}`
  if (text !== value) errors.push(field.invalid(path, value, `must be in canonical form (${JSON.stringify(text)})`))
}

const LEADING_ZERO = /(^|[.:/])0\d/

/** What is wrong with an address in its plain form, as v1.36 wants new ones; undefined when nothing is. */
function problemOfIP(value: string): string | undefined {
  const address = parseIP(value)
  if (!address) return 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
  if (value.includes(':')) return address.length === 4 ? 'must not be an IPv4-mapped IPv6 address' : undefined
  return LEADING_ZERO.test(value) ? 'must not have leading 0s' : undefined
}

/** Adds an error unless the value is an IP address in its plain form. */
export function checkIP(value: string, path: string, errors: FieldError[]): boolean {
  const why = problemOfIP(value)
  if (!why) return true
  errors.push(field.invalid(path, value, why))
  return false
}

/** Adds an error unless the value is a CIDR block with nothing set beyond its prefix. */
export function checkCIDR(value: string, path: string, errors: FieldError[]): boolean {
  const block = parseCIDR(value)
  const why = !block
    ? 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
    : value.includes(':') && block.address.length === 4
      ? 'must not have an IPv4-mapped IPv6 address'
      : !value.includes(':') && LEADING_ZERO.test(value)
        ? 'must not have leading 0s in IP or prefix length'
        : !isMasked(block) && 'must not have bits set beyond the prefix length'
  if (!why) return true
  errors.push(field.invalid(path, value, why))
  return false
}

function isMasked({ address, prefix }: Block): boolean {
  return address.every((byte, i) => {
    const bits = Math.max(0, Math.min(8, prefix - i * 8))
    return (byte & (255 >> bits)) === 0
  })
}

/** Adds an error for an address that no endpoint can have: unspecified, loopback or link-local. */
export function checkNonSpecialIP(value: string, path: string, errors: FieldError[]): void {
  const a = parseIP(value)
  if (!a) {
    errors.push(field.invalid(path, value, 'must be a valid IP address'))
    return
  }
  const six = a.length === 16
  const rest = (n: number): boolean => a.slice(0, n).every((b) => b === 0)
  if (rest(a.length)) errors.push(field.invalid(path, value, `may not be unspecified (${value})`))
  if (six ? rest(15) && a[15] === 1 : a[0] === 127)
    errors.push(field.invalid(path, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'))
  if (six ? a[0] === 0xfe && (a[1]! & 0xc0) === 0x80 : a[0] === 169 && a[1] === 254)
    errors.push(field.invalid(path, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'))
  if (six ? a[0] === 0xff && (a[1]! & 0x0f) === 0x02 : a[0] === 224 && a[1] === 0 && a[2] === 0)
    errors.push(field.invalid(path, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'))
}
