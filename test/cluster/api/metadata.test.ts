/** What is asked of the metadata of every kind, as the API server's own tables have it. */
import { describe, expect, it } from 'vitest'
import { validateMetadata, validateMetadataUpdate } from '../../../src-main/cluster/api/metadata.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { created, inOrder, kindOf, type Loose } from './kinds/support.js'

const stored = (metadata: Loose): KubeObject => ({ metadata: { name: 'test', namespace: 'n', ...metadata } })
const onCreate = (metadata: Loose): string[] => inOrder(validateMetadata(stored(metadata), kindOf('v1', 'ConfigMap')))
const onUpdate = (metadata: Loose, old: Loose = {}, kind = kindOf('apps/v1', 'Deployment'), part = false): string[] =>
  inOrder(validateMetadataUpdate(stored(metadata), stored(old), kind, part))
const twice = (...texts: string[]): string[] => [...texts, ...texts]

const NAME_PART = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`
const QUALIFIED = `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`
const LABEL = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`
const SUBDOMAIN = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`

const KEYS = ['simple', '1234', 'now-with-dashes/now-with-dashes', 'now-with.dashes-and.dots/simple', '1.2.3.4/5678', 'UpperCase123']
const LIMIT = 256 * 1024

describe('metadata', () => {
  it.each<[Loose, ...string[]]>([
    [{ generateName: 'foo-' }],
    [{ generateName: 'foo.-' }],
    [{ generateName: 'Foo-' }, `metadata.generateName: Invalid value: "Foo-": ${SUBDOMAIN}`],
    [
      {
        labels: Object.fromEntries(KEYS.map((key) => [key, '123_-.BaR'])),
        annotations: Object.fromEntries(KEYS.map((key) => [key, '?#'])),
      },
    ],
    [{ labels: { 'nospecialchars^=@': 'bar' } }, `metadata.labels: Invalid value: "nospecialchars^=@": ${NAME_PART}`],
    [{ labels: { 'only/one/slash': 'bar' } }, `metadata.labels: Invalid value: "only/one/slash": ${QUALIFIED}`],
    [{ labels: { long: 'a'.repeat(64) } }, `metadata.labels: Invalid value: "${'a'.repeat(64)}": must be no more than 63 bytes`],
    [{ labels: { comma: 'bad,value' } }, `metadata.labels: Invalid value: "bad,value": ${LABEL}`],
    [{ annotations: { 'cantendwithadash-': 'bar' } }, `metadata.annotations: Invalid value: "cantendwithadash-": ${NAME_PART}`],
    [{ annotations: { a: 'b'.repeat(LIMIT - 1) } }],
    [
      { annotations: { a: 'b'.repeat(LIMIT / 2), c: 'd'.repeat(LIMIT / 2) } },
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
    [
      { finalizers: ['orphan', 'foregroundDeletion'] },
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
    [{ ownerReferences: [{ apiVersion: 'customresourceVersion', kind: 'K', name: 'name', uid: '1' }] }],
    [
      { ownerReferences: [{}] },
      'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ],
    [
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'name', uid: '1' }] },
      'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"name","uid":"1"}: /v1, Kind=Event is disallowed from being an owner',
    ],
    [
      { managedFields: [{ manager: 'field\nmanager' }] },
      'metadata.managedFields[0].manager: Invalid value: "field\\nmanager": invalid character U+000A (at position 5)',
    ],
    [{ managedFields: [{ manager: '🍔' }] }],
    [{ managedFields: [{ manager: 'f'.repeat(129) }] }, 'metadata.managedFields[0].manager: Too long: may not be more than 128 bytes'],
    [
      { managedFields: [{ subresource: 'l'.repeat(257) }] },
      'metadata.managedFields[0].subresource: Too long: may not be more than 256 bytes',
    ],
  ])('of a new object: %j', (metadata, ...faults) => {
    expect(onCreate(metadata)).toEqual(faults)
  })

  it('counts controllers, and names the first and each that is one too many', () => {
    const owner = (n: number, controller?: boolean): Loose => ({ apiVersion: 'v1', kind: `K${n}`, name: 'name', uid: `${n}`, controller })
    expect(onCreate({ ownerReferences: [owner(1, false), owner(2, true), owner(3, false), owner(4)] })).toEqual([])
    const faults = onCreate({ ownerReferences: [owner(1, false), owner(2, true), owner(3, true), owner(4)] })
    expect(faults.map((f) => f.replace(/Invalid value: \[.*\]: /, ''))).toEqual([
      'metadata.ownerReferences: Only one reference can have Controller set to true. Found "true" in references for K2/name and K3/name',
    ])
  })

  it.each<[string, Loose, Loose, ...string[]]>([
    ['valid', { deletionTimestamp: 't', deletionGracePeriodSeconds: 30 }, { deletionTimestamp: 't', deletionGracePeriodSeconds: 30 }],
    ['set', { deletionTimestamp: 't' }, {}, 'metadata.deletionTimestamp: Invalid value: "t": field is immutable'],
    ['cleared', {}, { deletionTimestamp: 't' }, 'metadata.deletionTimestamp: Invalid value: null: field is immutable'],
    ['set', { deletionGracePeriodSeconds: 30 }, {}, 'metadata.deletionGracePeriodSeconds: Invalid value: 30: field is immutable'],
    ['cleared', {}, { deletionGracePeriodSeconds: 30 }, 'metadata.deletionGracePeriodSeconds: Invalid value: null: field is immutable'],
    ['renamed', { name: 'other' }, {}, 'metadata.name: Invalid value: "other": field is immutable'],
    ['finalizers removed', { finalizers: ['x/a'], deletionTimestamp: 't' }, { finalizers: ['x/a', 'y/b'], deletionTimestamp: 't' }],
    ['finalizers added before the deletion', { finalizers: ['x/a', 'y/b'] }, { finalizers: ['x/a'] }],
    [
      'finalizers changed',
      { finalizers: ['x/b'], deletionTimestamp: 't' },
      { finalizers: ['x/a'], deletionTimestamp: 't' },
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/b"}',
    ],
  ])('of an update, %s: %j over %j', (_, metadata, old, ...faults) => {
    expect(onUpdate(metadata, old)).toEqual(twice(...faults))
  })

  it('of an update is judged for all kinds, for changes, and by the rules of the kind', () => {
    const fault = `metadata.labels: Invalid value: "bad,value": ${LABEL}`
    expect(onUpdate({ labels: { a: 'bad,value' } })).toEqual([fault, fault, fault])
    // The rules of budgets do not look at the metadata.
    expect(onUpdate({ labels: { a: 'bad,value' } }, {}, kindOf('policy/v1', 'PodDisruptionBudget'))).toEqual([fault, fault])
    const finalizer = 'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'
    expect(onUpdate({ finalizers: ['mine'] })).toEqual([finalizer])
    // What was named when other names were allowed can still be changed.
    expect(onUpdate({ name: 'Old_Name' }, { name: 'Old_Name' })).toEqual([])
  })

  it.each<[string, string, number]>([
    ['apps/v1', 'Deployment', 1],
    ['v1', 'ConfigMap', 2],
    ['v1', 'PersistentVolumeClaim', 3],
    ['rbac.authorization.k8s.io/v1', 'Role', 3],
    ['policy/v1', 'PodDisruptionBudget', 0],
    ['coordination.k8s.io/v1', 'Lease', 0],
    ['node.k8s.io/v1', 'RuntimeClass', 0],
    ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 0],
    ['apiregistration.k8s.io/v1', 'APIService', 0],
  ])('of an update of %s %s is told a finalizer without a domain %i times, as often as its rules look', (apiVersion, kind, times) => {
    const finalizer = 'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'
    const told = onUpdate({ finalizers: ['mine'] }, {}, kindOf(apiVersion, kind)).filter((text) => text.startsWith('metadata.finalizers'))
    expect(told).toEqual(Array(times).fill(finalizer))
  })

  it('of an update of a subresource is not judged by the rules of the kind', () => {
    const fault = `metadata.labels: Invalid value: "bad,value": ${LABEL}`
    const configMap = kindOf('v1', 'ConfigMap')
    expect(onUpdate({ labels: { a: 'bad,value' } }, {}, configMap)).toEqual([fault, fault, fault, fault])
    expect(onUpdate({ labels: { a: 'bad,value' } }, {}, configMap, true)).toEqual([fault, fault, fault])
  })

  it('has a prefix that an update may change, which many kinds judge again', () => {
    expect(onUpdate({ generateName: 'A/' })).toEqual([`metadata.generateName: Invalid value: "A/": may not contain '/'`])
    expect(onUpdate({ generateName: 'A' }, {}, kindOf('v1', 'ConfigMap'))).toEqual([
      `metadata.generateName: Invalid value: "A": ${SUBDOMAIN}`,
    ])
  })

  it('of a new budget or event is told of when nothing else is wrong with it', () => {
    const budget = (spec: Loose): string[] =>
      inOrder(created({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', labels: { a: 'b,c' } }, spec }).errors)
    expect(budget({ minAvailable: -1 })).toEqual(['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'])
    expect(budget({ minAvailable: 1 })).toEqual([`metadata.labels: Invalid value: "b,c": ${LABEL}`])
    const event = (namespace: string): string[] =>
      inOrder(
        created({
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: 'e', labels: { a: 'b,c' } },
          involvedObject: { kind: 'Pod', namespace },
        }).errors,
      )
    expect(event('other')).toEqual(['involvedObject.namespace: Invalid value: "other": does not match event.namespace'])
    expect(event('default')).toEqual([`metadata.labels: Invalid value: "b,c": ${LABEL}`])
  })
})
