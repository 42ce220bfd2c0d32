import { stripAnsi } from './ansi.js'
import type { LogBuffer } from './log-buffer.js'

/** A test for lines: plain text in any case, `/regex/`, `!` before either for the inverse. `null` for an empty or broken one. */
export function parseQuery(query: string): { test: (line: string) => boolean; ranges: (line: string) => [number, number][] } | null {
  let q = query.trim()
  const inverse = q.startsWith('!') && q.length > 1
  if (inverse) q = q.slice(1)
  if (!q) return null
  const m = /^\/(.+)\/$/.exec(q)
  let regex: RegExp
  try {
    regex = m ? new RegExp(m[1]!, 'gi') : new RegExp(q.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi')
  } catch {
    return null
  }
  const test = (line: string) => {
    regex.lastIndex = 0
    return regex.test(line) !== inverse
  }
  const ranges = (line: string): [number, number][] => {
    if (inverse) return []
    const out: [number, number][] = []
    // It would begin where the last test ended.
    regex.lastIndex = 0
    for (const r of line.matchAll(regex)) if (r[0]) out.push([r.index, r.index + r[0].length])
    return out
  }
  return { test, ranges }
}

/** The numbers of matching lines, kept up with a buffer in small steps so that a long log never holds up a frame. */
export class LogSearch {
  matches: number[] = []
  private at: number

  constructor(
    private readonly buffer: LogBuffer,
    private readonly test: (line: string) => boolean,
    /** What of a line is searched (without its timestamp, say). */
    private readonly view: (line: string) => string = (l) => l,
  ) {
    this.at = buffer.first
  }

  /** Looks at up to `budget` more lines; false when it has caught up. */
  step(budget = 20_000): boolean {
    const { buffer } = this
    this.at = Math.max(this.at, buffer.first)
    const stop = Math.min(buffer.end, this.at + budget)
    for (; this.at < stop; this.at++) if (this.test(stripAnsi(this.view(buffer.line(this.at))))) this.matches.push(this.at)
    if (this.matches.length && this.matches[0]! < buffer.first) {
      const keep = this.matches.findIndex((n) => n >= buffer.first)
      this.matches = keep < 0 ? [] : this.matches.slice(keep)
    }
    return this.at < buffer.end
  }
}
