import { describe, expect, it } from 'vitest'
import { StatusError } from '../../../../src-main/cluster/api/errors.js'
import { decodeJson, decodeObject, decodeYaml } from '../../../../src-main/cluster/api/schema/decode.js'
import type { FieldValidation, MediaType } from '../../../../src-main/cluster/api/schema/decode.js'

function decode(body: unknown, model: string, validation: FieldValidation = 'Strict', media: MediaType = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return decodeObject(Buffer.from(text), media, model, validation)
}

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof StatusError) {
      expect(error.code).toBe(400)
      expect(error.reason).toBe('BadRequest')
      return error.message
    }
    throw error
  }
  throw new Error('it did not throw')
}

const deployment = (spec: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec })

describe('decoding a body', () => {
  it('fills in kind and apiVersion, and drops nulls and what Go leaves out when empty', () => {
    const { object, warnings } = decode(
      {
        metadata: { name: 's', creationTimestamp: null, labels: {} },
        spec: { ports: [{ port: 80, name: null, nodePort: 0 }], selector: null, type: null, publishNotReadyAddresses: false },
      },
      'V1Service',
    )
    expect(object).toEqual({ kind: 'Service', apiVersion: 'v1', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } })
    expect(warnings).toEqual([])
  })

  it('keeps a zero, a false or an empty text that means something', () => {
    const { object } = decode(
      deployment({ replicas: 0, template: { spec: { terminationGracePeriodSeconds: 0, enableServiceLinks: false, containers: [] } } }),
      'V1Deployment',
    )
    expect(object.spec).toEqual({
      replicas: 0,
      template: { spec: { terminationGracePeriodSeconds: 0, enableServiceLinks: false, containers: [] } },
    })
    const claim = decode({ spec: { storageClassName: '', volumeName: '' } }, 'V1PersistentVolumeClaim')
    expect(claim.object.spec).toEqual({ storageClassName: '' })
  })

  it('makes quantities and times canonical', () => {
    const { object } = decode(
      {
        metadata: { name: 'p', creationTimestamp: '2026-11-21T10:17:00.5+01:00' },
        spec: { containers: [{ name: 'c', resources: { requests: { cpu: 0.5, memory: '1024Mi' } } }] },
      },
      'V1Pod',
    )
    expect(object.metadata.creationTimestamp).toBe('2026-11-21T09:17:00Z')
    expect(object.spec).toEqual({ containers: [{ name: 'c', resources: { requests: { cpu: '500m', memory: '1Gi' } } }] })
    const scaler = decode({ spec: { behavior: { scaleUp: { tolerance: '0.05' } } } }, 'V2HorizontalPodAutoscaler')
    expect(scaler.object.spec).toEqual({ behavior: { scaleUp: { tolerance: '50m' } } })
  })

  it('names unknown and repeated fields in the order of the document', () => {
    const body =
      '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},' +
      '"spec":{"foo":1,"paused":true,"paused":true,"template":{"spec":{"containers":[{"name":"c"},{"name":"d","imagePullpolicy":"Never"}]}}}}'
    const strict =
      'strict decoding error: unknown field "spec.foo", duplicate field "spec.paused", unknown field "spec.template.spec.containers[1].imagePullpolicy"'
    expect(messageOf(() => decode(body, 'V1Deployment'))).toBe(`Deployment in version "v1" cannot be handled as a Deployment: ${strict}`)
    expect(decode(body, 'V1Deployment', 'Warn').warnings).toEqual([
      'unknown field "spec.foo"',
      'duplicate field "spec.paused"',
      'unknown field "spec.template.spec.containers[1].imagePullpolicy"',
    ])
    expect(decode(body, 'V1Deployment', 'Ignore').warnings).toEqual([])
    expect(decode(body, 'V1Deployment', 'Ignore').object.spec).toEqual({
      paused: true,
      template: { spec: { containers: [{ name: 'c' }, { name: 'd' }] } },
    })
  })

  it('takes the last of two equal keys and is case-sensitive', () => {
    const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1","a":"2"},"Data":{"b":"1"}}'
    const { object, warnings } = decode(body, 'V1ConfigMap', 'Warn')
    expect(object.data).toEqual({ a: '2' })
    expect(warnings).toEqual(['duplicate field "data.a"', 'unknown field "Data"'])
  })

  it.each([
    [
      deployment({ replicas: '3' }),
      'V1Deployment',
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      deployment({ replicas: 1.5 }),
      'V1Deployment',
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      deployment({ template: { spec: { containers: [{ env: [{ name: 'A', value: true }] }] } } }),
      'V1Deployment',
      'json: cannot unmarshal bool into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
    ],
    [
      deployment({ template: { spec: { containers: {} } } }),
      'V1Deployment',
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [
      deployment([] as object),
      'V1Deployment',
      'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec',
    ],
    [
      deployment({ strategy: { rollingUpdate: { maxSurge: true } } }),
      'V1Deployment',
      'json: cannot unmarshal bool into Go value of type int32',
    ],
    [
      { kind: 'ConfigMap', data: { a: 1 } },
      'V1ConfigMap',
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      { kind: 'ConfigMap', metadata: { labels: ['a'] } },
      'V1ConfigMap',
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      { kind: 'Pod', spec: { restartPolicy: 1 } },
      'V1Pod',
      'json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
    ],
    [{ kind: 'Secret', data: { a: '%%%' } }, 'V1Secret', 'illegal base64 data at input byte 0'],
    [{ kind: 'Secret', data: { a: 'aGVsbG8' } }, 'V1Secret', 'illegal base64 data at input byte 4'],
    [
      { kind: 'Pod', spec: { containers: [{ resources: { requests: { memory: '12XB' } } }] } },
      'V1Pod',
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { kind: 'ConfigMap', metadata: { creationTimestamp: 'yesterday' } },
      'V1ConfigMap',
      'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    ],
  ])('says which field has a wrong type: %#', (body, model, why) => {
    const kind = (body as { kind: string }).kind
    expect(messageOf(() => decode(body, model))).toBe(`${kind} in version "v1" cannot be handled as a ${kind}: ${why}`)
  })

  it.each([
    ['', 'unexpected end of JSON input', '<empty>'],
    ['{"kind":"ConfigMap",}', "invalid character '}' looking for beginning of object key string", '{"kind":"ConfigMap",}'],
    ['{"kind":"ConfigMap" "metadata":{}}', `invalid character '"' after object key:value pair`, '{"kind":"ConfigMap" "metadata" ...'],
    ['nope', "invalid character 'o' in literal null (expecting 'u')", '6e6f7065'],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')", '{"a":tru}'],
    ['{"a":[1 2]}', "invalid character '2' after array element", '{"a":[1 2]}'],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code", '{"a":"\\x"}'],
    ['{} x', "invalid character 'x' after top-level value", '{} x'],
    ['\u001f', "invalid character '\\x1f' looking for beginning of value", '1f'],
    ['{"a":é}', "invalid character 'Ã' looking for beginning of value", '{"a":é}'],
  ])('says why a body is no JSON: %s', (body, why, shown) => {
    expect(messageOf(() => decode(body, 'V1ConfigMap'))).toBe(
      `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ${why} (${shown})`,
    )
  })

  it('refuses another kind, version or group', () => {
    const cannot = (kind: string, version: string, as: string) => `${kind} in version "${version}" cannot be handled as a ${as}: `
    expect(messageOf(() => decode({ apiVersion: 'v1', kind: 'Secret' }, 'V1ConfigMap'))).toBe(
      cannot('Secret', 'v1', 'ConfigMap') + 'converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    )
    expect(messageOf(() => decode({ apiVersion: 'v1', kind: 'Chair' }, 'V1ConfigMap'))).toBe(
      cannot('Chair', 'v1', 'ConfigMap') + 'no kind "Chair" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    )
    expect(messageOf(() => decode({ apiVersion: 'apps/v9', kind: 'Deployment' }, 'V1Deployment'))).toBe(
      cannot('Deployment', 'v9', 'Deployment') +
        'no kind "Deployment" is registered for version "apps/v9" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    )
    expect(messageOf(() => decode({ apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler' }, 'V2HorizontalPodAutoscaler'))).toBe(
      'the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
    )
  })

  it('reads YAML as go-yaml does', () => {
    const body =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  annotations: &a\n    x: "1"\n  labels: *a\ndata:\n  time: "22:22"\n'
    expect(decode(body, 'V1ConfigMap', 'Strict', 'application/yaml').object).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'c', annotations: { x: '1' }, labels: { x: '1' } },
      data: { time: '22:22' },
    })
    expect(decodeYaml(Buffer.from('a: yes\nb: 0644\nc: 22:22\nd: 2001-01-01\ne: 1e3\nf: ~\ng: 0x1F'))).toEqual({
      a: true,
      b: 420,
      c: '22:22',
      d: '2001-01-01',
      e: 1000,
      f: null,
      g: 31,
    })
  })

  it('names repeated keys of YAML by their lines', () => {
    const body = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\nspec:\n  paused: true\n  paused: true\n  foo: 1\n'
    expect(messageOf(() => decode(body, 'V1Deployment', 'Strict', 'application/yaml'))).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: yaml: unmarshal errors:\n' +
        '  line 7: key "paused" already set in map, unknown field "spec.foo"',
    )
    expect(decode(body, 'V1Deployment', 'Warn', 'application/yaml').warnings).toEqual([
      'line 7: key "paused" already set in map',
      'unknown field "spec.foo"',
    ])
  })

  it('reads half characters as U+FFFD, which Go has no strings for', () => {
    const read = (text: string): unknown => decodeJson(Buffer.from(text))
    expect(read('{"a": "x\\ud800y\\udc00"}')).toEqual({ a: 'x\ufffdy\ufffd' })
    expect(read('{"\\ud83d\\ude00": "\\\\ud800"}')).toEqual({ '\u{1f600}': '\\ud800' })
    expect(decodeYaml(Buffer.from('a: "x\\ud800"\nb: "\\U0000dfff"\n'))).toEqual({ a: 'x\ufffd', b: '\ufffd' })
  })

  it('survives hostile input', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    expect(messageOf(() => decode(deep, 'V1ConfigMap'))).toContain('json parse error: exceeded max depth')
    expect(messageOf(() => decodeYaml(Buffer.from(deep)))).toContain('exceeded max depth')
    expect(() => decodeYaml(Buffer.from('- a: b\n'.repeat(400_000)))).toThrow(
      'Request entity too large: YAML of more than 100000 lines or elements; send it as JSON',
    )
    const bomb = Array.from(
      { length: 12 },
      (_, i) =>
        `a${i}: &a${i} [${Array(9)
          .fill(i ? `*a${i - 1}` : 'x')
          .join(',')}]`,
    ).join('\n')
    expect(messageOf(() => decodeYaml(Buffer.from(bomb)))).toContain('document contains excessive aliasing')
    expect(messageOf(() => decode('{"metadata":{"__proto__":{"polluted":true}}}', 'V1ConfigMap'))).toContain(
      'the key "__proto__" is not supported',
    )
    expect(messageOf(() => decode('{"metadata":{"\\u005f_proto__":{"polluted":true}}}', 'V1ConfigMap'))).toContain('"__proto__"')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(decode('{"metadata":{"name":"c","constructor":{},"toString":1}}', 'V1ConfigMap', 'Warn').warnings).toEqual([
      'unknown field "metadata.constructor"',
      'unknown field "metadata.toString"',
    ])
  })

  it('parses patches with no schema', () => {
    expect(decodeJson(Buffer.from('[{"op":"add"}]'))).toEqual([{ op: 'add' }])
    expect(messageOf(() => decodeJson(Buffer.from('{')))).toBe('unexpected end of JSON input')
    expect(messageOf(() => decodeYaml(Buffer.from('a: [1')))).toBe(
      "error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'",
    )
  })
})
