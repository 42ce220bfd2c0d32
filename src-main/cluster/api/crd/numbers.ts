/**
 * Numbers of custom resources: their bounds, and the ranges of the formats `int32`, `int64`, `float` and `double`, which
 * count for the value as well as for the bounds that its schema sets. Follows "Validation" in the documentation of
 * CustomResourceDefinitions.
 */
import type { SchemaNode } from './schema.js'

const FITS: Readonly<Record<string, Readonly<Record<string, (n: number) => boolean>>>> = {
  integer: {
    int32: (n) => Number.isInteger(n) && n >= -(2 ** 31) && n < 2 ** 31,
    int64: (n) => Number.isInteger(n) && n >= -(2 ** 63) && n < 2 ** 63,
  },
  number: { float: (n) => Number.isFinite(Math.fround(n)), double: Number.isFinite },
}

/** A fault that belongs to no field: the value, or a bound of the schema, is beyond the range of the format. */
export function rangeFaults(value: number | bigint, node: SchemaNode, path: string): string[] {
  const { type, format, multipleOf, maximum, minimum } = node
  const fits = format ? FITS[type ?? '']?.[format] : undefined
  if (!fits) return []
  const checked = [
    ['Checked', value],
    ['MultipleOf', multipleOf],
    ['Minimum boundary', minimum],
    ['Maximum boundary', maximum],
  ] as const
  const isFine = (n: unknown): boolean => {
    // What is a bigint is beyond 2^53, and fits into 64 bits.
    if (typeof n === 'bigint') return format === 'int64' || (type === 'number' && fits(Number(n)))
    return typeof n !== 'number' || fits(n)
  }
  return checked.flatMap(([what, n]) => (isFine(n) ? [] : [`${what} value must be of type ${type} with format ${format} in ${path}`]))
}

/** What a number should be by its schema and is not, as messages say it: `less than or equal to 5`. */
export function boundFaults(value: number | bigint, node: SchemaNode): string[] {
  const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = node
  const faults: string[] = []
  if (typeof multipleOf === 'number' && multipleOf > 0) {
    const times = Number(value) / multipleOf
    if (Math.abs(times - Math.round(times)) > 1e-9) faults.push(`a multiple of ${multipleOf}`)
  }
  if (typeof maximum === 'number' && (exclusiveMaximum ? value >= maximum : value > maximum))
    faults.push(`${exclusiveMaximum ? 'less than' : 'less than or equal to'} ${maximum}`)
  if (typeof minimum === 'number' && (exclusiveMinimum ? value <= minimum : value < minimum))
    faults.push(`${exclusiveMinimum ? 'greater than' : 'greater than or equal to'} ${minimum}`)
  return faults
}
