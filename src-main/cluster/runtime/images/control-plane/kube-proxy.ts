/**
 * kube-proxy on a node: the cluster's network does its work; this says in its log what it is, and answers on the ports
 * where load balancers and people ask for its health (10256) and its mode, configuration and metrics (10249, the node alone).
 */
import type { Process } from '../../process.js'
import { klogLine } from '../klog.js'
import { serveInProcess, type ProcessHandler } from '../server-process.js'

const HEALTH_PORT = 10256
const METRICS_PORT = 10249

/** What it says when it starts, in the mode and with the settings of kubeadm's configuration. */
export function startupLog(p: Process): string[] {
  const synced = klogLine(p, 'shared_informer.go:377', '"Caches are synced"')
  return [
    klogLine(p, 'server_linux.go:53', '"Using iptables proxy"'),
    synced,
    klogLine(p, 'server.go:218', `"Successfully retrieved NodeIPs" NodeIPs=["${p.net.ip}"]`),
    klogLine(
      p,
      'server.go:255',
      '"Kube-proxy configuration may be incomplete or incorrect" err="nodePortAddresses is unset; NodePort connections will be accepted on all local IPs. Consider using `--nodeport-addresses primary`"',
      'E',
    ),
    klogLine(p, 'server.go:264', '"kube-proxy running in dual-stack mode" primary ipFamily="IPv4"'),
    klogLine(p, 'server_linux.go:136', '"Using iptables Proxier"'),
    klogLine(
      p,
      'proxier.go:242',
      '"Setting route_localnet=1 to allow node-ports on localhost; to change this either disable iptables.localhostNodePorts (--iptables-localhost-nodeports) or set nodePortAddresses (--nodeport-addresses) to filter loopback addresses" ipFamily="IPv4"',
    ),
    klogLine(p, 'server.go:529', '"Version info" version="v1.36.0"'),
    klogLine(p, 'server.go:531', '"Golang settings" GOGC="" GOMAXPROCS="" GOTRACEBACK=""'),
    klogLine(p, 'config.go:200', '"Starting service config controller"'),
    klogLine(p, 'config.go:106', '"Starting endpoint slice config controller"'),
    klogLine(p, 'config.go:403', '"Starting serviceCIDR config controller"'),
    klogLine(p, 'config.go:309', '"Starting node config controller"'),
    synced,
  ]
}

/** Opens both ports. Throws NetworkError when one is taken. */
export function serveProxy(p: Process): void {
  const started = p.clock.now()
  serveInProcess(p, HEALTH_PORT, (req, res) => {
    const path = (req.url ?? '').replace(/\?.*/, '')
    if (path !== '/healthz' && path !== '/livez') return notFound(res)
    const now = new Date(p.clock.now()).toISOString()
    const healthy = path === '/healthz' ? { nodeEligible: true } : {}
    res.writeHead(200, { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' })
    res.end(JSON.stringify({ lastUpdated: now, currentTime: now, ...healthy }))
  })
  const pages: Readonly<Record<string, () => string>> = {
    '/healthz': () => 'ok',
    '/proxyMode': () => 'iptables',
    '/metrics': () => metrics(started),
  }
  const answer: ProcessHandler = (req, res) => {
    const page = pages[(req.url ?? '').replace(/\?.*/, '')]
    if (!page) return notFound(res)
    res.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' })
    res.end(page())
  }
  serveInProcess(p, METRICS_PORT, answer, { address: '127.0.0.1' })
}

function notFound(res: Parameters<ProcessHandler>[1]): void {
  res.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' })
  res.end('404 page not found\n')
}

/** @param started ms since 1970 */
function metrics(started: number): string {
  return [
    "# HELP kubernetes_build_info [ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    '# TYPE kubernetes_build_info gauge',
    'kubernetes_build_info{compiler="gc",git_tree_state="clean",git_version="v1.36.0",major="1",minor="36",platform="linux/amd64"} 1',
    '# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.',
    '# TYPE process_start_time_seconds gauge',
    `process_start_time_seconds ${started / 1000}`,
    '',
  ].join('\n')
}
