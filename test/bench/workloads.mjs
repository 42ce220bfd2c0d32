// A Deployment of 1,000 replicas, until all are Running and Ready. The image is one that nodes have without pulling.
import { round, startCluster } from './support.mjs'

const REPLICAS = 1000

export async function run() {
  const cluster = await startCluster(['--nodes', '12'])
  try {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'bench' },
      spec: {
        replicas: REPLICAS,
        selector: { matchLabels: { app: 'bench' } },
        template: {
          metadata: { labels: { app: 'bench' } },
          spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10', imagePullPolicy: 'IfNotPresent' }] },
        },
      },
    }
    const began = performance.now()
    await cluster.request('POST', '/apis/apps/v1/namespaces/default/deployments', deployment)
    for (;;) {
      const d = JSON.parse(await cluster.request('GET', '/apis/apps/v1/namespaces/default/deployments/bench'))
      if (d.status?.readyReplicas === REPLICAS) break
      if (performance.now() - began > 120_000)
        throw new Error(`only ${d.status?.readyReplicas ?? 0} of ${REPLICAS} pods became ready in two minutes`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return [
      { what: 'workloads: Deployment of 1,000 replicas to all Ready', value: round(performance.now() - began), unit: 'ms', budget: 2000 },
    ]
  } finally {
    await cluster.stop()
  }
}
