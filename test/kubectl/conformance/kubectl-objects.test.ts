/** What kubectl shows, changes and compares of single objects, as programs read its output. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'
import { Client, isReady, TestNamespace } from '../support/namespace.js'

const IMAGES = 'registry.k8s.io/e2e-test-images'
const HTTPD = `${IMAGES}/httpd:2.4.38-4`
const HTTPD_NEXT = `${IMAGES}/httpd:2.4.39-4`

let cluster: TestCluster
let client: Client
let ns: TestNamespace
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '5'] })
  client = new Client(cluster.kubeconfig)
  ns = await TestNamespace.create(client, 'kubectl-test')
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

const run = (args: string[] | string, input?: string): string =>
  cluster.ok(['-n', 'kubectl-test', ...(typeof args === 'string' ? args.split(' ') : args)], input)

/** Every line holds its words in their order. */
function expectLines(text: string, wanted: string[][]): void {
  for (const words of wanted)
    expect(text).toMatch(new RegExp(words.map((w) => w.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('[^\\n]*'), 'm'))
}

describe('what the cluster is', () => {
  it('is told by api-versions, cluster-info and version', () => {
    expect(run('api-versions').split('\n')).toContain('v1')
    // eslint-disable-next-line no-control-regex
    expect(run('cluster-info').replace(/\u001b\[[\d;]*m/g, '')).toMatch(
      /^Kubernetes control plane is running at https:\/\/127\.0\.0\.1:\d+\n/,
    )
    expect(run('version')).toMatch(/^Client Version: v\d+\.\d+\.\d+\nKustomize Version: v\S+\nServer Version: v1\.\d+\.\d+\n$/)
  })
})

describe('a controller, its pods and its Service', () => {
  const labels = { app: 'agnhost', role: 'primary' }
  beforeAll(async () => {
    await ns.create(({
	apiVersion: 'v1',
	kind: 'ReplicationController',
	metadata: {
		name: 'agnhost-primary',
		labels
	},
	spec: ({
	replicas: 1,
	selector: labels,
	template: {
		metadata: { labels },
		spec: { containers: [{
			name: 'agnhost-primary',
			image: `${IMAGES}/agnhost:2.59`,
			ports: [{
				name: 'agnhost-server',
				containerPort: 6379
			}]
		}] }
	}
})
})) // prettier-ignore
    await ns.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'agnhost-primary',
        labels,
      },
      spec: {
        ports: [
          {
            port: 6379,
            targetPort: 'agnhost-server',
          },
        ],
        selector: labels,
      },
    })
    await ns.until('replicationcontrollers/agnhost-primary', (rc) => rc.status.readyReplicas === 1)
  })

  it('are described with what programs look for in them', async () => {
    const { items } = await ns.get('pods?labelSelector=app%3Dagnhost')
    const { name } = items[0].metadata as { name: string }
    expectLines(run(`describe pod ${name}`), [
      ['Name:', name],
      ['Namespace:', 'kubectl-test'],
      ['Node:'],
      ['Labels:', 'app=agnhost'],
      ['role=primary'],
      ['Annotations:'],
      ['Status:', 'Running'],
      ['IP:'],
      ['Controlled By:', 'ReplicationController/agnhost-primary'],
      ['Image:', `${IMAGES}/agnhost`],
      ['State:', 'Running'],
      ['QoS Class:', 'BestEffort'],
    ])
    expectLines(run('describe rc agnhost-primary'), [
      ['Name:', 'agnhost-primary'],
      ['Selector:', 'app=agnhost,role=primary'],
      ['Replicas:', '1 current', '1 desired'],
      ['Pods Status:', '1 Running', '0 Waiting', '0 Succeeded', '0 Failed'],
      ['Pod Template:'],
      ['Events:'],
    ])
    expectLines(run('describe service agnhost-primary'), [
      ['Selector:', 'app=agnhost,role=primary'],
      ['Type:', 'ClusterIP'],
      ['IP:'],
      ['Port:', '<unset>', '6379/TCP'],
      ['Endpoints:', ':6379'],
      ['Session Affinity:', 'None'],
    ])
    expectLines(run(`describe node ${items[0].spec.nodeName}`), [
      ['Labels:'],
      ['Annotations:'],
      ['CreationTimestamp:'],
      ['Conditions:'],
      ['Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'],
      ['Addresses:'],
      ['Capacity:'],
      ['Version:'],
      ['Kubelet Version:'],
      ['Pods:'],
    ])
    expectLines(run('describe namespace kubectl-test'), [['Name:', 'kubectl-test'], ['Labels:'], ['Annotations:'], ['Status:', 'Active'], ['No resource quota'], ['No LimitRange resource']]) // prettier-ignore
  })

  it('are exposed under other names and ports, the Service of a Service leading to the same pods', async () => {
    const address = async (name: string): Promise<string> => {
      const { subsets } = await ns.until(`endpoints/${name}`, (e) => e.subsets?.[0]?.addresses?.length === 1)
      return `${subsets[0].addresses[0].ip}:${subsets[0].ports[0].port}`
    }
    expect(run('expose rc agnhost-primary --name=rm2 --port=1234 --target-port=6379')).toBe('service/rm2 exposed\n')
    expect(run('expose service rm2 --name=rm3 --port=2345 --target-port=6379')).toBe('service/rm3 exposed\n')
    expect(await address('rm2')).toBe(await address('rm3'))
    const ports = ['rm2', 'rm3'].map(
      async (name) => ((await ns.get(`services/${name}`)) as { spec: { ports: { port: number }[] } }).spec.ports[0]!.port,
    )
    expect(await Promise.all(ports)).toEqual([1234, 2345]) // prettier-ignore
  })

  it('take annotations by patch', async () => {
    const { items } = await ns.get('pods?labelSelector=app%3Dagnhost')
    run(['patch', 'pod', items[0].metadata.name, '-p', '{"metadata":{"annotations":{"x":"y"}}}'])
    expect((await ns.get(`pods/${items[0].metadata.name}`)).metadata.annotations['x']).toBe('y')
  })
})

