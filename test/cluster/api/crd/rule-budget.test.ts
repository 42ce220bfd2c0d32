/** What the API server says of definitions whose rules would cost too much. */
import { describe, expect, it } from 'vitest'
import { things, version } from './definition.js'
import { schemaFaults, updateFaults } from './judged.js'

const SCHEMA = 'spec.validation.openAPIV3Schema'
const SPEC = `${SCHEMA}.properties[spec]`

describe('the rules of a definition cost too much', () => {
  const HINT = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
  const TOTAL = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
  const total = (factor: string): string =>
    `${SCHEMA}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${factor} ${HINT}`
  const texts = (limits: { items?: number; length?: number } = {}): object => ({
    type: 'array',
    maxItems: limits.items,
    items: { type: 'string', maxLength: limits.length },
  })
  const rule = (text: string, more: object = {}): object => ({ 'x-kubernetes-validations': [{ rule: text, ...more }] })
  const looking = "self.foo.all(x, x.contains('a string'))"

  it('when a list and the texts in it have no limits', () => {
    expect(schemaFaults({ properties: { foo: texts() }, ...rule(looking) })).toEqual([
      `${SPEC}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${HINT}`,
      `${SPEC}.x-kubernetes-validations[0].rule: Forbidden: ${TOTAL}`,
      total('more than 100x'),
    ])
  })

  it('by a factor that is told, unless there are limits enough', () => {
    const exceeded = (limits: { items?: number; length?: number }): string[] =>
      schemaFaults({ properties: { foo: texts(limits) }, ...rule(looking) })
    expect(exceeded({ items: 50_000, length: 1000 })).toEqual([
      `${SPEC}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.0x ${HINT}`,
    ])
    expect(exceeded({ items: 26_000, length: 1000 })).toEqual([
      `${SPEC}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 1.050400x ${HINT}`,
    ])
    expect(exceeded({ items: 25, length: 1000 })).toEqual([])
  })

  it('when a rule holds for the elements of a list without a limit, however cheap it is', () => {
    const element = { type: 'object', properties: { a: { type: 'string', maxLength: 10 } }, ...rule('has(self.a) && [self.a].size() == 1') }
    const at = `${SPEC}.properties[l].items.x-kubernetes-validations[0].rule`
    expect(schemaFaults({ properties: { l: { type: 'array', items: element } } })).toEqual([
      `${at}: Forbidden: estimated rule cost exceeds budget by factor of 1.6x ${HINT}`,
    ])
    expect(schemaFaults({ properties: { l: { type: 'array', maxItems: 1000, items: element } } })).toEqual([])
  })

  it('when its message does', () => {
    const attempts = { type: 'integer', ...rule('self >= 0', { messageExpression: "'invalid attempts: ' + string(self)" }) }
    const at = `${SPEC}.properties[attempts].x-kubernetes-validations[0].messageExpression`
    expect(schemaFaults({ properties: { attempts } })).toEqual([
      `${at}: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x ${HINT}`,
      `${at}: Forbidden: ${TOTAL}`,
      total('more than 100x'),
    ])
  })

  it('together, of which the four that cost the most are named', () => {
    // Each is within its bounds: 9 for an element, of as many as there may be.
    const list = (items: number): object => ({
      type: 'array',
      maxItems: items,
      items: { type: 'integer' },
      ...rule('self.all(x, x > 0 && x < 100 && x < 50)'),
    })
    const sizes = [900_000, 500_000, 950_000, 940_000, 930_000, 920_000, 910_000, 900_001, 900_002, 900_003, 900_004, 900_005, 900_006]
    const properties = Object.fromEntries(sizes.map((size, i) => [`l${i}`, list(size)]))
    const at = (name: string): string => `${SPEC}.properties[${name}].x-kubernetes-validations[0].rule: Forbidden: ${TOTAL}`
    const found = schemaFaults({ properties })
    expect(found.slice(0, -1)).toEqual([at('l2'), at('l3'), at('l4'), at('l5')])
    expect(found.at(-1)).toMatch(/^spec\.validation\.openAPIV3Schema: Forbidden: .* exceeds budget by factor of 1\.\d{6}x \(try/)
  })

  it('which is not told again of each while the schema stays as it is', () => {
    const sent = things([version('v1', { properties: { foo: texts({ items: 50_000, length: 1000 }) }, ...rule(looking) })])
    expect(updateFaults(sent, (o) => (o.metadata.labels = { a: 'b' }))).toEqual([])
    expect(updateFaults(sent, (o) => (o.spec.versions[0].schema.openAPIV3Schema.description = 'x'))).toEqual([
      `${SPEC}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.0x ${HINT}`,
    ])
  })
})
