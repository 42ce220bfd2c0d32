/** Where a Tunnel leads: the address and ports in the cluster of its Service, Ingress or node port, as they are now. */
import type { Ingress } from '../api/kinds/ingress.js'
import type { Tunnel } from '../api/kinds/tunnel.js'
import type { Service } from '../api/object.js'

/** One port in the cluster. */
export interface TunnelTarget {
  address: string
  port: number
  /** The name of the Service's port. */
  name?: string
  /** As in `Service web`. */
  label: string
  scheme: 'http' | 'https'
  /** The host name that a browser must ask for; the address of the tunnel when left out. */
  host?: string
}

/** The targets of a Tunnel, or why there are none, as the reason and message of a condition. */
export type Targets = { targets: TunnelTarget[] } | { missing: string; message: string }

/** What is there to lead to. */
export interface TunnelWorld {
  service(name: string): Service | undefined
  ingress(name: string): Ingress | undefined
  /** The address of a node. */
  node: string | undefined
}

/** Finds where a Tunnel leads. */
export function targetsOf({ spec }: Tunnel, world: TunnelWorld): Targets {
  const found = spec.service
    ? ofService(spec.service, world)
    : spec.ingress
      ? ofIngress(spec.ingress, world)
      : ofNodePort(spec.nodePort!, world)
  if ('missing' in found) return found
  const { port } = spec
  const targets =
    port === undefined
      ? found.targets
      : found.targets.filter((t) => String(t.port) === String(port) || (t.name !== undefined && t.name === port))
  if (targets.length === 0)
    return { missing: 'PortNotFound', message: `${found.targets[0]?.label ?? 'The target'} has no TCP port ${port}` }
  if (spec.localPort !== undefined && targets.length > 1)
    return { missing: 'PortAmbiguous', message: `${targets[0]!.label} has ${targets.length} ports: localPort needs port` }
  return { targets }
}

function ofService(name: string, world: TunnelWorld): Targets {
  const service = world.service(name)
  if (!service) return { missing: 'ServiceNotFound', message: `service "${name}" not found` }
  const { spec } = service
  const label = `Service ${name}`
  if (spec?.type === 'ExternalName')
    return { missing: 'NotSupported', message: `${label} is an ExternalName: it has no address in the cluster` }
  const address = spec?.clusterIP
  if (!address || address === 'None') return { missing: 'NotSupported', message: `${label} is headless: it has no address of its own` }
  const ports = (spec.ports ?? []).filter((p) => (p.protocol ?? 'TCP') === 'TCP')
  if (ports.length === 0) return { missing: 'PortNotFound', message: `${label} has no TCP port` }
  return {
    targets: ports.map(({ port, name: portName, appProtocol }) => {
      const secure = port === 443 || portName === 'https' || appProtocol === 'https'
      return { address, port, label, scheme: secure ? 'https' : 'http', ...(portName ? { name: portName } : {}) }
    }),
  }
}

function ofIngress(name: string, world: TunnelWorld): Targets {
  const ingress = world.ingress(name)
  if (!ingress) return { missing: 'IngressNotFound', message: `ingress "${name}" not found` }
  const label = `Ingress ${name}`
  const address = ingress.status?.loadBalancer?.ingress?.find((i) => i.ip)?.ip
  if (!address) return { missing: 'AddressPending', message: `${label} has no address yet: no controller serves it` }
  const host = (ingress.spec?.rules ?? []).map((r) => r?.host).find((h) => h && !h.startsWith('*')) ?? undefined
  const shown = host ? { host } : {}
  const plain: TunnelTarget = { address, port: 80, name: 'http', label, scheme: 'http', ...shown }
  if (!ingress.spec?.tls?.length) return { targets: [plain] }
  return { targets: [plain, { address, port: 443, name: 'https', label, scheme: 'https', ...shown }] }
}

function ofNodePort(port: number, world: TunnelWorld): Targets {
  if (!world.node) return { missing: 'NodeNotFound', message: 'the cluster has no node' }
  return { targets: [{ address: world.node, port, label: `node ${world.node}`, scheme: 'http' }] }
}
