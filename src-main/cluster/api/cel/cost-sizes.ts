/** Sizes and costs as estimates count them: what is beyond 2^64 is as large as can be. */
import type { Type } from './types.js'

/** How large a value is, at least and at most: characters, bytes, elements or entries. */
export interface Size {
  readonly min: number
  readonly max: number
}

/** The sizes of what a list or a map holds. */
export interface Entries {
  readonly isList: boolean
  readonly key: Size
  readonly value: Size
}

/** What is known of a part of an expression. */
export interface Estimate {
  readonly cost: number
  readonly type: Type
  /** Where its value comes from, beginning with a variable; empty for what is made by the expression. */
  readonly path: readonly string[]
  /** Undefined when nothing is known of it. */
  readonly size: Size | undefined
  readonly entries: Entries | undefined
}

export const UNKNOWN = 2 ** 64

/** The size of what may be as small and as large as can be. */
export const unknown: Size = { min: 0, max: UNKNOWN }
export const fixed = (size: number): Size => ({ min: size, max: size })
export const add = (a: number, b: number): number => Math.min(a + b, UNKNOWN)
export const times = (a: number, b: number): number => Math.min(a * b, UNKNOWN)
/** A share of a size, rounded up. */
export const share = (size: number, factor: number): number => Math.min(Math.ceil(size * factor), UNKNOWN)
export const union = (a: Size, b: Size): Size => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })
export const addSizes = (a: Size, b: Size): Size => ({ min: add(a.min, b.min), max: add(a.max, b.max) })
export const timesSizes = (a: Size, b: Size): Size => ({ min: times(a.min, b.min), max: times(a.max, b.max) })

const SCALARS: ReadonlySet<string> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'])

/** Whether all values of a type are of one size. */
export function isScalar(type: Type): boolean {
  return type.kind === 'optional_type' ? isScalar(type.element) : SCALARS.has(type.kind)
}
