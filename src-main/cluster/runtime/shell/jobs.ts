/** Jobs: the pipelines a shell has started, in the foreground or not, and job control at a terminal. */
import type { Signal } from '../process.js'
import { signalNumbers } from '../process.js'
import type { Pty } from '../pty.js'
import { signalText } from '../signals.js'
import { type Task } from '../task.js'
import { exitCode, type ExitReason } from '../exit-reason.js'
import type { Shell } from './shell.js'
import type { Modes } from '../terminal-modes.js'

export interface Job {
  /** The number of `%1`. */
  id: number
  tasks: Task[]
  /** Its process group under job control; 0 when it runs in the shell's. */
  group: number
  text: string
  background: boolean
  /** Whether its present state has been told to the person. */
  reported: boolean
  /** How it had set the terminal when it was stopped. */
  modes?: Modes
}

export type JobState = 'running' | 'stopped' | 'done'

export function jobState(job: Job): JobState {
  if (job.tasks.every((t) => t.ended)) return 'done'
  return job.tasks.some((t) => t.stopped) && job.tasks.every((t) => t.ended || t.stopped) ? 'stopped' : 'running'
}

/** How the job's last process ended. */
export function jobReason(job: Job): ExitReason | undefined {
  return job.tasks.at(-1)!.reason
}

export class Jobs {
  private jobs: Job[] = []
  /** Jobs in the order in which they were last touched: `%+` is the last. */
  private order: Job[] = []
  private readonly finished = new Map<number, number>()
  /** What `jobs` shows in a subshell that has none of its own: those of the shell that it was made by. */
  private seen: { jobs: readonly Job[]; order: readonly Job[] } | undefined

  constructor(private readonly shell: Shell) {}

  /** The terminal that job control works on. */
  private get terminal(): Pty | undefined {
    return this.shell.options.monitor ? this.shell.task.terminal : undefined
  }

  /** Takes signals as an interactive shell does: Ctrl-C goes back to the prompt, others do not end it. */
  enableInteractive(): void {
    const { shell } = this
    for (const signal of ['TERM', 'QUIT', 'TSTP', 'TTOU', 'TTIN'] as const) shell.task.onSignal(signal, 'ignore')
    shell.task.onSignal('INT', () => {
      shell.interrupted = true
    })
    const { terminal } = shell.task
    if (terminal && shell.task.sessionId === terminal.session) {
      shell.options.monitor = true
      if (shell.task.pid !== shell.task.processGroup && shell.task.sessionId !== shell.task.pid) shell.task.processGroup = shell.task.pid
      terminal.foreground = shell.task.processGroup
    }
  }

  /** The shell's own way to take a signal that no trap is set for any more. */
  resetSignal(signal: Signal): void {
    const { shell } = this
    if (!shell.options.interactive) return shell.task.onSignal(signal, 'default')
    if (signal === 'INT') {
      shell.task.onSignal('INT', () => {
        shell.interrupted = true
      })
    } else shell.task.onSignal(signal, ['TERM', 'QUIT', 'TSTP', 'TTOU', 'TTIN'].includes(signal) ? 'ignore' : 'default')
  }

  /** In a child: what the interactive shell ignores is the default again. */
  resetInChild(task: Task): void {
    if (!this.shell.options.interactive) return
    for (const signal of ['TERM', 'QUIT', 'TSTP', 'TTOU', 'TTIN', 'INT'] as const) {
      if (this.shell.traps.get(signal) !== '') task.onSignal(signal, 'default')
    }
  }

  /** Which process group the next process of a pipeline goes to; undefined without job control. */
  groupFor(first: Task | undefined): number | undefined {
    if (!this.shell.options.monitor) return undefined
    return first ? first.processGroup : 0
  }

  add(tasks: Task[], command: string, background: boolean): Job {
    // Only bash keeps the text of a command without job control.
    const text = this.shell.dialect === 'bash' || this.shell.options.monitor ? command : ''
    let id = 1
    while (this.jobs.some((j) => j.id === id)) id++
    const job: Job = { id, tasks, group: this.shell.options.monitor ? tasks[0]!.processGroup : 0, text, background, reported: true }
    this.jobs.push(job)
    this.jobs.sort((a, b) => a.id - b.id)
    this.touch(job)
    return job
  }

