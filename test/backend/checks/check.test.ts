import { describe, expect, it } from 'vitest'
import { check, sortFindings } from '../../../src-main/backend/checks/check.js'
import { vulnerable } from '../../../src-main/backend/checks/vulnerabilities.js'
import type { Json } from '../../../src-main/backend/kinds/kind.js'
import { kindOf } from '../support/kinds.js'

const kinds = {
  Ingress: kindOf('Ingress', 'ingresses', 'networking.k8s.io'),
  Service: kindOf('Service', 'services'),
  HorizontalPodAutoscaler: kindOf('HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'autoscaling'),
  PodDisruptionBudget: kindOf('PodDisruptionBudget', 'poddisruptionbudgets', 'policy'),
  Deployment: kindOf('Deployment', 'deployments', 'apps'),
  Job: kindOf('Job', 'jobs', 'batch'),
  CronJob: kindOf('CronJob', 'cronjobs', 'batch'),
  Pod: kindOf('Pod', 'pods'),
  PersistentVolumeClaim: kindOf('PersistentVolumeClaim', 'persistentvolumeclaims'),
  ConfigMap: kindOf('ConfigMap', 'configmaps'),
  Secret: kindOf('Secret', 'secrets'),
}
type Name = keyof typeof kinds

/** What is found, as lines of `SEVERITY RULE KIND NAME VALUES`. */
function lines(objects: [Name, Json][], cut: Name[] = []): string[] {
  const lists = Object.values(kinds).map((kind) => ({
    kind,
    objects: objects.filter(([k]) => k === kind.kind).map(([, o]) => o),
    whole: !cut.includes(kind.kind as Name),
  }))
  return sortFindings(check(lists, Object.values(kinds))).map((f) =>
    [f.severity, f.rule, f.kind.kind, f.ref.name, ...Object.values(f.values)].join(' '),
  )
}
const meta = (name: string, more: Json = {}) => ({ metadata: { name, namespace: 'shop', uid: `uid-${name}`, ...more } })
const whole = { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } }
const container = (more: Json = {}) => ({ name: 'main', image: 'shop:1', resources: whole, ...more })
const deployment = (name: string, spec: Json): [Name, Json] => [
  'Deployment',
  { ...meta(name), spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec } } },
]
const pod = (name: string, app: string, ready: boolean, spec: Json = {}): [Name, Json] => [
  'Pod',
  {
    ...meta(name, {
      labels: { app },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: app, uid: `uid-${app}`, controller: true }],
    }),
    spec: { containers: [container(spec)] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  },
]
const service = (name: string, app: string, targetPort: number | string = 80): [Name, Json] => [
  'Service',
  { ...meta(name), spec: { selector: { app }, ports: [{ port: 80, targetPort }] } },
]

