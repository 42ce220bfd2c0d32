/** bash: `fc`, which lists, runs again and edits what was typed. */
import { SystemError } from '../../process.js'
import type { Shell } from '../shell.js'
import { evalBuiltin } from './control.js'
import { InvalidOption, usage } from './usage.js'

/** Lines that `fc -l` shows. */
const LISTED = 16

export async function fc(shell: Shell, argv: readonly string[]): Promise<number> {
  const args = argv.slice(1)
  const flags = new Set<string>()
  let editor: string | undefined
  while (/^-[a-z]/.test(args[0] ?? '')) {
    const letters = args.shift()!.slice(1)
    for (const [i, letter] of [...letters].entries()) {
      if (!'elnrs'.includes(letter)) {
        await shell.complainBuiltin('fc', `-${letter}: invalid option`)
        return usage(shell, 'fc')
      }
      flags.add(letter)
      if (letter !== 'e') continue
      editor = letters.slice(i + 1) || args.shift()
      break
    }
  }
  try {
    if (flags.has('l')) return await list(shell, flags, args)
    if (flags.has('s') || editor === '-') return await again(shell, args)
    return await edit(shell, editor, flags, args)
  } catch (error) {
    if (!(error instanceof InvalidOption)) throw error
    await shell.complainBuiltin('fc', error.message)
    return 1
  }
}

/** What was typed before the fc itself. */
function typed(shell: Shell): readonly string[] {
  return shell.options.interactive ? shell.history.slice(0, -1) : shell.history
}

/** The place of a line: by its number, how far back it is, or how it begins. Throws InvalidOption. */
function place(lines: readonly string[], text: string): number {
  if (/^-?\d+$/.test(text)) {
    const number = Number(text)
    const at = number > 0 ? number - 1 : lines.length + (number || -1)
    return Math.min(Math.max(at, 0), lines.length - 1)
  }
  const at = lines.findLastIndex((line) => line.startsWith(text))
  if (at < 0) throw new InvalidOption('no command found')
  return at
}

async function list(shell: Shell, flags: ReadonlySet<string>, args: readonly string[]): Promise<number> {
  const lines = typed(shell)
  if (lines.length === 0) return 0
  const first = args[0] === undefined ? Math.max(0, lines.length - LISTED) : place(lines, args[0])
  const last = args[1] === undefined ? lines.length - 1 : place(lines, args[1])
  const [from, to] = first <= last ? [first, last] : [last, first]
  const shown = lines.slice(from, to + 1).map((line, i) => (flags.has('n') ? `\t ${line}\n` : `${from + i + 1}\t ${line}\n`))
  await shell.task.write((flags.has('r') !== first > last ? shown.reverse() : shown).join(''))
  return 0
}

/** `fc -s [old=new] [command]` */
async function again(shell: Shell, args: readonly string[]): Promise<number> {
  const lines = typed(shell)
  const changes = args.filter((arg) => arg.includes('='))
  const named = args.find((arg) => !arg.includes('='))
  if (lines.length === 0) throw new InvalidOption('no command found')
  let line = lines[named === undefined ? lines.length - 1 : place(lines, named)]!
  for (const change of changes) line = line.replaceAll(change.slice(0, change.indexOf('=')), change.slice(change.indexOf('=') + 1))
  await shell.task.writeError(`${line}\n`)
  if (shell.options.interactive) shell.history[shell.history.length - 1] = line
  return evalBuiltin(shell, ['eval', line])
}

/** Lets lines be edited, and runs what comes of it. */
async function edit(shell: Shell, chosen: string | undefined, flags: ReadonlySet<string>, args: readonly string[]): Promise<number> {
  const lines = typed(shell)
  if (lines.length === 0) throw new InvalidOption('no command found')
  const first = args[0] === undefined ? lines.length - 1 : place(lines, args[0])
  const last = args[1] === undefined ? first : place(lines, args[1])
  const taken = lines.slice(Math.min(first, last), Math.max(first, last) + 1)
  const { fs, random } = shell.task
  const path = `/tmp/bash-fc.${Array.from({ length: 6 }, () => random.int(36).toString(36)).join('')}`
  const editor = chosen ?? shell.variables.get('FCEDIT') ?? shell.variables.get('EDITOR') ?? 'vi'
  try {
    fs.writeFile(path, `${(flags.has('r') ? taken.reverse() : taken).join('\n')}\n`, { mode: 0o600 })
    const status = await evalBuiltin(shell, ['eval', `${editor} ${path}`])
    if (status !== 0) return status
    const text = fs.readText(path).trimEnd()
    await shell.task.writeError(`${text}\n`)
    return await evalBuiltin(shell, ['eval', text])
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new InvalidOption(`${path}: cannot open temp file: ${error.message}`)
  } finally {
    if (fs.exists(path)) fs.remove(path)
  }
}
