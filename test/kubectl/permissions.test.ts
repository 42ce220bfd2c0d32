import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster, type Output } from './support/cluster.js'
import { requester, type Request } from './support/requests.js'
import { steady, table } from './support/text.js'

/** What tokens, roles and impersonation allow, and in which words the rest is refused. */

const OBJECTS = `apiVersion: v1
kind: Secret
metadata: {name: robot-token, annotations: {kubernetes.io/service-account.name: robot}}
type: kubernetes.io/service-account-token
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}, {apiGroups: [""], resources: [configmaps], resourceNames: [settings], verbs: [get, update]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: carol, apiGroup: rbac.authorization.k8s.io}, {kind: ServiceAccount, name: robot, namespace: team}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: actor}
rules:
- {apiGroups: [""], resources: [users], verbs: [impersonate], resourceNames: [dave]}
- {apiGroups: [""], resources: [groups], verbs: [impersonate], resourceNames: [devs]}
- {apiGroups: [authentication.k8s.io], resources: [userextras/scopes], verbs: [impersonate], resourceNames: [view]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: actors}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: actor}
subjects: [{kind: ServiceAccount, name: robot, namespace: team}]
`
const ROBOT = 'system:serviceaccount:team:robot'
const NOBODY = { anonymous: true }

let cluster: TestCluster
let anonymous: Request & { close(): void }
let token: string
let printed = ''
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const robot = (args: string): Output => cluster.kubectlAs([`--token=${token}`, '--namespace=team'], args)
/** The message of a refused request as the robot. */
const refused = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
  const { json } = await anonymous('GET', path, undefined, { authorization: `Bearer ${token}`, ...headers })
  return (json as { message: string }).message
}
const review = (reviewed: string, audiences?: string[]): unknown => {
  const spec = { token: reviewed, ...(audiences ? { audiences } : {}) }
  const object = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec }
  return JSON.parse(ok('create -f - -o jsonpath={.status}', JSON.stringify(object)))
}

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  for (const stream of [cluster.child.stdout!, cluster.child.stderr!]) stream.on('data', (d: Buffer) => (printed += d.toString()))
  ok('create namespace team')
  ok('config set-context --current --namespace=team')
  ok('create serviceaccount robot')
  ok('create -f -', OBJECTS)
  ok('wait --for=jsonpath={.data.token} secret/robot-token --timeout=20s')
  token = Buffer.from(ok('get secret robot-token -o jsonpath={.data.token}'), 'base64').toString()
  anonymous = requester(cluster.kubeconfig, NOBODY)
})
afterAll(async () => {
  anonymous?.close()
  await cluster?.stop()
})

describe('a token in a Secret', () => {
  it('is its service account, and the day of its last use is on the Secret', () => {
    const today = (): string => new Date().toISOString().slice(0, 10)
    const before = today()
    expect(steady(robot('auth whoami').stdout)).toBe(
      `ATTRIBUTE  VALUE\nUsername  ${ROBOT}\nUID  UID\nGroups  [system:serviceaccounts system:serviceaccounts:team system:authenticated]\n`,
    )
    const labels = JSON.parse(ok(['get', 'secret', 'robot-token', '-o', 'jsonpath={.metadata.labels}'])) as Record<string, string>
    const { 'kubernetes.io/legacy-token-last-used': used, ...others } = labels
    expect(others).toEqual({})
    // Midnight may have come meanwhile.
    expect([before, today()]).toContain(used)
    const data = JSON.parse(ok(['get', 'secret', 'robot-token', '-o', 'jsonpath={.data}'])) as Record<string, string>
    expect(Object.keys(data)).toEqual(['ca.crt', 'namespace', 'token'])
    expect(Buffer.from(data['ca.crt']!, 'base64').toString()).toBe(
      ok(['get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}']),
    )
    expect(Buffer.from(data.namespace!, 'base64').toString()).toBe('team')
  })

  it('is no use any more once its Secret is deleted', () => {
    ok(['create', '-f', '-'], OBJECTS.split('---')[0]!.replace('name: robot-token', 'name: other-token'))
    ok('wait --for=jsonpath={.data.token} secret/other-token --timeout=20s')
    const other = Buffer.from(ok('get secret other-token -o jsonpath={.data.token}'), 'base64').toString()
    expect(review(other)).toMatchObject({ authenticated: true })
    ok('delete secret other-token')
    expect(review(other)).toEqual({ error: '[invalid bearer token, Token has been invalidated]', user: {} })
    expect(cluster.kubectlAs([`--token=${other}`], 'get pods').stderr).toBe('error: You must be logged in to the server (Unauthorized)\n')
  })
})

