import { beforeEach, expect, it } from 'vitest'
import { resources, type GroupVersionResource } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { pod, startServer, type Fixture } from './fixture.js'

/** Objects that were stored when the rules allowed more: what is wrong with them stays, what changes has to be right. */

let f: Fixture
beforeEach(async () => {
  f = startServer()
  await f.server.seeded
})

const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'o' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'o' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}
const networking = (resource: string): GroupVersionResource => ({ group: 'networking.k8s.io', version: 'v1', resource })
const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'o' },
  spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] },
}

/** Creates an object and writes over its spec in the store, past all rules. */
async function older(gvr: GroupVersionResource, object: object, spec: object): Promise<KubeObject> {
  const made = await f.admin.resource(gvr).create('default', object as KubeObject)
  const key = `/registry/${gvr.group || 'core'}/${gvr.resource}/default/${made.metadata.name}`
  const stored = f.store.get(key)!
  await f.store.put(key, { ...stored.object, spec: { ...(stored.object['spec'] as object), ...spec } }, stored.modRevision)
  return f.admin.resource(gvr).get('default', made.metadata.name!)
}

it.each<[what: string, gvr: GroupVersionResource, object: object, spec: object, wrong: object, refused: string]>([
  [
    'addresses of a Service with leading zeros',
    resources.services,
    service,
    { externalIPs: ['010.0.0.1'] },
    { externalIPs: ['010.0.0.1', '010.0.0.2'] },
    'Service "o" is invalid: spec.externalIPs[1]: Invalid value: "010.0.0.2": must not have leading 0s',
  ],
  [
    'blocks of a NetworkPolicy with leading zeros',
    networking('networkpolicies'),
    policy,
    { ingress: [{ from: [{ ipBlock: { cidr: '010.0.0.0/8' } }] }] },
    { ingress: [{ from: [{ ipBlock: { cidr: '011.0.0.0/8' } }] }] },
    'NetworkPolicy.networking.k8s.io "o" is invalid: spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "011.0.0.0/8": must not have leading 0s in IP or prefix length',
  ],
  [
    'name servers of a pod with leading zeros',
    resources.pods,
    pod('o'),
    { dnsConfig: { nameservers: ['010.0.0.1'] } },
    { containers: [{ name: 'c', image: ' ' }] },
    'spec.containers[0].image',
  ],
])('%s stay while something else changes', async (_what, gvr, object, spec, wrong, refused) => {
  const stored = await older(gvr, object, spec)
  const client = f.admin.resource(gvr)
  const labelled = await client.update({ ...stored, metadata: { ...stored.metadata, labels: { a: 'b' } } } as KubeObject)
  expect([labelled.metadata.labels, labelled['spec']]).toEqual([{ a: 'b' }, stored['spec']])
  await client.patch('default', 'o', { metadata: { annotations: { a: 'b' } } }, { type: 'merge' })
  await expect(client.patch('default', 'o', { spec: wrong }, { type: 'merge' })).rejects.toThrow(refused)
})

it('what is told twice on an update is as well left out twice', async () => {
  const stored = await older(resources.persistentvolumeclaims, claim, { selector: { matchLabels: { a: 'b c' } } })
  const labelled = await f.admin.resource(resources.persistentvolumeclaims).update({
    ...stored,
    metadata: { ...stored.metadata, labels: { a: 'b' } },
  } as KubeObject)
  expect(labelled.metadata.labels).toEqual({ a: 'b' })
})
