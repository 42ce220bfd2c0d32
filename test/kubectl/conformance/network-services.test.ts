/** Services, names and proxies, asked from within pods with curl, nc, dig and agnhost, and through the API server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'
import type { Json } from '../support/api.js'
import { Client, pod, TestNamespace, type Ended } from '../support/namespace.js'

const IMAGES = 'registry.k8s.io/e2e-test-images'
const AGNHOST = `${IMAGES}/agnhost:2.59`
const DNSUTILS = `${IMAGES}/jessie-dnsutils:1.7`

let cluster: TestCluster
let client: Client
let ns: TestNamespace
let nodes: { name: string; address: string; worker: boolean }[]
beforeAll(async () => {
  cluster = await TestCluster.start()
  client = new Client(cluster.kubeconfig)
  ns = await TestNamespace.create(client, 'net')
  nodes = (await client.ok('GET', '/api/v1/nodes')).items.map((n: Json) => ({
    name: n.metadata.name,
    address: n.status.addresses.find((a: Json) => a.type === 'InternalIP').address,
    worker: !n.spec.taints,
  }))
  await ns.running(pod('client', { image: AGNHOST, args: ['pause'] }))
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

const service = (name: string, spec: object, metadata: object = {}): Promise<Json> =>
  ns.create({ apiVersion: 'v1', kind: 'Service', metadata: { name, ...metadata }, spec })
const server = (name: string, args: string[], labels: object, more: object = {}, spec: Record<string, unknown> = {}): Json =>
  pod(name, { image: AGNHOST, args, ...more }, spec, { labels })
const shell = (command: string, of = 'client'): Promise<Ended> => ns.exec(of, command)
/** Runs a command until it ends as wanted: rules of Services take their moment. */
async function until(command: string, wanted: (ended: Ended) => boolean, of?: string): Promise<Ended> {
  for (let tries = 0; ; tries++) {
    const ended = await shell(command, of)
    if (wanted(ended)) return ended
    if (tries === 100) throw new Error(`${command} ended with ${JSON.stringify(ended)}`)
  }
}
const connects = (host: string, port: number): Promise<Ended> =>
  until(`echo hostName | nc -v -t -w 2 ${host} ${port}`, ({ code }) => code === 0)
const addresses = (name: string, count: number): Promise<Json> =>
  ns.until(`endpoints/${name}`, (e) => (e.subsets ?? []).flatMap((s: Json) => s.addresses ?? []).length === count)

describe('pods reach each other', () => {
  it('over HTTP and UDP, from pods and from nodes, on every node', async () => {
    const args = ['netexec', '--http-port=8083', '--udp-port=8081']
    const workers = nodes.filter((n) => n.worker)
    const targets = await Promise.all(workers.map((n, i) => ns.running(server(`netserver-${i}`, args, {}, {}, { nodeName: n.name }))))
    await ns.running(server('dialler', ['netexec', '--http-port=9080', '--udp-port=9081'], {}))
    await ns.running(server('on-host', ['pause'], {}, {}, { hostNetwork: true }))
    for (const { metadata, status } of targets) {
      for (const [protocol, port] of [['http', 8083], ['udp', 8081]] as const) {
        const url = `http://127.0.0.1:9080/dial?request=hostname&protocol=${protocol}&host=${status.podIP}&port=${port}&tries=1`
        expect((await shell(`curl -g -q -s '${url}'`, 'dialler')).stdout).toBe(`{"responses":["${metadata.name}"]}`)
      } // prettier-ignore
      const http = `curl -g -q -s --max-time 15 --connect-timeout 1 http://${status.podIP}:8083/hostName | grep -v '^\\s*$'`
      await until(http, ({ stdout }) => stdout.trim() === metadata.name, 'on-host')
      const udp = `echo hostName | nc -w 1 -u ${status.podIP} 8081 | grep -v '^\\s*$'`
      await until(udp, ({ stdout }) => stdout.trim() === metadata.name, 'on-host')
    }
  })

  it('by the same port of one node with other addresses and protocols', async () => {
    const { name: nodeName, address } = nodes.at(-1)!
    const args = ['netexec', '--http-port=8080', '--udp-port=8080']
    const readinessProbe = { httpGet: { path: '/hostname', port: 8080 }, periodSeconds: 1 }
    for (const [i, [hostIP, protocol]] of [['127.0.0.1', 'TCP'], [address, 'TCP'], [address, 'UDP']].entries())
      await ns.running(server(`host-port-${i}`, args, {}, { readinessProbe, ports: [{ hostPort: 54323, containerPort: 8080, protocol, hostIP }] }, { nodeName })) // prettier-ignore
    await ns.running(server('host-port-client', ['pause'], {}, {}, { hostNetwork: true, nodeName }))
    const curl = (options: string) => shell(`curl -g -s --connect-timeout 5 ${options}:54323/hostname`, 'host-port-client')
    expect((await curl(`--interface ${address} http://127.0.0.1`)).stdout).toBe('host-port-0')
    expect((await curl(`http://${address}`)).stdout).toBe('host-port-1')
    expect((await shell(`nc -vuz -w 5 ${address} 54323`, 'host-port-client')).code).toBe(0)
  })
})

