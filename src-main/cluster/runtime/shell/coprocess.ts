/** bash: `coproc`: a command in the background with pipes to and from the shell. */
import type { FileDescription } from '../open-file.js'
import { makePipe } from '../pipe.js'
import type { Node } from './ast.js'
import { execute, EXIT } from './interpreter.js'
import { forkShell } from './pipelines.js'
import type { Shell } from './shell.js'
import { sourceText } from './source-text.js'

/** Starts the command; NAME becomes the array of the descriptors to read from and to write to, NAME_PID its process. */
export async function coprocess(shell: Shell, node: Node & { type: 'coproc' }): Promise<number> {
  const input = makePipe()
  const output = makePipe()
  const fds = new Map<number, FileDescription>([
    [0, input.reader],
    [1, output.writer],
  ])
  const task = await forkShell(shell, (child) => execute(child, node.body, EXIT), fds, shell.jobs.groupFor(undefined))
  const free = (from: number): number => {
    let fd = from
    while (shell.task.description(fd)) fd--
    return fd
  }
  const reading = free(63)
  shell.task.setDescriptor(reading, output.reader)
  const writing = free(reading - 1)
  shell.task.setDescriptor(writing, input.writer)
  shell.coprocessFds.push(reading, writing)
  shell.variables.setArray(node.name, new Map([reading, writing].map((fd, i) => [String(i), String(fd)])))
  shell.variables.set(`${node.name}_PID`, String(task.pid))
  const job = shell.jobs.add([task], `coproc ${node.name === 'COPROC' ? '' : `${node.name} `}${sourceText(node.body)}`, true)
  shell.lastBackground = task.pid
  if (shell.options.interactive) await shell.task.writeError(`[${job.id}] ${task.pid}\n`)
  return 0
}
