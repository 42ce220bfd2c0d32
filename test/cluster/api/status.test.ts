import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

/** What comes along with a status: of some kinds labels and annotations, of others nothing of the metadata. */

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const workload = { spec: { selector: { matchLabels: { a: 'b' } }, template } }
const policy = {
  matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
  validations: [{ expression: 'true' }],
}
const KINDS: Readonly<Record<string, readonly [path: string, body: object]>> = {
  nodes: ['/api/v1/nodes', {}],
  pods: ['/api/v1/namespaces/default/pods', { spec: template.spec }],
  namespaces: ['/api/v1/namespaces', {}],
  services: ['/api/v1/namespaces/default/services', { spec: { ports: [{ port: 80 }] } }],
  deployments: ['/apis/apps/v1/namespaces/default/deployments', workload],
  statefulsets: ['/apis/apps/v1/namespaces/default/statefulsets', workload],
  cronjobs: [
    '/apis/batch/v1/namespaces/default/cronjobs',
    { spec: { schedule: '@hourly', jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } } } },
  ],
  apiservices: [
    '/apis/apiregistration.k8s.io/v1/apiservices',
    { spec: { group: 'x', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } },
  ],
  flowschemas: [
    '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
    { spec: { priorityLevelConfiguration: { name: 'exempt' }, matchingPrecedence: 5 } },
  ],
  resourceclaims: ['/apis/resource.k8s.io/v1/namespaces/default/resourceclaims', { spec: {} }],
  servicecidrs: ['/apis/networking.k8s.io/v1/servicecidrs', { spec: { cidrs: ['10.97.0.0/24'] } }],
  validatingadmissionpolicies: ['/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies', { spec: policy }],
  volumeattachments: [
    '/apis/storage.k8s.io/v1/volumeattachments',
    { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
  ],
}

/** Whether labels and annotations of a write to the status are kept. */
async function comesAlong(resource: string): Promise<{ labels: boolean; annotations: boolean }> {
  const [path, body] = KINDS[resource]!
  const name = resource === 'apiservices' ? 'v1.x' : 'of-status'
  const created = await f.send('POST', path, { body: { metadata: { name }, ...body } })
  expect(created.code, created.text).toBe(201)
  const { code, json, text } = await f.send('PATCH', `${path}/${name}/status`, {
    body: { metadata: { labels: { mark: '1' }, annotations: { mark: '1' } } },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
  expect(code, text).toBe(200)
  return { labels: json.metadata.labels?.mark === '1', annotations: json.metadata.annotations?.mark === '1' }
}

it.each(['nodes', 'pods', 'namespaces', 'services', 'statefulsets', 'cronjobs'])(
  'labels and annotations come with the status of %s',
  async (resource) => {
    expect(await comesAlong(resource)).toEqual({ labels: true, annotations: true })
  },
)

it('annotations alone come with the status of deployments', async () => {
  expect(await comesAlong('deployments')).toEqual({ labels: false, annotations: true })
})

it.each(['apiservices', 'flowschemas', 'resourceclaims', 'servicecidrs', 'validatingadmissionpolicies', 'volumeattachments'])(
  'nothing of the metadata comes with the status of %s',
  async (resource) => {
    expect(await comesAlong(resource)).toEqual({ labels: false, annotations: false })
  },
)

it('who writes IPv6 addresses the long way into the status of a pod or a Service is warned', async () => {
  const warned = async (path: string, status: object): Promise<[number, string | undefined]> => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const answer = await f.send('PATCH', `${path}/status`, { body: { status }, headers })
    return [answer.code, answer.headers['warning'] as string | undefined]
  }
  const asked = (field: string, ip: string, short: string): string =>
    `299 - "${field}: IPv6 address \\"${ip}\\" should be in RFC 5952 canonical format (\\"${short}\\")"`
  const [pods, services] = ['/api/v1/namespaces/default/pods', '/api/v1/namespaces/default/services']
  await f.send('POST', pods, { body: { metadata: { name: 'long' }, spec: { ...template.spec, hostNetwork: true } } })
  expect(await warned(`${pods}/long`, { podIPs: [{ ip: 'FD00::7' }], hostIP: 'fd00::0', hostIPs: [{ ip: 'fd00::0' }] })).toEqual([
    200,
    `${asked('status.podIPs[0].ip', 'FD00::7', 'fd00::7')}, ${asked('status.hostIPs[0].ip', 'fd00::0', 'fd00::')}`,
  ])
  await f.send('POST', services, { body: { metadata: { name: 'long' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } } })
  expect(await warned(`${services}/long`, { loadBalancer: { ingress: [{ ip: 'fd00:0::1' }] } })).toEqual([
    200,
    asked('status.loadBalancer.ingress[0]', 'fd00:0::1', 'fd00::1'),
  ])
  expect(await warned(`${services}/long`, { loadBalancer: { ingress: [{ ip: 'fd00::1' }] } })).toEqual([200, undefined])
})
