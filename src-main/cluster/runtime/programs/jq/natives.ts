/** The builtins of jq that are written here; the others are in `prelude.ts`. */
import { add } from './arithmetic.js'
import type { Evaluator } from './evaluate.js'
import { child, equal, toText, truthy } from './item.js'
import type { Closure, Item, Native } from './scope.js'
import { compare, compareText, format, JsonError, JsonReader, typeOf, type Json, type JsonObject } from './json.js'
import { deletePaths, get, getPath, indexesOf, JqError, setPath } from './paths.js'
import { applyFormat } from './formats.js'
import { mathNatives } from './maths.js'
import { regexNatives } from './regex.js'
import { timeNatives } from './time.js'
import { counted, range, steps } from './generators.js'
import { arrayOf, described, each, number, of } from './arguments.js'

/** Items with what a closure makes of each, in its order. */
async function keyed(jq: Evaluator, input: Json, args: readonly Closure[], verb: string): Promise<{ item: Json; key: Json[] }[]> {
  const out: { item: Json; key: Json[] }[] = []
  for (const item of arrayOf(input, verb)) {
    const key: Json[] = []
    if (args[0]) for await (const value of jq.values(args[0], item)) key.push(value)
    else key.push(item)
    out.push({ item, key })
  }
  return out.sort((a, b) => compare(a.key, b.key))
}

function has(value: Json, key: Json): boolean {
  if (value instanceof Map && typeof key === 'string') return value.has(key)
  if (Array.isArray(value) && typeof key === 'number') return key >= 0 && key < value.length
  throw new JqError(`Cannot check whether ${typeOf(value)} has a ${typeOf(key) === 'string' ? 'string' : typeOf(key)} key`)
}

function contains(a: Json, b: Json): boolean {
  if (typeOf(a) !== typeOf(b)) throw new JqError(`${described(a)} and ${described(b)} cannot have their containment checked`)
  if (typeof a === 'string') return a.includes(b as string)
  if (Array.isArray(a)) return (b as Json[]).every((x) => a.some((y) => typeOf(x) === typeOf(y) && contains(y, x)))
  if (a instanceof Map)
    return [...(b as JsonObject)].every(([k, x]) => {
      const y = a.get(k)
      return y !== undefined && typeOf(x) === typeOf(y) && contains(y, x)
    })
  return equal(a, b)
}

function length(value: Json): Json {
  if (value === null) return 0
  if (typeof value === 'number') return Math.abs(value)
  if (typeof value === 'string') return [...value].length
  if (Array.isArray(value)) return value.length
  if (value instanceof Map) return value.size
  throw new JqError(`${described(value)} has no length`)
}

function keys(value: Json, sorted: boolean): Json {
  if (Array.isArray(value)) return value.map((_, i) => i)
  if (!(value instanceof Map)) throw new JqError(`${described(value)} has no keys`)
  return sorted ? [...value.keys()].sort(compareText) : [...value.keys()]
}

function flatten(value: Json, depth: number): Json[] {
  const out: Json[] = []
  const items = value instanceof Map ? [...value.values()] : value
  if (!Array.isArray(items)) throw new JqError(`Cannot iterate over ${typeOf(value)}`)
  for (const item of items) {
    if (Array.isArray(item) && depth > 0) out.push(...flatten(item, depth - 1))
    else out.push(item)
  }
  return out
}

function indexes(value: Json, part: Json): Json {
  if (value === null) return null
  if (typeof value === 'string' && typeof part === 'string') {
    const out: number[] = []
    if (part === '') return null
    for (let i = value.indexOf(part); i >= 0; i = value.indexOf(part, i + 1)) out.push(Array.from(value.slice(0, i)).length)
    return out
  }
  if (Array.isArray(value)) return indexesOf(value, Array.isArray(part) ? part : [part])
  return get(value, part)
}

function edge(which: 0 | -1): Native {
  return each((value, part) => {
    const found = indexes(value, part)
    return Array.isArray(found) ? (found.at(which) ?? null) : null
  })
}

function toNumber(value: Json): Json {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') throw new JqError(`${described(value)} cannot be parsed as a number`)
  const n = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(value) ? Number(value) : value === 'nan' ? NaN : undefined
  if (n === undefined) throw new JqError(`${described(value)} cannot be parsed as a number`)
  return n
}

