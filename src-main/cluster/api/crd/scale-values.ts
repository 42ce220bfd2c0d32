/** What the scale subresource of a custom resource reads: counts of replicas and a selector, each at a path of its own. */
import { field, type FieldError } from '../errors.js'
import { goText } from '../go-text.js'
import { isNumber } from '../kinds/rules/checks.js'
import { isObject } from './schema.js'

/** Where the values are, as in `.spec.replicas`. */
export interface Scale {
  specReplicasPath: string
  statusReplicasPath: string
  labelSelectorPath?: string | null
}

const MOST_REPLICAS = 2147483647

/** What of an object its scale could not read. The values may be missing. */
export function scaleFaults(object: object, scale: Scale | null | undefined): FieldError[] {
  if (!scale) return []
  const errors: FieldError[] = []
  checkReplicas(object, scale.specReplicasPath, errors)
  checkReplicas(object, scale.statusReplicasPath, errors)
  if (scale.labelSelectorPath) checkSelector(object, scale.labelSelectorPath, errors)
  return errors
}

function checkReplicas(object: object, path: string, errors: FieldError[]): void {
  const { value, fault } = find(object, path)
  const wrong = fault ?? (value === undefined || isCount(value) ? undefined : accessFault(path, value, 'int64'))
  if (wrong !== undefined) errors.push(field.invalid(path, 0, wrong))
  else if (!isNumber(value)) return
  else if (value < 0) errors.push(field.invalid(path, value, 'should be a non-negative integer'))
  else if (value > MOST_REPLICAS) errors.push(field.invalid(path, value, `should be less than or equal to ${MOST_REPLICAS}`))
}

function checkSelector(object: object, path: string, errors: FieldError[]): void {
  const { value, fault } = find(object, path)
  const wrong = fault ?? (value === undefined || typeof value === 'string' ? undefined : accessFault(path, value, 'string'))
  if (wrong !== undefined) errors.push(field.invalid(path, '', wrong))
}

const isCount = (value: unknown): boolean => typeof value === 'bigint' || Number.isInteger(value)

/** The value at a simple path; undefined when it is not there, a fault when something on the way has no fields. */
function find(object: object, path: string): { value?: unknown; fault?: string } {
  let value: unknown = object
  const names = path.slice(1).split('.')
  for (const [i, name] of names.entries()) {
    if (value === undefined || value === null) return {}
    if (!isObject(value)) return { fault: accessFault(`.${names.slice(0, i + 1).join('.')}`, value, 'map[string]interface{}') }
    value = value[name]
  }
  return { value }
}

/** What Go's accessors of maps say of a value that is not of the type they are asked for. */
export function accessFault(path: string, value: unknown, wanted: string): string {
  return `${path} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${wanted}`
}

function goType(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (isNumber(value)) return isCount(value) ? 'int64' : 'float64'
  return { string: 'string', boolean: 'bool' }[typeof value as string] ?? 'map[string]interface {}'
}
