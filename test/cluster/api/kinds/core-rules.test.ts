import { describe, expect, it } from 'vitest'
import { created, kindOf, refusedCauses, ruleContext, updated, type Loose } from './support.js'

const twice = (...texts: string[]): string[] => texts.flatMap((t) => [t, t])

describe('a node', () => {
  const node = (spec: Loose = {}, status: Loose = {}): Loose => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec, status })

  it('is refused taints and amounts that are wrong, twice on an update', () => {
    const taint = { key: 'a b', effect: 'Never' }
    const text = [
      'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      "metadata.taints[0].key: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ]
    expect(refusedCauses(node({ taints: [taint] }))).toEqual(text)
    expect(updated(created(node()).object, (o) => (o.spec.taints = [taint])).errors).toEqual(twice(...text))
    expect(refusedCauses(node({}, { capacity: { cpu: '-1' } }))).toEqual([
      'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
    ])
  })

  it('can use all that it has, unless it says of anything what can be used', () => {
    const allocatable = (status: Loose): Loose => created(node({}, status)).object.status.allocatable
    const capacity = { cpu: '2', memory: '1Gi' }
    expect([allocatable({ capacity }), allocatable({ capacity, allocatable: { cpu: '1' } }), allocatable({})]).toEqual([
      capacity,
      { cpu: '1' },
      undefined,
    ])
  })

  it('has one block of addresses of each family, for good', () => {
    expect(refusedCauses(node({ podCIDRs: ['10.0.0.0/24', '10.0.0.0/24'] }))).toEqual([
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
    ])
    expect(refusedCauses(node({ podCIDRs: ['10.0.0.0/24', 'x'] }))).toEqual([
      'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[1]: <nil> (invalid CIDR address: x)',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","x"]: may specify no more than one CIDR for each IP family',
      'spec.podCIDRs[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ])
    const old = created(node({ podCIDRs: ['10.0.0.0/24', 'fd00::/64'] })).object
    const change = (podCIDRs: string[]): string[] => updated(old, (o) => (o.spec = { podCIDRs })).errors
    const text = 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'
    expect([change(['10.0.0.0/24']), change(['10.0.1.0/24', 'fd01::/64'])]).toEqual([[text], [text, text]])
    // Where the old field says something else, it is the one that counts.
    const { spec } = created(node({ podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.1.0/24', 'fd00::/64'] })).object
    expect(spec).toEqual({ podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] })
  })

  it('keeps the id of its provider', () => {
    const old = created(node({ providerID: 'a', externalID: 'b' })).object
    expect(updated(old, (o) => (o.spec = {})).errors).toEqual([
      'spec.externalID: Forbidden: may not be updated',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ])
  })

  it('does not take its configuration from the API', () => {
    const { object } = created(node({ configSource: {} }, { config: { error: 'e' } }))
    expect([object.spec, Object.keys(object.status)]).toEqual([{}, ['daemonEndpoints', 'nodeInfo']])
  })

  it('tells its addresses and features once, features in order', () => {
    const old = created(node()).object
    const address = { type: 'InternalIP', address: '1.2.3.4' }
    const object = { ...old, status: { addresses: [address, address], declaredFeatures: ['B', 'A', 'A', 'x'] } }
    const errors = kindOf('v1', 'Node').subresources!['status'] as Loose
    expect(errors.validateUpdate(object, old, ruleContext()).map((e: Loose) => `${e.field}: ${e.body}`)).toEqual([
      'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
      'status.declaredFeatures[2]: Duplicate value: "A"',
      `status.declaredFeatures[3]: Invalid value: "x": invalid feature name "x": must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
      'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"1.2.3.4"}',
    ])
  })

  it('names its features in segments of letters and digits, each starting with a letter, and not too long', () => {
    const long = `L${'o'.repeat(250)}ng`
    const refused = (feature: string): string[] => refusedCauses(node({}, { declaredFeatures: [feature] }))
    expect([refused(long), refused('Device/v2')]).toEqual([[], []])
    expect(refused(`${long}er`)).toEqual([
      `status.declaredFeatures[0]: Invalid value: "${long}er": invalid feature name "${long}er": must be no more than 253 characters`,
    ])
    expect(refused('Device/2v')[0]).toContain('invalid feature name "Device/2v": must start with an UpperCamelCase segment')
  })

  it('has swap of some size', () => {
    expect(refusedCauses(node({}, { nodeInfo: { swap: { capacity: 0 } } }))).toEqual([
      'metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero',
    ])
  })
})

describe('a PersistentVolume', () => {
  const terms = (key: string): Loose => ({
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }] },
  })
  const volume = (key: string): Loose => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, nodeAffinity: terms(key) },
  })

  it('keeps its nodes, though old labels may get their new names', () => {
    const old = created(volume('failure-domain.beta.kubernetes.io/zone')).object
    expect(updated(old, (o) => (o.spec.nodeAffinity = terms('topology.kubernetes.io/zone'))).errors).toEqual([])
    expect(updated(old, (o) => (o.spec.nodeAffinity = terms('topology.kubernetes.io/region'))).errors).toEqual([
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"topology.kubernetes.io/region","Operator":"In","Values":["a"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ])
    expect(updated(old, (o) => delete o.spec.nodeAffinity).errors).toEqual([
      'nodeAffinity: Invalid value: null: field is immutable, except for updating from beta label to GA',
    ])
  })

  it('is told twice what is wrong with it on an update', () => {
    const old = created(volume('a')).object
    expect(updated(old, (o) => (o.spec.capacity.storage = '0')).errors).toEqual(
      twice('spec.capacity[storage]: Invalid value: "0": must be greater than zero'),
    )
  })
})

describe('a PersistentVolumeClaim', () => {
  it('is told twice what is wrong with it on an update', () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    const old = created({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'p' }, spec }).object
    const { errors } = updated(old, (o) => (o.spec.accessModes = []))
    expect(errors.filter((e) => e.startsWith('spec.accessModes'))).toEqual(
      twice('spec.accessModes: Required value: at least 1 access mode is required'),
    )
  })
})

describe('a ResourceQuota', () => {
  const quota = (spec: Loose): Loose => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec })

  it('counts what its scopes know', () => {
    expect(refusedCauses(quota({ hard: { secrets: '1' }, scopes: ['BestEffort', 'NotBestEffort'] }))).toEqual([
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
      ...twice('spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope applied to resource'),
    ])
    const scopeSelector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] }
    expect(refusedCauses(quota({ hard: { secrets: '1' }, scopeSelector }))).toEqual([
      'spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"PriorityClass","Operator":"Exists","Values":null}]}: unsupported scope applied to resource',
    ])
  })

  it('keeps its scopes, and is told twice what else is wrong on an update', () => {
    const old = created(quota({ hard: { pods: '1' } })).object
    expect(updated(old, ({ spec }) => (spec.scopes = ['BestEffort'])).errors).toEqual([
      'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
    ])
    expect(updated(old, ({ spec }) => (spec.hard = { odd: '1' })).errors).toEqual(
      twice(
        'spec.hard[odd]: Invalid value: "odd": must be a standard resource for quota',
        'spec.hard[odd]: Invalid value: "odd": must be a standard resource type or fully qualified',
      ).sort(),
    )
  })
})

describe('the annotation of a node that names controllers to avoid', () => {
  const key = 'scheduler.alpha.kubernetes.io/preferAvoidPods'
  const told = (value: string): string[] =>
    refusedCauses({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', annotations: { [key]: value } } })

  it('is JSON of controllers', () => {
    const entry = (podController?: Loose): string => JSON.stringify({ preferAvoidPods: [{ podSignature: { podController } }] })
    expect(told(entry({ kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true }))).toEqual([])
    expect(told(entry())).toEqual([`metadata.annotations.${key}[0].PodSignature: Required value`])
    expect(told(entry({ controller: false }))).toEqual([
      `metadata.annotations.${key}[0].PodSignature.PodController.Controller: Invalid value: false: must point to a controller`,
    ])
    expect(told('x')).toEqual([
      `metadata.annotations.AvoidPods: Invalid value: "${key}": invalid character 'x' looking for beginning of value`,
    ])
  })
})

describe('the annotation of a node that was once its taints', () => {
  const key = 'scheduler.alpha.kubernetes.io/taints'
  const told = (value: string): string[] =>
    refusedCauses({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', annotations: { [key]: value } } })

  it('is JSON of taints', () => {
    expect(told('[{"key":"a","effect":"NoSchedule"}]')).toEqual([])
    expect(told('[{"key":"a"}]')).toEqual([`metadata.annotations.${key}[0].effect: Required value`])
    expect(told('{}')).toEqual([
      `metadata.annotations: Invalid value: "${key}": json: cannot unmarshal object into Go value of type []v1.Taint`,
    ])
  })
})

describe('a PersistentVolume of a directory of the host', () => {
  const volume = (path: string): Loose => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path },
      persistentVolumeReclaimPolicy: 'Recycle',
    },
  })

  it('is not recycled when that is all of the host, however it is written', () => {
    const text = "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"
    for (const path of ['/', '//', '/./']) expect(refusedCauses(volume(path))).toEqual([text])
    expect(refusedCauses(volume('/a/..'))).toEqual([`spec.hostPath.path: Invalid value: "/a/..": must not contain '..'`, text])
    expect(refusedCauses(volume('/data'))).toEqual([])
  })
})

describe('an Event', () => {
  const event = (more: Loose): Loose => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', namespace: 'default' },
    ...more,
  })
  const OTHER = 'involvedObject.namespace: Invalid value: "other": does not match event.namespace'

  it('is kept where its object is, or in the default namespace', () => {
    expect(refusedCauses(event({ involvedObject: { namespace: 'other' } }))).toEqual([OTHER])
    const ofNode = event({ involvedObject: { kind: 'Node' } })
    expect(refusedCauses(ofNode)).toEqual([])
    expect(refusedCauses(ofNode, ruleContext({ namespace: 'kube-system' }))).toEqual([
      'involvedObject.namespace: Invalid value: "": does not match event.namespace',
    ])
  })

  it('of the newer form says who reports what', () => {
    const eventTime = '2026-01-01T00:00:00.000000Z'
    expect(refusedCauses(event({ eventTime, reason: 'x'.repeat(129), message: 'x'.repeat(1025), action: 'a' }))).toEqual([
      'message: Invalid value: "": can have at most 1024 characters',
      'reason: Invalid value: "": can have at most 128 characters',
      'reportingComponent: Invalid value: "": name part must be non-empty',
      "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'reportingComponent: Required value',
      'reportingInstance: Required value',
    ])
    const whole = { eventTime, reason: 'r', action: 'a', reportingComponent: 'example.com/c', reportingInstance: 'i' }
    expect(refusedCauses(event({ ...whole, involvedObject: { namespace: 'other' } }))).toEqual([])
  })
})

describe('an Event of events.k8s.io', () => {
  const whole = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    type: 'Normal',
    reason: 'r',
    action: 'a',
    reportingController: 'example.com/c',
    reportingInstance: 'i',
    regarding: { kind: 'Pod', namespace: 'default' },
  }

  it('is told of its reporter by the name that it has there', () => {
    expect(refusedCauses(whole)).toEqual([])
    expect(refusedCauses({ ...whole, reportingController: 'a b', deprecatedCount: 1 })).toEqual([
      'count: Invalid value: "": needs to be unset',
      "reportingController: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ])
  })

  it('has a series of at least two, with a time', () => {
    expect(refusedCauses({ ...whole, series: { count: 1 } })).toEqual([
      'series.count: Invalid value: "": should be at least 2',
      'series.lastObservedTime: Required value',
    ])
    const { object } = created(whole)
    const rules = kindOf('events.k8s.io/v1', 'Event').storedAs!
    const series = { count: 1, lastObservedTime: '2026-01-01T00:00:00.000000Z' }
    expect(rules.validateUpdate!({ ...object, series }, object).map((e) => e.field)).toEqual(['series.count'])
    expect(rules.validateUpdate!({ ...object, series }, { ...object, series })).toEqual([])
  })
})

describe('owners of any object', () => {
  const map = (ownerReferences: Loose[]): Loose => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', ownerReferences } })
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'b' }

  it('are told without saying which of them is wrong', () => {
    expect(refusedCauses(map([{}, { ...owner, kind: 'Event' }]))).toEqual([
      'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"b"}: /v1, Kind=Event is disallowed from being an owner',
    ])
  })

  it('have one controller among them', () => {
    const controller = { ...owner, controller: true }
    const list =
      '[{"apiVersion":"v1","kind":"Pod","name":"a","uid":"b","controller":true},{"apiVersion":"v1","kind":"Pod","name":"a","uid":"b","controller":true}]'
    expect(refusedCauses(map([controller, controller]))).toEqual([
      `metadata.ownerReferences: Invalid value: ${list}: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/a`,
    ])
  })
})

describe('a ServiceAccount', () => {
  const account = (more: Loose, annotations?: Loose): Loose => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'a', annotations },
    ...more,
  })

  it('says only the names of its secrets', () => {
    const old = created(account({ secrets: [{ name: 's', namespace: 'n', kind: 'Secret' }, {}] })).object
    expect(old.secrets).toEqual([{ name: 's' }, {}])
    expect(updated(old, (o) => (o.secrets = [{ name: 't', uid: 'u' }])).object.secrets).toEqual([{ name: 't' }])
  })

  it('is warned of when it gets an annotation that is going away', () => {
    const { object, kind } = created(account({}, { 'kubernetes.io/enforce-mountable-secrets': 'true' }))
    expect(kind.warnings?.(object, undefined)).toEqual([
      'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
    ])
    expect(kind.warnings?.(object, object)).toEqual([])
  })
})
