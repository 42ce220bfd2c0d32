/** The archives that tar writes. */
import type { OpenFile } from '../process.js'
import { SystemError } from '../process.js'
import { nameTable } from './accounts.js'
import { members } from './archive-members.js'
import { exclusions, namesOf, newerThan, telling, transformation } from './archive-options.js'
import { Fail, type Command, type Options } from './command.js'
import { FORMATS, packAll } from './compression.js'

/** Bytes of a block, and of a record of twenty. */
const BLOCK = 512
const RECORD = 20 * BLOCK

function header(
  path: string,
  fields: { mode: number; uid: number; gid: number; size: number; mtime: number; type: string; link?: string; user: string; group: string },
): Buffer {
  const b = Buffer.alloc(512)
  const put = (at: number, length: number, text: string): void => void b.write(text.slice(0, length), at, 'utf8')
  const octal = (at: number, length: number, n: number): void => put(at, length, `${n.toString(8).padStart(length - 1, '0')}\0`)
  put(0, 100, path)
  octal(100, 8, fields.mode)
  octal(108, 8, fields.uid)
  octal(116, 8, fields.gid)
  octal(124, 12, fields.size)
  octal(136, 12, Math.floor(fields.mtime / 1000))
  put(148, 8, '        ')
  put(156, 1, fields.type)
  put(157, 100, fields.link ?? '')
  put(257, 8, 'ustar  \0')
  put(265, 32, fields.user)
  put(297, 32, fields.group)
  const sum = b.reduce((a, x) => a + x, 0)
  put(148, 8, `${sum.toString(8).padStart(6, '0')}\0 `)
  return b
}

/** How `tar -c` compresses: as its letters say, with -a as the name does. */
function formatToWrite(o: Options, file: string): (typeof FORMATS)['gzip'] | undefined {
  if (o.has('z') || (o.has('a') && /\.t?gz$/.test(file))) return FORMATS.gzip
  if (o.has('j') || (o.has('a') && /\.(tbz2?|bz2)$/.test(file))) return FORMATS.bzip2
  return o.has('J') || (o.has('a') && /\.t?xz$/.test(file)) ? FORMATS.xz : undefined
}

