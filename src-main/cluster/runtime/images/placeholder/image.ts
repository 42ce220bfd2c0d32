/**
 * Stands in for an image that the catalogue does not know. A command of the container that needs nothing of the image, such
 * as a shell script, runs as it is. For all else it says in its log what it is, and listens on the container's declared
 * ports, where it answers what its clients speak; an init container or one of a Job that declares none ends well at once.
 * The runtime hands it the ports, and behind `--` the command.
 */
import type { Image } from '../image.js'
import type { Program } from '../../process.js'
import { isAddressInUse, Latch } from '../server-process.js'
import { coreutilsPrograms } from '../../programs/catalogue.js'
import { busyboxTree } from '../userland.js'
import { runWithoutImage } from './command.js'
import { serveAnyClient } from './server.js'

/** Given in the place of ports to a container that is to end by itself and declares none. */
export const ENDS = '--ends'

function placeholderProgram(reference: string): Program {
  return async (process) => {
    const { ports, ends, command } = split(process.argv.slice(1))
    const code = command.length > 0 ? await runWithoutImage(process, command) : undefined
    if (code !== undefined) return code
    const unknown = `The embedded cluster does not know ${reference}; this placeholder runs instead`
    if (ends) {
      await process.write(`${unknown}, and ends.\n`)
      return 0
    }
    const stop = new Latch<number>()
    for (const signal of ['TERM', 'INT', 'QUIT'] as const) process.onSignal(signal, () => stop.open(0))
    process.setMemory(8 * 1024 * 1024)
    for (const port of ports) {
      try {
        serveAnyClient(process, port, reference)
      } catch (error) {
        if (!isAddressInUse(error)) throw error
        await process.writeError(`port ${port} is in use\n`)
        return 1
      }
    }
    const where = ports.length === 0 ? 'No ports are declared.' : `Listening on port${ports.length > 1 ? 's' : ''} ${ports.join(', ')}.`
    await process.write(`${unknown}. ${where}\n`)
    return stop.wait(process)
  }
}

/** The ports, whether there is nothing to wait for, and the command behind `--`. */
function split(args: readonly string[]): { ports: number[]; ends: boolean; command: readonly string[] } {
  const at = args.indexOf('--')
  const before = at < 0 ? args : args.slice(0, at)
  const ends = before.includes(ENDS)
  return { ports: ends ? [] : [...new Set(before.map(Number))], ends, command: at < 0 ? [] : args.slice(at + 1) }
}

/** The placeholder for a normalised reference. */
export function placeholderImage(reference: string): Image {
  return {
    entrypoint: ['/placeholder'],
    size: 20_000_000,
    baseMemory: 2_000_000,
    // Most images have bash, and manifests start it.
    files: () => ({
      ...busyboxTree(),
      '/bin/bash': { program: coreutilsPrograms['bash']! },
      '/placeholder': { program: placeholderProgram(reference) },
    }),
  }
}
