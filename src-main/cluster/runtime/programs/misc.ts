/** Small programs: expr, test, dd, clear, stty, sync, usleep, bc, less, logger, tput, getconf. */
import { SystemError, type Program } from '../process.js'
import { evaluate } from '../shell/arithmetic.js'
import { evaluateTest, TestError } from '../shell/builtins/test.js'
import { compile } from './regex.js'
import { command, Fail, openForReading, parseSize, readAll, type Command, type Flavour } from './command.js'

export function test(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    if (c.name === '[') {
      if (args.at(-1) !== ']') throw new Fail(c.busybox ? '[: missing ]' : "[: missing ']'", 2)
      args.pop()
    }
    try {
      return evaluateTest({ task: c.task }, args) ? 0 : 1
    } catch (error) {
      if (!(error instanceof TestError)) throw error
      throw new Fail(`${c.name}: ${error.message}`, 2)
    }
  })
}

export function expr(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    if (args.length === 0)
      throw new Fail(c.busybox ? 'expr: too few arguments' : "expr: missing operand\nTry 'expr --help' for more information.", 2)
    const value = new Expr(c, args).all()
    await c.print(`${value}\n`)
    return value === '' || value === '0' ? 1 : 0
  })
}

class Expr {
  private at = 0

  constructor(
    private readonly c: Command,
    private readonly args: string[],
  ) {}

  all(): string {
    const v = this.or()
    if (this.at < this.args.length)
      throw new Fail(this.c.busybox ? 'expr: syntax error' : `expr: syntax error: unexpected argument '${this.args[this.at]}'`, 2)
    return v
  }

  private accept(...ops: string[]): string | undefined {
    const a = this.args[this.at]
    if (a === undefined || !ops.includes(a)) return undefined
    this.at++
    return a
  }

  private or(): string {
    let left = this.and()
    while (this.accept('|')) {
      const right = this.and()
      left = left !== '' && left !== '0' ? left : right !== '' ? right : '0'
    }
    return left
  }

  private and(): string {
    let left = this.compare()
    while (this.accept('&')) {
      const right = this.compare()
      left = left !== '' && left !== '0' && right !== '' && right !== '0' ? left : '0'
    }
    return left
  }

  private compare(): string {
    let left = this.sum()
    for (let op = this.accept('<', '<=', '=', '==', '!=', '>=', '>'); op; op = this.accept('<', '<=', '=', '==', '!=', '>=', '>')) {
      const right = this.sum()
      const numeric = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
      const [a, b]: [bigint | string, bigint | string] = numeric ? [BigInt(left), BigInt(right)] : [left, right]
      const result = { '<': a < b, '<=': a <= b, '=': a === b, '==': a === b, '!=': a !== b, '>=': a >= b, '>': a > b }[op as '<']
      left = result ? '1' : '0'
    }
    return left
  }

  private number(text: string): bigint {
    if (!/^-?\d+$/.test(text)) throw new Fail(this.c.busybox ? 'expr: not a number' + ` '${text}'` : 'expr: non-integer argument', 2)
    return BigInt(text)
  }

  private sum(): string {
    let left = this.product()
    for (let op = this.accept('+', '-'); op; op = this.accept('+', '-')) {
      const right = this.product()
      left = String(op === '+' ? this.number(left) + this.number(right) : this.number(left) - this.number(right))
    }
    return left
  }

  private product(): string {
    let left = this.match()
    for (let op = this.accept('*', '/', '%'); op; op = this.accept('*', '/', '%')) {
      const a = this.number(left)
      const b = this.number(this.match())
      if (op !== '*' && b === 0n) throw new Fail('expr: division by zero', 2)
      left = String(op === '*' ? a * b : op === '/' ? a / b : a % b)
    }
    return left
  }

  private match(): string {
    let left = this.primary()
    while (this.accept(':')) left = this.matched(left, this.primary())
    return left
  }

  private matched(text: string, pattern: string): string {
    const m = compile(pattern, false).exec(text)
    const groups = pattern.includes('\\(')
    // The match is tied to the beginning.
    if (!m || m.index !== 0) return groups ? '' : '0'
    return groups ? (m[1] ?? '') : String(m[0].length)
  }

