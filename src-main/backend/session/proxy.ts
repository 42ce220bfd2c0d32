/**
 * Which proxy leads to a server: the one that the kubeconfig names, else what the environment says, as Go's programs read it
 * (https://pkg.go.dev/golang.org/x/net/http/httpproxy): HTTPS_PROXY or HTTP_PROXY by the server's scheme, unless NO_PROXY names it.
 */
import net from 'node:net'

/** A proxy, and the field or variable that named it. */
export interface NamedProxy {
  url: string
  from: string
}

/** Whether a host is this machine: no proxy can reach it for us. */
const isLocal = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

/** The proxy of the environment for a server; undefined where it is reached directly. */
export function environmentProxy(server: URL, env: NodeJS.ProcessEnv = process.env): NamedProxy | undefined {
  const names = server.protocol === 'https:' ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy']
  const from = names.find((n) => env[n])
  if (!from || isLocal(hostOf(server)) || excluded(server, env.NO_PROXY || env.no_proxy || '')) return undefined
  const value = env[from]!.trim()
  return { url: /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`, from }
}

const hostOf = (server: URL): string => server.hostname.replace(/^\[|\]$/g, '').toLowerCase()

/** Whether NO_PROXY names a server: by its name or a domain it is in, its address or a block of addresses, each with or without a port. */
function excluded(server: URL, noProxy: string): boolean {
  const host = hostOf(server)
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  return noProxy
    .split(',')
    .map((e) => e.trim().toLowerCase())
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true
      if (entry.includes('/')) return inBlock(host, entry)
      const [, bracketed, plain, wanted] = /^(?:\[([^\]]+)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? []
      const name = bracketed ?? plain ?? ''
      if (wanted && wanted !== port) return false
      if (net.isIP(name)) return name === host
      if (net.isIP(host)) return false
      const domain = name.replace(/^\*(?=\.)/, '')
      return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
    })
}

function inBlock(host: string, block: string): boolean {
  const [address = '', length] = block.split('/')
  const family = net.isIP(address)
  if (!family || net.isIP(host) !== family) return false
  const list = new net.BlockList()
  try {
    list.addSubnet(address, Number(length), family === 6 ? 'ipv6' : 'ipv4')
  } catch {
    return false
  }
  return list.check(host, family === 6 ? 'ipv6' : 'ipv4')
}
