/** registry.k8s.io/e2e-test-images/agnhost: the test image of Kubernetes, with the subcommands that people use by hand. */
import type { ImageFamily } from '../image.js'
import type { Process, Program } from '../../process.js'
import { answerDatagrams, connect, dialOthers, resolverFacts } from './connectivity.js'
import { goFlag } from '../http-echo/family.js'
import { Latch, isAddressInUse, listenInProcess, serveInProcess, type ProcessHandler } from '../server-process.js'
import { versionOf } from '../tags.js'
import { alpineTree, place } from '../userland.js'
import { networkPrograms } from '../../programs/catalogue.js'

type Subcommand = (process: Process, args: readonly string[]) => Promise<number>

/** As klog: `I1121 09:17:00.000000       1 log.go:195] …`. */
function klog(process: Process, message: string): string {
  const t = new Date(process.clock.now()).toISOString()
  return `I${t.slice(5, 7)}${t.slice(8, 10)} ${t.slice(11, 19)}.${t.slice(20, 23)}000 ${String(process.pid).padStart(7)} log.go:195] ${message}\n`
}

async function serve(process: Process, port: number, handler: ProcessHandler, started: string): Promise<number> {
  const stop = new Latch<number>()
  process.onSignal('TERM', () => stop.open(143))
  process.onSignal('INT', () => stop.open(130))
  process.setMemory(12 * 1024 * 1024)
  try {
    serveInProcess(process, port, async (req, res) => {
      await process.compute(0.1)
      await handler(req, res)
    })
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.writeError(klog(process, `listen tcp :${port}: bind: address already in use`))
    return 1
  }
  if (started) await process.writeError(klog(process, started))
  return stop.wait(process)
}

const netexec: Subcommand = async (process, args) => {
  const port = Number(goFlag(args, 'http-port') ?? 8080)
  const delay = Number(goFlag(args, 'delay-shutdown') ?? 0)
  const exit = new Latch<number>()
  const started = process.clock.now()
  const handler: ProcessHandler = async (req, res) => {
    req.resume()
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://x')
    const client = `${req.socket.remoteAddress}:${req.socket.remotePort}`
    await process.writeError(klog(process, `GET ${pathname}`))
    switch (pathname) {
      case '/':
        return void res.end(`NOW: ${new Date(process.clock.now()).toISOString().replace('T', ' ').replace('Z', '')} +0000 UTC`)
      case '/hostname':
      case '/hostName':
        return void res.end(process.hostname)
      case '/clientip':
        return void res.end(client)
      case '/healthz':
        return void res.end()
      case '/readyz':
        return void res.end('ok')
      case '/header':
        return void res.end([req.headers[(searchParams.get('key') ?? '').toLowerCase()]].flat().join(','))
      case '/echo':
        res.statusCode = Number(searchParams.get('code') ?? 200)
        return void res.end(searchParams.get('msg') ?? '')
      case '/uptime':
        return void res.end(`${((process.clock.now() - started) / 1000).toFixed(6)}s`)
      case '/exit':
        res.end()
        exit.open(Number(searchParams.get('code') ?? 0))
        return
      case '/dial':
        return void res.end(JSON.stringify(await dialOthers(process, searchParams)))
      case '/redirect':
        res.writeHead(Number(searchParams.get('code') ?? 302), { Location: searchParams.get('location') ?? '' })
        return void res.end()
      case '/shell':
      case '/shutdown':
        return void res.end(pathname === '/shell' ? JSON.stringify(await shell(process, searchParams.get('cmd') ?? '')) : '')
      default:
        res.statusCode = 404
        return void res.end('404 page not found\n')
    }
  }
  try {
    const udp = Number(goFlag(args, 'udp-port') ?? 8081)
    if (udp > 0) answerDatagrams(process, udp)
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.writeError(klog(process, 'listen udp: bind: address already in use'))
    return 1
  }
  const serving = serve(process, port, handler, `Started HTTP server on port ${port}`)
  const code = await Promise.race([serving, exit.promise])
  if (delay > 0 && code === 143) await process.sleep(delay * 1000)
  return code === 143 ? 0 : code
}

/** Runs a command as `/shell?cmd=` does. */
async function shell(process: Process, command: string): Promise<{ output?: string; error?: string }> {
  const file = `/tmp/shell-${process.random.hex(4)}`
  const child = await process.spawn({ argv: ['/bin/sh', '-c', `{ ${command}\n} > ${file} 2>&1`] })
  const code = await child.wait()
  const output = process.fs.exists(file) ? process.fs.readText(file) : ''
  if (process.fs.exists(file)) process.fs.remove(file)
  return { output, ...(code === 0 ? {} : { error: `exit status ${code}` }) }
}

