/** Where a shell gets its commands from: `-c`, a script, standard input, a person. Also the shell's command line. */
import { REDIRECTS } from './command-parts.js'
import { isErrorCode } from '../errors.js'
import type { Process, Program } from '../process.js'
import { SystemError } from '../process.js'
import { bashVersion } from '../programs/gnu-versions.js'
import { taskOf, type Task } from '../task.js'
import { ShellSyntaxError, type Dialect, type Node } from './ast.js'
import { setLetters, setOption } from './builtins/variables.js'
import { runInteractive } from './interactive.js'
import { execute, EXIT } from './interpreter.js'
import { Parser } from './parser.js'
import { Shell } from './shell.js'

/** What the shell says of a text it cannot parse. */
export function syntaxMessage(shell: Shell, error: ShellSyntaxError): string {
  const { dialect } = shell
  const reserved = /^(if|then|else|elif|fi|do|done|case|esac|while|until|for|in|\{|\}|!|\W+)$/.test(error.token)
  if (error.kind === 'unterminated') {
    if (dialect === 'bash') return `unexpected EOF while looking for matching \`${error.token === '((' ? ')' : error.token}'`
    if (error.token === '`')
      return dialect === 'dash' ? 'Syntax error: EOF in backquote substitution' : 'syntax error: EOF in backquote substitution'
    if (error.token === '}') return dialect === 'dash' ? "Syntax error: Missing '}'" : "syntax error: missing '}'"
    if (error.token === '((') return dialect === 'dash' ? "Syntax error: Missing '))'" : "syntax error: missing '))'"
    return dialect === 'dash' ? 'Syntax error: Unterminated quoted string' : 'syntax error: unterminated quoted string'
  }
  if (error.kind === 'bad')
    return dialect === 'bash'
      ? `syntax error: ${error.token}`
      : dialect === 'dash'
        ? `Syntax error: ${error.token}`
        : `syntax error: ${error.token.toLowerCase()}`
  const end = error.token === 'end of file'
  if (dialect === 'bash') return end ? 'syntax error: unexpected end of file' : `syntax error near unexpected token \`${error.token}'`
  const named = end || error.token === 'newline' ? error.token : reserved ? `"${error.token}"` : 'word'
  const token = REDIRECTS.has(error.token) ? 'redirection' : named
  const expecting = error.expecting ? ` (expecting "${error.expecting}")` : ''
  return dialect === 'dash' ? `Syntax error: ${token} unexpected${expecting}` : `syntax error: unexpected ${token}${expecting}`
}

/** Tells of a text that cannot be parsed. Returns the status. */
export async function complainSyntax(shell: Shell, error: ShellSyntaxError, text?: string, startLine = 1): Promise<number> {
  // The end of a text without a newline counts as one.
  const unended = shell.dialect === 'bash' && error.token === 'end of file' && text !== undefined && !text.endsWith('\n')
  shell.line = error.line + (unended ? 1 : 0)
  const message = text === undefined ? syntaxMessage(shell, error) : withSource(shell, error, text, startLine)
  if (shell.dialect === 'bash' && shell.origin === 'string' && !shell.options.interactive)
    await shell.task.writeError(
      `${shell.arg0}: -c: line ${shell.line}: ${message.replace(/\n.*: /s, `\n${shell.arg0}: -c: line ${shell.line}: `)}\n`,
    )
  else await shell.complain(message)
  return 2
}

/** bash shows the line of a script that it does not understand. */
function withSource(shell: Shell, error: ShellSyntaxError, text: string, startLine: number): string {
  const message = syntaxMessage(shell, error)
  if (shell.dialect !== 'bash' || shell.options.interactive || error.kind !== 'unexpected' || error.token === 'end of file') return message
  return `${message}\n${shell.prefix()}\`${text.split('\n')[error.line - startLine] ?? ''}'`
}