describe('a TokenReview', () => {
  it('says whose a token is and for whom', () => {
    const issuer = 'https://kubernetes.default.svc.cluster.local'
    expect(review(token)).toMatchObject({ authenticated: true, audiences: [issuer], user: { username: ROBOT } })
    const vault = ok('create token robot --audience=vault').trim()
    expect(review(vault, ['vault', 'other'])).toMatchObject({ authenticated: true, audiences: ['vault'], user: { username: ROBOT } })
    const wrong = `[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["${issuer}"]]`
    expect(review(vault)).toEqual({ error: wrong, user: {} })
    expect(review('nonsense')).toEqual({ error: 'invalid bearer token', user: {} })
    const forged = `${vault.split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`
    expect(review(forged)).toEqual({ error: '[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]', user: {} })
  })

  it('a token that is bound to a pod names it, and ends with it', () => {
    const overrides = '--overrides={"spec":{"serviceAccountName":"robot","terminationGracePeriodSeconds":1}}'
    ok(['run', 'bound', '--image=nginx', overrides])
    ok('wait --for=condition=Ready pod/bound --timeout=30s')
    const bound = ok('create token robot --bound-object-kind=Pod --bound-object-name=bound').trim()
    const names = table(cluster.kubectlAs([`--token=${bound}`], 'auth whoami').stdout).map(([name]) => name)
    expect(names.slice(4)).toEqual(
      ['credential-id', 'node-name', 'node-uid', 'pod-name', 'pod-uid'].map((n) => `Extra: authentication.kubernetes.io/${n}`),
    )
    expect(cluster.kubectl('create token default --bound-object-kind=Pod --bound-object-name=bound').stderr).toBe(
      'error: failed to create token: cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.\n',
    )
    ok('delete pod bound')
    expect(review(bound)).toEqual({ error: '[invalid bearer token, service account token has been invalidated]', user: {} })
  })
})

describe('auth can-i --list', () => {
  const EVERYBODY = [
    'selfsubjectreviews.authentication.k8s.io  []  []  [create]',
    'selfsubjectaccessreviews.authorization.k8s.io  []  []  [create]',
    'selfsubjectrulesreviews.authorization.k8s.io  []  []  [create]',
  ]
  const PATHS = ['api/*', 'api', 'apis/*', 'apis', 'healthz', 'healthz', 'livez', 'livez', 'openapi/*', 'openapi', 'readyz', 'readyz']
    .concat(['version/', 'version/', 'version', 'version'])
    .map((path) => `  [/${path}]  []  [get]`)
  const HEAD = 'Resources  Non-Resource URLs  Resource Names  Verbs'
  const listed = (...args: string[]): string[] =>
    ok(['auth', 'can-i', '--list', ...args])
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, '  '))

  it('of an administrator, and of somebody with a role', () => {
    const [first, second] = ['*.*  []  []  [*]', '  [*]  []  [*]']
    expect(listed()).toEqual([HEAD, first, second, ...EVERYBODY, ...PATHS])
    const reader = ['pods/log  []  []  [get list]', 'pods  []  []  [get list]', 'configmaps  []  [settings]  [get update]']
    expect(listed('--as=carol')).toEqual([HEAD, ...EVERYBODY, ...reader, ...PATHS])
    expect(listed('--as=carol', '--namespace=default')).toEqual([HEAD, ...EVERYBODY, ...PATHS])
  })
})

