import { describe, expect, it } from 'vitest'
import { parseQuantity } from '../../src-renderer/components/bytes.js'
import type { KubeObject } from '../../src-renderer/stores/object.js'
import { entriesOf, keyPatch, keyProblem } from '../../src-renderer/views/details/data-entries.js'
import { endpointLines } from '../../src-renderer/views/details/endpoints.js'
import { environmentOf } from '../../src-renderer/views/details/environment.js'
import { readFailedScheduling } from '../../src-renderer/views/details/failed-scheduling.js'
import { cronWords } from '../../src-renderer/views/details/cron-words.js'
import { ingressPage } from '../../src-renderer/views/details/ingress-page.js'
import { hpaMetrics } from '../../src-renderer/views/details/hpa.js'
import { jobOutcome } from '../../src-renderer/views/details/job-outcome.js'
import { policySentences } from '../../src-renderer/views/details/network-policy.js'
import { asksOf, podResource, sumOf } from '../../src-renderer/views/details/pod-resources.js'
import { quotaLines } from '../../src-renderer/views/details/quota.js'
import { ruleAllows, whoCan } from '../../src-renderer/views/details/rbac.js'
import { usesOf } from '../../src-renderer/views/details/references.js'

const object = (name: string, rest: object, namespace?: string): KubeObject => ({
  metadata: { name, ...(namespace ? { namespace } : {}) },
  ...rest,
})

describe('keys of ConfigMaps and Secrets', () => {
  it('are decoded for a Secret, and bytes that are no text are kept', () => {
    expect(entriesOf({ data: { user: 'w6k=', raw: '/wA=' } }, true)).toEqual([
      { key: 'user', text: 'é', bytes: 2, binary: false, field: 'data' },
      { key: 'raw', text: 'ff 00', bytes: 2, binary: true, field: 'data' },
    ])
    expect(entriesOf({ data: { a: 'b' }, binaryData: { c: '/w==' } }, false).map((e) => [e.key, e.binary, e.field])).toEqual([
      ['a', false, 'data'],
      ['c', true, 'binaryData'],
    ])
  })

  it('are saved one by one, in base64 for a Secret', () => {
    expect(keyPatch({ key: 'user', field: 'data' }, 'é', true)).toEqual({ data: { user: 'w6k=' } })
    expect(keyPatch({ key: 'c', field: 'binaryData' }, null, false)).toEqual({ binaryData: { c: null } })
  })

  it('have names that Kubernetes takes', () => {
    expect(['a.b-c_d', '', 'a b', '..a', '.', 'x'].map((k) => keyProblem(k, ['x']))).toEqual([
      undefined,
      'characters',
      'characters',
      'characters',
      'characters',
      'taken',
    ])
  })
})

describe('the environment of a container', () => {
  it('resolves fields of the pod and resources, and names its references', () => {
    const pod = object('web-0', { status: { podIP: '10.0.0.7' } }, 'shop')
    pod.metadata.labels = { app: 'web' }
    const container = {
      resources: { limits: { cpu: '500m', memory: '64Mi' } },
      envFrom: [{ prefix: 'DB_', secretRef: { name: 'db' } }],
      env: [
        { name: 'PLAIN', value: 'x' },
        { name: 'NS', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      ],
    }
    expect(environmentOf(container, pod)).toEqual([
      { name: 'DB_*', source: { kind: 'Secret', name: 'db', optional: undefined } },
      { name: 'PLAIN', value: 'x' },
      { name: 'NS', field: 'metadata.namespace', value: 'shop' },
      { name: 'APP', field: "metadata.labels['app']", value: 'web' },
      { name: 'CPUS', field: 'limits.cpu', value: '1' },
      { name: 'MEM', field: 'limits.memory', value: '64' },
    ])
  })
})

describe('what uses an object', () => {
  const spec = {
    serviceAccountName: 'robot',
    imagePullSecrets: [{ name: 'pull' }],
    volumes: [
      { name: 'a', projected: { sources: [{ configMap: { name: 'settings' } }] } },
      { name: 'b', persistentVolumeClaim: { claimName: 'data' } },
    ],
    containers: [{ name: 'c', env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'settings', key: 'x' } } }] }],
  }
  it.each([
    ['ConfigMap', 'settings', ['environment', 'volume']],
    ['ConfigMap', 'pull', []],
    ['Secret', 'pull', ['imagePull']],
    ['PersistentVolumeClaim', 'data', ['volume']],
    ['ServiceAccount', 'robot', ['identity']],
    ['ServiceAccount', 'default', []],
  ] as const)('%s %s', (kind, name, uses) => expect(usesOf(spec, kind, name)).toEqual(uses))
})

