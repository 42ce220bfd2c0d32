/** What CoreDNS' prometheus plugin tells (https://coredns.io/plugins/metrics/). */
import type { CacheCounts } from './dns-cache.js'

/** Counts of one server since it began. */
export class DnsMetrics {
  private readonly requests = new Map<string, number>()
  private readonly responses = new Map<string, number>()
  caches: { zone: string; counts: CacheCounts }[] = []

  /** A question that was answered. */
  count(zone: string, type: string, protocol: string, code: string): void {
    const add = (to: Map<string, number>, labels: string): void => void to.set(labels, (to.get(labels) ?? 0) + 1)
    add(this.requests, `family="1",proto="${protocol}",server="dns://:53",type="${type}",view="",zone="${zone}"`)
    add(this.responses, `plugin="",rcode="${code}",server="dns://:53",view="",zone="${zone}"`)
  }

  /** In the text format of Prometheus. */
  text(): string {
    const metric = (name: string, kind: string, help: string, rows: (readonly [labels: string, value: number])[]): string =>
      rows.length === 0
        ? ''
        : `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${rows.map(([labels, value]) => `${name}{${labels}} ${value}\n`).join('')}`
    const cached = (read: (counts: CacheCounts) => { success: number; denial: number }): (readonly [string, number])[] =>
      this.caches.flatMap(({ zone, counts }) =>
        (['denial', 'success'] as const).map(
          (type) => [`server="dns://:53",type="${type}",view="",zones="${zone}"`, read(counts)[type]] as const,
        ),
      )
    return (
      metric(
        'coredns_build_info',
        'gauge',
        "A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built.",
        [['goversion="go1.26.1",revision="",version="1.14.2"', 1]],
      ) +
      metric(
        'coredns_cache_entries',
        'gauge',
        'The number of elements in the cache.',
        cached((c) => c.entries()),
      ) +
      metric(
        'coredns_cache_hits_total',
        'counter',
        'The count of cache hits.',
        cached((c) => c.hits),
      ) +
      metric(
        'coredns_cache_misses_total',
        'counter',
        'The count of cache misses. Deprecated, derive misses from cache hits/requests counters.',
        this.caches.map(({ zone, counts }) => [`server="dns://:53",view="",zones="${zone}"`, counts.misses()] as const),
      ) +
      metric('coredns_dns_requests_total', 'counter', 'Counter of DNS requests made per zone, protocol and family.', [...this.requests]) +
      metric('coredns_dns_responses_total', 'counter', 'Counter of response status codes.', [...this.responses])
    )
  }
}
