/** `wait`, `jobs`, `fg`, `bg`, `kill`. */
import { signalNumbers, type Signal } from '../../process.js'
import { parseSignal, signalOfNumber } from '../../signals.js'
import type { Dialect } from '../ast.js'
import { Interrupted } from '../endings.js'
import type { Shell } from '../shell.js'
import { evalBuiltin } from './control.js'
import { jobState, type Job } from '../jobs.js'

export async function wait(shell: Shell, argv: readonly string[]): Promise<number> {
  const bash = shell.dialect === 'bash'
  const args = argv.slice(1)
  let any = false
  let variable: string | undefined
  if (shell.dialect === 'dash' && /^-[^-]/.test(args[0] ?? '')) {
    await shell.complainBuiltin('wait', `Illegal option -${args[0]![1]}`)
    return 2
  }
  // -f, to wait for the end and not for a change, is what is done here anyway.
  while (/^-[fnp]/.test(args[0] ?? '')) {
    const letters = args.shift()!
    any ||= letters.includes('n')
    const at = letters.indexOf('p')
    if (at >= 0) variable = letters.slice(at + 1) || args.shift()
  }
  if (args[0] === '--') args.shift()
  if (variable !== undefined) shell.variables.unset(variable)
  const tell = (pid: number | undefined): void => {
    if (variable !== undefined && pid !== undefined) shell.variables.set(variable, String(pid))
  }
  if (any) {
    const wanted = args.map((arg) => jobOf(shell, arg))
    return waitAny(shell, args.length > 0 ? wanted.filter((job) => job !== undefined) : undefined, tell)
  }
  if (args.length === 0) return waitAll(shell)
  let status = 0
  for (const arg of args) {
    const job = jobOf(shell, arg)
    if (!job) {
      const known = shell.jobs.remembered(Number(arg))
      if (known !== undefined) {
        status = known
        tell(Number(arg))
        continue
      }
      if (bash && arg.startsWith('%')) await shell.complainBuiltin('wait', `${arg}: no such job`)
      else if (arg.startsWith('%')) throw shell.error(`wait: No such job: ${arg}`)
      else if (bash && !/^\d+$/.test(arg)) await shell.complainBuiltin('wait', `\`${arg}': not a pid or valid job spec`)
      else if (!/^\d+$/.test(arg)) throw shell.error(`wait: Illegal number: ${arg}`)
      else if (bash) await shell.complainBuiltin('wait', `pid ${arg} is not a child of this shell`)
      status = bash && !/^%?\d+$/.test(arg) ? 1 : 127
      continue
    }
    const result = await shell.jobs.wait(job)
    if (result === 'interrupted') return interrupted(shell)
    status = result
    tell(job.tasks.at(-1)?.pid)
  }
  return status
}

/** The job of `%1` or of a pid. */
function jobOf(shell: Shell, arg: string): Job | undefined {
  return arg.startsWith('%') ? shell.jobs.find(arg) : /^\d+$/.test(arg) ? shell.jobs.findPid(Number(arg)) : undefined
}

async function waitAll(shell: Shell): Promise<number> {
  for (const job of shell.jobs.list().slice()) {
    if (jobState(job) === 'stopped') continue
    if ((await shell.jobs.wait(job, shell.dialect !== 'bash')) === 'interrupted') return interrupted(shell)
  }
  return 0
}

/** The first of the jobs that ends, or of all; `tell` is given its pid. */
async function waitAny(shell: Shell, among: readonly Job[] | undefined, tell: (pid: number | undefined) => void): Promise<number> {
  for (;;) {
    const jobs = shell.jobs.list().filter((job) => !among || among.includes(job))
    const done = jobs.find((j) => jobState(j) === 'done')
    if (done) {
      tell(done.tasks.at(-1)?.pid)
      return (await shell.jobs.wait(done)) as number
    }
    if (jobs.length === 0) return 127
    if (shell.traps.hasPending || shell.interrupted) return interrupted(shell)
    await shell.task.events.wait(shell.task)
  }
}

/** A trapped signal ends `wait` with a status above 128; its action runs next. */
function interrupted(shell: Shell): number {
  if (shell.interrupted) {
    shell.interrupted = false
    throw new Interrupted()
  }
  return 128 + signalNumbers[shell.traps.nextPending ?? 'INT']
}

