/** What kinds of core, batch and autoscaling are refused for, with all causes in the order in which the API server tells them. */
import { describe, expect, it } from 'vitest'
import { created, inOrder, kindOf, ruleContext, updateCauses, type Loose } from './support.js'

const create = (object: Loose): string[] => inOrder(created({ ...object, metadata: { name: 'x', ...object.metadata } }).errors)

const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

describe('an update is refused for what may not change before what could never be:', () => {
  it('a ConfigMap that is immutable', () => {
    const { object } = created({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1' }, immutable: true })
    expect(updateCauses(object, (o) => Object.assign(o, { immutable: false, data: { 'a b': '1' } }))).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
      `data[a b]: Invalid value: "a b": ${KEY}`,
    ])
  })

  it('a Secret, whose type never changes', () => {
    const { object } = created({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'MQ==' }, immutable: true })
    const change = (o: Loose): unknown => Object.assign(o, { type: 'kubernetes.io/ssh-auth', immutable: null, data: { 'a b': 'MQ==' } })
    expect(updateCauses(object, change)).toEqual([
      'type: Invalid value: "kubernetes.io/ssh-auth": field is immutable',
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
      `data[a b]: Invalid value: "a b": ${KEY}`,
      'data[ssh-privatekey]: Required value',
    ])
  })

  it('a Service', () => {
    const old = created({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { type: 'LoadBalancer', loadBalancerClass: 'example.com/a', ports: [{ port: 80 }] },
    }).object
    const kind = kindOf('v1', 'Service')
    const object = structuredClone(old)
    Object.assign(object.spec, { loadBalancerClass: 'a b', clusterIP: '10.96.0.77', clusterIPs: ['10.96.0.77'], sessionAffinity: 'Some' })
    expect(inOrder(kind.validateUpdate!(object, old, ruleContext()))).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set',
      'spec.loadBalancerClass: Invalid value: "a b": may not change once set',
      `spec.loadBalancerClass: Invalid value: "a b": ${QUALIFIED}`,
      'spec.sessionAffinity: Unsupported value: "Some": supported values: "ClientIP", "None"',
      `spec.loadBalancerClass: Invalid value: "a b": ${QUALIFIED}`,
    ])
  })
})

describe('a Service is refused for', () => {
  const service = (spec: Loose): string[] => inOrder(kindOf('v1', 'Service').validateCreate!(withDefaults(spec), ruleContext()))
  const withDefaults = (spec: Loose): Loose => {
    const object: Loose = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }], ...spec } }
    kindOf('v1', 'Service').setDefaults!(object)
    return object
  }

  it.each<[string, Loose, string[]]>([
    [
      'ports of nodes, first all that it may not have and then those it has twice',
      {
        ports: [
          { name: 'a', port: 80, nodePort: 30080 },
          { name: 'b', port: 80, nodePort: 30080 },
        ],
      },
      [
        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
        "spec.ports[1].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
        'spec.ports[1].nodePort: Duplicate value: 30080',
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      'policies that were given as the empty text',
      { ipFamilyPolicy: '', internalTrafficPolicy: '', trafficDistribution: '' },
      [
        'spec.ipFamilyPolicy: Unsupported value: "": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
        'spec.internalTrafficPolicy: Unsupported value: "": supported values: "Cluster", "Local"',
        'spec.trafficDistribution: Unsupported value: "": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
      ],
    ],
    [
      'the time for which clients stick to their pods',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } } },
      ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400'],
    ],
    [
      'what only load balancers have',
      {
        loadBalancerSourceRanges: ['10.0.0.0/8', 'x'],
        allocateLoadBalancerNodePorts: false,
        loadBalancerClass: 'a',
        healthCheckNodePort: 31000,
        externalTrafficPolicy: 'Local',
      },
      [
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'spec.LoadBalancerSourceRanges[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
        "spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    ],
  ])('%s', (_, spec, want) => {
    expect(service(spec)).toEqual(want)
  })

  it.each<[string, Loose, string[]]>([
    [
      'no mode, or one that there is not',
      [{ ip: '1.2.3.4' }, { ip: '1.2.3.4', ipMode: '' }],
      [
        'status.loadBalancer.ingress[0].ipMode: Required value: must be specified when `ip` is set',
        'status.loadBalancer.ingress[1].ipMode: Unsupported value: "": supported values: "Proxy", "VIP"',
      ],
    ],
    [
      'a mode where there is no address',
      [{ hostname: '1.2.3.4', ipMode: '' }],
      [
        'status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set',
        'status.loadBalancer.ingress[0].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      ],
    ],
  ])('the address of a load balancer with %s', (_, ingress, want) => {
    const part = kindOf('v1', 'Service').subresources!['status'] as Loose
    const object = { ...withDefaults({ type: 'LoadBalancer' }), status: { loadBalancer: { ingress } } }
    expect(inOrder(part.validateUpdate(object, object, ruleContext()))).toEqual(want)
  })
})

