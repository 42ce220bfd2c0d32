/** Programs that change how lines look: expand, unexpand, dos2unix, unix2dos. */
import type { Program } from '../process.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { lineBatches, readAll } from './reading.js'

/** Where tabs lead. */
interface Stops {
  /** The next stop behind a column. */
  next(column: number): number | undefined
}

/** What `-t` says: one width, or a list of columns whose last may say `/N` (every N) or `+N` (every N from there). Throws Fail. */
function stopsOf(c: Command, texts: readonly string[]): Stops {
  const every = (width: number, from = 0): Stops => ({ next: (column) => column + width - ((column - from) % width) })
  const parts = texts.join(',').split(/[ ,]+/).filter(Boolean)
  for (const part of parts) {
    const bad = /[^\d]/.exec(part.replace(/^[/+]/, ''))
    if (bad && c.busybox) throw new Fail(`${c.name}: invalid number '${part}'`)
    if (bad) throw new Fail(`${c.name}: tab size contains invalid character(s): '${part.slice(part.indexOf(bad[0]))}'`)
    if (Number(part) === 0)
      throw new Fail(c.busybox ? `${c.name}: number 0 is not in 1..4294967295 range` : `${c.name}: tab size cannot be 0`)
  }
  if (parts.length === 0) return every(8)
  const beyond = /^[/+]/.test(parts.at(-1)!) ? parts.pop()! : undefined
  const stops = parts.map(Number)
  if (stops.some((stop, i) => i > 0 && stop <= stops[i - 1]!)) throw new Fail(`${c.name}: tab sizes must be ascending`)
  if (stops.length === 1 && beyond === undefined) return every(stops[0]!)
  const rest = beyond === undefined ? undefined : every(Number(beyond.slice(1)), beyond.startsWith('+') ? (stops.at(-1) ?? 0) : 0)
  return { next: (column) => stops.find((stop) => stop > column) ?? rest?.next(column) }
}

/** `-8` and `-1,9` are lists of stops, too. */
function withStops(argv: readonly string[]): string[] {
  return argv.map((arg, i) => (i > 0 && /^-\d[\d,]*$/.test(arg) ? `-t${arg.slice(1)}` : arg))
}

const EXPAND = {
  short: 'it:',
  long: { initial: 'i', 'tabs=': 't' },
  usage: '[-i] [-t N] [FILE]...\n\nConvert tabs to spaces, writing to stdout',
}

/** Tabs to spaces. */
export function expand(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(EXPAND, c.busybox ? c.task.argv : withStops(c.task.argv))
    const stops = stopsOf(c, o.all('t'))
    for await (const { file } of c.inputs(o.operands))
      for await (const batch of lineBatches(file))
        await c.print(Buffer.from(batch.map((line) => untab(line.toString('latin1'), stops, o.has('i'))).join(''), 'latin1'))
  })
}

function untab(line: string, stops: Stops, initial: boolean): string {
  let out = ''
  let column = 0
  let leading = true
  for (const ch of line) {
    if (ch !== '\t' && ch !== ' ') leading = false
    if (ch === '\t' && (leading || !initial)) {
      const to = stops.next(column) ?? column + 1
      out += ' '.repeat(to - column)
      column = to
    } else {
      out += ch
      column = ch === '\b' ? Math.max(0, column - 1) : column + 1
    }
  }
  return out
}

const UNEXPAND = {
  short: 'at:',
  long: { all: 'a', 'first-only': 'f', 'tabs=': 't' },
  usage: '[-fa] [-t N] [FILE]...\n\nConvert spaces to tabs, writing to stdout',
}

/** Leading spaces (with -a or -t, all runs) to tabs. */
export function unexpand(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...UNEXPAND, short: 'aft:' } : UNEXPAND, c.busybox ? c.task.argv : withStops(c.task.argv))
    const stops = stopsOf(c, o.all('t'))
    // The old form of the list leaves what stands inside lines as it is.
    const old = c.task.argv.some((arg) => /^-\d/.test(arg))
    const all = (o.has('a') || (o.has('t') && !old)) && !o.has('f')
    for await (const { file } of c.inputs(o.operands))
      for await (const batch of lineBatches(file))
        await c.print(Buffer.from(batch.map((line) => retab(line.toString('latin1'), stops, all)).join(''), 'latin1'))
  })
}

/** Each run of blanks as tabs as far as they lead, and spaces; one space between words stays. */
function retab(line: string, stops: Stops, all: boolean): string {
  let out = ''
  let column = 0
  for (let i = 0; i < line.length;) {
    const run = /^[ \t]*/.exec(line.slice(i))![0]
    if (run === '' || (i > 0 && !all)) {
      out += line[i]
      column = line[i] === '\b' ? Math.max(0, column - 1) : column + 1
      i++
      continue
    }
    let to = column
    let beyond = false
    for (const ch of run) {
      const stop = ch === '\t' ? stops.next(to) : to + 1
      if (stop === undefined) beyond = true
      else to = stop
    }
    let made = ''
    if (!beyond && (run !== ' ' || i === 0)) {
      for (let stop = stops.next(column); stop !== undefined && stop <= to; stop = stops.next(column)) {
        made += '\t'
        column = stop
      }
      made += ' '.repeat(to - column)
    } else made = run
    out += made
    column = to
    i += run.length
  }
  return out
}

/** Line ends between DOS and Unix; files are changed in place. */
export function lineEnds(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: 'ud', usage: '[-ud] [FILE]\n\nConvert FILE in-place from DOS to Unix format, or the other way' })
    const toDos = o.has('d') || (c.name === 'unix2dos' && !o.has('u'))
    const change = (text: string): string => text.replace(/\r?\n/g, toDos ? '\r\n' : '\n')
    if (o.operands.length === 0) {
      await c.print(Buffer.from(change((await readAll(c.task.fd(0)!)).toString('latin1')), 'latin1'))
      return
    }
    for (const name of o.operands) c.fs.writeFile(name, Buffer.from(change(Buffer.from(c.fs.readFile(name)).toString('latin1')), 'latin1'))
  })
}
