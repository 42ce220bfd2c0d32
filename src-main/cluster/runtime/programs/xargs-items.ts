/** What xargs reads: arguments, in words of its own or between delimiters. */
import { StringDecoder } from 'node:string_decoder'
import { LONGEST_LINE } from '../open-file.js'
import { SystemError } from '../process.js'
import { Fail, type Command, type Options } from './command.js'
import { readText } from './reading.js'

/** The arguments of the input, each as soon as it is there; with `-L` all those of a line together. */
export async function* itemsOf(c: Command, o: Options): AsyncGenerator<string[]> {
  const stop = o.get('E') || o.get('e')
  const delimiter = o.has('0') ? '\0' : delimiterOf(o.get('d'))
  const reader = new WordReader(c)
  let line: string[] = []
  for await (const part of parts(c, o, delimiter ?? '\n', delimiter === undefined)) {
    if (delimiter !== undefined) {
      yield [part]
      continue
    }
    const words = o.has('I') ? reader.whole(part) : reader.words(part)
    for await (const word of words) {
      if (word === stop && !(c.busybox && o.has('I'))) {
        if (line.length > 0) yield line
        return
      }
      if (o.has('L')) line.push(word)
      else yield [word]
    }
    // A line that ends in a blank goes on in the next.
    if (line.length === 0 || /[ \t]$/.test(part)) continue
    yield line
    line = []
  }
  if (line.length > 0) yield line
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '0': '\0', '\\': '\\' }

/** The character that `-d` names. Throws Fail. */
function delimiterOf(text: string | undefined): string | undefined {
  if (text === undefined || (text.length === 1 && text !== '\\')) return text
  const [, letter, octal, hex] = /^\\(?:([abfnrtv\\])|([0-7]{1,3})|x([\dA-Fa-f]{1,2}))$/.exec(text) ?? []
  if (letter !== undefined) return ESCAPES[letter]
  if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8))
  if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16))
  throw new Fail(
    text.startsWith('\\')
      ? `xargs: Invalid escape sequence ${text} in input delimiter specification.`
      : `xargs: Invalid input delimiter specification ${text}: the delimiter must be either a single character or an escape sequence starting with \\.`,
  )
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
  if (text !== '') yield text
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

/** Reads words as the shell would quote them, without expansions. */
class WordReader {
  private warned = false

  constructor(private readonly c: Command) {}

  /** A line as one word, from its first character that is no blank; busybox takes quotes as they are. Nothing of a blank line. */
  async *whole(line: string): AsyncGenerator<string> {
    const text = line.replace(/^[ \t]+/, '')
    if (text === '') return
    if (this.c.busybox) yield text
    else yield* this.words(text, true)
  }

  /** @param together whether blanks are a part of the word */
  async *words(text: string, together = false): AsyncGenerator<string> {
    let word: string | undefined
    for (let i = 0; i < text.length; i++) {
      const ch = text[i]!
      if (/\s/.test(ch) && !together) {
        if (word !== undefined) yield this.plain(word)
        word = undefined
      } else if (ch === "'" || ch === '"') {
        const end = text.indexOf(ch, i + 1)
        if (end < 0 || text.slice(i, end).includes('\n')) throw this.unmatched(ch)
        word = (word ?? '') + text.slice(i + 1, end)
        i = end
      } else if (ch === '\\') word = (word ?? '') + (text[++i] ?? '')
      else word = (word ?? '') + ch
      if (ch === '\0' && !this.warned && !this.c.busybox) {
        this.warned = true
        await this.c.task.writeError(`xargs: ${NUL}\n`)
      }
    }
    if (word !== undefined) yield this.plain(word)
  }

  /** An argument ends at a zero byte. */
  private plain(word: string): string {
    const end = word.indexOf('\0')
    return end < 0 ? word : word.slice(0, end)
  }

  private unmatched(quote: string): Fail {
    const which = `xargs: unmatched ${quote === "'" ? 'single' : 'double'} quote`
    return new Fail(this.c.busybox ? which : `${which}; by default quotes are special to xargs unless you use the -0 option`)
  }
}

const NUL =
  'WARNING: a NUL character occurred in the input.  It cannot be passed through in the argument list.  Did you mean to use the --null option?'
