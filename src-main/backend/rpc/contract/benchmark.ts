/** A benchmark of a Service over HTTP. */
import type { ObjectRef } from './resources.js'

export interface BenchmarkParams {
  context: string
  /** The Service. */
  ref: ObjectRef
  /** A port of it, by number or name. */
  port: string
  scheme: 'http' | 'https'
  /** With its query, such as `/search?q=a`. */
  path: string
  /** How many requests, at most 100,000, and how many of them at once, at most 200. */
  requests: number
  concurrency: number
}

/** What a benchmark has come to, sent a few times a second and once more at the end, when `finished`. */
export interface BenchmarkReport {
  finished: boolean
  done: number
  of: number
  /** ms. */
  elapsed: number
  /** Of the bodies that came. */
  bytes: number
  /** How many answers there were of each HTTP status. */
  codes: Record<string, number>
  /** What went wrong without an answer, or why the API server answered in the Service's place, and how often. */
  errors: Record<string, number>
  /** ms, of all that was answered; null before the first. */
  latency: { min: number; mean: number; p50: number; p90: number; p99: number; max: number } | null
  /** How many answers took up to so many ms; the last bar has no end. */
  histogram: { upTo: number | null; n: number }[]
}
