/** head and tail, also of files that grow. */
import { printTail } from './tail-end.js'
import { choice } from './choice.js'
import { wholeNumber } from './option-number.js'
import { SystemError, type OpenFile, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { lineBatches, readAll } from './reading.js'
import { parseSize } from './sizes.js'

const HEAD = {
  short: 'n:c:qvz',
  long: { 'lines=': 'n', 'bytes=': 'c', quiet: 'q', silent: 'q', verbose: 'v', 'zero-terminated': 'z' },
  digits: 'n',
  usage: '[OPTIONS] [FILE]...\n\nPrint first 10 lines of FILEs to stdout',
}

function count(c: Command, text: string, what: string): number {
  const n = parseSize(text.replace(/^[-+]/, ''))
  if (n === undefined) throw new Fail(c.busybox ? `${c.name}: invalid number '${text}'` : `${c.name}: invalid number of ${what}: '${text}'`)
  return n
}

async function header(c: Command, o: Options, name: string, first: boolean): Promise<void> {
  if (o.has('q') || !(o.has('v') || o.operands.length > 1)) return
  await c.print(`${first ? '' : '\n'}==> ${name === '-' ? 'standard input' : name} <==\n`)
}

export function head(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(HEAD)
    const bytes = o.get('c')
    const text = bytes ?? o.get('n') ?? '10'
    const n = count(c, text, bytes === undefined ? 'lines' : 'bytes')
    const allBut = text.startsWith('-')
    let first = true
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      for await (const { file } of c.inputs([name])) {
        await header(c, o, name, first)
        first = false
        try {
          await beginning(c, file, { n, allBut, bytes: bytes !== undefined, end: o.has('z') ? 0 : 10 })
        } catch (error) {
          await unreadable(c, name, error)
        }
      }
    }
  })
}

/** A directory can be opened, but not read. */
async function unreadable(c: Command, name: string, error: unknown): Promise<void> {
  if (!(error instanceof SystemError) || error.code !== 'EISDIR') throw error
  await c.warn(c.busybox ? `${name}: ${error.message}` : `error reading '${name}': ${error.message}`)
}

interface Part {
  n: number
  /** All but the last `n`. */
  allBut: boolean
  bytes: boolean
  /** The byte that ends a line. */
  end: number
}

async function beginning(c: Command, file: OpenFile, { n, allBut, bytes, end }: Part): Promise<void> {
  if (allBut) {
    const all = await readAll(file)
    if (bytes) return c.print(all.subarray(0, Math.max(0, all.length - n)))
    const ends = lineEndings(all, end)
    return c.print(all.subarray(0, n >= ends.length ? 0 : (ends[ends.length - n - 1] ?? 0)))
  }
  if (bytes) {
    for (let left = n; left > 0;) {
      const d = await file.read(Math.min(left, 65_536))
      if (d.length === 0) return
      await c.print(d)
      left -= d.length
    }
    return
  }
  let left = n
  if (left === 0) return
  for await (const lines of lineBatches(file, end)) {
    await c.print(Buffer.concat(lines.slice(0, left)))
    left -= lines.length
    if (left <= 0) return
  }
}

/** Where each line ends; also the last one that is not ended. */
function lineEndings(all: Buffer, end: number): number[] {
  const ends: number[] = []
  for (let i = all.indexOf(end); i >= 0; i = all.indexOf(end, i + 1)) ends.push(i + 1)
  if (all.length > 0 && all.at(-1) !== end) ends.push(all.length)
  return ends
}

const TAIL = {
  short: 'n:c:fFqvs:z',
  long: {
    'lines=': 'n',
    'bytes=': 'c',
    'follow=?': 'f',
    quiet: 'q',
    verbose: 'v',
    'sleep-interval=': 's',
    silent: 'q',
    retry: 'r',
    'pid=': 'P',
    'zero-terminated': 'z',
    'max-unchanged-stats=': 'm',
  },
  digits: 'n',
  usage: '[OPTIONS] [FILE]...\n\nPrint last 10 lines of FILEs to stdout',
}

