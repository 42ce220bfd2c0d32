import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rowOf } from '../../src-main/backend/kinds/kind.js'
import { listKind } from '../../src-main/backend/kinds/registry.js'
import type { Cell } from '../../src-main/backend/rpc/contract.js'

/** The cells of an object of a kind, by column. */
function cells(group: string, resource: string, object: object): Record<string, Cell> {
  const kind = listKind({ group, resource })!
  const row = rowOf(kind, { metadata: { name: 'x', namespace: 'shop', uid: 'u' }, ...object })
  expect(row.cells).toHaveLength(kind.columns.length)
  return Object.fromEntries(kind.columns.map((c, i) => [c.id, row.cells[i]!]))
}

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-21T09:00:00Z') }))
afterEach(() => void vi.useRealTimers())

describe('a Job', () => {
  const spec = { completions: 3, parallelism: 2, template: { spec: { containers: [{ image: 'busybox' }] } } }
  it('that runs counts its completions and its time', () => {
    expect(cells('batch', 'jobs', { spec, status: { startTime: '2026-11-21T08:59:00Z', succeeded: 1 } })).toMatchObject({
      status: { text: 'Running', tone: 'busy' },
      completions: { text: '1/3', sort: 1 / 3 },
      duration: { since: Date.parse('2026-11-21T08:59:00Z') },
      images: 'busybox',
    })
  })
  it('that failed tells why, and how long it took', () => {
    const conditions = [
      {
        type: 'Failed',
        status: 'True',
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit',
        lastTransitionTime: '2026-11-21T08:59:30Z',
      },
    ]
    expect(cells('batch', 'jobs', { spec, status: { startTime: '2026-11-21T08:59:00Z', conditions } })).toMatchObject({
      status: { text: 'Failed', tone: 'bad', title: 'BackoffLimitExceeded: Job has reached the specified backoff limit' },
      duration: { spent: 30_000 },
    })
  })
})

describe('the status of a Service', () => {
  const ingress = [{ ip: '203.0.113.7' }]
  it.each([
    ['is active once it is there', { spec: { type: 'ClusterIP' } }, { text: 'Active', tone: 'ok' }],
    ['waits for the address of its load balancer', { spec: { type: 'LoadBalancer' } }, { text: 'Pending', tone: 'busy' }],
    [
      'is active with that address',
      { spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress } } },
      { text: 'Active', tone: 'ok' },
    ],
    [
      'tells that it goes',
      { metadata: { name: 'x', uid: 'u', deletionTimestamp: '2026-11-21T08:59:00Z' }, spec: { type: 'LoadBalancer' } },
      { text: 'Terminating', tone: 'busy' },
    ],
  ])('%s', (_, service, status) => {
    expect(cells('', 'services', service).status).toEqual(status)
  })
})

describe('the columns that kubectl has with -o wide', () => {
  const template = {
    spec: {
      containers: [
        { name: 'web', image: 'nginx' },
        { name: 'log', image: 'busybox' },
      ],
    },
  }
  const wide = { containers: 'web, log', images: 'nginx, busybox' }
  it.each([
    ['apps', 'deployments', { template, selector: { matchLabels: { app: 'x' } } }, { ...wide, selector: 'app=x' }],
    ['apps', 'replicasets', { template, selector: { matchLabels: { app: 'x' } } }, { ...wide, selector: 'app=x' }],
    ['apps', 'statefulsets', { template }, wide],
    ['apps', 'daemonsets', { template, selector: { matchLabels: { app: 'x' } } }, { ...wide, selector: 'app=x' }],
    ['', 'replicationcontrollers', { template, selector: { app: 'x' } }, { ...wide, selector: 'app=x' }],
    ['batch', 'jobs', { template, selector: { matchLabels: { app: 'x' } } }, { ...wide, selector: 'app=x' }],
    ['batch', 'cronjobs', { schedule: '0 3 * * *', jobTemplate: { spec: { template } } }, wide],
    ['', 'persistentvolumes', { volumeAttributesClassName: 'gold' }, { attributesClass: 'gold' }],
    ['', 'persistentvolumeclaims', { volumeAttributesClassName: 'gold' }, { attributesClass: 'gold' }],
  ])('are there for %s %s', (group, resource, spec, expected) => {
    expect(cells(group, resource, { spec })).toMatchObject(expected)
  })
  it('are there for the part of an object that an event is about', () => {
    expect(cells('', 'events', { involvedObject: { kind: 'Pod', name: 'a', fieldPath: 'spec.containers{web}' } })).toMatchObject({
      object: 'pod/a',
      part: 'spec.containers{web}',
    })
  })
})

