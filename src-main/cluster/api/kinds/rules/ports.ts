/** Ports: numbers, names, protocols, and values that are a number or a percentage. */
import { field, type FieldError } from '../../errors.js'
import { checkNotNegative, checkRange } from './checks.js'
import { portName } from './names.js'

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** A port number of 1 to 65535. */
export function checkPortNumber(port: number, path: string, errors: FieldError[]): void {
  checkRange(port, 1, 65535, path, errors)
}

/** A port given by number or by the name of a container's port. */
export function checkPortNumberOrName(port: number | string | null | undefined, path: string, errors: FieldError[]): void {
  if (typeof port === 'string') for (const m of portName(port)) errors.push(field.invalid(path, port, m))
  else checkPortNumber(port ?? 0, path, errors)
}

/** A count or a percentage such as `25%`: the percentage well-formed, the count not negative. */
export function checkCountOrPercent(value: number | string, path: string, errors: FieldError[]): void {
  if (typeof value === 'string') {
    if (!/^[0-9]+%$/.test(value)) {
      errors.push(
        field.invalid(
          path,
          value,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ),
      )
    }
  } else checkNotNegative(value, path, errors)
}

/** The percentage of a text such as `25%`, or undefined for a count. */
export function percentOf(value: number | string | null | undefined): number | undefined {
  const m = typeof value === 'string' ? /^([0-9]+)%$/.exec(value) : null
  return m ? Number(m[1]) : undefined
}

/** A percentage must not be over 100. */
export function checkAtMostHundredPercent(value: number | string | null | undefined, path: string, errors: FieldError[]): void {
  if ((percentOf(value) ?? 0) > 100) errors.push(field.invalid(path, value, 'must not be greater than 100%'))
}

/** A count or percentage as a number for comparing with zero; a count that was sent as text is a count all the same. */
export function countOrPercentValue(value: number | string | null | undefined): number {
  if (typeof value !== 'string') return value ?? 0
  return percentOf(value) ?? (/^[+-]?\d+$/.test(value) ? Number(value) : 0)
}
