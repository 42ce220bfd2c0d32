import { afterEach, describe, expect, it } from 'vitest'
import { startHttps, type Answer, type HttpsFixture } from '../https.js'
import { things, version } from './definition.js'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const THINGS = '/apis/example.com/v1/namespaces/default/things'

let f: HttpsFixture
afterEach(() => f.server.close())

const body = (spec: object, more: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'x' },
  spec,
  ...more,
})
const messages = ({ json }: Answer): string[] => json.details.causes.map((c: any) => `${c.field}: ${c.message}`)

/** Defines things with this schema of their spec; gives the answer. */
async function define(spec: object, more: object = {}): Promise<Answer> {
  f = await startHttps()
  const answer = await f.send('POST', DEFINITIONS, { body: things([version('v1', spec, more)]) })
  while (answer.code === 201 && (await f.send('GET', '/apis/example.com/v1')).code !== 200) await new Promise((r) => setImmediate(r))
  return answer
}
const create = (spec: object): Promise<Answer> => f.send('POST', THINGS, { body: body(spec) })
/** Changes the thing x as it is stored. */
async function change(spec: object): Promise<Answer> {
  const { json } = await f.send('GET', `${THINGS}/x`)
  return f.send('PUT', `${THINGS}/x`, { body: { ...json, spec } })
}

const bounds = { min: { type: 'integer' }, max: { type: 'integer' } }

describe('a rule of a custom resource', () => {
  it('that does not hold is told as itself, or by its message', async () => {
    await define({
      properties: {
        ...bounds,
        name: { type: 'string', 'x-kubernetes-validations': [{ rule: "self != 'root'", message: 'must not be root' }] },
      },
      'x-kubernetes-validations': [{ rule: 'self.min <= self.max' }],
    })
    expect((await create({ min: 1, max: 2, name: 'a' })).code).toBe(201)
    const { code, json } = await create({ min: 3, max: 2, name: 'root' })
    expect([code, json.message]).toEqual([
      422,
      'Thing.example.com "x" is invalid: [spec: Invalid value: failed rule: self.min <= self.max, spec.name: Invalid value: "root": must not be root]',
    ])
    expect(json.details.causes[0]).toEqual({
      reason: 'FieldValueInvalid',
      message: 'Invalid value: failed rule: self.min <= self.max',
      field: 'spec',
    })
  })

  it('may give its message, reason and field itself', async () => {
    await define({
      properties: { ...bounds, other: { type: 'string' } },
      'x-kubernetes-validations': [
        { rule: 'self.min <= self.max', messageExpression: "'min %d is over max %d'.format([self.min, self.max])", fieldPath: '.min' },
        { rule: 'has(self.other)', reason: 'FieldValueRequired', fieldPath: '.other', message: 'must be set' },
        { rule: 'self.min < 100', reason: 'FieldValueForbidden', message: 'too large' },
      ],
    })
    expect(messages(await create({ min: 300, max: 2 }))).toEqual([
      'spec.min: Invalid value: min 300 is over max 2',
      'spec.other: Required value: must be set',
      'spec: Forbidden: too large',
    ])
  })

  it('that fails to be evaluated is told with why', async () => {
    await define({
      properties: { ...bounds, list: { type: 'array', items: { type: 'integer' } }, port: { 'x-kubernetes-int-or-string': true } },
      'x-kubernetes-validations': [{ rule: 'self.min > 0' }, { rule: 'self.list[3] == 1' }, { rule: 'self.port < 5' }],
    })
    expect(messages(await create({ list: [1], port: 'http' }))).toEqual([
      'spec: Invalid value: "object": no such key: min evaluating rule: self.min > 0',
      'spec: Invalid value: "object": index out of bounds: 3 evaluating rule: self.list[3] == 1',
      `spec: Invalid value: "object": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.port < 5`,
    ])
  })

  it('is not looked at while the object does not follow its schema', async () => {
    await define({ required: ['min'], properties: bounds, 'x-kubernetes-validations': [{ rule: 'self.min <= self.max' }] })
    expect(messages(await create({}))).toEqual([
      'spec.min: Required value',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ])
  })

  it('about a change is looked at when there is an old value, also of elements that have keys', async () => {
    const item = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, v: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } },
    }
    await define({
      properties: {
        fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }] },
        list: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: item },
        once: {
          type: 'string',
          'x-kubernetes-validations': [{ rule: "oldSelf.hasValue() || self == 'first'", optionalOldSelf: true }],
        },
      },
    })
    expect(messages(await create({ once: 'second' }))).toEqual([
      `spec.once: Invalid value: "second": failed rule: oldSelf.hasValue() || self == 'first'`,
    ])
    expect((await create({ list: [{ name: 'a', v: 5 }], once: 'first' })).code).toBe(201)
    expect(
      (
        await change({
          fixed: 'a',
          list: [
            { name: 'b', v: 1 },
            { name: 'a', v: 6 },
          ],
          once: 'second',
        })
      ).code,
    ).toBe(200)
    expect(
      messages(
        await change({
          fixed: 'b',
          list: [
            { name: 'b', v: 1 },
            { name: 'a', v: 4 },
          ],
        }),
      ),
    ).toEqual(['spec.fixed: Invalid value: "b": is immutable', 'spec.list[1].v: Invalid value: 4: failed rule: self >= oldSelf'])
  })

  it('sees names that are escaped, the names of the object, formats, sets and its scale of numbers', async () => {
    await define({
      properties: {
        'a-b': { type: 'integer' },
        namespace: { type: 'string' },
        at: { type: 'string', format: 'date-time' },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        ratio: { type: 'number' },
      },
      'x-kubernetes-validations': [
        { rule: "self.a__dash__b == 1 && self.__namespace__ == 'n' && has(self.namespace) && self.namespace == 'n'" },
        { rule: 'self.ratio == 2.0' },
        { rule: "self.at > timestamp('2026-01-01T00:00:00Z') && self.set == ['b', 'a']" },
      ],
    })
    expect((await create({ 'a-b': 1, namespace: 'n', at: '2026-02-01T00:00:00Z', set: ['a', 'b'], ratio: 2 })).code).toBe(201)
  })

  it('of the whole resource sees its name, and has no path', async () => {
    f = await startHttps()
    const definition = things([version('v1', {})]) as any
    definition.spec.versions[0].schema.openAPIV3Schema['x-kubernetes-validations'] = [{ rule: "self.metadata.name != 'x'" }]
    expect((await f.send('POST', DEFINITIONS, { body: definition })).code).toBe(201)
    while ((await f.send('GET', '/apis/example.com/v1')).code !== 200) await new Promise((r) => setImmediate(r))
    expect(messages(await create({}))).toEqual([`<nil>: Invalid value: failed rule: self.metadata.name != 'x'`])
  })

  it('is a warning for what an update leaves as it was', async () => {
    await define({ properties: { ...bounds, name: { type: 'string' } } })
    expect((await create({ min: 9, max: 1, name: 'a' })).code).toBe(201)
    const { json } = await f.send('GET', `${DEFINITIONS}/things.example.com`)
    const { properties } = json.spec.versions[0].schema.openAPIV3Schema
    properties.spec.properties.min['x-kubernetes-validations'] = [{ rule: 'self < 5' }]
    expect((await f.send('PUT', `${DEFINITIONS}/things.example.com`, { body: json })).code).toBe(200)
    const { code, headers } = await change({ min: 9, max: 1, name: 'b' })
    expect([code, headers['warning']]).toEqual([200, '299 - "spec.min: Invalid value: 9: failed rule: self < 5"'])
    expect(messages(await change({ min: 8, max: 1, name: 'b' }))).toEqual(['spec.min: Invalid value: 8: failed rule: self < 5'])
  })

  it('that costs too much is stopped', async () => {
    await define({
      properties: { list: { type: 'array', maxItems: 100, items: { type: 'integer' } } },
      'x-kubernetes-validations': [{ rule: 'self.list.all(a, self.list.all(b, self.list.all(c, a + b + c > 0)))' }],
    })
    const { code, json } = await create({ list: Array.from({ length: 100 }, () => 1) })
    expect([code, json.message]).toEqual([
      422,
      `Thing.example.com "x" is invalid: spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.list.all(a, self.list.all(b, self.list.all(c, a + b + c > 0)))`,
    ])
  })
})

