import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on probes. Minutes are jumped over: then an answer is never late, however busy this machine is. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const until = (what: string, path: string, value: string): string => ok(['wait', what, `--for=jsonpath=${path}=${value}`, '--timeout=30s'])

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '1'] })
  ok(`create -f ${file('kubia-liveness-probe.yaml')}`)
  await cluster.jump(150)
})
afterAll(() => cluster.stop())

it('the unhealthy application is killed with 137 and restarted', () => {
  const state = '{.status.containerStatuses[0].lastState.terminated.exitCode}'
  until('pod/kubia-liveness', state, '137')
  const described = ok('describe pod kubia-liveness')
  expect(described).toMatch(/ Last State: +Terminated\n +Reason: +Error\n +Exit Code: +137\n/)
  expect(described).toContain('Liveness:       http-get http://:8080/ delay=0s timeout=1s period=10s #success=1 #failure=3\n')
  expect(described).toContain('Liveness probe failed: HTTP probe failed with statuscode: 500\n')
  expect(described).toContain('Container kubia failed liveness probe, will be restarted\n')
  const log = ok('logs kubia-liveness --previous').trim().split('\n')
  expect(log[0]).toBe('Kubia server starting...')
  expect(log.slice(1).length).toBeGreaterThanOrEqual(8)
})

it('with a delay and other thresholds the probe is shown as it is, and leaves a healthy server alone', async () => {
  const probe = { httpGet: { path: '/', port: 8080 }, initialDelaySeconds: 15, periodSeconds: 5, failureThreshold: 2 }
  const container = { name: 'kubia', image: 'luksa/kubia', livenessProbe: probe, readinessProbe: { ...probe, initialDelaySeconds: 5 } }
  ok('create -f -', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'healthy' }, spec: { containers: [container] } }))
  await cluster.jump(30)
  ok('wait --for=condition=Ready pod/healthy --timeout=30s')
  const described = ok('describe pod healthy')
  expect(described).toContain('Liveness:       http-get http://:8080/ delay=15s timeout=1s period=5s #success=1 #failure=2\n')
  expect(described).toContain('Readiness:      http-get http://:8080/ delay=5s timeout=1s period=5s #success=1 #failure=2\n')
  await cluster.jump(600)
  expect(ok('get pod healthy -o jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0')
})
