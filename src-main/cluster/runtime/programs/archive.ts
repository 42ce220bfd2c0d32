/** tar. */
import { SystemError, type Program } from '../process.js'
import { nameTable } from './accounts.js'
import { exclusions, memberPattern, namesOf, telling, transformation } from './archive-options.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { openForReading, readAll } from './reading.js'
import { FORMATS, formatOf, packAll, unpackAll } from './compression.js'
import { modeText } from './modes.js'
import { formatTime } from './strftime.js'

const TAR = {
  short: 'cxtrvzf:C:T:X:OkmphjJaoP',
  long: {
    create: 'c',
    extract: 'x',
    get: 'x',
    list: 't',
    verbose: 'v',
    gzip: 'z',
    bzip2: 'j',
    xz: 'J',
    'auto-compress': 'a',
    'file=': 'f',
    'directory=': 'C',
    'to-stdout': 'O',
    'exclude=': 'E',
    'strip-components=': 'S',
    'no-same-owner': 'o',
    'no-same-permissions': 'Q',
    overwrite: 'w',
    'warning=': 'W',
    'absolute-names': 'P',
    'owner=': 'u',
    'group=': 'g',
    'keep-directory-symlink': 'y',
    dereference: 'h',
    'numeric-owner': 'N',
    'files-from=': 'T',
    'exclude-from=': 'X',
    'exclude-vcs': 'exclude-vcs',
    'exclude-backups': 'exclude-backups',
    null: 'null',
    'mode=': 'mode',
    'mtime=': 'mtime',
    'transform=': 'transform',
    'xform=': 'transform',
    'sort=': 'sort',
    totals: 'totals',
    'remove-files': 'remove-files',
    recursion: 'recursion',
    'no-recursion': 'no-recursion',
    wildcards: 'wildcards',
    'no-wildcards': 'no-wildcards',
    anchored: 'anchored',
    'keep-old-files': 'k',
    'skip-old-files': 'skip-old-files',
    'one-top-level=?': 'one-top-level',
    touch: 'm',
    'preserve-permissions': 'p',
    'same-permissions': 'p',
    'same-owner': 'same-owner',
    'one-file-system': 'one-file-system',
    append: 'r',
  },
  usage: 'c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [-T FILE] [-X FILE] [LONGOPT]... [FILE]...',
}

export function tar(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const argv = [...c.task.argv]
    // The old way: a first word of letters without a dash, whose arguments follow in order.
    if (argv[1] && /^[a-zA-Z]+$/.test(argv[1])) {
      const letters = argv.splice(1, 1)[0]!
      const flags: string[] = []
      for (const l of letters) {
        const takes = 'fCTX'.includes(l)
        if (takes && argv.length < 2 && !c.busybox)
          throw new Fail(`tar: Old option '${l}' requires an argument.\nTry 'tar --help' or 'tar --usage' for more information.`, 64)
        flags.push(`-${l}`, ...(takes ? argv.splice(1, 1) : []))
      }
      argv.splice(1, 0, ...flags)
    }
    const o = await c.options(TAR, argv)
    const modes = ['c', 'x', 't', 'r'].filter((m) => o.has(m))
    if (modes.length > 1 && !c.busybox)
      throw new Fail(
        "tar: You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option\nTry 'tar --help' or 'tar --usage' for more information.",
        2,
      )
    if (modes.length !== 1)
      throw new Fail(
        c.busybox
          ? c.usageError(TAR).message
          : "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.",
        c.busybox ? 1 : 2,
      )
    const base = o.get('C')
    if (base !== undefined) {
      try {
        if (c.fs.stat(base).type !== 'directory') throw new SystemError('ENOTDIR', 'Not a directory')
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Fail(
          c.busybox
            ? `tar: can't change directory to '${base}': ${error.message}`
            : `tar: ${base}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`,
          c.busybox ? 1 : 2,
        )
      }
    }
    const file = o.get('f')
    if (modes[0] === 'c' || modes[0] === 'r') return create(c, o, base ?? '.', file)
    const input = file === undefined || file === '-' ? c.task.fd(0)! : await openArchive(c, file)
    let data = await readAll(input)
    const format = formatOf(data)
    if (format) data = await unpackAll(c, format, data, file ?? 'stdin')
    return read(c, o, data, base ?? '.')
  })
}

