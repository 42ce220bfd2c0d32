import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { checkSignable } from '../../../src-main/cluster/access/signerrules.js'
import type { UserInfo } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { startServer, type Fixture } from '../api/fixture.js'

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-csr-'))

afterAll(() => fs.rmSync(directory, { recursive: true }))

/** A request made by openssl. */
function request(subject: string, names?: string): string {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path.join(directory, 'key')]
  const more = names ? ['-addext', `subjectAltName=${names}`] : []
  return execFileSync('openssl', ['req', '-new', ...key, '-subj', subject, ...more], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

describe('the built-in signers', () => {
  const client = ['digital signature', 'key encipherment', 'client auth']
  const serving = ['digital signature', 'server auth']
  const check = (signer: string, pem: string, usages: string[]) => () => checkSignable(`kubernetes.io/${signer}`, pem, usages)

  it('kube-apiserver-client takes any subject, for clients only', () => {
    const jane = request('/O=devs/CN=jane')
    expect(check('kube-apiserver-client', jane, client)).not.toThrow()
    expect(check('kube-apiserver-client', jane, ['client auth', 'server auth'])).toThrow(
      'invalid usage for client certificate: server auth',
    )
    expect(check('kube-apiserver-client', jane, ['digital signature'])).toThrow(
      'missing required usage for client certificate: client auth',
    )
  })

  it('kube-apiserver-client-kubelet takes nodes, with no other names', () => {
    const signer = 'kube-apiserver-client-kubelet'
    const node = '/O=system:nodes/CN=system:node:a'
    expect(check(signer, request(node), client)).not.toThrow()
    expect(check(signer, request('/O=devs/CN=system:node:a'), client)).toThrow('subject organization is not system:nodes')
    expect(check(signer, request('/O=system:nodes/CN=a'), client)).toThrow('subject common name does not begin with system:node:')
    expect(check(signer, request(node, 'DNS:a'), client)).toThrow('DNS subjectAltNames are not allowed')
    expect(check(signer, request(node, 'IP:10.0.0.1'), client)).toThrow('IP subjectAltNames are not allowed')
    expect(check(signer, request(node), ['client auth'])).toThrow('usages did not match [client auth digital signature key encipherment]')
  })

  it('kubelet-serving takes nodes that name where they serve', () => {
    const node = '/O=system:nodes/CN=system:node:a'
    expect(check('kubelet-serving', request(node, 'DNS:a,IP:10.0.0.1'), serving)).not.toThrow()
    expect(check('kubelet-serving', request(node), serving)).toThrow('DNS or IP subjectAltName is required')
    expect(check('kubelet-serving', request(node, 'DNS:a,URI:spiffe://a'), serving)).toThrow('URI subjectAltNames are not allowed')
    expect(check('kubelet-serving', request(node, 'DNS:a'), client)).toThrow(
      'usages did not match [digital signature key encipherment server auth]',
    )
  })

  it('legacy-unknown takes everything', () => {
    expect(check('legacy-unknown', request('/CN=x'), ['any'])).not.toThrow()
  })
})

describe('a certificate request', () => {
  const BOB: UserInfo = { username: 'bob', groups: ['system:authenticated'] }
  const requests = { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' }
  const rbac = (resource: string) => f.admin.resource({ group: 'rbac.authorization.k8s.io', version: 'v1', resource })
  const csr = (name: string, subject: string): KubeObject =>
    ({
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: {
        request: Buffer.from(request(subject)).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    }) as unknown as KubeObject
  const condition = (type: string): object => ({ type, status: 'True', reason: 'Test', message: 'by a test' })
  const bob = () => f.server.client(BOB).resource(requests)
  let f: Fixture
  beforeEach(async () => {
    f = startServer()
    await f.server.seeded
    const rules = [
      { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests', 'certificatesigningrequests/*'], verbs: ['*'] },
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
        verbs: ['update'],
      },
    ]
    await rbac('clusterroles').create('', { kind: 'ClusterRole', metadata: { name: 'bobs' }, rules } as KubeObject)
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }]
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'bobs' }
    await rbac('clusterrolebindings').create('', {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'bobs' },
      subjects,
      roleRef,
    } as unknown as KubeObject)
  })

  it('cannot be for the group that is above all rules', async () => {
    await expect(bob().create('', csr('root', '/O=system:masters/CN=bob'))).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "root" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    )
  })

  it('is approved and signed only by who may do so for its signer', async () => {
    const made = await bob().create('', csr('jane', '/CN=jane'))
    const approved = { ...made, status: { conditions: [condition('Approved')] } } as KubeObject
    await expect(bob().update(approved, { subresource: 'approval' })).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "jane" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
    )
    const failed = { ...made, status: { conditions: [condition('Failed')] } } as KubeObject
    await expect(bob().update(failed, { subresource: 'status' })).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "jane" is forbidden: user not permitted to sign requests with signerName "kubernetes.io/kube-apiserver-client"',
    )
    const roleRef = {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:certificates.k8s.io:kube-apiserver-client-approver',
    }
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }]
    await rbac('clusterrolebindings').create('', {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'approver' },
      subjects,
      roleRef,
    } as unknown as KubeObject)
    const done = (await bob().update(approved, { subresource: 'approval' })) as unknown as { status: { conditions: { type: string }[] } }
    expect(done.status.conditions.map((c) => c.type)).toEqual(['Approved'])
  })
})