/** Runs a text in this shell, command by command: `eval`, `.`, `-c`. With EXIT in `flags` the last command may replace the process. */
export async function runText(shell: Shell, text: string, startLine = 1, flags = 0, within?: 'eval'): Promise<number> {
  const parser = new Parser(text, shell.dialect, shell.aliases, startLine, () => shell.shopt.has('extglob'))
  let status = 0
  for (;;) {
    let node: Node | undefined | null
    try {
      node = parser.nextCommand()
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error
      if (within && shell.dialect === 'bash') return complainEval(shell, error, text, startLine)
      throw shell.error(await quietSyntax(shell, error, text, startLine), 2)
    }
    for (const w of parser.warnings.splice(0)) await warnOfEnd(shell, w)
    if (node === undefined) return status
    if (node === null) continue
    if (shell.options.verbose) await shell.task.writeError(text)
    try {
      status = await execute(shell, node, flags & EXIT && parser.atEnd ? EXIT : 0)
    } catch (error) {
      status = await shell.discarded(error)
    }
  }
}

/** bash tells of a here-document that has no end. */
async function warnOfEnd(shell: Shell, w: { line: number; started: number; delimiter: string }): Promise<void> {
  if (shell.dialect !== 'bash') return
  const where = shell.options.interactive ? '' : `line ${w.line}: `
  await shell.task.writeError(
    `${shell.arg0}: ${where}warning: here-document at line ${w.started} delimited by end-of-file (wanted \`${w.delimiter}')\n`,
  )
}

/** bash: `eval` of a wrong text only fails. */
async function complainEval(shell: Shell, error: ShellSyntaxError, text: string, startLine: number): Promise<number> {
  if (shell.options.interactive) {
    await shell.task.writeError(`${shell.baseName}: ${syntaxMessage(shell, error)}\n`)
    return 2
  }
  const line = error.line + (error.token === 'end of file' ? 1 : 0)
  const where = `${shell.arg0}: eval: line ${line}: `
  const lines = [syntaxMessage(shell, error)]
  if (error.kind === 'unexpected' && error.token !== 'end of file') lines.push(`\`${text.split('\n')[error.line - startLine] ?? ''}'`)
  await shell.task.writeError(lines.map((l) => `${where}${l}\n`).join(''))
  return 2
}

/** bash puts `-c:` in front; the others have the usual prefix. */
async function quietSyntax(shell: Shell, error: ShellSyntaxError, text: string, startLine: number): Promise<string> {
  shell.line = error.line
  if (shell.dialect === 'bash' && shell.origin === 'string') {
    await complainSyntax(shell, error, text, startLine)
    throw new SyntaxExit()
  }
  return withSource(shell, error, text, startLine)
}

/** The error has been told already. */
class SyntaxExit extends Error {}

/**
 * Runs commands from standard input, each as soon as it is complete. bash reads no further than it needs, so that
 * commands can read what follows; dash and ash read a buffer full, and what is in it is gone for others.
 */
export async function runInput(shell: Shell): Promise<number> {
  let text = ''
  let line = 1
  let status = 0
  let buffered = ''
  const nextLine = async (): Promise<string> => {
    const file = shell.task.fd(0)
    if (!file) return ''
    if (shell.dialect === 'bash') return Buffer.from(await file.readLine()).toString('utf8')
    while (!buffered.includes('\n')) {
      const data = await file.read(8192)
      if (data.length === 0) break
      buffered += Buffer.from(data).toString('latin1')
    }
    const end = buffered.indexOf('\n') + 1 || buffered.length
    const first = buffered.slice(0, end)
    buffered = buffered.slice(end)
    return Buffer.from(first, 'latin1').toString('utf8')
  }
  for (;;) {
    const next = await nextLine()
    const ended = next === ''
    text += next
    if (ended && text === '') return status
    const parser = new Parser(text, shell.dialect, shell.aliases, line, () => shell.shopt.has('extglob'))
    parser.interactive = !ended
    const nodes: Node[] = []
    try {
      for (let node = parser.nextCommand(); node !== undefined; node = parser.nextCommand()) if (node) nodes.push(node)
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error
      if (error.incomplete && !ended) continue
      throw shell.error(await quietSyntax(shell, error, text, line), 2)
    }
    line = parser.currentLine
    text = ''
    for (const node of nodes) status = await execute(shell, node, 0).catch((error: unknown) => shell.discarded(error))
    if (ended) return status
  }
}

