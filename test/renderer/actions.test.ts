import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { accountKubeconfig } from '../../src-renderer/actions/table/access.js'
import { actionOf, actions, actionsFor } from '../../src-renderer/actions/actions.js'
import type { Subject, Values } from '../../src-renderer/actions/action.js'
import { canRecreate, recreation } from '../../src-renderer/actions/recreate.js'
import { mapChange } from '../../src-renderer/actions/patch.js'
import { jobAgain, jobFromCronJob } from '../../src-renderer/actions/table/jobs.js'
import { taintWords } from '../../src-renderer/actions/table/nodes.js'
import { en } from '../../src-renderer/app/i18n/en.js'
import type { Target } from '../../src-renderer/stores/dialogs.js'
import type { KubeObject } from '../../src-renderer/stores/object.js'
import type { KindInfo } from '../../src-main/backend/rpc/contract.js'

const kindOf = (kind: string, resource: string, group = ''): KindInfo => ({
  kind,
  resource,
  group,
  version: 'v1',
  namespaced: !['Node', 'StorageClass'].includes(kind),
  verbs: ['get', 'list', 'patch', 'delete', 'create'],
  shortNames: [],
  categories: [],
})
function targetsOf(kind: KindInfo, ...names: string[]): Target[] {
  const { group, version, resource } = kind
  return names.map((name) => ({
    context: 'drydock',
    kind,
    ref: { group, version, resource, name, ...(kind.namespaced ? { namespace: 'shop' } : {}) },
  }))
}
/** The command of an action, with the form's own first values but for those given. */
function command(id: string, targets: Target[], object: object | null, values: Values = {}): string {
  const form = actionOf(id)!.form!
  const subject: Subject = { targets, object: object as KubeObject | null }
  return form.command({ ...form.initial?.(subject), ...values }, subject)
}
const deployment = kindOf('Deployment', 'deployments', 'apps')
const node = kindOf('Node', 'nodes')
const web = {
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web', tier: 'front' } },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: { spec: { containers: [{ ports: [{ containerPort: 8080 }] }] } },
  },
}

beforeEach(() => setActivePinia(createPinia()))

describe('the table of actions', () => {
  it('has a name for every action and for everything in its form', () => {
    const action = en.action as Record<string, unknown>
    const { text, field, hint } = en.form as unknown as Record<string, Record<string, string>>
    for (const a of actions) {
      expect(action[a.label], a.id).toBeTypeOf('string')
      if (a.form?.text) expect(text![a.form.text], a.id).toBeTypeOf('string')
      const kind = [deployment, node, kindOf('Pod', 'pods')].find((k) => a.applies(k)) ?? deployment
      for (const f of a.form?.fields?.({ targets: targetsOf(kind, 'a'), object: null }) ?? []) {
        expect(field![f.label ?? f.id], `${a.id} ${f.id}`).toBeTypeOf('string')
        if (f.hint) expect(hint![f.hint], `${a.id} ${f.id}`).toBeTypeOf('string')
      }
    }
    expect(new Set(actions.map((a) => a.id)).size).toBe(actions.length)
  })

  it('offers for several objects only what can be done to several', () => {
    expect(actionsFor(deployment, 2).map((a) => a.id)).toEqual([
      'logs',
      'scale',
      'restart',
      'pause',
      'resume',
      'label',
      'annotate',
      'details-tab',
      'delete',
    ])
    expect(actionsFor(node, 2).map((a) => a.id)).toEqual(['cordon', 'uncordon', 'drain', 'label', 'annotate', 'details-tab', 'delete'])
  })

  it('offers a port-forward on whatever has pods that serve', () => {
    const ids = (kind: KindInfo) => actionsFor(kind, 1).map((a) => a.id)
    for (const kind of [
      kindOf('Pod', 'pods'),
      kindOf('Service', 'services'),
      deployment,
      kindOf('StatefulSet', 'statefulsets', 'apps'),
      kindOf('DaemonSet', 'daemonsets', 'apps'),
      kindOf('ReplicaSet', 'replicasets', 'apps'),
      kindOf('ReplicationController', 'replicationcontrollers'),
    ])
      expect(ids(kind), kind.kind).toContain('forward')
    expect(ids(kindOf('CronJob', 'cronjobs', 'batch'))).not.toContain('forward')
  })

  it('offers for kinds of SIGs and others what they can do', () => {
    const ids = (kind: KindInfo) => actionsFor(kind, 1).map((a) => a.id)
    const jobSet = ids(kindOf('JobSet', 'jobsets', 'jobset.x-k8s.io'))
    expect(jobSet).toEqual(expect.arrayContaining(['logs', 'shell', 'pods', 'suspend', 'unsuspend']))
    expect(jobSet).not.toContain('scale')
    const scaled = ids({ ...kindOf('LeaderWorkerSet', 'leaderworkersets', 'leaderworkerset.x-k8s.io'), scale: true })
    expect(scaled).toEqual(expect.arrayContaining(['logs', 'shell', 'pods', 'scale', 'autoscale']))
    expect(ids(kindOf('Ferry', 'ferries', 'sea'))).toEqual(['owner', 'finalize', 'label', 'annotate', 'details-tab', 'edit', 'delete'])
  })
})

