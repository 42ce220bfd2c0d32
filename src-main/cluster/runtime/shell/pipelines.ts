/** Commands that a shell runs in processes of their own: pipelines, background jobs, subshells. */
import { isErrorCode } from '../errors.js'
import { makePipe, type PipeReader } from '../pipe.js'
import type { FileDescription } from '../open-file.js'
import type { Task } from '../task.js'
import type { Node } from './ast.js'
import type { Shell } from './shell.js'
import { keep, redirect, restore, type Saved } from './redirect.js'
import { sourceText } from './source-text.js'
import { EXIT, TESTED, execute, redirectFailed } from './interpreter.js'

export async function pipeline(shell: Shell, node: Node & { type: 'pipeline' }, flags: number): Promise<number> {
  const started = shell.task.clock.now()
  const before = cpuOf(shell.task)
  let status: number
  if (node.commands.length === 0) status = 0
  else if (node.commands.length === 1) status = await execute(shell, node.commands[0]!, (node.negate ? flags | TESTED : flags) & ~EXIT)
  else {
    const statuses = await runPipeline(shell, node)
    shell.pipeStatus = statuses
    status = statuses.at(-1)!
    if (shell.options.pipefail) status = statuses.filter((s) => s !== 0).at(-1) ?? 0
  }
  if (node.timed) {
    const real = (shell.task.clock.now() - started) / 1000
    const after = cpuOf(shell.task)
    await shell.task.writeError(timeText(shell, node.timed, real, (after.user - before.user) / 1000, (after.kernel - before.kernel) / 1000))
  }
  return node.negate ? (status === 0 ? 1 : 0) : status
}

/** CPU ms of a process and of the children it has reaped: the programs', and the kernel's for them. */
function cpuOf(task: Task): { user: number; kernel: number } {
  const own = task.cpu()
  const { childCpu } = task
  const kernel = own.kernel + childCpu.kernel
  return { user: own.all + childCpu.all - kernel, kernel }
}

/** What `time` prints: POSIX' format, or TIMEFORMAT's. Times are seconds. */
function timeText(shell: Shell, style: 'bash' | 'posix', real: number, user: number, system: number): string {
  const format =
    style === 'posix' ? 'real %2R\nuser %2U\nsys %2S' : (shell.variables.get('TIMEFORMAT') ?? '\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS')
  if (format === '') return ''
  const text = format.replace(/%(?:([0-9])?(l)?([RUS])|(P)|%)/g, (all, digits?: string, long?: string, which?: string) => {
    if (all === '%%') return '%'
    if (all === '%P') return real === 0 ? '0.00' : Math.min(100, ((user + system) / real) * 100).toFixed(2)
    const seconds = which === 'R' ? real : which === 'U' ? user : system
    const precision = Math.min(3, Number(digits ?? 3))
    return long ? `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(precision)}s` : seconds.toFixed(precision)
  })
  return `${text}\n`
}

async function runPipeline(shell: Shell, node: Node & { type: 'pipeline' }): Promise<number[]> {
  if (!shell.shopt.has('lastpipe') || shell.options.monitor)
    return shell.jobs.foreground(await startPipeline(shell, node.commands), sourceText(node))
  // bash's lastpipe: the last command runs in the shell itself, so that it can set variables.
  const { reader, writer } = makePipe()
  const tasks = await startPipeline(shell, node.commands.slice(0, -1), writer)
  const saved: Saved = new Map([[0, shell.task.description(0)?.retain()]])
  shell.task.setDescriptor(0, reader)
  let status: number
  try {
    status = await execute(shell, node.commands.at(-1)!, 0)
  } finally {
    restore(shell, saved)
  }
  return [...(await shell.jobs.foreground(tasks, sourceText(node))), status]
}

