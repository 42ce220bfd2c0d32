/** The arguments of procps' ps: those of Unix with a dash, those of BSD without, and long ones. */
import { Fail } from './command.js'

/** What is asked for. */
export interface Request {
  columns: string[]
  /** Which processes, where no list says it. */
  all?: 'everything' | 'terminals' | 'followers' | 'mine'
  /** Lists of pids, names, …, by their letter; `parent` for --ppid. */
  lists: [letter: string, values: string[]][]
  negate: boolean
  headed: boolean
  sort?: string[]
  forest?: 'lines' | 'room'
  version: boolean
}

const USAGE = `
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).`

/** What ps says of wrong arguments. */
export function wrong(message: string): Fail {
  return new Fail(`error: ${message}\n${USAGE}`)
}

const LONG_LISTS: Readonly<Record<string, string>> = {
  pid: 'p',
  ppid: 'parent',
  user: 'u',
  User: 'U',
  group: 'G',
  Group: 'G',
  sid: 's',
  tty: 't',
}

/** Reads the arguments. Throws Fail. */
export function readArguments(args: readonly string[]): Request {
  const left = [...args]
  const unix = new Set<string>()
  const bsd = new Set<string>()
  const columns: string[] = []
  const request: Request = { columns, lists: [], negate: false, headed: true, version: false }
  const list = (letter: string, value: string | undefined): void => {
    if (value === undefined) throw wrong(`list of ${letter === 'p' ? 'process IDs' : 'values'} must follow -${letter}`)
    const values = value.split(/[\s,]+/).filter(Boolean)
    if ((letter === 'p' || letter === 'parent') && values.some((each) => !/^\d+$/.test(each))) throw wrong('process ID list syntax error')
    request.lists.push([letter, values])
  } // prettier-ignore
  const format = (value: string | undefined): void => {
    if (value === undefined) throw wrong('format specification must follow -o')
    columns.push(...value.split(/[\s,]+/).filter(Boolean))
  }
  while (left.length > 0) {
    const arg = left.shift()!
    if (arg.startsWith('--')) {
      const [name = '', given] = arg.slice(2).split(/=(.*)/s)
      if (name in LONG_LISTS) list(LONG_LISTS[name]!, given ?? left.shift())
      else if (name === 'sort') request.sort = (given ?? left.shift() ?? '').split(',')
      else if (name === 'format') format(given ?? left.shift())
      else if (/^no-?head(er|ing)s?$/.test(name)) request.headed = false
      else if (name === 'forest') request.forest = 'lines'
      else if (name === 'deselect') request.negate = true
      else if (name === 'version') request.version = true
      else if (/^(cols|columns|width|rows|lines)$/.test(name)) left.splice(0, given === undefined ? 1 : 0)
      else if (!/^(headers|cumulative|context)$/.test(name)) throw wrong('unknown gnu long option')
    } else if (/^\d+(,\d+)*$/.test(arg)) list('p', arg)
    else {
      const dashed = arg.startsWith('-')
      const letters = dashed ? arg.slice(1) : arg
      for (let i = 0; i < letters.length; i++) {
        const letter = letters[i]!
        const value = (): string | undefined => letters.slice(i + 1) || left.shift()
        if (letter === 'o') format(value())
        else if (dashed ? 'pqCuUgGst'.includes(letter) : 'pqUt'.includes(letter)) list(letter === 'q' ? 'p' : letter, value())
        else if (!dashed && letter === 'k') request.sort = (value() ?? '').split(',')
        else if (!(dashed ? 'eAadNfFlLTjHymMwVcZn' : 'axuflLjvsXhHwecrgnSTmV').includes(letter))
          throw wrong(dashed ? 'unsupported SysV option' : 'unsupported option (BSD syntax)')
        else {
          ;(dashed ? unix : bsd).add(letter)
          continue
        }
        break
      }
    }
  }
  request.negate ||= unix.has('N')
  request.version ||= unix.has('V') || bsd.has('V')
  if (bsd.has('h')) request.headed = false
  if (bsd.has('r')) request.sort ??= ['-pcpu']
  if (bsd.has('f')) request.forest = 'lines'
  else if (unix.has('H')) request.forest ??= 'room'
  if (unix.has('e') || unix.has('A') || (bsd.has('a') && bsd.has('x'))) request.all = 'everything'
  else if (unix.has('a')) request.all = 'terminals'
  else if (unix.has('d') || request.negate) request.all = unix.has('d') ? 'followers' : 'everything'
  else if (bsd.has('a')) request.all = 'everything'
  else if (bsd.size > 0) request.all = 'mine'
  if (columns.length === 0) columns.push(...layout(unix, bsd))
  return request
}

/** The columns of a form that has a letter. */
function layout(unix: ReadonlySet<string>, bsd: ReadonlySet<string>): string[] {
  const threads = unix.has('L') || bsd.has('L') ? ['lwp'] : unix.has('T') ? ['spid'] : []
  const count = unix.has('L') ? ['nlwp'] : []
  if (bsd.has('u')) return ['user', 'pid', ...threads, 'pcpu', ...count, 'pmem', 'vsz', 'rss', 'tty=TTY', 'stat', 'bsdstart', 'bsdtime', 'command']
  if (bsd.has('j')) return ['ppid', 'pid', 'pgid', 'sid', 'tty=TTY', 'tpgid', 'stat', 'uid', 'bsdtime', 'command']
  if (bsd.has('l')) return ['f', 'uid', 'pid', 'ppid', 'pri', 'ni', 'vsz', 'rss', 'wchan', 'stat', 'tty=TTY', 'bsdtime', 'command']
  if (bsd.has('v')) return ['pid', 'tty=TTY', 'stat', 'bsdtime', 'majflt', 'trs', 'drs', 'rss', 'pmem', 'command']
  if (unix.has('F')) return ['user=UID', 'pid', 'ppid', ...threads, 'c', ...count, 'sz', 'rss', 'psr', 'stime', 'tty=TTY', 'time', 'cmd']
  if (unix.has('l')) {
    const size = unix.has('y') ? ['rss', 'sz'] : ['addr_sz']
    const first = unix.has('y') ? ['s'] : ['f', 's']
    return [...first, 'uid', 'pid', 'ppid', ...threads, 'c', ...count, 'opri', 'ni', ...size, 'wchan', 'tty=TTY', 'time', unix.has('f') ? 'cmd' : 'ucmd']
  }
  if (unix.has('f')) return ['user=UID', 'pid', 'ppid', ...threads, 'c', ...count, 'stime', 'tty=TTY', 'time', 'cmd']
  if (unix.has('j')) return ['pid', 'pgid', 'sid', 'tty=TTY', 'time', 'ucmd']
  // A letter of BSD's asks for its columns, whatever it means.
  if (bsd.size > 0) return ['pid', 'tty=TTY', 'stat', 'bsdtime', 'command']
  return ['pid', ...threads, 'tty=TTY', 'time', 'ucmd']
} // prettier-ignore
