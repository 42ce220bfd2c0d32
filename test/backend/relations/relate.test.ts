import { describe, expect, it } from 'vitest'
import { relate, type Listed } from '../../../src-main/backend/relations/relate.js'
import { matches } from '../../../src-main/backend/relations/selector.js'
import type { Json } from '../../../src-main/backend/kinds/kind.js'
import { kindOf } from '../support/kinds.js'

const kinds = {
  Ingress: kindOf('Ingress', 'ingresses', 'networking.k8s.io'),
  Service: kindOf('Service', 'services'),
  HorizontalPodAutoscaler: kindOf('HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'autoscaling'),
  PodDisruptionBudget: kindOf('PodDisruptionBudget', 'poddisruptionbudgets', 'policy'),
  Deployment: kindOf('Deployment', 'deployments', 'apps'),
  ReplicaSet: kindOf('ReplicaSet', 'replicasets', 'apps'),
  Pod: kindOf('Pod', 'pods'),
  PersistentVolumeClaim: kindOf('PersistentVolumeClaim', 'persistentvolumeclaims'),
  ConfigMap: kindOf('ConfigMap', 'configmaps'),
  Secret: kindOf('Secret', 'secrets'),
  Certificate: kindOf('Certificate', 'certificates', 'cert.example.com'),
}
type Name = keyof typeof kinds

const all = Object.values(kinds)
/** The graph of these objects, as lines of `FROM TYPE TO`. */
function linesOf(objects: [Name, Json][], cut: Name[] = []) {
  const lists: Listed[] = all
    .filter((k) => k.kind !== 'Certificate')
    .map((kind) => ({
      kind,
      objects: objects.filter(([k]) => k === kind.kind).map(([, o]) => o),
      whole: !cut.includes(kind.kind as Name),
    }))
  const graph = relate(lists, all)
  return { ...graph, lines: graph.relations.map((r) => `${r.from} ${r.type} ${r.to}`).sort() }
}
const meta = (name: string, owner?: [kind: Name, name: string], labels?: Record<string, string>) => ({
  metadata: {
    name,
    namespace: 'shop',
    uid: `uid-${name}`,
    ...(labels ? { labels } : {}),
    ...(owner
      ? {
          ownerReferences: [
            {
              apiVersion: kinds[owner[0]].group ? `${kinds[owner[0]].group}/v1` : 'v1',
              kind: owner[0],
              name: owner[1],
              uid: `uid-${owner[1]}`,
              controller: true,
            },
          ],
        }
      : {}),
  },
})
const web = { app: 'web' }
const spec = {
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  containers: [
    {
      name: 'c',
      envFrom: [{ configMapRef: { name: 'settings' } }, { configMapRef: { name: 'perhaps', optional: true } }],
      env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'k' } } }],
    },
  ],
}
const running = { phase: 'Running', containerStatuses: [{ name: 'c', ready: true, state: { running: {} } }] }
const shop: [Name, Json][] = [
  ['Deployment', { ...meta('web'), spec: { replicas: 1, template: { metadata: { labels: web }, spec } }, status: { readyReplicas: 1 } }],
  ['ReplicaSet', { ...meta('web-1', ['Deployment', 'web'], web), spec: { replicas: 1 }, status: { replicas: 1, readyReplicas: 1 } }],
  ['ReplicaSet', { ...meta('web-0', ['Deployment', 'web'], web), spec: { replicas: 0 }, status: { replicas: 0 } }],
  ['Pod', { ...meta('web-1-a', ['ReplicaSet', 'web-1'], web), spec, status: running }],
]

