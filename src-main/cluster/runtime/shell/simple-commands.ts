/** Simple commands: assignments, builtins, functions and programs. */
import { sourceText } from './source-text.js'
import { SystemError } from '../process.js'
import type { Node, SimpleCommand, Word } from './ast.js'
import { wrongOption } from './builtins/usage.js'
import { builtinOf, isDeclaration, isSpecial, type Builtin } from './builtins/registry.js'
import { expandString, expandWords } from './expand.js'
import { Return, ShellError, ShellExit } from './endings.js'
import type { Shell } from './shell.js'
import { keep, redirect, restore, type Saved } from './redirect.js'
import { assign, readonlyError } from './assignments.js'
import { runProgram } from './run-program.js'
import { forkShell } from './pipelines.js'
import { closeSubstitutions } from './substitution.js'
import { EXIT, TESTED, execute, redirectFailed } from './interpreter.js'
import { traceCommand, type Assigned } from './xtrace.js'

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

export async function simple(shell: Shell, node: SimpleCommand, flags: number): Promise<number> {
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
    closeSubstitutions(shell)
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

/** bash: whether a substitution is `$(< file)`: nothing but the name of a file. */
export function isFileRead(shell: Shell, node: Node): node is SimpleCommand {
  if (shell.dialect !== 'bash' || node.type !== 'simple' || node.words.length > 0 || node.assignments.length > 0) return false
  return node.redirects.length === 1 && node.redirects[0]!.op === '<'
}

/** Writes the file that `$(< file)` names, without running a program. */
export async function printFile(shell: Shell, node: SimpleCommand): Promise<number> {
  try {
    keep(await redirect(shell, node.redirects))
  } catch (error) {
    return redirectFailed(shell, error)
  }
  const file = shell.task.fd(0)!
  for (let data = await file.read(65_536); data.length > 0; data = await file.read(65_536)) await shell.task.write(data)
  return 0
}

async function assignmentsOnly(shell: Shell, node: SimpleCommand): Promise<number> {
  let saved: Saved | undefined
  try {
    saved = await redirect(shell, node.redirects)
  } catch (error) {
    return redirectFailed(shell, error)
  }
  try {
    const assigned: Assigned[] = []
    for (const a of node.assignments) assigned.push(await assign(shell, a))
    if (assigned.length > 0) await traceCommand(shell, assigned, [])
  } finally {
    restore(shell, saved)
  }
  return shell.substitutionStatus ?? 0
}

/** Assignments in front of a builtin or function; returns how to take them back. */
async function temporary(shell: Shell, node: SimpleCommand): Promise<{ assigned: Assigned[]; undo: () => void }> {
  const saved = new Map(node.assignments.map((a) => [a.name, shell.variables.save(a.name)]))
  const assigned: Assigned[] = []
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

/** Builtins whose input may fail them. */
const READS = new Set(['read', 'mapfile', 'readarray'])
/** Builtins that run commands: errors of those are not their own. */
const RUNS_OTHERS = new Set(['eval', 'source', '.', 'command', 'builtin', 'exec', 'mapfile', 'readarray'])

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
      const assigned: Assigned[] = []
      for (const a of node.assignments) assigned.push(await assign(shell, a))
      await traceCommand(shell, assigned, argv)
    } else {
      const t = await temporary(shell, node)
      undo = t.undo
      await traceCommand(shell, t.assigned, argv)
    }
    permanent = argv[0] === 'exec'
    shell.builtin = argv[0]!
    const status = (shell.dialect === 'bash' ? await wrongOption(shell, argv) : undefined) ?? (await builtin(shell, argv))
    for (const array of node.arrays ?? []) await assign(shell, array)
    return status
  } catch (error) {
    if (error instanceof SystemError) {
      if (error.code === 'EPIPE') return 1
      await shell.complainBuiltin(
        argv[0]!,
        shell.dialect === 'dash' ? 'I/O error' : `${READS.has(argv[0]!) ? 'read error: 0' : 'write error'}: ${error.message}`,
      )
      return shell.dialect === 'dash' ? 2 : 1
    }
    const own = readonlyError(shell, error)
    // The error of a builtin ends only the builtin; that of a special one ends the shell, except bash.
    if ((special && shell.dialect !== 'bash') || !(own instanceof ShellError) || RUNS_OTHERS.has(argv[0]!)) throw own
    await shell.complain(own.message)
    return own.status
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
  await traceCommand(shell, t.assigned, argv)
  const { positional, loops, savedOptions, getopts } = shell
  shell.savedOptions = undefined
  shell.setPositional(argv.slice(1))
  shell.loops = 0
  shell.calls++
  shell.variables.pushScope()
  const { line } = shell
  shell.callStack.enter({ name: argv[0]!, source: shell.functionSources.get(argv[0]!) ?? 'environment', line })
  shell.traps.enterFunction()
  try {
    const fn = body as Node & { type: 'function' }
    return await returning(shell, () => execute(shell, fn.body, 0))
  } finally {
    if (!shell.task.ended) {
      shell.line = line
      shell.traps.leaveFunction()
      shell.variables.popScope()
      shell.callStack.leave()
      if (shell.savedOptions) Object.assign(shell.options, shell.savedOptions)
      shell.savedOptions = savedOptions
      shell.positional = positional
      if (shell.dialect !== 'bash') shell.getopts = getopts
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
    await traceCommand(child, t.assigned, argv)
    return runProgram(child, argv)
  }
  if (flags & EXIT && !shell.options.interactive) return run(shell)
  const task = await forkShell(shell, run, new Map(), shell.jobs.groupFor(undefined))
  return (await shell.jobs.foreground([task], sourceText(node))).at(-1)!
}

/** Runs what `return` may leave, and then the RETURN trap. */
export async function returning(shell: Shell, body: () => Promise<number>): Promise<number> {
  let status: number
  try {
    status = await body()
  } catch (error) {
    if (!(error instanceof Return)) throw error
    status = error.status
  }
  if (shell.traps.get('RETURN')) await shell.traps.returned()
  return status
}
