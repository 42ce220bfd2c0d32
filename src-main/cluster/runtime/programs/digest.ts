/** md5sum, sha1sum, sha256sum, sha512sum, base64, od, hexdump, xxd, cksum. */
import { createHash } from 'node:crypto'
import type { Program } from '../process.js'
import { command, Fail, parseSize, readAll, type Flavour } from './command.js'

export function digest(flavour: Flavour, algorithm: string): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'csbtw',
      long: { check: 'c', status: 's', binary: 'b', text: 't', warn: 'w' },
      usage: '[-c[sw]] [FILE]...\n\nPrint or check checksums',
    })
    const hash = (data: Uint8Array): string => createHash(algorithm).update(data).digest('hex')
    if (!o.has('c')) {
      for await (const { name, file } of c.inputs(o.operands)) await c.print(`${hash(await readAll(file))}  ${name}\n`)
      return c.status
    }
    let failed = 0
    for await (const { file } of c.inputs(o.operands)) {
      for (const line of (await readAll(file)).toString('utf8').split('\n').filter(Boolean)) {
        const m = /^([0-9a-f]+) [ *](.+)$/.exec(line)
        if (!m) continue
        const ok = c.fs.exists(m[2]!) && hash(c.fs.readFile(m[2]!)) === m[1]
        if (!ok) failed++
        if (!o.has('s')) await c.print(`${m[2]}: ${ok ? 'OK' : 'FAILED'}\n`)
      }
    }
    if (failed > 0)
      await c.task.writeError(
        c.busybox
          ? `${c.name}: WARNING: ${failed} of ${failed} computed checksums did NOT match\n`
          : `${c.name}: WARNING: ${failed} computed checksum${failed === 1 ? '' : 's'} did NOT match\n`,
      )
    return failed > 0 ? 1 : 0
  })
}

export function base64(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'dw:i',
      long: { decode: 'd', 'wrap=': 'w', 'ignore-garbage': 'i' },
      usage: '[-d] [-w COL] [FILE]\n\nBase64 encode or decode FILE to standard output',
    })
    for await (const { file } of c.inputs(o.operands.slice(0, 1))) {
      const data = await readAll(file)
      if (o.has('d')) {
        const text = data.toString('latin1').replace(/\s/g, '')
        const bad = /[^A-Za-z0-9+/=]/.exec(text)
        await c.print(Buffer.from(bad ? text.slice(0, bad.index) : text, 'base64'))
        if (bad) throw new Fail(c.busybox ? 'base64: truncated base64 input' : 'base64: invalid input')
        continue
      }
      const width = Number(o.get('w') ?? 76)
      const text = data.toString('base64')
      await c.print(width === 0 ? text : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).map((l) => `${l}\n`).join(''))
    }
  })
}

/** A `hexdump -C` line's text column. */
function printable(bytes: Uint8Array): string {
  return [...bytes].map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '.')).join('')
}

const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0')

export function hexdump(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'Cn:s:vbxdo',
      usage: '[-bcdoxCv] [-n N] [-s N] [FILE]...\n\nDisplay FILEs (or stdin) in a user specified format',
    })
    for await (const { file } of c.inputs(o.operands)) {
      let data = await readAll(file)
      data = data.subarray(parseSize(o.get('s') ?? '0') ?? 0)
      if (o.has('n')) data = data.subarray(0, parseSize(o.get('n')!) ?? 0)
      const canonical = o.has('C') || c.name === 'hd'
      let out = ''
      let previous = ''
      let starred = false
      for (let at = 0; at < data.length; at += 16) {
        const row = data.subarray(at, at + 16)
        const key = row.toString('latin1')
        if (key === previous && row.length === 16 && !o.has('v')) {
          if (!starred) out += '*\n'
          starred = true
          continue
        }
        previous = key
        starred = false
        if (canonical) {
          const cells = Array.from({ length: 16 }, (_, i) => (row[i] === undefined ? '  ' : hex(row[i], 2)))
          out += `${hex(at, 8)}  ${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}  |${printable(row)}|\n`
        } else {
          const cells: string[] = []
          for (let i = 0; i < 16; i += 2) cells.push(row[i] === undefined ? '    ' : hex(row[i]! | ((row[i + 1] ?? 0) << 8), 4))
          out += `${hex(at, 7)} ${cells.join(' ').trimEnd()}\n`
        }
      }
      if (data.length > 0) out += `${hex(data.length, canonical ? 8 : 7)}\n`
      await c.print(out)
    }
  })
}

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
