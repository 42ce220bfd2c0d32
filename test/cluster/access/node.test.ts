import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import { loadCertificates } from '../../../src-main/cluster/access/certificates.js'
import { resources, type Client, type ResourceClient } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { pod, startServer, type Fixture } from '../api/fixture.js'

/** What a kubelet may do: the node authorizer and the NodeRestriction admission plugin. */

const NODE = { username: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] }

let f: Fixture
let kubelet: Client
const of = (resource: keyof typeof resources): ResourceClient<KubeObject> => kubelet.resource<KubeObject>(resources[resource])
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: Error) => error.message,
  )
const cannot = (verb: string, what: string, resource: string, why: string, scope = 'in the namespace "default"', group = ''): string =>
  `${what} is forbidden: User "system:node:one" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}${why && `: ${why}`}`
/** What a node is told when it asks for a token of a service account. */
const token = (boundObjectRef?: object, audiences?: string[]): Promise<string> => {
  const request = { metadata: { name: 'default' }, spec: { boundObjectRef, audiences } } as unknown as KubeObject
  return refusal(of('serviceaccounts').create('default', request, { subresource: 'token' }))
}
const node = (name: string, labels: Record<string, string> = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } }) as KubeObject

beforeAll(async () => {
  f = startServer({ admission: admissionPlugins, certificates: await loadCertificates() })
  await f.server.seeded
  kubelet = f.server.client(NODE)
  const admin = (resource: keyof typeof resources): ResourceClient<KubeObject> => f.admin.resource<KubeObject>(resources[resource])
  const make = (resource: keyof typeof resources, object: object): Promise<unknown> =>
    admin(resource).create('default', object as KubeObject)
  await make('serviceaccounts', { metadata: { name: 'default' } })
  for (const name of ['env', 'volume', 'pull', 'other']) {
    await make('secrets', { metadata: { name } })
    await make('configmaps', { metadata: { name } })
  }
  const volumes = [
    { name: 'a', secret: { secretName: 'volume' } },
    { name: 'b', projected: { sources: [{ configMap: { name: 'volume' } }] } },
    { name: 'c', persistentVolumeClaim: { claimName: 'disk' } },
  ]
  const container = {
    name: 'c',
    image: 'nginx',
    envFrom: [{ secretRef: { name: 'env' } }],
    env: [{ name: 'E', valueFrom: { configMapKeyRef: { name: 'env', key: 'k' } } }],
  }
  const spec = { automountServiceAccountToken: false, containers: [container] }
  await make('pods', pod('here', { ...spec, nodeName: 'one', imagePullSecrets: [{ name: 'pull' }], volumes }))
  await make('pods', pod('there', { ...spec, nodeName: 'two' }))
})
afterAll(() => f.server.close())

