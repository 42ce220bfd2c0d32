/** What rules cost at most: the numbers are those of the API server's own estimates. */
import { describe, expect, it } from 'vitest'
import { compileRule } from '../../../../src-main/cluster/api/crd/rule-programs.js'
import type { SchemaNode } from '../../../../src-main/cluster/api/crd/schema.js'

const TOO_MUCH = 10_000_000

type Limited = (limit: number | undefined) => SchemaNode

const list =
  (items: SchemaNode): Limited =>
  (maxItems) => ({ type: 'array', items, maxItems })
const map =
  (additionalProperties: SchemaNode): Limited =>
  (maxProperties) => ({ type: 'object', additionalProperties, maxProperties })
const text: Limited = (maxLength) => ({ type: 'string', maxLength })
const textOf = (format: string): SchemaNode => ({ type: 'string', format })
const typed = (type: string): SchemaNode => ({ type })
const object: SchemaNode = {
  type: 'object',
  required: ['required'],
  properties: { required: { type: 'string' }, optional: { type: 'string' } },
}
const numberOrText: SchemaNode = { 'x-kubernetes-int-or-string': true }
const texts: Limited = (limit) => list(text(limit))(limit)

function costOf(node: SchemaNode, rule: string): number {
  const outcome = compileRule({ rule }, node, false)
  if (!outcome?.rule) throw new Error(outcome?.failure ?? 'no rule')
  return outcome.rule.estimate()
}

