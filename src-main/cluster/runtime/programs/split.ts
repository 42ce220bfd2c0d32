/** split: a file in pieces of so many lines or bytes, or in so many pieces (split(1)). */
import type { OpenFile, Program } from '../process.js'
import { SystemError } from '../process.js'
import { Handle } from '../open-file.js'
import { makePipe } from '../pipe.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { lineBatches, readAll } from './reading.js'
import { parseSize } from './sizes.js'

const SPEC = {
  short: 'a:b:C:del:n:t:ux',
  long: {
    'suffix-length=': 'a', 'additional-suffix=': 'S', 'bytes=': 'b', 'line-bytes=': 'C', 'numeric-suffixes=?': 'd', 'hex-suffixes=?': 'x',
    'elide-empty-files': 'e', 'filter=': 'filter', 'lines=': 'l', 'number=': 'n', 'separator=': 't', unbuffered: 'u', verbose: 'verbose',
  },
  digits: 'l',
  usage: '[OPTIONS] [INPUT [PREFIX]]\n\n\t-b N[k|m]\tSplit by N (kilo|mega)bytes\n\t-l N\t\tSplit by N lines\n\t-a N\t\tUse N letters as suffix',
} // prettier-ignore

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789abcdef'

/** Added to what is said of a number that is none of those that there may be. */
const OUT_OF_RANGE = ': Numerical result out of range'

/** Pieces that one run may make. */
const MOST_PIECES = 100_000

/** `-n`: so many pieces, cut by bytes, by lines or dealt out line by line; only one of them is printed when `only` names it. */
interface Chunks {
  by: 'bytes' | 'lines' | 'turns'
  count: number
  only: number | undefined
}

function chunksOf(text: string): Chunks {
  const m = /^(?:([lr])\/)?(?:(\d+)\/)?(\d+)$/.exec(text)
  if (!m || Number(m[3]) === 0)
    throw new Fail(`split: invalid number of chunks: '${text.split('/').at(-1)}'${/(^|\/)0+$/.test(text) ? OUT_OF_RANGE : ''}`)
  if (m[2] !== undefined && (Number(m[2]) === 0 || Number(m[2]) > Number(m[3])))
    throw new Fail(`split: invalid chunk number: '${m[2]}'${OUT_OF_RANGE}`)
  return {
    by: m[1] === 'l' ? 'lines' : m[1] === 'r' ? 'turns' : 'bytes',
    count: Number(m[3]),
    only: m[2] === undefined ? undefined : Number(m[2]) - 1,
  }
}

/** The names of the pieces, one after the other. */
class Names {
  private made = 0
  private readonly alphabet: string
  private readonly width: number
  private readonly first: number

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    private readonly prefix: string,
    pieces: number,
  ) {
    this.alphabet = o.has('x') ? DIGITS : o.has('d') ? DIGITS.slice(0, 10) : LETTERS
    const from = (o.has('x') ? o.get('x') : o.get('d')) || '0'
    this.first = parseInt(from, o.has('x') ? 16 : 10)
    if (!(o.has('x') ? /^[0-9a-f]+$/i : /^\d+$/).test(from))
      throw new Fail(
        `split: '${from}': invalid start value for ${o.has('x') ? 'hexadecimal' : 'numerical'} suffix\nTry 'split --help' for more information.`,
      )
    const needed = pieces > 0 ? Math.ceil(Math.log(this.first + pieces) / Math.log(this.alphabet.length) - 1e-9) : 0
    this.width = o.has('a') && Number(o.get('a')) > 0 ? Number(o.get('a')) : Math.max(2, needed, from.length)
  }

  next(): string {
    const { alphabet, made } = this
    const radix = alphabet.length
    let [n, width, shown] = [made + this.first, this.width, '']
    // Where no length was asked for, the last letter begins longer names: xyz is followed by xzaaa.
    if (!this.o.has('a') && !this.c.busybox && !this.o.has('n') && this.first === 0)
      while (n >= (radix - 1) * radix ** (width - 1)) {
        n -= (radix - 1) * radix ** (width - 1)
        shown += alphabet[radix - 1]
        width++
        if (shown.length > 4) break
      }
    else if (n >= radix ** width) this.exhausted()
    if (made >= MOST_PIECES) this.exhausted()
    this.made++
    let suffix = ''
    for (let i = 0; i < width; i++, n = Math.floor(n / radix)) suffix = alphabet[n % radix] + suffix
    return `${this.prefix}${shown}${suffix}${this.o.get('S') ?? ''}`
  }

  private exhausted(): never {
    throw new Fail(this.c.busybox ? 'split: suffixes exhausted' : 'split: output file suffixes exhausted')
  }
}

/** Pieces as they are written: into files, or through the command of --filter. */
async function writePiece(c: Command, o: Options, name: string, data: Uint8Array): Promise<void> {
  const filter = o.get('filter')
  if (filter === undefined) {
    if (o.has('verbose')) await c.print(`creating file '${name}'\n`)
    return c.fs.writeFile(name, data)
  }
  const { reader, writer } = makePipe()
  writer.retain()
  reader.retain()
  const argv = [c.task.env['SHELL'] ?? '/bin/sh', '-c', filter]
  const child = await c.task.spawn({ argv, env: { ...c.task.env, FILE: name }, fds: new Map([[0, new Handle(reader, c.task)]]) })
  reader.release()
  try {
    await new Handle(writer, c.task).write(data)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error // it reads no more
  } finally {
    writer.release()
  }
  const status = await child.wait()
  if (status !== 0) throw new Fail(`split: with FILE=${name}, exit ${status} from command: ${filter}`)
}