  private touch(job: Job): void {
    this.order = [...this.order.filter((j) => j !== job), job]
  }

  remove(job: Job): void {
    this.jobs = this.jobs.filter((j) => j !== job)
    this.order = this.order.filter((j) => j !== job)
    for (const task of job.tasks) this.shell.task.reap(task)
  }

  /** Takes a job off the table while its processes go on. */
  forget(job: Job): void {
    this.jobs = this.jobs.filter((j) => j !== job)
    this.order = this.order.filter((j) => j !== job)
  }

  list(): Job[] {
    return this.jobs
  }

  /** Lets a subshell show the jobs of the shell that made it, as they are by then. */
  show(of: Jobs): void {
    this.seen = { jobs: of.shown.slice(), order: of.ranking.slice() }
  }

  /** The jobs that `jobs` shows. */
  get shown(): readonly Job[] {
    return this.jobs.length === 0 && this.seen ? this.seen.jobs : this.jobs
  }

  private get ranking(): readonly Job[] {
    return this.jobs.length === 0 && this.seen ? this.seen.order : this.order
  }

  get current(): Job | undefined {
    return this.ranking.filter((j) => jobState(j) === 'stopped').at(-1) ?? this.ranking.at(-1)
  }

  get previous(): Job | undefined {
    return this.ranking.filter((j) => j !== this.current).at(-1)
  }

  /** A job by `%1`, `%+`, `%-`, `%name`, `%?text`. */
  find(spec: string, jobs: readonly Job[] = this.jobs): Job | undefined {
    const s = spec.replace(/^%/, '')
    if (s === '' || s === '+' || s === '%') return this.current
    if (s === '-') return this.previous
    if (/^\d+$/.test(s)) return jobs.find((j) => j.id === Number(s))
    return jobs.find((j) => (s.startsWith('?') ? j.text.includes(s.slice(1)) : j.text.startsWith(s)))
  }

  findPid(pid: number): Job | undefined {
    return this.jobs.find((j) => j.tasks.some((t) => t.pid === pid))
  }

  /** The status of a background process that has been waited for, or forgotten. */
  remembered(pid: number): number | undefined {
    return this.finished.get(pid)
  }

  remember(pid: number, status: number): void {
    this.finished.set(pid, status)
    if (this.finished.size > 1024) this.finished.delete(this.finished.keys().next().value!)
  }

  /** Waits for children that are nobody's job: orphans that PID 1 gets. */
  reapStrays(): void {
    for (const child of this.shell.task.childList()) {
      if (child.ended && !this.jobs.some((j) => j.tasks.includes(child)) && !this.waiting.has(child)) this.shell.task.reap(child)
    }
  }

  private readonly waiting = new Set<Task>()

  /**
   * Runs processes in the foreground: waits until all have ended, or the job is stopped (then it becomes a job of the
   * table). Returns the status of the last, and of all for pipefail.
   */
  async foreground(tasks: Task[], text: string, existing?: Job): Promise<number[]> {
    const { shell } = this
    const { terminal } = this
    const group = tasks[0]!.processGroup
    for (const t of tasks) this.waiting.add(t)
    const modes = terminal?.modes
    if (terminal) {
      terminal.foreground = group
      if (existing?.modes) terminal.setModes(existing.modes)
    }
    try {
      for (;;) {
        const open = tasks.filter((t) => !t.ended)
        if (open.length === 0) break
        if (terminal && open.every((t) => t.stopped)) return await this.stopped(tasks, text, existing)
        await shell.task.events.wait(shell.task)
        this.reapStrays()
      }
    } finally {
      for (const t of tasks) this.waiting.delete(t)
      if (terminal) {
        terminal.foreground = shell.task.processGroup
        // What ended by itself may have set the terminal as it should be; what was stopped or killed left it as it happened to be.
        if (tasks.some((t) => t.stopped || (t.reason && 'signal' in t.reason))) terminal.setModes(modes!)
      }
    }
    for (const t of tasks) shell.task.reap(t)
    if (existing) this.remove(existing)
    const last = tasks.at(-1)!.reason!
    if ('signal' in last) await this.tellSignal(last.signal, tasks.at(-1)!, text)
    return tasks.map((t) => exitCode(t.reason!))
  }

