/** dd: copies bytes, block by block. */
import { Handle } from '../open-file.js'
import { SystemError, type OpenFile, type Program } from '../process.js'
import { RegularFile } from '../regular-file.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { openForReading } from './reading.js'
import { parseSize } from './sizes.js'

const OPERANDS = ['bs', 'cbs', 'conv', 'count', 'ibs', 'if', 'iflag', 'obs', 'of', 'oflag', 'seek', 'skip', 'status', 'iseek', 'oseek']

/** Flags of iflag= and oflag=. */
const FLAGS = ['append', 'binary', 'cio', 'direct', 'directory', 'dsync', 'noatime', 'nocache', 'noctty', 'nofollow', 'nolinks', 'nonblock', 'sync', 'text', 'fullblock', 'count_bytes', 'skip_bytes', 'seek_bytes'] // prettier-ignore

const BUSYBOX_CONVERSIONS = ['notrunc', 'sync', 'noerror', 'fsync', 'swab']
const GNU_CONVERSIONS = [
  ...BUSYBOX_CONVERSIONS,
  'lcase',
  'ucase',
  'sparse',
  'excl',
  'nocreat',
  'fdatasync',
  'ascii',
  'ebcdic',
  'ibm',
  'block',
  'unblock',
]

/** A block as `conv=` wants it. */
function converted(data: Uint8Array, conversions: readonly string[], block: number): Uint8Array {
  let out = Buffer.from(data)
  if (conversions.includes('swab'))
    out = Buffer.concat([Buffer.from(out.subarray(0, out.length & ~1)).swap16(), out.subarray(out.length & ~1)])
  if (conversions.includes('ucase'))
    out = Buffer.from(
      out.toString('latin1').replace(/[a-z]/g, (l) => l.toUpperCase()),
      'latin1',
    )
  if (conversions.includes('lcase'))
    out = Buffer.from(
      out.toString('latin1').replace(/[A-Z]/g, (l) => l.toLowerCase()),
      'latin1',
    )
  return conversions.includes('sync') && out.length < block ? Buffer.concat([out, Buffer.alloc(block - out.length)]) : out
}

/** The file of `of=`, open at the place where writing begins; it ends there unless it is kept as it was. */
function openTarget(c: Command, path: string, as: { special: boolean; kept: boolean; append: boolean; seek: number }): OpenFile {
  if (as.special) return c.fs.open(path, 'w')
  if (!c.fs.exists(path)) c.fs.writeFile(path, '')
  if (!as.kept) c.fs.truncate(path, as.seek)
  if (as.append) return c.fs.open(path, 'a')
  const description = c.fs.openDescription(path, 'r+')
  if (description instanceof RegularFile) description.position = as.seek
  return new Handle(description, c.task, true)
}

