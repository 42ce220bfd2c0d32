/** Probes over minutes of cluster time, which pass in seconds: pods side by side on a clock that runs twenty times as fast. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'
import type { Json } from '../support/api.js'
import { Client, conditionOf, isReady, pod, TestNamespace } from '../support/namespace.js'

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.59'
const BUSYBOX = 'registry.k8s.io/e2e-test-images/busybox:1.37.0-1'

let cluster: TestCluster
let client: Client
let ns: TestNamespace

const exec = (...command: string[]): object => ({ exec: { command } })
const http = (path: string, port: number): object => ({ httpGet: { path, port } })
const shell = (script: string, probes: object, spec: Record<string, unknown> = {}): [Json, Json] => [
  { image: BUSYBOX, command: ['/bin/sh', '-c', script], ...probes },
  spec,
]
const server = (args: string[], probes: object): [Json, Json] => [{ image: AGNHOST, args, ...probes }, {}]
/** On a busy machine a moment is many seconds of this clock. So an answer has a minute, and what runs does not end before the tests. */
const patient = { timeoutSeconds: 60 }
const once = { initialDelaySeconds: 15, failureThreshold: 1, ...patient }

/** By the name of the pod: how it is probed, and how often it is to be restarted. */
const RESTARTED: Record<string, [[Json, Json], number]> = {
  'exec-fails': [shell('echo ok >/tmp/health; sleep 10; rm -rf /tmp/health; sleep 100000', { livenessProbe: { ...exec('cat', '/tmp/health'), ...once } }), 1],
  'exec-holds': [shell('echo ok >/tmp/health; sleep 100000', { livenessProbe: { ...exec('cat', '/tmp/health'), ...once } }), 0],
  'exec-late': [shell('sleep 100000', { livenessProbe: { ...exec('/bin/sh', '-c', 'sleep 10'), ...once, timeoutSeconds: 1 } }), 1],
  'http-fails': [server(['liveness'], { livenessProbe: { ...http('/healthz', 8080), ...once } }), 1],
  'http-holds': [server(['test-webserver'], { livenessProbe: { ...http('/etc/hostname', 80), ...once, failureThreshold: 5 } }), 0],
  'http-led-near': [server(['liveness'], { livenessProbe: { ...http('/redirect?loc=%2Fhealthz', 8080), ...once } }), 1],
  'http-led-away': [server(['liveness'], { livenessProbe: { ...http('/redirect?loc=http%3A%2F%2F0.0.0.0%2F', 8080), ...once } }), 0],
  'tcp-holds': [server(['liveness'], { livenessProbe: { tcpSocket: { port: 8080 }, ...once } }), 0],
  'grpc-holds': [server(['grpc-health-checking'], { livenessProbe: { grpc: { port: 5000 }, ...once } }), 0],
  'grpc-elsewhere': [server(['grpc-health-checking'], { livenessProbe: { grpc: { port: 2333 }, ...once, initialDelaySeconds: 60 } }), 1],
  'startup-fails': [shell('sleep 100000', { livenessProbe: { ...exec('/bin/true'), ...once }, startupProbe: { ...exec('/bin/false'), ...once, failureThreshold: 3 } }), 1],
  'startup-delays': [shell('sleep 100000', { livenessProbe: { ...exec('/bin/false'), ...once }, startupProbe: { ...exec('/bin/false'), ...once, failureThreshold: 10000 } }), 0],
  'startup-enables': [shell('sleep 10; echo ok >/tmp/startup; sleep 100000', { livenessProbe: { ...exec('/bin/false'), ...once }, startupProbe: { ...exec('cat', '/tmp/startup'), ...once, failureThreshold: 10000 } }), 1],
  'own-grace': [shell('sleep 100000', { livenessProbe: { ...http('/healthz', 8080), ...once, terminationGracePeriodSeconds: 5 } }, { terminationGracePeriodSeconds: 500 }), 1],
} // prettier-ignore