describe('a Service', () => {
  it('leads to pods as they come and go, by its name and its address', async () => {
    const { spec } = await service('basic', { selector: { app: 'basic' }, ports: [{ port: 80, targetPort: 80 }] })
    await addresses('basic', 0)
    const args = ['netexec', '--http-port', '80']
    for (const [i, name] of ['basic-1', 'basic-2'].entries()) {
      await ns.create(server(name, args, { app: 'basic' }, { ports: [{ containerPort: 80 }] }))
      await addresses('basic', i + 1)
    }
    await connects('basic', 80)
    await connects(spec.clusterIP, 80)
    for (const [i, name] of ['basic-1', 'basic-2'].entries()) {
      await ns.delete(`pods/${name}`)
      await addresses('basic', 1 - i)
    }
    await until(`/agnhost connect --timeout=3s ${spec.clusterIP}:80`, ({ stderr }) => stderr === 'REFUSED\n')
  })

  it('has one port for two protocols, each of which can be taken away', async () => {
    const both = [
      { name: 'tcp-port', port: 80, protocol: 'TCP', targetPort: 80 },
      { name: 'udp-port', port: 80, protocol: 'UDP', targetPort: 80 },
    ]
    const { spec } = await service('two', { selector: { app: 'two' }, ports: both })
    await ns.running(server('two', ['netexec', '--http-port', '80', '--udp-port', '80'], { app: 'two' }))
    const hears = (tcp: boolean, udp: boolean): Promise<unknown> =>
      Promise.all([
        until(`curl -s --max-time 1 http://${spec.clusterIP}/hostname`, ({ stdout }) => (stdout === 'two') === tcp),
        until(`echo hostName | nc -u -w 1 ${spec.clusterIP} 80`, ({ stdout }) => (stdout.trim() === 'two') === udp),
      ])
    await hears(true, true)
    await ns.patch('services/two', [{ op: 'replace', path: '/spec/ports', value: [both[0]] }], 'json-patch+json')
    await hears(true, false)
    await ns.patch('services/two', [{ op: 'replace', path: '/spec/ports', value: [both[1]] }], 'json-patch+json')
    await hears(false, true)
  })

  it('leads clients to one pod each while it has affinity, and anywhere while it has none, also by its node port', async () => {
    await ns.create(({
	apiVersion: 'v1',
	kind: 'ReplicationController',
	metadata: { name: 'affinity' },
	spec: ({
	replicas: 3,
	selector: { app: 'affinity' },
	template: {
		metadata: { labels: { app: 'affinity' } },
		spec: { containers: [{
			name: 'main',
			image: AGNHOST,
			args: ['serve-hostname']
		}] }
	}
})
})) // prettier-ignore
    const ports = [{ port: 80, targetPort: 9376 }]
    const { spec } = await service('affinity', { type: 'NodePort', sessionAffinity: 'ClientIP', selector: { app: 'affinity' }, ports })
    await addresses('affinity', 3)
    for (const url of [`http://${spec.clusterIP}:80`, ...nodes.map((n) => `http://${n.address}:${spec.ports[0].nodePort}`)]) {
      const others = ({ stdout }: Ended): number => new Set(stdout.trim().split('\n')).size
      const ask = `for i in $(seq 16); do curl -q -s --connect-timeout 2 ${url}/; echo; done`
      const set = (sessionAffinity: string): Promise<Json> => ns.patch('services/affinity', { spec: { sessionAffinity } })
      await until(ask, (e) => others(e) === 1)
      await set('None')
      await until(ask, (e) => others(e) > 1)
      await set('ClientIP')
    }
  })

  it('changes its type, and with it its address, its node ports and its name', async () => {
    await ns.running(server('typed', ['serve-hostname'], { app: 'typed' }))
    await service('typed-target', { selector: { app: 'typed' }, ports: [{ port: 80, targetPort: 9376 }] })
    const made = await service('typed', { type: 'ExternalName', externalName: 'foo.example.com' })
    expect(made.spec.clusterIP).toBeUndefined()
    const put = async (change: object): Promise<Json> => {
      const whole = await ns.get('services/typed')
      const answer = await ns.answer('PUT', 'services/typed', { ...whole, spec: { ...whole.spec, ...change } })
      expect(answer.code).toBe(200)
      return answer.json.spec
    }
    const selector = { app: 'typed' }
    const port = await put({ type: 'NodePort', externalName: '', selector, ports: [{ port: 80, name: 'http', targetPort: 9376 }] })
    await connects('typed', 80)
    for (const { address } of nodes) await connects(address, port.ports[0].nodePort as number)
    const named = await put({ type: 'ExternalName', externalName: 'typed-target.net.svc.cluster.local' })
    expect([named.clusterIP, named.ports]).toEqual([undefined, [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 9376 }]])
    const { clusterIP } = (await ns.get('services/typed-target')).spec
    await until('nslookup typed.net.svc.cluster.local', ({ code, stdout }) => code === 0 && stdout.includes(clusterIP as string))
  })

  it('has an address of any range of the cluster, also one that is added later', async () => {
    const range = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'more' },
      spec: { cidrs: ['10.196.196.0/24'] },
    }
    await client.ok('POST', '/apis/networking.k8s.io/v1/servicecidrs', range)
    const isReady = ({ object }: { object: Json }) =>
      object.status?.conditions?.some((c: Json) => c.type === 'Ready' && c.status === 'True')
    await client.watch('/apis/networking.k8s.io/v1/servicecidrs?fieldSelector=metadata.name=more', isReady)
    await service('ranged', { clusterIP: '10.196.196.77', selector: { app: 'ranged' }, ports: [{ port: 80, targetPort: 9376 }] })
    await ns.running(server('ranged', ['serve-hostname'], { app: 'ranged' }))
    await until('curl -s --max-time 1 http://10.196.196.77/', ({ stdout }) => stdout === 'ranged')
    const addressOf = '/apis/networking.k8s.io/v1/ipaddresses?fieldSelector=metadata.name=10.196.196.77'
    const { object } = await client.watch(addressOf, () => true, 'the IPAddress')
    expect(object.spec.parentRef).toEqual({ resource: 'services', namespace: 'net', name: 'ranged' })
  })

  it('leads a pod to itself, and to pods that are not ready where it is told to', async () => {
    await service('hairpin', { selector: { app: 'hairpin' }, ports: [{ port: 8080 }] })
    await ns.running(server('hairpin', ['netexec', '--http-port=8080'], { app: 'hairpin' }))
    await until('curl -s --max-time 1 http://hairpin:8080/hostname', ({ stdout }) => stdout === 'hairpin', 'hairpin')
    await service('unready', { selector: { app: 'unready' }, publishNotReadyAddresses: true, ports: [{ port: 80 }] })
    await ns.create(server('unready', ['netexec', '--http-port=80'], { app: 'unready' }, { readinessProbe: { exec: { command: ['/bin/false'] } } }))
    await until('curl -s --max-time 1 http://unready.net.svc.cluster.local/hostname', ({ stdout }) => stdout === 'unready')
  }) // prettier-ignore
})

