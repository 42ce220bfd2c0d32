/** Changing the resources of running pods, with the real API server and runtime. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { StatusError } from '../../../src-main/cluster/api/errors.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(async () => {
  await c.stop()
  expect(c.errors).toEqual([])
})

const get = (name = 'web'): Promise<Pod> => c.get<Pod>(resources.pods, 'default', name)
const amounts = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } })

async function begin(extra: object = {}): Promise<void> {
  c = await startWholeCluster({ nodes: 1 })
  await c.pod('web', {
    containers: [{ name: 'main', image: 'busybox', command: ['sleep', '100000'], resources: amounts('500m', '64Mi'), ...extra }],
  })
  await c.clock.advance(10_000)
}

async function resize(to: object): Promise<void> {
  const patch = { spec: { containers: [{ name: 'main', resources: to }] } }
  await c.admin.resource<Pod>(resources.pods).patch('default', 'web', patch, { type: 'strategic', subresource: 'resize' })
  await c.clock.settle()
}

const shown = async (): Promise<unknown[]> => {
  const status = (await get()).status!
  const main = status.containerStatuses![0]!
  const passing = status.conditions!.filter((x) => x.type.startsWith('PodResize')).map((x) => `${x.type} ${x.reason}: ${x.message}`)
  return [main.resources!.limits!['cpu'], main.allocatedResources!['cpu'], main.restartCount, passing]
}

describe('a resize', () => {
  test('is seen by the container in the files of its cgroup', async () => {
    await begin()
    const read = async (): Promise<string> => {
      const session = await c.kubelets.endpoint('drydock')!.exec(
        { namespace: 'default', pod: 'web', container: 'main' },
        {
          command: ['sh', '-c', 'cd /sys/fs/cgroup && echo $(cat cpu.max cpu.weight memory.max)'],
          stdin: false,
          stdout: true,
          stderr: false,
          tty: false,
        },
      )
      let text = ''
      for await (const chunk of session.stdout!) text += String(chunk)
      return text
    }
    expect(await read()).toBe('50000 100000 59 67108864\n')
    await resize(amounts('1', '128Mi'))
    expect(await read()).toBe('100000 100000 100 134217728\n')
  })

  test('that the node has room for takes effect in the running container', async () => {
    await begin()
    await resize(amounts('1', '128Mi'))
    expect(await shown()).toEqual(['1', '1', 0, []])
    const body =
      '{"containers":[{"name":"main","resources":{"limits":{"cpu":"1","memory":"128Mi"},"requests":{"cpu":"1","memory":"128Mi"}}}],"generation":2}'
    expect((await c.eventsOf('web')).filter((e) => e.includes('Resize'))).toEqual([
      `Normal ResizeStarted Pod resize started: ${body}`,
      `Normal ResizeCompleted Pod resize completed: ${body}`,
    ])
    expect((await get()).status!.observedGeneration).toBe(2)
  })

  test('raises the limit that the processes live under', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const command = ['sh', '-c', 'sleep 60; exec stress --vm 1 --vm-bytes 100M --vm-hang 0']
    for (const name of ['web', 'left'])
      await c.pod(name, {
        restartPolicy: 'Never',
        containers: [{ name: 'main', image: 'polinux/stress', command, resources: amounts('500m', '64Mi') }],
      })
    await c.clock.advance(10_000)
    await resize(amounts('500m', '256Mi'))
    await c.clock.advance(120_000)
    expect((await get()).status!.phase).toBe('Running')
    expect((await get('left')).status!.containerStatuses![0]!.state!.terminated!.reason).toBe('OOMKilled')
  })

  test('to less memory than the pod uses is an error until it uses less', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const command = ['stress', '--vm', '1', '--vm-bytes', '100M', '--vm-hang', '0', '--timeout', '60']
    await c.pod('web', {
      restartPolicy: 'Always',
      containers: [
        {
          name: 'main',
          image: 'polinux/stress',
          command: ['sh', '-c', `${command.join(' ')}; sleep 100000`],
          resources: amounts('500m', '256Mi'),
        },
      ],
    })
    await c.clock.advance(20_000)
    await resize(amounts('500m', '64Mi'))
    const said = /^PodResizeInProgress Error: attempting to set pod memory limit \(67108864\) below current usage \(\d{9}\)$/
    expect((await shown())[3]).toEqual([expect.stringMatching(said)])
    expect((await get()).status!.containerStatuses![0]!.resources!.limits!['memory']).toBe('256Mi')
    expect((await c.eventsOf('web')).filter((e) => e.startsWith('Warning ResizeError Pod resize error: '))).toHaveLength(1)
    // What is under way goes by the generation that asked for it.
    await c.admin.resource<Pod>(resources.pods).patch('default', 'web', { spec: { activeDeadlineSeconds: 1_000 } }, { type: 'merge' })
    await c.clock.settle()
    const { conditions } = (await get()).status!
    const observed = Object.fromEntries(conditions!.map((x) => [x.type, x.observedGeneration]))
    expect([observed['PodResizeInProgress'], observed['Ready']]).toEqual([2, 3])
    await c.clock.advance(60_000)
    expect((await c.eventsOf('web')).at(-1)).toMatch(/^Normal ResizeCompleted Pod resize completed: .*,"generation":2}$/)
    expect(await shown()).toEqual(['500m', '500m', 0, []])
    expect((await get()).status!.containerStatuses![0]!.resources!.limits!['memory']).toBe('64Mi')
  })

  test('restarts the container where its policy asks for that', async () => {
    await begin({ resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] })
    await resize(amounts('1', '64Mi'))
    expect((await shown())[2]).toBe(0)
    await resize(amounts('1', '128Mi'))
    expect(await shown()).toEqual(['1', '1', 0, ['PodResizeInProgress undefined: undefined']])
    await c.clock.advance(60_000)
    expect(await shown()).toEqual(['1', '1', 1, []])
    expect(await c.eventsOf('web')).toContain('Normal Killing Container main resize requires restart')
  })

  test('to more than the node has is refused', async () => {
    await begin()
    const refused = await resize(amounts('100', '64Gi')).catch((error: StatusError) => error.status)
    expect(refused).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'pods "web" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 100000, allocatable: 4000; memory, requested: 68719476736, allocatable: 8334815232',
      details: { name: 'web', kind: 'pods', causes: [{ reason: 'NodeCapacity' }] },
    })
    expect((await get()).spec!.containers[0]!.resources!.limits!['cpu']).toBe('500m')
  })

  test('to what only the API server believes the node has is infeasible, and gone when it is taken back', async () => {
    await begin()
    await c.believeInMore('200')
    await resize(amounts('100', '64Mi'))
    const message = "Node didn't have enough capacity: cpu, requested: 100000, capacity: 4000"
    expect(await shown()).toEqual(['500m', '500m', 0, [`PodResizePending Infeasible: ${message}`]])
    expect((await c.eventsOf('web')).at(-1)).toBe(
      `Warning ResizeInfeasible Pod resize Infeasible: {"containers":[{"name":"main","resources":{"limits":{"cpu":"100","memory":"64Mi"},"requests":{"cpu":"100","memory":"64Mi"}}}],"generation":2,"error":"${message}"}`,
    )
    await resize(amounts('500m', '64Mi'))
    expect(await shown()).toEqual(['500m', '500m', 0, []])
  })

  test('that others leave no room for is deferred until they are gone', async () => {
    await begin()
    await c.pod('other', {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'busybox', command: ['sleep', '100000'], resources: { requests: { cpu: '3' } } }],
    })
    await c.clock.advance(10_000)
    await resize(amounts('2', '64Mi'))
    expect(await shown()).toEqual([
      '500m',
      '500m',
      0,
      ["PodResizePending Deferred: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000"],
    ])
    await c.admin.resource(resources.pods).delete('default', 'other')
    await c.clock.advance(30_000)
    expect(await shown()).toEqual(['2', '2', 0, []])
  })

  test('that waits comes after those of higher priority', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const classes = { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' }
    await c.create(classes, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 })
    const asking = (cpu: string, extra: object = {}) => ({
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'busybox', command: ['sleep', '100000'], resources: { requests: { cpu } } }],
      ...extra,
    })
    await c.pod('low', asking('500m'))
    await c.pod('high', asking('500m', { priorityClassName: 'high' }))
    await c.pod('other', asking('3'))
    await c.clock.advance(10_000)
    for (const name of ['low', 'high']) {
      const patch = { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '2500m' } } }] } }
      await c.admin.resource<Pod>(resources.pods).patch('default', name, patch, { type: 'strategic', subresource: 'resize' })
      await c.clock.advance(1_000)
    }
    await c.admin.resource(resources.pods).delete('default', 'other')
    await c.clock.advance(30_000)
    const granted = async (name: string): Promise<unknown> => (await get(name)).status!.containerStatuses![0]!.allocatedResources!['cpu']
    expect([await granted('low'), await granted('high')]).toEqual(['500m', '2500m'])
  })

  test('that waits takes no room of others, also after a restart of the simulator', async () => {
    await begin()
    const { nodeName } = (await get()).spec!
    const asking = (cpu: string) => ({
      nodeName,
      containers: [{ name: 'main', image: 'busybox', command: ['sleep', '100000'], resources: { requests: { cpu } } }],
    })
    await c.pod('other', asking('3'))
    await c.clock.advance(10_000)
    await resize(amounts('2', '64Mi'))
    await c.restart()
    await c.clock.advance(20_000)
    await c.pod('small', asking('500m'))
    await c.clock.advance(10_000)
    expect((await get('small')).status!.phase).toBe('Running')
  })

  test('survives a restart of the simulator', async () => {
    await begin()
    await resize(amounts('1', '128Mi'))
    const before = await get()
    await c.restart()
    await c.clock.advance(20_000)
    expect((await get()).status).toEqual(before.status)
  })
})
