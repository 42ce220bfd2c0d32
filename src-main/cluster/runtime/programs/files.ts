/** Programs that change the file tree: rm, mkdir, rmdir, ln, touch, mktemp, mkfifo, truncate. */
import type { Stat } from '../fs.js'
import { isErrorCode } from '../errors.js'
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { parseSize } from './sizes.js'
import { applyMode } from './modes.js'
import { parseTime } from './strftime.js'
import { choice } from './choice.js'
import { checkBackup, confirm, destinations, exists, failed, join, keepOld, warnOfContext } from './copy.js'
import { relative } from './names.js'

/** The last part of a path. */
export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' ? (path === '' ? '' : '/') : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

export function isDirectory(c: Command, path: string): boolean {
  return c.fs.exists(path) && c.fs.stat(path).type === 'directory'
}

const RM = {
  short: 'rRfidvI',
  long: {
    recursive: 'r',
    force: 'f',
    dir: 'd',
    'interactive=?': 'ask',
    verbose: 'v',
    'no-preserve-root': 'P',
    'preserve-root=?': 'Q',
    'one-file-system': 'x',
  },
  usage: '[-irf] FILE...\n\nRemove (unlink) FILEs\n\n\t-i\tAlways prompt before removing\n\t-f\tForce, never prompt\n\t-R,-r\tRecurse',
}

export function rm(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(RM)
    if (o.operands.length === 0) {
      if (o.has('f')) return
      throw c.usageError(RM, c.busybox ? undefined : 'missing operand')
    }
    const root = o.get('Q')
    if (root && root !== 'all') throw new Fail(`rm: unrecognized --preserve-root argument: '${root}'`)
    const recursive = o.has('r') || o.has('R')
    const ask = o.has('ask')
      ? choice(c, '--interactive', o.get('ask') || 'always', [['never', 'no', 'none'], ['once'], ['always', 'yes']])
      : ''
    if (ask === 'always') o.add('i', '')
    const many = o.operands.length
    if ((o.has('I') || ask === 'once') && (recursive || many > 3)) {
      const question = `rm: remove ${many} argument${many === 1 ? '' : 's'}${recursive ? ' recursively' : ''}?`
      if (!(await confirm(c, question))) return
    }
    for (const path of o.operands) {
      if (baseName(path) === '.' || baseName(path) === '..') {
        await c.warn(c.busybox ? `can't remove '${path}'` : `refusing to remove '.' or '..' directory: skipping '${path}'`)
        continue
      }
      if (recursive && !c.busybox && !o.has('P') && c.fs.exists(path) && c.fs.realpath(path) === '/') {
        await c.warn("it is dangerous to operate recursively on '/'")
        await c.task.writeError('rm: use --no-preserve-root to override this failsafe\n')
        continue
      }
      await removeOne(c, o, path, recursive)
    }
  })
}

async function removeOne(c: Command, o: Options, path: string, recursive: boolean): Promise<void> {
  try {
    const stat = c.fs.lstat(path)
    if (stat.type === 'directory' && !recursive && !o.has('d'))
      return void (await c.warn(c.busybox ? `'${path}' is a directory` : `cannot remove '${path}': Is a directory`))
    if (stat.type === 'directory' && recursive) {
      const names = c.fs.readdir(path)
      if (o.has('i') && names.length > 0 && !(await confirm(c, `rm: descend into directory '${path}'?`))) return
      for (const name of names) await removeOne(c, o, join(path, name), true)
    }
    if (o.has('i') && !(await confirm(c, `rm: remove ${c.busybox ? '' : `${kindOf(stat)} `}'${path}'?`))) return
    c.fs.remove(path)
    if (o.has('v')) await c.print(stat.type === 'directory' && !c.busybox ? `removed directory '${path}'\n` : `removed '${path}'\n`)
  } catch (error) {
    if (o.has('f') && (isErrorCode(error, 'ENOENT') || isErrorCode(error, 'ENOTDIR'))) return
    await failed(c, error, `can't remove '${path}'`, `cannot remove '${path}'`)
  }
}

/** What a file is, in the words of stat and rm. */
function kindOf(stat: Stat): string {
  if (stat.type === 'file') return stat.size === 0 ? 'regular empty file' : 'regular file'
  return {
    directory: 'directory',
    symlink: 'symbolic link',
    fifo: 'fifo',
    socket: 'socket',
    device: 'character special file',
    block: 'block special file',
  }[stat.type]
}