describe('a rule is estimated by the sizes that its values may have', () => {
  const DEEP = `self.all(x, x["y"].required == "z")`

  it.each<[what: string, schema: Limited, rule: string, unlimited: number, limit: number, limited: number]>([
    ['goes through numbers', list(typed('number')), 'self.all(x, true)', 4718591, 10, 32],
    ['goes through texts', list(typed('string')), 'self.all(x, true)', 3145727, 20, 62],
    ['goes through booleans', list(typed('boolean')), 'self.all(x, true)', 1887437, 5, 17],
    ['goes through lists', list(list(typed('number'))(undefined)), 'self.all(x, true)', 3145727, 100, 302],
    ['goes through objects, of which some fields are always there', list(object), 'self.all(x, true)', 555128, 50, 152],
    ['goes through the keys of a map', map(typed('number')), 'self.all(x, true)', 1348169, 10, 32],
    ['goes through the keys of a map of texts', map(typed('string')), 'self.all(x, true)', 1179647, 3, 11],
    ['goes through the keys of a map of booleans', map(typed('boolean')), 'self.all(x, true)', 943718, 100, 302],
    ['looks for a text in a text', text, "self.contains('test')", 314574, 10, 5],
    ['looks at the beginning of a text', text, "self.startsWith('test')", 2, 15, 2],
    ['looks at the end of a text', text, "self.endsWith('test')", 2, 30, 2],
    ['puts texts together', text, 'size(self + "hello") > size("hello")', 314578, 4, 7],
    ['looks at one number', list(typed('number')), 'self[1] == 0.0', 2, 5000, 2],
    ['compares texts of a list, which are not limited themselves', list(typed('string')), 'self[1] == self[1]', 314577, 8, 314577],
    ['matches a text', text, 'self.matches("x")', 314574, 50, 22],
    ['matches an empty text', text, '"".matches("(((((((((())))))))))[0-9]")', 7, 10, 7],
    ['matches with an empty pattern', text, 'self.matches("")', 1, 100, 1],
    ['looks for each key in its value', (limit) => map(text(limit))(limit), 'self.all(x, x.contains(self[x]))', 2752507, 10, 72],
    ['looks at a number of an empty list', list(typed('number')), 'self[3] == 0.0', 2, 0, 2],
    ['looks at a number of an empty map', map(typed('number')), 'self["x"] == 0.0', 2, 0, 2],
    ['compares an empty text', text, 'self == "x"', 2, 0, 1],
    ['compares empty bytes', (maxLength) => ({ type: 'string', format: 'byte', maxLength }), 'self == b"x"', 2, 0, 1],
    ['has a limit that no request can reach', list(typed('number')), 'self.all(x, x == 0.0)', 6291454, 3 * 1024 * 2048, 25165826],
    ['reaches into what is limited everywhere', (limit) => list(map(object)(limit))(limit), DEEP, 7340027, 10, 72],
    ['reaches into a list without a limit', (limit) => list(map(object)(limit))(undefined), DEEP, 7340027, 10, 7340027],
    ['goes through numbers or texts', list(numberOrText), 'self.all(x, true)', 4718591, 10, 32],
    ['looks at a number or text', list(numberOrText), 'self[0] == 5', 3, 10, 3],
    ['looks at a boolean', list(typed('boolean')), 'self[0] == false', 2, 25, 2],
    ['looks at an object', list(object), 'self[0] == null', 2, 422, 2],
    ['looks at a number of a list of lists', list(list(typed('number'))(undefined)), 'self[0][0] == -1.0', 3, 51, 3],
    ['looks at a key of each map', list(map(typed('number'))(undefined)), 'self.all(x, x.y == 25.2)', 6291452, 12, 74],
    ['looks at a key of one map', list(map(typed('number'))(undefined)), 'self[0].x > 2.0', 4, 3000, 4],
    ['goes through spans', list(textOf('duration')), 'self.all(x, true)', 2359295, 5, 17],
    ['asks a span for its hours', list(textOf('duration')), 'self[0].getHours() == 2', 4, 525, 4],
    ['goes through dates', list(textOf('date')), 'self.all(x, true)', 725936, 15, 47],
    ['asks a date for its day', list(textOf('date')), 'self[2].getDayOfMonth() == 13', 4, 42, 4],
    ['goes through points in time', list(textOf('date-time')), 'self.all(x, true)', 428963, 25, 77],
    ['asks a point in time for its minute', list(textOf('date-time')), 'self[2].getMinutes() == 45', 4, 99, 4],
    ['goes through a map of numbers or texts', map(numberOrText), 'self.all(x, true)', 1348169, 15, 47],
    ['goes through a map of objects', map(object), 'self.all(x, true)', 428963, 20, 62],
    ['goes through a map of maps', map(map(typed('number'))(undefined)), 'self.all(x, true)', 1179647, 10, 32],
    ['goes through a map of lists', map(list(typed('number'))(undefined)), 'self.all(x, true)', 1179647, 25, 77],
    ['goes through a map of spans', map(textOf('duration')), 'self.all(x, true)', 1048577, 5, 17],
    ['goes through a map of dates', map(textOf('date')), 'self.all(x, true)', 524288, 10, 32],
    ['goes through a map of points in time', map(textOf('date-time')), 'self.all(x, true)', 349526, 25, 77],
    ['searches a text', text, "self.find('[0-9]+') == ''", 629147, 10, 11],
    ['joins texts', texts, "self.join(' ') == 'aa bb'", 329853068905, 10, 43],
    ['asks whether texts are in order', texts, 'self.isSorted() == true', 329854432052, 10, 52],
    ['makes a text lower case', text, "self.lowerAscii() == 'lower!'", 314575, 10, 6],
    ['compares sizes with the old ones', map(typed('integer')), 'oldSelf.size() == self.size()', 5, 10, 5],
    ['compares points in time', map(textOf('date-time')), 'self["a"] == self["b"]', 8, 7, 8],
    ['compares spans', map(textOf('duration')), 'self["c"] == self["d"]', 8, 42, 8],
    [
      'is about one of some texts',
      (maxLength) => ({ type: 'string', maxLength, enum: ['A', 'B', 'C', 'LongValue'] }),
      "self.contains('A')",
      2,
      1000,
      401,
    ],
    [
      'replaces texts by longer ones',
      (limit) => ({ type: 'object', properties: { str: text(limit), before: text(2), after: text(4) } }),
      "self.str.replace(self.before, self.after) == 'does not matter'",
      629154,
      4,
      12,
    ],
    [
      'splits a text',
      (limit) => ({ type: 'object', properties: { str: text(limit), separator: text(limit) } }),
      'self.str.split(self.separator) == []',
      629160,
      10,
      22,
    ],
  ])('that %s', (_what, schema, rule, unlimited, limit, limited) => {
    expect([costOf(schema(undefined), rule), costOf(schema(limit), rule)]).toEqual([unlimited, limited])
  })

  it.each([
    ['self.all(x, self.all(y, true))', 352],
    ['self.all(x, self.all(y, self.all(z, true)))', 3552],
  ])('that goes through a list in a list, %s, costs too much without a limit', (rule, limited) => {
    const numbers = list(typed('number'))
    expect(costOf(numbers(undefined), rule)).toBeGreaterThan(TOO_MUCH)
    expect(costOf(numbers(10), rule)).toBe(limited)
  })
})
