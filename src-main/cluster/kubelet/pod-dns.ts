/**
 * What a pod's /etc/resolv.conf, /etc/hosts and hostname say. Kubernetes documentation, "DNS for Services and Pods" and
 * "Adding entries to Pod /etc/hosts with HostAliases".
 */
import type { Pod } from '../api/object.js'
import { SharedValues } from './shared-values.js'

/** The cluster's DNS as every pod is told of it. */
export interface ClusterDns {
  /** The cluster IP of kube-dns. */
  server: string
  /** Such as `cluster.local`. */
  domain: string
}

/** The node's own resolver, which `dnsPolicy: Default` hands on. */
const NODE_RESOLVER = { nameservers: ['192.168.49.1'], searches: [] as string[], options: [] as string[] }

/** What the C library and the container runtimes read of a resolv.conf; what is above is left out. */
const MAX_NAMESERVERS = 3
const MAX_SEARCH_PATHS = 32
const MAX_SEARCH_CHARACTERS = 2048
const MAX_SEARCH_PATH_CHARACTERS = 253

const texts = new SharedValues<string>()

export interface ResolvConf {
  /** As it stands in /etc/resolv.conf. */
  text: string
  /** What had to be left out, as the warnings `DNSConfigForming` of the pod. */
  warnings: string[]
}

/** The /etc/resolv.conf of a pod by `dnsPolicy` and `dnsConfig`. */
export function resolvConf(pod: Pod, dns: ClusterDns): ResolvConf {
  const spec = pod.spec!
  let { nameservers, searches, options } = NODE_RESOLVER
  const policy = spec.dnsPolicy ?? 'ClusterFirst'
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork)
  if (cluster) {
    const ns = pod.metadata.namespace!
    nameservers = [dns.server]
    searches = unique([`${ns}.svc.${dns.domain}`, `svc.${dns.domain}`, dns.domain, ...searches])
    options = ['ndots:5']
  } else if (policy === 'None') {
    nameservers = []
    searches = []
    options = []
  }
  const config = spec.dnsConfig
  if (config) {
    nameservers = unique([...nameservers, ...(config.nameservers ?? [])])
    searches = unique([...searches, ...(config.searches ?? [])])
    options = mergeOptions(options, config.options ?? [])
  }
  const warnings: string[] = []
  const warn = (limit: string, what: string, line: string, applied: readonly string[]): void =>
    void warnings.push(`${limit} limits were exceeded, some ${what} have been omitted, the applied ${line} line is: ${applied.join(' ')}`)
  const applied = nameservers.slice(0, MAX_NAMESERVERS)
  if (applied.length < nameservers.length) warn('Nameserver', 'nameservers', 'nameserver', applied)
  const paths = fittingSearches(searches)
  if (paths.length < searches.length) warn('Search Line', 'search paths', 'search', paths)
  const text =
    (paths.length ? `search ${paths.join(' ')}\n` : '') +
    applied.map((n) => `nameserver ${n}\n`).join('') +
    (options.length ? `options ${options.join(' ')}\n` : '')
  return { text: texts.of(text), warnings }
}

/** The first search paths, as many as there may be and as fit on the line. */
function fittingSearches(searches: readonly string[]): string[] {
  const paths = searches.slice(0, MAX_SEARCH_PATHS).filter((s) => s.length <= MAX_SEARCH_PATH_CHARACTERS)
  while (paths.join(' ').length > MAX_SEARCH_CHARACTERS) paths.pop()
  return paths
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)]
}

/** An option of the pod replaces one of the same name. */
function mergeOptions(base: readonly string[], own: readonly { name?: string; value?: string }[]): string[] {
  const merged = new Map(base.map((o) => [o.split(':')[0]!, o]))
  for (const o of own) if (o.name) merged.set(o.name, o.value === undefined ? o.name : `${o.name}:${o.value}`)
  return [...merged.values()]
}

/** A host name has at most 63 characters and does not end in `-` or `.`. */
function truncated(hostname: string): string {
  return hostname.length <= 63 ? hostname : hostname.slice(0, 63).replace(/[-.]+$/, '')
}

/** The pod's host name, and its domain when it has a subdomain ('' otherwise). */
export function hostnameAndDomain(pod: Pod, dns: ClusterDns): { hostname: string; domain: string } {
  const spec = pod.spec!
  if (spec.hostnameOverride !== undefined) return { hostname: truncated(spec.hostnameOverride), domain: '' }
  const hostname = truncated(spec.hostname || pod.metadata.name!)
  const domain = spec.subdomain ? `${spec.subdomain}.${pod.metadata.namespace}.svc.${dns.domain}` : ''
  return { hostname, domain }
}

/** What the kernel can keep as the name of a machine, characters. */
const MAX_NODENAME = 64

/**
 * The name that the kernel of a pod goes by: with `setHostnameAsFQDN` the whole domain name, where there is one ("DNS for
 * Services and Pods"). Throws for one that is too long.
 */
export function kernelHostname(pod: Pod, dns: ClusterDns): string {
  const { hostname, domain } = hostnameAndDomain(pod, dns)
  if (!pod.spec!.setHostnameAsFQDN || !domain) return hostname
  const whole = `${hostname}.${domain}`
  if (whole.length <= MAX_NODENAME) return whole
  const tooLong = `is too long (${MAX_NODENAME} characters is the max, ${whole.length} characters requested)`
  throw new Error(`failed to construct FQDN from pod hostname and cluster domain, FQDN ${whole} ${tooLong}`)
}

const LOCAL_HOSTS = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]

/** The text of /etc/hosts. With the host's network it is the node's own file under another header. */
export function hostsFile(pod: Pod, ip: string, node: { name: string; address: string }, dns: ClusterDns): string {
  const spec = pod.spec!
  // Lines are joined, not added to a text: it is kept for as long as the pod, and so in one piece.
  const lines: string[] = []
  if (spec.hostNetwork) {
    lines.push('# Kubernetes-managed hosts file (host network).', ...LOCAL_HOSTS, `${node.address}\t${node.name}`)
  } else {
    const { hostname, domain } = hostnameAndDomain(pod, dns)
    lines.push('# Kubernetes-managed hosts file.', ...LOCAL_HOSTS)
    if (ip) lines.push(domain ? `${ip}\t${hostname}.${domain}\t${hostname}` : `${ip}\t${hostname}`)
  }
  const aliases = spec.hostAliases ?? []
  if (aliases.length) {
    lines.push('', '# Entries added by HostAliases.')
    for (const alias of aliases) lines.push(`${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`)
  }
  lines.push('')
  return lines.join('\n')
}
