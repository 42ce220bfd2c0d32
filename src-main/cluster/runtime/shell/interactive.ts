/** The prompt loop of an interactive shell. */
import { ShellSyntaxError, type Node } from './ast.js'
import { complete } from './complete.js'
import { execute } from './interpreter.js'
import { mayLeave } from './leaving.js'
import { LineEditor } from './line-editor.js'
import type { LineOwner } from './line-keys.js'
import { expandHistory, HistoryError } from './history-expansion.js'
import { Parser } from './parser.js'
import { promptText } from './prompt.js'
import { complainSyntax } from './script.js'
import { Interrupted, LoopControl, Return, ShellError, ShellExit } from './endings.js'
import type { Shell } from './shell.js'

const HISTORY = 500

/** Reads and runs commands until `exit` or end of file; returns the last status. */
export async function runInteractive(shell: Shell): Promise<number> {
  shell.jobs.enableInteractive()
  const reader = shell.dialect === 'dash' ? undefined : new LineEditor(lineOwner(shell))
  if (shell.dialect === 'ash' && !shell.task.terminal)
    await shell.task.writeError(`${shell.arg0}: can't access tty; job control turned off\n`)
  if (shell.dialect === 'bash' && !shell.task.terminal) await shell.task.writeError('bash: no job control in this shell\n')
  for (;;) {
    await shell.jobs.report()
    let nodes: Node[] | undefined
    try {
      nodes = await readCommand(shell, reader)
    } catch (error) {
      if (error instanceof Interrupted) {
        shell.lastStatus = 130
        continue
      }
      if (!(error instanceof ShellSyntaxError)) throw error
      shell.lastStatus = await complainSyntax(shell, error)
      continue
    }
    if (!nodes) {
      if (await mayLeave(shell, true)) return shell.lastStatus
      continue
    }
    const { toldOfJobs } = shell
    await runNodes(shell, nodes)
    // Who does something else first is told again.
    if (toldOfJobs) shell.toldOfJobs = false
  }
}

function lineOwner(shell: Shell): LineOwner {
  return {
    task: shell.task,
    isBash: shell.dialect === 'bash',
    get marksPastes() {
      return marksPastes(shell)
    },
    get history() {
      return shell.history
    },
    complete: (before) => complete(shell, before),
  }
}

/** bash does since 5.1, at terminals that are not dumb. */
function marksPastes({ dialect, variables }: Shell): boolean {
  const [major = 0, minor = 0] = (variables.get('BASH_VERSION') ?? '').split('.').map(Number)
  const terminal = variables.get('TERM') ?? 'dumb'
  return dialect === 'bash' && (major > 5 || (major === 5 && minor >= 1)) && terminal !== 'dumb' && terminal !== ''
}

async function runNodes(shell: Shell, nodes: Node[]): Promise<void> {
  shell.interrupted = false
  try {
    for (const node of nodes) await execute(shell, node, 0)
  } catch (error) {
    if (error instanceof ShellExit) throw error
    if (error instanceof ShellError) {
      await shell.complain(error.message)
      shell.lastStatus = error.status
    } else if (error instanceof Interrupted) {
      shell.lastStatus = 130
      shell.interrupted = true
    } else if (error instanceof Return) shell.lastStatus = error.status
    else if (error instanceof LoopControl) shell.lastStatus = 0
    else throw error
    shell.loops = shell.calls = shell.sourced = 0
    while (shell.variables.inFunction) shell.variables.popScope()
  }
  // After ^C the prompt comes on a line of its own.
  if (shell.interrupted) await shell.task.writeError('\n')
  shell.interrupted = false
}

/** Reads lines until they make complete commands. undefined at end of file. */
async function readCommand(shell: Shell, editor: LineEditor | undefined): Promise<Node[] | undefined> {
  let text = ''
  const startLine = shell.linesRead + 1
  for (;;) {
    const prompt = promptText(shell, text === '' ? 'PS1' : 'PS2')
    const typed = editor && shell.task.fd(0)?.kind === 'tty' ? await editor.read(prompt, text === '') : await plainLine(shell, prompt)
    const line = typed !== undefined && shell.dialect === 'bash' ? await withHistory(shell, typed) : typed
    if (line === undefined && text === '') return undefined
    shell.linesRead++
    if (line !== undefined) {
      text += `${line}\n`
      if (line.trim() !== '' && line !== shell.history.at(-1)) shell.history.push(line)
      if (shell.history.length > HISTORY) shell.history.shift()
    }
    const parser = new Parser(text, shell.dialect, shell.aliases, startLine, () => shell.shopt.has('extglob'))
    parser.interactive = line !== undefined
    const nodes: Node[] = []
    try {
      for (let node = parser.nextCommand(); node !== undefined; node = parser.nextCommand()) if (node) nodes.push(node)
      return nodes
    } catch (error) {
      if (!(error instanceof ShellSyntaxError) || !error.incomplete || line === undefined) throw error
    }
  }
}

/** bash: what `!` and `^` make of a line, shown before it is run. A line that refers to nothing is dropped with a message. */
async function withHistory(shell: Shell, typed: string): Promise<string> {
  if (!/[!^]/.test(typed)) return typed
  try {
    const { text, changed, printOnly } = expandHistory(typed, shell.history)
    if (changed) await shell.task.writeError(`${text}\n`)
    if (!printOnly) return text
    shell.history.push(text)
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error
    await shell.complain(error.message)
  }
  return ''
}

/** A line by the terminal's own editing, as dash reads. */
async function plainLine(shell: Shell, prompt: string): Promise<string | undefined> {
  await shell.task.writeError(prompt)
  for (;;) {
    const ready = shell.task.fd(0)
    if (!ready) return undefined
    while (!(await pollInterruptible(shell))) {
      if (!shell.interrupted) continue
      shell.interrupted = false
      await shell.task.writeError('\n')
      throw new Interrupted()
    }
    const line = await shell.task.readLine()
    return line
  }
}

/** Waits for input or for Ctrl-C. */
async function pollInterruptible(shell: Shell): Promise<boolean> {
  const description = shell.task.description(0)!
  if (shell.interrupted) return false
  if (description.readable() || !description.readiness) return true
  await shell.task.block((wake) => {
    const stops: (() => void)[] = []
    const done = (): void => {
      for (const stop of stops) stop()
      wake()
    }
    stops.push(description.readiness!.add(done), shell.task.events.add(done))
    return () => {
      for (const stop of stops) stop()
    }
  })
  return description.readable()
}
