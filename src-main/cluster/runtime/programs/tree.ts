/** tree: the files below a directory as a drawing. */
import { SystemError, type Program } from '../process.js'
import { command, type Command, type Flavour } from './command.js'

/** How deep it goes: nobody reads further. */
const DEEPEST = 200

export function tree(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: flavour === 'busybox' ? '' : 'adfL:', usage: '[DIRECTORY]...' })
    const totals = { directories: 0, files: 0 }
    const depth = Math.min(Number(o.get('L') ?? DEEPEST) || DEEPEST, DEEPEST)
    for (const root of o.operands.length > 0 ? o.operands : ['.']) {
      let names: string[]
      try {
        names = c.fs.readdir(root)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.print(c.busybox ? `${root} [error opening dir]\n\n` : `${root}  [error opening dir]\n`)
        continue
      }
      await c.print(`${root}\n`)
      await draw(c, { all: o.has('a'), directories: o.has('d'), paths: o.has('f'), depth }, root, names, '', totals)
    }
    const { directories, files } = totals
    const count = (n: number, one: string, many: string): string => `${n} ${n === 1 && !c.busybox ? one : many}`
    const kinds = [count(directories, 'directory', 'directories'), ...(o.has('d') ? [] : [count(files, 'file', 'files')])]
    await c.print(`\n${kinds.join(', ')}\n`)
  })
}

interface Wanted {
  all: boolean
  directories: boolean
  paths: boolean
  depth: number
}

async function draw(
  c: Command,
  wanted: Wanted,
  path: string,
  names: readonly string[],
  prefix: string,
  totals: { directories: number; files: number },
): Promise<void> {
  const [branch, last, bar] = c.busybox ? ['├── ', '└── ', '│   '] : ['├── ', '└── ', '│\u00a0\u00a0 ']
  const isDirectory = (name: string): boolean => c.fs.lstat(`${path}/${name}`).type === 'directory'
  const shown = names.filter((name) => (wanted.all || !name.startsWith('.')) && (!wanted.directories || isDirectory(name))).sort()
  for (const [i, name] of shown.entries()) {
    const full = `${path === '/' ? '' : path}/${name}`
    const { type } = c.fs.lstat(full)
    const target = type === 'symlink' ? ` -> ${c.fs.readlink(full)}` : ''
    const end = i === shown.length - 1
    await c.print(`${prefix}${end ? last : branch}${wanted.paths ? full : name}${target}\n`)
    if (type === 'symlink' && c.fs.exists(full) && c.fs.stat(full).type === 'directory') totals.directories++
    else if (type !== 'directory') totals.files++
    else {
      totals.directories++
      if (prefix.length / 4 + 1 >= wanted.depth) continue
      await draw(c, wanted, full, c.fs.readdir(full), `${prefix}${end ? '    ' : bar}`, totals)
    }
  }
}
