import { beforeEach, describe, expect, it } from 'vitest'
import type { Client, UserInfo } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { startServer, type Fixture } from '../api/fixture.js'

const GROUP = 'rbac.authorization.k8s.io'
const BOB: UserInfo = { username: 'bob', groups: ['system:authenticated'] }

let f: Fixture
beforeEach(async () => {
  f = startServer()
  await f.server.seeded
})

const of = (client: Client, resource: string) => client.resource({ group: GROUP, version: 'v1', resource })
const role = (name: string, ...rules: object[]): KubeObject => ({ apiVersion: `${GROUP}/v1`, kind: 'Role', metadata: { name }, rules })
const on = (group: string, resource: string, ...verbs: string[]): object => ({ apiGroups: [group], resources: [resource], verbs })
const binding = (name: string, roleName: string): KubeObject => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'RoleBinding',
  metadata: { name },
  roleRef: { apiGroup: GROUP, kind: 'Role', name: roleName },
  subjects: [{ kind: 'User', apiGroup: GROUP, name: 'bob' }],
})

/** Lets bob do what the rules say in `default`. */
async function allow(...rules: object[]): Promise<void> {
  await of(f.admin, 'roles').create('default', role('bobs', ...rules))
  await of(f.admin, 'rolebindings').create('default', binding('bobs', 'bobs'))
}

const bob = (resource: string) => of(f.server.client(BOB), resource)

describe('a role', () => {
  it('cannot hold what its writer is not allowed, and the answer says what that is', async () => {
    await allow(on(GROUP, 'roles', 'create', 'update', 'get'), on('', 'pods', 'get'))
    await bob('roles').create('default', role('less', on('', 'pods', 'get')))
    await expect(
      bob('roles').create('default', role('more', on('', 'pods', 'get', 'list', 'watch'), on('apps', '*', '*'))),
    ).rejects.toThrow(
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}\n{APIGroups:["apps"], Resources:["*"], Verbs:["*"]}',
    )
    const less = await bob('roles').get('default', 'less')
    await expect(bob('roles').update({ ...less, rules: [on('', 'pods', '*')] } as KubeObject)).rejects.toThrow(
      '{APIGroups:[""], Resources:["pods"], Verbs:["*"]}',
    )
  })

  it('whose writer is bound to roles that are not there is refused with their names, and what is wanted twice is told twice', async () => {
    await allow(on(GROUP, 'roles', 'create'))
    await of(f.admin, 'rolebindings').create('default', binding('lost', 'none'))
    const wanted = role('more', on('', 'pods', 'get', 'list'), { apiGroups: ['', 'apps'], resources: ['pods'], verbs: ['get'] })
    const refused =
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
      '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list" "get"]}\n{APIGroups:["apps"], Resources:["pods"], Verbs:["get"]}; resolution errors: '
    await expect(bob('roles').create('default', wanted)).rejects.toThrow(`${refused}[roles.rbac.authorization.k8s.io "none" not found]`)
    await of(f.admin, 'rolebindings').create('default', binding('lost-too', 'nothing'))
    await expect(bob('roles').create('default', wanted)).rejects.toThrow(
      `${refused}[[roles.rbac.authorization.k8s.io "none" not found, roles.rbac.authorization.k8s.io "nothing" not found]]`,
    )
  })

  it('can be changed in other ways by anybody who may write it', async () => {
    await of(f.admin, 'roles').create('default', role('big', on('', '*', '*')))
    await allow(on(GROUP, 'roles', 'update', 'get'))
    const big = await bob('roles').get('default', 'big')
    const changed = await bob('roles').update({ ...big, metadata: { ...big.metadata, labels: { a: 'b' } } })
    expect(changed.metadata.labels).toEqual({ a: 'b' })
  })

  it('can hold everything with the verb escalate', async () => {
    await allow(on(GROUP, 'roles', 'create', 'escalate'))
    expect((await bob('roles').create('default', role('more', on('*', '*', '*')))).metadata.name).toBe('more')
  })
})

