/** install: copies files and gives them modes and owners; makes directories. */
import { SystemError, type Program } from '../process.js'
import { groups, users } from './accounts.js'
import { checkBackup, destinations, exists, keepOld, warnOfContext } from './copy.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { isDirectory } from './files.js'
import { applyMode } from './modes.js'
import { readAll } from './reading.js'

const LONG = {
  directory: 'd', 'mode=': 'm', 'owner=': 'o', 'group=': 'g', verbose: 'v', 'target-directory=': 't', 'preserve-timestamps': 'p', 'backup=?': 'b',
  'suffix=': 'S', compare: 'C', strip: 's', 'strip-program=': 'strip-program', 'no-target-directory': 'T', 'context=?': 'Z',
  'preserve-context': 'preserve-context',
} // prettier-ignore
const USAGE = '[-cdDsp] [-o USER] [-g GRP] [-m MODE] [-t DIR] [SOURCE]... DEST\n\nCopy files and set attributes'

export function install(flavour: Flavour): Program {
  const spec = { short: flavour === 'busybox' ? 'cdDspo:g:m:vt:' : 'bcCdDspo:g:m:vt:TS:Z', long: LONG, usage: USAGE }
  return command(flavour, async (c) => {
    const o = await c.options(spec)
    checkBackup(c, o.get('b') ?? '')
    await warnOfContext(c, o)
    if (o.has('preserve-context'))
      await c.task.writeError('install: WARNING: ignoring --preserve-context; this kernel is not SELinux-enabled\n')
    if (o.has('strip-program') && !o.has('s'))
      await c.task.writeError('install: WARNING: ignoring --strip-program option as -s option was not specified\n')
    const own = ownership(c, o)
    if (o.has('d')) {
      if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing file operand')
      for (const path of o.operands) await makeDirectory(c, o, path, own)
      return
    }
    if (o.has('D') && !o.has('t') && o.operands.length === 2) makeParents(c, o.operands[1]!)
    if (o.has('D') && o.has('t')) makeParents(c, `${o.get('t')}/`)
    for (const [source, path] of destinations(c, o, spec, 'install')) await installFile(c, o, source, path, own)
  })
}

/** Gives what is installed the mode and the owner that were asked for. Throws Fail for what there is none of. */
function ownership(c: Command, o: Options): (path: string) => void {
  const text = o.get('m') ?? '755'
  const mode = applyMode(text, 0, o.has('d'), 0)
  if (mode === undefined) throw new Fail(c.busybox ? `install: invalid mode '${text}'` : `install: invalid mode '${text}'`)
  const idOf = (letter: string, table: readonly { name: string; id: number }[], what: string): number | undefined => {
    const name = o.get(letter)
    if (name === undefined) return undefined
    const id = table.find((each) => each.name === name)?.id ?? (/^\d+$/.test(name) ? Number(name) : undefined)
    if (id === undefined) throw new Fail(c.busybox ? `install: unknown ${what} ${name}` : `install: invalid ${what} '${name}'`)
    return id
  }
  const uid = idOf('o', users(c.fs), 'user')
  const gid = idOf('g', groups(c.fs), 'group')
  return (path) => {
    c.fs.chmod(path, mode)
    if (uid !== undefined || gid !== undefined) c.fs.chown(path, uid ?? c.task.uid, gid ?? c.task.gid)
  }
}

function makeParents(c: Command, path: string): void {
  const parent = path.slice(0, path.lastIndexOf('/'))
  if (parent !== '' && !c.fs.exists(parent)) c.fs.mkdir(parent, { recursive: true })
}

async function makeDirectory(c: Command, o: Options, path: string, own: (path: string) => void): Promise<void> {
  try {
    if (c.fs.exists(path) && !isDirectory(c, path)) throw new SystemError('EEXIST', 'File exists')
    if (!c.fs.exists(path)) {
      c.fs.mkdir(path, { recursive: true })
      if (o.has('v')) await c.print(`install: creating directory '${path}'\n`)
    }
    own(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(`${c.busybox ? "can't" : 'cannot'} create directory '${path}': ${error.message}`)
  }
}

async function installFile(c: Command, o: Options, source: string, path: string, own: (path: string) => void): Promise<void> {
  try {
    const { type, mtime } = c.fs.stat(source)
    if (type === 'directory') return await c.warn(`omitting directory '${source}'`)
    if (isDirectory(c, path)) return await c.warn(`cannot overwrite directory '${path}' with non-directory`)
    if (exists(c, path) && c.fs.absolute(path) === c.fs.absolute(source)) return await c.warn(`'${source}' and '${path}' are the same file`)
    const data = await readAll(c.fs.open(source, 'r'))
    const backup = o.has('b') && exists(c, path) ? keepOld(c, o, path) : undefined
    if (exists(c, path)) {
      c.fs.remove(path)
      if (o.has('v') && !c.busybox) await c.print(`removed '${path}'\n`)
    }
    c.fs.writeFile(path, data)
    own(path)
    if (o.has('p')) c.fs.utimes(path, mtime)
    if (o.has('v')) await c.print(`'${source}' -> '${path}'${backup === undefined ? '' : ` (backup: '${backup}')`}\n`)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const at = c.fs.exists(source) ? ['create regular file', path] : ['stat', source]
    await c.warn(
      c.busybox
        ? `can't ${at[0] === 'stat' ? 'stat' : 'create'} '${at[1]}': ${error.message}`
        : `cannot ${at[0]} '${at[1]}': ${error.message}`,
    )
  }
}
