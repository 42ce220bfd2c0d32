/** env and printenv: the environment, and programs run in another one (env(1)). */
import { SystemError, type Program, type Signal } from '../process.js'
import { parseSignal } from '../signals.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { become } from './launch.js'

const SPEC = {
  short: 'iu:0C:S:v',
  long: {
    'ignore-environment': 'i', null: '0', 'unset=': 'u', 'chdir=': 'C', 'default-signal=?': 'default', 'ignore-signal=?': 'ignore',
    'block-signal=?': 'block', 'list-signal-handling': 'list', debug: 'v', 'split-string=': 'S',
  },
  stopAtOperand: true,
  usage: '[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]\n\nPrint current environment or run PROG after setting up environment',
} // prettier-ignore

const ESCAPES: Readonly<Record<string, string>> = {
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  "'": "'",
  '#': '#',
  $: '$',
  '\\': '\\',
}

/** The words of a `-S` string: quotes, escapes, `${NAME}` and comments. Throws Fail. */
export function splitWords(text: string, env: Readonly<Record<string, string>>): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  const fail = (why: string): never => {
    throw new Fail(`env: ${why}`, 125)
  }
  for (let i = 0; i < text.length; i++) {
    const ch = text[i]!
    if (quote === '' && /[ \t\n\v\f\r]/.test(ch)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (quote === '' && ch === '#' && word === undefined) break
    else if ((ch === "'" || ch === '"') && (quote === '' || quote === ch)) {
      quote = quote === '' ? ch : ''
      word ??= ''
    } else if (ch === '\\' && !(quote === "'" && !/['\\]/.test(text[i + 1] ?? ''))) {
      const next = text[++i]
      if (next === undefined) fail('invalid backslash at end of string in -S')
      if (next === 'c' && quote === '"') fail("'\\c' must not appear in double-quoted -S string")
      if (next === 'c') break
      if (next === '_' && quote === '') {
        if (word !== undefined) words.push(word)
        word = undefined
      } else if (next === '_') word += ' '
      else if (ESCAPES[next!] !== undefined) word = (word ?? '') + ESCAPES[next!]
      else fail(`invalid sequence '\\${next}' in -S`)
    } else if (ch === '$' && quote !== "'") {
      const name = /^\$\{([A-Za-z_]\w*)\}/.exec(text.slice(i))
      if (!name) fail(`only \${VARNAME} expansion is supported, error at: ${text.slice(i)}`)
      i += name![0].length - 1
      const value = Object.hasOwn(env, name![1]!) ? env[name![1]!] : undefined
      if (value !== undefined) word = (word ?? '') + value
    } else word = (word ?? '') + ch
  }
  if (quote !== '') fail('no terminating quote in -S string')
  return word === undefined ? words : [...words, word]
}

/** The arguments with the words of each `-S` in its place. */
function withSplit(argv: readonly string[], env: Readonly<Record<string, string>>): string[] {
  const [, first, second, ...rest] = argv
  const inline = /^-([i0v]*)S(.*)$/s.exec(first ?? '') ?? /^(-)-split-string=(.*)$/s.exec(first ?? '')
  const apart = first !== undefined && (first === '--split-string' || (inline?.[2] === '' && !first.startsWith('--')))
  if (!inline && !apart) return [...argv]
  if (apart && second === undefined) return [...argv]
  const letters = inline && inline[1] !== '-' && inline[1] !== '' ? [`-${inline[1]}`] : []
  const words = splitWords(apart ? second! : inline![2]!, env)
  return [argv[0]!, ...letters, ...words, ...(apart ? rest : argv.slice(2))]
}

/** Signals of --ignore-signal and its kin: all that can be, when none is named. */
function signalsOf(c: Command, text: string): Signal[] {
  if (text === '') return ['HUP', 'INT', 'QUIT', 'PIPE', 'TERM', 'USR1', 'USR2', 'CHLD', 'TSTP', 'TTIN', 'TTOU', 'WINCH'] as Signal[]
  return text.split(',').map((each) => {
    const signal = parseSignal(each)
    if (signal === undefined) throw new Fail(`env: '${each}': invalid signal\nTry '${c.name} --help' for more information.`, 125)
    return signal
  })
}

/** Leaves the process as its successor is to have it. */
async function prepare(c: Command, o: Options, argv: readonly string[], set: readonly string[]): Promise<void> {
  for (const text of o.all('default')) for (const signal of signalsOf(c, text)) c.task.onSignal(signal, 'default')
  // What is blocked for good is as good as ignored.
  for (const text of [...o.all('ignore'), ...o.all('block')]) for (const signal of signalsOf(c, text)) c.task.onSignal(signal, 'ignore')
  const directory = o.get('C')
  if (directory !== undefined) {
    if (argv.length === 0) throw c.usageError(SPEC, 'must specify command with --chdir (-C)')
    try {
      c.fs.readdir(directory)
      c.task.cwd = c.fs.realpath(directory)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(`env: cannot change directory to '${directory}': ${error.message}`, 125)
    }
  }
  if (!o.has('v')) return
  for (const name of o.all('u')) await c.task.writeError(`unset:    ${name}\n`)
  if (directory !== undefined) await c.task.writeError(`chdir:    '${directory}'\n`)
  for (const text of set) await c.task.writeError(`setenv:   ${text}\n`)
  if (argv.length === 0) return
  await c.task.writeError(`executing: ${argv[0]}\n${argv.map((arg, i) => `   arg[${i}]= '${arg}'\n`).join('')}`)
}

export function env(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...SPEC, short: 'iu:0' } : SPEC, c.busybox ? c.task.argv : withSplit(c.task.argv, c.task.env))
    const args = [...o.operands]
    const empty = o.has('i') || args[0] === '-'
    if (args[0] === '-') args.shift()
    const result = Object.assign(Object.create(null) as Record<string, string>, empty ? {} : c.task.env)
    for (const name of o.all('u')) {
      if (name === '' || name.includes('=')) throw new Fail(`env: cannot unset '${name}': Invalid argument`, 125)
      delete result[name]
    }
    const set: string[] = []
    while (args[0] && /^[^=]+=/.test(args[0])) {
      const arg = args.shift()!
      set.push(arg)
      result[arg.slice(0, arg.indexOf('='))] = arg.slice(arg.indexOf('=') + 1)
    }
    if (args.length > 0 && o.has('0') && !c.busybox) throw c.usageError(SPEC, 'cannot specify --null (-0) with command')
    await prepare(c, o, args, set)
    if (args.length > 0) return become(c, args, result)
    const end = o.has('0') ? '\0' : '\n'
    await c.print(
      Object.entries(result)
        .map(([k, v]) => `${k}=${v}${end}`)
        .join(''),
    )
    return 0
  })
}

export function printenv(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: c.busybox ? '' : '0',
      long: c.busybox ? {} : { null: '0' },
      stopAtOperand: true,
      usage: '[VARIABLE]...',
    })
    const end = o.has('0') ? '\0' : '\n'
    if (o.operands.length === 0) {
      const lines = Object.entries(c.task.env).map(([k, v]) => `${k}=${v}${end}`)
      await c.print(lines.join(''))
      return
    }
    for (const name of o.operands) {
      const value = Object.hasOwn(c.task.env, name) ? c.task.env[name] : undefined
      if (value === undefined) c.status = 1
      else await c.print(value + end)
    }
  })
}
