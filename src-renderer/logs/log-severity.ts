/** How grave a line is, in the order of gravity. */
export type Severity = 'debug' | 'info' | 'warn' | 'error'

export const severities: readonly Severity[] = ['debug', 'info', 'warn', 'error']

const words: Record<string, Severity> = {
  trace: 'debug',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  fatal: 'error',
  panic: 'error',
  critical: 'error',
  crit: 'error',
  alert: 'error',
  emerg: 'error',
  severe: 'error',
}

/** The level that klog puts first: `E0102 15:04:05.000000`. */
const klog = /^([IWEF])\d{4} \d\d:\d\d:\d\d/
/** `level=warn`, `"severity":"ERROR"`. */
const keyed = /["']?\b(?:level|lvl|severity|loglevel)["']?\s*[=:]\s*["']?([a-z]+)/i
/** A level in brackets or in capitals near the beginning: `[error]`, `2024-01-01 ERROR …`. */
const bare = /\[(\w+)\]|\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|PANIC|CRITICAL)\b/g
/** How far into a line a bare level is looked for. */
const NEAR = 120

/** How grave a line says that it is; null when it does not say. Formats: klog, logfmt, JSON, brackets, capitals. */
export function severityOf(line: string): Severity | null {
  const k = klog.exec(line)
  if (k) return k[1] === 'I' ? 'info' : k[1] === 'W' ? 'warn' : 'error'
  const word = keyed.exec(line)?.[1]?.toLowerCase()
  if (word && words[word]) return words[word]
  for (const m of line.slice(0, NEAR).matchAll(bare)) {
    const found = words[(m[1] ?? m[2])!.toLowerCase()]
    if (found) return found
  }
  return null
}

/** Whether a line is at least as grave as asked for. A line that does not say is not. */
export function atLeast(line: string, least: Severity): boolean {
  const severity = severityOf(line)
  return severity !== null && severities.indexOf(severity) >= severities.indexOf(least)
}
