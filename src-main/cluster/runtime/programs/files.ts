/** Programs that change the file tree: cp, mv, rm, mkdir, rmdir, ln, touch, chmod, chown, mktemp, mkfifo, truncate. */
import type { Stat } from '../fs.js'
import { isErrorCode } from '../errors.js'
import { SystemError, type Program } from '../process.js'
import { groups, users } from './accounts.js'
import { command, Fail, parseSize, type Command, type Flavour, type Options } from './command.js'
import { applyMode } from './modes.js'
import { parseTime } from './strftime.js'

/** The last part of a path. */
export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' ? (path === '' ? '' : '/') : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

function join(directory: string, name: string): string {
  return `${directory.replace(/\/+$/, '')}/${name}`
}

function isDirectory(c: Command, path: string): boolean {
  return c.fs.exists(path) && c.fs.stat(path).type === 'directory'
}

/** `cp`'s, `mv`'s and `ln`'s last operand: a directory to put things into, or the new name. */
function destinations(c: Command, o: Options, usage: Parameters<Command['usageError']>[0], verb: string): [string, string][] {
  const operands = [...o.operands]
  let directory = o.get('t')
  if (operands.length === 0) throw c.usageError(usage, c.busybox ? undefined : 'missing file operand')
  if (directory === undefined) {
    if (operands.length === 1) {
      if (verb === 'link') return [[operands[0]!, baseName(operands[0]!)]]
      throw c.usageError(usage, c.busybox ? undefined : `missing destination file operand after '${operands[0]}'`)
    }
    const last = operands.pop()!
    if (!o.has('T') && isDirectory(c, last)) directory = last
    else if (operands.length > 1)
      throw new Fail(c.busybox ? `${c.name}: target '${last}' is not a directory` : `${c.name}: target '${last}' is not a directory`)
    else return [[operands[0]!, last]]
  }
  return operands.map((source) => [source, join(directory, baseName(source))])
}

const CP = {
  short: 'adRrfinpPLHlsuvxTt:',
  long: {
    recursive: 'R',
    archive: 'a',
    force: 'f',
    'no-clobber': 'n',
    interactive: 'i',
    verbose: 'v',
    update: 'u',
    dereference: 'L',
    'no-dereference': 'P',
    'preserve=?': 'p',
    'no-target-directory': 'T',
    'target-directory=': 't',
  },
  usage: `[-arPLHpfinlsTu] SOURCE DEST
or: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }

Copy SOURCEs to DEST

	-a	Same as -dpR
	-R,-r	Recurse
	-d,-P	Preserve symlinks (default if -R)
	-L	Follow all symlinks
	-p	Preserve file attributes if possible
	-f	Overwrite
	-i	Prompt before overwrite
	-n	Don't overwrite`,
}

export function cp(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(CP)
    for (const [from, to] of destinations(c, o, CP, 'copy')) await copy(c, o, from, to, true)
  })
}

