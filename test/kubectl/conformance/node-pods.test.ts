/** Pods as programs read and change them: over WebSockets, by collections, in their status, while they run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'
import type { Json } from '../support/api.js'
import { Client, conditionOf, isReady, pod, TestNamespace } from '../support/namespace.js'

const IMAGES = 'registry.k8s.io/e2e-test-images'
const AGNHOST = `${IMAGES}/agnhost:2.59`
const BUSYBOX = `${IMAGES}/busybox:1.37.0-1`
const HTTPD = `${IMAGES}/httpd:2.4.38-4`

let cluster: TestCluster
let client: Client
let ns: TestNamespace
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '5'] })
  client = new Client(cluster.kubeconfig)
  ns = await TestNamespace.create(client, 'pods')
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

const pause = (name: string, spec: object = {}, metadata: object = {}): Json =>
  pod(name, { image: AGNHOST, args: ['pause'] }, { ...spec }, metadata)

describe('a WebSocket', () => {
  beforeAll(async () => {
    await ns.running(pod('alive', { image: BUSYBOX, command: ['/bin/sh', '-c', 'echo container is alive; sleep 600'] }))
  })

  it('carries the output of a command on channel 1', async () => {
    const query = 'stderr=1&stdout=1&container=main&command=echo&command=remote+execution+test'
    const messages = await client.messages(`${ns.path('pods/alive/exec')}?${query}`, ['channel.k8s.io'])
    const spoken = messages.filter((m) => m.length > 1)
    expect(spoken.every((m) => m[0] === 1)).toBe(true)
    expect(Buffer.concat(spoken.map((m) => m.subarray(1))).toString()).toBe('remote execution test\n')
  })

  it('carries a log', async () => {
    const messages = await client.messages(`${ns.path('pods/alive/log')}?container=main`, ['binary.k8s.io'])
    expect(Buffer.concat(messages).toString()).toBe('container is alive\n')
  })
})

describe('a running pod', () => {
  it('ends once a deadline that it is given later has passed', async () => {
    await ns.running(pause('deadline', { restartPolicy: 'Always' }))
    await ns.patch('pods/deadline', { spec: { activeDeadlineSeconds: 5 } })
    const { status } = await ns.until('pods/deadline', (p) => p.status.phase === 'Failed')
    expect(status.reason).toBe('DeadlineExceeded')
  })

  it('is ready only when all its gates are open', async () => {
    const types = ['k8s.io/test-condition1', 'k8s.io/test-condition2']
    const set = (type: string, status: string): Promise<Json> =>
      ns.patch('pods/gated/status', { status: { conditions: [{ type, status }] } }, 'strategic-merge-patch+json')
    await ns.create(pause('gated', { readinessGates: types.map((conditionType) => ({ conditionType })) }))
    await ns.until('pods/gated', (p) => conditionOf(p, 'ContainersReady')?.status === 'True')
    await set(types[0]!, 'True')
    expect(isReady(await ns.get('pods/gated'))).toBe(false)
    await set(types[1]!, 'True')
    await ns.until('pods/gated', isReady)
    await set(types[0]!, 'False')
    await ns.until('pods/gated', (p) => !isReady(p))
  })

  it('takes a container more, and another, each of which runs', async () => {
    const target = await ns.running(pod('target', { image: BUSYBOX, command: ['/bin/sleep', '10000'] }, { restartPolicy: 'Always' }))
    expect(target.metadata.generation).toBe(1)
    const polo = { name: 'debugger', image: BUSYBOX, command: ['/bin/sh', '-c', 'while true; do echo polo; sleep 2; done'], stdin: true, tty: true } // prettier-ignore
    await ns.patch('pods/target/ephemeralcontainers', { spec: { ephemeralContainers: [polo] } }, 'strategic-merge-patch+json')
    const shown = await ns.until('pods/target', (p) => p.status.ephemeralContainerStatuses?.[0]?.state.running)
    expect(shown.metadata.generation).toBe(2)
    expect((await ns.exec('target', ['/bin/echo', 'marco'], 'debugger')).stdout).toBe('marco\n')
    await ns.logged('target', 'polo', 'debugger')
    const whole = await ns.get('pods/target')
    whole.spec.ephemeralContainers.push({ name: 'debugger2', image: AGNHOST, terminationMessagePolicy: 'File' })
    expect((await ns.answer('PUT', 'pods/target/ephemeralcontainers', whole)).code).toBe(200)
    expect((await ns.get('pods/target/ephemeralcontainers')).spec.ephemeralContainers).toHaveLength(2)
  })

  it('has its image patched, its status written by others, and goes with its collection', async () => {
    const own = { labels: { kind: 'patched' } }
    await ns.running(pod('patched', { image: AGNHOST, args: ['pause'] }, { restartPolicy: 'Always' }, own))
    const patch = { metadata: { labels: { test: 'patched' } }, spec: { containers: [{ name: 'main', image: HTTPD }] } }
    const { metadata, spec } = await ns.patch('pods/patched', patch, 'strategic-merge-patch+json')
    expect([metadata.labels, spec.containers[0].image]).toEqual([{ kind: 'patched', test: 'patched' }, HTTPD])
    const word = { message: 'Patched by a test', reason: 'Test' }
    expect((await ns.patch('pods/patched/status', { status: word })).status).toMatchObject(word)
    await ns.delete('pods?labelSelector=kind%3Dpatched', { gracePeriodSeconds: 1 })
    await ns.gone('pods/patched')
  })

  it('is told of its Services, and those of its RuntimeClass are refused when there is none', async () => {
    await ns.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'fooservice' },
      spec: {
        ports: [
          {
            port: 8765,
            targetPort: 8080,
          },
        ],
        selector: { name: 'server' },
      },
    })
    const variables = await ns.output(pod('variables', { image: BUSYBOX, command: ['sh', '-c', 'env'] }))
    for (const end of ['SERVICE_HOST', 'SERVICE_PORT', 'PORT', 'PORT_8765_TCP_PORT', 'PORT_8765_TCP_PROTO', 'PORT_8765_TCP', 'PORT_8765_TCP_ADDR'])
      expect(variables).toContain(`\nFOOSERVICE_${end}=`) // prettier-ignore
    const none = await ns.answer('POST', 'pods', pause('none', { runtimeClassName: 'none' }))
    expect([none.code, none.json.message]).toEqual([403, 'pods "none" is forbidden: pod rejected: RuntimeClass "none" not found'])
  })

  it('is charged what its RuntimeClass takes, and does not start with a handler that no node has', async () => {
    const runtimeClass = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass' }
    const overhead = { podFixed: { cpu: '10m', memory: '1Mi' } }
    const made = { ...runtimeClass, metadata: { name: 'odd' }, handler: 'odd-handler', overhead }
    await client.ok('POST', '/apis/node.k8s.io/v1/runtimeclasses', made)
    expect((await ns.create(pause('odd', { runtimeClassName: 'odd' }))).spec.overhead).toEqual(overhead.podFixed)
    const events = `${ns.path('events')}?fieldSelector=involvedObject.name=odd`
    const { object } = await client.watch(events, (e) => e.object.reason === 'FailedCreatePodSandBox')
    expect(object.message).toContain('odd-handler')
    expect((await ns.get('pods/odd')).status.phase).toBe('Pending')
  })
})

describe('a node', () => {
  const NODES = '/api/v1/nodes'
  const node = (name: string): Json => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { kind: 'made' } } })

  it('that somebody makes by hand is an object like others', async () => {
    const made = await client.ok('POST', NODES, { ...node('by-hand'), status: { phase: 'Pending' } })
    expect((await client.ok('GET', `${NODES}/by-hand`)).metadata.uid).toBe(made.metadata.uid)
    expect((await client.patch(`${NODES}/by-hand`, { metadata: { labels: { patched: 'yes' } } })).metadata.labels['patched']).toBe('yes')
    expect((await client.ok('GET', `${NODES}?labelSelector=kind%3Dmade`)).items).toHaveLength(1)
    await client.ok('DELETE', `${NODES}/by-hand`)
    expect((await client.request('GET', `${NODES}/by-hand`)).code).toBe(404)
  })

  it('that is tainted sends its pods away in the order of their patience, and keeps those whose taint goes in time', async () => {
    const [{ metadata }] = (await client.ok('GET', NODES)).items.filter((n: Json) => !n.spec.taints)
    const key = 'example.com/evict-taint-key'
    const set = (taints: object[]): Promise<Json> => client.patch(`${NODES}/${metadata.name}`, { spec: { taints } })
    const tolerant = (name: string, tolerationSeconds: number): Promise<Json> =>
      ns.running(pause(name, { nodeName: metadata.name, tolerations: [{ key, value: 'value', effect: 'NoExecute', tolerationSeconds }] }))
    await Promise.all([tolerant('soon', 5), tolerant('late', 300), ns.running(pause('at-once', { nodeName: metadata.name }))])
    await set([{ key, value: 'value', effect: 'NoExecute' }])
    await ns.gone('pods/at-once')
    await ns.gone('pods/soon')
    await set([])
    expect(isReady(await ns.get('pods/late'))).toBe(true)
  })
})
