/** The expressions of find: tests, actions and operators. */
import type { Stat } from '../fs.js'
import { SystemError } from '../process.js'
import { Pattern } from '../shell/pattern.js'
import { users, groups } from './accounts.js'
import { Fail, type Command } from './command.js'
import { confirm } from './copy.js'
import { baseName } from './files.js'
import { compileFormat, listed } from './find-format.js'
import { applyMode } from './modes.js'
import { checkSyntax, compare, pathRegex, sizeTest } from './find-values.js'
import { parseTime } from './strftime.js'

/** A file that find has come to. */
export interface Entry {
  path: string
  stat: Stat
  depth: number
  root: string
}

/** Whether a file passes, and what is done with it on the way. */
export type Test = (e: Entry, state: { prune: boolean }) => Promise<boolean> | boolean

/** How the walk goes, as the expression asks for it. */
export interface Settings {
  /** What is said before the walk begins. */
  warnings: string[]
  /** Whether directories of other mounts are left alone. */
  sameMount: boolean
  maxDepth: number
  minDepth: number
  depthFirst: boolean
  follow: boolean
  acts: boolean
  batches: { argv: string[]; paths: string[] }[]
  quit: boolean
}

/** What busybox' find knows: it is refused what only GNU's has. */
const APPLET_WORDS = new Set(
  `name iname path ipath wholename regex type executable perm mtime atime ctime mmin amin cmin newer inum samefile user group size links empty
  xdev follow maxdepth mindepth depth print print0 delete quit exec ok prune`.split(/\s+/),
)

const KINDS: Record<string, Stat['type']> = { f: 'file', d: 'directory', l: 'symlink', p: 'fifo', c: 'device', b: 'block', s: 'socket' }

/** Runs the command of an -exec. */
export async function run(c: Command, argv: string[], cwd?: string): Promise<number> {
  try {
    const child = await c.task.spawn({ argv, ...(cwd === undefined ? {} : { cwd: c.fs.absolute(cwd) }) })
    return await child.wait()
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.task.writeError(`find: ${c.busybox ? argv[0] : `'${argv[0]}'`}: ${error.message}\n`)
    return 127
  }
}

export class FindParser {
  private syntax: string

  constructor(
    private readonly c: Command,
    private readonly args: string[],
    private readonly s: Settings,
  ) {
    this.syntax = c.busybox ? 'posix-basic' : 'findutils-default'
  }

  parse(): Test {
    if (this.args.length === 0) return () => true
    const test = this.list()
    if (this.args[0] === ')' && !this.c.busybox) throw new Fail("find: you have too many ')'")
    if (this.args.length > 0)
      throw this.c.busybox ? this.unrecognized(this.args[0]!) : new Fail(`find: paths must precede expression: \`${this.args[0]}'`)
    return test
  }

  private unrecognized(word: string): Fail {
    return this.c.usageError({ short: '', usage: '[-HL] [PATH]... [OPTIONS] [ACTIONS]' }, `unrecognized: ${word}`)
  }

  /** The number of a user or group; the program ends when there is none of that name. */
  private account(kind: 'user' | 'group', table: readonly { name: string; id: number }[], who: string): number {
    const id = table.find((a) => a.name === who)?.id ?? (/^\d+$/.test(who) ? Number(who) : undefined)
    if (id !== undefined) return id
    throw new Fail(
      this.c.busybox
        ? `find: unknown ${kind} ${who}`
        : kind === 'user'
          ? `find: '${who}' is not the name of a known user`
          : `find: '${who}' is not the name of an existing group`,
    )
  }

  /** GNU's `,`: both are done, the second decides. */
  private list(): Test {
    let left = this.or()
    while (this.args[0] === ',' && !this.c.busybox) {
      this.args.shift()
      const a = left
      const b = this.or()
      left = async (e, st) => (await a(e, st), b(e, st))
    }
    return left
  }

  private or(): Test {
    let left = this.and()
    while (this.args[0] === '-o' || this.args[0] === '-or') {
      this.args.shift()
      const a = left
      const b = this.and()
      left = async (e, st) => (await a(e, st)) || b(e, st)
    }
    return left
  }

  private and(): Test {
    let left = this.not()
    while (this.args.length > 0 && this.args[0] !== '-o' && this.args[0] !== '-or' && this.args[0] !== ')' && this.args[0] !== ',') {
      if (this.args[0] === '-a' || this.args[0] === '-and') this.args.shift()
      const a = left
      const b = this.not()
      left = async (e, st) => (await a(e, st)) && b(e, st)
    }
    return left
  }

  private not(): Test {
    if (this.args[0] === '!' || this.args[0] === '-not') {
      this.args.shift()
      const inner = this.not()
      return async (e, st) => !(await inner(e, st))
    }
    return this.primary()
  }

  private value(name: string): string {
    const v = this.args.shift()
    if (v === undefined) throw new Fail(this.c.busybox ? `find: ${name} requires an argument` : `find: missing argument to \`${name}'`)
    return v
  }

