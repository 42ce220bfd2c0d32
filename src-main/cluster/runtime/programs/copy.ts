/** cp and mv. */
import type { Stat } from '../fs.js'
import { isErrorCode } from '../errors.js'
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { choice } from './choice.js'
import { baseName, isDirectory } from './files.js'

export function join(directory: string, name: string): string {
  return `${directory.replace(/\/+$/, '')}/${name}`
}

/** `cp`'s, `mv`'s and `ln`'s last operand: a directory to put things into, or the new name. */
export function destinations(c: Command, o: Options, usage: Parameters<Command['usageError']>[0], verb: string): [string, string][] {
  const operands = [...o.operands]
  let directory = o.get('t')
  if (directory !== undefined && !c.busybox && !isDirectory(c, directory)) {
    const why = c.fs.exists(directory) ? 'Not a directory' : 'No such file or directory'
    throw new Fail(
      c.name !== 'ln'
        ? `${c.name}: target directory '${directory}': ${why}`
        : c.fs.exists(directory)
          ? `ln: target '${directory}' is not a directory`
          : `ln: failed to access '${directory}': ${why}`,
    )
  }
  if (operands.length === 0) throw c.usageError(usage, c.busybox ? undefined : 'missing file operand')
  if (directory === undefined) {
    if (operands.length === 1) {
      if (verb === 'link') return [[operands[0]!, `${c.busybox ? '' : './'}${baseName(operands[0]!)}`]]
      throw c.usageError(usage, c.busybox ? undefined : `missing destination file operand after '${operands[0]}'`)
    }
    const last = operands.pop()!
    if (!o.has('T') && isDirectory(c, last)) directory = last
    else if (operands.length > 1 && o.has('T')) throw c.usageError(usage, c.busybox ? undefined : `extra operand '${last}'`)
    else if (operands.length > 1)
      throw new Fail(
        c.busybox
          ? `${c.name}: ${last}: No such file or directory`
          : `${c.name}: target '${last}': ${c.fs.exists(last) ? 'Not a directory' : 'No such file or directory'}`,
      )
    else return [[operands[0]!, last]]
  }
  const into = directory
  return operands.map((source) => [source, join(into, o.has('parents') ? source.replace(/^\/+/, '') : baseName(source))])
}

const BACKUPS = [
  ['none', 'off'],
  ['simple', 'never'],
  ['existing', 'nil'],
  ['numbered', 't'],
]

/** Refuses a kind of backup that there is none of. Throws Fail. */
export function checkBackup(c: Command, given: string): void {
  if (given) choice(c, 'backup type', given, BACKUPS)
}

/** Gives what is there another name, as with `--backup`: `file~`, or `file.~1~` and so on. */
export function keepOld(c: Command, o: Options, path: string): string | undefined {
  const given = o.get('b') || c.task.env['VERSION_CONTROL'] || 'existing'
  const control = choice(c, 'backup type', given, BACKUPS)
  if (control === 'none') return undefined
  const numbered = (n: number): string => `${path}.~${n}~`
  let n = 1
  while (exists(c, numbered(n))) n++
  const simple = control === 'simple' || (control === 'existing' && n === 1)
  const kept = simple ? path + (o.get('S') ?? c.task.env['SIMPLE_BACKUP_SUFFIX'] ?? '~') : numbered(n)
  c.fs.rename(path, kept)
  return kept
}

const ATTRIBUTES = [['mode'], ['timestamps'], ['ownership'], ['links'], ['context'], ['xattr'], ['all']]
const CLONES = [['auto'], ['always'], ['never']]

/** A security context can be asked for; there is nothing here that would keep it. */
export async function warnOfContext(c: Command, o: Options): Promise<void> {
  const kernel = c.name === 'cp' || c.name === 'install' ? 'an SELinux-enabled' : 'an SELinux/SMACK-enabled'
  if (o.given.some(([letter, value]) => letter === 'Z' && value !== ''))
    await c.task.writeError(`${c.name}: warning: ignoring --context; it requires ${kernel} kernel\n`)
}

