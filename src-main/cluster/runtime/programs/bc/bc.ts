/** bc: a language for calculating with numbers of any length. */
import { SystemError, type Program } from '../../process.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { readText } from '../reading.js'
import { MathError } from './decimal.js'
import { Incomplete, Parser, SyntaxFault, tokens } from './parse.js'
import { Machine, Quit, type World } from './run.js'

const SPEC = {
  short: 'hilqsvw',
  long: { help: 'h', interactive: 'i', mathlib: 'l', quiet: 'q', standard: 's', version: 'v', warn: 'w' },
  usage: '[-sqlw] [FILE]...\n\nArbitrary precision calculator',
}

const HELP = `usage: bc [options] [file ...]
  -h  --help         tell this and end
  -i  --interactive  as on a terminal
  -l  --mathlib      with the mathematical functions
  -q  --quiet        no welcome
  -s  --standard     POSIX' bc alone
  -w  --warn         warn of what POSIX has not
  -v  --version      tell the version and end
`

const BANNER = `bc 1.07.1
Copyright 1991-1994, 1997, 1998, 2000, 2004, 2006, 2008, 2012-2017 Free Software Foundation, Inc.
`

export function bc(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = c.busybox
      ? await c.options({ ...SPEC, short: 'lqsw', long: {} })
      : await c.optionsOr(SPEC, (fault) => new Fail(`${fault}\n${HELP}`.trimEnd()))
    if (o.has('h')) return c.print(HELP)
    if (o.has('v')) return c.print(BANNER)
    const calculator = new Calculator(c, o.has('l'))
    try {
      for (const path of o.operands) await calculator.file(path)
      const terminal = c.task.fd(0)?.kind === 'tty' && c.task.fd(1)?.kind === 'tty'
      if (terminal && !o.has('q') && !c.busybox)
        await c.print(`${BANNER}This is free software with ABSOLUTELY NO WARRANTY.\nFor details type \`warranty'. \n`)
      await calculator.standardInput()
    } catch (error) {
      if (!(error instanceof Quit)) throw error
    }
    await calculator.flush()
    return c.status
  })
}

/** What busybox says of faults that GNU's bc has other words for. */
const BUSYBOX_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(Divide|Modulo) by zero/, 'divide by zero'],
  [/^Function .* not defined/, 'undefined function'],
  [/negative (number|scale)/, 'negative number'],
]

class Calculator implements World {
  private readonly machine: Machine
  private out = ''
  private complaints = ''
  private name = '(standard_in)'
  private line = 0
  /** Something went wrong that ends it. */
  private failed = false

  constructor(
    private readonly c: Command,
    library: boolean,
  ) {
    this.machine = new Machine(this, library)
  }

  print(text: string): void {
    this.out += text
  }

  complain(text: string): void {
    if (!this.c.busybox) {
      this.complaints += `${text}\n`
      return
    }
    const said = /adr=\d+\): (.*)$/.exec(text)?.[1] ?? text
    this.complaints += `bc: ${BUSYBOX_WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? said}\n`
    // On a terminal it goes on.
    this.failed = this.c.task.fd(0)?.kind !== 'tty'
  }

  readLine(): Promise<string | undefined> {
    return this.c.task.readLine()
  }

  work(cpuMs: number): Promise<void> | void {
    if (this.out.length > 65_536) return this.flush()
    const pause = this.c.task.tick(cpuMs)
    return pause ? pause.then(() => undefined) : undefined
  }

  async flush(): Promise<void> {
    const [out, complaints] = [this.out, this.complaints]
    this.out = ''
    this.complaints = ''
    if (out !== '') await this.c.print(Buffer.from(out, 'utf8'))
    if (complaints !== '') await this.c.task.writeError(complaints)
  }

  async file(path: string): Promise<void> {
    let text: string
    try {
      text = await readText(this.c, path)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(this.c.busybox ? `bc: can't open '${path}': ${error.message}` : `File ${path} is unavailable.`)
    }
    this.name = path
    this.line = 0
    let held = ''
    for (const line of text.replace(/\n$/, '').split('\n')) held = await this.take(`${held}${line}\n`)
    this.name = '(standard_in)'
    this.line = 0
  }

  async standardInput(): Promise<void> {
    let held = ''
    for (;;) {
      const line = await this.c.task.readLine()
      if (line === undefined) break
      held = await this.take(`${held}${line}\n`)
      await this.flush()
    }
    if (held.trim() !== '') await this.refuse('syntax error')
  }

  /** Runs what has been read if it is whole; else gives it back. */
  private async take(text: string): Promise<string> {
    this.line++
    try {
      await this.machine.run(new Parser(tokens(text)).program())
    } catch (error) {
      if (error instanceof Incomplete) return text
      if (error instanceof SyntaxFault) await this.refuse(error.message, error.atEnd ? 1 : 0)
      else if (error instanceof MathError) this.complain(error.message)
      else throw error
    }
    if (this.failed) {
      await this.flush()
      throw new Fail('')
    }
    return ''
  }

  private async refuse(message: string, later = 0): Promise<void> {
    if (this.c.busybox) this.complaints += `bc: ${message === 'syntax error' ? 'bad expression' : `bad character '${message.at(-1)}'`}\n`
    else this.complaints += `${this.name} ${this.line + later}: ${message}\n`
    await this.flush()
    if (this.c.busybox) throw new Fail('')
  }
}
