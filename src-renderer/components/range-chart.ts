import { humanBytes } from './bytes.js'
import { humanCores } from './chart-path.js'
import type { MetricChart } from '../../src-main/backend/rpc/contract.js'

/** A line through the values that are there, in a box of `width` × `height` px; it is broken where there are none. A lone value is a dash. */
export function brokenPath(values: readonly (number | null)[], top: number, width: number, height: number): string {
  const round = (n: number): number => Math.round(n * 10) / 10
  const x = (i: number): number => round((i / Math.max(1, values.length - 1)) * width)
  let path = ''
  let pen = false
  values.forEach((v, i) => {
    if (v === null) {
      pen = false
      return
    }
    const y = round(height - Math.min(1, top > 0 ? Math.max(0, v) / top : 0) * height)
    path += `${pen ? 'L' : 'M'}${x(i)} ${y}`
    if (!pen && (values[i + 1] ?? null) === null) path += `h1`
    pen = true
  })
  return path
}

/** A value with its unit. */
export function metricText(unit: MetricChart['unit'], value: number): string {
  switch (unit) {
    case 'cores':
      return humanCores(value)
    case 'bytes':
      return humanBytes(value)
    case 'bytesPerSecond':
      return `${humanBytes(value)}/s`
    case 'perSecond':
      return `${value >= 10 ? Math.round(value) : Math.round(value * 100) / 100}/s`
    case 'seconds':
      return value < 1 ? `${Math.round(value * 1000)} ms` : `${Math.round(value * 100) / 100} s`
    case 'count':
      return Math.round(value).toLocaleString('en-US')
  }
}

/** The last value that is there; null when there is none. */
export function lastValue(values: readonly (number | null)[]): number | null {
  for (let i = values.length - 1; i >= 0; i--) if (values[i] !== null && values[i] !== undefined) return values[i]!
  return null
}
