/** awk */
import type { Program } from '../process.js'
import { Awk } from './awk/run.js'
import { AwkSyntaxError } from './awk/syntax.js'
import { command, Fail, type Flavour } from './command.js'
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
    const o = await c.options(c.busybox ? SPEC : MAWK)
    if (o.get('W') === 'version') return void (await c.print(versionText('awk', c.fs)))
    const operands = [...o.operands]
    const files: string[] = []
    for (const path of o.all('f')) files.push(await readText(c, path))
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
