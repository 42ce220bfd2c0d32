// HTTP requests through a Service to a pod, and 1 GiB through one connection: a tunnel of this machine, then a
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

async function tunnel(cluster, service) {
  const path = '/apis/drydock.dev/v1/namespaces/default/tunnels'
  await cluster.request('POST', path, { apiVersion: 'drydock.dev/v1', kind: 'Tunnel', metadata: { name: service }, spec: { service } })
  return until(async () => JSON.parse(await cluster.request('GET', `${path}/${service}`)).status?.ports?.[0]?.localPort)
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
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined)
      void new PortForward(config).portForward('default', 'zeros', [9000], socket, null, socket)
    })
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const forwarded = await drain(cluster, net.connect(server.address().port, '127.0.0.1'))
    server.close()
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
    ]
  } finally {
    await cluster.stop()
  }
}
