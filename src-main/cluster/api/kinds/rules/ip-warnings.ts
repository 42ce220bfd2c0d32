/** Warnings for addresses and blocks that are valid but could be written better. https://kubernetes.io/docs/reference/networking/ */
import { parseCIDR, parseIP } from './ip.js'

/** The shortest way to write an IPv6 address (RFC 5952); undefined for IPv4. */
function canonicalIPv6(address: readonly number[]): string | undefined {
  if (address.length !== 16) return undefined
  const groups = Array.from({ length: 8 }, (_, i) => ((address[2 * i]! << 8) | address[2 * i + 1]!).toString(16))
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
}

/** Warnings for an address. */
export function ipWarnings(value: string | null | undefined, path: string): string[] {
  const address = parseIP(value ?? '')
  if (!address) return []
  const plain = address.length === 4 ? address.join('.') : canonicalIPv6(address)!
  if (plain === value) return []
  return address.length === 4
    ? [
        `${path}: non-standard IP address ${JSON.stringify(value)} will be considered invalid in a future Kubernetes release: use "${plain}"`,
      ]
    : [`${path}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format ("${plain}")`]
}

/** Warnings for a block of IPv6 addresses. Others are plain already, or refused. */
export function cidrWarnings(value: string | null | undefined, path: string): string[] {
  const block = parseCIDR((value ?? '').trim())
  const plain = block && canonicalIPv6(block.address)
  if (!plain || `${plain}/${block.prefix}` === value) return []
  return [`${path}: IPv6 CIDR value ${JSON.stringify(value)} should be in RFC 5952 canonical format ("${plain}/${block.prefix}")`]
}
