/**
 * The rules of a packet filter that somebody wrote with iptables, besides those of kube-proxy: what they let pass, and
 * what they lead elsewhere. They are asked when a connection is opened or a datagram is sent, for the packets that begin
 * it and for those that answer. iptables(8), iptables-extensions(8)
 */
import { BUILT_IN, type FilterRule } from './packet-filter.js'

/** What a rule looks at. */
export interface PacketSeen {
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  readonly source: string
  readonly destination: string
  /** 0 for ICMP. */
  readonly sourcePort: number
  readonly destinationPort: number
  /** The interfaces that it came by and goes by; undefined where there is none. */
  readonly in?: string
  readonly out?: string
  readonly state: 'NEW' | 'ESTABLISHED'
}

/** One rule that was written. */
export interface OwnRule extends FilterRule {
  tests(packet: PacketSeen): boolean
  /** Where REDIRECT and DNAT lead. */
  readonly leads?: { readonly address?: string; readonly port?: number }
  packets: number
  bytes: number
}

/** The rules of a chain before and after those that kube-proxy wrote there. */
export interface OwnChain {
  before: OwnRule[]
  after: OwnRule[]
}

export type Policy = 'ACCEPT' | 'DROP'
export type Verdict = 'ACCEPT' | 'DROP' | 'REJECT'

/** The bytes that the first packet of a connection counts for. */
const FIRST_PACKET = 60

/** The rules of one network namespace. */
export class OwnRules {
  private readonly tables = new Map<string, Map<string, OwnChain>>()
  private readonly policies = new Map<string, Policy>()

  /** The chains of a table that have rules or were made. */
  chains(table: string): Map<string, OwnChain> {
    let chains = this.tables.get(table)
    if (!chains) this.tables.set(table, (chains = new Map()))
    return chains
  }

  /** A chain to write to. */
  chain(table: string, name: string): OwnChain {
    const chains = this.chains(table)
    let chain = chains.get(name)
    if (!chain) chains.set(name, (chain = { before: [], after: [] }))
    return chain
  }

  policy(table: string, chain: string): Policy {
    return this.policies.get(`${table} ${chain}`) ?? 'ACCEPT'
  }

  setPolicy(table: string, chain: string, policy: Policy): void {
    this.policies.set(`${table} ${chain}`, policy)
  }

  /** What becomes of a packet in a chain of the table `filter`. */
  filter(chain: string, packet: PacketSeen): Verdict {
    const found = this.walk('filter', chain, packet)?.target?.name
    return found === 'ACCEPT' || found === 'DROP' || found === 'REJECT' ? found : this.policy('filter', chain)
  }

  /** Where the table `nat` leads the first packet of a connection; undefined for where it goes anyway. */
  lead(chain: 'OUTPUT' | 'PREROUTING', packet: PacketSeen): OwnRule['leads'] {
    return this.walk('nat', chain, packet)?.leads
  }

  /** The rule that decides, through the chains that rules lead to. */
  private walk(table: string, name: string, packet: PacketSeen, depth = 0): OwnRule | undefined {
    const chain = this.tables.get(table)?.get(name)
    if (!chain || depth > 16) return undefined
    for (const rule of [...chain.before, ...chain.after]) {
      if (!rule.tests(packet)) continue
      rule.packets++
      rule.bytes += FIRST_PACKET
      const target = rule.target?.name
      if (target === undefined || target === 'LOG' || target === 'MARK') continue
      if (target === 'RETURN') return undefined
      if (!this.tables.get(table)?.has(target) || BUILT_IN[table]!.includes(target)) return rule
      const found = this.walk(table, target, packet, depth + 1)
      if (found) return found
    }
    return undefined
  }
}

/** Who has rules. */
interface Ruled {
  readonly ip: string
  readonly rules: OwnRules | undefined
}

/** A packet's way from one namespace to another, through the nodes between. */
export interface Way {
  readonly protocol: PacketSeen['protocol']
  readonly from: Ruled
  readonly to: Ruled
  readonly forwarders: readonly (Ruled | undefined)[]
  readonly client: { readonly address: string; readonly port: number }
  /** The client as it sees itself, and what it sends to: a pod does not know what its node makes of a service's address. */
  readonly own: { readonly address: string; readonly port: number }
  readonly dialled: { readonly address: string; readonly port: number }
  readonly server: { readonly address: string; readonly port: number }
  /** It stays in its namespace. */
  readonly local: boolean
}

/** Whether the rules on a way let a connection be: its first packet, and the answer to it. */
export function verdictOn({ protocol, from, to, forwarders, client, own, dialled, server, local }: Way): Verdict {
  if (!from.rules && !to.rules && !forwarders.some((node) => node?.rules)) return 'ACCEPT'
  const link = local ? 'lo' : 'eth0'
  const go = (a: typeof client, b: typeof client, state: PacketSeen['state']): Omit<PacketSeen, 'in' | 'out'> => ({
    protocol, source: a.address, destination: b.address, sourcePort: a.port, destinationPort: b.port, state,
  }) // prettier-ignore
  const [asks, answers] = [go(client, server, 'NEW'), go(server, client, 'ESTABLISHED')]
  const steps: [Ruled | undefined, string, PacketSeen][] = [
    [from, 'OUTPUT', { ...go(own, dialled, 'NEW'), out: link }],
    ...forwarders.map((node): [Ruled | undefined, string, PacketSeen] => [node, 'FORWARD', asks]),
    [to, 'INPUT', { ...asks, in: link }],
    [to, 'OUTPUT', { ...answers, out: link }],
    ...forwarders.map((node): [Ruled | undefined, string, PacketSeen] => [node, 'FORWARD', answers]),
    [from, 'INPUT', { ...go(dialled, own, 'ESTABLISHED'), in: link }],
  ]
  for (const [where, chain, packet] of steps) {
    const verdict = where?.rules?.filter(chain, packet) ?? 'ACCEPT'
    if (verdict !== 'ACCEPT') return verdict === 'REJECT' && packet.state === 'NEW' ? 'REJECT' : 'DROP'
  }
  return 'ACCEPT'
}
