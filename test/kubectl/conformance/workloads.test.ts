import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Api, eventually, refusal, type Json, type Watching } from '../support/api.js'
import { TestCluster } from '../support/cluster.js'

/** StatefulSets, DaemonSets and their revisions, Jobs and CronJobs. */

let cluster: TestCluster
let api: Api
let core: string
let apps: string
let batch: string
let tests = 0
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1', '--speed', '20'] })
  api = new Api(cluster.kubeconfig)
})
afterAll(async () => {
  api?.close()
  await cluster?.stop()
})
beforeEach(async () => {
  const name = `workloads-${++tests}`
  await api.create('/api/v1/namespaces', { metadata: { name } })
  core = `/api/v1/namespaces/${name}`
  apps = `/apis/apps/v1/namespaces/${name}`
  batch = `/apis/batch/v1/namespaces/${name}`
  await eventually(() => api.exists(`${core}/serviceaccounts/default`), Boolean)
})

const WEB = 'registry.k8s.io/e2e-test-images/httpd:2.4.38-4'
const NEW_WEB = 'registry.k8s.io/e2e-test-images/httpd:2.4.39-4'
const BUSYBOX = 'registry.k8s.io/e2e-test-images/busybox:1.36.1-1'
const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
const jump = (jumpSeconds: number): Promise<Json> => api.patch('/apis/drydock.dev/v1/clocks/cluster', 'merge', { spec: { jumpSeconds } })
const pods = async (labelSelector: string): Promise<Json[]> => (await api.get(`${core}/pods`, { labelSelector })).items
const living = async (labelSelector: string): Promise<Json[]> => (await pods(labelSelector)).filter((p) => !p.metadata.deletionTimestamp)
const ready = (p: Json): boolean => p.status.conditions?.some((c: Json) => c.type === 'Ready' && c.status === 'True')
const nameOf = (o: Json): string => o.metadata.name
const exec = (pod: string, command: string): void => void cluster.ok(['-n', core.split('/').pop()!, 'exec', pod, '--', 'sh', '-c', command])

