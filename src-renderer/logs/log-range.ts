import type { LogOptions } from './log-sources.js'

/** Which part of a log is read: its last lines, its last seconds, or what was written between two moments. */
export interface LogRange {
  of: 'tail' | 'last' | 'span'
  /** Of `last`. */
  seconds: number
  /** Of `span`, ms since the epoch; null: from the beginning, and without an end. */
  from: number | null
  until: number | null
}

export const tail: LogRange = { of: 'tail', seconds: 0, from: null, until: null }

/** What is asked for to read a part. @param lines of a tail */
export function optionsOf(
  { of, seconds, from, until }: LogRange,
  lines: number,
): Pick<LogOptions, 'tailLines' | 'sinceSeconds' | 'sinceTime' | 'until'> {
  if (of === 'tail') return { tailLines: lines }
  if (of === 'last') return { sinceSeconds: seconds }
  return { ...(from === null ? {} : { sinceTime: new Date(from).toISOString() }), ...(until === null ? {} : { until }) }
}

/** A moment as a field for date and time has it, `2026-11-21T09:17:04`, in local time or in UTC; empty for none. */
export function fieldOf(ms: number | null, utc: boolean): string {
  if (ms === null) return ''
  return new Date(utc ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** The moment that such a field says, ms since the epoch; null for none. */
export function momentOf(text: string, utc: boolean): number | null {
  const ms = text ? Date.parse(utc ? `${text}${text.length === 16 ? ':00' : ''}Z` : text) : NaN
  return Number.isNaN(ms) ? null : ms
}