/** Where the lines of data end. */
function lineEnds(data: Buffer, end: number): number[] {
  const ends: number[] = []
  for (let at = data.indexOf(end); at >= 0; at = data.indexOf(end, at + 1)) ends.push(at + 1)
  if (data.length > (ends.at(-1) ?? 0)) ends.push(data.length)
  return ends
}

function inChunks(data: Buffer, { by, count }: Chunks, end: number): Buffer[] {
  const size = Math.floor(Math.max(data.length, count) / count)
  const cuts = Array.from({ length: count }, (_, i) => (i === count - 1 ? data.length : Math.min(data.length, size * (i + 1))))
  if (by === 'bytes') return cuts.map((to, i) => data.subarray(i === 0 ? 0 : cuts[i - 1], to))
  const ends = lineEnds(data, end)
  const chunks: Buffer[][] = Array.from({ length: count }, () => [])
  ends.forEach((to, i) => {
    const from = i === 0 ? 0 : ends[i - 1]!
    // A line belongs to the piece in which it begins.
    const at = by === 'turns' ? i % count : cuts.findIndex((cut) => from < cut)
    chunks[at < 0 ? count - 1 : at]!.push(data.subarray(from, to))
  })
  return chunks.map((lines) => Buffer.concat(lines))
}

function sizeOf(o: Options, letter: 'b' | 'C' | 'l'): number {
  const text = o.get(letter)!
  const size = letter === 'l' && !/^\d+$/.test(text) ? undefined : parseSize(text)
  if (size) return size
  throw new Fail(
    `split: invalid number of ${letter === 'l' ? 'lines' : 'bytes'}: '${text}'${Number.parseInt(text, 10) === 0 && /^\d+$/.test(text) ? OUT_OF_RANGE : ''}`,
  )
}

/** Pieces of at most so many bytes: whole lines where they fit. */
function* linesUpTo(data: Buffer, size: number, end: number): Generator<Buffer> {
  for (let at = 0; at < data.length;) {
    const limit = Math.min(data.length, at + size)
    const last = limit === data.length ? limit : data.lastIndexOf(end, limit - 1) + 1
    const to = last > at ? last : limit
    yield data.subarray(at, to)
    at = to
  }
}

async function* byLines(file: OpenFile, count: number, end: number): AsyncGenerator<Buffer> {
  let open: Buffer[] = []
  for await (const batch of lineBatches(file, end))
    for (const line of batch) {
      open.push(line)
      if (open.length < count) continue
      yield Buffer.concat(open)
      open = []
    }
  if (open.length > 0) yield Buffer.concat(open)
}

function separatorOf(o: Options): number {
  const text = o.get('t') ?? '\n'
  if (text === '\\0') return 0
  if (text === '') throw new Fail('split: empty record separator')
  if (Buffer.byteLength(text) > 1) throw new Fail(`split: multi-character separator '${text}'`)
  return text.charCodeAt(0)
}

export function split(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...SPEC, short: 'l:b:a:', long: {} } : SPEC)
    const [, prefix = 'x', extra] = o.operands
    if (extra !== undefined) throw c.usageError(SPEC, c.busybox ? undefined : `extra operand '${extra}'`)
    if (o.has('a') && !/^\d+$/.test(o.get('a')!))
      throw new Fail(c.busybox ? `split: invalid number '${o.get('a')}'` : `split: invalid suffix length: '${o.get('a')}'`)
    const ways = (['b', 'C', 'l', 'n'] as const).filter((letter) => o.has(letter))
    if (ways.length > 1 && !c.busybox) throw c.usageError(SPEC, 'cannot split in more than one way')
    if (o.get('S')?.includes('/')) throw c.usageError(SPEC, `invalid suffix '${o.get('S')}', contains directory separator`)
    const end = separatorOf(o)
    const way = ways[0]
    const chunks = way === 'n' ? chunksOf(o.get('n')!) : undefined
    if (chunks?.only !== undefined && o.has('filter')) throw c.usageError(SPEC, '--filter does not process a chunk extracted to stdout')
    const size = way === undefined || way === 'n' ? 1000 : sizeOf(o, way)
    const names = new Names(c, o, prefix, chunks?.count ?? 0)
    const write = (data: Uint8Array): Promise<void> => writePiece(c, o, names.next(), data)
    for await (const { file } of c.inputs(o.operands.slice(0, 1))) {
      if (chunks) {
        const all = inChunks(await readAll(file), chunks, end)
        if (chunks.only !== undefined) await c.print(all[chunks.only]!)
        else for (const piece of all) if (piece.length > 0 || !o.has('e')) await write(piece)
      } else if (way === 'b') {
        const data = await readAll(file)
        for (let at = 0; at < data.length; at += size) await write(data.subarray(at, at + size))
      } else if (way === 'C') for (const piece of linesUpTo(await readAll(file), size, end)) await write(piece)
      else for await (const piece of byLines(file, size, end)) await write(piece)
    }
  })
}