  private primary(): string {
    const a = this.args[this.at++]
    if (a === undefined)
      throw new Fail(this.c.busybox ? 'expr: syntax error' : `expr: syntax error: missing argument after '${this.args.at(-1)}'`, 2)
    if (a === '(') {
      const v = this.or()
      if (!this.accept(')')) throw new Fail('expr: syntax error', 2)
      return v
    }
    if (this.at < this.args.length) {
      if (a === 'length') return String(this.primary().length)
      if (a === 'match') return this.matched(this.primary(), this.primary())
      if (a === 'index') {
        const text = this.primary()
        const set = this.primary()
        return String([...text].findIndex((ch) => set.includes(ch)) + 1)
      }
      if (a === 'substr') {
        const text = this.primary()
        const from = Number(this.primary())
        const length = Number(this.primary())
        return from < 1 || length < 1 ? '' : text.slice(from - 1, from - 1 + length)
      }
    }
    return a
  }
}

export function dd(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o: Record<string, string> = {}
    for (const arg of c.task.argv.slice(1)) {
      const eq = arg.indexOf('=')
      if (eq < 0)
        throw new Fail(
          c.busybox
            ? c.usageError({ short: '', usage: '[if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N]' }).message
            : `dd: unrecognized operand '${arg}'\nTry 'dd --help' for more information.`,
        )
      o[arg.slice(0, eq)] = arg.slice(eq + 1)
    }
    const size = (name: string, otherwise: number): number => {
      if (o[name] === undefined) return otherwise
      const n = parseSize(o[name])
      if (n === undefined) throw new Fail(c.busybox ? `dd: invalid number '${o[name]}'` : `dd: invalid number: '${o[name]}'`)
      return n
    }
    const block = size('bs', size('ibs', 512))
    const count = size('count', Infinity)
    const open = async (path: string): Promise<Awaited<ReturnType<typeof openForReading>>> => {
      try {
        return await openForReading(c.task, path)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Fail(c.busybox ? `dd: can't open '${path}': ${error.message}` : `dd: failed to open '${path}': ${error.message}`)
      }
    }
    const input = o['if'] === undefined ? c.task.fd(0)! : await open(o['if'])
    const started = c.task.clock.now()
    for (let i = 0; i < size('skip', 0); i++) await input.read(block)
    const seek = size('seek', 0) * size('obs', block)
    let output = c.task.fd(1)!
    if (o['of'] !== undefined) {
      const special = c.fs.exists(o['of']) && c.fs.stat(o['of']).type !== 'file'
      if (!special && (o['conv'] ?? '').includes('notrunc') === false) c.fs.writeFile(o['of'], '')
      if (!special && seek > 0) c.fs.truncate(o['of'], seek)
      output = c.fs.open(o['of'], special ? 'w' : 'a')
    }
    let full = 0
    let partial = 0
    let bytes = 0
    try {
      while (full + partial < count) {
        let data = await input.read(block)
        if ((o['iflag'] ?? '').includes('fullblock')) {
          while (data.length > 0 && data.length < block) {
            const more = await input.read(block - data.length)
            if (more.length === 0) break
            data = Buffer.concat([data, more])
          }
        }
        if (data.length === 0) break
        await output.write(data)
        bytes += data.length
        if (data.length === block) full++
        else partial++
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(
        c.busybox ? `error writing '${o['of']}': ${error.message}` : `error writing '${o['of'] ?? 'standard output'}': ${error.message}`,
      )
    }
    if (o['status'] === 'none') return c.status
    const seconds = Math.max(0.000001, (c.task.clock.now() - started) / 1000)
    const rate = bytes / seconds
    const human = (n: number, base: number, units: string[]): string => {
      let i = 0
      let x = n
      while (x >= base && i < units.length - 1) {
        x /= base
        i++
      }
      return `${x.toFixed(1)}${units[i]}`
    }
    await c.task.writeError(`${full}+${partial} records in\n${full}+${partial} records out\n`)
    if (o['status'] === 'noxfer') return c.status
    await c.task.writeError(
      c.busybox
        ? `${bytes} bytes (${human(bytes, 1024, ['B', 'KB', 'MB', 'GB'])}) copied, ${seconds.toFixed(6)} seconds, ${human(rate, 1024, ['B', 'KB', 'MB', 'GB'])}/s\n`
        : `${bytes} bytes${bytes >= 1000 ? ` (${human(bytes, 1000, [' B', ' kB', ' MB', ' GB'])}, ${human(bytes, 1024, [' B', ' KiB', ' MiB', ' GiB'])})` : ''} copied, ${Number(seconds.toPrecision(6))} s, ${human(rate, 1000, [' B', ' kB', ' MB', ' GB'])}/s\n`,
    )
    return c.status
  })
}

