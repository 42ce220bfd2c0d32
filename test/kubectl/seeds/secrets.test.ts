import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on Secrets and on the accounts of pods. The clock runs 20 times as fast. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '1', '--speed', '20'] })
})
afterAll(() => cluster.stop())

it('one with several keys comes from stdin; its values are coded, not hidden', () => {
  // What the shell of the notes makes of `echo "s33msi4" | base64` and `echo "jane" | base64`.
  ok(
    'create -f -',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: mysecret}\ntype: Opaque\ndata:\n  password: czMzbXNpNAo=\n  username: amFuZQo=\n',
  )
  expect(ok('describe secret mysecret')).toBe(
    'Name:         mysecret\nNamespace:    default\nLabels:       <none>\nAnnotations:  <none>\n\nType:  Opaque\n\nData\n====\npassword:  8 bytes\nusername:  5 bytes\n',
  )
  expect(Buffer.from(ok('get secret mysecret -o jsonpath={.data.password}'), 'base64').toString()).toBe('s33msi4\n')
  ok('delete secret mysecret')
})

it('its keys become variables of a deployment', () => {
  ok(
    'create -f -',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: mysecret}\ntype: Opaque\ndata: {user: YWRtaW4=, pass: MWYyZDFlMmU2N2Rm}\n',
  )
  ok('create deployment myapp --image=nginx')
  const set = cluster.kubectl('set env --from=secret/mysecret deployment/myapp')
  expect(set).toMatchObject({ code: 0, stdout: 'deployment.apps/myapp env updated\n' })
  // kubectl goes through the keys in the order of a Go map, which is random.
  expect(set.stderr.split('\n').sort()).toEqual(['', 'Warning: key pass transferred to PASS', 'Warning: key user transferred to USER'])
  ok('rollout status deployment/myapp --timeout=60s')
  expect(ok('exec deploy/myapp -- printenv USER PASS')).toBe('admin\n1f2d1e2e67df\n')
})

it('two of them are projected into one directory', () => {
  ok(`create -f ${file('projected-volume.yaml')}`)
  ok('create secret generic user --from-literal=user=admin')
  ok('create secret generic pass --from-literal=pass=1f2d1e2e67df')
  // Its secrets came after it: the kubelet tries again.
  ok('wait --for=condition=Ready pod/test-projected-volume --timeout=60s')
  expect(ok('exec test-projected-volume -- cat /projected-volume/user /projected-volume/pass')).toBe('admin1f2d1e2e67df')
})

it('one of a registry lets pods pull its images', () => {
  const login = '--docker-server=registry.example.com --docker-username=jane --docker-password=secret'
  ok(`create secret docker-registry drydock-registries -n kube-system ${login}`)
  const overrides = (secret?: string): string =>
    JSON.stringify({ apiVersion: 'v1', spec: secret ? { imagePullSecrets: [{ name: secret }] } : {} })
  ok(['run', 'private', '--image=registry.example.com/shop/web:1.0', `--overrides=${overrides()}`])
  ok(['wait', 'pod/private', '--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff', '--timeout=30s'])
  ok(`create secret docker-registry regcred ${login}`)
  ok(['run', 'with-login', '--image=registry.example.com/shop/web:1.0', `--overrides=${overrides('regcred')}`])
  ok('wait --for=condition=Ready pod/with-login --timeout=30s')
  expect(ok('get pod private --no-headers')).toMatch(/^private +0\/1 +(ImagePullBackOff|ErrImagePull) +0 +\S+\n$/)
})

it('an account with the role of the notes may do everything, with its token', () => {
  ok(
    'create -f -',
    `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: tke-admin}
rules:
- {apiGroups: ['*'], resources: ['*'], verbs: ['*']}
- {nonResourceURLs: ['*'], verbs: ['*']}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: tke-admin}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tke-admin}
subjects: [{kind: ServiceAccount, name: tke-admin, namespace: kube-system}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: tke-admin, namespace: kube-system}
`,
  )
  const token = ok('create token tke-admin -n kube-system').trim()
  expect(cluster.kubectlAs([`--token=${token}`], 'auth can-i * *')).toMatchObject({ code: 0, stdout: 'yes\n' })
  expect(cluster.kubectlAs([`--token=${token}`], 'get namespace default -o name').stdout).toBe('namespace/default\n')
})
