import { afterEach, describe, expect, it } from 'vitest'
import type { ResourceClient } from '../../../../src-main/cluster/api/client.js'
import { isReason } from '../../../../src-main/cluster/api/errors.js'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'
import { openStore } from '../../../../src-main/cluster/store/mvcc.js'
import { VirtualClock } from '../../../../src-main/cluster/clock.js'
import { START, startServer, type Fixture } from '../fixture.js'
import { CERTIFICATE, thing, things, version } from './definition.js'

const CRD = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' }
const THINGS = { group: 'example.com', version: 'v1', resource: 'things' }
const TIME = '2026-11-21T09:00:00Z'

let f: Fixture
afterEach(() => f.server.close())

const definitions = (): ResourceClient<KubeObject> => f.admin.resource<KubeObject>(CRD)
const resource = (name = 'v1'): ResourceClient<KubeObject> => f.admin.resource<KubeObject>({ ...THINGS, version: name })

async function start(...objects: KubeObject[]): Promise<void> {
  f = startServer()
  await f.server.seeded
  for (const object of objects) await definitions().create('', object)
  await settle()
}

/** Lets what the server does on its own come to its end; the store in memory writes without waiting. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

const status = async (name = 'things.example.com'): Promise<any> => (await definitions().get('', name))['status']

const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: Error) => error.message,
  )

describe('a CustomResourceDefinition', () => {
  it('is established at once, with the names it asked for', async () => {
    await start(things([version('v1')]))
    expect(await status()).toEqual({
      acceptedNames: {
        plural: 'things',
        singular: 'thing',
        kind: 'Thing',
        listKind: 'ThingList',
        shortNames: ['th'],
        categories: ['all'],
      },
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found', lastTransitionTime: TIME },
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
          lastTransitionTime: TIME,
        },
      ],
      storedVersions: ['v1'],
    })
    expect((await resource().create('default', thing('a', {}))).metadata.generation).toBe(1)
  })

  it('has null for its conditions and the version it stores when it was just created', async () => {
    await start()
    const created = await definitions().create('', things([version('v1')]))
    expect(created['status']).toEqual({ conditions: null, acceptedNames: { kind: '', plural: '' }, storedVersions: ['v1'] })
    await settle()
    expect((await status()).conditions.map((c: { type: string }) => c.type)).toEqual(['NamesAccepted', 'Established'])
  })

  it('is not served before its webhook for conversions has a CA bundle that is one', async () => {
    const withBundle = (pem: string): object => ({
      strategy: 'Webhook',
      webhook: {
        clientConfig: { url: 'https://a', caBundle: Buffer.from(pem).toString('base64') },
        conversionReviewVersions: ['v1'],
      },
    })
    await start(things([version('v1')], { conversion: withBundle('none') }))
    expect((await status()).conditions[1]).toEqual({
      type: 'Established',
      status: 'False',
      reason: 'InvalidCABundle',
      message: 'The conversion webhook CABundle is invalid',
      lastTransitionTime: TIME,
    })
    expect(await refusal(resource().list({}))).toBe('things.example.com "" not found')
    await definitions().patch('', 'things.example.com', { spec: { conversion: withBundle(CERTIFICATE) } }, { type: 'merge' })
    await settle()
    expect((await status()).conditions[1]).toMatchObject({ status: 'True', reason: 'InitialNamesAccepted' })
    expect((await resource().list({})).items).toEqual([])
  })

  it('is not served when another one of its group has its names', async () => {
    await start(
      things([version('v1')]),
      things([version('v1')], { names: { plural: 'others', singular: 'thing', kind: 'Other' } }, 'others'),
    )
    const { conditions, acceptedNames } = await status('others.example.com')
    expect(conditions).toEqual([
      {
        type: 'NamesAccepted',
        status: 'False',
        reason: 'SingularConflict',
        message: '"thing" is already in use',
        lastTransitionTime: TIME,
      },
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted', lastTransitionTime: TIME },
    ])
    expect(acceptedNames).toEqual({ plural: 'others', kind: 'Other', listKind: 'OtherList' })
    expect(f.server.kinds.find('example.com', 'v1', 'others')).toBeUndefined()

    await definitions().delete('', 'things.example.com')
    await settle()
    expect((await status('others.example.com')).conditions.map((c: any) => [c.type, c.status])).toEqual([
      ['NamesAccepted', 'True'],
      ['Established', 'True'],
    ])
    expect(f.server.kinds.find('example.com', 'v1', 'others')?.kind).toBe('Other')
  })

  it('says whether a group of Kubernetes was approved', async () => {
    const of = things([version('v1')], { group: 'x.k8s.io' })
    of.metadata = {
      name: 'things.x.k8s.io',
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/enhancements/pull/1111' },
    }
    await start(of)
    expect((await status('things.x.k8s.io')).conditions[2]).toEqual({
      type: 'KubernetesAPIApprovalPolicyConformant',
      status: 'True',
      reason: 'ApprovedAnnotation',
      message: 'approved in https://github.com/kubernetes/enhancements/pull/1111',
      lastTransitionTime: TIME,
    })
  })

  it('takes a changed schema, columns and names into use', async () => {
    await start(things([version('v1', { properties: { size: { type: 'integer', maximum: 5 } } })]))
    expect(await refusal(resource().create('default', thing('a', { size: 7 })))).toBe(
      'Thing.example.com "a" is invalid: spec.size: Invalid value: 7: spec.size in body should be less than or equal to 5',
    )
    await definitions().patch(
      '',
      'things.example.com',
      {
        spec: {
          names: { plural: 'things', kind: 'Thing', singular: 'thing', shortNames: ['tt'] },
          versions: [version('v1', { properties: { size: { type: 'integer', maximum: 9 } } })],
        },
      },
      { type: 'merge' },
    )
    await settle()
    expect(await refusal(resource().create('default', thing('a', { size: 7 })))).toBe('accepted')
    expect(f.server.kinds.find('example.com', 'v1', 'things')?.shortNames).toEqual(['tt'])
    expect((await status()).acceptedNames.shortNames).toEqual(['tt'])
  })

  it('does not take the place of a built-in kind', async () => {
    const names = { plural: 'ingresses', kind: 'Ingress' }
    const of = things([version('v1'), version('v7', {}, { storage: false })], { group: 'networking.k8s.io', names })
    of.metadata = { name: 'ingresses.networking.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' } }
    await start(of)
    expect(f.server.kinds.find('networking.k8s.io', 'v1', 'ingresses')?.model).toBe('V1Ingress')
    expect((await status('ingresses.networking.k8s.io')).conditions[2].message).toBe('not approved: "unapproved, a test"')
    await definitions().delete('', 'ingresses.networking.k8s.io')
    await settle()
    expect(f.server.kinds.find('networking.k8s.io', 'v1', 'ingresses')?.model).toBe('V1Ingress')
  })

  it('is there after a restart, before anything else is', async () => {
    const clock = new VirtualClock({ start: START, speed: 0 })
    const store = openStore({ clock })
    f = startServer({ store })
    await definitions().create('', things([version('v1')]))
    await settle()
    await resource().create('default', thing('a', {}))
    await f.server.close()
    f = startServer({ store })
    expect((await resource().get('default', 'a')).kind).toBe('Thing')
  })
})

describe('the deletion of a CustomResourceDefinition', () => {
  it('takes its objects along', async () => {
    await start(things([version('v1')]))
    for (const name of ['a', 'b']) await resource().create('default', thing(name, {}))
    await definitions().delete('', 'things.example.com')
    await settle()
    expect(
      isReason(
        await definitions()
          .get('', 'things.example.com')
          .catch((e: unknown) => e),
        'NotFound',
      ),
    ).toBe(true)
    expect(f.store.count('/registry/example.com/things/')).toBe(0)
    expect(f.server.kinds.find('example.com', 'v1', 'things')).toBeUndefined()
  })

  it('waits for objects that are held, and takes no new ones meanwhile', async () => {
    await start(things([version('v1')]))
    await resource().create('default', thing('held', {}, { metadata: { name: 'held', finalizers: ['example.com/hold'] } }))
    await definitions().delete('', 'things.example.com')
    await settle()
    const definition = await definitions().get('', 'things.example.com')
    expect(definition.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
    expect(definition.metadata.deletionTimestamp).toBe(TIME)
    expect((await status()).conditions[2]).toEqual({
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
      lastTransitionTime: TIME,
    })
    expect(await refusal(resource().create('default', thing('late', {})))).toBe(
      'create not allowed while custom resource definition is terminating',
    )
    await resource().patch('default', 'held', { metadata: { finalizers: null } }, { type: 'merge' })
    await settle()
    expect(f.store.count('/registry/apiextensions.k8s.io/customresourcedefinitions/')).toBe(0)
  })

  it('goes on after a restart', async () => {
    const store = openStore({ clock: new VirtualClock({ start: START, speed: 0 }) })
    f = startServer({ store })
    await definitions().create('', things([version('v1')]))
    await settle()
    await resource().create('default', thing('held', {}, { metadata: { name: 'held', finalizers: ['example.com/hold'] } }))
    await definitions().delete('', 'things.example.com')
    await f.server.close()
    f = startServer({ store })
    await resource().patch('default', 'held', { metadata: { finalizers: null } }, { type: 'merge' })
    await settle()
    expect(store.count('/registry/apiextensions.k8s.io/customresourcedefinitions/')).toBe(0)
  })
})

describe('a custom resource', () => {
  const sized = { properties: { size: { type: 'integer' }, replicas: { type: 'integer', default: 1 } } }

  it('counts the changes of all but its metadata', async () => {
    await start(things([version('v1', sized)]))
    await resource().create('default', thing('a', { size: 1 }))
    const generation = async (patch: object): Promise<unknown> =>
      (await resource().patch('default', 'a', patch, { type: 'merge' })).metadata.generation
    expect(await generation({ metadata: { labels: { a: 'b' } } })).toBe(1)
    expect(await generation({ spec: { size: 2 } })).toBe(2)
    expect(await generation({ status: { phase: 'x' } })).toBe(3)
  })

  it('has a status apart when its version says so', async () => {
    await start(things([version('v1', sized, { subresources: { status: {} } })]))
    const made = await resource().create('default', thing('a', { size: 1 }, { status: { phase: 'sent' } }))
    expect(made['status']).toBeUndefined()
    const patched = await resource().patch(
      'default',
      'a',
      { status: { phase: 'y' }, spec: { size: 9 }, metadata: { labels: { a: 'b' } } },
      { type: 'merge', subresource: 'status' },
    )
    expect([patched['spec'], patched['status'], patched.metadata.generation, patched.metadata.labels]).toEqual([
      { size: 1, replicas: 1 },
      { phase: 'y' },
      1,
      undefined,
    ])
    const updated = await resource().patch('default', 'a', { status: { phase: 'z' }, spec: { size: 8 } }, { type: 'merge' })
    expect([updated['spec'], updated['status'], updated.metadata.generation]).toEqual([{ size: 8, replicas: 1 }, { phase: 'y' }, 2])
  })

  it('scales along the paths of its version', async () => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' }
    await start(things([version('v1', sized, { subresources: { status: {}, scale } })]))
    await resource().create('default', thing('a', {}))
    await resource().patch('default', 'a', { status: { replicas: 1, selector: 'app=a' } }, { type: 'merge', subresource: 'status' })
    const answer = await resource().patch('default', 'a', { spec: { replicas: 3 } }, { type: 'merge', subresource: 'scale' })
    expect([answer.kind, answer['spec'], answer['status']]).toEqual(['Scale', { replicas: 3 }, { replicas: 1, selector: 'app=a' }])
    expect((await resource().get('default', 'a'))['spec']).toEqual({ replicas: 3 })
  })

  it('is refused without its resourceVersion on an update', async () => {
    await start(things([version('v1', sized)]))
    await resource().create('default', thing('a', {}))
    expect(await refusal(resource().update(thing('a', { size: 2 }, { metadata: { name: 'a', namespace: 'default' } })))).toBe(
      'things.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    )
  })

  it('has of the defaults of embedded metadata what metadata has', async () => {
    const text = (value: string): object => ({ type: 'string', default: value })
    const template = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }
    const type = { apiVersion: text('foos/v1'), kind: text('Foo') }
    const whole = { name: 'Bar', unknown: 'unknown' }
    const properties = {
      fields: {
        ...template,
        properties: { ...type, metadata: { type: 'object', properties: { name: text('Bar'), unknown: text('unknown') } } },
      },
      metadata: { ...template, properties: { ...type, metadata: { type: 'object', default: whole } } },
      object: { ...template, default: { apiVersion: 'foos/v1', kind: 'Foo', metadata: whole } },
    }
    await start(things([version('v1', { properties })]))
    const embedded = { apiVersion: 'foos/v1', kind: 'Foo', metadata: { name: 'Bar' } }
    expect((await resource().create('default', thing('a', { fields: { metadata: {} }, metadata: {} })))['spec']).toEqual({
      fields: embedded,
      metadata: embedded,
      object: embedded,
    })
  })

  it('may keep a value that a newer schema refuses, while other fields change', async () => {
    await start(things([version('v1', sized)]))
    await resource().create('default', thing('a', { size: 50 }))
    const tighter = { properties: { size: { type: 'integer', maximum: 10 }, replicas: { type: 'integer' } } }
    await definitions().patch('', 'things.example.com', { spec: { versions: [version('v1', tighter)] } }, { type: 'merge' })
    await settle()
    expect(await refusal(resource().patch('default', 'a', { spec: { replicas: 2 } }, { type: 'merge' }))).toBe('accepted')
    expect(await refusal(resource().patch('default', 'a', { spec: { size: 51 } }, { type: 'merge' }))).toBe(
      'Thing.example.com "a" is invalid: spec.size: Invalid value: 51: spec.size in body should be less than or equal to 10',
    )
  })
})

const asV2 = (name: string, spec: object): KubeObject => ({ ...thing(name, spec), apiVersion: 'example.com/v2' })

describe('a custom resource in several versions', () => {
  const two = [
    version('v1', { properties: { size: { type: 'integer' } } }),
    version('v2', { properties: { size: { type: 'integer', maximum: 5 }, color: { type: 'string', default: 'red' } } }, { storage: false }),
  ]
  it('is one object, shown in each', async () => {
    await start(things(two))
    await resource('v2').create('default', asV2('a', { size: 1 }))
    const [v1, v2] = await Promise.all([resource('v1').get('default', 'a'), resource('v2').get('default', 'a')])
    expect([v1.apiVersion, v2.apiVersion]).toEqual(['example.com/v1', 'example.com/v2'])
    expect(v1.metadata.uid).toBe(v2.metadata.uid)
    // What the version that is stored does not declare is not kept.
    expect([v1['spec'], v2['spec']]).toEqual([{ size: 1 }, { size: 1 }])
    expect(f.store.get('/registry/example.com/things/default/a')!.object.apiVersion).toBe('example.com/v1')
    expect((await resource('v2').list({ namespace: 'default' })).items.map((o) => o.apiVersion)).toEqual(['example.com/v2'])
  })

  it('is stored without what the stored version does not declare, so that a field declared later begins empty', async () => {
    await start(things(two))
    await resource('v2').create('default', asV2('a', { size: 1 }))
    expect(f.store.get('/registry/example.com/things/default/a')!.object['spec']).toEqual({ size: 1 })
    const later = [version('v1', { properties: { size: { type: 'integer' }, color: { type: 'string' } } }), two[1]]
    await definitions().patch('', 'things.example.com', { spec: { versions: later } }, { type: 'merge' })
    await settle()
    expect((await resource('v2').get('default', 'a'))['spec']).toEqual({ size: 1 })
  })

  it('is read with the defaults of the version that is stored, and written with those of its own', async () => {
    const text = { type: 'string' }
    const byDefault = (value: string): object => ({ ...text, default: value })
    await start(
      things([
        version('v1', { properties: { a: text, b: byDefault('stored'), only: byDefault('stored') } }),
        version('v2', { properties: { a: byDefault('written'), b: text, c: byDefault('lost') } }, { storage: false }),
      ]),
    )
    expect((await resource('v2').create('default', asV2('a', {})))['spec']).toEqual({ a: 'written', b: 'stored' })
    expect((await resource('v1').get('default', 'a'))['spec']).toEqual({ a: 'written', b: 'stored', only: 'stored' })
    await resource('v1').create('default', thing('b', {}))
    expect((await resource('v2').get('default', 'b'))['spec']).toEqual({ b: 'stored' })
  })

  it('is judged by the version it is written in', async () => {
    await start(things(two))
    expect(await refusal(resource('v1').create('default', thing('a', { size: 7 })))).toBe('accepted')
    expect(await refusal(resource('v2').create('default', asV2('b', { size: 7 })))).toBe(
      'Thing.example.com "b" is invalid: spec.size: Invalid value: 7: spec.size in body should be less than or equal to 5',
    )
  })

  it('does not change by an update through the other version that says the same', async () => {
    await start(things(two))
    await resource('v2').create('default', asV2('a', { size: 1 }))
    const before = await resource('v2').get('default', 'a')
    const after = await resource('v2').update(before)
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
  })

  it('cannot be changed while its status tells of a stored version that it does not have', async () => {
    await start(things(two))
    const patch = { type: 'merge', subresource: 'status' } as const
    await definitions().patch('', 'things.example.com', { status: { storedVersions: ['v1', 'v9'] } }, patch)
    const labelled = (): Promise<unknown> =>
      definitions().patch('', 'things.example.com', { metadata: { labels: { a: 'b' } } }, { type: 'merge' })
    expect(await refusal(labelled())).toBe(
      'CustomResourceDefinition.apiextensions.k8s.io "things.example.com" is invalid: status.storedVersions[1]: Invalid value: "v9": missing from spec.versions; v9 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v9 and removes v9 from status.storedVersions',
    )
    await definitions().patch('', 'things.example.com', { status: { storedVersions: ['v1'] } }, patch)
    expect(await refusal(labelled())).toBe('accepted')
  })

  it('is still shown in all of them when another one becomes the stored one', async () => {
    await start(things(two))
    await resource('v1').create('default', thing('a', { size: 1 }))
    const turned = [version('v1', {}, { storage: false, served: false }), version('v2', { properties: { size: { type: 'integer' } } })]
    await definitions().patch('', 'things.example.com', { spec: { versions: turned } }, { type: 'merge' })
    await settle()
    expect((await status()).storedVersions).toEqual(['v1', 'v2'])
    expect((await resource('v2').get('default', 'a')).apiVersion).toBe('example.com/v2')
    expect(
      isReason(
        await resource('v1')
          .get('default', 'a')
          .catch((e: unknown) => e),
        'NotFound',
      ),
    ).toBe(true)
    await resource('v2').patch('default', 'a', { spec: { size: 2 } }, { type: 'merge' })
    expect(f.store.get('/registry/example.com/things/default/a')!.object.apiVersion).toBe('example.com/v2')
  })
})
