/**
 * JSON with whole numbers of 64 bits. The API has them to the last digit ("Types (Kinds)" in the API conventions: int64
 * at most), while numbers of this language are exact up to 2^53: a whole number beyond that is a bigint in memory, which
 * JSON of the language neither reads nor writes. Such numbers are rare, and everything else is left to it. Outside of the
 * rooms: the cluster keeps such numbers, and the backend must not lose them between an editor and any cluster.
 */
import { parse, stringify } from 'lossless-json'

/** So many digits on end may be a number beyond 2^53, which has sixteen. */
export const MANY_DIGITS = 16

const LOWEST = -(2n ** 63n)
const HIGHEST = 2n ** 63n - 1n

/** Whether a whole number fits into 64 bits. */
export const fitsInt64 = (n: bigint): boolean => n >= LOWEST && n <= HIGHEST

/**
 * A number as Go reads it into what has no schema: a whole number of 64 bits, else a floating-point one. What a number
 * of this language holds exactly is one.
 */
export function exactNumber(text: string): number | bigint {
  const number = Number(text)
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER || !/^-?\d+$/.test(text) ? number : exactWhole(BigInt(text))
}

/** A whole number as {@link exactNumber} gives it. */
export function exactWhole(n: bigint): number | bigint {
  const number = Number(n)
  return Number.isSafeInteger(number) || !fitsInt64(n) ? number : n
}

/** Whether a text in JSON may hold a whole number beyond 2^53. */
export const mayBeLong = (text: string): boolean => LONG.test(text)

const LONG = new RegExp(String.raw`\d{${MANY_DIGITS}}`)

/** Whether a text in YAML 1.1 may hold a whole number beyond 2^53: in any base, with underscores between the digits. */
export const mayBeLongInYaml = (text: string): boolean => /[\da-fA-F][\da-fA-F_]{12}/.test(text)

/** A value whose whole numbers are all bigints, with those that a number holds exactly as numbers. */
export function exactIn(value: unknown): unknown {
  if (typeof value === 'bigint') return exactWhole(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(exactIn)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, exactIn(part)]))
}

/** Reads valid JSON in which long numbers may be. @throws SyntaxError */
export const parseExactJson = (text: string): unknown =>
  parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue })

/**
 * JSON as Go's encoder writes it: what could end a script in a page is escaped. Such characters are in strings only, and
 * few objects have any, so that one look at the text is all that most of them cost.
 */
export const goEscaped = (json: string): string => (MARKUP.test(json) ? json.replaceAll(EACH_MARKUP, escaped) : json)

const MARKUP = /[<>&\u2028\u2029]/
const EACH_MARKUP = /[<>&\u2028\u2029]/g
const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A value as JSON, also where bigints are in it: those are written with all their digits. */
export function jsonText(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent)
  } catch (error) {
    // Nothing that the API holds refers to itself: what cannot be written is a bigint.
    if (!(error instanceof TypeError)) throw error
    return stringify(value, undefined, indent)!
  }
}
