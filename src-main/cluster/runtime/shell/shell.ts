/** The state of one shell (or subshell), and how it words its errors. Running commands is `interpreter.ts`. */
import { MeasuredMemory } from '../memory-budget.js'
import { errorText } from '../errors.js'
import { SystemError } from '../process.js'
import { type ForkOptions, type Task } from '../task.js'
import type { Dialect, Node } from './ast.js'
import type { CompletionSpec } from './builtins/completion.js'
import { sourceText } from './source-text.js'
import { CallStack } from './call-stack.js'
import { ShellError, ShellExit, LoopControl, Return, Interrupted } from './endings.js'
import { DEFAULT_SHOPT, initialOptions, optionLetters, type Options } from './options.js'
import { Jobs } from './jobs.js'
import { Traps } from './traps.js'
import { Variables, type DynamicArrays, type DynamicVariables } from './variables.js'

/** CPU time that it takes to make a process, ms. */
const FORK_COST = 0.3

/** Bytes that a list of words takes. */
function sizeOf(words: readonly string[]): number {
  return words.reduce((bytes, word) => bytes + 48 + word.length, 0)
}

export class Shell {
  readonly options: Options
  variables: Variables
  readonly functions = new Map<string, Node>()
  /** bash: what `export -f` has named. */
  readonly exportedFunctions = new Set<string>()
  /** bash: the builtins that `enable -n` has switched off. */
  readonly disabled = new Set<string>()
  /** bash: what `readonly -f` has named. */
  readonly readonlyFunctions = new Set<string>()
  readonly aliases = new Map<string, string>()
  /** Paths of commands found before (`hash`). */
  readonly hashed = new Map<string, string>()
  positional: string[] = []
  readonly traps: Traps
  readonly jobs: Jobs
  lastStatus = 0
  lastBackground: number | undefined
  /** The line of the command being run. */
  line = 0
  /** Depth of loops, functions and sourced files: what break and return may leave. */
  loops = 0
  calls = 0
  sourced = 0
  /** How many running functions and the like are in a place where the status is looked at: `set -e` does not apply. */
  tested = 0
  /** The options to put back when the function returns (`local -`). */
  savedOptions: Options | undefined
  /** Set by Ctrl-C in an interactive shell. */
  interrupted = false
  /** The status of the last command substitution: what a command without a name returns. */
  substitutionStatus: number | undefined
  /** The builtin that is running, for its errors. */
  builtin = ''
  /** Whether commands come from a string given with -c, a file or standard input. */
  origin: 'string' | 'file' | 'stdin' = 'stdin'
  history: string[] = []
  /** Whether it began as the shell of somebody who has logged in. */
  isLogin = false
  /** Whether the last thing that was said at the prompt is that jobs are stopped. */
  toldOfJobs = false
  /** Lines that a person has typed: dash counts them in its errors. */
  linesRead = 0
  /** A person is there: true in the subshells of an interactive shell, too. */
  private readonly belowPrompt: boolean
  /** The pid that `$$` shows, also in subshells. */
  readonly pid: number
  readonly startedAt: number
  /** The command that runs, for BASH_COMMAND: not one of a trap. */
  command: Node | undefined
  getopts = { index: 1, offset: 0 }
  /** Process substitutions of the command being run: closed after it. */
  /** bash: the shell's ends of the pipes of process substitutions, until their command is over. */
  openSubstitutions: number[] = []

  constructor(
    readonly task: Task,
    readonly dialect: Dialect,
    public arg0: string,
    parent?: Shell,
  ) {
    this.pid = parent?.pid ?? task.pid
    this.belowPrompt = parent?.atPrompt ?? false
    this.startedAt = parent?.startedAt ?? task.clock.now()
    const dynamic = this.dynamicVariables()
    this.traps = new Traps(this)
    if (!parent) {
      this.options = initialOptions(dialect)
      this.variables = new Variables(dynamic, this.dynamicArrays())
      this.jobs = new Jobs(this)
      this.watchVariables()
      return
    }
    this.options = { ...parent.options, interactive: false, monitor: false }
    this.variables = parent.variables.clone(dynamic, this.dynamicArrays())
    this.watchVariables()
    for (const [k, v] of parent.functions) this.functions.set(k, v)
    for (const name of parent.exportedFunctions) this.exportedFunctions.add(name)
    for (const name of parent.readonlyFunctions) this.readonlyFunctions.add(name)
    for (const name of parent.disabled) this.disabled.add(name)
    for (const [k, v] of parent.aliases) this.aliases.set(k, v)
    this.history = [...parent.history]
    for (const [k, v] of parent.hashed) this.hashed.set(k, v)
    this.positional = parent.positional.slice()
    this.lastStatus = parent.lastStatus
    this.lastBackground = parent.lastBackground
    this.line = parent.line
    this.loops = parent.loops
    this.tested = parent.tested
    this.calls = parent.calls
    this.callStack = parent.callStack.clone(() => this.script)
    for (const [k, v] of parent.functionSources) this.functionSources.set(k, v)
    this.depth = parent.depth + 1
    this.indirection = parent.indirection
    this.pipeStatus = parent.pipeStatus
    this.shopt = new Set(parent.shopt)
    for (const [k, v] of parent.completions) this.completions.set(k, v)
    this.directories = parent.directories.slice()
    this.origin = parent.origin
    this.getopts = { ...parent.getopts }
    this.jobs = new Jobs(this)
    this.traps.inherit(parent.traps)
  }