describe('a binding', () => {
  it('cannot give what its writer is not allowed, unless with the verb bind on the role', async () => {
    await of(f.admin, 'roles').create('default', role('big', on('', 'secrets', 'get')))
    await allow(on(GROUP, 'rolebindings', 'create'), { ...on(GROUP, 'roles', 'bind'), resourceNames: ['other'] })
    await expect(bob('rolebindings').create('default', binding('x', 'big'))).rejects.toThrow(
      'rolebindings.rbac.authorization.k8s.io "x" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    )
    await expect(bob('rolebindings').create('default', binding('x', 'none'))).rejects.toThrow(
      'roles.rbac.authorization.k8s.io "none" not found',
    )
    expect((await bob('rolebindings').create('default', binding('y', 'other'))).metadata.name).toBe('y')
  })
})

describe('the roles of the system', () => {
  it('are in kube-system and kube-public, each bound to its component', async () => {
    const roles = await of(f.admin, 'roles').list()
    expect(roles.items.map((r) => `${r.metadata.namespace}/${r.metadata.name}`)).toEqual([
      'kube-public/system:controller:bootstrap-signer',
      'kube-system/extension-apiserver-authentication-reader',
      'kube-system/system::leader-locking-kube-controller-manager',
      'kube-system/system::leader-locking-kube-scheduler',
      'kube-system/system:controller:bootstrap-signer',
      'kube-system/system:controller:cloud-provider',
      'kube-system/system:controller:token-cleaner',
    ])
    const reader = await of(f.admin, 'rolebindings').get('kube-system', 'system::extension-apiserver-authentication-reader')
    expect(reader['subjects']).toEqual([
      { kind: 'User', apiGroup: GROUP, name: 'system:kube-controller-manager' },
      { kind: 'User', apiGroup: GROUP, name: 'system:kube-scheduler' },
    ])
  })

  it('get back the rules they have lost when the server starts again', async () => {
    const scheduler = await of(f.admin, 'clusterroles').get('', 'system:kube-scheduler')
    await of(f.admin, 'clusterroles').update({ ...scheduler, rules: [on('', 'nodes', 'get')] } as KubeObject)
    const again = startServer({ store: f.store })
    await again.server.seeded
    const { rules } = (await of(again.admin, 'clusterroles').get('', 'system:kube-scheduler')) as unknown as { rules: object[] }
    expect(rules[0]).toEqual(on('', 'nodes', 'get'))
    expect(rules).toContainEqual(on('', 'pods/binding', 'create'))
  })

  it('get back subjects, labels and annotations, and keep what they have besides; a binding to another role is made anew', async () => {
    const bindings = of(f.admin, 'clusterrolebindings')
    const ann = { kind: 'User', apiGroup: GROUP, name: 'ann' }
    const basic = await bindings.get('', 'system:basic-user')
    await bindings.update({
      ...basic,
      metadata: { ...basic.metadata, labels: { own: '1' }, annotations: {} },
      subjects: [ann],
    } as KubeObject)
    const dns = await bindings.get('', 'system:kube-dns')
    await bindings.delete('', 'system:kube-dns', { gracePeriodSeconds: 0 })
    await bindings.create('', {
      ...dns,
      metadata: { name: 'system:kube-dns' },
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'view' },
    } as KubeObject)
    const again = startServer({ store: f.store })
    await again.server.seeded
    const after = of(again.admin, 'clusterrolebindings')
    const { metadata, subjects } = (await after.get('', 'system:basic-user')) as KubeObject & { subjects: object[] }
    expect([metadata.uid, metadata.labels, metadata.annotations, subjects]).toEqual([
      basic.metadata.uid,
      { own: '1', 'kubernetes.io/bootstrapping': 'rbac-defaults' },
      { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
      [ann, { kind: 'Group', apiGroup: GROUP, name: 'system:authenticated' }],
    ])
    expect((await after.get('', 'system:kube-dns'))['roleRef']).toEqual({ apiGroup: GROUP, kind: 'ClusterRole', name: 'system:kube-dns' })
  })

  it('stay as they are while an administrator has said so', async () => {
    const scheduler = await of(f.admin, 'clusterroles').get('', 'system:kube-scheduler')
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' }
    const own = { ...scheduler, metadata: { ...scheduler.metadata, annotations }, rules: [on('', 'nodes', 'get')] } as KubeObject
    const kept = await of(f.admin, 'clusterroles').update(own)
    const again = startServer({ store: f.store })
    await again.server.seeded
    expect(await of(again.admin, 'clusterroles').get('', 'system:kube-scheduler')).toEqual(kept)
  })

  it('come with the range that Services get addresses from', async () => {
    const range = await f.admin.resource({ group: 'networking.k8s.io', version: 'v1', resource: 'servicecidrs' }).get('', 'kubernetes')
    expect(range['spec']).toEqual({ cidrs: ['10.96.0.0/16'] })
  })
})
