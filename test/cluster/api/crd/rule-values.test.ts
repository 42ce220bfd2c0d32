/** How the values of a custom resource look to its rules: nulls, fields without a name, keyed lists, zones, types. */
import { describe, expect, it } from 'vitest'
import { compileRule } from '../../../../src-main/cluster/api/crd/rule-programs.js'
import { ruleFaultsAlone } from '../../../../src-main/cluster/api/crd/rules.js'
import type { SchemaNode } from '../../../../src-main/cluster/api/crd/schema.js'

const string = { type: 'string' }
const integer = { type: 'integer' }
const object = (properties: Record<string, SchemaNode>, more: SchemaNode = {}): SchemaNode => ({ type: 'object', properties, ...more })
const list = (items: SchemaNode, more: SchemaNode = {}): SchemaNode => ({ type: 'array', items, ...more })
const open: SchemaNode = { 'x-kubernetes-preserve-unknown-fields': true }

/** What the compiler or the evaluation says of a rule; undefined when it holds. */
function verdict(schema: SchemaNode, value: unknown, rule: string): string | undefined {
  const failure = compileRule({ rule }, schema, false)?.failure
  if (failure !== undefined) return failure
  return ruleFaultsAlone(value, { ...schema, 'x-kubernetes-validations': [{ rule }] }, 'spec')[0]?.body
}

describe('a rule', () => {
  const nullable = { type: 'string', nullable: true }
  const keyed = list(object({ 'k!': string, 'v.': string }), {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k!'],
  })
  const pair = (k: string, v: string): object => ({ 'k!': k, 'v.': v })
  it.each([
    // A field that is null is as one that is absent; elements and values of maps are null.
    [object({ a: nullable }), { a: null }, '!has(self.a)'],
    [object({ l: list(nullable) }), { l: [null, 'x'] }, 'self.l.size() == 2 && type(self.l[0]) == null_type'],
    [object({ m: { type: 'object', additionalProperties: nullable } }), { m: { a: null } }, "'a' in self.m && type(self.m.a) == null_type"],
    // What is not in the schema counts when objects are compared.
    [
      object({ l: list(object({ a: integer }, open)) }),
      {
        l: [
          { a: 1, b: 'x' },
          { a: 1, b: 'y' },
        ],
      },
      'self.l[0] != self.l[1]',
    ],
    [
      object({ l: list(object({ a: integer }, open)) }),
      {
        l: [
          { a: 1, b: 'x' },
          { a: 1, b: 'x' },
        ],
      },
      'self.l[0] == self.l[1]',
    ],
    [object({ l: list(object({ a: integer }, open)) }), { l: [{ a: 1, b: 'x' }, { a: 1 }] }, 'self.l[0] != self.l[1]'],
    // So do fields whose names cannot be written, and keys of such names.
    [
      object({ l: list(keyed) }),
      {
        l: [
          [pair('a', '1'), pair('b', '2')],
          [pair('b', '2'), pair('a', '1')],
        ],
      },
      'self.l[0] == self.l[1]',
    ],
    [object({ l: list(keyed) }), { l: [[pair('a', '1')], [pair('b', '1')]] }, 'self.l[0] != self.l[1]'],
    [object({ l: list(keyed) }), { l: [[pair('a', '1'), pair('b', '1')], [pair('a', '2')]] }, "(self.l[0] + self.l[1])[0].v__dot__ == '2'"],
    // Types are compared with each other, whatever they are of.
    [object({ a: integer }), { a: 1 }, 'type(self.a) == int && type(self.a) != string && type(self) == type(self)'],
    [object({ d: { type: 'string', format: 'duration' } }), { d: '90s' }, 'type(self.d) == google.protobuf.Duration'],
    [object({ t: { type: 'string', format: 'date' } }), { t: '2026-11-21' }, 'type(self.t) == google.protobuf.Timestamp'],
    // Timestamps keep the zone that they were written in.
    [
      object({ t: { type: 'string', format: 'date-time' } }),
      { t: '2026-11-21T09:00:00.5+01:30' },
      "string(self.t) == '2026-11-21T09:00:00.5+01:30' && string(self.t + duration('24h')) == '2026-11-22T09:00:00.5+01:30' && self.t.getHours() == 7",
    ],
    // Functions of lists.
    [object({ l: list({ type: 'string', format: 'duration' }) }), { l: ['1m', '30s'] }, "self.l.sum() == duration('90s')"],
    [object({ l: list({ type: 'string', format: 'duration' }) }), { l: [] }, "self.l.sum() == duration('0')"],
    [object({ l: list(object({ n: string })) }), { l: [{ n: 'b' }, { n: 'a' }] }, "self.l.sortBy(e, e.n).map(e, e.n) == ['a', 'b']"],
    [object({ a: integer }), { a: 3 }, 'lists.range(self.a) == [0, 1, 2] && lists.range(-1) == []'],
    [object({ a: integer }), { a: 3 }, "'%.1f %.0f %.2e'.format([1.25, 2.5, 1.125]) == '1.2 2 1.12e+00'"],
    [object({ a: string }), { a: 'https://a.example/x y' }, "url(self.a).getEscapedPath() == '/x%20y'"],
  ] as [SchemaNode, unknown, string][])('with %j and %j holds: %s', (schema, value, rule) => {
    expect(verdict(schema, value, rule)).toBeUndefined()
  })

  const at = (column: number, message: string, rule: string): string =>
    `compilation failed: ERROR: <input>:1:${column}: ${message}\n | ${rule}\n | ${'.'.repeat(column - 1)}^`
  it.each([
    ["duration('x') > self.d", 10, 'invalid duration argument'],
    ["self.s.matches('[')", 16, 'invalid matches argument'],
    ["timestamp('2026') == timestamp(self.s)", 11, 'invalid timestamp argument'],
    ['self.s == null', 8, "found no matching overload for '_==_' applied to '(string, null)'"],
    ["self.s! == 'x'", 7, "Syntax error: mismatched input '!' expecting <EOF>"],
    ["self.s == 'x' y", 15, "Syntax error: extraneous input 'y' expecting <EOF>"],
  ])('%s is refused when it is compiled', (rule, column, message) => {
    const schema = object({ s: string, d: { type: 'string', format: 'duration' } })
    expect(verdict(schema, {}, rule)).toBe(at(column, message, rule))
  })

  it('with a pattern that cannot be searched for is refused when its program is made', () => {
    expect(verdict(string, 'x', "self.findAll(')') == []")).toBe('program instantiation failed: error parsing regexp: unexpected ): `)`')
  })

  it.each([
    ['v1.0', 'No Major.Minor.Patch elements found'],
    ['1.02.3', 'Minor number must not contain leading zeroes "02"'],
    ['1.x.3', 'Invalid character(s) found in minor number "x"'],
    ['1.2.3-', 'Prerelease is empty'],
    ['1.2.3-01', 'Numeric PreRelease version must not contain leading zeroes "01"'],
    ['1.2.3+a_b', 'Invalid character(s) found in build meta data "a_b"'],
    ['', 'Version string empty'],
  ])('is told why %j is no semantic version', (text, message) => {
    const rule = 'semver(self).major() == 1'
    expect(verdict(string, text, rule)).toBe(`Invalid value: "string": ${message} evaluating rule: ${rule}`)
  })
})