describe('a CronJob', () => {
  it('tells its next run in its own time zone', () => {
    const of = (extra: object, status = {}) => cells('batch', 'cronjobs', { spec: { schedule: '0 3 * * *', ...extra }, status })
    expect(of({}).nextRun).toBe(Date.parse('2026-11-22T03:00:00Z'))
    expect(of({ timeZone: 'Asia/Shanghai' }).nextRun).toBe(Date.parse('2026-11-21T19:00:00Z'))
    expect(of({ suspend: true })).toMatchObject({ nextRun: null, suspended: { text: 'Suspended', tone: 'off' } })
  })
  it('counts from its last run where the clock of its cluster is ahead', () => {
    const { nextRun } = cells('batch', 'cronjobs', {
      spec: { schedule: '0 3 * * *' },
      status: { lastScheduleTime: '2026-12-01T03:00:00Z' },
    })
    expect(nextRun).toBe(Date.parse('2026-12-02T03:00:00Z'))
  })
})

describe('an Ingress', () => {
  it('names its hosts, and where each path leads', () => {
    const http = { paths: [{ path: '/api', backend: { service: { name: 'api', port: { name: 'http' } } } }] }
    const ingress = {
      spec: {
        ingressClassName: 'nginx',
        rules: [{ host: 'shop.example', http }],
        defaultBackend: { service: { name: 'web', port: { number: 80 } } },
        tls: [{ secretName: 'cert' }],
      },
      status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
    }
    expect(cells('networking.k8s.io', 'ingresses', ingress)).toMatchObject({
      class: 'nginx',
      hosts: 'shop.example',
      routes: '/api→api:http, *→web:80',
      address: '10.0.0.1',
      ports: '80, 443',
      tls: 'cert',
    })
  })
})

describe('a HorizontalPodAutoscaler', () => {
  it('shows each metric against its target, and what keeps it from scaling', () => {
    const hpa = {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        maxReplicas: 10,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '100' } } },
        ],
      },
      status: {
        currentReplicas: 2,
        currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 23 } } }],
        conditions: [{ type: 'ScalingActive', status: 'False', reason: 'FailedGetPodsMetric', message: 'no metrics' }],
      },
    }
    expect(cells('autoscaling', 'horizontalpodautoscalers', hpa)).toMatchObject({
      reference: 'Deployment/web',
      targets: 'cpu: 23%/80%, rps: <unknown>/100 (avg)',
      min: 1,
      max: 10,
      replicas: 2,
      conditions: { text: '', tone: 'bad', title: 'FailedGetPodsMetric: no metrics' },
    })
  })
})

