/** The servers of the tutorials that answer with a few lines: hello-app, hello-go-gke, node-hello, kubernetes-bootcamp, echo-server, goproxy. */
import type { IncomingMessage } from 'node:http'
import type { Image, ImageFamily } from '../image.js'
import type { Process, Program } from '../../process.js'
import { goLogTime } from '../http-echo/family.js'
import { nodeProgram } from '../node-app.js'
import { Latch, isAddressInUse, readBody, serveInProcess } from '../server-process.js'
import { alpineTree, debianTree } from '../userland.js'

interface TextServer {
  port: number
  /** What it says when it listens, and of each request. */
  started(process: Process): string
  log?(process: Process, req: IncomingMessage): string
  answer(process: Process, req: IncomingMessage): Promise<string> | string
  type?: string
  status?: number
}

function serve(server: TextServer): Program {
  return async (process) => {
    const port = Number(process.env['PORT'] ?? server.port)
    const stop = new Latch<number>()
    process.onSignal('TERM', () => stop.open(143))
    process.onSignal('INT', () => stop.open(130))
    process.setMemory(6 * 1024 * 1024)
    try {
      serveInProcess(process, port, async (req, res) => {
        await process.compute(0.1)
        const line = server.log?.(process, req)
        if (line) await process.write(line)
        const body = await server.answer(process, req)
        req.resume()
        res.writeHead(server.status ?? 200, {
          'Content-Type': server.type ?? 'text/plain; charset=utf-8',
          'Content-Length': Buffer.byteLength(body),
        })
        res.end(body)
      })
    } catch (error) {
      if (!isAddressInUse(error)) throw error
      await process.writeError(`${goLogTime(process)} listen tcp :${port}: bind: address already in use\n`)
      return 1
    }
    const started = server.started(process)
    if (started) await process.write(started)
    return stop.wait(process)
  }
}

function image(path: string, server: TextServer, size: number, debian = false): Image {
  return {
    entrypoint: [path],
    exposedPorts: [server.port],
    size,
    baseMemory: 2_500_000,
    files: () => ({
      ...(debian ? debianTree('jessie', { tools: ['curl'] }) : alpineTree('3.19.9')),
      [path]: { program: serve(server) },
    }),
  }
}

const hello = (version: string): TextServer => ({
  port: 8080,
  started: (p) => `${goLogTime(p)} Server listening on port ${p.env['PORT'] ?? 8080}\n`,
  log: (p, req) => `${goLogTime(p)} Serving request: ${(req.url ?? '/').split('?')[0]}\n`,
  answer: (p) => `Hello, world!\nVersion: ${version}.0.0\nHostname: ${p.hostname}\n`,
})

export const helloApp: ImageFamily = {
  repositories: ['gcr.io/google-samples/hello-app', 'us-docker.pkg.dev/google-samples/containers/gke/hello-app'],
  tags: ['2.0', '1.0'],
  tag: (tag) => (/^[12]\.0$/.test(tag) ? image('/hello-app', hello(tag[0]!), 11_500_000) : undefined),
}

/** The back end of "Connect a Frontend to a Backend Using Services": hello-frontend stands before it. */
const helloGoServer: TextServer = {
  port: 80,
  started: () => '',
  answer: () => '{"message":"Hello"}\n',
  type: 'application/json',
}

export const helloGo: ImageFamily = {
  repositories: ['gcr.io/google-samples/hello-go-gke'],
  tags: ['1.0'],
  tag: (tag) => (tag === '1.0' ? image('/usr/bin/hello', helloGoServer, 4_500_000) : undefined),
}

const nodeHelloServer: TextServer = { port: 8080, started: () => '', answer: () => 'Hello Kubernetes!', type: 'text/plain' }

export const nodeHello: ImageFamily = {
  repositories: ['gcr.io/google-samples/node-hello', 'us-docker.pkg.dev/google-samples/containers/gke/node-hello'],
  tags: ['1.0'],
  tag: (tag) => (tag === '1.0' ? image('/server.js', nodeHelloServer, 260_000_000, true) : undefined),
}

/** A proxy, which the page on probes only connects to. */
const proxy: TextServer = {
  port: 8080,
  started: () => '',
  answer: () => 'This is a proxy server. Does not respond to non-proxy requests.\n',
  status: 500,
}

export const goProxy: ImageFamily = {
  repositories: ['registry.k8s.io/goproxy', 'k8s.gcr.io/goproxy'],
  tags: ['0.1'],
  tag: (tag) => (tag === '0.1' ? image('/goproxy', proxy, 2_600_000) : undefined),
}

const bootcamp = (version: string): TextServer => ({
  port: 8080,
  started: (p) => `Kubernetes Bootcamp App Started At: ${new Date(p.clock.now()).toISOString()} | Running On:  ${p.hostname} \n\n`,
  log: (p, req) => `Running On: ${p.hostname} | ${new Date(p.clock.now()).toUTCString()} | ${req.method} ${req.url}\n`,
  answer: (p) => `Hello Kubernetes bootcamp! | Running on: ${p.hostname} | v=${version}\n`,
  type: 'text/plain',
})

/** The script as a person finds it in the container. */
const bootcampSource = (version: string): string => `const http = require('http')
const host = process.env.HOSTNAME

const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain')
  response.end(\`Hello Kubernetes bootcamp! | Running on: \${host} | v=${version}\\n\`)
  console.log('Running On:', host, '|', new Date().toUTCString(), '|', request.method, request.url)
})

server.listen(8080, () => {
  console.log('Kubernetes Bootcamp App Started At:', new Date().toISOString(), '| Running On: ', host, '\\n')
})
`

export const kubernetesBootcamp: ImageFamily = {
  repositories: ['gcr.io/google-samples/kubernetes-bootcamp', 'docker.io/jocatalin/kubernetes-bootcamp'],
  tags: ['latest', 'v2', 'v1'],
  tag(tag) {
    if (!/^(latest|v[12])$/.test(tag)) return undefined
    const version = tag === 'latest' ? '1' : tag.slice(1)
    return {
      cmd: ['sh', '-c', 'node server.js'],
      env: { NODE_VERSION: '6.3.1', NPM_CONFIG_LOGLEVEL: 'info' },
      exposedPorts: [8080],
      size: 83_000_000,
      baseMemory: 2_500_000,
      files: () => ({
        ...debianTree('jessie', { tools: ['curl'] }),
        '/server.js': bootcampSource(version),
        '/usr/local/bin/node': { program: nodeProgram('6.3.1', { '/server.js': serve(bootcamp(version)) }) },
      }),
    }
  },
}

const echo: TextServer = {
  port: 8080,
  started: () => 'Echo server listening on port 8080.\n',
  log: (p, req) => `${req.socket.remoteAddress}:${req.socket.remotePort} | ${req.method} ${req.url}\n`,
  async answer(p, req) {
    const headers = Object.entries(req.headers).map(
      ([name, value]) => `${name.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase())}: ${[value].flat().join(', ')}\n`,
    )
    return `Request served by ${p.hostname}\n\nHTTP/${req.httpVersion} ${req.method} ${req.url}\n\n${headers.sort().join('')}\n${await readBody(req)}`
  },
}

export const echoServer: ImageFamily = {
  repositories: ['docker.io/kicbase/echo-server', 'docker.io/jmalloc/echo-server', 'ghcr.io/jmalloc/echo-server'],
  tags: ['latest', '1.0', '0.3.1'],
  tag: (tag) => (/^(latest|1\.0|v?0\.3\.\d)$/.test(tag) ? image('/bin/echo-server', echo, 2_200_000) : undefined),
}