describe('the checks', () => {
  it('find nothing where all is well', () => {
    const probe = { readinessProbe: { httpGet: { port: 80 } }, ports: [{ name: 'http', containerPort: 80 }] }
    expect(
      lines([deployment('web', { containers: [container(probe)] }), pod('web-1', 'web', true, probe), service('web', 'web', 'http')]),
    ).toEqual([])
  })

  it('find what is referred to and is not there, but for what may be missing', () => {
    const from = { envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'maybe', optional: true } }] }
    const rules = [{ http: { paths: [{ backend: { service: { name: 'gone' } } }] } }]
    const scaler = { ...meta('web'), spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' } } }
    expect(
      lines([
        deployment('web', { containers: [container(from)] }),
        ['Ingress', { ...meta('way'), spec: { rules } }],
        ['HorizontalPodAutoscaler', scaler],
      ]),
    ).toEqual([
      'bad missingReference Deployment web ConfigMap settings',
      'bad missingBackend Ingress way Service gone',
      'bad missingTarget HorizontalPodAutoscaler web Deployment nobody',
    ])
    // Of a kind that was not read whole nothing is known to be missing.
    expect(lines([deployment('web', { containers: [container(from)] })], ['ConfigMap'])).toEqual([])
  })

  it('find Services that lead to nothing', () => {
    const ports = { ports: [{ name: 'http', containerPort: 80 }], readinessProbe: {} }
    expect(
      lines([
        deployment('web', { containers: [container(ports)] }),
        deployment('api', { containers: [container(ports)] }),
        pod('web-1', 'web', true, ports),
        pod('api-1', 'api', false, ports),
        service('web', 'web', 'metrics'),
        service('api', 'api'),
        service('none', 'none'),
        ['Service', { ...meta('outside'), spec: { type: 'ExternalName', selector: { app: 'x' } } }],
        ['Service', { ...meta('by-hand'), spec: { ports: [{ port: 80 }] } }],
      ]),
    ).toEqual(['bad serviceNoneReady Service api 1', 'bad servicePort Service web metrics', 'warn serviceNoPods Service none'])
  })

  it('find what a template should say and does not, all its containers in one', () => {
    const spec = {
      hostNetwork: true,
      containers: [
        { name: 'a', image: 'nginx', ports: [{ containerPort: 80 }], securityContext: { privileged: true } },
        { name: 'b', image: 'registry.example.com:5000/app@sha256:aa11', resources: { limits: { cpu: '1', memory: '1Gi' } } },
        { name: 'c', image: 'app:latest', resources: { requests: { cpu: '1' } } },
      ],
      volumes: [{ hostPath: { path: '/var/run' } }],
    }
    const pods = pod('web-1', 'web', true)
    expect(lines([deployment('web', spec), pods, service('web', 'web')])).toEqual([
      'warn noReadinessProbe Deployment web a',
      'warn imageLatest Deployment web a nginx',
      'warn imageLatest Deployment web c app:latest',
      'warn privileged Deployment web a',
      'warn noRequests Deployment web a, c',
      'info hostAccess Deployment web hostNetwork, hostPath /var/run',
      'info noMemoryLimit Deployment web a, c',
    ])
    const jobTemplate = { spec: { template: { spec: { containers: [container({ image: 'x' })] } } } }
    expect(lines([['CronJob', { ...meta('night'), spec: { jobTemplate } }]])).toEqual(['warn imageLatest CronJob night main x'])
    // What is asked for the whole pod counts for each of its containers.
    expect(lines([deployment('web', { resources: whole, containers: [{ name: 'a', image: 'x:1' }] })])).toEqual([])
  })

  it('find what fails, waits or stands in the way', () => {
    const crashing = { waiting: { reason: 'CrashLoopBackOff' } }
    expect(
      lines([
        [
          'Pod',
          {
            ...meta('alone'),
            spec: { containers: [container()] },
            status: { phase: 'Running', containerStatuses: [{ name: 'main', restartCount: 7, state: crashing }] },
          },
        ],
        ['PersistentVolumeClaim', { ...meta('disk', { ownerReferences: [{}] }), status: { phase: 'Pending' } }],
        ['Job', { ...meta('night'), status: { conditions: [{ type: 'Failed', status: 'True', message: 'too often' }] } }],
        ['PodDisruptionBudget', { ...meta('web'), status: { disruptionsAllowed: 0, expectedPods: 2 } }],
        [
          'HorizontalPodAutoscaler',
          { ...meta('web'), status: { conditions: [{ type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric' }] } },
        ],
      ]),
    ).toEqual([
      'bad podFailing Pod alone CrashLoopBackOff',
      'bad jobFailed Job night too often',
      'warn claimPending PersistentVolumeClaim disk',
      'warn scalerInactive HorizontalPodAutoscaler web FailedGetResourceMetric',
      'warn restarts Pod alone 7 main',
      'warn budgetBlocks PodDisruptionBudget web 2',
      'info nakedPod Pod alone',
    ])
  })

  it('find what nothing uses, but for what others keep', () => {
    const objects: [Name, Json][] = [
      deployment('web', { containers: [container({ envFrom: [{ configMapRef: { name: 'used' } }] })] }),
      ['ConfigMap', meta('used')],
      ['ConfigMap', meta('left')],
      ['ConfigMap', meta('kube-root-ca.crt')],
      ['ConfigMap', { metadata: { name: 'kubeadm-config', namespace: 'kube-system' } }],
      ['Secret', meta('sh.helm.release.v1.web.v1')],
      ['Secret', meta('token', { annotations: { 'kubernetes.io/service-account.name': 'default' } })],
    ]
    expect(lines(objects)).toEqual(['info unused ConfigMap left'])
    expect(lines(objects, ['Pod'])).toEqual([])
  })
})

it('what Trivy reports of images is told, the worst first, and nothing of those that are well', () => {
  const kind = kindOf('VulnerabilityReport', 'vulnerabilityreports', 'aquasecurity.github.io')
  const report = (name: string, criticalCount: number, highCount: number, tag: string) => ({
    ...meta(name, { labels: { 'trivy-operator.container.name': 'main' } }),
    report: {
      registry: { server: 'index.docker.io' },
      artifact: { repository: 'library/nginx', tag },
      summary: { criticalCount, highCount },
    },
  })
  const found = vulnerable(kind, [report('a', 0, 3, '1.27'), report('b', 0, 0, '1.29'), report('c', 2, 1, '1.14')])
  expect(found.map((f) => [f.severity, f.ref.name, f.values.critical, f.values.high, f.values.image])).toEqual([
    ['bad', 'c', '2', '1', 'index.docker.io/library/nginx:1.14'],
    ['warn', 'a', '0', '3', 'index.docker.io/library/nginx:1.27'],
  ])
})