  private async stopped(tasks: Task[], text: string, existing?: Job): Promise<number[]> {
    const job = existing ?? this.add(tasks, text, true)
    job.background = true
    if (this.terminal) job.modes = this.terminal.modes
    this.touch(job)
    const { shell } = this
    if (shell.task.terminal && shell.dialect === 'bash') await shell.task.writeError('\n')
    await shell.task.writeError(`${this.describe(job)}\n`)
    const signal = tasks.at(-1)!.stopped ?? 'TSTP'
    return [128 + signalNumbers[signal]]
  }

  /** What the shell says of a foreground command that a signal has ended. */
  private async tellSignal(signal: Signal, task: Task, command: string): Promise<void> {
    const { shell } = this
    if (signal === 'INT') {
      if (shell.options.interactive) shell.interrupted = true
      return
    }
    if (signal === 'PIPE') return
    const text = signalText(signal)
    if (shell.dialect === 'bash' && !shell.options.interactive && signal !== 'TERM')
      await shell.task.writeError(`${shell.prefix()}${String(task.pid).padStart(5)} ${text.padEnd(23)} ${command}\n`)
    else await shell.task.writeError(`${text}\n`)
  }

  /** A line of `jobs`: `[1]+  Stopped                    sleep 100`. */
  describe(job: Job, long = false): string {
    const mark = job === this.current ? '+' : job === this.previous ? '-' : ' '
    const state = jobState(job)
    const reason = jobReason(job)
    let word = state === 'running' ? 'Running' : state === 'stopped' ? 'Stopped' : 'Done'
    if (state === 'done' && reason) {
      if ('signal' in reason) word = signalText(reason.signal)
      else if (reason.code !== 0) word = this.shell.dialect === 'bash' ? `Exit ${reason.code}` : `Done(${reason.code})`
    }
    const pid = long ? `${job.tasks[0]!.pid} ` : ''
    if (this.shell.dialect === 'bash')
      return `[${job.id}]${mark} ${long ? pid.padStart(6) : ' '}${word.padEnd(24)}${job.text}${state === 'running' ? ' &' : ''}`
    const head = this.shell.dialect === 'ash' ? `[${job.id}]${mark}  ` : `[${job.id}] ${mark} `
    return `${`${head}${pid}${word}`.padEnd(33)}${job.text}`
  }

  /** Before a prompt: tells of background jobs that have ended, and forgets them. */
  async report(): Promise<void> {
    this.reapStrays()
    for (const job of this.jobs.slice()) {
      if (jobState(job) !== 'done') continue
      const reason = jobReason(job)!
      if (this.shell.options.interactive) await this.shell.task.writeError(`${this.describe(job)}\n`)
      this.remember(job.tasks.at(-1)!.pid, exitCode(reason))
      this.remove(job)
    }
  }

  /** Lets a job go on, in the foreground or not. */
  continue(job: Job): void {
    for (const task of job.tasks) if (!task.ended) task.deliver('CONT', 'inside')
    this.touch(job)
  }

  /** Waits until a background job has ended. `interrupted` tells that a trapped signal came first. @param silent says nothing of its end */
  async wait(job: Job, silent = false): Promise<number | 'interrupted'> {
    const { shell } = this
    while (jobState(job) !== 'done') {
      if (shell.traps.hasPending || shell.interrupted) return 'interrupted'
      await shell.task.events.wait(shell.task)
      this.reapStrays()
    }
    const reason = jobReason(job)!
    const status = exitCode(reason)
    this.remember(job.tasks.at(-1)!.pid, status)
    this.remove(job)
    // bash says nothing of a job in the background that was told to end.
    const told = !silent && (shell.dialect !== 'bash' || ('signal' in reason && reason.signal !== 'TERM'))
    if ('signal' in reason && told && !shell.options.interactive) await this.tellSignal(reason.signal, job.tasks.at(-1)!, job.text)
    return status
  }
}
