/** tar. */
import { SystemError, type Program } from '../process.js'
import { compare, concatenate, remove } from './archive-change.js'
import { members, type Member } from './archive-members.js'
import { exclusions, memberPattern, transformation } from './archive-options.js'
import { create } from './archive-write.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { openForReading, readAll } from './reading.js'
import { formatOf, unpackAll } from './compression.js'
import { searchPath } from '../program-file.js'
import { modeText } from './modes.js'
import { formatTime } from './strftime.js'

const TAR = {
  short: 'cxtrvzf:C:T:X:OkmphjJaoPudAN:UlSH:ib:BI:ZK:WnsV:',
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
    'strip-components=': 'strip',
    'no-same-owner': 'o',
    'no-same-permissions': 'Q',
    overwrite: 'overwrite',
    'warning=': 'warning',
    'absolute-names': 'P',
    'owner=': 'owner',
    'group=': 'group',
    'keep-directory-symlink': 'y',
    dereference: 'h',
    'numeric-owner': 'numeric-owner',
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
    update: 'u',
    diff: 'd',
    compare: 'd',
    catenate: 'A',
    concatenate: 'A',
    delete: 'delete',
    'newer=': 'N',
    'after-date=': 'N',
    'newer-mtime=': 'N',
    'keep-newer-files': 'keep-newer-files',
    'full-time': 'full-time',
    utc: 'utc',
    'index-file=': 'index-file',
    'blocking-factor=': 'b',
    'record-size=': 'record-size',
    'use-compress-program=': 'I',
    compress: 'Z',
    uncompress: 'Z',
    gunzip: 'z',
    ungzip: 'z',
    zstd: 'zstd',
    lzma: 'lzma',
    lzip: 'lzip',
    lzop: 'lzop',
    'format=': 'H',
    'ignore-failed-read': 'ignore-failed-read',
    'starting-file=': 'K',
    'show-transformed-names': 'show-transformed',
    'show-stored-names': 'show-transformed',
    'show-defaults': 'show-defaults',
    // Of what follows nothing can be seen here: how files are laid out, and what kernels keep besides.
    ...Object.fromEntries(
      'acls no-acls xattrs no-xattrs selinux no-selinux sparse unlink-first recursive-unlink overwrite-dir no-overwrite-dir delay-directory-restore no-delay-directory-restore check-device no-check-device check-links force-local hard-dereference no-auto-compress preserve-order same-order ignore-zeros read-full-records seek no-seek restrict verify posix old-archive portability no-anchored no-ignore-case no-wildcards-match-slash wildcards-match-slash no-null no-quote-chars no-unquote unquote verbatim-files-from no-verbatim-files-from no-ignore-command-error'
        .split(' ')
        .map((name) => [name, 'ignored']),
    ),
    ...Object.fromEntries(
      'atime-preserve=? hole-detection= sparse-version= xattrs-include= xattrs-exclude= pax-option= rmt-command= rsh-command= quoting-style='
        .split(' ')
        .map((name) => [name, 'ignored']),
    ),
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
        const takes = 'fCTXNbHIK'.includes(l)
        if (takes && argv.length < 2 && !c.busybox)
          throw new Fail(`tar: Old option '${l}' requires an argument.\nTry 'tar --help' or 'tar --usage' for more information.`, 64)
        flags.push(`-${l}`, ...(takes ? argv.splice(1, 1) : []))
      }
      argv.splice(1, 0, ...flags)
    }
    const o = await c.options(TAR, argv)
    if (o.has('show-defaults'))
      return c.print('--format=gnu -f- -b20 --quoting-style=escape --rmt-command=/usr/sbin/rmt --rsh-command=/usr/bin/rsh\n').then(() => 0)
    checkValues(o)
    const modes = ['c', 'x', 't', 'r', 'u', 'd', 'A', 'delete'].filter((m) => o.has(m))
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
    const bases = directories(c, o)
    const file = o.get('f')
    o.operands.push(...o.all('K'))
    const otherwise = packer(c, o)
    if ('ruA'.includes(modes[0]!) || modes[0] === 'delete') {
      if (otherwise !== undefined || ['z', 'j', 'J'].some((letter) => o.has(letter)))
        throw new Fail("tar: Cannot update compressed archives\nTry 'tar --help' or 'tar --usage' for more information.", 2)
    }
    if (otherwise !== undefined)
      throw new Fail(
        o.has('c')
          ? `/bin/sh: 1: ${otherwise}: not found\ntar: Child returned status 127\ntar: Error is not recoverable: exiting now`
          : `tar (child): ${otherwise}: Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\ntar: Child returned status 2\ntar: Error is not recoverable: exiting now`,
        2,
      )
    if ('cru'.includes(modes[0]!)) return create(c, o, bases, file)
    if (modes[0] === 'A') return concatenate(c, o, file)
    if (modes[0] === 'delete') return remove(c, o, file)
    const packed = (['z', 'j', 'J'] as const).find((letter) => o.has(letter))
    const input = file === undefined || file === '-' ? c.task.fd(0)! : await openArchive(c, file, packed !== undefined)
    let data = await readAll(input)
    const format = formatOf(data)
    if (packed !== undefined && format?.name !== PACKED[packed].name)
      throw new Fail(
        c.busybox ? `tar: ${packed === 'J' ? '' : 'invalid magic\ntar: '}short read` : PACKED[packed].refusal,
        c.busybox ? 1 : 2,
      )
    if (format) data = await unpackAll(c, format, data, file ?? 'stdin')
    return o.has('d') ? compare(c, o, data, bases.at(-1)!) : read(c, o, data, bases.at(-1)!)
  })
}

