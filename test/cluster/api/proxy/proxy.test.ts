import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { badRequest } from '../../../../src-main/cluster/api/errors.js'
import { serveProxies } from '../../../../src-main/cluster/api/proxy/proxy.js'
import type { KubeletEndpoint } from '../../../../src-main/cluster/kubelet/endpoint.js'
import { createNetwork } from '../../../../src-main/cluster/network/fabric.js'
import { serveHttp } from '../../../../src-main/cluster/network/http.js'
import type { NetworkNamespace } from '../../../../src-main/cluster/network/network.js'
import { Random } from '../../../../src-main/cluster/random.js'
import { pod } from '../fixture.js'
import { startHttps, type Answer, type HttpsFixture } from '../https.js'

let f: HttpsFixture
let web: NetworkNamespace
const PODS = '/api/v1/namespaces/default/pods'
const SERVICES = '/api/v1/namespaces/default/services'

const unasked = (): never => {
  throw new Error('nobody asks for this here')
}
/** A kubelet whose logs tell what was asked for. */
const kubelet: KubeletEndpoint = {
  async logs(ref, { previous, tailLines, timestamps, stream }) {
    if (timestamps)
      return Readable.from([stream === 'Stdout' ? '2026-11-21T09:00:01Z a b\n2026-11-21T09:00:03Z c\n' : '2026-11-21T09:00:02Z oh\n'])
    if (previous) throw badRequest(`previous terminated container "${ref.container}" in pod "${ref.pod}" not found`)
    return Readable.from([`${JSON.stringify(ref)} last ${tailLines}\n`])
  },
  exec: unasked,
  attach: unasked,
  portForward: unasked,
}

beforeEach(async () => {
  f = await startHttps()
  const network = createNetwork({ clock: f.clock, random: new Random(1) })
  network.addNode('n1', '192.168.49.2', '10.244.0.0/24')
  web = network.addPod({ node: 'n1', namespace: 'default', name: 'web' })
  const containers = [{ name: 'c', id: 'run', cpuNanos: 2.5e9, memoryBytes: 1048576 }]
  const usage = [{ node: 'n1', namespace: 'default', name: 'web', uid: 'u', sandbox: 's', containers, volumes: [], probes: [] }]
  serveProxies({
    api: f.server,
    random: new Random(2),
    network: () => network.node('n1'),
    kubelet: () => kubelet,
    usage: (node) => (node === 'n1' ? usage : []),
    configuration: () => ({ shutdownGracePeriod: '30s', evictionHard: { 'memory.available': '1Gi' } }),
  })
  const { server } = serveHttp(
    web,
    8080,
    (req, res) => {
      let body = ''
      req.on('data', (part: Buffer) => (body += part.toString()))
      req.on('end', () => {
        if (req.url === '/away') res.setHeader('location', '/there')
        res.writeHead(req.url === '/away' ? 302 : 203, { 'content-type': 'text/x-echo', 'x-own': 'yes' })
        res.end(`${req.method} ${req.url} ${body} ${req.headers.authorization ?? 'no credentials'}`)
      })
    },
    { clock: f.clock },
  )
  const chat = new WebSocketServer({ noServer: true })
  server.on('upgrade', (req, socket, head) => {
    if (req.url === '/closed') return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
    chat.handleUpgrade(req, socket, head, (peer) => {
      peer.send(`welcome to ${req.url}`)
      peer.on('message', (text: Buffer) => peer.send(`${text.toString()}, said ${req.headers['x-forwarded-uri'] ?? ''}`))
    })
  })
  await f.send('POST', PODS, {
    body: pod('web', { nodeName: 'n1', containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 8080 }] }] }),
  })
  await f.send('PATCH', `${PODS}/web/status`, {
    body: { status: { podIP: web.ip, podIPs: [{ ip: web.ip }] } },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
})
afterEach(() => f.server.close())

const service = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
})
const endpoints = (name: string, subsets: object[]): object => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name }, subsets })