describe('a definition', () => {
  it('whose rules do not compile is refused', async () => {
    const answer = await define({ properties: bounds, 'x-kubernetes-validations': [{ rule: 'self.mim < self.max' }, { rule: 'self.min' }] })
    expect(answer.code).toBe(422)
    const at = 'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations'
    const rule = (text: string): string =>
      `{"Rule":"${text}","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}`
    expect(messages(answer)).toEqual([
      `${at}[0].rule: Invalid value: ${rule('self.mim \\u003c self.max')}: compilation failed: ERROR: <input>:1:5: undefined field 'mim'\n | self.mim < self.max\n | ....^`,
      `${at}[1].rule: Invalid value: ${rule('self.min')}: cel expression must evaluate to a bool`,
    ])
  })

  it('whose rules have wrong fields is refused', async () => {
    const wrong = [
      { rule: '' },
      { rule: 'true', message: ' ' },
      { rule: 'true', message: 'a\nb' },
      { rule: 'true\n' + '&& true' },
      { rule: 'true', messageExpression: ' ' },
      { rule: 'true', reason: 'Odd' },
      { rule: 'true', fieldPath: '.absent' },
    ]
    const at = 'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations'
    expect(messages(await define({ properties: bounds, 'x-kubernetes-validations': wrong }))).toEqual([
      `${at}[0].rule: Required value: rule is not specified`,
      `${at}[1].message: Invalid value: " ": message must be non-empty if specified`,
      `${at}[2].message: Invalid value: "a\\nb": message must not contain line breaks`,
      `${at}[3].message: Required value: message must be specified if rule contains line breaks`,
      `${at}[4].messageExpression: Required value: messageExpression must be non-empty if specified`,
      `${at}[5].reason: Unsupported value: "Odd": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
      `${at}[6].fieldPath: Invalid value: ".absent": fieldPath must be a valid path`,
    ])
  })

  it('may not compare with old values where they cannot be told from each other', async () => {
    const list = { type: 'array', items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } }
    expect(messages(await define({ properties: { list } }))).toEqual([
      'spec.validation.openAPIV3Schema.properties[spec].properties[list].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[list]',
    ])
  })

  it('has patterns of RE2', async () => {
    expect(messages(await define({ properties: { a: { type: 'string', pattern: '(?=a)' } } }))).toEqual([
      `spec.validation.openAPIV3Schema.properties[spec].properties[a].pattern: Invalid value: "(?=a)": must be a valid regular expression, but isn't: error parsing regexp: invalid or unsupported Perl syntax: \`(?=\``,
    ])
  })
})
