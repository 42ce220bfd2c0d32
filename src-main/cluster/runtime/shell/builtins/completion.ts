/** bash: what Tab offers for a command, as `complete` has it be told, and `compgen`, which shows it. */
import { users, groups } from '../../programs/accounts.js'
import { signalNumbers } from '../../process.js'
import { commands, list as entries } from '../complete.js'
import { expandString } from '../expand.js'
import { optionNames } from '../options.js'
import { quotedText } from '../prompt.js'
import { Pattern } from '../pattern.js'
import type { Shell } from '../shell.js'
import { RESERVED } from './commands.js'
import { evalBuiltin } from './control.js'
import { builtinNames } from './registry.js'
import { InvalidOption, usage } from './usage.js'
import { SHOPT } from './variables.js'

/** How the words for a command come about: options of `complete`, and the actions, each under its name. */
export interface CompletionSpec {
  options: Set<string>
  actions: Set<string>
  /** What -G, -W, -P, -S, -X, -F and -C name. */
  named: Map<string, string>
}

/** Letters of actions, and those that have none, in the order in which `complete -p` shows them. */
const LETTERS = {
  a: 'alias', b: 'builtin', c: 'command', d: 'directory', e: 'export', f: 'file', g: 'group', j: 'job', k: 'keyword', s: 'service',
  u: 'user', v: 'variable',
} as const // prettier-ignore
const LONG_ACTIONS = 'arrayvar binding disabled enabled function helptopic hostname running setopt shopt signal stopped'.split(' ')
const ACTIONS: readonly string[] = [...Object.values(LETTERS), ...LONG_ACTIONS]
const OPTIONS = 'bashdefault default dirnames filenames noquote nosort nospace plusdirs'.split(' ')
/** The commands that -D, -E and -I stand for. */
const PLACES: Readonly<Record<string, string>> = { D: '_DefaultCmD_', E: '_EmptycmD_', I: '_InitialWorD_' }

interface Given {
  spec: CompletionSpec
  flags: Set<string>
  names: string[]
}

/** Reads the arguments that `complete` and `compgen` have in common. Throws InvalidOption. */
function read(argv: readonly string[]): Given {
  const spec: CompletionSpec = { options: new Set(), actions: new Set(), named: new Map() }
  const flags = new Set<string>()
  const args = argv.slice(1)
  while (/^-[A-Za-z]/.test(args[0] ?? '')) {
    const letters = args.shift()!.slice(1)
    for (const [i, letter] of [...letters].entries()) {
      if (letter in LETTERS) spec.actions.add(LETTERS[letter as keyof typeof LETTERS])
      else if ('oAGWPSXFC'.includes(letter)) {
        const value = letters.slice(i + 1) || args.shift()
        if (value === undefined) throw new InvalidOption(`-${letter}: option requires an argument`)
        if (letter === 'o' && !OPTIONS.includes(value)) throw new InvalidOption(`${value}: invalid option name`)
        if (letter === 'A' && !ACTIONS.includes(value)) throw new InvalidOption(`${value}: invalid action name`)
        if (letter === 'o') spec.options.add(value)
        else if (letter === 'A') spec.actions.add(value)
        else spec.named.set(letter, value)
        break
      } else if ('prDEI'.includes(letter)) flags.add(letter)
      else throw new InvalidOption(`-${letter}: invalid option`)
    }
  }
  if (args[0] === '--') args.shift()
  return { spec, flags, names: args }
}

