/** jq 1.7: options, inputs and outputs. The language is in `jq/`. */
import type { Program } from '../process.js'
import { SystemError } from '../process.js'
import { command, type Command, Fail } from './command.js'
import { openForReading, readAll } from './reading.js'
import { checkNames } from './jq/check.js'
import { Evaluator } from './jq/evaluate.js'
import { truthy } from './jq/item.js'
import { type Env, type Host, type Item } from './jq/scope.js'
import { format, JsonError, JsonReader, type Json, type JsonObject, type Layout } from './jq/json.js'
import { Halt, natives } from './jq/natives.js'
import { parse } from './jq/parse.js'
import { readJson } from './jq/stream.js'
import { JqSyntaxError, type Expression } from './jq/syntax.js'
import { JqError } from './jq/paths.js'
import { prelude } from './jq/prelude.js'

/** CPU ms of one step of a program. */
const STEP_COST = 0.001

const USAGE = `Usage:\tjq [OPTIONS] FILTER [FILES...]
\tjq [OPTIONS] --args FILTER [ARGUMENTS...]
\tjq [OPTIONS] --jsonargs FILTER [JSON_VALUES...]

jq is a tool for processing JSON inputs, applying the given filter to
its JSON text inputs and producing the filter's results as JSON on
standard output.
`
const HINT = 'Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://jqlang.github.io/jq'

interface Settings {
  filter: string
  files: string[]
  layout: Layout
  raw: boolean
  join: boolean
  nullInput: boolean
  rawInput: boolean
  slurp: boolean
  exitStatus: boolean
  /** `--seq`: a record separator stands before each result. */
  sequence?: boolean
  /** `--stream`: inputs come as their leaves. */
  stream?: boolean
  variables: Map<string, Json>
}

const LETTERS: Readonly<Record<string, string>> = {
  'raw-output': 'r',
  'join-output': 'j',
  'ascii-output': 'a',
  'compact-output': 'c',
  'color-output': 'C',
  'monochrome-output': 'M',
  'sort-keys': 'S',
  'null-input': 'n',
  'raw-input': 'R',
  slurp: 's',
  'exit-status': 'e',
  'from-file': 'f',
  help: 'h',
  version: 'V',
}