export function clear(): Program {
  return command('busybox', (c) => c.print('\x1b[H\x1b[J'))
}

export function reset(): Program {
  return command('busybox', (c) => c.print('\x1bc\x1b[m\x1b[J\x1b[?25h'))
}

export function stty(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { terminal } = c.task
    if (c.task.fd(0)?.kind !== 'tty' || !terminal)
      throw new Fail(
        c.busybox ? 'stty: standard input: Inappropriate ioctl for device' : "stty: 'standard input': Inappropriate ioctl for device",
      )
    const args = c.task.argv.slice(1)
    const flag = (name: keyof typeof terminal.modes): string => (terminal.modes[name] ? name : `-${name}`)
    if (args.length === 0 || args[0] === '-a') {
      await c.print(`speed 38400 baud; ${args[0] === '-a' ? `rows ${terminal.rows}; columns ${terminal.columns}; ` : ''}line = 0;\n`)
      if (args[0] === '-a')
        await c.print(
          'intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; start = ^Q; stop = ^S; susp = ^Z; werase = ^W; lnext = ^V;\n',
        )
      await c.print(
        `${flag('icrnl')} ${flag('ixon')} ${flag('opost')} ${flag('onlcr')}\n${flag('isig')} ${flag('icanon')} ${flag('echo')}\n`,
      )
      return 0
    }
    if (args[0] === 'size') {
      await c.print(`${terminal.rows} ${terminal.columns}\n`)
      return 0
    }
    for (let i = 0; i < args.length; i++) {
      const a = args[i]!
      if (a === 'raw') terminal.setModes({ icanon: false, isig: false, icrnl: false, opost: false, ixon: false })
      else if (a === 'sane' || a === 'cooked' || a === '-raw')
        terminal.setModes({ icanon: true, isig: true, icrnl: true, opost: true, onlcr: true, echo: true, ixon: true })
      else if (a === 'cbreak') terminal.setModes({ icanon: false })
      else if (a === 'rows' || a === 'cols' || a === 'columns') {
        const n = Number(args[++i])
        terminal.resize(a === 'rows' ? terminal.columns : n, a === 'rows' ? n : terminal.rows)
      } else if (/^-?(icanon|echo|isig|icrnl|opost|onlcr|ixon)$/.test(a)) terminal.setModes({ [a.replace('-', '')]: !a.startsWith('-') })
      else if (a === 'erase' || a === 'intr' || a === 'min' || a === 'time') i++
      else if (!/^-?(echoe|echok|iexten|ixoff|brkint|istrip)$/.test(a)) throw new Fail(`stty: invalid argument '${a}'`)
    }
    return 0
  })
}

export function usleep(): Program {
  return command('busybox', (c) => c.task.sleep(Number(c.task.argv[1] ?? 0) / 1000))
}

/** bc for what people pipe into it: one expression a line, with `scale`. */
export function bc(): Program {
  return command('busybox', async (c) => {
    let scale = c.task.argv.includes('-l') ? 20 : 0
    for (;;) {
      const line = await c.task.readLine()
      if (line === undefined) return 0
      for (const part of line.split(';')) {
        const text = part.trim()
        const s = /^scale\s*=\s*(\d+)$/.exec(text)
        if (s) scale = Number(s[1])
        else if (text === 'quit') return 0
        else if (text !== '') await c.print(`${calculate(text, scale)}\n`)
      }
    }
  })
}

function calculate(text: string, scale: number): string {
  if (/[^0-9+\-*/%^(). <>=!&|]/.test(text)) return '(standard_in) 1: syntax error'
  try {
    if (scale === 0 && !text.includes('.'))
      return String(evaluate(text.replaceAll('^', '**'), { get: () => '0', set: () => undefined }, 'bash'))
    return decimal(text.replaceAll('^', '**'), scale)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return /division/.test(error.message) ? 'Runtime error (func=(main), adr=3): Divide by zero' : '(standard_in) 1: syntax error'
  }
}

