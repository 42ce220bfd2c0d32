/** find: walks directories and tests what is there. */
import type { Stat } from '../fs.js'
import { SystemError, type Program } from '../process.js'
import { Pattern } from '../shell/pattern.js'
import { nameTable, users, groups } from './accounts.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { baseName } from './files.js'
import { applyMode, modeText } from './modes.js'
import { formatTime } from './strftime.js'
import { compile } from './regex.js'

interface Entry {
  path: string
  stat: Stat
  depth: number
  root: string
}

type Test = (e: Entry, state: { prune: boolean }) => Promise<boolean> | boolean

interface Settings {
  maxDepth: number
  minDepth: number
  depthFirst: boolean
  follow: boolean
  acts: boolean
  batches: { argv: string[]; paths: string[] }[]
  quit: boolean
}

const KINDS: Record<string, Stat['type']> = { f: 'file', d: 'directory', l: 'symlink', p: 'fifo', c: 'device' }

export function find(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    const settings: Settings = { maxDepth: Infinity, minDepth: 0, depthFirst: false, follow: false, acts: false, batches: [], quit: false }
    while (args[0] === '-H' || args[0] === '-L' || args[0] === '-P') settings.follow = args.shift() === '-L'
    const roots: string[] = []
    while (args.length > 0 && !/^(-.|[!()])/.test(args[0]!)) roots.push(args.shift()!)
    if (roots.length === 0) roots.push('.')
    const parser = new FindParser(c, args, settings)
    const test = parser.parse()
    for (const root of roots) {
      try {
        await walk(c, settings, test, { path: root, stat: settings.follow ? c.fs.stat(root) : c.fs.lstat(root), depth: 0, root })
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(c.busybox ? `${root}: ${error.message}` : `'${root}': ${error.message}`)
      }
      if (settings.quit) break
    }
    for (const batch of settings.batches) if (batch.paths.length > 0 && (await run(c, [...batch.argv, ...batch.paths])) !== 0) c.status = 1
  })
}

async function walk(c: Command, s: Settings, test: Test, e: Entry): Promise<void> {
  const state = { prune: false }
  const visit = async (): Promise<void> => {
    if (e.depth >= s.minDepth && e.depth <= s.maxDepth && (await test(e, state)) && !s.acts) await c.print(`${e.path}\n`)
  }
  if (!s.depthFirst) await visit()
  if (s.quit) return
  if (e.stat.type === 'directory' && !state.prune && e.depth < s.maxDepth) {
    let names: string[] = []
    try {
      names = c.fs.readdir(e.path)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(c.busybox ? `${e.path}: ${error.message}` : `'${e.path}': ${error.message}`)
    }
    for (const name of names) {
      const path = e.path.endsWith('/') ? e.path + name : `${e.path}/${name}`
      try {
        const stat = s.follow && c.fs.exists(path) ? c.fs.stat(path) : c.fs.lstat(path)
        await walk(c, s, test, { path, stat, depth: e.depth + 1, root: e.root })
      } catch (error) {
        if (!(error instanceof SystemError) || error.code !== 'ENOENT') throw error // it went away meanwhile
      }
      if (s.quit) return
    }
  }
  if (s.depthFirst) await visit()
}

async function run(c: Command, argv: string[]): Promise<number> {
  try {
    const child = await c.task.spawn({ argv })
    return await child.wait()
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.task.writeError(`find: ${c.busybox ? argv[0] : `'${argv[0]}'`}: ${error.message}\n`)
    return 127
  }
}

/** `+3`, `-3`, `3` */
function compare(text: string): (n: number) => boolean {
  const n = Number(text.replace(/^[-+]/, ''))
  if (text.startsWith('+')) return (x) => x > n
  if (text.startsWith('-')) return (x) => x < n
  return (x) => x === n
}

class FindParser {
  constructor(
    private readonly c: Command,
    private readonly args: string[],
    private readonly s: Settings,
  ) {}