describe('storage', () => {
  it('of a claim sorts by size and writes modes short', () => {
    const claim = {
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard', volumeName: 'pv-1' },
      status: { phase: 'Bound', capacity: { storage: '10Gi' } },
    }
    expect(cells('', 'persistentvolumeclaims', claim)).toMatchObject({
      status: { text: 'Bound', tone: 'ok' },
      capacity: { text: '10Gi', sort: 10 * 2 ** 30 },
      accessModes: 'RWO',
      volume: 'pv-1',
    })
  })
  it('of a volume that was released warns, and names its source', () => {
    const volume = {
      spec: { capacity: { storage: '1Ti' }, claimRef: { namespace: 'shop', name: 'data' }, hostPath: { path: '/data' } },
      status: { phase: 'Released' },
    }
    expect(cells('', 'persistentvolumes', volume)).toMatchObject({
      status: { text: 'Released', tone: 'warn' },
      claim: 'shop/data',
      source: 'hostPath /data',
      capacity: { sort: 2 ** 40 },
    })
  })
  it('of a class tells whether it is the default', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    const cls = { metadata: { name: 'standard', annotations }, provisioner: 'drydock.dev/local', allowVolumeExpansion: true }
    expect(cells('storage.k8s.io', 'storageclasses', cls)).toMatchObject({
      default: { text: 'Default' },
      reclaimPolicy: 'Delete',
      bindingMode: 'Immediate',
      expansion: 'true',
    })
  })
})

describe('network and access', () => {
  it('a NetworkPolicy says whom it lets in', () => {
    const policy = {
      spec: {
        podSelector: {},
        ingress: [
          {
            from: [
              {
                podSelector: { matchLabels: { app: 'web' } },
                namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['a', 'b'] }] },
              },
              { ipBlock: { cidr: '10.0.0.0/8' } },
            ],
            ports: [{ port: 80, endPort: 90 }],
          },
        ],
        egress: [{}],
      },
    }
    expect(cells('networking.k8s.io', 'networkpolicies', policy)).toMatchObject({
      types: 'Ingress, Egress',
      podSelector: '<none>',
      ingressFrom: 'ns team in (a,b) / app=web, 10.0.0.0/8',
      ingressPorts: 'TCP:80-90',
      egressTo: 'any',
    })
  })
  it('an EndpointSlice counts the endpoints that are ready', () => {
    const slice = {
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.1.0.1'], conditions: { ready: true } },
        { addresses: ['10.1.0.2'], conditions: { ready: false } },
      ],
    }
    expect(cells('discovery.k8s.io', 'endpointslices', slice)).toMatchObject({
      ready: { text: '1/2', tone: 'warn' },
      endpoints: '10.1.0.1, 10.1.0.2',
    })
  })
  it('a RoleBinding names users, groups and service accounts apart', () => {
    const binding = {
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [
        { kind: 'User', name: 'jane' },
        { kind: 'Group', name: 'ops' },
        { kind: 'ServiceAccount', namespace: 'shop', name: 'till' },
      ],
    }
    expect(cells('rbac.authorization.k8s.io', 'rolebindings', binding)).toMatchObject({
      role: 'ClusterRole/view',
      users: 'jane',
      groups: 'ops',
      serviceAccounts: 'shop/till',
    })
  })
  it('a budget that allows no disruption warns, one that is broken is bad', () => {
    const of = (status: object) => cells('policy', 'poddisruptionbudgets', { spec: { minAvailable: '50%' }, status }).allowed
    expect(of({ disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 4 })).toEqual({
      text: '0',
      sort: 0,
      tone: 'warn',
    })
    expect(of({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 2, expectedPods: 4 })).toEqual({
      text: '0',
      sort: 0,
      tone: 'bad',
    })
    expect(of({ disruptionsAllowed: 2, currentHealthy: 4, desiredHealthy: 2, expectedPods: 4 })).toEqual({ text: '2', sort: 2, tone: 'ok' })
  })
})

