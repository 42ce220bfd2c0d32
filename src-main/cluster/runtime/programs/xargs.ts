/** xargs: the arguments of commands from its input. */
import { SystemError, type Program } from '../process.js'
import { command, Fail, readAll, readText, type Command, type Flavour, type Options } from './command.js'

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
    const input = await readInput(c, o)
    const stop = o.get('E') || o.get('e')
    const text = stop === undefined ? input : beforeWord(input, stop)
    const template = o.operands.length > 0 ? o.operands : ['echo']
    const replace = o.get('I')
    const items = o.has('0')
      ? text.split('\0').filter((x, i, all) => x !== '' || i < all.length - 1)
      : o.has('d')
        ? text.replace(/\n$/, '').split(o.get('d')!.replace('\\n', '\n'))
        : replace !== undefined || o.has('L')
          ? text
              .split('\n')
              .map((l) => l.trim())
              .filter(Boolean)
          : words(c, text)
    const size = replace !== undefined ? 1 : Number(o.get('n') ?? o.get('L') ?? Infinity)
    if (items.length === 0) {
      if (o.has('r') || replace !== undefined || (c.busybox && o.has('r'))) return 0
      return finish(await launch(c, o.has('t'), template), c)
    }
    const lines: string[][] = []
    let current: string[] = []
    const command = template.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0)
    const most = Number(o.get('s') ?? 128 * 1024) - command
    let length = 0
    for (const item of items) {
      const bytes = Buffer.byteLength(item) + 1
      if (bytes > most) throw new Fail('xargs: argument line too long')
      if (current.length > 0 && (current.length >= size || length + bytes > most)) {
        lines.push(current)
        current = []
        length = 0
      }
      current.push(item)
      length += bytes
    }
    if (current.length > 0) lines.push(current)
    const parallel = Math.max(1, Number(o.get('P') ?? 1) || lines.length)
    let next = 0
    let status = 0
    const worker = async (): Promise<void> => {
      while (next < lines.length) {
        const batch = lines[next++]!
        const argv =
          replace === undefined
            ? [...template, ...(o.has('L') ? batch.flatMap((l) => l.split(/\s+/)) : batch)]
            : template.map((a) => a.replaceAll(replace, batch[0]!))
        if (o.has('p') && !(await agreed(c, argv))) continue
        const ended = await launch(c, o.has('t') && !o.has('p'), argv)
        const code = finish(ended, c)
        if (code !== 0) status = code
        if (ended === 255 && !c.busybox) await c.task.writeError(`xargs: ${argv[0]}: exited with status 255; aborting\n`)
        if (code === 124 || code === 126 || code === 127) {
          next = lines.length
          return
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(parallel, lines.length) }, worker))
    return status
  })
}

async function readInput(c: Command, o: Options): Promise<string> {
  const path = o.get('a')
  if (path === undefined) return (await readAll(c.task.fd(0)!)).toString('utf8')
  try {
    return await readText(c, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(
      c.busybox ? `xargs: can't open '${path}': ${error.message}` : `xargs: Cannot open input file '${path}': ${error.message}`,
    )
  }
}

/** What comes before the word that ends the input. */
function beforeWord(text: string, stop: string): string {
  const at = text.search(new RegExp(`(^|\\s)${stop.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(\\s|$)`))
  return at < 0 ? text : text.slice(0, at)
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

/** xargs' status for a command's. */
function finish(code: number, c: Command): number {
  if (code === 0 || code === 126 || code === 127) return code
  if (code === 255) return 124
  return code > 128 && !c.busybox ? 125 : 123
}

async function launch(c: Command, trace: boolean, argv: string[]): Promise<number> {
  if (trace) await c.task.writeError(`${argv.join(' ')}\n`)
  try {
    const child = await c.task.spawn({ argv, fds: new Map([[0, c.fs.open('/dev/null', 'r')]]) })
    return await child.wait()
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
