/** What Prometheus knows of an object's past. */
import type { ObjectRef } from './resources.js'

export type MetricRange = '1h' | '6h' | '24h' | '7d' | '30d'

/** One line of a chart. `request`, `limit`, `allocatable` and `capacity` are what the others are measured against. */
export interface MetricSeries {
  id:
    | 'usage'
    | 'request'
    | 'limit'
    | 'allocatable'
    | 'capacity'
    | 'receive'
    | 'transmit'
    | 'read'
    | 'write'
    | 'used'
    | 'requests'
    | 'errors'
    | 'p50'
    | 'p95'
  /** One for each step from the start to the end; null where there is no sample. */
  values: (number | null)[]
}

export interface MetricChart {
  id: 'cpu' | 'memory' | 'network' | 'filesystem' | 'requests' | 'latency' | 'inodes'
  unit: 'cores' | 'bytes' | 'bytesPerSecond' | 'perSecond' | 'seconds' | 'count'
  series: MetricSeries[]
}

export interface MetricHistory {
  /** Where Prometheus was found: `monitoring/prometheus-server:80`. */
  source: string
  /** The first and the last moment, ms since the epoch by Prometheus' clock. */
  start: number
  end: number
  stepSeconds: number
  /** Only those of which there are samples. */
  charts: MetricChart[]
}

export interface MetricCalls {
  /** The history of an object; null where no Prometheus is found, or may be asked, and none was set. */
  'metrics.history': (p: { context: string; ref: ObjectRef; range: MetricRange }) => MetricHistory | null
  /** Asks the Prometheus at a place, `NAMESPACE/SERVICE:PORT/PATH`, or looks for one; gives where it is, null when there is none. */
  'metrics.prometheus': (p: { context: string; place?: string }) => string | null
}
