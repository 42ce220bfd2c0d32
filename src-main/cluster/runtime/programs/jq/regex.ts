/** jq's builtins on regular expressions: test, match, split, sub, gsub. The dialect (Oniguruma) is near enough to JavaScript's. */
import { boundedRegExp, RegexTimeout } from '../guarded-regexp.js'
import type { Evaluator } from './evaluate.js'
import type { Closure, Item, Native } from './scope.js'
import { format, typeOf, type Json, type JsonObject } from './json.js'
import { excerpt, JqError } from './paths.js'

interface Options {
  global: boolean
  skipEmpty: boolean
  flags: string
}

function optionsOf(letters: Json): Options {
  if (letters !== null && typeof letters !== 'string') throw new JqError(`${format(letters)} is not a string`)
  const options: Options = { global: false, skipEmpty: false, flags: 'u' }
  for (const c of letters ?? '') {
    if (c === 'g') options.global = true
    else if (c === 'n') options.skipEmpty = true
    else if (c === 'i' || c === 's') options.flags += c
    else if (c !== 'x' && c !== 'l' && c !== 'p') throw new JqError(`${letters} is not a valid modifier string`)
  }
  return options
}

function compile(pattern: Json, flags: string): RegExp {
  if (typeof pattern !== 'string') throw new JqError(`${typeOf(pattern)} (${excerpt(pattern)}) cannot be matched, as it is not a string`)
  const source = pattern
    .replace(/\[:(alpha|digit|alnum|upper|lower|space|punct):\]/g, (_m, name: string) => POSIX[name]!)
    .replaceAll('\\h', '[0-9a-fA-F]')
    .replace(/\\([_\-"' :;,<>=@#%&!~`/])/g, (_m, c: string) => (c === '-' || c === '/' ? `\\${c}` : c))
    .replace(/\\A/g, '^')
    .replace(/\\[zZ]/g, '$')
  try {
    return boundedRegExp(source, `g${flags}`)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new JqError(`${pattern} (at offset 0) is not a valid regex: ${error.message.replace(/^.*: /, '')}`)
  }
}

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
}

/** Matches of a pattern in a text, as arrays of RegExp with their indexes. */
function matches(value: Json, pattern: Json, letters: Json, all = false): RegExpExecArray[] {
  if (typeof value !== 'string') throw new JqError(`${typeOf(value)} (${excerpt(value)}) cannot be matched, as it is not a string`)
  // An array may hold the pattern and its flags.
  if (Array.isArray(pattern)) return matches(value, pattern[0] ?? null, pattern[1] ?? letters, all)
  const options = optionsOf(letters)
  const regexp = compile(pattern, `${options.flags}d`)
  const out: RegExpExecArray[] = []
  try {
    for (let m = regexp.exec(value); m; m = regexp.exec(value)) {
      if (m[0] === '') regexp.lastIndex++
      if (m[0] !== '' || !options.skipEmpty) out.push(m)
      if (!options.global && !all) break
    }
  } catch (error) {
    if (!(error instanceof RegexTimeout)) throw error
    throw new JqError(`${String(pattern)} (at offset 0) is not a valid regex: ${error.message}`)
  }
  return out
}

const characters = (text: string): number => [...text].length

function describe(value: string, m: RegExpExecArray): JsonObject {
  const names = new Map(Object.entries(m.groups ?? {}))
  const order = [...names.keys()]
  const indices = (
    m as RegExpExecArray & { indices: ([number, number] | undefined)[] & { groups?: Record<string, [number, number] | undefined> } }
  ).indices
  const nameOf = (i: number): string | null =>
    order.find((n) => {
      const at = indices.groups?.[n]
      return at !== undefined && at[0] === indices[i]?.[0] && at[1] === indices[i]?.[1]
    }) ?? (order.length === m.length - 1 ? order[i - 1]! : null)
  const captures = m.slice(1).map((text: string | undefined, i): JsonObject => {
    const at = indices[i + 1]
    return new Map<string, Json>([
      ['offset', at ? characters(value.slice(0, at[0])) : -1],
      ['length', text === undefined ? 0 : characters(text)],
      ['string', text ?? null],
      ['name', nameOf(i + 1)],
    ])
  })
  return new Map<string, Json>([
    ['offset', characters(value.slice(0, m.index))],
    ['length', characters(m[0])],
    ['string', m[0]],
    ['captures', captures],
  ])
}

type Matcher = (value: Json, pattern: Json, flags: Json) => Iterable<Json>

/** A builtin of a pattern and, as its second argument, flags. */
function withFlags(matcher: Matcher): Native {
  return async function* (jq, input, [pattern, flags]) {
    for await (const letters of flags ? jq.values(flags, input.value) : [null])
      for await (const source of jq.values(pattern!, input.value))
        for (const value of matcher(input.value, source, letters)) yield { value }
  }
}

const test = withFlags((value, pattern, flags) => [matches(value, pattern, flags).length > 0])
const match = withFlags((value, pattern, flags) => matches(value, pattern, flags).map((m) => describe(value as string, m)))

const split = withFlags((value, pattern, flags) => {
  const out: Json[] = []
  let from = 0
  for (const m of matches(value, pattern, flags, true)) {
    out.push((value as string).slice(from, m.index))
    from = m.index + m[0].length
  }
  return [[...out, (value as string).slice(from)]]
})

/** `sub` and `gsub`: the replacement sees the named captures as an object, and may put out several strings. */
function substitute(global: boolean): Native {
  return async function* (jq, input, [pattern, replacement, flags]) {
    for await (const letters of flags ? jq.values(flags, input.value) : [''])
      for await (const source of jq.values(pattern!, input.value)) {
        const found = matches(input.value, source, letters, global)
        yield* replaced(jq, input.value as string, found, 0, 0, replacement!, '')
      }
  }
}

async function* replaced(
  jq: Evaluator,
  text: string,
  found: readonly RegExpExecArray[],
  i: number,
  from: number,
  replacement: Closure,
  done: string,
): AsyncGenerator<Item> {
  const m = found[i]
  if (!m) {
    yield { value: done + text.slice(from) }
    return
  }
  const captures: JsonObject = new Map(Object.entries(m.groups ?? {}).map(([k, v]) => [k, (v as string | undefined) ?? null]))
  for await (const value of jq.values(replacement, captures)) {
    if (typeof value !== 'string') throw new JqError(`${typeOf(captures)} (${excerpt(captures)}) cannot be added to a string`)
    yield* replaced(jq, text, found, i + 1, m.index + m[0].length, replacement, done + text.slice(from, m.index) + value)
  }
}

export const regexNatives: Readonly<Record<string, Native>> = {
  'test/1': test,
  'test/2': test,
  'match/1': match,
  'match/2': match,
  'split/2': split,
  'sub/2': substitute(false),
  'sub/3': substitute(false),
  'gsub/2': substitute(true),
  'gsub/3': substitute(true),
}
