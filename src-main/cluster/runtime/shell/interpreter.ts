/** Runs syntax trees: each command in processes of its own where a shell would fork, builtins and functions in place. */
import { isErrorCode } from '../errors.js'
import { makePipe, type PipeReader } from '../pipe.js'
import { resolveProgram, searchPath, type Resolved } from '../program-file.js'
import { Killed, SystemError } from '../process.js'
import type { FileDescription } from '../open-file.js'
import type { Task } from '../task.js'
import type { Assignment, Condition, Node, SimpleCommand, Word } from './ast.js'
import { builtinOf, isDeclaration, isSpecial, type Builtin } from './builtins/registry.js'
import { expandArithmetic, expandPattern, expandString, expandWords } from './expand.js'
import { Interrupted, LoopControl, Return, ShellExit, type Shell } from './shell.js'
import { runScriptText } from './script.js'
import { compile, RegexError } from '../programs/regex.js'
import { keep, redirect, RedirectError, restore, type Saved } from './redirect.js'
import { testUnary, testBinary } from './builtins/test.js'
import { AssignmentError } from './variables.js'
import { sourceText } from './source-text.js'

/** The process ends with this command: an external one may take its place. */
export const EXIT = 1
/** The status is looked at (`if`, `&&`, `!`): `set -e` does not apply. */
export const TESTED = 2

/** CPU ms that a command costs the shell itself, and a new process. */
const COMMAND_COST = 0.01
const FORK_COST = 0.3

/** Runs a node; returns its status, which is in `shell.lastStatus` as well. */
export async function execute(shell: Shell, node: Node, flags: number): Promise<number> {
  const pause = shell.task.tick(COMMAND_COST)
  if (pause) await pause
  if (shell.interrupted) {
    shell.interrupted = false
    throw new Interrupted()
  }
  if (shell.traps.hasPending) await shell.traps.runPending()
  if (shell.options.noexec && !shell.options.interactive) return 0
  shell.line = node.line
  const status = await dispatch(shell, node, shell.traps.any ? flags & ~EXIT : flags)
  shell.lastStatus = status
  if (shell.traps.hasPending) await shell.traps.runPending()
  if (status !== 0 && !(flags & TESTED) && shell.tested === 0 && checksErrors(node)) {
    if (shell.traps.get('ERR')) await shell.traps.failed()
    if (shell.options.errexit) throw new ShellExit(status)
  }
  return status
}

/** `set -e` looks at simple commands, pipelines, subshells and the like; a list or a loop only passes on. */
function checksErrors(node: Node): boolean {
  return (
    node.type === 'simple' ||
    (node.type === 'pipeline' && !node.negate) ||
    node.type === 'subshell' ||
    node.type === 'condition' ||
    node.type === 'arithmetic'
  )
}

async function dispatch(shell: Shell, node: Node, flags: number): Promise<number> {
  if (node.type === 'simple') return simple(shell, node, flags)
  if (node.redirects.length > 0 && node.type !== 'subshell' && node.type !== 'function') {
    let saved: Saved
    try {
      saved = await redirect(shell, node.redirects)
    } catch (error) {
      return redirectFailed(shell, error)
    }
    try {
      return await compound(shell, node, flags & ~EXIT)
    } finally {
      restore(shell, saved)
    }
  }
  return compound(shell, node, flags)
}

async function redirectFailed(shell: Shell, error: unknown): Promise<number> {
  if (!(error instanceof RedirectError)) throw error
  await shell.complain(error.message)
  return shell.dialect === 'dash' ? 2 : 1
}