describe('a pod', () => {
  it('is made from an image, without a controller', async () => {
    expect(run(['run', 'e2e-test-httpd-pod', '--restart=Never', '--pod-running-timeout=2m0s', `--image=${HTTPD}`])).toBe(
      'pod/e2e-test-httpd-pod created\n',
    )
    const { spec } = await ns.until('pods/e2e-test-httpd-pod', isReady)
    expect([spec.containers[0].image, spec.restartPolicy]).toEqual([HTTPD, 'Never'])
  })

  it('has its image replaced by the whole object, and runs the new one', async () => {
    run(['run', 'replaced', `--image=${HTTPD}`, '--labels=run=replaced'])
    await ns.until('pods/replaced', isReady)
    const json = run('get pod replaced -o json').replaceAll(HTTPD, HTTPD_NEXT)
    expect(run(['replace', '-f', '-'], json)).toBe('pod/replaced replaced\n')
    await ns.until('pods/replaced', (p) => p.status.containerStatuses[0].image === HTTPD_NEXT && isReady(p))
  })

  it('is not changed by a dry run on the server', async () => {
    run(['run', 'rehearsed', `--image=${HTTPD}`])
    const patch = JSON.stringify({ spec: { containers: [{ name: 'rehearsed', image: `${IMAGES}/busybox:1.37.0-1` }] } })
    run(['patch', 'pod', 'rehearsed', '-p', patch, '--dry-run=server'])
    expect((await ns.get('pods/rehearsed')).spec.containers[0].image).toBe(HTTPD)
  })

  it('gets a label, shows it as a column, and loses it', async () => {
    run(['run', 'pause', '--image=registry.k8s.io/pause:3.10.1'])
    await ns.until('pods/pause', isReady)
    expect(run('label pods pause testing-label=testing-label-value')).toBe('pod/pause labeled\n')
    expect(run('get pod pause -L testing-label')).toContain('testing-label-value')
    expect(run('label pods pause testing-label-')).toBe('pod/pause unlabeled\n')
    expect(run('get pod pause -L testing-label')).not.toContain('testing-label-value')
  })
})

describe('the log of a pod', () => {
  it('is cut by lines, bytes and age, with times if they are wanted', async () => {
    run([
      'run',
      'logs-generator',
      `--image=${IMAGES}/agnhost:2.59`,
      '--restart=Never',
      '--pod-running-timeout=2m0s',
      '--',
      'logs-generator',
      '--log-lines-total',
      '100',
      '--run-duration',
      '20s',
    ])
    await ns.logged('logs-generator', /\/api\/v1\/namespaces\/[\s\S]*\n[\s\S]*\n/) // prettier-ignore
    const logs = (...options: string[]): string => run(['logs', 'logs-generator', 'logs-generator', ...options])
    expect(logs()).toMatch(/\/api\/v1\/namespaces\//)
    expect(logs('--tail=1').match(/\n/g)).toHaveLength(1)
    expect(logs('--limit-bytes=1')).toHaveLength(1)
    const [stamped] = logs('--tail=1', '--timestamps').split('\n')
    expect(stamped).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z I\d{4} /)
    const lines = (text: string): number => text.split('\n').length - 1
    // A line every 200 ms: the last seconds have a part of them, a day all.
    await client.patch('/apis/drydock.dev/v1/clocks/cluster', { spec: { jumpSeconds: 22 } })
    await ns.until('pods/logs-generator', (p) => p.status.phase === 'Succeeded', 'the end of the log')
    expect(lines(logs('--since=24h'))).toBe(100)
    expect(lines(logs('--since=3s'))).toBeLessThan(100)
  })
})

describe('a Deployment in a file', () => {
  const deployment = (image: string): string =>
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'httpd-deployment' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'httpd' } },
        template: {
          metadata: { labels: { app: 'httpd' } },
          spec: {
            containers: [
              {
                name: 'httpd',
                image,
              },
            ],
          },
        },
      },
    })

  it('is compared with what is there: 1 and the lines that differ, 0 when nothing does', () => {
    run(['create', '-f', '-'], deployment(HTTPD))
    const diff = (image: string) => cluster.kubectl(['-n', 'kubectl-test', 'diff', '-f', '-'], deployment(image))
    const changed = diff(`${IMAGES}/busybox:1.37.0-1`)
    expect(changed.code).toBe(1)
    expect(changed.stdout).toContain(`-      - image: ${HTTPD}\n+      - image: ${IMAGES}/busybox:1.37.0-1\n`)
    run('delete deployment httpd-deployment')
  })
})
