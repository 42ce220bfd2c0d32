import { expect, test } from 'vitest'
import { followMissingImages } from '../../../src-main/cluster/addons/missing-images.js'
import { resources } from '../../../src-main/cluster/api/client.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeCluster } from '../support/fake-cluster.js'

test('the ConfigMap drydock-images says which images are missing, after a restart as before', async () => {
  const clock = new VirtualClock({ start: 0, speed: 0 })
  const cluster = new FakeCluster(clock, new Random('api'))
  const maps = cluster.client('kubernetes-admin').resource(resources.configmaps)
  let marked = new Set<string>()
  const said: string[] = []
  /** A process of the simulator: it knows nothing of the one before. */
  const start = async (): Promise<() => void> => {
    marked = new Set()
    const stop = followMissingImages({
      informers: cluster,
      mark: (reference, missing) => {
        if (reference === '!') throw new Error('invalid reference format')
        if (missing) marked.add(reference)
        else marked.delete(reference)
      },
      log: (message, error) => said.push(`${message}: ${(error as Error).message}`),
    })
    await clock.settle()
    return stop
  }
  let stop = await start()
  const metadata = { name: 'drydock-images', namespace: 'kube-system' }
  const missing = 'nginx:1.99 # never was\n# a comment\n\n  ghcr.io/acme/app:2\n!\n'
  await maps.create('kube-system', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { missing } } as never)
  await clock.settle()
  expect([...marked]).toEqual(['nginx:1.99', 'ghcr.io/acme/app:2'])
  expect(said).toEqual(['"!" in the ConfigMap kube-system/drydock-images is no image reference: invalid reference format'])

  stop()
  stop = await start()
  expect([...marked]).toEqual(['nginx:1.99', 'ghcr.io/acme/app:2'])

  await maps.patch('kube-system', 'drydock-images', { data: { missing: 'ghcr.io/acme/app:2' } }, { type: 'merge' })
  await clock.settle()
  expect([...marked]).toEqual(['ghcr.io/acme/app:2'])
  await maps.delete('kube-system', 'drydock-images')
  await clock.settle()
  expect([...marked]).toEqual([])
  stop()
})
