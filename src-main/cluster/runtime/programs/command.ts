/**
 * What the programs have in common: options, and errors in the words of busybox or coreutils. A program is made for a
 * flavour, because the two word nearly everything differently.
 */
import { errorText } from '../errors.js'
import type { OpenFile, Process, Program } from '../process.js'
import { SystemError } from '../process.js'
import type { Handle } from '../open-file.js'
import { taskOf, type Task } from '../task.js'
import { appletTakes, hasNoOptions, mostOperands } from './busybox-options.js'
import { usageText } from './busybox.js'
import { isOfPackage, takesLetters, versionText } from './gnu-versions.js'
import { openForReading } from './reading.js'
import { gnuHelp } from './usage/gnu.js'

/** Whose program it is. */
export type Flavour = 'busybox' | 'coreutils'

/** Ends a program with a message that has been chosen already. */
export class Fail extends Error {
  constructor(
    message: string,
    readonly status = 1,
  ) {
    super(message)
  }
}

/** Options of a program: letters, those with an argument followed by `:`; long names for letters. */
export interface OptionSpec {
  /** getopt(3) style: `ab:c`. */
  short: string
  /** Long name to letter; a name that ends in `=` takes an argument, in `=?` may take one. */
  long?: Readonly<Record<string, string>>
  /** Stop at the first operand (`env`, `timeout`, `xargs`). */
  stopAtOperand?: boolean
  /** What `--help` and wrong usage show after `Usage: `, without the program's name. */
  usage: string
  /** `-5` is taken as `-n 5` under this letter (head, tail). */
  digits?: string
}

export class Options {
  private readonly values = new Map<string, string[]>()
  operands: string[] = []
  /** All of them in the order in which they were given, with the number of operands before each. */
  readonly given: (readonly [letter: string, value: string, operands: number])[] = []

  add(letter: string, value: string): void {
    this.given.push([letter, value, this.operands.length])
    const list = this.values.get(letter)
    if (list) list.push(value)
    else this.values.set(letter, [value])
  }

  /** As if it had not been given. */
  delete(letter: string): void {
    this.values.delete(letter)
  }

  has(letter: string): boolean {
    return this.values.has(letter)
  }

  /** The last value given. */
  get(letter: string): string | undefined {
    return this.values.get(letter)?.at(-1)
  }

  all(letter: string): string[] {
    return this.values.get(letter) ?? []
  }
}

/** What GNU programs exit with when they are called wrongly, where that is not 1. */
const WRONG_USAGE: Readonly<Record<string, number>> = {
  ls: 2, dir: 2, vdir: 2, sort: 2, grep: 2, egrep: 2, fgrep: 2, diff: 2, cmp: 2, printenv: 2, tty: 2, pgrep: 2, pkill: 2, env: 125, nice: 125, nohup: 125, timeout: 125, stdbuf: 125, chroot: 125,
  tar: 64, hostname: 255,
} // prettier-ignore

/** Those of procps, which say how they are called whatever was wrong. */
const PROCPS: ReadonlySet<string> = new Set('free uptime vmstat pmap w watch pgrep pkill pwdx kill'.split(' '))

/** What applets of busybox exit with when they are called wrongly, where that is not 1. */
const WRONG_APPLET_USAGE: Readonly<Record<string, number>> = { sort: 2, tty: 2, grep: 2, egrep: 2, fgrep: 2, nice: 127, printenv: 127 }

/** What busybox programs call by its name alone when they cannot open it; the others say `can't open 'FILE'`. */
const NAME_ALONE = new Set(
  'head grep egrep fgrep wc sort nl tac paste fold expand unexpand od hexdump hd base64 base32 rev cmp comm shuf cut'.split(' '),
)

