import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Lease, Node } from '../../../src-main/cluster/api/object.js'
import { FakeWall } from '../support/fake-wall.js'
import { bench, pod } from './harness.js'

const node = (b: { api: { table(r: string): Map<string, unknown> } }, name: string): Node => b.api.table('nodes').get(name) as Node

describe('nodes', () => {
  test('by default a cluster has a control plane and two workers, Ready as soon as they have their pod CIDR', async () => {
    const b = await bench({ nodes: undefined })
    expect([...b.api.table('nodes').keys()]).toEqual(['drydock', 'drydock-m02', 'drydock-m03'])
    const first = node(b, 'drydock')
    expect(first.metadata.labels).toEqual({
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': 'drydock',
      'kubernetes.io/os': 'linux',
      'node-role.kubernetes.io/control-plane': '',
      'node.kubernetes.io/exclude-from-external-load-balancers': '',
    })
    expect(first.spec!.taints).toBeUndefined()
    expect(node(b, 'drydock-m02').metadata.labels!['node-role.kubernetes.io/control-plane']).toBeUndefined()
    expect(node(b, 'drydock-m03').status!.addresses).toEqual([
      { type: 'InternalIP', address: '192.168.49.4' },
      { type: 'Hostname', address: 'drydock-m03' },
    ])
    expect(first.status!.conditions!.map((c) => `${c.type} ${c.status} ${c.reason} ${c.message}`)).toEqual([
      'MemoryPressure False KubeletHasSufficientMemory kubelet has sufficient memory available',
      'DiskPressure False KubeletHasNoDiskPressure kubelet has no disk pressure',
      'PIDPressure False KubeletHasSufficientPID kubelet has sufficient PID available',
      'Ready True KubeletReady kubelet is posting ready status',
    ])
    expect(first.status!.nodeInfo).toMatchObject({ kubeletVersion: 'v1.36.0', containerRuntimeVersion: 'containerd://2.1.4' })
    expect(b.api.events('drydock')).toEqual([
      'Normal Starting Starting kubelet.',
      'Normal NodeHasSufficientMemory Node drydock status is now: NodeHasSufficientMemory',
      'Normal NodeHasNoDiskPressure Node drydock status is now: NodeHasNoDiskPressure',
      'Normal NodeHasSufficientPID Node drydock status is now: NodeHasSufficientPID',
      'Normal NodeAllocatableEnforced Updated Node Allocatable limit across pods',
      'Normal NodeReady Node drydock status is now: NodeReady',
    ])
  })

  test('the nodes of a large cluster renew their Leases a few at a time, and others have a turn in between', async () => {
    const wall = new FakeWall()
    const b = await bench({ nodes: Array.from({ length: 120 }, (_, i) => ({ name: `node-${i}` })), wall })
    expect(b.api.table('leases').size).toBe(120)
    const renewed = (): number =>
      [...b.api.table('leases').values()].filter((l) => (l as unknown as Lease).spec!.renewTime === '2026-11-21T09:00:10.000000Z').length
    b.clock.setSpeed(1)
    wall.pass(10_000)
    await new Promise<void>((resolve) => process.nextTick(resolve))
    const turns = [renewed()]
    for (let i = 0; i < 2; i++) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      turns.push(renewed())
    }
    expect(turns).toEqual([50, 100, 120])
    b.kubelets.stop()
  })

  test('every node renews its Lease each ten seconds, and reports an unchanged status each five minutes', async () => {
    const b = await bench()
    const lease = (): Lease => b.api.table('leases').get('kube-node-lease/drydock') as unknown as Lease
    expect(lease().spec).toEqual({ holderIdentity: 'drydock', leaseDurationSeconds: 40, renewTime: '2026-11-21T09:00:00.000000Z' })
    expect(lease().metadata.ownerReferences![0]).toMatchObject({ kind: 'Node', name: 'drydock', uid: node(b, 'drydock').metadata.uid })
    const statuses = (): number => b.api.writes.filter((w) => w.resource === 'nodes' && w.subresource === 'status').length
    const before = statuses()
    await b.clock.advance(290_000)
    expect(lease().spec!.renewTime).toBe('2026-11-21T09:04:50.000000Z')
    expect(statuses()).toBe(before)
    await b.clock.advance(10_000)
    expect(statuses()).toBe(before + 1)
  })

  test('what others put into the capacity of a node is allocatable, and no longer when they take it out', async () => {
    const b = await bench()
    const give = (amount: string | null) =>
      b.api
        .client()
        .resource<Node>(resources.nodes)
        .patch('', 'drydock', { status: { capacity: { 'example.com/dongle': amount } } }, { type: 'strategic', subresource: 'status' })
    const dongles = (): (string | undefined)[] => [
      node(b, 'drydock').status!.capacity!['example.com/dongle'],
      node(b, 'drydock').status!.allocatable!['example.com/dongle'],
    ]
    await give('4')
    await b.clock.advance(10_000)
    expect(dongles()).toEqual(['4', '4'])
    await give(null)
    await b.clock.advance(10_000)
    expect(dongles()).toEqual([undefined, undefined])
  })

  test('an idle pod causes no work at all', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod())
    const writes = b.api.writes.filter((w) => w.resource !== 'leases' && w.resource !== 'nodes').length
    const calls = b.runtime.calls.length
    await b.clock.advance(3_600_000)
    expect(b.api.writes.filter((w) => w.resource !== 'leases' && w.resource !== 'nodes').length).toBe(writes)
    expect(b.runtime.calls.length).toBe(calls)
  })

  test('the images of a node show up in its status', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { size: 77 }) })
    await b.create(pod())
    await b.clock.advance(10_000)
    expect(node(b, 'drydock').status!.images).toEqual([{ names: ['docker.io/library/nginx'], sizeBytes: 77 }])
  })

  test('a node that is stopped falls silent; started again it runs its pods in new sandboxes', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod())
    await b.kubelets.stopNode('drydock')
    const { renewTime } = (b.api.table('leases').get('kube-node-lease/drydock') as unknown as Lease).spec!
    await b.clock.advance(60_000)
    expect((b.api.table('leases').get('kube-node-lease/drydock') as unknown as Lease).spec!.renewTime).toEqual(renewTime)
    expect(b.pod().status!.phase).toBe('Running')
    await expect(b.kubelets.endpoint('drydock')!.logs({ namespace: 'default', pod: 'web', container: 'app' }, {})).rejects.toThrow(
      'dial tcp 192.168.49.2:10250: connect: no route to host',
    )
    const started = b.kubelets.startNode('drydock')
    await b.clock.advance(1_000)
    await started
    await b.clock.settle()
    const status = b.pod().status!.containerStatuses![0]!
    expect(status).toMatchObject({ restartCount: 1, ready: true, lastState: { terminated: { exitCode: 255, reason: 'Unknown' } } })
    expect(b.pod().status!.podIP).toBe('10.244.0.3')
    expect(b.api.events('web')).toContain('Normal SandboxChanged Pod sandbox changed, it will be killed and re-created.')
  })

  test('nodes are added and removed while it runs', async () => {
    const b = await bench()
    const added = b.kubelets.addNode({ name: 'extra', cpu: '8' })
    await b.clock.settle()
    await added
    expect(node(b, 'extra').status!.capacity!.cpu).toBe('8')
    expect(node(b, 'extra').status!.addresses![0]!.address).toBe('192.168.49.3')
    await expect(b.kubelets.addNode({ name: 'extra' })).rejects.toThrow('node extra exists already')
    await b.kubelets.removeNode('extra')
    expect(b.api.table('nodes').has('extra')).toBe(false)
    expect(b.kubelets.nodes()).toEqual([{ name: 'drydock', address: '192.168.49.2', powered: true }])
  })

  test('a pod that asks for an unsafe sysctl is refused, and one that asks for a safe one gets it', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({}, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '10000000000' }] } }))
    expect(b.pod().status).toMatchObject({
      phase: 'Failed',
      reason: 'SysctlForbidden',
      message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
    })
    expect(b.api.events('web')).toEqual(['Warning SysctlForbidden forbidden sysctl: "kernel.msgmax" not allowlisted'])
    await b.create(pod({}, { securityContext: { sysctls: [{ name: 'net/ipv4/tcp_syncookies', value: '0' }] } }, 'safe'))
    expect(b.pod('safe').status!.phase).toBe('Running')
    const host = { hostNetwork: true, securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '0' }] } }
    await b.create(pod({}, host, 'host'))
    expect(b.pod('host').status!.message).toBe(
      'Pod was rejected: forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
    )
  })

  test('a pod that does not fit is refused', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({ resources: { requests: { cpu: '9' } } }))
    expect(b.pod().status).toMatchObject({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 4000",
    })
    expect(b.runtime.calls).toEqual([])
  })
})

