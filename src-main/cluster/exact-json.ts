/**
 * JSON with whole numbers of 64 bits. The API has them to the last digit ("Types (Kinds)" in the API conventions: int64
 * at most), while numbers of this language are exact up to 2^53: a whole number beyond that is a bigint in memory, which
 * JSON of the language neither reads nor writes. Such numbers are rare, and everything else is left to it.
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

/** Reads valid JSON in which long numbers may be. @throws SyntaxError */
export const parseExactJson = (text: string): unknown =>
  parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue })

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
