/** What curl tells of a transfer as it goes on: on standard error with -v, byte for byte in a file with --trace and --trace-ascii. */
import { SystemError } from '../../process.js'
import type { Command, Options } from '../command.js'

/** What passed: heads and data that were sent (`>`) or came (`<`), or a remark (`*`). */
export type Passed = '*' | '>' | '<' | '}' | '{'

/** As the files of --trace call what passed. */
const TITLES: Readonly<Record<Exclude<Passed, '*'>, string>> = {
  '>': '=> Send header',
  '<': '<= Recv header',
  '}': '=> Send data',
  '{': '<= Recv data',
}

/** Bytes on a line of a trace. */
const HEX_WIDTH = 16
const ASCII_WIDTH = 64

const traceFile = (o: Options): string | undefined => o.get('trace') ?? o.get('trace-ascii')

/** Whether anything is told at all. */
export function isTold(o: Options): boolean {
  return o.has('v') || traceFile(o) !== undefined
}

/** Makes the file of a trace anew. Of -v, --trace and --trace-ascii the last counts, which is told where there are more. */
export async function beginTrace(c: Command, o: Options): Promise<void> {
  const named: Readonly<Record<string, string>> = { v: '-v, --verbose', trace: '--trace', 'trace-ascii': '--trace-ascii' }
  const given = [...new Set(o.given.map(([letter]) => letter).filter((letter) => Object.hasOwn(named, letter)))]
  for (const [i, letter] of given.entries()) {
    if (i > 0) await c.task.writeError(`Warning: ${named[letter]} overrides an earlier trace/verbose option\n`)
    if (i < given.length - 1) o.delete(letter)
  }
  const file = traceFile(o)
  if (file === undefined || file === '-' || file === '%') return
  try {
    c.fs.writeFile(file, '')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.task.writeError('Warning: Failed to create/open output\n')
    for (const letter of ['trace', 'trace-ascii']) o.delete(letter)
  }
}

/**
 * Tells what passed, if it is to be told.
 *
 * @param what remarks without their line's end; heads with all their lines' ends; data as it passed
 */
export async function tell(c: Command, o: Options, passed: Passed, what: string | Uint8Array): Promise<void> {
  if (!isTold(o)) return
  const time = o.has('trace-time') ? `${clockTime(c.task.clock.now())} ` : ''
  const file = traceFile(o)
  if (file === undefined) {
    await c.task.writeError(plain(passed, what).map((line) => `${time}${line}\n`).join('')) // prettier-ignore
    return
  }
  const text = passed === '*' ? `${time}== Info: ${String(what)}\n` : blocks(passed, what).map((block) => `${time}${dump(TITLES[passed], block, o.has('trace-ascii'))}`).join('') // prettier-ignore
  if (file === '-') await c.print(text)
  else if (file === '%') await c.task.writeError(text)
  else c.fs.writeFile(file, text, { append: true })
}

/** The lines of -v. */
function plain(passed: Passed, what: string | Uint8Array): string[] {
  if (passed === '{' || passed === '}') return [`${passed} [${what.length} bytes data]`]
  const text = String(what)
  // Heads keep their lines' ends.
  return (passed === '*' ? text : text.replace(/\n$/, '')).split('\n').map((line) => `${passed} ${line}`)
}

/** What a trace shows in one piece: a head that came is shown line by line. */
function blocks(passed: Passed, what: string | Uint8Array): Buffer[] {
  if (passed !== '<') return [Buffer.from(what as string)]
  return String(what)
    .split(/(?<=\r\n)/)
    .map((line) => Buffer.from(line, 'latin1'))
}

/** Bytes as a trace shows them: in lines with their offset, in hexadecimal and ASCII, or in ASCII alone, which breaks at the ends of lines. */
function dump(title: string, bytes: Uint8Array, ascii: boolean): string {
  let out = `${title}, ${bytes.length} bytes (0x${bytes.length.toString(16)})\n`
  const shown = (from: number, to: number): string =>
    Array.from(bytes.subarray(from, to), (b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('')
  const offset = (at: number): string => `${at.toString(16).padStart(4, '0')}: `
  if (!ascii) {
    for (let at = 0; at < bytes.length; at += HEX_WIDTH) {
      const line = bytes.subarray(at, at + HEX_WIDTH)
      const hex = Array.from(line, (b) => `${b.toString(16).padStart(2, '0')} `).join('')
      out += `${offset(at)}${hex.padEnd(HEX_WIDTH * 3)}${shown(at, at + HEX_WIDTH)}\n`
    }
    return out
  }
  for (let at = 0; at < bytes.length;) {
    const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('\r\n', at)
    const broken = end >= 0 && end - at <= ASCII_WIDTH
    const to = broken ? end : Math.min(at + ASCII_WIDTH, bytes.length)
    out += `${offset(at)}${shown(at, to)}\n`
    at = broken ? end + 2 : to
  }
  return out
}

/** As in `10:24:07.000000`. */
function clockTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 23)}000`
}
