/** Programs that cut files into pieces or change how their lines look: split, expand, unexpand, dos2unix, unix2dos. */
import type { Program } from '../process.js'
import { command, Fail, lineBatches, parseSize, readAll, type Flavour } from './command.js'

const SPLIT = {
  short: 'l:b:a:dn:',
  long: { 'lines=': 'l', 'bytes=': 'b', 'suffix-length=': 'a', 'numeric-suffixes': 'd', 'number=': 'n', 'additional-suffix=': 'S' },
  usage:
    '[OPTIONS] [INPUT [PREFIX]]\n\n\t-b N[k|m]\tSplit by N (kilo|mega)bytes\n\t-l N\t\tSplit by N lines\n\t-a N\t\tUse N letters as suffix',
}

/** Pieces that one run may make. */
const MOST_PIECES = 100_000

export function split(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPLIT)
    const [, prefix = 'x'] = o.operands
    const width = Number(o.get('a') ?? 2) || 2
    const radix = o.has('d') ? 10 : 26
    let made = 0
    const write = (data: Uint8Array): void => {
      if (made >= Math.min(radix ** width, MOST_PIECES))
        throw new Fail(c.busybox ? 'split: suffixes exhausted' : 'split: output file suffixes exhausted')
      let suffix = ''
      for (let n = made, i = 0; i < width; i++, n = Math.floor(n / radix))
        suffix = (radix === 10 ? String(n % 10) : String.fromCharCode(97 + (n % 26))) + suffix
      made++
      c.fs.writeFile(`${prefix}${suffix}${o.get('S') ?? ''}`, data)
    }
    const size = o.has('b') ? parseSize(o.get('b')!) : undefined
    const count = o.has('l') ? Number(o.get('l')) : 1000
    if ((o.has('b') && !size) || !(count > 0))
      throw new Fail(`split: invalid number of ${o.has('b') ? 'bytes' : 'lines'}: '${o.get(o.has('b') ? 'b' : 'l')}'`)
    for await (const { file } of c.inputs(o.operands.slice(0, 1))) {
      if (size !== undefined || o.has('n')) {
        const data = await readAll(file)
        const piece = size ?? Math.max(1, Math.ceil(data.length / (Number(o.get('n')) || 1)))
        for (let at = 0; at < data.length; at += piece) write(data.subarray(at, at + piece))
        continue
      }
      let open: Buffer[] = []
      for await (const batch of lineBatches(file))
        for (const line of batch) {
          open.push(line)
          if (open.length < count) continue
          write(Buffer.concat(open))
          open = []
        }
      if (open.length > 0) write(Buffer.concat(open))
    }
  })
}

/** Tabs to spaces. */
export function expand(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'it:',
      long: { initial: 'i', 'tabs=': 't' },
      usage: '[-i] [-t N] [FILE]...\n\nConvert tabs to spaces, writing to stdout',
    })
    const width = Number(o.get('t') ?? 8) || 8
    for await (const { file } of c.inputs(o.operands))
      for await (const batch of lineBatches(file))
        await c.print(batch.map((line) => untab(line.toString('utf8'), width, o.has('i'))).join(''))
  })
}

function untab(line: string, width: number, initial: boolean): string {
  let out = ''
  let column = 0
  let leading = true
  for (const ch of line) {
    if (ch !== '\t' && ch !== ' ') leading = false
    if (ch === '\t' && (leading || !initial)) {
      const n = width - (column % width)
      out += ' '.repeat(n)
      column += n
    } else {
      out += ch
      column++
    }
  }
  return out
}

/** Leading spaces (with -a, all runs) to tabs. */
export function unexpand(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'aft:',
      long: { all: 'a', 'first-only': 'f', 'tabs=': 't' },
      usage: '[-fa] [-t N] [FILE]...\n\nConvert spaces to tabs, writing to stdout',
    })
    const width = Number(o.get('t') ?? 8) || 8
    for await (const { file } of c.inputs(o.operands))
      for await (const batch of lineBatches(file))
        await c.print(
          batch
            .map((line) => {
              const text = line.toString('utf8')
              const end = o.has('a') && !o.has('f') ? text.length : /^[ \t]*/.exec(text)![0].length
              return retab(untab(text.slice(0, end), width, false), width) + text.slice(end)
            })
            .join(''),
        )
  })
}

function retab(text: string, width: number): string {
  let out = ''
  for (let at = 0; at < text.length; at += width) {
    const cell = text.slice(at, at + width)
    out += cell.length === width ? cell.replace(/ {2,}$| $(?<=^ )/, '\t') : cell
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
