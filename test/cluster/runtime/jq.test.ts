/** jq as a person in a pod uses it. The expected values are those of jq 1.6 and 1.7. */
import { beforeAll, expect, it } from 'vitest'
import { extraPrograms } from '../../../src-main/cluster/runtime/programs/catalogue.js'
import { debianImage, makeMachine, programFiles, type Machine } from './machine.js'

let machine: Machine
let container: string

beforeAll(async () => {
  const image = { ...debianImage, files: () => ({ ...debianImage.files(), ...programFiles({ jq: extraPrograms['jq']! }) }) }
  machine = await makeMachine({ images: { tools: image } })
  container = await machine.start({ image: 'tools', env: [{ name: 'HOME', value: '/root' }] })
})

/** Runs jq with arguments on an input. */
async function jq(args: readonly string[], stdin = ''): Promise<{ out: string; err: string; code: number }> {
  const { stdout, stderr, code } = await machine.exec(container, ['jq', ...args], { stdin, ms: 2000 })
  return { out: stdout, err: stderr, code }
}

const PODS = '{"items":[{"metadata":{"name":"a","labels":{"app":"web"}},"spec":{"n":2}},{"metadata":{"name":"b"},"spec":{"n":1}}]}'

it.each<[string, string, string]>([
  ['.items[].metadata.name', PODS, '"a"\n"b"\n'],
  ['[.items[] | select(.metadata.labels.app == "web") | .metadata.name]', PODS, '["a"]\n'],
  ['.items | sort_by(.spec.n) | map(.metadata.name) | join(",")', PODS, '"b,a"\n'],
  ['.items | length, (map(.spec.n) | add)', PODS, '2\n3\n'],
  ['.items[0] | keys, has("spec"), (.metadata | to_entries | map(.key))', PODS, '["metadata","spec"]\ntrue\n["name","labels"]\n'],
  ['.items[] |= (.spec.n += 10) | [.items[].spec.n]', PODS, '[12,11]\n'],
  ['del(.items[0].metadata) | .items[0]', PODS, '{"spec":{"n":2}}\n'],
  ['reduce .items[] as {metadata: {name: $k}, spec: {n: $v}} ({}; .[$k] = $v)', PODS, '{"a":2,"b":1}\n'],
  [
    'group_by(.a), unique_by(.a), max_by(.b)',
    '[{"a":2,"b":1},{"a":1,"b":2},{"a":2,"b":3}]',
    '[[{"a":1,"b":2}],[{"a":2,"b":1},{"a":2,"b":3}]]\n[{"a":1,"b":2},{"a":2,"b":1}]\n{"a":2,"b":3}\n',
  ],
  [
    '"x\\(.a + 1)", @csv "\\([.a, "q\\"", null])", (.b | @base64), (.b | @uri), ([.b] | @sh)',
    '{"a":1,"b":"a b"}',
    '"x2"\n"1,\\"q\\"\\"\\","\n"YSBi"\n"a%20b"\n"\'a b\'"\n',
  ],
  [
    'test("[0-9]+"), capture("(?<n>[0-9]+)"), [scan("[a-z]+")], gsub("(?<l>[a-z])"; "<\\(.l)>")',
    '"t1 b"',
    'true\n{"n":"1"}\n["t","b"]\n"<t>1 <b>"\n',
  ],
  ['[limit(3; range(10))], first(range(5)), [label $out | 1, break $out, 2], [.[] // 0]', '[1,null]', '[0,1,2]\n0\n[1]\n[1]\n'],
  ['if .a then "yes" elif .b then "b" else "no" end, (try error("x") catch .), [.c[]?]', '{"b":1}', '"b"\n"x"\n[]\n'],
  ['def f(x): x * 2; def g($a; $b): $a + $b; f(.), g(.; 1), ([.] | until(length > 2; . + [0]))', '3', '6\n4\n[3,0,0]\n'],
  ['until(. > 5000; . + 1), [while(. < 20; . * 2)], [limit(3; repeat(. + 1))]', '3', '5001\n[3,6,12]\n[4,4,4]\n'],
  ['[paths], getpath(["a", 0]), ([..] | length), (tostream | select(length == 2))', '{"a":[1]}', '[["a"],["a",0]]\n1\n3\n[["a",0],1]\n'],
  ['todate, (todate | fromdate), strftime("%Y-%m-%d %A")', '1704164645', '"2024-01-02T03:04:05Z"\n1704164645\n"2024-01-02 Tuesday"\n'],
  ['.["__proto__"], keys', '{"__proto__":1,"2":0,"1":0}', '1\n["1","2","__proto__"]\n'],
  ['.', '[1.0,1e1000,1e-7,0.1,100000000000000000000]', '[1,1.7976931348623157e+308,1e-07,0.1,1e+20]\n'],
])('jq -c %s', async (filter, input, output) => {
  expect(await jq(['-c', filter], input)).toEqual({ out: output, err: '', code: 0 })
})

