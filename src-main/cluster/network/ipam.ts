/** Hands out the addresses of one node's pod CIDR, as the host-local IPAM plugin of CNI does. */
import { formatIPv4, parseCIDR, parseIPv4, type Block } from './addresses.js'

/** The addresses of one pod CIDR. The first is the network's, the second the gateway's, the last the broadcast's. */
export class AddressPool {
  readonly block: Block
  /** The node's end of the pods' links: the source of what the node itself sends to its pods. */
  readonly gateway: string
  private readonly used = new Set<number>()
  /** Where the search begins: one after the last that was given, so that an address comes back as late as possible. */
  private next: number
  private readonly firstUsable: number
  private readonly lastUsable: number

  /** @param cidr as in `spec.podCIDR` of a Node; throws a RangeError when it is none */
  constructor(private readonly cidr: string) {
    this.block = parseCIDR(cidr)
    this.gateway = formatIPv4(this.block.first + 1)
    this.firstUsable = this.block.first + 2
    this.lastUsable = this.block.first + this.block.size - 2
    this.next = this.firstUsable
  }

  /** A free address, or `wanted` if it is free and of this pool. Throws an Error in the plugin's wording when there is none. */
  allocate(wanted?: string): string {
    if (wanted !== undefined) {
      const n = parseIPv4(wanted)
      if (n === undefined || n < this.firstUsable || n > this.lastUsable)
        throw new Error(`requested IP address ${wanted} is not in ${this.cidr}`)
      if (this.used.has(n)) throw new Error(`requested IP address ${wanted} is not available in range set ${this.range()}`)
      this.used.add(n)
      return wanted
    }
    const count = this.lastUsable - this.firstUsable + 1
    for (let i = 0; i < count; i++) {
      const n = this.next
      this.next = n >= this.lastUsable ? this.firstUsable : n + 1
      if (this.used.has(n)) continue
      this.used.add(n)
      return formatIPv4(n)
    }
    throw new Error(`failed to allocate for range 0: no IP addresses available in range set: ${this.range()}`)
  }

  release(address: string): void {
    this.used.delete(parseIPv4(address) ?? -1)
  }

  private range(): string {
    return `${this.gateway}-${formatIPv4(this.lastUsable)}`
  }
}