describe('a restart of the simulator', () => {
  test('brings pods back under their old container ids and addresses, with no write and no event', async () => {
    const behave = (r: { behaviours: Record<string, object> }): void => {
      r.behaviours.nginx = { present: true }
      r.behaviours.busybox = { present: true, exit: { afterMs: 0, code: 0 } }
      r.behaviours.bad = { present: true, exit: { afterMs: 0, code: 1 } }
    }
    const b = await bench({ behave })
    await b.create(pod({}, { initContainers: [{ name: 'init', image: 'busybox', imagePullPolicy: 'IfNotPresent' }] }))
    await b.create(pod({ image: 'busybox' }, { restartPolicy: 'Never' }, 'job'))
    await b.create(pod({ image: 'bad' }, {}, 'bad'))
    await b.clock.advance(5_000)
    const [web, job, bad] = ['web', 'job', 'bad'].map((n) => structuredClone(b.pod(n)))
    const id = web!.status!.containerStatuses![0]!.containerID!.replace('containerd://', '')
    b.api.writes.length = 0

    const again = await b.restart()
    expect(again.pod('web')).toEqual(web)
    expect(again.pod('job')).toEqual(job)
    expect(again.pod('bad').status!.containerStatuses).toEqual(bad!.status!.containerStatuses)
    expect(again.api.writes.filter((w) => w.resource === 'pods')).toEqual([])
    expect(again.runtime.containers.get(id)!.info.state).toBe('running')
    expect([...again.runtime.sandboxes.values()].find((s) => s.name === 'web')!.ip).toBe('10.244.0.2')
    expect(again.runtime.calls).not.toContain('start init')
    expect(again.runtime.calls).not.toContain('sandbox job')
    expect(again.api.table('nodes').size).toBe(1)

    // The back-off of the crashing container goes on where it was.
    await again.clock.advance(6_000)
    expect(again.pod('bad').status!.containerStatuses![0]!.restartCount).toBe(2)
    expect(again.pod('bad').status!.containerStatuses![0]!.state!.waiting!.message).toContain('back-off 20s ')
  })

  test('gives the process of a pod that is brought back a moment before it is probed', async () => {
    const behave = (r: { behaviours: Record<string, object> }): void =>
      void (r.behaviours.nginx = { present: true, exec: () => ({ code: 0 }) })
    const b = await bench({ behave })
    await b.create(pod({ livenessProbe: { exec: { command: ['alive'] }, initialDelaySeconds: 20 } }))
    await b.clock.advance(25_000)
    const again = await b.restart()
    await again.clock.advance(19_999)
    expect(again.runtime.calls).not.toContain('exec app alive')
    await again.clock.advance(1)
    expect(again.runtime.calls).toContain('exec app alive')
  })

  test('gives a pod that was to end when it stopped its whole grace period anew', async () => {
    const behave = (r: { behaviours: Record<string, object> }): void => void (r.behaviours.nginx = { present: true, stopMs: Infinity })
    const b = await bench({ behave })
    await b.create(pod())
    void b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web')
    await b.clock.advance(20_000)
    const again = await b.restart()
    await again.clock.advance(30_999)
    expect(again.pod('web').status!.containerStatuses![0]!.state!.running).toBeDefined()
    await again.clock.advance(1)
    expect(again.api.pod('web')).toBeUndefined()
    expect(again.api.events('web').filter((e) => e.includes('Killing'))).toHaveLength(2)
  })

  test('ends a pod that was to end when it stopped, though it cannot be brought back', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod())
    await b.create(pod({}, { volumes: [{ name: 'files', configMap: { name: 'gone' } }] }, 'files'))
    const pods = b.api.client().resource({ group: '', version: 'v1', resource: 'pods' })
    b.api.put('pods', { ...b.pod('files'), status: b.pod('web').status } as never)
    await pods.delete('default', 'files')
    const again = await b.restart()
    await again.clock.advance(1_000)
    expect(again.api.pod('files')).toBeUndefined()
  })
})

