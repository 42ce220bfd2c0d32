import { describe, expect, it } from 'vitest'
import { compile } from '../../../../src-main/cluster/api/cel/compile.js'
import { Budget, CostExceeded } from '../../../../src-main/cluster/api/cel/evaluate.js'
import { plainValue } from '../../../../src-main/cluster/api/cel/plain.js'
import { DYN, INT, listOf, mapOf, STRING, type Type } from '../../../../src-main/cluster/api/cel/types.js'
import type { Value } from '../../../../src-main/cluster/api/cel/values.js'

const fields: Record<string, Type> = { a: INT, s: STRING, l: listOf(INT), m: mapOf(STRING, STRING), d: DYN }
const self: Type = { kind: 'object', name: 'selfType', field: (name) => fields[name] }
const value = new Map<Value, Value>([
  ['a', 3n],
  ['s', 'abc'],
  ['l', [3n, 1n, 2n]],
  ['m', new Map([['k', 'v']])],
])

/** What a rule gives: true, false, an error of its evaluation, or what the compiler says of it. */
function result(source: string, budget = 100_000): unknown {
  const compiled = compile(source, { self }, 'bool')
  if ('failure' in compiled) return compiled.failure
  try {
    return compiled.program({ self: value }, new Budget(budget))
  } catch (error) {
    return (error as Error).message
  }
}

