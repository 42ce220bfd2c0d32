/** Builtins about commands: `alias`, `command`, `hash`, `type`. */
import { searchPath } from '../../program-file.js'
import { runProgram } from '../run-program.js'
import type { Shell } from '../shell.js'
import { functionText } from '../source-text.js'
import { usage } from './usage.js'
import { builtinNames, builtinOf, isSpecial } from './registry.js'

/** The words of the grammar that every dialect has. */
export const RESERVED = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
])

/** A value in single quotes, as `alias` and `export -p` print it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`
}

export async function aliasBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  const prefix = shell.dialect === 'bash' ? 'alias ' : ''
  const args = argv.slice(1).filter((a) => a !== '-p')
  if (args.length === 0) {
    for (const [name, text] of [...shell.aliases].sort()) await shell.task.write(`${prefix}${name}=${quoted(text)}\n`)
    return 0
  }
  let status = 0
  for (const arg of args) {
    const eq = arg.indexOf('=', 1)
    if (eq > 0) shell.aliases.set(arg.slice(0, eq), arg.slice(eq + 1))
    else if (shell.aliases.has(arg)) await shell.task.write(`${prefix}${arg}=${quoted(shell.aliases.get(arg)!)}\n`)
    else {
      if (shell.dialect === 'bash') await shell.complainBuiltin('alias', `${arg}: not found`)
      else await shell.task.writeError(`alias: ${arg} not found\n`)
      status = 1
    }
  }
  return status
}

export async function unalias(shell: Shell, argv: readonly string[]): Promise<number> {
  if (argv[1] === '-a') {
    shell.aliases.clear()
    return 0
  }
  if (argv.length === 1 && shell.dialect === 'bash') return usage(shell, 'unalias')
  let status = 0
  for (const name of argv.slice(1)) {
    if (shell.aliases.delete(name)) continue
    status = 1
    if (shell.dialect === 'bash') await shell.complainBuiltin('unalias', `${name}: not found`)
    else if (shell.dialect === 'ash') await shell.task.writeError(`${shell.arg0}: unalias: ${name} not found\n`)
    else await shell.task.writeError(`unalias: ${name} not found\n`)
  }
  return status
}

export async function hash(shell: Shell, argv: readonly string[]): Promise<number> {
  const bash = shell.dialect === 'bash'
  const names = argv.slice(1)
  let letters = ''
  let path: string | undefined
  if (!bash && /^-[^r-]/.test(names[0] ?? '')) {
    await shell.complainBuiltin('hash', `Illegal option -${names[0]![1]}`)
    return 2
  }
  while (/^-[lrptd]+$/.test(names[0] ?? '')) {
    letters += names.shift()!.slice(1)
    if (bash && letters.endsWith('p')) path = names.shift()
  }
  if (letters.includes('r')) shell.hashed.clear()
  else if (argv.length === 1 && bash) await shell.task.write('hash: hash table empty\n')
  let status = 0
  for (const name of names) {
    if (path !== undefined || name.includes('/') || builtinOf(shell, name) !== undefined) continue
    const [found] = pathsOf(shell, name)
    const forgotten = bash && ((letters.includes('d') && !shell.hashed.has(name)) || (letters.includes('t') && !shell.hashed.has(name)))
    if (found !== undefined && !forgotten) {
      if (bash && letters.includes('t')) await shell.task.write(names.length > 1 ? `${name}\t${found}\n` : `${found}\n`)
      continue
    }
    if (bash) await shell.complainBuiltin('hash', `${name}: not found`)
    else await shell.complainBuiltin('hash', `${name}: not found`)
    status = 1
  }
  return status
}

/** What running `name` would run. */
async function describe(
  shell: Shell,
  name: string,
  style: 'type' | 'command -v' | 'command -V',
  out: (text: string) => Promise<void>,
): Promise<boolean> {
  const brief = style === 'command -v'
  if (RESERVED.has(name)) {
    await out(brief ? name : `${name} is a shell keyword`)
    return true
  }
  const alias = shell.aliases.get(name)
  if (alias !== undefined) {
    if (brief) await out(`alias ${name}=${quoted(alias)}`)
    else await out(shell.dialect === 'bash' ? `${name} is aliased to \`${alias}'` : `${name} is an alias for ${alias}`)
    return true
  }
  const fn = shell.functions.get(name)
  if (fn) {
    await out(
      brief
        ? name
        : shell.dialect === 'bash'
          ? `${name} is a function\n${functionText(fn)}`
          : `${name} is a ${shell.dialect === 'dash' ? 'shell function' : 'function'}`,
    )
    return true
  }
  if (builtinOf(shell, name)) {
    await out(brief ? name : `${name} is a ${isSpecial(shell, name) && shell.dialect !== 'bash' ? 'special shell' : 'shell'} builtin`)
    return true
  }
  const { path } = searchPath(shell.task.fs, name, shell.variables.get('PATH'))
  if (path && shell.task.fs.exists(path)) {
    await out(brief ? path : `${name} is ${path}`)
    return true
  }
  return false
}

/** Whether the shell itself has something of that name: a word of its language, an alias, a function, a builtin. */
function isOfShell(shell: Shell, name: string): boolean {
  return RESERVED.has(name) || shell.aliases.has(name) || shell.functions.has(name) || builtinOf(shell, name) !== undefined
}

