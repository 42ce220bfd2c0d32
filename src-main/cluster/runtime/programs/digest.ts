/** md5sum, sha1sum, sha256sum, sha512sum and their kin, base64. */
import { createHash } from 'node:crypto'
import type { Program } from '../process.js'
import { command, Fail, readAll, type Flavour } from './command.js'

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