const serveHostname: Subcommand = (process, args) =>
  serve(
    process,
    Number(goFlag(args, 'port') ?? 9376),
    (req, res) => {
      req.resume()
      res.end(process.hostname)
    },
    'Serving on port 9376.',
  )

/** Well for ten seconds, then not: the liveness example of the documentation. */
const liveness: Subcommand = (process) => {
  const started = process.clock.now()
  return serve(
    process,
    8080,
    (req, res) => {
      req.resume()
      if ((req.url ?? '').startsWith('/started')) return void res.end(String(process.clock.now() - started))
      const seconds = (process.clock.now() - started) / 1000
      if (seconds > 10) {
        res.statusCode = 500
        res.end(`error: ${seconds.toFixed(9)}`)
      } else res.end('ok')
    },
    '',
  )
}

const testWebserver: Subcommand = (process, args) =>
  serve(
    process,
    Number(goFlag(args, 'port') ?? 80),
    (req, res) => {
      req.resume()
      try {
        res.end(process.fs.readFile(decodeURIComponent((req.url ?? '/').split('?')[0]!)))
      } catch {
        res.statusCode = 404
        res.end('404 page not found\n')
      }
    },
    '',
  )

const pauseCommand: Subcommand = async (process) => {
  const stop = new Latch<number>()
  for (const signal of ['TERM', 'INT'] as const) process.onSignal(signal, () => stop.open(0))
  await process.write('Paused\n')
  return stop.wait(process)
}

const logsGenerator: Subcommand = async (process, args) => {
  const total = Number(goFlag(args, 'log-lines-total') ?? 0)
  const duration = /^(\d+)(ms|s|m)?$/.exec(goFlag(args, 'run-duration') ?? '0')
  const span = Number(duration?.[1] ?? 0) * { ms: 1, s: 1000, m: 60_000 }[(duration?.[2] ?? 's') as 's']
  const verbs = ['GET', 'PUT', 'POST']
  for (let i = 0; i < total; i++) {
    const path = `/api/v1/namespaces/${process.random.pick(['kube-system', 'default', 'ns'])}/pods/${process.random.suffix(4)}`
    await process.writeError(klog(process, `${i} ${process.random.pick(verbs)} ${path} ${200 + process.random.int(300)}`))
    if (total > 1) await process.sleep(span / total)
  }
  return 0
}

/** A TCP echo, for probes and `nc`. */
const porter: Subcommand = async (process) => {
  const ports = Object.entries(process.env).filter(([name]) => name.startsWith('SERVE_PORT_'))
  for (const [name, text] of ports) {
    listenInProcess(process, Number(name.slice('SERVE_PORT_'.length)), (connection) => {
      connection.once('data', () =>
        connection.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`),
      )
    })
  }
  return pauseCommand(process, [])
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  connect,
  'dns-suffix': (process) => resolverFacts(process, 'dns-suffix'),
  'dns-server-list': (process) => resolverFacts(process, 'dns-server-list'),
  'etc-hosts': (process) => resolverFacts(process, 'etc-hosts'),
  netexec,
  'serve-hostname': serveHostname,
  liveness,
  'test-webserver': testWebserver,
  pause: pauseCommand,
  'logs-generator': logsGenerator,
  porter,
  'entrypoint-tester': async (process) => {
    await process.write(`[${process.argv.join(' ')}]\n`)
    return 0
  },
  help: async (process) => {
    await process.write(
      `Usage:\n  app [command]\n\nAvailable Commands:\n${Object.keys(subcommands)
        .sort()
        .map((name) => `  ${name}\n`)
        .join('')}`,
    )
    return 0
  },
}

const program =
  (version: string): Program =>
  (process) => {
    const [name = 'pause', ...args] = process.argv.slice(1)
    if (name === '--version') return process.write(`agnhost version ${version}\n`).then(() => 0)
    const subcommand = subcommands[name]
    if (subcommand) return subcommand(process, args)
    return process.writeError(`Error: unknown command "${name}" for "app"\nRun 'app --help' for usage.\n`).then(() => 1)
  }

export const agnhost: ImageFamily = {
  repositories: ['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost'],
  tag(tag) {
    const found = versionOf(
      tag,
      Array.from({ length: 60 }, (_, minor) => [`2.${minor}`, 0] as const),
    )
    if (!found || tag === 'latest' || found.variant !== '') return undefined
    const version = found.version.replace(/\.0$/, '')
    return {
      entrypoint: ['/agnhost'],
      cmd: ['pause'],
      exposedPorts: [80, 8080, 8081, 9376],
      size: 51_000_000,
      baseMemory: 4_000_000,
      files: () => ({
        ...alpineTree('3.21.5'),
        ...place('/usr/bin', { curl: networkPrograms['curl']!, dig: networkPrograms['dig']! }),
        '/agnhost': { program: program(version) },
      }),
    }
  },
}