describe('acting as somebody else', () => {
  it('is allowed user by user, group by group, value by value', async () => {
    expect(steady(robot('auth whoami --as dave --as-group devs').stdout)).toBe(
      'ATTRIBUTE  VALUE\nUsername  dave\nGroups  [devs system:authenticated]\n',
    )
    const may = { 'impersonate-user': 'dave', 'impersonate-group': 'devs', 'impersonate-extra-scopes': 'view' }
    const others: Record<string, string>[] = [
      { 'impersonate-user': 'eve' },
      { 'impersonate-group': 'ops' },
      { 'impersonate-uid': '7' },
      { 'impersonate-extra-scopes': 'edit' },
    ]
    // Beyond that it could still be let do this one thing as somebody else, and is not.
    for (const other of others)
      expect(await refused('/api', { ...may, ...other })).toBe(`forbidden: User "${ROBOT}" cannot impersonate-on:user-info:get path "/api"`)
    expect(await refused('/api', { 'impersonate-user': 'system:serviceaccount:team:default' })).toBe(
      `forbidden: User "${ROBOT}" cannot impersonate-on:serviceaccount:get path "/api"`,
    )
  })

  it('is allowed action by action', async () => {
    const rules = [
      { apiGroups: ['authentication.k8s.io'], resources: ['users'], resourceNames: ['erin'], verbs: ['impersonate:user-info'] },
    ]
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'as-erin' }, rules }
    ok('create -f -', JSON.stringify(role))
    ok('create clusterrolebinding as-erin --clusterrole=as-erin --serviceaccount=team:robot')
    const actions = [{ apiGroups: [''], resources: ['pods'], verbs: ['impersonate-on:user-info:list'] }]
    ok('create -f -', JSON.stringify({ ...role, metadata: { name: 'list-as' }, rules: actions }))
    ok('create rolebinding list-as -n team --clusterrole=list-as --serviceaccount=team:robot')
    ok('create rolebinding erin -n team --role=reader --user=erin')
    const listed = robot('get pods --as erin')
    expect([listed.code, listed.stderr]).toEqual([0, 'No resources found in team namespace.\n'])
    expect(await refused('/api/v1/namespaces/team/pods/p', { 'impersonate-user': 'erin' })).toBe(
      `pods "p" is forbidden: User "${ROBOT}" cannot impersonate-on:user-info:get resource "pods" in API group "" in the namespace "team"`,
    )
    expect(await refused('/api/v1/namespaces/team/pods', { 'impersonate-user': 'fay' })).toBe(
      `users.authentication.k8s.io "fay" is forbidden: User "${ROBOT}" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope`,
    )
  })
})

describe('what is refused', () => {
  it('says who cannot do what where, in each scope', async () => {
    const who = `User "${ROBOT}" cannot`
    expect(await refused('/api/v1/namespaces/team/secrets')).toBe(
      `secrets is forbidden: ${who} list resource "secrets" in API group "" in the namespace "team"`,
    )
    expect(await refused('/apis/apps/v1/deployments')).toBe(
      `deployments.apps is forbidden: ${who} list resource "deployments" in API group "apps" at the cluster scope`,
    )
    expect(await refused('/api/v1/namespaces/team/configmaps/other')).toBe(
      `configmaps "other" is forbidden: ${who} get resource "configmaps" in API group "" in the namespace "team"`,
    )
    expect(await refused('/apis/apps/v1/namespaces/team/deployments/web/scale')).toBe(
      `deployments.apps "web" is forbidden: ${who} get resource "deployments/scale" in API group "apps" in the namespace "team"`,
    )
    expect(await refused('/api/v1/nodes/drydock')).toBe(
      `nodes "drydock" is forbidden: ${who} get resource "nodes" in API group "" at the cluster scope`,
    )
    expect(await refused('/metrics')).toBe(`forbidden: ${who} get path "/metrics"`)
  })

  it('to those who are nobody is all but health and version', async () => {
    const codes = async (...paths: string[]): Promise<number[]> => Promise.all(paths.map(async (p) => (await anonymous('GET', p)).code))
    expect(await codes('/healthz', '/livez', '/readyz', '/version')).toEqual([200, 200, 200, 200])
    expect(await codes('/', '/api', '/apis', '/openapi/v3', '/metrics', '/api/v1/pods')).toEqual([403, 403, 403, 403, 403, 403])
    const { json } = await anonymous('GET', '/api/v1/pods')
    expect((json as { message: string }).message).toBe(
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    )
  })
})