describe('the equivalent command', () => {
  const at = 'kubectl --context drydock'
  it.each([
    ['restart', targetsOf(deployment, 'web', 'api'), web, {}, `${at} -n shop rollout restart deployments.apps web api`],
    ['pause', targetsOf(deployment, 'web'), web, {}, `${at} -n shop rollout pause deployment.apps/web`],
    ['autoscale', targetsOf(deployment, 'web'), web, {}, `${at} -n shop autoscale deployment.apps/web --min=3 --max=6 --cpu=80%`],
    [
      'expose',
      targetsOf(deployment, 'web'),
      web,
      { port: 80, serviceType: 'NodePort' },
      `${at} -n shop expose deployment.apps/web --port=80 --target-port=8080 --type=NodePort`,
    ],
    [
      'label',
      targetsOf(deployment, 'web'),
      web,
      {
        pairs: [
          { key: 'app', value: 'shop' },
          { key: 'new', value: '1' },
        ],
      },
      `${at} -n shop label --overwrite deployment.apps/web tier- app=shop new=1`,
    ],
    [
      'drain',
      targetsOf(node, 'n1'),
      {},
      { force: true, timeoutSeconds: 60, podSelector: 'app=web' },
      `${at} drain n1 --ignore-daemonsets --force --timeout=60s --pod-selector=app=web`,
    ],
    [
      'add-subject',
      targetsOf(kindOf('RoleBinding', 'rolebindings', 'rbac.authorization.k8s.io'), 'view'),
      { subjects: [{ kind: 'User', name: 'jane' }] },
      { subjectKind: 'ServiceAccount', name: 'robot', accountNamespace: 'ci' },
      `${at} -n shop set subject rolebinding.rbac.authorization.k8s.io/view --serviceaccount=ci:robot`,
    ],
    [
      'remove-subject',
      targetsOf(kindOf('RoleBinding', 'rolebindings', 'rbac.authorization.k8s.io'), 'view'),
      {
        subjects: [
          { kind: 'User', name: 'jane' },
          { kind: 'ServiceAccount', namespace: 'ci', name: 'robot' },
        ],
      },
      { subject: 'ServiceAccount ci:robot' },
      `${at} -n shop patch rolebinding.rbac.authorization.k8s.io/view --type=json -p '[{"op":"remove","path":"/subjects/1"}]'`,
    ],
    ['cordon', targetsOf(node, 'n1', 'n2'), null, {}, `${at} cordon n1 n2`],
    [
      'taint',
      targetsOf(node, 'n1'),
      { metadata: {}, spec: { taints: [{ key: 'old', effect: 'NoExecute' }] } },
      { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] },
      `${at} taint nodes n1 gpu=yes:NoSchedule old:NoExecute-`,
    ],
    [
      'debug',
      targetsOf(kindOf('Pod', 'pods'), 'web-0'),
      { metadata: {}, spec: { containers: [{ name: 'nginx' }] } },
      {},
      `${at} -n shop debug -it web-0 --image=busybox --target=nginx --profile=general`,
    ],
    ['node-shell', targetsOf(node, 'n1'), {}, {}, `${at} -n default debug node/n1 -it --image=busybox --profile=sysadmin`],
    [
      'token',
      targetsOf(kindOf('ServiceAccount', 'serviceaccounts'), 'ci'),
      {},
      { audience: 'vault' },
      `${at} -n shop create token ci --duration=1h --audience=vault`,
    ],
    [
      'suspend',
      targetsOf(kindOf('CronJob', 'cronjobs', 'batch'), 'report'),
      {},
      {},
      `${at} -n shop patch cronjob.batch/report --type=merge -p '{"spec":{"suspend":true}}'`,
    ],
    [
      'trigger',
      targetsOf(kindOf('CronJob', 'cronjobs', 'batch'), 'report'),
      {},
      { name: 'report-now' },
      `${at} -n shop create job report-now --from=cronjob/report`,
    ],
    [
      'expand',
      targetsOf(kindOf('PersistentVolumeClaim', 'persistentvolumeclaims'), 'data'),
      {},
      { size: '2Gi' },
      `${at} -n shop patch persistentvolumeclaim/data -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'`,
    ],
    [
      'approve',
      targetsOf({ ...kindOf('CertificateSigningRequest', 'certificatesigningrequests', 'certificates.k8s.io'), namespaced: false }, 'jane'),
      {},
      {},
      `${at} certificate approve jane`,
    ],
  ] as [string, Target[], object | null, Values, string][])('of %s', (id, targets, object, values, expected) =>
    expect(command(id, targets, object, values)).toBe(expected),
  )

  it('of what does not go takes its finalizers away; those of a namespace are in its spec', () => {
    expect(command('finalize', targetsOf(kindOf('Pod', 'pods'), 'stuck'), null)).toBe(
      `${at} -n shop patch pod/stuck --type=merge -p '{"metadata":{"finalizers":null}}'`,
    )
    const namespace = { ...kindOf('Namespace', 'namespaces'), namespaced: false }
    expect(command('finalize', targetsOf(namespace, 'old'), null)).toBe(
      `${at} get namespace/old -o json | jq '.spec.finalizers=[]' | ${at} replace --raw /api/v1/namespaces/old/finalize -f -`,
    )
    const fits = (o: object) => actionOf('finalize')!.fits!(o as KubeObject)
    expect(fits({ metadata: { deletionTimestamp: 'x', finalizers: ['a/b'] } })).toBe(true)
    expect(fits({ metadata: { deletionTimestamp: 'x' }, spec: { finalizers: ['kubernetes'] } })).toBe(true)
    expect(fits({ metadata: { finalizers: ['a/b'] } })).toBe(false)
    expect(fits({ metadata: { deletionTimestamp: 'x' } })).toBe(false)
  })

  it('of an eviction posts it to the pod, as kubectl has no command for it', () => {
    expect(command('evict', targetsOf(kindOf('Pod', 'pods'), 'web-0'), null)).toBe(
      `echo '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"web-0","namespace":"shop"}}' | ${at} create --raw /api/v1/namespaces/shop/pods/web-0/eviction -f -`,
    )
  })
})