function fromJson(value: Json): Json {
  if (typeof value !== 'string') throw new JqError(`${described(value)} cannot be parsed as JSON`)
  try {
    const reader = new JsonReader(value)
    const parsed = reader.next()
    if (reader.next() !== undefined) throw new JsonError('Unexpected extra JSON values')
    return parsed ?? null
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new JqError(`${error.message} (while parsing '${value}')`)
  }
}

function trimmed(side: 'start' | 'end'): Native {
  return each((value, part) => {
    if (typeof value !== 'string' || typeof part !== 'string') return value
    if (side === 'start') return value.startsWith(part) ? value.slice(part.length) : value
    return part !== '' && value.endsWith(part) ? value.slice(0, -part.length) : value
  })
}

function ends(name: string, test: (value: string, part: string) => boolean): Native {
  return each((value, part) => {
    if (typeof value !== 'string' || typeof part !== 'string') throw new JqError(`${name}() requires string inputs`)
    return test(value, part)
  })
}

function space(f: (text: string) => string): Native {
  return of((value) => {
    if (typeof value !== 'string') throw new JqError(`${described(value)} cannot be trimmed`)
    return f(value)
  })
}

function letters(from: RegExp, f: (c: string) => string, name: string): Native {
  return of((value) => {
    if (typeof value !== 'string') throw new JqError(`${name} input must be a string`)
    return value.replace(from, f)
  })
}