it('a fresh cluster has the ClusterRoles and bindings of Kubernetes', () => {
  const names = (kind: string): string[] =>
    table(ok(`get ${kind} -l kubernetes.io/bootstrapping=rbac-defaults --no-headers`)).map((row) => row[0]!)
  const roles = names('clusterroles')
  const controllers = [
    'attachdetach-controller',
    'certificate-controller',
    'clusterrole-aggregation-controller',
    'cronjob-controller',
    'daemon-set-controller',
    'deployment-controller',
    'device-taint-eviction-controller',
    'disruption-controller',
    'endpoint-controller',
    'endpointslice-controller',
    'endpointslicemirroring-controller',
    'ephemeral-volume-controller',
    'expand-controller',
    'generic-garbage-collector',
    'horizontal-pod-autoscaler',
    'job-controller',
    'legacy-service-account-token-cleaner',
    'namespace-controller',
    'node-controller',
    'persistent-volume-binder',
    'pod-garbage-collector',
    'pv-protection-controller',
    'pvc-protection-controller',
    'replicaset-controller',
    'replication-controller',
    'resource-claim-controller',
    'resourcequota-controller',
    'root-ca-cert-publisher',
    'route-controller',
    'selinux-warning-controller',
    'service-account-controller',
    'service-cidrs-controller',
    'service-controller',
    'statefulset-controller',
    'ttl-after-finished-controller',
    'ttl-controller',
    'validatingadmissionpolicy-status-controller',
    'volumeattributesclass-protection-controller',
  ].map((name) => `system:controller:${name}`)
  expect(roles.filter((name) => name.startsWith('system:controller:'))).toEqual(controllers)
  expect(roles.filter((name) => !name.startsWith('system:controller:'))).toEqual([
    'admin',
    'cluster-admin',
    'edit',
    'system:aggregate-to-admin',
    'system:aggregate-to-edit',
    'system:aggregate-to-view',
    'system:auth-delegator',
    'system:basic-user',
    ...['nodeclient', 'selfnodeclient'].map((whose) => `system:certificates.k8s.io:certificatesigningrequests:${whose}`),
    ...['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'].map(
      (signer) => `system:certificates.k8s.io:${signer}-approver`,
    ),
    'system:discovery',
    'system:heapster',
    'system:kube-aggregator',
    'system:kube-controller-manager',
    'system:kube-dns',
    'system:kube-scheduler',
    'system:kubelet-api-admin',
    'system:monitoring',
    'system:node',
    'system:node-bootstrapper',
    'system:node-problem-detector',
    'system:node-proxier',
    'system:persistent-volume-provisioner',
    'system:public-info-viewer',
    'system:service-account-issuer-discovery',
    'system:volume-scheduler',
    'view',
  ])
  const bindings = table(ok('get clusterrolebindings -l kubernetes.io/bootstrapping=rbac-defaults -o wide --no-headers'))
  expect(bindings.map((row) => row[0]).filter((name) => name!.startsWith('system:controller:'))).toEqual(controllers)
  expect(bindings.find((row) => row[0] === 'system:controller:job-controller')!.at(-1)).toBe('kube-system/job-controller')
  expect(steady(ok('describe clusterrole system:controller:job-controller'))).toBe(`Name:  system:controller:job-controller
Labels:  kubernetes.io/bootstrapping=rbac-defaults
Annotations:  rbac.authorization.kubernetes.io/autoupdate: true
PolicyRule:
  Resources  Non-Resource URLs  Resource Names  Verbs
  ---------  -----------------  --------------  -----
  pods  []  []  [create delete list patch watch]
  events  []  []  [create patch update]
  events.events.k8s.io  []  []  [create patch update]
  jobs.batch  []  []  [get list patch update watch]
  jobs.batch/finalizers  []  []  [update]
  jobs.batch/status  []  []  [update]
`)
})

it('what is secret is never printed by the cluster', () => {
  const words = ['hunter2-in-data', 'hunter2-in-an-error']
  ok(['create', 'secret', 'generic', 'kept', `--from-literal=p=${words[0]}`])
  ok(['patch', 'secret', 'kept', '-p', '{"metadata":{"labels":{"seen":"yes"}}}'])
  const bad = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bad' }, type: 'kubernetes.io/dockerconfigjson', stringData: {} }
  const broken = JSON.stringify({ ...bad, stringData: { '.dockerconfigjson': words[1] } })
  expect(cluster.kubectl('create -f -', broken).stderr).not.toContain(words[1])
  for (const word of [...words, ...words.map((w) => Buffer.from(w).toString('base64')), token]) expect(printed).not.toContain(word)
})
