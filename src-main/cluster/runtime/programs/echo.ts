/** echo, printf, yes, true, false: programs that only say something. */
import type { Program } from '../process.js'
import { charactersOf, echoed } from '../shell/escapes.js'
import { formatPrintf } from '../shell/printf.js'
import { usageText } from './busybox.js'
import { command, type Flavour } from './command.js'

export const trueProgram: Program = () => 0
export const falseProgram: Program = () => 1

export function echo(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    await c.print(echoed(c.task.argv.slice(1), {}))
  })
}

export function printf(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const [, format, ...args] = c.task.argv
    if (format === undefined) {
      await c.task.writeError(
        c.busybox ? usageText(c.task, 'printf') : "printf: missing operand\nTry 'printf --help' for more information.\n",
      )
      return 1
    }
    const { text, complaints } = formatPrintf(format, args, {
      now: c.task.clock.now(),
      ...(c.busybox ? {} : { characters: charactersOf((name) => c.task.env[name]) }),
    })
    for (const x of complaints)
      await c.warn(
        x.kind === 'format'
          ? `${x.text}: invalid format`
          : c.busybox
            ? `invalid number '${x.text}'`
            : `'${x.text}': ${x.partial ? 'value not completely converted' : 'expected a numeric value'}`,
      )
    await c.print(text)
  })
}

export function yes(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const words = c.busybox ? c.task.argv.slice(1) : (await c.options({ short: '', usage: '[STRING]...\n  or:  yes OPTION' })).operands
    const line = `${words.join(' ') || 'y'}\n`
    const block = Buffer.from(line.repeat(Math.max(1, Math.floor(8192 / line.length))))
    for (;;) await c.print(block)
  })
}
