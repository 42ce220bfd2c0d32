/** IPv4 addresses and blocks of them. */

/** `10.244.1.2` as a number; undefined for what is no IPv4 address. */
export function parseIPv4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let n = 0
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined
    n = n * 256 + Number(part)
  }
  return n
}

/** The dotted text of a number. */
export function formatIPv4(n: number): string {
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.')
}

/** Whether a text is an IPv4 or IPv6 address rather than a name. */
export function isAddress(text: string): boolean {
  return parseIPv4(text) !== undefined || (text.includes(':') && /^[0-9a-f:.]+$/i.test(text))
}

/** Whether a text is an IPv6 address, if it is one at all. */
export function isIPv6(address: string): boolean {
  return address.includes(':')
}

/** Whether a socket that listens on `address` hears what was sent to `dialled`: `::` hears both kinds, `0.0.0.0` IPv4 alone. */
export function hears(address: string, dialled: string): boolean {
  if (address === '::' || address === dialled) return true
  if (isIPv6(address) || isIPv6(dialled)) return false
  return address === '0.0.0.0' || (isLoopback(address) && isLoopback(dialled))
}

/** Whether two sockets cannot listen on the same port at once. */
export function overlaps(a: string, b: string): boolean {
  const any = (address: string): boolean => address === '::' || address === '0.0.0.0'
  return a === b || (any(a) && hears(a, b)) || (any(b) && hears(b, a))
}

/** Whether an address is one of the host itself. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address === '::ffff:127.0.0.1' || address.startsWith('127.')
}

/** A block of addresses. */
export interface Block {
  /** The first address, all host bits clear. */
  first: number
  /** How many there are. */
  size: number
}

/** `10.244.1.0/24`; throws a RangeError when it is none. */
export function parseCIDR(text: string): Block {
  const [address = '', bits = ''] = text.split('/')
  const n = parseIPv4(address)
  const prefix = Number(bits)
  if (n === undefined || !/^\d+$/.test(bits) || prefix > 32) throw new RangeError(`${text} is not an IPv4 CIDR`)
  const size = 2 ** (32 - prefix)
  return { first: n - (n % size), size }
}

/** Whether a block holds an address. */
export function contains(block: Block, address: string): boolean {
  const n = parseIPv4(address)
  return n !== undefined && n >= block.first && n < block.first + block.size
}

/** Whether an address is of a block in CIDR notation. One of IPv6 holds none of the simulated network's addresses. */
export function isWithin(cidr: string, address: string): boolean {
  return !isIPv6(cidr) && contains(parseCIDR(cidr), address)
}

/** Whether a text is an address, or a block of them in CIDR notation. */
export function isAddressOrBlock(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  if (!isAddress(address) || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv6(address) ? 128 : 32))
}

/** Whether an IPv4 address is of a private network (RFC 1918). */
export function isPrivate(address: string): boolean {
  const n = parseIPv4(address)!
  const a = n >>> 24
  const b = (n >>> 16) & 255
  return a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)
}
