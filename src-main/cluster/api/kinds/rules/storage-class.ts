/** What classes of storage have in common: who provides it, and what it is told. */
import { field, type FieldError } from '../../errors.js'
import { qualifiedName } from './names.js'
import { entries, type SentMap } from './sent.js'

const MOST_PARAMETERS = 512
/** Bytes of all keys and values. */
const LARGEST_PARAMETERS = 256 * 1024

/** A provisioner or driver: a qualified name, in any case. */
export function validateProvisioner(name: string | null | undefined, path: string, errors: FieldError[]): void {
  if (!name) errors.push(field.required(path))
  else for (const m of qualifiedName(name.toLowerCase())) errors.push(field.invalid(path, name, m))
}

/** Parameters that are handed to a provisioner as they are. */
export function validateParameters(parameters: SentMap, path: string, errors: FieldError[]): void {
  const list = entries(parameters)
  if (list.length > MOST_PARAMETERS) {
    errors.push(field.tooLong(path, MOST_PARAMETERS))
    return
  }
  let size = 0
  for (const [k, v] of list) {
    if (k === '') errors.push(field.invalid(path, k, 'field can not be empty.'))
    size += Buffer.byteLength(k) + Buffer.byteLength(v ?? '')
  }
  if (size > LARGEST_PARAMETERS) errors.push(field.tooLong(path, LARGEST_PARAMETERS))
}
