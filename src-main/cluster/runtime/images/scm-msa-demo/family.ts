/** harleyren/scm-msa-demo: a small service that answers on port 8082. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { goLogTime } from '../http-echo/family.js'
import { Latch, isAddressInUse, serveInProcess } from '../server-process.js'
import { alpineTree } from '../userland.js'

const PORT = 8082

const program =
  (version: string): Program =>
  async (process) => {
    const stop = new Latch<number>()
    process.onSignal('TERM', () => stop.open(143))
    process.onSignal('INT', () => stop.open(130))
    process.setMemory(40 * 1024 * 1024)
    try {
      serveInProcess(process, PORT, async (req, res) => {
        req.resume()
        await process.compute(0.5)
        const path = (req.url ?? '/').split('?')[0]
        const json = path === '/health' ? { status: 'UP' } : { service: 'msa-demo', version, host: process.hostname, path }
        const body = `${JSON.stringify(json)}\n`
        res.writeHead(200, { 'Content-Type': 'application/json;charset=UTF-8', 'Content-Length': Buffer.byteLength(body) })
        res.end(body)
        await process.write(`${goLogTime(process)} ${req.socket.remoteAddress} ${req.method} ${req.url} 200\n`)
      })
    } catch (error) {
      if (!isAddressInUse(error)) throw error
      await process.writeError(`${goLogTime(process)} port ${PORT} is in use\n`)
      return 1
    }
    await process.write(`${goLogTime(process)} msa-demo ${version} started on port ${PORT}\n`)
    return stop.wait(process)
  }

export const scmMsaDemo: ImageFamily = {
  repositories: ['docker.io/harleyren/scm-msa-demo'],
  tags: ['latest', '1.0.41', '1.0.40'],
  tag: (tag) =>
    /^(latest|1\.0\.\d{1,2})$/.test(tag)
      ? {
          entrypoint: ['/usr/local/bin/msa-demo'],
          exposedPorts: [PORT],
          size: 88_000_000,
          baseMemory: 20_000_000,
          files: () => ({ ...alpineTree('3.8.5'), '/usr/local/bin/msa-demo': { program: program(tag === 'latest' ? '1.0.41' : tag) } }),
        }
      : undefined,
}
