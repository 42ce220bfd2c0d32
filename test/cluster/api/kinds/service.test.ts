import { beforeEach, describe, expect, it } from 'vitest'
import { service as rules } from '../../../../src-main/cluster/api/kinds/service.js'
import { carryAllocations } from '../../../../src-main/cluster/api/kinds/rules/service-shape.js'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'
import { causes, created, refusal, refusedCauses, row, ruleContext, updated, type Loose } from './support.js'

const service = (name: string, spec: Loose = {}): Loose => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...spec },
})

let stored: KubeObject[]
let ctx: ReturnType<typeof ruleContext>
beforeEach(() => {
  stored = []
  ctx = ruleContext({ stored })
})

/** Creates a service as the server does, and stores it. */
function make(name: string, spec: Loose = {}): Loose {
  const { object, errors } = created(service(name, spec), ctx)
  expect(causes(errors)).toEqual([])
  stored.push(object)
  return object
}

describe('a dry run', () => {
  it('shows addresses and ports that stand for those it would look for', () => {
    make('a', { type: 'NodePort', clusterIP: '10.96.0.10', ports: [{ port: 80, nodePort: 30080 }] })
    const dry = (spec: Loose): Loose => created(service('b', { type: 'NodePort', ...spec }), { ...ctx, dryRun: true }).object.spec
    const ports = [
      { name: 'x', port: 1 },
      { name: 'y', port: 2 },
    ]
    const shown = dry({ ports })
    expect([shown.clusterIP, shown.ports.map((p: Loose) => p.nodePort)]).toEqual(['10.96.0.0', [32769, 32770]])
    expect(dry({ clusterIP: '10.96.0.10' }).clusterIP).toBe('10.96.0.10')
    expect(dry({ ports: [{ ...ports[0], nodePort: 80 }, ports[1]] }).ports.map((p: Loose) => p.nodePort)).toEqual([80, 81])
    expect(refusal(() => dry({ ports: [{ port: 80, nodePort: 30080 }] }))).toBe(
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    )
  })
})

describe('a name of elsewhere', () => {
  it('has no policy of traffic inside of the cluster, though one is sent', () => {
    const { spec } = make('out', { type: 'ExternalName', externalName: 'example.com', internalTrafficPolicy: 'Cluster' })
    expect([spec.type, 'internalTrafficPolicy' in spec]).toEqual(['ExternalName', false])
  })
})

describe('a cluster IP', () => {
  it('is taken from the upper part of 10.96.0.0/16', () => {
    const { spec } = make('a')
    expect(spec).toMatchObject({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster' })
    expect(spec.clusterIPs).toEqual([spec.clusterIP])
    const [, , third] = spec.clusterIP.split('.').map(Number)
    expect([spec.clusterIP.startsWith('10.96.'), third >= 1]).toEqual([true, true])
  })

  it('is never given twice', () => {
    const all = Array.from({ length: 500 }, (_, i) => make(`s${i}`).spec.clusterIP)
    expect(new Set(all).size).toBe(500)
  })

  it('may be named, also in the lower part, unless it is taken or out of range', () => {
    expect(make('dns', { clusterIP: '10.96.0.10' }).spec).toMatchObject({ clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] })
    expect(refusal(() => created(service('other', { clusterIP: '10.96.0.10' }), ctx))).toBe(
      'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    )
    expect(refusal(() => created(service('far', { clusterIP: '10.0.0.1' }), ctx))).toBe(
      'Service "far" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided network does not match the current range',
    )
    expect(refusal(() => created(service('first', { clusterIP: '10.96.0.0' }), ctx))).toContain(
      'the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
    )
  })

  it('is free again when its service is gone', async () => {
    make('dns', { clusterIP: '10.96.0.10' })
    stored.length = 0
    await ctx.clock.advance(10_001)
    expect(make('other', { clusterIP: '10.96.0.10' }).spec.clusterIP).toBe('10.96.0.10')
  })

  it('is free at once when its service is deleted, as its node ports are', () => {
    const spec = { type: 'NodePort', clusterIP: '10.96.0.10', ports: [{ port: 80, nodePort: 30080 }] }
    const first = make('first', spec)
    rules.prepareForDelete!(first, ctx)
    expect(refusal(() => created(service('second', spec), ctx))).toContain('provided IP is already allocated')
    stored.length = 0
    expect(make('second', spec).spec).toMatchObject(spec)
  })

  it('counts as taken while its service is on the way to the store', () => {
    created(service('dns', { clusterIP: '10.96.0.10' }), ctx)
    expect(refusal(() => created(service('other', { clusterIP: '10.96.0.10' }), ctx))).toContain('provided IP is already allocated')
  })

  it('is not taken by a dry run', () => {
    const dry = { ...ctx, dryRun: true }
    created(service('a', { clusterIP: '10.96.0.10' }), dry)
    expect(make('b', { clusterIP: '10.96.0.10' }).spec.clusterIP).toBe('10.96.0.10')
  })

  it('that is stored already is known to a server that starts', () => {
    make('dns', { clusterIP: '10.96.0.10' })
    const later = ruleContext({ stored })
    expect(refusal(() => created(service('other', { clusterIP: '10.96.0.10' }), later))).toContain('provided IP is already allocated')
  })

  it('is None for a headless service, and absent for an external name', () => {
    expect(make('headless', { clusterIP: 'None' }).spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] })
    expect(make('ext', { type: 'ExternalName', externalName: 'a.example.com', ports: undefined }).spec.clusterIP).toBeUndefined()
  })
})

