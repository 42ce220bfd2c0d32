/** join: lines of two sorted files that have a field in common. */
import type { Program } from '../process.js'
import { command, Fail, openForReading, readLines } from './command.js'

const SPEC = {
  short: 'a:v:e:ij:1:2:o:t:z',
  long: { 'ignore-case': 'i', 'zero-terminated': 'z', header: 'H', 'check-order': 'C', 'nocheck-order': 'N' },
  usage: '[OPTION]... FILE1 FILE2',
}

type Row = readonly string[]

export function join(): Program {
  return command('coreutils', async (c) => {
    const o = await c.options(SPEC)
    if (o.operands.length < 2)
      throw c.usageError(SPEC, o.operands.length === 0 ? 'missing operand' : `missing operand after '${o.operands[0]}'`)
    if (o.operands.length > 2) throw c.usageError(SPEC, `extra operand '${o.operands[2]}'`)
    const end = o.has('z') ? '\0' : '\n'
    const separator = o.get('t')
    const fieldOf = (letter: string): number => {
      const text = o.get(letter) ?? o.get('j') ?? '1'
      if (!/^[1-9]\d*$/.test(text)) throw new Fail(`join: invalid field number: '${text}'`)
      return Number(text) - 1
    }
    const fields = [fieldOf('1'), fieldOf('2')] as const
    const read = async (name: string): Promise<Row[]> => {
      const file = name === '-' ? c.task.fd(0)! : await openForReading(c.task, name)
      const lines = await readLines(file, 'latin1', end.charCodeAt(0))
      return lines.map((l) => (separator === undefined ? l.split(/[ \t]+/).filter(Boolean) : l.split(separator)))
    }
    const left = await read(o.operands[0]!)
    const right = await read(o.operands[1]!)
    const keyOf = (row: Row, side: 0 | 1): string => {
      const key = row[fields[side]] ?? ''
      return o.has('i') ? key.toLowerCase() : key
    }
    const unpaired = new Set([...o.all('a'), ...o.all('v')])
    const paired = !o.has('v')
    const empty = o.get('e') ?? ''
    const format = o.get('o')?.split(/[ ,]+/)
    const line = (a: Row | undefined, b: Row | undefined): string => {
      const key = a ? a[fields[0]] : b![fields[1]]
      const others = (row: Row | undefined, side: 0 | 1): string[] => (row ?? []).filter((_, i) => i !== fields[side])
      const shown = format
        ? format.map((f) => (f === '0' ? key : (f.startsWith('1') ? a : b)?.[Number(f.slice(2)) - 1]) || empty)
        : [key, ...others(a, 0), ...others(b, 1)]
      return shown.join(separator ?? ' ') + end
    }
    let out = ''
    for (let i = 0, j = 0; i < left.length || j < right.length;) {
      const a = left[i]
      const b = right[j]
      const order = !a ? 1 : !b ? -1 : compare(keyOf(a, 0), keyOf(b, 1))
      if (order < 0) {
        if (unpaired.has('1')) out += line(a, undefined)
        i++
      } else if (order > 0) {
        if (unpaired.has('2')) out += line(undefined, b)
        j++
      } else {
        const key = keyOf(a!, 0)
        const from = j
        for (; i < left.length && keyOf(left[i]!, 0) === key; i++)
          for (j = from; j < right.length && keyOf(right[j]!, 1) === key; j++) if (paired) out += line(left[i], right[j])
      }
    }
    await c.print(Buffer.from(out, 'latin1'))
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
