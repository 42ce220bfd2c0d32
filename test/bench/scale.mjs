// The largest cluster that is meant to run: 5,000 nodes and 150,000 pods. Takes minutes and gigabytes, so it runs only
// when it is named: `npm run bench -- scale`. BENCH_NODES and BENCH_PODS make it smaller.
import { percentile, rate, round, startCluster } from './support.mjs'

const NODES = Number(process.env.BENCH_NODES ?? 5000)
const PODS = Number(process.env.BENCH_PODS ?? 150_000)
/** Pods of one Deployment. */
const REPLICAS = 1000
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'

const deployment = (name, replicas) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10', imagePullPolicy: 'IfNotPresent' }] },
    },
  },
})

export async function run() {
  const cluster = await startCluster(['--nodes', String(NODES)])
  const wanted = new Map()
  for (let left = PODS; left > 0; left -= REPLICAS) wanted.set(`scale-${wanted.size}`, Math.min(left, REPLICAS))
  try {
    await rate(wanted.size, 8, (i) => cluster.request('POST', DEPLOYMENTS, deployment(`scale-${i}`, wanted.get(`scale-${i}`))))
    for (let ready = 0, last = performance.now(); ready < PODS;) {
      const list = JSON.parse(await cluster.request('GET', DEPLOYMENTS))
      const now = list.items.reduce((sum, d) => sum + (d.status?.readyReplicas ?? 0), 0)
      if (now > ready) last = performance.now()
      if (performance.now() - last > 300_000) throw new Error(`only ${now} of ${PODS} pods became ready, and none for five minutes`)
      ready = now
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    const samples = []
    await rate(2000, 4, async (i) => {
      const at = performance.now()
      await cluster.request('GET', `${DEPLOYMENTS}/scale-${i % wanted.size}`)
      samples.push(performance.now() - at)
    })
    const of = `${NODES} nodes, ${PODS} pods`
    return [
      { what: `scale: ${of}: memory`, value: round(cluster.usage().rss / 1024 ** 2), unit: 'MiB', budget: 4096 },
      { what: `scale: ${of}: get of one object, p99`, value: round(percentile(samples, 0.99), 1), unit: 'ms', budget: 100 },
    ]
  } finally {
    await cluster.stop()
  }
}
