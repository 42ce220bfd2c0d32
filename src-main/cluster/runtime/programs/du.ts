/** du: what files take of the disk (du(1)). */
import type { Stat } from '../fs.js'
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { readText } from './reading.js'
import { humanSize } from './sizes.js'
import { Pattern } from '../shell/pattern.js'
import { formatTime } from './strftime.js'
import { choice } from './choice.js'

const SPEC = {
  short: '0aB:bcDd:HhkLlmPSst:X:x',
  long: {
    null: '0', all: 'a', 'apparent-size': 'A', 'block-size=': 'B', bytes: 'b', total: 'c', 'dereference-args': 'D', 'max-depth=': 'd',
    'files0-from=': 'files0', 'human-readable': 'h', inodes: 'inodes', dereference: 'L', 'count-links': 'l', 'no-dereference': 'P',
    'separate-dirs': 'S', si: 'si', summarize: 's', 'threshold=': 't', 'time=?': 'time', 'time-style=': 'style', 'exclude-from=': 'X',
    'exclude=': 'exclude', 'one-file-system': 'x',
  },
  usage: '[-aHLdclsxhmk] [FILE]...\n\nSummarize disk space used for FILEs (or directories)',
} // prettier-ignore

const STYLES: Readonly<Record<string, string>> = {
  'full-iso': '%Y-%m-%d %H:%M:%S.%N %z',
  'long-iso': '%Y-%m-%d %H:%M',
  iso: '%Y-%m-%d',
}

/** How sizes are shown, from bytes (or a number of files). */
function shownBy(c: Command, o: Options): (n: number) => string {
  if (o.has('inodes')) return (n) => (o.has('h') ? humanSize(n) : String(n))
  // Of those that say the unit the last counts.
  const [letter, value] = o.given.filter(([each]) => ['B', 'b', 'h', 'k', 'm', 'si'].includes(each)).at(-1) ?? ['k', '']
  if (letter === 'h') return (n) => humanSize(n, c.busybox)
  if (letter === 'si') return (n) => decimalSize(n)
  const unit =
    letter === 'B'
      ? blockSize(c, value)
      : letter === 'm'
        ? { bytes: 1_048_576, suffix: '' }
        : { bytes: letter === 'b' ? 1 : 1024, suffix: '' }
  return (n) => `${Math.ceil(n / unit.bytes)}${unit.suffix}`
}

/** `8.2k`: as with -h in powers of 1000. */
function decimalSize(bytes: number): string {
  if (bytes < 1000) return String(bytes)
  let [n, unit] = [bytes, -1]
  for (; n >= 1000 && unit < 5; unit++) n /= 1000
  return `${n < 10 ? (Math.ceil(n * 10) / 10).toFixed(1) : Math.ceil(n)}${'kMGTPE'[unit]}`
}

/** `-B M` shows the unit, `-B 1M` does not. */
function blockSize(c: Command, text: string): { bytes: number; suffix: string } {
  const m = /^(\d*)(?:([KMGTPE])(iB|B)?)?$/i.exec(text)
  const bytes =
    m && text !== ''
      ? (m[1] === '' ? 1 : Number(m[1])) * (m[2] ? (m[3] === 'B' ? 1000 : 1024) ** ('KMGTPE'.indexOf(m[2].toUpperCase()) + 1) : 1)
      : 0
  if (!m || bytes === 0) {
    const option = c.task.argv.some((arg) => arg.startsWith('--block-size')) ? '--block-size' : '-B'
    throw new Fail(`du: invalid ${option} argument '${text}'`)
  }
  return { bytes, suffix: m[1] === '' ? `${m[2]}${m[3] ?? ''}` : '' }
}

function thresholdOf(o: Options): number {
  const text = o.get('t')
  if (text === undefined) return -Infinity
  const m = /^(-?)(\d+)([KMGTPE])?(B)?$/i.exec(text)
  if (!m || (m[1] && Number(m[2]) === 0)) throw new Fail(`du: invalid -t argument '${text}'`)
  const n = Number(m[2]) * (m[3] ? (m[4] ? 1000 : 1024) ** ('KMGTPE'.indexOf(m[3].toUpperCase()) + 1) : 1)
  return m[1] ? -n : n
}

interface Sum {
  /** Bytes, or files with --inodes. */
  size: number
  /** The latest change, ms. */
  at: number
}