const restarts = async (name: string): Promise<number> => (await ns.get(`pods/${name}`)).status.containerStatuses[0].restartCount as number
const seconds = (time: string): number => Date.parse(time) / 1000

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '20'] })
  client = new Client(cluster.kubeconfig)
  ns = await TestNamespace.create(client, 'probes')
  const more: Record<string, [Json, Json]> = {
    often: server(['liveness'], { livenessProbe: { ...http('/healthz', 8080), initialDelaySeconds: 5, failureThreshold: 1 } }),
    later: server(['test-webserver'], { readinessProbe: { ...http('/', 80), initialDelaySeconds: 15, ...patient } }),
    never: shell('sleep 100000', { readinessProbe: { ...exec('/bin/false'), initialDelaySeconds: 5 } }),
    'ready-late': shell('echo ok >/tmp/health; sleep 32; echo ok >/tmp/startup; sleep 100000', {
      readinessProbe: { ...exec('/bin/cat', '/tmp/health'), periodSeconds: 6000, ...patient },
      startupProbe: { ...exec('/bin/cat', '/tmp/startup'), failureThreshold: 120, periodSeconds: 5, ...patient },
    }),
  }
  const all = { ...Object.fromEntries(Object.entries(RESTARTED).map(([name, [parts]]) => [name, parts])), ...more }
  await Promise.all(
    Object.entries(all).map(async ([name, [container, spec]]) => {
      await ns.create(pod(name, container, { restartPolicy: 'Always', ...spec }))
      await ns.until(`pods/${name}`, (p) => p.status.phase === 'Running')
    }),
  )
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

const restarted = (name: string, times: number): Promise<Json> =>
  ns.until(`pods/${name}`, (p) => p.status.containerStatuses[0].restartCount >= times, `restart ${times} of ${name}`)

describe('within minutes', () => {
  it.each(Object.entries(RESTARTED))('the container of %s is restarted as its probes say', async (name, [, wanted]) => {
    // By then a failure would have shown in all of them.
    if (wanted === 0) await restarted('startup-fails', 1)
    if (wanted === 0) expect(await restarts(name)).toBe(0)
    else await restarted(name, wanted)
  })

  it('a redirect to elsewhere is as good as an answer, and an event warns of it', async () => {
    const events = `${ns.path('events')}?fieldSelector=involvedObject.name=http-led-away`
    const { object } = await client.watch(events, (e) => e.object.reason === 'ProbeWarning', 'a warning')
    expect(object.message).toContain('Probe terminated redirects, Response body: <a href="http://0.0.0.0/">Found</a>.')
  })

  it('a pod is ready no sooner than its probe was to begin, and was not restarted for it', async () => {
    const later = await ns.until('pods/later', isReady)
    const started = later.status.containerStatuses[0].state.running.startedAt as string
    expect(seconds(conditionOf(later, 'Ready').lastTransitionTime as string) - seconds(started)).toBeGreaterThanOrEqual(15)
    expect(await restarts('later')).toBe(0)
  })

  it('a pod whose probe fails is never ready and never restarted', async () => {
    expect(isReady(await ns.get('pods/never'))).toBe(false)
    expect(await restarts('never')).toBe(0)
  })

  it('a pod is ready as soon as its startup probe has passed, whatever the period of its readiness probe', async () => {
    const late = await ns.until('pods/ready-late', isReady)
    const started = late.status.containerStatuses[0].state.running.startedAt as string
    const after = seconds(conditionOf(late, 'Ready').lastTransitionTime as string) - seconds(started)
    expect(after).toBeGreaterThanOrEqual(30)
    expect(after).toBeLessThan(3000)
  })
})

it('the restarts of a container that fails again and again only grow', async () => {
  const seen: number[] = []
  await client.watch(`${ns.path('pods')}?fieldSelector=metadata.name=often`, ({ object }) => {
    seen.push(object.status.containerStatuses[0].restartCount as number)
    return seen.at(-1)! >= 5
  })
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
})

describe('a pod that is being deleted', () => {
  it('is not ready any more, and its liveness is not asked any more', async () => {
    const script =
      '_term() {\n rm -f /tmp/ready /tmp/liveness\n sleep 20\n exit 0\n}\ntrap _term SIGTERM\ntouch /tmp/ready /tmp/liveness\nwhile true; do echo hello; sleep 1; done\n'
    const probe = (file: string) => ({ ...exec('cat', file), failureThreshold: 1, initialDelaySeconds: 1, periodSeconds: 1, ...patient })
    await ns.running(
      pod('ending', { image: AGNHOST, command: ['/bin/bash'], args: ['-c', script], readinessProbe: probe('/tmp/ready'), livenessProbe: probe('/tmp/liveness') }, { terminationGracePeriodSeconds: 30 }),
    ) // prettier-ignore
    await ns.delete('pods/ending')
    await ns.until('pods/ending', (p) => p.metadata.deletionTimestamp && !isReady(p))
    await ns.gone('pods/ending')
    const { items } = await ns.get('events?fieldSelector=involvedObject.name=ending')
    expect(items.filter((e: Json) => e.message.includes('failed liveness probe'))).toEqual([])
  })
})
