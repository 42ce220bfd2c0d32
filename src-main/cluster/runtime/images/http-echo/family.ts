/** hashicorp/http-echo: answers every request with one text. */
import type { ImageFamily } from '../image.js'
import type { Process, Program } from '../../process.js'
import { Latch, isAddressInUse, serveInProcess } from '../server-process.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'

/** As Go's log package: `2026/11/21 09:17:00`. */
export function goLogTime(process: Process): string {
  return new Date(process.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')
}

/** The value of a flag of Go's flag package: `-text=x`, `--text x`. */
export function goFlag(args: readonly string[], name: string): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const match = new RegExp(`^--?${name}(?:=(.*))?$`, 's').exec(args[i]!)
    if (match) return match[1] ?? args[i + 1] ?? ''
  }
  return undefined
}

const program =
  (version: string): Program =>
  async (process) => {
    const args = process.argv.slice(1)
    if (args.some((a) => /^--?version$/.test(a))) {
      await process.writeError(`http-echo v${version}\n`)
      return 0
    }
    const text = goFlag(args, 'text') ?? process.env['ECHO_TEXT'] ?? ''
    if (text === '') {
      await process.writeError('Missing -text option!\n')
      return 127
    }
    const listen = goFlag(args, 'listen') ?? ':5678'
    const status = Number(goFlag(args, 'status-code') ?? 200)
    const stop = new Latch<number>()
    for (const signal of ['INT', 'TERM'] as const) process.onSignal(signal, () => stop.open(0))
    process.setMemory(4 * 1024 * 1024)
    const body = `${text}\n`
    try {
      serveInProcess(process, Number(listen.split(':').at(-1)), async (req, res) => {
        await process.compute(0.05)
        req.resume()
        res.setHeader('X-App-Name', 'http-echo')
        res.setHeader('X-App-Version', version)
        const path = (req.url ?? '/').split('?')[0]
        if (path === '/health') {
          res.setHeader('Content-Type', 'application/json')
          return void res.end('{"status":"ok"}\n')
        }
        res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(body) })
        res.end(body)
        const { remoteAddress, remotePort } = req.socket
        await process.write(
          `${goLogTime(process)} ${req.headers.host} ${remoteAddress}:${remotePort} "${req.method} ${req.url} HTTP/${req.httpVersion}" ${status} ${Buffer.byteLength(body)} "${req.headers['user-agent'] ?? ''}" 18.2µs\n`,
        )
      })
    } catch (error) {
      if (!isAddressInUse(error)) throw error
      await process.writeError(`${goLogTime(process)} [ERR] server exited with: listen tcp ${listen}: bind: address already in use\n`)
      return 1
    }
    await process.write(`${goLogTime(process)} [INFO] server is listening on ${listen}\n`)
    return stop.wait(process)
  }

const RELEASES: Releases = [
  ['0.2', 3],
  ['1.0', 0],
]

export const httpEcho: ImageFamily = {
  repositories: ['docker.io/hashicorp/http-echo'],
  tags: tagsOf(RELEASES),
  tag(tag) {
    const found = versionOf(tag, RELEASES)
    if (!found || !['', 'alpine'].includes(found.variant)) return undefined
    return {
      entrypoint: ['/http-echo'],
      exposedPorts: [5678],
      size: 3_400_000,
      baseMemory: 2_000_000,
      user: '65532:65532',
      files: () => ({ '/http-echo': { program: program(found.version) } }),
    }
  },
}
