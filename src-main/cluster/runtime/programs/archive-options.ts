/** What tar's options say of members: which are left out, and what is told of them other than the files have it. */
import { SystemError } from '../process.js'
import { wildcards, type StarPattern } from '../star-pattern.js'
import { groups, users } from './accounts.js'
import { Fail, type Command, type Options } from './command.js'
import { readText } from './reading.js'
import { applyMode } from './modes.js'
import { compile } from './regex.js'
import { parseTime } from './strftime.js'

/** What version control leaves in a tree. */
const VCS = ['CVS', '.cvsignore', 'RCS', 'SCCS', '.git', '.gitignore', '.gitattributes', '.gitmodules', '.svn', '.arch-ids', '{arch}', '=RELEASE-ID', '=meta-update', '=update', '.bzr', '.bzrignore', '.bzrtags', '.hg', '.hgignore', '.hgtags', '_darcs'] // prettier-ignore
const BACKUPS = ['.#*', '*~', '#*#']

function fatal(text: string): Fail {
  return new Fail(`tar: ${text}\ntar: Error is not recoverable: exiting now`, 2)
}

/** A shell's pattern for the end of a path, from the beginning of one of its names; `anchored`, for its beginning. */
export function memberPattern(pattern: string, anchored = false): StarPattern {
  const glob = wildcards(pattern.replace(/\/$/, ''))
  return {
    test(path) {
      const names = path.split('/')
      return names.some((_, i) => glob.test((anchored ? names.slice(0, i + 1) : names.slice(i)).join('/')))
    },
  }
}

/** Which members are left out. Throws Fail when a list cannot be read. */
export async function exclusions(c: Command, o: Options): Promise<(path: string) => boolean> {
  const patterns = [...o.all('E'), ...(o.has('exclude-vcs') ? VCS : []), ...(o.has('exclude-backups') ? BACKUPS : [])]
  for (const list of o.all('X')) patterns.push(...(await listed(c, list, '\n', (why) => `${list}: ${why}`)))
  const expressions = patterns.map((pattern) => memberPattern(pattern))
  return (path) => expressions.some((expression) => expression.test(path))
}

/** The names of the files of -T, each on a line, or with --null in front of a byte 0. Throws Fail. */
export function namesOf(c: Command, o: Options, list: string): Promise<string[]> {
  return listed(c, list, o.has('null') ? '\0' : '\n', (why) => `${list}: Cannot open: ${why}`)
}

async function listed(c: Command, path: string, end: string, problem: (why: string) => string): Promise<string[]> {
  try {
    return (await readText(c, path)).split(end).filter(Boolean)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw c.busybox ? new Fail(`tar: can't open '${path}': ${error.message}`) : fatal(problem(error.message))
  }
}

interface Told {
  mode: number
  uid: number
  gid: number
  mtime: number
  user: string
  group: string
}

/** `NAME`, `NUMBER` or `NAME:NUMBER` of --owner and --group. */
function account(text: string, table: readonly { name: string; id: number }[]): { id: number; name: string } {
  const [name = '', number] = text.split(':')
  if (number !== undefined) return { name, id: Number(number) }
  if (/^\d+$/.test(name)) return { id: Number(name), name: table.find((each) => each.id === Number(name))?.name ?? '' }
  return { name, id: table.find((each) => each.name === name)?.id ?? 0 }
}

/** What a member is said to be, where --mode, --mtime, --owner, --group or --numeric-owner say so. Throws Fail. */
export function telling(c: Command, o: Options): (told: Told, isDirectory: boolean) => Told {
  const [owner, group, mode, time] = [o.get('owner'), o.get('group'), o.get('mode'), o.get('mtime')]
  const by = owner === undefined ? undefined : account(owner, users(c.fs))
  const of = group === undefined ? undefined : account(group, groups(c.fs))
  const mtime = time === undefined ? undefined : parseTime(time, c.task.clock.now())
  if (time !== undefined && mtime === undefined) throw new Fail(`tar: Invalid value for --mtime: ${time}`, 2)
  if (mode !== undefined && applyMode(mode, 0, false, 0) === undefined) throw fatal('Invalid mode given on option')
  return (told, isDirectory) => ({
    mode: mode === undefined ? told.mode : applyMode(mode, told.mode, isDirectory, c.task.umask)!,
    uid: by?.id ?? told.uid,
    gid: of?.id ?? told.gid,
    mtime: mtime ?? told.mtime,
    user: o.has('numeric-owner') ? '' : (by?.name ?? told.user),
    group: o.has('numeric-owner') ? '' : (of?.name ?? told.group),
  })
}

/** How names are changed by --transform: `s/ERE or BRE/text/gix`. Throws Fail. */
export function transformation(o: Options): (name: string) => string {
  const changes = o.all('transform').map((text) => {
    const m = /^s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1([gixrRsShH]*)$/s.exec(text)
    if (!m) throw new Fail("tar: Invalid transform expression\nTry 'tar --help' or 'tar --usage' for more information.", 2)
    const expression = compile(m[2]!, m[4]!.includes('x'), `${m[4]!.includes('g') ? 'g' : ''}${m[4]!.includes('i') ? 'i' : ''}`)
    return (name: string): string =>
      name.replace(expression, (...found: unknown[]) =>
        m[3]!.replace(/\\([\\&0-9]|.)|&/g, (all, escaped?: string) =>
          all === '&' ? String(found[0]) : /\d/.test(escaped!) ? String(found[Number(escaped)] ?? '') : escaped!,
        ),
      )
  })
  return (name) => changes.reduce((text, change) => change(text), name)
}

/** The time after which files must have changed for --newer: a date, or that of a file. Throws Fail. */
export function newerThan(c: Command, o: Options): number | undefined {
  const text = o.get('N')
  if (text === undefined) return undefined
  if (/^[./]/.test(text)) return c.fs.stat(text).mtime
  const time = parseTime(text, c.task.clock.now())
  if (time === undefined) throw new Fail(`tar: Invalid value for --newer: ${text}`, 2)
  return time
}
