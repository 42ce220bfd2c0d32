/** Programs about the names of files: pwd, basename, dirname, readlink, realpath. */
import { systemError } from '../errors.js'
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { baseName } from './files.js'

export function pwd(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: 'LP', long: { logical: 'L', physical: 'P' }, usage: '[-LP]\n\nPrint the current directory' })
    if (o.operands.length > 0 && !c.busybox) await c.task.writeError('pwd: ignoring non-option arguments\n')
    const real = c.fs.realpath(c.task.cwd)
    const named = c.task.env['PWD']
    const same = o.given.at(-1)?.[0] === 'L' && named?.startsWith('/') && c.fs.exists(named) && c.fs.realpath(named) === real
    await c.print(`${same ? named : real}\n`)
  })
}

export function basename(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 'as:' : 'as:z',
      long: { multiple: 'a', 'suffix=': 's', zero: 'z' },
      stopAtOperand: true,
      usage: 'FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    const many = o.has('a') || o.has('s')
    if (!many && o.operands.length > 2) throw c.usageError(spec, c.busybox ? undefined : `extra operand '${o.operands[2]}'`)
    const suffix = o.get('s') ?? (many ? '' : (o.operands[1] ?? ''))
    for (const path of many ? o.operands : o.operands.slice(0, 1)) {
      const name = baseName(path)
      await c.print(
        `${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}${o.has('z') ? '\0' : '\n'}`,
      )
    }
  })
}

export function dirname(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: c.busybox ? '' : 'z', long: { zero: 'z' }, usage: 'FILENAME\n\nStrip non-directory suffix from FILENAME' }
    const o = await c.options(spec)
    if (o.operands.length === 0 || (c.busybox && o.operands.length > 1)) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    for (const path of o.operands) {
      const trimmed = path.replace(/\/+$/, '')
      const at = trimmed.lastIndexOf('/')
      const name = trimmed === '' ? (path.startsWith('/') ? '/' : '.') : at < 0 ? '.' : trimmed.slice(0, at).replace(/\/+$/, '') || '/'
      await c.print(name + (o.has('z') ? '\0' : '\n'))
    }
  })
}

const READLINK = {
  short: 'femnqsvz',
  long: {
    canonicalize: 'f', 'canonicalize-existing': 'e', 'canonicalize-missing': 'm', 'no-newline': 'n', quiet: 'q', silent: 's', verbose: 'v', zero: 'z',
  },
  usage: '[-fnv] FILE\n\nDisplay the value of a symlink',
} // prettier-ignore

export function readlink(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...READLINK, short: 'fenqsv' } : READLINK)
    if (o.operands.length === 0 || (c.busybox && o.operands.length > 1))
      throw c.usageError(READLINK, c.busybox ? undefined : 'missing operand')
    const end = o.has('z') ? '\0' : '\n'
    const bare = o.has('n') && o.operands.length === 1
    if (o.has('n') && !bare) await c.task.writeError('readlink: ignoring --no-newline with multiple arguments\n')
    for (const path of o.operands) {
      try {
        const way = (['e', 'm', 'f'] as const).find((letter) => o.has(letter))
        const text = way === undefined ? c.fs.readlink(path) : canonical(c, path, way)
        await c.print(bare ? text : text + end)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        c.status = 1
        if (o.has('v')) await c.warn(`${path}: ${error.message}`)
      }
    }
  })
}

/**
 * The absolute path without links. Throws SystemError.
 *
 * @param missing which parts need not exist: with `e` none, with `f` the last, with `m` any
 */
function canonical(c: Command, path: string, missing: 'e' | 'f' | 'm', links = 0): string {
  if (path === '' && missing !== 'm') throw systemError('ENOENT')
  if (missing === 'e' || c.fs.exists(path)) return c.fs.realpath(path)
  const target = links < 40 ? linkTarget(c, path) : undefined
  if (target !== undefined)
    return canonical(c, target.startsWith('/') ? target : `${path.slice(0, path.lastIndexOf('/') + 1)}${target}`, missing, links + 1)
  const trimmed = path.replace(/\/+$/, '')
  const at = trimmed.lastIndexOf('/')
  const parent = at < 0 ? '.' : trimmed.slice(0, at) || '/'
  const above = missing === 'm' && !c.fs.exists(parent) ? canonical(c, parent, 'm', links) : c.fs.realpath(parent)
  const name = trimmed.slice(at + 1)
  if (name === '..') return above.slice(0, above.lastIndexOf('/')) || '/'
  return name === '.' || name === '' ? above : `${above.replace(/\/$/, '')}/${name}`
}

/** Where a link that points nowhere points to. */
function linkTarget(c: Command, path: string): string | undefined {
  try {
    return c.fs.readlink(path)
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

const REALPATH = {
  short: 'eLmPqsz',
  long: {
    'canonicalize-existing': 'e', 'canonicalize-missing': 'm', logical: 'L', physical: 'P', quiet: 'q', 'relative-to=': 'to', 'relative-base=': 'base',
    strip: 's', 'no-symlinks': 's', zero: 'z',
  },
  usage: 'FILE...\n\nPrint absolute pathnames of FILEs',
} // prettier-ignore

export function realpath(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...REALPATH, short: '', long: {} } : REALPATH)
    if (o.operands.length === 0) throw c.usageError(REALPATH, c.busybox ? undefined : 'missing operand')
    const resolved = (path: string): string => resolve(c, o, path)
    const anchor = (letter: string): string | undefined => {
      const path = o.get(letter)
      try {
        return path === undefined ? undefined : resolved(path)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Fail(`realpath: ${path}: ${error.message}`)
      }
    }
    const base = anchor('base')
    const to = anchor('to') ?? base
    for (const path of o.operands) {
      try {
        const full = resolved(path)
        const under = base === undefined || isUnder(full, base)
        await c.print(
          (to !== undefined && under && (base === undefined || isUnder(to, base)) ? relative(full, to) : full) + (o.has('z') ? '\0' : '\n'),
        )
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        if (o.has('q')) c.status = 1
        else await c.warn(`${path}: ${error.message}`)
      }
    }
  })
}

/** A path as -s, -L, -e and -m want it. Throws SystemError. */
function resolve(c: Command, o: Options, path: string): string {
  const missing = o.has('e') ? 'e' : o.has('m') ? 'm' : 'f'
  if (path === '') throw systemError('ENOENT')
  if (!o.has('s') && !o.has('L')) return canonical(c, path, missing)
  // `..` is taken by name before links are followed.
  const parts: string[] = []
  for (const part of c.fs.absolute(path).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const plain = `/${parts.join('/')}`
  if (!o.has('s')) return canonical(c, plain, missing)
  if (missing !== 'm') c.fs.lstat(missing === 'e' ? plain : plain.slice(0, plain.lastIndexOf('/')) || '/')
  return plain
}

const isUnder = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory.replace(/\/$/, '')}/`)

/** How `path` is reached from the directory `from`; both are absolute. */
export function relative(path: string, from: string): string {
  const [to, start] = [path, from].map((each) => each.split('/').filter(Boolean)) as [string[], string[]]
  let same = 0
  while (same < start.length && same < to.length && start[same] === to[same]) same++
  return [...start.slice(same).map(() => '..'), ...to.slice(same)].join('/') || '.'
}