/** Starts all stages at once, joined by pipes; what the last one writes goes to `output`. */
async function startPipeline(shell: Shell, commands: readonly Node[], output?: FileDescription): Promise<Task[]> {
  const tasks: Task[] = []
  let input: PipeReader | undefined
  for (let i = 0; i < commands.length; i++) {
    const command = commands[i]!
    const pipe = i < commands.length - 1 ? makePipe() : undefined
    const fds = new Map<number, FileDescription>()
    if (input) fds.set(0, input)
    if (pipe) fds.set(1, pipe.writer)
    else if (output) fds.set(1, output)
    const run = (child: Shell): Promise<number> => {
      showJobs(shell, child, command)
      return execute(child, command, EXIT)
    }
    const task = await forkShell(shell, run, fds, shell.jobs.groupFor(tasks[0]))
    // The child has its own reference; the pipe must close when the children are done with it.
    input?.release()
    input = pipe?.reader.retain()
    tasks.push(task)
  }
  return tasks
}

/**
 * Lets a part of a pipeline or a substitution show the jobs of its shell: in bash substitutions do, and simple commands in pipelines; in ash
 * only the command `jobs` itself, in dash nothing.
 */
export function showJobs(shell: Shell, child: Shell, command: Node, substitution = false): void {
  const only = command.type === 'pipeline' && command.commands.length === 1 ? command.commands[0]! : command
  const shows =
    shell.dialect === 'bash'
      ? substitution || only.type === 'simple'
      : shell.dialect === 'ash' && only.type === 'simple' && /^jobs\b/.test(sourceText(only))
  if (shows) child.jobs.show(shell.jobs)
}

/** Forks a subshell as a job's process. */
export async function forkShell(
  shell: Shell,
  body: (child: Shell) => Promise<number>,
  fds: ReadonlyMap<number, FileDescription>,
  processGroup: number | undefined,
): Promise<Task> {
  try {
    return shell.fork(
      (child) => {
        shell.jobs.resetInChild(child.task)
        return body(child)
      },
      { fds, processGroup },
    )
  } catch (error) {
    if (!isErrorCode(error, 'EAGAIN')) throw error
    throw shell.error(
      shell.dialect === 'dash'
        ? 'Cannot fork'
        : shell.dialect === 'bash'
          ? 'fork: retry: Resource temporarily unavailable'
          : "can't fork: Resource temporarily unavailable",
    )
  }
}

export async function background(shell: Shell, node: Node & { type: 'background' }): Promise<number> {
  const { body } = node
  let tasks: Task[]
  if (body.type === 'pipeline' && body.commands.length > 1 && !body.negate) tasks = await startPipeline(shell, body.commands)
  else {
    const fds = new Map<number, FileDescription>()
    // Without job control a background command does not take the input of its shell.
    if (!shell.options.monitor) fds.set(0, shell.task.fs.openDescription('/dev/null', 'r'))
    const run = async (child: Shell): Promise<number> => {
      if (!shell.options.monitor) for (const s of ['INT', 'QUIT'] as const) child.task.onSignal(s, 'ignore')
      return execute(child, body, EXIT)
    }
    tasks = [await forkShell(shell, run, fds, shell.jobs.groupFor(undefined))]
  }
  const job = shell.jobs.add(tasks, node.text, true)
  shell.lastBackground = tasks.at(-1)!.pid
  if (shell.options.interactive && shell.dialect === 'bash') await shell.task.writeError(`[${job.id}] ${shell.lastBackground}\n`)
  return 0
}

export async function subshell(shell: Shell, node: Node & { type: 'subshell' | 'group' }, flags: number): Promise<number> {
  const run = async (child: Shell): Promise<number> => {
    try {
      keep(await redirect(child, node.redirects))
    } catch (error) {
      return redirectFailed(child, error)
    }
    return execute(child, node.body, EXIT | (flags & TESTED))
  }
  const task = await forkShell(shell, run, new Map(), shell.jobs.groupFor(undefined))
  return (await shell.jobs.foreground([task], sourceText(node))).at(-1)!
}