/** Decimal arithmetic by hand: there is no eval of what a person types. */
function decimal(text: string, scale: number): string {
  const tokens = text.match(/\d+\.?\d*|\.\d+|\*\*|[-+*/%()]/g) ?? []
  let at = 0
  const primary = (): number => {
    const t = tokens[at++]
    if (t === '(') {
      const v = sum()
      at++
      return v
    }
    if (t === '-') return -primary()
    const n = Number(t)
    if (Number.isNaN(n)) throw new Error('syntax')
    return n
  }
  const power = (): number => {
    const base = primary()
    if (tokens[at] !== '**') return base
    at++
    return base ** power()
  }
  const product = (): number => {
    let v = power()
    while (tokens[at] === '*' || tokens[at] === '/' || tokens[at] === '%') {
      const op = tokens[at++]
      const r = power()
      if (op !== '*' && r === 0) throw new Error('division by zero')
      v = op === '*' ? v * r : op === '/' ? Math.trunc((v / r) * 10 ** scale) / 10 ** scale : v % r
    }
    return v
  }
  const sum = (): number => {
    let v = product()
    while (tokens[at] === '+' || tokens[at] === '-') v = tokens[at++] === '+' ? v + product() : v - product()
    return v
  }
  const result = sum()
  const shown = text.includes('/') ? result.toFixed(scale) : String(Number(result.toFixed(Math.max(scale, 10))))
  return shown.replace(/^(-?)0\./, '$1.')
}

/** less and more: a screen at a time on a terminal, everything otherwise. */
export function pager(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const operands = c.task.argv.slice(1).filter((a) => !a.startsWith('-') && !a.startsWith('+'))
    const out = c.task.fd(1)
    const { terminal } = c.task
    if (out?.kind !== 'tty' || !terminal) {
      for await (const { file } of c.inputs(operands)) await c.print(await readAll(file))
      return c.status
    }
    let text = ''
    for await (const { file } of c.inputs(operands)) text += (await readAll(file)).toString('utf8')
    const lines = text.replace(/\n$/, '').split('\n')
    const keys = await openForReading(c.task, '/dev/tty')
    const modes = terminal.modes
    terminal.setModes({ icanon: false, echo: false })
    try {
      await page(c, lines, keys, operands[0] ?? '')
    } finally {
      if (!c.task.ended) {
        terminal.setModes(modes)
        await c.print('\x1b[r\x1b[K')
      }
      keys.close()
    }
    return 0
  })
}

async function page(c: Command, lines: string[], keys: { read(max: number): Promise<Uint8Array> }, name: string): Promise<void> {
  let topLine = 0
  let search = ''
  for (;;) {
    const terminal = c.task.terminal!
    const rows = Math.max(1, terminal.rows - 1)
    const last = Math.max(0, lines.length - rows)
    topLine = Math.max(0, Math.min(topLine, last))
    const screen = lines.slice(topLine, topLine + rows).map((l) => l.slice(0, terminal.columns))
    while (screen.length < rows) screen.push('~')
    const status = topLine >= last ? '(END)' : name && topLine === 0 ? name : ':'
    await c.print(`\x1b[H\x1b[J${screen.join('\n')}\n\x1b[7m${status}\x1b[m`)
    const key = Buffer.from(await keys.read(16)).toString('latin1')
    if (key === '' || key === 'q' || key === 'Q' || key === '\x03') return
    if (key === ' ' || key === 'f' || key === '\x1b[6~' || key === '\x06') {
      if (c.name === 'more' && topLine >= last) return
      topLine += rows
    } else if (key === 'b' || key === '\x1b[5~' || key === '\x02') topLine -= rows
    else if (key === '\r' || key === '\n' || key === 'j' || key === '\x1b[B' || key === '\x1bOB') {
      if (c.name === 'more' && topLine >= last) return
      topLine++
    } else if (key === 'k' || key === '\x1b[A' || key === '\x1bOA') topLine--
    else if (key === 'g' || key === '<' || key === '\x1b[H') topLine = 0
    else if (key === 'G' || key === '>' || key === '\x1b[F') topLine = last
    else if (key === 'd') topLine += rows >> 1
    else if (key === 'u') topLine -= rows >> 1
    else if (key === '/' || key === 'n') {
      if (key === '/') search = await prompt(c, keys)
      const found = lines.findIndex((l, i) => i > topLine && search !== '' && l.includes(search))
      if (found >= 0) topLine = found
    }
  }
}

async function prompt(c: Command, keys: { read(max: number): Promise<Uint8Array> }): Promise<string> {
  let text = ''
  for (;;) {
    await c.print(`\r\x1b[K/${text}`)
    const key = Buffer.from(await keys.read(16)).toString('utf8')
    if (key === '\r' || key === '\n' || key === '') return text
    if (key === '\x7f') text = text.slice(0, -1)
    else if (key === '\x1b') return ''
    else text += key
  }
}