describe('a StatefulSet', () => {
  const path = (): string => `${apps}/statefulsets/ss`
  const breaks = (pod: string): void => exec(pod, 'mv -v /usr/local/apache2/htdocs/index.html /tmp/ || true')
  const heals = (pod: string): void => exec(pod, 'mv -v /tmp/index.html /usr/local/apache2/htdocs/ || true')
  const created = async (replicas: number, spec: Json = {}): Promise<void> => {
    await api.create(`${core}/services`, {
      metadata: { name: 'test' },
      spec: { clusterIP: 'None', selector: { foo: 'bar' }, ports: [{ port: 80, name: 'http' }] },
    })
    // Time runs fast, and a busy machine is slow: an answer has a minute.
    const readinessProbe = {
      httpGet: { path: '/index.html', port: 80 },
      periodSeconds: 1,
      timeoutSeconds: 60,
      successThreshold: 1,
      failureThreshold: 1,
    }
    await api.create(`${apps}/statefulsets`, {
      metadata: { name: 'ss', labels: { foo: 'bar' } },
      spec: {
        serviceName: 'test',
        replicas,
        selector: { matchLabels: { foo: 'bar' } },
        template: {
          metadata: { labels: { foo: 'bar' } },
          spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'webserver', image: WEB, readinessProbe }] },
        },
        ...spec,
      },
    })
    if (replicas) await runs(replicas)
  }
  const runs = (count: number): Promise<Json[]> =>
    eventually(
      () => living('foo=bar'),
      (all) => all.length === count && all.every(ready),
    )
  const scale = (replicas: number): Promise<Json> => api.patch(`${path()}/scale`, 'merge', { spec: { replicas } })
  const status = (holds: (s: Json) => boolean): Promise<Json> =>
    eventually(
      () => api.get(path()),
      (o) => o.status.observedGeneration === o.metadata.generation && holds(o.status),
    )
  const order = (watch: Watching, type: string, from = 0): string[] =>
    watch.events.slice(from).flatMap((e) => (e.type === type ? [nameOf(e.object)] : []))

  it('scales up in order and down in the reverse, and neither while a pod is unhealthy', async () => {
    await created(1)
    breaks('ss-0')
    await status((s) => !s.readyReplicas)
    await scale(3)
    const watch = await api.watch(`${core}/pods`, {
      labelSelector: 'foo=bar',
      resourceVersion: (await api.get(`${core}/pods`)).metadata.resourceVersion,
    })
    await status((s) => s.replicas === 1)
    await jump(10)
    expect((await pods('foo=bar')).map(nameOf)).toEqual(['ss-0'])
    heals('ss-0')
    await runs(3)
    await watch.until((e) => e.type === 'ADDED' && nameOf(e.object) === 'ss-2')
    expect(order(watch, 'ADDED')).toEqual(['ss-1', 'ss-2'])
    const from = watch.events.length
    for (const pod of ['ss-0', 'ss-1', 'ss-2']) breaks(pod)
    await status((s) => !s.readyReplicas)
    await scale(0)
    await jump(10)
    expect((await living('foo=bar')).length).toBe(3)
    // Each goes as soon as it is healthy.
    for (const pod of ['ss-2', 'ss-1', 'ss-0']) heals(pod)
    await status((s) => s.replicas === 0)
    await eventually(
      () => pods('foo=bar'),
      (all) => all.length === 0,
    )
    await watch.until((e) => e.type === 'DELETED' && nameOf(e.object) === 'ss-0', from)
    expect(order(watch, 'DELETED', from)).toEqual(['ss-2', 'ss-1', 'ss-0'])
    watch.close()
  })

  it('in parallel scales whatever its pods say', async () => {
    await created(1, { podManagementPolicy: 'Parallel' })
    breaks('ss-0')
    await status((s) => !s.readyReplicas)
    await scale(3)
    await eventually(
      () => living('foo=bar'),
      (all) => all.length === 3 && all.filter(ready).length === 2,
    )
    heals('ss-0')
    await runs(3)
    for (const pod of ['ss-0', 'ss-1', 'ss-2']) breaks(pod)
    await status((s) => !s.readyReplicas)
    await scale(0)
    await status((s) => s.replicas === 0)
  })

  it('rolls updates from the last pod on, and knows the template of an earlier revision again', async () => {
    await created(3)
    const first = await status((s) => s.currentRevision === s.updateRevision && s.updatedReplicas === 3)
    const watch = await api.watch(`${core}/pods`, {
      labelSelector: 'foo=bar',
      resourceVersion: (await api.get(`${core}/pods`)).metadata.resourceVersion,
    })
    const roll = async (image: string): Promise<Json> => {
      const from = watch.events.length
      await api.change(path(), (o) => (o.spec.template.spec.containers[0].image = image))
      const rolling = await status((s) => s.currentRevision !== s.updateRevision)
      expect(rolling.status.currentRevision).not.toBe(rolling.status.updateRevision)
      const done = await status((s) => s.currentRevision === s.updateRevision && s.currentReplicas === 3 && s.readyReplicas === 3)
      await watch.until((e) => e.type === 'DELETED' && nameOf(e.object) === 'ss-0', from)
      expect(order(watch, 'DELETED', from)).toEqual(['ss-2', 'ss-1', 'ss-0'])
      for (const p of await pods('foo=bar'))
        expect([p.spec.containers[0].image, p.metadata.labels['controller-revision-hash']]).toEqual([image, done.status.updateRevision])
      return done
    }
    const second = await roll(NEW_WEB)
    expect(second.status.updateRevision).not.toBe(first.status.updateRevision)
    expect((await roll(WEB)).status.updateRevision).toBe(first.status.updateRevision)
    expect((await api.get(`${apps}/controllerrevisions`)).items.map((r: Json) => r.revision).sort()).toEqual([2, 3])
    watch.close()
  })

  it('updates in phases by its partition, and gives deleted pods the template of their part', async () => {
    const partition = (at: number): Json => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: at } } })
    await created(3, partition(3))
    const before = (await status((s) => s.currentRevision === s.updateRevision)).status.currentRevision
    await api.change(path(), (o) => (o.spec.template.spec.containers[0].image = NEW_WEB))
    const after = (await status((s) => s.currentRevision !== s.updateRevision)).status.updateRevision
    const split = async (at: number): Promise<void> => {
      await eventually(
        async () =>
          (await living('foo=bar')).map(
            (p) => `${nameOf(p)} ${p.spec.containers[0].image} ${p.metadata.labels['controller-revision-hash']} ${ready(p)}`,
          ),
        (all) => [0, 1, 2].every((i) => all.includes(`ss-${i} ${i < at ? `${WEB} ${before}` : `${NEW_WEB} ${after}`} true`)),
      )
    }
    await split(3)
    await api.patch(path(), 'merge', { spec: partition(2) })
    await split(2)
    for (const name of ['ss-0', 'ss-2']) await api.delete(`${core}/pods/${name}`, { gracePeriodSeconds: 0 })
    await split(2)
    for (const at of [1, 0]) {
      await api.patch(path(), 'merge', { spec: partition(at) })
      await split(at)
    }
    await status((s) => s.currentRevision === after && s.updateRevision === after)
  })

  it('replaces a pod that a node has refused', async () => {
    const pod = {
      metadata: { name: 'test-pod' },
      spec: {
        nodeName: 'drydock-m02',
        containers: [{ name: 'webserver', image: WEB, ports: [{ containerPort: 21017, hostPort: 21017 }] }],
      },
    }
    await api.create(`${core}/pods`, pod)
    await eventually(() => api.get(`${core}/pods/test-pod`), ready)
    const watch = await api.watch(`${core}/pods`, { fieldSelector: 'metadata.name=ss-0' })
    await created(0)
    await api.patch(path(), 'strategic', {
      spec: {
        replicas: 1,
        template: {
          spec: { nodeName: 'drydock-m02', containers: [{ name: 'webserver', ports: [{ containerPort: 21017, hostPort: 21017 }] }] },
        },
      },
    })
    const failed = await watch.until((e) => e.object.status.phase === 'Failed')
    expect([failed.object.status.reason, failed.object.status.message]).toEqual([
      'NodePorts',
      "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    ])
    await watch.until((e) => e.type === 'DELETED')
    await api.delete(`${core}/pods/test-pod`, { gracePeriodSeconds: 0 })
    await runs(1)
    watch.close()
  })
})

