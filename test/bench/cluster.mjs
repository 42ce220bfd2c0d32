// Start and idle cost of an embedded cluster.
import { round, startCluster } from './support.mjs'

export async function run() {
  const starts = []
  let idle
  for (let i = 0; i < 3; i++) {
    const cluster = await startCluster()
    starts.push(cluster.ms)
    if (i === 2) {
      await new Promise((resolve) => setTimeout(resolve, 3000))
      const before = cluster.usage()
      await new Promise((resolve) => setTimeout(resolve, 10_000))
      const after = cluster.usage()
      idle = { rss: after.rss, cpu: (after.cpuMs - before.cpuMs) / 10_000 }
    }
    await cluster.stop()
  }
  starts.sort((a, b) => a - b)
  return [
    { what: 'cluster: start to 3 Ready nodes (median of 3)', value: round(starts[1]), unit: 'ms', budget: 1500 },
    { what: 'cluster: idle memory', value: round(idle.rss / 1024 / 1024), unit: 'MiB', budget: 180 },
    { what: 'cluster: idle CPU', value: round(idle.cpu * 100, 2), unit: '%', budget: 1 },
  ]
}
