import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api, eventually, refusal, type Json } from '../support/api.js'
import { TestCluster } from '../support/cluster.js'

/** Certificate requests, ServiceAccounts and their tokens in pods, and reviews of who may do what. */

let cluster: TestCluster
let api: Api
const core = '/api/v1/namespaces/default'
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1', '--speed', '20'] })
  api = new Api(cluster.kubeconfig)
  await eventually(() => api.exists(`${core}/serviceaccounts/default`), Boolean)
})
afterAll(async () => {
  api?.close()
  await cluster?.stop()
})

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const openssl = (...args: string[]): string =>
  execFileSync('openssl', args, { cwd: cluster.directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
const file = (name: string): string => fs.readFileSync(path.join(cluster.directory, name), 'utf8')
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const pod = (name: string, spec: Json): Promise<Json> =>
  api.create(`${core}/pods`, { metadata: { name }, spec: { containers: [{ name: 'main', image: AGNHOST, args: ['pause'] }], ...spec } })
const running = (name: string): Promise<Json> =>
  eventually(
    () => api.get(`${core}/pods/${name}`),
    (p) => p.status.phase === 'Running',
  )

describe('a CertificateSigningRequest', () => {
  const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
  const request = (subject: string): string => {
    openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'client.key', '-out', 'client.csr', '-subj', subject)
    return base64(file('client.csr'))
  }

  it('is approved and given a certificate by whoever may, each through its own subresource', async () => {
    const signerName = 'example.com/e2e-signer'
    const object = {
      metadata: { generateName: 'e2e-example-csr-' },
      spec: {
        request: request('/CN=e2e.example.com'),
        signerName,
        expirationSeconds: 3600,
        usages: ['digital signature', 'key encipherment', 'server auth'],
      },
    }
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'own.key', '-out', 'own.crt', '-subj', '/CN=e2e.example.com')
    const certificate = base64(file('own.crt'))
    for (let i = 0; i < 2; i++) await api.create(requests, object)
    const created = await api.create(requests, object)
    const at = `${requests}/${created.metadata.name}`
    expect([created.spec.expirationSeconds, created.spec.username]).toEqual([3600, 'kubernetes-admin'])
    const ofSigner = await api.get(requests, { fieldSelector: `spec.signerName=${signerName}` })
    expect(ofSigner.items.length).toBe(3)
    const watch = await api.watch(requests, {
      resourceVersion: ofSigner.metadata.resourceVersion,
      fieldSelector: `metadata.name=${created.metadata.name}`,
    })
    await api.patch(at, 'merge', { metadata: { annotations: { patched: 'true' } } })
    await api.change(at, (o) => (o.metadata.annotations.updated = 'true'))
    await watch.until((e) => e.object.metadata.annotations.updated === 'true')
    watch.close()

    expect((await api.get(`${at}/approval`)).metadata.uid).toBe(created.metadata.uid)
    const patched = await api.patch(`${at}/approval`, 'merge', {
      metadata: { annotations: { patchedapproval: 'true' } },
      status: { conditions: [{ type: 'ApprovalPatch', status: 'True', reason: 'e2e' }] },
    })
    expect([patched.metadata.annotations.patchedapproval, patched.status.conditions.map((c: Json) => c.type)]).toEqual([
      'true',
      ['ApprovalPatch'],
    ])
    const approved = await api.change(
      at,
      (o) => o.status.conditions.push({ type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }),
      '/approval',
    )
    expect(approved.status.conditions.map((c: Json) => c.type)).toEqual(['ApprovalPatch', 'Approved'])

    expect((await api.get(`${at}/status`)).metadata.uid).toBe(created.metadata.uid)
    const signed = await api.patch(`${at}/status`, 'merge', {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { certificate },
    })
    expect([signed.metadata.annotations.patchedstatus, signed.status.certificate]).toEqual(['true', certificate])
    const told = await api.change(
      at,
      (o) => o.status.conditions.push({ type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }),
      '/status',
    )
    expect(told.status.conditions.map((c: Json) => c.type)).toEqual(['ApprovalPatch', 'Approved', 'StatusUpdate'])

    await api.delete(at)
    expect((await refusal(api.get(at))).code).toBe(404)
    await api.request('DELETE', `${requests}?fieldSelector=spec.signerName%3D${encodeURIComponent(signerName)}`)
    expect((await api.get(requests, { fieldSelector: `spec.signerName=${signerName}` })).items).toEqual([])
  })

  it('of a client gives it a certificate that it is known by', async () => {
    const name = 'tester'
    await api.create(requests, {
      metadata: { name },
      spec: {
        request: request('/CN=tester-csr'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        expirationSeconds: 3600,
        usages: ['digital signature', 'key encipherment', 'client auth'],
      },
    })
    await api.change(
      `${requests}/${name}`,
      (o) => (o.status.conditions = [{ type: 'Approved', status: 'True', reason: 'E2E', message: 'yes' }]),
      '/approval',
    )
    const signed = await eventually(
      () => api.get(`${requests}/${name}`),
      (o) => o.status.certificate,
    )
    fs.writeFileSync(path.join(cluster.directory, 'client.crt'), Buffer.from(signed.status.certificate, 'base64'))
    const dates = openssl('x509', '-in', 'client.crt', '-noout', '-startdate', '-enddate')
      .match(/=(.*)/g)!
      .map((d) => Date.parse(d.slice(1)))
    expect(dates[1]! - dates[0]!).toBeLessThanOrEqual(65 * 60_000)
    const keys = ['client.crt', 'client.key'].map((f) => path.join(cluster.directory, f))
    const who = cluster.kubectlAs(
      [`--client-certificate=${keys[0]}`, `--client-key=${keys[1]}`],
      'auth whoami -o jsonpath={.status.userInfo.username}',
    )
    expect(who.stdout).toBe('tester-csr')
  })
})

describe('a ServiceAccount', () => {
  it('is told of by a watch when it comes, is patched and goes', async () => {
    const accounts = `${core}/serviceaccounts`
    const watch = await api.watch('/api/v1/serviceaccounts', { labelSelector: 'test-serviceaccount-static=true' })
    await api.create(accounts, { metadata: { name: 'testserviceaccount', labels: { 'test-serviceaccount-static': 'true' } } })
    await watch.until((e) => e.type === 'ADDED')
    const patched = await api.patch(`${accounts}/testserviceaccount`, 'strategic', { automountServiceAccountToken: false })
    expect(patched.automountServiceAccountToken).toBe(false)
    expect(
      (await api.change(`${accounts}/testserviceaccount`, (o) => (o.automountServiceAccountToken = true))).automountServiceAccountToken,
    ).toBe(true)
    await api.deleteCollection(accounts, 'test-serviceaccount-static=true')
    await watch.until((e) => e.type === 'DELETED')
    watch.close()
  })

  it('mounts its token in a pod unless the account or the pod says no, and the pod is heard', async () => {
    for (const [name, automountServiceAccountToken] of [
      ['default', undefined],
      ['mount', true],
      ['nomount', false],
    ] as const) {
      if (name !== 'default') await api.create(`${core}/serviceaccounts`, { metadata: { name }, automountServiceAccountToken })
      for (const [suffix, own] of [
        ['', undefined],
        ['-mountspec', true],
        ['-nomountspec', false],
      ] as const) {
        const created = await pod(`pod-${name}${suffix}`, {
          serviceAccountName: name,
          ...(own === undefined ? {} : { automountServiceAccountToken: own }),
        })
        const mounted = created.spec.containers[0].volumeMounts?.some((m: Json) => m.mountPath === MOUNT) ?? false
        expect([created.metadata.name, mounted]).toEqual([created.metadata.name, own ?? automountServiceAccountToken ?? true])
      }
    }
  })

  it('is known by the token that its pod has', async () => {
    await api.create(`${core}/serviceaccounts`, { metadata: { name: 'mounted' } })
    await pod('mounted', { serviceAccountName: 'mounted' })
    await running('mounted')
    const read = (name: string): string => cluster.ok(['exec', 'mounted', '--', 'cat', `${MOUNT}/${name}`])
    const token = read('token').trim()
    expect(read('namespace')).toBe('default')
    expect(read('ca.crt')).toBe((await api.get(`${core}/configmaps/kube-root-ca.crt`)).data['ca.crt'])
    const review = await api.create('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token },
    })
    expect([review.status.authenticated, review.status.error, review.status.user.username, review.status.user.groups]).toEqual([
      true,
      undefined,
      'system:serviceaccount:default:mounted',
      ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    ])
    const self = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const asItself = new Api(cluster.kubeconfig, { authorization: `Bearer ${token}` })
    expect((await asItself.create('/apis/authentication.k8s.io/v1/selfsubjectreviews', self)).status.userInfo.username).toBe(
      'system:serviceaccount:default:mounted',
    )
    asItself.close()
  })

  it.each([
    ['as its own user', {}, '-rw-r--r--', '0:0'],
    ['for a user of the pod', { runAsUser: 1000 }, '-rw-------', '1000:0'],
    ['for a group of files', { runAsUser: 1000, fsGroup: 10000 }, '-rw-r-----', '1000:10000'],
  ])('has a projected token, %s', async (_, securityContext, mode, owner) => {
    const name = `projected-${mode.replaceAll('-', '')}-${owner.replace(':', '-')}`
    await pod(name, {
      securityContext,
      restartPolicy: 'Never',
      volumes: [
        { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'api', expirationSeconds: 3600 } }] } },
      ],
      containers: [
        {
          name: 'main',
          image: AGNHOST,
          args: ['mounttest', '--file_perm=/test-volume/token', '--file_owner=/test-volume/token', '--file_content=/test-volume/token'],
          volumeMounts: [{ name: 'token', mountPath: '/test-volume' }],
        },
      ],
    })
    await eventually(
      () => api.get(`${core}/pods/${name}`),
      (p) => p.status.phase === 'Succeeded',
    )
    const log = cluster.ok(`logs ${name}`)
    expect(log).toContain(`perms of file "/test-volume/token": ${mode}`)
    expect(log).toContain(`owner UID of "/test-volume/token": ${owner.split(':')[0]}`)
    expect(log).toContain(`owner GID of "/test-volume/token": ${owner.split(':')[1]}`)
    expect(log).toMatch(/content of file "\/test-volume\/token": ey\w+\.ey/)
  })

  it('has an issuer that tells of itself and of its keys', async () => {
    await pod('oidc-discovery-validator', {
      restartPolicy: 'Never',
      volumes: [
        {
          name: 'sa-token',
          projected: { sources: [{ serviceAccountToken: { path: 'sa-token', audience: 'oidc-discovery-test', expirationSeconds: 7200 } }] },
        },
      ],
      containers: [
        {
          name: 'main',
          image: AGNHOST,
          args: [
            'test-service-account-issuer-discovery',
            '--token-path',
            '/var/run/secrets/tokens/sa-token',
            '--audience',
            'oidc-discovery-test',
          ],
          volumeMounts: [{ name: 'sa-token', mountPath: '/var/run/secrets/tokens', readOnly: true }],
        },
      ],
    })
    const ended = await eventually(
      () => api.get(`${core}/pods/oidc-discovery-validator`),
      (p) => ['Succeeded', 'Failed'].includes(p.status.phase),
    )
    expect([ended.status.phase, cluster.ok('logs oidc-discovery-validator').includes('OK: Got valid claims from token!')]).toEqual([
      'Succeeded',
      true,
    ])
  })

  it('names the keys of its issuer by an address that pods reach', async () => {
    const { jwks_uri } = await api.get('/.well-known/openid-configuration')
    expect(jwks_uri).toBe('https://192.168.49.2:8443/openid/v1/jwks')
    await pod('reads-keys', {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'main',
          image: 'curlimages/curl:8.10.1',
          command: ['sh', '-c', `curl -s --cacert ${MOUNT}/ca.crt -H "Authorization: Bearer $(cat ${MOUNT}/token)" ${jwks_uri}`],
        },
      ],
    })
    await eventually(
      () => api.get(`${core}/pods/reads-keys`),
      (p) => ['Succeeded', 'Failed'].includes(p.status.phase),
    )
    expect(JSON.parse(cluster.ok('logs reads-keys'))).toEqual(await api.get('/openid/v1/jwks'))
  })
})

