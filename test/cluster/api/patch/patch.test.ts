import { describe, expect, it } from 'vitest'
import { StatusError } from '../../../../src-main/cluster/api/errors.js'
import { applyJsonPatch, unknownOperationFields } from '../../../../src-main/cluster/api/patch/json.js'
import { applyMergePatch } from '../../../../src-main/cluster/api/patch/merge.js'
import { applyStrategicMergePatch } from '../../../../src-main/cluster/api/patch/strategic.js'

/** Frozen as what comes from the store: a patch that changed it in place would throw. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const v of Object.values(value)) frozen(v)
    Object.freeze(value)
  }
  return value
}

function statusOf(run: () => unknown): { code: number; reason?: string; message?: string } {
  try {
    run()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const { code, reason, message } = error.status
    return { code, ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) }
  }
  throw new Error('it did not throw')
}

describe('a JSON patch', () => {
  const service = frozen({ spec: { ports: [{ name: 'a', port: 80 }] }, metadata: { labels: { x: 'y' } } })

  it('adds to the end and into the middle of a list', () => {
    const patched = applyJsonPatch(service, [
      { op: 'add', path: '/spec/ports/-', value: { name: 'b', port: 81 } },
      { op: 'add', path: '/spec/ports/0', value: { name: 'z', port: 79 } },
      { op: 'remove', path: '/metadata/labels/x' },
    ])
    expect(patched).toEqual({
      spec: {
        ports: [
          { name: 'z', port: 79 },
          { name: 'a', port: 80 },
          { name: 'b', port: 81 },
        ],
      },
      metadata: { labels: {} },
    })
  })

  it.each([
    [[{ op: 'test', path: '/metadata/labels/x', value: 'n' }]],
    [[{ op: 'add', path: '/nope/zz', value: '1' }]],
    [[{ op: 'remove', path: '/nope' }]],
    [[{ op: 'replace', path: '/nope', value: 1 }]],
    [[{ op: 'add', path: '/spec/ports/9', value: 1 }]],
    [[{ op: 'explode', path: '/spec' }]],
    [[{ op: 'add', path: '/__proto__/polluted', value: true }]],
    [[{ op: 'copy', from: '/nothing', path: '/spec/more' }]],
    [[{ op: 'copy', from: '/nothing', path: '' }]],
    [[{ op: 'move', from: '/', path: '' }]],
    [[{ op: 'move', from: '/nothing', path: '/spec/more' }]],
    [[{ op: 'move', from: '/spec', path: '' }]],
    [[{ op: 'copy', from: '/spec', path: '' }]],
    [[{ op: 'add', path: '', value: {} }]],
    [[{ op: 'remove', path: '' }]],
  ])('that does not fit the document is refused: %j', (patch) => {
    expect(statusOf(() => applyJsonPatch(service, patch))).toEqual({
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('must be a list of operations, and not a long one', () => {
    expect(statusOf(() => applyJsonPatch(service, { data: {} }))).toEqual({
      code: 400,
      reason: 'BadRequest',
      message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    })
    const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: 1 }))
    expect(statusOf(() => applyJsonPatch(service, many))).toEqual({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
    })
  })
})

describe('a JSON patch that cannot be read', () => {
  const document = { data: { a: '1' } }
  const OP = 'Go value of type handlers.jsonPatchOp'
  it.each<[patch: unknown, validated: string, not: string]>([
    [{}, 'object into Go value of type []handlers.jsonPatchOp', 'object into Go value of type jsonpatch.Patch'],
    [[1], `number into ${OP}`, 'number into Go value of type jsonpatch.Operation'],
    [[[]], `array into ${OP}`, 'array into Go value of type jsonpatch.Operation'],
  ])('is refused: %j', (patch, validated, not) => {
    expect(statusOf(() => applyJsonPatch(document, patch)).message).toBe(`error decoding patch: json: cannot unmarshal ${validated}`)
    expect(statusOf(() => applyJsonPatch(document, patch, false)).message).toBe(`json: cannot unmarshal ${not}`)
  })

  it('is one whose operations have paths that are no texts', () => {
    expect(statusOf(() => applyJsonPatch(document, [{ op: 'add', path: 1, value: 2 }])).message).toBe(
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string',
    )
    expect(statusOf(() => applyJsonPatch(document, [{ op: 'add', path: 1, value: 2 }], false)).code).toBe(422)
  })

  it('takes a value that is left out for null', () => {
    const labels = { a: '1', b: null }
    const of = (...patch: object[]): unknown => applyJsonPatch({ labels }, patch)
    expect(of({ op: 'add', path: '/labels/c' })).toEqual({ labels: { ...labels, c: null } })
    expect(of({ op: 'replace', path: '/labels/a' })).toEqual({ labels: { a: null, b: null } })
    expect(of({ op: 'test', path: '/labels/b' })).toEqual({ labels })
    expect(statusOf(() => of({ op: 'test', path: '/labels/a' })).code).toBe(422)
  })

  it('is none when it is null, nor is a strategic one; a merge patch is', () => {
    expect(applyJsonPatch(document, null)).toEqual(document)
    expect(applyStrategicMergePatch(document, null, 'V1ConfigMap')).toEqual(document)
    expect(statusOf(() => applyMergePatch(document, null)).message).toBe('Invalid JSON Patch')
  })

  it('does nothing by operations that are not there', () => {
    expect(statusOf(() => applyJsonPatch(document, [null])).code).toBe(422)
    expect(unknownOperationFields([{ op: 'test', path: '', vlaue: 1 }, null, { Op: 'x' }])).toEqual([
      'unknown field "[0].vlaue"',
      'unknown field "[2].Op"',
    ])
  })
})

describe('a merge patch', () => {
  it('takes the nulls out of objects in a list, and leaves those of the list', () => {
    expect(applyMergePatch({ l: [1] }, { l: [null, { a: null, b: { c: null } }, [{ d: null }]] })).toEqual({ l: [null, { b: {} }, [{}]] })
    expect(applyMergePatch({ l: {} }, { l: [{ a: null }] })).toEqual({ l: [{ a: null }] })
  })

  it('deletes with null, merges objects and replaces lists', () => {
    const document = frozen({ spec: { ports: [{ name: 'a' }, { name: 'b' }], type: 'ClusterIP' }, data: { a: '1', b: '2' } })
    expect(applyMergePatch(document, { spec: { ports: [{ name: 'z' }] }, data: { a: null, c: { d: null, e: 1 } } })).toEqual({
      spec: { ports: [{ name: 'z' }], type: 'ClusterIP' },
      data: { b: '2', c: { e: 1 } },
    })
  })

  it('must be an object', () => {
    expect(statusOf(() => applyMergePatch({}, [1])).message).toBe(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    )
  })
})

describe('a strategic merge patch', () => {
  const deployment = frozen({
    spec: {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } },
      template: {
        spec: {
          containers: [
            {
              name: 'a',
              image: 'nginx',
              env: [
                { name: 'X', value: '1' },
                { name: 'Y', value: '2' },
              ],
              ports: [{ containerPort: 80, name: 'http' }],
              args: ['1'],
            },
            { name: 'b', image: 'nginx' },
          ],
          tolerations: [{ key: 'k' }],
          volumes: [{ name: 'v', emptyDir: {} }],
        },
      },
    },
  })
  const pod = (patch: object) =>
    (applyStrategicMergePatch(deployment, { spec: { template: { spec: patch } } }, 'V1Deployment') as typeof deployment).spec.template.spec

  it('merges containers by name and appends new ones', () => {
    expect(
      pod({
        containers: [
          { name: 'b', image: 'b:2' },
          { name: 'n', image: 'n' },
        ],
      }).containers,
    ).toEqual([deployment.spec.template.spec.containers[0], { name: 'b', image: 'b:2' }, { name: 'n', image: 'n' }])
  })

  it('replaces lists that have no merge strategy', () => {
    expect(pod({ tolerations: [{ key: 'z' }] }).tolerations).toEqual([{ key: 'z' }])
    expect(pod({ containers: [{ name: 'a', args: ['2', '3'] }] }).containers[0]!.args).toEqual(['2', '3'])
  })

  it('deletes one element, or replaces the whole list', () => {
    expect(pod({ containers: [{ name: 'a', env: [{ name: 'X', $patch: 'delete' }] }] }).containers[0]!.env).toEqual([
      { name: 'Y', value: '2' },
    ])
    expect(pod({ containers: [{ name: 'z', image: 'z' }, { $patch: 'replace' }] }).containers).toEqual([{ name: 'z', image: 'z' }])
  })

  it('orders a list as $setElementOrder says', () => {
    const { containers } = pod({ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b', image: 'b:3' }] })
    expect(containers.map((c) => `${c.name} ${c.image}`)).toEqual(['b b:3', 'a nginx'])
  })

  it('keeps only the listed keys with $retainKeys', () => {
    const patched = applyStrategicMergePatch(
      deployment,
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      'V1Deployment',
    )
    expect((patched as typeof deployment).spec.strategy).toEqual({ type: 'Recreate' })
    expect(pod({ volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] }).volumes).toEqual([
      { name: 'v', hostPath: { path: '/x' } },
    ])
  })

  it('replaces or empties a map', () => {
    const map = frozen({ data: { a: '1' } })
    expect(applyStrategicMergePatch(map, { data: { $patch: 'replace', z: '1' } }, 'V1ConfigMap')).toEqual({ data: { z: '1' } })
    expect(applyStrategicMergePatch(map, { data: { $patch: 'delete' } }, 'V1ConfigMap')).toEqual({ data: {} })
  })

  it('adds finalizers in front of those that are there, and deletes them by value', () => {
    const map = frozen({ metadata: { finalizers: ['example.com/a'] } })
    const both = applyStrategicMergePatch(map, { metadata: { finalizers: ['example.com/b'] } }, 'V1ConfigMap')
    expect(both).toEqual({ metadata: { finalizers: ['example.com/b', 'example.com/a'] } })
    expect(
      applyStrategicMergePatch(both, { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'] } }, 'V1ConfigMap'),
    ).toEqual({
      metadata: { finalizers: ['example.com/b'] },
    })
  })

  it('leaves no directive and no null in what is new', () => {
    expect(
      applyStrategicMergePatch(
        {},
        {
          spec: {
            volumes: [
              { name: 'v', emptyDir: { medium: null } },
              { name: 'w', $patch: 'delete' },
            ],
          },
        },
        'V1Pod',
      ),
    ).toEqual({ spec: { volumes: [{ name: 'v', emptyDir: {} }] } })
  })

  it('replaces the selector of a disruption budget', () => {
    const budget = frozen({ spec: { selector: { matchLabels: { a: '1' } } } })
    expect(applyStrategicMergePatch(budget, { spec: { selector: { matchLabels: { b: '2' } } } }, 'V1PodDisruptionBudget')).toEqual({
      spec: { selector: { matchLabels: { b: '2' } } },
    })
  })

  it('is refused in the words of the API server', () => {
    expect(statusOf(() => applyStrategicMergePatch({ data: {} }, { data: { $patch: 'explode' } }, 'V1ConfigMap'))).toEqual({
      code: 500,
      message: 'unknown patch type: explode in map: map[$patch:explode]',
    })
    expect(statusOf(() => pod({ containers: [{ image: 'x' }] }))).toEqual({
      code: 500,
      message: 'map: map[image:x] does not contain declared merge key: name',
    })
    expect(statusOf(() => pod({ '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b' }] })).message).toBe(
      "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
    )
    expect(statusOf(() => applyStrategicMergePatch({}, [], 'V1ConfigMap')).code).toBe(400)
  })
})
