/** link, unlink, mknod, mountpoint, fallocate, shred, fsync: single calls on files. */
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { parseSize } from './sizes.js'
import { warnOfContext } from './copy.js'

export function link(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: '', usage: 'FILE LINK\n\nCreate hard LINK to FILE' }
    const o = await c.options(spec)
    const [file, name] = o.operands
    if (file === undefined || name === undefined)
      throw c.usageError(spec, c.busybox ? undefined : `missing operand${file === undefined ? '' : ` after '${file}'`}`)
    if (o.operands.length > 2) throw c.usageError(spec, `extra operand '${o.operands[2]}'`)
    try {
      c.fs.link(file, name)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(
        c.busybox
          ? `link: can't create hard link '${name}' to '${file}': ${error.message}`
          : `link: cannot create link '${name}' to '${file}': ${error.message}`,
      )
    }
  })
}

export function unlink(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: '', usage: 'FILE\n\nDelete FILE by calling unlink()' }
    const o = await c.options(spec)
    const [file] = o.operands
    if (file === undefined) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    if (o.operands.length > 1) throw c.usageError(spec, `extra operand '${o.operands[1]}'`)
    try {
      if (c.fs.lstat(file).type === 'directory') throw new SystemError('EISDIR', 'Is a directory')
      c.fs.remove(file)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(
        c.busybox ? `unlink: can't remove file '${file}': ${error.message}` : `unlink: cannot unlink '${file}': ${error.message}`,
      )
    }
  })
}

export function mknod(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 'm:' : 'm:Z',
      long: { 'mode=': 'm', 'context=?': 'Z' },
      usage: '[-m MODE] NAME TYPE [MAJOR MINOR]\n\nCreate a special file (block, character, or pipe)',
    }
    const o = await c.options(spec)
    const [name, type] = o.operands
    if (name === undefined || type === undefined || !/^[bcup]$/.test(type))
      throw c.usageError(spec, c.busybox ? undefined : `missing operand${name === undefined ? '' : ` after '${o.operands.at(-1)}'`}`)
    await warnOfContext(c, o)
    const mode = o.has('m') ? parseInt(o.get('m')!, 8) : 0o666
    if (type === 'p') return c.fs.makeFifo(name, mode)
    throw new Fail(`mknod: ${name}: Operation not permitted`)
  })
}

export function mountpoint(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'qdnx', long: { quiet: 'q' }, usage: '[-q] { [-dn] DIR | -x DEVICE }\n\nCheck if DIR is a mountpoint' }
    const o = await c.options(spec)
    const [path] = o.operands
    if (path === undefined) throw c.usageError(spec)
    let is: boolean
    try {
      is = c.fs.mountOf(path).path === c.fs.realpath(path)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(o.has('q') ? '' : `mountpoint: ${path}: ${error.message}`, c.busybox ? 1 : 32)
    }
    if (!o.has('q')) await c.print(`${path} is ${is ? '' : 'not '}a mountpoint\n`)
    return is ? 0 : c.busybox ? 1 : 32
  })
}

export function fallocate(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'l:o:n', long: { 'length=': 'l', 'offset=': 'o' }, usage: '[-o OFS] -l LEN FILE\n\nPreallocate space for FILE' }
    const o = await c.options(spec)
    const [file] = o.operands
    const length = parseSize(o.get('l') ?? '')
    if (file === undefined || length === undefined)
      throw c.busybox ? c.usageError(spec) : new Fail(o.has('l') ? 'fallocate: invalid length' : 'fallocate: no length argument specified')
    const end = length + (parseSize(o.get('o') ?? '0') ?? 0)
    if (!c.fs.exists(file)) c.fs.writeFile(file, '')
    if (c.fs.stat(file).size < end) c.fs.truncate(file, end)
  })
}

export function shred(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 'fuzn:vs:' : 'fuzn:vs:x',
      long: SHRED,
      usage: '[-fuz] [-n N] [-s SIZE] FILE...\n\nOverwrite/delete FILEs',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing file operand')
    const passes = o.get('n')
    if (passes !== undefined && !/^\d+$/.test(passes))
      throw new Fail(c.busybox ? `shred: invalid number '${passes}'` : `shred: invalid number of passes: '${passes}'`)
    const wanted = o.get('s')
    if (wanted !== undefined && parseSize(wanted) === undefined)
      throw new Fail(c.busybox ? `shred: invalid number '${wanted}'` : `shred: invalid file size: '${wanted}'`)
    for (const file of o.operands) await shredOne(c, o, file)
  })
}

const SHRED = {
  force: 'f', 'iterations=': 'n', 'random-source=': 'source', 'size=': 's', 'remove=?': 'u', verbose: 'v', exact: 'x', zero: 'z',
} // prettier-ignore

/** A pass as shred tells of it: how the file is written over. */
async function shredOne(c: Command, o: Options, file: string): Promise<void> {
  const { size: held } = c.fs.exists(file) ? c.fs.stat(file) : { size: 0 }
  // Whole blocks are written, unless the size is named or has to be kept.
  const asked = o.has('s') ? parseSize(o.get('s')!)! : held
  const size = c.busybox || o.has('x') || o.has('s') || held % 4096 === 0 ? asked : Math.ceil(held / 4096) * 4096
  const random = Number(o.get('n') ?? 3)
  const passes = [...Array<string>(random).fill('random'), ...(o.has('z') ? ['000000'] : [])]
  try {
    await c.work((size * passes.length) / 100_000)
    for (const [i, pass] of passes.entries()) {
      if (o.has('v') && !c.busybox) await c.task.writeError(`shred: ${file}: pass ${i + 1}/${passes.length} (${pass})...\n`)
      const bytes = pass === 'random' ? Uint8Array.from({ length: size }, () => c.task.random.int(256)) : new Uint8Array(size)
      const rest = c.fs.exists(file) ? c.fs.readFile(file).subarray(size) : new Uint8Array()
      c.fs.writeFile(file, Buffer.concat([bytes, rest]))
    }
    if (!o.has('u')) return
    if (o.has('v') && !c.busybox) await c.task.writeError(`shred: ${file}: removing\n`)
    c.fs.remove(file)
    if (o.has('v') && !c.busybox) await c.task.writeError(`shred: ${file}: removed\n`)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(c.busybox ? `can't open '${file}': ${error.message}` : `${file}: failed to open for writing: ${error.message}`)
  }
}

/** Everything is where it belongs at once: what is named only has to be there. */
export function sync(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'df',
      long: { data: 'd', 'file-system': 'f' },
      usage: '[-df] [FILE]...\n\nWrite all buffered blocks (in FILEs) to disk',
    }
    const o = await c.options(spec)
    if (o.has('d') && o.has('f') && !c.busybox) throw new Fail('sync: cannot specify both --data and --file-system')
    if (o.has('d') && o.operands.length === 0 && !c.busybox) throw new Fail('sync: --data needs at least one argument')
    for (const path of o.operands)
      if (!c.fs.exists(path))
        await c.warn(c.busybox ? `can't open '${path}': No such file or directory` : `error opening '${path}': No such file or directory`)
  })
}