/** The letters that busybox takes of a program, where those are less than GNU has. */
const BUSYBOX_LETTERS: Readonly<Record<string, string>> = {
  cp: 'adfilnprstuvHLPRT', mv: 'fintvT', rm: 'firvR', chown: 'cfhvHLPR', ls: 'acdghiklnprstuvwxACFHLQRSTX1', du: 'abcdhklmsxHL',
  df: 'ahikmtBHPTT', grep: 'acefhilmnoqrsvwxABCEFHILR', egrep: 'acefhilmnoqrsvwxABCEFHILR', fgrep: 'acefhilmnoqrsvwxABCEFHILR',
  sort: 'bcdfghikmnorstuzMSTV', uniq: 'cdfisuwz', tr: 'cdsC', nl: 'bipsvw', cmp: 'lns', date: 'drsuDIR', env: 'iu0',
  uname: 'aimnoprsv', tar: 'cxtrvzfCTXOkmphjJaoP', cat: 'bentuvA', tee: 'ai', wc: 'clmwL', touch: 'acdfhmrt', seq: 'sw', sed: 'nefirE',
} // prettier-ignore

/** How GNU programs say that they cannot open a file, where that is not `FILE: why`. */
const CANNOT_OPEN: Readonly<Record<string, (name: string) => string>> = {
  head: (name) => `cannot open '${name}' for reading`,
  tail: (name) => `cannot open '${name}' for reading`,
  split: (name) => `cannot open '${name}' for reading`,
  fmt: (name) => `cannot open '${name}' for reading`,
  tac: (name) => `failed to open '${name}' for reading`,
  sort: (name) => `cannot read: ${name}`,
  rev: (name) => `cannot open ${name}`,
}

/** One run of a program: its process, its name, how it words errors. */
export class Command {
  readonly task: Task
  readonly name: string
  /** What `exit` gets at the end: set by {@link warn}. */
  status = 0

  constructor(
    process: Process,
    readonly flavour: Flavour,
  ) {
    this.task = taskOf(process)
    this.name = (this.task.argv[0] ?? '').split('/').at(-1)!.replace(/^-/, '')
  }

  get fs() {
    return this.task.fs
  }

  get busybox(): boolean {
    return this.flavour === 'busybox'
  }

  /** Alpine's busybox is built with musl, whose getopt has words of its own; that of the busybox image has glibc's. */
  private get musl(): boolean {
    return this.busybox && this.fs.exists('/etc/alpine-release')
  }

  print(text: string | Uint8Array): Promise<void> {
    return this.task.write(text)
  }

  /** Accounts for CPU time; pauses only when enough has come together. */
  async work(cpuMs: number): Promise<void> {
    await this.task.tick(cpuMs)
  }

  /** Complains and goes on; the program ends with `status`. */
  async warn(message: string, status = 1): Promise<void> {
    this.status = status
    await this.task.writeError(`${this.name}: ${message}\n`)
  }

  /** The text of a failed call. */
  text(error: unknown): string {
    return errorText(error)
  }

  /** Parses options. Throws Fail in the words of the flavour; `--help` prints the usage and ends the program. */
  async options(spec: OptionSpec, argv: readonly string[] = this.task.argv): Promise<Options> {
    const options = new Options()
    const args = argv.slice(1)
    while (args.length > 0) {
      const arg = args.shift()!
      if (arg === '--') {
        options.operands.push(...args)
        break
      }
      if (arg.startsWith('--')) await this.longOption(spec, arg, args, options)
      else if (/^-./.test(arg)) {
        if (spec.digits && /^-\d+$/.test(arg)) options.add(spec.digits, arg.slice(1))
        else {
          await this.tellByLetter(spec, arg)
          this.shortOptions(spec, arg, args, options)
        }
      } else {
        options.operands.push(arg)
        if (spec.stopAtOperand) {
          options.operands.push(...args)
          break
        }
      }
    }
    if (this.busybox && options.operands.length > mostOperands(this.name)) throw this.usageError(spec)
    return options
  }

  /** {@link options} for a program that has words of its own for what is wrong with them. @param refuse is given the first line of the fault */
  async optionsOr(spec: OptionSpec, refuse: (fault: string) => Fail, argv?: readonly string[]): Promise<Options> {
    try {
      return await this.options(spec, argv)
    } catch (error) {
      if (!(error instanceof Fail)) throw error
      throw refuse(error.message.split('\n')[0]!)
    }
  }

