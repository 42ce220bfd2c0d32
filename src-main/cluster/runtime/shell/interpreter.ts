/** Runs syntax trees: each command in processes of its own where a shell would fork, builtins and functions in place. */
import type { Node, Word } from './ast.js'
import { expandString, expandWords, matchesWord } from './expand.js'
import { expandArithmetic } from './arithmetic-expansion.js'
import { Interrupted, LoopControl, ShellError, ShellExit } from './endings.js'
import type { Shell } from './shell.js'
import { RegexTimeout } from '../programs/guarded-regexp.js'
import { RegexError } from '../programs/regex.js'
import { redirect, RedirectError, restore, type Saved } from './redirect.js'
import { setVariable } from './assignments.js'
import { condition } from './conditions.js'
import { coprocess } from './coprocess.js'
import { plainText, wordText } from './source-text.js'
import { traceLine } from './xtrace.js'
import { background, pipeline, subshell } from './pipelines.js'
import { simple } from './simple-commands.js'

/** The process ends with this command: an external one may take its place. */
export const EXIT = 1
/** The status is looked at (`if`, `&&`, `!`): `set -e` does not apply. */
export const TESTED = 2

/** CPU ms that a command costs the shell itself, and a new process. */
const COMMAND_COST = 0.01

/** What the DEBUG trap runs before. */
const TRACED: ReadonlySet<Node['type']> = new Set(['simple', 'for', 'forArithmetic', 'select', 'case', 'condition', 'arithmetic'])

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
  if (shell.dialect === 'bash' && !shell.traps.running && TRACED.has(node.type)) shell.command = node
  if (shell.traps.debugs && TRACED.has(node.type)) await shell.traps.debug()
  const status = await dispatch(shell, node, shell.traps.any ? flags & ~EXIT : flags)
  shell.lastStatus = status
  if (checksErrors(node) && node.type !== 'pipeline') shell.pipeStatus = status
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

export async function redirectFailed(shell: Shell, error: unknown): Promise<number> {
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
    case 'coproc':
      return coprocess(shell, node)
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
        for (const [i, value] of values.entries()) {
          if (i > 0 && shell.traps.debugs) await shell.traps.debug()
          if (shell.dialect === 'bash')
            await traceLine(shell, () => `for ${node.name} in ${node.words ? node.words.map(wordText).join(' ') : '"$@"'}`)
          setVariable(shell, node.name, value)
          if (!(await run(node.body, flags))) break
        }
      })
    }
    case 'forArithmetic':
      return loop(shell, async (run) => {
        if (node.init.length > 0) await arithmeticCommand(shell, node.init)
        while (node.test.length === 0 || (await arithmeticCommand(shell, node.test)) !== 0n) {
          if (!(await run(node.body, flags))) break
          if (node.step.length > 0) await arithmeticCommand(shell, node.step)
        }
      })
    case 'select':
      return select(shell, node, flags)
    case 'case':
      return caseCommand(shell, node, flags)
    case 'function':
      return defineFunction(shell, node)
    case 'condition':
      try {
        return (await condition(shell, node.condition)) ? 0 : 1
      } catch (error) {
        if (error instanceof RegexError || error instanceof RegexTimeout) return 2
        if (error instanceof ShellError && error.message.startsWith('[[: ')) {
          await shell.complain(error.message)
          return 1
        }
        throw error
      }
    case 'arithmetic':
      return (await arithmeticCommand(shell, node.expression)) === 0n ? 1 : 0
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
  if (values.length === 0) return 0
  let ended = false
  const status = await loop(shell, async (run) => {
    for (let shown = false; ;) {
      if (!shown) await shell.task.writeError(menuText(values, Number(shell.variables.get('COLUMNS')) || 80))
      shown = true
      await shell.task.writeError(shell.variables.get('PS3') ?? '#? ')
      const line = await shell.task.readLine()
      if (line === undefined) {
        await shell.task.write('\n')
        ended = true
        return
      }
      shell.variables.set('REPLY', line)
      shown = line !== ''
      if (!shown) continue
      setVariable(shell, node.name, /^\d+$/.test(line.trim()) ? (values[Number(line) - 1] ?? '') : '')
      if (!(await run(node.body, flags))) return
      shown = shell.variables.get('REPLY') !== ''
    }
  })
  return ended ? 1 : status
}

/** The entries of `select`, numbered and in columns that read downwards. */
function menuText(values: readonly string[], columns: number): string {
  const digits = String(values.length).length
  const width = Math.max(...values.map((v) => v.length)) + digits + 4
  const across = Math.max(1, Math.floor(columns / width))
  let rows = Math.ceil(values.length / across)
  // What fits in one row is shown in one column.
  if (rows === 1) rows = values.length
  let text = ''
  for (let row = 0; row < rows; row++) {
    let at = 0
    for (let i = row; i < values.length; i += rows) {
      const entry = `${String(i + 1).padStart(i === row ? String(rows).length : digits)}) ${values[i]}`
      text += entry
      if (i + rows < values.length) text += gap(at + entry.length, at + width)
      at += width
    }
    text += '\n'
  }
  return text
}

/** Blanks from one column to another, with tabs where one reaches a stop on the way. */
function gap(from: number, to: number): string {
  let text = ''
  for (let at = from; at < to;) {
    const tab = Math.floor(to / 8) > Math.floor(at / 8)
    text += tab ? '\t' : ' '
    at += tab ? 8 - (at % 8) : 1
  }
  return text
}

async function caseCommand(shell: Shell, node: Node & { type: 'case' }, flags: number): Promise<number> {
  if (shell.dialect === 'bash') await traceLine(shell, () => `case ${wordText(node.subject)} in`)
  const subject = await expandString(shell, node.subject)
  let status = 0
  let through = false
  for (const clause of node.clauses) {
    let matched = through
    for (const word of clause.patterns) {
      if (matched) break
      matched = await matchesWord(shell, word, subject)
    }
    if (!matched) continue
    status = clause.body ? await execute(shell, clause.body, clause.end === ';;' ? flags : flags & ~EXIT) : 0
    if (clause.end === ';;') return status
    through = clause.end === ';&'
  }
  return status
}

async function defineFunction(shell: Shell, node: Node & { type: 'function' }): Promise<number> {
  if (shell.readonlyFunctions.has(node.name)) {
    await shell.complain(`${node.name}: readonly function`)
    return 1
  }
  shell.defineFunction(node.name, node)
  return 0
}

/** An expression of `((…))` or of a `for` loop. */
async function arithmeticCommand(shell: Shell, expression: Word): Promise<bigint> {
  await traceLine(shell, () => `(( ${plainText(expression)} ))`)
  return expandArithmetic(shell, expression)
}
