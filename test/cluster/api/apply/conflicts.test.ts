import { beforeAll, describe, expect, it } from 'vitest'
import { StatusError } from '../../../../src-main/cluster/api/errors.js'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'
import { startServer, type Fixture } from '../fixture.js'

/** Which fields of a kind are in conflict when two managers apply it: lists and maps are merged or owned as a whole. */

let f: Fixture
beforeAll(async () => {
  f = startServer()
  await f.server.seeded
})

type Make = (first: boolean) => object

const template = (first: boolean): object => ({
  metadata: { labels: { a: 'b' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: first ? 'one' : 'two',
        ports: [{ containerPort: 80, name: first ? 'p' : 'q' }],
        env: [{ name: 'A', value: String(first) }],
        volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: first }],
        command: [String(first)],
      },
    ],
    volumes: [{ name: 'v', emptyDir: { sizeLimit: first ? '1Gi' : '2Gi' } }],
    tolerations: [{ key: String(first), operator: 'Exists' }],
    nodeSelector: { x: String(first) },
    hostAliases: [{ ip: '1.2.3.4', hostnames: [first ? 'a' : 'b'] }],
    topologySpreadConstraints: [{ topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: first ? 1 : 2 }],
  },
})
const selector = { matchLabels: { a: 'b' } }
const claim = (first: boolean): object => ({
  metadata: { name: 'v' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: first ? '1Gi' : '2Gi' } } },
})
const container = '.spec.template.spec.containers[name="c"]'

const KINDS: readonly (readonly [group: string, resource: string, kind: string, make: Make, fields: readonly string[]])[] = [
  [
    'apps',
    'deployments',
    'Deployment',
    (first) => ({ spec: { replicas: first ? 1 : 2, selector, template: template(first) } }),
    [
      '.spec.replicas',
      `${container}.command`,
      `${container}.env[name="A"].value`,
      `${container}.image`,
      `${container}.ports[containerPort=80,protocol="TCP"].name`,
      `${container}.volumeMounts[mountPath="/v"].readOnly`,
      '.spec.template.spec.hostAliases[ip="1.2.3.4"].hostnames',
      '.spec.template.spec.nodeSelector',
      '.spec.template.spec.tolerations',
      '.spec.template.spec.topologySpreadConstraints[topologyKey="z",whenUnsatisfiable="ScheduleAnyway"].maxSkew',
      '.spec.template.spec.volumes[name="v"].emptyDir.sizeLimit',
    ],
  ],
  [
    'apps',
    'statefulsets',
    'StatefulSet',
    (first) => ({ spec: { serviceName: 's', selector, template: template(true), volumeClaimTemplates: [claim(first)] } }),
    ['.spec.volumeClaimTemplates'],
  ],
  [
    '',
    'services',
    'Service',
    (first) => ({
      spec: {
        selector: { x: String(first) },
        externalIPs: [first ? '1.2.3.4' : '1.2.3.5'],
        ports: [
          { name: 'a', port: 80, targetPort: first ? 1 : 2 },
          { name: 'b', port: 80, protocol: 'UDP', targetPort: first ? 'x' : 'y' },
        ],
      },
    }),
    [
      '.spec.externalIPs',
      '.spec.ports[port=80,protocol="TCP"].targetPort',
      '.spec.ports[port=80,protocol="UDP"].targetPort',
      '.spec.selector',
    ],
  ],
  [
    '',
    'configmaps',
    'ConfigMap',
    (first) => ({ metadata: { labels: { 'a/b': String(first) }, finalizers: ['example.com/f'] }, data: { 'file.txt': String(first) } }),
    ['.data.file.txt', '.metadata.labels.a/b'],
  ],
  [
    'networking.k8s.io',
    'networkpolicies',
    'NetworkPolicy',
    (first) => ({ spec: { podSelector: { matchLabels: { x: String(first) } }, ingress: [{ ports: [{ port: first ? 1 : 2 }] }] } }),
    ['.spec.ingress', '.spec.podSelector'],
  ],
  [
    'rbac.authorization.k8s.io',
    'roles',
    'Role',
    (first) => ({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: [first ? 'get' : 'list'] }] }),
    ['.rules'],
  ],
  [
    '',
    'serviceaccounts',
    'ServiceAccount',
    (first) => ({
      automountServiceAccountToken: first,
      imagePullSecrets: [{ name: first ? 'a' : 'b' }],
      secrets: [{ name: 's', namespace: String(first) }],
    }),
    ['.automountServiceAccountToken', '.imagePullSecrets', '.secrets[name="s"]'],
  ],
  [
    'discovery.k8s.io',
    'endpointslices',
    'EndpointSlice',
    (first) => ({ addressType: 'IPv4', endpoints: [{ addresses: [first ? '1.2.3.4' : '1.2.3.5'] }], ports: [{ port: 80 }] }),
    ['.endpoints', '.ports'],
  ],
  ['', 'resourcequotas', 'ResourceQuota', (first) => ({ spec: { hard: { 'count/pods': first ? '1' : '2' } } }), ['.spec.hard.count/pods']],
]

describe('two who apply different values', () => {
  it.each(KINDS)('in %s of %s', async (group, resource, kind, make, fields) => {
    const client = f.admin.resource({ group, version: 'v1', resource })
    const apply = (fieldManager: string, first: boolean): Promise<KubeObject> => {
      const { metadata = {}, ...rest } = make(first) as { metadata?: object }
      const body = { apiVersion: group ? `${group}/v1` : 'v1', kind, metadata: { ...metadata, name: 'x' }, ...rest }
      return client.patch('default', 'x', body, { type: 'apply', fieldManager })
    }
    await apply('first', true)
    const error = await apply('second', false).then(
      () => undefined,
      (e: unknown) => e,
    )
    if (!(error instanceof StatusError)) throw error ?? new Error('there was no conflict')
    const causes = fields.map((path) => ({ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: path }))
    expect([error.status.code, error.status.reason, error.status.details]).toEqual([409, 'Conflict', { causes }])
    expect(error.message).toBe(
      fields.length === 1
        ? `Apply failed with 1 conflict: conflict with "first": ${fields[0]}`
        : `Apply failed with ${fields.length} conflicts: conflicts with "first":\n${fields.map((path) => `- ${path}`).join('\n')}`,
    )
  })
})

it('even the same is a conflict where the list that it is part of was given defaults as a whole', async () => {
  const client = f.admin.resource({ group: 'apps', version: 'v1', resource: 'statefulsets' })
  const spec = { serviceName: 's', selector, template: template(true), volumeClaimTemplates: [claim(true)] }
  const body = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'y' }, spec }
  const apply = (fieldManager: string): Promise<KubeObject> => client.patch('default', 'y', body, { type: 'apply', fieldManager })
  await apply('first')
  expect((await apply('first')).metadata.generation).toBe(1)
  await expect(apply('second')).rejects.toThrow('Apply failed with 1 conflict: conflict with "first": .spec.volumeClaimTemplates')
})