describe('endpoints', () => {
  it('that are not ready tell why, in the words of the pod', () => {
    const slice = object('web-abc', {
      endpoints: [
        { addresses: ['10.0.0.2'], conditions: { ready: false }, targetRef: { kind: 'Pod', name: 'b' } },
        { addresses: ['10.0.0.1'], conditions: {}, targetRef: { kind: 'Pod', name: 'a' }, nodeName: 'n1' },
        { addresses: ['10.0.0.3'], conditions: { ready: false, terminating: true } },
      ],
    })
    const waiting = { name: 'c', state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } } }
    expect(endpointLines([slice], [object('b', { status: { containerStatuses: [waiting] } })])).toEqual([
      { address: '10.0.0.1', pod: 'a', node: 'n1', state: 'ready' },
      { address: '10.0.0.2', pod: 'b', state: 'notReady', why: 'c: CrashLoopBackOff: back-off 10s' },
      { address: '10.0.0.3', state: 'terminating' },
    ])
  })
})

describe('resources', () => {
  it('of a pod are its containers and sidecars, or an init container if that is more, and the overhead', () => {
    const cpu = (n: string, rest = {}) => ({ resources: { requests: { cpu: n } }, ...rest })
    const spec = {
      initContainers: [cpu('100m', { restartPolicy: 'Always' }), cpu('2')],
      containers: [cpu('500m')],
      overhead: { cpu: '50m' },
    }
    expect(podResource(spec, 'requests', 'cpu')).toBeCloseTo(2.15, 6)
    const pods = [object('a', { spec, status: { phase: 'Running' } }), object('b', { spec, status: { phase: 'Succeeded' } })]
    expect(sumOf(pods, 'requests', 'cpu')).toBeCloseTo(2.15, 6)
  })

  it('of a pod on a node are told as what it asks for and may use at most', () => {
    const spec = { containers: [{ resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '128Mi' } } }] }
    expect(asksOf(object('a', { spec }))).toEqual({ cpu: '50m / –', memory: '32 MiB / 128 MiB' })
    expect(asksOf(object('b', { spec: { containers: [{}] } }))).toEqual({ cpu: '– / –', memory: '– / –' })
  })

  it('of a quota come fullest first', () => {
    expect(
      quotaLines(object('q', { status: { hard: { pods: '4', 'requests.cpu': '1' }, used: { pods: '1', 'requests.cpu': '900m' } } })),
    ).toEqual([
      { resource: 'requests.cpu', used: '900m', hard: '1', share: 0.9 },
      { resource: 'pods', used: '1', hard: '4', share: 0.25 },
    ])
  })
})

describe('rights', () => {
  const wish = { verb: 'create', group: '', resource: 'pods/exec' }
  it.each([
    [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, true],
    [{ verbs: ['create'], apiGroups: [''], resources: ['pods'] }, false],
    [{ verbs: ['create'], apiGroups: [''], resources: ['*/exec'] }, true],
    [{ verbs: ['create'], apiGroups: ['apps'], resources: ['pods/exec'] }, false],
  ])('%j covers a subresource: %s', (rule, allowed) => expect(ruleAllows(rule, wish)).toBe(allowed))

  it('are read from roles and the bindings that give them', () => {
    const role = object('reader', { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['db'] }] })
    const binding = (name: string, namespace: string) =>
      object(name, { roleRef: { kind: 'ClusterRole', name: 'reader' }, subjects: [{ kind: 'User', name: 'jane' }] }, namespace)
    const bindings = [binding('here', 'shop'), binding('elsewhere', 'other')]
    expect(whoCan({ verb: 'get', group: '', resource: 'secrets' }, 'shop', [role], bindings)).toEqual([
      {
        subject: { kind: 'User', name: 'jane' },
        binding: { kind: 'RoleBinding', name: 'here', namespace: 'shop' },
        role: { kind: 'ClusterRole', name: 'reader' },
        names: ['db'],
      },
    ])
  })
})

describe('a NetworkPolicy', () => {
  it('is told rule by rule; a direction without rules is closed', () => {
    const ingress = [{ from: [{ podSelector: { matchLabels: { app: 'web' } }, namespaceSelector: {} }], ports: [{ port: 80 }] }]
    expect(policySentences(object('p', { spec: { policyTypes: ['Ingress', 'Egress'], ingress } }))).toEqual([
      { direction: 'Ingress', peers: [{ type: 'pods', pods: 'app=web', namespaces: '' }], ports: ['TCP 80'] },
      { direction: 'Egress', peers: [], ports: [], closed: true },
    ])
    expect(policySentences(object('p', { spec: { ingress: [{}] } }))).toEqual([
      { direction: 'Ingress', peers: [{ type: 'everyone' }], ports: [] },
    ])
  })
})