describe('the proxy of a pod', () => {
  it('passes method, path and query on, and status, headers and body back', async () => {
    const answer = await f.send('GET', `${PODS}/web/proxy/a/b/?q=1&watch=true&r=%2F`)
    expect(answer.text).toBe('GET /a/b/?q=1&watch=true&r=%2F  no credentials')
    expect([answer.code, answer.headers['content-type'], answer.headers['x-own']]).toEqual([203, 'text/x-echo', 'yes'])
  })

  it.each([
    ['/a//b/../c', '/a/c'],
    ['/a%2Fb%20c%3F/', '/a/b%20c%3F/'],
    ['/(x)!~%C3%A9', '/%28x%29%21~%C3%A9'],
    ['/..', '/'],
  ])('cleans the path %s on the way', async (sent, arrived) => {
    expect((await f.send('GET', `${PODS}/web/proxy${sent}`)).text).toBe(`GET ${arrived}  no credentials`)
  })

  it('takes every method, with its body, and a port', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await f.send(method, `${PODS}/http:web:8080/proxy/x`, { body: 'any text', headers: { 'content-type': 'text/plain' } })
      expect(answer.text).toBe(`${method} /x any text no credentials`)
    }
  })

  it('carries a WebSocket, both ways, until either side closes it', async () => {
    const { ca, admin } = f.certificates
    const open = (path: string): WebSocket =>
      new WebSocket(`wss://127.0.0.1:${f.port}${path}`, { ca: ca.cert, cert: admin.cert, key: admin.key })
    const socket = open(`${PODS}/web:8080/proxy/chat?room=1`)
    const next = (): Promise<string> => new Promise((resolve) => socket.once('message', (text: Buffer) => resolve(text.toString())))
    expect(await next()).toBe('welcome to /chat?room=1')
    socket.send('hello')
    expect(await next()).toBe(`hello, said ${PODS}/web:8080/proxy/chat`)
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    socket.close(1000)
    expect(await closed).toBe(1000)
    const refused = (path: string): Promise<string> =>
      new Promise((resolve) => {
        const other = open(path)
        other.on('error', () => undefined)
        other.once('unexpected-response', (_, answer) => {
          let body = ''
          answer.on('data', (part: Buffer) => (body += part.toString()))
          answer.on('end', () => resolve(`${answer.statusCode} ${body}`))
        })
      })
    expect(await refused(`${PODS}/web/proxy/closed`)).toBe('403 no')
    expect(JSON.parse((await refused(`${PODS}/web:9/proxy/`)).slice(4)).message).toBe(
      `error trying to reach service: dial tcp ${web.ip}:9: connect: connection refused`,
    )
  })

  it('sends those who leave out the last slash to the path with it, and keeps redirects inside of it', async () => {
    const bare = await f.send('GET', `${PODS}/web/proxy?a=b`)
    expect([bare.code, bare.headers.location]).toEqual([301, `${PODS}/web/proxy/?a=b`])
    const away = await f.send('GET', `${PODS}/web/proxy/away`)
    expect([away.code, away.headers.location]).toEqual([302, `${PODS}/web/proxy/there`])
  })

  it('is refused in the words of the API server when there is nobody to answer', async () => {
    await f.send('POST', PODS, { body: pod('new') })
    const said = async (path: string): Promise<[number, string, string]> => {
      const { code, json } = await f.send('GET', path)
      return [code, json.reason, json.message]
    }
    expect(await said(`${PODS}/nothing/proxy/`)).toEqual([404, 'NotFound', 'pods "nothing" not found'])
    expect(await said(`${PODS}/new/proxy/`)).toEqual([400, 'BadRequest', 'address not allowed'])
    expect(await said(`${PODS}/ftp:web:1/proxy/`)).toEqual([400, 'BadRequest', 'invalid pod request "ftp:web:1"'])
    expect(await said(`${PODS}/web:81/proxy/`)).toEqual([
      503,
      'ServiceUnavailable',
      `error trying to reach service: dial tcp ${web.ip}:81: connect: connection refused`,
    ])
  })
})

describe('the proxy of a service', () => {
  it('goes to a ready endpoint of the port, by its number or its name', async () => {
    await f.send('POST', SERVICES, { body: service('web') })
    const subset = {
      addresses: [{ ip: web.ip, targetRef: { kind: 'Pod', name: 'web', namespace: 'default' } }],
      ports: [{ name: 'http', port: 8080 }],
    }
    await f.send('POST', '/api/v1/namespaces/default/endpoints', { body: endpoints('web', [subset]) })
    for (const id of ['web:80', 'web:http', 'http:web:http']) {
      expect((await f.send('GET', `${SERVICES}/${id}/proxy/x`)).text).toBe('GET /x  no credentials')
    }
    const wrong = await f.send('GET', `${SERVICES}/web:81/proxy/`)
    expect([wrong.code, wrong.json.message]).toEqual([503, 'no service port 81 found for service "web"'])
    expect((await f.send('GET', `${SERVICES}/web/proxy/`)).json.message).toBe('no endpoints available for service "web"')
  })

  it('says so when the service has no endpoint', async () => {
    await f.send('POST', SERVICES, { body: service('web') })
    await f.send('POST', '/api/v1/namespaces/default/endpoints', { body: endpoints('web', []) })
    const { code, json } = await f.send('GET', `${SERVICES}/web:80/proxy/`)
    expect([code, json.reason, json.message]).toEqual([503, 'ServiceUnavailable', 'no endpoints available for service "web"'])
    expect((await f.send('GET', `${SERVICES}/none:80/proxy/`)).json.message).toBe('services "none" not found')
  })
})

