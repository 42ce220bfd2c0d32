/**
 * Images whose program is a script for Node.js that the catalogue knows by its path: the `node` binary recognises the
 * script it is given and runs our own function in its place.
 */
import type { Process, Program } from '../process.js'

/** @param apps absolute paths of scripts to what runs for them */
export function nodeProgram(version: string, apps: Readonly<Record<string, Program>>): Program {
  return async (process) => {
    const args = process.argv.slice(1)
    const [first] = args
    if (first === '-v' || first === '--version') {
      await process.write(`v${version}\n`)
      return 0
    }
    if (first === undefined || first.startsWith('-')) {
      await process.writeError(`node: the embedded cluster runs only the script of this image (${Object.keys(apps).join(', ')})\n`)
      return 9
    }
    const path = first.startsWith('/') ? first : `${process.cwd.replace(/\/$/, '')}/${first}`
    const app = apps[path] ?? apps[`${path}.js`]
    if (app) return app(process)
    await process.writeError(process.fs.exists(path) ? foreign(path) : notFound(path))
    return 1
  }
}

function foreign(path: string): string {
  return `node: ${path} is not the script of this image; the embedded cluster cannot run it\n`
}

function notFound(path: string): string {
  return `module.js:472\n    throw err;\n    ^\n\nError: Cannot find module '${path}'\n    at Function.Module._resolveFilename (module.js:470:15)\n    at Function.Module._load (module.js:418:25)\n    at Module.runMain (module.js:605:10)\n`
}

/** The address of a client as a dual-stack Node.js server sees it. */
export function mapped(address: string | undefined): string {
  return address?.includes(':') ? address : `::ffff:${address}`
}

/** What Node.js prints when a port is taken, and exits with 1. */
export async function addressInUse(process: Process, port: number): Promise<number> {
  await process.writeError(
    `events.js:160\n      throw er; // Unhandled 'error' event\n      ^\n\nError: listen EADDRINUSE :::${port}\n    at Object.exports._errnoException (util.js:1022:11)\n    at Server._listen2 (net.js:1251:14)\n`,
  )
  return 1
}