const MKDIR = {
  short: 'pm:vZ',
  long: { parents: 'p', 'mode=': 'm', verbose: 'v', 'context=?': 'Z' },
  usage: '[-m MODE] [-p] DIRECTORY...\n\nCreate DIRECTORY\n\n\t-m MODE\tMode\n\t-p\tNo error if exists; make parent directories as needed',
}

export function mkdir(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(MKDIR)
    if (o.operands.length === 0) throw c.usageError(MKDIR, c.busybox ? undefined : 'missing operand')
    await warnOfContext(c, o)
    for (const path of o.operands) {
      try {
        const there = c.fs.exists(path)
        const parents = o.has('p') && o.has('v') ? missingParents(c, path) : []
        c.fs.mkdir(path, { recursive: o.has('p') })
        const mode = o.get('m')
        if (mode !== undefined && !there) c.fs.chmod(path, applyMode(mode, 0o777, true, 0) ?? 0o777)
        for (const made of o.has('v') && !there ? [...parents, path] : [])
          await c.print(c.busybox ? `created directory: '${made}'\n` : `mkdir: created directory '${made}'\n`)
      } catch (error) {
        await failed(c, error, `can't create directory '${path}'`, `cannot create directory '${path}'`)
      }
    }
  })
}

/** The directories above `path` that are not there, the outermost first. */
function missingParents(c: Command, path: string): string[] {
  const parts = path.replace(/\/+$/, '').split('/')
  return parts
    .slice(0, -1)
    .map((_, i) => parts.slice(0, i + 1).join('/'))
    .filter((parent) => parent !== '' && !c.fs.exists(parent))
}