async function copy(c: Command, o: Options, from: string, to: string, top: boolean): Promise<void> {
  const recursive = o.has('R') || o.has('r') || o.has('a')
  const keepLinks = !o.has('L') && (recursive || o.has('d') || o.has('P')) && !(top && o.has('H'))
  let stat: Stat
  try {
    stat = keepLinks ? c.fs.lstat(from) : c.fs.stat(from)
  } catch (error) {
    return failed(c, error, `can't stat '${from}'`, `cannot stat '${from}'`)
  }
  try {
    if (stat.type === 'directory') {
      if (!recursive)
        return void (await c.warn(c.busybox ? `omitting directory '${from}'` : `-r not specified; omitting directory '${from}'`))
      if (`${c.fs.absolute(to)}/`.startsWith(`${c.fs.absolute(from)}/`))
        return void (await c.warn(
          c.busybox ? `recursion detected, omitting directory '${from}'` : `cannot copy a directory, '${from}', into itself, '${to}'`,
        ))
      if (!isDirectory(c, to)) c.fs.mkdir(to)
      for (const name of c.fs.readdir(from)) await copy(c, o, join(from, name), join(to, name), false)
    } else {
      if (c.fs.exists(to) && (o.has('n') || (o.has('i') && !(await confirm(c, `${c.name}: overwrite '${to}'?`))))) return
      if (o.has('u') && c.fs.exists(to) && c.fs.stat(to).mtime >= stat.mtime) return
      if (c.fs.exists(to) && c.fs.stat(to).inode === stat.inode && c.fs.mountOf(to) === c.fs.mountOf(from))
        return void (await c.warn(`'${from}' and '${to}' are the same file`))
      await copyFile(c, o, from, to, stat)
    }
    if (o.has('v')) await c.print(`'${from}' -> '${to}'\n`)
    if ((o.has('p') || o.has('a')) && stat.type !== 'symlink') preserve(c, to, stat)
  } catch (error) {
    return failed(c, error, `can't create '${to}'`, `cannot create ${stat.type === 'directory' ? 'directory' : 'regular file'} '${to}'`)
  }
}

async function copyFile(c: Command, o: Options, from: string, to: string, stat: Stat): Promise<void> {
  if (o.has('f') && c.fs.exists(to) && !c.fs.access(to, 2)) c.fs.remove(to)
  if (stat.type === 'symlink' || o.has('s')) {
    if (c.fs.exists(to)) c.fs.remove(to)
    return c.fs.symlink(o.has('s') ? from : c.fs.readlink(from), to)
  }
  if (o.has('l')) return c.fs.link(from, to)
  if (stat.type === 'fifo') return c.fs.makeFifo(to)
  const source = c.fs.open(from, 'r')
  const isNew = !c.fs.exists(to)
  const target = c.fs.open(to, 'w', stat.mode & 0o777)
  try {
    for (;;) {
      const data = await source.read(65_536)
      if (data.length === 0) break
      await target.write(data)
    }
    if (isNew) copyProgram(c, from, to)
  } finally {
    source.close()
    target.close()
  }
}

/** A copy of an image's program is that program, too. */
export function copyProgram(c: Command, from: string, to: string): void {
  if (!c.fs.access(from, 1) || !c.fs.access(to, 1)) return
  const { node } = c.fs.executable(from)
  if (node.program) c.fs.executable(to).node.program = node.program
}

function preserve(c: Command, path: string, stat: Stat): void {
  c.fs.chmod(path, stat.mode)
  if (c.task.uid === 0) c.fs.chown(path, stat.uid, stat.gid)
  c.fs.utimes(path, stat.mtime)
}

async function confirm(c: Command, question: string): Promise<boolean> {
  await c.task.writeError(`${question} `)
  return /^[yY]/.test((await c.task.readLine()) ?? '')
}

async function failed(c: Command, error: unknown, busybox: string, coreutils: string): Promise<void> {
  if (!(error instanceof SystemError)) throw error
  await c.warn(`${c.busybox ? busybox : coreutils}: ${error.message}`)
}

const MV = {
  short: 'finTt:vu',
  long: { force: 'f', interactive: 'i', 'no-clobber': 'n', verbose: 'v', 'no-target-directory': 'T', 'target-directory=': 't' },
  usage: '[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }\n\nRename SOURCE to DEST, or move SOURCEs to DIRECTORY',
}

export function mv(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(MV)
    for (const [from, to] of destinations(c, o, MV, 'move')) {
      if (c.fs.exists(to) && (o.has('n') || (o.has('i') && !(await confirm(c, `mv: overwrite '${to}'?`))))) continue
      try {
        c.fs.rename(from, to)
      } catch (error) {
        if (!isErrorCode(error, 'EXDEV')) {
          const missing = isErrorCode(error, 'ENOENT') && !exists(c, from)
          await failed(
            c,
            error,
            missing ? `can't rename '${from}'` : `can't rename '${from}'`,
            missing ? `cannot stat '${from}'` : `cannot move '${from}' to '${to}'`,
          )
          continue
        }
        // Another file system: copied, then removed.
        const copyOptions = await c.options(CP, ['cp', '-a', '--', from, to])
        await copy(c, copyOptions, from, to, true)
        if (c.status === 0) c.fs.remove(from, { recursive: true })
      }
      if (o.has('v')) await c.print(c.busybox ? `'${from}' -> '${to}'\n` : `renamed '${from}' -> '${to}'\n`)
    }
  })
}