describe('an expression', () => {
  it.each([
    '1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && -7 / 2 == -3 && -7 % 2 == -1',
    'self.a > 1.5 && self.a >= 3u',
    'self.s.startsWith("a") && self.s.matches("^[a-z]+$") && self.s.size() == 3',
    'self.s.find("b.") == "bc" && "a1b22".findAll("[0-9]+") == ["1", "22"]',
    '"a,b".split(",") == ["a", "b"] && ["a", "b"].join("-") == "a-b" && "Ab".lowerAscii() == "ab" && " x ".trim() == "x"',
    '"%s is %d, %.2f, %x".format([self.s, self.a, 1.5, 255]) == "abc is 3, 1.50, ff"',
    'self.l.all(x, x > 0) && self.l.exists(x, x == 2) && self.l.exists_one(x, x > 2) && self.l.filter(x, x > 1).size() == 2',
    'self.l.map(x, x * 2) == [6, 2, 4] && self.l.map(x, x > 1, x) == [3, 2]',
    'self.m.all(k, v, k == "k" && v == "v") && self.l.transformList(i, x, i + x) == [3, 2, 4]',
    '!self.l.isSorted() && self.l.sum() == 6 && self.l.min() == 1 && self.l.max() == 3 && self.l.indexOf(2) == 2',
    'has(self.a) && !has(self.m.absent) && "k" in self.m && self.m["k"] == "v" && self.m.k == "v"',
    'self.m.?absent.orValue("x") == "x" && self.m[?"k"].hasValue() && !optional.none().hasValue()',
    'optional.of(1).optMap(x, x + 1).value() == 2 && [?self.m.?absent].size() == 0',
    'duration("1h30m").getMinutes() == 90 && timestamp("2026-01-02T03:04:05Z").getFullYear() == 2026',
    'timestamp("2026-01-02T00:00:00Z") - timestamp("2026-01-01T00:00:00Z") == duration("24h")',
    'timestamp("2026-07-01T12:00:00Z").getHours("Asia/Shanghai") == 20',
    'quantity("1Gi").isGreaterThan(quantity("500Mi")) && quantity("1500m").add(1).compareTo(quantity("2.5")) == 0 && !isQuantity("x")',
    'url("https://a.example:8443/x?y=1").getHost() == "a.example:8443" && url("https://[::1]:80/").getHostname() == "::1" && !isURL("a b")',
    'ip("10.0.0.1").family() == 4 && cidr("10.0.0.0/8").containsIP("10.2.3.4") && !cidr("10.0.0.0/8").containsCIDR("11.0.0.0/16")',
    'ip("fe80::1").isLinkLocalUnicast() && string(ip("2001:db8::1")) == "2001:db8::1" && !isIP("10.0.0.256")',
    '!format.dns1123Label().validate("a-b").hasValue() && format.dns1123Label().validate("A_").value().size() == 1',
    'semver("1.2.3-rc.1").isLessThan(semver("1.2.3")) && isSemver("v1.0", true)',
    'sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1, 1]) && type(self.a) == int && int("42") == 42',
    "'it\\'s' == \"it's\" && r'\\d' == '\\\\d' && b'abc' == bytes('abc') && '\\u00e9'.size() == 1",
    String.raw`r'''^(\*\.)?"\d+"$''' == r"^(\*\.)?" + '"\\d+"$' && "a.b".matches(r"${'""'}^a\.b$${'""'}")`,
    String.raw`'''it's
  "so"\\''' == 'it\'s\n  "so"\\' && bR'''\x''' == b'\\x' && r'''''' == ''`,
    'true || 1 / 0 == 0 ? true : false',
  ])('%s', (source) => expect(result(source)).toBe(true))

  it('that fails says so in the words of the evaluator, unless the other side settles it', () => {
    expect(result('self.l[7] == 1')).toBe('index out of bounds: 7')
    expect(result('self.m.absent == "x"')).toBe('no such key: absent')
    expect(result('1 / (self.a - 3) == 0')).toBe('division by zero')
    expect(result('9223372036854775807 + self.a > 0')).toBe('integer overflow')
    expect(result('dyn(self.a) + "x" == "x"')).toBe('no such overload')
    // What can have no fields has none; a list is asked for an index.
    expect(result('dyn(self.a).x == 1')).toBe('no such key: x')
    expect(result('dyn(null)["x"] == 1')).toBe('no such key: x')
    expect(result('!has(dyn(null).x) && !has(dyn(self.a).x) && !dyn(null).?x.hasValue()')).toBe(true)
    expect(result('dyn(self.l).x == 1')).toBe("unsupported index type 'string' in list")
    expect(result('self.l[7] == 1 || true')).toBe(true)
    expect(result('self.l[7] == 1 && false')).toBe(false)
  })

  it('that does not compile is shown with the place that is wrong', () => {
    const failed = (text: string): string => `compilation failed: ERROR: <input>:${text}`
    expect(result('self.b == 1')).toBe(failed("1:5: undefined field 'b'\n | self.b == 1\n | ....^"))
    expect(result('foo > 1')).toBe(failed("1:1: undeclared reference to 'foo' (in container '')\n | foo > 1\n | ^"))
    expect(result('self.a == "x"')).toBe(
      failed(`1:8: found no matching overload for '_==_' applied to '(int, string)'\n | self.a == "x"\n | .......^`),
    )
    expect(result('self.s.startsWith(1)')).toBe(
      failed("1:18: found no matching overload for 'startsWith' applied to 'string.(int)'\n | self.s.startsWith(1)\n | .................^"),
    )
    expect(result('[1, "a"].size() == 2')).toBe(failed(`1:5: expected type 'int' but found 'string'\n | [1, "a"].size() == 2\n | ....^`))
    expect(result('self.a.all(x, x)')).toBe(
      failed(
        "1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | self.a.all(x, x)\n | ....^",
      ),
    )
    expect(result('self.a ==')).toBe(
      failed(
        "1:10: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.a ==\n | .........^",
      ),
    )
    expect(result('self.a')).toBe('cel expression must evaluate to a bool')
  })

  it('stops when it has cost what it may', () => {
    const nested = 'self.l.all(a, self.l.all(b, self.l.all(c, self.l.all(d, a + b + c + d > 0))))'
    expect(result(nested)).toBe(true)
    expect(result(nested, 100)).toBe('operation cancelled: actual cost limit exceeded')
    const compiled = compile(`true || ${nested}`, { self }, 'bool')
    expect(() => 'program' in compiled && compiled.program({ self: value }, new Budget(0))).toThrow(CostExceeded)
  })

  it('names values where selectors of devices do, and nowhere else', () => {
    const source = 'cel.bind(x, self.a + 1, x * x + cel.bind(x, 2, x)) == 18'
    const compiled = compile(source, { self }, 'bool', { bindings: true })
    expect('program' in compiled && compiled.program({ self: value }, new Budget(100))).toBe(true)
    expect(result('cel.bind(x, 1, x) == 1')).toContain("undeclared reference to 'cel' (in container '')")
    const unnamed = compile('cel.bind(1, 2, 3) == 3', {}, 'bool', { bindings: true })
    expect('failure' in unnamed && unnamed.failure.split('\n')[0]).toBe(
      'compilation failed: ERROR: <input>:1:10: cel.bind() variable names must be simple identifiers',
    )
  })

  it('makes objects and operations where patches are made, and nowhere else', () => {
    const made = (source: string): unknown => {
      const compiled = compile(source, { self }, () => undefined, { patches: true })
      return 'failure' in compiled ? compiled.failure : compiled.program({ self: value }, new Budget(1000))
    }
    expect(made('[JSONPatch{op: "add", path: "/a/" + jsonpatch.escapeKey("b/c~d"), value: self.a}]')).toEqual([
      new Map<Value, Value>([
        ['op', 'add'],
        ['path', '/a/b~1c~0d'],
        ['value', 3n],
      ]),
    ])
    expect(made('Object{spec: Object.spec{?there: optional.of(1), ?absent: optional.none()}}')).toEqual(
      new Map([['spec', new Map([['there', 1n]])]]),
    )
    expect(result('Object{} == self')).toContain("undeclared reference to 'Object' (in container '')")
  })

  it('sees the whole numbers of an object as ints to the last digit, and others as doubles', () => {
    const object = { long: 2n ** 53n + 1n, short: 7, huge: 1e30, half: 0.5, list: [2n ** 63n - 1n] }
    const seen = (source: string): unknown => {
      const compiled = compile(source, { object: DYN }, 'bool')
      return 'failure' in compiled ? compiled.failure : compiled.program({ object: plainValue(object) }, new Budget(1000))
    }
    expect(seen('object.long == 9007199254740993 && object.short == 7 && object.list[0] == 9223372036854775807')).toBe(true)
    expect(seen('type(object.long) == int && type(object.huge) == double && type(object.half) == double')).toBe(true)
  })
})
