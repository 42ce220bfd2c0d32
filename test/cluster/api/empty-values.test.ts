/**
 * An empty text, a zero or a false that is sent says something where the API keeps a pointer to it, and nothing where it
 * does not: Go's encoder leaves it out there.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type Answer, type HttpsFixture } from './https.js'

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const PODS = '/api/v1/namespaces/default/pods'
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const HOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
const SERVICES = '/api/v1/namespaces/default/services'
const JOBS = '/apis/batch/v1/namespaces/default/jobs'

const pod = (spec: object, container: object = {}): object => ({
  metadata: { name: 'z' },
  spec: { containers: [{ name: 'c', image: 'x', ...container }], ...spec },
})
const job = (spec: object): object => ({
  metadata: { name: 'z' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } }, ...spec },
})
const service = (spec: object): object => ({ metadata: { name: 'z' }, spec: { ports: [{ port: 80 }], ...spec } })
const definition = (version: object, schema: object = {}): object => ({
  metadata: { name: 'boats.yard.io' },
  spec: {
    group: 'yard.io',
    names: { plural: 'boats', kind: 'Boat' },
    scope: 'Cluster',
    preserveUnknownFields: false,
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', ...schema } }, ...version }],
  },
})
const hook = (more: object): object => ({
  metadata: { name: 'z' },
  webhooks: [{ name: 'a.b.c', clientConfig: { url: 'https://a' }, sideEffects: 'None', admissionReviewVersions: ['v1'], ...more }],
})
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }

it.each<[string, object, string]>([
  [
    PODS,
    pod({}, { restartPolicy: '' }),
    'spec.containers[0].restartPolicy: Unsupported value: "": supported values: "Always", "Never", "OnFailure"',
  ],
  [
    PODS,
    pod({ securityContext: { fsGroupChangePolicy: '' } }),
    'spec.securityContext.fsGroupChangePolicy: Unsupported value: "": supported values: "Always", "OnRootMismatch"',
  ],
  [
    PODS,
    pod({ securityContext: { windowsOptions: { runAsUserName: '' } } }),
    'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string',
  ],
  [JOBS, job({ completionMode: '' }), 'spec.completionMode: Unsupported value: "": supported values: "NonIndexed", "Indexed"'],
  [
    JOBS,
    job({ podReplacementPolicy: '' }),
    'spec.podReplacementPolicy: Unsupported value: "": supported values: "Failed", "TerminatingOrFailed"',
  ],
  [
    '/apis/batch/v1/namespaces/default/cronjobs',
    { metadata: { name: 'z' }, spec: { schedule: '* * * * *', timeZone: '', jobTemplate: job({}) } },
    'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string',
  ],
  [
    SERVICES,
    service({ internalTrafficPolicy: '' }),
    'spec.internalTrafficPolicy: Unsupported value: "": supported values: "Cluster", "Local"',
  ],
  [
    SERVICES,
    service({ ipFamilyPolicy: '' }),
    'spec.ipFamilyPolicy: Unsupported value: "": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
  [
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    { metadata: { name: 'z' }, addressType: 'IPv4', endpoints: [], ports: [{ protocol: '' }] },
    'ports[0].protocol: Unsupported value: "": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    '/apis/storage.k8s.io/v1/storageclasses',
    { metadata: { name: 'z' }, provisioner: 'a.b/c', volumeBindingMode: '' },
    'volumeBindingMode: Unsupported value: "": supported values: "Immediate", "WaitForFirstConsumer"',
  ],
  [
    DEFINITIONS,
    definition({ deprecated: true, deprecationWarning: '' }),
    'spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string',
  ],
  [HOOKS, hook({ failurePolicy: '' }), 'webhooks[0].failurePolicy: Unsupported value: "": supported values: "Fail", "Ignore"'],
  [HOOKS, hook({ matchPolicy: '' }), 'webhooks[0].matchPolicy: Unsupported value: "": supported values: "Equivalent", "Exact"'],
  [HOOKS, hook({ reinvocationPolicy: '' }), 'webhooks[0].reinvocationPolicy: Unsupported value: "": supported values: "IfNeeded", "Never"'],
  [
    HOOKS,
    hook({ rules: [{ ...rule, scope: '' }] }),
    'webhooks[0].rules[0].scope: Unsupported value: "": supported values: "*", "Cluster", "Namespaced"',
  ],
])('an empty choice is none of the choices: %s %j', async (path, body, said) => {
  const { code, json } = await f.send('POST', `${path}?dryRun=All`, { body })
  expect([code, json.message?.replace(/^.* is invalid: /, '')]).toEqual([422, said])
})

it.each<[string, string, object, (made: Answer['json']) => unknown, unknown]>([
  [
    'the volumes of a pod',
    PODS,
    pod({
      volumes: [
        { name: 'a', csi: { driver: 'd.e', readOnly: false, fsType: '' } },
        {
          name: 'b',
          iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2001-04.com.a:b', lun: 0, chapAuthDiscovery: false, chapAuthSession: false },
        },
        { name: 'c', gcePersistentDisk: { pdName: 'p', partition: 0, readOnly: false } },
        { name: 'd', hostPath: { path: '/a', type: '' } },
      ],
    }),
    (made) => made.spec.volumes.slice(0, 4),
    [
      { name: 'a', csi: { driver: 'd.e', readOnly: false, fsType: '' } },
      { name: 'b', iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2001-04.com.a:b', lun: 0, iscsiInterface: 'default' } },
      { name: 'c', gcePersistentDisk: { pdName: 'p' } },
      { name: 'd', hostPath: { path: '/a', type: '' } },
    ],
  ],
  [
    'a definition of custom resources',
    DEFINITIONS,
    definition(
      { deprecated: false, additionalPrinterColumns: [{ name: 'x', type: 'string', jsonPath: '.x', priority: 0 }] },
      { nullable: false, properties: { a: { type: 'integer', maximum: 0, exclusiveMaximum: false, 'x-kubernetes-int-or-string': false } } },
    ),
    (made) => made.spec.versions,
    [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'integer', maximum: 0 } } } },
        additionalPrinterColumns: [{ name: 'x', type: 'string', jsonPath: '.x' }],
      },
    ],
  ],
  [
    'an API service',
    '/apis/apiregistration.k8s.io/v1/apiservices',
    {
      metadata: { name: 'v1.b.c' },
      spec: {
        group: 'b.c',
        version: 'v1',
        insecureSkipTLSVerify: false,
        groupPriorityMinimum: 1,
        versionPriority: 1,
        service: { name: 'x', namespace: 'y' },
      },
    },
    (made) => Object.keys(made.spec).sort(),
    ['group', 'groupPriorityMinimum', 'service', 'version', 'versionPriority'],
  ],
  [
    'an event of a series',
    '/api/v1/namespaces/default/events',
    { metadata: { name: 'z' }, involvedObject: { namespace: 'default' }, series: { count: 0 } },
    (made) => made.series,
    { lastObservedTime: null },
  ],
  [
    'the backend of an ingress',
    '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
    { metadata: { name: 'z' }, spec: { defaultBackend: { service: { name: 'x', port: { number: 0, name: 'n' } } } } },
    (made) => made.spec.defaultBackend.service,
    { name: 'x', port: { name: 'n' } },
  ],
])('%s', async (_, path, body, part, expected) => {
  const { code, json } = await f.send('POST', `${path}?dryRun=All`, { body })
  expect([code, code < 300 ? part(json) : json]).toEqual([201, expected])
})
