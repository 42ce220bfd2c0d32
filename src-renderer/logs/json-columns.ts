/** Keys that say the most come first; a time is left to the log's own timestamps. */
const first = ['level', 'severity', 'lvl', 'msg', 'message']
const times = new Set(['ts', 'time', 'timestamp', '@timestamp'])
/** A wide value does not push all others out of sight, letters. */
const WIDEST = 60

/**
 * Lays lines that are JSON objects out in columns. A column gets its place when its key is first seen and only ever widens, so that what
 * is read does not jump from line to line.
 */
export class JsonColumns {
  private readonly widths = new Map<string, number>()

  /** The values of a line in columns, or the line itself when it is no JSON object. */
  format(line: string): string {
    const start = line.trimStart()
    if (!start.startsWith('{')) return line
    let object: Record<string, unknown>
    try {
      object = JSON.parse(start) as Record<string, unknown>
    } catch {
      return line
    }
    const values = new Map<string, string>()
    for (const key of [...first.filter((k) => k in object), ...Object.keys(object)]) {
      if (times.has(key) || values.has(key)) continue
      const value = object[key]
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      // What everybody knows the meaning of needs no name.
      values.set(key, first.includes(key) ? text : `${key}=${text}`)
    }
    for (const [key, text] of values)
      this.widths.set(key, Math.max(this.widths.get(key) ?? 0, Math.min(WIDEST, text.replaceAll('\n', '⏎').length)))
    return [...this.widths]
      .map(([key, width]) => (values.get(key) ?? '').replaceAll('\n', '⏎').padEnd(width))
      .join('  ')
      .trimEnd()
  }
}
