/** LimitRanger and ResourceQuota. */
import { describe, expect, it } from 'vitest'
import { CLAIM, DEVICES, LEASE, object, POD, pod, SERVICE, World } from './world.js'

describe('LimitRanger', () => {
  const range = (limits: object) => ({ 'limitranges/ns': [object('l', { spec: { limits: [{ type: 'Container', ...limits }] } })] })

  it('gives containers what they do not say, and notes it', async () => {
    const world = new World(range({ default: { cpu: '1', memory: '64Mi' }, defaultRequest: { cpu: '100m', memory: '64Mi' } }))
    const stored = await world.admit(POD, 'CREATE', pod({}, { resources: { requests: { cpu: '200m' } } }))
    expect((stored.spec as { containers: object[] }).containers[0]).toMatchObject({
      resources: { limits: { cpu: '1', memory: '64Mi' }, requests: { cpu: '200m', memory: '64Mi' } },
    })
    expect(stored.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: memory request for container c; cpu, memory limit for container c',
    })
  })

  it('refuses what is outside of the limits, with every reason', async () => {
    const world = new World(range({ max: { cpu: '2' }, min: { cpu: '10m' } }))
    const resources = { limits: { cpu: '3' }, requests: { cpu: '1m' } }
    expect((await world.refused(POD, 'CREATE', pod({}, { resources }))).message).toBe(
      'pods "p" is forbidden: [minimum cpu usage per Container is 10m, but request is 1m, maximum cpu usage per Container is 2, but limit is 3]',
    )
    expect((await world.refused(POD, 'CREATE', pod({}, { resources: { requests: { cpu: '20m' } } }))).message).toBe(
      'pods "p" is forbidden: maximum cpu usage per Container is 2.  No limit is specified',
    )
    const ratio = new World(range({ maxLimitRequestRatio: { cpu: '2' } }))
    expect((await ratio.refused(POD, 'CREATE', pod({}, { resources: { limits: { cpu: '3' }, requests: { cpu: '1' } } }))).message).toBe(
      'pods "p" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    )
  })

  it('tells of the first LimitRange that is broken, and holds a resize to it too', async () => {
    const limits = (max: string): object => ({ spec: { limits: [{ type: 'Container', max: { cpu: max } }] } })
    const world = new World({ 'limitranges/ns': [object('a', limits('2')), object('b', limits('1'))] })
    const big = pod({}, { resources: { limits: { cpu: '3' }, requests: { cpu: '1' } } })
    const why = 'pods "p" is forbidden: maximum cpu usage per Container is 2, but limit is 3'
    expect((await world.refused(POD, 'CREATE', big)).message).toBe(why)
    expect((await world.refused(POD, 'UPDATE', big, { oldObject: pod(), subresource: 'resize' })).message).toBe(why)
    await world.admit(POD, 'UPDATE', big, { oldObject: big })
  })

  it('holds a claim to the limits of claims, unless it is going away', async () => {
    const limits = [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }]
    const world = new World({
      'limitranges/ns': [object('l', { spec: { limits } })],
      storageclasses: [object('s', { allowVolumeExpansion: true })],
    })
    const claim = (metadata: object = {}) =>
      object('c', { metadata, spec: { storageClassName: 's', resources: { requests: { storage: '2Gi' } } } })
    expect((await world.refused(CLAIM, 'UPDATE', claim(), { oldObject: claim() })).message).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
    )
    const leaving = claim({ deletionTimestamp: '2026-11-21T09:00:00Z' })
    await world.admit(CLAIM, 'UPDATE', leaving, { oldObject: leaving })
  })

  it('holds what a pod says of itself as a whole to the limits of pods', async () => {
    const world = new World({ 'limitranges/ns': [object('l', { spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] } })] })
    const whole = (cpu: string) => pod({ resources: { limits: { cpu }, requests: { cpu: '500m' } } })
    await world.admit(POD, 'CREATE', whole('1'))
    expect((await world.refused(POD, 'CREATE', whole('2'))).message).toBe(
      'pods "p" is forbidden: maximum cpu usage per Pod is 1, but limit is 2',
    )
  })
})