  /** New positional parameters; but for bash, `getopts` begins with the first of them again. */
  setPositional(values: string[]): void {
    this.positional = values
    if (values.length > 0) this.variables.onGrowth?.(sizeOf(values))
    if (this.dialect !== 'bash') this.getopts = { index: 1, offset: 0 }
  }

  private watchVariables(): void {
    const memory = new MeasuredMemory(this.task, () => this.variables.size() + sizeOf(this.positional))
    this.variables.onGrowth = (bytes) => memory.grew(bytes)
    this.variables.onChange = (name) => {
      if (name === 'PATH') this.hashed.clear()
      else if (name === 'OPTIND') this.getopts = { index: Number(this.variables.get('OPTIND')) || 1, offset: 0 }
    }
  }

  private dynamicVariables(): DynamicVariables {
    const { task } = this
    const dynamic = new Map<string, () => string | undefined>([['LINENO', () => String(this.line)]])
    if (this.dialect !== 'dash') dynamic.set('RANDOM', () => String(task.random.int(32_768)))
    if (this.dialect === 'bash') {
      dynamic.set('SECONDS', () => String(Math.floor((task.clock.now() - this.startedAt) / 1000)))
      dynamic.set('EPOCHSECONDS', () => String(Math.floor(task.clock.now() / 1000)))
      dynamic.set('EPOCHREALTIME', () => (task.clock.now() / 1000).toFixed(6))
      dynamic.set('BASH_COMMAND', () => this.command && sourceText(this.command))
      dynamic.set('BASHPID', () => String(task.pid))
      dynamic.set('UID', () => String(task.uid))
      dynamic.set('EUID', () => String(task.uid))
      dynamic.set('COLUMNS', () => (this.options.interactive && task.terminal ? String(task.terminal.columns) : undefined))
      dynamic.set('LINES', () => (this.options.interactive && task.terminal ? String(task.terminal.rows) : undefined))
      dynamic.set('HOSTNAME', () => task.hostname)
      dynamic.set('BASH_SUBSHELL', () => String(this.depth))
    }
    return dynamic
  }

  /** bash: what `pushd` has left behind, the last one first. */
  directories: string[] = []
  /** bash: what `complete` has said of commands. */
  readonly completions = new Map<string, CompletionSpec>()
  /** bash: the options of `shopt` that are on. */
  shopt = new Set(DEFAULT_SHOPT)
  /** The functions and sourced files that are running. */
  readonly callStack: CallStack = new CallStack(() => this.script)
  /** The files that the functions were read from. */
  readonly functionSources = new Map<string, string>()
  /** How many subshells this one is in. */
  private readonly depth: number = 0
  /** How many command substitutions, `eval` and sourced files are around what runs: `set -x` repeats its mark for each. */
  indirection = 0
  /** The statuses of the last pipeline, or of the last command. */
  pipeStatus: number | readonly number[] = 0

  /** The script that is read, for a shell that reads one. */
  private get script(): string | undefined {
    return this.origin === 'file' ? this.arg0 : undefined
  }

  defineFunction(name: string, node: Node): void {
    this.functions.set(name, node)
    this.functionSources.set(name, this.callStack.source)
  }

  private dynamicArrays(): DynamicArrays {
    if (this.dialect !== 'bash') return new Map()
    return new Map([
      ['FUNCNAME', () => this.callStack.names()],
      ['BASH_SOURCE', () => this.callStack.sources()],
      ['BASH_LINENO', () => this.callStack.lines()],
      ['PIPESTATUS', () => [this.pipeStatus].flat().map(String)],
    ])
  }

  /** A parameter by its name: positional, special or variable. undefined when unset. */
  parameter(name: string): string | undefined {
    if (/^[0-9]/.test(name)) return name === '0' ? this.arg0 : this.positional[Number(name) - 1]
    switch (name) {
      case '@':
      case '*':
        return this.positional.length > 0 ? this.positional.join(' ') : undefined
      case '#':
        return String(this.positional.length)
      case '?':
        return String(this.lastStatus)
      case '$':
        return String(this.pid)
      case '!':
        return this.lastBackground === undefined ? undefined : String(this.lastBackground)
      case '-':
        return Object.entries(optionLetters(this.dialect))
          .filter(([, o]) => this.options[o])
          .map(([letter]) => letter)
          .concat(this.dialect !== 'dash' && this.origin === 'string' ? ['c'] : [])
          .join('')
      default:
        return this.variables.get(name)
    }
  }