describe('names', () => {
  /** Looks up from two kinds of images, over UDP and TCP, until there is an answer. */
  async function found(query: string, wanted: (answer: string) => boolean = Boolean): Promise<void> {
    for (const of of ['client', 'dnsutils'])
      for (const transport of ['+notcp', '+tcp'])
        await until(`dig ${transport} +noall +answer +search ${query}`, ({ stdout }) => wanted(stdout), of)
  }
  beforeAll(async () => {
    const selector = { app: 'named' }
    const ports = [{ name: 'http', port: 80 }]
    await service('headless', { clusterIP: 'None', selector, ports })
    await service('regular', { selector, ports })
    await ns.running(pod('dnsutils', { image: DNSUTILS, command: ['sleep', '10000'] }))
    await ns.running(server('named', ['pause'], selector, {}, { hostname: 'querier', subdomain: 'headless' }))
  })

  it('of the cluster, of Services and their ports are found in full and in part', async () => {
    for (const name of ['kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']) await found(`${name} A`)
    for (const name of ['headless', 'headless.net', 'headless.net.svc', 'headless.net.svc.cluster.local']) await found(`${name} A`)
    for (const name of ['headless', 'regular'])
      for (const end of ['', '.cluster.local']) await found(`_http._tcp.${name}.net.svc${end} SRV`)
    const { clusterIP } = (await ns.get('services/regular')).spec
    const reverse = (clusterIP as string).split('.').reverse().join('.')
    await found(`${reverse}.in-addr.arpa. PTR`, (answer) => answer.includes('regular.net.svc.cluster.local.'))
  })

  it('of a pod are found by its Service, and by itself in its own file', async () => {
    await found('querier.headless.net.svc.cluster.local A')
    for (const name of ['querier.headless.net.svc.cluster.local', 'querier'])
      expect((await shell(`getent hosts ${name}`, 'named')).stdout).toContain('querier')
  })

  it('of elsewhere follow their Service', async () => {
    await service('external', { type: 'ExternalName', externalName: 'foo.example.com' })
    const query = 'external.net.svc.cluster.local'
    await found(`+short ${query} CNAME`, (answer) => answer === 'foo.example.com.\n')
    await ns.patch('services/external', { spec: { externalName: 'bar.example.com' } })
    await found(`+short ${query} CNAME`, (answer) => answer === 'bar.example.com.\n')
    const { spec } = await ns.patch('services/external', { spec: { type: 'ClusterIP', externalName: null, ports: [{ port: 80 }] } })
    await found(`+short ${query} A`, (answer) => answer === `${spec.clusterIP}\n`)
  })

  it('are asked of the servers and in the domains that a pod names', async () => {
    const dnsConfig = { nameservers: ['1.1.1.1'], searches: ['resolv.conf.local'] }
    await ns.running(server('own-dns', ['pause'], {}, {}, { dnsPolicy: 'None', dnsConfig }))
    expect((await shell('/agnhost dns-suffix; /agnhost dns-server-list', 'own-dns')).stdout).toBe('resolv.conf.local\n1.1.1.1\n')
  })
})

