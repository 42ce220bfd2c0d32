/** bash: `mapfile`: the lines of a file into an array. */
import { InvalidOption } from './usage.js'
import { LONGEST_LINE } from '../../open-file.js'
import { runText } from '../script.js'
import type { Shell } from '../shell.js'
import { reusable } from '../printf.js'

interface Options {
  delimiter: number
  /** Lines to take; 0 for all. */
  count: number
  origin: number | undefined
  skip: number
  trim: boolean
  fd: number
  callback: string | undefined
  quantum: number
}

/** What the options with a number are about. */
const NUMBERS: Readonly<Record<string, string>> = {
  n: 'line count',
  O: 'array origin',
  s: 'line count',
  u: 'file descriptor specification',
  c: 'callback quantum',
}

/** The options and the array's name. Throws {@link InvalidOption}. */
function parse(args: readonly string[]): { options: Options; name: string } {
  const options: Options = { delimiter: 10, count: 0, origin: undefined, skip: 0, trim: false, fd: 0, callback: undefined, quantum: 5000 }
  const rest = [...args]
  while (rest[0]?.startsWith('-') && rest[0].length > 1) {
    const arg = rest.shift()!
    if (arg === '--') break
    for (let i = 1; i < arg.length; i++) {
      if (arg[i] === 't') {
        options.trim = true
        continue
      }
      const value = arg.slice(i + 1) || (rest.shift() ?? '')
      const what = NUMBERS[arg[i]!]
      if (what !== undefined && !/^\d+$/.test(value)) throw new InvalidOption(`${value}: invalid ${what}`)
      if (arg[i] === 'd') options.delimiter = value === '' ? 0 : value.charCodeAt(0)
      else if (arg[i] === 'n') options.count = Number(value)
      else if (arg[i] === 'O') options.origin = Number(value)
      else if (arg[i] === 's') options.skip = Number(value)
      else if (arg[i] === 'u') options.fd = Number(value)
      else if (arg[i] === 'C') options.callback = value
      else if (arg[i] === 'c') options.quantum = Number(value)
      break
    }
  }
  return { options, name: rest[0] ?? 'MAPFILE' }
}

export async function mapfile(shell: Shell, argv: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv.slice(1))
  } catch (error) {
    if (!(error instanceof InvalidOption)) throw error
    await shell.complainBuiltin(argv[0]!, error.message)
    return 1
  }
  const { options, name } = parsed
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    await shell.complainBuiltin(argv[0]!, `\`${name}': not a valid identifier`)
    return 1
  }
  const file = shell.task.fd(options.fd)
  if (!file) {
    await shell.complainBuiltin(argv[0]!, `${options.fd}: invalid file descriptor: Bad file descriptor`)
    return 1
  }
  // Without -O the array is emptied first.
  if (options.origin === undefined) shell.variables.setArray(name, new Map())
  let taken = 0
  let left = options.skip
  for (;;) {
    if (options.count > 0 && taken >= options.count) return 0
    const line = await piece(shell, file, options.delimiter)
    if (line === undefined) return 0
    if (left > 0) {
      left--
      continue
    }
    const index = (options.origin ?? 0) + taken++
    const text = options.trim
      ? line.replace(options.delimiter === 0 ? /\0$/ : /[\s\S]$/, (c) => (c.charCodeAt(0) === options.delimiter ? '' : c))
      : line
    if (options.callback !== undefined && taken % options.quantum === 0)
      await runText(shell, `${options.callback} ${index} ${reusable(text)}`, shell.line)
    shell.variables.setElement(name, String(index), text.replaceAll('\0', ''))
  }
}

/** Text up to a delimiter, which is part of it. undefined at the end. */
async function piece(shell: Shell, file: NonNullable<ReturnType<Shell['task']['fd']>>, delimiter: number): Promise<string | undefined> {
  if (delimiter === 10) {
    const line = await file.readLine()
    return line.length === 0 ? undefined : Buffer.from(line).toString('utf8')
  }
  const bytes: number[] = []
  for (;;) {
    const pause = shell.task.tick(0.002)
    if (pause) await pause
    const b = (await file.read(1))[0]
    if (b !== undefined) bytes.push(b)
    if (bytes.length > LONGEST_LINE) throw shell.error('mapfile: out of memory', 1)
    if (b === delimiter || (b === undefined && bytes.length > 0)) return Buffer.from(bytes).toString('utf8')
    if (b === undefined) return undefined
  }
}