describe('ResourceQuota', () => {
  const quota = (hard: Record<string, string>, used: Record<string, string>, spec: object = {}) =>
    object('q', { spec: { hard, ...spec }, status: { hard, used } })

  it('charges what is used and refuses what is too much', async () => {
    const q = quota({ pods: '2', 'requests.cpu': '1' }, { pods: '0', 'requests.cpu': '0' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const sent = pod({}, { resources: { requests: { cpu: '600m' } } })
    await world.admit(POD, 'CREATE', sent)
    expect(q.status).toMatchObject({ used: { pods: '1', 'requests.cpu': '600m' } })
    expect((await world.refused(POD, 'CREATE', sent)).message).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
    expect((await world.refused(POD, 'CREATE', pod())).message).toBe(
      'pods "p" is forbidden: failed quota: q: must specify requests.cpu for: c',
    )
    expect(q.status).toMatchObject({ used: { pods: '1', 'requests.cpu': '600m' } })
  })

  it('charges a pod what it says of itself as a whole, and asks its containers nothing then', async () => {
    const q = quota({ 'requests.cpu': '1', 'limits.memory': '1Gi' }, { 'requests.cpu': '0', 'limits.memory': '0' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const whole = { requests: { cpu: '600m' }, limits: { memory: '512Mi' } }
    await world.admit(POD, 'CREATE', pod({ resources: whole }, { resources: { requests: { cpu: '100m' } } }))
    expect(q.status).toMatchObject({ used: { 'requests.cpu': '600m', 'limits.memory': '512Mi' } })
    expect((await world.refused(POD, 'CREATE', pod({ resources: whole }))).message).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
  })

  it('charges the growth of a pod that is resized', async () => {
    const q = quota({ 'requests.cpu': '1' }, { 'requests.cpu': '600m' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const of = (cpu: string) => pod({}, { resources: { requests: { cpu } } })
    const resized = { oldObject: of('600m'), subresource: 'resize' }
    expect((await world.refused(POD, 'UPDATE', of('1100m'), resized)).message).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
    await world.admit(POD, 'UPDATE', of('900m'), resized)
    expect(q.status).toMatchObject({ used: { 'requests.cpu': '900m' } })
  })

  it('counts objects of any kind', async () => {
    const name = 'count/leases.coordination.k8s.io'
    const world = new World({ 'resourcequotas/ns': [quota({ [name]: '0' }, { [name]: '0' })] })
    expect((await world.refused(LEASE, 'CREATE', object('l'))).message).toBe(
      `leases.coordination.k8s.io "l" is forbidden: exceeded quota: q, requested: ${name}=1, used: ${name}=0, limited: ${name}=0`,
    )
  })

  it('charges only the growth of an update', async () => {
    const q = quota({ 'services.nodeports': '1' }, { 'services.nodeports': '1' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const service = (type: string, ports: number) =>
      object('s', { spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ port: i })) } })
    await world.admit(SERVICE, 'UPDATE', service('NodePort', 1), { oldObject: service('NodePort', 1) })
    expect((await world.refused(SERVICE, 'UPDATE', service('NodePort', 2), { oldObject: service('NodePort', 1) })).message).toBe(
      'services "s" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
    )
  })

  it('speaks only of the pods in its scopes', async () => {
    const world = new World({ 'resourcequotas/ns': [quota({ pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] })] })
    await world.admit(POD, 'CREATE', pod({}, { resources: { requests: { cpu: '1' } } }))
    expect((await world.refused(POD, 'CREATE', pod())).code).toBe(403)
  })

  it('takes pods for best effort by their cpu and memory alone, requests of none included', async () => {
    const world = new World({ 'resourcequotas/ns': [quota({ pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] })] })
    const refused = async (resources: object): Promise<number> => (await world.refused(POD, 'CREATE', pod({}, { resources }))).code!
    expect(await refused({ requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } })).toBe(403)
    expect(await refused({ requests: { cpu: '0', 'ephemeral-storage': '1Gi' } })).toBe(403)
    await world.admit(POD, 'CREATE', pod({}, { resources: { limits: { memory: '1Mi' } } }))
  })

  it('does not hold a write to what it adds nothing to, though that is used up and over', async () => {
    const over = quota({ 'services.loadbalancers': '1', services: '5' }, { 'services.loadbalancers': '2', services: '0' })
    const world = new World({ 'resourcequotas/ns': [over] })
    await world.admit(SERVICE, 'CREATE', object('s', { spec: { type: 'ClusterIP', ports: [{ port: 80 }] } }))
    expect(over.status).toMatchObject({ used: { 'services.loadbalancers': '2', services: '1' } })
  })

  it('charges a claim to its class, be it named by the old annotation, in whole bytes and what it has been given', async () => {
    const name = 'fast.storageclass.storage.k8s.io/requests.storage'
    const q = quota({ [name]: '10Gi', 'requests.storage': '10Gi' }, { [name]: '0', 'requests.storage': '0' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const claim = (storage: string, allocated?: string) =>
      object('c', {
        metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'fast' } },
        spec: { storageClassName: 'slow', resources: { requests: { storage } } },
        ...(allocated ? { status: { phase: 'Bound', allocatedResources: { storage: allocated } } } : {}),
      })
    await world.admit(CLAIM, 'CREATE', claim('1500m'))
    expect(q.status).toMatchObject({ used: { [name]: '2', 'requests.storage': '2' } })
    const classes = ['fast', 'slow'].map((name) => object(name, { allowVolumeExpansion: true }))
    const grown = new World({ 'resourcequotas/ns': [q], storageclasses: classes })
    await grown.admit(CLAIM, 'UPDATE', claim('3Gi', '5Gi'), { oldObject: claim('2Gi', '5Gi') })
    expect(q.status).toMatchObject({ used: { [name]: '2', 'requests.storage': '2' } })
  })

  it('charges a claim for devices to their class, and as the extended resource that the class stands for', async () => {
    const gold = 'gold.deviceclass.resource.k8s.io/devices'
    const implicit = 'requests.deviceclass.resource.kubernetes.io/gold'
    const world = new World({ 'resourcequotas/ns': [quota({ [gold]: '4', [implicit]: '4' }, { [gold]: '0', [implicit]: '0' })] })
    const claim = (count: number, annotations = {}) =>
      object('c', {
        metadata: { annotations },
        spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'gold', allocationMode: 'ExactCount', count } }] } },
      })
    expect((await world.refused(DEVICES, 'CREATE', claim(5))).message).toContain(
      `exceeded quota: q, requested: ${gold}=5,${implicit}=5, used: ${gold}=0,${implicit}=0, limited: ${gold}=4,${implicit}=4`,
    )
    // That of a pod's extended resources is charged to the pod.
    const extended = { 'resource.kubernetes.io/extended-resource-claim': 'true' }
    expect((await world.refused(DEVICES, 'CREATE', claim(5, extended))).message).toContain(
      `exceeded quota: q, requested: ${gold}=5, used: ${gold}=0, limited: ${gold}=4`,
    )
    await world.admit(DEVICES, 'CREATE', claim(4))
  })

  it('writes nothing in a dry run', async () => {
    const q = quota({ pods: '1' }, { pods: '0' })
    const world = new World({ 'resourcequotas/ns': [q] })
    await world.admit(POD, 'CREATE', pod(), { dryRun: true, updateStored: async () => undefined })
    expect(q.status).toMatchObject({ used: { pods: '0' } })
  })
})
