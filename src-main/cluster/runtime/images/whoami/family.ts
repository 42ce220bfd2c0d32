/** traefik/whoami: tells a request everything about itself. */
import type { IncomingMessage } from 'node:http'
import type { ImageFamily } from '../image.js'
import type { Process, Program } from '../../process.js'
import { goFlag, goLogTime } from '../http-echo/family.js'
import { endAsGoDoes, Latch, isAddressInUse, readBody, serveInProcess } from '../server-process.js'

const program: Program = async (process) => {
  const args = process.argv.slice(1)
  const port = Number(goFlag(args, 'port') ?? process.env['WHOAMI_PORT_NUMBER'] ?? 80)
  const name = goFlag(args, 'name') ?? process.env['WHOAMI_NAME'] ?? ''
  let health = 200
  const stop = new Latch<number>()
  endAsGoDoes(process, stop)
  process.setMemory(4 * 1024 * 1024)
  try {
    serveInProcess(process, port, async (req, res) => {
      await process.compute(0.08)
      const { pathname, searchParams } = new URL(req.url ?? '/', 'http://x')
      if (pathname === '/health') {
        if (req.method === 'POST') health = Number((await readBody(req)).trim()) || 200
        res.statusCode = req.method === 'POST' ? 200 : health
        return void res.end()
      }
      req.resume()
      if (pathname === '/bench') return void res.end('1')
      if (pathname === '/data') {
        const units: Record<string, number> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }
        const size = Math.min(1e8, Number(searchParams.get('size') ?? 1) * (units[(searchParams.get('unit') ?? '').toUpperCase()] ?? 1))
        return void res.end('|' + 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.repeat(Math.ceil(size / 26)).slice(0, Math.max(0, size - 2)) + '|')
      }
      if (pathname === '/api') {
        res.setHeader('Content-Type', 'application/json')
        const headers = Object.fromEntries(headerLines(req).map(([key, value]) => [key, [value]]))
        return void res.end(
          `${JSON.stringify({ hostname: process.hostname, ip: addresses(process), headers, url: req.url, host: req.headers.host, method: req.method, ...(name ? { name } : {}), remoteAddr: remote(req) })}\n`,
        )
      }
      res.setHeader('Content-Type', 'text/plain; charset=utf-8')
      res.end(
        [
          ...(name ? [`Name: ${name}`] : []),
          `Hostname: ${process.hostname}`,
          ...addresses(process).map((ip) => `IP: ${ip}`),
          `RemoteAddr: ${remote(req)}`,
          `${req.method} ${req.url} HTTP/${req.httpVersion}`,
          `Host: ${req.headers.host ?? ''}`,
          ...headerLines(req).map(([key, value]) => `${key}: ${value}`),
          '\n',
        ].join('\n'),
      )
    })
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.writeError(`${goLogTime(process)} listen tcp :${port}: bind: address already in use\n`)
    return 1
  }
  await process.writeError(`${goLogTime(process)} Starting up on port ${port}\n`)
  return stop.wait(process)
}

function addresses(process: Process): string[] {
  return ['127.0.0.1', '::1', process.net.ip]
}

function remote(req: IncomingMessage): string {
  return `${req.socket.remoteAddress}:${req.socket.remotePort}`
}

/** Without Host, with canonical names, sorted, as Go prints a header. */
function headerLines(req: IncomingMessage): [string, string][] {
  return Object.entries(req.headers)
    .filter(([name]) => name !== 'host' && name !== 'connection')
    .map(([name, value]): [string, string] => [name.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase()), [value].flat().join(', ')])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

export const whoami: ImageFamily = {
  repositories: ['docker.io/traefik/whoami', 'docker.io/containous/whoami'],
  tags: ['latest', 'v1.11', 'v1.10', 'v1.9', 'v1.8', 'v1.7', 'v1.6', 'v1.5'],
  tag: (tag) =>
    /^(latest|v1\.(\d|10|11)(\.\d)?)$/.test(tag)
      ? { entrypoint: ['/whoami'], exposedPorts: [80], size: 2_900_000, baseMemory: 2_000_000, files: () => ({ '/whoami': { program } }) }
      : undefined,
}
