/** Pods that try to take the whole cluster with them, next to what goes on there. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resources } from '../../src-main/cluster/api/client.js'
import type { Pod } from '../../src-main/cluster/api/object.js'
import { startWholeCluster, type WholeCluster } from './support/whole-cluster.js'

const LIMITS = { limits: { memory: '16Mi', cpu: '500m' } }
const HOSTILE: readonly (readonly [name: string, image: string, command: string[], resources?: object])[] = [
  ['fork-bomb', 'busybox', ['sh', '-c', 'bomb() { bomb | bomb & }; bomb; sleep 100000']],
  ['endless-shell', 'busybox', ['sh', '-c', 'while :; do :; done']],
  ['endless-node', 'node:20', ['node', '-e', 'for (;;);']],
  ['endless-regex', 'node:20', ['node', '-e', `/(a+)+b/.test('a'.repeat(60))`]],
  ['endless-yes', 'busybox', ['sh', '-c', 'yes > /dev/null']],
  ['endless-sed', 'busybox', ['sh', '-c', "echo x | sed ':a;s/x/xx/g;ta'"]],
  ['greedy-shell', 'busybox', ['sh', '-c', 'x=a; while :; do x=$x$x; done'], LIMITS],
  ['greedy-tail', 'busybox', ['tail', '/dev/zero'], LIMITS],
  ['loud', 'busybox', ['yes', 'a line that nobody reads']],
]

let cluster: WholeCluster
beforeAll(async () => {
  cluster = await startWholeCluster({ nodes: 1 })
  for (const [name, image, command, limits = {}] of HOSTILE)
    await cluster.pod(name, { containers: [{ name: 'main', image, command, resources: limits }], terminationGracePeriodSeconds: 0 })
})
afterAll(() => cluster.stop())

const statusOf = async (name: string): Promise<Pod['status']> => (await cluster.get<Pod>(resources.pods, 'default', name)).status

async function reaches(name: string, phase: string): Promise<void> {
  for (let i = 0; i < 20 && (await statusOf(name))?.phase !== phase; i++) await cluster.clock.advance(1000)
  expect((await statusOf(name))?.phase).toBe(phase)
}

it('do not keep the API from answering while they run', async () => {
  let over = false
  const running = cluster.clock.advance(10_000).then(() => (over = true))
  let answered = 0
  while (!over) {
    expect((await cluster.list<Pod>(resources.pods, 'default')).length).toBe(HOSTILE.length)
    answered++
    await new Promise((resolve) => setImmediate(resolve))
  }
  await running
  expect(answered).toBeGreaterThan(100)
  for (const name of ['fork-bomb', 'endless-shell', 'endless-node', 'endless-yes', 'endless-sed', 'loud'])
    expect([name, (await statusOf(name))?.phase]).toEqual([name, 'Running'])
})

it('are ended at their limits', async () => {
  for (const name of ['greedy-shell', 'greedy-tail']) {
    const [container] = (await statusOf(name))!.containerStatuses!
    const ended = container!.state!.terminated ?? container!.lastState!.terminated
    expect([name, ended]).toMatchObject([name, { exitCode: 137, reason: 'OOMKilled' }])
  }
})

it('let others start, serve and be asked', async () => {
  await cluster.pod('web', { containers: [{ name: 'main', image: 'nginx' }] })
  await reaches('web', 'Running')
  await cluster.pod('ask', {
    containers: [{ name: 'main', image: 'busybox', command: ['wget', '-qO-', `http://${(await statusOf('web'))!.podIP}`] }],
    restartPolicy: 'Never',
  })
  await reaches('ask', 'Succeeded')
  expect(await cluster.logs('ask', 'main')).toContain('Welcome to nginx!')
})

it('are gone when they are deleted', async () => {
  for (const [name] of HOSTILE) await cluster.admin.resource(resources.pods).delete('default', name)
  await cluster.clock.advance(10_000)
  expect((await cluster.list<Pod>(resources.pods, 'default')).map((pod) => pod.metadata.name)).toEqual(['ask', 'web'])
  expect(cluster.errors).toEqual([])
})
