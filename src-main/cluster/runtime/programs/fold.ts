/** fold: lines that are no longer than a screen is wide (fold(1)). */
import type { Program } from '../process.js'
import { command, type Flavour } from './command.js'
import { lineBatches } from './reading.js'
import { wholeNumber } from './option-number.js'

const SPEC = {
  short: 'bsw:',
  long: { bytes: 'b', spaces: 's', 'width=': 'w' },
  digits: 'w',
  usage: '[-bs] [-w WIDTH] [FILE]...\n\nWrap input lines in FILEs (or stdin)',
}

/** Where the cursor stands behind a character; `byte`: each is one column wide. */
function columnAfter(column: number, ch: string, byte: boolean): number {
  if (byte) return column + 1
  if (ch === '\b') return Math.max(0, column - 1)
  if (ch === '\r') return 0
  return ch === '\t' ? column + 8 - (column % 8) : column + 1
}

/** A line (a latin1 string) in parts that fit into the width. */
function folded(line: string, width: number, byte: boolean, atBlanks: boolean): string {
  let out = ''
  let [start, column] = [0, 0]
  for (let i = 0; i < line.length; i++) {
    const next = columnAfter(column, line[i]!, byte)
    if (next <= width || i === start) {
      column = next
      continue
    }
    let to = i
    if (atBlanks) for (let k = i; k > start; k--) if (line[k - 1] === ' ' || line[k - 1] === '\t') [to, k] = [k, start]
    out += `${line.slice(start, to)}\n`
    start = to
    column = 0
    i = start - 1
  }
  return out + line.slice(start)
}

export function fold(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const width = wholeNumber(c, o.get('w') ?? '80', 'number of columns', 1)
    for await (const { file } of c.inputs(o.operands))
      for await (const lines of lineBatches(file)) {
        let out = ''
        for (const raw of lines) {
          const line = raw.toString('latin1')
          out += line.endsWith('\n')
            ? `${folded(line.slice(0, -1), width, o.has('b'), o.has('s'))}\n`
            : folded(line, width, o.has('b'), o.has('s'))
        }
        await c.print(Buffer.from(out, 'latin1'))
      }
  })
}
