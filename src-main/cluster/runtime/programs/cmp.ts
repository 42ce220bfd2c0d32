/** cmp: compares two files byte by byte. */
import type { Program } from '../process.js'
import { SystemError } from '../process.js'
import { command, Fail, type Command, type Flavour, type OptionSpec } from './command.js'
import { openForReading, readAll } from './reading.js'
import { parseSize } from './sizes.js'
import { versionText } from './gnu-versions.js'

const BUSYBOX: OptionSpec = {
  short: 'lsn:',
  long: { verbose: 'l', silent: 's', quiet: 's', 'bytes=': 'n' },
  usage: '[-ls] [-n NUM] FILE1 [FILE2]\n\nCompare FILE1 with FILE2 (or stdin)',
}

const GNU: OptionSpec = {
  short: 'bci:ln:sv',
  long: { 'print-bytes': 'b', 'print-chars': 'b', 'ignore-initial=': 'i', verbose: 'l', 'bytes=': 'n', quiet: 's', silent: 's', version: 'v' },
  usage: "[OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]\nCompare two files byte by byte.\n\nThe optional SKIP1 and SKIP2 specify the number of bytes to skip\nat the beginning of each file (zero by default).\n\nMandatory arguments to long options are mandatory for short options too.\n  -b, --print-bytes          print differing bytes\n  -i, --ignore-initial=SKIP         skip first SKIP bytes of both inputs\n  -i, --ignore-initial=SKIP1:SKIP2  skip first SKIP1 bytes of FILE1 and\n                                      first SKIP2 bytes of FILE2\n  -l, --verbose              output byte numbers and differing byte values\n  -n, --bytes=LIMIT          compare at most LIMIT bytes\n  -s, --quiet, --silent      suppress all normal output\n      --help                 display this help and exit\n  -v, --version              output version information and exit",
} // prettier-ignore

/** How the bytes of two files are compared. */
interface How {
  names: readonly [string, string]
  /** `-l`, `-s`, or where the first difference is. */
  output: 'all' | 'none' | 'first'
  /** -b */
  characters: boolean
  limit: number
  /** Bytes left out at the beginning of each. */
  skip: readonly [number, number]
}

export function cmp(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const how = await howOf(c)
    const data: Buffer[] = []
    for (const [i, name] of how.names.entries()) {
      try {
        const file = name === '-' ? c.task.fd(0)! : await openForReading(c.task, name)
        data.push((await readAll(file)).subarray(how.skip[i]!).subarray(0, how.limit))
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Fail(how.output === 'none' && !c.busybox ? '' : `cmp: ${name}: ${error.message}`, 2)
      }
    }
    return compareBytes(c, how, data as [Buffer, Buffer])
  })
}

/** Reads the arguments. Throws Fail. */
async function howOf(c: Command): Promise<How> {
  const spec = c.busybox ? BUSYBOX : GNU
  const o = await c.options(spec)
  if (o.has('v')) {
    await c.print(versionText(c.name, c.fs))
    return c.task.exit(0)
  }
  const bytes = (text: string, what: string): number => {
    const size = parseSize(text)
    if (size === undefined && !c.busybox) throw c.usageError(spec, `invalid --${what} value '${text}'`)
    return size ?? (what === 'bytes' ? Infinity : 0)
  }
  const [first, second = '-', ...more] = o.operands
  const skips = o.has('i') ? o.get('i')!.split(':') : []
  const skip = [bytes(skips[0] ?? '0', 'ignore-initial'), bytes(skips[1] ?? skips[0] ?? '0', 'ignore-initial')] as [number, number]
  const limit = o.has('n') ? bytes(o.get('n')!, 'bytes') : Infinity
  if (o.has('l') && o.has('s') && !c.busybox) throw c.usageError(spec, 'options -l and -s are incompatible')
  if (first === undefined) throw c.busybox ? c.usageError(spec) : c.usageError(spec, `missing operand after '${c.task.argv.at(-1)!.split('/').at(-1)}'`)
  for (const [i, text] of more.slice(0, 2).entries()) skip[i] = Math.max(skip[i]!, bytes(text, 'ignore-initial'))
  if (more.length > 2) throw c.busybox ? c.usageError(spec) : c.usageError(spec, `extra operand '${more[2]}'`)
  return { names: [first, second], output: o.has('s') ? 'none' : o.has('l') ? 'all' : 'first', characters: o.has('b') || o.has('c'), limit, skip }
} // prettier-ignore

/** A byte as a person reads it: `a`, `^J`, `M-a`. */
function shown(byte: number): string {
  if (byte >= 128) return `M-${shown(byte - 128)}`
  return byte < 32 || byte === 127 ? `^${String.fromCharCode(byte ^ 64)}` : String.fromCharCode(byte)
}

async function compareBytes(c: Command, { names, output, characters }: How, [a, b]: [Buffer, Buffer]): Promise<number> {
  const length = Math.min(a.length, b.length)
  const octal = (byte: number): string => byte.toString(8).padStart(3)
  let line = 1
  let status = 0
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[i]!, b[i]!]
    if (x !== y) {
      if (output === 'none') return 1
      if (output === 'first') {
        const bytes = characters ? ` is ${octal(x)} ${shown(x)} ${octal(y)} ${shown(y)}` : ''
        await c.print(`${names[0]} ${names[1]} differ: ${characters ? 'byte' : 'char'} ${i + 1}, line ${line}${bytes}\n`)
        return 1
      }
      status = 1
      const at = String(i + 1).padStart(String(length).length)
      await c.print(`${at} ${octal(x)} ${characters ? `${shown(x).padEnd(4)} ` : ''}${octal(y)}${characters ? ` ${shown(y)}` : ''}\n`)
    }
    if (x === 10) line++
  }
  if (a.length === b.length) return status
  if (output === 'none') return 1
  const short = a.length < b.length ? names[0] : names[1]
  await c.task.writeError(`cmp: EOF on ${short}${c.busybox ? '' : whereItEnded(length, line, a[length - 1] === 10, output)}\n`)
  return 1
}

function whereItEnded(length: number, line: number, ended: boolean, output: How['output']): string {
  if (length === 0) return ' which is empty'
  if (output === 'all') return ` after byte ${length}`
  return ` after byte ${length}, ${ended ? `line ${line - 1}` : `in line ${line}`}`
}
