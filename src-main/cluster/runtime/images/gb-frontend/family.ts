/**
 * gb-frontend: the PHP pages of the guestbook tutorial. What is written goes to the redis leader, what is read comes from
 * the followers (https://kubernetes.io/docs/tutorials/stateless-application/guestbook/).
 */
import type { IncomingMessage } from 'node:http'
import type { ImageFamily } from '../image.js'
import type { Process, Program } from '../../process.js'
import { apacheStart, commonLog } from '../httpd/apache.js'
import { Latch, isAddressInUse, serveInProcess } from '../server-process.js'
import { debianTree } from '../userland.js'
import { PAGES } from './pages.js'
import { redisRequest } from './redis-request.js'

const SERVER = 'Apache/2.4.53 (Debian)'

interface Page {
  status: number
  body: string
  type: string
}

const html = (body: string, status = 200): Page => ({ status, body, type: 'text/html; charset=UTF-8' })

/** The name of a redis Service: from DNS, or with GET_HOSTS_FROM=env from the variables of the Services. */
function hostOf(env: Process['env'], role: 'leader' | 'follower'): string {
  const given = env['GET_HOSTS_FROM'] === 'env' ? env[`REDIS_${role.toUpperCase()}_SERVICE_HOST`] : undefined
  return given ?? `redis-${role}`
}

async function guestbook(process: Process, query: URLSearchParams): Promise<Page> {
  const command = query.get('cmd')
  if (command === null) return html('<h1>PHP Version 7.4.30</h1>\n')
  const key = query.get('key') ?? ''
  try {
    if (command === 'set') {
      await redisRequest(process, hostOf(process.env, 'leader'), ['SET', key, query.get('value') ?? ''])
      return html('{"message": "Updated"}')
    }
    const value = await redisRequest(process, hostOf(process.env, 'follower'), ['GET', key])
    return html(`{"data": "${typeof value === 'string' ? value : ''}"}`)
  } catch (error) {
    process.aborted.throwIfAborted()
    await process.writeError(`PHP Fatal error:  Uncaught Predis\\Connection\\ConnectionException: ${(error as Error).message}\n`)
    return html('', 500)
  }
}

async function pageOf(process: Process, req: IncomingMessage): Promise<Page> {
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://x')
  if (pathname === '/guestbook.php') return guestbook(process, searchParams)
  const path = pathname === '/' ? '/index.html' : pathname
  const file = `/var/www/html${path}`
  if (!Object.hasOwn(PAGES, path) || !process.fs.exists(file))
    return html('<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n', 404)
  return { status: 200, body: process.fs.readText(file), type: path.endsWith('.js') ? 'application/javascript' : 'text/html' }
}

const program: Program = async (process) => {
  const stop = new Latch<number>()
  for (const signal of ['TERM', 'WINCH', 'INT'] as const) process.onSignal(signal, () => stop.open(0))
  process.setMemory(14 * 1024 * 1024)
  try {
    serveInProcess(process, 80, async (req, res) => {
      req.resume()
      await process.compute(2)
      const { status, body, type } = await pageOf(process, req)
      const php = req.url?.startsWith('/guestbook.php') ? { 'X-Powered-By': 'PHP/7.4.30' } : {}
      res.writeHead(status, { Server: SERVER, ...php, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
      res.end(body)
      await process.write(commonLog(process, req, status, Buffer.byteLength(body), true))
    })
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.writeError('(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80\n')
    return 1
  }
  await apacheStart(process, `${SERVER} PHP/7.4.30`, 'mpm_prefork', 'apache2 -D FOREGROUND')
  return stop.wait(process)
}

export const gbFrontend: ImageFamily = {
  repositories: [
    'us-docker.pkg.dev/google-samples/containers/gke/gb-frontend',
    'gcr.io/google-samples/gb-frontend',
    'gcr.io/google_samples/gb-frontend',
  ],
  tags: ['v6', 'v5', 'v4', 'v3'],
  tag: (tag) =>
    /^v[3-6]$/.test(tag)
      ? {
          cmd: ['apache2-foreground'],
          exposedPorts: [80],
          workingDir: '/var/www/html',
          size: 161_000_000,
          baseMemory: 8_000_000,
          files: () => ({
            ...debianTree('bullseye', { tools: ['curl'] }),
            '/usr/local/bin/apache2-foreground': { program },
            ...Object.fromEntries(Object.entries(PAGES).map(([path, text]) => [`/var/www/html${path}`, text])),
          }),
        }
      : undefined,
}
