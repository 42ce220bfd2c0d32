/** cksum, sum and crc32: checksums that are no digests. */
import type { Program } from '../process.js'
import { command, readAll, type Flavour } from './command.js'

/** The table of a CRC with the polynomial of POSIX and of zip, most significant bit first or last. */
function crcTable(reflected: boolean): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    let crc = reflected ? n : n << 24
    for (let i = 0; i < 8; i++) {
      if (reflected) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
      else crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
    }
    return crc >>> 0
  })
}
const POSIX = crcTable(false)
const ZIP = crcTable(true)

/** The CRC of cksum (POSIX): of the bytes and then of their number. */
export function posixCrc(data: Uint8Array): number {
  let crc = 0
  const add = (byte: number): void => void (crc = (crc << 8) ^ POSIX[((crc >>> 24) ^ byte) & 255]!)
  for (const byte of data) add(byte)
  for (let n = data.length; n > 0; n = Math.floor(n / 256)) add(n & 255)
  return ~crc >>> 0
}

/** The CRC-32 of zip, gzip and PNG. */
export function zipCrc(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc >>> 8) ^ ZIP[(crc ^ byte) & 255]!
  return ~crc >>> 0
}

export function cksum(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: '', usage: 'FILE...\n\nCalculate CRC32 checksum of FILEs' })
    const named = o.operands.length > 0
    for await (const { name, file } of c.inputs(o.operands)) {
      const data = await readAll(file)
      await c.work(data.length / 200_000)
      const crc = c.name === 'crc32' ? zipCrc(data).toString(16).padStart(8, '0') : `${posixCrc(data)} ${data.length}`
      await c.print(`${crc}${named ? ` ${name}` : ''}\n`)
    }
  })
}

export function sum(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: 'rs', long: { sysv: 's' }, usage: '[-rs] [FILE]...\n\nChecksum and count the blocks in a file' })
    for await (const { name, file } of c.inputs(o.operands)) {
      const data = await readAll(file)
      await c.work(data.length / 200_000)
      if (o.has('s')) {
        let total = data.reduce((all, byte) => (all + byte) >>> 0, 0)
        total = (total & 0xffff) + (total >>> 16)
        total = (total & 0xffff) + (total >>> 16)
        await c.print(`${total} ${Math.ceil(data.length / 512)}${o.operands.length > 0 ? ` ${name}` : ''}\n`)
        continue
      }
      let check = 0
      for (const byte of data) check = (((check >> 1) | ((check & 1) << 15)) + byte) & 0xffff
      const shown = o.operands.length > 1 || (c.busybox && o.operands.length > 0)
      await c.print(`${String(check).padStart(5, '0')} ${String(Math.ceil(data.length / 1024)).padStart(5)}${shown ? ` ${name}` : ''}\n`)
    }
  })
}
