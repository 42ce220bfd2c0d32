/** Files read whole, by lines or as they come; what a process holds of them counts as its memory. */
import { systemError } from '../errors.js'
import { Handle, LONGEST_LINE } from '../open-file.js'
import type { OpenFile } from '../process.js'
import type { Task } from '../task.js'
import type { Command } from './command.js'

/** Opens a file; a directory fails with EISDIR at once, as its first read would. */
export async function openForReading(task: Task, path: string): Promise<Handle> {
  return new Handle(await task.fs.openWaiting(path, 'r'), task, true)
}

/** The text of a file that may be a pipe or `-`, as a script given with -f. Throws SystemError. */
export async function readText(c: Command, path: string): Promise<string> {
  if (path === '-') return (await readAll(c.task.fd(0)!)).toString('utf8')
  const file = await openForReading(c.task, path)
  try {
    return (await readAll(file)).toString('utf8')
  } finally {
    file.close()
  }
}

/** What a line costs besides its bytes, and an entry of a list or an array. */
export const LINE_COST = 48

/** What is read from a file stays in the memory of the process. Throws ENOMEM and Killed. */
export function hold(file: OpenFile, bytes: number): void {
  if (file instanceof Handle) file.hold(bytes)
}

/** What a program that cannot go on for lack of memory ends with. Throws Killed where there is a limit. */
function outOfMemory(file: OpenFile): Error {
  if (file instanceof Handle) file.exhaust()
  return systemError('ENOMEM')
}

/** All bytes of a file, which the process holds from then on. Throws ENOMEM when that is too much. */
export async function readAll(file: OpenFile): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for (;;) {
    const data = await file.read(65_536)
    if (data.length === 0) return Buffer.concat(chunks)
    hold(file, data.length)
    chunks.push(data)
  }
}

/**
 * All lines of a file without what ends them, which the process holds from then on. Throws ENOMEM when that is too much.
 *
 * @param end the byte behind each line
 */
export async function readLines(file: OpenFile, encoding: 'latin1' | 'utf8' = 'latin1', end = 10): Promise<string[]> {
  const separator = String.fromCharCode(end)
  const lines: string[] = []
  let rest: Uint8Array[] = []
  const take = (data: Uint8Array): void => {
    const found = Buffer.concat([...rest, data])
      .toString(encoding)
      .split(separator)
    hold(file, found.length * LINE_COST)
    for (const line of found) lines.push(line)
  }
  // As they come: all at once would keep everybody else waiting.
  for (;;) {
    const data = await file.read(65_536)
    if (data.length === 0) break
    hold(file, data.length)
    const last = data.lastIndexOf(end)
    if (last < 0) rest.push(data)
    else {
      take(data.subarray(0, last))
      rest = last + 1 < data.length ? [data.subarray(last + 1)] : []
    }
  }
  if (rest.length > 0) take(new Uint8Array())
  return lines
}

/** Writes lines with what ends them, some at a time. */
export async function printLines(c: Command, lines: readonly string[], encoding: 'latin1' | 'utf8' = 'utf8', end = '\n'): Promise<void> {
  for (let i = 0; i < lines.length; i += LINES_AT_ONCE)
    await c.print(Buffer.from(`${lines.slice(i, i + LINES_AT_ONCE).join(end)}${end}`, encoding))
}

/** Lines that are written at once. */
const LINES_AT_ONCE = 5000

/** The lines of a file with their newlines, as they come; several at once when they come together. */
export async function* lineBatches(file: OpenFile, separator = 10): AsyncGenerator<Buffer[]> {
  let rest: Uint8Array[] = []
  let held = 0
  for (;;) {
    const data = await file.read(65_536)
    if (data.length === 0) break
    const last = data.lastIndexOf(separator)
    if (last < 0) {
      rest.push(data)
      held += data.length
      hold(file, data.length)
      if (held > LONGEST_LINE) throw outOfMemory(file)
      continue
    }
    const all = Buffer.concat([...rest, data.subarray(0, last + 1)])
    const lines: Buffer[] = []
    let start = 0
    for (let end = all.indexOf(separator, start); end >= 0; end = all.indexOf(separator, start)) {
      lines.push(all.subarray(start, end + 1))
      start = end + 1
    }
    rest = last + 1 < data.length ? [Uint8Array.from(data.subarray(last + 1))] : []
    hold(file, data.length - last - 1 - held)
    held = data.length - last - 1
    yield lines
  }
  if (rest.length === 0) return
  yield [Buffer.concat(rest)]
  hold(file, -held)
}
