/** xargs: the arguments of commands from its input. */
import type { ExitReason } from '../exit-reason.js'
import { SystemError, signalNumbers, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { shellQuoted } from './ls-format.js'
import { itemsOf } from './xargs-items.js'

export function xargs(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? '0rtn:I:P:s:a:pxE:i::e::' : '0rtn:L:I:P:s:d:a:pxE:i::e::l::o',
      long: {
        null: '0',
        'no-run-if-empty': 'r',
        verbose: 't',
        'max-args=': 'n',
        'max-lines=?': 'l',
        'show-limits': 'limits',
        'replace=?': 'i',
        'max-procs=': 'P',
        'delimiter=': 'd',
        'arg-file=': 'a',
        'max-chars=': 's',
        interactive: 'p',
        exit: 'x',
        'eof=?': 'e',
        'open-tty': 'o',
        'process-slot-var=': 'slot',
      },
      stopAtOperand: true,
      usage: '[OPTIONS] [PROG ARGS]\n\nRun PROG on every item given by stdin',
    }
    const o = await c.options(spec)
    if (o.has('i')) o.add('I', o.get('i') || '{}')
    if (o.has('l')) o.add('L', o.get('l') || '1')
    for (const [letter, least] of [
      ['n', 1],
      ['L', 1],
      ['s', 1],
      ['P', 0],
    ] as const)
      atLeast(c, letter, least, o.get(letter))
    if (!c.busybox) await settle(c, o)
    const template = o.operands.length > 0 ? o.operands : ['echo']
    const replace = o.get('I')
    const size = replace !== undefined ? 1 : Number(o.get('n') ?? o.get('L') ?? Infinity)
    const command = template.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0)
    const most = Number(o.get('s') ?? 128 * 1024) - command
    const groups = batches(itemsOf(c, o), size, most, !c.busybox)
    let started = false
    let status = 0
    let over = false
    const worker = async (_: unknown, slot: number): Promise<void> => {
      const how = { trace: o.has('t') && !o.has('p'), terminal: o.has('o'), slot: [o.get('slot'), slot] as const }
      while (!over) {
        const { value: batch, done } = await groups.next()
        if (done) {
          // Without any argument the command runs once, but for -r and -I.
          if (!started && !o.has('r') && replace === undefined) {
            started = true
            status = await launch(c, how, template)
          }
          return
        }
        started = true
        const argv = replace === undefined ? [...template, ...batch] : template.map((a) => a.replaceAll(replace, batch[0]!))
        if (o.has('p') && !(await agreed(c, argv))) continue
        const code = await launch(c, how, argv)
        if (code !== 0) status = code
        over ||= code !== 0 && code !== 123
      }
    }
    const parallel = Number(o.get('P') ?? 1) || MOST_AT_ONCE
    await Promise.all(Array.from({ length: Math.max(1, parallel) }, worker))
    return status
  })
}

/** Commands that `-P 0` runs at the same time. */
const MOST_AT_ONCE = 100

/**
 * The arguments of each command: of at most `size` items, with `most` bytes.
 *
 * @param last whether those that were read before a fault are still a command
 */
async function* batches(items: AsyncIterable<string[]>, size: number, most: number, last: boolean): AsyncGenerator<string[], undefined> {
  let current: string[] = []
  let count = 0
  let length = 0
  const take = (): string[] => {
    const taken = current
    current = []
    count = length = 0
    return taken
  }
  let fault: Fail | undefined
  try {
    for await (const item of items) {
      const bytes = item.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0)
      if (bytes > most) throw new Fail('xargs: argument line too long')
      if (length + bytes > most) yield take()
      current.push(...item)
      length += bytes
      if (++count >= size) yield take()
    }
  } catch (error) {
    if (!(error instanceof Fail) || !last) throw error
    fault = error
  }
  if (current.length > 0) yield take()
  if (fault) throw fault
  return undefined
}

