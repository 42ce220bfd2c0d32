import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createPinia, setActivePinia } from 'pinia'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Backend } from '../../src-main/backend/backend.js'
import type { KindInfo } from '../../src-main/backend/rpc/contract.js'
import { actionOf } from '../../src-renderer/actions/actions.js'
import type { Outcome, Values } from '../../src-renderer/actions/action.js'
import { Rpc, setBackend } from '../../src-renderer/app/rpc.js'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import type { Target } from '../../src-renderer/stores/dialogs.js'
import type { KubeObject } from '../../src-renderer/stores/object.js'
import { testBackend } from '../backend/support/window.js'
import { TestCluster } from './support/cluster.js'

/** What the window's modules look at of a browser; a whole simulated one would take the place of what the backend has from Node. */
await vi.hoisted(async () => {
  const { Window } = await import('happy-dom')
  const window = new Window({ url: 'http://127.0.0.1/' })
  const { document, location, history, localStorage } = window
  for (const [name, value] of Object.entries({ window, document, location, history, localStorage }))
    Object.defineProperty(globalThis, name, { value, configurable: true })
})

/**
 * Each dialog of the window shows a kubectl command that does the same. Here both are done, one beside the other: in one namespace the
 * window acts, in another a shell runs the command with the real kubectl, and what stands in the cluster afterwards must be the same.
 */

const samples = (namespace: string): string => `
apiVersion: v1
kind: Namespace
metadata: {name: ${namespace}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}, labels: {app: web, tier: front}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: "nginx:1.27", ports: [{containerPort: 53, protocol: UDP}, {containerPort: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: ${namespace}, labels: {app: alone, old: "yes"}, annotations: {note: old}}
spec:
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, infinity], resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 20m, memory: 32Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: goes, namespace: ${namespace}}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: "busybox:1.36", command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: goes-too, namespace: ${namespace}}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: "busybox:1.36", command: [sleep, infinity]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: held, namespace: ${namespace}, finalizers: [harbour.example/crane, harbour.example/tug]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tide, namespace: ${namespace}}
spec:
  schedule: "0 0 1 1 *"
  jobTemplate:
    metadata: {labels: {of: tide}, annotations: {by: moon}}
    spec:
      template:
        metadata: {labels: {of: tide}}
        spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1.36", command: ["true"]}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: ${namespace}, labels: {of: once}}
spec:
  suspend: true
  backoffLimit: 2
  template:
    metadata: {labels: {of: once}, annotations: {seen: "yes"}}
    spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1.36", command: ["true"]}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: hold, namespace: ${namespace}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: standard}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: crew, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
- {kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}
- {kind: Group, name: deck, apiGroup: rbac.authorization.k8s.io}
`

let cluster: TestCluster
let backend: Backend
let directory: string
let context: string
let kubectl: string

beforeAll(async () => {
  const { clients } = (await import('../../src-main/tools/clients.mjs' as string)) as { clients: () => { kubectl: string } }
  kubectl = clients().kubectl
  cluster = await TestCluster.start()
  for (const namespace of ['window', 'terminal']) cluster.ok('apply -f -', samples(namespace))
  for (const namespace of ['window', 'terminal'])
    cluster.ok(`-n ${namespace} wait --for=condition=Ready pod/alone pod/goes pod/goes-too --timeout=60s`)
  context = cluster.ok('config current-context').trim()
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-acts-'))
  backend = testBackend([cluster.kubeconfig], directory)
  setActivePinia(createPinia())
  setBackend(
    new Rpc((listener) => {
      let take: (frame: never) => void = () => undefined
      backend.connect({
        send: (frame) => queueMicrotask(() => listener.frame(frame)),
        onFrame: (to) => (take = to as typeof take),
        onClose: () => undefined,
        close: () => undefined,
      })
      queueMicrotask(() => listener.open())
      return { send: (frame) => take(frame as never), retry: () => undefined, close: () => undefined }
    }),
  )
  await useContexts().load()
})
afterAll(async () => {
  backend?.close()
  await cluster?.stop()
  fs.rmSync(directory, { recursive: true, force: true })
})

