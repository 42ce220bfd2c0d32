/** The kubelet with the real API server, controllers, scheduler, runtime, network and images, on a clock that stands still. */
import { afterEach, describe, expect, test } from 'vitest'
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import { loadCertificates } from '../../../src-main/cluster/access/certificates.js'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event, Node, Pod } from '../../../src-main/cluster/api/object.js'
import { createApiServer } from '../../../src-main/cluster/api/server.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { discoveryFrom } from '../../../src-main/cluster/controllers/discovery.js'
import { startControllers } from '../../../src-main/cluster/controllers/manager.js'
import type { Kubelets } from '../../../src-main/cluster/kubelet/kubelets.js'
import { startKubelets } from '../../../src-main/cluster/kubelet/kubelets.js'
import { createNetwork } from '../../../src-main/cluster/network/fabric.js'
import { Random } from '../../../src-main/cluster/random.js'
import { resolveImage } from '../../../src-main/cluster/runtime/images/catalogue.js'
import { createRuntime } from '../../../src-main/cluster/runtime/runtime.js'
import { startScheduler } from '../../../src-main/cluster/scheduler/scheduler.js'
import { openStore } from '../../../src-main/cluster/store/mvcc.js'

const START = Date.parse('2026-11-21T09:00:00Z')
const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function cluster() {
  const clock = new VirtualClock({ start: START, speed: 0 })
  const server = createApiServer({
    clock,
    random: new Random('api'),
    store: openStore({ clock }),
    admission: admissionPlugins,
    certificates: await loadCertificates(),
  })
  await server.seeded
  const informers = server.informers(ADMIN)
  const errors: unknown[] = []
  const common = {
    client: server.client,
    informers,
    clock,
    discovery: discoveryFrom(server.kinds),
    log: (_: string, e: unknown) => void errors.push(e),
  }
  const controllers = startControllers({ ...common, random: new Random('controllers'), rootCertificate: 'CERTIFICATE' })
  const scheduler = startScheduler({ ...common, random: new Random('scheduler') })
  const admin = server.client(ADMIN)
  const boot = async (seed: string): Promise<Kubelets> => {
    const network = createNetwork({ clock, random: new Random('network') })
    const runtime = createRuntime({ clock, random: new Random(seed), network, resolveImage })
    const starting = startKubelets({
      client: server.client,
      informers,
      runtime,
      network,
      clock,
      random: new Random(seed),
      clusterName: 'drydock',
    })
    await clock.advance(1_000)
    const kubelets = await starting
    await clock.settle()
    return kubelets
  }
  const kubelets = await boot('kubelets')
  stops.push(
    () => controllers.stop(),
    () => scheduler.stop(),
    () => server.close(),
  )
  const pods = admin.resource<Pod>(resources.pods)
  return {
    clock,
    admin,
    pods,
    kubelets,
    errors,
    boot,
    create: async (name: string, spec: object): Promise<void> => {
      await pods.create('default', { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec } as Pod)
      await clock.settle()
    },
    events: async (name: string): Promise<string[]> =>
      (await admin.resource<Event>(resources.events).list({ namespace: 'default' })).items
        .filter((e) => e.involvedObject.name === name)
        .sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
        .map((e) => `${e.type} ${e.reason} ${e.message}`),
  }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = ''
  for await (const chunk of stream) all += String(chunk)
  return all
}

describe('the kubelet in a whole cluster', () => {
  test('three nodes register and become Ready', async () => {
    const c = await cluster()
    const nodes = await c.admin.resource<Node>(resources.nodes).list()
    expect(nodes.items.map((n) => [n.metadata.name, n.status!.conditions!.find((x) => x.type === 'Ready')!.status])).toEqual([
      ['drydock', 'True'],
      ['drydock-m02', 'True'],
      ['drydock-m03', 'True'],
    ])
    expect(nodes.items.every((n) => n.spec!.podCIDR !== undefined)).toBe(true)
  })

  test('a pod is scheduled, pulled, started, answers, writes a log and ends', async () => {
    const c = await cluster()
    await c.create('kubia', {
      containers: [
        {
          name: 'kubia',
          image: 'luksa/kubia',
          ports: [{ containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 2 },
        },
      ],
    })
    await c.clock.advance(60_000)
    const running = await c.pods.get('default', 'kubia')
    expect(running.status).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true, restartCount: 0 }] })
    expect((await c.events('kubia')).filter((e) => !e.includes('Scheduled')).map((e) => e.split(' ')[1])).toEqual([
      'Pulling',
      'Pulled',
      'Created',
      'Started',
    ])
    const endpoint = c.kubelets.endpoint(running.spec!.nodeName!)!
    const ref = { namespace: 'default', pod: 'kubia', container: 'kubia' }
    expect(await text(await endpoint.logs(ref, { tailLines: 1 }))).toMatch(
      /^Received request from ::ffff:10\.244\.\d+\.1|^Received request from /,
    )
    await c.pods.delete('default', 'kubia')
    await c.clock.advance(35_000)
    await expect(c.pods.get('default', 'kubia')).rejects.toMatchObject({ reason: 'NotFound' })
    expect(c.errors).toEqual([])
  })

  test('a container finds its files, variables and service account, and its exit code is told', async () => {
    const c = await cluster()
    await c.create('task', {
      restartPolicy: 'Never',
      hostname: 'db-0',
      subdomain: 'db',
      setHostnameAsFQDN: true,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c'],
          args: [
            'echo $HOSTNAME; while read -r line; do last=$line; done < /etc/hosts; echo "$last"; cd /var/run/secrets/kubernetes.io/serviceaccount; echo *; echo $GREETING; exit 7',
          ],
          env: [{ name: 'GREETING', value: 'hello' }],
        },
      ],
    })
    await c.clock.advance(30_000)
    const done = await c.pods.get('default', 'task')
    expect(done.status!.phase).toBe('Failed')
    expect(done.status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 7, reason: 'Error' })
    const endpoint = c.kubelets.endpoint(done.spec!.nodeName!)!
    const log = await text(await endpoint.logs({ namespace: 'default', pod: 'task', container: 'main' }, {}))
    expect(log.split('\n')).toEqual([
      'db-0.db.default.svc.cluster.local',
      `${done.status!.podIP}\tdb-0.db.default.svc.cluster.local\tdb-0`,
      'ca.crt namespace token',
      'hello',
      '',
    ])
  })

  test('after a restart the pods run on as if nothing had been', async () => {
    const c = await cluster()
    await c.create('sleeper', { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'] }] })
    await c.clock.advance(30_000)
    const before = await c.pods.get('default', 'sleeper')
    expect(before.status!.phase).toBe('Running')
    c.kubelets.stop()
    const again = await c.boot('again')
    await c.clock.advance(5_000)
    const after = await c.pods.get('default', 'sleeper')
    expect(after).toEqual(before)
    const session = await again
      .endpoint(after.spec!.nodeName!)!
      .exec(
        { namespace: 'default', pod: 'sleeper', container: 'main' },
        { command: ['sh', '-c', 'echo $HOSTNAME'], stdin: false, stdout: true, stderr: true, tty: false },
      )
    await c.clock.settle()
    expect(await text(session.stdout!)).toBe('sleeper\n')
  })
})