async function openArchive(c: Command, path: string): ReturnType<typeof openForReading> {
  try {
    return await openForReading(c.task, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(
      c.busybox
        ? `tar: can't open '${path}': ${error.message}`
        : `tar: ${path}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`,
      c.busybox ? 1 : 2,
    )
  }
}

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

async function create(c: Command, o: Options, base: string, file: string | undefined): Promise<number> {
  const names = nameTable(c.fs)
  const [excluded, tell, renamed] = [await exclusions(c, o), telling(c, o), transformation(o)]
  const parts: Buffer[] = []
  const paths = [...o.operands]
  for (const list of o.all('T')) paths.push(...(await namesOf(c, o, list)))
  // What is added stands behind the last member.
  if (o.has('r') && file !== undefined && c.fs.exists(file)) parts.push(withoutEnd(Buffer.from(c.fs.readFile(file))))
  const packed: string[] = []
  if (paths.length === 0)
    throw new Fail(
      c.busybox
        ? 'tar: empty archive'
        : "tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.",
      c.busybox ? 1 : 2,
    )
  let stripped = false
  const tellStripped = async (): Promise<void> => {
    if (stripped) return
    stripped = true
    await c.task.writeError(`tar: ${c.busybox ? "removing leading '/'" : "Removing leading `/'"} from member names\n`)
  }
  const add = async (path: string): Promise<void> => {
    const real = path.startsWith('/') ? path : `${base}/${path}`
    if (excluded(path)) return
    let stat
    try {
      stat = o.has('h') ? c.fs.stat(real) : c.fs.lstat(real)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      if (!c.busybox && path.startsWith('/') && !o.has('P')) await tellStripped()
      await c.warn(c.busybox ? `${path}: ${error.message}` : `${path}: Cannot stat: ${error.message}`, c.busybox ? 1 : 2)
      return
    }
    if (stat.type === 'socket') return c.task.writeError(`tar: ${path}: socket ignored\n`)
    let name = path
    if (path.startsWith('/') && !o.has('P')) {
      await tellStripped()
      name = path.replace(/^\/+/, '')
    }
    if (stat.type === 'directory') name = name.endsWith('/') ? name : `${name}/`
    const plain = name
    name = renamed(name)
    packed.push(real)
    if (o.has('v')) await (file === '-' || file === undefined ? c.task.writeError(`${plain}\n`) : c.print(`${plain}\n`))
    const data = stat.type === 'file' ? Buffer.from(c.fs.readFile(real)) : Buffer.alloc(0)
    const type = { file: '0', directory: '5', symlink: '2', fifo: '6', device: '3' }[stat.type]
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
        ...(stat.type === 'symlink' ? { link: c.fs.readlink(real) } : {}),
      }),
      padded(data),
    )
    if (stat.type === 'directory' && !o.has('no-recursion'))
      for (const child of c.fs.readdir(real)) await add(`${path.replace(/\/$/, '')}/${child}`)
  }
  for (const path of paths) await add(path)
  parts.push(Buffer.alloc(1024))
  const archive = Buffer.concat(parts)
  const whole = Buffer.concat([archive, Buffer.alloc((10_240 - (archive.length % 10_240)) % 10_240)])
  const format = formatToWrite(o, file ?? '')
  const out = file === undefined || file === '-' ? c.task.fd(1)! : c.fs.open(file, 'w')
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

