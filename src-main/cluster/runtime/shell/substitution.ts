/** Command and process substitution: commands in processes of their own, joined to the shell by pipes. */
import { exitCode } from '../exit-reason.js'
import { makePipe, PipeReader } from '../pipe.js'
import type { Node } from './ast.js'
import type { ShellError } from './endings.js'
import { execute, EXIT } from './interpreter.js'
import type { Shell } from './shell.js'
import { showJobs } from './pipelines.js'
import { isFileRead, printFile } from './simple-commands.js'

/** Text of an expansion above this many bytes is refused: nobody needs it, and memory is shared. */
export const LARGEST_TEXT = 64 * 1024 * 1024

/** An expansion is larger than memory. Throws Killed in a container with a limit. */
export function noMemory(shell: Shell): ShellError {
  shell.task.exhaust()
  return shell.error('out of memory')
}

/** The output of a command substitution, without newlines at its end. */
export async function substituteCommand(shell: Shell, body: Node | undefined): Promise<string> {
  shell.substitutionStatus = 0
  if (!body) return ''
  const { reader, writer } = makePipe()
  reader.retain()
  const run = (child: Shell): Promise<number> => {
    child.indirection++
    showJobs(shell, child, body, true)
    return isFileRead(child, body) ? printFile(child, body) : execute(child, body, EXIT)
  }
  const child = shell.fork(run, { fds: new Map([[1, writer]]) })
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const data = await reader.read(65_536, shell.task)
      if (data.length === 0) break
      size += data.length
      if (size > LARGEST_TEXT) throw noMemory(shell)
      chunks.push(data)
    }
  } finally {
    reader.release()
  }
  shell.substitutionStatus = exitCode(await shell.task.waitFor(child))
  return Buffer.concat(chunks).toString('utf8').replace(/\n+$/, '').replaceAll('\0', '')
}

/** bash and ash: `<(commands)` as a path under /dev/fd, whose numbers go down in bash and up in ash. */
export function substituteProcess(shell: Shell, direction: '<' | '>', body: Node | undefined): string {
  const { reader, writer } = makePipe()
  const [mine, theirs] = direction === '<' ? [reader, writer] : [writer, reader]
  const [first, step] = shell.dialect === 'bash' ? [63, -1] : [64, 1]
  let fd = first
  while (shell.task.description(fd)) fd += step
  const fds = new Map([[theirs instanceof PipeReader ? 0 : 1, theirs]])
  shell.fork((child) => (body ? execute(child, body, EXIT) : Promise.resolve(0)), { fds })
  shell.task.setDescriptor(fd, mine)
  shell.openSubstitutions.push(fd)
  return `/dev/fd/${fd}`
}

/** The command of process substitutions is over: the shell lets go of their pipes. */
export function closeSubstitutions(shell: Shell): void {
  for (const fd of shell.openSubstitutions.splice(0)) shell.task.setDescriptor(fd, undefined)
}
