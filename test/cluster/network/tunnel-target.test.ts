import { describe, expect, test } from 'vitest'
import type { Tunnel } from '../../../src-main/cluster/api/kinds/tunnel.js'
import { targetsOf, type TunnelWorld } from '../../../src-main/cluster/network/tunnel-target.js'

const world: TunnelWorld = {
  service: (name) =>
    ({
      web: {
        spec: {
          clusterIP: '10.96.0.5',
          ports: [
            { name: 'http', port: 80 },
            { name: 'https', port: 443 },
            { port: 53, protocol: 'UDP' },
          ],
        },
      },
      db: { spec: { clusterIP: 'None', ports: [{ port: 5432 }] } },
      far: { spec: { type: 'ExternalName', externalName: 'example.com' } },
      dns: { spec: { clusterIP: '10.96.0.6', ports: [{ port: 53, protocol: 'UDP' }] } },
    })[name] as never,
  ingress: (name) =>
    ({
      shop: {
        spec: { rules: [{ host: '*.shop.test' }, { host: 'shop.test' }], tls: [{ secretName: 't' }] },
        status: { loadBalancer: { ingress: [{ ip: '192.168.49.2' }] } },
      },
      idle: { spec: {}, status: { loadBalancer: {} } },
    })[name] as never,
  node: '192.168.49.2',
}

const targets = (spec: Tunnel['spec']): unknown => targetsOf({ metadata: {}, spec }, world)

describe('a tunnel leads', () => {
  const http = { address: '10.96.0.5', port: 80, name: 'http', label: 'Service web', scheme: 'http' }
  const https = { address: '10.96.0.5', port: 443, name: 'https', label: 'Service web', scheme: 'https' }
  test.each<[string, Tunnel['spec'], object[]]>([
    ['to all TCP ports of a Service', { service: 'web' }, [http, https]],
    ['to one port by number', { service: 'web', port: 443 }, [https]],
    ['to one port by name', { service: 'web', port: 'http', localPort: 9000 }, [http]],
    ['to a node port', { nodePort: 30_080 }, [{ address: '192.168.49.2', port: 30_080, label: 'node 192.168.49.2', scheme: 'http' }]],
    [
      'to the controller of an Ingress, under the first host that is a name',
      { ingress: 'shop' },
      [
        { address: '192.168.49.2', port: 80, name: 'http', label: 'Ingress shop', scheme: 'http', host: 'shop.test' },
        { address: '192.168.49.2', port: 443, name: 'https', label: 'Ingress shop', scheme: 'https', host: 'shop.test' },
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(targets(spec)).toEqual({ targets: expected })
  })

  test.each<[Tunnel['spec'], string, string]>([
    [{ service: 'none' }, 'ServiceNotFound', 'service "none" not found'],
    [{ service: 'db' }, 'NotSupported', 'Service db is headless: it has no address of its own'],
    [{ service: 'far' }, 'NotSupported', 'Service far is an ExternalName: it has no address in the cluster'],
    [{ service: 'dns' }, 'PortNotFound', 'Service dns has no TCP port'],
    [{ service: 'web', port: 81 }, 'PortNotFound', 'Service web has no TCP port 81'],
    [{ service: 'web', localPort: 9000 }, 'PortAmbiguous', 'Service web has 2 ports: localPort needs port'],
    [{ ingress: 'none' }, 'IngressNotFound', 'ingress "none" not found'],
    [{ ingress: 'idle' }, 'AddressPending', 'Ingress idle has no address yet: no controller serves it'],
  ])('nowhere with %j', (spec, missing, message) => {
    expect(targets(spec)).toEqual({ missing, message })
  })
})
