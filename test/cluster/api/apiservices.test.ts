import { afterEach, expect, it } from 'vitest'
import type { ResourceClient } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { things, version } from './crd/definition.js'
import { startServer, type Fixture } from './fixture.js'

/** The APIServices that tell who answers for which group version. */

const GROUP = 'apiregistration.k8s.io'

let f: Fixture
afterEach(() => f.server.close())

const services = (): ResourceClient<KubeObject> => f.admin.resource({ group: GROUP, version: 'v1', resource: 'apiservices' })
const definitions = (): ResourceClient<KubeObject> =>
  f.admin.resource({ group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' })
const names = async (): Promise<string[]> => (await services().list()).items.map((o) => o.metadata.name!)

async function start(): Promise<void> {
  f = startServer({ controlPlane: { ip: '192.168.49.2', port: 8443 } })
  await f.server.seeded
}

/** Lets what the server does on its own come to its end; the store in memory writes without waiting. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

const remote = (service: object): KubeObject =>
  ({
    apiVersion: `${GROUP}/v1`,
    kind: 'APIService',
    metadata: { name: 'v1.wardle.example.com' },
    spec: {
      group: 'wardle.example.com',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 10,
      insecureSkipTLSVerify: true,
      service,
    },
  }) as unknown as KubeObject

async function condition(): Promise<unknown> {
  await settle()
  const { status } = (await services().get('', 'v1.wardle.example.com')) as unknown as { status: { conditions: object[] } }
  return status.conditions[0]
}

it('a fresh cluster has one for each group version that the server answers itself', async () => {
  await start()
  expect(await names()).toEqual([
    'v1.',
    'v1.admissionregistration.k8s.io',
    'v1.apiextensions.k8s.io',
    'v1.apps',
    'v1.authentication.k8s.io',
    'v1.authorization.k8s.io',
    'v1.autoscaling',
    'v1.batch',
    'v1.certificates.k8s.io',
    'v1.coordination.k8s.io',
    'v1.discovery.k8s.io',
    'v1.events.k8s.io',
    'v1.flowcontrol.apiserver.k8s.io',
    'v1.networking.k8s.io',
    'v1.node.k8s.io',
    'v1.policy',
    'v1.rbac.authorization.k8s.io',
    'v1.resource.k8s.io',
    'v1.scheduling.k8s.io',
    'v1.storage.k8s.io',
    'v2.autoscaling',
  ])
  expect(await services().get('', 'v1.apps')).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 },
    status: {
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'Local',
          message: 'Local APIServices are always available',
          lastTransitionTime: '2026-11-21T09:00:00Z',
        },
      ],
    },
  })
  expect((await services().get('', 'v1.'))['spec']).toEqual({ version: 'v1', groupPriorityMinimum: 18000, versionPriority: 1 })
})

it('those of custom resources come and go with their definition, and come back when they are deleted', async () => {
  await start()
  await definitions().create('', things([version('v1')]))
  await settle()
  expect(await services().get('', 'v1.example.com')).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' } },
    spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
  })
  await services().delete('', 'v1.example.com')
  await services().delete('', 'v1.batch')
  await settle()
  expect(await names()).toContain('v1.example.com')
  // Those of the server itself are registered when it starts.
  expect(await names()).not.toContain('v1.batch')
  await definitions().delete('', 'things.example.com')
  await settle()
  expect(await names()).not.toContain('v1.example.com')
})

it('one that names a Service is told what is wrong with it', async () => {
  await start()
  await services().create('', remote({ namespace: 'default', name: 'api' }))
  expect(await condition()).toMatchObject({
    status: 'False',
    reason: 'ServiceNotFound',
    message: 'service/api in "default" is not present',
  })
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'api' }, spec: { clusterIP: '10.96.7.7', ports: [{ port: 80 }] } }
  const core = f.admin.resource<KubeObject>({ group: '', version: 'v1', resource: 'services' })
  await core.create('default', service as unknown as KubeObject)
  expect(await condition()).toMatchObject({
    status: 'False',
    reason: 'ServicePortError',
    message: 'service/api in "default" is not listening on port 443',
  })
})