const kinds: Record<string, Pick<KindInfo, 'kind' | 'group' | 'version' | 'resource' | 'namespaced'>> = {
  Deployment: { kind: 'Deployment', group: 'apps', version: 'v1', resource: 'deployments', namespaced: true },
  Pod: { kind: 'Pod', group: '', version: 'v1', resource: 'pods', namespaced: true },
  ConfigMap: { kind: 'ConfigMap', group: '', version: 'v1', resource: 'configmaps', namespaced: true },
  CronJob: { kind: 'CronJob', group: 'batch', version: 'v1', resource: 'cronjobs', namespaced: true },
  Job: { kind: 'Job', group: 'batch', version: 'v1', resource: 'jobs', namespaced: true },
  PersistentVolumeClaim: { kind: 'PersistentVolumeClaim', group: '', version: 'v1', resource: 'persistentvolumeclaims', namespaced: true },
  ServiceAccount: { kind: 'ServiceAccount', group: '', version: 'v1', resource: 'serviceaccounts', namespaced: true },
  RoleBinding: { kind: 'RoleBinding', group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'rolebindings', namespaced: true },
  Node: { kind: 'Node', group: '', version: 'v1', resource: 'nodes', namespaced: false },
  StorageClass: { kind: 'StorageClass', group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses', namespaced: false },
  CertificateSigningRequest: {
    kind: 'CertificateSigningRequest',
    group: 'certificates.k8s.io',
    version: 'v1',
    resource: 'certificatesigningrequests',
    namespaced: false,
  },
}
function target(kind: string, name: string, namespace?: string): Target {
  const info = kinds[kind]!
  const { group, version, resource } = info
  return {
    context,
    kind: { ...info, verbs: ['get', 'list', 'patch', 'create', 'delete'], shortNames: [], categories: [] },
    ref: { group, version, resource, name, ...(info.namespaced ? { namespace: namespace! } : {}) },
  }
}
const read = ({ ref }: Target): KubeObject =>
  JSON.parse(
    cluster.ok(`get ${ref.resource}${ref.group ? `.${ref.group}` : ''} ${ref.name}${ref.namespace ? ` -n ${ref.namespace}` : ''} -o json`),
  )

/** What a dialog does with the values that it begins with, but for those given. */
async function byWindow(id: string, targets: Target[], values: Values = {}): Promise<Outcome | void> {
  const form = actionOf(id)!.form!
  let outcome: Outcome | void = undefined
  for (const one of targets) {
    const object = read(one)
    outcome = await form.run(one, { ...form.initial?.({ targets, object }), ...values }, object)
  }
  return outcome
}
/** What a shell does that is given the dialog's command; gives what it printed. */
function byTerminal(id: string, targets: Target[], values: Values = {}, extra = ''): string {
  const form = actionOf(id)!.form!
  const subject = { targets, object: read(targets[0]!) }
  const command = form.command({ ...form.initial?.(subject), ...values }, subject) + extra
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, PATH: `${path.dirname(kubectl)}:${process.env.PATH}` }
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], { env, encoding: 'utf8', cwd: directory })
  if (status !== 0) throw new Error(`${command}\nended with ${status}: ${stderr}`)
  return stdout
}

const fleeting = /^(uid|resourceVersion|creationTimestamp|managedFields|namespace|generation|deletionTimestamp|ownerUid)$/
/** An object without what tells one from another of its kind. */
function same(object: unknown): unknown {
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) => {
      if (fleeting.test(key) || key === 'status') return undefined
      if (key === 'deployment.kubernetes.io/revision') return undefined
      if (key === 'kubectl.kubernetes.io/last-applied-configuration') return undefined
      if (key === 'kubectl.kubernetes.io/restartedAt') return 'a moment ago'
      if (/(^|\/)controller-uid$/.test(key)) return 'its own'
      if (/^(clusterIP|clusterIPs|nodePort|nodeName|volumeName)$/.test(key)) return undefined
      if (key === 'name' && typeof value === 'string') return value.replace(/^(debugger|kube-api-access)-\w{5}$/, '$1')
      return value
    }),
  )
}
const there = (what: string, namespace: string): unknown => same(JSON.parse(cluster.ok(`-n ${namespace} get ${what} -o json`)))

