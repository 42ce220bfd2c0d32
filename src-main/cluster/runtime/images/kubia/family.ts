/** luksa/kubia of "Kubernetes in Action": tells each client which pod it has hit. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { addressInUse, mapped, nodeProgram } from '../node-app.js'
import { isAddressInUse, serveInProcess, untilKilled } from '../server-process.js'
import { debianTree } from '../userland.js'

/** CPU milliseconds per request. */
const CPU_PER_REQUEST = 0.4

/** What differs between the variants of the app. */
export interface KubiaOptions {
  /** Answers a request with its number, counted from 1: status and body. */
  answer(hostname: string, count: number): { status: number; body: string }
  source: string
  port?: number
}

/** The app as a program. Node.js has no handler for SIGTERM, so as PID 1 it waits for SIGKILL. */
export function kubiaApp(options: KubiaOptions): Program {
  return async (process) => {
    const port = options.port ?? 8080
    let count = 0
    process.setMemory(24 * 1024 * 1024)
    await process.compute(60)
    await process.write('Kubia server starting...\n')
    try {
      serveInProcess(process, port, async (req, res) => {
        await process.compute(CPU_PER_REQUEST)
        await process.write(`Received request from ${mapped(req.socket.remoteAddress)}\n`)
        count++
        req.resume()
        const { status, body } = options.answer(process.hostname, count)
        if (res.shouldKeepAlive) res.setHeader('Connection', 'keep-alive')
        res.writeHead(status)
        res.end(body)
      })
    } catch (error) {
      if (isAddressInUse(error)) return addressInUse(process, port)
      throw error
    }
    return untilKilled(process)
  }
}

/** A family of one tag whose container runs `node app.js` on Debian. */
export function kubiaFamily(repositories: readonly string[], tags: readonly string[], options: KubiaOptions): ImageFamily {
  return {
    repositories,
    tags,
    tag: (tag) =>
      tags.includes(tag)
        ? {
            entrypoint: ['node', 'app.js'],
            env: { NODE_VERSION: '7.9.0', NPM_CONFIG_LOGLEVEL: 'info', YARN_VERSION: '0.22.0' },
            exposedPorts: [options.port ?? 8080],
            size: 252_000_000,
            baseMemory: 8_000_000,
            files: () => ({
              ...debianTree('jessie', {
                accounts: [{ name: 'node', id: 1000, home: '/home/node', shell: '/bin/bash' }],
                tools: ['curl', 'wget', 'ping'],
              }),
              '/app.js': options.source,
              '/usr/local/bin/node': { program: nodeProgram('7.9.0', { '/app.js': kubiaApp(options) }) },
              '/home/node': { directory: true, uid: 1000, gid: 1000 },
            }),
          }
        : undefined,
  }
}

const SOURCE = `const http = require('http');
const os = require('os');

console.log("Kubia server starting...");

var handler = function(request, response) {
  console.log("Received request from " + request.connection.remoteAddress);
  response.writeHead(200);
  response.end("You've hit " + os.hostname() + "\\n");
};

var www = http.createServer(handler);
www.listen(8080);
`

const hit = (hostname: string): { status: number; body: string } => ({ status: 200, body: `You've hit ${hostname}\n` })
const version = (n: number): KubiaOptions => ({
  answer: (hostname) => ({ status: 200, body: `This is v${n} running in pod ${hostname}\n` }),
  source: SOURCE.replace(`"You've hit "`, `"This is v${n} running in pod "`),
})

const plain = kubiaFamily(['docker.io/luksa/kubia'], ['latest'], { answer: hit, source: SOURCE })
const v1 = kubiaFamily(plain.repositories, ['v1'], version(1))
const v2 = kubiaFamily(plain.repositories, ['v2'], version(2))
const v4 = kubiaFamily(plain.repositories, ['v4'], version(4))
const v3 = kubiaFamily(plain.repositories, ['v3'], {
  // The version with the bug of chapter 9: all goes well four times.
  answer: (hostname, count) =>
    count >= 5
      ? { status: 500, body: `Some internal error has occurred! This is pod ${hostname}\n` }
      : { status: 200, body: `This is v3 running in pod ${hostname}\n` },
  source: SOURCE.replace(`"You've hit "`, `"This is v3 running in pod "`),
})

export const kubia: ImageFamily = {
  repositories: plain.repositories,
  tags: ['latest', 'v4', 'v3', 'v2', 'v1'],
  tag: (tag) => plain.tag(tag) ?? v1.tag(tag) ?? v2.tag(tag) ?? v3.tag(tag) ?? v4.tag(tag),
}
