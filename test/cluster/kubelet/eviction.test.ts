/** Eviction by the kubelet, with the real API server, runtime and controllers. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event, Node, Pod } from '../../../src-main/cluster/api/object.js'
import { MACHINES } from '../../../src-main/cluster/machine-resource.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const shell = (script: string, extra: object = {}) => ({
  name: 'main',
  image: 'busybox',
  command: ['sh', '-c', `${script}; sleep 100000`],
  ...extra,
})
const eater = (megabytes: number, extra: object = {}) => ({
  name: 'main',
  image: 'polinux/stress',
  command: ['stress', '--vm', '1', '--vm-bytes', `${megabytes}M`, '--vm-hang', '0'],
  ...extra,
})
const get = (name: string): Promise<Pod> => c.get<Pod>(resources.pods, 'default', name)
const condition = async (node: string, type: string): Promise<string> => {
  const found = (await c.get<Node>(resources.nodes, '', node)).status!.conditions!.find((x) => x.type === type)!
  return `${found.status} ${found.reason} ${found.message}`
}

/** A node of its own for the pods of a test, with little of something. */
async function small(spec: object): Promise<void> {
  c = await startWholeCluster({ nodes: 1 })
  const metadata = { name: 'small' }
  await c.create(MACHINES, { apiVersion: 'drydock.dev/v1', kind: 'Machine', metadata, spec: { ...spec, labels: { size: 'small' } } })
  await c.clock.advance(1_000)
}

describe('a pod that uses more local storage than it may', () => {
  test('is evicted for its emptyDir', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('hog', {
      containers: [shell('dd if=/dev/zero of=/cache/file bs=1M count=3', { volumeMounts: [{ name: 'cache', mountPath: '/cache' }] })],
      volumes: [{ name: 'cache', emptyDir: { sizeLimit: '2Mi' } }],
    })
    await c.clock.advance(30_000)
    const { status } = await get('hog')
    expect([status!.phase, status!.reason, status!.message]).toEqual([
      'Failed',
      'Evicted',
      'Usage of EmptyDir volume "cache" exceeds the limit "2Mi". ',
    ])
    expect(status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    expect(status!.conditions!.some((x) => x.type === 'DisruptionTarget')).toBe(false)
    expect(await c.eventsOf('hog')).toContain('Warning Evicted Usage of EmptyDir volume "cache" exceeds the limit "2Mi". ')
  })

  test('is evicted for what a container writes to its own layer', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const resourcesOf = { limits: { 'ephemeral-storage': '1Mi' } }
    await c.pod('hog', { containers: [shell('dd if=/dev/zero of=/file bs=1M count=2', { resources: resourcesOf })] })
    await c.pod('tidy', { containers: [shell('echo x > /file', { resources: resourcesOf })] })
    await c.clock.advance(30_000)
    expect((await get('hog')).status!.message).toBe('Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ')
    expect((await get('tidy')).status!.phase).toBe('Running')
  })

  test('with an emptyDir in memory finds it full instead', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('full', {
      restartPolicy: 'Never',
      containers: [
        {
          ...shell(''),
          command: ['sh', '-c', 'dd if=/dev/zero of=/cache/file bs=1M count=3'],
          volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
        },
      ],
      volumes: [{ name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '2Mi' } }],
    })
    await c.clock.advance(30_000)
    expect((await get('full')).status).toMatchObject({ phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 1 } } }] })
    expect(await c.logs('full', 'main')).toContain('No space left on device')
  })
})