/** How many arguments go to a command is said once: the last of `-n`, `-L` and `-I` holds. */
async function settle(c: Command, o: Options): Promise<void> {
  const order = [...new Set(o.given.map(([letter]) => ({ i: 'I', l: 'L' })[letter] ?? letter).filter((l) => 'nLI'.includes(l)))]
  // One argument for each command is what -I does.
  if (order.length < 2 || (order[0] === 'I' && order[1] === 'n' && o.get('n') === '1')) return void (o.has('I') && o.delete('n'))
  const [first, second] = order as [keyof typeof NAMES, keyof typeof NAMES]
  o.delete(first)
  const other = { n: '--max-args/-n', L: '-L', I: '--replace/-I/-i' }[second]
  await c.task.writeError(
    `xargs: warning: options ${NAMES[first]} and ${other} are mutually exclusive, ignoring previous ${NAMES[first]} value\n`,
  )
}

const NAMES = { n: '--max-args', L: '--max-lines', I: '--replace' }

function atLeast(c: Command, letter: string, least: number, value: string | undefined): void {
  if (value === undefined) return
  const number = /^-?\d+$/.test(value) ? Number(value) : NaN
  if (number >= least) return
  if (c.busybox)
    throw new Fail(number >= 0 ? `xargs: number ${value} is not in ${least}..2147483647 range` : `xargs: invalid number '${value}'`)
  const problem = Number.isNaN(number)
    ? `invalid number "${value}" for -${letter} option`
    : `value ${value} for -${letter} option should be >= ${least}`
  throw new Fail(`xargs: ${problem}\nTry 'xargs --help' for more information.`)
}

/** Asks at the terminal whether a command shall run. */
async function agreed(c: Command, argv: readonly string[]): Promise<boolean> {
  await c.task.writeError(shown(c, argv))
  try {
    const terminal = c.fs.open('/dev/tty', 'r')
    await c.task.writeError('?...')
    const answer = Buffer.from(await terminal.read(256)).toString('utf8')
    terminal.close()
    return /^[yY]/.test(answer)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`xargs: ${c.busybox ? "can't open '/dev/tty'" : 'failed to open /dev/tty for reading'}: ${error.message}`)
  }
}

/** xargs' status for a command's; says why when no other command is to run. */
async function finish(c: Command, name: string, ended: ExitReason): Promise<number> {
  if ('signal' in ended) {
    await c.task.writeError(`xargs: ${c.busybox ? `'${name}'` : `${name}:`} terminated by signal ${signalNumbers[ended.signal]}\n`)
    return 125
  }
  if (ended.code === 255) {
    await c.task.writeError(`xargs: ${name}: exited with status 255; aborting\n`)
    return 124
  }
  return ended.code === 0 || ended.code === 126 || ended.code === 127 ? ended.code : 123
}

/** How a command is started: `slot` is the variable that gets the number of the place it runs in. */
interface Start {
  trace: boolean
  terminal: boolean
  slot: readonly [variable: string | undefined, number: number]
}

async function launch(c: Command, how: Start, argv: string[]): Promise<number> {
  if (how.trace) await c.task.writeError(`${shown(c, argv)}\n`)
  try {
    const [variable, number] = how.slot
    const child = c.task.startChild({
      argv,
      fds: new Map([[0, c.fs.open(how.terminal ? '/dev/tty' : '/dev/null', 'r')]]),
      ...(variable === undefined ? {} : { env: { ...c.task.env, [variable]: String(number) } }),
    })
    return await finish(c, argv[0]!, await c.task.waitFor(child))
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.task.writeError(`xargs: ${argv[0]}: ${error.message}\n`)
    return error.code === 'ENOENT' ? 127 : 126
  }
}

/** A command as -t and -p show it. */
function shown(c: Command, argv: readonly string[]): string {
  return argv.map((word) => (c.busybox ? word : shellQuoted(word))).join(' ')
}
