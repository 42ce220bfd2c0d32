/**
 * What a pod's /etc/resolv.conf, /etc/hosts and hostname say. Kubernetes documentation, "DNS for Services and Pods" and
 * "Adding entries to Pod /etc/hosts with HostAliases".
 */
import type { Pod } from '../api/object.js'

/** The cluster's DNS as every pod is told of it. */
export interface ClusterDns {
  /** The cluster IP of kube-dns. */
  server: string
  /** Such as `cluster.local`. */
  domain: string
}

/** The node's own resolver, which `dnsPolicy: Default` hands on. */
const NODE_RESOLVER = { nameservers: ['192.168.49.1'], searches: [] as string[], options: [] as string[] }

/** The text of /etc/resolv.conf by `dnsPolicy` and `dnsConfig`. */
export function resolvConf(pod: Pod, dns: ClusterDns): string {
  const spec = pod.spec!
  let { nameservers, searches, options } = NODE_RESOLVER
  const policy = spec.dnsPolicy ?? 'ClusterFirst'
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork)
  if (cluster) {
    const ns = pod.metadata.namespace!
    nameservers = [dns.server]
    searches = [`${ns}.svc.${dns.domain}`, `svc.${dns.domain}`, dns.domain, ...searches]
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
  return (
    (searches.length ? `search ${searches.join(' ')}\n` : '') +
    nameservers.map((n) => `nameserver ${n}\n`).join('') +
    (options.length ? `options ${options.join(' ')}\n` : '')
  )
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

/** The text of /etc/hosts. With the host's network it is the node's own file under another header. */
export function hostsFile(pod: Pod, ip: string, node: { name: string; address: string }, dns: ClusterDns): string {
  const spec = pod.spec!
  const local =
    '127.0.0.1\tlocalhost\n' +
    '::1\tlocalhost ip6-localhost ip6-loopback\n' +
    'fe00::0\tip6-localnet\n' +
    'fe00::0\tip6-mcastprefix\n' +
    'fe00::1\tip6-allnodes\n' +
    'fe00::2\tip6-allrouters\n'
  let text: string
  if (spec.hostNetwork) {
    text = `# Kubernetes-managed hosts file (host network).\n${local}${node.address}\t${node.name}\n`
  } else {
    const { hostname, domain } = hostnameAndDomain(pod, dns)
    text = `# Kubernetes-managed hosts file.\n${local}`
    if (ip) text += domain ? `${ip}\t${hostname}.${domain}\t${hostname}\n` : `${ip}\t${hostname}\n`
  }
  const aliases = spec.hostAliases ?? []
  if (aliases.length) {
    text += '\n# Entries added by HostAliases.\n'
    for (const alias of aliases) text += `${alias.ip}\t${(alias.hostnames ?? []).join('\t')}\n`
  }
  return text
}
