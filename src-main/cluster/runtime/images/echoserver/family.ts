/** registry.k8s.io/echoserver: tells of each request what came in, for "Using Source IP" and for tests of Ingresses. */
import type { IncomingMessage } from 'node:http'
import type { ImageFamily } from '../image.js'
import type { Process, Program } from '../../process.js'
import { Latch, isAddressInUse, readBody, serveInProcess } from '../server-process.js'
import { alpineTree, debianTree } from '../userland.js'

type Say = (process: Process, req: IncomingMessage, body: string) => string

interface Parts {
  client: string
  path: string
  query: string
  uri: string
  headers: string[]
}

function partsOf(req: IncomingMessage): Parts {
  const url = req.url ?? '/'
  const question = url.indexOf('?')
  const host = req.headers.host ?? 'localhost'
  return {
    client: req.socket.remoteAddress ?? '',
    path: url,
    query: question < 0 ? '' : url.slice(question + 1),
    uri: `http://${host.includes(':') ? host : `${host}:8080`}${url}`,
    headers: Object.entries(req.headers)
      .map(([name, value]) => `${name}=${[value].flat().join(', ')}`)
      .sort(),
  }
}

/** Up to 1.4. */
const older: Say = (_process, req, body) => {
  const { client, path, query, uri, headers } = partsOf(req)
  return [
    'CLIENT VALUES:',
    `client_address=${client}`,
    `command=${req.method}`,
    `real path=${path}`,
    `query=${query || 'nil'}`,
    `request_version=${req.httpVersion}`,
    `request_uri=${uri}`,
    '',
    'SERVER VALUES:',
    'server_version=nginx: 1.10.0 - lua: 10001',
    '',
    'HEADERS RECEIVED:',
    ...headers,
    'BODY:',
    body || '-no body in request-',
  ].join('\n')
}

/** What the downward API may have told the server of its pod. */
function podInformation(env: Process['env']): string[] {
  const told = [
    ['node name', env['NODE_NAME']],
    ['pod name', env['POD_NAME']],
    ['pod namespace', env['POD_NAMESPACE']],
    ['pod IP', env['POD_IP']],
  ].filter(([, value]) => value)
  return told.length ? told.map(([name, value]) => `\t${name}:\t${value}`) : ['\t-no pod information available-']
}

/** From 1.5 on. */
const newer: Say = (process, req, body) => {
  const { client, path, query, uri, headers } = partsOf(req)
  return [
    '',
    '',
    `Hostname: ${process.hostname}`,
    '',
    'Pod Information:',
    ...podInformation(process.env),
    '',
    'Server values:',
    '\tserver_version=nginx: 1.13.3 - lua: 10008',
    '',
    'Request Information:',
    `\tclient_address=${client}`,
    `\tmethod=${req.method}`,
    `\treal path=${path}`,
    `\tquery=${query}`,
    `\trequest_version=${req.httpVersion}`,
    '\trequest_scheme=http',
    `\trequest_uri=${uri}`,
    '',
    'Request Headers:',
    ...headers.map((line) => `\t${line}`),
    '',
    'Request Body:',
    body || '\t-no body in request-',
    '',
    '',
  ].join('\n')
}

const serve =
  (say: Say): Program =>
  async (process) => {
    const stop = new Latch<number>()
    for (const signal of ['TERM', 'QUIT', 'INT'] as const) process.onSignal(signal, () => stop.open(0))
    process.setMemory(4 * 1024 * 1024)
    try {
      serveInProcess(process, 8080, async (req, res) => {
        await process.compute(0.1)
        const body = say(process, req, await readBody(req))
        res.writeHead(200, { Server: 'nginx', 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(body) })
        res.end(body)
      })
    } catch (error) {
      if (!isAddressInUse(error)) throw error
      await process.writeError('nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address in use)\n')
      return 1
    }
    return stop.wait(process)
  }

export const echoserver: ImageFamily = {
  repositories: ['registry.k8s.io/echoserver', 'k8s.gcr.io/echoserver', 'gcr.io/google_containers/echoserver'],
  tags: Array.from({ length: 11 }, (_, n) => `1.${10 - n}`),
  tag(tag) {
    const minor = /^1\.(\d|10)$/.exec(tag)?.[1]
    if (minor === undefined) return undefined
    const old = Number(minor) < 5
    return {
      cmd: ['/run.sh'],
      exposedPorts: [8080],
      size: old ? 53_000_000 : 36_000_000,
      baseMemory: 2_000_000,
      files: () => ({
        ...(old ? debianTree('jessie', { tools: ['curl'] }) : alpineTree('3.6')),
        '/run.sh': { program: serve(old ? older : newer) },
      }),
    }
  },
}
