import { stripAnsi } from './ansi.js'
import { withoutTime } from './find-in-log.js'
import type { LogBuffer } from './log-buffer.js'

/**
 * The lines of a log for a file: without colours, each with the name of its source where there are several.
 * @param only the numbers of the lines that are wanted; null: all
 * @param timestamps whether each line begins with its time
 */
export function logTexts(buffer: LogBuffer, names: readonly string[], only: readonly number[] | null, timestamps: boolean): string[] {
  const numbers = only ?? Array.from({ length: buffer.size }, (_, i) => buffer.first + i)
  return numbers.map((n) => {
    const line = buffer.line(n)
    const source = names.length > 1 && buffer.source(n) >= 0 ? `${names[buffer.source(n)]} ` : ''
    return `${source}${stripAnsi(timestamps ? line : withoutTime(line))}\n`
  })
}
