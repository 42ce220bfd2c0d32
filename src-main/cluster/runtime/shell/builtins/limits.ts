/** `umask` and `ulimit`: what a shell hands on to what it starts. */
import { applyMode } from '../../programs/modes.js'
import type { Limit, Task } from '../../task.js'
import type { Shell } from '../shell.js'

/** `u=rwx,g=rx,o=`: what a mask leaves. */
function symbolic(mask: number): string {
  const perms = (n: number): string => (n & 4 ? '' : 'r') + (n & 2 ? '' : 'w') + (n & 1 ? '' : 'x')
  return `u=${perms(mask >> 6)},g=${perms((mask >> 3) & 7)},o=${perms(mask & 7)}`
}

/** What is wrong with a mode that is none. */
function modeProblem(shell: Shell, mode: string): string {
  if (shell.dialect === 'bash') {
    if (/^\d/.test(mode)) return `${mode}: octal number out of range`
    const clause = mode.split(',').find((each) => !/^[ugoa]*([-+=][rwxXstugo]*)+$/.test(each)) ?? mode
    const [, who = '', operator = '', rest = ''] = /^([ugoa]*)([-+=]?)(.*)$/s.exec(clause)!
    void who
    if (operator === '') return `\`${rest[0] ?? ' '}': invalid symbolic mode operator`
    return `\`${/[^rwxXstugo]/.exec(rest)?.[0] ?? ''}': invalid symbolic mode character`
  }
  if (shell.dialect === 'ash') return `illegal mode: ${mode}`
  return `Illegal ${/^\d/.test(mode) ? 'number' : 'mode'}: ${mode}`
}

export async function umask(shell: Shell, argv: readonly string[]): Promise<number> {
  const { task } = shell
  const args = argv.slice(1)
  let letters = ''
  while (/^-[a-zA-Z]+$/.test(args[0] ?? '')) letters += args.shift()!.slice(1)
  const wrong = shell.dialect === 'bash' ? undefined : /[^S]/.exec(letters)?.[0]
  if (wrong) throw shell.error(shell.dialect === 'ash' ? `umask: illegal option -${wrong}` : `umask: Illegal option -${wrong}`)
  if (args[0] === '--') args.shift()
  const [mode] = args
  if (mode !== undefined) {
    const octal = /^[0-7]{1,4}$/.test(mode)
    // What is named is what stays: the opposite of a mask.
    const asked = /^\d/.test(mode) ? (octal ? parseInt(mode, 8) : undefined) : applyMode(mode, ~task.umask & 0o777, true, 0)
    if (asked === undefined) {
      if (shell.dialect !== 'bash') throw shell.error(`umask: ${modeProblem(shell, mode)}`)
      await shell.complainBuiltin('umask', modeProblem(shell, mode))
      return 1
    }
    task.umask = (octal ? asked : ~asked) & 0o777
    // A mode that is set in words is shown in words.
    if (!letters.includes('S') || octal || shell.dialect !== 'bash') return 0
  }
  const text = letters.includes('S') ? symbolic(task.umask) : task.umask.toString(8).padStart(4, '0')
  const prefix = letters.includes('p') ? `umask ${letters.includes('S') ? '-S ' : ''}` : ''
  await task.write(`${prefix}${text}\n`)
  return 0
}

interface Kind {
  letter: string
  /** What bash calls it, with the unit. */
  name: string
  unit: string
  /** What dash calls it; undefined where dash knows none. */
  dash?: string
  initial: Limit
}

const unlimited: Limit = { soft: Infinity, hard: Infinity }
const both = (n: number): Limit => ({ soft: n, hard: n })

/** In the order of bash; the pipe's size is none that can be set. */
const KINDS: readonly Kind[] = [
  { letter: 'R', name: 'real-time non-blocking time', unit: 'microseconds', initial: unlimited },
  { letter: 'c', name: 'core file size', unit: 'blocks', dash: 'coredump(blocks)', initial: unlimited },
  { letter: 'd', name: 'data seg size', unit: 'kbytes', dash: 'data(kbytes)', initial: unlimited },
  { letter: 'e', name: 'scheduling priority', unit: '', initial: both(0) },
  { letter: 'f', name: 'file size', unit: 'blocks', dash: 'file(blocks)', initial: unlimited },
  { letter: 'i', name: 'pending signals', unit: '', initial: both(31_386) },
  { letter: 'l', name: 'max locked memory', unit: 'kbytes', dash: 'locked memory(kbytes)', initial: both(8192) },
  { letter: 'm', name: 'max memory size', unit: 'kbytes', dash: 'memory(kbytes)', initial: unlimited },
  { letter: 'n', name: 'open files', unit: '', dash: 'nofiles', initial: both(1_048_576) },
  { letter: 'p', name: 'pipe size', unit: '512 bytes', initial: both(8) },
  { letter: 'q', name: 'POSIX message queues', unit: 'bytes', initial: both(819_200) },
  { letter: 'r', name: 'real-time priority', unit: '', dash: 'rtprio', initial: both(0) },
  { letter: 's', name: 'stack size', unit: 'kbytes', dash: 'stack(kbytes)', initial: { soft: 8192, hard: Infinity } },
  { letter: 't', name: 'cpu time', unit: 'seconds', dash: 'time(seconds)', initial: unlimited },
  { letter: 'u', name: 'max user processes', unit: '', dash: 'process', initial: unlimited },
  { letter: 'v', name: 'virtual memory', unit: 'kbytes', dash: 'vmemory(kbytes)', initial: unlimited },
  { letter: 'x', name: 'file locks', unit: '', dash: 'locks', initial: unlimited },
]
/** dash's order, and its letters where they are others. */
const DASH_ORDER = 'tfdscmlunvxr'
const DASH_LETTERS: Readonly<Record<string, string>> = { u: 'p', x: 'w' }

