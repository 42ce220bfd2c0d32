/** gzip, bzip2, xz, lzma and the names that they unpack under: one program, three formats. */
import { promisify } from 'node:util'
import { createGunzip, gzip } from 'node:zlib'
import type { OpenFile, Program } from '../process.js'
import { SystemError } from '../process.js'
import { CorruptData } from './bit-reader.js'
import { bunzip2 } from './bzip2.js'
import { bzip2 } from './bzip2-writer.js'
import { external } from './net/connection.js'
import { command, Fail, type Command, type Flavour, type Options, type OptionSpec } from './command.js'
import { readAll } from './reading.js'
import { versionText } from './gnu-versions.js'
import { unlzma } from './lzma.js'
import { unxz, xz } from './xz.js'

/** What is held of unpacked data at once: a small file can claim to be huge. gzip alone is unpacked as it is written. */
const UNPACK_LIMIT = 256 * 1024 * 1024

type Pause = (bytes: number) => Promise<void>

/** A format of compressed files. */
interface Format {
  name: 'gzip' | 'bzip2' | 'xz' | 'lzma'
  magic: readonly number[]
  /** Ends of names, and what takes their place when the file is unpacked. */
  suffixes: Readonly<Record<string, string>>
  pack(data: Buffer, pause: Pause): Promise<Buffer> | Buffer
  /** The content, piece by piece. Throws {@link CorruptData}. */
  unpack(data: Buffer, pause: Pause): AsyncIterable<Buffer>
}

async function* gunzip(data: Buffer): AsyncGenerator<Buffer> {
  const stream = createGunzip()
  stream.end(data)
  try {
    for await (const part of stream) yield part as Buffer
  } catch (error) {
    throw new CorruptData((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' ? 'unexpected end of file' : 'crc error')
  }
}

const gzipped: (data: Buffer) => Promise<Buffer> = promisify(gzip)

export const FORMATS: Readonly<Record<Format['name'], Format>> = {
  gzip: { name: 'gzip', magic: [0x1f, 0x8b], suffixes: { '.gz': '', '.tgz': '.tar', '.taz': '.tar', '-gz': '', '.z': '' }, pack: gzipped, unpack: gunzip },
  bzip2: { name: 'bzip2', magic: [0x42, 0x5a, 0x68], suffixes: { '.bz2': '', '.tbz2': '.tar', '.tbz': '.tar', '.bz': '' }, pack: bzip2, unpack: async function* (data, pause) { yield await bunzip2(data, UNPACK_LIMIT, pause) } },
  xz: { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], suffixes: { '.xz': '', '.txz': '.tar', '.lzma': '', '.tlz': '.tar' }, pack: xz, unpack: async function* (data, pause) { yield await (data[0] === 0xfd ? unxz(data, UNPACK_LIMIT, pause) : unlzma(data, UNPACK_LIMIT)) } },
  lzma: { name: 'lzma', magic: [0x5d, 0, 0], suffixes: { '.lzma': '', '.tlz': '.tar' }, pack: xz, unpack: async function* (data) { yield unlzma(data, UNPACK_LIMIT) } },
} // prettier-ignore

/** The format of compressed data by how it begins. */
export function formatOf(data: Uint8Array): Format | undefined {
  return Object.values(FORMATS).find((f) => f.magic.every((byte, i) => data[i] === byte))
}

function pauseOf(c: Command): Pause {
  return async (bytes) => {
    await c.work(bytes / 50_000)
  }
}

export async function packAll(c: Command, format: Format, data: Buffer): Promise<Buffer> {
  await c.work(data.length / 50_000)
  // The host's own threads do this one.
  if (format.pack === gzipped) return external(c.task, c.task.clock.track(gzipped(data)))
  return format.pack(data, pauseOf(c))
}

/** All that compressed data unpacks to. Fails in the words of the program, and above a limit. */
export async function unpackAll(c: Command, format: Format, data: Buffer, name: string): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  await unpackTo(c, format, data, name, async (part) => {
    size += part.length
    if (size > UNPACK_LIMIT) throw new Fail(`${c.name}: ${name}: File too large`)
    parts.push(part)
  })
  return Buffer.concat(parts)
}