async function compound(shell: Shell, node: Node, flags: number): Promise<number> {
  switch (node.type) {
    case 'simple':
      return simple(shell, node, flags)
    case 'list': {
      let status = 0
      const last = node.items.length - 1
      for (let i = 0; i <= last; i++) status = await execute(shell, node.items[i]!, i === last ? flags : flags & ~EXIT)
      return status
    }
    case 'and':
    case 'or': {
      const status = await execute(shell, node.left, (flags | TESTED) & ~EXIT)
      if ((status === 0) !== (node.type === 'and')) return status
      return execute(shell, node.right, flags)
    }
    case 'pipeline':
      return pipeline(shell, node, flags)
    case 'background':
      return background(shell, node)
    case 'subshell':
      return subshell(shell, node, flags)
    case 'group':
      return execute(shell, node.body, flags)
    case 'if': {
      const status = await execute(shell, node.condition, TESTED)
      if (status === 0) return execute(shell, node.consequent, flags)
      return node.alternative ? execute(shell, node.alternative, flags) : 0
    }
    case 'while':
    case 'until':
      return loop(shell, async (run) => {
        while (((await execute(shell, node.condition, TESTED)) === 0) === (node.type === 'while')) {
          if (!(await run(node.body, flags))) break
        }
      })
    case 'for': {
      const values = node.words ? await expandWords(shell, node.words) : shell.positional.slice()
      return loop(shell, async (run) => {
        for (const value of values) {
          setVariable(shell, node.name, value)
          if (!(await run(node.body, flags))) break
        }
      })
    }
    case 'forArithmetic':
      return loop(shell, async (run) => {
        if (node.init.length > 0) await expandArithmetic(shell, node.init)
        while (node.test.length === 0 || (await expandArithmetic(shell, node.test)) !== 0n) {
          if (!(await run(node.body, flags))) break
          if (node.step.length > 0) await expandArithmetic(shell, node.step)
        }
      })
    case 'select':
      return select(shell, node, flags)
    case 'case':
      return caseCommand(shell, node, flags)
    case 'function':
      shell.functions.set(node.name, node)
      return 0
    case 'condition':
      try {
        return (await condition(shell, node.condition)) ? 0 : 1
      } catch (error) {
        if (error instanceof RegexError) return 2
        throw error
      }
    case 'arithmetic':
      return (await expandArithmetic(shell, node.expression)) === 0n ? 1 : 0
  }
}

/** Runs a loop; `run` tells whether it goes on. */
async function loop(shell: Shell, body: (run: (node: Node, flags: number) => Promise<boolean>) => Promise<void>): Promise<number> {
  let status = 0
  shell.loops++
  const run = async (node: Node, flags: number): Promise<boolean> => {
    try {
      status = await execute(shell, node, flags & ~EXIT)
      return true
    } catch (error) {
      return control(error)
    }
  }
  const control = (error: unknown): boolean => {
    if (!(error instanceof LoopControl)) throw error
    status = 0
    if (error.levels > 1) {
      error.levels--
      throw error
    }
    return error.kind === 'continue'
  }
  try {
    await body(run)
  } catch (error) {
    // From the condition of `while`.
    control(error)
  } finally {
    shell.loops--
  }
  return status
}

async function select(shell: Shell, node: Node & { type: 'for' | 'select' }, flags: number): Promise<number> {
  const values = node.words ? await expandWords(shell, node.words) : shell.positional.slice()
  return loop(shell, async (run) => {
    for (;;) {
      await shell.task.writeError(values.map((v, i) => `${i + 1}) ${v}\n`).join(''))
      await shell.task.writeError(shell.variables.get('PS3') ?? '#? ')
      const line = await shell.task.readLine()
      if (line === undefined) {
        await shell.task.writeError('\n')
        return
      }
      shell.variables.set('REPLY', line)
      setVariable(shell, node.name, /^\d+$/.test(line.trim()) ? (values[Number(line) - 1] ?? '') : '')
      if (line.trim() !== '' && !(await run(node.body, flags))) return
    }
  })
}

async function caseCommand(shell: Shell, node: Node & { type: 'case' }, flags: number): Promise<number> {
  const subject = await expandString(shell, node.subject)
  let status = 0
  let through = false
  for (const clause of node.clauses) {
    let matched = through
    for (const word of clause.patterns) {
      if (matched) break
      matched = (await expandPattern(shell, word)).matches(subject)
    }
    if (!matched) continue
    status = clause.body ? await execute(shell, clause.body, clause.end === ';;' ? flags : flags & ~EXIT) : 0
    if (clause.end === ';;') return status
    through = clause.end === ';&'
  }
  return status
}

// Processes.