/** Runs `tar -c` and `tar -r`. @param bases the directory that each operand is taken from, and at the end that of -T */
export async function create(c: Command, o: Options, bases: readonly string[], file: string | undefined): Promise<number> {
  const names = nameTable(c.fs)
  const late = c.busybox ? [] : o.given.filter(([letter, , before]) => letter === 'E' && before > 0 && before === o.operands.length)
  if (late.length > 0) await refuse(c, o, late)
  const [excluded, tell, renamed] = [await exclusions(c, o), telling(c, o), transformation(o)]
  const parts: Buffer[] = []
  const paths = o.operands.map((path, i) => ({ path, base: bases[i]! }))
  for (const list of o.all('T')) for (const path of await namesOf(c, o, list)) paths.push({ path, base: bases.at(-1)! })
  const packed: string[] = []
  if (paths.length === 0)
    throw new Fail(
      c.busybox
        ? 'tar: empty archive'
        : "tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.",
      c.busybox ? 1 : 2,
    )
  // What is added stands behind the last member.
  const stored = new Map<string, number>()
  if ((o.has('r') || o.has('u')) && file !== undefined && c.fs.exists(file)) {
    const before = Buffer.from(c.fs.readFile(file))
    parts.push(withoutEnd(before))
    // The latest of a name counts.
    if (o.has('u')) for (const member of members(before)) stored.set(member.name.replace(/\/$/, ''), member.mtime)
  }
  const newer = newerThan(c, o)
  const toFile = file !== undefined && file !== '-'
  const out = toFile ? openOutput(c, file) : c.task.fd(1)!
  const archiveItself = toFile ? identity(c, file) : undefined
  const stripped = new Set<string>()
  /** A name without what would lead out of the directory that it is extracted in. */
  const inside = async (path: string): Promise<string> => {
    const [lead] = o.has('P') ? [''] : /^(?:(?:.*\/)?\.\.(?:\/|$))?\/*/.exec(path)!
    if (lead !== '' && !stripped.has(lead)) {
      stripped.add(lead)
      await c.task.writeError(`tar: ${c.busybox ? `removing leading '${lead}'` : `Removing leading \`${lead}'`} from member names\n`)
    }
    return path.slice(lead.length)
  }
  const links = new Map<string, string>()
  const add = async (path: string, base: string): Promise<void> => {
    const real = path.startsWith('/') ? path : `${base}/${path}`
    if (excluded(path)) return
    let stat
    try {
      stat = o.has('h') ? c.fs.stat(real) : c.fs.lstat(real)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      if (!c.busybox) await inside(path)
      await c.warn(c.busybox ? `${path}: ${error.message}` : `${path}: Cannot stat: ${error.message}`, c.busybox ? 1 : 2)
      return
    }
    if (stat.type === 'socket') return c.task.writeError(`tar: ${path}: socket ignored\n`)
    if (archiveItself !== undefined && identity(c, real) === archiveItself) {
      // What GNU's has packed by another program it leaves out without a word.
      if (!c.busybox && formatToWrite(o, file ?? '')) return
      return c.task.writeError(`tar: ${path}: file is the archive; ${c.busybox ? 'skipping' : 'not dumped'}\n`)
    }
    let name = await inside(path)
    if (stat.type === 'directory') name = name.endsWith('/') ? name : `${name}/`
    const same = stat.type === 'file' && stat.links > 1 ? identity(c, real) : undefined
    const linked = same === undefined ? undefined : links.get(same)
    const [was, time] = [stored.get(name.replace(/\/$/, '')), Math.floor(stat.mtime / 1000) * 1000]
    const left =
      stat.type === 'directory' ? was !== undefined : (was !== undefined && time <= was) || (newer !== undefined && stat.mtime < newer)
    let data = Buffer.alloc(0)
    let children: string[] = []
    try {
      if (stat.type === 'directory' && !o.has('no-recursion')) children = c.fs.readdir(real)
      if (stat.type === 'file' && linked === undefined) data = Buffer.from(c.fs.readFile(real))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      if (c.busybox) await c.warn(stat.type === 'directory' ? `${path}: ${error.message}` : `can't open '${path}': ${error.message}`)
      else if (o.has('ignore-failed-read')) await c.task.writeError(`tar: ${path}: Warning: Cannot open: ${error.message}\n`)
      else await c.warn(`${path}: Cannot open: ${error.message}`, 2)
      // busybox has stored a directory before it looks into it.
      if (!c.busybox || stat.type !== 'directory') return
    }
    if (left) {
      for (const child of children) await add(`${path.replace(/\/$/, '')}/${child}`, base)
      return
    }
    const plain = name
    name = renamed(name)
    packed.push(real)
    const shown = o.has('show-transformed') ? name : plain
    if (o.has('v')) await (toFile ? c.print(`${shown}\n`) : c.task.writeError(`${shown}\n`))
    if (same !== undefined && linked === undefined) links.set(same, name)
    const type =
      linked !== undefined ? '1' : { file: '0', directory: '5', symlink: '2', fifo: '6', device: '3', block: '4', socket: '0' }[stat.type]
    if (Buffer.byteLength(name) > 99) {
      const long = Buffer.from(`${name}\0`)
      parts.push(
        header('././@LongLink', { mode: 0, uid: 0, gid: 0, size: long.length, mtime: 0, type: 'L', user: '', group: '' }),
        padded(long),
      )
    }
    parts.push(
      header(name, {
        ...tell(
          { mode: stat.mode, uid: stat.uid, gid: stat.gid, mtime: stat.mtime, user: names.user(stat.uid), group: names.group(stat.gid) },
          stat.type === 'directory',
        ),
        size: data.length,
        type,
        ...(linked !== undefined ? { link: linked } : stat.type === 'symlink' ? { link: c.fs.readlink(real) } : {}),
      }),
      padded(data),
    )
    for (const child of children) await add(`${path.replace(/\/$/, '')}/${child}`, base)
  }
  for (const { path, base } of paths) await add(path, base)
  parts.push(Buffer.alloc(1024))
  const archive = Buffer.concat(parts)
  const record = o.has('b') ? Number(o.get('b')) * BLOCK : o.has('record-size') ? Number(o.get('record-size')) : RECORD
  const whole = Buffer.concat([archive, Buffer.alloc((record - (archive.length % record)) % record)])
  const format = formatToWrite(o, file ?? '')
  await out.write(format ? await packAll(c, format, whole) : whole)
  out.close?.()
  if (o.has('totals'))
    await c.task.writeError(
      `Total bytes written: ${whole.length} (${Math.ceil(whole.length / 1024)}KiB, ${Math.ceil(whole.length / 1024)}MiB/s)\n`,
    )
  // Files first, then what held them.
  if (o.has('remove-files')) for (const path of packed.reverse()) c.fs.remove(path)
  if (c.status !== 0)
    await c.task.writeError(`tar: ${c.busybox ? 'error exit delayed from' : 'Exiting with failure status due to'} previous errors\n`)
  return c.status
}

/** GNU's tar takes --exclude for the operands that follow it: behind the last one it says nothing. */
async function refuse(c: Command, o: Options, late: Options['given']): Promise<void> {
  if (late.length === o.all('E').length) o.delete('E')
  await c.warn(
    'The following options were used after any non-optional arguments in archive create or update mode.  ' +
      'These options are positional and affect only arguments that follow them.  Please, rearrange them properly.',
    2,
  )
  for (const [, pattern] of late) await c.warn(`--exclude '${pattern}' has no effect`, 2)
}

/** Opens the archive for writing, before anything is read: it may stand among the files. Throws Fail. */
function openOutput(c: Command, path: string): OpenFile & { close(): void } {
  try {
    return c.fs.open(path, 'w')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw c.busybox
      ? new Fail(`tar: can't open '${path}': ${error.message}`)
      : new Fail(`tar: ${path}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`, 2)
  }
}

/** What two names of one file have in common. */
function identity(c: Command, path: string): string {
  // The path of what holds it: a link may lead nowhere.
  const holder = path.replace(/\/+$/, '').replace(/[^/]*$/, '') || '.'
  return `${c.fs.mountOf(holder).path}:${c.fs.lstat(path).inode}`
}

/** An archive without the blocks of zeros that end it. */
export function withoutEnd(data: Buffer): Buffer {
  let end = 0
  for (let at = 0; at + 512 <= data.length && data[at] !== 0;) {
    const size = parseInt(data.toString('latin1', at + 124, at + 135).trim() || '0', 8)
    at += 512 + Math.ceil(size / 512) * 512
    end = at
  }
  return data.subarray(0, end)
}

export function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}
