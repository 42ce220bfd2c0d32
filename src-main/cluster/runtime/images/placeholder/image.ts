/**
 * Stands in for an image that the catalogue does not know: listens on the container's declared ports, which the runtime
 * hands it as arguments, answers HTTP, and says in its log what it is.
 */
import type { Image } from '../image.js'
import type { Program } from '../../process.js'
import { isAddressInUse, Latch, serveInProcess } from '../server-process.js'
import { busyboxTree } from '../userland.js'

/** CPU milliseconds per request. */
const CPU_PER_REQUEST = 0.2

function placeholderProgram(reference: string): Program {
  return async (process) => {
    const stop = new Latch<number>()
    for (const signal of ['TERM', 'INT', 'QUIT'] as const) process.onSignal(signal, () => stop.open(0))
    const ports = [...new Set(process.argv.slice(1).map(Number))]
    process.setMemory(8 * 1024 * 1024)
    for (const port of ports) {
      try {
        serveInProcess(process, port, async (req, res) => {
          await process.compute(CPU_PER_REQUEST)
          await process.write(`${req.socket.remoteAddress} ${req.method} ${req.url}\n`)
          req.resume()
          res.setHeader('Content-Type', 'text/plain; charset=utf-8')
          res.end(`${process.hostname} stands in for ${reference}\n`)
        })
      } catch (error) {
        if (!isAddressInUse(error)) throw error
        await process.writeError(`port ${port} is in use\n`)
        return 1
      }
    }
    const where = ports.length === 0 ? 'No ports are declared.' : `Listening on port${ports.length > 1 ? 's' : ''} ${ports.join(', ')}.`
    await process.write(`The embedded cluster does not know ${reference}; this placeholder runs instead. ${where}\n`)
    return stop.wait(process)
  }
}

/** The placeholder for a normalised reference. */
export function placeholderImage(reference: string): Image {
  return {
    entrypoint: ['/placeholder'],
    size: 20_000_000,
    baseMemory: 2_000_000,
    files: () => ({ ...busyboxTree(), '/placeholder': { program: placeholderProgram(reference) } }),
  }
}