/** Refuses values that none of tar's options has. Throws Fail. */
function checkValues(o: Options): void {
  const format = o.get('H')
  if (format !== undefined && !/^(gnu|oldgnu|pax|posix|ustar|v7)$/.test(format))
    throw new Fail(`tar: ${format}: Invalid archive format\nTry 'tar --help' or 'tar --usage' for more information.`, 2)
  const blocks = o.get('b')
  if (blocks !== undefined && !/^[1-9]\d*$/.test(blocks))
    throw new Fail(`tar: ${blocks}: Invalid blocking factor\nTry 'tar --help' or 'tar --usage' for more information.`, 2)
}

/** The program that is to pack, where it is none that the machine has: one of its own stands for the letter that it has. */
function packer(c: Command, o: Options): string | undefined {
  const [program = ''] = (o.get('I') ?? '').trim().split(/\s+/)
  const letter = { gzip: 'z', bzip2: 'j', xz: 'J' }[program]
  if (letter !== undefined && searchPath(c.fs, program, c.task.env['PATH']).path !== undefined) o.add(letter, '')
  else if (program !== '') return program
  if (o.has('Z')) return 'compress'
  return ['zstd', 'lzma', 'lzip', 'lzop'].find((each) => o.has(each))
}

/** The compressions that are asked for by a letter, and what their programs say of anything else. */
const PACKED = {
  z: { name: 'gzip', refusal: '\ngzip: stdin: not in gzip format\ntar: Child returned status 1\ntar: Error is not recoverable: exiting now' },
  j: { name: 'bzip2', refusal: 'bzip2: (stdin) is not a bzip2 file.\ntar: Child returned status 2\ntar: Error is not recoverable: exiting now' },
  J: { name: 'xz', refusal: 'xz: (stdin): File format not recognized\ntar: Child returned status 1\ntar: Error is not recoverable: exiting now' },
} // prettier-ignore

/**
 * The directory for each operand, and for what follows the last of them: GNU's goes from one -C to the next, busybox to the last at once.
 * Throws Fail.
 */
function directories(c: Command, o: Options): string[] {
  let base = '.'
  const bases: string[] = []
  const changes = o.given.filter(([letter]) => letter === 'C')
  for (const [, to, before] of c.busybox ? changes.slice(-1) : changes) {
    if (!c.busybox) while (bases.length < before) bases.push(base)
    base = to.startsWith('/') ? to : base === '.' ? to : `${base}/${to}`
    try {
      if (c.fs.stat(base).type !== 'directory') throw new SystemError('ENOTDIR', 'Not a directory')
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw c.busybox
        ? new Fail(`tar: can't change directory to '${to}': ${error.message}`)
        : new Fail(`tar: ${to}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`, 2)
    }
  }
  while (bases.length <= o.operands.length) bases.push(base)
  return bases
}