async function unpackTo(c: Command, format: Format, data: Buffer, name: string, write: (part: Buffer) => Promise<void>): Promise<void> {
  const starts = format.magic.every((byte, i) => data[i] === byte) || (format.name === 'xz' && data[0] === 0x5d)
  if (!starts && data.length > 0) throw new Fail(wrongFormat(c, format, name), format.name === 'bzip2' && !c.busybox ? 2 : 1)
  if (data.length === 0 && format.name === 'gzip') throw new Fail(c.busybox ? `${c.name}: invalid magic` : `\ngzip: ${name}: unexpected end of file`)
  try {
    const parts = format.unpack(data, pauseOf(c))[Symbol.asyncIterator]()
    // zlib works on a thread of its own, which the clock has to wait for.
    for (let next = await c.task.clock.track(parts.next()); !next.done; next = await c.task.clock.track(parts.next())) {
      await c.work(next.value.length / 50_000)
      await write(next.value)
    }
  } catch (error) {
    if (!(error instanceof CorruptData)) throw error
    throw new Fail(c.busybox || format.name === 'bzip2' ? `${c.name}: ${error.message}` : format.name === 'gzip' ? `\ngzip: ${name}: ${error.message}` : `${c.name}: ${name}: ${error.message}`)
  }
} // prettier-ignore

function wrongFormat(c: Command, format: Format, name: string): string {
  if (c.busybox) return `${c.name}: invalid magic`
  if (format.name === 'gzip') return `\ngzip: ${name}: not in gzip format`
  const shown = name === 'stdin' ? '(stdin)' : name
  return format.name === 'bzip2' ? `${c.name}: ${shown} is not a bzip2 file.` : `${c.name}: ${shown}: File format not recognized`
}

const SPEC = {
  short: 'cdfktvnlqrz0123456789eT:C:',
  long: { stdout: 'c', 'to-stdout': 'c', decompress: 'd', uncompress: 'd', force: 'f', keep: 'k', test: 't', verbose: 'v', list: 'l', quiet: 'q', fast: '1', best: '9', compress: 'z', 'threads=': 'T' },
  usage: '[-cfkdt123456789] [FILE]...\n\nCompress FILEs (or stdin)',
} // prettier-ignore

/** gzip of GNU has no -z, and more besides. */
const GZIP: OptionSpec = {
  short: 'ab:cdfhklLmMnNqrS:tvVZ123456789',
  long: {
    ascii: 'a', 'bits=': 'b', stdout: 'c', 'to-stdout': 'c', decompress: 'd', uncompress: 'd', force: 'f', keep: 'k', list: 'l', license: 'L',
    'no-name': 'n', name: 'N', quiet: 'q', silent: 'q', recursive: 'r', 'suffix=': 'S', synchronous: 'synchronous', test: 't', verbose: 'v',
    version: 'V', fast: '1', best: '9', lzw: 'Z', rsyncable: 'rsyncable',
  },
  usage: '[OPTION]... [FILE]...\n\nCompress or uncompress FILEs (by default, compress FILES in-place).',
} // prettier-ignore

/** Options of gzip that tell of it and end it. */
async function tellOf(c: Command, o: Options): Promise<void> {
  if (o.has('h')) await c.print(c.help(GZIP))
  else if (o.has('V') || o.has('L')) await c.print(versionText('gzip', c.fs))
  else return
  c.task.exit(0)
}

/** gzip, bzip2, xz and their other names: `un…` and `…cat` say what they do. */
export function compressor(flavour: Flavour, name: Format['name']): Program {
  const format = FORMATS[name]
  return command(flavour, async (c) => {
    const gnu = name === 'gzip' && !c.busybox
    const o = await c.options(gnu ? GZIP : SPEC)
    if (gnu) await tellOf(c, o)
    const cat = c.name.endsWith('cat')
    const own = gnu && o.has('S') ? { ...format, suffixes: { [o.get('S')!]: '', ...format.suffixes } } : format
    const job: Job = { c, o, format: own, unpacks: (o.has('d') || o.has('t') || cat || /^b?g?un/.test(c.name)) && !o.has('z'), toStdout: o.has('c') || cat }
    const paths = o.operands.length > 0 ? o.operands : ['-']
    for (const path of gnu ? paths.flatMap((each) => filesOf(job, each)) : paths) {
      try {
        if (o.has('l') && format.name === 'gzip' && !c.busybox) await list(job, path)
        else await (path === '-' ? onStandardInput(job) : onFile(job, path))
      } catch (error) {
        if (error instanceof Fail) {
          c.status = Math.max(c.status, error.status)
          await c.task.writeError(`${error.message}\n`)
        } else if (error instanceof SystemError && error.code !== 'EPIPE') await missing(job, path, error)
        else throw error
      }
    }
    return c.status
  })
} // prettier-ignore