describe('what is wrong with a form', () => {
  const claim = { metadata: {}, spec: { resources: { requests: { storage: '10Gi' } } } }
  const problem = (id: string, values: Values, object: object) =>
    actionOf(id)!.form!.problem!(values, { targets: targetsOf(deployment, 'web'), object: object as KubeObject })
  it('is told before the server is asked', () => {
    expect(problem('expand', { size: 'much' }, claim)).toBe('notAQuantity')
    expect(problem('expand', { size: '8Gi' }, claim)).toBe('notLarger')
    expect(problem('expand', { size: '20Gi' }, claim)).toBeUndefined()
    expect(problem('autoscale', { minReplicas: 5, maxReplicas: 2 }, web)).toBe('minOverMax')
    expect(
      problem(
        'label',
        {
          pairs: [
            { key: 'app', value: 'web' },
            { key: 'tier', value: 'front' },
          ],
        },
        web,
      ),
    ).toBe('unchanged')
  })
})

describe('patches', () => {
  it('of labels name only what changes, and null what goes', () => {
    expect(
      mapChange({ a: '1', b: '2' }, [
        { key: 'a', value: '1' },
        { key: 'c', value: '3' },
        { key: '', value: 'x' },
      ]),
    ).toEqual({ b: null, c: '3' })
    expect(mapChange({ a: '1' }, [{ key: 'a', value: '1' }])).toBeUndefined()
  })

  it('of taints are the words of kubectl taint', () => {
    const old = [{ key: 'gpu', value: 'no', effect: 'NoSchedule' as const }]
    expect(taintWords(old, [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }])).toEqual(['gpu=yes:NoSchedule', '--overwrite'])
    expect(taintWords(old, old)).toEqual([])
  })
})