async function pipeline(shell: Shell, node: Node & { type: 'pipeline' }, flags: number): Promise<number> {
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
async function forkShell(
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

async function background(shell: Shell, node: Node & { type: 'background' }): Promise<number> {
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

async function subshell(shell: Shell, node: Node & { type: 'subshell' | 'group' }, flags: number): Promise<number> {
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

// Simple commands.

function setVariable(shell: Shell, name: string, value: string): void {
  try {
    shell.variables.set(name, value)
  } catch (error) {
    throw readonlyError(shell, error)
  }
}

/** A variable that cannot be written as the shell's own error; other errors as they are. */
export function readonlyError(shell: Shell, error: unknown): unknown {
  if (!(error instanceof AssignmentError)) return error
  return shell.error(
    `${error.variable}: ${shell.dialect === 'bash' && error.reason === 'is read only' ? 'readonly variable' : error.reason}`,
  )
}

/** Performs an assignment; returns name and value for `set -x`. */
export async function assign(shell: Shell, a: Assignment): Promise<[string, string]> {
  const { variables } = shell
  try {
    if (a.elements) return [a.name, await assignArray(shell, a)]
    let value = await expandString(shell, a.value, { assignment: true })
    if (a.index) {
      const associative = variables.lookup(a.name)?.associative
      const key = associative ? await expandString(shell, a.index) : String(await expandArithmetic(shell, a.index))
      if (a.append) value = (variables.getElement(a.name, key) ?? '') + value
      variables.setElement(a.name, key, value)
      return [`${a.name}[${key}]`, value]
    }
    if (variables.lookup(a.name)?.integer) {
      const base = a.append ? `${variables.get(a.name) || 0}+(${value})` : value
      value = String(await expandArithmetic(shell, [{ type: 'text', text: base, quoted: true }]))
    } else if (a.append) value = (variables.get(a.name) ?? '') + value
    variables.set(a.name, value)
    return [a.name, value]
  } catch (error) {
    throw readonlyError(shell, error)
  }
}

async function assignArray(shell: Shell, a: Assignment): Promise<string> {
  const { variables } = shell
  const old = variables.lookup(a.name)
  const elements = new Map(a.append ? (old?.elements ?? (old?.value === undefined ? [] : [['0', old.value]])) : [])
  let next = old?.associative ? 0 : elements.size === 0 ? 0 : Number([...elements.keys()].at(-1)) + 1
  for (const e of a.elements!) {
    if (e.index) {
      const key = old?.associative ? await expandString(shell, e.index) : String(await expandArithmetic(shell, e.index))
      elements.set(key, await expandString(shell, e.value))
      next = Number(key) + 1
    } else for (const value of await expandWords(shell, [e.value])) elements.set(String(next++), value)
  }
  variables.setArray(a.name, elements)
  return '()'
}

/** `a=b` as an argument of `export` or `local` is expanded as an assignment: not split. */
async function expandArguments(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const first = await expandWords(shell, words.slice(0, 1))
  if (words.length === 1) return first
  if (!first[0] || !isDeclaration(first[0])) return [...first, ...(await expandWords(shell, words.slice(1)))]
  const out = first
  for (const word of words.slice(1)) {
    const head = word[0]
    if (head?.type === 'text' && !head.quoted && /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(head.text))
      out.push(await expandString(shell, word, { assignment: true }))
    else out.push(...(await expandWords(shell, [word])))
  }
  return out
}

async function simple(shell: Shell, node: SimpleCommand, flags: number): Promise<number> {
  shell.substitutionStatus = undefined
  const argv = node.words.length > 0 ? await expandArguments(shell, node.words) : []
  try {
    if (argv.length === 0) return await assignmentsOnly(shell, node)
    const name = argv[0]!
    const body = shell.functions.get(name)
    const special = isSpecial(shell, name)
    if (body && !(special && shell.dialect !== 'bash')) return await whileTested(shell, flags, () => callFunction(shell, node, body, argv))
    const builtin = builtinOf(shell, name)
    if (builtin) return await whileTested(shell, flags, () => callBuiltin(shell, node, builtin, argv, special))
    return await external(shell, node, argv, flags)
  } finally {
    if (shell.dialect === 'bash') shell.closeSubstitutions()
  }
}

/** What a function, `eval` or `.` runs where the status is looked at does not end the shell either. */
async function whileTested<T>(shell: Shell, flags: number, body: () => Promise<T>): Promise<T> {
  if (!(flags & TESTED)) return body()
  shell.tested++
  try {
    return await body()
  } finally {
    shell.tested--
  }
}

/** `set -x`. dash shows words as they are, the others so that they could be typed again. */
async function trace(shell: Shell, assigned: [string, string][], argv: readonly string[]): Promise<void> {
  if (!shell.options.xtrace) return
  const escaped = shell.dialect === 'bash' ? "'\\''" : `'"'"'`
  const quote = (s: string): string =>
    shell.dialect === 'dash' || (s !== '' && /^[A-Za-z0-9_@%+=:,./-]*$/.test(s)) ? s : `'${s.replaceAll("'", escaped)}'`
  const text = [...assigned.map(([n, v]) => `${n}=${quote(v)}`), ...argv.map(quote)].join(' ')
  await shell.task.writeError(`${shell.variables.get('PS4') ?? '+ '}${text}\n`)
}

async function assignmentsOnly(shell: Shell, node: SimpleCommand): Promise<number> {
  let saved: Saved | undefined
  try {
    saved = await redirect(shell, node.redirects)
  } catch (error) {
    return redirectFailed(shell, error)
  }
  try {
    const assigned: [string, string][] = []
    for (const a of node.assignments) assigned.push(await assign(shell, a))
    if (assigned.length > 0) await trace(shell, assigned, [])
  } finally {
    restore(shell, saved)
  }
  return shell.substitutionStatus ?? 0
}

/** Assignments in front of a builtin or function; returns how to take them back. */
async function temporary(shell: Shell, node: SimpleCommand): Promise<{ assigned: [string, string][]; undo: () => void }> {
  const saved = new Map(node.assignments.map((a) => [a.name, shell.variables.save(a.name)]))
  const assigned: [string, string][] = []
  for (const a of node.assignments) {
    assigned.push(await assign(shell, a))
    shell.variables.mark(a.name, { exported: true })
  }
  return {
    assigned,
    undo: () => {
      for (const [name, v] of saved) shell.variables.restore(name, v)
    },
  }
}

async function callBuiltin(shell: Shell, node: SimpleCommand, builtin: Builtin, argv: string[], special: boolean): Promise<number> {
  let saved: Saved
  try {
    saved = await redirect(shell, node.redirects)
  } catch (error) {
    const status = await redirectFailed(shell, error)
    // A special builtin's failed redirection ends a shell that is not interactive.
    if (special && shell.dialect !== 'bash' && !shell.options.interactive) throw new ShellExit(status)
    return status
  }
  let undo: (() => void) | undefined
  let permanent = false
  try {
    if (special && shell.dialect !== 'bash') {
      const assigned: [string, string][] = []
      for (const a of node.assignments) assigned.push(await assign(shell, a))
      await trace(shell, assigned, argv)
    } else {
      const t = await temporary(shell, node)
      undo = t.undo
      await trace(shell, t.assigned, argv)
    }
    permanent = argv[0] === 'exec'
    shell.builtin = argv[0]!
    const status = await builtin(shell, argv)
    for (const array of node.arrays ?? []) await assign(shell, array)
    return status
  } catch (error) {
    if (error instanceof SystemError) {
      // Writing its output failed.
      if (error.code === 'EPIPE') return 1
      await shell.complainBuiltin(argv[0]!, shell.dialect === 'dash' ? 'I/O error' : `write error: ${error.message}`)
      return shell.dialect === 'dash' ? 2 : 1
    }
    throw readonlyError(shell, error)
  } finally {
    if (!shell.task.ended) undo?.()
    if (permanent) keep(saved)
    else restore(shell, saved)
  }
}

async function callFunction(shell: Shell, node: SimpleCommand, body: Node, argv: string[]): Promise<number> {
  let saved: Saved
  try {
    saved = await redirect(shell, node.redirects)
  } catch (error) {
    return redirectFailed(shell, error)
  }
  if (shell.calls >= 1000) throw shell.error('maximum function recursion depth (1000) reached')
  const t = await temporary(shell, node)
  await trace(shell, t.assigned, argv)
  const { positional, loops, savedOptions } = shell
  shell.savedOptions = undefined
  shell.positional = argv.slice(1)
  shell.loops = 0
  shell.calls++
  shell.variables.pushScope()
  shell.enterFunction(argv[0]!)
  try {
    const fn = body as Node & { type: 'function' }
    return await execute(shell, fn.body, 0)
  } catch (error) {
    if (error instanceof Return) return error.status
    throw error
  } finally {
    if (!shell.task.ended) {
      shell.variables.popScope()
      shell.leaveFunction()
      if (shell.savedOptions) Object.assign(shell.options, shell.savedOptions)
      shell.savedOptions = savedOptions
      shell.positional = positional
      shell.loops = loops
      shell.calls--
      t.undo()
    }
    restore(shell, saved)
  }
}

async function external(shell: Shell, node: SimpleCommand, argv: string[], flags: number): Promise<number> {
  const run = async (child: Shell): Promise<number> => {
    try {
      keep(await redirect(child, node.redirects))
    } catch (error) {
      return redirectFailed(child, error)
    }
    const t = await temporary(child, node)
    await trace(child, t.assigned, argv)
    return runProgram(child, argv)
  }
  if (flags & EXIT && !shell.options.interactive) return run(shell)
  const task = await forkShell(shell, run, new Map(), shell.jobs.groupFor(undefined))
  return (await shell.jobs.foreground([task], argv.join(' '))).at(-1)!
}

/** Replaces this process by a program; returns only when there is none: 127 not found, 126 not executable. */
export async function runProgram(shell: Shell, argv: string[]): Promise<number> {
  const { task } = shell
  const env = shell.variables.environment()
  let found: Resolved
  try {
    found = resolveProgram(task, argv, { path: shell.variables.get('PATH') ?? '' })
  } catch (error) {
    if (error instanceof Killed || !(error instanceof SystemError)) throw error
    if (error.code === 'ENOEXEC') return runTextFile(shell, argv)
    const name = argv[0]!
    const isDirectory = name.includes('/') && task.fs.exists(name) && task.fs.stat(name).type === 'directory'
    await shell.complain(notRunMessage(shell, name, error, isDirectory))
    return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 127 : 126
  }
  // The EXIT trap and others do not survive.
  if (found.path) env['_'] = shell.dialect === 'bash' ? found.path : (env['_'] ?? '')
  if (env['_'] === '') delete env['_']
  return task.exec(found.program, found.argv, env)
}

function notRunMessage(shell: Shell, name: string, error: SystemError, isDirectory: boolean): string {
  if (shell.dialect === 'bash') {
    if (isDirectory) return `${name}: Is a directory`
    if (error.code === 'ENOENT' && !name.includes('/')) return `${name}: command not found`
    return `${name}: ${error.message}`
  }
  if (error.code === 'ENOENT') return `${name}: not found`
  return `${name}: ${error.message}`
}

/** A text without `#!` line: the shell reads it itself, in this process. */
async function runTextFile(shell: Shell, argv: string[]): Promise<number> {
  const path = searchPath(shell.task.fs, argv[0]!, shell.variables.get('PATH')).path ?? argv[0]!
  const text = shell.task.fs.readText(path)
  shell.task.argv = argv
  return runScriptText(shell.task, shell.dialect, path, argv.slice(1), text, shell.variables.environment())
}

// [[ … ]]

async function condition(shell: Shell, c: Condition): Promise<boolean> {
  switch (c.type) {
    case 'not':
      return !(await condition(shell, c.of))
    case 'and':
      return (await condition(shell, c.left)) && condition(shell, c.right)
    case 'or':
      return (await condition(shell, c.left)) || condition(shell, c.right)
    case 'word':
      return (await expandString(shell, c.word)) !== ''
    case 'unary':
      return testUnary(shell, c.op, await expandString(shell, c.operand))
    case 'binary': {
      const left = await expandString(shell, c.left)
      if (c.op === '=' || c.op === '==') return (await expandPattern(shell, c.right)).matches(left)
      if (c.op === '!=') return !(await expandPattern(shell, c.right)).matches(left)
      if (c.op === '=~') return matchRegex(shell, left, c.right)
      return testBinary(shell, c.op, left, await expandString(shell, c.right), true)
    }
  }
}

/** `=~`: what is quoted stands for itself, the rest is an extended regular expression. */
async function matchRegex(shell: Shell, text: string, word: Word): Promise<boolean> {
  let pattern = ''
  for (const part of word) {
    const s = await expandString(shell, [part])
    pattern += part.quoted ? s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : s
  }
  const m = compile(pattern, true).exec(Buffer.from(text).toString('latin1'))
  const groups = (m ?? []).map((g) => Buffer.from(g ?? '', 'latin1').toString('utf8'))
  shell.variables.setArray('BASH_REMATCH', new Map(groups.map((g, i) => [String(i), g])))
  return m !== null
}