/** Also for a link that points nowhere. */
function exists(c: Command, path: string): boolean {
  try {
    c.fs.lstat(path)
    return true
  } catch (error) {
    if (error instanceof SystemError) return false
    throw error
  }
}

const RM = {
  short: 'rRfidv',
  long: { recursive: 'r', force: 'f', dir: 'd', interactive: 'i', verbose: 'v', 'no-preserve-root': 'P', 'preserve-root': 'Q' },
  usage: '[-irf] FILE...\n\nRemove (unlink) FILEs\n\n\t-i\tAlways prompt before removing\n\t-f\tForce, never prompt\n\t-R,-r\tRecurse',
}

export function rm(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(RM)
    if (o.operands.length === 0) {
      if (o.has('f')) return
      throw c.usageError(RM, c.busybox ? undefined : 'missing operand')
    }
    const recursive = o.has('r') || o.has('R')
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
    if (o.has('i') && !(await confirm(c, `rm: remove '${path}'?`))) return
    if (stat.type === 'directory' && recursive) for (const name of c.fs.readdir(path)) await removeOne(c, o, join(path, name), true)
    c.fs.remove(path)
    if (o.has('v')) await c.print(stat.type === 'directory' && !c.busybox ? `removed directory '${path}'\n` : `removed '${path}'\n`)
  } catch (error) {
    if (o.has('f') && (isErrorCode(error, 'ENOENT') || isErrorCode(error, 'ENOTDIR'))) return
    await failed(c, error, `can't remove '${path}'`, `cannot remove '${path}'`)
  }
}

const MKDIR = {
  short: 'pm:v',
  long: { parents: 'p', 'mode=': 'm', verbose: 'v' },
  usage: '[-m MODE] [-p] DIRECTORY...\n\nCreate DIRECTORY\n\n\t-m MODE\tMode\n\t-p\tNo error if exists; make parent directories as needed',
}

export function mkdir(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(MKDIR)
    if (o.operands.length === 0) throw c.usageError(MKDIR, c.busybox ? undefined : 'missing operand')
    for (const path of o.operands) {
      try {
        const there = c.fs.exists(path)
        c.fs.mkdir(path, { recursive: o.has('p') })
        const mode = o.get('m')
        if (mode !== undefined && !there) c.fs.chmod(path, applyMode(mode, 0o777, true, 0) ?? 0o777)
        if (o.has('v') && !there) await c.print(c.busybox ? `created directory: '${path}'\n` : `mkdir: created directory '${path}'\n`)
      } catch (error) {
        await failed(c, error, `can't create directory '${path}'`, `cannot create directory '${path}'`)
      }
    }
  })
}