describe('a LimitRange is refused for', () => {
  const limits = (...list: Loose[]): string[] => create({ apiVersion: 'v1', kind: 'LimitRange', spec: { limits: list } })

  it.each<[string, Loose[], string[]]>([
    [
      'claims without bounds, before the names of ratios',
      [{ type: 'PersistentVolumeClaim', default: { 'a b': '1' }, maxLimitRequestRatio: { 'c d': '1' } }],
      [
        `spec.limits[0].default[a b]: Invalid value: "a b": ${QUALIFIED}`,
        'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
        `spec.limits[0].maxLimitRequestRatio[c d]: Invalid value: "c d": ${QUALIFIED}`,
      ],
    ],
    [
      'types that are no names, or names that are none of its own',
      [{ type: 'a b' }, { type: 'Node' }, { type: 'Node' }, { type: 'example.com/x' }],
      [
        `spec.limits[0].type: Invalid value: "a b": ${QUALIFIED}`,
        'spec.limits[1].type: Invalid value: "Node": must be a standard limit type or fully qualified',
        'spec.limits[2].type: Invalid value: "Node": must be a standard limit type or fully qualified',
        'spec.limits[2].type: Duplicate value: "Node"',
      ],
    ],
    [
      'defaults of pods',
      [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }],
      [
        "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
        "spec.limits[0].defaultRequest: Forbidden: may not be specified when `type` is 'Pod'",
      ],
    ],
    [
      'a ratio that is less than one, or more than its bounds are apart',
      [
        {
          type: 'Container',
          min: { cpu: '1', memory: '1' },
          max: { cpu: '2', memory: '2' },
          maxLimitRequestRatio: { cpu: '800m', memory: '10' },
        },
      ],
      [
        'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "800m": ratio 800m is less than 1',
        'spec.limits[0].maxLimitRequestRatio[memory]: Invalid value: "10": ratio 10 is greater than max/min = 2.000000',
      ],
    ],
  ])('%s', (_, list, want) => {
    expect(limits(...list)).toEqual(want)
  })
})