  /** `test -v`: whether a parameter, or an element of an array, has a value. */
  isSet(name: string): boolean {
    return name.endsWith(']') ? this.variables.isSet(name) : this.parameter(name) !== undefined
  }

  /** Its name without directories, by which bash speaks at a prompt. */
  get baseName(): string {
    return this.arg0.slice(this.arg0.lastIndexOf('/') + 1)
  }

  private get atPrompt(): boolean {
    return this.options.interactive || this.belowPrompt
  }

  // Errors. Each shell has its own words.

  /** `sh: 1: ` (dash), `sh: ` (ash at a prompt), `x.sh: line 3: ` (ash and bash). */
  prefix(): string {
    if (this.dialect === 'dash') return `${this.arg0}: ${this.line || 1}: `
    if (this.dialect === 'bash') return this.atPrompt ? `${this.baseName}: ` : `${this.arg0}: line ${this.line || 1}: `
    return this.origin === 'file' ? `${this.arg0}: line ${this.line}: ` : `${this.arg0}: `
  }

  async complain(message: string): Promise<void> {
    try {
      await this.task.writeError(`${this.located(message)}\n`)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      void error // standard error is closed: nobody can be told
    }
  }

  /** ash names the builtin before the line. */
  private located(message: string): string {
    const { builtin } = this
    if (this.dialect !== 'ash' || this.options.interactive || builtin === '' || !message.startsWith(`${builtin}: `))
      return this.prefix() + message
    return `${this.arg0}: ${builtin}: line ${this.origin === 'file' ? this.line : this.line - 1}: ${message.slice(builtin.length + 2)}`
  }

  /** What a builtin says when it fails: `cd: can't cd to /x`. */
  complainBuiltin(name: string, message: string): Promise<void> {
    return this.complain(`${name}: ${message}`)
  }

  error(message: string, status = this.dialect === 'bash' ? 1 : 2): ShellError {
    return new ShellError(message, status)
  }

  /** An error that costs bash one command, and the other shells the script. */
  discard(message: string): ShellError {
    return this.dialect === 'bash' ? new ShellError(message, 1, true) : this.error(message)
  }

  unset(name: string): ShellError {
    return this.parameterError(name, this.dialect === 'bash' ? 'unbound variable' : 'parameter not set')
  }

  parameterError(name: string, message: string): ShellError {
    return new ShellError(`${name}: ${message}`, this.dialect === 'bash' ? (this.origin === 'string' ? 127 : 1) : 2)
  }

  /**
   * Tells of an error that costs a script of bash only the command, and returns its status. Passes on any other, and all
   * of them where a subshell or a prompt gives up.
   */
  async discarded(error: unknown): Promise<number> {
    if (!(error instanceof ShellError) || !error.discards || this.depth > 0 || this.options.interactive) throw error
    await this.complain(error.message)
    return (this.lastStatus = error.status)
  }

  badSubstitution(text: string): ShellError {
    if (this.dialect === 'bash') return this.discard(`${text}: bad substitution`)
    return new ShellError(this.dialect === 'dash' ? 'Bad substitution' : 'syntax error: bad substitution', 2)
  }

  describe(error: unknown): string {
    return errorText(error)
  }

  // Subshells.

  /** A subshell that runs `body` in a process of its own. */
  fork(body: (shell: Shell) => Promise<number>, options: ForkOptions = {}): Task {
    return this.task.fork(async (task) => {
      const shell = new Shell(task, this.dialect, this.arg0, this)
      for (const fd of this.coprocessFds) task.setDescriptor(fd, undefined)
      const pause = task.tick(FORK_COST, 'kernel')
      if (pause) await pause
      return shell.finish(() => body(shell))
    }, options)
  }

  /** Runs `body` to the end of this shell: catches what leaves it, runs the EXIT trap, returns the exit code. */
  async finish(body: () => Promise<number>): Promise<number> {
    let status: number
    try {
      status = await body()
    } catch (error) {
      status = await this.leave(error)
    }
    this.lastStatus = status
    return this.traps.exit(status)
  }

  /** The status of a shell that something thrown has ended. Passes on what is not the shell's. */
  async leave(error: unknown): Promise<number> {
    if (error instanceof ShellExit || error instanceof Return) return error.status
    if (error instanceof LoopControl) return 0
    if (error instanceof Interrupted) return 130
    if (error instanceof ShellError) {
      await this.complain(error.message)
      return error.status
    }
    throw error
  }

  /** bash: the shell's ends of the pipes of `coproc`, which its children do not get. */
  coprocessFds: number[] = []

  /** The users of /etc/passwd. */
  users(): { name: string; uid: number; gid: number; home: string; shell: string }[] {
    try {
      return this.task.fs
        .readText('/etc/passwd')
        .split('\n')
        .filter(Boolean)
        .map((l) => l.split(':'))
        .map((f) => ({ name: f[0]!, uid: Number(f[2]), gid: Number(f[3]), home: f[5] ?? '/', shell: f[6] ?? '' }))
    } catch (error) {
      if (error instanceof SystemError) return []
      throw error
    }
  }
}
