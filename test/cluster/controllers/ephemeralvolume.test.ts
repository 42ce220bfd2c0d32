import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { Claim } from '../../../src-main/cluster/controllers/persistentvolume-model.js'
import { TTL_ANNOTATION } from '../../../src-main/cluster/controllers/ttl.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

const { pods, persistentvolumeclaims: claims, storageclasses, nodes } = resources
let c: WholeCluster
afterEach(() => c.stop())

const standard = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'drydock.dev/hostpath',
}
const scratch = {
  containers: [
    {
      name: 'main',
      image: 'busybox',
      command: ['sh', '-c', 'echo kept > /scratch/file; sleep 3600'],
      volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
    },
  ],
  volumes: [
    {
      name: 'scratch',
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { labels: { type: 'scratch' } },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      },
    },
  ],
}

describe('a generic ephemeral volume', () => {
  test('gets a claim named after pod and volume, which is bound, mounted, and gone with the pod', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.create(storageclasses, standard)
    const pod = await c.pod('web', scratch)
    await c.clock.advance(20_000)
    const claim = await c.get<Claim>(claims, 'default', 'web-scratch')
    expect(claim.metadata.labels).toEqual({ type: 'scratch' })
    expect(claim.metadata.ownerReferences).toEqual([
      { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: pod.metadata.uid, controller: true, blockOwnerDeletion: true },
    ])
    expect(claim.status!.phase).toBe('Bound')
    expect((await c.get<Pod>(pods, 'default', 'web')).status!.phase).toBe('Running')
    await c.admin.resource(pods).delete('default', 'web')
    await c.clock.advance(60_000)
    await expect(c.get(claims, 'default', 'web-scratch')).rejects.toMatchObject({ reason: 'NotFound' })
    expect(c.errors).toEqual([])
  })

  test('does not take a claim that is not its own', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.create(storageclasses, standard)
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    await c.create(claims, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'web-scratch', namespace: 'default' },
      spec,
    })
    await c.pod('web', scratch)
    await c.clock.advance(1_000)
    expect(await c.eventsOf('web')).toContain(
      'Warning FailedBinding ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)',
    )
  })
})

describe('the TTL of a node', () => {
  test('is zero in a small cluster, and longer in one of more than a hundred nodes', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const ttl = async (): Promise<string | undefined> => (await c.get<Node>(nodes, '', 'drydock')).metadata.annotations?.[TTL_ANNOTATION]
    expect(await ttl()).toBe('0')
    for (let i = 0; i < 100; i++)
      await c.admin.resource<Node>(nodes).create('', { apiVersion: 'v1', kind: 'Node', metadata: { name: `n${i}` } })
    await c.clock.advance(1_000)
    expect(await ttl()).toBe('15')
    // Ninety are still as many as before, fewer are not.
    for (let i = 0; i < 12; i++) await c.admin.resource(nodes).delete('', `n${i}`)
    await c.clock.advance(1_000)
    expect(await ttl()).toBe('0')
  })
})
