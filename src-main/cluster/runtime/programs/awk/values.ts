/** The values of awk: numbers, strings, and input that may be either. */

/** Letters that a text may have. */
export const LONGEST_TEXT = 64 * 1024 * 1024

/** A string that looks like a number compares as one when it comes from input. */
export class Input {
  constructor(readonly text: string) {}
}

export type Scalar = number | string | Input
export type AwkArray = Map<string, Scalar>
export interface Cell {
  value: Scalar | AwkArray | undefined
}

const NUMBER = /^\s*[-+]?(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)/

export function looksNumeric(text: string): boolean {
  const m = NUMBER.exec(text)
  return m !== null && text.slice(m[0].length).trim() === ''
}

export function toNumber(v: Scalar | undefined): number {
  if (typeof v === 'number') return v
  if (v === undefined) return 0
  const text = typeof v === 'string' ? v : v.text
  const m = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?/.exec(text)
  return m ? Number(m[0]) : 0
}