describe('the proxy of a node', () => {
  it('answers as its kubelet: whether it is healthy, and its pods', async () => {
    await f.send('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } } })
    expect((await f.send('GET', '/api/v1/nodes/n1/proxy/healthz')).text).toBe('ok')
    const { json } = await f.send('GET', '/api/v1/nodes/n1:10250/proxy/pods')
    expect([json.kind, json.items.map((p: { metadata: { name: string } }) => p.metadata.name)]).toEqual(['PodList', ['web']])
    expect((await f.send('GET', '/api/v1/nodes/n1/proxy/else')).text).toBe('404 page not found\n')
    expect((await f.send('GET', '/api/v1/nodes/n2/proxy/healthz')).json.message).toBe('nodes "n2" not found')
  })

  it('tells what its containers use, and how its kubelet is configured', async () => {
    await f.send('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } } })
    const ask = (path: string): Promise<Answer> => f.send('GET', `/api/v1/nodes/n1/proxy/${path}`)
    const time = '2026-11-21T09:00:00Z'
    expect((await ask('stats/summary')).json.node.cpu.usageCoreNanoSeconds).toBe(2.5e9)
    expect((await ask('metrics/resource')).text.split('\n')).toContain(
      `container_cpu_usage_seconds_total{container="c",namespace="default",pod="web"} 2.5 ${Date.parse(time)}`,
    )
    expect((await ask('metrics')).text.split('\n')).toContain('kubelet_running_pods 1')
    expect((await ask('metrics/cadvisor')).text.split('\n')).toContain(
      `container_cpu_usage_seconds_total{container="c",cpu="total",id="/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podu.slice/cri-containerd-run.scope",image="",name="run",namespace="default",pod="web"} 2.5 ${Date.parse(time)}`,
    )
    expect((await ask('configz')).json.kubeletconfig).toMatchObject({
      maxPods: 110,
      shutdownGracePeriod: '30s',
      evictionHard: { 'memory.available': '1Gi' },
    })
    expect((await ask('flagz')).text.split('\n')).toContain('cluster-dns=[10.96.0.10]')
    expect((await ask('runningpods/')).json.items[0].spec).toEqual({ containers: [{ name: 'c', resources: {} }] })
    expect((await f.send('POST', '/api/v1/nodes/n1/proxy/configz')).text).toBe('405: Method Not Allowed')
  })

  it('gives the log of a container, as the query asks for it', async () => {
    await f.send('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } } })
    const ask = async (path: string): Promise<string> => {
      const { code, text } = await f.send('GET', `/api/v1/nodes/n1/proxy/containerLogs/${path}`)
      return `${code} ${text}`
    }
    expect(await ask('default/web/c?tailLines=2')).toBe('200 {"namespace":"default","pod":"web","container":"c"} last 2\n')
    expect(await ask('default/none/c')).toBe('404 pod "none" does not exist\n')
    expect(await ask('default/web/d')).toBe('404 container "d" not found in pod "web"\n')
    expect(await ask('default/web/c?tailLines=-1')).toBe('422 {"message": "Invalid request."}')
    expect(await ask('default/web/c?previous=true')).toBe('400 previous terminated container "c" in pod "web" not found')
  })

  it('has a directory of logs, with a file for each container that has run', async () => {
    await f.send('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } } })
    const ask = (path: string): Promise<Answer> => f.send('GET', `/api/v1/nodes/n1:10250/proxy/logs/${path}`)
    const page = (...names: string[]): string =>
      `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${names.map((n) => `<a href="${n}">${n}</a>\n`).join('')}</pre>\n`
    const empty = await ask('')
    expect([empty.code, empty.headers['content-type'], empty.text]).toEqual([200, 'text/html; charset=utf-8', page('containers/', 'pods/')])
    expect((await ask('containers/')).text).toBe(page())
    const status = { name: 'c', image: 'nginx', imageID: '', ready: true, restartCount: 2, containerID: 'containerd://abc' }
    const { json } = await f.send('PATCH', `${PODS}/web/status`, {
      body: { status: { containerStatuses: [status] } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    const folder = `default_web_${json.metadata.uid}`
    expect((await ask('containers/')).text).toBe(page('web_default_c-abc.log'))
    expect((await ask('pods/')).text).toBe(page(`${folder}/`))
    expect((await ask(`pods/${folder}`)).text).toBe(page('c/'))
    expect((await ask(`pods/${folder}/c/`)).text).toBe(page('2.log'))
    const lines = '2026-11-21T09:00:01Z stdout F a b\n2026-11-21T09:00:02Z stderr F oh\n2026-11-21T09:00:03Z stdout F c\n'
    for (const file of ['containers/web_default_c-abc.log', `pods/${folder}/c/2.log`]) expect((await ask(file)).text).toBe(lines)
    expect([(await ask('pods/none/')).code, (await ask('kubelet.log')).text]).toEqual([404, '404 page not found\n'])
  })
})
