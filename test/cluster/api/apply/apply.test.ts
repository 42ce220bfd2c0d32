import { describe, expect, it } from 'vitest'
import { applyServerSide } from '../../../../src-main/cluster/api/apply/apply.js'
import { trackUpdate } from '../../../../src-main/cluster/api/apply/update.js'
import { StatusError } from '../../../../src-main/cluster/api/errors.js'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'

const T0 = '2026-11-21T09:00:00Z'
const T1 = '2026-11-21T10:00:00Z'

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const v of Object.values(value)) frozen(v)
    Object.freeze(value)
  }
  return value
}

interface Options {
  force?: boolean
  model?: string
  subresource?: string
  time?: string
}

const VERSIONS: Record<string, string> = { V1Deployment: 'apps/v1' }
/** What the endpoints of the kinds here put back. */
const resets = (model: string, subresource = ''): string[] =>
  model === 'V1ConfigMap' ? [] : subresource === 'status' ? ['spec', 'metadata.labels'] : ['status']

function apply(live: KubeObject | undefined, manager: string, config: object, o: Options = {}): KubeObject {
  const model = o.model ?? 'V1ConfigMap'
  const apiVersion = VERSIONS[model] ?? 'v1'
  return frozen(
    applyServerSide({
      live,
      config: frozen(config),
      manager,
      force: o.force ?? false,
      model,
      subresource: o.subresource ?? '',
      resets: resets(model, o.subresource),
      apiVersion,
      time: o.time ?? T0,
    }),
  )
}

/** The metadata without its owners. */
function untracked(object: KubeObject): KubeObject['metadata'] {
  const metadata = { ...object.metadata }
  delete metadata.managedFields
  return metadata
}

function update(old: KubeObject | undefined, changed: object, manager: string, o: Options = {}): KubeObject {
  const model = o.model ?? 'V1ConfigMap'
  const next = changed as KubeObject
  const managedFields = trackUpdate({
    old,
    new: next,
    manager,
    subresource: o.subresource ?? '',
    resets: resets(model, o.subresource),
    model,
    apiVersion: VERSIONS[model] ?? 'v1',
    time: o.time ?? T0,
  })
  return frozen({ ...next, metadata: { ...untracked(next), ...(managedFields ? { managedFields } : {}) } })
}

const configMap = (data: Record<string, string>, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', ...metadata },
  data,
})

/** Managers and their fields, in the order of the entries. */
const owners = (object: KubeObject) =>
  (object.metadata.managedFields ?? []).map((e) => [`${e.manager} ${e.operation}${e.subresource ? ` ${e.subresource}` : ''}`, e.fieldsV1])

function failure(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (error instanceof StatusError) return error.status
    throw error
  }
  throw new Error('it did not throw')
}