describe('the streaming endpoint', () => {
  const ref = { namespace: 'default', pod: 'web', container: 'app' }
  const all = { command: ['hostname'], stdin: false, stdout: true, stderr: true, tty: false }

  test('gives the log of the running container, and says why there is none', async () => {
    const b = await bench({ behave: (r) => ((r.behaviours.nginx = { pullMs: 1_000 }), (r.behaviours.nope = { missing: true })) })
    const endpoint = b.kubelets.endpoint('drydock')!
    await expect(endpoint.logs(ref, {})).rejects.toMatchObject({
      code: 400,
      message: 'pod "web" cannot be found - no logs available',
    })
    await b.create(pod())
    await expect(endpoint.logs(ref, {})).rejects.toMatchObject({
      code: 400,
      message: 'container "app" in pod "web" is waiting to start: ContainerCreating',
    })
    await b.clock.advance(1_000)
    expect((await endpoint.logs(ref, {})).read().toString()).toMatch(/^log of container-/)
    await b.create(pod({ image: 'nope' }, {}, 'nope'))
    await expect(endpoint.logs({ ...ref, pod: 'nope' }, {})).rejects.toThrow(
      'container "app" in pod "nope" is waiting to start: image can\'t be pulled',
    )
    await b.clock.advance(1_000)
    await expect(endpoint.logs({ ...ref, pod: 'nope' }, {})).rejects.toThrow(
      'container "app" in pod "nope" is waiting to start: trying and failing to pull image',
    )
  })

  test('runs commands only in running containers', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, exec: () => ({ code: 3, output: 'web\n' }) }) })
    const endpoint = b.kubelets.endpoint('drydock')!
    await expect(endpoint.exec(ref, all)).rejects.toThrow('container not found ("app")')
    await b.create(pod())
    const session = await endpoint.exec(ref, all)
    expect(await session.status).toEqual({ code: 3 })
    expect(session.stdout!.read().toString()).toBe('web\n')
    await expect(endpoint.exec({ ...ref, container: 'other' }, all)).rejects.toThrow('container not found ("other")')
  })

  test('forwards to ports of the pod, and says when nobody listens', async () => {
    const b = await bench({
      behave: (r) => (r.behaviours.nginx = { present: true, listen: { port: 80, onConnection: (c) => c.end('hello') } }),
    })
    await b.create(pod())
    const endpoint = b.kubelets.endpoint('drydock')!
    const connection = await endpoint.portForward('default', 'web', 80)
    expect(connection.read().toString()).toBe('hello')
    await expect(endpoint.portForward('default', 'web', 81)).rejects.toThrow(
      'failed to connect to localhost:81 inside namespace "sandbox-1", IPv4: dial tcp4 127.0.0.1:81: connect: connection refused',
    )
  })

  test('tells what running containers use', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod())
    expect(b.kubelets.metrics()).toEqual([
      {
        namespace: 'default',
        name: 'web',
        uid: 'uid-web',
        node: 'drydock',
        containers: [{ name: 'app', id: 'container-2', cpuNanos: 5_000_000, memoryBytes: 1_048_576 }],
      },
    ])
  })
})