describe('the proxy of the API server', () => {
  it('leads to the ports of pods and Services, plain and over TLS, with the links of pages led through it', async () => {
    const page = (link: string): string => `<a href="${link}">test</a>`
    const served = { SERVE_PORT_80: page('/rewriteme'), SERVE_PORT_160: 'foo', SERVE_PORT_162: 'bar', SERVE_TLS_PORT_443: page('/tlsrewriteme'), SERVE_TLS_PORT_460: 'tls baz', SERVE_TLS_PORT_462: 'tls qux' } // prettier-ignore
    const ports = [80, 160, 460].map((containerPort) => ({ name: `p${containerPort}`, containerPort }))
    const env = Object.entries(served).map(([name, value]) => ({ name, value }))
    const readinessProbe = { httpGet: { port: 80 }, periodSeconds: 1 }
    await ns.running(server('porter', ['porter'], { app: 'porter' }, { env, ports, readinessProbe }))
    const port = (name: string, number: number, targetPort: unknown) => ({ name, port: number, targetPort })
    await service('porter', {
      selector: { app: 'porter' },
      ports: [port('portname1', 80, 'p160'), port('portname2', 81, 162), port('tlsportname1', 443, 'p460'), port('tlsportname2', 444, 462)],
    })
    await addresses('porter', 1)
    const wanted: Record<string, string> = {
      'services/porter:portname1': 'foo',
      'services/http:porter:portname1': 'foo',
      'services/porter:portname2': 'bar',
      'services/https:porter:tlsportname1': 'tls baz',
      'services/https:porter:tlsportname2': 'tls qux',
      'pods/porter:160': 'foo',
      'pods/http:porter:162': 'bar',
      'pods/https:porter:460': 'tls baz',
    }
    for (const [name, text] of Object.entries(wanted)) {
      const answer = await ns.answer('GET', `${name}/proxy/`)
      expect([name, answer.code, answer.text]).toEqual([name, 200, text])
    }
    for (const [name, link] of [['pods/porter', '/rewriteme'], ['pods/http:porter:80', '/rewriteme'], ['pods/https:porter:443', '/tlsrewriteme']])
      expect((await ns.answer('GET', `${name}/proxy/`)).text).toBe(page(`${ns.path(name!)}/proxy${link}`)) // prettier-ignore
  })

  it('passes every method on, and sends those who read to the path with its last slash', async () => {
    const env = [{ name: 'SERVE_PORT_80', value: 'foo' }]
    await ns.running(server('methods', ['porter', '--json-response'], { app: 'methods' }, { env }))
    await service('methods', { selector: { app: 'methods' }, ports: [{ port: 80 }] })
    await addresses('methods', 1)
    for (const of of ['pods/methods', 'services/methods']) {
      for (const method of ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']) {
        const answer = await ns.answer(method, `${of}/proxy/some/path/with/${method}`)
        expect([answer.code, answer.json]).toEqual([200, method === 'HEAD' ? undefined : { Method: method, Body: 'foo' }])
        const bare = await ns.answer(method, `${of}/proxy?method=${method}`)
        expect([method, bare.code]).toEqual([method, ['GET', 'HEAD'].includes(method) ? 301 : 200])
      }
    }
  })
})