const letterIn = (shell: Shell, { letter }: Kind): string => (shell.dialect === 'dash' ? (DASH_LETTERS[letter] ?? letter) : letter)

function kindsOf(shell: Shell): Kind[] {
  if (shell.dialect === 'bash') return [...KINDS]
  if (shell.dialect === 'ash') return KINDS.filter((kind) => !'Rp'.includes(kind.letter))
  return [...DASH_ORDER].map((letter) => KINDS.find((kind) => kind.letter === letter)!)
}

const limitOf = (task: Task, kind: Kind): Limit => task.limits.get(kind.letter) ?? kind.initial
const shown = (n: number): string => (n === Infinity ? 'unlimited' : String(n))

/** The name with the unit and the letter, as a list has it. */
function label(shell: Shell, kind: Kind): string {
  if (shell.dialect === 'dash') return kind.dash!.padEnd(20)
  if (shell.dialect === 'ash')
    return `${`${kind.name}${kind.unit ? ` (${kind.unit === 'kbytes' ? 'kb' : kind.unit})` : ''}`.padEnd(31)} (-${kind.letter})`
  const detail = kind.unit === '' ? `(-${kind.letter})` : `(${kind.unit}, -${kind.letter})`
  return `${kind.name}${detail.padStart(40 - kind.name.length).replace(/^\(/, '  (')}`
}

/** What cannot be set: the rest is remembered, and what is started has it, too. Nothing here comes near a limit. */
async function change(shell: Shell, kind: Kind, text: string, which: { soft: boolean; hard: boolean }): Promise<number> {
  const { task } = shell
  const old = limitOf(task, kind)
  const value =
    text === 'unlimited'
      ? Infinity
      : text === 'hard'
        ? old.hard
        : text === 'soft'
          ? old.soft
          : /^\d+$/.test(text)
            ? Number(text)
            : undefined
  if (value === undefined) {
    if (shell.dialect !== 'bash') throw shell.error('ulimit: bad number')
    await shell.complainBuiltin('ulimit', `${text}: invalid number`)
    return 1
  }
  const next = { soft: which.soft ? value : old.soft, hard: which.hard ? value : old.hard }
  const why =
    kind.letter === 'p' || next.soft > next.hard ? 'Invalid argument' : next.hard > old.hard ? 'Operation not permitted' : undefined
  if (why !== undefined) {
    if (shell.dialect !== 'bash') throw shell.error(`ulimit: error setting limit${shell.dialect === 'ash' ? `: ${why}` : ` (${why})`}`)
    await shell.complainBuiltin('ulimit', `${kind.name}: cannot modify limit: ${why}`)
    return 1
  }
  task.limits.set(kind.letter, next)
  return 0
}

export async function ulimit(shell: Shell, argv: readonly string[]): Promise<number> {
  const kinds = kindsOf(shell)
  const args = argv.slice(1)
  const asked: { kind: Kind; value: string | undefined }[] = []
  const which = { soft: false, hard: false }
  let all = false
  while (/^-./.test(args[0] ?? '') && args[0] !== '--') {
    const word = args.shift()!
    for (const [i, letter] of [...word].entries()) {
      if (i === 0) continue
      if (letter === 'H') which.hard = true
      else if (letter === 'S') which.soft = true
      else if (letter === 'a') all = true
      else {
        const kind = kinds.find((each) => letterIn(shell, each) === letter)
        if (!kind) throw shell.error(`ulimit: ${shell.dialect === 'ash' ? 'invalid option --' : 'Illegal option'} -${letter}`)
        // A value may follow each letter, in bash in the same word.
        const inline = word.slice(i + 1)
        if (shell.dialect === 'bash' && inline !== '') {
          asked.push({ kind, value: inline })
          break
        }
        asked.push({ kind, value: shell.dialect === 'bash' && /^[^-]/.test(args[0] ?? '') ? args.shift() : undefined })
      }
    }
  }
  if (args[0] === '--') args.shift()
  const soft = which.soft || !which.hard
  const read = (kind: Kind): string => shown(soft ? limitOf(shell.task, kind).soft : limitOf(shell.task, kind).hard)
  if (all) {
    await shell.task.write(kinds.map((kind) => `${label(shell, kind)} ${read(kind)}\n`).join(''))
    return 0
  }
  if (asked.length === 0) asked.push({ kind: KINDS.find(({ letter }) => letter === 'f')!, value: args.shift() })
  else if (args.length > 0) asked.at(-1)!.value ??= args.shift()
  if (args.length > 0 && shell.dialect === 'dash') throw shell.error('ulimit: too many arguments')
  let status = 0
  const set = which.soft || which.hard ? which : { soft: true, hard: true }
  for (const { kind, value } of asked) {
    if (value !== undefined) status = Math.max(status, await change(shell, kind, value, set))
    else await shell.task.write(asked.length > 1 && shell.dialect === 'bash' ? `${label(shell, kind)} ${read(kind)}\n` : `${read(kind)}\n`)
  }
  return status
}