describe('families of addresses', () => {
  const refused = (spec: Loose): string[] => refusedCauses(service('s', spec), ctx)

  it('are IPv4 only, which is said before anything else', () => {
    expect(refused({ ipFamilies: ['IPv6'], ipFamilyPolicy: 'RequireDualStack', sessionAffinity: 'Odd' })).toEqual([
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ])
    expect(refused({ clusterIP: 'fd00::1' })).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ])
  })

  it('are of a policy that allows for their number', () => {
    expect(refused({ ipFamilies: ['IPv4', 'IPv6'] })).toEqual([
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ])
    expect(refused({ ipFamilyPolicy: 'Odd', ipFamilies: ['IPv5', 'IPv5'] })).toEqual([
      'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
      'spec.ipFamilies[1]: Duplicate value: "IPv5"',
      'spec.ipFamilies[1]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
      'spec.ipFamilyPolicy: Unsupported value: "Odd": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
    ])
  })

  it('belong to the addresses', () => {
    expect(refused({ clusterIP: '10.96.3.3', ipFamilies: ['IPv6'] })).toEqual([
      'spec.clusterIPs[0]: Invalid value: "10.96.3.3": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ])
    expect(refused({ clusterIP: '10.96.3.3', clusterIPs: ['10.96.3.4'] })).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.3.4"]: first value must match `clusterIP`',
    ])
    expect(refused({ clusterIPs: ['None', '10.96.3.4'], clusterIP: 'None' })).toEqual([
      'spec.clusterIPs: Invalid value: ["None","10.96.3.4"]: \'None\' must be the first and only value',
    ])
    expect(refused({ clusterIPs: ['10.96.3.3', '10.96.3.4'], clusterIP: '10.96.3.3', ipFamilyPolicy: 'PreferDualStack' })).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.3.3","10.96.3.4"]: may specify no more than one IP for each IP family',
    ])
  })

  it('are both for a headless service without a selector', () => {
    const { spec } = make('h', { clusterIP: 'None', selector: undefined })
    expect([spec.ipFamilyPolicy, spec.ipFamilies]).toEqual(['RequireDualStack', ['IPv4', 'IPv6']])
  })

  it('keep the policy that an update leaves out', () => {
    const old = make('s', { ipFamilyPolicy: 'PreferDualStack' })
    const { object, errors } = updated(old, (o) => delete o.spec.ipFamilyPolicy, ctx)
    expect([errors, object.spec.ipFamilyPolicy, object.spec.ipFamilies]).toEqual([[], 'PreferDualStack', ['IPv4']])
  })
})

