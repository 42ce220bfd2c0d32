// The API over HTTPS, durable, from one client process with 32 connections on the same machine.
import { idlePod, percentile, rate, round, startCluster } from './support.mjs'

const PODS = 10_000

export async function run() {
  const cluster = await startCluster(['--nodes', '1'])
  const pods = '/api/v1/namespaces/default/pods'
  try {
    await rate(500, 32, (i) => cluster.request('POST', pods, idlePod(`warm-${i}`)))
    const create = await rate(PODS - 500, 32, (i) => cluster.request('POST', pods, idlePod(`pod-${i}`)))
    const get = await rate(10_000, 32, (i) => cluster.request('GET', `${pods}/pod-${i % 5000}`))
    const patch = await rate(5000, 32, (i) =>
      cluster.request(
        'PATCH',
        `${pods}/pod-${i}`,
        { metadata: { labels: { round: String(i) } } },
        { 'content-type': 'application/merge-patch+json' },
      ),
    )
    const lists = []
    for (let i = 0; i < 7; i++) {
      const began = performance.now()
      await cluster.request('GET', pods)
      lists.push(performance.now() - began)
    }
    return [
      { what: 'api: create pods', value: create, unit: '/s', budget: 3000, atLeast: true },
      { what: 'api: get a pod', value: get, unit: '/s', budget: 8000, atLeast: true },
      { what: 'api: patch a pod', value: patch, unit: '/s', budget: 3000, atLeast: true },
      { what: 'api: list 10,000 pods (median of 7)', value: round(percentile(lists, 0.5)), unit: 'ms', budget: 60 },
    ]
  } finally {
    await cluster.stop()
  }
}