/** `jobs [-lnprs] [job…]`; dash and ash know only -l and -p. */
export async function jobs(shell: Shell, argv: readonly string[]): Promise<number> {
  const { dialect } = shell
  const flags = argv
    .slice(1)
    .filter((a) => a.startsWith('-'))
    .join('')
    .replaceAll('-', '')
  const specs = argv.slice(1).filter((a) => !a.startsWith('-'))
  const wrong = dialect === 'bash' ? undefined : [...flags].find((letter) => !'lp'.includes(letter))
  if (wrong !== undefined) {
    await shell.complainBuiltin('jobs', dialect === 'dash' ? `Illegal option -${wrong}` : `illegal option -${wrong}`)
    return 2
  }
  if (flags.includes('x')) return evalBuiltin(shell, ['eval', ...specs])
  shell.jobs.reapStrays()
  let status = 0
  const chosen: Job[] = []
  for (const spec of specs) {
    const job = shell.jobs.find(spec, shell.jobs.shown)
    if (job) chosen.push(job)
    else {
      await shell.complainBuiltin('jobs', dialect === 'dash' ? `No such job: ${spec}` : `${spec}: no such job`)
      status = dialect === 'bash' ? 1 : 2
    }
  }
  const wanted = flags.includes('r') ? 'running' : flags.includes('s') ? 'stopped' : undefined
  for (const job of specs.length > 0 ? chosen : shell.jobs.shown.slice()) {
    const state = jobState(job)
    if (wanted !== undefined && state !== wanted) continue
    await shell.task.write(flags.includes('p') ? `${job.tasks[0]!.pid}\n` : `${shell.jobs.describe(job, flags.includes('l'))}\n`)
    if (state === 'done' && !flags.includes('p') && shell.jobs.list().includes(job)) shell.jobs.remove(job)
  }
  return status
}

/** bash: stops the shell itself until it is told to go on. */
export async function suspend(shell: Shell): Promise<number> {
  if (shell.options.monitor && !shell.isLogin) {
    shell.task.signal(shell.task.pid, 'STOP')
    return 0
  }
  await shell.complainBuiltin('suspend', `cannot suspend${shell.options.monitor ? ' a login shell' : ': no job control'}`)
  return 1
}

async function jobArgument(shell: Shell, argv: readonly string[]): Promise<Job | undefined> {
  const spec = argv[1]
  const job = spec === undefined ? shell.jobs.current : (shell.jobs.find(spec) ?? shell.jobs.findPid(Number(spec)))
  if (job) return job
  const name = argv[0]!
  if (shell.dialect === 'bash') await shell.complainBuiltin(name, spec === undefined ? 'current: no such job' : `${spec}: no such job`)
  else
    await shell.complainBuiltin(
      name,
      spec === undefined ? 'No current job' : shell.dialect === 'ash' ? `${spec}: no such job` : `No such job: ${spec}`,
    )
  return undefined
}

export async function fg(shell: Shell, argv: readonly string[]): Promise<number> {
  if (!shell.options.monitor) {
    await shell.complainBuiltin(
      'fg',
      shell.dialect === 'bash' ? 'no job control' : `job ${argv[1] ?? '(null)'} not created under job control`,
    )
    return shell.dialect === 'bash' ? 1 : 2
  }
  const job = await jobArgument(shell, argv)
  if (!job) return shell.dialect === 'dash' ? 2 : 1
  await shell.task.write(`${job.text}\n`)
  const { terminal } = shell.task
  if (terminal) terminal.foreground = job.group
  shell.jobs.continue(job)
  return (await shell.jobs.foreground(job.tasks, job.text, job)).at(-1)!
}

export async function bg(shell: Shell, argv: readonly string[]): Promise<number> {
  if (!shell.options.monitor) {
    await shell.complainBuiltin(
      'bg',
      shell.dialect === 'bash' ? 'no job control' : `job ${argv[1] ?? '(null)'} not created under job control`,
    )
    return shell.dialect === 'bash' ? 1 : 2
  }
  const job = await jobArgument(shell, argv)
  if (!job) return shell.dialect === 'dash' ? 2 : 1
  shell.jobs.continue(job)
  await shell.task.write(shell.dialect === 'bash' ? `[${job.id}]+ ${job.text} &\n` : `[${job.id}] ${job.text}\n`)
  return 0
}

/** The names of `kill -l`. */
export function signalList(dialect: Dialect): string {
  if (dialect === 'bash') return bashSignalList()
  if (dialect === 'dash') return dashSignalList()
  return Object.entries(signalNumbers)
    .sort((a, b) => a[1] - b[1])
    .map(([name, n]) => `${String(n).padStart(2)}) ${name}\n`)
    .join('')
}

/** `RTMIN+1` and the like, of the real-time signals 34 to 64. */
function realTimeName(n: number): string {
  if (n <= 49) return n === 34 ? 'RTMIN' : `RTMIN+${n - 34}`
  return n === 64 ? 'RTMAX' : `RTMAX-${64 - n}`
}

/** All signals with their numbers, the real-time ones too. */
function allSignals(): [number, string][] {
  const named = Object.entries(signalNumbers).map(([name, n]): [number, string] => [n, name])
  const realTime = Array.from({ length: 31 }, (_, i): [number, string] => [34 + i, realTimeName(34 + i)])
  return [...named, ...realTime]
}

/** Five to a row. */
function bashSignalList(): string {
  const all = allSignals()
  return (
    all.map(([n, name], i) => `${String(n).padStart(2)}) SIG${name}${i % 5 === 4 ? '\n' : '\t'}`).join('') +
    (all.length % 5 === 0 ? '' : '\n')
  )
}

/** One to a line, from 0 on; numbers that have no name as they are. */
function dashSignalList(): string {
  const names = new Map(allSignals())
  return Array.from({ length: 65 }, (_, n) => `${names.get(n) ?? n}\n`).join('')
}

