/**
 * The rules that kube-proxy writes in iptables mode, for who looks at a node with iptables. Traffic is led by services.ts;
 * these say the same in the kernel's words. Kubernetes documentation, "Virtual IPs and Service Proxies"; "Debug Services",
 * "Is kube-proxy writing iptables rules?".
 */
import { createHash } from 'node:crypto'
import { BUILT_IN, type FilterRule, type FilterTable, type Match, type Target } from './packet-filter.js'

type Socket = { readonly address: string; readonly port: number }

/** One port of a service, as one node serves it. */
export interface ServedPort {
  /** `namespace/name:port`, without the port's name where it has none. */
  readonly name: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
  readonly clusterIP: string
  readonly externalIPs: readonly string[]
  readonly balancers: readonly string[]
  /** `loadBalancerSourceRanges`; none lets in everybody. */
  readonly sourceRanges: readonly string[]
  readonly nodePort?: number | undefined
  readonly healthCheckNodePort?: number | undefined
  /** The endpoints that traffic of the node is led to, and those of them that are on it. */
  readonly endpoints: readonly Socket[]
  readonly localEndpoints: readonly Socket[]
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  /** Seconds that a client stays with its endpoint. */
  readonly affinity?: number | undefined
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What kube-proxy's chains are called by: 16 characters of the base32 of a SHA-256. */
function hash(...parts: string[]): string {
  let bits = BigInt(`0x${createHash('sha256').update(parts.join('')).digest('hex').slice(0, 20)}`)
  let text = ''
  for (let i = 0; i < 16; i++, bits >>= 5n) text = ALPHABET[Number(bits & 31n)]! + text
  return text
}

const plain = (save: string, list: string): Match => ({ save, list: () => list })
const comment = (text: string): Match => plain(`-m comment --comment "${text}"`, `/* ${text} */`)
const addressType = (which: 'src' | 'dst'): Match => plain(`-m addrtype --${which}-type LOCAL`, `ADDRTYPE match ${which}-type LOCAL`)
const state = (states: string, not = ''): Match =>
  plain(`-m conntrack ${not && '! '}--ctstate ${states}`, `${not && '! '}ctstate ${states}`)
const toPort = (protocol: string, port: number): Match => ({
  save: `-m ${protocol} --dport ${port}`,
  list: (name) => `${protocol} dpt:${name(port)}`,
})

/** One of `n` at random, as exactly as the kernel keeps it. */
function oneOf(n: number): Match {
  const kept = (Math.round(Number((1 / n).toFixed(10)) * 2 ** 31) / 2 ** 31).toFixed(11)
  return plain(`-m statistic --mode random --probability ${kept}`, `statistic mode random probability ${kept}`)
}

const to = (chain: string): Target => ({ name: chain })
const REJECT: Target = { name: 'REJECT', save: '--reject-with icmp-port-unreachable', list: 'reject-with icmp-port-unreachable' }
const MARK = '0x4000'
const markMatch = (not: boolean): Match =>
  plain(`-m mark ${not ? '! ' : ''}--mark ${MARK}/${MARK}`, `mark match ${not ? '! ' : ''}${MARK}/${MARK}`)

/** The tables of a node. @param podNetwork where pods are, such as `10.244.0.0/16` */
export function kubeProxyTables(ports: readonly ServedPort[], podNetwork: string): FilterTable[] {
  const nat = emptyChains('nat', ['KUBE-KUBELET-CANARY', 'KUBE-MARK-MASQ', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-PROXY-CANARY', 'KUBE-SERVICES']) // prettier-ignore
  const filter = emptyChains('filter', ['KUBE-EXTERNAL-SERVICES', 'KUBE-FIREWALL', 'KUBE-FORWARD', 'KUBE-KUBELET-CANARY', 'KUBE-NODEPORTS', 'KUBE-PROXY-CANARY', 'KUBE-PROXY-FIREWALL', 'KUBE-SERVICES']) // prettier-ignore
  const mangle = emptyChains('mangle', ['KUBE-IPTABLES-HINT', 'KUBE-KUBELET-CANARY', 'KUBE-PROXY-CANARY'])
  frame(nat, filter)
  for (const port of ports) addPort(port, nat, filter, podNetwork)
  add(nat, 'KUBE-SERVICES', {
    matches: [comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain'), addressType('dst')],
    target: to('KUBE-NODEPORTS'),
  })
  return [
    { name: 'mangle', chains: mangle },
    { name: 'filter', chains: filter },
    { name: 'nat', chains: nat },
  ]
}

type Chains = Map<string, FilterRule[]>

function emptyChains(table: string, own: readonly string[]): Chains {
  return new Map([...BUILT_IN[table]!, ...own].map((name) => [name, []]))
}

function add(chains: Chains, chain: string, rule: FilterRule): void {
  const rules = chains.get(chain)
  if (rules) rules.push(rule)
  else chains.set(chain, [rule])
}

/** The rules that are there whatever services there are. */
function frame(nat: Chains, filter: Chains): void {
  const jump = (chains: Chains, from: string, text: string, chain: string, ...before: Match[]): void =>
    add(chains, from, { matches: [...before, ...(text ? [comment(text)] : [])], target: to(chain) })
  for (const from of ['PREROUTING', 'OUTPUT']) jump(nat, from, 'kubernetes service portals', 'KUBE-SERVICES')
  jump(nat, 'POSTROUTING', 'kubernetes postrouting rules', 'KUBE-POSTROUTING')
  add(nat, 'KUBE-MARK-MASQ', { matches: [], target: { name: 'MARK', save: `--set-xmark ${MARK}/${MARK}`, list: `MARK or ${MARK}` } })
  add(nat, 'KUBE-POSTROUTING', { matches: [markMatch(true)], target: to('RETURN') })
  add(nat, 'KUBE-POSTROUTING', { matches: [], target: { name: 'MARK', save: `--set-xmark ${MARK}/0x0`, list: `MARK xor ${MARK}` } })
  const masquerade = { name: 'MASQUERADE', save: '--random-fully', list: 'random-fully' }
  add(nat, 'KUBE-POSTROUTING', { matches: [comment('kubernetes service traffic requiring SNAT')], target: masquerade })

  const fresh = state('NEW')
  for (const from of ['INPUT', 'FORWARD', 'OUTPUT']) {
    jump(filter, from, 'kubernetes load balancer firewall', 'KUBE-PROXY-FIREWALL', fresh)
    if (from === 'INPUT') jump(filter, from, 'kubernetes health check service ports', 'KUBE-NODEPORTS')
    if (from === 'FORWARD') jump(filter, from, 'kubernetes forwarding rules', 'KUBE-FORWARD')
    if (from !== 'INPUT') jump(filter, from, 'kubernetes service portals', 'KUBE-SERVICES', fresh)
    if (from !== 'OUTPUT') jump(filter, from, 'kubernetes externally-visible service portals', 'KUBE-EXTERNAL-SERVICES', fresh)
    if (from !== 'FORWARD') jump(filter, from, '', 'KUBE-FIREWALL')
  }
  add(filter, 'KUBE-FIREWALL', {
    source: '!127.0.0.0/8',
    destination: '127.0.0.0/8',
    matches: [comment('block incoming localnet connections'), state('RELATED,ESTABLISHED,DNAT', '!')],
    target: to('DROP'),
  })
  const invalid = plain('-m nfacct --nfacct-name ct_state_invalid_dropped_pkts', 'nfacct-name  ct_state_invalid_dropped_pkts')
  add(filter, 'KUBE-FORWARD', { matches: [state('INVALID'), invalid], target: to('DROP') })
  add(filter, 'KUBE-FORWARD', { matches: [comment('kubernetes forwarding rules'), markMatch(false)], target: to('ACCEPT') })
  const known = [comment('kubernetes forwarding conntrack rule'), state('RELATED,ESTABLISHED')]
  add(filter, 'KUBE-FORWARD', { matches: known, target: to('ACCEPT') })
}

/** The rules of one port of a service. */
function addPort(port: ServedPort, nat: Chains, filter: Chains, podNetwork: string): void {
  const { name, protocol, clusterIP, nodePort } = port
  const id = hash(name, protocol)
  const [cluster, local, external, firewall] = ['SVC', 'SVL', 'EXT', 'FW'].map((kind) => `KUBE-${kind}-${id}`) as [
    string,
    string,
    string,
    string,
  ]
  const dial = (address: string, text: string): Omit<FilterRule, 'target'> => ({
    destination: `${address}/32`,
    protocol,
    matches: [comment(`${name} ${text}`), toPort(protocol, port.port)],
  })
  const dialNode = (number: number, text: string, ...types: Match[]): Omit<FilterRule, 'target'> => ({
    protocol,
    matches: [comment(text), ...types, toPort(protocol, number)],
  })
  const outside = [...port.externalIPs.map((ip) => [ip, 'external IP']), ...port.balancers.map((ip) => [ip, 'loadbalancer IP'])] as [
    string,
    string,
  ][]
  if (
    port.healthCheckNodePort &&
    !filter.get('KUBE-NODEPORTS')!.some((r) => r.matches.some((m) => m.save === toPort('tcp', port.healthCheckNodePort!).save))
  )
    add(filter, 'KUBE-NODEPORTS', {
      protocol: 'tcp',
      matches: [comment(`${name} health check node port`), toPort('tcp', port.healthCheckNodePort)],
      target: to('ACCEPT'),
    })

  // Where nothing answers, the filter says so: by a rejection, or with a policy of Local by silence.
  const refuse = (endpoints: readonly Socket[]): { text: string; target: Target } | undefined => {
    if (port.endpoints.length === 0) return { text: 'has no endpoints', target: REJECT }
    return endpoints.length === 0 ? { text: 'has no local endpoints', target: to('DROP') } : undefined
  }
  const internalRefusal = refuse(port.internalLocal ? port.localEndpoints : port.endpoints)
  const externalRefusal = refuse(port.externalLocal ? port.localEndpoints : port.endpoints)
  if (internalRefusal) add(filter, 'KUBE-SERVICES', { ...dial(clusterIP, internalRefusal.text), target: internalRefusal.target })
  else add(nat, 'KUBE-SERVICES', { ...dial(clusterIP, 'cluster IP'), target: to(port.internalLocal ? local : cluster) })
  const ranged = port.sourceRanges.length > 0
  if (externalRefusal) {
    for (const [ip] of outside) add(filter, 'KUBE-EXTERNAL-SERVICES', { ...dial(ip, externalRefusal.text), target: externalRefusal.target })
    if (nodePort) {
      const rule = dialNode(nodePort, `${name} ${externalRefusal.text}`, addressType('dst'))
      add(filter, 'KUBE-EXTERNAL-SERVICES', { ...rule, target: externalRefusal.target })
    }
  }
  if (port.endpoints.length === 0) return
  for (const [ip, text] of outside)
    add(nat, 'KUBE-SERVICES', { ...dial(ip, text), target: to(ranged && text === 'loadbalancer IP' ? firewall : external) })
  if (nodePort) add(nat, 'KUBE-NODEPORTS', { ...dialNode(nodePort, name), target: to(external) })

  const aside = { matches: [comment(`${name} loadbalancer IP`)], target: to(external) }
  if (ranged && port.balancers.length > 0) {
    for (const range of port.sourceRanges) add(nat, firewall, { source: range, ...aside })
    for (const ip of port.balancers)
      add(filter, 'KUBE-PROXY-FIREWALL', { ...dial(ip, 'traffic not accepted by '.concat(firewall)), target: to('DROP') })
  }
  const reached = outside.length > 0 || nodePort !== undefined
  if (reached) addExternal(port, nat, podNetwork, { cluster, local, external })
  if (!port.internalLocal || reached)
    addChoice(port, port.endpoints, nat, cluster, { ...dial(clusterIP, 'cluster IP'), source: `!${podNetwork}` })
  if (port.localEndpoints.length > 0 && (port.internalLocal || (port.externalLocal && reached))) {
    const masked = port.internalLocal ? { ...dial(clusterIP, 'cluster IP'), source: `!${podNetwork}` } : undefined
    addChoice(port, port.localEndpoints, nat, local, masked)
  }
  for (const endpoint of port.endpoints) addEndpoint(port, endpoint, nat)
}

/** The chain of what comes in from outside the cluster. */
function addExternal(
  { name, externalLocal, localEndpoints }: ServedPort,
  nat: Chains,
  podNetwork: string,
  { cluster, local, external }: { cluster: string; local: string; external: string },
): void {
  const where = `${name} external destinations`
  if (!externalLocal) {
    add(nat, external, { matches: [comment(`masquerade traffic for ${where}`)], target: to('KUBE-MARK-MASQ') })
    return add(nat, external, { matches: [], target: to(cluster) })
  }
  add(nat, external, { source: podNetwork, matches: [comment(`pod traffic for ${where}`)], target: to(cluster) })
  add(nat, external, { matches: [comment(`masquerade LOCAL traffic for ${where}`), addressType('src')], target: to('KUBE-MARK-MASQ') })
  add(nat, external, { matches: [comment(`route LOCAL traffic for ${where}`), addressType('src')], target: to(cluster) })
  if (localEndpoints.length > 0) add(nat, external, { matches: [], target: to(local) })
}

/** The name of an endpoint's chain. */
const chainOf = ({ name, protocol }: ServedPort, { address, port }: Socket): string =>
  `KUBE-SEP-${hash(name, protocol, `${address}:${port}`)}`

/** The chain that chooses among endpoints. @param masked what comes from elsewhere than pods and so is masqueraded */
function addChoice(port: ServedPort, endpoints: readonly Socket[], nat: Chains, chain: string, masked?: Omit<FilterRule, 'target'>): void {
  if (masked) add(nat, chain, { ...masked, target: to('KUBE-MARK-MASQ') })
  const text = (e: Socket): Match => comment(`${port.name} -> ${e.address}:${e.port}`)
  if (port.affinity !== undefined)
    for (const e of endpoints) {
      const own = chainOf(port, e)
      const recent = plain(
        `-m recent --rcheck --seconds ${port.affinity} --reap --name ${own} --mask 255.255.255.255 --rsource`,
        `recent: CHECK seconds: ${port.affinity} reap name: ${own} side: source mask: 255.255.255.255`,
      )
      add(nat, chain, { matches: [text(e), recent], target: to(own) })
    }
  for (const [i, e] of endpoints.entries()) {
    const left = endpoints.length - i
    add(nat, chain, { matches: [text(e), ...(left > 1 ? [oneOf(left)] : [])], target: to(chainOf(port, e)) })
  }
}

/** The chain of one endpoint: what it sends itself comes back by the node, all else is led to it. */
function addEndpoint(port: ServedPort, endpoint: Socket, nat: Chains): void {
  const chain = chainOf(port, endpoint)
  if (nat.has(chain)) return
  const where = `${endpoint.address}:${endpoint.port}`
  add(nat, chain, { source: `${endpoint.address}/32`, matches: [comment(port.name)], target: to('KUBE-MARK-MASQ') })
  const remember = plain(
    `-m recent --set --name ${chain} --mask 255.255.255.255 --rsource`,
    `recent: SET name: ${chain} side: source mask: 255.255.255.255`,
  )
  add(nat, chain, {
    protocol: port.protocol,
    matches: [comment(port.name), ...(port.affinity === undefined ? [] : [remember]), plain(`-m ${port.protocol}`, port.protocol)],
    target: { name: 'DNAT', save: `--to-destination ${where}`, list: `to:${where}` },
  })
}
