/** base64, base32 and basenc: bytes as letters and digits (RFC 4648), and back. */
import type { OpenFile, Program } from '../process.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { readAll } from './reading.js'

interface Encoding {
  encode(data: Buffer): string
  /** Characters that are no garbage. */
  alphabet: RegExp
  decode(text: string): Buffer
  /** Letters that a text is made of, at a time, and the bytes that they stand for. */
  group: number
  bytes: number
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const BASE32HEX = '0123456789ABCDEFGHIJKLMNOPQRSTUV'

function base32With(letters: string): Encoding {
  return {
    group: 8,
    bytes: 5,
    alphabet: new RegExp(`[${letters}=]`),
    encode(data) {
      let out = ''
      for (let at = 0; at < data.length; at += 5) {
        const part = data.subarray(at, at + 5)
        let bits = 0n
        for (let i = 0; i < 5; i++) bits = (bits << 8n) | BigInt(part[i] ?? 0)
        const used = Math.ceil((part.length * 8) / 5)
        for (let i = 0; i < 8; i++) out += i < used ? letters[Number((bits >> BigInt(35 - 5 * i)) & 31n)]! : '='
      }
      return out
    },
    decode(text) {
      const out: number[] = []
      let [bits, count] = [0, 0]
      for (const ch of text.replaceAll('=', '')) {
        bits = ((bits << 5) | letters.indexOf(ch)) & 0xfff
        count += 5
        if (count >= 8) out.push((bits >> (count -= 8)) & 255)
      }
      return Buffer.from(out)
    },
  }
}

/** The digits of Z85 (ZeroMQ's RFC 32). */
const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

/** Bits, eight for a byte, in the order that `of` gives to those of one. */
function bitsWith(of: (byte: string) => string): Encoding {
  return {
    group: 8,
    bytes: 1,
    alphabet: /[01]/,
    encode: (data) => [...data].map((byte) => of(byte.toString(2).padStart(8, '0'))).join(''),
    decode: (text) => Buffer.from((text.match(/.{8}/g) ?? []).map((bits) => parseInt(of(bits), 2))),
  }
}

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  base64: {
    group: 4,
    bytes: 3,
    alphabet: /[A-Za-z0-9+/=]/,
    encode: (data) => data.toString('base64'),
    decode: (text) => Buffer.from(text, 'base64'),
  },
  base64url: {
    group: 4,
    bytes: 3,
    alphabet: /[A-Za-z0-9_=-]/,
    encode: (data) => data.toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
    decode: (text) => Buffer.from(text, 'base64url'),
  },
  base32: base32With(BASE32),
  base32hex: base32With(BASE32HEX),
  base2msbf: bitsWith((byte) => byte),
  base2lsbf: bitsWith((byte) => byte.split('').reverse().join('')),
  z85: {
    group: 5,
    bytes: 4,
    alphabet: /[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]/,
    encode(data) {
      let out = ''
      for (let at = 0; at + 4 <= data.length; at += 4)
        for (let n = data.readUInt32BE(at), i = 4; i >= 0; i--) out += Z85[Math.floor(n / 85 ** i) % 85]!
      return out
    },
    decode(text) {
      const out: number[] = []
      for (let at = 0; at + 5 <= text.length; at += 5) {
        const n = text
          .slice(at, at + 5)
          .split('')
          .reduce((sum, ch) => sum * 85 + Z85.indexOf(ch), 0)
        out.push((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255)
      }
      return Buffer.from(out)
    },
  },
  base16: {
    group: 2,
    bytes: 1,
    alphabet: /[0-9A-F]/,
    encode: (data) => data.toString('hex').toUpperCase(),
    decode: (text) => Buffer.from(text, 'hex'),
  },
}

const SPEC = {
  short: 'dw:i',
  long: { decode: 'd', 'wrap=': 'w', 'ignore-garbage': 'i' },
  usage: '[-d] [-w COL] [FILE]\n\nBase64 encode or decode FILE to standard output',
}

export function baseEncoding(flavour: Flavour, name: 'base64' | 'base32' | 'basenc'): Program {
  return command(flavour, async (c) => {
    const spec =
      name === 'basenc' ? { ...SPEC, long: { ...SPEC.long, ...Object.fromEntries(Object.keys(ENCODINGS).map((e) => [e, e])) } } : SPEC
    const o = await c.options(spec)
    const chosen = name === 'basenc' ? Object.keys(ENCODINGS).find((e) => o.has(e)) : name
    if (chosen === undefined) throw c.usageError(spec, 'missing encoding type')
    const encoding = ENCODINGS[chosen]!
    if (o.operands.length > 1) throw c.usageError(spec, c.busybox ? undefined : `extra operand '${o.operands[1]}'`)
    const width = o.get('w') ?? '76'
    if (!/^\d+$/.test(width))
      throw new Fail(c.busybox ? `${c.name}: invalid number '${width}'` : `${c.name}: invalid wrap size: '${width}'`)
    for await (const { file } of c.inputs(o.operands)) {
      if (chosen === 'z85' && !o.has('d')) {
        const data = await readAll(file)
        if (data.length % 4 !== 0) throw new Fail('basenc: invalid input (length must be multiple of 4 characters)')
        await c.print(wrapped(encoding.encode(data), Number(width)))
      } else if (o.has('d')) await decode(c, encoding, (await readAll(file)).toString('latin1'), o.has('i'))
      else await encode(c, encoding, file, Number(width))
    }
  })
}

/** Encodes a file as it comes. @param width letters of a line; 0 for no lines */
async function encode(c: Command, encoding: Encoding, file: OpenFile, width: number): Promise<void> {
  let rest = Buffer.alloc(0)
  let text = ''
  for (;;) {
    const data = await file.read(65_536)
    const all = Buffer.concat([rest, data])
    const whole = data.length === 0 ? all.length : all.length - (all.length % encoding.bytes)
    text += encoding.encode(all.subarray(0, whole))
    rest = all.subarray(whole)
    const ready = data.length === 0 || width === 0 ? text.length : text.length - (text.length % width)
    await c.print(wrapped(text.slice(0, ready), width))
    text = text.slice(ready)
    if (data.length === 0) return
  }
}

function wrapped(text: string, width: number): string {
  if (width === 0) return text
  return (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).map((line) => `${line}\n`).join('')
}

/** Writes what it can of a text that is not whole, and says so. */
async function decode(c: Command, encoding: Encoding, text: string, ignoreGarbage: boolean): Promise<void> {
  const letters = [...text.replaceAll(/[\n\r]/g, '')]
  const bad = ignoreGarbage ? -1 : letters.findIndex((ch) => !encoding.alphabet.test(ch))
  const good = ignoreGarbage ? letters.filter((ch) => encoding.alphabet.test(ch)) : bad < 0 ? letters : letters.slice(0, bad)
  await c.print(encoding.decode(good.join('')))
  if (bad < 0 && good.length % encoding.group === 0) return
  throw new Fail(`${c.name}: ${c.busybox ? 'truncated' : 'invalid'} input`)
}
