/** `trap`: commands to run when a signal arrives or the shell exits. */
import type { Signal } from '../process.js'
import { signalNumbers } from '../process.js'
import { Parser } from './parser.js'
import { execute } from './interpreter.js'
import { ShellExit } from './endings.js'
import type { Shell } from './shell.js'

/** A signal, or the end of the shell; bash knows the others, too. */
export type TrapName = Signal | 'EXIT' | 'ERR' | 'DEBUG' | 'RETURN'

/** What is no signal, in the order in which `trap` lists it. */
const EVENTS: readonly TrapName[] = ['EXIT', 'ERR', 'DEBUG', 'RETURN']

export function isEvent(name: TrapName): name is Exclude<TrapName, Signal> {
  return EVENTS.includes(name)
}

export class Traps {
  private readonly actions = new Map<TrapName, string>()
  private pending: Signal[] = []
  /** Whether a trap's own commands run. */
  running = false
  /** What running functions have hidden. */
  private readonly hidden: Map<TrapName, string>[] = []

  constructor(private readonly shell: Shell) {}

  /** A subshell keeps what is ignored and forgets the rest (XCU 2.12). */
  inherit(parent: Traps): void {
    const { errtrace, functrace } = this.shell.options
    for (const [name, action] of parent.actions) {
      const traced = name === 'ERR' ? errtrace : (name === 'DEBUG' || name === 'RETURN') && functrace
      if (action === '' || traced) this.actions.set(name, action)
    }
    // What runs below a trap's action does not set it off again.
    this.running = parent.running
  }

  /** A function starts without the traps for errors and for tracing, unless the options want them. */
  enterFunction(): void {
    const { errtrace, functrace } = this.shell.options
    const names: TrapName[] = [...(errtrace ? [] : (['ERR'] as const)), ...(functrace ? [] : (['DEBUG', 'RETURN'] as const))]
    const hidden = new Map<TrapName, string>()
    for (const name of names) {
      const action = this.actions.get(name)
      if (action !== undefined) hidden.set(name, action)
      this.actions.delete(name)
    }
    this.hidden.push(hidden)
  }

  leaveFunction(): void {
    for (const [name, action] of this.hidden.pop() ?? []) this.actions.set(name, action)
  }

  get(name: TrapName): string | undefined {
    return this.actions.get(name)
  }

  list(): [TrapName, string][] {
    const order = (n: TrapName): number => (n === 'EXIT' ? 0 : isEvent(n) ? 100 + EVENTS.indexOf(n) : signalNumbers[n])
    return [...this.actions].sort((a, b) => order(a[0]) - order(b[0]))
  }

  /** Whether the shell has to stay to run something: it may not be replaced by its last command. */
  get any(): boolean {
    return [...this.actions.values()].some((a) => a !== '')
  }

  get hasPending(): boolean {
    return this.pending.length > 0
  }

  /** The signal whose action runs next. */
  get nextPending(): Signal | undefined {
    return this.pending[0]
  }

  /** Sets an action; `''` ignores the signal, undefined takes the trap back. */
  set(name: TrapName, action: string | undefined): void {
    if (action === undefined) this.actions.delete(name)
    else this.actions.set(name, action)
    if (isEvent(name) || name === 'KILL' || name === 'STOP') return
    const { task } = this.shell
    if (action === undefined) this.shell.jobs.resetSignal(name)
    else if (action === '') task.onSignal(name, 'ignore')
    else task.onSignal(name, () => this.pending.push(name))
  }

  /** Runs the actions of signals that have arrived. Between commands, as a shell does. */
  async runPending(): Promise<void> {
    while (this.pending.length > 0) {
      const name = this.pending.shift()!
      const action = this.actions.get(name)
      if (action) await this.run(action)
    }
  }

  /** After a command has failed (bash). */
  async failed(): Promise<void> {
    const action = this.actions.get('ERR')
    if (action && !this.running) await this.run(action, this.shell.line)
  }

  /** Whether there is something to run before each command (bash). */
  get debugs(): boolean {
    return this.actions.size > 0 && !this.running && !!this.actions.get('DEBUG')
  }

  async debug(): Promise<void> {
    await this.run(this.actions.get('DEBUG')!, this.shell.line)
  }

  /** When a function or a sourced file ends (bash). */
  async returned(): Promise<void> {
    const action = this.actions.get('RETURN')
    if (action && !this.running) await this.run(action, this.shell.line)
  }

  private async run(action: string, line = 1): Promise<void> {
    const { shell } = this
    const { lastStatus: status, line: before, pipeStatus } = shell
    const { running } = this
    this.running = true
    try {
      const node = new Parser(action, shell.dialect, shell.aliases, line).all()
      if (node) await execute(shell, node, 0)
    } finally {
      this.running = running
    }
    shell.lastStatus = status
    shell.line = before
    shell.pipeStatus = pipeStatus
  }

  /** Runs the EXIT trap once; its `exit` changes the code. */
  async exit(status: number): Promise<number> {
    const action = this.actions.get('EXIT')
    if (!action) return status
    this.actions.delete('EXIT')
    const { shell } = this
    shell.lastStatus = status
    try {
      const node = new Parser(action, shell.dialect, shell.aliases).all()
      if (node) await execute(shell, node, 0)
    } catch (error) {
      if (error instanceof ShellExit) return error.status
      return shell.leave(error)
    }
    return status
  }
}
