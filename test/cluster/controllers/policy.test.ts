import { loadCertificates } from '../../../src-main/cluster/access/certificates.js'
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { KubeObject, Pod } from '../../../src-main/cluster/api/object.js'
import { REQUESTS } from '../../../src-main/cluster/controllers/certificatesigning.js'
import { CLUSTER_ROLES } from '../../../src-main/cluster/controllers/clusterroleaggregation.js'
import type { ResourceQuota } from '../../../src-main/cluster/controllers/resourcequota.js'
import type { PodDisruptionBudget } from '../../../src-main/cluster/scheduler/preemption.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'
import { CERTIFICATE_REQUEST } from '../certificate-request.js'

const { pods, deployments, resourcequotas, poddisruptionbudgets } = resources
let c: RealCluster
afterEach(() => c?.stop())

const web = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'main', image: 'nginx', resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } } },
        ],
      },
    },
  },
})
const scale = (replicas: number) => c.admin.resource(deployments).patch('default', 'web', { spec: { replicas } }, { type: 'merge' })

describe('a ResourceQuota', () => {
  const quota = (hard: object, extra: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small', namespace: 'default' },
    spec: { hard, ...extra },
  })
  const status = async () => (await c.get<ResourceQuota>(resourcequotas, 'default', 'small')).status

  test('shows what is used of it, and less when something goes', async () => {
    c = await startRealCluster()
    await c.create(deployments, web(3))
    await c.clock.advance(1000)
    await c.create(
      resourcequotas,
      quota({ pods: '10', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/deployments.apps': '5', configmaps: '4' }),
    )
    await c.clock.advance(1000)
    expect(await status()).toEqual({
      hard: { pods: '10', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/deployments.apps': '5', configmaps: '4' },
      used: { pods: '3', 'requests.cpu': '300m', 'limits.memory': '384Mi', 'count/deployments.apps': '1', configmaps: '1' },
    })
    await scale(1)
    await c.clock.advance(1000)
    expect((await status())!.used).toMatchObject({ pods: '1', 'requests.cpu': '100m' })
    expect(c.errors).toEqual([])
  })

  test('with a scope counts only pods in it, and no pods that have ended', async () => {
    c = await startRealCluster()
    await c.create(resourcequotas, quota({ pods: '10' }, { scopes: ['BestEffort'] }))
    await c.create(deployments, web(2))
    for (const name of ['one', 'two'])
      await c.create(pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default' },
        spec: { containers: [{ name: 'm', image: 'x' }] },
      })
    await c.clock.advance(1000)
    await c.admin.resource(pods).patch('default', 'two', { status: { phase: 'Succeeded' } }, { type: 'merge', subresource: 'status' })
    await c.clock.advance(1000)
    expect((await status())!.used).toEqual({ pods: '1' })
  })

  test('counts custom resources whose definition came after it', async () => {
    c = await startRealCluster()
    await c.create(resourcequotas, quota({ 'count/dongles.example.com': '5' }))
    await c.create(
      { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'dongles.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'dongles', kind: 'Dongle' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      },
    )
    await c.clock.advance(1000)
    const dongles = { group: 'example.com', version: 'v1', resource: 'dongles' }
    for (const name of ['one', 'two'])
      await c.create(dongles, { apiVersion: 'example.com/v1', kind: 'Dongle', metadata: { name, namespace: 'default' } })
    await c.admin.resource(dongles).delete('default', 'one')
    await c.clock.advance(1000)
    expect((await status())!.used).toEqual({ 'count/dongles.example.com': '1' })
  })

  test('counts the devices that claims ask for by their classes, of alternatives the most that any takes', async () => {
    c = await startRealCluster()
    const gold = 'gold.deviceclass.resource.k8s.io/devices'
    const silver = 'silver.deviceclass.resource.k8s.io/devices'
    const implicit = 'requests.deviceclass.resource.kubernetes.io/gold'
    const claim = (name: string, ...requests: object[]): Promise<unknown> =>
      c.create(resources.resourceclaims, { metadata: { name, namespace: 'default' }, spec: { devices: { requests } } })
    const one = { deviceClassName: 'gold' }
    const best = { name: 'best', deviceClassName: 'gold', count: 3 }
    const next = { name: 'next', deviceClassName: 'gold', count: 2 }
    const last = { name: 'last', deviceClassName: 'silver' }
    await claim('first', { name: 'a', exactly: one }, { name: 'b', firstAvailable: [best, next, last] })
    await claim('all', { name: 'a', exactly: { ...one, allocationMode: 'All' } })
    await c.create(resourcequotas, quota({ 'count/resourceclaims.resource.k8s.io': '4', [gold]: '40', [silver]: '9', [implicit]: '40' }))
    await c.clock.advance(1000)
    expect((await status())!.used).toEqual({
      'count/resourceclaims.resource.k8s.io': '2',
      [gold]: '36',
      [silver]: '1',
      [implicit]: '36',
    })
    await c.admin.resource(resources.resourceclaims).delete('default', 'all')
    await c.clock.advance(1000)
    expect((await status())!.used).toMatchObject({ [gold]: '4', [silver]: '1', [implicit]: '4' })
  })

  test('has back what a pod gives up that is resized', async () => {
    c = await startRealCluster()
    await c.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'one', namespace: 'default' },
      spec: { containers: [{ name: 'm', image: 'x', resources: { requests: { cpu: '900m' } } }] },
    })
    await c.create(resourcequotas, quota({ 'requests.cpu': '1' }))
    await c.clock.advance(1000)
    expect((await status())!.used).toEqual({ 'requests.cpu': '900m' })
    const smaller = { spec: { containers: [{ name: 'm', resources: { requests: { cpu: '300m' } } }] } }
    await c.admin.resource(pods).patch('default', 'one', smaller, { type: 'strategic', subresource: 'resize' })
    await c.clock.advance(1000)
    expect((await status())!.used).toEqual({ 'requests.cpu': '300m' })
  })

  test('counts what a pod has until its node has taken it back', async () => {
    c = await startRealCluster()
    const cpu = (amount: string) => ({ requests: { cpu: amount }, limits: { cpu: amount } })
    const resize = (amount: string): Promise<unknown> => {
      const spec = { containers: [{ name: 'm', resources: cpu(amount) }] }
      return c.admin.resource(pods).patch('default', 'one', { spec }, { type: 'strategic', subresource: 'resize' })
    }
    const report = (amount: string): Promise<unknown> => {
      const containerStatuses = [{ name: 'm', image: 'x', imageID: '', ready: true, restartCount: 0, resources: cpu(amount) }]
      return c.admin.resource(pods).patch('default', 'one', { status: { containerStatuses } }, { type: 'merge', subresource: 'status' })
    }
    const used = async (): Promise<string[]> => {
      await c.clock.advance(6_000)
      return Object.values((await status())!.used!)
    }
    await c.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'one', namespace: 'default' },
      spec: { containers: [{ name: 'm', image: 'x', resources: cpu('600m') }] },
    })
    await report('600m')
    await c.create(resourcequotas, quota({ 'requests.cpu': '1', 'limits.cpu': '1' }))
    await resize('200m')
    expect(await used()).toEqual(['600m', '600m'])
    await report('200m')
    expect(await used()).toEqual(['200m', '200m'])
  })

  test('of a VolumeAttributesClass counts claims that want it and claims that still have it', async () => {
    c = await startRealCluster()
    const { persistentvolumeclaims } = resources
    const selector = { scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['gold'] }] } }
    const claim = (name: string, volumeAttributesClassName: string) =>
      c.create(persistentvolumeclaims, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace: 'default' },
        spec: {
          storageClassName: 'x',
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
          volumeAttributesClassName,
        },
      })
    await claim('wants', 'gold')
    await claim('had', 'silver')
    await c.create(resourcequotas, quota({ persistentvolumeclaims: '5' }, selector))
    await c.clock.advance(1000)
    expect((await status())!.used).toEqual({ persistentvolumeclaims: '1' })
    const has = (currentVolumeAttributesClassName: string | null) =>
      c.admin
        .resource(persistentvolumeclaims)
        .patch('default', 'had', { status: { currentVolumeAttributesClassName } }, { type: 'merge', subresource: 'status' })
    await has('gold')
    await c.clock.advance(1000)
    expect((await status())!.used).toEqual({ persistentvolumeclaims: '2' })
    await has('silver')
    await c.clock.advance(1000)
    expect((await status())!.used).toEqual({ persistentvolumeclaims: '1' })
  })
})

