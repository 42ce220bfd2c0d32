/** ls: what is listed, and in what order. */
import { compareVersions } from './version-order.js'
import { SystemError, type Program } from '../process.js'
import { choice } from './choice.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { blocks, heading, show, type Item } from './ls-format.js'
import { globMatches } from './glob-match.js'

const SPEC = {
  short: '1AaCxdLHRFplinshrSXvctukGgow:T:NqQbBUfmI:ZD',
  long: {
    all: 'a',
    'almost-all': 'A',
    author: 'author',
    'block-size=': 'block-size',
    'color=?': 'K',
    'dereference-command-line': 'H',
    'dereference-command-line-symlink-to-dir': 'H',
    dereference: 'L',
    directory: 'd',
    escape: 'b',
    'file-type': 'file-type',
    'format=': 'format',
    'full-time': 'E',
    'group-directories-first': 'dirs-first',
    'hide-control-chars': 'q',
    'hide=': 'hide',
    'human-readable': 'h',
    'ignore-backups': 'B',
    'ignore=': 'I',
    'indicator-style=': 'indicator',
    inode: 'i',
    kibibytes: 'k',
    literal: 'N',
    'no-group': 'G',
    'numeric-uid-gid': 'n',
    'quote-name': 'Q',
    'quoting-style=': 'quoting',
    recursive: 'R',
    reverse: 'r',
    si: 'si',
    size: 's',
    'sort=': 'sort',
    'tabsize=': 'T',
    'time-style=': 'Y',
    'time=': 'time',
    'width=': 'w',
    zero: 'zero',
    'classify=?': 'F',
    context: 'Z',
    dired: 'D',
    'hyperlink=?': 'hyperlink',
    'show-control-chars': 'N',
  },
  usage: `[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...

List directory contents

	-1	One column output
	-a	Include names starting with .
	-A	Like -a, but exclude . and ..
	-d	List directory names, not contents
	-R	Recurse
	-l	Long format
	-i	List inode numbers
	-h	Human readable sizes (1K 243M 2G)
	-S	Sort by size
	-t	Sort by mtime
	-r	Reverse sort order`,
}

export function ls(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const [name = 'ls', ...args] = c.task.argv
    // dir and vdir are ls with a form of their own.
    const form = c.name === 'dir' ? ['-Cb'] : c.name === 'vdir' ? ['-lb'] : []
    const o = await c.options(SPEC, [name, ...form, ...args])
    spellOut(c, o)
    const files: Item[] = []
    const directories: Item[] = []
    for (const name of o.operands.length > 0 ? o.operands : ['.']) {
      const item = await look(c, o, name, name, true)
      if (!item) continue
      if (item.stat.type === 'directory' && !o.has('d')) directories.push(item)
      else files.push(item)
    }
    const headed = o.has('R') || o.operands.length > 1
    if (files.length > 0) await show(c, o, sort(o, files), directories)
    let first = files.length === 0
    for (const d of sort(o, directories)) {
      await listDirectory(c, o, d, headed, first)
      first = false
    }
    if (c.status !== 0 && !c.busybox) c.status = 2
  })
}

const SORTS = [['none'], ['time'], ['size'], ['extension'], ['version'], ['width']]
const FORMATS = [['verbose', 'long'], ['commas'], ['horizontal', 'across'], ['vertical'], ['single-column']]
const INDICATORS = [['none'], ['slash'], ['file-type'], ['classify']]
const QUOTINGS = [
  ['literal'], ['shell'], ['shell-always'], ['shell-escape'], ['shell-escape-always'], ['c'], ['c-maybe'], ['escape'], ['locale'], ['clocale'],
] // prettier-ignore
const TIMES = [
  ['atime', 'access', 'use'],
  ['ctime', 'status'],
  ['mtime', 'modification'],
  ['birth', 'creation'],
]
const COLOURS = [
  ['always', 'yes', 'force'],
  ['never', 'no', 'none'],
  ['auto', 'tty', 'if-tty'],
]