describe('reviews of access', () => {
  it('agree with what an account that is impersonated may do', async () => {
    await api.create(`${core}/serviceaccounts`, { metadata: { name: 'reviewed' } })
    const user = 'system:serviceaccount:default:reviewed'
    const attributes = { namespace: 'default', verb: 'list', resource: 'configmaps', version: 'v1' }
    const asAccount = new Api(cluster.kubeconfig, { 'impersonate-user': user })
    const review = async (local: boolean): Promise<boolean> => {
      const kind = local ? 'LocalSubjectAccessReview' : 'SubjectAccessReview'
      const collection = local ? 'namespaces/default/localsubjectaccessreviews' : 'subjectaccessreviews'
      const object = {
        apiVersion: 'authorization.k8s.io/v1',
        kind,
        metadata: local ? { namespace: 'default' } : {},
        spec: { resourceAttributes: attributes, user },
      }
      return (await api.create(`/apis/authorization.k8s.io/v1/${collection}`, object)).status.allowed
    }
    const may = async (): Promise<boolean> =>
      (await asAccount.request('GET', `${core}/configmaps`, undefined, { 'impersonate-user': user })).code === 200
    expect([await review(false), await review(true), await may()]).toEqual([false, false, false])
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
    await api.create(`${rbac}/rolebindings`, {
      metadata: { name: 'reviewed' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'reviewed', namespace: 'default' }],
    })
    expect([await review(false), await review(true), await may()]).toEqual([true, true, true])
    asAccount.close()
  })
})
