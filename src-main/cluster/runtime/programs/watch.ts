/** watch: a program run again and again, its output on the screen (watch(1)). */
import { makePipe } from '../pipe.js'
import type { Program } from '../process.js'
import { Handle } from '../open-file.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { formatTime } from './strftime.js'

const CLEAR = '\x1b[H\x1b[J'
const SECOND = 1000
/** What watch ends with when the program failed under -e. */
const FAILED = 8
const MOST_BYTES = 1 << 20

const SPEC = {
  short: 'n:td::egbcpq:wx',
  long: {
    'interval=': 'n', 'no-title': 't', 'differences=?': 'd', errexit: 'e', chgexit: 'g', beep: 'b', color: 'c', precise: 'p', 'equexit=': 'q', 'no-wrap': 'w', exec: 'x',
  },
  stopAtOperand: true,
  usage: '[options] command',
} // prettier-ignore

/** watch of procps and of busybox. */
export function watch(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec =
      flavour === 'busybox' ? { ...SPEC, short: 'n:t', long: {}, usage: '[-n SEC] [-t] PROG ARGS\n\nRun PROG periodically' } : SPEC
    const o = await c.options(spec)
    const [interval, cycles] = [o.get('n') ?? '2', o.get('q')]
    if (!/^\d*[.,]?\d+$/.test(interval)) throw new Fail(c.busybox ? `watch: invalid number '${interval}'` : `watch: failed to parse argument: '${interval}': Invalid argument`) // prettier-ignore
    if (cycles !== undefined && !/^[1-9]\d*$/.test(cycles)) throw new Fail(`watch: failed to parse argument: '${cycles}': Invalid argument`)
    if (o.operands.length === 0) throw c.usageError(spec)
    const ms = Math.max(0.1, Number(interval.replace(',', '.'))) * SECOND
    const line = o.operands.join(' ')
    const argv = o.has('x') ? o.operands : ['sh', '-c', line]
    let before: string | undefined
    let seen: string[] = []
    let same = 0
    for (;;) {
      const began = c.task.clock.now()
      const { text, status } = await output(c, argv)
      const screen = lines(c, o, text)
      const shown = o.has('d') && before !== undefined ? marked(screen, seen) : screen
      // With -d=permanent what differed from the first time stays marked.
      if (o.get('d') === undefined || o.get('d') === '' || before === undefined) seen = screen
      await c.print(
        `${CLEAR}${o.has('t') ? '' : title(c, ms / SECOND, line)}${shown.join('\n')}${text.endsWith('\n') || c.busybox ? '\n' : ''}`,
      )
      if (o.has('b') && status !== 0) await c.print('\x07')
      if (o.has('e') && status !== 0) {
        await c.print('\ncommand exit with a non-zero status, press a key to exit')
        await c.task.fd(0)?.read(1)
        return FAILED
      }
      if (o.has('g') && before !== undefined && before !== text) return 0
      same = before === text ? same + 1 : 0
      if (cycles !== undefined && same >= Number(cycles)) return 0
      before = text
      await c.task.sleep(o.has('p') ? Math.max(0, ms - (c.task.clock.now() - began)) : ms)
    }
  })
}

/** What the program prints, both streams as one. */
async function output(c: Command, argv: readonly string[]): Promise<{ text: string; status: number }> {
  const { reader, writer } = makePipe()
  reader.retain()
  writer.retain()
  const end = new Handle(writer, c.task)
  const child = await c.task.spawn({ argv: [...argv], fds: new Map([[1, end], [2, end]]) }) // prettier-ignore
  writer.release()
  const parts: Buffer[] = []
  let bytes = 0
  const from = new Handle(reader, c.task)
  for (;;) {
    const data = await from.read(65_536)
    if (data.length === 0) break
    if ((bytes += data.length) <= MOST_BYTES) parts.push(Buffer.from(data))
  }
  reader.release()
  return { text: Buffer.concat(parts).toString('utf8'), status: await child.wait() }
}

function title(c: Command, seconds: number, line: string): string {
  const columns = c.task.terminal?.columns ?? 80
  const now = c.task.clock.now()
  const left = `Every ${seconds.toFixed(1)}s: ${line}`
  const host = c.fs.exists('/etc/hostname') ? c.fs.readText('/etc/hostname').trim() : 'localhost'
  const right = c.busybox ? formatTime('%Y-%m-%d %H:%M:%S', now) : `${host}: ${formatTime('%a %b %e %H:%M:%S %Y', now)}`
  if (left.length + right.length + 1 > columns) {
    const room = columns - right.length - 4
    return room < 8 ? `${right}\n\n` : `${left.slice(0, room)}... ${right}\n\n`
  }
  return `${left}${' '.repeat(Math.max(1, columns - left.length - right.length))}${right}\n\n`
}

/** The lines that the screen has room for. */
function lines(c: Command, o: Options, text: string): string[] {
  const { columns = 80, rows = 24 } = c.task.terminal ?? {}
  // oxlint-disable-next-line no-control-regex
  const plain = o.has('c') ? text : text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')
  const wide = plain.replace(/\n$/, '').split('\n')
  const cut = wide.flatMap((line) => {
    if (o.has('c') || c.busybox || line.length <= columns) return [line]
    if (o.has('w')) return [line.slice(0, columns)]
    return line.match(new RegExp(`.{1,${columns}}`, 'g'))!
  })
  if (!c.task.terminal) return cut
  return cut.slice(0, Math.max(1, rows - (o.has('t') ? 0 : 2)))
}

/** Lines with what is other than before in reverse. */
function marked(now: readonly string[], before: readonly string[]): string[] {
  return now.map((line, i) => {
    const old = before[i] ?? ''
    let out = ''
    let marks = false
    for (let at = 0; at < line.length; at++) {
      const differs = line[at] !== (old[at] ?? ' ')
      if (differs !== marks) out += differs ? '\x1b[7m' : '\x1b[27m'
      marks = differs
      out += line[at]
    }
    return marks ? `${out}\x1b[27m` : out
  })
}