/** All programs of a name, in the order of PATH. */
function pathsOf(shell: Shell, name: string): string[] {
  const directories = (shell.variables.get('PATH') ?? '').split(':')
  const found = name.includes('/') ? [name] : directories.map((directory) => `${directory || '.'}/${name}`)
  return found.filter(
    (path) => shell.task.fs.exists(path) && shell.task.fs.stat(path).type === 'file' && (shell.task.fs.stat(path).mode & 0o111) !== 0,
  )
}

export async function typeBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  let status = 0
  let args = argv.slice(1)
  let letters = ''
  while (shell.dialect === 'bash' && /^-[tpPaf]+$/.test(args[0] ?? '')) {
    letters += args[0]!.slice(1)
    args = args.slice(1)
  }
  if (args[0] === '--') args = args.slice(1)
  // Of those that say what is shown the last counts.
  const mode = [...letters].filter((letter) => 'tpP'.includes(letter)).at(-1)
  const brief = mode === 't'
  for (const name of args) {
    const only = mode === 'P' || (mode === 'p' && !isOfShell(shell, name))
    if (mode === 'p' && !only) continue
    if (only || letters.includes('a')) {
      const files = pathsOf(shell, name)
      const shown = only ? files.slice(0, letters.includes('a') ? undefined : 1) : []
      for (const path of shown) await shell.task.write(`${path}\n`)
      if (only) {
        if (files.length === 0) status = 1
        continue
      }
      const known = isOfShell(shell, name)
      if (known && !brief) await describe(shell, name, 'type', (t) => shell.task.write(`${t}\n`))
      if (!brief) for (const path of files) await shell.task.write(`${name} is ${path}\n`)
      if (!brief && !known && files.length === 0) {
        await shell.complainBuiltin('type', `${name}: not found`)
        status = 1
      }
      if (!brief) continue
    }
    if (brief) {
      const kind = RESERVED.has(name)
        ? 'keyword'
        : shell.aliases.has(name)
          ? 'alias'
          : shell.functions.has(name)
            ? 'function'
            : builtinOf(shell, name)
              ? 'builtin'
              : searchPath(shell.task.fs, name, shell.variables.get('PATH')).path
                ? 'file'
                : undefined
      if (kind) await shell.task.write(`${kind}\n`)
      else status = 1
    } else if (!(await describe(shell, name, 'type', (t) => shell.task.write(`${t}\n`)))) {
      if (shell.dialect === 'bash') await shell.complainBuiltin('type', `${name}: not found`)
      else await shell.task.write(`${name}: not found\n`)
      status = shell.dialect === 'bash' ? 1 : 127
    }
  }
  return status
}

export async function commandBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  let args = argv.slice(1)
  let show: 'command -v' | 'command -V' | undefined
  while (args[0] && /^-[pvV]+$/.test(args[0])) {
    if (args[0].includes('V')) show = 'command -V'
    else if (args[0].includes('v')) show = 'command -v'
    args = args.slice(1)
  }
  if (args[0] === '--') args = args.slice(1)
  if (args.length === 0) return 0
  if (show) {
    let status = 0
    for (const name of args) {
      if (await describe(shell, name, show, (t) => shell.task.write(`${t}\n`))) continue
      if (show === 'command -V') {
        if (shell.dialect === 'bash') await shell.complainBuiltin('command', `${name}: not found`)
        else await shell.task.write(`${name}: not found\n`)
      }
      status = shell.dialect === 'bash' ? 1 : 127
    }
    return status
  }
  const builtin = builtinOf(shell, args[0]!)
  if (builtin) return builtin(shell, args)
  const task = shell.fork((child) => runProgram(child, args), { processGroup: shell.jobs.groupFor(undefined) })
  return (await shell.jobs.foreground([task], args.join(' '))).at(-1)!
}

/** bash: `builtin`: a builtin, also where a function has its name. */
export async function builtinBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  const name = argv[1]
  if (name === undefined) return 0
  const found = builtinOf(shell, name)
  if (found) return found(shell, argv.slice(1))
  await shell.complainBuiltin('builtin', `${name}: not a shell builtin`)
  return 1
}

/** bash: `enable [-n] [name…]`: switches builtins on and off. */
export async function enable(shell: Shell, argv: readonly string[]): Promise<number> {
  const off = argv.some((a) => /^-\w*n/.test(a))
  const names = argv.slice(1).filter((a) => !a.startsWith('-'))
  if (names.length === 0) {
    const listed = off ? [...shell.disabled].sort() : builtinNames(shell)
    await shell.task.write(listed.map((name) => `enable ${off ? '-n ' : ''}${name}\n`).join(''))
    return 0
  }
  let status = 0
  for (const name of names) {
    if (!builtinNames(shell).includes(name) && !shell.disabled.has(name)) {
      await shell.complainBuiltin('enable', `${name}: not a shell builtin`)
      status = 1
    } else if (off) shell.disabled.add(name)
    else shell.disabled.delete(name)
  }
  return status
}

/** bash: `caller [n]`: where the running function was called from. */
export async function caller(shell: Shell, argv: readonly string[]): Promise<number> {
  const text = argv[1]
  if (text !== undefined && !/^\d+$/.test(text)) {
    await shell.complainBuiltin('caller', `${text}: invalid number`)
    return usage(shell, 'caller')
  }
  const found = shell.callStack.caller(text === undefined ? undefined : Number(text))
  if (found === undefined) return 1
  await shell.task.write(`${found}\n`)
  return 0
}
