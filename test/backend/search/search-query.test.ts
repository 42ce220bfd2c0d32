import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src-main/backend/kinds/kind.js'
import type { KindInfo } from '../../../src-main/backend/rpc/contract.js'
import { factsOf, matchesOf } from '../../../src-main/backend/search/search-facts.js'
import { kindsToRead } from '../../../src-main/backend/search/search-kinds.js'
import { parseSearchQuery } from '../../../src-main/backend/search/search-query.js'

const kind = (name: string, resource: string, group = '', shortNames: string[] = [], namespaced = true): KindInfo => ({
  kind: name,
  group,
  version: 'v1',
  resource,
  namespaced,
  verbs: ['get', 'list'],
  shortNames,
  categories: [],
})
const pods = kind('Pod', 'pods', '', ['po'])
const kinds = [
  pods,
  kind('Service', 'services', '', ['svc']),
  kind('Deployment', 'deployments', 'apps', ['deploy']),
  kind('ReplicaSet', 'replicasets', 'apps', ['rs']),
  kind('Secret', 'secrets'),
  kind('Node', 'nodes', '', ['no'], false),
  kind('Event', 'events', '', ['ev']),
  kind('PodMetrics', 'pods', 'metrics.k8s.io'),
  kind('Ship', 'ships', 'harbour.example'),
  { ...kind('Binding', 'bindings'), verbs: ['create'] },
]
const web: Json = {
  metadata: {
    name: 'web-7d4b9-x2x8p',
    namespace: 'prod',
    labels: { app: 'web', tier: 'front' },
    annotations: { 'example.com/owner': 'team-sails', 'kubectl.kubernetes.io/last-applied-configuration': '{"hidden":true}' },
  },
  spec: { nodeName: 'node-2', containers: [{ name: 'nginx', image: 'registry.example/nginx:1.27' }] },
  status: {
    phase: 'Running',
    podIP: '10.42.0.17',
    containerStatuses: [{ name: 'nginx', ready: false, restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    conditions: [{ type: 'PodScheduled', status: 'True' }],
  },
}
const found = (text: string, object: Json = web, of = pods) => matchesOf(factsOf(object, of, 'staging'), parseSearchQuery(text))
const read = (text: string) => kindsToRead(kinds, parseSearchQuery(text)).map((k) => k.kind)

describe('a search', () => {
  it.each([
    ['web', true],
    ['WEB-7d', true],
    ['prod', true],
    ['nginx:1.27', true],
    ['10.42.0.17', true],
    ['team-sails', true],
    ['tier=front', true],
    ['hidden', false],
    ['web nginx', true],
    ['web redis', false],
    ['"web nginx"', false],
    ['/^web-.*x2x8p$/', true],
    ['/^x2x8p/', false],
    ['!redis', true],
    ['!nginx', false],
    ['web !/x2x8p$/', false],
    ['ns:prod', true],
    ['ns:pro', false],
    ['ns:pr*', true],
    ['ns:staging,prod', true],
    ['!ns:prod', false],
    ['namespace:prod', true],
    ['name:x2x8', true],
    ['label:app', true],
    ['label:app=web', true],
    ['label:app=we', false],
    ['label:app=w*', true],
    ['label:nginx', false],
    ['annotation:owner', true],
    ['annotation:/sails$/', true],
    ['image:nginx', true],
    ['image:1.25', false],
    ['!image:1.25', true],
    ['ip:10.42', true],
    ['node:node-2', true],
    ['node:node', false],
    ['status:crash', true],
    ['status:running', true],
    ['status:podscheduled', true],
    ['status:trouble', true],
    ['status:failed', false],
    ['kind:po', true],
    ['cluster:staging', true],
    ['cluster:prod', false],
    ['kind:', true],
  ])('for %s finds a pod: %s', (text, yes) => {
    expect(found(text) !== undefined).toBe(yes)
  })

  it('tells what answered it beside the name', () => {
    expect(found('web image:nginx label:tier=front node:node-2')).toEqual([
      { field: 'image', text: 'registry.example/nginx:1.27' },
      { field: 'label', text: 'tier=front' },
      { field: 'node', text: 'node-2' },
    ])
  })

  it('says which part cannot be read', () => {
    const rpc = {
      reason: 'Invalid',
      message: 'Invalid regular expression: /(/i: Unterminated group',
      causes: [{ field: 'name:/(/', message: '' }],
    }
    expect(() => parseSearchQuery('web name:/(/')).toThrowError(expect.objectContaining({ rpc }) as Error)
  })

  it.each([
    ['web', ['Pod', 'Service', 'Deployment', 'ReplicaSet', 'Secret', 'Node', 'Ship']],
    ['kind:pods web', ['Pod']],
    ['kind:pods.metrics.k8s.io', ['PodMetrics']],
    ['kind:deploy,svc', ['Service', 'Deployment']],
    ['kind:deployments.apps', ['Deployment']],
    ['kind:*set', ['ReplicaSet']],
    ['!kind:rs !kind:secret web', ['Pod', 'Service', 'Deployment', 'Node', 'Ship']],
    ['kind:event', ['Event']],
    ['image:nginx', ['Pod', 'Deployment', 'ReplicaSet']],
    ['kind:ship image:nginx', ['Ship']],
    ['node:node-2', ['Pod', 'Node']],
    ['ns:prod web', ['Pod', 'Service', 'Deployment', 'ReplicaSet', 'Secret', 'Ship']],
    ['status:trouble', ['Pod', 'Service', 'Deployment', 'ReplicaSet', 'Node']],
  ])('for %s reads only the kinds that can answer', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })
})
