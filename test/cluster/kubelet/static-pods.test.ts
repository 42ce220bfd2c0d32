/** Static pods: manifests on a node's own disk, in a whole cluster. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

const NODE = 'drydock-m02'
const NAME = `static-web-${NODE}`
let c: WholeCluster
let n = 0

beforeEach(async () => {
  c = await startWholeCluster({ nodes: 2 })
})
afterEach(() => c.stop())

const manifest = (image = 'nginx') => `
apiVersion: v1
kind: Pod
metadata:
  name: static-web
  labels:
    role: myrole
spec:
  terminationGracePeriodSeconds: 5
  containers:
    - name: web
      image: ${image}
      ports:
        - name: web
          containerPort: 80
          protocol: TCP
`

/** Runs a script on the node's disk, as a person does through `kubectl debug node`. */
async function onNode(script: string): Promise<void> {
  await c.pod(`shell-${n++}`, {
    nodeName: NODE,
    restartPolicy: 'Never',
    containers: [{ name: 'sh', image: 'busybox', command: ['sh', '-ec', script], volumeMounts: [{ name: 'host', mountPath: '/host' }] }],
    volumes: [{ name: 'host', hostPath: { path: '/' } }],
  })
  // Until the file is written, and the kubelet has looked.
  await c.clock.advance(20_000)
}

const write = (image?: string): Promise<void> =>
  onNode(`mkdir -p /host/etc/kubernetes/manifests; cat > /host/etc/kubernetes/manifests/static-web.yaml <<'END'${manifest(image)}END\n`)

const mirror = (): Promise<Pod> => c.get<Pod>(resources.pods, 'default', NAME)
const run = (pod: Pod) => pod.status!.containerStatuses!.map((s) => [s.containerID, s.restartCount, s.ready])

describe('a manifest in /etc/kubernetes/manifests', () => {
  test('becomes a pod on that node, and a mirror of it in the API', async () => {
    await write()
    const pod = await mirror()
    const node = await c.get<Node>(resources.nodes, '', NODE)
    const hash = pod.metadata.annotations!['kubernetes.io/config.hash']
    expect(pod.metadata).toMatchObject({
      name: NAME,
      labels: { role: 'myrole' },
      annotations: {
        'kubernetes.io/config.hash': expect.stringMatching(/^[0-9a-f]{32}$/),
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.seen': expect.stringMatching(/^2026-11-21T09:00:\d\d\.\d{9}Z$/),
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: NODE, uid: node.metadata.uid, controller: true }],
    })
    expect(pod.spec).toMatchObject({ nodeName: NODE, tolerations: [{ effect: 'NoExecute', operator: 'Exists' }] })
    expect(pod.spec!.serviceAccountName).toBeUndefined()
    expect(pod.status!.phase).toBe('Running')
    expect((await c.list<Pod>(resources.pods, 'default')).filter((p) => p.metadata.name!.startsWith('static-'))).toHaveLength(1)
  })

  test('keeps its pod running when somebody deletes the mirror, which comes back', async () => {
    await write()
    const before = await mirror()
    await c.admin.resource(resources.pods).delete('default', NAME)
    await c.clock.advance(1_000)
    const after = await mirror()
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
    expect(run(after)).toEqual(run(before))
    expect(after.status!.startTime).toBe(before.status!.startTime)
    await c.admin.resource(resources.pods).delete('default', NAME, { gracePeriodSeconds: 0 })
    await c.clock.advance(1_000)
    expect(run(await mirror())).toEqual(run(before))
  })

  test('has a mirror whose end a client sees that deletes it and then begins to watch', async () => {
    await write()
    const { uid } = (await mirror()).metadata
    await c.admin.resource(resources.pods).delete('default', NAME)
    await c.clock.advance(200)
    expect((await mirror()).metadata).toMatchObject({ uid, deletionGracePeriodSeconds: 5 })
    await c.clock.advance(100)
    expect((await mirror()).metadata).not.toMatchObject({ uid })
    expect((await mirror()).metadata.deletionTimestamp).toBeUndefined()
  })

  test('that is changed ends the pod and begins it anew', async () => {
    await write()
    const before = await mirror()
    await write('nginx:1.27')
    await c.clock.advance(20_000)
    const after = await mirror()
    expect(after.spec!.containers[0]!.image).toBe('nginx:1.27')
    expect(after.metadata.annotations!['kubernetes.io/config.hash']).not.toBe(before.metadata.annotations!['kubernetes.io/config.hash'])
    expect([after.status!.phase, after.status!.containerStatuses![0]!.restartCount]).toEqual(['Running', 0])
  })

  test('that is removed ends the pod', async () => {
    await write()
    await onNode('rm /host/etc/kubernetes/manifests/static-web.yaml')
    await c.clock.advance(10_000)
    await expect(mirror()).rejects.toThrow(`pods "${NAME}" not found`)
    expect([...c.kubelets.metrics()].filter((p) => p.name === NAME)).toEqual([])
  })

  test('that is no pod is passed over', async () => {
    await onNode(
      'mkdir -p /host/etc/kubernetes/manifests; cd /host/etc/kubernetes/manifests; echo "kind: [" > broken.yaml; echo "kind: Service" > service.yaml',
    )
    await write()
    expect((await mirror()).status!.phase).toBe('Running')
    expect(c.errors).toEqual([])
  })

  test('is there again after a restart of the simulator, and its container goes on', async () => {
    await write()
    const before = await mirror()
    await c.restart()
    await c.clock.advance(30_000)
    const after = await mirror()
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(run(after)).toEqual(run(before))
    await onNode('rm /host/etc/kubernetes/manifests/static-web.yaml')
    await c.clock.advance(10_000)
    await expect(mirror()).rejects.toThrow(`pods "${NAME}" not found`)
  })
})