export function rmdir(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'pv',
      long: { parents: 'p', verbose: 'v', 'ignore-fail-on-non-empty': 'I' },
      usage: '[-p] DIRECTORY...\n\nRemove DIRECTORY if it is empty',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    for (const operand of o.operands) {
      let path = operand
      try {
        do {
          if (o.has('v') && !c.busybox) await c.print(`rmdir: removing directory, '${path}'\n`)
          if (c.fs.lstat(path).type !== 'directory') throw new SystemError('ENOTDIR', 'Not a directory')
          c.fs.remove(path)
          path = path.includes('/') ? path.replace(/\/+[^/]*\/*$/, '') : ''
        } while (o.has('p') && path !== '')
      } catch (error) {
        if (o.has('I') && isErrorCode(error, 'ENOTEMPTY')) continue
        await failed(c, error, `'${path}'`, `failed to remove '${path}'`)
      }
    }
  })
}

export function ln(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 'sfnbS:vT' : 'sfnvTrt:bS:iLPdF',
      long: {
        symbolic: 's',
        directory: 'd',
        force: 'f',
        'no-dereference': 'n',
        verbose: 'v',
        relative: 'r',
        'no-target-directory': 'T',
        'target-directory=': 't',
        'backup=?': 'b',
        'suffix=': 'S',
        interactive: 'i',
        logical: 'L',
        physical: 'P',
      },
      usage: '[-sfnbtv] [-S SUF] TARGET... LINK|DIR\n\nCreate a link LINK or DIR/TARGET to the specified TARGET(s)',
    }
    const o = await c.options(spec)
    if (o.has('r') && !o.has('s')) throw new Fail('ln: cannot do --relative without --symbolic')
    if (o.get('b') && !c.busybox) checkBackup(c, o.get('b')!)
    if (o.has('n') && o.operands.length === 2 && exists(c, o.operands[1]!) && c.fs.lstat(o.operands[1]!).type === 'symlink') o.add('T', '')
    for (const [target, link] of destinations(c, o, spec, 'link')) {
      try {
        if (!o.has('s') && !c.busybox && isDirectory(c, target)) {
          await c.warn(`${target}: hard link not allowed for directory`)
          continue
        }
        if (exists(c, link) && o.has('b')) keepOld(c, o, link)
        else if (o.has('i') && exists(c, link)) {
          if (!(await confirm(c, `ln: replace '${link}'?`))) continue
          c.fs.remove(link)
        } else if (o.has('f') && exists(c, link)) c.fs.remove(link)
        if (o.has('s')) c.fs.symlink(o.has('r') ? relativeTo(c, target, link) : target, link)
        else c.fs.link(target, link)
        const made = o.has('s') && o.has('r') ? relativeTo(c, target, link) : target
        if (o.has('v')) await c.print(`'${link}' ${o.has('s') || c.busybox ? '->' : '=>'} '${made}'\n`)
      } catch (error) {
        await failed(
          c,
          error,
          link,
          o.has('s')
            ? `failed to create symbolic link '${link}'`
            : exists(c, target)
              ? `failed to create hard link '${link}'`
              : `failed to access '${target}'`,
        )
      }
    }
  })
}

/** How `target` is reached from where `link` stands. */
function relativeTo(c: Command, target: string, link: string): string {
  const from = c.fs.absolute(link)
  return relative(c.fs.absolute(target), from.slice(0, from.lastIndexOf('/')))
}

/** The year of `-t`: this one when it is left out; 69 to 99 are of the last century. */
function yearOf(century: string | undefined, year: string | undefined, now: number): number {
  if (year === undefined) return new Date(now).getUTCFullYear()
  return Number(`${century ?? (Number(year) >= 69 ? '19' : '20')}${year}`)
}

/** When the file of `-r` was changed, ms. Throws Fail. */
function timeOf(c: Command, path: string): number {
  try {
    return c.fs.stat(path).mtime
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(
      c.busybox ? `${c.name}: ${path}: ${error.message}` : `${c.name}: failed to get attributes of '${path}': ${error.message}`,
    )
  }
}

export function touch(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'acmd:r:t:hf',
      long: { 'no-create': 'c', 'date=': 'd', 'reference=': 'r', 'time=': 'time', 'no-dereference': 'h' },
      usage: '[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...\n\nUpdate mtime of FILEs',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing file operand')
    if (o.has('time'))
      choice(c, '--time', o.get('time')!, [
        ['atime', 'access', 'use'],
        ['mtime', 'modify'],
      ])
    let at = c.task.clock.now()
    const date = o.get('d')
    if (date !== undefined) {
      const parsed = parseTime(date, at)
      if (parsed === undefined) throw new Fail(c.busybox ? `touch: invalid date '${date}'` : `touch: invalid date format '${date}'`)
      at = parsed
    }
    const stamp = /^(?:(\d{2})?(\d{2}))?(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{2}))?$/.exec(o.get('t') ?? '')
    if (o.has('t') && !stamp)
      throw new Fail(c.busybox ? `touch: invalid date '${o.get('t')}'` : `touch: invalid date format '${o.get('t')}'`)
    if (stamp)
      at = Date.UTC(
        yearOf(stamp[1], stamp[2], at),
        Number(stamp[3]) - 1,
        Number(stamp[4]),
        Number(stamp[5]),
        Number(stamp[6]),
        Number(stamp[7] ?? 0),
      )
    if (o.has('r')) at = timeOf(c, o.get('r')!)
    for (const path of o.operands) {
      try {
        if (o.has('h') ? !exists(c, path) : !c.fs.exists(path)) {
          if (o.has('c')) continue
          if (o.has('h') && !c.busybox) {
            await c.warn(`setting times of '${path}': No such file or directory`)
            continue
          }
          c.fs.writeFile(path, '')
        }
        if (o.has('h')) c.fs.utimes(path, at, { link: true })
        else c.fs.utimes(path, at)
      } catch (error) {
        await failed(c, error, path, `cannot touch '${path}'`)
      }
    }
  })
}

const MKTEMP = {
  short: 'dtqup:V',
  long: { directory: 'd', 'tmpdir=?': 'p', 'dry-run': 'u', quiet: 'q', 'suffix=': 'suffix' },
  usage: '[-dt] [-p DIR] [TEMPLATE]\n\nCreate a temporary file with name based on TEMPLATE and print its name',
}

export function mktemp(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(MKTEMP)
    if (o.operands.length > 1) throw c.usageError(MKTEMP, c.busybox ? undefined : 'too many templates')
    const suffix = o.get('suffix') ?? ''
    if (suffix.includes('/')) throw new Fail(`mktemp: invalid suffix '${suffix}', contains directory separator`)
    const given = o.operands[0] ?? ''
    if (o.has('suffix') && given !== '' && !given.endsWith('X')) throw new Fail(`mktemp: with --suffix, template '${given}' must end in X`)
    if (o.has('t') && given.includes('/') && !c.busybox)
      throw new Fail(`mktemp: invalid template, '${given}', contains directory separator`)
    if (o.has('p') && given.startsWith('/') && !c.busybox)
      throw new Fail(`mktemp: invalid template, '${given}'; with --tmpdir, it may not be absolute`)
    const template = o.operands[0] ?? (c.busybox ? 'tmp.XXXXXX' : 'tmp.XXXXXXXXXX')
    if (!/X{3,}/.test(template))
      throw new Fail(c.busybox ? `mktemp: ${template}: Invalid argument` : `mktemp: too few X's in template '${template}'`)
    const base =
      o.operands.length === 0 || o.has('t') || o.has('p') ? join(o.get('p') || c.task.env['TMPDIR'] || '/tmp', template) : template
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    const path = base.replace(/X+(?=[^X]*$)/, (xs) => [...xs].map(() => letters[c.task.random.int(letters.length)]).join('')) + suffix
    try {
      if (o.has('d')) c.fs.mkdir(path, { mode: 0o700 })
      else if (!o.has('u')) c.fs.writeFile(path, '', { mode: 0o600 })
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      const made = o.has('d') ? 'create directory via template' : 'create file via template'
      if (!o.has('q')) await c.warn(c.busybox ? `${base}: ${error.message}` : `failed to ${made} '${base}${suffix}': ${error.message}`)
      return 1
    }
    await c.print(`${path}\n`)
  })
}

