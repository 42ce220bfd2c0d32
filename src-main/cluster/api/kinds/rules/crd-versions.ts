/** What makes the versions of a definition valid: their schemas, subresources, columns and selectable fields. */
import type { SchemaNode } from '../../crd/schema.js'
import { selectableFaults } from '../../crd/selectable.js'
import { field, type FieldError } from '../../errors.js'
import { checkRequired } from './checks.js'
import { checkVersionName } from './crd-names.js'
import { validateSchema, type JsonSchema } from './crd-schema.js'
import { shownVersions, type Alike } from './crd-shown.js'
import { isEmpty, items, semanticEqual, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export type Version = Omit<Sent<k8s.V1CustomResourceDefinitionVersion>, 'schema'> & {
  schema?: { openAPIV3Schema?: JsonSchema | null } | null
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']
const LONGEST_WARNING = 256

/** What versions have alike is told of once, where the API once had it for all. */
function alikeIn(versions: readonly Version[]): Alike {
  const alike = (part: keyof Version): boolean => versions.every((v) => semanticEqual(v[part], versions[0]?.[part]))
  return {
    schema: alike('schema'),
    subresources: alike('subresources'),
    columns: alike('additionalPrinterColumns'),
    selectable: alike('selectableFields'),
  }
}

const schemaOf = (v: Version | undefined): JsonSchema | undefined => v?.schema?.openAPIV3Schema ?? undefined

/** Tells of versions without a schema. */
export function checkSchemasPresent(versions: readonly Version[], errors: FieldError[]): void {
  versions.forEach((v, i) => {
    if (!schemaOf(v)) errors.push(field.required(`spec.versions[${i}].schema.openAPIV3Schema`))
  })
}

/** Checks what each version says for itself, and the versions together. */
export function checkVersions(versions: readonly Version[], old: readonly Version[], errors: FieldError[]): void {
  const alike = alikeIn(versions)
  versions.forEach((v, i) => {
    const at = `spec.versions[${i}]`
    checkVersionName(v.name ?? '', `${at}.name`, errors)
    checkDeprecation(v, `${at}.deprecationWarning`, errors)
    if (!alike.schema) checkSchema(v, `${at}.schema`, Boolean(v.subresources?.status), old, errors)
    if (!alike.subresources) checkScale(v, `${at}.subresources.scale`, errors)
    if (!alike.columns) checkColumns(v, `${at}.additionalPrinterColumns`, errors)
    if (!alike.selectable && !isEmpty(v.selectableFields)) {
      if (alike.schema) {
        const text = 'may only be set when `version.schema.openAPIV3Schema` is not included'
        errors.push(field.invalid(`${at}.selectableFields`, '', text))
      } else checkSelectable(v, `${at}.selectableFields`, errors)
    }
  })
  const names = versions.map((v) => v.name ?? '')
  const refuse = (text: string): void => void errors.push(field.invalid('spec.versions', shownVersions(versions as never, alike), text))
  if (new Set(names).size < names.length) refuse('must contain unique version names')
  if (versions.filter((v) => v.storage).length !== 1) refuse('must have exactly one version marked as storage version')
  if (names[0]) checkVersionName(names[0], 'spec.version', errors)
}

/** Checks what the versions have alike. */
export function checkAlike(versions: readonly Version[], old: readonly Version[], errors: FieldError[]): void {
  const [first] = versions
  if (!first) return
  const alike = alikeIn(versions)
  const hasStatus = versions.some((v) => v.subresources?.status)
  if (alike.schema) checkSchema(first, 'spec.validation', hasStatus, old, errors)
  if (alike.subresources) checkScale(first, 'spec.subresources.scale', errors)
  if (alike.columns) checkColumns(first, 'spec.additionalPrinterColumns', errors)
  if (!alike.selectable || isEmpty(first.selectableFields)) return
  if (!alike.schema) errors.push(field.invalid('spec.selectableFields', '', 'may only be set when validations.schema is included'))
  else checkSelectable(first, 'spec.selectableFields', errors)
}

function checkDeprecation({ deprecated, deprecationWarning: warning }: Version, path: string, errors: FieldError[]): void {
  if (typeof warning !== 'string') return
  const refuse = (text: string): void => void errors.push(field.invalid(path, warning, text))
  if (!deprecated) {
    refuse('can only be set for deprecated versions')
    return
  }
  if (Buffer.byteLength(warning) > LONGEST_WARNING) refuse(`must be <= ${LONGEST_WARNING} characters long`)
  if (warning === '') refuse('must not be an empty string')
  const odd = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning)
  if (odd) {
    const at = Buffer.byteLength(warning.slice(0, odd.index))
    refuse(`must only contain printable UTF-8 characters; non-printable character found at index ${at}`)
  }
}

function checkSchema(v: Version, path: string, hasStatus: boolean, old: readonly Version[], errors: FieldError[]): void {
  const schema = schemaOf(v)
  if (!schema) return
  const before = old.find(({ name }) => name === v.name)
  const unchanged = before !== undefined && semanticEqual(schemaOf(before), schema)
  validateSchema(schema, `${path}.openAPIV3Schema`, { hasStatus, unchanged }, errors)
}

function checkSelectable(v: Version, path: string, errors: FieldError[]): void {
  const schema = schemaOf(v)
  if (schema) errors.push(...selectableFaults(items(v.selectableFields), schema as SchemaNode, path))
}

function checkColumns(v: Version, path: string, errors: FieldError[]): void {
  items(v.additionalPrinterColumns).forEach((c, i) => {
    const at = `${path}[${i}]`
    checkRequired(c.name, `${at}.name`, errors)
    const types = `must be one of ${COLUMN_TYPES.join(',')}`
    if (!c.type) errors.push(field.required(`${at}.type`, types))
    else if (!COLUMN_TYPES.includes(c.type)) errors.push(field.invalid(`${at}.type`, c.type, types))
    if (c.format && !COLUMN_FORMATS.includes(c.format))
      errors.push(field.invalid(`${at}.format`, c.format, `must be one of ${COLUMN_FORMATS.join(',')}`))
    if (!c.jsonPath) errors.push(field.required(`${at}.JSONPath`))
    else checkSimplePath(c.jsonPath, `${at}.JSONPath`, errors)
  })
}

function checkSimplePath(value: string, path: string, errors: FieldError[]): boolean {
  if (value.startsWith('.')) return true
  errors.push(field.invalid(path, value, 'must be a simple json path starting with .'))
  return false
}

function checkScale(v: Version, path: string, errors: FieldError[]): void {
  const scale = v.subresources?.scale
  if (!scale) return
  const check = (name: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath', under: readonly string[], text: string): void => {
    const value = scale[name] ?? ''
    if (!checkSimplePath(value, `${path}.${name}`, errors)) return
    if (!under.some((u) => value.startsWith(`${u}.`)))
      errors.push(field.invalid(`${path}.${name}`, value, `should be a json path under ${text}`))
  }
  if (checkRequired(scale.specReplicasPath, `${path}.specReplicasPath`, errors)) check('specReplicasPath', ['.spec'], '.spec')
  if (checkRequired(scale.statusReplicasPath, `${path}.statusReplicasPath`, errors)) check('statusReplicasPath', ['.status'], '.status')
  if (scale.labelSelectorPath) check('labelSelectorPath', ['.spec', '.status'], 'either .spec or .status')
}