/** The letters that stand for the long options which take a word. Throws Fail for a word that there is not. */
function spellOut(c: Command, o: Options): void {
  const word = (key: string, option: string, groups: readonly (readonly string[])[]): string | undefined => {
    const given = o.get(key)
    return given ? choice(c, option, given, groups, 2) : given
  }
  const letters = (letter: string | undefined): void => void (letter && o.add(letter, ''))
  letters({ none: 'U', time: 't', size: 'S', extension: 'X', version: 'v', width: 'sort-width' }[word('sort', '--sort', SORTS) ?? ''])
  letters({ verbose: 'l', commas: 'm', horizontal: 'x', vertical: 'C', 'single-column': '1' }[word('format', '--format', FORMATS) ?? ''])
  letters({ slash: 'p', 'file-type': 'file-type', classify: 'F' }[word('indicator', '--indicator-style', INDICATORS) ?? ''])
  letters({ c: 'Q', escape: 'b', literal: 'N' }[word('quoting', '--quoting-style', QUOTINGS) ?? ''])
  letters({ atime: 'u', ctime: 'c' }[word('time', '--time', TIMES) ?? ''])
  for (const [key, option] of [
    ['K', '--color'],
    ['F', '--classify'],
    ['hyperlink', '--hyperlink'],
  ] as const) {
    const given = o.get(key)
    // busybox takes any word for the one that it knows.
    if (!given || c.busybox) continue
    const when = choice(c, option, given, COLOURS)
    const shown = when === 'always' || (when === 'auto' && c.task.fd(1)?.kind === 'tty')
    if (key === 'K') o.add('K', when)
    else if (!shown) o.delete(key)
  }
  const style = o.get('Y')
  if (style !== undefined && !/^(posix-)?(full-iso|long-iso|iso|locale)$|^\+/.test(style))
    throw new Fail(
      `ls: invalid argument '${style}' for 'time style'\nValid arguments are:\n  - [posix-]full-iso\n  - [posix-]long-iso\n  - [posix-]iso\n  - [posix-]locale\n  - +FORMAT (e.g., +%H:%M) for a 'date'-style format\nTry 'ls --help' for more information.`,
      2,
    )
  const width = o.get('w')
  if (width !== undefined && !/^\d+$/.test(width)) throw new Fail(`ls: invalid line width: '${width}'`, 2)
}

/** Follows a link given as an operand, unless it is listed as itself. */
async function look(c: Command, o: Options, name: string, path: string, operand: boolean): Promise<Item | undefined> {
  try {
    let stat = c.fs.lstat(path)
    if (stat.type === 'symlink' && (o.has('L') || operand) && c.fs.exists(path)) {
      const target = c.fs.stat(path)
      // By itself only a link to a directory is followed, and not where links are told from what they lead to.
      const asItself = ['l', 'n', 'g', 'o', 'E', 'd', 'F'].some((letter) => o.has(letter)) || target.type !== 'directory'
      if (o.has('L') || o.has('H') || !asItself) stat = target
    }
    return { name, path, stat }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(c.busybox ? `${name}: ${error.message}` : `cannot access '${name}': ${error.message}`)
    return undefined
  }
}

async function listDirectory(c: Command, o: Options, directory: Item, headed: boolean, first: boolean): Promise<void> {
  let names: string[]
  try {
    names = c.fs.readdir(directory.path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(
      c.busybox ? `can't open '${directory.path}': ${error.message}` : `cannot open directory '${directory.path}': ${error.message}`,
    )
    return
  }
  if (!first) await c.print('\n')
  if (headed) await c.print(`${heading(c, o, directory.path)}:\n`)
  if (o.has('a') || o.has('f')) names = ['.', '..', ...names]
  else if (!o.has('A')) names = names.filter((n) => !n.startsWith('.') && !o.all('hide').some((p) => globMatches(p, n)))
  names = names.filter((n) => !(o.has('B') && n.endsWith('~')) && !o.all('I').some((p) => globMatches(p, n)))
  const items: Item[] = []
  for (const name of names) {
    const item = await look(c, o, name, `${directory.path.replace(/\/$/, '')}/${name}`, false)
    if (item) items.push(item)
  }
  const sorted = sort(o, items)
  if (o.has('l') || o.has('n') || o.has('s') || o.has('g') || o.has('o') || o.has('E')) {
    const total = blocks(sorted)
    await c.print(`total ${o.has('h') && total > 0 ? `${total}K` : total}\n`)
  }
  await show(c, o, sorted)
  if (!o.has('R')) return
  for (const item of sorted) {
    if (item.stat.type === 'directory' && item.name !== '.' && item.name !== '..')
      await listDirectory(c, o, { ...item, name: item.path }, true, false)
  }
}

function sort(o: Options, items: Item[]): Item[] {
  if (o.has('U') || o.has('f')) return items
  const byName = (a: Item, b: Item): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  const sorted = [...items].sort((a, b) => {
    if (o.has('S')) return b.stat.size - a.stat.size || byName(a, b)
    if (o.has('t') || ((o.has('c') || o.has('u')) && !o.has('l'))) return b.stat.mtime - a.stat.mtime || byName(a, b)
    if (o.has('X')) return (extension(a.name) < extension(b.name) ? -1 : extension(a.name) > extension(b.name) ? 1 : 0) || byName(a, b)
    if (o.has('v')) return compareVersions(a.name, b.name)
    if (o.has('sort-width')) return a.name.length - b.name.length || byName(a, b)
    return byName(a, b)
  })
  if (o.has('r')) sorted.reverse()
  if (!o.has('dirs-first')) return sorted
  // Directories come first also in reverse.
  const isDirectory = (item: Item): boolean => item.stat.type === 'directory'
  return [...sorted.filter(isDirectory), ...sorted.filter((item) => !isDirectory(item))]
}

function extension(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot) : ''
}