/** An archive without the blocks of zeros that end it. */
function withoutEnd(data: Buffer): Buffer {
  let end = 0
  for (let at = 0; at + 512 <= data.length && data[at] !== 0;) {
    const size = parseInt(text(data.subarray(at + 124, at + 136)).trim() || '0', 8)
    at += 512 + Math.ceil(size / 512) * 512
    end = at
  }
  return data.subarray(0, end)
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

function text(b: Buffer): string {
  const end = b.indexOf(0)
  return b.toString('utf8', 0, end < 0 ? b.length : end)
}

interface Member {
  name: string
  mode: number
  uid: number
  gid: number
  mtime: number
  type: string
  link: string
  data: Buffer
  owner: string
}

function* members(data: Buffer): Generator<Member> {
  let longName: string | undefined
  let longLink: string | undefined
  let pax: Record<string, string> = {}
  for (let at = 0; at + 512 <= data.length;) {
    const h = data.subarray(at, at + 512)
    if (h[0] === 0) return
    const octal = (from: number, to: number): number => parseInt(text(h.subarray(from, to)).trim() || '0', 8)
    const size = pax['size'] ? Number(pax['size']) : octal(124, 136)
    const body = data.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
    const type = String.fromCharCode(h[156] || 48)
    if (type === 'L') longName = text(body)
    else if (type === 'K') longLink = text(body)
    else if (type === 'x' || type === 'g') {
      pax = {}
      for (const m of body.toString('utf8').matchAll(/\d+ ([^=]+)=(.*)\n/g)) pax[m[1]!] = m[2]!
    } else {
      const prefix = h.toString('latin1', 257, 263) === 'ustar\0' ? text(h.subarray(345, 500)) : ''
      const short = text(h.subarray(0, 100))
      yield {
        name: longName ?? pax['path'] ?? (prefix ? `${prefix}/${short}` : short),
        mode: octal(100, 108) & 0o7777,
        uid: octal(108, 116),
        gid: octal(116, 124),
        mtime: octal(136, 148) * 1000,
        type,
        link: longLink ?? pax['linkpath'] ?? text(h.subarray(157, 257)),
        data: body,
        owner: `${text(h.subarray(265, 297)) || octal(108, 116)}/${text(h.subarray(297, 329)) || octal(116, 124)}`,
      }
      longName = longLink = undefined
      pax = {}
    }
  }
}

async function read(c: Command, o: Options, data: Buffer, base: string): Promise<number> {
  if (data.length > 0 && data.length < 512)
    throw new Fail(
      c.busybox ? 'tar: short read' : 'tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors',
      c.busybox ? 1 : 2,
    )
  const [excluded, renamed] = [await exclusions(c, o), transformation(o)]
  const top = o.has('one-top-level')
    ? o.get('one-top-level') || (o.get('f') ?? '').replace(/^.*\//, '').replace(/\.t[^.]*(\.[^.]*)?$/, '')
    : undefined
  const found = new Set<string>()
  // GNU's column of owners and sizes grows with what has been listed.
  let wide = 19
  const directories: Member[] = []
  for (const m of members(data)) {
    const clean = m.name.replace(/^\.\//, '').replace(/\/$/, '')
    const wanted = o.operands.find(
      (p) =>
        (o.has('wildcards') && !o.has('no-wildcards') && memberPattern(p, true).test(clean)) ||
        m.name === p ||
        m.name.startsWith(`${p.replace(/\/$/, '')}/`) ||
        clean === p.replace(/^\.\//, '').replace(/\/$/, ''),
    )
    if (o.operands.length > 0 && wanted === undefined) continue
    if (wanted !== undefined) found.add(wanted)
    if (excluded(m.name.replace(/\/$/, ''))) continue
    if (o.has('t')) {
      const size = String(m.data.length)
      wide = Math.max(wide, m.owner.length + 1 + size.length)
      const kind = m.type === '5' ? 'directory' : m.type === '2' ? 'symlink' : 'file'
      await c.print(
        o.has('v')
          ? `${modeText({ type: kind, mode: m.mode })} ${m.owner} ${size.padStart(c.busybox ? 9 : wide - m.owner.length - 1)} ${formatTime(c.busybox ? '%Y-%m-%d %H:%M:%S' : '%Y-%m-%d %H:%M', m.mtime)} ${m.name}${m.type === '2' ? ` -> ${m.link}` : ''}\n`
          : `${m.name}\n`,
      )
      continue
    }
    if (o.has('v')) await (o.has('O') ? c.task.writeError(`${m.name}\n`) : c.print(`${m.name}\n`))
    if (o.has('O')) {
      if (m.type === '0') await c.print(m.data)
      continue
    }
    let name = renamed(o.has('P') ? m.name : m.name.replace(/^\/+/, ''))
    const strip = Number(o.get('S') ?? 0)
    if (strip > 0) name = name.split('/').slice(strip).join('/')
    if (name === '' || name.split('/').includes('..')) {
      if (name !== '') await c.warn(c.busybox ? `name with '..' in it: '${name}'` : `${name}: Member name contains '..'`, 2)
      continue
    }
    const under = top === undefined || name === top || name.startsWith(`${top}/`) ? name : `${top}/${name}`
    const path = under.startsWith('/') ? under : `${base}/${under}`
    if (m.type !== '5' && (o.has('k') || o.has('skip-old-files')) && c.fs.exists(path)) {
      if (!o.has('skip-old-files') && !c.busybox) await c.warn(`${name}: Cannot open: File exists`, 2)
      continue
    }
    try {
      extract(c, o, m, path)
      if (m.type === '5') directories.push({ ...m, name: path })
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(c.busybox ? `can't open '${name}': ${error.message}` : `${name}: Cannot open: ${error.message}`, c.busybox ? 1 : 2)
    }
  }
  // Times of directories last: putting files into them changes them.
  for (const d of directories) if (!o.has('m')) c.fs.utimes(d.name, d.mtime)
  for (const p of o.operands)
    if (!found.has(p)) await c.warn(c.busybox ? `${p}: not found in archive` : `${p}: Not found in archive`, c.busybox ? 1 : 2)
  if (c.status !== 0 && !c.busybox) await c.task.writeError('tar: Exiting with failure status due to previous errors\n')
  return c.status
}

function extract(c: Command, o: Options, m: Member, path: string): void {
  const parent = path.slice(0, path.replace(/\/$/, '').lastIndexOf('/'))
  if (parent && !c.fs.exists(parent)) c.fs.mkdir(parent, { recursive: true })
  if (m.type === '5') {
    if (!c.fs.exists(path)) c.fs.mkdir(path, { recursive: true, mode: m.mode })
    return
  }
  if (c.fs.exists(path) && c.fs.lstat(path).type !== 'directory') c.fs.remove(path)
  if (m.type === '2') return c.fs.symlink(m.link, path)
  if (m.type === '1') return c.fs.link(path.slice(0, path.length - m.name.length) + m.link, path)
  if (m.type === '6') return c.fs.makeFifo(path)
  c.fs.writeFile(path, m.data)
  c.fs.chmod(path, c.task.uid === 0 || o.has('p') ? m.mode : m.mode & ~c.task.umask)
  if (c.task.uid === 0 && !o.has('o')) c.fs.chown(path, m.uid, m.gid)
  if (!o.has('m')) c.fs.utimes(path, m.mtime)
}
