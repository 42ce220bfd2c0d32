/** head and tail, also of files that grow. */
import type { Program } from '../process.js'
import { command, Fail, lineBatches, parseSize, readAll, type Command, type Flavour, type Options } from './command.js'

const HEAD = {
  short: 'n:c:qv',
  long: { 'lines=': 'n', 'bytes=': 'c', quiet: 'q', silent: 'q', verbose: 'v' },
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
    for await (const { name, file } of c.inputs(o.operands)) {
      await header(c, o, name, first)
      first = false
      if (allBut) {
        const all = await readAll(file)
        const lines = all
          .toString('latin1')
          .split(/(?<=\n)/)
          .filter(Boolean)
        await c.print(
          bytes === undefined
            ? Buffer.from(lines.slice(0, Math.max(0, lines.length - n)).join(''), 'latin1')
            : all.subarray(0, Math.max(0, all.length - n)),
        )
      } else if (bytes !== undefined) {
        for (let left = n; left > 0;) {
          const d = await file.read(Math.min(left, 65_536))
          if (d.length === 0) break
          await c.print(d)
          left -= d.length
        }
      } else {
        let left = n
        if (left === 0) continue
        for await (const lines of lineBatches(file)) {
          await c.print(Buffer.concat(lines.slice(0, left)))
          left -= lines.length
          if (left <= 0) break
        }
      }
    }
  })
}

const TAIL = {
  short: 'n:c:fFqvs:',
  long: { 'lines=': 'n', 'bytes=': 'c', 'follow=?': 'f', quiet: 'q', verbose: 'v', 'sleep-interval=': 's', retry: 'r', 'pid=': 'P' },
  digits: 'n',
  usage: '[OPTIONS] [FILE]...\n\nPrint last 10 lines of FILEs to stdout',
}

export function tail(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const argv = c.task.argv.map((a, i) => (i > 0 && /^\+\d+$/.test(a) && !/^-[nc]$/.test(c.task.argv[i - 1]!) ? `-n${a}` : a))
    const o = await c.options(TAIL, argv)
    const bytes = o.get('c')
    const text = bytes ?? o.get('n') ?? '10'
    const n = count(c, text, bytes === undefined ? 'lines' : 'bytes')
    const fromStart = text.startsWith('+')
    let [first, opened] = [true, false]
    const followed: { name: string; position: number; inode: number }[] = []
    for await (const { name, file } of c.inputs(o.operands)) {
      opened = true
      await header(c, o, name, first)
      first = false
      const follow = o.has('f') || o.has('F')
      const all = await readAll(file)
      await c.print(tailOf(all, n, bytes !== undefined, fromStart))
      if (follow && name !== '-') followed.push({ name, position: all.length, inode: c.fs.stat(name).inode })
    }
    if (!opened && c.busybox && !o.has('F')) throw new Fail('tail: no files')
    if (o.has('F'))
      for (const name of o.operands) if (!followed.some((f) => f.name === name)) followed.push({ name, position: 0, inode: -1 })
    if (followed.length > 0) await followFiles(c, o, followed)
  })
}

function tailOf(all: Buffer, n: number, bytes: boolean, fromStart: boolean): Buffer {
  if (bytes) return fromStart ? all.subarray(Math.max(0, n - 1)) : n === 0 ? Buffer.alloc(0) : all.subarray(Math.max(0, all.length - n))
  const ends: number[] = []
  for (let i = all.indexOf(10); i >= 0; i = all.indexOf(10, i + 1)) ends.push(i + 1)
  if (all.length > 0 && all.at(-1) !== 10) ends.push(all.length)
  if (fromStart) return all.subarray(n <= 1 ? 0 : (ends[n - 2] ?? all.length))
  if (n === 0) return Buffer.alloc(0)
  return all.subarray(ends.length > n ? ends[ends.length - n - 1]! : 0)
}

/** Looks once a second, as tail does without inotify. */
async function followFiles(c: Command, o: Options, followed: { name: string; position: number; inode: number }[]): Promise<void> {
  const wait = Math.max(0.1, Number(o.get('s') ?? 1)) * 1000
  let shown = followed.at(-1)!.name
  for (;;) {
    await c.task.sleep(wait)
    for (const f of followed) {
      if (!c.fs.exists(f.name)) continue
      const stat = c.fs.stat(f.name)
      if (o.has('F') && stat.inode !== f.inode) {
        f.inode = stat.inode
        f.position = 0
      }
      if (stat.size < f.position) f.position = 0
      if (stat.size === f.position) continue
      if (shown !== f.name && followed.length > 1) await header(c, o, f.name, false)
      shown = f.name
      const all = c.fs.readFile(f.name)
      await c.print(all.subarray(f.position))
      f.position = all.length
    }
  }
}