async function openArchive(c: Command, path: string, packed: boolean): ReturnType<typeof openForReading> {
  try {
    return await openForReading(c.task, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(
      c.busybox
        ? `tar: can't open '${path}': ${error.message}`
        : packed
          ? `tar (child): ${path}: Cannot open: ${error.message}\ntar (child): Error is not recoverable: exiting now\ntar: Child returned status 2\ntar: Error is not recoverable: exiting now`
          : `tar: ${path}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`,
      c.busybox ? 1 : 2,
    )
  }
}

async function read(c: Command, o: Options, data: Buffer, base: string): Promise<number> {
  const index = o.get('index-file')
  const note = index === undefined ? undefined : c.fs.open(index, 'w')
  const tell = (line: string): Promise<unknown> => (note ? note.write(Buffer.from(line)) : c.print(line))
  if (data.length < 512)
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
        `${m.name.replace(/\/$/, '')}/`.startsWith(`${p.replace(/\/$/, '')}/`),
    )
    if (o.operands.length > 0 && wanted === undefined) continue
    if (wanted !== undefined) found.add(wanted)
    if (excluded(m.name.replace(/\/$/, ''))) continue
    if (o.has('t')) {
      const size = String(m.data.length)
      const owner = ownerOf(o, m)
      wide = Math.max(wide, owner.length + 1 + size.length)
      await tell(o.has('v') ? listed(c, m, owner, c.busybox ? 9 : wide - owner.length - 1, o.has('full-time')) : `${m.name}\n`)
      if (m.cut === 'data' || (m.cut && !c.busybox)) throw endOfArchive(c, 1)
      continue
    }
    if (o.has('v')) {
      const shown = o.all('v').length > 1 ? listed(c, m, ownerOf(o, m), c.busybox ? 9 : 19 - m.owner.length - 1) : `${m.name}\n`
      await (o.has('O') ? c.task.writeError(shown) : tell(shown))
    }
    if (o.has('O')) {
      if (m.type === '0') await c.print(m.data)
      continue
    }
    let name = renamed(o.has('P') ? m.name : m.name.replace(/^\/+/, ''))
    const strip = Number(o.get('strip') ?? 0)
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
    if (o.has('keep-newer-files') && m.type !== '5' && c.fs.exists(path) && c.fs.lstat(path).mtime >= m.mtime) {
      await c.task.writeError(`tar: Current '${name}' is newer or same age\n`)
      continue
    }
    try {
      await extract(c, o, m, path, under)
      if (m.type === '5') directories.push({ ...m, name: path })
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      if (m.type === '5') await c.warn(cannotMake(c, name.replace(/\/$/, ''), error.message), c.busybox ? 1 : 2)
      else if (c.busybox) throw new Fail(`tar: can't open '${name}': ${error.message}`)
      else await c.warn(`${name}: Cannot open: ${error.message}`, 2)
    }
    if (m.cut === 'data' || (m.cut && !c.busybox)) throw endOfArchive(c, 2)
  }
  // Times of directories last: putting files into them changes them.
  for (const d of directories) if (!o.has('m')) c.fs.utimes(d.name, d.mtime)
  const odd = o.operands.some((p) => !found.has(p) && /[*?[]/.test(p)) && !o.has('wildcards') && !o.has('no-wildcards') && !c.busybox
  if (odd) await c.task.writeError(`${PATTERNS}\n`)
  for (const p of o.operands)
    if (!found.has(p)) await c.warn(c.busybox ? `${p}: not found in archive` : `${p}: Not found in archive`, c.busybox ? 1 : 2)
  if (c.status !== 0 && !c.busybox) await c.task.writeError('tar: Exiting with failure status due to previous errors\n')
  return c.status
}

const PATTERNS =
  'tar: Pattern matching characters used in file names\ntar: Use --wildcards to enable pattern matching, or --no-wildcards to suppress this warning'

function ownerOf(o: Options, m: Member): string {
  return o.has('numeric-owner') ? `${m.uid}/${m.gid}` : m.owner
}

/** A member as -tv shows it. @param wide the width of its size */
function listed(c: Command, m: Member, owner: string, wide: number, full = false): string {
  const mode = modeText({ type: m.type === '5' ? 'directory' : m.type === '2' ? 'symlink' : 'file', mode: m.mode })
  const time = formatTime(c.busybox || full ? '%Y-%m-%d %H:%M:%S' : '%Y-%m-%d %H:%M', m.mtime)
  const hard = m.type === '1'
  const link = hard && !c.busybox ? ` link to ${m.link}` : hard || m.type === '2' ? ` -> ${m.link}` : ''
  const kind = hard && !c.busybox ? `h${mode.slice(1)}` : mode
  return `${kind} ${owner} ${String(m.data.length).padStart(wide)} ${time} ${m.name}${link}\n`
}

/** What is said of an archive that ends too early. @param times how often GNU's says it */
function endOfArchive(c: Command, times: number): Fail {
  if (c.busybox) return new Fail('tar: short read')
  return new Fail(`${'tar: Unexpected EOF in archive\n'.repeat(times)}tar: Error is not recoverable: exiting now`, 2)
}

function cannotMake(c: Command, name: string, why: string): string {
  return c.busybox ? `can't create directory '${name}': ${why}` : `${name}: Cannot mkdir: ${why}`
}

/** Makes the directories above a member that are not there; says which one cannot be made. */
async function makeParents(c: Command, path: string, name: string): Promise<void> {
  const base = path.slice(0, path.length - name.length)
  const parts = name.replace(/\/$/, '').split('/').slice(0, -1)
  for (let i = 1; i <= parts.length; i++) {
    const parent = parts.slice(0, i).join('/')
    if (parent === '' || c.fs.exists(base + parent)) continue
    try {
      c.fs.mkdir(base + parent)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      return c.busybox ? undefined : c.warn(cannotMake(c, parent, error.message), 2)
    }
  }
}

async function extract(c: Command, o: Options, m: Member, path: string, name: string): Promise<void> {
  await makeParents(c, path, path.endsWith(name) ? name : path)
  if (m.type === '5') {
    if (!c.fs.exists(path)) c.fs.mkdir(path.replace(/\/$/, ''), { mode: m.mode })
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
