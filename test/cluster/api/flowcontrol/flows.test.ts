import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'
import { startHttps, type HttpsFixture } from '../https.js'

/** API Priority and Fairness: the objects that kube-apiserver makes itself, and what answers tell of flows. */

const ROOT = '/apis/flowcontrol.apiserver.k8s.io/v1'
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

let f: HttpsFixture
const rows = async (plural: string): Promise<unknown[][]> => {
  const { json } = await f.send('GET', `${ROOT}/${plural}`, { headers: TABLE })
  return (json as { rows: { cells: unknown[] }[] }).rows.map((r) => r.cells)
}
const uid = async (path: string): Promise<string> =>
  ((await f.send('GET', `${ROOT}/${path}`)).json as { metadata: { uid: string } }).metadata.uid

beforeAll(async () => {
  f = await startHttps({ controlPlane: { ip: '192.168.49.2', port: 8443 } })
})
afterAll(() => f.server.close())

describe('a fresh cluster', () => {
  it('has the priority levels of kube-apiserver', async () => {
    const none = '<none>'
    expect(await rows('prioritylevelconfigurations')).toEqual([
      ['catch-all', 'Limited', 5, none, none, none, '0s'],
      ['exempt', 'Exempt', none, none, none, none, '0s'],
      ['global-default', 'Limited', 20, 128, 6, 50, '0s'],
      ['leader-election', 'Limited', 10, 16, 4, 50, '0s'],
      ['node-high', 'Limited', 40, 64, 6, 50, '0s'],
      ['system', 'Limited', 30, 64, 6, 50, '0s'],
      ['workload-high', 'Limited', 40, 128, 6, 50, '0s'],
      ['workload-low', 'Limited', 100, 128, 6, 50, '0s'],
    ])
  })

  it('has its flow schemas, in the order in which they are tried, each with its level', async () => {
    expect(await rows('flowschemas')).toEqual([
      ['exempt', 'exempt', 1, '<none>', '0s', 'False'],
      ['probes', 'exempt', 2, '<none>', '0s', 'False'],
      ['system-leader-election', 'leader-election', 100, 'ByUser', '0s', 'False'],
      ['endpoint-controller', 'workload-high', 150, 'ByUser', '0s', 'False'],
      ['workload-leader-election', 'leader-election', 200, 'ByUser', '0s', 'False'],
      ['system-node-high', 'node-high', 400, 'ByUser', '0s', 'False'],
      ['system-nodes', 'system', 500, 'ByUser', '0s', 'False'],
      ['kube-controller-manager', 'workload-high', 800, 'ByNamespace', '0s', 'False'],
      ['kube-scheduler', 'workload-high', 800, 'ByNamespace', '0s', 'False'],
      ['kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', '0s', 'False'],
      ['service-accounts', 'workload-low', 9000, 'ByUser', '0s', 'False'],
      ['global-default', 'global-default', 9900, 'ByUser', '0s', 'False'],
      ['catch-all', 'catch-all', 10000, 'ByUser', '0s', 'False'],
    ])
    const { json } = await f.send('GET', `${ROOT}/flowschemas/exempt`)
    expect(json).toMatchObject({
      metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' }, generation: 1 },
      spec: {
        rules: [
          {
            subjects: [{ kind: 'Group', group: { name: 'system:masters' } }],
            resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          },
        ],
      },
    })
  })
})

it('answers tell the schema and the level of their request', async () => {
  const flow = async (path: string, anonymous = false): Promise<unknown[]> => {
    const { headers } = await f.send('GET', path, { anonymous })
    return [headers['x-kubernetes-pf-flowschema-uid'], headers['x-kubernetes-pf-prioritylevel-uid']]
  }
  const of = (schema: string, level: string): Promise<string[]> =>
    Promise.all([uid(`flowschemas/${schema}`), uid(`prioritylevelconfigurations/${level}`)])
  expect(await flow('/api/v1/pods')).toEqual(await of('exempt', 'exempt'))
  expect(await flow('/livez', true)).toEqual(await of('probes', 'exempt'))
  // They are told to those who may not as well, since nobody is asked before the turn has come.
  expect(await flow('/api/v1/pods', true)).toEqual(await of('global-default', 'global-default'))
})

it('what is deleted comes back, and the specs of those that are annotated', async () => {
  await f.send('DELETE', `${ROOT}/flowschemas/global-default`)
  const patch = { headers: { 'content-type': 'application/merge-patch+json' } }
  const path = `${ROOT}/prioritylevelconfigurations`
  await f.send('PATCH', `${path}/system`, { ...patch, body: { spec: { limited: { nominalConcurrencyShares: 31 } } } })
  const own = { metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } } }
  await f.send('PATCH', `${path}/node-high`, { ...patch, body: { ...own, spec: { limited: { nominalConcurrencyShares: 41 } } } })
  await f.clock.advance(10_000)
  expect((await f.send('GET', `${ROOT}/flowschemas/global-default`)).code).toBe(200)
  const shares = async (name: string): Promise<number> =>
    ((await f.send('GET', `${path}/${name}`)).json as { spec: { limited: { nominalConcurrencyShares: number } } }).spec.limited
      .nominalConcurrencyShares
  expect([await shares('system'), await shares('node-high')]).toEqual([30, 41])
})

it('a schema is told whether its level is there', async () => {
  const schemas = f.admin.resource({ group: 'flowcontrol.apiserver.k8s.io', version: 'v1', resource: 'flowschemas' })
  await schemas.create('', {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name: 'own' },
    spec: { matchingPrecedence: 7, priorityLevelConfiguration: { name: 'later' } },
  } as KubeObject)
  await f.clock.advance(0)
  const dangling = async (): Promise<unknown> => {
    const { json } = await f.send('GET', `${ROOT}/flowschemas/own`)
    return (json as { status: { conditions: { status: string; reason: string; message: string }[] } }).status.conditions[0]
  }
  expect(await dangling()).toMatchObject({
    type: 'Dangling',
    status: 'True',
    reason: 'NotFound',
    message: 'This FlowSchema references the PriorityLevelConfiguration object named "later" but there is no such object',
  })
  const limited = { limitResponse: { type: 'Reject' } }
  await f.send('POST', `${ROOT}/prioritylevelconfigurations`, {
    body: { metadata: { name: 'later' }, spec: { type: 'Limited', limited } },
  })
  await f.clock.advance(0)
  expect(await dangling()).toMatchObject({
    status: 'False',
    reason: 'Found',
    message: 'This FlowSchema references the PriorityLevelConfiguration object named "later" and it exists',
  })
})
