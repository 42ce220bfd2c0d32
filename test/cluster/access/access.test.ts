import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadCertificates, type ClusterCertificates } from '../../../src-main/cluster/access/certificates.js'
import { kubeconfig, writeKubeconfig } from '../../../src-main/cluster/access/kubeconfig.js'
import { impersonate } from '../../../src-main/cluster/access/impersonation.js'
import type { Authorizer } from '../../../src-main/cluster/access/authorizer.js'
import { RbacAuthorizer } from '../../../src-main/cluster/access/rbac.js'
import { ServiceAccountTokens } from '../../../src-main/cluster/access/tokens.js'
import type { UserInfo } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'
import { openStore } from '../../../src-main/cluster/store/mvcc.js'
import { seedAccess } from '../../../src-main/cluster/access/bootstrap.js'

let directory: string
let certificates: ClusterCertificates
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'drydock-pki-'))
  certificates = await loadCertificates({ directory, addresses: ['192.168.49.2'] })
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the certificates of a cluster', () => {
  it('are signed by its own authority and name every address of the server', () => {
    const ca = new X509Certificate(certificates.ca.cert)
    const server = new X509Certificate(certificates.server.cert)
    expect(ca.ca).toBe(true)
    expect(server.verify(ca.publicKey)).toBe(true)
    for (const name of ['localhost', 'kubernetes', 'kubernetes.default.svc.cluster.local']) expect(server.checkHost(name)).toBe(name)
    for (const ip of ['127.0.0.1', '10.96.0.1', '192.168.49.2']) expect(server.checkIP(ip)).toBe(ip)
    const admin = new X509Certificate(certificates.admin.cert)
    expect(admin.subject.split('\n').sort()).toEqual(['CN=kubernetes-admin', 'O=system:masters'])
    expect(admin.checkPrivateKey(createPrivateKey(certificates.admin.key))).toBe(true)
  })

  it('are the same after a restart, in files that only their owner can read', async () => {
    expect(await loadCertificates({ directory })).toEqual(certificates)
    for (const name of ['ca.key', 'apiserver.key', 'admin.key', 'sa.key'])
      expect(statSync(path.join(directory, name)).mode & 0o777).toBe(0o600)
  })

  it('go into a kubeconfig that holds all a client needs', () => {
    const config = parse(kubeconfig({ name: 'dock', server: 'https://127.0.0.1:1', certificates }))
    expect(config['current-context']).toBe('dock')
    expect(config.clusters[0].cluster.server).toBe('https://127.0.0.1:1')
    expect(Buffer.from(config.users[0].user['client-certificate-data'], 'base64').toString()).toBe(certificates.admin.cert)
    const file = path.join(directory, 'sub', 'config')
    writeKubeconfig(file, { name: 'dock', server: 'https://127.0.0.1:1', certificates })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

describe('a token of a service account', () => {
  const clock = new VirtualClock({ start: Date.parse('2026-11-21T09:00:00Z'), speed: 0 })
  const objects = new Map<string, KubeObject>()
  const make = (): ServiceAccountTokens =>
    new ServiceAccountTokens(certificates.serviceAccounts, clock, new Random('t'), (_g, resource, ns, name) =>
      objects.get(`${resource}/${ns}/${name}`),
    )
  const request = { namespace: 'default', name: 'robot', uid: 'u1', audiences: ['a', 'b'], expirationSeconds: 600 }

  it('tells whose it is, for its audiences, until it expires or its account goes', async () => {
    objects.set('serviceaccounts/default/robot', { metadata: { name: 'robot', uid: 'u1' } })
    const tokens = make()
    const { token, expires } = await tokens.issue(request)
    expect(new Date(expires).toISOString()).toBe('2026-11-21T09:10:00.000Z')
    const checked = await tokens.check(token, ['b', 'c'])
    expect(checked.audiences).toEqual(['b'])
    expect(checked.user).toMatchObject({
      username: 'system:serviceaccount:default:robot',
      uid: 'u1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    })
    await expect(tokens.check(token, ['c'])).rejects.toThrow('token audiences ["a" "b"] is invalid for the target audiences ["c"]')
    await expect(tokens.check(`${token}x`, ['a'])).rejects.toThrow('invalid bearer token')
    objects.set('serviceaccounts/default/robot', { metadata: { name: 'robot', uid: 'u2' } })
    await expect(tokens.check(token, ['a'])).rejects.toThrow('has been invalidated')
    objects.set('serviceaccounts/default/robot', { metadata: { name: 'robot', uid: 'u1' } })
    await clock.advance(601_000)
    await expect(tokens.check(token, ['a'])).rejects.toThrow('has expired')
  })

  it('holds from when it was asked for, whenever it is first read, and is the same each time', async () => {
    const tokens = make()
    const issued = await tokens.issue(request)
    const asked = clock.now() / 1000
    await clock.advance(60_000)
    const { token } = issued
    expect(issued.token).toBe(token)
    expect(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())).toMatchObject({
      iat: asked,
      nbf: asked,
      exp: asked + 600,
    })
    expect((await tokens.check(token, ['a'])).user.username).toBe('system:serviceaccount:default:robot')
  })

  it('that is bound to a pod ends with the pod', async () => {
    objects.set('pods/default/p', { metadata: { name: 'p', uid: 'p1' } })
    const tokens = make()
    const { token } = await tokens.issue({ ...request, bound: { kind: 'Pod', name: 'p', uid: 'p1' }, node: { name: 'n', uid: 'n1' } })
    const { user } = await tokens.check(token, ['a'])
    expect(user.extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/node-name': ['n'],
    })
    objects.delete('pods/default/p')
    await expect(tokens.check(token, ['a'])).rejects.toThrow('has been invalidated')
  })
})

describe('a token in a Secret', () => {
  const clock = new VirtualClock({ start: Date.parse('2026-11-21T09:00:00Z'), speed: 0 })
  const account = { metadata: { name: 'robot', namespace: 'default', uid: 'u1' } }

  it('never expires, is for the API server, and holds while the Secret and the account are the same', async () => {
    const objects = new Map<string, KubeObject>([['serviceaccounts/robot', account]])
    const used: string[] = []
    const tokens = new ServiceAccountTokens(
      certificates.serviceAccounts,
      clock,
      new Random('t'),
      (_g, resource, _ns, name) => objects.get(`${resource}/${name}`),
      async (secret) => void used.push(secret.metadata.name!),
    )
    const token = tokens.issueLegacy({ namespace: 'default', name: 'robot', uid: 'u1', secretName: 's' })
    const holding = (text: string, labels = {}): KubeObject =>
      ({ metadata: { name: 's', namespace: 'default', labels }, data: { token: Buffer.from(text).toString('base64') } }) as KubeObject
    const check = (audience = tokens.issuer) => tokens.check(token, [audience])
    await expect(check()).rejects.toThrow('[invalid bearer token, Token has been invalidated]')
    objects.set('secrets/s', holding(token))
    await clock.advance(400 * 24 * 3_600_000)
    expect(await check()).toEqual({
      user: {
        username: 'system:serviceaccount:default:robot',
        uid: 'u1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      },
      audiences: ['https://kubernetes.default.svc.cluster.local'],
    })
    expect(used).toEqual(['s'])
    await expect(check('vault')).rejects.toThrow('is invalid for the target audiences ["vault"]')
    objects.set('secrets/s', holding('other'))
    await expect(check()).rejects.toThrow("[invalid bearer token, Token does not match server's copy]")
    objects.set('secrets/s', holding(token, { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' }))
    await expect(check()).rejects.toThrow('the token in secret default/s for service account default/robot has been marked invalid.')
    objects.set('secrets/s', holding(token))
    objects.set('serviceaccounts/robot', { metadata: { ...account.metadata, uid: 'u2' } })
    await expect(check()).rejects.toThrow('ServiceAccount UID (u2) does not match claim (u1)')
  })
})

describe('acting as somebody else', () => {
  const GET_POD = { verb: 'get', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'bar', name: 'foo' }
  const anybody: Authorizer = {
    authorize: () => ({ allowed: true, reason: '' }),
    authorizePath: () => ({ allowed: true, reason: '' }),
    rulesFor: () => ({ rules: [], missing: [] }),
  }
  const me: UserInfo = { username: 'me', groups: ['system:authenticated'] }
  const groupsAs = (user: string, groups?: string): readonly string[] =>
    impersonate({ 'impersonate-user': user, ...(groups ? { 'impersonate-group': groups } : {}) }, me, anybody, GET_POD).groups

  it('adds the group of all who are known, or of those who are not', () => {
    expect(groupsAs('jane')).toEqual(['system:authenticated'])
    expect(groupsAs('jane', 'devs, ops')).toEqual(['devs', 'ops', 'system:authenticated'])
    expect(groupsAs('jane', 'system:unauthenticated')).toEqual(['system:unauthenticated'])
    expect(groupsAs('system:anonymous')).toEqual(['system:unauthenticated'])
    expect(groupsAs('system:anonymous', 'system:authenticated')).toEqual(['system:authenticated', 'system:unauthenticated'])
    expect(groupsAs('system:serviceaccount:a:b')).toEqual(['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'])
  })

  /** As whom somebody acts who may do just what is listed: `VERB RESOURCE NAME`; else why not. */
  const acting = (headers: Record<string, string>, ...may: string[]): string => {
    const few: Authorizer = {
      ...anybody,
      authorize: (_user, { verb, resource, subresource, name }) => ({
        allowed: may.includes(`${verb} ${resource}${subresource ? `/${subresource}` : ''} ${name}`),
        reason: '',
      }),
    }
    try {
      const { username, groups } = impersonate(headers, me, few, GET_POD)
      return `${username} ${groups.join(' ')}`
    } catch (error) {
      return (error as Error).message
    }
  }

  it('may be allowed for some users and some actions only', () => {
    const ann = { 'impersonate-user': 'ann' }
    const get = 'impersonate-on:user-info:get pods foo'
    expect(acting(ann, get, 'impersonate:user-info users ann')).toBe('ann system:authenticated')
    expect(acting(ann, 'impersonate users ann')).toBe('ann system:authenticated')
    expect(acting(ann)).toBe(
      'pods "foo" is forbidden: User "me" cannot impersonate-on:user-info:get resource "pods" in API group "" in the namespace "bar"',
    )
    expect(acting(ann, get)).toBe(
      'users.authentication.k8s.io "ann" is forbidden: User "me" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
    )
    const scoped = { ...ann, 'impersonate-group': 'devs', 'impersonate-extra-scopes': 'view' }
    expect(acting(scoped, get, 'impersonate:user-info users ann', 'impersonate:user-info groups devs')).toBe(
      'userextras.authentication.k8s.io "view" is forbidden: User "me" cannot impersonate:user-info resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
    )
  })

  it('has modes of its own for service accounts and for nodes', () => {
    const account = { 'impersonate-user': 'system:serviceaccount:a:b' }
    expect(acting(account, 'impersonate-on:serviceaccount:get pods foo', 'impersonate:serviceaccount serviceaccounts b')).toBe(
      'system:serviceaccount:a:b system:serviceaccounts system:serviceaccounts:a system:authenticated',
    )
    const node = { 'impersonate-user': 'system:node:n1' }
    const get = 'impersonate-on:arbitrary-node:get pods foo'
    expect(acting(node, get, 'impersonate:arbitrary-node nodes n1')).toBe('system:node:n1 system:nodes system:authenticated')
    expect(acting(node, get)).toBe(
      'nodes.authentication.k8s.io "n1" is forbidden: User "me" cannot impersonate:arbitrary-node resource "nodes" in API group "authentication.k8s.io" at the cluster scope',
    )
    // With groups of its own an account has no such mode.
    expect(acting({ ...account, 'impersonate-group': 'x' })).toBe(
      'serviceaccounts "b" is forbidden: User "me" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "a"',
    )
  })

  it('takes groups with commas in their names, as directories have them', () => {
    expect(groupsAs('jane', 'cn=devs,dc=example')).toEqual(['cn=devs,dc=example', 'system:authenticated'])
  })
})

describe('role-based access', () => {
  const clock = new VirtualClock({ start: 0, speed: 0 })
  const bob: UserInfo = { username: 'bob', groups: ['system:authenticated', 'team'] }
  const ROOT = '/registry/rbac.authorization.k8s.io/'
  const get = (resource: string, namespace: string, extra: object = {}): Parameters<RbacAuthorizer['authorize']>[1] => ({
    verb: 'get',
    group: '',
    resource,
    subresource: '',
    namespace,
    name: 'x',
    ...extra,
  })

  it('gives what a role bound in a namespace says, there and nowhere else, and forgets it with the binding', async () => {
    const store = openStore({ clock })
    const rbac = new RbacAuthorizer(store)
    await store.put(
      `${ROOT}roles/a/reader`,
      { metadata: { name: 'reader' }, rules: [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get'] }] },
      0,
    )
    expect(rbac.authorize(bob, get('pods', 'a')).allowed).toBe(false)
    const roleRef = { kind: 'Role', name: 'reader' }
    const subjects = [{ kind: 'Group', name: 'team' }]
    const binding = await store.put(`${ROOT}rolebindings/a/b`, { metadata: { name: 'b' }, roleRef, subjects }, 0)
    expect(rbac.authorize(bob, get('pods', 'a'))).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "b/a" of Role "reader" to Group "team"',
    })
    expect(rbac.authorize(bob, get('pods', 'a', { subresource: 'log' })).allowed).toBe(true)
    expect(rbac.authorize(bob, get('pods', 'a', { subresource: 'exec' })).allowed).toBe(false)
    expect(rbac.authorize(bob, get('pods', 'a', { verb: 'list' })).allowed).toBe(false)
    expect(rbac.authorize(bob, get('pods', 'b')).allowed).toBe(false)
    expect(rbac.authorize(bob, get('pods', '')).allowed).toBe(false)
    await store.delete(binding.key, binding.modRevision)
    expect(rbac.authorize(bob, get('pods', 'a')).allowed).toBe(false)
  })

  it('limits a rule to the names it lists', async () => {
    const store = openStore({ clock })
    const rbac = new RbacAuthorizer(store)
    const rules = [{ apiGroups: ['*'], resources: ['*'], resourceNames: ['x'], verbs: ['*'] }]
    await store.put(`${ROOT}clusterroles/one`, { metadata: { name: 'one' }, rules }, 0)
    const subjects = [{ kind: 'User', name: 'bob' }]
    await store.put(
      `${ROOT}clusterrolebindings/one`,
      { metadata: { name: 'one' }, roleRef: { kind: 'ClusterRole', name: 'one' }, subjects },
      0,
    )
    expect(rbac.authorize(bob, get('secrets', 'a')).allowed).toBe(true)
    expect(rbac.authorize(bob, get('secrets', 'a', { name: 'y' })).allowed).toBe(false)
    expect(rbac.authorize(bob, get('secrets', 'a', { name: '' })).allowed).toBe(false)
  })

  it('starts with the roles every cluster has', async () => {
    const store = openStore({ clock })
    await seedAccess(store, clock, new Random('r'))
    const rbac = new RbacAuthorizer(store)
    const anonymous = { username: 'system:anonymous', groups: ['system:unauthenticated'] }
    expect(rbac.authorizePath(anonymous, { verb: 'get', path: '/healthz' }).allowed).toBe(true)
    expect(rbac.authorizePath(anonymous, { verb: 'get', path: '/api' }).allowed).toBe(false)
    expect(rbac.authorizePath(bob, { verb: 'get', path: '/openapi/v3/api/v1' }).allowed).toBe(true)
    expect(rbac.authorize(bob, get('selfsubjectaccessreviews', '', { group: 'authorization.k8s.io', verb: 'create' })).allowed).toBe(true)
    const root = { username: 'me', groups: ['system:masters'] }
    expect(rbac.authorize(root, get('secrets', 'a', { verb: 'anything' })).allowed).toBe(true)
    const revision = store.revision
    await seedAccess(store, clock, new Random('r'))
    expect(store.revision).toBe(revision)
  })
})
