/** Commands that a shell runs in processes of their own: pipelines, background jobs, subshells. */
import { isErrorCode } from '../errors.js'
import { makePipe, type PipeReader } from '../pipe.js'
import type { FileDescription } from '../open-file.js'
import type { Task } from '../task.js'
import type { Node } from './ast.js'
import type { Shell } from './shell.js'
import { keep, redirect } from './redirect.js'
import { sourceText } from './source-text.js'
import { EXIT, TESTED, execute, redirectFailed } from './interpreter.js'

const FORK_COST = 0.3

export async function pipeline(shell: Shell, node: Node & { type: 'pipeline' }, flags: number): Promise<number> {
  const started = shell.task.clock.now()
  let status: number
  if (node.commands.length === 1) status = await execute(shell, node.commands[0]!, (node.negate ? flags | TESTED : flags) & ~EXIT)
  else {
    const tasks = await startPipeline(shell, node.commands)
    const statuses = await shell.jobs.foreground(tasks, sourceText(node))
    if (shell.dialect === 'bash') shell.variables.setArray('PIPESTATUS', new Map(statuses.map((s, i) => [String(i), String(s)])))
    status = statuses.at(-1)!
    if (shell.options.pipefail) status = statuses.filter((s) => s !== 0).at(-1) ?? 0
  }
  if (node.timed) {
    const seconds = (shell.task.clock.now() - started) / 1000
    const text = `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`
    await shell.task.writeError(`\nreal\t${text}\nuser\t0m0.000s\nsys\t0m0.000s\n`)
  }
  return node.negate ? (status === 0 ? 1 : 0) : status
}

/** Starts all stages at once, joined by pipes. */
async function startPipeline(shell: Shell, commands: readonly Node[]): Promise<Task[]> {
  const tasks: Task[] = []
  let input: PipeReader | undefined
  for (let i = 0; i < commands.length; i++) {
    const command = commands[i]!
    const pipe = i < commands.length - 1 ? makePipe() : undefined
    const fds = new Map<number, FileDescription>()
    if (input) fds.set(0, input)
    if (pipe) fds.set(1, pipe.writer)
    const task = await forkShell(shell, (child) => execute(child, command, EXIT), fds, shell.jobs.groupFor(tasks[0]))
    // The child has its own reference; the pipe must close when the children are done with it.
    input?.release()
    input = pipe?.reader.retain()
    tasks.push(task)
  }
  return tasks
}

/** Forks a subshell as a job's process. */
export async function forkShell(
  shell: Shell,
  body: (child: Shell) => Promise<number>,
  fds: ReadonlyMap<number, FileDescription>,
  processGroup: number | undefined,
): Promise<Task> {
  const pause = shell.task.tick(FORK_COST)
  if (pause) await pause
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
