import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from '../https.js'

/** The pages that tell which requests each priority level has: "Debug endpoints" of the flow control reference. */

const PAGES = '/debug/api_priority_and_fairness'
const ACCOUNT = { 'impersonate-user': 'system:serviceaccount:default:loadtest', 'impersonate-group': 'system:serviceaccounts' }

let f: HttpsFixture
const page = async (name: string, headers: Record<string, string> = {}): Promise<string[]> => {
  const { code, text } = await f.send('GET', `${PAGES}/${name}`, { headers })
  expect(code).toBe(200)
  return text.split('\n')
}

beforeAll(async () => {
  f = await startHttps({ controlPlane: { ip: '192.168.49.2', port: 8443 } })
  const allowed = [{ nonResourceURLs: [`${PAGES}/*`], verbs: ['get'] }]
  await f.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { body: { metadata: { name: 'dumps' }, rules: allowed } })
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'dumps' }
  const subjects = [{ kind: 'ServiceAccount', name: 'loadtest', namespace: 'default' }]
  await f.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    body: { metadata: { name: 'dumps' }, roleRef, subjects },
  })
})
afterAll(() => f.server.close())

it('each level is told with the requests that it has and those that it has had, the one that asks among them', async () => {
  await f.send('GET', '/version', { headers: ACCOUNT })
  const lines = await page('dump_priority_levels', ACCOUNT)
  expect(lines[0]).toBe(
    'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
  )
  expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(
    'catch-all exempt global-default leader-election node-high system workload-high workload-low '.split(' '),
  )
  expect([lines[1], lines[8]]).toEqual([
    'catch-all,         0,            true,   false,       0,               0,                 0,                  0,                0,                0',
    'workload-low,      0,            false,  false,       0,               1,                 2,                  0,                0,                0',
  ])
})

it('each queue is told, and in which of them a flow is worked on', async () => {
  const lines = await page('dump_queues', ACCOUNT)
  expect(lines[0]).toBe(
    'PriorityLevelName, Index,  PendingRequests, ExecutingRequests, SeatsInUse, NextDispatchR, InitialSeatsSum, MaxSeatsSum, TotalWorkSum',
  )
  expect(lines[1]).toBe(
    'global-default,    0,      0,               0,                 0,          0.00000000ss,  0,               0,           0.00000000ss',
  )
  expect(lines.filter((line) => line.startsWith('leader-election,'))).toHaveLength(16)
  expect(lines.filter((line) => /^[a-z-]+, +\d+, +0, +1, +1,/.test(line))).toEqual([
    'workload-low,      74,     0,               1,                 1,          0.00000000ss,  0,               0,           0.00000000ss',
  ])
})

it('each request is told with its flow, and with what it is about for those who ask for that', async () => {
  expect(await page('dump_requests')).toEqual([
    'PriorityLevelName, FlowSchemaName, QueueIndex, RequestIndexInQueue, FlowDistingsher, ArriveTime,           InitialSeats, FinalSeats, AdditionalLatency, StartTime',
    'exempt,            exempt,         -1,         -1,                  ,                2026-11-21T09:00:00Z, 1,            0,          0s,                2026-11-21T09:00:00Z',
    '',
  ])
  const [, row] = await page('dump_requests?includeRequestDetails=1', ACCOUNT)
  expect(row!.split(/, */).join(' ')).toBe(
    `workload-low service-accounts 74 -1 system:serviceaccount:default:loadtest 2026-11-21T09:00:00Z 1 0 0s 2026-11-21T09:00:00Z system:serviceaccount:default:loadtest get ${PAGES}/dump_requests     `,
  )
})

it('a watch has a seat until it begins, and is told no more', async () => {
  const watch = f.send('GET', '/api/v1/pods?watch=true&timeoutSeconds=1')
  expect(await page('dump_requests')).toHaveLength(3)
  await f.clock.advance(1000)
  await watch
})

it('there are no other pages, and those who may not see these are refused', async () => {
  expect((await f.send('GET', PAGES)).code).toBe(404)
  expect((await f.send('GET', `${PAGES}/dump_requests`, { headers: { 'impersonate-user': 'jane' } })).code).toBe(403)
})
