/**
 * A duration as Go prints it (`time.Duration.String`), because event and status messages hold them: `1.2s`, `350ms`,
 * `1m20s`, `5m0s`, `1h0m0s`.
 *
 * @param ms whole milliseconds, not negative
 */
export function goDuration(ms: number): string {
  if (ms <= 0) return '0s'
  if (ms < 1000) return `${ms}ms`
  const seconds = String((ms % 60_000) / 1000)
  const minutes = Math.floor(ms / 60_000)
  if (minutes === 0) return `${seconds}s`
  if (minutes < 60) return `${minutes}m${seconds}s`
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}s`
}

const UNITS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g

/** The milliseconds of a duration as Go writes it (`1m30s`, `500ms`, `0`); undefined for anything else. */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!text || text.replace(PART, '') !== '') return undefined
  let ms = 0
  for (const [, amount, unit] of text.matchAll(PART)) ms += Number(amount) * UNITS[unit as keyof typeof UNITS]
  // Whole nanoseconds, as Go has them.
  return Math.round(ms * 1e6) / 1e6
}