describe('a PodDisruptionBudget', () => {
  const budget = (spec: object) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  })
  const status = async () => (await c.get<PodDisruptionBudget>(poddisruptionbudgets, 'default', 'web')).status!

  test.each([
    [{ minAvailable: 2 }, { expectedPods: 4, desiredHealthy: 2, currentHealthy: 4, disruptionsAllowed: 2 }],
    [{ minAvailable: '60%' }, { expectedPods: 4, desiredHealthy: 3, currentHealthy: 4, disruptionsAllowed: 1 }],
    [{ maxUnavailable: 1 }, { expectedPods: 4, desiredHealthy: 3, currentHealthy: 4, disruptionsAllowed: 1 }],
    [{ maxUnavailable: '30%' }, { expectedPods: 4, desiredHealthy: 2, currentHealthy: 4, disruptionsAllowed: 2 }],
  ])('with %j of four pods counts rightly', async (spec, expected) => {
    c = await startRealCluster()
    await c.create(deployments, web(4))
    await c.create(poddisruptionbudgets, budget(spec))
    await c.clock.advance(2000)
    const { conditions, ...counts } = await status()
    expect(counts).toEqual({ ...expected, observedGeneration: 1 })
    expect(conditions).toMatchObject([{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }])
    expect(c.errors).toEqual([])
  })

  test('allows nothing while too few pods are ready, and more once they are', async () => {
    c = await startRealCluster()
    c.kubelet.ready = () => false
    await c.create(deployments, web(2))
    await c.create(poddisruptionbudgets, budget({ maxUnavailable: 1 }))
    await c.clock.advance(2000)
    expect(await status()).toMatchObject({
      currentHealthy: 0,
      disruptionsAllowed: 0,
      conditions: [{ status: 'False', reason: 'InsufficientPods' }],
    })
    const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } }
    for (const p of await c.list<Pod>(pods, 'default'))
      await c.admin.resource(pods).patch('default', p.metadata.name!, ready, { type: 'strategic', subresource: 'status' })
    await c.clock.advance(1000)
    expect(await status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 })
  })

  test('of pods that nobody controls counts none of them in percent, and says so', async () => {
    c = await startRealCluster()
    await c.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'lone', namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'm', image: 'x' }] },
    })
    await c.create(poddisruptionbudgets, budget({ minAvailable: '50%' }))
    await c.clock.advance(1000)
    expect(await status()).toMatchObject({ disruptionsAllowed: 0, expectedPods: 0, conditions: [{ reason: 'InsufficientPods' }] })
    expect(await c.eventsOf('web')).toEqual([
      'Warning UnmanagedPods Pods selected by this PodDisruptionBudget (selector: ' +
        '&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be ' +
        'unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
        'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.',
    ])
  })

  test('of pods whose controller is unknown cannot count in percent', async () => {
    c = await startRealCluster()
    const owner = { apiVersion: 'example.com/v1', kind: 'Flock', name: 'f', uid: 'f-1', controller: true }
    await c.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'owned', namespace: 'default', labels: { app: 'web' }, ownerReferences: [owner] },
      spec: { containers: [{ name: 'm', image: 'x' }] },
    })
    await c.create(poddisruptionbudgets, budget({ maxUnavailable: 1 }))
    await c.clock.advance(1000)
    const text = 'found no controllers for pod "owned"'
    expect(await status()).toMatchObject({ disruptionsAllowed: 0, conditions: [{ reason: 'SyncFailed', message: text }] })
    expect((await status()).conditions![0]).not.toHaveProperty('observedGeneration')
    expect(await c.eventsOf('web')).toEqual([
      `Warning CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: ${text}`,
    ])
  })

  test('of pods whose controller has no size says so', async () => {
    c = await startRealCluster()
    const template = { metadata: { labels: { app: 'web' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'm', image: 'x' }] } }
    await c.create(resources.jobs, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'sum', namespace: 'default' },
      spec: { template },
    })
    await c.create(poddisruptionbudgets, budget({ maxUnavailable: 1 }))
    await c.clock.advance(2000)
    const text = 'jobs.batch does not implement the scale subresource'
    expect(await status()).toMatchObject({ disruptionsAllowed: 0, conditions: [{ reason: 'SyncFailed', message: text }] })
    expect((await c.eventsOf('web')).at(-1)).toBe(
      `Warning CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: ${text}`,
    )
  })

  test('expects also the pods that have ended, when it is told a number', async () => {
    c = await startRealCluster()
    for (const name of ['a', 'b'])
      await c.create(pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', labels: { app: 'web' } },
        spec: { containers: [{ name: 'm', image: 'x' }] },
      })
    await c.create(poddisruptionbudgets, budget({ minAvailable: 1 }))
    await c.clock.advance(1000)
    const ended = { status: { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False' }] } }
    await c.admin.resource(pods).patch('default', 'a', ended, { type: 'strategic', subresource: 'status' })
    await c.clock.advance(1000)
    expect(await status()).toMatchObject({ expectedPods: 2, currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0 })
  })

  test('a pod that two of them select is told which one is looked at', async () => {
    c = await startRealCluster()
    await c.create(poddisruptionbudgets, budget({ minAvailable: 1 }))
    await c.create(poddisruptionbudgets, { ...budget({ minAvailable: 1 }), metadata: { name: 'also', namespace: 'default' } })
    await c.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'lone', namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'm', image: 'x' }] },
    })
    await c.clock.advance(1000)
    expect((await c.eventsOf('lone')).find((e) => e.includes('Multiple'))).toContain(
      'Warning MultiplePodDisruptionBudgets Pod "default"/"lone" matches multiple PodDisruptionBudgets.  Chose "also" arbitrarily.',
    )
  })

  test('without any pod says so', async () => {
    c = await startRealCluster()
    await c.create(poddisruptionbudgets, budget({ minAvailable: 1 }))
    await c.clock.advance(1000)
    expect(await c.eventsOf('web')).toEqual(['Normal NoPods No matching pods found'])
    expect(await status()).toMatchObject({
      expectedPods: 0,
      disruptionsAllowed: 0,
      conditions: [{ status: 'False', reason: 'InsufficientPods' }],
    })
  })

  test('a pod that was to be disrupted and is not is told so after two minutes, unless its kubelet ends it', async () => {
    c = await startRealCluster()
    const now = (): string => new Date(c.clock.now()).toISOString()
    const disrupted = async (
      name: string,
      reason: string,
      since: { lastTransitionTime?: string } = { lastTransitionTime: now() },
    ): Promise<void> => {
      const metadata = { name, namespace: 'default' }
      await c.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'm', image: 'x' }] } })
      const condition = { type: 'DisruptionTarget', status: 'True', reason, message: 'was to go', ...since }
      await c.admin
        .resource(pods)
        .patch('default', name, { status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' })
    }
    const shown = async (name: string): Promise<object> => {
      const { status: s } = await c.get<Pod>(pods, 'default', name)
      const { status: state, reason, message } = s!.conditions!.find((x) => x.type === 'DisruptionTarget')!
      return { state, reason, message }
    }
    await disrupted('spared', 'EvictionByEvictionAPI')
    await disrupted('ending', 'TerminationByKubelet')
    // Somebody has not said since when: as in Go that is the year 1.
    await disrupted('timeless', 'Mine', {})
    await c.clock.advance(1_000)
    expect(await shown('timeless')).toMatchObject({ state: 'False' })
    await c.clock.advance(118_000)
    expect(await shown('spared')).toEqual({ state: 'True', reason: 'EvictionByEvictionAPI', message: 'was to go' })
    await c.clock.advance(2_000)
    expect(await shown('spared')).toEqual({ state: 'False', reason: undefined, message: undefined })
    expect(await shown('ending')).toMatchObject({ state: 'True' })
  })
})

