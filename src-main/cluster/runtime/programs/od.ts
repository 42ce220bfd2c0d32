/** od: bytes in octal and other notations (od(1)). */
import type { Program } from '../process.js'
import { command, parseSize, type Flavour } from './command.js'

const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0')

export function od(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'A:t:N:j:w:vcxbdo',
      long: { 'address-radix=': 'A', 'format=': 't', 'read-bytes=': 'N', 'skip-bytes=': 'j' },
      usage: '[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [FILE]...',
    })
    const type = o.get('t') ?? (o.has('c') ? 'c' : o.has('x') ? 'x2' : o.has('b') ? 'o1' : o.has('d') ? 'u2' : 'o2')
    const radix = o.get('A') ?? 'o'
    const chunks: Buffer[] = []
    const want = (o.has('N') ? (parseSize(o.get('N')!) ?? 0) : Infinity) + (parseSize(o.get('j') ?? '0') ?? 0)
    let have = 0
    for await (const { file } of c.inputs(o.operands)) {
      while (have < want) {
        const d = await file.read(Math.min(65_536, want - have))
        if (d.length === 0) break
        chunks.push(Buffer.from(d))
        have += d.length
      }
    }
    if (c.status !== 0 && chunks.length === 0) return c.status
    const data = Buffer.concat(chunks).subarray(parseSize(o.get('j') ?? '0') ?? 0)
    const address = (n: number): string =>
      radix === 'n' ? '' : radix === 'x' ? hex(n, 6) : radix === 'd' ? String(n).padStart(7, '0') : n.toString(8).padStart(7, '0')
    const kind = type[0]!
    const size = kind === 'c' || kind === 'a' ? 1 : Number({ C: 1, S: 2, I: 4, L: 8 }[type[1] ?? ''] ?? (/\d/.exec(type)?.[0] || 4))
    const names: Record<number, string> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }
    const cell = (row: Buffer, i: number): string => {
      if (kind === 'c' || kind === 'a') {
        const b = row[i]!
        return (names[b] ?? (b >= 32 && b < 127 ? String.fromCharCode(b) : b.toString(8).padStart(3, '0'))).padStart(4)
      }
      let n = 0n
      for (let k = 0; k < size; k++) n |= BigInt(row[i + k] ?? 0) << BigInt(8 * k)
      if (kind === 'd') return ` ${String(BigInt.asIntN(8 * size, n)).padStart([0, 4, 6, 0, 11, 0, 0, 0, 20][size]!)}`
      if (kind === 'u') return ` ${String(n).padStart([0, 3, 5, 0, 10, 0, 0, 0, 20][size]!)}`
      return ` ${n.toString(kind === 'x' ? 16 : 8).padStart(kind === 'x' ? size * 2 : [0, 3, 6, 0, 11, 0, 0, 0, 22][size]!, '0')}`
    }
    let out = ''
    let previous: string | undefined
    let starred = false
    for (let at = 0; at < data.length; at += 16) {
      const row = data.subarray(at, at + 16)
      if (row.toString('latin1') === previous && row.length === 16 && !o.has('v')) {
        if (!starred) out += '*\n'
        starred = true
        continue
      }
      starred = false
      previous = row.toString('latin1')
      let line = address(at)
      for (let i = 0; i < row.length; i += size) line += cell(row, i)
      out += `${line}\n`
    }
    await c.print(`${out}${radix === 'n' ? '' : `${address(data.length)}\n`}`)
  })
}