describe('endpoints', () => {
  const slices = (name: string): string =>
    `${ns.path('discovery.k8s.io/v1/endpointslices')}?labelSelector=kubernetes.io/service-name%3D${name}`

  it('of a Service without a selector are those that somebody wrote, and their slices follow', async () => {
    await service('custom', { ports: [{ name: 'example', port: 80 }] })
    const subsets = (ip: string) => [{ ports: [{ name: 'example', port: 80, protocol: 'TCP' }], addresses: [{ ip }] }]
    await ns.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'custom' }, subsets: subsets('10.1.2.3') })
    await client.watch(slices('custom'), ({ object }) => object.endpoints?.[0]?.addresses[0] === '10.1.2.3')
    await ns.patch('endpoints/custom', { subsets: subsets('10.2.3.4') })
    await client.watch(slices('custom'), ({ object }) => object.endpoints?.[0]?.addresses[0] === '10.2.3.4')
    const { metadata } = await client.ok('GET', slices('custom'))
    await ns.delete('endpoints/custom')
    await client.watch(`${slices('custom')}&resourceVersion=${metadata.resourceVersion}`, ({ type }) => type === 'DELETED')
  })

  it('of a hundred Services are there soon', async () => {
    await ns.running(server('latency', ['pause'], { app: 'latency' }))
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        await service(`latency-${i}`, { selector: { app: 'latency' }, ports: [{ port: 80 }] })
        await addresses(`latency-${i}`, 1)
      }),
    )
  })
})
