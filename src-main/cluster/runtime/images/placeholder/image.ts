/**
 * Stands in for an image that the catalogue does not know. A command of the container that needs nothing of the image, such
 * as a shell script, runs as it is. For all else it listens on the container's declared ports, answers what its clients
 * speak there, and says in its log what it is. The runtime hands it the ports, and behind `--` the command.
 */
import type { Image } from '../image.js'
import type { Process, Program } from '../../process.js'
import { isAddressInUse, Latch } from '../server-process.js'
import { coreutilsPrograms } from '../../programs/catalogue.js'
import { busyboxTree } from '../userland.js'
import { serveAnyClient } from './server.js'

/** What a shell ends with whose last command was not there, or could not be run. */
const NOT_THERE = [126, 127]
const PASSED_ON = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2'] as const

/** Runs a command of the container. Undefined when the image would be needed for it, else its exit code. */
async function run(process: Process, command: readonly string[]): Promise<number | undefined> {
  const [name] = command
  const places = name?.includes('/') ? [name] : ['/bin', '/usr/bin'].map((directory) => `${directory}/${name}`)
  if (!places.some((path) => process.fs.exists(path))) return undefined
  const child = await process.spawn({ argv: command })
  for (const signal of PASSED_ON) process.onSignal(signal, () => child.kill(signal))
  const code = await child.wait()
  return NOT_THERE.includes(code) ? undefined : code
}

function placeholderProgram(reference: string): Program {
  return async (process) => {
    const [ports, command] = split(process.argv.slice(1))
    const code = command.length > 0 ? await run(process, command) : undefined
    if (code !== undefined) return code
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
    await process.write(`The embedded cluster does not know ${reference}; this placeholder runs instead. ${where}\n`)
    return stop.wait(process)
  }
}

/** The ports, and the command behind `--`. */
function split(args: readonly string[]): [ports: number[], command: readonly string[]] {
  const at = args.indexOf('--')
  const ports = at < 0 ? args : args.slice(0, at)
  return [[...new Set(ports.map(Number))], at < 0 ? [] : args.slice(at + 1)]
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
