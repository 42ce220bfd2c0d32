// HTTP requests through a Service to a pod; 1 GiB through one connection: a tunnel of this machine, a port-forward, an
// Ingress, and from pod to pod; 1,000 upgraded connections (as WebSockets are) at once through an Ingress and a
// port-forward. The memory that the cluster takes meanwhile is bounded.
import { KubeConfig, PortForward } from '@kubernetes/client-node'
import http from 'node:http'
import net from 'node:net'
import { rate, round, startCluster } from './support.mjs'

const GIB = 1024 ** 3
const MIB = 1024 ** 2

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(look) {
  for (let i = 0; i < 600; i++) {
    const value = await look()
    if (value) return value
    await wait(50)
  }
  throw new Error('it does not come about')
}

async function pod(cluster, name, containers) {
  await cluster.request('POST', '/api/v1/namespaces/default/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { containers },
  })
  await cluster.request('POST', '/api/v1/namespaces/default/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 9000 }] },
  })
  await until(
    async () =>
      JSON.parse(await cluster.request('GET', `/api/v1/namespaces/default/pods/${name}`)).status?.conditions?.find(
        (c) => c.type === 'Ready',
      )?.status === 'True',
  )
}

async function tunnel(cluster, name, spec = { service: name }) {
  const path = '/apis/drydock.dev/v1/namespaces/default/tunnels'
  await cluster.request('POST', path, { apiVersion: 'drydock.dev/v1', kind: 'Tunnel', metadata: { name }, spec })
  return until(async () => JSON.parse(await cluster.request('GET', `${path}/${name}`)).status?.ports?.[0]?.localPort)
}

/** An Ingress whose hosts are Services; the port of this machine that leads to it. */
async function ingress(cluster, services) {
  const path = '/apis/networking.k8s.io/v1/namespaces/default/ingresses'
  const backend = (name) => ({ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 9000 } } } })
  await cluster.request('POST', path, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web' },
    spec: { ingressClassName: 'nginx', rules: services.map((name) => ({ host: name, http: { paths: [backend(name)] } })) },
  })
  await until(async () => JSON.parse(await cluster.request('GET', `${path}/web`)).status?.loadBalancer?.ingress?.length)
  return tunnel(cluster, 'ingress', { ingress: 'web' })
}

const CONNECTIONS = 1000
/** Answers any upgrade, and then whatever it is sent. */
const UPGRADE = `require('net').createServer((socket) => {
  let upgraded = false
  socket.on('error', () => undefined)
  socket.on('data', (data) => {
    if (upgraded) return socket.write(data)
    upgraded = true
    socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n')
  })
}).listen(9000)`

/** Opens a thousand upgraded connections, asks each when all are there, and closes them. Seconds that it takes. */
async function upgradeMany(port) {
  const open = () =>
    new Promise((resolve, reject) => {
      const request = http.request({
        port,
        host: '127.0.0.1',
        agent: false,
        headers: { Host: 'upgrade', Connection: 'Upgrade', Upgrade: 'websocket' },
      })
      request.on('upgrade', (_, socket) => resolve(socket)).on('error', reject)
      request.on('response', (answer) => reject(new Error(`not upgraded but ${answer.statusCode}`)))
      request.end()
    })
  const ask = (socket, i) =>
    new Promise((resolve, reject) => {
      socket.on('error', reject).once('data', (data) => (data.toString() === `ping ${i}` ? resolve() : reject(new Error(data.toString()))))
      socket.write(`ping ${i}`)
    })
  const began = performance.now()
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, open))
  await Promise.all(sockets.map(ask))
  const seconds = (performance.now() - began) / 1000
  for (const socket of sockets) socket.destroy()
  return seconds
}

/** A GiB from a pod to another one that counts it; MiB a second, and the most memory the cluster grew by. */
async function podToPod(cluster) {
  const path = '/api/v1/namespaces/default/pods'
  const before = cluster.usage().rss
  let most = before
  const began = performance.now()
  // The server takes one connection after the other: the last one may still be on its way out.
  const count = `n=0; until [ $n = ${GIB} ]; do n=$(wget -qO- http://gib:9000 | wc -c); done; echo $n`
  const command = ['sh', '-c', count]
  const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command }] }
  await cluster.request('POST', path, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'sink' }, spec })
  await until(async () => {
    most = Math.max(most, cluster.usage().rss)
    return JSON.parse(await cluster.request('GET', `${path}/sink`)).status?.phase === 'Succeeded'
  })
  const speed = (1024 / (performance.now() - began)) * 1000
  const counted = (await cluster.request('GET', `${path}/sink/log`)).toString().trim().split('\n').at(-1)
  if (Number(counted) !== GIB) throw new Error(`only ${counted} bytes came`)
  return { speed, grown: (most - before) / MIB }
}