describe('a DaemonSet', () => {
  const path = (): string => `${apps}/daemonsets/ds`
  const created = (template: Json = {}, spec: Json = {}): Promise<Json> =>
    api.create(`${apps}/daemonsets`, {
      metadata: { name: 'ds', labels: { 'daemonset-name': 'ds' } },
      spec: {
        selector: { matchLabels: { 'daemonset-name': 'ds' } },
        template: {
          metadata: { labels: { 'daemonset-name': 'ds' } },
          spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: WEB }], ...template },
        },
        ...spec,
      },
    })
  const runsOn = (count: number): Promise<Json[]> =>
    eventually(
      () => living('daemonset-name=ds'),
      (all) => all.length === count && all.every(ready) && new Set(all.map((p) => p.spec.nodeName)).size === count,
    )
  const label = (node: string, color: string | null): Promise<Json> =>
    api.patch(`/api/v1/nodes/${node}`, 'strategic', { metadata: { labels: { 'daemonset-color': color } } })

  it('runs on every node, and again where its pod is deleted or has failed', async () => {
    await created()
    const [gone, failed] = await runsOn(3)
    await api.delete(`${core}/pods/${nameOf(gone)}`, { gracePeriodSeconds: 0 })
    await runsOn(3)
    await api.patch(`${core}/pods/${nameOf(failed)}/status`, 'merge', { status: { phase: 'Failed' } })
    await eventually(
      () => api.exists(`${core}/pods/${nameOf(failed)}`),
      (there) => !there,
    )
    await runsOn(3)
    expect((await api.get(path())).status).toMatchObject({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 3,
      numberMisscheduled: 0,
    })
  })

  it('follows the labels of nodes', async () => {
    await created({ nodeSelector: { 'daemonset-color': 'blue' } })
    await eventually(
      () => api.get(path()),
      (d) => d.status.observedGeneration === 1 && d.status.desiredNumberScheduled === 0,
    )
    await label('drydock-m02', 'blue')
    expect((await runsOn(1))[0].spec.nodeName).toBe('drydock-m02')
    await label('drydock-m02', 'green')
    await runsOn(0)
    await api.patch(path(), 'merge', {
      spec: { updateStrategy: { type: 'RollingUpdate' }, template: { spec: { nodeSelector: { 'daemonset-color': 'green' } } } },
    })
    await runsOn(1)
    await label('drydock-m02', null)
    await runsOn(0)
  })

  it('rolls an update out, one node after the other, and back without restarting what was never updated', async () => {
    await created({}, { updateStrategy: { type: 'RollingUpdate' } })
    await runsOn(3)
    await api.patch(path(), 'strategic', { spec: { template: { spec: { containers: [{ name: 'app', image: AGNHOST }] } } } })
    await eventually(
      () => living('daemonset-name=ds'),
      (all) => all.length === 3 && all.every((p) => ready(p) && p.spec.containers[0].image === AGNHOST),
    )
    const before = await runsOn(3)
    await api.change(path(), (d) => (d.spec.template.spec.containers[0].image = 'foo:non-existent'))
    await eventually(
      () => living('daemonset-name=ds'),
      (all) => all.some((p) => p.spec.containers[0].image === 'foo:non-existent'),
    )
    const old = (await living('daemonset-name=ds')).filter((p) => p.spec.containers[0].image === AGNHOST)
    expect(old.length).toBe(2)
    await api.change(path(), (d) => (d.spec.template.spec.containers[0].image = AGNHOST))
    await eventually(
      () => living('daemonset-name=ds'),
      (all) => all.length === 3 && all.every((p) => ready(p) && p.spec.containers[0].image === AGNHOST),
    )
    const after = await runsOn(3)
    for (const p of old) {
      const kept = after.find((q) => nameOf(q) === nameOf(p))
      expect(kept?.status.containerStatuses[0].restartCount).toBe(0)
      expect(before.map(nameOf)).toContain(nameOf(p))
    }
    const hashes = new Set(after.map((p) => p.metadata.labels['controller-revision-hash']))
    expect(hashes.size).toBe(1)
  })

  it('has revisions that are listed, patched, created, updated and deleted', async () => {
    const revisions = `${apps}/controllerrevisions`
    const counted = (count: number): Promise<Json> =>
      eventually(
        () => api.get(revisions, { labelSelector: 'daemonset-name=ds' }),
        (l) => l.items.length === count,
      )
    const ds = await created()
    await runsOn(3)
    const initial = (await api.get('/apis/apps/v1/controllerrevisions', { labelSelector: 'daemonset-name=ds' })).items.find(
      (r: Json) => r.metadata.ownerReferences[0].uid === ds.metadata.uid,
    )
    const name = nameOf(initial)
    const patched = await api.patch(`${revisions}/${name}`, 'strategic', { metadata: { labels: { [name]: 'patched' } } })
    expect(patched.metadata.labels[name]).toBe('patched')
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'ds', uid: ds.metadata.uid, controller: true, blockOwnerDeletion: true },
    ]
    await api.create(revisions, {
      metadata: { name: 'ds-5d8f9cd466', labels: { 'daemonset-name': 'ds', 'controller-revision-hash': '5d8f9cd466' }, ownerReferences },
      data: initial.data,
      revision: initial.revision + 1,
    })
    await counted(2)
    await api.delete(`${revisions}/${name}`)
    const [left] = (await counted(1)).items
    expect(nameOf(left)).toBe('ds-5d8f9cd466')
    await api.change(`${revisions}/${nameOf(left)}`, (r) => (r.metadata.labels[nameOf(left)] = 'updated'))
    await api.patch(path(), 'strategic', {
      spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } },
      updateStrategy: { type: 'RollingUpdate' },
    })
    await counted(2)
    await api.deleteCollection(revisions, `${nameOf(left)}=updated`)
    expect((await counted(1)).items.map((r: Json) => r.revision)).toEqual([3])
  })
})