/** An action in both namespaces leaves the same there. @param what as `kubectl get` is told */
async function bothMake(
  id: string,
  kind: string,
  name: string | string[],
  what: string,
  values: Values = {},
  extra = '',
): Promise<unknown> {
  const names = [name].flat()
  await byWindow(
    id,
    names.map((n) => target(kind, n, 'window')),
    values,
  )
  byTerminal(
    id,
    names.map((n) => target(kind, n, 'terminal')),
    values,
    extra,
  )
  const made = there(what, 'window')
  expect(made).toEqual(there(what, 'terminal'))
  return made
}

describe('what the window does, and the command that it shows for it, are the same', () => {
  it('for labels and annotations', async () => {
    const pairs = [
      { key: 'app', value: 'other' },
      { key: 'example.com/new', value: '' },
    ]
    expect(await bothMake('label', 'Pod', 'alone', 'pod alone', { pairs })).toMatchObject({
      metadata: { labels: { app: 'other', 'example.com/new': '' } },
    })
    await bothMake('annotate', 'Pod', 'alone', 'pod alone', { pairs: [{ key: 'note', value: `it's "new"\nand $HOME` }] })
    await bothMake('label', 'Pod', ['goes', 'goes-too'], 'pod goes goes-too', { pairs: [{ key: 'pair', value: 'yes' }], many: true })
  })

  it('for restarting, pausing and resuming a rollout', async () => {
    await bothMake('restart', 'Deployment', 'web', 'deployment web')
    expect(await bothMake('pause', 'Deployment', 'web', 'deployment web')).toMatchObject({ spec: { paused: true } })
    await bothMake('resume', 'Deployment', 'web', 'deployment web')
  })

  it('for autoscaling', async () => {
    await bothMake('autoscale', 'Deployment', 'web', 'hpa web', { minReplicas: 2, maxReplicas: 5, cpuUtilization: 70 })
  })

  it('for exposing, also a port that is not of TCP', async () => {
    expect(await bothMake('expose', 'Deployment', 'web', 'service web')).toMatchObject({
      spec: { ports: [{ port: 53, protocol: 'UDP', targetPort: 53 }] },
    })
    await bothMake('expose', 'Deployment', 'web', 'service page', { name: 'page', port: 8080, targetPort: '80', protocol: 'TCP' })
    await bothMake('expose', 'Deployment', 'web', 'service tcp', {
      name: 'tcp',
      port: 80,
      targetPort: '80',
      protocol: 'TCP',
      serviceType: 'NodePort',
    })
    await bothMake('expose', 'Pod', 'alone', 'service alone', { port: 80, targetPort: 'http' })
  })

  it('for Jobs: from a CronJob, and again', async () => {
    await bothMake('suspend', 'CronJob', 'tide', 'cronjob tide')
    await bothMake('unsuspend', 'CronJob', 'tide', 'cronjob tide')
    await bothMake('trigger', 'CronJob', 'tide', 'job now', { name: 'now' })
    expect(await bothMake('rerun', 'Job', 'once', 'job twice', { name: 'twice' })).toMatchObject({
      metadata: { labels: { of: 'once' } },
      spec: { suspend: false, template: { metadata: { labels: { of: 'once' }, annotations: { seen: 'yes' } } } },
    })
    await bothMake('rerun', 'Job', 'now', 'job then', { name: 'then' })
  })

  it('for what runs in a pod: other resources, and a debug container', async () => {
    await bothMake('resize', 'Pod', 'alone', 'pod alone', { cpuRequest: '15m', memoryLimit: '48Mi' })
    for (const profile of ['general', 'baseline', 'netadmin', 'sysadmin'])
      await bothMake('debug', 'Pod', 'alone', 'pod alone', { image: 'busybox:1.36', profile }, ' --attach=false')
    const restricted = bothMake('debug', 'Pod', 'alone', 'pod alone', { image: 'busybox:1.36', profile: 'restricted' })
    // As root it does not start; it is in the pod all the same.
    await expect(restricted).rejects.toThrow('container has runAsNonRoot and image will run as root')
    byTerminal('debug', [target('Pod', 'alone', 'terminal')], { image: 'busybox:1.36', profile: 'restricted' }, ' --attach=false')
    expect(there('pod alone', 'window')).toEqual(there('pod alone', 'terminal'))
  })

  it('for a shell on a node', async () => {
    const values = { image: 'busybox:1.36' }
    await byWindow('node-shell', [target('Node', 'drydock-m02')], { ...values, namespace: 'window' })
    byTerminal('node-shell', [target('Node', 'drydock-m02')], { ...values, namespace: 'terminal' }, ' --attach=false')
    const shell = (namespace: string) => there('pods -l app.kubernetes.io/managed-by', namespace)
    expect(
      JSON.stringify(shell('window'), null, 1)
        .replace(/(debugger-drydock-m02-)\w{5}/, '$1x')
        .replace('"drydock"', '"kubectl-debug"'),
    ).toBe(JSON.stringify(shell('terminal'), null, 1).replace(/(debugger-drydock-m02-)\w{5}/, '$1x'))
  })

  it('for an eviction of several pods', async () => {
    await bothMake('evict', 'Pod', ['goes', 'goes-too'], 'pods -l pair')
  })

  it('for a claim that grows', async () => {
    await bothMake('expand', 'PersistentVolumeClaim', 'hold', 'pvc hold', { size: '3Gi' })
  })

  it('for the subjects of a binding', async () => {
    const account = { subjectKind: 'ServiceAccount', name: 'robot', accountNamespace: 'shop' }
    await bothMake('add-subject', 'RoleBinding', 'crew', 'rolebinding crew', account)
    await bothMake('add-subject', 'RoleBinding', 'crew', 'rolebinding crew', { subjectKind: 'Group', name: 'engine room' })
    await bothMake('remove-subject', 'RoleBinding', 'crew', 'rolebinding crew', { subject: 'Group deck' })
  })

  it('for an object that does not go', async () => {
    cluster.ok('-n window delete cm held --wait=false')
    cluster.ok('-n terminal delete cm held --wait=false')
    await bothMake('finalize', 'ConfigMap', 'held', 'configmaps --field-selector=metadata.name=held')
  })

  it('for a node: cordoned, tainted, and back', async () => {
    const spec = (name: string) => {
      const { podCIDR: _c, podCIDRs: _s, providerID: _p, ...rest } = read(target('Node', name)).spec as Record<string, unknown>
      // The taint of a cordoned node is its controller's, which comes a moment later.
      const taints = ((rest.taints ?? []) as { key: string }[]).filter(({ key }) => key !== 'node.kubernetes.io/unschedulable')
      return { ...rest, taints: taints.toSorted((a, b) => (a.key < b.key ? -1 : 1)) }
    }
    const both = async (id: string, values: Values = {}): Promise<unknown> => {
      await byWindow(id, [target('Node', 'drydock-m02')], values)
      byTerminal(id, [target('Node', 'drydock-m03')], values)
      expect(spec('drydock-m02')).toEqual(spec('drydock-m03'))
      return spec('drydock-m02')
    }
    const no = { key: 'a', value: '', effect: 'NoExecute' }
    await both('taint', { taints: [{ key: 'b', value: 'x', effect: 'NoSchedule' }] })
    const gone = {
      spec: {
        taints: [
          { ...no, timeAdded: '2026-01-02T03:04:05Z' },
          { key: 'b', value: 'x', effect: 'NoSchedule' },
        ],
      },
    }
    for (const node of ['drydock-m02', 'drydock-m03']) cluster.ok(['patch', 'node', node, '--type=merge', '-p', JSON.stringify(gone)])
    expect(await both('taint', { taints: [no, { key: 'b', value: 'y', effect: 'NoSchedule' }] })).toEqual({
      taints: [
        { key: 'a', effect: 'NoExecute', timeAdded: '2026-01-02T03:04:05Z' },
        { key: 'b', value: 'y', effect: 'NoSchedule' },
      ],
    })
    await both('taint', { taints: [] })
    await both('cordon')
    await both('uncordon')
  })

  it('for the default of several classes', async () => {
    const annotations = () =>
      (JSON.parse(cluster.ok('get storageclasses -o json')) as { items: KubeObject[] }).items.map((c) => [
        c.metadata.name,
        same(c.metadata.annotations ?? {}),
      ])
    const classes = (beta: string) => `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast, annotations: {${beta}storageclass.beta.kubernetes.io/is-default-class: "true"}}
provisioner: drydock.example/none
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: slow, annotations: {storageclass.kubernetes.io/is-default-class: "false"}}
provisioner: drydock.example/none
`
    cluster.ok('apply -f -', classes(''))
    const before = annotations()
    const done = await byWindow('default-class', [target('StorageClass', 'slow')])
    const after = annotations()
    expect(cluster.ok('get storageclasses').match(/^\S+ \(default\)/gm)).toEqual(['slow (default)'])
    await (done as Outcome).undo!()
    expect(annotations()).toEqual(before)
    byTerminal('default-class', [target('StorageClass', 'slow')])
    expect(annotations()).toEqual(after)
  })

  it('for a request for a certificate', async () => {
    const key = spawnSync('openssl', ['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=jane'], {
      encoding: 'utf8',
    })
    for (const name of ['window', 'terminal'])
      cluster.ok(
        'apply -f -',
        JSON.stringify({
          apiVersion: 'certificates.k8s.io/v1',
          kind: 'CertificateSigningRequest',
          metadata: { name },
          spec: { request: btoa(key.stdout), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
        }),
      )
    const conditions = (name: string) =>
      (read(target('CertificateSigningRequest', name)).status!.conditions as { type: string; status: string }[]).map((c) => [
        c.type,
        c.status,
      ])
    await byWindow('approve', [target('CertificateSigningRequest', 'window')])
    byTerminal('approve', [target('CertificateSigningRequest', 'terminal')])
    expect(conditions('window')).toEqual([['Approved', 'True']])
    expect(conditions('terminal')).toEqual(conditions('window'))
  })

  it('for the token and the kubeconfig of a service account', async () => {
    const payload = (token: string) =>
      JSON.parse(atob(token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, number>
    const claims = (token: string) => {
      const { exp, iat, aud, sub } = payload(token.trim())
      return { seconds: exp! - iat!, aud, sub: String(sub).replace(/window|terminal/, 'NAMESPACE') }
    }
    const account = (namespace: string) => [target('ServiceAccount', 'default', namespace)]
    const values = { duration: '10m', audience: 'harbour' }
    const made = (await byWindow('token', account('window'), values)) as Outcome
    expect(claims(byTerminal('token', account('terminal'), values))).toEqual(claims(made.result!))

    const config = (await byWindow('account-kubeconfig', account('terminal'))) as Outcome
    fs.writeFileSync(path.join(directory, 'window.kubeconfig'), config.result!)
    byTerminal('account-kubeconfig', account('terminal'))
    const view = (file: string) =>
      cluster
        .ok(['--kubeconfig', path.join(directory, file), 'config', 'view', '--raw', '-o', 'json'])
        .replace(/"token": ".*"/, '"token": "…"')
    expect(view('default.kubeconfig')).toBe(view('window.kubeconfig'))
    expect(fs.statSync(path.join(directory, 'default.kubeconfig')).mode & 0o077).toBe(0)
  })
})
