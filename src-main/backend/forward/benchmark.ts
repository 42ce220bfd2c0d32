/**
 * The `benchmark` stream: asks a Service for one path again and again, through the API server's proxy, so that nothing has to listen
 * here and the Service's own balancing is in it. What the proxy takes is part of what is measured.
 * https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
 */
import { toRpcError, problem } from '../errors.js'
import type { BenchmarkParams, BenchmarkReport } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { ApiConnection } from '../session/connection.js'
import { objectPath } from '../session/paths.js'
import type { Session } from '../session/session.js'

const MOST_REQUESTS = 100_000
const MOST_AT_ONCE = 200
/** Between two reports, ms. */
const REPORT = 250
/** What one answer may take, ms. */
const TIMEOUT = 30_000
/** Ends of the bars, ms. */
const BARS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

export async function streamBenchmark(session: Session, params: BenchmarkParams, stream: StreamContext<'benchmark'>): Promise<void> {
  const { requests, concurrency } = params
  const whole = (n: number, most: number): boolean => Number.isInteger(n) && n >= 1 && n <= most
  if (!whole(requests, MOST_REQUESTS) || !whole(concurrency, MOST_AT_ONCE))
    throw problem('Invalid', 'benchmarkRange', { requests: MOST_REQUESTS, atOnce: MOST_AT_ONCE })
  const api = await session.api()
  const path = proxyPath(params)
  const measured = new Measured(requests)
  let begun = 0
  const worker = async (): Promise<void> => {
    while (begun < requests && !stream.signal.aborted) {
      begun++
      await measured.request(api, path, stream.signal)
    }
  }
  const reports = setInterval(() => stream.emit(measured.report(false)), REPORT)
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, requests) }, worker))
  } finally {
    clearInterval(reports)
  }
  stream.emit(measured.report(true))
  stream.end()
}

/** `/api/v1/namespaces/shop/services/web:80/proxy/path`; the scheme before the name where it is https. */
export function proxyPath({ ref, port, scheme, path }: Pick<BenchmarkParams, 'ref' | 'port' | 'scheme' | 'path'>): string {
  const name = `${scheme === 'https' ? 'https:' : ''}${ref.name}:${port}`
  const service = objectPath({ ...ref, name: '' }).replace(/\/$/, '')
  return `${service}/${name}/proxy/${path.replace(/^\//, '')}`
}

/** Answers so far. */
class Measured {
  private readonly began = performance.now()
  private readonly latencies: number[] = []
  private readonly codes: Record<string, number> = {}
  private readonly errors: Record<string, number> = {}
  private done = 0
  private bytes = 0

  constructor(private readonly of: number) {}

  async request(api: ApiConnection, path: string, signal: AbortSignal): Promise<void> {
    const from = performance.now()
    let code: number | undefined
    try {
      const answer = await api.open(path, { accept: '*/*', signal, timeout: TIMEOUT })
      code = answer.statusCode
      for await (const part of answer) this.bytes += (part as Buffer).length
    } catch (error) {
      if (signal.aborted) return
      const told = toRpcError(error)
      // A status of the Service's own is an answer like others; one of the API server's says why there is none.
      code = told.code
      if (code === undefined || told.reason === 'ServiceUnavailable' || code === 403) count(this.errors, told.message)
    }
    this.done++
    if (code === undefined) return
    count(this.codes, String(code))
    this.latencies.push(performance.now() - from)
  }

  report(finished: boolean): BenchmarkReport {
    const { codes, errors, done, of, bytes } = this
    const sorted = Float64Array.from(this.latencies).sort()
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
    const bars = BARS.map((upTo, i) => ({ upTo, n: below(sorted, upTo) - (i ? below(sorted, BARS[i - 1]!) : 0) }))
    return {
      finished,
      done,
      of,
      elapsed: performance.now() - this.began,
      bytes,
      codes: { ...codes },
      errors: { ...errors },
      latency: sorted.length
        ? {
            min: sorted[0]!,
            mean: sorted.reduce((a, b) => a + b, 0) / sorted.length,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: sorted.at(-1)!,
          }
        : null,
      histogram: [...bars, { upTo: null, n: sorted.length - below(sorted, BARS.at(-1)!) }],
    }
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}

/** How many of sorted numbers are at most `limit`. */
function below(sorted: Float64Array, limit: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! <= limit) low = middle + 1
    else high = middle
  }
  return low
}
