/** Spoiling what is right: at some place of a JSON value, in some of its bytes, in the text of its JSON. */
import fc from 'fast-check'
import { anything, nastyString } from './values.js'

/** One change of a JSON value. `at` picks the place: modulo the number of places there are. */
export interface Change {
  readonly at: number
  readonly how: 'set' | 'remove' | 'add' | 'repeat' | 'rename'
  readonly key: string
  readonly value: unknown
}

export const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(400),
  how: fc.constantFrom('set' as const, 'set' as const, 'remove' as const, 'add' as const, 'repeat' as const, 'rename' as const),
  key: nastyString,
  value: anything,
})

type Container = Record<string, unknown> | unknown[]

/** Every place in a value, with what holds it. */
function places(value: unknown, found: { holder: Container; key: string }[] = []): { holder: Container; key: string }[] {
  if (typeof value !== 'object' || value === null) return found
  for (const key of Object.keys(value)) {
    found.push({ holder: value as Container, key })
    places((value as Record<string, unknown>)[key], found)
  }
  return found
}

/** Sets a field also when its name means something to JavaScript. */
function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Adds to the end of a list, or under a key to an object. */
function put(holder: Container, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder.push(structuredClone(value))
  else define(holder, key, structuredClone(value))
}

/** The value with changes made to it. It is not changed itself. */
export function changed<T>(value: T, changes: readonly Change[]): T {
  const copy = structuredClone(value)
  for (const { at, how, key, value: with_ } of changes) {
    const all = places(copy)
    const place = all[at % Math.max(1, all.length)]
    if (!place) continue
    const { holder } = place
    const here = (holder as Record<string, unknown>)[place.key]
    if (how === 'set') define(holder, place.key, structuredClone(with_))
    else if (how === 'remove') {
      if (Array.isArray(holder)) holder.splice(Number(place.key), 1)
      else delete holder[place.key]
    } else if (how === 'add') put(holder, key, with_)
    else if (how === 'repeat') put(holder, key, here)
    else if (!Array.isArray(holder)) {
      define(holder, key, here)
      delete holder[place.key]
    }
  }
  return copy
}

/** One change of some bytes. */
export interface ByteChange {
  /** Where, in ten thousandths of the length. */
  readonly at: number
  readonly how: 'flip' | 'insert' | 'cut' | 'double' | 'put'
  readonly length: number
  readonly bytes: string
}

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\u0000',
  '\u0000',
  '\r\n',
  '\n',
  ' ',
  '\t',
  '%',
  '%00',
  '/',
  '?',
  '&',
  '=',
  '- ',
  '&a ',
  '*a',
  '!!binary ',
  '<<: ',
  '|\n',
  '1e400',
  '-0',
  'null',
  'NaN',
  '__proto__',
  '\xff',
  '\xc3',
  '\xed\xa0\x80',
  '\ufeff',
]

export const byteChange: fc.Arbitrary<ByteChange> = fc.record({
  at: fc.nat(9999),
  how: fc.constantFrom('flip' as const, 'insert' as const, 'cut' as const, 'double' as const, 'put' as const),
  length: fc.integer({ min: 1, max: 24 }),
  bytes: fc.oneof(fc.constantFrom(...TOKENS), fc.string({ unit: 'binary', maxLength: 4 })),
})

/** Bytes with changes made to them, as a latin-1 string: one character for one byte. */
export function changedBytes(text: string, changes: readonly ByteChange[]): string {
  let out = text
  for (const { at, how, length, bytes } of changes) {
    const i = Math.floor((at / 10_000) * out.length)
    const [before, here, after] = [out.slice(0, i), out.slice(i, i + length), out.slice(i + length)]
    const put = Buffer.from(bytes, 'utf8').toString('latin1')
    if (how === 'cut') out = before + after
    else if (how === 'double') out = before + here + here + after
    else if (how === 'insert') out = before + put + here + after
    else if (how === 'put') out = before + put + after
    else out = before + String.fromCharCode((here.charCodeAt(0) || 0) ^ (1 << (length % 8))) + here.slice(1) + after
  }
  return out
}

/** JSON whose keys come twice: the object's fields again behind it, in another order. */
export function withRepeatedKeys(json: string): string {
  return json.startsWith('{') && json.length > 2 ? `${json.slice(0, -1)},${json.slice(1)}` : json
}
