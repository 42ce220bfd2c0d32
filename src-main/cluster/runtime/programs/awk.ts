/** awk */
import { SystemError, type Program } from '../process.js'
import { Awk } from './awk/run.js'
import { AwkSyntaxError } from './awk/syntax.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { readText } from './reading.js'
import { versionText } from './gnu-versions.js'

const SPEC = {
  short: 'F:v:f:',
  stopAtOperand: true,
  usage:
    '[OPTIONS] [AWK_PROGRAM] [FILE]...\n\n\t-v VAR=VAL\tSet variable\n\t-F SEP\t\tUse SEP as field separator\n\t-f FILE\t\tRead program from FILE',
}

const MAWK = { ...SPEC, short: 'F:v:f:W:' }

export function awk(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = c.busybox
      ? await c.options(SPEC)
      : await c.optionsOr(
          MAWK,
          (fault) => new Fail(`awk: not an option: ${/'(.*)'$/.exec(fault.replace("-- '", "-- '-"))?.[1] ?? fault}`, 2),
        )
    if (o.get('W') === 'version') return void (await c.print(versionText('awk', c.fs)))
    const operands = [...o.operands]
    const files: string[] = []
    for (const path of o.all('f')) files.push(await programOf(c, path))
    let source = files.join('\n')
    if (!o.has('f')) {
      const first = operands.shift()
      if (first === undefined)
        throw new Fail(
          c.busybox ? c.usageError(SPEC).message : 'usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]',
          c.busybox ? 1 : 2,
        )
      source = first
    }
    const assignments = [...o.all('v')]
    const separator = o.get('F')
    if (separator !== undefined) assignments.unshift(`FS=${separator === 't' ? '\t' : separator}`)
    try {
      return (await new Awk(c, source, assignments, operands).run()) || c.status
    } catch (error) {
      if (!(error instanceof AwkSyntaxError)) throw error
      throw new Fail(
        c.busybox
          ? `awk: cmd. line:${Math.min(error.line, source.split('\n').length)}: Unexpected token`
          : `awk: line ${error.line}: ${error.message}`,
        c.busybox ? 1 : 2,
      )
    }
  })
}

async function programOf(c: Command, path: string): Promise<string> {
  try {
    return await readText(c, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw c.busybox ? new Fail(`awk: can't open '${path}': ${error.message}`) : new Fail(`awk: cannot open ${path} (${error.message})`, 2)
  }
}