export function dd(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o: Record<string, string> = {}
    for (const arg of c.task.argv.slice(1)) {
      if (!c.busybox && arg.startsWith('-')) await c.options({ short: '', usage: '[OPERAND]...' }, ['dd', arg])
      const eq = arg.indexOf('=')
      if (eq < 0 || !OPERANDS.includes(arg.slice(0, eq)))
        throw new Fail(
          c.busybox
            ? c.usageError({ short: '', usage: '[if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N]' }).message
            : `dd: unrecognized operand '${arg}'\nTry 'dd --help' for more information.`,
        )
      o[arg.slice(0, eq)] = arg.slice(eq + 1)
    }
    const size = (name: string, otherwise: number): number => {
      if (o[name] === undefined) return otherwise
      const n = parseSize(o[name])
      if (n === undefined) throw new Fail(c.busybox ? `dd: invalid number '${o[name]}'` : `dd: invalid number: '${o[name]}'`)
      return n
    }
    const block = size('bs', size('ibs', 512))
    if (block === 0 && !c.busybox) throw new Fail(`dd: invalid number: '${o['bs'] ?? o['ibs']}'`)
    const flags = (name: string): string[] => (o[name] ?? '').split(',').filter(Boolean)
    for (const [name, what] of [
      ['iflag', 'input'],
      ['oflag', 'output'],
    ] as const)
      for (const flag of flags(name))
        if (!FLAGS.includes(flag))
          throw new Fail(
            c.busybox
              ? `dd: unknown argument '${flag}' to '${name}'`
              : `dd: invalid ${what} flag: '${flag}'\nTry 'dd --help' for more information.`,
          )
    if (!c.busybox && o['status'] !== undefined && !['none', 'noxfer', 'progress'].includes(o['status']))
      throw new Fail(`dd: invalid status level: '${o['status']}'\nTry 'dd --help' for more information.`)
    const inBytes = (name: string, flag: string, of: string): boolean => flags(of).includes(flag) || (o[name]?.endsWith('B') ?? false)
    const limit = inBytes('count', 'count_bytes', 'iflag') ? size('count', Infinity) : Infinity
    const count = limit < Infinity ? Infinity : size('count', Infinity)
    const skip = size('skip', size('iseek', 0)) * (inBytes('skip', 'skip_bytes', 'iflag') ? 1 : block)
    const open = async (path: string): Promise<Awaited<ReturnType<typeof openForReading>>> => {
      try {
        return await openForReading(c.task, path)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Fail(c.busybox ? `dd: can't open '${path}': ${error.message}` : `dd: failed to open '${path}': ${error.message}`)
      }
    }
    const input = o['if'] === undefined ? c.task.fd(0)! : await open(o['if'])
    const conversions = (o['conv'] ?? '').split(',').filter(Boolean)
    const known = c.busybox ? BUSYBOX_CONVERSIONS : GNU_CONVERSIONS
    const unknown = conversions.find((name) => !known.includes(name))
    if (unknown !== undefined)
      throw new Fail(
        c.busybox
          ? `dd: unknown argument '${unknown}' to 'conv'`
          : `dd: invalid conversion: '${unknown}'\nTry 'dd --help' for more information.`,
      )
    const started = c.task.clock.now()
    for (let left = skip; left > 0;) {
      const data = await input.read(Math.min(left, block))
      if (data.length === 0) break
      left -= data.length
    }
    // Blocks of output, unless one size is given for both.
    const outputBlock = o['bs'] === undefined ? size('obs', 512) : block
    const seek = size('seek', size('oseek', 0)) * (inBytes('seek', 'seek_bytes', 'oflag') ? 1 : outputBlock)
    let output: OpenFile = c.task.fd(1)!
    if (o['of'] !== undefined) {
      const there = c.fs.exists(o['of'])
      const isBlock = there && c.fs.stat(o['of']).type === 'block'
      const special = there && !isBlock && c.fs.stat(o['of']).type !== 'file'
      const refused =
        conversions.includes('excl') && there
          ? 'File exists'
          : conversions.includes('nocreat') && !there
            ? 'No such file or directory'
            : undefined
      if (refused) throw new Fail(`dd: failed to open '${o['of']}': ${refused}`)
      const kept = conversions.includes('notrunc') || flags('oflag').includes('append')
      output = openTarget(c, o['of'], { special, kept: kept || isBlock, append: flags('oflag').includes('append'), seek })
    }
    // What was read, and of that what could be written: whole blocks and parts of one.
    const read = { full: 0, partial: 0 }
    const written = { full: 0, partial: 0 }
    let bytes = 0
    try {
      let left = limit
      // Without `bs=` what is read is put together to blocks of output.
      let pending = Buffer.alloc(0)
      const put = async (data: Buffer): Promise<void> => {
        await output.write(data)
        bytes += data.length
        written[data.length === outputBlock ? 'full' : 'partial']++
      }
      while (read.full + read.partial < count && left > 0) {
        let data = await input.read(Math.min(block, left))
        if ((o['iflag'] ?? '').includes('fullblock')) {
          while (data.length > 0 && data.length < block) {
            const more = await input.read(block - data.length)
            if (more.length === 0) break
            data = Buffer.concat([data, more])
          }
        }
        if (data.length === 0) break
        const kind = data.length === block ? 'full' : 'partial'
        read[kind]++
        left -= data.length
        const out = Buffer.from(converted(data, conversions, block))
        if (o['bs'] !== undefined) {
          await put(out)
          continue
        }
        pending = Buffer.concat([pending, out])
        for (; pending.length >= outputBlock; pending = pending.subarray(outputBlock)) await put(pending.subarray(0, outputBlock))
      }
      if (pending.length > 0) await put(pending)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(
        c.busybox ? `error writing '${o['of']}': ${error.message}` : `error writing '${o['of'] ?? 'standard output'}': ${error.message}`,
      )
    }
    if (o['status'] === 'none') return c.status
    const seconds = Math.max(0.000001, (c.task.clock.now() - started) / 1000)
    const rate = bytes / seconds
    const human = (n: number, base: number, units: string[]): string => {
      let i = 0
      let x = n
      while (x >= base && i < units.length - 1) {
        x /= base
        i++
      }
      return `${x.toFixed(1)}${units[i]}`
    }
    await c.task.writeError(`${read.full}+${read.partial} records in\n${written.full}+${written.partial} records out\n`)
    if (o['status'] === 'noxfer') return c.status
    await c.task.writeError(
      c.busybox
        ? `${bytes} bytes (${human(bytes, 1024, ['B', 'KB', 'MB', 'GB'])}) copied, ${seconds.toFixed(6)} seconds, ${human(rate, 1024, ['B', 'KB', 'MB', 'GB'])}/s\n`
        : `${bytes} bytes${bytes >= 1000 ? ` (${human(bytes, 1000, [' B', ' kB', ' MB', ' GB'])}, ${human(bytes, 1024, [' B', ' KiB', ' MiB', ' GiB'])})` : ''} copied, ${Number(seconds.toPrecision(6))} s, ${human(rate, 1000, [' B', ' kB', ' MB', ' GB'])}/s\n`,
    )
    return c.status
  })
}