describe('a service is refused', () => {
  const refused = (spec: Loose, annotations?: Loose): string[] =>
    refusedCauses({ ...service('s', spec), metadata: { name: 's', annotations } }, ctx)

  it('with two annotations that do not agree', () => {
    const annotations = { 'service.kubernetes.io/topology-mode': 'Auto', 'service.kubernetes.io/topology-aware-hints': 'Disabled' }
    expect(refused({}, annotations)).toEqual([
      'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "Auto": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
    ])
  })

  it('with a distribution that is not known', () => {
    expect(refused({ trafficDistribution: 'Odd' })).toEqual([
      'spec.trafficDistribution: Unsupported value: "Odd": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ])
  })

  it('with the first of its node ports that cannot be had, and nothing else', () => {
    const ports = [
      { name: 'a', port: 80, nodePort: 1 },
      { name: 'b', port: 81, nodePort: 2 },
    ]
    expect(refused({ type: 'NodePort', ports, sessionAffinity: 'Odd' })).toEqual([
      'spec.ports[0].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ])
  })

  it('with a 500 when the port for health checks cannot be had', () => {
    const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 1 }
    expect(refusal(() => created(service('s', spec), ctx))).toBe(
      'Internal error occurred: failed to allocate requested HealthCheck NodePort 1: provided port is not in the valid range. The range of valid ports is 30000-32767',
    )
  })
})

describe('a node port', () => {
  it('is taken from the upper part of 30000-32767, one for both protocols of a port', () => {
    const { spec } = make('np', {
      type: 'NodePort',
      ports: [
        { name: 't', port: 53 },
        { name: 'u', port: 53, protocol: 'UDP' },
      ],
    })
    const [a, b] = spec.ports.map((p: Loose) => p.nodePort)
    expect([a === b, a >= 30086, a <= 32767]).toEqual([true, true, true])
  })

  it('that is named is refused when it is taken or out of range', () => {
    make('np', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })
    const taken = service('other', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })
    expect(refusal(() => created(taken, ctx))).toBe(
      'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    )
    const low = service('low', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })
    expect(refusal(() => created(low, ctx))).toBe(
      'Service "low" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    )
  })

  it.each<[string, Loose, string]>([
    [
      'two ports',
      [
        { name: 'web', port: 80, nodePort: 30110 },
        { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30110 },
      ],
      'spec.ports[1].nodePort: Invalid value: 30110: provided port is already allocated',
    ],
    [
      'two ports of one protocol',
      [
        { name: 'web', port: 80, nodePort: 30110 },
        { name: 'alt', port: 81, nodePort: 30110 },
      ],
      'spec.ports[1].nodePort: Invalid value: 30110: provided port is already allocated',
    ],
  ])('cannot be given to %s of a new service', (_, ports, why) => {
    expect(refusal(() => created(service('s', { type: 'NodePort', ports }), ctx))).toBe(`Service "s" is invalid: ${why}`)
  })

  it('that is also to be asked for health is refused', () => {
    const spec = {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: [{ port: 80, nodePort: 30111 }],
      healthCheckNodePort: 30111,
    }
    expect(refusal(() => created(service('s', spec), ctx))).toBe(
      'Internal error occurred: failed to allocate requested HealthCheck NodePort 30111: provided port is already allocated',
    )
  })

  it('may be named for two protocols of one port, or for one and is then the other’s too', () => {
    const of = (...nodePorts: (number | undefined)[]): Loose => {
      const [tcp, udp] = nodePorts
      const ports = [
        { name: 't', port: 53, nodePort: tcp },
        { name: 'u', port: 53, protocol: 'UDP', nodePort: udp },
      ]
      return make(`dns-${tcp}-${udp}`, { type: 'NodePort', ports }).spec.ports.map((p: Loose) => p.nodePort)
    }
    expect([of(30121, 30121), of(30122), of(undefined, 30123), of(30124, 30125)]).toEqual([
      [30121, 30121],
      [30122, 30122],
      [30123, 30123],
      [30124, 30125],
    ])
  })

  it('is one for each protocol when an update makes them', () => {
    const dns = [
      { name: 't', port: 53 },
      { name: 'u', port: 53, protocol: 'UDP' },
    ]
    const { object } = updated(make('s', { ports: dns }), (o) => (o.spec.type = 'NodePort'), ctx)
    const [a, b] = object.spec.ports.map((p: Loose) => p.nodePort)
    expect([a === b, a >= 30086, b >= 30086]).toEqual([false, true, true])
    const both = updated(object, (o) => o.spec.ports.forEach((p: Loose) => (p.nodePort = 30130)), ctx)
    expect([both.errors, both.object.spec.ports.map((p: Loose) => p.nodePort)]).toEqual([[], [30130, 30130]])
  })

  it('that an update names for two ports of one protocol ends it with a bare 500', () => {
    const old = make('s', { type: 'NodePort' })
    const twice = (o: Loose): void => {
      o.spec.ports = [81, 82].map((port) => ({ name: `p${port}`, port, protocol: 'TCP', nodePort: 30140 }))
    }
    expect(refusal(() => updated(old, twice, ctx))).toBe('duplicate nodePort: {TCP 30140}')
  })

  it('comes and goes with the type, and stays when an update leaves it out', () => {
    const old = make('s')
    const exposed = updated(old, (o) => (o.spec.type = 'NodePort'), ctx).object
    const port = exposed.spec.ports[0].nodePort
    expect(port).toBeGreaterThanOrEqual(30086)
    expect(exposed.spec.externalTrafficPolicy).toBe('Cluster')
    const again = updated(exposed, (o) => delete o.spec.ports[0].nodePort, ctx)
    expect([again.errors, again.object.spec.ports[0].nodePort]).toEqual([[], port])
    const back = updated(exposed, (o) => (o.spec.type = 'ClusterIP'), ctx)
    expect([back.errors, back.object.spec.ports[0].nodePort, back.object.spec.externalTrafficPolicy]).toEqual([[], undefined, undefined])
  })
})

describe('node ports that an update leaves out', () => {
  const ports = [
    { name: 'a', port: 80, nodePort: 30080 },
    { name: 'b', port: 81, nodePort: 30081 },
  ]
  it.each<[string, Loose[], Loose[], (number | undefined)[]]>([
    ['stay with the name of their port, whatever else of it changes', ports, [{ name: 'a', port: 8080, targetPort: 'web' }], [30080]],
    ['stay with a port that has no name', [{ port: 80, nodePort: 30080 }], [{ port: 8080 }], [30080]],
    [
      'are not given back to one port when another has taken them',
      ports,
      [
        { name: 'a', port: 80 },
        { name: 'c', port: 81, nodePort: 30080 },
      ],
      [undefined, 30080],
    ],
  ])('%s', (_, before, after, want) => {
    const withPorts = (list: Loose[]): Loose => ({ type: 'LoadBalancer', ports: list })
    const spec = withPorts(structuredClone(after))
    carryAllocations(spec, withPorts(structuredClone(before)))
    expect(spec.ports.map((p: Loose) => p.nodePort)).toEqual(want)
  })
})

describe('an update of a service', () => {
  it('takes the addresses of a load balancer away with the type', () => {
    const old = { ...make('s', { type: 'LoadBalancer' }), status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] }, conditions: [] } }
    expect(updated(old, (o) => (o.spec.sessionAffinity = 'ClientIP')).object.status).toEqual(old.status)
    expect(updated(old, (o) => (o.spec.type = 'ClusterIP')).object.status).toEqual({ loadBalancer: {}, conditions: [] })
  })

  it('keeps the cluster IP when it is left out', () => {
    const old = make('s')
    const { object, errors } = updated(old, (o) => {
      delete o.spec.clusterIP
      delete o.spec.clusterIPs
    })
    expect([errors, object.spec.clusterIP, object.spec.clusterIPs]).toEqual([[], old.spec.clusterIP, old.spec.clusterIPs])
  })

  it('may not change the cluster IP', () => {
    const old = make('s')
    for (const ip of ['10.96.9.9', '10.0.0.1', 'None']) {
      const { errors } = updated(old, (o) => (o.spec.clusterIP = ip), ctx)
      expect(errors).toEqual([`spec.clusterIPs[0]: Invalid value: ["${ip}"]: may not change once set`])
    }
  })

  it('to an external name gives the cluster IP back', () => {
    const old = make('s')
    const toName = (o: Loose): void => void Object.assign(o.spec, { type: 'ExternalName', externalName: 'a.example.com', clusterIP: '' })
    const { object, errors } = updated(old, (o) => (toName(o), delete o.spec.clusterIPs), ctx)
    expect([errors, object.spec.clusterIP, object.spec.clusterIPs]).toEqual([[], undefined, undefined])
  })
})

