/** run-parts: the programs of a directory, one after the other. */
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Flavour } from './command.js'
import { EXECUTE } from '../mounts.js'

export function runParts(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'a:u:v',
      long: {
        test: 't',
        list: 'l',
        'arg=': 'a',
        'umask=': 'u',
        reverse: 'r',
        'exit-on-error': 'e',
        verbose: 'v',
        report: 'R',
        'regex=': 'x',
      },
      usage: '[-a ARG]... [-u UMASK] [--reverse] [--test] [--exit-on-error] [--list] DIRECTORY',
    }
    const o = await c.options(spec)
    const [directory] = o.operands
    if (directory === undefined)
      throw c.busybox ? c.usageError(spec) : new Fail("run-parts: missing operand\nTry `run-parts --help' for more information.")
    let names: string[]
    try {
      names = c.fs.readdir(directory).sort()
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(
        c.busybox
          ? `run-parts: can't open '${directory}': ${error.message}`
          : `run-parts: failed to open directory ${directory}: ${error.message}`,
      )
    }
    if (o.has('r')) names.reverse()
    for (const name of names.filter((each) => /^[A-Za-z0-9_-]+$/.test(each))) {
      const path = `${directory.replace(/\/$/, '')}/${name}`
      if (c.fs.stat(path).type !== 'file' || (!c.fs.access(path, EXECUTE) && !o.has('l'))) continue
      if (o.has('t') || o.has('l')) {
        await c.print(`${path}\n`)
        continue
      }
      if (o.has('v')) await c.task.writeError(`run-parts: executing ${path}\n`)
      let status: number
      try {
        status = await (await c.task.spawn({ argv: [path, ...o.all('a')] })).wait()
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(c.busybox ? `can't execute '${path}': ${error.message}` : `failed to exec ${path}: ${error.message}`)
        continue
      }
      if (status === 0) continue
      await c.warn(c.busybox ? `${path}: exit status ${status}` : `${path} exited with return code ${status}`)
      if (o.has('e')) return 1
    }
    return c.status
  })
}
