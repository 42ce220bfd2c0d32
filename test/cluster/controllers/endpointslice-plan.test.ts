/** Which slices change when endpoints do, and to which zones endpoints are handed. */
import { describe, expect, test } from 'vitest'
import type { EndpointSlice, Node } from '../../../src-main/cluster/api/object.js'
import type { Endpoint } from '../../../src-main/cluster/controllers/endpointslice-plan.js'
import { planSlices } from '../../../src-main/cluster/controllers/endpointslice-plan.js'
import { zonesOfEndpoints } from '../../../src-main/cluster/controllers/topology-hints.js'

const HTTP = [{ name: 'http', port: 80, protocol: 'TCP' }]
const HTTPS = [{ name: 'https', port: 443, protocol: 'TCP' }]
const endpoint = (i: number, ready = true): Endpoint => ({ addresses: [`10.0.${Math.floor(i / 250)}.${i % 250}`], conditions: { ready } })
const range = (from: number, to: number): Endpoint[] => Array.from({ length: to - from }, (_, i) => endpoint(from + i))
const slice = (name: string, endpoints: Endpoint[], ports = HTTP): EndpointSlice =>
  ({ metadata: { name, labels: {} }, addressType: 'IPv4', endpoints, ports }) as unknown as EndpointSlice

/** What a plan does, as `created`, `NAME=size` and `-NAME`. */
function done(groups: { ports: typeof HTTP; endpoints: Endpoint[] }[], existing: EndpointSlice[]): string {
  const { create, update, remove } = planSlices(groups, existing, {})
  const port = (ports: readonly { name: string }[]): string => (ports.length ? ports.map((p) => p.name).join() : 'none')
  return [
    ...create.map((c) => `new ${port(c.ports)} ${c.endpoints.length}`),
    ...update.map((u) => `${u.slice.metadata.name} ${port(u.ports)} ${u.endpoints.length}`),
    ...remove.map((r) => `-${r.metadata.name}`),
  ].join(', ')
}

describe('the slices of a Service', () => {
  test.each<[string, Parameters<typeof done>, string]>([
    ['without pods are one empty one', [[], []], 'new none 0'],
    ['without pods stay as they are', [[], [slice('a', [], [])]], ''],
    ['that lose their last pod leave one of their name, without ports', [[], [slice('a', range(0, 1))]], 'a none 0'],
    ['that lose their last pods leave one', [[], [slice('a', range(0, 1)), slice('b', range(1, 2))]], 'a none 0, -b'],
    ['that get their first pod keep the name', [[{ ports: HTTP, endpoints: range(0, 1) }], [slice('a', [], [])]], 'a http 1'],
    ['hold a hundred each', [[{ ports: HTTP, endpoints: range(0, 250) }], []], 'new http 100, new http 100, new http 50'],
    [
      'are not written when nothing changes',
      [[{ ports: HTTP, endpoints: range(0, 150) }], [slice('a', range(0, 100)), slice('b', range(100, 150))]],
      '',
    ],
    [
      'take new endpoints where something changes anyway',
      [[{ ports: HTTP, endpoints: [...range(1, 60), ...range(90, 110)] }], [slice('a', range(0, 60)), slice('b', range(90, 100))]],
      'a http 69',
    ],
    [
      'take new endpoints where they fit best',
      [[{ ports: HTTP, endpoints: range(0, 115) }], [slice('a', range(0, 30)), slice('b', range(30, 110))]],
      'b http 85',
    ],
    [
      'take new endpoints in a slice of their own when they fit in none',
      [[{ ports: HTTP, endpoints: range(0, 190) }], [slice('a', range(0, 70)), slice('b', range(70, 140))]],
      'new http 50',
    ],
    ['change their ports in place', [[{ ports: HTTPS, endpoints: range(0, 3) }], [slice('a', range(0, 3))]], 'a https 3'],
    [
      'are one for each set of ports',
      [
        [
          { ports: HTTP, endpoints: range(0, 3) },
          { ports: HTTPS, endpoints: range(3, 4) },
        ],
        [slice('a', range(0, 4))],
      ],
      'new https 1, a http 3',
    ],
  ])('%s', (_, args, expected) => {
    expect(done(...args)).toBe(expected)
  })
})

describe('topology hints', () => {
  const node = (zone: string, cpu: string, labels: object = {}): Node =>
    ({
      metadata: { labels: { ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}), ...labels } },
      status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: 'True' }] },
    }) as unknown as Node
  /** The zone that each endpoint of these zones is handed to, in order. */
  const handed = (zones: string, ...nodes: Node[]): string => {
    const endpoints = zones
      .split(' ')
      .map((zone, i): Endpoint => ({ ...endpoint(i, zone !== '!'), ...(/^\w+$/.test(zone) ? { zone } : {}) }))
    try {
      const found = zonesOfEndpoints(endpoints, nodes)
      return endpoints.map((e) => found.get(e) ?? '-').join(' ')
    } catch (error) {
      return (error as Error).message
    }
  }
  const equal = [node('a', '4'), node('b', '4'), node('c', '4')]
  test.each<[string, string, Node[], string]>([
    ['keep endpoints in their zone', 'a b c', equal, 'a b c'],
    ['give a zone without endpoints some of another', 'a a b', equal, 'c a b'],
    ['go by the CPU of the zones', 'a a a b b b', [node('a', '2'), node('b', '4')], 'b a a b b b'],
    ['move nothing for a part of an endpoint', 'a b', [node('a', '45'), node('b', '55')], 'a b'],
    ['leave out endpoints that are not ready', 'a b ! c', equal, 'a b - c'],
    [
      'leave out control planes',
      'a b',
      [node('a', '4'), node('b', '4'), node('', '8', { 'node-role.kubernetes.io/control-plane': '' })],
      'a b',
    ],
    ['need as many endpoints as zones', 'a b', equal, 'Insufficient number of endpoints (2 endpoints, 3 zones)'],
    ['need two zones', 'a b', [node('a', '4')], 'Nodes only ready in one zone'],
    [
      'need the zone of each node',
      'a b',
      [node('a', '4'), node('', '4')],
      'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
    ],
    ['need the zone of each endpoint', 'a b ? ?', [node('a', '4'), node('b', '4')], 'One or more endpoints do not have a zone specified'],
    [
      'overload no zone',
      'a b c',
      [node('a', '50'), node('b', '45'), node('c', '5')],
      'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 3 zones)',
    ],
  ])('%s', (_, zones, nodes, expected) => {
    expect(handed(zones, ...nodes)).toBe(expected)
  })
})
