/** join: lines of two sorted files that have a field in common. */
import type { Program } from '../process.js'
import { command, Fail } from './command.js'
import { openForReading, readLines } from './reading.js'

const SPEC = {
  short: 'a:v:e:ij:1:2:o:t:z',
  long: { 'ignore-case': 'i', 'zero-terminated': 'z', header: 'H', 'check-order': 'C', 'nocheck-order': 'N' },
  usage: '[OPTION]... FILE1 FILE2',
}

/** A field of -o: `0`, `1.2`. Throws Fail. */
function checkSpec(text: string): void {
  if (text === '0') return
  if (!/^[012]/.test(text)) throw new Fail(`join: invalid file number in field spec: '${text}'`)
  if (!/^[12]\../.test(text)) throw new Fail(`join: invalid field specifier: '${text}'`)
  if (!/^[12]\.[1-9]\d*$/.test(text)) throw new Fail(`join: invalid field number: '${text.slice(2)}'`)
}

type Row = readonly string[]

export function join(): Program {
  return command('coreutils', async (c) => {
    const o = await c.options(SPEC)
    for (const letter of ['1', '2', 'j']) {
      const text = o.get(letter)
      if (text !== undefined && !/^[1-9]\d*$/.test(text)) throw new Fail(`join: invalid field number: '${text}'`)
    }
    for (const text of [...o.all('a'), ...o.all('v')]) if (!/^[12]$/.test(text)) throw new Fail(`join: invalid field number: '${text}'`)
    for (const text of (o.get('o') ?? 'auto').split(/[ ,]+/)) if (text !== 'auto') checkSpec(text)
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
      return lines.map((l) => (separator === undefined ? l.split(/[ \t\n]+/).filter(Boolean) : l.split(separator)))
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
    // `auto`: as many fields as the first line of each file has.
    const widths = format?.[0] === 'auto' ? [left[0]?.length ?? 0, right[0]?.length ?? 0] : undefined
    const others = (row: Row | undefined, side: 0 | 1): string[] => {
      const all = widths ? Array.from({ length: widths[side]! }, (_, i) => row?.[i] || empty) : (row ?? [])
      return all.filter((_, i) => i !== fields[side])
    }
    const line = (a: Row | undefined, b: Row | undefined): string => {
      const key = (a ? a[fields[0]] : b![fields[1]]) ?? ''
      const shown =
        format && !widths
          ? format.map((f) => (f === '0' ? key : (f.startsWith('1') ? a : b)?.[Number(f.slice(2)) - 1]) || empty)
          : [key, ...others(a, 0), ...others(b, 1)]
      return shown.join(separator ?? ' ') + end
    }
    let out = ''
    let single = false
    const told = new Set<0 | 1>()
    const first = o.has('H') ? 1 : 0
    /** Whether it goes on: a line that comes before the one above it is told of, at once or when there was a line without its like. */
    const inOrder = async (rows: readonly Row[], at: number, side: 0 | 1): Promise<boolean> => {
      if (o.has('N') || told.has(side) || !(o.has('C') || single) || at <= first || at >= rows.length) return true
      if (keyOf(rows[at - 1]!, side) <= keyOf(rows[at]!, side)) return true
      told.add(side)
      const name = o.operands[side]!
      const text = rows[at]!.join(separator ?? ' ')
      await c.warn(`${name}:${at + 1}: is not sorted: ${text}`)
      return !o.has('C')
    }
    if (first > 0 && (left.length > 0 || right.length > 0)) out += line(left[0], right[0])
    for (let i = first, j = first, going = true; going && (i < left.length || j < right.length);) {
      const a = left[i]
      const b = right[j]
      const order = !a ? 1 : !b ? -1 : compare(keyOf(a, 0), keyOf(b, 1))
      if (order !== 0) single = true
      if (order < 0) {
        if (unpaired.has('1')) out += line(a, undefined)
        going = await inOrder(left, ++i, 0)
      } else if (order > 0) {
        if (unpaired.has('2')) out += line(undefined, b)
        going = await inOrder(right, ++j, 1)
      } else {
        const key = keyOf(a!, 0)
        const [fromLeft, fromRight] = [i, j]
        while (i < left.length && keyOf(left[i]!, 0) === key) i++
        while (j < right.length && keyOf(right[j]!, 1) === key) j++
        going = (await inOrder(left, i, 0)) && (await inOrder(right, j, 1))
        if (going && paired)
          for (const one of left.slice(fromLeft, i)) for (const other of right.slice(fromRight, j)) out += line(one, other)
      }
    }
    await c.print(Buffer.from(out, 'latin1'))
    if (told.size > 0 && !o.has('C')) await c.warn('input is not in sorted order')
    return c.status
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
