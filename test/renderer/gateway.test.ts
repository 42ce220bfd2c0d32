import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-renderer/stores/object.js'
import { isAttached, listenerLines, parentLines, ruleLines } from '../../src-renderer/views/details/gateway.js'
import { recommendationLines } from '../../src-renderer/views/details/vpa.js'

const object = (fields: object, namespace = 'shop') =>
  ({ metadata: { name: 'x', namespace, uid: 'u' }, ...fields }) as unknown as KubeObject
const words = {
  unread: 'unread',
  everything: 'everything',
  redirect: 'redirect',
  share: (weight: number, percent: number) => `${weight} (${percent}%)`,
}
const GATEWAY = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name: 'edge', namespace: 'infra' }

describe('the details of a Gateway', () => {
  it('say of each listener where it is, what it shows itself with, and what is wrong with it', () => {
    const listeners = [
      { name: 'http', protocol: 'HTTP', port: 80 },
      { name: 'https', protocol: 'HTTPS', port: 443, hostname: 'a.example', tls: { certificateRefs: [{ name: 'tls' }] } },
    ]
    const told = [
      {
        name: 'https',
        attachedRoutes: 1,
        conditions: [
          { type: 'Conflicted', status: 'False' },
          { type: 'ResolvedRefs', status: 'False', reason: 'InvalidCertificateRef', message: 'no Secret' },
        ],
      },
    ]
    expect(listenerLines(object({ spec: { listeners }, status: { listeners: told } }), words)).toEqual([
      ['http', 'HTTP:80', '*', '–', '0', { text: 'unread', tone: 'off' }],
      ['https', 'HTTPS:443', 'a.example', 'tls', '1', { text: 'InvalidCertificateRef: no Secret', tone: 'bad' }],
    ])
  })

  it('have the routes that name it, of other namespaces too', () => {
    const route = (parent: object) => object({ spec: { parentRefs: [parent] } })
    const edge = { name: 'edge', namespace: 'infra' }
    expect(isAttached(route({ name: 'edge', namespace: 'infra' }), edge)).toBe(true)
    expect(isAttached(route({ name: 'edge' }), edge)).toBe(false)
    expect(isAttached(route({ name: 'edge' }), { name: 'edge', namespace: 'shop' })).toBe(true)
    expect(isAttached(route({ kind: 'Service', name: 'edge', namespace: 'infra' }), edge)).toBe(false)
  })
})

describe('the details of a route', () => {
  it('say how each parent has taken it up', () => {
    const parentRefs = [
      { name: 'edge', namespace: 'infra', sectionName: 'web' },
      { name: 'edge', namespace: 'infra', sectionName: 'other' },
    ]
    const parents = [{ parentRef: parentRefs[0]!, conditions: [{ type: 'Accepted', status: 'True' }] }]
    expect(parentLines(object({ spec: { parentRefs }, status: { parents } }), words)).toEqual([
      [GATEWAY, 'web', { text: 'Accepted', tone: 'ok' }],
      [GATEWAY, 'other', { text: 'unread', tone: 'off' }],
    ])
  })

  it('say where each rule leads, and the share of each of several backends', () => {
    const rules = [
      {
        matches: [{ method: 'GET', path: { type: 'Exact', value: '/cart' }, headers: [{ name: 'x-beta', value: '1' }] }],
        backendRefs: [
          { name: 'cart', port: 80, weight: 3 },
          { name: 'new', namespace: 'lab', port: 80 },
        ],
      },
      { filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', hostname: 'a.example' } }] },
    ]
    const service = (name: string, namespace: string) => ({ apiVersion: 'v1', kind: 'Service', name, namespace })
    expect(ruleLines(object({ spec: { rules } }), words)).toEqual([
      ['GET /cart (Exact), header x-beta=1', service('cart', 'shop'), '80', '3 (75%)'],
      ['', service('new', 'lab'), '80', '1 (25%)'],
      ['everything', 'redirect https://a.example', '', ''],
    ])
  })
})

it('the details of a VerticalPodAutoscaler set what it recommends beside what is asked for now', () => {
  const containerRecommendations = [
    { containerName: 'web', target: { cpu: '25m', memory: '250Mi' }, lowerBound: { cpu: '10m' }, upperBound: { cpu: '1' } },
  ]
  const workload = object({ spec: { template: { spec: { containers: [{ name: 'web', resources: { requests: { cpu: '500m' } } }] } } } })
  const vpa = object({ status: { recommendation: { containerRecommendations } } })
  expect(recommendationLines(vpa, workload)).toEqual([
    ['web', 'cpu', '500m', '25m', '10m', '1'],
    ['', 'memory', '–', '250Mi', '–', '–'],
  ])
  expect(recommendationLines(vpa, undefined)[0]).toEqual(['web', 'cpu', '–', '25m', '10m', '1'])
})
