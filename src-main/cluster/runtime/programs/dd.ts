/** dd: copies bytes, block by block. */
import { SystemError, type Program } from '../process.js'
import { command, Fail, openForReading, parseSize, type Flavour } from './command.js'

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

export function dd(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o: Record<string, string> = {}
    for (const arg of c.task.argv.slice(1)) {
      const eq = arg.indexOf('=')
      if (eq < 0)
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
    const count = size('count', Infinity)
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
    for (let i = 0; i < size('skip', 0); i++) await input.read(block)
    const seek = size('seek', 0) * size('obs', block)
    let output = c.task.fd(1)!
    if (o['of'] !== undefined) {
      const special = c.fs.exists(o['of']) && c.fs.stat(o['of']).type !== 'file'
      if (!special && (o['conv'] ?? '').includes('notrunc') === false) c.fs.writeFile(o['of'], '')
      if (!special && seek > 0) c.fs.truncate(o['of'], seek)
      output = c.fs.open(o['of'], special ? 'w' : 'a')
    }
    // What was read, and of that what could be written: whole blocks and parts of one.
    const read = { full: 0, partial: 0 }
    const written = { full: 0, partial: 0 }
    let bytes = 0
    try {
      while (read.full + read.partial < count) {
        let data = await input.read(block)
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
        await output.write(converted(data, conversions, block))
        bytes += data.length
        written[kind]++
      }
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
