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

/** The milliseconds of a duration that {@link goDuration} printed; undefined for anything else. */
export function parseGoDuration(text: string): number | undefined {
  const m = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:(\d+)ms)?$/.exec(text)
  if (!m || !text) return undefined
  return Number(m[1] ?? 0) * 3_600_000 + Number(m[2] ?? 0) * 60_000 + Math.round(Number(m[3] ?? 0) * 1000) + Number(m[4] ?? 0)
}