/** Runs a script's text as a shell of its own in the process `task`. */
export async function runScriptText(
  task: Task,
  dialect: Dialect,
  path: string,
  args: readonly string[],
  text: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const shell = new Shell(task, dialect, path)
  importEnvironment(shell, env)
  shell.origin = 'file'
  shell.positional = [...args]
  return run(shell, () => runText(shell, text))
}

/** Runs a shell to its end. */
async function run(shell: Shell, body: () => Promise<number>): Promise<number> {
  return shell.finish(async () => {
    try {
      return await body()
    } catch (error) {
      if (error instanceof SyntaxExit) return 2
      throw error
    }
  })
}

function importEnvironment(shell: Shell, env: Readonly<Record<string, string>>): void {
  const { variables, task } = shell
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      // What is no name of a variable still reaches the commands; dash alone keeps it from them.
      if (shell.dialect !== 'dash') variables.passedOn[name] = value
      continue
    }
    variables.set(name, value)
    variables.mark(name, { exported: true })
  }
  if (shell.dialect === 'bash') {
    for (const [name, value] of Object.entries(env)) {
      const exported = /^BASH_FUNC_(.+)%%$/.exec(name)
      if (exported && value.startsWith('() {')) importFunction(shell, exported[1]!, value)
    }
  }
  variables.set('IFS', ' \t\n')
  variables.mark('IFS', { exported: false })
  const set = (name: string, value: string): void => {
    if (variables.get(name) === undefined) variables.set(name, value)
  }
  variables.set('OPTIND', '1')
  variables.set('PPID', String(task.ppid))
  set('PS1', shell.dialect === 'ash' ? '\\w \\$ ' : shell.dialect === 'bash' ? '\\s-\\v\\$ ' : task.uid === 0 ? '# ' : '$ ')
  set('PS2', '> ')
  set('PS4', '+ ')
  set('PATH', '/sbin:/usr/sbin:/bin:/usr/bin')
  variables.set('PWD', task.cwd)
  if (shell.dialect === 'bash') {
    // The bash image says in its environment which one it has.
    const version = variables.get('_BASH_VERSION') ?? bashVersion(task.fs)
    variables.set('BASH_VERSION', `${version}(1)-release`)
    variables.set('BASH', '/bin/bash')
    variables.set('OSTYPE', 'linux-gnu')
    variables.set('HOSTTYPE', 'x86_64')
    variables.setArray(
      'BASH_VERSINFO',
      new Map([...version.split('.'), '1', 'release', 'x86_64-pc-linux-gnu'].map((v, i) => [String(i), v])),
    )
    const level = Number(variables.get('SHLVL') ?? 0) + 1
    variables.set('SHLVL', String(level))
    variables.mark('SHLVL', { exported: true })
    variables.mark('PWD', { exported: true })
  } else if (shell.dialect === 'ash') {
    variables.mark('PWD', { exported: true })
    variables.set('SHLVL', String(Number(variables.get('SHLVL') ?? 0) + 1))
    variables.mark('SHLVL', { exported: true })
  } else variables.mark('PWD', { exported: true })
}

/** A function that another bash has exported; a text that is no function is left alone. */
function importFunction(shell: Shell, name: string, text: string): void {
  try {
    const node = new Parser(`${name} ${text}`, shell.dialect).all()
    if (node?.type !== 'function') return
    shell.defineFunction(name, node)
    shell.exportedFunctions.add(name)
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error
  }
}

interface CommandLine {
  command?: string
  login: boolean
  rest: string[]
}

