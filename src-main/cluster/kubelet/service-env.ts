/**
 * The variables that tell a container of services (`WEB_SERVICE_HOST`, `WEB_PORT_80_TCP_ADDR`, …).
 * Kubernetes documentation, "Service", "Environment variables".
 */
import type { Service } from '../api/object.js'

function named(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

/** An IPv6 address in brackets, any other as it is. */
function host(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip
}

function variables(service: Service): [string, string][] {
  const ports = service.spec?.ports ?? []
  const ip = service.spec?.clusterIP ?? ''
  const name = named(service.metadata.name!)
  if (ports.length === 0) return [[`${name}_SERVICE_HOST`, ip]]
  const out: [string, string][] = [
    [`${name}_SERVICE_HOST`, ip],
    [`${name}_SERVICE_PORT`, String(ports[0]!.port)],
  ]
  for (const p of ports) if (p.name) out.push([`${name}_SERVICE_PORT_${named(p.name)}`, String(p.port)])
  ports.forEach((p, i) => {
    const protocol = p.protocol ?? 'TCP'
    const url = `${protocol.toLowerCase()}://${host(ip)}:${p.port}`
    const prefix = `${name}_PORT_${p.port}_${protocol}`
    // The first port stands for the whole service, as Docker links did.
    if (i === 0) out.push([`${name}_PORT`, url])
    out.push([prefix, url], [`${prefix}_PROTO`, protocol.toLowerCase()], [`${prefix}_PORT`, String(p.port)], [`${prefix}_ADDR`, ip])
  })
  return out
}

/**
 * The variables for a pod of a namespace: always those of `kubernetes` in `default`, and those of the namespace's own
 * services unless `enableServiceLinks` is false.
 */
export function serviceEnv(services: Iterable<Service>, namespace: string, links: boolean): Map<string, string> {
  const chosen = new Map<string, Service>()
  for (const s of services) {
    const ip = s.spec?.clusterIP
    if (!ip || ip === 'None') continue
    const { name } = s.metadata
    if (s.metadata.namespace === 'default' && name === 'kubernetes') {
      if (!chosen.has(name)) chosen.set(name, s)
    } else if (s.metadata.namespace === namespace && links) chosen.set(name!, s)
  }
  const sorted = [...chosen.values()].sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
  return new Map(sorted.flatMap(variables))
}
