import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster, type Output } from './support/cluster.js'
import { steady } from './support/text.js'

/** Who may do what: auth, tokens, certificates, impersonation, kubeconfig, proxy. */

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const robot = 'system:serviceaccount:team:robot'

const RULES = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: team}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: team}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: carol, apiGroup: rbac.authorization.k8s.io}]
`

/** Runs kubectl with other credentials than the administrator's. */
const as = (credentials: string[], args: string): Output => cluster.kubectlAs(credentials, args)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  ok('create namespace team')
  ok('config set-context --current --namespace=team')
  ok('create serviceaccount robot')
})
afterAll(async () => {
  await cluster?.stop()
})

describe('auth', () => {
  it('whoami tells the user of the certificate, and of whom it acts as', () => {
    expect(steady(ok('auth whoami')).replace(/[0-9a-f]{64}/, 'SHA256')).toBe(
      'ATTRIBUTE  VALUE\nUsername  kubernetes-admin\nGroups  [system:masters system:authenticated]\nExtra: authentication.kubernetes.io/credential-id  [X509SHA256=SHA256]\n',
    )
    expect(ok(['auth', 'whoami', '--as', robot, '-o', 'jsonpath={.status.userInfo}'])).toBe(
      `{"groups":["system:serviceaccounts","system:serviceaccounts:team","system:authenticated"],"username":"${robot}"}`,
    )
  })

  it('reconcile adds what is missing, and says what it added', () => {
    const reconciled = 'role.rbac.authorization.k8s.io/reader reconciled\nrolebinding.rbac.authorization.k8s.io/readers reconciled\n'
    expect(cluster.kubectl('auth reconcile -f -', RULES)).toEqual({
      code: 0,
      stdout: reconciled,
      stderr:
        '\treconciliation required create\n\tmissing rules added:\n\t\t{Verbs:[get] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}\n\treconciliation required create\n\tmissing subjects added:\n\t\t{Kind:User APIGroup:rbac.authorization.k8s.io Name:carol Namespace:}\n',
    })
    expect(cluster.kubectl('auth reconcile -f -', RULES)).toEqual({ code: 0, stdout: reconciled, stderr: '' })
    expect(cluster.kubectl('auth reconcile -f -', RULES.replace('[get]', '[get, list]'))).toEqual({
      code: 0,
      stdout: reconciled,
      stderr:
        '\treconciliation required update\n\tmissing rules added:\n\t\t{Verbs:[list] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}\n',
    })
  })

  it('can-i answers for each namespace, and lists', () => {
    expect(ok('auth can-i list pods --as carol')).toBe('yes\n')
    expect(cluster.kubectl('auth can-i list pods --as carol -n default')).toEqual({ code: 1, stdout: 'no\n', stderr: '' })
    expect(ok('auth can-i * *')).toBe('yes\n')
    expect(ok('auth can-i get /healthz --as nobody')).toBe('yes\n')
    expect(cluster.kubectl('auth can-i get nodes')).toEqual({
      code: 0,
      stdout: 'yes\n',
      stderr: "Warning: resource 'nodes' is not namespace scoped\n\n",
    })
    const rules = steady(ok('auth can-i --list --as carol'))
    expect(rules).toContain('\npods  []  []  [get list]\n')
    expect(rules).toContain('selfsubjectreviews.authentication.k8s.io  []  []  [create]\n')
  })
})

it('who may not is told so, and not whether the object exists', () => {
  const refused = (args: string): string => cluster.kubectl(args).stderr
  expect(refused('get secrets --as bob')).toBe(
    'Error from server (Forbidden): secrets is forbidden: User "bob" cannot list resource "secrets" in API group "" in the namespace "team"\n',
  )
  expect(refused('get nodes --as bob')).toBe(
    'Error from server (Forbidden): nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope\n',
  )
  for (const name of ['robot', 'nosuch'])
    expect(refused(`delete serviceaccount ${name} --as bob`)).toBe(
      `Error from server (Forbidden): serviceaccounts "${name}" is forbidden: User "bob" cannot delete resource "serviceaccounts" in API group "" in the namespace "team"\n`,
    )
})

describe('create token', () => {
  it('makes a token that is its service account', () => {
    const token = ok('create token robot --duration=10m').trim()
    expect(steady(as([`--token=${token}`], 'auth whoami').stdout)).toBe(
      `ATTRIBUTE  VALUE\nUsername  ${robot}\nUID  UID\nGroups  [system:serviceaccounts system:serviceaccounts:team system:authenticated]\nExtra: authentication.kubernetes.io/credential-id  [JTI=UID]\n`,
    )
    expect(as([`--token=${token}`], 'get pods -n team').stderr).toBe(
      `Error from server (Forbidden): pods is forbidden: User "${robot}" cannot list resource "pods" in API group "" in the namespace "team"\n`,
    )
    expect(as(['--token=bad'], 'get pods').stderr).toBe('error: You must be logged in to the server (Unauthorized)\n')
  })

  it('says what cannot be', () => {
    expect(cluster.kubectl('create token robot --duration=1s').stderr).toContain(
      'spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
    )
    expect(cluster.kubectl('create token nosuch').stderr).toBe('error: failed to create token: serviceaccounts "nosuch" not found\n')
  })
})

describe('certificates', () => {
  const request = (name: string, subject = `/O=devs/CN=${name}`, spec: object = {}): string => {
    const key = path.join(cluster.directory, `${name}.key`)
    const made = spawnSync('openssl', [
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-subj',
      subject,
    ])
    return JSON.stringify({
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: {
        request: made.stdout.toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        expirationSeconds: 3600,
        usages: ['client auth'],
        ...spec,
      },
    })
  }

  it('are signed once they are approved, and are their user', () => {
    expect(ok('create -f -', request('alice'))).toBe('certificatesigningrequest.certificates.k8s.io/alice created\n')
    expect(steady(ok('get csr alice')).replace(/60m|AGE/g, 'AGE')).toBe(
      'NAME  AGE  SIGNERNAME  REQUESTOR  REQUESTEDDURATION  CONDITION\nalice  AGE  kubernetes.io/kube-apiserver-client  kubernetes-admin  AGE  Pending\n',
    )
    expect(ok('certificate approve alice')).toBe('certificatesigningrequest.certificates.k8s.io/alice approved\n')
    ok(['wait', '--for=jsonpath={.status.certificate}', 'csr/alice', '--timeout=20s'])
    expect(ok('get csr alice --no-headers')).toMatch(/ Approved,Issued\n$/)
    const certificate = path.join(cluster.directory, 'alice.crt')
    fs.writeFileSync(certificate, Buffer.from(ok('get csr alice -o jsonpath={.status.certificate}'), 'base64'))
    const alice = [`--client-certificate=${certificate}`, `--client-key=${path.join(cluster.directory, 'alice.key')}`]
    expect(as(alice, 'get pods').stderr).toBe(
      'Error from server (Forbidden): pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"\n',
    )
    expect(as(alice, 'auth whoami -o jsonpath={.status.userInfo.groups}').stdout).toBe('["devs","system:authenticated"]')
  })

  it('of kubelets are approved by themselves where their user may have them, and signed with their rules', () => {
    const signerName = 'kubernetes.io/kube-apiserver-client-kubelet'
    const kubelet = { signerName, usages: ['digital signature', 'client auth'] }
    ok([
      'create',
      'clusterrolebinding',
      'rotation',
      '--group=system:nodes',
      '--clusterrole=system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    ])
    const node = '--as=system:node:quay --as-group=system:nodes'
    ok(`create ${node} -f -`, request('quay', '/O=system:nodes/CN=system:node:quay', kubelet))
    ok(['wait', '--for=jsonpath={.status.certificate}', 'csr/quay', '--timeout=20s'])
    expect(ok('get csr quay -o jsonpath={.status.conditions[*].message}')).toBe(
      'Auto approving self kubelet client certificate after SubjectAccessReview.',
    )
    ok('create -f -', request('stray', '/O=devs/CN=system:node:stray', kubelet))
    ok('certificate approve stray')
    ok('wait --for=condition=Failed csr/stray --timeout=20s')
    expect(ok('get csr stray -o jsonpath={.status.conditions[1].reason}:{.status.conditions[1].message}')).toBe(
      'SignerValidationFailure:subject organization is not system:nodes',
    )
    expect(ok('get csr stray --no-headers')).toMatch(/ Approved,Failed\n$/)
  })

  it('are not signed once they are denied', () => {
    ok('create -f -', request('mallory'))
    expect(ok('certificate deny mallory')).toBe('certificatesigningrequest.certificates.k8s.io/mallory denied\n')
    expect(cluster.kubectl('certificate approve mallory').stderr).toBe('error: certificate signing request "mallory" is already Denied\n')
    expect(cluster.kubectl('certificate approve nosuch').stderr).toBe(
      'Error from server (NotFound): certificatesigningrequests.certificates.k8s.io "nosuch" not found\n',
    )
  })
})

describe('config', () => {
  it('view hides what is secret; contexts are made and chosen', () => {
    expect(ok('config view')).toBe(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: DATA+OMITTED
    server: ${cluster.server}
  name: drydock
contexts:
- context:
    cluster: drydock
    namespace: team
    user: drydock
  name: drydock
current-context: drydock
kind: Config
users:
- name: drydock
  user:
    client-certificate-data: DATA+OMITTED
    client-key-data: DATA+OMITTED
`)
    expect(ok('config set-context other --cluster=drydock --user=drydock --namespace=kube-public')).toBe('Context "other" created.\n')
    expect(ok('config get-contexts -o name')).toBe('drydock\nother\n')
    expect(ok('get configmaps --context=other -o name')).toContain('configmap/kube-root-ca.crt\n')
  })
})

it('proxy hands the API to clients without credentials', async () => {
  const port = await new Promise<number>((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as net.AddressInfo
      server.close(() => resolve(free))
    })
  })
  const proxy = cluster.start(['proxy', `--port=${port}`])
  await proxy.until(`Starting to serve on 127.0.0.1:${port}`)
  const text = await new Promise<string>((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path: '/api/v1/namespaces/team', agent: false }, (response) => {
        let body = ''
        response.on('data', (d: Buffer) => (body += d.toString()))
        response.on('end', () => resolve(body))
      })
      .on('error', reject)
  })
  expect(JSON.parse(text)).toMatchObject({ kind: 'Namespace', metadata: { name: 'team' }, status: { phase: 'Active' } })
  await proxy.stop()
})