export function rmdir(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'pv',
      long: { parents: 'p', 'ignore-fail-on-non-empty': 'I' },
      usage: '[-p] DIRECTORY...\n\nRemove DIRECTORY if it is empty',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    for (const operand of o.operands) {
      let path = operand
      try {
        do {
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
      short: 'sfnvTrt:bS:',
      long: { symbolic: 's', force: 'f', 'no-dereference': 'n', verbose: 'v', relative: 'r', 'no-target-directory': 'T' },
      usage: '[-sfnbtv] [-S SUF] TARGET... LINK|DIR\n\nCreate a link LINK or DIR/TARGET to the specified TARGET(s)',
    }
    const o = await c.options(spec)
    if (o.has('n') && o.operands.length === 2 && exists(c, o.operands[1]!) && c.fs.lstat(o.operands[1]!).type === 'symlink') o.add('T', '')
    for (const [target, link] of destinations(c, o, spec, 'link')) {
      try {
        if (o.has('f') && exists(c, link)) c.fs.remove(link)
        if (o.has('s')) c.fs.symlink(target, link)
        else c.fs.link(target, link)
        if (o.has('v')) await c.print(`'${link}' -> '${target}'\n`)
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

export function touch(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'acmd:r:t:h',
      long: { 'no-create': 'c', 'date=': 'd', 'reference=': 'r' },
      usage: '[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...\n\nUpdate mtime of FILEs',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing file operand')
    let at = c.task.clock.now()
    const date = o.get('d')
    if (date !== undefined) {
      const parsed = parseTime(date, at)
      if (parsed === undefined) throw new Fail(c.busybox ? `touch: invalid date '${date}'` : `touch: invalid date format '${date}'`)
      at = parsed
    }
    const stamp = /^(\d{2})?(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{2}))?$/.exec(o.get('t') ?? '')
    if (stamp)
      at = Date.UTC(
        Number(`${stamp[1] ?? '20'}${stamp[2]}`),
        Number(stamp[3]) - 1,
        Number(stamp[4]),
        Number(stamp[5]),
        Number(stamp[6]),
        Number(stamp[7] ?? 0),
      )
    if (o.has('r')) at = c.fs.stat(o.get('r')!).mtime
    for (const path of o.operands) {
      try {
        if (!c.fs.exists(path)) {
          if (o.has('c')) continue
          c.fs.writeFile(path, '')
        }
        c.fs.utimes(path, at)
      } catch (error) {
        await failed(c, error, path, `cannot touch '${path}'`)
      }
    }
  })
}

/** Runs `change` on each operand, and below it with -R. */
async function eachFile(
  c: Command,
  paths: readonly string[],
  recursive: boolean,
  change: (path: string) => Promise<void> | void,
): Promise<void> {
  for (const path of paths) {
    try {
      await change(path)
      if (recursive && c.fs.lstat(path).type === 'directory')
        await eachFile(
          c,
          c.fs.readdir(path).map((n) => join(path, n)),
          true,
          change,
        )
    } catch (error) {
      const missing = isErrorCode(error, 'ENOENT')
      const verb = c.name === 'chmod' ? 'changing permissions of' : c.name === 'chgrp' ? 'changing group of' : 'changing ownership of'
      await failed(c, error, path, missing ? `cannot access '${path}'` : `${verb} '${path}'`)
    }
  }
}

export function chmod(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'RvcfrwxXst',
      long: { recursive: 'R', verbose: 'v', changes: 'c', silent: 'f', quiet: 'f' },
      usage: '[-Rcvf] MODE[,MODE]... FILE...\n\nMODE is octal number (bit pattern sstrwxrwxrwx) or [ugoa]{+|-|=}[rwxXst]',
    }
    // A mode may look like an option: `chmod -w file`.
    const argv = c.task.argv.map((a) => (/^-[rwxXst]+(,|$)/.test(a) ? `a${a}` : a))
    const o = await c.options(spec, argv)
    const [mode, ...files] = o.operands
    if (mode === undefined || files.length === 0)
      throw c.usageError(spec, c.busybox ? undefined : mode === undefined ? 'missing operand' : `missing operand after '${mode}'`)
    if (applyMode(mode, 0, false, c.task.umask) === undefined)
      throw new Fail(
        c.busybox ? `chmod: invalid mode '${mode}'` : `chmod: invalid mode: '${mode}'\nTry 'chmod --help' for more information.`,
      )
    await eachFile(c, files, o.has('R'), (path) => {
      if (c.fs.lstat(path).type === 'symlink' && o.has('R')) return
      const stat = c.fs.stat(path)
      c.fs.chmod(path, applyMode(mode, stat.mode, stat.type === 'directory', c.task.umask)!)
    })
  })
}