describe('a Deployment', () => {
  it('tells how many replicas are ready, new and available, of how many that are wanted', () => {
    const status = { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 }
    expect(cells('apps', 'deployments', { spec: { replicas: 4 }, status })).toMatchObject({
      ready: { text: '2/4', tone: 'warn' },
      upToDate: 3,
      available: 1,
      desired: 4,
    })
  })

  it('tells why it does not progress or is not available, else which conditions hold', () => {
    const condition = (type: string, status: string, reason: string) => ({ type, status, reason, message: 'm' })
    const of = (...conditions: object[]) => cells('apps', 'deployments', { status: { conditions } }).conditions
    const progressing = condition('Progressing', 'True', 'ReplicaSetUpdated')
    expect(of(condition('Available', 'True', 'MinimumReplicasAvailable'), progressing)).toEqual({ text: 'Available, Progressing' })
    expect(of(condition('Available', 'False', 'MinimumReplicasUnavailable'), progressing)).toEqual({
      text: 'MinimumReplicasUnavailable',
      tone: 'bad',
      title: 'Available=False: m',
    })
  })
})

describe('a ResourceQuota', () => {
  it('tells first what is nearest to its limit', () => {
    const status = { hard: { pods: '10', 'limits.memory': '1Gi', 'count/jobs.batch': '0' }, used: { pods: '9', 'limits.memory': '1280Mi' } }
    expect(cells('', 'resourcequotas', { spec: { scopes: ['NotTerminating'] }, status })).toMatchObject({
      fullest: { text: '125% limits.memory', sort: 1.25, tone: 'bad', title: 'limits.memory 1280Mi/1Gi' },
      used: 'limits.memory 1280Mi/1Gi, pods 9/10, count/jobs.batch 0/0',
      scopes: 'NotTerminating',
    })
    expect(cells('', 'resourcequotas', { status: { hard: { pods: '10' }, used: { pods: '9' } } }).fullest).toMatchObject({ tone: 'warn' })
    expect(cells('', 'resourcequotas', { spec: { hard: { pods: '10' } } }).fullest).toMatchObject({ text: '0% pods', tone: 'ok' })
  })
})

describe('of the Gateway API', () => {
  const group = 'gateway.networking.k8s.io'
  const condition = (type: string, status: string, reason: string, message = '') => ({ type, status, reason, message })
  const gateway = (listener: object[], own: object[]) => ({
    spec: { gatewayClassName: 'nginx', listeners: [{ name: 'web', protocol: 'HTTPS', port: 443, hostname: '*.example.com' }] },
    status: { addresses: [{ value: '192.0.2.7' }], listeners: [{ name: 'web', attachedRoutes: 2, conditions: listener }], conditions: own },
  })

  it('a Gateway tells where it listens, how many routes it has, and why it or a listener is not ready', () => {
    const programmed = [condition('Accepted', 'True', 'Accepted'), condition('Programmed', 'True', 'Programmed')]
    const fine = [condition('Accepted', 'True', 'Accepted'), condition('ResolvedRefs', 'True', 'ResolvedRefs')]
    expect(cells(group, 'gateways', gateway(fine, programmed))).toMatchObject({
      class: 'nginx',
      status: { text: 'Programmed', tone: 'ok' },
      address: '192.0.2.7',
      listeners: 'HTTPS:443 *.example.com',
      attachedRoutes: 2,
    })
    const refused = [condition('ResolvedRefs', 'False', 'InvalidCertificateRef', 'no Secret "tls"')]
    expect(cells(group, 'gateways', gateway(refused, programmed)).status).toEqual({
      text: 'InvalidCertificateRef',
      tone: 'bad',
      title: 'ResolvedRefs=False: no Secret "tls"',
    })
    const waiting = [condition('Programmed', 'Unknown', 'Pending', 'Waiting for controller')]
    expect(cells(group, 'gateways', gateway([], waiting)).status).toEqual({
      text: 'Pending',
      tone: 'busy',
      title: 'Waiting for controller',
    })
  })

  it('a route tells its parents, where its rules lead, and why it is refused', () => {
    const spec = {
      hostnames: ['shop.example.com'],
      parentRefs: [{ name: 'edge', namespace: 'infra', sectionName: 'web' }],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/cart' } }],
          backendRefs: [
            { name: 'cart', port: 80, weight: 9 },
            { name: 'new', port: 80 },
          ],
        },
        { filters: [{ type: 'RequestRedirect' }] },
      ],
    }
    const parents = [{ parentRef: { name: 'edge' }, conditions: [condition('Accepted', 'False', 'NotAllowedByListeners')] }]
    expect(cells(group, 'httproutes', { spec, status: { parents } })).toMatchObject({
      hosts: 'shop.example.com',
      parents: 'infra/edge:web',
      status: { text: 'NotAllowedByListeners', tone: 'bad' },
      routes: '/cart→cart:80 ×9, new:80; *→redirect',
    })
    const taken = [{ parentRef: { name: 'edge' }, conditions: [condition('Accepted', 'True', 'Accepted')] }]
    expect(cells(group, 'httproutes', { spec, status: { parents: taken } }).status).toEqual({ text: 'Accepted', tone: 'ok' })
    expect(cells(group, 'tcproutes', { spec: {} }).status).toEqual({ text: 'Pending', tone: 'busy' })
    const grpc = {
      rules: [{ matches: [{ method: { service: 'shop.Cart', method: 'Add' } }], backendRefs: [{ name: 'cart', port: 9000 }] }],
    }
    expect(cells(group, 'grpcroutes', { spec: grpc }).routes).toBe('shop.Cart/Add→cart:9000')
  })
})

