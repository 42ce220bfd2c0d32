/** What the API server says of networking.k8s.io and of EndpointSlices. */
import { describe, expect, it } from 'vitest'
import { causes, created, kindOf, row, updated, type Loose } from './support.js'

const sent = (kind: string, spec: Loose, name = 'x'): Loose => ({ apiVersion: 'networking.k8s.io/v1', kind, metadata: { name }, spec })
const faults = (kind: string, spec: Loose, name?: string): string[] => causes(created(sent(kind, spec, name)).errors)

describe('an Ingress', () => {
  const backend = { service: { name: 's', port: { number: 80 } } }
  const path = (rest: Loose = {}): Loose => ({ path: '/', pathType: 'Prefix', backend, ...rest })
  const withPath = (rest: Loose): string[] => faults('Ingress', { rules: [{ http: { paths: [path(rest)] } }] })
  const at = 'spec.rules[0].http.paths[0]'

  it.each([
    [{ path: 'a' }, [`${at}.path: Invalid value: "a": must be an absolute path`]],
    [{ path: '' }, [`${at}.path: Invalid value: "": must be an absolute path`]],
    [{ path: '/a//b' }, [`${at}.path: Invalid value: "/a//b": must not contain '//'`]],
    [{ path: '/a%2fb' }, [`${at}.path: Invalid value: "/a%2fb": must not contain '%2f'`]],
    [{ path: '/a/..' }, [`${at}.path: Invalid value: "/a/..": cannot end with '/..'`]],
    [{ path: 'a', pathType: 'ImplementationSpecific' }, [`${at}.path: Invalid value: "a": must be an absolute path`]],
    [{ path: '', pathType: 'ImplementationSpecific' }, []],
    [{ backend: {} }, [`${at}.backend: Invalid value: "": resource or service backend is required`]],
    [{ backend: { service: { name: 's' } } }, [`${at}.backend: Required value: port name or number is required`]],
    [
      { backend: { service: { name: 's', port: { name: 'http', number: 80 } } } },
      [`${at}.backend: Invalid value: "": cannot set both port name & port number`],
    ],
    [
      { backend: { service: { name: 's', port: { number: 65536 } } } },
      [`${at}.backend.service.port.number: Invalid value: 65536: must be between 1 and 65535, inclusive`],
    ],
    [{ backend: { service: { port: { number: 80 } } } }, [`${at}.backend.service.name: Required value`]],
  ])('with the path %j', (rest, want) => {
    expect(withPath(rest)).toEqual(want)
  })

  it.each([
    [{ host: '1.2.3.4' }, ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address']],
    [{ http: {} }, ['spec.rules[0].http.paths: Required value']],
  ])('is refused with the rule %j', (rule, want) => {
    expect(faults('Ingress', { rules: [rule] })).toEqual(want)
  })

  it('has one class, named in one way', () => {
    const annotations = { 'kubernetes.io/ingress.class': 'a' }
    const both = { ...sent('Ingress', { defaultBackend: backend, ingressClassName: 'b' }), metadata: { name: 'x', annotations } }
    const { object, errors } = created(both)
    expect(causes(errors)).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ])
    expect(kindOf('networking.k8s.io/v1', 'Ingress').warnings!(object, undefined)).toEqual([
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ])
  })
})