it('prints with two spaces, with tabs, sorted, raw or joined', async () => {
  expect((await jq(['.'], '{"b":[1,{}],"a":"é"}')).out).toBe('{\n  "b": [\n    1,\n    {}\n  ],\n  "a": "é"\n}\n')
  expect((await jq(['--tab', '-S', '.'], '{"b":[],"a":1}')).out).toBe('{\n\t"a": 1,\n\t"b": []\n}\n')
  expect((await jq(['-r', '.'], '"a\\nb"')).out).toBe('a\nb\n')
  expect((await jq(['-j', '.[]'], '[1,"a"]')).out).toBe('1a')
  expect((await jq(['-a', '.'], '"é"')).out).toBe('"\\u00e9"\n')
})

it('takes several inputs, slurps them, reads raw lines, and values from the command line', async () => {
  expect((await jq(['.a'], '{"a":1}{"a":2}')).out).toBe('1\n2\n')
  expect((await jq(['-sc', '.'], '1 2')).out).toBe('[1,2]\n')
  expect((await jq(['-R', '.'], 'x\ny\n')).out).toBe('"x"\n"y"\n')
  expect((await jq(['-nc', '[inputs]'], '1 2')).out).toBe('[1,2]\n')
  expect((await jq(['-nc', '--arg', 'x', '1', '--argjson', 'y', '{"z":2}', '[$x, $y.z, $ENV.HOME]'])).out).toBe('["1",2,"/root"]\n')
  expect((await jq(['-nc', '$ARGS.positional', '--args', 'a', 'b'])).out).toBe('["a","b"]\n')
})

it('says what is wrong, and ends with the status of the kind of mistake', async () => {
  expect(await jq(['.a.b'], '{"a":1}\n')).toEqual({ out: '', err: 'jq: error (at <stdin>:1): Cannot index number with "b"\n', code: 5 })
  expect(await jq(['.[]'], '1')).toEqual({ out: '', err: 'jq: error (at <stdin>:0): Cannot iterate over number (1)\n', code: 5 })
  expect(await jq(['-n', '{a: 1} | error'])).toEqual({ out: '', err: 'jq: error (at <unknown>) (not a string): {"a":1}\n', code: 5 })
  expect(await jq(['-n', 'nosuch'])).toEqual({
    out: '',
    err: 'jq: error: nosuch/0 is not defined at <top-level>, line 1:\nnosuch\njq: 1 compile error\n',
    code: 3,
  })
  expect(await jq(['.'], '{')).toEqual({ out: '', err: 'jq: parse error: Unfinished JSON term at EOF at line 1, column 1\n', code: 2 })
  expect(await jq(['.', 'nosuch'])).toEqual({ out: '', err: 'jq: error: Could not open nosuch: No such file or directory\n', code: 2 })
  expect(await jq(['-e', '.a'], '{"a":false}')).toEqual({ out: 'false\n', err: '', code: 1 })
})

it('answers each input when it is there, and finds what is wrong before the end', async () => {
  const pipe = async (script: string): Promise<{ stdout: string; stderr: string; code: number }> =>
    machine.exec(container, ['sh', '-c', script], { ms: 2000 })
  expect((await pipe(`yes '{"a": [1, "é"]}' | jq -c .a | head -n 2`)).stdout).toBe('[1,"é"]\n[1,"é"]\n')
  expect((await pipe(`(printf '1 tr'; sleep 1; printf 'ue [2'; sleep 1; printf ']\\n{\\n "a" 1}') | timeout 5 jq -c .`)).stdout).toBe(
    '1\ntrue\n[2]\n',
  )
  expect((await pipe(`(printf '1\\n[\\n2,'; sleep 1; printf '\\n 3 4]') | jq .`)).stderr).toBe(
    'jq: parse error: Expected separator between values at line 4, column 4\n',
  )
  expect((await pipe(`yes '{' | tr -d '\\n' | jq .`)).stderr).toBe('jq: parse error: Object keys must be strings at line 1, column 2\n')
  expect((await pipe(`yes '[' | tr -d '\\n' | jq .`)).stderr).toMatch(
    /^jq: parse error: Exceeds depth limit for parsing at line 1, column \d+\n$/,
  )
})

it('a program that never ends can be killed, and one that calls itself for ever is stopped', async () => {
  expect((await machine.exec(container, ['timeout', '1', 'jq', '-n', 'last(range(1; infinite))'], { ms: 2000 })).code).toBe(124)
  expect(await jq(['-n', 'def f: 1 + f; f'])).toEqual({ out: '', err: 'jq: error (at <unknown>): Maximum call depth exceeded\n', code: 5 })
})
