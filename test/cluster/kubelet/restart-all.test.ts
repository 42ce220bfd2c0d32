/** A container whose rules restart all containers of its pod in place. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const get = (): Promise<Pod> => c.get<Pod>(resources.pods, 'default', 'job')
const restarts = async (): Promise<Record<string, number>> => {
  const { initContainerStatuses = [], containerStatuses = [] } = (await get()).status!
  return Object.fromEntries([...initContainerStatuses, ...containerStatuses].map((s) => [s.name, s.restartCount]))
}
const condition = (pod: Pod): string => {
  const found = pod.status!.conditions?.find((x) => x.type === 'AllContainersRestarting')
  return found ? `${found.status} ${found.reason ?? ''} ${found.message ?? ''}`.trim() : 'none'
}
const shell = (name: string, script: string, extra: object = {}) => ({ name, image: 'busybox', command: ['sh', '-c', script], ...extra })
const volumeMounts = [{ name: 'work', mountPath: '/work' }]
const rule = (action: string, value = 42) => ({
  restartPolicy: 'Never',
  restartPolicyRules: [{ action, exitCodes: { operator: 'In', values: [value] } }],
})
/** A trainer that fails once after a minute, beside a helper, after an init container that counts its runs in a volume. */
const spec = (trainer: object) => ({
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 5,
  volumes: [{ name: 'work', emptyDir: {} }],
  initContainers: [shell('prepare', 'echo run >> /work/runs', { volumeMounts })],
  containers: [
    shell('trainer', 'if [ -f /work/done ]; then sleep 3600; fi; sleep 60; touch /work/done; exit 42', { volumeMounts, ...trainer }),
    shell('helper', 'sleep 3600', { lifecycle: { preStop: { exec: { command: ['sh', '-c', 'exit 1'] } } } }),
  ],
})

test('ends all, runs the init containers again and keeps sandbox, address and volumes', async () => {
  c = await startWholeCluster({ nodes: 1 })
  const seen = new Set<string>()
  c.informers.for<Pod>(resources.pods).on({
    update: (_old, pod) => {
      seen.add(condition(pod))
      for (const { name, state, restartCount } of pod.status?.containerStatuses ?? []) {
        if (state?.waiting) seen.add(`${name} ${state.waiting.reason} ${restartCount}`)
      }
    },
  })
  await c.pod('job', spec(rule('RestartAllContainers')))
  await c.clock.advance(30_000)
  const before = await get()
  expect(condition(before)).toBe('False')
  expect(await restarts()).toEqual({ prepare: 0, trainer: 0, helper: 0 })
  await c.clock.advance(90_000)
  const after = await get()
  expect(await restarts()).toEqual({ prepare: 1, trainer: 1, helper: 1 })
  expect([after.status!.phase, after.status!.podIP, after.metadata.uid]).toEqual(['Running', before.status!.podIP, before.metadata.uid])
  for (const { lastState } of after.status!.containerStatuses!)
    expect(lastState!.terminated).toMatchObject({
      exitCode: 137,
      reason: 'RestartingAllContainers',
      message: 'The container is removed because RestartAllContainers in place',
    })
  expect(seen).toContain('True RestartAllContainersStarted container exited with restart policy rule')
  expect(condition(after)).toBe('False')
  expect([...seen]).toContain('trainer RestartingAllContainers 1')
  // The helper does not heed SIGTERM, and has two seconds to end, not the five of its pod.
  const startedAt = (pod: Pod): number => Date.parse(pod.status!.containerStatuses![0]!.state!.running!.startedAt!)
  expect(startedAt(after) - startedAt(before)).toBe(62_000)
  // Nothing is run before a container is ended for this.
  expect((await c.eventsOf('job')).filter((e) => e.includes('PreStop'))).toEqual([])
})

test('does so only for the exit codes of its rules', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.pod('job', spec(rule('RestartAllContainers', 7)))
  await c.clock.advance(90_000)
  const { status } = await get()
  expect(await restarts()).toEqual({ prepare: 0, trainer: 0, helper: 0 })
  expect(status!.containerStatuses![1]!.state!.terminated!.exitCode).toBe(42)
})

test('alone with the action Restart', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.pod('job', spec(rule('Restart')))
  await c.clock.advance(90_000)
  expect(await restarts()).toEqual({ prepare: 0, trainer: 1, helper: 0 })
  expect(condition(await get())).toBe('none')
})

test('waits longer each time when it happens again and again', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.pod('job', { restartPolicy: 'Never', containers: [shell('trainer', 'exit 42', rule('RestartAllContainers'))] })
  await c.clock.advance(120_000)
  const { status } = await get()
  expect(status!.containerStatuses![0]!.restartCount).toBe(5)
  expect(status!.containerStatuses![0]!.state!.waiting).toMatchObject({ reason: 'CrashLoopBackOff' })
})