function parseCommandLine(shell: Shell, argv: readonly string[]): CommandLine {
  const rest = argv.slice(1)
  const line: CommandLine = { login: argv[0]?.startsWith('-') ?? false, rest }
  let wantsCommand = false
  while (rest.length > 0 && /^[-+]./.test(rest[0]!)) {
    const arg = rest.shift()!
    if (arg === '--') break
    if (arg === '--login') line.login = true
    if (arg.startsWith('--')) continue
    const on = arg[0] === '-'
    for (const c of arg.slice(1)) {
      if (c === 'c' && on) wantsCommand = true
      else if (c === 'l' && on) line.login = true
      else if (c === 'o') setOption(shell, rest.shift() ?? '', on)
      else setLetters(shell, c, on)
    }
  }
  if (rest[0] === '-') rest.shift()
  if (wantsCommand) {
    line.command = rest.shift()
    if (line.command === undefined)
      throw shell.error(shell.dialect === 'bash' ? '-c: option requires an argument' : '-c requires an argument', 2)
  }
  return line
}

/** What `bash --version` prints. */
function versionOf(shell: Shell): string {
  return `GNU bash, version ${shell.variables.get('BASH_VERSION')} (x86_64-pc-linux-gnu)
Copyright (C) 2022 Free Software Foundation, Inc.
License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>

This is free software; you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.
`
}

/** The shell as a program: sh, ash, bash. */
export function shellProgram(dialect: Dialect): Program {
  return async (process: Process) => {
    const task = taskOf(process)
    const shell = new Shell(task, dialect, task.argv[0]?.replace(/^-/, '') ?? 'sh')
    importEnvironment(shell, task.env)
    if (dialect === 'bash' && task.argv[1] === '--version') return task.write(versionOf(shell)).then(() => 0)
    return run(shell, async () => {
      const line = parseCommandLine(shell, task.argv)
      shell.isLogin = line.login
      if (line.login) await sourceIfThere(shell, '/etc/profile')
      if (line.command !== undefined) {
        shell.origin = 'string'
        if (line.rest.length > 0) shell.arg0 = line.rest.shift()!
        shell.positional = line.rest
        return runText(shell, line.command, 1, EXIT)
      }
      if (line.rest.length > 0 && !shell.options.stdin) {
        const path = line.rest.shift()!
        shell.positional = line.rest
        return runFile(shell, path)
      }
      shell.positional = line.rest
      shell.options.stdin = true
      if (shell.options.interactive || (task.fd(0)?.kind === 'tty' && task.fd(2)?.kind === 'tty')) {
        shell.options.interactive = true
        if (dialect === 'bash') {
          shell.options.emacs = shell.options.histexpand = shell.options.history = true
          await sourceIfThere(shell, '/etc/bash.bashrc')
          await sourceIfThere(shell, `${shell.variables.get('HOME') ?? ''}/.bashrc`)
        } else if (shell.variables.get('ENV')) await sourceIfThere(shell, shell.variables.get('ENV')!)
        return runInteractive(shell)
      }
      return runInput(shell)
    })
  }
}

async function sourceIfThere(shell: Shell, path: string): Promise<void> {
  if (shell.task.fs.exists(path)) await runText(shell, shell.task.fs.readText(path))
}

async function runFile(shell: Shell, path: string): Promise<number> {
  const { fs } = shell.task
  let text: string
  try {
    text = fs.readText(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const missing = isErrorCode(error, 'ENOENT')
    if (shell.dialect === 'bash') await shell.task.writeError(`${shell.arg0}: ${path}: ${error.message}\n`)
    else if (shell.dialect === 'dash')
      await shell.task.writeError(`${shell.arg0}: 0: cannot open ${path}: ${missing ? 'No such file' : error.message}\n`)
    else await shell.task.writeError(`${shell.arg0}: can't open '${path}': ${error.message}\n`)
    return missing ? (shell.dialect === 'bash' ? 127 : 2) : shell.dialect === 'bash' ? 126 : 2
  }
  shell.arg0 = path
  shell.origin = 'file'
  return runText(shell, text)
}