describe('a node reads', () => {
  it('the Secrets and ConfigMaps of its pods, one by one', async () => {
    for (const name of ['env', 'volume', 'pull']) expect((await of('secrets').get('default', name)).metadata.name).toBe(name)
    for (const name of ['env', 'volume']) expect((await of('configmaps').get('default', name)).metadata.name).toBe(name)
    const none = "no relationship found between node 'one' and this object"
    expect(await refusal(of('secrets').get('default', 'other'))).toBe(cannot('get', 'secrets "other"', 'secrets', none))
    expect(await refusal(of('configmaps').get('default', 'nosuch'))).toBe(cannot('get', 'configmaps "nosuch"', 'configmaps', none))
    expect(await refusal(of('secrets').list({ namespace: 'default' }))).toBe(cannot('list', 'secrets', 'secrets', 'No Object name found'))
    expect(await refusal(of('secrets').list({}))).toBe(
      cannot('list', 'secrets', 'secrets', 'can only read namespaced object of this type', 'at the cluster scope'),
    )
    expect(await refusal(of('secrets').delete('default', 'env'))).toBe(
      cannot('delete', 'secrets "env"', 'secrets', 'can only read resources of this type'),
    )
  })

  it('the Secrets that mount a volume which a claim of its pods is bound to, in the namespace that the volume names', async () => {
    const make = (resource: keyof typeof resources, namespace: string, object: object): Promise<KubeObject> =>
      f.admin.resource<KubeObject>(resources[resource]).create(namespace, object as KubeObject)
    await make('namespaces', '', { metadata: { name: 'storage' } })
    for (const name of ['keys', 'publish', 'controller']) await make('secrets', 'storage', { metadata: { name } })
    await make('secrets', 'default', { metadata: { name: 'share' } })
    const claims = ['rbd', 'san', 'azure', 'other-rbd']
    const modes = { accessModes: ['ReadWriteOnce'] }
    const ask = { ...modes, storageClassName: '', resources: { requests: { storage: '1Gi' } } }
    for (const name of claims) {
      const volumeName = name === 'other-rbd' ? 'pv-rbd' : `pv-${name}`
      await make('persistentvolumeclaims', 'default', { metadata: { name }, spec: { ...ask, volumeName } })
    }
    const volume = (name: string, source: object): Promise<KubeObject> =>
      make('persistentvolumes', '', {
        metadata: { name: `pv-${name}` },
        spec: { ...modes, capacity: { storage: '1Gi' }, claimRef: { namespace: 'default', name }, ...source },
      })
    const at = (name: string): object => ({ namespace: 'storage', name })
    await volume('rbd', { rbd: { monitors: ['m'], image: 'i', secretRef: at('keys') } })
    const csi = { driver: 'd.example.com', volumeHandle: 'h', nodePublishSecretRef: at('publish') }
    await volume('san', { csi: { ...csi, controllerPublishSecretRef: at('controller') } })
    await volume('azure', { azureFile: { shareName: 's', secretName: 'share' } })
    const uses = (node: string, ...names: string[]): Promise<KubeObject> => {
      const volumes = names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }))
      const spec = { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'nginx' }], nodeName: node, volumes }
      return make('pods', 'default', pod(`mounts-on-${node}`, spec))
    }
    // What the volume is claimed by decides, not what a claim says of it.
    await uses('two', 'rbd', 'san', 'azure')
    await uses('one', 'other-rbd')
    const refused = (node: string, name: string, namespace: string): string =>
      `secrets "${name}" is forbidden: User "system:node:${node}" cannot get resource "secrets" in API group "" in the namespace "${namespace}": no relationship found between node '${node}' and this object`
    expect(await refusal(of('secrets').get('storage', 'keys'))).toBe(refused('one', 'keys', 'storage'))
    expect(await refusal(of('secrets').get('default', 'share'))).toBe(refused('one', 'share', 'default'))
    const other = f.server.client({ ...NODE, username: 'system:node:two' }).resource<KubeObject>(resources['secrets'])
    expect((await other.get('storage', 'keys')).metadata.name).toBe('keys')
    expect((await other.get('storage', 'publish')).metadata.name).toBe('publish')
    expect((await other.get('default', 'share')).metadata.name).toBe('share')
    expect(await refusal(other.get('storage', 'controller'))).toBe(refused('two', 'controller', 'storage'))
    for (const node of ['one', 'two'])
      await f.admin.resource<KubeObject>(resources['pods']).delete('default', `mounts-on-${node}`, { gracePeriodSeconds: 0 })
  })

  it('its claims, and no others', async () => {
    expect(await refusal(of('persistentvolumeclaims').get('default', 'disk'))).toBe('persistentvolumeclaims "disk" not found')
    expect(await refusal(of('persistentvolumeclaims').list({ namespace: 'default' }))).toBe(
      cannot('list', 'persistentvolumeclaims', 'persistentvolumeclaims', 'can only get individual resources of this type'),
    )
    expect(await refusal(of('persistentvolumes').get('', 'pv'))).toBe(
      cannot(
        'get',
        'persistentvolumes "pv"',
        'persistentvolumes',
        "no relationship found between node 'one' and this object",
        'at the cluster scope',
      ),
    )
  })

  it('its own pods', async () => {
    expect((await of('pods').get('default', 'here')).metadata.name).toBe('here')
    expect(await refusal(of('pods').get('default', 'there'))).toBe(
      cannot('get', 'pods "there"', 'pods', "no relationship found between node 'one' and this object"),
    )
    const own = await of('pods').list({ fieldSelector: 'spec.nodeName=one' })
    expect(own.items.map((p) => p.metadata.name)).toEqual(['here'])
    const scoped = cannot('list', 'pods', 'pods', 'can only list/watch pods with spec.nodeName field selector', 'at the cluster scope')
    expect(await refusal(of('pods').list({}))).toBe(scoped)
    expect(await refusal(of('pods').list({ fieldSelector: 'spec.nodeName=two' }))).toBe(scoped)
  })

  it('its own Node, and Services', async () => {
    expect(await refusal(of('nodes').get('', 'one'))).toBe('nodes "one" not found')
    expect(await refusal(of('nodes').get('', 'two'))).toBe(
      cannot('get', 'nodes "two"', 'nodes', "node 'one' cannot read 'two', only its own Node object", 'at the cluster scope'),
    )
    expect(await refusal(of('nodes').list({}))).toBe(
      cannot('list', 'nodes', 'nodes', "node 'one' cannot read all nodes, only its own Node object", 'at the cluster scope'),
    )
    expect((await of('services').list({})).items.map((s) => s.metadata.name)).toEqual(['kubernetes'])
    expect(await refusal(of('deployments').list({}))).toBe(
      cannot('list', 'deployments.apps', 'deployments', '', 'at the cluster scope', 'apps'),
    )
  })
})