describe('a Job', () => {
  it('made from a CronJob is owned by it and marked as manual', () => {
    const cron = {
      metadata: { name: 'report', uid: 'u9' },
      spec: { jobTemplate: { metadata: { labels: { a: 'b' } }, spec: { template: {} } } },
    }
    expect(jobFromCronJob(cron as unknown as KubeObject)).toEqual({
      metadata: {
        labels: { a: 'b' },
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'report', uid: 'u9', controller: true }],
      },
      spec: { template: {} },
    })
  })

  it('that is run again loses its selector and the labels of its controller', () => {
    const own = { 'batch.kubernetes.io/controller-uid': 'x', 'controller-uid': 'x', 'job-name': 'm', 'batch.kubernetes.io/job-name': 'm' }
    const job = {
      metadata: { labels: { ...own, team: 'a' } },
      spec: { selector: {}, completions: 3, template: { metadata: { labels: { ...own, app: 'm' } }, spec: {} } },
    }
    expect(jobAgain(job as unknown as KubeObject)).toEqual({
      metadata: { labels: { team: 'a' } },
      spec: { completions: 3, template: { metadata: { labels: { app: 'm' } }, spec: {} } },
    })
  })
})

describe('the kubeconfig of a service account', () => {
  it('has its token, the CA that pods have, and its namespace', () => {
    const text = accountKubeconfig({ server: 'https://k:6443', ca: 'CA', namespace: 'shop', name: 'ci', token: 'abc' })
    expect(JSON.parse(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'cluster', cluster: { server: 'https://k:6443', 'certificate-authority-data': 'Q0E=' } }],
      users: [{ name: 'ci', user: { token: 'abc' } }],
      contexts: [{ name: 'ci@cluster', context: { cluster: 'cluster', user: 'ci', namespace: 'shop' } }],
      'current-context': 'ci@cluster',
    })
  })
})

describe('deletions that can be taken back', () => {
  const kinds = (verbs: string[]) => ({ ...kindOf('Service', 'services'), verbs })
  it('are those of kinds that are what was written, when there are not too many', () => {
    expect(canRecreate(kinds(['create', 'delete']), 1)).toBe(true)
    expect(canRecreate(kinds(['delete']), 1)).toBe(false)
    expect(canRecreate(kinds(['create', 'delete']), 101)).toBe(false)
    for (const [kind, resource, group] of [
      ['Pod', 'pods'],
      ['PersistentVolumeClaim', 'persistentvolumeclaims'],
      ['Namespace', 'namespaces'],
      ['ServiceAccount', 'serviceaccounts'],
      ['Deployment', 'deployments', 'apps'],
    ] as const)
      expect(canRecreate({ ...kindOf(kind, resource, group), verbs: ['create', 'delete'] }, 1), kind).toBe(false)
  })

  it('leave out what the server gave the object', () => {
    const metadata = {
      name: 'web',
      namespace: 'shop',
      labels: { app: 'web' },
      uid: 'u1',
      resourceVersion: '7',
      generation: 2,
      creationTimestamp: '2026-01-01T00:00:00Z',
    }
    const service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '10.96.0.9' }, status: { loadBalancer: {} } }
    expect(recreation(service)).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
      spec: { clusterIP: '10.96.0.9' },
    })
  })

  it('are not those of objects whose owner makes another, or that are going already', () => {
    const owner = { apiVersion: 'v1', kind: 'Release', name: 'r', uid: 'u', controller: true }
    expect(recreation({ metadata: { name: 'web', ownerReferences: [owner] } } as never)).toBeNull()
    expect(recreation({ metadata: { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z' } } as never)).toBeNull()
  })
})