describe('the row of a service', () => {
  const cells = (spec: Loose, status: Loose = {}): unknown[] => {
    const cell = row({ ...service('s', spec), metadata: { name: 's', creationTimestamp: '2026-11-21T08:00:00Z' }, status })
    return [cell['Type'], cell['External-IP'], cell['Port(s)'], cell['Selector'], cell['Age']]
  }
  it.each([
    [{ type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] }, {}, ['ClusterIP', '<none>', '80/TCP', 'app=a', '60m']],
    [
      { type: 'NodePort', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }], selector: null },
      {},
      ['NodePort', '<none>', '80:30080/TCP', '<none>', '60m'],
    ],
    [{ type: 'LoadBalancer', ports: [] }, {}, ['LoadBalancer', '<pending>', '<none>', 'app=a', '60m']],
    [
      { type: 'LoadBalancer', ports: [], externalIPs: ['1.1.1.1'] },
      { loadBalancer: { ingress: [{ ip: '9.9.9.9' }, { hostname: 'a.example' }, { ip: '10.0.0.1' }, { ip: '9.9.9.9' }] } },
      ['LoadBalancer', '10.0.0.1,9.9.9.9,a.example,1.1.1.1', '<none>', 'app=a', '60m'],
    ],
    [
      { type: 'LoadBalancer', ports: [], externalIPs: ['1.1.1.1'] },
      { loadBalancer: { ingress: [{ ip: '2.2.2.2' }, { hostname: 'h' }] } },
      ['LoadBalancer', '2.2.2.2,h,1.1.1.1', '<none>', 'app=a', '60m'],
    ],
    [{ type: 'ExternalName', externalName: 'a.example.com', ports: null }, {}, ['ExternalName', 'a.example.com', '<none>', 'app=a', '60m']],
  ])('%j with status %j', (spec, status, want) => {
    expect(cells(spec, status)).toEqual(want)
  })
})