  parse(): Test {
    if (this.args.length === 0) return () => true
    const test = this.or()
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
    while (this.args.length > 0 && this.args[0] !== '-o' && this.args[0] !== '-or' && this.args[0] !== ')') {
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
    if (v === undefined)
      throw new Fail(this.c.busybox ? `find: option requires an argument: ${name}` : `find: missing argument to \`${name}'`)
    return v
  }

  private primary(): Test {
    const { c, s } = this
    const name = this.args.shift()
    if (name === undefined) throw new Fail('find: expected an expression')
    if (name === '(') {
      const inner = this.or()
      if (this.args.shift() !== ')')
        throw new Fail(
          c.busybox ? "find: unmatched '('" : "find: invalid expression; I was expecting to find a ')' somewhere but did not see one.",
        )
      return inner
    }
    const now = c.task.clock.now()
    switch (name) {
      case '-name':
      case '-iname': {
        const fold = name === '-iname'
        const p = new Pattern(fold ? this.value(name).toLowerCase() : this.value(name))
        return (e) => p.matches(fold ? baseName(e.path).toLowerCase() : baseName(e.path))
      }
      case '-path':
      case '-ipath':
      case '-wholename': {
        const p = new Pattern(this.value(name))
        return (e) => p.matches(e.path)
      }
      case '-regex': {
        const r = compile(`^(${this.value(name)})$`, true)
        return (e) => r.test(e.path)
      }
      case '-type': {
        const types = this.value(name)
          .split(',')
          .map((t) => KINDS[t])
        return (e) => types.includes(e.stat.type)
      }
      case '-maxdepth':
        s.maxDepth = Number(this.value(name))
        return () => true
      case '-mindepth':
        s.minDepth = Number(this.value(name))
        return () => true
      case '-depth':
        s.depthFirst = true
        return () => true
      case '-xdev':
      case '-mount':
      case '-noleaf':
        return () => true
      case '-follow':
        s.follow = true
        return () => true
      case '-size': {
        const m = /^([-+]?\d+)([ckMGbw]?)$/.exec(this.value(name))
        if (!m) throw new Fail('find: invalid number')
        const unit = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1_048_576, G: 1_073_741_824 }[m[2]!]!
        const test = compare(m[1]!)
        return (e) => test(Math.ceil(e.stat.size / unit))
      }
      case '-empty':
        return (e) => (e.stat.type === 'file' ? e.stat.size === 0 : e.stat.type === 'directory' && c.fs.readdir(e.path).length === 0)
      case '-mtime':
      case '-ctime':
      case '-atime': {
        const test = compare(this.value(name))
        return (e) => test(Math.floor((now - e.stat.mtime) / 86_400_000))
      }
      case '-mmin':
      case '-cmin':
      case '-amin': {
        const test = compare(this.value(name))
        return (e) => test(Math.floor((now - e.stat.mtime) / 60_000))
      }
      case '-newer': {
        const { mtime } = c.fs.stat(this.value(name))
        return (e) => e.stat.mtime > mtime
      }
      case '-perm': {
        const text = this.value(name)
        const mode = applyMode(text.replace(/^[-/]/, ''), 0, false, 0) ?? 0
        if (text.startsWith('-')) return (e) => (e.stat.mode & mode) === mode
        if (text.startsWith('/')) return (e) => (e.stat.mode & mode) !== 0
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
      case '-executable':
        return (e) => c.fs.access(e.path, 1)
      case '-true':
        return () => true
      case '-false':
        return () => false
      case '-prune':
        return (_e, st) => (st.prune = true)
      case '-quit':
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
        return async (e) => (await c.print(fill(c, format, e)), true)
      }
      case '-ls':
        s.acts = true
        return async (e) => (
          await c.print(
            `${String(e.stat.inode).padStart(9)} ${String(Math.ceil(e.stat.size / 1024)).padStart(6)} ${modeText(e.stat)} ${String(e.stat.links).padStart(3)} ${e.path}\n`,
          ),
          true
        )
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
      case '-ok':
        return this.exec(name)
      default:
        throw c.busybox ? this.unrecognized(name) : new Fail(`find: unknown predicate \`${name}'`)
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
    return async (e) =>
      (await run(
        c,
        argv.map((a) => a.replaceAll('{}', e.path)),
      )) === 0
  }
}

function fill(c: Command, format: string, e: Entry): string {
  const names = nameTable(c.fs)
  const values: Record<string, string> = {
    p: e.path,
    f: baseName(e.path),
    h: e.path.includes('/') ? e.path.slice(0, e.path.lastIndexOf('/')) : '.',
    P: e.path === e.root ? '' : e.path.slice(e.root.replace(/\/$/, '').length + 1),
    s: String(e.stat.size),
    m: e.stat.mode.toString(8),
    M: modeText(e.stat),
    u: names.user(e.stat.uid),
    g: names.group(e.stat.gid),
    U: String(e.stat.uid),
    G: String(e.stat.gid),
    d: String(e.depth),
    y: e.stat.type[0] === 's' ? 'l' : e.stat.type[0]!,
    i: String(e.stat.inode),
    t: formatTime('%a %b %e %H:%M:%S.%N %Y', e.stat.mtime),
    '%': '%',
  }
  return format
    .replace(/%T@/g, (e.stat.mtime / 1000).toFixed(10))
    .replace(/%T(.)/g, (_m, k: string) => formatTime(`%${k}`, e.stat.mtime))
    .replace(/%(.)/g, (m, k: string) => (Object.hasOwn(values, k) ? values[k]! : m))
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('\\0', '\0')
}