/**
 * The files that gzip takes an operand for: those of a directory with -r; `x.gz` for an `x` that is not there, where it
 * unpacks.
 */
function filesOf({ c, o, unpacks, format }: Job, path: string): string[] {
  if (path === '-') return [path]
  const suffix = Object.keys(format.suffixes)[0]!
  if (!c.fs.exists(path)) return [(unpacks || o.has('l')) && !path.endsWith(suffix) ? path + suffix : path]
  if (!o.has('r') || c.fs.stat(path).type !== 'directory') return [path]
  const all = c.fs.readdir(path).map((name) => `${path.replace(/\/$/, '')}/${name}`)
  const packed = (each: string): boolean => Object.keys(format.suffixes).some((end) => each.endsWith(end))
  return all.filter((each) => c.fs.stat(each).type === 'directory' || packed(each) === unpacks).flatMap((each) => filesOf({ c, o, unpacks, format } as Job, each))
} // prettier-ignore

interface Job {
  c: Command
  o: Options
  format: Format
  unpacks: boolean
  toStdout: boolean
}

/** `gzip -dcf` hands on what is not in its format, as cat does. */
function passes({ c, o, format, toStdout }: Job, data: Buffer): boolean {
  return !c.busybox && format.name === 'gzip' && o.has('f') && toStdout && formatOf(data)?.name !== 'gzip'
}

async function onStandardInput(job: Job): Promise<void> {
  const { c, o, format, unpacks } = job
  const data = await readAll(c.task.fd(0)!)
  if (!unpacks) return c.print(await packAll(c, format, data))
  if (passes({ ...job, toStdout: true }, data)) return c.print(data)
  await unpackTo(c, format, data, 'stdin', async (part) => void (o.has('t') || (await c.print(part))))
}

async function onFile(job: Job, path: string): Promise<void> {
  const { c, o, format, unpacks, toStdout } = job
  const stat = c.fs.stat(path)
  if (stat.type === 'directory') return warn(job, directoryText(job, path), c.busybox || format.name === 'bzip2' ? 1 : 2)
  const suffix = Object.keys(format.suffixes).find((s) => path.endsWith(s) && path.length > s.length)
  const inPlace = !toStdout && !o.has('t')
  const mute = format.name === 'gzip' && !c.busybox && !o.has('v') && (o.has('q') || o.has('r'))
  if (inPlace && unpacks && suffix === undefined && mute) return
  if (inPlace && unpacks && suffix === undefined && format.name !== 'bzip2')
    return warn(job, unknownSuffix(job, path), c.busybox || format.name === 'xz' ? 1 : 2)
  if (inPlace && !unpacks && suffix !== undefined && !o.has('f') && !c.busybox)
    return warn(job, hasSuffix(job, path, suffix), format.name === 'gzip' ? 0 : format.name === 'bzip2' ? 1 : 2)
  const data = Buffer.from(c.fs.readFile(path))
  if (!inPlace) {
    if (!unpacks) return c.print(await packFile(job, path, data))
    if (passes(job, data)) return c.print(data)
    await unpackTo(c, format, data, path, async (part) => void (o.has('t') || (await c.print(part))))
    if (o.has('t') && o.has('v') && format.name === 'gzip' && !c.busybox) await c.task.writeError(`${path}:\t OK\n`)
    return
  }
  if (suffix === undefined && unpacks && !c.busybox) await warn(job, `Can't guess original name for ${path} -- using ${path}.out`, 0)
  const first = Object.keys(format.suffixes)[0]!
  const target = !unpacks ? path + first : suffix === undefined ? `${path}.out` : path.slice(0, -suffix.length) + format.suffixes[suffix]!
  if (c.fs.exists(target) && !o.has('f')) return warn(job, existsText(job, target), !c.busybox && format.name === 'gzip' ? 2 : 1)
  await write(job, path, target, data)
  c.fs.chmod(target, stat.mode)
  c.fs.utimes(target, stat.mtime)
  if (o.has('v') && format.name === 'gzip' && !c.busybox) await tell(job, path, target)
  if (!o.has('k')) c.fs.remove(path)
}