describe('server-side apply', () => {
  it('creates an object whose fields the manager owns', () => {
    const created = apply(undefined, 'one', configMap({ a: '1' }, { labels: { app: 'x' } }))
    expect(created).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'c',
        labels: { app: 'x' },
        managedFields: [
          {
            manager: 'one',
            operation: 'Apply',
            apiVersion: 'v1',
            time: T0,
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } },
          },
        ],
      },
      data: { a: '1' },
    })
  })

  it('lets managers share a field as long as they agree, and keeps it until the last one drops it', () => {
    let live = apply(undefined, 'one', configMap({ a: '1' }))
    live = apply(live, 'two', configMap({ a: '1' }))
    expect(owners(live)).toEqual([
      ['one Apply', { 'f:data': { 'f:a': {} } }],
      ['two Apply', { 'f:data': { 'f:a': {} } }],
    ])
    live = apply(live, 'one', configMap({}))
    expect(live.data).toEqual({ a: '1' })
    expect(owners(live)).toEqual([['two Apply', { 'f:data': { 'f:a': {} } }]])
    live = apply(live, 'two', configMap({ b: '2' }))
    expect(live.data).toEqual({ b: '2' })
  })

  it('keeps the name of an object whose labels and annotations it no longer applies', () => {
    const metadata = { name: 'c', namespace: 'default' }
    const first = apply(undefined, 'one', { metadata: { ...metadata, labels: { a: '1' }, annotations: { b: '2' } }, data: { c: '3' } })
    const live = { ...first, metadata: { ...first.metadata, uid: 'u' } }
    expect(untracked(apply(live, 'one', { metadata, data: { c: '3' } }))).toEqual({ ...metadata, uid: 'u' })
  })

  it('names each conflict with its manager', () => {
    const live = apply(undefined, 'one', configMap({ a: '1', b: '1' }))
    expect(failure(() => apply(live, 'two', configMap({ a: '2' })))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }] },
      code: 409,
    })
    expect(failure(() => apply(live, 'two', configMap({ a: '2', b: '3' }))).message).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
    )
    const both = apply(apply(undefined, 'one', configMap({ a: '1' })), 'two', configMap({ b: '1' }))
    expect(failure(() => apply(both, 'three', configMap({ a: '9', b: '9' }))).message).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\nconflicts with "two":\n- .data.b',
    )
  })

  it('names those who updated with the version and the subresource they used', () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replicas: 1 } }
    let live = update(undefined, deployment, 'kubectl', { model: 'V1Deployment' })
    expect(failure(() => apply(live, 'me', { ...deployment, spec: { replicas: 2 } }, { model: 'V1Deployment' })).message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas',
    )
    live = update(live, { ...live, spec: { replicas: 5 } }, 'hpa', { model: 'V1Deployment', subresource: 'scale' })
    expect(failure(() => apply(live, 'me', { ...deployment, spec: { replicas: 2 } }, { model: 'V1Deployment' })).message).toBe(
      'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
    )
  })

  it('takes fields over with force', () => {
    const live = apply(undefined, 'one', configMap({ a: '1', b: '1' }))
    const taken = apply(live, 'two', configMap({ a: '2' }), { force: true, time: T1 })
    expect(taken.data).toEqual({ a: '2', b: '1' })
    expect(owners(taken)).toEqual([
      ['one Apply', { 'f:data': { 'f:b': {} } }],
      ['two Apply', { 'f:data': { 'f:a': {} } }],
    ])
  })

  it('changes nothing, not even the time, when the same is applied again', () => {
    const live = apply(undefined, 'one', configMap({ a: '1' }))
    expect(apply(live, 'one', configMap({ a: '1' }), { time: T1 })).toEqual(live)
  })

  it('merges keyed lists by their keys, with the default protocol of a port', () => {
    const service = (ports: object[]) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports } })
    let live = apply(undefined, 'one', service([{ name: 'a', port: 53 }]), { model: 'V1Service' })
    live = apply(live, 'two', service([{ name: 'b', port: 53, protocol: 'UDP' }]), { model: 'V1Service' })
    expect(live.spec).toEqual({
      ports: [
        { name: 'a', port: 53 },
        { name: 'b', port: 53, protocol: 'UDP' },
      ],
    })
    expect(owners(live)[0]![1]).toEqual({
      'f:spec': { 'f:ports': { 'k:{"port":53,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } } },
    })
    live = apply(live, 'one', service([]), { model: 'V1Service' })
    expect(live.spec).toEqual({ ports: [{ name: 'b', port: 53, protocol: 'UDP' }] })
  })

  it('removes an element with the defaults in it that nobody owns', () => {
    const pod = (containers: object[]) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers } })
    const a = { name: 'a', image: 'a' }
    const b = { name: 'b', image: 'b' }
    const created = apply(undefined, 'one', pod([a, b]), { model: 'V1Pod' })
    const live = frozen({
      ...created,
      spec: {
        containers: [
          { ...a, imagePullPolicy: 'Always' },
          { ...b, imagePullPolicy: 'Always' },
        ],
      },
    })
    expect(apply(live, 'one', pod([b]), { model: 'V1Pod' }).spec).toEqual({ containers: [{ ...b, imagePullPolicy: 'Always' }] })
  })

  it('merges sets by value and replaces atomic lists as a whole', () => {
    let live = apply(undefined, 'one', configMap({}, { finalizers: ['example.com/a'] }))
    live = apply(live, 'two', configMap({}, { finalizers: ['example.com/b'] }))
    expect(live.metadata.finalizers).toEqual(['example.com/a', 'example.com/b'])
    live = apply(live, 'one', configMap({}))
    expect(live.metadata.finalizers).toEqual(['example.com/b'])

    const pod = (args: string[]) => ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', args }] } })
    const started = apply(undefined, 'one', pod(['a', 'b']), { model: 'V1Pod' })
    expect(apply(started, 'one', pod(['c']), { model: 'V1Pod' }).spec).toEqual({ containers: [{ name: 'c', args: ['c'] }] })
  })

  it('owns the status only through its subresource', () => {
    const live = frozen({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {} }) as KubeObject
    const config = { metadata: { name: 'p' }, spec: { hostname: 'h' }, status: { message: 'hello' } }
    const main = apply(live, 'two', config, { model: 'V1Pod' })
    expect([main.spec, main.status]).toEqual([{ hostname: 'h' }, undefined])
    const status = apply(live, 'two', config, { model: 'V1Pod', subresource: 'status' })
    expect([status.spec, status.status]).toEqual([{}, { message: 'hello' }])
    expect(owners(status)).toEqual([['two Apply status', { 'f:status': { 'f:message': {} } }]])
  })

  it('gives what was never tracked to before-first-apply', () => {
    const live = frozen(configMap({ a: '1' }, { creationTimestamp: T0 })) as unknown as KubeObject
    const applied = apply(live, 'one', configMap({ b: '2' }), { time: T1 })
    expect(owners(applied)).toEqual([
      ['one Apply', { 'f:data': { 'f:b': {} } }],
      ['before-first-apply Update', { 'f:data': { '.': {}, 'f:a': {} } }],
    ])
  })

  it('lets kubectl move on from client-side apply without conflicts', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(configMap({ a: '1' })) }
    const live = update(undefined, configMap({ a: '1' }, { annotations }), 'kubectl-client-side-apply')
    const moved = apply(live, 'kubectl', configMap({ a: '2' }))
    expect(moved.data).toEqual({ a: '2' })
    // What client-side apply would compare with is renewed as well, so that one may go back.
    expect(moved.metadata.annotations).toEqual({
      'kubectl.kubernetes.io/last-applied-configuration':
        '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"c"}}\n',
    })
    expect(failure(() => apply(live, 'other', configMap({ a: '2' }))).code).toBe(409)
  })

  it('tells kubectl of conflicts over what somebody has changed since its client-side apply, and of no others', () => {
    const kept = (config: object): object => ({ 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config) })
    const by = (last: object): KubeObject =>
      update(undefined, configMap({ a: '1', b: 'changed' }, { annotations: kept(last) }), 'kubectl-client-side-apply')
    const wanted = configMap({ a: '2', b: '2' })
    const message = (live: KubeObject): string => failure(() => apply(live, 'kubectl', wanted)).message ?? ''
    const one = 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.b'
    expect(message(by(configMap({ a: '1', b: '1' })))).toBe(one)
    expect(message(by(configMap({ a: '1' })))).toBe(one)
    const all = 'Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using v1:\n- .data.a\n- .data.b'
    expect(message(by({ ...configMap({ a: '1', b: 'changed' }), apiVersion: 'v2' }))).toBe(all)
    expect(message(by({ ...configMap({ a: '1', b: 'changed' }), bogus: 1 }))).toBe(all)
  })

  it('refuses what does not follow the schema in the words of the API server', () => {
    const message = (config: object, model = 'V1ConfigMap') => {
      const status = failure(() => apply(undefined, 'one', config, { model }))
      expect([status.code, 'reason' in status]).toEqual([500, false])
      return status.message
    }
    const at = 'failed to create typed patch object (/c; /v1, Kind=ConfigMap): '
    expect(message({ ...configMap({}), bogus: 1 })).toBe(`${at}.bogus: field not declared in schema`)
    expect(message({ ...configMap({}), bogus: 1, other: 2 })).toBe(
      `${at}errors:\n  .bogus: field not declared in schema\n  .other: field not declared in schema`,
    )
    const deployment = (spec: object) => ({ metadata: { name: 'd', namespace: 'n' }, spec })
    const of = 'failed to create typed patch object (n/d; apps/v1, Kind=Deployment): '
    expect(message(deployment({ replicas: 'x' }), 'V1Deployment')).toBe(`${of}.spec.replicas: expected numeric (int or float), got string`)
    const container = (env: object[]) => deployment({ template: { spec: { containers: [{ name: 'c', env }] } } })
    const path = '.spec.template.spec.containers[name="c"].env'
    expect(message(container([{ name: 'A' }, { name: 'A' }]), 'V1Deployment')).toBe(`${of}${path}: duplicate entries for key [name="A"]`)
    expect(message(container([{ value: '1' }]), 'V1Deployment')).toBe(
      `${of}${path}: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)`,
    )
  })

  it('refuses managedFields in a configuration', () => {
    expect(failure(() => apply(undefined, 'one', configMap({}, { managedFields: [] })))).toMatchObject({
      code: 400,
      message: 'metadata.managedFields must be nil',
    })
  })
})