  private whole(name: string): number {
    const text = this.value(name)
    if (/^\d+$/.test(text)) return Number(text)
    throw new Fail(
      this.c.busybox
        ? `find: invalid number '${text}'`
        : `find: Expected a positive decimal integer argument to ${name}, but got '${text}'`,
    )
  }

  /** A number that may have a sign, as in `-mtime +7`. */
  private count(name: string): string {
    const text = this.value(name)
    if (/^[-+]?\d+$/.test(text)) return text
    throw new Fail(this.c.busybox ? `find: invalid number '${text}'` : `find: invalid argument \`${text}' to \`${name}'`)
  }

  private kinds(name: string): Stat['type'][] {
    const value = this.value(name)
    return (this.c.busybox ? [value] : value.split(',')).map((letter) => {
      const kind = KINDS[letter]
      // There are no block devices and sockets in the tree, but they can be asked for.
      if (!kind && !/^[bsD]$/.test(letter))
        throw new Fail(this.c.busybox ? `find: invalid argument '${letter}' to '${name}'` : `find: Unknown argument to ${name}: ${letter}`)
      return kind!
    })
  }

  private primary(): Test {
    const { c, s } = this
    const name = this.args.shift()
    if (name === undefined) throw new Fail('find: expected an expression')
    if (name === '(') {
      const inner = this.list()
      if (this.args.shift() !== ')')
        throw new Fail(
          c.busybox ? "find: unpaired '('" : "find: invalid expression; I was expecting to find a ')' somewhere but did not see one.",
        )
      return inner
    }
    const now = c.task.clock.now()
    if (c.busybox && !APPLET_WORDS.has(name.slice(1))) throw this.unrecognized(name)
    switch (name) {
      case '-name':
      case '-iname': {
        const fold = name === '-iname'
        const p = new Pattern(fold ? this.value(name).toLowerCase() : this.value(name))
        return (e) => p.matches(fold ? baseName(e.path).toLowerCase() : baseName(e.path))
      }
      case '-path':
      case '-wholename': {
        const p = new Pattern(this.value(name))
        return (e) => p.matches(e.path)
      }
      case '-ipath':
      case '-iwholename': {
        const p = new Pattern(this.value(name).toLowerCase())
        return (e) => p.matches(e.path.toLowerCase())
      }
      case '-lname':
      case '-ilname': {
        const fold = name === '-ilname'
        const p = new Pattern(fold ? this.value(name).toLowerCase() : this.value(name))
        return (e) => {
          if (e.stat.type !== 'symlink') return false
          const target = c.fs.readlink(e.path)
          return p.matches(fold ? target.toLowerCase() : target)
        }
      }
      case '-regextype':
        this.syntax = this.value(name)
        checkSyntax(this.syntax)
        return () => true
      case '-regex':
      case '-iregex': {
        const r = pathRegex(this.value(name), this.syntax, name === '-iregex' ? 'i' : '')
        return (e) => r.exec(e.path)?.[0].length === e.path.length
      }
      case '-samefile': {
        const path = this.value(name)
        const same = this.named(path)
        const mount = c.fs.mountOf(path)
        return (e) => e.stat.inode === same.inode && c.fs.mountOf(e.path) === mount
      }
      case '-type': {
        const types = this.kinds(name)
        return (e) => types.includes(e.stat.type)
      }
      case '-xtype': {
        const types = this.kinds(name)
        return (e) => types.includes(e.stat.type === 'symlink' && c.fs.exists(e.path) ? c.fs.stat(e.path).type : e.stat.type)
      }
      case '-maxdepth':
        s.maxDepth = this.whole(name)
        return () => true
      case '-mindepth':
        s.minDepth = this.whole(name)
        return () => true
      case '-depth':
        s.depthFirst = true
        return () => true
      case '-xdev':
      case '-mount':
        s.sameMount = true
        return () => true
      case '-noleaf':
      case '-daystart':
      case '-warn':
      case '-nowarn':
      case '-ignore_readdir_race':
        return () => true
      case '-follow':
        s.follow = true
        return () => true
      case '-size': {
        const text = this.value(name)
        const { test, unit } = sizeTest(text, c.busybox)
        // busybox compares bytes, GNU's counts units that have been begun.
        return (e) => test(c.busybox ? e.stat.size / unit : Math.ceil(e.stat.size / unit))
      }
      case '-empty':
        return (e) => (e.stat.type === 'file' ? e.stat.size === 0 : e.stat.type === 'directory' && c.fs.readdir(e.path).length === 0)
      case '-mtime':
      case '-ctime':
      case '-atime': {
        const test = compare(this.count(name))
        return (e) => test(Math.floor((now - e.stat.mtime) / 86_400_000))
      }
      case '-mmin':
      case '-cmin':
      case '-amin': {
        const test = compare(this.count(name))
        return (e) => test(Math.floor((now - e.stat.mtime) / 60_000))
      }
      case '-newer':
      case '-anewer':
      case '-cnewer':
      case '-newermm': {
        const { mtime } = this.named(this.value(name))
        return (e) => e.stat.mtime > mtime
      }
      case '-newermt':
      case '-newerct':
      case '-newerat': {
        const text = this.value(name)
        const time = parseTime(text, now)
        if (time === undefined) throw new Fail(`find: I cannot figure out how to interpret '${text}' as a date or time`)
        return (e) => e.stat.mtime > time
      }
      case '-perm': {
        const text = this.value(name)
        const mode = applyMode(text.replace(c.busybox ? /^[-/+]/ : /^[-/]/, ''), 0, false, 0)
        if (mode === undefined) throw new Fail(`find: invalid mode '${text}'`)
        if (text.startsWith('-')) return (e) => (e.stat.mode & mode) === mode
        if (text.startsWith('/') || (c.busybox && text.startsWith('+'))) return (e) => (e.stat.mode & mode) !== 0
        return (e) => e.stat.mode === mode
      }
      case '-user': {
        const uid = this.account('user', users(c.fs), this.value(name))
        return (e) => e.stat.uid === uid
      }
      case '-group': {
        const gid = this.account('group', groups(c.fs), this.value(name))
        return (e) => e.stat.gid === gid
      }
      case '-inum': {
        const test = compare(this.value(name))
        return (e) => test(e.stat.inode)
      }
      case '-links': {
        const test = compare(this.value(name))
        return (e) => test(e.stat.links)
      }
      case '-uid':
      case '-gid': {
        const test = compare(this.value(name))
        return (e) => test(name === '-uid' ? e.stat.uid : e.stat.gid)
      }
      case '-nouser':
        return (e) => !users(c.fs).some((u) => u.id === e.stat.uid)
      case '-nogroup':
        return (e) => !groups(c.fs).some((g) => g.id === e.stat.gid)
      case '-executable':
        return (e) => c.fs.access(e.path, 1)
      case '-writable':
        return (e) => c.fs.access(e.path, 2)
      case '-readable':
        return (e) => c.fs.access(e.path, 4)
      case '-true':
        return () => true
      case '-false':
        return () => false
      case '-prune':
        return (_e, st) => (st.prune = true)
      case '-quit':
        s.acts = true
        return () => (s.quit = true)
      case '-print':
        s.acts = true
        return async (e) => (await c.print(`${e.path}\n`), true)
      case '-print0':
        s.acts = true
        return async (e) => (await c.print(`${e.path}\0`), true)
      case '-printf': {
        s.acts = true
        const format = this.value(name)
        const text = compileFormat(c, format)
        for (const warning of text.warnings) s.warnings.push(warning)
        return async (e) => (await c.print(text.of(e)), true)
      }
      case '-fprint':
      case '-fprint0':
      case '-fprintf': {
        s.acts = true
        const file = c.fs.open(this.value(name), 'w')
        const format = name === '-fprintf' ? this.value(name) : name === '-fprint' ? '%p\\n' : '%p\\0'
        const text = compileFormat(c, format)
        for (const warning of text.warnings) s.warnings.push(warning)
        return async (e) => (await file.write(Buffer.from(text.of(e))), true)
      }
      case '-ls':
        s.acts = true
        return async (e) => (await c.print(listed(c, e)), true)
      case '-delete':
        s.acts = true
        s.depthFirst = true
        return async (e) => {
          try {
            c.fs.remove(e.path)
            return true
          } catch (error) {
            if (!(error instanceof SystemError)) throw error
            await c.warn(c.busybox ? `${e.path}: ${error.message}` : `cannot delete '${e.path}': ${error.message}`)
            return false
          }
        }
      case '-exec':
      case '-execdir':
      case '-ok':
      case '-okdir':
        return this.exec(name)
      default:
        throw c.busybox ? this.unrecognized(name) : new Fail(`find: unknown predicate \`${name}'`)
    }
  }

