/** Tab completion: commands in the first place of a command, paths elsewhere, variables after `$`. */
import { SystemError } from '../process.js'
import { EXECUTE } from '../mounts.js'
import { generated, replied } from './builtins/completion.js'
import { builtinNames } from './builtins/registry.js'
import type { Shell } from './shell.js'

/** What completion found: text to put in, or several choices. */
export interface Completion {
  insert: string
  choices: string[]
}

/** Completes the word that ends the text `before` the cursor. */
export async function complete(shell: Shell, before: string): Promise<Completion> {
  const start = Math.max(...[' ', '\t', ';', '|', '&', '(', '<', '>', '=', '`'].map((c) => before.lastIndexOf(c))) + 1
  const word = before.slice(start)
  const isCommand = /(^|[;|&(`]|\b(then|do|else|sudo|exec|time|while|until|if)\s)\s*$/.test(before.slice(0, start))
  if (word.startsWith('$')) {
    const names = shell.variables.list().map(([n]) => `$${n}`)
    return choose(
      word,
      names.map((n) => ({ text: n, shown: n, end: '' })),
    )
  }
  if (isCommand && !word.includes('/'))
    return choose(
      word,
      commands(shell).map((n) => ({ text: n, shown: n, end: ' ' })),
    )
  return (await specified(shell, before, word)) ?? choose(word, paths(shell, word, isCommand))
}

/** bash: what `complete` has said of the command; undefined where files are as good as anything. */
async function specified(shell: Shell, before: string, word: string): Promise<Completion | undefined> {
  const line = before.slice(Math.max(...[';', '|', '&', '('].map((c) => before.lastIndexOf(c))) + 1).trimStart()
  const spec = shell.completions.get(line.split(/\s/)[0]!)
  if (!spec || !/\s/.test(line)) return undefined
  const called = spec.named.get('F')
  const words = [...(await generated(shell, spec, word)), ...(called === undefined ? [] : await replied(shell, called, line))]
  if (words.length === 0 && (spec.options.has('default') || spec.options.has('bashdefault'))) return undefined
  const end = spec.options.has('nospace') ? '' : ' '
  return choose(
    word,
    words.map((text) => ({ text, shown: text, end })),
  )
}

interface Candidate {
  text: string
  shown: string
  /** What follows a completion that is the only one. */
  end: string
}

function choose(word: string, candidates: Candidate[]): Completion {
  const fit = candidates.filter((c) => c.text.startsWith(word))
  if (fit.length === 0) return { insert: '', choices: [] }
  if (fit.length === 1) return { insert: escape(fit[0]!.text.slice(word.length)) + fit[0]!.end, choices: [fit[0]!.shown] }
  let common = fit[0]!.text
  for (const c of fit) while (!c.text.startsWith(common)) common = common.slice(0, -1)
  return { insert: escape(common.slice(word.length)), choices: fit.map((c) => c.shown) }
}

function escape(text: string): string {
  return text.replace(/[ '"\\$&;|<>()*?`]/g, '\\$&')
}

/** The names of everything that can be run. */
export function commands(shell: Shell): string[] {
  const names = new Set([...builtinNames(shell), ...shell.functions.keys(), ...shell.aliases.keys()])
  for (const dir of (shell.variables.get('PATH') ?? '').split(':')) {
    for (const name of list(shell, dir || '.')) if (shell.task.fs.access(`${dir}/${name}`, EXECUTE)) names.add(name)
  }
  return [...names].sort()
}

function paths(shell: Shell, word: string, executable: boolean): Candidate[] {
  const slash = word.lastIndexOf('/')
  const dir = word.slice(0, slash + 1)
  const home = shell.variables.get('HOME') ?? ''
  const real = dir.startsWith('~/') ? home + dir.slice(1) : dir
  const base = word.slice(slash + 1)
  const out: Candidate[] = []
  for (const name of list(shell, real || '.').sort()) {
    if (name.startsWith('.') && !base.startsWith('.')) continue
    const path = real + name
    const isDirectory = shell.task.fs.exists(path) && shell.task.fs.stat(path).type === 'directory'
    if (executable && !isDirectory && !shell.task.fs.access(path, EXECUTE)) continue
    out.push({ text: dir + name + (isDirectory ? '/' : ''), shown: name + (isDirectory ? '/' : ''), end: isDirectory ? '' : ' ' })
  }
  return out
}

/** The names in a directory; none where there is no such thing. */
export function list(shell: Shell, directory: string): string[] {
  try {
    return shell.task.fs.readdir(directory)
  } catch (error) {
    if (error instanceof SystemError) return []
    throw error
  }
}