describe('the owners after a write', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'default', uid: 'u', creationTimestamp: T0, generation: 1, labels: { app: 'a' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'a' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: {
        metadata: { labels: { app: 'a' } },
        spec: {
          containers: [{ name: 'c', image: 'nginx', resources: {}, ports: [{ containerPort: 80, protocol: 'TCP' }] }],
          securityContext: {},
        },
      },
    },
  }

  it('of a created Deployment are as kubectl shows them', () => {
    expect(owners(update(undefined, deployment, 'kubectl-create', { model: 'V1Deployment' }))).toEqual([
      [
        'kubectl-create Update',
        {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
            'f:template': {
              'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"c"}': {
                    '.': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': {
                      '.': {},
                      'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
                    },
                    'f:resources': {},
                  },
                },
                'f:securityContext': {},
              },
            },
          },
        },
      ],
    ])
  })

  it('move to whoever changes a field, and are forgotten with it', () => {
    let live = update(undefined, configMap({ a: '1', b: '1' }), 'one')
    live = update(live, { ...live, data: { a: '2', b: '1' } }, 'two', { time: T1 })
    expect(owners(live)).toEqual([
      ['one Update', { 'f:data': { '.': {}, 'f:b': {} } }],
      ['two Update', { 'f:data': { 'f:a': {} } }],
    ])
    live = update(live, { ...live, data: { b: '1' } }, 'three', { time: T1 })
    expect(owners(live)).toEqual([['one Update', { 'f:data': { '.': {}, 'f:b': {} } }]])
  })

  it('stay the very same when nothing changes', () => {
    const live = update(undefined, configMap({ a: '1' }), 'one')
    expect(update(live, { ...live }, 'two', { time: T1 }).metadata.managedFields).toBe(live.metadata.managedFields)
  })

  it('are told apart by subresource', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { nodeName: 'n' }, status: { phase: 'Pending' } }
    let live = update(undefined, pod, 'one', { model: 'V1Pod' })
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], podIPs: [{ ip: '10.244.1.2' }] }
    live = update(live, { ...live, status }, 'kubelet', { model: 'V1Pod', subresource: 'status', time: T1 })
    // The status of a create is dropped by the server, and so is nobody's.
    expect(owners(live)).toEqual([
      ['one Update', { 'f:spec': { 'f:nodeName': {} } }],
      [
        'kubelet Update status',
        {
          'f:status': {
            'f:conditions': { '.': {}, 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } },
            'f:phase': {},
            'f:podIPs': { '.': {}, 'k:{"ip":"10.244.1.2"}': { '.': {}, 'f:ip': {} } },
          },
        },
      ],
    ])
  })

  it.each([
    ['entry', [{}]],
    ['list', []],
  ])('are forgotten when a client asks for it with an empty %s', (_, managedFields) => {
    const live = apply(undefined, 'one', configMap({ a: '1' }))
    const reset = update(live, { ...live, metadata: { ...live.metadata, managedFields } }, 'two')
    expect(reset.metadata.managedFields).toBeUndefined()
    expect(update(reset, { ...reset, data: { a: '2' } }, 'two').metadata.managedFields).toBeUndefined()
  })

  it('are kept when a client that does not know them sends none, or nonsense', () => {
    const live = apply(undefined, 'one', configMap({ a: '1' }))
    const metadata = untracked(live)
    expect(owners(update(live, { ...live, metadata }, 'two'))).toEqual([['one Apply', { 'f:data': { 'f:a': {} } }]])
    const nonsense = { ...metadata, managedFields: [{ manager: 'x', operation: 'Guess' }] }
    expect(owners(update(live, { ...live, metadata: nonsense }, 'two'))).toEqual([['one Apply', { 'f:data': { 'f:a': {} } }]])
    const entry = { manager: 'x', operation: 'Update', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } }
    const versionless = { ...metadata, managedFields: [entry] }
    expect(owners(update(live, { ...live, metadata: versionless }, 'two'))).toEqual([['one Apply', { 'f:data': { 'f:a': {} } }]])
  })

  it('are at most ten that update; the oldest become ancient changes', () => {
    let live = update(undefined, configMap({ k0: '0' }), 'm0')
    for (let i = 1; i <= 11; i++) {
      live = update(live, { ...live, data: { ...(live.data as object), [`k${i}`]: String(i) } }, `m${i}`, {
        time: `2026-11-21T10:00:${String(i).padStart(2, '0')}Z`,
      })
    }
    const list = owners(live)
    expect(list).toHaveLength(10)
    expect(list[0]).toEqual(['ancient-changes Update', { 'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {} } }])
  })
})