describe('of the kinds beside Kubernetes', () => {
  it('a VerticalPodAutoscaler tells what it recommends', () => {
    const provided = { type: 'RecommendationProvided', status: 'True' }
    const of = (conditions: object[], ...containerRecommendations: object[]) =>
      cells('autoscaling.k8s.io', 'verticalpodautoscalers', {
        spec: { targetRef: { kind: 'Deployment', name: 'web' }, updatePolicy: { updateMode: 'Off' } },
        status: { conditions, recommendation: { containerRecommendations } },
      })
    const web = { containerName: 'web', target: { cpu: '25m', memory: '250Mi' } }
    expect(of([provided], web)).toMatchObject({
      reference: 'Deployment/web',
      mode: 'Off',
      cpu: '25m',
      memory: '250Mi',
      status: { text: 'Provided', tone: 'ok' },
    })
    expect(of([provided], web, { containerName: 'proxy', target: { cpu: '5m' } })).toMatchObject({
      cpu: 'web 25m, proxy 5m',
      memory: 'web 250Mi, proxy –',
    })
    expect(of([{ type: 'NoPodsMatched', status: 'True', reason: 'NoPodsMatched' }]).status).toEqual({ text: 'NoPodsMatched', tone: 'bad' })
  })

  it('a JobSet tells how far its Jobs are, a LeaderWorkerSet how many of its groups are ready', () => {
    const spec = { replicatedJobs: [{ name: 'leader' }, { name: 'workers', replicas: 4 }] }
    const status = { restarts: 1, replicatedJobsStatus: [{ name: 'workers', succeeded: 1, ready: 2 }] }
    expect(cells('jobset.x-k8s.io', 'jobsets', { spec, status })).toMatchObject({
      status: { text: 'Running', tone: 'busy' },
      replicatedJobs: 'leader 0/1, workers 3/4',
      restarts: 1,
    })
    const conditions = [{ type: 'Failed', status: 'True', reason: 'FailedJobs', message: 'too many' }]
    expect(cells('jobset.x-k8s.io', 'jobsets', { spec, status: { conditions } }).status).toEqual({
      text: 'Failed',
      tone: 'bad',
      title: 'FailedJobs: too many',
    })
    const set = { spec: { replicas: 3, leaderWorkerTemplate: { size: 4 } }, status: { readyReplicas: 2, updatedReplicas: 3 } }
    expect(cells('leaderworkerset.x-k8s.io', 'leaderworkersets', set)).toMatchObject({
      ready: { text: '2/3', tone: 'warn' },
      upToDate: 3,
      groupSize: 4,
    })
  })
})
