/** The Leases by which the control plane says that it is there and who of it leads. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resources } from '../../src-main/cluster/api/client.js'
import type { Lease } from '../../src-main/cluster/api/object.js'
import { holdControlPlaneLeases, identityOf } from '../../src-main/cluster/control-plane-leases.js'
import { Random } from '../../src-main/cluster/random.js'
import type { WholeCluster } from './support/whole-cluster.js'
import { startWholeCluster } from './support/whole-cluster.js'

let c: WholeCluster
let release: () => void
const hold = (seed: string): (() => void) =>
  holdControlPlaneLeases({
    client: c.admin,
    clock: c.clock,
    random: new Random(seed),
    host: 'drydock',
    log: (message, error) => c.errors.push(`${message}: ${String(error)}`),
  })
const lease = (name: string): Promise<Lease> => c.get<Lease>(resources.leases, 'kube-system', name)

beforeEach(async () => {
  c = await startWholeCluster({ nodes: 1 })
  release = hold('a')
  await c.clock.settle()
})
afterEach(async () => {
  release()
  await c.stop()
  expect(c.errors).toEqual([])
})

describe('the Leases of the control plane', () => {
  test('are one of the API server, with the labels by which it is found, and one of each component that leads', async () => {
    const all = await c.list<Lease>(resources.leases, 'kube-system')
    expect(all.map((l) => l.metadata.name!.replace(/^(apiserver-)[a-z2-7]{26}$/, '$1…'))).toEqual([
      'apiserver-…',
      'kube-controller-manager',
      'kube-scheduler',
    ])
    expect(all[0]!.metadata.labels).toEqual({
      'apiserver.kubernetes.io/identity': 'kube-apiserver',
      'kubernetes.io/hostname': 'drydock',
    })
    const { holderIdentity, ...identity } = all[0]!.spec!
    expect(holderIdentity).toMatch(new RegExp(`^${all[0]!.metadata.name}_[0-9a-f-]{36}$`))
    expect(identity).toEqual({ leaseDurationSeconds: 3600, renewTime: '2026-11-21T09:00:01.000000Z' })
    const { holderIdentity: leader, ...leading } = all[1]!.spec!
    expect(leader).toMatch(/^drydock_[0-9a-f-]{36}$/)
    expect(leading).toEqual({
      acquireTime: '2026-11-21T09:00:01.000000Z',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      renewTime: '2026-11-21T09:00:01.000000Z',
    })
    expect(await c.eventsOf('kube-controller-manager', 'kube-system')).toEqual([`Normal LeaderElection ${leader} became leader`])
  })

  test('are renewed each ten seconds, and not again and again during a jump', async () => {
    await c.clock.advance(10_000)
    const before = await lease('kube-scheduler')
    expect(before.spec!.renewTime).toBe('2026-11-21T09:00:11.000000Z')
    expect(before.spec!.acquireTime).toBe('2026-11-21T09:00:01.000000Z')
    let writes = 0
    const informer = c.informers.for<Lease>(resources.leases)
    const stop = informer.on({ update: (_old, { metadata }) => metadata.name === 'kube-scheduler' && writes++ })
    await c.clock.advance(3_600_000)
    stop()
    expect(writes).toBe(1)
    expect((await lease('kube-scheduler')).spec!.renewTime).toBe('2026-11-21T10:00:11.000000Z')
  })

  test('are taken over by the next run, which counts as a transition', async () => {
    const first = await lease('kube-scheduler')
    release()
    await c.clock.advance(5000)
    release = hold('b')
    await c.clock.settle()
    const second = await lease('kube-scheduler')
    expect(second.spec).toMatchObject({ acquireTime: '2026-11-21T09:00:06.000000Z', leaseTransitions: 1 })
    expect(second.spec!.holderIdentity).not.toBe(first.spec!.holderIdentity)
    expect((await lease(identityOf('drydock'))).metadata.uid).toBeDefined()
    expect(await c.eventsOf('kube-scheduler', 'kube-system')).toHaveLength(2)
  })

  test('are made again after somebody deleted them', async () => {
    await c.admin.resource<Lease>(resources.leases).delete('kube-system', 'kube-scheduler')
    for (let i = 0; i < 2; i++) await c.clock.advance(10_000)
    expect((await lease('kube-scheduler')).spec).toMatchObject({ leaseTransitions: 0, renewTime: '2026-11-21T09:00:21.000000Z' })
  })
})
