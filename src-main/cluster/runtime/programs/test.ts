/** test and [: conditions as a program. */
import type { Program } from '../process.js'
import { evaluateTest, TestError } from '../shell/builtins/test.js'
import { command, Fail, type Flavour } from './command.js'

export function test(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    if (c.name === '[') {
      if (args.at(-1) !== ']') throw new Fail(c.busybox ? '[: missing ]' : "[: missing ']'", 2)
      args.pop()
    }
    try {
      return evaluateTest({ task: c.task }, args) ? 0 : 1
    } catch (error) {
      if (!(error instanceof TestError)) throw error
      throw new Fail(`${c.name}: ${error.message}`, 2)
    }
  })
}