/** One run over all operands: what was counted once is not counted again. */
class Walk {
  private readonly seen = new Set<string>()
  private readonly show: (n: number) => string
  private readonly excluded: readonly Pattern[]
  private readonly depthLimit: number
  private readonly threshold: number
  private readonly timeFormat: string

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    patterns: readonly string[],
  ) {
    this.show = shownBy(c, o)
    this.excluded = patterns.map((pattern) => new Pattern(pattern))
    this.threshold = thresholdOf(o)
    const depth = o.get('d')
    if (depth !== undefined && !/^\d+$/.test(depth))
      throw c.busybox ? new Fail(`du: invalid number '${depth}'`) : c.usageError(SPEC, `invalid maximum depth '${depth}'`)
    if (!c.busybox && o.has('s') && o.has('a')) throw c.usageError(SPEC, 'cannot both summarize and show all entries')
    if (!c.busybox && o.has('s') && depth !== undefined && Number(depth) > 0)
      throw c.usageError(SPEC, `warning: summarizing conflicts with --max-depth=${Number(depth)}`)
    this.depthLimit = o.has('s') ? 0 : Number(depth ?? Infinity)
    const style = o.get('style') ?? 'long-iso'
    this.timeFormat = style.startsWith('+')
      ? style.slice(1)
      : STYLES[choice(c, 'time style', style, [['full-iso'], ['long-iso'], ['iso']])]!
  }

  /** Refuses a time that there is not. Throws Fail. */
  checkTime(): void {
    const which = this.o.get('time')
    if (which)
      choice(this.c, '--time', which, [
        ['atime', 'access', 'use'],
        ['ctime', 'status'],
      ])
  }

  line({ size, at }: Sum, path: string): Promise<void> {
    const time = this.o.has('time') ? `${formatTime(this.timeFormat, at)}\t` : ''
    return this.c.print(`${this.show(size)}\t${time}${path}${this.o.has('0') ? '\0' : '\n'}`)
  }

  async add(path: string, depth: number, device?: string): Promise<Sum> {
    const { c, o } = this
    const nothing = { size: 0, at: 0 }
    if (depth > 0 && this.excluded.some((pattern) => pattern.matches(path) || pattern.matches(path.slice(path.lastIndexOf('/') + 1))))
      return nothing
    let s: Stat
    try {
      s = o.has('L') || (depth === 0 && (o.has('D') || o.has('H'))) ? c.fs.stat(path) : c.fs.lstat(path)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(c.busybox ? `${path}: ${error.message}` : `cannot access '${path}': ${error.message}`)
      return nothing
    }
    // A link is where its directory is, wherever it leads.
    const { path: mount } = c.fs.mountOf(s.type === 'symlink' ? path.slice(0, path.lastIndexOf('/') + 1) || '.' : path)
    if (o.has('x') && device !== undefined && mount !== device) return nothing
    // A file with several names is counted where it is met first.
    const key = `${mount}:${s.inode}`
    if ((s.links > 1 || depth === 0) && !o.has('l') && this.seen.has(key)) return nothing
    this.seen.add(key)
    const own = o.has('inodes') ? 1 : o.has('b') || o.has('A') ? s.size : s.blocks * 512
    const total = { size: own, at: s.mtime }
    let below = 0
    if (s.type === 'directory' && path !== '/proc')
      for (const name of c.fs.readdir(path)) {
        const at = `${path.replace(/\/$/, '')}/${name}`
        const child = await this.add(at, depth + 1, mount)
        total.at = Math.max(total.at, child.at)
        if (o.has('S') && isDirectory(c, at)) below += child.size
        else total.size += child.size
      }
    const large = this.threshold < 0 ? total.size <= -this.threshold : total.size >= this.threshold
    const shown = depth <= this.depthLimit && (depth === 0 || s.type === 'directory' || o.has('a'))
    if (shown && (this.threshold === -Infinity || large)) await this.line(total, path)
    return depth === 0 ? { ...total, size: total.size + below } : total
  }
}

function isDirectory(c: Command, path: string): boolean {
  return c.fs.exists(path) && c.fs.lstat(path).type === 'directory'
}

export function du(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...SPEC, short: 'acd:HhkLlmsxbB:' } : SPEC)
    const list = o.get('files0')
    if (list !== undefined && o.operands.length > 0)
      throw c.usageError(SPEC, `extra operand '${o.operands[0]}'\nfile operands cannot be combined with --files0-from`)
    const patterns = [...o.all('exclude')]
    for (const path of o.all('X')) patterns.push(...(await listed(c, path)).split('\n').filter(Boolean))
    const operands = list === undefined ? o.operands : (await readText(c, list)).split('\0').filter(Boolean)
    const walk = new Walk(c, o, patterns)
    walk.checkTime()
    const grand = { size: 0, at: 0 }
    for (const path of operands.length > 0 || list !== undefined ? operands : ['.']) {
      const { size, at } = await walk.add(path, 0)
      grand.size += size
      grand.at = Math.max(grand.at, at)
    }
    if (o.has('c')) await walk.line(grand, 'total')
  })
}

async function listed(c: Command, path: string): Promise<string> {
  try {
    return await readText(c, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw c.usageError(SPEC, `${path}: ${error.message}`)
  }
}