/** Reads the command line; `--arg` and its like take values from it or from files. */
async function settingsOf(c: Command): Promise<Settings> {
  const s: Settings = {
    filter: '',
    files: [],
    layout: { indent: '  ' },
    raw: false,
    join: false,
    nullInput: false,
    rawInput: false,
    slurp: false,
    exitStatus: false,
    variables: new Map(),
  }
  const named: JsonObject = new Map()
  const positional: Json[] = []
  const operands: string[] = []
  let rest: 'files' | 'args' | 'jsonargs' = 'files'
  let fromFile = false
  const args = c.task.argv.slice(1)
  const value = (option: string): string => {
    const v = args.shift()
    if (v === undefined)
      throw new Fail(
        `jq: error: --${option} takes ${option === 'indent' ? 'one parameter' : 'two parameters (e.g. --' + option + ' name value)'}\n${HINT}`,
        2,
      )
    return v
  }
  const json = (option: string, text: string): Json => {
    try {
      return new JsonReader(text).next() ?? null
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      throw new Fail(`jq: Invalid JSON text passed to --${option}\n${HINT}`, 2)
    }
  }
  const bindNamed = (name: string, v: Json): void => {
    named.set(name, v)
    s.variables.set(name, v)
  }
  const letter = async (l: string, option: string): Promise<void> => {
    switch (l) {
      case 'r':
        s.raw = true
        return
      case 'j':
        s.raw = s.join = true
        return
      case 'a':
        s.layout.ascii = true
        return
      case 'c':
        delete s.layout.indent
        return
      case 'C':
        s.layout.colour = true
        return
      case 'M':
        s.layout.colour = false
        return
      case 'S':
        s.layout.sortKeys = true
        return
      case 'n':
        s.nullInput = true
        return
      case 'R':
        s.rawInput = true
        return
      case 's':
        s.slurp = true
        return
      case 'e':
        s.exitStatus = true
        return
      case 'f':
        fromFile = true
        return
      case 'h':
        await c.print(USAGE)
        return c.task.exit(0)
      case 'V':
        await c.print('jq-1.7.1\n')
        return c.task.exit(0)
      default:
        throw new Fail(`jq: Unknown option: ${option}\n${HINT}`, 2)
    }
  }
  while (args.length > 0) {
    const arg = args.shift()!
    if (arg === '--') {
      operands.push(...args.splice(0))
    } else if (!/^-./.test(arg) || (operands.length === 0 && /^-[\d.(]/.test(arg))) {
      if (operands.length === 0 || rest === 'files') operands.push(arg)
      else positional.push(rest === 'args' ? arg : json('jsonargs', arg))
    } else if (arg.startsWith('-L')) {
      // Modules are looked for there; there are none.
      if (arg === '-L') value('L')
    } else if (!arg.startsWith('--')) for (const l of arg.slice(1)) await letter(l, arg)
    else {
      const option = arg.slice(2)
      if (option === 'arg') bindNamed(value(option), value(option))
      else if (option === 'argjson') bindNamed(value(option), json(option, value(option)))
      else if (option === 'slurpfile' || option === 'rawfile') {
        const name = value(option)
        const text = c.fs.readText(value(option))
        if (option === 'rawfile') bindNamed(name, text)
        else {
          const all: Json[] = []
          const reader = new JsonReader(text)
          for (let v = reader.next(); v !== undefined; v = reader.next()) all.push(v)
          bindNamed(name, all)
        }
      } else if (option === 'args' || option === 'jsonargs') rest = option
      else if (option === 'tab') s.layout.indent = '\t'
      else if (option === 'indent') {
        const n = Number(value(option))
        if (!(n <= 7)) throw new Fail(`jq: Cannot indent more than 7 characters\n${HINT}`, 2)
        if (n === 0) delete s.layout.indent
        else s.layout.indent = ' '.repeat(n)
      } else if (option === 'unbuffered') continue
      else if (option === 'seq') s.sequence = true
      else if (option === 'stream') s.stream = true
      else await letter(Object.hasOwn(LETTERS, option) ? LETTERS[option]! : '', arg)
    }
  }
  // Without a filter it shows what it is given, unless there is nobody but a terminal to give it anything.
  const filter = operands.shift() ?? (c.task.fd(0)?.kind === 'tty' && c.task.fd(1)?.kind === 'tty' ? undefined : '.')
  if (filter === undefined) {
    await c.task.writeError(USAGE)
    return c.task.exit(2)
  }
  s.filter = fromFile ? c.fs.readText(filter) : filter
  s.files = rest === 'files' ? operands : []
  if (rest !== 'files') positional.unshift(...operands.map((o) => (rest === 'args' ? o : json('jsonargs', o))))
  s.variables.set('__prog_args', positional)
  s.variables.set(
    'ARGS',
    new Map<string, Json>([
      ['positional', positional],
      ['named', named],
    ]),
  )
  return s
}

/** Where the last input came from, for errors. */
interface Place {
  text: string
  /** The file, unless it is standard input. */
  name?: string | undefined
  /** How many lines of it have been read. */
  lines?: number
}

/** What `--stream` makes of a value: each leaf with its path, and the last path of what ends. */
function* events(value: Json, path: readonly Json[] = []): Generator<Json> {
  const children: [Json, Json][] = Array.isArray(value) ? value.map((each, i) => [i, each]) : value instanceof Map ? [...value] : []
  if (children.length === 0) return void (yield [[...path], value])
  for (const [key, child] of children) {
    yield* events(child, [...path, key])
  }
  yield [[...path, children.at(-1)![0]]]
}

/** The inputs one after the other; files are read when their turn comes. */
async function* inputsOf(c: Command, s: Settings, place: Place): AsyncGenerator<Json> {
  const slurped: Json[] = []
  let rawText = ''
  for (const name of s.files.length > 0 ? s.files : ['-']) {
    try {
      const file = name === '-' ? c.task.fd(0)! : await openForReading(c.task, name)
      if (s.rawInput) {
        const text = (await readAll(file)).toString('utf8')
        if (s.slurp) rawText += text
        else for (const line of text.replace(/\n$/, '').split('\n')) if (text !== '') yield line
        continue
      }
      for await (const { value, lines } of readJson(c, file)) {
        place.text = `${name === '-' ? '<stdin>' : name}:${lines}`
        place.lines = lines
        place.name = name === '-' ? undefined : name
        for (const each of s.stream ? events(value) : [value])
          if (s.slurp) slurped.push(each)
          else yield each
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.task.writeError(`jq: error: Could not open ${name}: ${error.message}\n`)
      c.status = 2
    }
  }
  if (s.slurp) yield s.rawInput ? rawText : slurped
}

function compile(s: Settings): Expression {
  try {
    const program = parse(s.filter)
    checkNames(s.filter, program, [...Object.keys(natives), ...prelude().functions!.keys()], ['ENV', '__loc__', ...s.variables.keys()])
    return program
  } catch (error) {
    if (!(error instanceof JqSyntaxError)) throw error
    throw new Fail(`jq: error: ${error.message}\njq: 1 compile error`, 3)
  }
}

/** What jq says of an error that a program raised. */
function uncaught(value: Json, place: Place): string {
  return typeof value === 'string'
    ? `jq: error (at ${place.text}): ${value}`
    : `jq: error (at ${place.text}) (not a string): ${format(value)}`
}

export function jq(): Program {
  return command('coreutils', async (c) => {
    const s = await settingsOf(c)
    const program = compile(s)
    const place: Place = { text: '<unknown>' }
    const inputs = inputsOf(c, s, place)
    const host: Host = {
      tick: () => c.task.tick(STEP_COST),
      natives,
      environment: () => new Map(Object.entries(c.task.env)),
      nextInput: async () => {
        const next = await inputs.next()
        return next.done ? undefined : next.value
      },
      writeError: (text) => c.task.writeError(text),
      now: () => c.task.clock.now(),
      inputLine: () => place.lines ?? 0,
      inputName: () => place.name ?? null,
      builtins: () => [...Object.keys(natives), ...prelude().functions!.keys()],
    }
    const env: Env = { parent: prelude(), variables: s.variables }
    const out = await run(c, s, inputs, place, (value) => new Evaluator(host).evaluate(program, { value }, env))
    if (out.halted !== undefined) return out.halted
    if (out.failed) return 5
    if (c.status) return c.status
    if (s.exitStatus) return out.last === undefined ? 4 : truthy(out.last) ? 0 : 1
    return 0
  })
}

interface Outcome {
  last?: Json
  failed: boolean
  halted?: number
}

async function run(
  c: Command,
  s: Settings,
  inputs: AsyncGenerator<Json>,
  place: Place,
  outputs: (value: Json) => AsyncGenerator<Item>,
): Promise<Outcome> {
  const outcome: Outcome = { failed: false }
  const one = async (value: Json): Promise<void> => {
    try {
      for await (const item of outputs(value)) {
        outcome.last = item.value
        const text = s.raw && typeof item.value === 'string' ? item.value : format(item.value, s.layout)
        await c.print(`${s.sequence ? '\x1e' : ''}${text}${s.join ? '' : '\n'}`)
      }
    } catch (error) {
      if (!(error instanceof JqError)) throw error
      await c.task.writeError(`${uncaught(error.value, place)}\n`)
      outcome.failed = true
    }
  }
  try {
    if (s.nullInput) await one(null)
    else for await (const value of inputs) await one(value)
  } catch (error) {
    if (error instanceof JsonError) {
      await c.task.writeError(`jq: parse error: ${error.message}\n`)
      return { failed: false, halted: 2 }
    }
    if (!(error instanceof Halt)) throw error
    if (error.message !== undefined)
      await c.task.writeError(typeof error.message === 'string' ? error.message : `${format(error.message)}\n`)
    return { failed: false, halted: error.code }
  }
  return outcome
}