/** Counts what a stream gives until a GiB has come; MiB a second, and the most memory the cluster grew by. */
async function drain(cluster, stream) {
  const before = cluster.usage().rss
  let most = before
  const watch = setInterval(() => (most = Math.max(most, cluster.usage().rss)), 50)
  const began = performance.now()
  let bytes = 0
  for await (const data of stream) {
    bytes += data.length
    if (bytes >= GIB) break
  }
  clearInterval(watch)
  if (bytes < GIB) throw new Error(`only ${bytes} bytes came`)
  return { speed: (1024 / (performance.now() - began)) * 1000, grown: (most - before) / MIB }
}

export async function run() {
  const cluster = await startCluster(['--nodes', '2'])
  try {
    await pod(cluster, 'zeros', [
      { name: 'main', image: 'busybox', command: ['sh', '-c', 'while true; do nc -l -p 9000 < /dev/zero; done'] },
    ])
    await pod(cluster, 'echo', [{ name: 'main', image: 'hashicorp/http-echo', args: ['-listen=:9000', '-text=hello'] }])
    const port = await tunnel(cluster, 'echo')
    const agent = new http.Agent({ keepAlive: true, maxSockets: 100 })
    const get = () =>
      new Promise((resolve, reject) => {
        http.get({ port, host: '127.0.0.1', agent }, (res) => res.resume().on('end', resolve).on('error', reject)).on('error', reject)
      })
    const requests = await rate(5000, 100, get)
    agent.destroy()
    const through = await drain(cluster, net.connect(await tunnel(cluster, 'zeros'), '127.0.0.1'))
    await wait(500)
    const config = new KubeConfig()
    config.loadFromFile(cluster.kubeconfig)
    const forward = async (name) => {
      const server = net.createServer((socket) => {
        socket.on('error', () => undefined)
        void new PortForward(config).portForward('default', name, [9000], socket, null, socket)
      })
      server.listen(0, '127.0.0.1', 4096)
      await new Promise((resolve) => server.once('listening', resolve))
      return server
    }
    const server = await forward('zeros')
    const forwarded = await drain(cluster, net.connect(server.address().port, '127.0.0.1'))
    server.close()
    const whole = `printf 'HTTP/1.1 200 OK\\r\\nContent-Length: ${GIB}\\r\\nConnection: close\\r\\n\\r\\n'; cat /dev/zero`
    await pod(cluster, 'gib', [
      { name: 'main', image: 'busybox', command: ['sh', '-c', `while true; do (${whole}) | nc -l -p 9000; done`] },
    ])
    const between = await podToPod(cluster)
    await pod(cluster, 'upgrade', [{ name: 'main', image: 'node:20', command: ['node', '-e', UPGRADE] }])
    const entry = await ingress(cluster, ['gib', 'upgrade'])
    const body = await new Promise((resolve, reject) => {
      http.get({ port: entry, host: '127.0.0.1', agent: false, headers: { Host: 'gib' } }, resolve).on('error', reject)
    })
    const entered = await drain(cluster, body)
    const sockets = await upgradeMany(entry)
    const many = await forward('upgrade')
    const forwardedSockets = await upgradeMany(many.address().port)
    many.close()
    return [
      {
        what: 'network: HTTP requests through a tunnel and a Service, 100 connections',
        value: requests,
        unit: '/s',
        budget: 500,
        atLeast: true,
      },
      { what: 'network: 1 GiB from a pod through a tunnel', value: round(through.speed), unit: 'MiB/s', budget: 100, atLeast: true },
      { what: 'network: memory that the tunnel takes', value: round(through.grown), unit: 'MiB', budget: 128 },
      { what: 'network: 1 GiB from a pod through a port-forward', value: round(forwarded.speed), unit: 'MiB/s', budget: 25, atLeast: true },
      { what: 'network: memory that the port-forward takes', value: round(forwarded.grown), unit: 'MiB', budget: 128 },
      { what: 'network: 1 GiB from pod to pod through a Service', value: round(between.speed), unit: 'MiB/s', budget: 10, atLeast: true },
      { what: 'network: memory that the pods take', value: round(between.grown), unit: 'MiB', budget: 128 },
      { what: 'network: 1 GiB from a pod through an Ingress', value: round(entered.speed), unit: 'MiB/s', budget: 25, atLeast: true },
      { what: 'network: memory that the Ingress takes', value: round(entered.grown), unit: 'MiB', budget: 128 },
      { what: 'network: 1,000 upgraded connections at once through an Ingress', value: round(sockets, 1), unit: 's', budget: 20 },
      {
        what: 'network: 1,000 upgraded connections at once through a port-forward',
        value: round(forwardedSockets, 1),
        unit: 's',
        budget: 60,
      },
    ]
  } finally {
    await cluster.stop()
  }
}