/** `gzip -v`: how much smaller the file has become, or had been made. */
async function tell({ c, o, unpacks }: Job, path: string, target: string): Promise<void> {
  const [packed, plain] = unpacks ? [path, target] : [target, path]
  const { size } = c.fs.stat(plain)
  const data = c.fs.readFile(packed)
  const saved = size === 0 ? 0 : ((size - (data.length - 8 - headerLength(Buffer.from(data)))) / size) * 100
  await c.task.writeError(`${path}:\t${saved.toFixed(1).padStart(5)}% -- ${o.has('k') ? 'created' : 'replaced with'} ${target}\n`)
}

/** The packed form of a file. GNU's gzip puts its name and time into it, without -n. */
async function packFile({ c, o, format }: Job, path: string, data: Buffer): Promise<Buffer> {
  const packed = await packAll(c, format, data)
  if (c.busybox || format.name !== 'gzip' || o.has('n')) return packed
  const head = Buffer.from(packed.subarray(0, 10))
  head[3] = head[3]! | 8
  head.writeUInt32LE(Math.max(0, Math.floor(c.fs.stat(path).mtime / 1000)) >>> 0, 4)
  return Buffer.concat([head, Buffer.from(`${path.split('/').at(-1)!}\0`), packed.subarray(10)])
}

/** Writes the other form of a file; what fails leaves nothing behind. */
async function write(job: Job, path: string, target: string, data: Buffer): Promise<void> {
  const { c, format, unpacks } = job
  if (!unpacks) return c.fs.writeFile(target, await packFile(job, path, data))
  const out: OpenFile = c.fs.open(target, 'w')
  try {
    await unpackTo(c, format, data, path, (part) => out.write(part))
  } catch (error) {
    c.fs.remove(target)
    throw error
  } finally {
    out.close?.()
  }
}

/** Complains of a file that is left alone, under the name of the program: that of gzip is `gzip`, whatever it is called by. */
async function warn({ c, format }: Job, message: string, status = 1): Promise<void> {
  c.status = Math.max(c.status, status)
  const name = !c.busybox && format.name === 'gzip' ? 'gzip' : c.name
  await c.task.writeError(`${name}: ${message}\n`)
}

function directoryText({ c, format }: Job, path: string): string {
  if (c.busybox) return 'read error: Is a directory'
  if (format.name === 'gzip') return `${path} is a directory -- ignored`
  return format.name === 'bzip2' ? `Input file ${path} is a directory.` : `${path}: Is a directory, skipping`
}

function unknownSuffix({ c, format }: Job, path: string): string {
  if (c.busybox) return `${path}: unknown suffix - ignored`
  return format.name === 'gzip' ? `${path}: unknown suffix -- ignored` : `${path}: Filename has an unknown suffix, skipping`
}

function hasSuffix({ format }: Job, path: string, suffix: string): string {
  if (format.name === 'gzip') return `${path} already has ${suffix} suffix -- unchanged`
  return format.name === 'bzip2'
    ? `Input file ${path} already has ${suffix} suffix.`
    : `${path}: File already has '${suffix}' suffix, skipping`
}

function existsText({ c, format }: Job, target: string): string {
  if (c.busybox) return `can't open '${target}': File exists`
  if (format.name === 'gzip') return `${target} already exists;\tnot overwritten`
  return format.name === 'bzip2' ? `Output file ${target} already exists.` : `${target}: File exists`
}

function missing(job: Job, path: string, error: SystemError): Promise<void> {
  const bzip2Words = !job.c.busybox && job.format.name === 'bzip2'
  return warn(job, bzip2Words ? `Can't open input file ${path}: ${error.message}.` : `${path}: ${error.message}`)
}

/** `gzip -l`. */
async function list({ c, o, format }: Job, path: string): Promise<void> {
  const data = path === '-' ? await readAll(c.task.fd(0)!) : Buffer.from(c.fs.readFile(path))
  let size = 0
  await unpackTo(c, format, data, path, async (part) => void (size += part.length))
  // The header and the two numbers at the end do not count.
  const packed = data.length - 8 - headerLength(data)
  const ratio = size === 0 ? 0 : ((size - packed) / size) * 100
  const [first = '-'] = o.operands
  if (!o.has('q') && (path === first || path === `${first}.gz`)) await c.print('         compressed        uncompressed  ratio uncompressed_name\n')
  await c.print(`${String(data.length).padStart(19)} ${String(size).padStart(19)} ${ratio.toFixed(1).padStart(5)}% ${path === '-' ? 'stdout' : path.replace(/\.gz$/, '')}\n`)
} // prettier-ignore

function headerLength(data: Buffer): number {
  return data[3]! & 8 ? data.indexOf(0, 10) + 1 : 10
}
