/** `read`: a line of input into variables. */
import { LONGEST_LINE } from '../../open-file.js'
import { Interrupted } from '../endings.js'
import type { Shell } from '../shell.js'

/** CPU ms of a byte that `read` takes by itself. */
const READ_COST = 0.002

interface ReadOptions {
  raw: boolean
  silent: boolean
  prompt?: string
  timeout?: number
  count?: number
  /** `-N`: delimiters do not end it, and the text is not split. */
  exact?: boolean
  delimiter: number
  array?: string
  fd: number
}

async function readOptions(shell: Shell, argv: readonly string[]): Promise<{ options: ReadOptions; names: string[] } | number> {
  const options: ReadOptions = { raw: false, silent: false, delimiter: 10, fd: 0 }
  const args = argv.slice(1)
  const known = shell.dialect === 'dash' ? 'rp' : shell.dialect === 'bash' ? 'rspntdaNuei' : 'rspntdu'
  while (args[0]?.startsWith('-') && args[0].length > 1) {
    const arg = args.shift()!
    if (arg === '--') break
    for (let i = 1; i < arg.length; i++) {
      const c = arg[i]!
      if (!known.includes(c)) throw shell.error(`read: Illegal option -${c}`)
      if (c === 'r') options.raw = true
      else if (c === 's') options.silent = true
      else if ('pntdaNu'.includes(c)) {
        const value = arg.slice(i + 1) || (args.shift() ?? '')
        if (c === 'p') options.prompt = value
        else if (c === 'n' || c === 'N') {
          options.count = Number(value)
          options.exact = c === 'N'
        } else if (c === 't') {
          if (!/^(\d+\.?\d*|\.\d+)$/.test(value)) {
            if (shell.dialect !== 'bash')
              throw shell.error(`read: ${shell.dialect === 'ash' ? 'invalid timeout' : 'Illegal number'}: ${value}`)
            await shell.complainBuiltin('read', `${value}: invalid timeout specification`)
            return 1
          }
          options.timeout = Number(value) * 1000
        } else if (c === 'd') options.delimiter = value === '' ? 0 : value.charCodeAt(0)
        else if (c === 'u') options.fd = Number(value)
        else options.array = value
        break
      }
    }
  }
  return { options, names: args }
}

/** Reads the bytes of a line (or up to `count` characters). `ended` tells that there was no delimiter. */
async function readInput(shell: Shell, options: ReadOptions): Promise<{ text: string; ended: boolean; timedOut: boolean }> {
  const { task } = shell
  const file = task.fd(options.fd)
  if (!file) {
    await shell.complainBuiltin(
      'read',
      shell.dialect === 'bash' ? `${options.fd}: invalid file descriptor: Bad file descriptor` : 'read error: Bad file descriptor',
    )
    return { text: '', ended: true, timedOut: false }
  }
  const end = options.timeout === undefined ? Infinity : task.clock.now() + options.timeout
  const bytes: number[] = []
  const simple = options.timeout === undefined && options.count === undefined && options.delimiter === 10
  for (;;) {
    if (simple) {
      const line = await file.readLine()
      for (const b of line) bytes.push(b)
      const complete = line.at(-1) === 10
      if (complete) bytes.pop()
      if (!complete) return { text: decode(bytes), ended: true, timedOut: false }
      // A backslash joins the next line.
      if (options.raw || !oddBackslashes(bytes)) return { text: decode(bytes), ended: false, timedOut: false }
      bytes.push(10)
      continue
    }
    const left = end - task.clock.now()
    if (left < 0 || !(await task.poll(file, left))) return { text: decode(bytes), ended: true, timedOut: true }
    const b = (await file.read(1))[0]
    const pause = task.tick(READ_COST)
    if (pause) await pause
    if (b === undefined) return { text: decode(bytes), ended: true, timedOut: false }
    if (b === options.delimiter && !options.exact) {
      if (options.raw || !oddBackslashes(bytes)) return { text: decode(bytes), ended: false, timedOut: false }
    }
    // No variable can hold a NUL.
    if (b !== 0) bytes.push(b)
    if (bytes.length > LONGEST_LINE) throw shell.error('read: out of memory', 1)
    if (
      options.count !== undefined &&
      bytes.length >= options.count &&
      [...decode(bytes)].length >= options.count &&
      !decode(bytes).endsWith('\ufffd')
    )
      return { text: decode(bytes), ended: false, timedOut: false }
  }
}

function decode(bytes: number[]): string {
  return Buffer.from(bytes).toString('utf8')
}

function oddBackslashes(bytes: number[]): boolean {
  let n = 0
  for (let i = bytes.length - 1; i >= 0 && bytes[i] === 92; i--) n++
  return n % 2 === 1
}

