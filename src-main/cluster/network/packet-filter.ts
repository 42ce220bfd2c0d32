/** The packet filter of a host, as iptables lists it: tables of chains of rules. */

/** One test of a rule in the two forms in which iptables tells it. */
export interface Match {
  /** As iptables-save writes it: `-m comment --comment "…"`. */
  readonly save: string
  /** As `iptables -L` does; `port` gives the name or the number of a port. */
  readonly list: (port: (number: number) => string) => string
}

/** What becomes of a packet: `-j MASQUERADE --random-fully`. */
export interface Target {
  readonly name: string
  /** What follows the name in iptables-save, and what comes last in a line of `iptables -L`. */
  readonly save?: string
  readonly list?: string
}

export interface FilterRule {
  /** Networks in CIDR notation, with `!` before the one that is not meant. */
  readonly source?: string
  readonly destination?: string
  /** Names of interfaces, with `!` before the one that is not meant. */
  readonly in?: string
  readonly out?: string
  readonly protocol?: 'tcp' | 'udp' | 'sctp' | 'icmp'
  readonly matches: readonly Match[]
  readonly target?: Target
}

export interface FilterTable {
  readonly name: string
  /** By name; those of the kernel's own have a policy. */
  readonly chains: ReadonlyMap<string, readonly FilterRule[]>
}

/** The chains that each table has before any rule, in the order in which iptables lists them. */
export const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}
