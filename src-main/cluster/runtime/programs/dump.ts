/** Looking into bytes: xxd and strings. */
import type { OpenFile, Program } from '../process.js'
import { command, Fail, type Flavour } from './command.js'
import { readAll } from './reading.js'
import { parseSize } from './sizes.js'

/** CPU ms that a byte costs. */
const BYTE_COST = 0.00005
/** A string that is longer is shown in pieces. */
const LONGEST_STRING = 1024 * 1024

const XXD = {
  short: 'pril:s:c:g:o:n:',
  usage: '[-pri] [-g N] [-c N] [-n LEN] [-s OFS] [-o OFS] [FILE]\n\nHex dump FILE (or stdin)',
}

/** Bytes of a text of hexadecimal digits; lines of a dump lose their offset and their text. */
function undump(text: string, plain: boolean): Buffer {
  const hex = plain
    ? text
    : text
        .split('\n')
        .map((line) => line.replace(/^[0-9a-fA-F]+: ?/, '').replace(/ {2}.*$/, ''))
        .join('')
  return Buffer.from(hex.replace(/[^0-9a-fA-F]/g, ''), 'hex')
}

/** The bytes as C takes them. */
function included(data: Buffer): string {
  const bytes = [...data].map((b) => ` 0x${b.toString(16).padStart(2, '0')},`)
  return Array.from({ length: Math.ceil(bytes.length / 12) }, (_, i) => ` ${bytes.slice(i * 12, i * 12 + 12).join('')}\n`).join('')
}

export function xxd(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(XXD)
    const plain = o.has('p')
    const columns = Number(o.get('c') ?? (plain ? 30 : 16)) || 16
    const group = Number(o.get('g') ?? 2) || columns
    const skip = parseSize(o.get('s') ?? '0') ?? 0
    const shift = skip + (parseSize(o.get('o') ?? '0') ?? 0)
    const length = o.get('l') ?? o.get('n')
    for await (const { name, file } of c.inputs(o.operands.slice(0, 1))) {
      if (o.has('r')) {
        await c.print(undump((await readAll(file)).toString('latin1'), plain))
        continue
      }
      if (skip > 0 && name === '-' && file.kind !== 'file') throw new Fail('xxd: stdin: Illegal seek')
      const most = length === undefined ? Infinity : (parseSize(length) ?? 0)
      if (o.has('i')) {
        const parts: Uint8Array[] = []
        for await (const data of range(file, skip, most)) parts.push(data)
        await c.print(included(Buffer.concat(parts)))
        continue
      }
      let rest = Buffer.alloc(0)
      let at = shift
      for await (const data of range(file, skip, most)) {
        const all = Buffer.concat([rest, data])
        let out = ''
        let from = 0
        for (; from + columns <= all.length; from += columns) {
          out += row(all.subarray(from, from + columns), at, { plain, columns, group })
          at += columns
        }
        rest = all.subarray(from)
        await c.print(out)
        await c.work(data.length * BYTE_COST)
      }
      if (rest.length > 0) await c.print(row(rest, at, { plain, columns, group }))
    }
  })
}

/** The bytes of a file from `skip` on, at most `most`, as they come. */
async function* range(file: OpenFile, skip: number, most: number): AsyncGenerator<Uint8Array> {
  let skipped = 0
  let left = most
  while (left > 0) {
    const data = await file.read(Math.min(65_536, left + skip - skipped))
    if (data.length === 0) return
    const skipping = Math.min(data.length, skip - skipped)
    skipped += skipping
    left -= data.length - skipping
    if (skipping < data.length) yield data.subarray(skipping)
  }
}

function row(data: Buffer, offset: number, { plain, columns, group }: { plain: boolean; columns: number; group: number }): string {
  const digits = data.toString('hex')
  if (plain) return `${digits}\n`
  const cells = (digits.match(new RegExp(`.{1,${group * 2}}`, 'g')) ?? []).join(' ')
  const width = columns * 2 + Math.ceil(columns / group) - 1
  const text = data.toString('latin1').replace(/[^ -~]/g, '.')
  return `${offset.toString(16).padStart(8, '0')}: ${cells.padEnd(width)}  ${text}\n`
}

export function strings(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'an:t:fo',
      long: { 'bytes=': 'n', 'radix=': 't' },
      digits: 'n',
      usage: '[-fo] [-t o|d|x] [-n LEN] [FILE]...\n\nDisplay printable strings in a binary file',
    })
    const least = Number(o.get('n') ?? 4) || 4
    const radix = { o: 8, d: 10, x: 16 }[o.get('t') ?? (o.has('o') ? 'o' : '')]
    for await (const { name, file } of c.inputs(o.operands)) {
      let [rest, offset] = ['', 0]
      for (let ended = false; !ended;) {
        const data = await file.read(65_536)
        ended = data.length === 0
        const text = rest + Buffer.from(data).toString('latin1')
        // What may go on with the next bytes waits for them.
        const open = ended ? '' : /[\t -~]*$/.exec(text.slice(-LONGEST_STRING))![0]
        const ready = text.slice(0, text.length - open.length)
        let out = ''
        for (const m of ready.matchAll(new RegExp(`[\\t -~]{${least},}`, 'g')))
          out += `${o.has('f') ? `${name}: ` : ''}${radix ? `${(offset + m.index).toString(radix).padStart(7)} ` : ''}${m[0]}\n`
        await c.print(out)
        await c.work(data.length * BYTE_COST)
        rest = open
        offset += ready.length
      }
    }
  })
}
