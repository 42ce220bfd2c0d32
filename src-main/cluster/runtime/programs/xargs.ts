/** xargs: the arguments of commands from its input. */
import { StringDecoder } from 'node:string_decoder'
import { LONGEST_LINE } from '../open-file.js'
import type { ExitReason } from '../exit-reason.js'
import { SystemError, signalNumbers, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { readText } from './reading.js'

export function xargs(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: '0rtn:L:I:P:s:d:a:pxE:i::e::l::o',
      long: {
        null: '0',
        'no-run-if-empty': 'r',
        verbose: 't',
        'max-args=': 'n',
        'max-lines=': 'L',
        'replace=': 'I',
        'max-procs=': 'P',
        'delimiter=': 'd',
        'arg-file=': 'a',
        'max-chars=': 's',
        interactive: 'p',
        exit: 'x',
        'eof=?': 'e',
        'open-tty': 'o',
      },
      stopAtOperand: true,
      usage: '[OPTIONS] [PROG ARGS]\n\nRun PROG on every item given by stdin',
    }
    const o = await c.options(spec)
    if (o.has('i')) o.add('I', o.get('i') || '{}')
    if (o.has('l')) o.add('L', o.get('l') || '1')
    for (const [letter, value] of [
      ['n', o.get('n')],
      ['L', o.get('L')],
      ['s', o.get('s')],
    ] as const)
      atLeastOne(c, letter, value)
    const template = o.operands.length > 0 ? o.operands : ['echo']
    const replace = o.get('I')
    const size = replace !== undefined ? 1 : Number(o.get('n') ?? o.get('L') ?? Infinity)
    const command = template.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0)
    const most = Number(o.get('s') ?? 128 * 1024) - command
    const groups = batches(itemsOf(c, o), size, most)
    let started = false
    let status = 0
    let over = false
    const worker = async (): Promise<void> => {
      while (!over) {
        const { value: batch, done } = await groups.next()
        if (done) {
          // Without any argument the command runs once, but for -r and -I.
          if (!started && !o.has('r') && replace === undefined) {
            started = true
            status = await launch(c, o.has('t'), template)
          }
          return
        }
        started = true
        const argv =
          replace === undefined
            ? [...template, ...(o.has('L') ? batch.flatMap((l) => l.split(/\s+/)) : batch)]
            : template.map((a) => a.replaceAll(replace, batch[0]!))
        if (o.has('p') && !(await agreed(c, argv))) continue
        const code = await launch(c, o.has('t') && !o.has('p'), argv)
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

/** The arguments of each command: at most `size` of them, with `most` bytes. */
async function* batches(items: AsyncIterable<string>, size: number, most: number): AsyncGenerator<string[], undefined> {
  let current: string[] = []
  let length = 0
  for await (const item of items) {
    const bytes = Buffer.byteLength(item) + 1
    if (bytes > most) throw new Fail('xargs: argument line too long')
    if (length + bytes > most) {
      yield current
      current = []
      length = 0
    }
    current.push(item)
    length += bytes
    if (current.length < size) continue
    yield current
    current = []
    length = 0
  }
  if (current.length > 0) yield current
  return undefined
}

/** The items of the input, each as soon as it is there. */
async function* itemsOf(c: Command, o: Options): AsyncGenerator<string> {
  const stop = o.get('E') || o.get('e')
  const delimiter = o.has('0') ? '\0' : o.get('d')?.replace('\\n', '\n')
  for await (const part of parts(c, o, delimiter ?? '\n', delimiter === undefined)) {
    const line = part.trim()
    const items = delimiter !== undefined ? [part] : o.has('I') || o.has('L') ? (line === '' ? [] : [line]) : words(c, part)
    for (const item of items) {
      if (delimiter === undefined && item === stop) return
      yield item
    }
  }
}

/** What stands between delimiters. `escapes`: a backslash takes the meaning from one. */
async function* parts(c: Command, o: Options, delimiter: string, escapes: boolean): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let text = ''
  for await (const chunk of chunks(c, o)) {
    const looked = Math.max(0, text.length - delimiter.length + 1)
    text += decoder.write(Buffer.from(chunk))
    let from = 0
    for (let at = text.indexOf(delimiter, looked); at >= 0; at = text.indexOf(delimiter, at + delimiter.length)) {
      if (escapes && /(^|[^\\])(\\\\)*\\$/.test(text.slice(from, at))) continue
      yield text.slice(from, at)
      from = at + delimiter.length
    }
    text = text.slice(from)
    if (text.length > LONGEST_LINE) throw new Fail('xargs: argument line too long')
  }
  // With a delimiter of its own, a newline at the end of the input is none of the last item.
  const last = delimiter === '\0' || escapes ? text : text.replace(/\n$/, '')
  if (last !== '') yield last
}

async function* chunks(c: Command, o: Options): AsyncGenerator<Uint8Array> {
  const path = o.get('a')
  if (path !== undefined) return void (yield await fileAt(c, path))
  const input = c.task.fd(0)!
  for (let chunk = await input.read(65_536); chunk.length > 0; chunk = await input.read(65_536)) yield chunk
}

async function fileAt(c: Command, path: string): Promise<Uint8Array> {
  try {
    return Buffer.from(await readText(c, path))
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(
      c.busybox ? `xargs: can't open '${path}': ${error.message}` : `xargs: Cannot open input file '${path}': ${error.message}`,
    )
  }
}

function atLeastOne(c: Command, letter: string, value: string | undefined): void {
  if (value === undefined || Number(value) >= 1 || c.busybox) return
  const problem = /^\d+$/.test(value)
    ? `value ${value} for -${letter} option should be >= 1`
    : `invalid number "${value}" for -${letter} option`
  throw new Fail(`xargs: ${problem}\nTry 'xargs --help' for more information.`)
}

/** Asks at the terminal whether a command shall run. */
async function agreed(c: Command, argv: readonly string[]): Promise<boolean> {
  await c.task.writeError(`${argv.join(' ')}?...`)
  try {
    const terminal = c.fs.open('/dev/tty', 'r')
    const answer = Buffer.from(await terminal.read(256)).toString('utf8')
    terminal.close()
    return /^[yY]/.test(answer)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`xargs: failed to open /dev/tty for reading: ${error.message}`)
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

async function launch(c: Command, trace: boolean, argv: string[]): Promise<number> {
  if (trace) await c.task.writeError(`${argv.join(' ')}\n`)
  try {
    const child = c.task.startChild({ argv, fds: new Map([[0, c.fs.open('/dev/null', 'r')]]) })
    return await finish(c, argv[0]!, await c.task.waitFor(child))
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.task.writeError(`xargs: ${argv[0]}: ${error.message}\n`)
    return error.code === 'ENOENT' ? 127 : 126
  }
}

/** Words as the shell would quote them, without expansions. */
function words(c: Command, text: string): string[] {
  const out: string[] = []
  let word: string | undefined
  for (let i = 0; i < text.length; i++) {
    const ch = text[i]!
    if (/\s/.test(ch)) {
      if (word !== undefined) out.push(word)
      word = undefined
    } else if (ch === "'" || ch === '"') {
      const end = text.indexOf(ch, i + 1)
      if (end < 0 || text.slice(i, end).includes('\n'))
        throw new Fail(
          c.busybox
            ? `xargs: unmatched ${ch === "'" ? 'single' : 'double'} quote`
            : `xargs: unmatched ${ch === "'" ? 'single' : 'double'} quote; by default quotes are special to xargs unless you use the -0 option`,
        )
      word = (word ?? '') + text.slice(i + 1, end)
      i = end
    } else if (ch === '\\') word = (word ?? '') + (text[++i] ?? '')
    else word = (word ?? '') + ch
  }
  if (word !== undefined) out.push(word)
  return out
}
