/** Agents: what opens the connections to a server, by TLS and through proxies, and keeps some of them for the next request. */
import http from 'node:http'
import https from 'node:https'
import type { NamedProxy } from './proxy.js'

/** Connections that are kept open while nothing is asked. */
const IDLE_CONNECTIONS = 8

/** The agent that connects to a server, through its proxy if there is one. */
export async function agentTo(server: URL, proxy: NamedProxy | undefined, tls: https.AgentOptions): Promise<http.Agent> {
  return proxy ? proxiedAgent(server, proxy.url, tls) : directAgent(server, tls)
}

function directAgent(server: URL, tls: https.AgentOptions): http.Agent {
  const kept = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS }
  return server.protocol === 'http:' ? new http.Agent(kept) : new https.Agent({ ...tls, ...kept })
}

/** client-node knows proxies by HTTP CONNECT and SOCKS. */
async function proxiedAgent(server: URL, proxyUrl: string, tls: https.AgentOptions): Promise<http.Agent> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    {
      name: 'cluster',
      server: server.href,
      // Whoever names a server by http asks for no TLS.
      skipTLSVerify: server.protocol === 'http:' || tls.rejectUnauthorized === false,
      // A SOCKS proxy looks up the server's name itself, as it does for kubectl.
      proxyUrl: proxyUrl.replace(/^socks5:/, 'socks5h:'),
    },
    { name: 'user' },
  )
  const options: https.RequestOptions = { ...tls }
  await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0])
  const agent = options.agent as http.Agent & { keepAlive?: boolean }
  // It would open a connection per request.
  agent.keepAlive = true
  agent.maxFreeSockets = IDLE_CONNECTIONS
  return agent
}