describe('a node writes', () => {
  it('its own Node, without labels that steer pods, without taints and without owners', async () => {
    expect((await of('nodes').create('', node('one', { 'kubernetes.io/hostname': 'one', 'example.com/a': 'b' }))).metadata.name).toBe('one')
    expect(await refusal(of('nodes').create('', node('two')))).toBe(
      'nodes "two" is forbidden: node "one" is not allowed to modify node "two"',
    )
    const patch = (body: object): Promise<string> => refusal(of('nodes').patch('', 'one', body, { type: 'merge' }))
    const labels = { 'node-restriction.kubernetes.io/a': '1', 'node-role.kubernetes.io/x': '', 'kubelet.kubernetes.io/b': '' }
    expect(await patch({ metadata: { labels } })).toBe(
      'nodes "one" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/a, node-role.kubernetes.io/x',
    )
    expect(await patch({ metadata: { labels: { 'kubelet.kubernetes.io/b': '' } } })).toBe('done')
    expect(await patch({ spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })).toBe(
      'nodes "one" is forbidden: node "one" is not allowed to modify taints',
    )
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'u' }]
    expect(await patch({ metadata: { ownerReferences } })).toBe(
      'nodes "one" is forbidden: node "one" is not allowed to modify ownerReferences',
    )
    expect(await refusal(of('nodes').delete('', 'one'))).toBe(cannot('delete', 'nodes "one"', 'nodes', '', 'at the cluster scope'))
  })

  it('the status of its pods, and deletes them', async () => {
    const status = (name: string): Promise<string> =>
      refusal(of('pods').patch('default', name, { status: { phase: 'Running' } }, { type: 'merge', subresource: 'status' }))
    expect(await status('here')).toBe('done')
    expect(await status('there')).toBe(
      'pods "there" is forbidden: node "one" can only update pod status for pods with spec.nodeName set to itself',
    )
    expect(await refusal(of('pods').delete('default', 'there'))).toBe(
      'pods "there" is forbidden: node "one" can only delete pods with spec.nodeName set to itself',
    )
  })

  it('mirrors of its static pods, and no other pods', async () => {
    const mirror = (metadata: object, spec: object = {}): Promise<string> => {
      const annotations = { 'kubernetes.io/config.mirror': 'x' }
      return refusal(
        of('pods').create('default', {
          ...pod('mirror', { nodeName: 'one', ...spec }),
          metadata: { name: 'mirror', annotations, ...metadata },
        } as KubeObject),
      )
    }
    const { uid } = (await of('nodes').get('', 'one')).metadata
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'one', uid, controller: true }
    const forbidden = 'pods "mirror" is forbidden: '
    expect(await mirror({ annotations: {} })).toBe(
      `${forbidden}pod does not have "kubernetes.io/config.mirror" annotation, node "one" can only create mirror pods`,
    )
    expect(await mirror({}, { nodeName: 'two' })).toBe(`${forbidden}node "one" can only create pods with spec.nodeName set to itself`)
    expect(await mirror({})).toBe(`${forbidden}node "one" can only create pods with an owner reference set to itself`)
    expect(await mirror({ ownerReferences: [{ ...owner, uid: 'u' }] })).toBe(`${forbidden}node one UID mismatch: expected u got ${uid}`)
    const volumes = [{ name: 'v', secret: { secretName: 'other' } }]
    expect(await mirror({ ownerReferences: [owner] }, { volumes })).toBe(
      `${forbidden}node "one" can not create pods that reference secrets`,
    )
    const resourceClaims = [{ name: 'gpu', resourceClaimName: 'gpu' }]
    expect(await mirror({ ownerReferences: [owner] }, { resourceClaims })).toBe(
      `${forbidden}node "one" can not create pods that reference resourceclaims`,
    )
    expect(await mirror({ ownerReferences: [owner] })).toBe('done')
  })

  it('the Lease of its name', async () => {
    const lease = (name: string): KubeObject => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } }) as KubeObject
    const same = 'can only access node lease with the same name as the requesting node'
    expect(await refusal(of('leases').create('kube-node-lease', lease('one')))).toBe('done')
    expect(await refusal(of('leases').create('kube-node-lease', lease('two')))).toBe(
      `leases.coordination.k8s.io "two" is forbidden: ${same}`,
    )
    expect(await refusal(of('leases').get('kube-node-lease', 'two'))).toBe(
      cannot('get', 'leases.coordination.k8s.io "two"', 'leases', same, 'in the namespace "kube-node-lease"', 'coordination.k8s.io'),
    )
    expect(await refusal(of('leases').create('default', lease('one')))).toBe(
      cannot(
        'create',
        'leases.coordination.k8s.io',
        'leases',
        'can only access leases in the "kube-node-lease" system namespace',
        'in the namespace "default"',
        'coordination.k8s.io',
      ),
    )
  })

  it('tokens of its pods', async () => {
    const forbidden = 'serviceaccounts "default" is forbidden: '
    expect(await token()).toBe(`${forbidden}node requested token not bound to a pod`)
    const ref = { apiVersion: 'v1', kind: 'Pod', name: 'here' }
    expect(await token(ref)).toBe(`${forbidden}node requested token with a pod binding without a uid`)
    const there = await f.admin.resource(resources.pods).get('default', 'there')
    expect(await token({ ...ref, name: 'there', uid: there.metadata.uid })).toBe(
      `${forbidden}node requested token bound to a pod scheduled on a different node`,
    )
  })
})

