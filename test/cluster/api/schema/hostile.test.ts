import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyServerSide } from '../../../../src-main/cluster/api/apply/apply.js'
import { trackUpdate } from '../../../../src-main/cluster/api/apply/update.js'
import { StatusError } from '../../../../src-main/cluster/api/errors.js'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'
import { applyJsonPatch } from '../../../../src-main/cluster/api/patch/json.js'
import { applyMergePatch } from '../../../../src-main/cluster/api/patch/merge.js'
import { applyStrategicMergePatch } from '../../../../src-main/cluster/api/patch/strategic.js'
import { decodeObject, decodeValue, decodeYaml, repeatedYamlKeys } from '../../../../src-main/cluster/api/schema/decode.js'

/** Runs something that may refuse its input, but only in the API's own way. */
function answered<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    expect([400, 409, 413, 422, 500]).toContain(error.code)
    return undefined
  }
}

/** Names and values that hit real fields often, in wrong places and of wrong types. */
const word = fc.constantFrom(
  'metadata',
  'spec',
  'name',
  'labels',
  'containers',
  'ports',
  'env',
  'finalizers',
  'replicas',
  '$patch',
  '$retainKeys',
  'constructor',
  'toString',
  'x',
)
const directive = fc.constantFrom('$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', '$patch')
const scalar = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
  fc.constantFrom('delete', 'replace', 'TCP', '1Gi'),
)
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(word, directive), tie('value'), { maxKeys: 4 }),
  ),
}))
const podSpec = fc.record(
  { spec: fc.record({ containers: json, volumes: json, tolerations: json }, { requiredKeys: [] }), metadata: json },
  { requiredKeys: [] },
)
const body = fc.oneof(json, podSpec)
const live = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', finalizers: ['example.com/a'], labels: { x: 'y' } },
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }], volumes: [{ name: 'v', emptyDir: {} }] },
} as KubeObject
const runs = { numRuns: 400, seed: 11 }

describe('whatever a client sends', () => {
  it('that says a key twice is refused when it is too deep for the stack that is left', () => {
    const deep = Buffer.from(`{"a":1,"a":2,"b":${'{"c":'.repeat(990)}1${'}'.repeat(991)}`)
    const below = (frames: number): unknown => (frames > 0 ? below(frames - 1) : repeatedYamlKeys(deep))
    const refusals: unknown[] = []
    for (let frames = 0; refusals.length === 0; frames += 500) {
      try {
        below(frames)
      } catch (error) {
        refusals.push(error)
      }
    }
    expect(refusals).toEqual([
      new StatusError(400, 'BadRequest', 'error decoding YAML: error converting YAML to JSON: yaml: exceeded max depth of 1000'),
    ])
  })

  it('is decoded or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          body.map((v) => JSON.stringify(v)),
          fc.string(),
          fc.stringMatching(/^[{}[\]":,a-z0-9 \n-]{0,40}$/),
        ),
        (text) => {
          for (const media of ['application/json', 'application/yaml'] as const) {
            answered(() => decodeObject(Buffer.from(text), media, 'V1Pod', 'Strict'))
            const decoded = answered(() => decodeObject(Buffer.from(text), media, 'V1Pod', 'Ignore'))
            if (decoded) expect(decoded.object.kind).toBe('Pod')
          }
          answered(() => decodeYaml(Buffer.from(text)))
        },
      ),
      runs,
    )
  })

  it('is patched into the object or refused, and leaves it as it was', () => {
    const before = JSON.stringify(live)
    fc.assert(
      fc.property(body, (patch) => {
        answered(() => applyMergePatch(live, patch))
        const merged = answered(() => applyStrategicMergePatch(live, patch, 'V1Pod'))
        if (merged) answered(() => decodeValue(merged, 'V1Pod'))
        answered(() => applyJsonPatch(live, patch))
        expect(JSON.stringify(live)).toBe(before)
      }),
      runs,
    )
  })

  it('is applied or refused; applied twice it is the same', () => {
    fc.assert(
      fc.property(body, (config) => {
        const request = {
          config,
          manager: 'm',
          force: true,
          model: 'V1Pod',
          subresource: '',
          apiVersion: 'v1',
          time: '2026-11-21T09:00:00Z',
        }
        const once = answered(() => applyServerSide({ ...request, live }))
        if (!once) return
        const twice = applyServerSide({ ...request, live: once, time: '2026-11-21T10:00:00Z' })
        expect(twice).toEqual(once)
        expect(trackUpdate({ old: once, new: twice, manager: 'u', subresource: '', model: 'V1Pod', apiVersion: 'v1', time: '' })).toEqual(
          twice.metadata.managedFields,
        )
      }),
      runs,
    )
  })
})
