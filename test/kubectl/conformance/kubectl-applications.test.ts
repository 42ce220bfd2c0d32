/** Small applications put up, grown, asked and taken down with kubectl alone. */
import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'
import { Client, TestNamespace } from '../support/namespace.js'

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.59'

let cluster: TestCluster
let client: Client
beforeAll(async () => {
  cluster = await TestCluster.start()
  client = new Client(cluster.kubeconfig)
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

const manifest = (...objects: object[]): string => objects.map((o) => JSON.stringify(o)).join('\n---\n')

describe('a guestbook of three tiers', () => {
  const tier = (name: string, labels: Record<string, string>, args: string[], port: number): object[] => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        labels,
      },
      spec: {
        ports: [
          {
            port,
            ...(port === 80 ? {} : { targetPort: 6379 }),
          },
        ],
        selector: labels,
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: name === 'agnhost-primary' ? 1 : 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name,
                image: AGNHOST,
                args,
                ports: [{ containerPort: port }],
              },
            ],
          },
        },
      },
    },
  ]
  const all = manifest(
    ...tier('agnhost-replica', { app: 'agnhost', role: 'replica', tier: 'backend' }, ['guestbook', '--replicaof', 'agnhost-primary', '--http-port', '6379'], 6379),
    ...tier('agnhost-primary', { app: 'agnhost', role: 'primary', tier: 'backend' }, ['guestbook', '--http-port', '6379'], 6379),
    ...tier('frontend', { app: 'guestbook', tier: 'frontend' }, ['guestbook', '--backend-port', '6379'], 80),
  ) // prettier-ignore

  it('takes entries at its front and gives them back, and goes without a trace', async () => {
    const ns = await TestNamespace.create(client, 'guestbook')
    cluster.ok(['-n', ns.name, 'create', '-f', '-'], all)
    for (const name of ['agnhost-primary', 'agnhost-replica', 'frontend'])
      cluster.ok(`-n ${ns.name} rollout status deployment/${name} --timeout=60s`)
    const ask = async (query: string, wanted: string): Promise<void> => {
      for (let tries = 0; ; tries++) {
        const { text } = await ns.answer('GET', `services/frontend/proxy/guestbook?${query}`)
        if (text === wanted) return
        // The replicas register with their primary in their own time.
        if (tries === 100) expect(text).toBe(wanted)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    await ask('cmd=get&key=messages&value=', '{"data":""}')
    await ask('cmd=set&key=messages&value=TestEntry', '{"message":"Updated"}')
    await ask('cmd=get&key=messages&value=', '{"data":"TestEntry"}')
    cluster.ok(['-n', ns.name, 'delete', '--grace-period=0', '--force', '-f', '-'], all)
    expect(cluster.ok(['-n', ns.name, 'get', 'rc,deploy,svc', '-l', 'app in (agnhost, guestbook)', '--no-headers'])).toBe('')
  })
})

describe('a demo of updates', () => {
  const NAUTILUS = 'registry.k8s.io/e2e-test-images/nautilus:1.7'
  const controller = manifest({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'update-demo-nautilus' },
    spec: {
      replicas: 2,
      selector: {
        name: 'update-demo',
        version: 'nautilus',
      },
      template: {
        metadata: {
          labels: {
            name: 'update-demo',
            version: 'nautilus',
          },
        },
        spec: {
          containers: [
            {
              image: NAUTILUS,
              name: 'update-demo',
              ports: [{ containerPort: 80 }],
            },
          ],
        },
      },
    },
  })
  const RUNNING =
    '{{if (exists . "status" "containerStatuses")}}{{range .status.containerStatuses}}{{if (and (eq .name "update-demo") (exists . "state" "running"))}}true{{end}}{{end}}{{end}}'
  const IMAGE =
    '{{if (exists . "spec" "containers")}}{{range .spec.containers}}{{if eq .name "update-demo"}}{{.image}}{{end}}{{end}}{{end}}'

  it('runs as many as it is scaled to, each of which serves its picture, and is no more once it is deleted', async () => {
    const ns = await TestNamespace.create(client, 'update-demo')
    const run = (args: string[], input?: string): string => cluster.ok(['-n', ns.name, ...args], input)
    const get = (pod: string, template: string): string => run(['get', 'pods', pod, '-o', 'template', `--template=${template}`])
    const check = async (count: number): Promise<void> => {
      await ns.until(
        'replicationcontrollers/update-demo-nautilus',
        (rc) => rc.status.readyReplicas === count && rc.status.replicas === count,
      )
      const list = [
        'get',
        'pods',
        '-o',
        'template',
        '--template={{range.items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}} {{end}}{{end}}',
        '-l',
        'name=update-demo',
      ]
      const pods = run(list).trim().split(' ') // prettier-ignore
      expect(pods).toHaveLength(count)
      for (const pod of pods) {
        expect([get(pod, RUNNING), get(pod, IMAGE)]).toEqual(['true', NAUTILUS])
        expect((await ns.get(`pods/${pod}/proxy/data.json`)) as unknown).toEqual({ image: 'nautilus.jpg' })
      }
    }
    expect(run(['create', '-f', '-'], controller)).toBe('replicationcontroller/update-demo-nautilus created\n')
    await check(2)
    expect(run(['scale', 'rc', 'update-demo-nautilus', '--replicas=1', '--timeout=5m'])).toBe(
      'replicationcontroller/update-demo-nautilus scaled\n',
    )
    await check(1)
    run(['scale', 'rc', 'update-demo-nautilus', '--replicas=2', '--timeout=5m'])
    await check(2)
    const deleted = cluster.kubectl(['-n', ns.name, 'delete', '--grace-period=0', '--force', '-f', '-'], controller)
    expect(deleted.stdout).toBe('replicationcontroller "update-demo-nautilus" force deleted from update-demo namespace\n')
    expect(cluster.kubectl(['-n', ns.name, 'get', 'rc,svc', '-l', 'name=update-demo', '--no-headers'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No resources found in update-demo namespace.\n',
    })
  })
})

describe('what kubectl starts beside', () => {
  it('a proxy on a port of its own choice, and on a socket, hands the API through', async () => {
    const proxy = cluster.start('proxy -p 0 --disable-filter')
    await proxy.until(/Starting to serve on 127\.0\.0\.1:\d+/)
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(proxy.output())!
    expect((await (await fetch(`http://127.0.0.1:${port}/api/`)).json()).versions).toEqual(['v1'])
    await proxy.stop()
    const socket = cluster.start(['proxy', `--unix-socket=${cluster.directory}/proxy.sock`])
    await socket.until('Starting to serve on')
    const answer = await new Promise<string>((resolve, reject) => {
      get({ socketPath: `${cluster.directory}/proxy.sock`, path: '/api/', host: 'localhost' }, (res) => {
        let body = ''
        res.on('data', (d: Buffer) => (body += d.toString()))
        res.on('end', () => resolve(body))
      }).on('error', reject)
    })
    expect(JSON.parse(answer).versions).toEqual(['v1'])
    await socket.stop()
  })
})