describe('a node has the tokens of a pod for audiences', () => {
  const admin = (resource: keyof typeof resources): ResourceClient<KubeObject> => f.admin.resource<KubeObject>(resources[resource])
  const csi = { driver: 'disks.example.com', volumeHandle: 'h' }
  /** What is told when a node asks for tokens of a pod with some volumes. */
  const asked = async (volumes: object[], ...audiences: string[]): Promise<string> => {
    const spec = { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'nginx' }], nodeName: 'one', volumes }
    const { metadata } = await admin('pods').create('default', pod('asked', spec) as unknown as KubeObject)
    const told = await token({ apiVersion: 'v1', kind: 'Pod', name: 'asked', uid: metadata.uid }, audiences)
    await admin('pods').delete('default', 'asked', { gracePeriodSeconds: 0 })
    return told.replace('serviceaccounts "default" is forbidden: ', '')
  }
  const unknown = (audience: string): string =>
    `audience "${audience}" not found in pod spec volume, system:node:one is not authorized to request tokens for this audience`

  beforeAll(async () => {
    await admin('csidrivers').create('', {
      metadata: { name: 'disks.example.com' },
      spec: { tokenRequests: [{ audience: 'disks' }] },
    } as unknown as KubeObject)
    await admin('csidrivers').create('', {
      metadata: { name: 'file.csi.azure.com' },
      spec: { tokenRequests: [{ audience: 'files' }] },
    } as unknown as KubeObject)
    const volume = { accessModes: ['ReadOnlyMany'], capacity: { storage: '1' } }
    await admin('persistentvolumes').create('', { metadata: { name: 'csi' }, spec: { ...volume, csi } } as unknown as KubeObject)
    const claim = { accessModes: ['ReadOnlyMany'], resources: { requests: { storage: '1' } } }
    await admin('persistentvolumeclaims').create('default', {
      metadata: { name: 'csi' },
      spec: { ...claim, volumeName: 'csi' },
    } as unknown as KubeObject)
    await admin('persistentvolumeclaims').create('default', {
      metadata: { name: 'lost' },
      spec: { ...claim, volumeName: 'gone' },
    } as unknown as KubeObject)
  })

  it('that its projected volumes name, none of them being that of the API server', async () => {
    const projected = (audience?: string): object => ({
      name: 'v',
      projected: { sources: [{ serviceAccountToken: { path: 'token', audience } }] },
    })
    expect(await asked([projected()])).toBe('done')
    expect(await asked([projected('vault')], 'vault')).toBe('done')
    expect(await asked([projected('vault')])).toBe(unknown(''))
    expect(await asked([], 'vault')).toBe(unknown('vault'))
    expect(await asked([projected('vault')], 'vault', 'other')).toBe('node may only request 0 or 1 audiences')
  })

  it('that the CSI drivers of its volumes ask for: inline, of claims, of ephemeral volumes and of migrated plugins', async () => {
    const claim = { accessModes: ['ReadOnlyMany'], resources: { requests: { storage: '1' } }, volumeName: 'csi' }
    const ways = [
      { csi: { driver: 'disks.example.com' } },
      { persistentVolumeClaim: { claimName: 'csi' } },
      { ephemeral: { volumeClaimTemplate: { spec: claim } } },
    ]
    for (const way of ways) {
      expect(await asked([{ name: 'v', ...way }], 'disks')).toBe('done')
      expect(await asked([{ name: 'v', ...way }], 'files')).toBe(unknown('files'))
    }
    expect(await asked([{ name: 'v', azureFile: { shareName: 's', secretName: 's' } }], 'files')).toBe('done')
  })

  it('not where the way to a driver has a gap: that is told', async () => {
    const lost = 'error validating audience "disks": '
    expect(await asked([{ name: 'v', csi: { driver: 'gone.example.com' } }], 'disks')).toBe(
      `${lost}csidriver.storage.k8s.io "gone.example.com" not found`,
    )
    expect(await asked([{ name: 'v', persistentVolumeClaim: { claimName: 'gone' } }], 'disks')).toBe(
      `${lost}persistentvolumeclaim "gone" not found`,
    )
    const both = [
      { name: 'v', persistentVolumeClaim: { claimName: 'gone' } },
      { name: 'w', persistentVolumeClaim: { claimName: 'lost' } },
    ]
    expect(await asked(both, 'disks')).toBe(`${lost}[persistentvolumeclaim "gone" not found, persistentvolume "gone" not found]`)
  })

  it('that a role lets it ask for', async () => {
    const rules = [{ apiGroups: [''], resources: ['vault'], verbs: ['request-serviceaccounts-token-audience'], resourceNames: ['default'] }]
    const access = (resource: string): ResourceClient<KubeObject> =>
      f.admin.resource<KubeObject>({ group: 'rbac.authorization.k8s.io', version: 'v1', resource })
    await access('roles').create('default', { metadata: { name: 'audience' }, rules } as unknown as KubeObject)
    await access('rolebindings').create('default', {
      metadata: { name: 'audience' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'audience' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:node:one' }],
    } as unknown as KubeObject)
    expect(await asked([], 'vault')).toBe('done')
    expect(await asked([], 'other')).toBe(unknown('other'))
  })
})

it('somebody of the group who names no node is told so', async () => {
  const nobody = f.server.client({ ...NODE, username: 'system:node:' })
  expect(await refusal(nobody.resource(resources.pods).list({}))).toBe(
    'pods is forbidden: User "system:node:" cannot list resource "pods" in API group "" at the cluster scope: unknown node for user "system:node:"',
  )
})

it('a binding to a role that is missing is told with the refusal', async () => {
  const binding = {
    metadata: { name: 'lost' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'gone' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
  }
  const gvr = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings' }
  await f.admin.resource(gvr).create('', binding as unknown as KubeObject)
  const eve = f.server.client({ username: 'eve', groups: ['system:authenticated'] })
  await f.clock.advance(0)
  expect(await refusal(eve.resource(resources.pods).list({ namespace: 'default' }))).toBe(
    'pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default": RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
  )
})
