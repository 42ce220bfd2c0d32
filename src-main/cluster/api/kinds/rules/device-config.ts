/** Configuration and data that only the driver of a device understands. */
import { jsonText } from '../../../../exact-json.js'
import { field, type FieldError } from '../../errors.js'
import { checkDriverName } from './device-names.js'
import type { Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

/** Bytes of JSON. */
const LONGEST = 10 * 1024
const OMITTED = '<value omitted>'

/** Checks a configuration for a driver. */
export function validateOpaque(opaque: Sent<k8s.V1OpaqueDeviceConfiguration> | null | undefined, path: string, errors: FieldError[]): void {
  if (!opaque) {
    errors.push(field.required(path))
    return
  }
  checkDriverName(opaque.driver, `${path}.driver`, errors)
  checkRawObject(opaque.parameters, `${path}.parameters`, errors)
}

/** Checks a JSON object of any kind that has to be there. */
export function checkRawObject(value: unknown, path: string, errors: FieldError[]): void {
  if (value === undefined || value === null) errors.push(field.required(path))
  else if (Buffer.byteLength(jsonText(value)) > LONGEST) errors.push(field.tooLong(path, LONGEST))
  else if (typeof value !== 'object' || Array.isArray(value)) errors.push(field.invalid(path, OMITTED, 'must be a valid JSON object'))
}
