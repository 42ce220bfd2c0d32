/**
 * Prometheus' text format, as Go's client writes it.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

/** The media type of a page of metrics. */
export const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

export type MetricType = 'counter' | 'gauge' | 'histogram'

export type Labels = Readonly<Record<string, string>>

/** A number as Go prints it: `0.005`, `100000`, `1.5e+06`. */
export function goFloat(n: number): string {
  if (!Number.isFinite(n)) return n > 0 ? '+Inf' : n < 0 ? '-Inf' : 'NaN'
  if (n === 0 || (Math.abs(n) >= 1e-4 && Math.abs(n) < 1e6)) return String(n)
  return n.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}

/** `a="b",c="d"`, in the order of the names. */
export function printedLabels(labels: Labels): string {
  const names = Object.keys(labels).sort()
  return names.map((name) => `${name}="${labels[name]!.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`).join(',')
}

/** One line: `labels` as {@link printedLabels} makes them, and the time of the value in ms where it has one. */
export function sample(name: string, labels: string, value: number, at?: number): string {
  return `${name}${labels ? `{${labels}}` : ''} ${goFloat(value)}${at === undefined ? '' : ` ${Math.round(at)}`}`
}

/** A metric with its samples, each on a line of its own; nothing when there are none. */
export function family(name: string, type: MetricType, help: string, samples: readonly string[]): string {
  return samples.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('\n')}\n`
}

/** A metric whose samples have labels, of a time in ms where they have one. */
export function labelled(
  name: string,
  type: MetricType,
  help: string,
  values: readonly (readonly [labels: Labels, value: number])[],
  at?: number,
): string {
  return family(
    name,
    type,
    help,
    values.map(([labels, value]) => sample(name, printedLabels(labels), value, at)),
  )
}

/** A page of metrics, in the order of their names, as Go's client writes it. @param families as {@link family} makes them */
export function page(families: readonly string[]): string {
  return families
    .filter((text) => text !== '')
    .sort((a, b) => (a < b ? -1 : 1))
    .join('')
}

/** Upper bounds of latencies, seconds: those of kube-apiserver. */
export const LATENCY_BUCKETS: readonly number[] = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]

const byLabels = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

/** How often something has happened under each set of labels. */
export class Counter {
  private readonly counts = new Map<string, number>()

  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  /** @param labels as {@link printedLabels} makes them */
  add(labels: string): void {
    this.counts.set(labels, (this.counts.get(labels) ?? 0) + 1)
  }

  text(): string {
    const samples = [...this.counts].sort(byLabels).map(([labels, n]) => sample(this.name, labels, n))
    return family(this.name, 'counter', this.help, samples)
  }
}

/** What was observed under one set of labels, counted by upper bounds. */
export class Series {
  /** How many values each bucket took that no narrower one did. */
  private readonly taken: number[]
  sum = 0
  count = 0

  constructor(private readonly buckets: readonly number[]) {
    this.taken = buckets.map(() => 0)
  }

  observe(value: number): void {
    let i = 0
    while (i < this.buckets.length && value > this.buckets[i]!) i++
    if (i < this.buckets.length) this.taken[i]!++
    this.sum += value
    this.count++
  }

  /** How many values were at most as large as each upper bound. */
  counts(): number[] {
    let sum = 0
    return this.taken.map((n) => (sum += n))
  }
}

/** What was observed under each set of labels. */
export class Histogram {
  private readonly observed = new Map<string, Series>()

  constructor(
    readonly name: string,
    readonly help: string,
    private readonly buckets: readonly number[],
  ) {}

  /** Where values are noted under a set of labels. @param labels as {@link printedLabels} makes them */
  series(labels: string): Series {
    let of = this.observed.get(labels)
    if (!of) this.observed.set(labels, (of = new Series(this.buckets)))
    return of
  }

  /** @param labels as {@link printedLabels} makes them */
  observe(labels: string, value: number): void {
    this.series(labels).observe(value)
  }

  text(): string {
    const samples = [...this.observed].sort(byLabels).flatMap(([labels, series]) => {
      const { sum, count } = series
      const counts = series.counts()
      const bounded = (bound: string): string => `${labels}${labels && ','}le="${bound}"`
      return [
        ...this.buckets.map((bound, i) => sample(`${this.name}_bucket`, bounded(goFloat(bound)), counts[i]!)),
        sample(`${this.name}_bucket`, bounded('+Inf'), count),
        sample(`${this.name}_sum`, labels, sum),
        sample(`${this.name}_count`, labels, count),
      ]
    })
    return family(this.name, 'histogram', this.help, samples)
  }
}
