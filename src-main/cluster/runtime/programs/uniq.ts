/** uniq: of lines that are alike and follow each other, one, or how many, or all. */
import type { OpenFile, Program } from '../process.js'
import { choice } from './choice.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { lineBatches, openForReading } from './reading.js'

const SPEC = {
  short: 'cduif:s:w:zD',
  long: {
    count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i', 'skip-fields=': 'f', 'skip-chars=': 's', 'check-chars=': 'w', 'zero-terminated': 'z',
    'all-repeated=?': 'D', 'group=?': 'group',
  },
  usage: '[-cduiz] [-f,s,w N] [FILE [OUTFILE]]\n\nDiscard duplicate lines',
} // prettier-ignore

/** What of a line counts. */
function keyOf(o: Options, line: string): string {
  let key = line
  for (let i = 0; i < Number(o.get('f') ?? 0); i++) key = key.replace(/^[ \t]*[^ \t]+/, '')
  key = key.slice(Number(o.get('s') ?? 0))
  if (o.has('w')) key = key.slice(0, Number(o.get('w')))
  return o.has('i') ? key.toLowerCase() : key
}

/** Groups of lines as they come, written as the options say. */
class Groups {
  private lines: string[] = []
  private count = 0
  private written = 0

  constructor(
    private readonly o: Options,
    private readonly end: string,
    /** Where blank lines stand between groups; undefined where only one line of a group is written. */
    private readonly method: string | undefined,
  ) {}

  /** Takes a line; gives what is to be written. */
  add(line: string): string {
    const alike = this.count > 0 && keyOf(this.o, line) === keyOf(this.o, this.lines[0]!)
    const out = alike ? '' : this.finish()
    this.count++
    // One line stands for all where not all are written: a group may be without end.
    if (!alike || this.method !== undefined) this.lines.push(line)
    return out
  }

  finish(): string {
    const { lines, count, o, end, method } = this
    this.lines = []
    this.count = 0
    if (count === 0 || (o.has('u') && count > 1) || ((o.has('d') || o.has('D')) && count < 2)) return ''
    if (method === undefined) return `${o.has('c') ? `${String(count).padStart(7)} ` : ''}${lines[0]}${end}`
    const before = method === 'prepend' || method === 'both' || (method !== 'append' && method !== 'none' && this.written > 0)
    const first = method === 'both' && this.written > 0 ? '' : before ? end : ''
    this.written++
    return `${first}${lines.map((line) => line + end).join('')}${method === 'append' || method === 'both' ? end : ''}`
  }
}

function methodOf(c: Command, o: Options): string | undefined {
  if (o.has('group')) return choice(c, '--group', o.get('group') || 'separate', [['prepend'], ['append'], ['separate'], ['both']])
  if (o.has('D')) return choice(c, '--all-repeated', o.get('D') || 'none', [['none'], ['prepend'], ['separate']])
  return undefined
}

/** What the options with a number count. */
const NUMBERS = { f: 'fields to skip', s: 'bytes to skip', w: 'bytes to compare' }

function checkNumber(c: Command, o: Options, letter: string, what: string): void {
  const text = o.get(letter)
  if (text !== undefined && !/^\d+$/.test(text))
    throw new Fail(c.busybox ? `uniq: invalid number '${text}'` : `uniq: ${text}: invalid number of ${what}`)
}

export function uniq(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    // An old form: `-1` skips a field.
    const o = await c.options(c.busybox ? SPEC : { ...SPEC, digits: 'f' })
    for (const [letter, what] of Object.entries(NUMBERS)) checkNumber(c, o, letter, what)
    if (o.has('group') && ['c', 'd', 'D', 'u'].some((letter) => o.has(letter)))
      throw c.usageError(SPEC, '--group is mutually exclusive with -c/-d/-D/-u')
    if (o.has('c') && o.has('D')) throw c.usageError(SPEC, 'printing all duplicated lines and repeat counts is meaningless')
    const [input, output, extra] = o.operands
    if (extra !== undefined) throw c.usageError(SPEC, c.busybox ? undefined : `extra operand '${extra}'`)
    let file: OpenFile = c.task.fd(0)!
    if (input !== undefined && input !== '-') {
      try {
        file = await openForReading(c.task, input)
      } catch (error) {
        await c.openFailed(input, error)
        return 1
      }
    }
    const target = output === undefined || output === '-' ? undefined : c.fs.open(output, 'w')
    const write = async (text: string): Promise<void> => {
      const data = Buffer.from(text, 'latin1')
      await (target ? target.write(data) : c.print(data))
    }
    const end = o.has('z') ? '\0' : '\n'
    const groups = new Groups(o, end, methodOf(c, o))
    for await (const lines of lineBatches(file, end.charCodeAt(0))) {
      let out = ''
      for (const raw of lines) out += groups.add((raw.at(-1) === end.charCodeAt(0) ? raw.subarray(0, -1) : raw).toString('latin1'))
      await write(out)
    }
    await write(groups.finish())
    return 0
  })
}