export function mkfifo(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: c.busybox ? 'm:' : 'm:Z', long: { 'mode=': 'm', 'context=?': 'Z' }, usage: '[-m MODE] NAME\n\nCreate named pipe' }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    await warnOfContext(c, o)
    for (const path of o.operands) {
      try {
        c.fs.makeFifo(path)
        const mode = applyMode(o.get('m') ?? '', 0o666, false, 0)
        if (mode !== undefined && o.has('m')) c.fs.chmod(path, mode)
      } catch (error) {
        await failed(c, error, path, `cannot create fifo '${path}'`)
      }
    }
  })
}

export function truncate(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 'cs:' : 'cor:s:',
      long: { 'no-create': 'c', 'io-blocks': 'o', 'reference=': 'r', 'size=': 's' },
      usage: '[-c] -s SIZE FILE...\n\nTruncate FILEs to SIZE',
    }
    const o = await c.options(spec)
    const like = o.get('r')
    const text = o.get('s') ?? (like === undefined ? undefined : '+0')
    const relation = text === undefined ? '' : /^\s*([-+<>/%]?)/.exec(text)![1]!
    if (text !== undefined && parseSize(text.trimStart().slice(relation.length)) === undefined)
      throw new Fail(`truncate: ${c.busybox ? `invalid number '${text}'` : `Invalid number: '${text}'`}`)
    if (like !== undefined && relation === '') throw c.usageError(spec, "you must specify a relative '--size' with '--reference'")
    if (text === undefined) throw c.usageError(spec, c.busybox ? undefined : "you must specify either '--size' or '--reference'")
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing file operand')
    const size = parseSize(text.trimStart().slice(relation.length))! * (o.has('o') ? 4096 : 1)
    if (size === 0 && (relation === '/' || relation === '%')) throw new Fail('truncate: division by zero')
    const reference = like === undefined ? undefined : sizeOf(c, like)
    const wanted: Readonly<Record<string, (old: number) => number>> = {
      '': () => size,
      '+': (old) => old + size,
      '-': (old) => Math.max(0, old - size),
      '<': (old) => Math.min(old, size),
      '>': (old) => Math.max(old, size),
      '/': (old) => old - (old % size),
      '%': (old) => Math.ceil(old / size) * size,
    }
    for (const path of o.operands) {
      try {
        if (!c.fs.exists(path) && o.has('c')) continue
        const old = reference ?? (c.fs.exists(path) ? c.fs.stat(path).size : 0)
        c.fs.truncate(path, wanted[relation]!(old))
      } catch (error) {
        await failed(c, error, path, `cannot open '${path}' for writing`)
      }
    }
  })
}

/** The size of the file of `--reference`. Throws Fail. */
function sizeOf(c: Command, path: string): number {
  try {
    return c.fs.stat(path).size
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`truncate: cannot stat '${path}': ${error.message}`)
  }
}