  /** The long options that the program has in its flavour. */
  private longOptions(spec: OptionSpec): Readonly<Record<string, string>> {
    const long = spec.long ?? {}
    return this.busybox ? Object.fromEntries(Object.entries(long).filter(([key]) => appletTakes(this.name, bare(key)))) : long
  }

  private async longOption(spec: OptionSpec, arg: string, args: string[], options: Options): Promise<void> {
    const eq = arg.indexOf('=')
    const name = eq < 0 ? arg.slice(2) : arg.slice(2, eq)
    const long = this.longOptions(spec)
    const own = ['help', ...(this.busybox ? [] : ['version'])].filter((each) => !Object.keys(long).some((k) => bare(k) === each))
    const begun = [...Object.keys(long), ...own].filter((k) => k.startsWith(name))
    const key = begun.find((k) => bare(k) === name) ?? (new Set(begun.map((k) => long[k] ?? k)).size === 1 ? begun[0] : undefined)
    if (key === undefined && begun.length > 1) {
      const list = begun.map((each) => ` '--${bare(each)}'`).join('')
      throw this.usageError(spec, this.musl ? `option is ambiguous: ${name}` : `option '${arg}' is ambiguous; possibilities:${list}`)
    }
    if (key === undefined) {
      // head of busybox reads its arguments without long ones at all.
      const dash = this.busybox && this.name === 'head'
      if (this.musl) throw this.usageError(spec, `unrecognized option: ${dash ? '-' : name}`)
      throw this.usageError(spec, dash ? "invalid option -- '-'" : `unrecognized option '${arg}'`)
    }
    if (eq >= 0 && !key.includes('='))
      throw this.usageError(
        spec,
        this.musl ? `option does not take an argument: ${bare(key)}` : `option '--${bare(key)}' doesn't allow an argument`,
      )
    if (own.includes(key)) await this.tell(spec, key)
    const letter = long[key]!
    if (key.endsWith('=')) {
      const value = eq < 0 ? args.shift() : arg.slice(eq + 1)
      if (value === undefined)
        throw this.usageError(
          spec,
          this.musl ? `option requires an argument: ${bare(key)}` : `option '--${bare(key)}' requires an argument`,
        )
      options.add(letter, value)
    } else options.add(letter, eq < 0 ? '' : arg.slice(eq + 1))
  }

  /** `--help` and `--version`, which end the program. */
  private async tell(spec: OptionSpec, what: string): Promise<never> {
    if (what === 'version') await this.task.write(versionText(this.name, this.fs))
    else await (this.busybox ? this.task.writeError(this.help(spec)) : this.task.write(this.help(spec)))
    return this.task.exit(0)
  }

  /** `-V` and `-h` of procps and util-linux, where they mean nothing else. */
  private async tellByLetter(spec: OptionSpec, arg: string): Promise<void> {
    if (this.busybox || arg.length !== 2 || !takesLetters(this.name) || spec.short.includes(arg[1]!)) return
    if (arg === '-V') await this.tell(spec, 'version')
    if (arg === '-h') await this.tell(spec, 'help')
  }

  private shortOptions(spec: OptionSpec, arg: string, args: string[], options: Options): void {
    for (let i = 1; i < arg.length; i++) {
      const c = arg[i]!
      const refused = this.busybox && Object.hasOwn(BUSYBOX_LETTERS, this.name) && !BUSYBOX_LETTERS[this.name]!.includes(c)
      const at = c === ':' || refused ? -1 : spec.short.indexOf(c)
      if (at < 0) throw this.usageError(spec, this.musl ? `unrecognized option: ${c}` : `invalid option -- '${c}'`)
      if (spec.short[at + 1] !== ':') {
        options.add(c, '')
        continue
      }
      const optional = spec.short[at + 2] === ':'
      const rest = arg.slice(i + 1)
      const value = rest !== '' || optional ? rest : args.shift()
      if (value === undefined)
        throw this.usageError(spec, this.musl ? `option requires an argument: ${c}` : `option requires an argument -- '${c}'`)
      options.add(c, value)
      return
    }
  }