export async function read(shell: Shell, argv: readonly string[]): Promise<number> {
  const parsed = await readOptions(shell, argv)
  if (typeof parsed === 'number') return parsed
  const { options, names } = parsed
  if (names.length === 0 && !options.array) {
    if (shell.dialect === 'dash') throw shell.error('read: arg count')
    names.push('REPLY')
  }
  for (const name of names)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw shell.error(
        shell.dialect === 'dash' ? `read: ${name}: bad variable name` : `read: \`${name}': not a valid identifier`,
        shell.dialect === 'bash' ? 1 : 2,
      )
  if (options.timeout === 0 && shell.dialect === 'bash') return ready(shell, options.fd) ? 0 : 1
  const { task } = shell
  const isTerminal = task.fd(options.fd)?.kind === 'tty'
  if (options.prompt !== undefined && isTerminal) await task.writeError(options.prompt)
  const terminal = isTerminal ? task.terminal : undefined
  const modes = terminal?.modes
  if (terminal && (options.silent || options.count !== undefined))
    terminal.setModes({ echo: !options.silent && modes!.echo, icanon: options.count === undefined })
  let input: Awaited<ReturnType<typeof readInput>>
  try {
    input = await readInput(shell, options)
  } finally {
    if (terminal && modes) terminal.setModes(modes)
  }
  if (shell.interrupted) {
    shell.interrupted = false
    throw new Interrupted()
  }
  const reply = names.length === 1 && names[0] === 'REPLY' && !argv.includes('REPLY')
  if (options.exact) {
    names.forEach((name, i) => shell.variables.set(name, i === 0 ? (options.raw ? input.text : plain(input.text)) : ''))
  } else if (reply) shell.variables.set('REPLY', options.raw ? input.text : plain(input.text))
  else assignFields(shell, input.text, names, options)
  if (input.timedOut) return shell.dialect === 'bash' ? 142 : 1
  return input.ended ? 1 : 0
}

/** `read -t 0`: whether there is something to read, or the end. */
function ready(shell: Shell, fd: number): boolean {
  return shell.task.description(fd)?.readable() ?? false
}

/** Backslashes taken away: each keeps the next character, or joins lines. */
function plain(text: string): string {
  return text.replace(/\\(\n|.)?/gs, (_m, c: string | undefined) => (c === '\n' || c === undefined ? '' : c))
}

/** Splits a line by IFS over the names; the last one gets the rest. */
function assignFields(shell: Shell, text: string, names: string[], options: ReadOptions): void {
  const ifs = shell.variables.get('IFS') ?? ' \t\n'
  const blanks = [...ifs].filter((c) => ' \t\n'.includes(c)).join('')
  // Each character with whether a backslash protects it.
  const chars: { c: string; protected: boolean }[] = []
  for (let i = 0; i < text.length; i++) {
    if (!options.raw && text[i] === '\\') {
      i++
      if (i < text.length && text[i] !== '\n') chars.push({ c: text[i]!, protected: true })
    } else chars.push({ c: text[i]!, protected: false })
  }
  let at = 0
  const isBlank = (i: number): boolean => i < chars.length && !chars[i]!.protected && blanks.includes(chars[i]!.c)
  const isDelimiter = (i: number): boolean => i < chars.length && !chars[i]!.protected && ifs.includes(chars[i]!.c)
  const skipBlanks = (): void => {
    while (isBlank(at)) at++
  }
  const field = (): string => {
    let value = ''
    while (at < chars.length && !isDelimiter(at)) value += chars[at++]!.c
    return value
  }
  const skipDelimiter = (): void => {
    skipBlanks()
    if (at < chars.length && isDelimiter(at) && !isBlank(at)) {
      at++
      skipBlanks()
    }
  }
  skipBlanks()
  if (options.array !== undefined) {
    const values = new Map<string, string>()
    while (at < chars.length) {
      values.set(String(values.size), field())
      skipDelimiter()
    }
    shell.variables.setArray(options.array, values)
    return
  }
  names.forEach((name, i) => {
    if (i < names.length - 1) {
      shell.variables.set(name, field())
      skipDelimiter()
      return
    }
    const start = at
    const first = field()
    skipDelimiter()
    if (at >= chars.length) return shell.variables.set(name, first)
    // More fields than names: the rest as it stands, without the blanks at its end.
    let end = chars.length
    while (end > start && isBlank(end - 1)) end--
    shell.variables.set(
      name,
      chars
        .slice(start, end)
        .map((x) => x.c)
        .join(''),
    )
  })
}
