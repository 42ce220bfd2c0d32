// The API over HTTPS, durable, from one client process with 32 connections on the same machine.
import { requestText } from './load.mjs'
import { idlePod, percentile, round, startCluster } from './support.mjs'

const PODS = 10_000

export async function run() {
  const cluster = await startCluster(['--nodes', '1'])
  const pods = '/api/v1/namespaces/default/pods'
  const load = await cluster.load(32)
  try {
    await load.rate(500, (i) => requestText('POST', pods, idlePod(`warm-${i}`)))
    const create = await load.rate(PODS - 500, (i) => requestText('POST', pods, idlePod(`pod-${i}`)))
    const get = await load.rate(10_000, (i) => requestText('GET', `${pods}/pod-${i % 5000}`))
    const label = (i) => ({ metadata: { labels: { round: String(i) } } })
    const patch = await load.rate(5000, (i) => requestText('PATCH', `${pods}/pod-${i}`, label(i), 'application/merge-patch+json'))
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
    load.close()
    await cluster.stop()
  }
}