  /** The file that a test compares with. Throws Fail where there is none. */
  private named(path: string): Stat {
    try {
      return this.s.follow ? this.c.fs.stat(path) : this.c.fs.lstat(path)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(this.c.busybox ? `find: can't stat '${path}': ${error.message}` : `find: '${path}': ${error.message}`)
    }
  }

  private exec(name: string): Test {
    const { c, s } = this
    s.acts = true
    const argv: string[] = []
    for (;;) {
      const a = this.args.shift()
      if (a === undefined) throw new Fail(c.busybox ? `find: ${name} requires an argument` : `find: missing argument to \`${name}'`)
      if (a === ';') break
      if (a === '+' && argv.at(-1) === '{}') {
        argv.pop()
        const batch = { argv, paths: [] as string[] }
        s.batches.push(batch)
        return (e) => {
          batch.paths.push(e.path)
          return true
        }
      }
      argv.push(a)
    }
    return async (e) => {
      const inPlace = name.endsWith('dir')
      const words = argv.map((a) => a.replaceAll('{}', inPlace ? `./${baseName(e.path)}` : e.path))
      if (name.startsWith('-ok') && !(await confirm(c, `< ${argv[0]} ... ${e.path} > ?`))) return false
      return (await run(c, words, inPlace ? e.path.replace(/\/?[^/]*\/*$/, '') || (e.path.startsWith('/') ? '/' : '.') : undefined)) === 0
    }
  }
}
