/** cksum, sum and crc32: checksums that are no digests. */
import type { Program } from '../process.js'
import { choice } from './choice.js'
import { checksums, ONLY_CHECKING } from './digest.js'
import { command, Fail, type Flavour } from './command.js'
import { readAll } from './reading.js'

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

const CKSUM = {
  short: 'a:l:cz',
  long: {
    'algorithm=': 'a', 'length=': 'l', check: 'c', tag: 'tag', untagged: 'untagged', zero: 'z', 'ignore-missing': 'ignore-missing', quiet: 'quiet',
    status: 's', strict: 'strict', warn: 'w',
  },
  usage: 'FILE...\n\nCalculate CRC32 checksum of FILEs',
} // prettier-ignore

/** What `-a` knows, and what OpenSSL calls the digests of it. */
const ALGORITHMS = [
  ['bsd'],
  ['sysv'],
  ['crc'],
  ['md5'],
  ['sha1'],
  ['sha224'],
  ['sha256'],
  ['sha384'],
  ['sha512'],
  ['blake2b'],
  ['sm3'],
] as const

export function cksum(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...CKSUM, short: '', long: {} } : { ...CKSUM, short: `${CKSUM.short}w` })
    const algorithm = o.has('a') ? choice(c, '--algorithm', o.get('a')!, ALGORITHMS) : 'crc'
    if (o.has('l') && algorithm !== 'blake2b') throw new Fail('cksum: --length is only supported with --algorithm=blake2b')
    if (!['bsd', 'sysv', 'crc'].includes(algorithm)) return checksums(c, o, algorithm === 'blake2b' ? 'blake2b512' : algorithm, true)
    if (o.has('c') && algorithm !== 'crc') throw c.usageError(CKSUM, '--check is not supported with --algorithm={bsd,sysv,crc}')
    const only = ONLY_CHECKING.find(([letter]) => o.has(letter))
    if (only) throw c.usageError(CKSUM, `the --${only[1]} option is meaningful only when verifying checksums`)
    if (o.has('c')) {
      // The lists of the other digests are known by their form, that of a CRC is not.
      for await (const { name } of c.inputs(o.operands)) await c.warn(`${name}: no properly formatted checksum lines found`)
      return 1
    }
    const end = o.has('z') ? '\0' : '\n'
    for await (const { name, file } of c.inputs(o.operands)) {
      const data = await readAll(file)
      await c.work(data.length / 200_000)
      const line = algorithm === 'bsd' ? bsdSum(data) : algorithm === 'sysv' ? sysvSum(data) : `${posixCrc(data)} ${data.length}`
      const shown = c.name === 'crc32' ? zipCrc(data).toString(16).padStart(8, '0') : line
      await c.print(`${shown}${o.operands.length > 0 ? ` ${name}` : ''}${end}`)
    }
    return c.status
  })
}

/** The sum of System V and the number of blocks of 512 bytes. */
function sysvSum(data: Uint8Array): string {
  let total = data.reduce((all, byte) => (all + byte) >>> 0, 0)
  total = (total & 0xffff) + (total >>> 16)
  total = (total & 0xffff) + (total >>> 16)
  return `${total} ${Math.ceil(data.length / 512)}`
}

/** BSD's sum and the number of blocks of 1024 bytes. */
function bsdSum(data: Uint8Array): string {
  let check = 0
  for (const byte of data) check = (((check >> 1) | ((check & 1) << 15)) + byte) & 0xffff
  return `${String(check).padStart(5, '0')} ${String(Math.ceil(data.length / 1024)).padStart(5)}`
}

export function sum(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'rs',
      long: c.busybox ? {} : { sysv: 's' },
      usage: '[-rs] [FILE]...\n\nChecksum and count the blocks in a file',
    })
    const sysv = o.given.at(-1)?.[0] === 's'
    for await (const { name, file } of c.inputs(o.operands)) {
      const data = await readAll(file)
      await c.work(data.length / 200_000)
      await c.print(`${sysv ? sysvSum(data) : bsdSum(data)}${o.operands.length > 0 ? ` ${name}` : ''}\n`)
    }
  })
}