const CP = {
  short: 'adRrfinpPLHlsuvxTt:bS:Z',
  long: {
    recursive: 'R',
    archive: 'a',
    force: 'f',
    'no-clobber': 'n',
    interactive: 'i',
    verbose: 'v',
    'update=?': 'u',
    'backup=?': 'b',
    'suffix=': 'S',
    parents: 'parents',
    link: 'l',
    'symbolic-link': 's',
    'one-file-system': 'x',
    'attributes-only': 'attributes-only',
    'remove-destination': 'remove-destination',
    'strip-trailing-slashes': 'strip',
    'reflink=?': 'reflink',
    'sparse=': 'sparse',
    'no-preserve=': 'no-preserve',
    dereference: 'L',
    'no-dereference': 'P',
    'preserve=?': 'p',
    'no-target-directory': 'T',
    'target-directory=': 't',
    'copy-contents': 'copy-contents',
    'context=?': 'Z',
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
    checkBackup(c, o.get('b') ?? '')
    for (const kept of (o.get('p') ?? '').split(',').filter(Boolean)) choice(c, '--preserve', kept, ATTRIBUTES)
    if (o.get('reflink')) choice(c, '--reflink', o.get('reflink')!, CLONES)
    await warnOfContext(c, o)
    if (o.has('parents') && !o.has('t') && o.operands.length > 1 && !isDirectory(c, o.operands.at(-1)!))
      throw c.usageError(CP, 'with --parents, the destination must be a directory')
    for (const [from, to] of destinations(c, o, CP, 'copy')) {
      if (o.has('parents')) c.fs.mkdir(to.replace(/\/+[^/]*\/*$/, '') || '/', { recursive: true })
      await copy(c, o, from, to, true)
    }
  })
}

async function copy(c: Command, o: Options, from: string, to: string, top: boolean): Promise<void> {
  const recursive = o.has('R') || o.has('r') || o.has('a')
  const keepLinks = !o.has('L') && (recursive || o.has('d') || o.has('P')) && !(top && o.has('H'))
  let stat: Stat
  let backup: string | undefined
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
      if (o.has('v')) await c.print(`'${from}' -> '${to}'\n`)
      for (const name of c.fs.readdir(from)) await copy(c, o, join(from, name), join(to, name), false)
    } else {
      if (c.fs.exists(to) && (o.has('n') || (o.has('i') && !(await confirm(c, `${c.name}: overwrite '${to}'?`))))) return
      if (o.has('u') && c.fs.exists(to) && c.fs.stat(to).mtime >= stat.mtime) return
      if (c.fs.exists(to) && c.fs.stat(to).inode === stat.inode && c.fs.mountOf(to) === c.fs.mountOf(from))
        return void (await c.warn(`'${from}' and '${to}' are the same file`))
      if (to.endsWith('/') && !c.fs.exists(to)) throw new SystemError('ENOTDIR', 'Not a directory')
      if (o.has('b') && exists(c, to)) backup = keepOld(c, o, to)
      else if (o.has('remove-destination') && exists(c, to)) c.fs.remove(to)
      if (o.has('attributes-only')) c.fs.open(to, c.fs.exists(to) ? 'a' : 'w', stat.mode & 0o777).close()
      else await copyFile(c, o, from, to, stat)
    }
    if (o.has('v') && stat.type !== 'directory') await c.print(`'${from}' -> '${to}'${backup ? ` (backup: '${backup}')` : ''}\n`)
    if ((o.has('p') || o.has('a')) && stat.type !== 'symlink') preserve(c, to, stat)
  } catch (error) {
    return failed(c, error, `can't create '${to}'`, `cannot create ${stat.type === 'directory' ? 'directory' : 'regular file'} '${to}'`)
  }
}

async function copyFile(c: Command, o: Options, from: string, to: string, stat: Stat): Promise<void> {
  if (o.has('f') && c.fs.exists(to) && !c.fs.access(to, 2)) c.fs.remove(to)
  if (o.has('reflink') && (o.get('reflink') || 'always') === 'always' && !c.busybox) {
    if (!c.fs.exists(to)) c.fs.open(to, 'w', stat.mode & 0o777).close()
    return c.warn(`failed to clone '${to}' from '${from}': Operation not supported`)
  }
  if (o.has('s') && !c.busybox && !from.startsWith('/') && to.replace(/^\.\//, '').includes('/'))
    return c.warn(`${to}: can make relative symbolic links only in current directory`)
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
function copyProgram(c: Command, from: string, to: string): void {
  if (!c.fs.access(from, 1) || !c.fs.access(to, 1)) return
  const { node } = c.fs.executable(from)
  if (node.program) c.fs.executable(to).node.program = node.program
}

function preserve(c: Command, path: string, stat: Stat): void {
  c.fs.chmod(path, stat.mode)
  if (c.task.uid === 0) c.fs.chown(path, stat.uid, stat.gid)
  c.fs.utimes(path, stat.mtime)
}

export async function confirm(c: Command, question: string): Promise<boolean> {
  await c.task.writeError(`${question} `)
  return /^[yY]/.test((await c.task.readLine()) ?? '')
}

export async function failed(c: Command, error: unknown, busybox: string, coreutils: string): Promise<void> {
  if (!(error instanceof SystemError)) throw error
  await c.warn(`${c.busybox ? busybox : coreutils}: ${error.message}`)
}

const MV = {
  short: 'finTt:vubS:Z',
  long: {
    force: 'f',
    interactive: 'i',
    'no-clobber': 'n',
    verbose: 'v',
    'no-target-directory': 'T',
    'target-directory=': 't',
    'update=?': 'u',
    'backup=?': 'b',
    'suffix=': 'S',
    'strip-trailing-slashes': 'strip',
    context: 'Z',
  },
  usage: '[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }\n\nRename SOURCE to DEST, or move SOURCEs to DIRECTORY',
}

export function mv(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(MV)
    checkBackup(c, o.get('b') ?? '')
    for (const [from, to] of destinations(c, o, MV, 'move')) {
      if (c.fs.exists(to) && (o.has('n') || (o.has('i') && !(await confirm(c, `mv: overwrite '${to}'?`))))) continue
      if (exists(c, from) && exists(c, to) && c.fs.absolute(from) === c.fs.absolute(to)) {
        await c.warn(`'${from}' and '${to}' are the same file`)
        continue
      }
      try {
        if (to.endsWith('/') && !exists(c, to) && !isDirectory(c, from)) throw new SystemError('ENOTDIR', 'Not a directory')
        if (o.has('u') && exists(c, from) && exists(c, to) && c.fs.lstat(to).mtime >= c.fs.lstat(from).mtime) continue
        if (o.has('b') && exists(c, to)) keepOld(c, o, to)
        c.fs.rename(from, to)
      } catch (error) {
        if (!isErrorCode(error, 'EXDEV')) {
          const missing = isErrorCode(error, 'ENOENT') && !exists(c, from)
          if (isErrorCode(error, 'EINVAL') && !c.busybox) {
            await c.warn(`cannot move '${from}' to a subdirectory of itself, '${to}'`)
            continue
          }
          if (!c.busybox && exists(c, to) && (isErrorCode(error, 'ENOTDIR') || isErrorCode(error, 'EISDIR'))) {
            const [over, by] = isDirectory(c, to) ? ['directory', 'non-directory'] : ['non-directory', 'directory']
            await c.warn(`cannot overwrite ${over} '${to}' with ${by} '${from}'`)
            continue
          }
          await failed(c, error, `can't rename '${from}'`, missing ? `cannot stat '${from}'` : `cannot move '${from}' to '${to}'`)
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
export function exists(c: Command, path: string): boolean {
  try {
    c.fs.lstat(path)
    return true
  } catch (error) {
    if (error instanceof SystemError) return false
    throw error
  }
}
