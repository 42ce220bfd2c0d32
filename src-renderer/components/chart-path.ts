/** The box that small charts are drawn in, px. */
export const CHART_WIDTH = 220
export const CHART_HEIGHT = 44

/** The points of a line chart in a box of `width` × `height` px, from 0 at the bottom to `top`. One value is a flat line. */
export function linePath(values: readonly number[], top: number, width: number, height: number): string {
  if (values.length === 0) return ''
  const line = values.length === 1 ? [values[0]!, values[0]!] : values
  const round = (n: number): number => Math.round(n * 10) / 10
  return line
    .map(
      (v, i) => `${i ? 'L' : 'M'}${round((i / (line.length - 1)) * width)} ${round(height - Math.min(1, top > 0 ? v / top : 0) * height)}`,
    )
    .join('')
}

/** How far away a mark may be to be in sight, in times of the largest value. */
const NEAR = 20
/** The part of the least limit that a chart shows at the least. */
const LEAST = 0.01

/**
 * The top of a chart: above the largest value, and up to a limit that is not far away, so that it is in sight. What uses
 * next to nothing of its limits is drawn low.
 */
export function chartTop(values: readonly number[], marks: readonly number[]): number {
  const most = Math.max(0, ...values)
  const limits = marks.filter((m) => m > 0)
  const near = limits.filter((m) => m <= most * NEAR)
  const least = limits.length ? Math.min(...limits) * LEAST : 0
  return Math.max(most, least, ...near) * 1.15 || 1
}

/** Cores as people write them: `1.5`, `250m`, `0.4m`. */
export function humanCores(cores: number): string {
  if (cores >= 1) return String(Math.round(cores * 100) / 100)
  const milli = cores * 1000
  return `${milli >= 10 ? Math.round(milli) : Math.round(milli * 10) / 10}m`
}