export function tail(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const argv = c.task.argv.map((a, i) => (i > 0 && /^\+\d+$/.test(a) && !/^-[nc]$/.test(c.task.argv[i - 1]!) ? `-n${a}` : a))
    const o = await c.options(TAIL, argv)
    // The old form is for one file at most.
    const old = argv.length > 1 ? /^-(\d+)$/.exec(argv[1]!)?.[1] : undefined
    if (old !== undefined && !c.busybox && o.operands.length > 1) throw new Fail(`tail: option used in invalid context -- ${old[0]}`)
    const follow = o.get('f')
    if (follow && !c.busybox) o.add('f', choice(c, '--follow', follow, [['descriptor'], ['name']]))
    const pid = o.get('P') === undefined ? 0 : wholeNumber(c, o.get('P')!, 'PID')
    if (o.has('m')) wholeNumber(c, o.get('m')!, 'maximum number of unchanged stats between opens')
    const pause = o.get('s') ?? '1'
    if (!/^(\d+\.?\d*|\.\d+)$/.test(pause))
      throw new Fail(c.busybox ? `tail: invalid number '${pause}'` : `tail: invalid number of seconds: '${pause}'`)
    // To follow a name is to wait for the file of that name.
    if (o.get('f') === 'name' && o.has('r')) o.add('F', '')
    const bytes = o.get('c')
    const text = bytes ?? o.get('n') ?? '10'
    const n = count(c, text, bytes === undefined ? 'lines' : 'bytes')
    const fromStart = text.startsWith('+')
    const following = o.has('f') || o.has('F')
    if (!following && o.has('r')) await c.task.writeError('tail: warning: --retry ignored; --retry is useful only when following\n')
    if (!following && pid > 0) await c.task.writeError('tail: warning: PID ignored; --pid=PID is useful only when following\n')
    let [first, opened] = [true, false]
    const followed: { name: string; position: number; inode: number }[] = []
    const part = { n, bytes: bytes !== undefined, fromStart, end: o.has('z') ? 0 : 10 }
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      for await (const { file } of c.inputs([name])) {
        opened = true
        await header(c, o, name, first)
        first = false
        try {
          const position = await printTail(file, part, (data) => c.print(data))
          if (following && name !== '-') followed.push({ name, position, inode: c.fs.stat(name).inode })
        } catch (error) {
          await unreadable(c, name, error)
        }
      }
    }
    if (!opened && c.busybox && !o.has('F')) throw new Fail('tail: no files')
    if (following && !opened && o.operands.length > 0 && !o.has('F') && !o.has('r')) throw new Fail('tail: no files remaining')
    if (o.has('F'))
      for (const name of o.operands) if (!followed.some((f) => f.name === name)) followed.push({ name, position: 0, inode: -1 })
    if (followed.length > 0) await followFiles(c, o, followed, { pid, waitMs: Math.max(0.1, Number(pause)) * 1000 })
  })
}

/** Looks once a second, as tail does without inotify. */
async function followFiles(
  c: Command,
  o: Options,
  followed: { name: string; position: number; inode: number }[],
  { pid, waitMs }: { pid: number; waitMs: number },
): Promise<void> {
  let shown = followed.at(-1)!.name
  for (;;) {
    if (pid > 0 && !c.fs.exists(`/proc/${pid}`)) return
    await c.task.sleep(waitMs)
    for (const f of followed) {
      if (!c.fs.exists(f.name)) {
        if (o.has('F') && f.inode >= 0) await notice(c, `'${f.name}' has become inaccessible: No such file or directory`)
        if (o.has('F')) f.inode = -1
        continue
      }
      const stat = c.fs.stat(f.name)
      if (o.has('F') && stat.inode !== f.inode) {
        await notice(c, `'${f.name}' has ${f.inode < 0 ? 'appeared' : 'been replaced'};  following new file`)
        f.inode = stat.inode
        f.position = 0
      }
      if (stat.size < f.position) {
        await notice(c, `${f.name}: file truncated`)
        f.position = 0
      }
      if (stat.size === f.position) continue
      if (shown !== f.name && followed.length > 1) await header(c, o, f.name, false)
      shown = f.name
      const all = c.fs.readFile(f.name)
      await c.print(all.subarray(f.position))
      f.position = all.length
    }
  }
}

/** What GNU's tail tells of the files that it follows. */
async function notice(c: Command, text: string): Promise<void> {
  if (!c.busybox) await c.task.writeError(`tail: ${text}\n`)
}
