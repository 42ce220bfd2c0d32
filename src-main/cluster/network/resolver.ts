/** The resolver of the C library: /etc/hosts first, then DNS with the search domains and `ndots` of /etc/resolv.conf. */
import { isAddress } from './addresses.js'
import { DnsError, type DnsAnswer, type DnsType } from './network.js'

/** A DNS server. */
export interface NameService {
  /** Its address: only who has it in /etc/resolv.conf reaches it. */
  readonly address: string
  /** The records of a fully qualified name (the last dot may be missing); empty when the name has none of that type. Throws {@link DnsError}. */
  query(name: string, type: DnsType): DnsAnswer[]
  /** Whether anything answers there. */
  available(): boolean
  /** The address of a host of the world outside, which the node's own resolver knows; the name ends in a dot. */
  outside?(name: string): string | undefined
}

/** A server of a pod that answers by a configuration of its own. */
export interface NameServer {
  /** As {@link NameService.query}, for a client that asks from an address. Rejects with {@link DnsError}. */
  query(name: string, type: DnsType, client: string): Promise<DnsAnswer[]>
}

/** A way to ask: for one client, of one server. */
export interface Resolver {
  query(name: string, type: DnsType): DnsAnswer[] | Promise<DnsAnswer[]>
}

export interface ResolvConf {
  nameservers: string[]
  search: string[]
  ndots: number
}

/** Reads /etc/resolv.conf. */
export function parseResolvConf(text: string): ResolvConf {
  const conf: ResolvConf = { nameservers: [], search: [], ndots: 1 }
  for (const line of text.split('\n')) {
    const [key, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (key === 'nameserver' && values[0]) conf.nameservers.push(values[0])
    else if (key === 'search' || key === 'domain') conf.search = values
    else if (key === 'options') {
      for (const option of values) {
        const ndots = /^ndots:(\d+)$/.exec(option)
        if (ndots) conf.ndots = Math.min(15, Number(ndots[1]))
      }
    }
  }
  return conf
}

/** The addresses of a name in /etc/hosts. */
export function lookUpHosts(text: string, name: string): string[] {
  const wanted = name.toLowerCase()
  const addresses: string[] = []
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*$/, '').trim().split(/\s+/)
    if (address && names.some((n) => n.toLowerCase() === wanted)) addresses.push(address)
  }
  // Between hosts the simulated network is IPv4: its addresses are preferred.
  const v4 = addresses.filter((a) => !a.includes(':'))
  return v4.length > 0 ? v4 : addresses
}

/** The names to ask for, in order (resolv.conf(5)). */
export function candidates(name: string, conf: ResolvConf): string[] {
  if (name.endsWith('.')) return [name]
  const dots = name.split('.').length - 1
  const searched = conf.search.map((domain) => `${name}.${domain}`.replace(/\.*$/, '.'))
  return dots >= conf.ndots ? [`${name}.`, ...searched] : [...searched, `${name}.`]
}

/** The IPv4 addresses of a name. Rejects with {@link DnsError}. */
export async function resolveName(
  name: string,
  files: { hosts: string; resolvConf: string },
  /** The cluster's DNS: its address, and the way there, which rejects with a {@link DnsError} TIMEOUT when there is none. */
  names: { address: string; reach(): Promise<Resolver> } | undefined,
  /** What a node's own resolver knows (`dnsPolicy: Default`): the hosts of the world outside. */
  outside: ReadonlyMap<string, string> = new Map(),
): Promise<string[]> {
  // In a URL an IPv6 address stands in brackets.
  const literal = name.replace(/^\[(.*)\]$/, '$1')
  if (isAddress(literal)) return [literal]
  const local = lookUpHosts(files.hosts, name.replace(/\.$/, ''))
  if (local.length > 0) return local
  if (/^(.*\.)?localhost\.?$/i.test(name)) return ['127.0.0.1']
  const conf = parseResolvConf(files.resolvConf)
  if (!names || !conf.nameservers.includes(names.address)) {
    const address = conf.nameservers.length > 0 ? outside.get(name.replace(/\.$/, '').toLowerCase()) : undefined
    if (address === undefined) throw new DnsError('NXDOMAIN', name)
    return [address]
  }
  const server = await names.reach()
  for (const candidate of candidates(name, conf)) {
    try {
      const answers = await server.query(candidate, 'A')
      const addresses = answers.filter((record) => record.type === 'A').map((record) => record.data)
      if (addresses.length > 0) return addresses
    } catch (error) {
      // A name that does not exist under one domain may exist under the next; a server that fails ends the search.
      if (!(error instanceof DnsError) || error.code !== 'NXDOMAIN') throw error
    }
  }
  throw new DnsError('NXDOMAIN', name)
}