describe('scheduling', () => {
  it('that failed is read from the event, reasons with commas in one piece', () => {
    const text =
      '0/5 nodes are available: 1 node(s) had untolerated taint(s) {a: b, c: d}, 4 Insufficient cpu. preemption: 0/5 nodes are available: 5 No preemption victims found for incoming pod.'
    expect(readFailedScheduling(text)).toEqual({
      feasible: 0,
      total: 5,
      reasons: [
        { nodes: 4, text: 'Insufficient cpu' },
        { nodes: 1, text: 'node(s) had untolerated taint(s) {a: b, c: d}' },
      ],
      preemption: '0/5 nodes are available: 5 No preemption victims found for incoming pod.',
    })
    expect(readFailedScheduling('persistentvolumeclaim "x" not found')).toBeNull()
  })
})

describe('the page of an Ingress', () => {
  it('is secured where TLS is set up for its host, or for all of its domain', () => {
    const secured = new Set(['a.example', '*.b.example'])
    expect(ingressPage('a.example', '/', secured)).toBe('https://a.example/')
    expect(ingressPage('x.b.example', '/api', secured)).toBe('https://x.b.example/api')
    expect(ingressPage('c.example', '/shop/(.*)', secured)).toBe('http://c.example/shop/')
    expect(ingressPage('*', '/', secured)).toBeUndefined()
    expect(ingressPage('*.c.example', '/', secured)).toBeUndefined()
  })
})

describe('a schedule', () => {
  it.each([
    ['* * * * *', { key: 'everyMinute' }],
    ['*/1 * * * *', { key: 'everyMinute' }],
    ['*/5 * * * *', { key: 'everyMinutes', n: 5, minute: '' }],
    ['30 */1 * * *', { key: 'hourly', minute: '30' }],
    ['@hourly', { key: 'hourly', minute: '00' }],
    ['15 */6 * * *', { key: 'everyHours', n: 6, minute: '15' }],
    ['0 3 * * *', { key: 'daily', time: '03:00' }],
    ['30 9 * * MON-FRI', { key: 'weekly', time: '09:30', days: [1, 2, 3, 4, 5] }],
    ['0 0 * * 5-7', { key: 'weekly', time: '00:00', days: [5, 6, 0] }],
    ['@monthly', { key: 'monthly', time: '00:00', day: 1 }],
  ])('%s is told in words', (schedule, words) => expect(cronWords(schedule)).toEqual(words))

  it.each(['0 0 1 1 *', '*/5 9-17 * * *', '0 0 13 * 5', '0 3', '', '0 0 * * 9'])('%s is left as it is', (schedule) =>
    expect(cronWords(schedule)).toBeNull(),
  )
})

describe('autoscalers and jobs', () => {
  it('show the metric against its target', () => {
    const hpa = object('h', {
      spec: { metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] },
      status: { currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 75 } } }] },
    })
    expect(hpaMetrics(hpa, parseQuantity)).toEqual([{ name: 'cpu', current: '75%', target: '50%', ratio: 1.5 }])
    // What could not be read has a status without a type.
    const unread = object('h', { spec: hpa.spec, status: { currentMetrics: [{ type: '' }] } })
    expect(hpaMetrics(unread, parseQuantity)).toEqual([{ name: 'cpu', target: '50%' }])
    // The server gives memory in bytes.
    const memory = object('h', {
      spec: { metrics: [{ type: 'Resource', resource: { name: 'memory', target: { averageValue: '64Mi' } } }] },
      status: { currentMetrics: [{ type: 'Resource', resource: { name: 'memory', current: { averageValue: '33554432' } } }] },
    })
    expect(hpaMetrics(memory, parseQuantity)).toEqual([{ name: 'memory', current: '32 MiB', target: '64 MiB', ratio: 0.5 }])
  })

  it('tell how a Job ended and how long it took', () => {
    const status = {
      startTime: '2026-01-01T00:00:00Z',
      conditions: [{ type: 'Failed', status: 'True', lastTransitionTime: '2026-01-01T00:01:00Z' }],
    }
    expect(jobOutcome(object('j', { status }), 0)).toEqual({ word: 'failed', tone: 'bad', ms: 60_000 })
    expect(jobOutcome(object('j', { spec: { suspend: true } }), 0)).toEqual({ word: 'suspended', tone: 'off' })
  })
})