async function refused(shell: Shell, name: string, error: unknown): Promise<number> {
  if (!(error instanceof InvalidOption)) throw error
  await shell.complainBuiltin(name, error.message)
  return /invalid option$|requires/.test(error.message) ? usage(shell, name) : 2
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** A specification as the command that makes it. */
function written(name: string, { options, actions, named }: CompletionSpec): string {
  const short = Object.entries(LETTERS).filter(([, action]) => actions.has(action))
  const words = [
    ...OPTIONS.filter((option) => options.has(option)).map((option) => `-o ${option}`),
    ...short.map(([letter]) => `-${letter}`),
    ...LONG_ACTIONS.filter((action) => actions.has(action)).map((action) => `-A ${action}`),
    ...[...'GWPSXC'].filter((letter) => named.has(letter)).map((letter) => `-${letter} ${quoted(named.get(letter)!)}`),
    ...(named.has('F') ? [`-F ${named.get('F')!}`] : []),
  ]
  const place = Object.entries(PLACES).find(([, each]) => each === name)?.[0]
  return `complete ${[...words, place === undefined ? name : `-${place}`].join(' ')}\n`
}

/** `complete [-pr] [-DEI] [what] name…` */
export async function complete(shell: Shell, argv: readonly string[]): Promise<number> {
  let given: Given
  try {
    given = read(argv)
  } catch (error) {
    return refused(shell, 'complete', error)
  }
  const { spec, flags } = given
  const names = [...Object.keys(PLACES).filter((letter) => flags.has(letter)).map((letter) => PLACES[letter]!), ...given.names] // prettier-ignore
  const specs = shell.completions
  if (flags.has('p') || (argv.length === 1 && names.length === 0)) {
    let status = 0
    for (const name of names.length > 0 ? names : specs.keys()) {
      const found = specs.get(name)
      if (found) await shell.task.write(written(name, found))
      else {
        await shell.complainBuiltin('complete', `${name}: no completion specification`)
        status = 1
      }
    }
    return status
  }
  if (flags.has('r')) {
    if (names.length === 0) specs.clear()
    let status = 0
    for (const name of names) {
      if (specs.delete(name)) continue
      await shell.complainBuiltin('complete', `${name}: no completion specification`)
      status = 1
    }
    return status
  }
  if (names.length === 0) return usage(shell, 'complete')
  for (const name of names) specs.set(name, spec)
  return 0
}

/** What a word may become. `compgen [what] [word]`; its status tells whether there is anything. */
export async function compgen(shell: Shell, argv: readonly string[]): Promise<number> {
  try {
    const { spec, names } = read(argv)
    for (const letter of ['F', 'C'] as const)
      if (spec.named.has(letter)) await shell.complainBuiltin('compgen', `warning: -${letter} option may not work as you expect`)
    const words = await generated(shell, spec, names[0] ?? '')
    await shell.task.write(words.map((word) => `${word}\n`).join(''))
    return words.length > 0 ? 0 : 1
  } catch (error) {
    return refused(shell, 'compgen', error)
  }
}

/** bash: changes the options of the completion that is under way; there is none outside of a function that completes. */
export async function compopt(shell: Shell, argv: readonly string[]): Promise<number> {
  const names = argv.slice(1).filter((word, i, all) => !/^[-+]/.test(word) && !/^[-+]o$/.test(all[i - 1] ?? ''))
  if (names.length === 0) {
    await shell.complainBuiltin('compopt', 'not currently executing completion function')
    return 1
  }
  for (const name of names) {
    const spec = shell.completions.get(name)
    if (!spec) {
      await shell.complainBuiltin('compopt', `${name}: no completion specification`)
      return 1
    }
    for (const [i, word] of argv.entries()) {
      if (word === '-o') spec.options.add(argv[i + 1] ?? '')
      if (word === '+o') spec.options.delete(argv[i + 1] ?? '')
    }
  }
  return 0
}

/** The words of a specification that begin as the one that is being typed. */
export async function generated(shell: Shell, spec: CompletionSpec, word: string): Promise<string[]> {
  const found: string[] = []
  for (const action of spec.actions) found.push(...wordsOf(shell, action, word).filter((each) => each.startsWith(word)))
  const list = spec.named.get('W')
  if (list !== undefined) {
    const text = await expandString(shell, quotedText(shell, list))
    const separators = shell.variables.get('IFS') ?? ' \t\n'
    found.push(...split(text, separators).filter((each) => each.startsWith(word)))
  }
  const filter = spec.named.get('X')
  const kept = filter === undefined ? found : found.filter((each) => filtered(each, filter.replaceAll('&', word)))
  return kept.map((each) => `${spec.named.get('P') ?? ''}${each}${spec.named.get('S') ?? ''}`)
}

/** What the function of -F leaves in COMPREPLY for the word at the end of a line. */
export async function replied(shell: Shell, called: string, line: string): Promise<string[]> {
  const words = line.split(/\s+/)
  const [cursor, current, before] = [words.length - 1, words.at(-1)!, words.at(-2) ?? '']
  const setting = `COMP_WORDS=(${words.map(quoted).join(' ')}); COMP_CWORD=${cursor}; COMP_LINE=${quoted(line)}; COMP_POINT=${line.length}; COMPREPLY=()`
  await evalBuiltin(shell, ['eval', `${setting}; ${called} ${[words[0]!, current, before].map(quoted).join(' ')}`])
  const reply = shell.variables.list().find(([name]) => name === 'COMPREPLY')?.[1]
  return reply?.elements ? [...reply.elements.values()] : []
}

function filtered(word: string, filter: string): boolean {
  return filter.startsWith('!') ? new Pattern(filter.slice(1)).matches(word) : !new Pattern(filter).matches(word)
}

function split(text: string, separators: string): string[] {
  const words: string[] = []
  let word = ''
  for (const ch of text) {
    if (!separators.includes(ch)) word += ch
    else {
      if (word !== '') words.push(word)
      word = ''
    }
  }
  return word === '' ? words : [...words, word]
}

function wordsOf(shell: Shell, action: string, word: string): string[] {
  const variables = shell.variables.list()
  const { fs } = shell.task
  switch (action) {
    case 'alias':
      return [...shell.aliases.keys()].sort()
    case 'arrayvar':
      return variables.filter(([, v]) => v.elements !== undefined).map(([name]) => name)
    case 'builtin':
    case 'enabled':
    case 'helptopic':
      return builtinNames(shell).filter((name) => action === 'builtin' || !shell.disabled.has(name))
    case 'disabled':
      return [...shell.disabled]
    case 'command':
      return commands(shell)
    case 'directory':
    case 'file':
      return files(shell, word).filter((path) => action === 'file' || (fs.exists(path) && fs.stat(path).type === 'directory'))
    case 'export':
      return variables.filter(([, v]) => v.exported).map(([name]) => name)
    case 'function':
      return [...shell.functions.keys()].sort()
    case 'group':
      return groups(fs).map(({ name }) => name)
    case 'hostname':
      return [shell.task.hostname]
    case 'job':
    case 'running':
      return shell.jobs.shown.map(({ text }) => text.split(' ')[0]!)
    case 'keyword':
      return [...RESERVED, '[[', ']]', 'coproc', 'function', 'select', 'time']
    case 'setopt':
      return [...optionNames('bash')]
    case 'shopt':
      return [...SHOPT]
    case 'signal':
      return Object.keys(signalNumbers).map((name) => `SIG${name}`)
    case 'user':
      return users(fs).map(({ name }) => name)
    case 'variable':
      return variables.map(([name]) => name).sort()
    default:
      return []
  }
}

/** The paths that begin with a word. */
function files(shell: Shell, word: string): string[] {
  const dir = word.slice(0, word.lastIndexOf('/') + 1)
  return entries(shell, dir || '.')
    .filter((name) => !name.startsWith('.') || word.slice(dir.length).startsWith('.'))
    .sort()
    .map((name) => dir + name)
}