  /** What `--help` prints. */
  help(spec: OptionSpec): string {
    if (this.busybox) return usageText(this.task, this.name, spec.usage)
    return gnuHelp(this.name, spec.short, spec.long ?? {}, spec.usage) ?? `Usage: ${this.name} ${spec.usage}\n`
  }

  /** Wrong usage: the message, and how it is used or where that is told. */
  usageError(spec: OptionSpec, message?: string): Fail {
    if (this.busybox)
      return new Fail(
        `${message && !hasNoOptions(this.name) ? `${this.name}: ${message}\n` : ''}${this.help(spec)}`.trimEnd(),
        WRONG_APPLET_USAGE[this.name] ?? 1,
      )
    // These two are scripts that run gzip.
    if (this.name === 'gunzip' || this.name === 'zcat')
      return new Fail(`${message ? `gzip: ${message}\n` : ''}Try \`gzip --help' for more information.`)
    const help = `${this.name} --help`
    if (PROCPS.has(this.name))
      return new Fail(`${message ? `${this.name}: ${message}\n` : ''}${this.help(spec)}`.trimEnd(), WRONG_USAGE[this.name] ?? 1)
    // sed and hostname say at once how they are called.
    if (this.name === 'sed' || this.name === 'hostname')
      return new Fail(`${message ? `${this.name}: ${message}\n` : ''}${this.help(spec)}`.trimEnd(), WRONG_USAGE[this.name] ?? 1)
    // grep shows how it is called for an option that is wrong.
    if (/^[ef]?grep$/.test(this.name) && message) message += '\nUsage: grep [OPTION]... PATTERNS [FILE]...'
    const advice =
      this.name === 'tar'
        ? `Try '${help}' or 'tar --usage' for more information.`
        : this.name === 'gzip'
          ? `Try \`${help}' for more information.`
          : this.name === 'diff' || this.name === 'cmp'
            ? `${this.name}: Try '${help}' for more information.`
            : `Try '${help}' for more information.`
    return new Fail(`${message ? `${this.name}: ${message}\n` : ''}${advice}`, WRONG_USAGE[this.name] ?? 1)
  }

  /** The files of the operands, or standard input; `-` is standard input, too. Complains of what cannot be opened. */
  async *inputs(operands: readonly string[]): AsyncGenerator<{ name: string; file: OpenFile }> {
    for (const name of operands.length > 0 ? operands : ['-']) {
      if (name === '-') {
        const file = this.task.fd(0)
        if (file) yield { name, file }
        continue
      }
      let file: Handle
      try {
        file = await openForReading(this.task, name)
      } catch (error) {
        await this.openFailed(name, error)
        continue
      }
      try {
        yield { name, file }
      } finally {
        file.close()
      }
    }
  }

  async openFailed(name: string, error: unknown): Promise<void> {
    if (!(error instanceof SystemError)) throw error
    if (this.busybox) {
      const why = NAME_ALONE.has(this.name) ? `${name}: ${error.message}` : `can't open '${name}': ${error.message}`
      return this.warn(why, this.name === 'sort' ? 2 : 1)
    }
    const cannot = CANNOT_OPEN[this.name]
    await this.warn(`${cannot ? cannot(name) : name}: ${error.message}`, WRONG_USAGE[this.name] ?? 1)
  }
}

/** The name of a long option without the mark of its argument. */
function bare(key: string): string {
  return key.replace(/=\??$/, '')
}

/** Makes a program of a function over {@link Command}: prints what it fails with, returns its status. */
export function command(flavour: Flavour, main: (c: Command) => Promise<number | void>): Program {
  return async (process) => {
    const c = new Command(process, flavour)
    try {
      if (flavour === 'coreutils' && c.task.argv.length === 2 && c.task.argv[1] === '--version' && isOfPackage(c.name)) {
        await c.print(versionText(c.name, c.fs))
        return 0
      }
      return (await main(c)) ?? c.status
    } catch (error) {
      if (error instanceof Fail) {
        if (error.message) await c.task.writeError(`${error.message}\n`)
        return error.status
      }
      if (!(error instanceof SystemError)) throw error
      await c.warn(error.message)
      return 1
    }
  }
}