describe('relations', () => {
  it('lead from a workload to its pods and to what its template and its pods use; what a rollout left empty is left out', () => {
    const { lines, objects } = linesOf([
      ...shop,
      ['ConfigMap', meta('settings')],
      ['Secret', meta('keys')],
      ['PersistentVolumeClaim', { ...meta('data'), spec: {}, status: { phase: 'Bound' } }],
    ])
    expect(lines).toEqual([
      'deployments.apps/shop/web owns replicasets.apps/shop/web-1',
      'deployments.apps/shop/web uses configmaps/shop/settings',
      'deployments.apps/shop/web uses persistentvolumeclaims/shop/data',
      'deployments.apps/shop/web uses secrets/shop/keys',
      'pods/shop/web-1-a uses persistentvolumeclaims/shop/data',
      'replicasets.apps/shop/web-1 owns pods/shop/web-1-a',
    ])
    expect(objects.map((o) => [o.id, o.status, o.tone])).toEqual([
      ['deployments.apps/shop/web', '1/1', 'ok'],
      ['replicasets.apps/shop/web-1', '1/1', 'ok'],
      ['pods/shop/web-1-a', 'Running', 'ok'],
      ['persistentvolumeclaims/shop/data', 'Bound', 'ok'],
      ['configmaps/shop/settings', '', undefined],
      ['secrets/shop/keys', '', undefined],
    ])
  })

  it('lead from an Ingress through a Service to the workload whose pods it selects, and tell how many of them are ready', () => {
    const { lines, objects } = linesOf([
      ...shop,
      ['Service', { ...meta('web'), spec: { selector: web } }],
      ['Service', { ...meta('nobody'), spec: { selector: { app: 'nobody' } } }],
      [
        'Ingress',
        {
          ...meta('front'),
          spec: {
            tls: [{ secretName: 'tls' }],
            rules: [
              {
                http: {
                  paths: [
                    { path: '/', backend: { service: { name: 'web' } } },
                    { path: '/x', backend: { service: { name: 'gone' } } },
                  ],
                },
              },
            ],
          },
        },
      ],
    ])
    expect(lines.filter((l) => /routes|selects|front/.test(l))).toEqual([
      'ingresses.networking.k8s.io/shop/front routes services/shop/gone',
      'ingresses.networking.k8s.io/shop/front routes services/shop/web',
      'ingresses.networking.k8s.io/shop/front uses secrets/shop/tls',
      'services/shop/web selects deployments.apps/shop/web',
    ])
    const state = (id: string) => objects.filter((o) => o.id === id).map((o) => [o.status, o.tone, o.missing])[0]
    expect(state('services/shop/web')).toEqual(['1/1', 'ok', undefined])
    expect(state('services/shop/nobody')).toEqual(['0/0', 'bad', undefined])
    expect(state('services/shop/gone')).toEqual(['', 'bad', true])
  })

  it('tell an autoscaler’s and a budget’s workload, and an owner of a kind that was not read', () => {
    const { lines } = linesOf([
      ...shop.filter(([k]) => k !== 'Pod'),
      ['HorizontalPodAutoscaler', { ...meta('web'), spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } } }],
      ['PodDisruptionBudget', { ...meta('web'), spec: { selector: { matchLabels: web } } }],
      ['Secret', { ...meta('web-tls', ['Certificate', 'cert']) }],
      ['Pod', { ...meta('reader'), spec: { volumes: [{ secret: { secretName: 'web-tls' } }] } }],
    ])
    expect(lines.filter((l) => !/owns replicasets|uses (configmaps|persistent|secrets\/shop\/keys)/.test(l))).toEqual([
      'certificates.cert.example.com/shop/cert owns secrets/shop/web-tls',
      'horizontalpodautoscalers.autoscaling/shop/web scales deployments.apps/shop/web',
      'poddisruptionbudgets.policy/shop/web guards deployments.apps/shop/web',
      'pods/shop/reader uses secrets/shop/web-tls',
    ])
  })

  it('call nothing missing of a kind that was not read whole, and leave out what nothing refers to', () => {
    const { objects } = linesOf([...shop, ['ConfigMap', meta('unused')]], ['Secret'])
    expect(objects.filter((o) => o.missing).map((o) => o.id)).toEqual(['configmaps/shop/settings', 'persistentvolumeclaims/shop/data'])
    expect(objects.map((o) => o.id)).not.toContain('configmaps/shop/unused')
  })
})

describe('a selector', () => {
  it.each([
    [{ app: 'web' }, true],
    [{ app: 'db' }, false],
    [{}, true],
    [undefined, false],
    [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'db'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, false],
  ])('%j selects labels of app=web: %s', (selector, yes) => expect(matches(selector, web)).toBe(yes))
})