describe('a Job', () => {
  const jobs = (): string => `${batch}/jobs`
  const created = (command: string[], spec: Json = {}, pod: Json = {}): Promise<Json> =>
    api.create(jobs(), {
      metadata: { name: 'job', labels: { e2e: 'job' } },
      spec: {
        parallelism: 2,
        completions: 4,
        template: {
          metadata: { labels: { job: 'job' } },
          spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: BUSYBOX, command }], ...pod },
        },
        ...spec,
      },
    })
  const ended = async (type: string): Promise<Json> =>
    eventually(
      () => api.get(`${jobs()}/job`),
      (j) => j.status.conditions?.some((c: Json) => c.type === type && c.status === 'True'),
    )
  const sleeps = ['sleep', '1000000']
  const conditionsOf = (j: Json): Json[] => j.status.conditions.map((c: Json) => [c.type, c.status, c.reason, c.message])

  it('completes when its tasks fail once and are restarted where they are', async () => {
    const once = 'if [[ -r /data/foo ]]; then exit 0; else touch /data/foo; exit 1; fi'
    await created(
      ['/bin/sh', '-c', once],
      {},
      {
        restartPolicy: 'OnFailure',
        volumes: [{ name: 'data', emptyDir: {} }],
        containers: [{ name: 'c', image: BUSYBOX, command: ['/bin/sh', '-c', once], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      },
    )
    const job = await ended('Complete')
    expect([job.status.succeeded, job.status.active, job.status.ready, job.status.uncountedTerminatedPods]).toEqual([4, undefined, 0, {}])
  })

  it('with indexes runs each in a pod of its own, with the hostname of it', async () => {
    await created(['/bin/sh', '-c', 'exit 0'], { completionMode: 'Indexed' })
    const job = await ended('Complete')
    expect(job.status.completedIndexes).toBe('0-3')
    const found = (await pods('job=job')).map((p) => [p.metadata.annotations['batch.kubernetes.io/job-completion-index'], p.spec.hostname])
    expect(found.sort()).toEqual([0, 1, 2, 3].map((i) => [`${i}`, `job-${i}`]))
  })

  it('fails early by its pod failure policy', async () => {
    const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] }
    await created(['/bin/sh', '-c', 'exit 1'], { completions: 1, parallelism: 1, backoffLimit: 6, podFailurePolicy })
    expect(conditionsOf(await ended('Failed')).at(-1)).toEqual([
      'Failed',
      'True',
      'PodFailurePolicy',
      expect.stringMatching(/^Container c for pod workloads-\d+\/job-\w{5} failed with exit code 1 matching FailJob rule at index 0$/),
    ])
  })

  it('does not count evicted pods that its pod failure policy ignores', async () => {
    const podFailurePolicy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] }
    await created(sleeps, { completions: 2, completionMode: 'Indexed', backoffLimit: 0, podFailurePolicy })
    const running = await eventually(
      () => living('job=job'),
      (all) => all.length === 2 && all.every(ready),
    )
    for (const p of running)
      await api.create(`${core}/pods/${nameOf(p)}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: nameOf(p) } })
    await eventually(
      () => living('job=job'),
      (all) => all.length === 2 && all.every((p) => ready(p) && !running.some((r) => nameOf(r) === nameOf(p))),
    )
    const job = await api.get(`${jobs()}/job`)
    expect([job.status.failed ?? 0, job.status.conditions]).toEqual([0, undefined])
  })

  it('goes on past the indexes that fail by their own limit, and fails when too many do', async () => {
    const odd = ['/bin/sh', '-c', 'exit $((JOB_COMPLETION_INDEX % 2))']
    await created(odd, { completionMode: 'Indexed', backoffLimitPerIndex: 1 })
    const job = await ended('Failed')
    expect([job.status.completedIndexes, job.status.failedIndexes, job.status.succeeded, job.status.failed]).toEqual(['0,2', '1,3', 2, 4])
    expect(conditionsOf(job)).toEqual([
      ['FailureTarget', 'True', 'FailedIndexes', 'Job has failed indexes'],
      ['Failed', 'True', 'FailedIndexes', 'Job has failed indexes'],
    ])
  })

  it('terminates all pods when more indexes fail than may', async () => {
    await created(['/bin/sh', '-c', 'exit 1'], { completionMode: 'Indexed', backoffLimitPerIndex: 0, maxFailedIndexes: 0 })
    expect(conditionsOf(await ended('Failed')).at(-1)).toEqual([
      'Failed',
      'True',
      'MaxFailedIndexesExceeded',
      'Job has exceeded the specified maximal number of failed indexes',
    ])
  })

  it.each([
    ['all indexes', {}, 'exit 0', '0-1'],
    ['the indexes that it names', { succeededIndexes: '0' }, '[ $JOB_COMPLETION_INDEX = 0 ] || sleep 10000', '0'],
    ['as many as it says', { succeededCount: 1 }, '[ $JOB_COMPLETION_INDEX = 0 ] || sleep 10000', '0'],
  ])('succeeds by its success policy with %s', async (_, rule, script, completedIndexes) => {
    const successPolicy = { rules: [Object.keys(rule).length ? rule : { succeededCount: 2 }] }
    await created(['/bin/sh', '-c', script], { completions: 2, completionMode: 'Indexed', successPolicy })
    const job = await ended('Complete')
    expect(job.status.completedIndexes).toBe(completedIndexes)
    expect(conditionsOf(job)).toEqual([
      ['SuccessCriteriaMet', 'True', 'SuccessPolicy', 'Matched rules at index 0'],
      ['Complete', 'True', 'SuccessPolicy', 'Matched rules at index 0'],
    ])
  })

  it('adopts a pod that was orphaned and releases one whose labels are gone', async () => {
    await created(sleeps)
    const [pod] = await eventually(
      () => living('job=job'),
      (all) => all.length === 2 && all.every(ready),
    )
    const path = `${core}/pods/${nameOf(pod)}`
    await api.change(path, (p) => (p.metadata.ownerReferences = undefined))
    await eventually(
      () => api.get(path),
      (p) => p.metadata.ownerReferences?.[0].name === 'job',
    )
    await api.change(path, (p) => (p.metadata.labels = undefined))
    await eventually(
      () => api.get(path),
      (p) => p.metadata.ownerReferences === undefined,
    )
  })

  it('goes with its pods when it is deleted', async () => {
    await created(sleeps)
    await eventually(
      () => living('job=job'),
      (all) => all.length === 2 && all.every(ready),
    )
    await api.delete(`${jobs()}/job`, { propagationPolicy: 'Background' })
    expect(await refusal(api.get(`${jobs()}/job`))).toMatchObject({ code: 404 })
    await eventually(
      () => pods('job=job'),
      (all) => all.length === 0,
    )
  })

  it('is suspended, patched, updated, listed everywhere and deleted with its collection', async () => {
    const watch = await api.watch(jobs())
    await created(['true'], { suspend: true, backoffLimit: 6 })
    await eventually(
      () => api.get(`${jobs()}/job`),
      (j) => conditionsOf({ status: { conditions: [], ...j.status } })[0]?.[0] === 'Suspended',
    )
    await api.patch(`${jobs()}/job`, 'strategic', { metadata: { labels: { 'e2e-job': 'patched' } } })
    await api.change(`${jobs()}/job`, (j) => (j.metadata.annotations = { updated: 'true' }))
    await watch.until((e) => e.type === 'MODIFIED' && e.object.metadata.annotations?.updated === 'true')
    expect((await api.get('/apis/batch/v1/jobs', { labelSelector: 'e2e-job=patched' })).items.map(nameOf)).toEqual(['job'])
    await api.patch(`${jobs()}/job`, 'merge', { spec: { suspend: false } })
    await ended('Complete')
    await api.request('DELETE', `${jobs()}?propagationPolicy=Foreground`)
    await watch.until((e) => e.type === 'DELETED')
    watch.close()
  })

  it('has a status that others patch and update', async () => {
    await created(sleeps)
    await eventually(
      () => api.get(`${jobs()}/job`),
      (j) => j.status.active === 2 && j.status.ready === 2,
    )
    const conditions = [
      {
        type: 'CustomConditionType',
        status: 'True',
        reason: 'E2E',
        message: 'Set from e2e test',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        lastProbeTime: '2026-01-01T00:00:00Z',
      },
    ]
    const patched = await api.patch(`${jobs()}/job/status`, 'merge', {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { conditions },
    })
    expect([patched.metadata.annotations.patchedstatus, patched.status.conditions]).toEqual(['true', conditions])
    const updated = await api.change(`${jobs()}/job`, (j) => (j.status.conditions[0].message = 'Updated'), '/status')
    expect(updated.status.conditions[0].message).toBe('Updated')
    expect((await api.get(`${jobs()}/job/status`)).status.active).toBe(2)
  })
})

describe('a CronJob', () => {
  const crons = (): string => `${batch}/cronjobs`
  const created = (concurrencyPolicy: string, command: string[], spec: Json = {}): Promise<Json> =>
    api.create(crons(), {
      metadata: { name: 'cron' },
      spec: {
        schedule: '*/1 * * * ?',
        concurrencyPolicy,
        jobTemplate: {
          spec: {
            parallelism: 1,
            completions: 1,
            template: {
              spec: { restartPolicy: 'OnFailure', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: BUSYBOX, command }] },
            },
          },
        },
        ...spec,
      },
    })
  const active = (holds: (names: string[]) => boolean): Promise<string[]> =>
    eventually(async () => ((await api.get(`${crons()}/cron`)).status.active ?? []).map((r: Json) => r.name), holds)
  const jobs = async (): Promise<Json[]> => (await api.get(`${batch}/jobs`)).items
  const sleeps = ['sleep', '300']

  it('runs several of its jobs together where it may', async () => {
    await created('Allow', sleeps)
    await active((names) => names.length >= 2)
    expect((await jobs()).length).toBeGreaterThanOrEqual(2)
  })

  it('runs none while it is suspended', async () => {
    await created('Allow', ['true'], { suspend: true })
    await jump(300)
    expect(await jobs()).toEqual([])
    expect((await api.get(`${crons()}/cron`)).status).toEqual({})
  })

  it('leaves a job alone that still runs, or replaces it', async () => {
    await created('Forbid', sleeps)
    const [first] = await active((names) => names.length === 1)
    await jump(120)
    expect(await active((names) => names.length === 1)).toEqual([first])
    expect((await jobs()).length).toBe(1)
    await api.patch(`${crons()}/cron`, 'merge', { spec: { concurrencyPolicy: 'Replace' } })
    const [second] = await active((names) => names.length === 1 && names[0] !== first)
    await eventually(jobs, (all) => all.map(nameOf).join() === second)
  })
})
