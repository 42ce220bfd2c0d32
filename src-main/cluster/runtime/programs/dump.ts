/** Looking into bytes: xxd and strings. */
import type { Program } from '../process.js'
import { command, Fail, parseSize, readAll, type Flavour } from './command.js'

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
      const all = await readAll(file)
      if (o.has('r')) {
        await c.print(undump(all.toString('latin1'), plain))
        continue
      }
      if (skip > 0 && name === '-' && file.kind !== 'file') throw new Fail('xxd: stdin: Illegal seek')
      const data = all.subarray(skip, length === undefined ? undefined : skip + (parseSize(length) ?? 0))
      if (o.has('i')) {
        await c.print(included(data))
        continue
      }
      let out = ''
      for (let at = 0; at < data.length; at += columns) {
        const row = data.subarray(at, at + columns)
        const digits = row.toString('hex')
        if (plain) {
          out += `${digits}\n`
          continue
        }
        const cells = (digits.match(new RegExp(`.{1,${group * 2}}`, 'g')) ?? []).join(' ')
        const width = columns * 2 + Math.ceil(columns / group) - 1
        const text = row.toString('latin1').replace(/[^ -~]/g, '.')
        out += `${(shift + at).toString(16).padStart(8, '0')}: ${cells.padEnd(width)}  ${text}\n`
      }
      await c.print(out)
    }
  })
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
      const text = (await readAll(file)).toString('latin1')
      let out = ''
      for (const m of text.matchAll(new RegExp(`[\\t -~]{${least},}`, 'g')))
        out += `${o.has('f') ? `${name}: ` : ''}${radix ? `${m.index.toString(radix).padStart(7)} ` : ''}${m[0]}\n`
      await c.print(out)
    }
  })
}