/** Where something is in a sorted array; where it would be, below zero, if it is not. */
function search(value: Json, target: Json): number {
  const list = arrayOf(value, 'searched from')
  let [low, high] = [0, list.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const order = compare(list[middle]!, target)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return -1 - low
}

export const natives: Readonly<Record<string, Native>> = {
  ...mathNatives,
  ...regexNatives,
  ...timeNatives,
  'empty/0': async function* () {},
  'error/0': of((value) => {
    throw new JqError(value)
  }),
  'not/0': of((value) => !truthy(value)),
  'length/0': of(length),
  'utf8bytelength/0': of((value) => {
    if (typeof value !== 'string') throw new JqError(`${described(value)} only strings have UTF-8 byte length`)
    return Buffer.byteLength(value)
  }),
  'keys/0': of((value) => keys(value, true)),
  'keys_unsorted/0': of((value) => keys(value, false)),
  'has/1': each(has),
  'contains/1': each(contains),
  'add/0': of((value) => {
    if (!(value instanceof Map) && !Array.isArray(value)) throw new JqError(`Cannot iterate over ${described(value)}`)
    return (value instanceof Map ? [...value.values()] : value).reduce<Json>((a, b) => add(a, b), null)
  }),
  'bsearch/1': each(search),
  'format/1': each((value, name) => {
    if (typeof name !== 'string') throw new JqError(`${described(name ?? null)} is not a valid format`)
    return applyFormat(`@${name}`, value)
  }),
  'get_search_list/0': () => ['~/.jq', '$ORIGIN/../lib/jq', '$ORIGIN/../lib'],
  'range/1': range,
  'range/2': range,
  'range/3': range,
  'tostring/0': of(toText),
  'tonumber/0': of(toNumber),
  'type/0': of((value) => typeOf(value)),
  'infinite/0': () => Infinity,
  'nan/0': () => NaN,
  'isinfinite/0': of((value) => Math.abs(number(value)) === Infinity),
  'isnan/0': of((value) => Number.isNaN(number(value))),
  'isnormal/0': of((value) => Number.isFinite(number(value)) && value !== 0),
  'isempty/1': async (jq, input, [f]) => {
    for await (const item of jq.run(f!, input)) return item === undefined
    return true
  },
  'sort/0': of((value) => arrayOf(value, 'sorted').slice().sort(compare)),
  'sort_by/1': async (jq, input, args) => (await keyed(jq, input.value, args, 'sorted')).map((k) => k.item),
  'group_by/1': async (jq, input, args) => {
    const groups: Json[][] = []
    let last: Json[] | undefined
    for (const { item, key } of await keyed(jq, input.value, args, 'grouped')) {
      if (last && compare(last, key) === 0) groups.at(-1)!.push(item)
      else groups.push([item])
      last = key
    }
    return groups
  },
  'reverse/0': of((value) => {
    if (typeof value === 'string') return [...value].reverse().join('')
    return value === null ? [] : arrayOf(value, 'reversed').slice().reverse()
  }),
  'flatten/0': of((value) => flatten(value, Infinity)),
  'flatten/1': each((value, depth) => {
    if (number(depth) < 0) throw new JqError('flatten depth must not be negative')
    return flatten(value, depth as number)
  }),
  'indices/1': each(indexes),
  'index/1': edge(0),
  'rindex/1': edge(-1),
  'startswith/1': ends('startswith', (a, b) => a.startsWith(b)),
  'endswith/1': ends('endswith', (a, b) => a.endsWith(b)),
  'ltrimstr/1': trimmed('start'),
  'rtrimstr/1': trimmed('end'),
  'trim/0': space((s) => s.trim()),
  'ltrim/0': space((s) => s.trimStart()),
  'rtrim/0': space((s) => s.trimEnd()),
  'ascii_downcase/0': letters(/[A-Z]/g, (c) => c.toLowerCase(), 'ascii_downcase'),
  'ascii_upcase/0': letters(/[a-z]/g, (c) => c.toUpperCase(), 'ascii_upcase'),
  'explode/0': of((value) => {
    if (typeof value !== 'string') throw new JqError(`${described(value)} cannot be exploded`)
    return [...value].map((c) => c.codePointAt(0)!)
  }),
  'implode/0': of((value) => {
    if (!Array.isArray(value)) throw new JqError(`${described(value)} cannot be imploded, must be an array of codepoints`)
    return value.map((c) => String.fromCodePoint(number(c, 'cannot be imploded'))).join('')
  }),
  'split/1': each((value, separator) => {
    if (typeof value !== 'string' || typeof separator !== 'string') throw new JqError('split input and separator must be strings')
    return value === '' ? [] : value.split(separator)
  }),
  'join/1': each((value, separator) =>
    arrayOf(value, 'joined').length === 0
      ? ''
      : (value as Json[])
          .map((v) => {
            if (Array.isArray(v) || v instanceof Map)
              throw new JqError(`${described(toText(separator))} and ${described(v)} cannot be added`)
            return v === null ? '' : toText(v)
          })
          .join(toText(separator)),
  ),
  'recurse/0': (jq, input) => jq.evaluate({ type: 'recurse' }, input, {}),
  'until/2': (jq, input, [done, update]) => steps(jq, input, update!, async (i) => !truthy(await jq.first(done!, i.value)), false),
  'while/2': (jq, input, [go, update]) => steps(jq, input, update!, async (i) => truthy(await jq.first(go!, i.value)), true),
  'path/1': async function* (jq, input, [f]) {
    for await (const path of jq.paths(f!, input.value)) yield { value: [...path] }
  },
  'getpath/1': async function* (jq, input, [f]) {
    for await (const path of jq.values(f!, input.value)) {
      if (!Array.isArray(path)) throw new JqError('Path must be specified as an array')
      if (!input.path) yield { value: getPath(input.value, path) }
      else
        yield path.reduce<Item>(
          (item, key) => (item.value === null ? { value: null, path: [...item.path!, key] } : child(item, key)),
          input,
        )
    }
  },
  'setpath/2': each((value, path, to) => {
    if (!Array.isArray(path)) throw new JqError('Path must be specified as an array')
    return setPath(value, path, to)
  }),
  'delpaths/1': each((value, paths) => {
    if (!Array.isArray(paths)) throw new JqError('Paths must be specified as an array')
    return deletePaths(value, paths)
  }),
  'first/1': async function* (jq, input, [f]) {
    for await (const item of jq.run(f!, input)) {
      yield item
      return
    }
  },
  'limit/2': counted(true),
  'skip/2': counted(false),
  'tojson/0': of((value) => format(value)),
  'fromjson/0': of(fromJson),
  'input/0': async (jq) => {
    const next = await jq.host.nextInput()
    if (next === undefined) throw new JqError('No more inputs')
    return next
  },
  'debug/0': async (jq, input) => {
    await jq.host.writeError(`${format(['DEBUG:', input.value])}\n`)
    return input.value
  },
  'stderr/0': async (jq, input) => {
    await jq.host.writeError(toText(input.value))
    return input.value
  },
  'input_line_number/0': (jq) => jq.host.inputLine(),
  'input_filename/0': (jq) => jq.host.inputName(),
  'builtins/0': (jq) => jq.host.builtins(),
  'halt/0': () => {
    throw new Halt(0)
  },
  'halt_error/1': async (jq, input, [code]) => {
    throw new Halt(number((await jq.first(code!, input.value)) ?? 5), input.value)
  },
}

/** `halt` and `halt_error`. */
export class Halt {
  constructor(
    readonly code: number,
    readonly message?: Json,
  ) {}
}