export async function killBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  const args = argv.slice(1)
  let signal: Signal | undefined = 'TERM'
  if (args[0] === '-l' || args[0] === '-L') {
    const n = Number(args[1])
    if (args.length > 2 && shell.dialect === 'bash') {
      for (const each of args.slice(1)) await killBuiltin(shell, [argv[0]!, '-l', each])
      return 0
    }
    if (args[1] !== undefined) {
      const name = signalOfNumber(n > 128 ? n - 128 : n)
      await shell.task.write(`${Number.isNaN(n) ? (parseSignal(args[1]) ? signalNumbers[parseSignal(args[1])!] : '') : (name ?? n)}\n`)
    } else await shell.task.write(signalList(shell.dialect))
    return 0
  }
  let test = false
  if (args[0]?.startsWith('-') && args[0] !== '--' && args[0].length > 1) {
    let text = args.shift()!.slice(1)
    if (text === 's' || text === 'n') {
      const named = args.shift()
      if (named === undefined && shell.dialect !== 'ash') {
        await shell.complainBuiltin(
          'kill',
          shell.dialect === 'bash' ? `-${text}: option requires an argument` : `No arg for -${text} option`,
        )
        return shell.dialect === 'bash' ? 1 : 2
      }
      if (shell.dialect === 'dash' && parseSignal(named!) === undefined && named !== '0') {
        await shell.complainBuiltin('kill', `invalid signal number or name: ${named}`)
        return 2
      }
      text = named ?? ''
    } else if (text.startsWith('s') && parseSignal(text) === undefined) text = text.slice(1)
    if (text === '0' || text === 'EXIT') test = true
    signal = parseSignal(text)
    if (!signal && !test) {
      if (shell.dialect === 'dash')
        await shell.complainBuiltin('kill', /^\d+$/.test(text) ? `invalid signal number: ${text}` : `Illegal option -${text[0]}`)
      else if (shell.dialect === 'bash') await shell.complainBuiltin('kill', `${text}: invalid signal specification`)
      else await shell.task.writeError(`${shell.arg0}: bad signal name '${text}'\n`)
      return shell.dialect === 'dash' ? 2 : 1
    }
  }
  if (args[0] === '--') args.shift()
  if (args.length === 0) {
    if (shell.dialect === 'bash')
      await shell.task.writeError('kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n')
    else if (shell.dialect === 'dash')
      await shell.complainBuiltin('kill', 'Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]')
    else await shell.task.writeError(`${shell.arg0}: you need to specify whom to kill\n`)
    return shell.dialect === 'dash' || shell.dialect === 'bash' ? 2 : 1
  }
  let status = 0
  for (const arg of args) {
    let pid = Number(arg)
    if (arg.startsWith('%')) {
      const job = shell.jobs.find(arg)
      if (!job) {
        await shell.complainBuiltin('kill', shell.dialect === 'bash' ? `${arg}: no such job` : `No such job: ${arg}`)
        status = 1
        continue
      }
      pid = job.group ? -job.group : job.tasks[0]!.pid
      if (signal && jobState(job) === 'stopped' && (signal === 'TERM' || signal === 'HUP')) shell.jobs.continue(job)
    } else if (!/^-?\d+$/.test(arg)) {
      if (shell.dialect === 'bash') await shell.complainBuiltin('kill', `${arg}: arguments must be process or job IDs`)
      else if (shell.dialect === 'dash') await shell.complainBuiltin('kill', `Illegal number: ${arg}`)
      else await shell.task.writeError(`${shell.arg0}: invalid number '${arg}'\n`)
      status = shell.dialect === 'dash' ? 2 : 1
      continue
    }
    try {
      shell.task.signal(pid, test ? undefined : signal)
    } catch (error) {
      shell.task.check()
      const text = shell.describe(error)
      if (shell.dialect === 'bash') await shell.complainBuiltin('kill', `(${arg}) - ${text}`)
      else if (shell.dialect === 'dash') await shell.complainBuiltin('kill', text)
      else await shell.task.writeError(`${shell.arg0}: can't kill pid ${pid}: ${text}\n`)
      status = 1
    }
  }
  return status
}

/** bash: forgets jobs, so that they get no SIGHUP. */
export async function disown(shell: Shell, argv: readonly string[]): Promise<number> {
  const all = argv.some((a) => /^-\w*[ar]/.test(a))
  const specs = argv.slice(1).filter((a) => !a.startsWith('-'))
  if (all && specs.length === 0) {
    for (const job of shell.jobs.list().slice()) shell.jobs.forget(job)
    return 0
  }
  let status = 0
  for (const spec of specs.length > 0 ? specs : ['current']) {
    const job = spec === 'current' ? shell.jobs.current : (shell.jobs.find(spec) ?? shell.jobs.findPid(Number(spec)))
    if (job) shell.jobs.forget(job)
    else {
      await shell.complainBuiltin('disown', `${spec}: no such job`)
      status = 1
    }
  }
  return status
}