test('a ClusterRole is put together from the roles that its selectors choose', async () => {
  c = await startRealCluster()
  const role = (name: string, extra: object) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, ...extra },
  })
  const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] })
  const label = { labels: { 'example.com/to-monitoring': 'true' } }
  await c.create(CLUSTER_ROLES, {
    ...role('monitoring', {}),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: label.labels }] },
    rules: [],
  })
  await c.create(CLUSTER_ROLES, { ...role('a', label), rules: [rule('pods')] })
  await c.create(CLUSTER_ROLES, { ...role('b', label), rules: [rule('pods'), rule('services')] })
  await c.clock.advance(1000)
  const rules = async () => (await c.get<KubeObject>(CLUSTER_ROLES, '', 'monitoring')).rules
  expect(await rules()).toEqual([rule('pods'), rule('services')])
  await c.admin.resource(CLUSTER_ROLES).delete('', 'b')
  await c.clock.advance(1000)
  expect(await rules()).toEqual([rule('pods')])
})

describe('a certificate request', () => {
  /** Any certificate: the API server looks whether it is one. */
  let signed: string
  const pem = CERTIFICATE_REQUEST
  const get = () => c.get<KubeObject & { status: { certificate?: string } }>(REQUESTS, '', 'jane')
  async function started(signerName = 'kubernetes.io/kube-apiserver-client'): Promise<void> {
    signed = (await loadCertificates()).ca.cert
    c = await startRealCluster({
      signers: {
        serves: (name) => name.startsWith('kubernetes.io/'),
        sign: async ({ pem: given }) => (given === pem ? signed : 'WRONG'),
        kubeletClientName: () => undefined,
      },
    })
    const spec = {
      request: Buffer.from(pem).toString('base64'),
      signerName,
      usages: ['client auth'],
    }
    const client = c.admin.resource(REQUESTS)
    await client.create('', { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'jane' }, spec })
    await c.clock.advance(1000)
  }

  test('is signed when it has been approved, and cleared away an hour later', async () => {
    await started()
    expect((await get()).status?.certificate).toBeUndefined()
    const approved = { type: 'Approved', status: 'True', reason: 'Test', message: 'ok', lastUpdateTime: '2026-11-21T09:00:01Z' }
    const present = await get()
    await c.admin.resource(REQUESTS).update({ ...present, status: { conditions: [approved] } } as KubeObject, { subresource: 'approval' })
    await c.clock.advance(1000)
    expect(Buffer.from((await get()).status.certificate!, 'base64').toString()).toBe(signed)
    await c.clock.advance(3_600_000)
    expect(await c.list(REQUESTS)).toEqual([])
  })

  test('that is approved and that its signer does not sign goes after a day', async () => {
    await started('example.com/slow')
    const approved = { type: 'Approved', status: 'True', reason: 'Test', message: 'ok', lastUpdateTime: '2026-11-21T09:00:01Z' }
    const present = await get()
    await c.admin.resource(REQUESTS).update({ ...present, status: { conditions: [approved] } } as KubeObject, { subresource: 'approval' })
    await c.clock.advance(23 * 3_600_000)
    expect((await get()).status?.certificate).toBeUndefined()
    await c.clock.advance(2 * 3_600_000)
    expect(await c.list(REQUESTS)).toEqual([])
  })

  test('that nobody looks at goes after a day', async () => {
    await started()
    await c.clock.advance(23 * 3_600_000)
    expect(await c.list(REQUESTS)).toHaveLength(1)
    await c.clock.advance(2 * 3_600_000)
    expect(await c.list(REQUESTS)).toEqual([])
  })
})