describe('a CronJob is refused for', () => {
  const spec = (more: Loose = {}): Loose => ({
    schedule: '* * * * *',
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } } },
    ...more,
  })
  const cron = (more: Loose, name = 'x'): string[] =>
    create({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec: spec(more) })
  const ZONE = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'

  it('all of its spec from the schedule on, and for its name at the end', () => {
    const name = 'x'.repeat(53)
    const more = {
      schedule: 'TZ=UTC 1 1 1',
      timeZone: 'Asia/Nowhere',
      startingDeadlineSeconds: -1,
      concurrencyPolicy: 'Maybe',
      successfulJobsHistoryLimit: -1,
      failedJobsHistoryLimit: -2,
      jobTemplate: { spec: { parallelism: -1, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } } },
    }
    expect(cron(more, name)).toEqual([
      'spec.schedule: Invalid value: "TZ=UTC 1 1 1": expected exactly 5 fields, found 3: [1 1 1]',
      `spec.schedule: Invalid value: "TZ=UTC 1 1 1": ${ZONE}`,
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.timeZone: Invalid value: "Asia/Nowhere": unknown time zone Asia/Nowhere',
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
      'spec.jobTemplate.spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.failedJobsHistoryLimit: Invalid value: -2: must be greater than or equal to 0',
      `metadata.name: Invalid value: "${name}": must be no more than 52 characters`,
    ])
  })

  it('no schedule at all', () => {
    expect(cron({ schedule: '' })).toEqual(['spec.schedule: Required value'])
  })

  it.each<[string, Loose, Loose, string[]]>([
    ['stays in the schedule', { schedule: 'TZ=UTC 1 1 * * *' }, { schedule: 'TZ=UTC 2 1 * * *' }, []],
    ['is put there', {}, { schedule: 'CRON_TZ=UTC 1 1 * * *' }, [`spec.schedule: Invalid value: "CRON_TZ=UTC 1 1 * * *": ${ZONE}`]],
    [
      'is there and besides',
      { schedule: 'TZ=UTC 1 1 * * *' },
      { timeZone: 'Etc/UTC' },
      ['spec.schedule: Invalid value: "TZ=UTC 1 1 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule'],
    ],
    ['is none but stays', { timeZone: 'Asia/Nowhere' }, { startingDeadlineSeconds: 5 }, []],
    [
      'becomes none',
      { timeZone: 'Etc/UTC' },
      { timeZone: 'Asia/Nowhere' },
      ['spec.timeZone: Invalid value: "Asia/Nowhere": unknown time zone Asia/Nowhere'],
    ],
  ])('an update whose zone %s', (_, before, after, want) => {
    const old = created({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'x' }, spec: spec(before) }).object
    expect(updateCauses(old, (o) => Object.assign(o.spec, after))).toEqual(want)
  })
})

describe('a HorizontalPodAutoscaler is refused for', () => {
  const hpa = (spec: Loose): Loose => ({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec })
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
  const objectMetric = (apiVersion: string): Loose => ({
    type: 'Object',
    object: { describedObject: { apiVersion, kind: 'Ingress', name: 'i' }, metric: { name: 'rps' }, target: { type: 'Value', value: '9' } },
  })

  it('all that is wrong when there is no spec to speak of', () => {
    expect(create(hpa({}))).toEqual([
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
    ])
  })

  it.each<[string, Loose, string[]]>([
    [
      'scaling to zero, which without metrics from outside it could not come back from',
      { minReplicas: 0, maxReplicas: 1, scaleTargetRef: target },
      [
        'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
        'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
      ],
    ],
    [
      'the version of an object that it measures, after its kind and name',
      {
        maxReplicas: 1,
        scaleTargetRef: target,
        metrics: [
          {
            type: 'Object',
            object: { describedObject: { apiVersion: 'a/b/c' }, metric: { name: 'm' }, target: { type: 'Value', value: '1' } },
          },
          objectMetric('v1'),
        ],
      },
      [
        'spec.metrics[0].object.describedObject.kind: Required value',
        'spec.metrics[0].object.describedObject.name: Required value',
        'spec.metrics[0].object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      ],
    ],
    ['nothing when the core group’s own is scaled', { maxReplicas: 1, scaleTargetRef: { kind: 'ReplicationController', name: 'r' } }, []],
    [
      'a group that is left out before the slash',
      { maxReplicas: 1, scaleTargetRef: { ...target, apiVersion: '/v1' } },
      ['spec.scaleTargetRef.apiVersion: Invalid value: "/v1": apiVersion must specify API group'],
    ],
  ])('%s', (_, spec, want) => {
    expect(create(hpa(spec))).toEqual(want)
  })

  it('no longer what it has had since it was allowed', () => {
    const { object } = created(hpa({ maxReplicas: 2, scaleTargetRef: { ...target, apiVersion: 'v1' }, metrics: [objectMetric('a/b/c')] }))
    object.spec.minReplicas = 0
    expect(updateCauses(object, ({ spec }) => (spec.maxReplicas = 3))).toEqual([])
    expect(updateCauses(object, ({ spec }) => (spec.minReplicas = -1))).toEqual([
      'spec.minReplicas: Invalid value: -1: must be greater than or equal to 0',
    ])
    const sound = created(hpa({ maxReplicas: 2, scaleTargetRef: target })).object
    const change = ({ spec }: Loose): unknown => Object.assign(spec, { minReplicas: 0, scaleTargetRef: { ...target, apiVersion: 'v1' } })
    expect(updateCauses(sound, change)).toEqual([
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ])
  })
})
