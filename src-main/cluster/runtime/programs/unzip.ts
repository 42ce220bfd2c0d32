/** unzip: what is in a zip archive. */
import { inflateRawSync } from 'node:zlib'
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { readAll, openForReading } from './reading.js'
import { formatTime } from './strftime.js'
import { Pattern } from '../shell/pattern.js'

/** The most bytes that one file of an archive may have. */
const LARGEST = 256 * 1024 * 1024

interface Entry {
  name: string
  method: number
  packed: Buffer
  size: number
  time: number
  mode: number
}

/** The files of an archive by its central directory. */
function entriesOf(data: Buffer): Entry[] | undefined {
  const end = data.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  if (end < 0) return undefined
  const found: Entry[] = []
  let at = data.readUInt32LE(end + 16)
  for (let left = data.readUInt16LE(end + 10); left > 0 && at + 46 <= data.length; left--) {
    if (data.readUInt32LE(at) !== 0x02014b50) return undefined
    const [names, extra, comment] = [28, 30, 32].map((offset) => data.readUInt16LE(at + offset)) as [number, number, number]
    const start = data.readUInt32LE(at + 42)
    const body = start + 30 + data.readUInt16LE(start + 26) + data.readUInt16LE(start + 28)
    const [clock, day] = [data.readUInt16LE(at + 12), data.readUInt16LE(at + 14)]
    found.push({
      name: data.toString('utf8', at + 46, at + 46 + names),
      method: data.readUInt16LE(at + 10),
      packed: data.subarray(body, body + data.readUInt32LE(at + 20)),
      size: data.readUInt32LE(at + 24),
      time: Date.UTC((day >> 9) + 1980, ((day >> 5) & 15) - 1, day & 31, clock >> 11, (clock >> 5) & 63, (clock & 31) * 2),
      mode: (data.readUInt32LE(at + 38) >>> 16) & 0o777,
    })
    at += 46 + names + extra + comment
  }
  return found
}

function contentOf(entry: Entry): Buffer {
  if (entry.method === 0) return entry.packed
  if (entry.method !== 8) throw new Fail(`unzip: unsupported method ${entry.method}`)
  try {
    return inflateRawSync(entry.packed, { maxOutputLength: LARGEST })
  } catch {
    throw new Fail('unzip: inflate error')
  }
}

export function unzip(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'lnopqxjtd:vK', usage: '[-lnojpq] FILE[.zip] [FILE]... [-x FILE]... [-d DIR]' }
    const o = await c.options(spec)
    const [archive, ...wanted] = o.operands
    if (archive === undefined) throw c.usageError(spec)
    const path = [archive, `${archive}.zip`, `${archive}.ZIP`].find((each) => c.fs.exists(each))
    if (path === undefined)
      throw new Fail(
        c.busybox ? `unzip: can't open ${archive}[.zip]` : `unzip:  cannot find or open ${archive}, ${archive}.zip or ${archive}.ZIP.`,
        c.busybox ? 1 : 9,
      )
    const all = entriesOf(await readAll(await openForReading(c.task, path)))
    if (!all) throw new Fail('unzip: no end of central directory')
    const patterns = wanted.map((each) => new Pattern(each))
    const entries = all.filter((entry) => patterns.length === 0 || patterns.some((pattern) => pattern.matches(entry.name)))
    if (!o.has('q') && !o.has('p')) await c.print(`Archive:  ${path}\n`)
    if (o.has('l')) return list(c, entries)
    for (const entry of entries)
      await extract(c, entry, { to: o.get('d'), pipe: o.has('p'), quiet: o.has('q'), keep: o.has('n'), flat: o.has('j') })
    return c.status
  })
}

async function list(c: Command, entries: readonly Entry[]): Promise<number> {
  await c.print('  Length      Date    Time    Name\n---------  ---------- -----   ----\n')
  for (const { name, size, time } of entries)
    await c.print(`${String(size).padStart(9)}  ${formatTime('%Y-%m-%d %H:%M', time)}   ${name}\n`)
  const total = entries.reduce((all, { size }) => all + size, 0)
  await c.print(
    `---------                     -------\n${String(total).padStart(9)}                     ${entries.length} file${entries.length === 1 && !c.busybox ? '' : 's'}\n`,
  )
  return 0
}

async function extract(
  c: Command,
  entry: Entry,
  how: { to: string | undefined; pipe: boolean; quiet: boolean; keep: boolean; flat: boolean },
): Promise<void> {
  // No way up and out of where it is unpacked.
  const safe = entry.name.split('/').filter((part) => part !== '' && part !== '..').join('/') // prettier-ignore
  const name = how.flat ? safe.slice(safe.lastIndexOf('/') + 1) : safe
  const path = how.to === undefined ? name : `${how.to}/${name}`
  if (entry.name.endsWith('/')) {
    if (how.pipe || how.flat || c.fs.exists(path)) return
    if (!how.quiet) await c.print(`   creating: ${path}/\n`)
    return c.fs.mkdir(path, { recursive: true })
  }
  const data = contentOf(entry)
  await c.work(data.length / 100_000)
  if (how.pipe) return c.print(data)
  if (how.keep && c.fs.exists(path)) return
  if (!how.quiet) await c.print(`  inflating: ${path}\n`)
  try {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    if (parent !== '' && !c.fs.exists(parent)) c.fs.mkdir(parent, { recursive: true })
    c.fs.writeFile(path, data)
    c.fs.utimes(path, entry.time)
    if (entry.mode !== 0) c.fs.chmod(path, entry.mode)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(`can't open '${path}': ${error.message}`)
  }
}