describe('an IngressClass', () => {
  const parameters = { apiGroup: 'example.com', kind: 'P', name: 'p' }

  it.each([
    [{ controller: '' }, ['spec.controller: Required value']],
    [{ controller: `example.com/${'a'.repeat(240)}` }, ['spec.controller: Too long: may not be more than 250 bytes']],
    [
      { controller: 'example.com/c', parameters: { ...parameters, scope: 'Namespace' } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
    [
      { controller: 'example.com/c', parameters: { ...parameters, namespace: 'n' } },
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
    [
      { controller: 'example.com/c', parameters: { ...parameters, scope: 'World' } },
      ['spec.parameters.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"'],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults('IngressClass', spec)).toEqual(want)
  })

  it('is marked in tables where it is the default', () => {
    const name = (value: string): unknown =>
      row({
        ...sent('IngressClass', { controller: 'x.io/y' }),
        metadata: { name: 'x', annotations: { 'ingressclass.kubernetes.io/is-default-class': value } },
      })['Name']
    expect([name('true'), name('false')]).toEqual(['x (default)', 'x'])
  })
})

describe('a NetworkPolicy', () => {
  const ports = (...list: Loose[]): string[] => faults('NetworkPolicy', { ingress: [{ ports: list }] })
  const from = (...list: Loose[]): string[] => faults('NetworkPolicy', { ingress: [{ from: list }] })

  it.each([
    [{ protocol: 'ICMP' }, ['spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"']],
    [{ port: 0 }, ['spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive']],
    [{ port: 90, endPort: 80 }, ['spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`']],
    [
      { port: 'http', endPort: 80 },
      ['spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is non-numeric'],
    ],
    [{ endPort: 80 }, ['spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is not specified']],
  ])('is refused with the port %j', (port, want) => {
    expect(ports(port)).toEqual(want)
  })

  it.each([
    [{}, ['spec.ingress[0].from[0]: Required value: must specify a peer']],
    [
      { podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } },
      ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer'],
    ],
    [{ ipBlock: {} }, ['spec.ingress[0].from[0].ipBlock.cidr: Required value']],
    [
      { ipBlock: { cidr: '10.0.0.0' } },
      ['spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ],
    [
      { ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8', '11.0.0.0/16'] } },
      [
        'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
        'spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
      ],
    ],
  ])('is refused with the peer %j', (peer, want) => {
    expect(from(peer)).toEqual(want)
  })

  it('is about ingress, egress or both', () => {
    expect(faults('NetworkPolicy', { policyTypes: ['Both'] })).toEqual([
      'spec.policyTypes[0]: Unsupported value: "Both": supported values: "Ingress", "Egress"',
    ])
    expect(faults('NetworkPolicy', { policyTypes: ['Ingress', 'Egress', 'Ingress'] })).toEqual([
      'spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
    ])
    expect(created(sent('NetworkPolicy', { egress: [{}] })).object.spec.policyTypes).toEqual(['Ingress', 'Egress'])
    expect(created(sent('NetworkPolicy', {})).object.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress'] })
  })
})

describe('an IPAddress', () => {
  const parentRef = { resource: 'services', namespace: 'n', name: 's' }

  it('is named as the address that it is, and belongs to something', () => {
    expect(faults('IPAddress', { parentRef }, '10.0.0.1')).toEqual([])
    expect(faults('IPAddress', { parentRef }, '2001:db8::1')).toEqual([])
    const invalid = (name: string, why: string): void =>
      expect(faults('IPAddress', { parentRef }, name)).toEqual([`metadata.name: Invalid value: "${name}": ${why}`])
    invalid('web', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')
    invalid('010.0.0.1', 'must not have leading 0s')
    invalid('2001:DB8::1', 'must be in canonical form ("2001:db8::1")')
    invalid('::ffff:10.0.0.1', 'must not be an IPv4-mapped IPv6 address')
    expect(faults('IPAddress', {}, '10.0.0.1')).toEqual(['spec.parentRef: Required value'])
    expect(faults('IPAddress', { parentRef: {} }, '10.0.0.1')).toEqual([
      'spec.parentRef.name: Required value',
      'spec.parentRef.resource: Required value',
    ])
  })
})

describe('a ServiceCIDR', () => {
  it.each([
    [[], ['spec.cidrs: Required value: at least one CIDR required']],
    [
      ['10.0.0.0/24', '10.1.0.0/24', '2001:db8::/64'],
      ['spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","10.1.0.0/24","2001:db8::/64"]}: may only hold up to 2 values'],
    ],
    [
      ['10.0.0.0/24', '10.1.0.0/24'],
      [
        'spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
    [['10.0.0.1/24'], ['spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length']],
    [['2001:DB8::/64'], ['spec.cidrs[0]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")']],
  ])('is refused with %j', (cidrs, want) => {
    expect(faults('ServiceCIDR', { cidrs })).toEqual(want)
  })

  it('may get a second family, and keeps what it has', () => {
    const { object } = created(sent('ServiceCIDR', { cidrs: ['10.0.0.0/24'] }))
    const change = (...cidrs: string[]): string[] => updated(object, ({ spec }) => (spec.cidrs = cidrs)).errors
    expect(change('10.0.0.0/24', '2001:db8::/64')).toEqual([])
    expect(change('10.1.0.0/24')).toEqual(['spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable'])
    expect(change('10.1.0.0/24', '2001:db8::/64')).toEqual(['spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable'])
  })
})

describe('an EndpointSlice', () => {
  const slice = (rest: Loose): string[] =>
    causes(created({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 's' }, ...rest }).errors)
  const ready = (...addresses: string[]): Loose => ({ addressType: 'IPv4', endpoints: [{ addresses }] })

  it.each([
    [{ endpoints: [] }, ['addressType: Required value']],
    [{ addressType: 'IP', endpoints: [] }, ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"']],
    [ready(), ['endpoints[0].addresses: Required value: must contain at least 1 address']],
    [
      ready('127.0.0.1'),
      ['endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ],
    [
      { addressType: 'FQDN', endpoints: [{ addresses: ['web'] }] },
      ['endpoints[0].addresses[0]: Invalid value: "web": should be a domain with at least two segments separated by dots'],
    ],
    [
      { ...ready('10.0.0.1'), ports: [{ name: 'a' }, { name: 'a', protocol: 'ICMP' }] },
      ['ports[1].name: Duplicate value: "a"', 'ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }] },
      ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
    ],
    [
      { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], hints: { forNodes: [{ name: 'n' }, { name: 'n' }] } }] },
      ['endpoints[0].hints.forNodes[1].name: Duplicate value: "n"'],
    ],
    [
      { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: Array<Loose>(9).fill({ name: 'a' }) } }] },
      ['endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
    ],
    [{ addressType: 'IPv4', endpoints: Array<Loose>(1001).fill({}) }, ['endpoints: Too many: 1001: must have at most 1000 items']],
  ])('is refused with %j', (rest, want) => {
    expect(slice(rest)).toEqual(want)
  })

  it('has as many ports as a Service may have', () => {
    const ports = Array<Loose>(20_001).fill({})
    expect(slice({ addressType: 'IPv4', endpoints: [], ports })).toEqual(['ports: Too many: 20001: must have at most 20000 items'])
  })
})

describe('the topology of an endpoint', () => {
  const sent = (endpoints: Loose[]): Loose => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'x' },
    addressType: 'IPv4',
    endpoints,
  })
  const addresses = ['10.0.0.1']
  const on = (node: string): Loose => ({ 'kubernetes.io/hostname': node, zone: 'z' })

  it('is left out of what is created', () => {
    expect(created(sent([{ addresses, deprecatedTopology: on('n1') }])).object.endpoints).toEqual([{ addresses, conditions: {} }])
  })

  it('gives its node a name when it was there before and an update changes the endpoints', () => {
    const conditions = {}
    const old = sent([{ addresses, conditions, deprecatedTopology: on('n1') }])
    expect(updated(old, (o) => (o.ports = [])).object.endpoints).toEqual(old.endpoints)
    const more = { addresses: ['10.0.0.2'], deprecatedTopology: on('n2') }
    expect(updated(old, (o) => o.endpoints.push(more)).object.endpoints).toEqual([
      { addresses, conditions, nodeName: 'n1' },
      { addresses: ['10.0.0.2'], conditions },
    ])
  })
})