describe('a node that runs out of memory', () => {
  const here = { nodeSelector: { size: 'small' } }
  const request = (memory: string) => ({ resources: { requests: { memory } } })

  test('evicts the pod that is furthest above its request, says why, and is under pressure for five minutes', async () => {
    await small({ memory: '500Mi' })
    await c.pod('modest', { ...here, containers: [eater(100, request('150Mi'))] })
    await c.pod('greedy', { ...here, containers: [eater(310)] })
    await c.clock.advance(30_000)
    const { status } = await get('greedy')
    expect([status!.phase, status!.reason]).toEqual(['Failed', 'Evicted'])
    expect(status!.message).toMatch(
      /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: \d+Ki\. Container main was using \d+Ki, request is 0, has larger consumption of memory\. $/,
    )
    expect(status!.conditions!.find((x) => x.type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
      message: status!.message,
    })
    expect((await get('modest')).status!.phase).toBe('Running')
    const evicted = (await c.list<Event>(resources.events, 'default')).find((e) => e.reason === 'Evicted')!
    expect(evicted.metadata.annotations).toEqual({
      offending_containers: 'main',
      offending_containers_usage: /using (\d+Ki)/.exec(status!.message!)![1],
      starved_resource: 'memory',
    })
    expect(await condition('small', 'MemoryPressure')).toBe('True KubeletHasInsufficientMemory kubelet has insufficient memory available')
    expect(await c.eventsOf('small')).toEqual(
      expect.arrayContaining([
        'Warning EvictionThresholdMet Attempting to reclaim memory',
        'Normal NodeHasInsufficientMemory Node small status is now: NodeHasInsufficientMemory',
      ]),
    )
    const { spec } = await c.get<Node>(resources.nodes, '', 'small')
    expect(spec!.taints!.map((t) => `${t.key}:${t.effect}`)).toEqual(['node.kubernetes.io/memory-pressure:NoSchedule'])
    await c.clock.advance(310_000)
    expect(await condition('small', 'MemoryPressure')).toBe('False KubeletHasSufficientMemory kubelet has sufficient memory available')
    expect((await c.get<Node>(resources.nodes, '', 'small')).spec!.taints).toBeUndefined()
  })

  test('spares pods of higher priority that are above their request as well', async () => {
    await small({ memory: '600Mi' })
    const classOf = (name: string, value: number) => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
    })
    const classes = { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' }
    await c.create(classes, classOf('high', 1000))
    await c.pod('important', { ...here, priorityClassName: 'high', containers: [eater(300)] })
    await c.pod('other', { ...here, containers: [eater(230)] })
    await c.clock.advance(30_000)
    expect([(await get('important')).status!.phase, (await get('other')).status!.phase]).toEqual(['Running', 'Failed'])
  })

  test('by a soft threshold is under pressure at once, and evicts after the grace period with time to end', async () => {
    const kubelet = {
      evictionSoft: { 'memory.available': '250Mi' },
      evictionSoftGracePeriod: { 'memory.available': '1m30s' },
      evictionMaxPodGracePeriod: 20,
      evictionPressureTransitionPeriod: '30s',
    }
    await small({ memory: '500Mi', kubelet })
    await c.pod('greedy', { ...here, containers: [eater(290)] })
    await c.clock.advance(30_000)
    expect(await condition('small', 'MemoryPressure')).toBe('True KubeletHasInsufficientMemory kubelet has insufficient memory available')
    await c.clock.advance(50_000)
    expect((await c.eventsOf('greedy')).filter((e) => e.includes('Evicted'))).toEqual([])
    await c.clock.advance(30_000)
    const { status } = await get('greedy')
    expect(status!.message).toMatch(/^The node was low on resource: memory\. Threshold quantity: 250Mi, available: \d+Ki\. /)
    const evicted = (await c.list<Event>(resources.events, 'default')).find((e) => e.reason === 'Evicted')!
    await c.clock.advance(30_000)
    const ended = (await get('greedy')).status!.containerStatuses![0]!.state!.terminated!
    expect(Date.parse(ended.finishedAt as never) - Date.parse(evicted.firstTimestamp as never)).toBe(20_000)
    await c.clock.advance(40_000)
    expect(await condition('small', 'MemoryPressure')).toBe('False KubeletHasSufficientMemory kubelet has sufficient memory available')
  })

  test('takes no more pods that ask for nothing', async () => {
    await small({ memory: '400Mi' })
    await c.pod('greedy', { ...here, containers: [eater(310)] })
    await c.clock.advance(30_000)
    await c.pod('late', { nodeName: 'small', containers: [shell('true')] })
    await c.pod('asks', { nodeName: 'small', containers: [shell('true', request('10Mi'))] })
    await c.clock.advance(10_000)
    expect((await get('late')).status).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
    })
    expect((await get('asks')).status!.phase).toBe('Running')
  })
})

describe('a node that runs out of disk', () => {
  test('first drops images that nothing uses, then evicts, and is tainted', async () => {
    await small({ ephemeralStorage: '60Mi' })
    const here = { nodeSelector: { size: 'small' } }
    await c.pod('old', { ...here, restartPolicy: 'Never', containers: [{ name: 'main', image: 'alpine', command: ['true'] }] })
    await c.clock.advance(10_000)
    await c.admin.resource(resources.pods).delete('default', 'old')
    // An image that has only just come is not dropped.
    await c.clock.advance(120_000)
    const images = async (): Promise<string[]> =>
      (await c.get<Node>(resources.nodes, '', 'small')).status!.images!.map((i) => i.names!.at(-1)!.replace(/:.*/, ''))
    expect(await images()).toEqual(['docker.io/library/alpine'])
    await c.pod('writer', { ...here, containers: [shell('dd if=/dev/zero of=/file bs=1M count=53')] })
    await c.clock.advance(30_000)
    const { status } = await get('writer')
    expect([status!.phase, status!.reason]).toEqual(['Failed', 'Evicted'])
    expect(status!.message).toMatch(
      /^The node was low on resource: ephemeral-storage\. Threshold quantity: 6Mi, available: \d+Ki\. Container main was using/,
    )
    expect(await images()).toEqual(['docker.io/library/busybox'])
    expect(await condition('small', 'DiskPressure')).toBe('True KubeletHasDiskPressure kubelet has disk pressure')
    expect((await c.get<Node>(resources.nodes, '', 'small')).spec!.taints!.map((t) => t.key)).toEqual(['node.kubernetes.io/disk-pressure'])
  })
})

describe('a node that runs out of process ids', () => {
  const forking = (n: number) => shell(`for i in $(seq ${n}); do sleep 100000 & done`)
  const here = { nodeName: 'small' }

  test('evicts the pod of lowest priority with most processes, is under pressure and tainted, and recovers', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.kubelets.addNode({ name: 'small', pids: 100 })
    await c.clock.advance(1_000)
    await c.pod('few', { ...here, containers: [forking(10)] })
    await c.pod('many', { ...here, containers: [forking(79)] })
    await c.clock.advance(30_000)
    const { status } = await get('many')
    expect([status!.phase, status!.reason, status!.message]).toEqual([
      'Failed',
      'Evicted',
      'The node was low on resource: pids. Threshold quantity: 10, available: 9. ',
    ])
    expect((await get('few')).status!.phase).toBe('Running')
    expect(await condition('small', 'PIDPressure')).toBe('True KubeletHasInsufficientPID kubelet has insufficient PID available')
    expect(await c.eventsOf('small')).toEqual(
      expect.arrayContaining([
        'Warning EvictionThresholdMet Attempting to reclaim pids',
        'Normal NodeHasInsufficientPID Node small status is now: NodeHasInsufficientPID',
      ]),
    )
    expect((await c.get<Node>(resources.nodes, '', 'small')).spec!.taints!.map((t) => t.key)).toContain('node.kubernetes.io/pid-pressure')
    await c.clock.advance(310_000)
    expect(await condition('small', 'PIDPressure')).toBe('False KubeletHasSufficientPID kubelet has sufficient PID available')
  })
})