export function chown(flavour: Flavour, groupOnly = false): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'RhLHPcvf',
      long: { recursive: 'R', 'no-dereference': 'h' },
      usage: groupOnly
        ? '[-RhLHPcvf]... GROUP FILE...\n\nChange the group membership of FILEs to GROUP'
        : '[-Rh]... USER[:[GRP]] FILE...\n\nChange the owner and/or group of FILEs to USER and/or GRP',
    }
    const o = await c.options(spec)
    const [who, ...files] = o.operands
    if (who === undefined || files.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    const [user, group] = groupOnly ? ['', who] : who.split(/[:.]/)
    const uid = user ? resolve(c, users(c.fs), user, 'user') : undefined
    const gid = group
      ? resolve(c, groups(c.fs), group, 'group')
      : group === '' && user
        ? users(c.fs).find((u) => u.name === user)?.gid
        : undefined
    await eachFile(c, files, o.has('R'), (path) => {
      const stat = c.fs.lstat(path)
      if (stat.type === 'symlink' && o.has('h')) return
      c.fs.chown(path, uid ?? stat.uid, gid ?? stat.gid)
    })
  })
}

function resolve(c: Command, table: { name: string; id: number }[], text: string, what: string): number {
  const found = table.find((a) => a.name === text)
  if (found) return found.id
  if (/^\d+$/.test(text)) return Number(text)
  throw new Fail(c.busybox ? `${c.name}: unknown ${what} ${text}` : `${c.name}: invalid ${what}: '${text}'`)
}

export function mktemp(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'dtqup:',
      long: { directory: 'd', 'tmpdir=?': 'p', 'dry-run': 'u', quiet: 'q' },
      usage: '[-dt] [-p DIR] [TEMPLATE]\n\nCreate a temporary file with name based on TEMPLATE and print its name',
    })
    const template = o.operands[0] ?? 'tmp.XXXXXX'
    if (!/X{3,}/.test(template))
      throw new Fail(c.busybox ? `mktemp: ${template}: Invalid argument` : `mktemp: too few X's in template '${template}'`)
    const base =
      o.operands.length === 0 || o.has('t') || o.has('p') ? join(o.get('p') || c.task.env['TMPDIR'] || '/tmp', template) : template
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    const path = base.replace(/X+(?=[^X]*$)/, (xs) => [...xs].map(() => letters[c.task.random.int(letters.length)]).join(''))
    if (o.has('d')) c.fs.mkdir(path, { mode: 0o700 })
    else if (!o.has('u')) c.fs.writeFile(path, '', { mode: 0o600 })
    await c.print(`${path}\n`)
  })
}

export function mkfifo(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'm:', long: { 'mode=': 'm' }, usage: '[-m MODE] NAME\n\nCreate named pipe' }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    for (const path of o.operands) {
      try {
        c.fs.makeFifo(path)
      } catch (error) {
        await failed(c, error, path, `cannot create fifo '${path}'`)
      }
    }
  })
}

export function truncate(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'cs:', long: { 'size=': 's', 'no-create': 'c' }, usage: '[-c] -s SIZE FILE...\n\nTruncate FILEs to SIZE' }
    const o = await c.options(spec)
    const text = o.get('s')
    if (text === undefined || o.operands.length === 0)
      throw c.usageError(spec, c.busybox ? undefined : "you must specify either '--size' or '--reference'")
    const size = parseSize(text.replace(/^[-+]/, ''))
    if (size === undefined) throw new Fail(`truncate: ${c.busybox ? `invalid number '${text}'` : `Invalid number: '${text}'`}`)
    for (const path of o.operands) {
      const old = c.fs.exists(path) ? c.fs.stat(path).size : 0
      if (!c.fs.exists(path) && o.has('c')) continue
      c.fs.truncate(path, text[0] === '+' ? old + size : text[0] === '-' ? Math.max(0, old - size) : size)
    }
  })
}
