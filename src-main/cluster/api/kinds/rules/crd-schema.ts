/**
 * What makes the schema of a custom resource valid: an OpenAPI v3 schema that is structural.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { defaultFaults } from '../../crd/default-values.js'
import { RuleBudget } from '../../crd/rule-budget.js'
import { checkRuleFields, occurrencesWithin, ruleFaults, type RuleScope } from '../../crd/rule-definitions.js'
import { isEmbedded } from '../../crd/rule-types.js'
import { isTypeOrMetadata, type SchemaNode, type ValidationRule } from '../../crd/schema.js'
import { structuralFaults } from '../../crd/structural.js'
import { field, type FieldError } from '../../errors.js'
import { checkListsAndMaps } from './crd-lists.js'
import { shownSchema } from './crd-shown.js'
import { isEmpty, items, unset } from './sent.js'

/** A schema as it is on the wire; the fields that rules look at. */
export interface JsonSchema {
  type?: string | null
  format?: string | null
  properties?: Record<string, JsonSchema | null> | null
  additionalProperties?: JsonSchema | boolean | null
  items?: JsonSchema | null
  allOf?: (JsonSchema | null)[] | null
  anyOf?: (JsonSchema | null)[] | null
  oneOf?: (JsonSchema | null)[] | null
  not?: JsonSchema | null
  default?: unknown
  pattern?: string | null
  enum?: unknown[] | null
  required?: string[] | null
  uniqueItems?: boolean | null
  nullable?: boolean | null
  $ref?: string | null
  $schema?: string | null
  id?: string | null
  definitions?: object | null
  dependencies?: object | null
  patternProperties?: object | null
  additionalItems?: object | boolean | null
  'x-kubernetes-preserve-unknown-fields'?: boolean | null
  'x-kubernetes-embedded-resource'?: boolean | null
  'x-kubernetes-int-or-string'?: boolean | null
  'x-kubernetes-list-type'?: string | null
  'x-kubernetes-list-map-keys'?: string[] | null
  'x-kubernetes-map-type'?: string | null
  'x-kubernetes-validations'?: (ValidationRule | null)[] | null
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** What the schema of a resource is checked for. */
export interface SchemaOptions {
  /** Whether the resource has a status subresource, which wants a schema of its own. */
  readonly hasStatus: boolean
  /** Whether the schema is as it was before: what its rules cost each is not told again. */
  readonly unchanged: boolean
}

/** Checks the schema of a whole resource. */
export function validateSchema(schema: JsonSchema, path: string, options: SchemaOptions, errors: FieldError[]): void {
  const before = errors.length
  if (options.hasStatus) checkRoot(schema, path, errors)
  if (schema.nullable) errors.push(field.forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  const node = schema as SchemaNode
  const unsupported = hasUnsupported(schema)
  const structural = unsupported ? [] : structuralFaults(node, path)
  const defaults = unsupported || structural.length > 0 ? [] : defaultFaults(node, path)
  errors.push(...structural, ...defaults)
  // Expressions over a schema that is wrong would be told of for nothing.
  const judged = !unsupported && structural.length + defaults.length === 0
  const budget = new RuleBudget()
  const rules: RuleScope = { isResource: true, occurrences: 1, budget, unlimited: options.unchanged }
  const faults = nodeFaults(schema, path, { rules: judged ? rules : undefined, isRoot: true })
  errors.push(...faults.schema, ...faults.rules)
  if (errors.length === before && unsupported) errors.push(field.invalid(path, '', "OpenAPIV3Schema 'schema' is not supported"))
  if (judged) errors.push(...budget.faults(path))
}

const AT_ROOT =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'

/** Texts of which Go keeps a pointer: an empty one is said. */
const POINTERS = new Set(['Ref', 'XListType', 'XMapType'])

/** With a status subresource the status is judged by its own part of the schema, so nothing may be said of the whole. */
function checkRoot(schema: JsonSchema, path: string, errors: FieldError[]): void {
  const shown = shownSchema(schema)
  const allowed = AT_ROOT.split(' ')
  for (const [name, value] of Object.entries(shown)) {
    if (value === null || value === false || (value === '' && !POINTERS.has(name))) continue
    if (name === 'Type' && value !== 'object') {
      const text = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
      errors.push(field.invalid(`${path}.type`, value, text))
      return
    }
    if (!allowed.includes(name)) {
      const text = `only [${AT_ROOT}] fields are allowed at the root of the schema if the status subresource is enabled`
      errors.push(field.invalid(path, shown, text))
      return
    }
  }
}

/** Faults of the schema itself, and of the expressions in it. */
interface Faults {
  readonly schema: FieldError[]
  readonly rules: FieldError[]
}

interface Place {
  /** Undefined where rules are not looked at. */
  readonly rules: RuleScope | undefined
  readonly isRoot?: boolean
  readonly insideMetadata?: boolean
  /** Why there may be no defaults; undefined where there may. */
  readonly noDefaults?: string | undefined
  /** The path of the outermost part whose values cannot be told from each other on an update. */
  readonly uncorrelatable?: string | undefined
}

function nodeFaults(s: JsonSchema, path: string, place: Place): Faults {
  const faults: Faults = { schema: [], rules: [] }
  const { schema: errors } = faults
  checkSupported(s, path, place, errors)
  if (s.uniqueItems)
    errors.push(field.forbidden(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  for (const [part, at, inner] of partsOf(s, path, place, errors)) {
    const found = nodeFaults(part, at, inner)
    errors.push(...found.schema)
    faults.rules.push(...found.rules)
  }
  if (s['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(field.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  checkListsAndMaps(s, path, errors)
  checkRuleFields(s as SchemaNode, path, errors)
  // Expressions are looked at where neither the schema nor a part of it is wrong.
  if (place.rules && errors.length === 0) faults.rules.push(...ruleFaults(s as SchemaNode, path, place.rules, place.uncorrelatable))
  return faults
}

/** The schemas in a schema, in the order in which they are told of. */
function partsOf(s: JsonSchema, path: string, place: Place, errors: FieldError[]): [JsonSchema, string, Place][] {
  const parts: [JsonSchema, string, Place][] = []
  const { noDefaults, insideMetadata } = place
  const mapType = s['x-kubernetes-map-type']
  const isKnownMap = unset(mapType) || mapType === 'granular' || mapType === 'atomic'
  // Of maps that nothing is known of nobody can tell which values belong together.
  const uncorrelatable = place.uncorrelatable ?? (isKnownMap ? undefined : path)
  const within = (part: JsonSchema, rest: Partial<Place> = {}): Place => ({
    noDefaults,
    insideMetadata,
    uncorrelatable,
    rules: place.rules && {
      ...place.rules,
      isResource: isEmbedded(part as SchemaNode),
      occurrences: occurrencesWithin(s as SchemaNode, place.rules.occurrences),
    },
    ...rest,
  })
  const values = s.additionalProperties
  if (values !== undefined && values !== null) {
    if (!isEmpty(s.properties) && values !== true)
      errors.push(field.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
    const forbidden = insideMetadata ? 'inside additionalProperties applying to object metadata' : noDefaults
    if (typeof values === 'object') parts.push([values, `${path}.additionalProperties`, within(values, { noDefaults: forbidden })])
  }
  for (const [name, property] of Object.entries(s.properties ?? {})) {
    const part = property ?? {}
    const isMetadata = Boolean(place.isRoot || s['x-kubernetes-embedded-resource']) && isTypeOrMetadata(name)
    const rest = isMetadata ? { insideMetadata: true, ...(place.isRoot ? { noDefaults: `in top-level ${name}` } : {}) } : {}
    parts.push([part, `${path}.properties[${name}]`, within(part, rest)])
  }
  const aside: Partial<Place> = { rules: undefined }
  if (s.not) parts.push([s.not, `${path}.not`, within(s.not, aside)])
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const)
    items(s[name]).forEach((part, i) => parts.push([part, `${path}.${name}[${i}]`, within(part, aside)]))
  if (Array.isArray(s.items)) s.items.forEach((part: JsonSchema, i) => parts.push([part, `${path}.items[${i}]`, within(part)]))
  else if (s.items) {
    const lost = s['x-kubernetes-list-type'] === 'map' ? place.uncorrelatable : (place.uncorrelatable ?? path)
    parts.push([s.items, `${path}.items`, within(s.items, { uncorrelatable: lost })])
  }
  return parts
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null

/** Parts of OpenAPI that schemas of custom resources do not have. */
const UNSUPPORTED: readonly (readonly [
  name: 'id' | 'additionalItems' | 'patternProperties' | 'definitions' | 'dependencies' | '$ref',
  test: (value: unknown) => boolean,
])[] = [
  ['id', (v) => !unset(v)],
  ['additionalItems', isSet],
  ['patternProperties', (v) => !isEmpty(v as object)],
  ['definitions', (v) => !isEmpty(v as object)],
  ['dependencies', isSet],
  ['$ref', isSet],
]

function checkSupported(s: JsonSchema, path: string, { noDefaults, insideMetadata }: Place, errors: FieldError[]): void {
  if (s.type && !TYPES.includes(s.type)) errors.push(field.notSupported(`${path}.type`, s.type, TYPES))
  if (noDefaults && isSet(s.default)) errors.push(field.forbidden(`${path}.default`, `must not be set ${noDefaults}`))
  for (const [name, test] of UNSUPPORTED) if (test(s[name])) errors.push(field.forbidden(`${path}.${name}`, `${name} is not supported`))
  if (s.type === 'null') errors.push(field.forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'))
  if (Array.isArray(s.items)) errors.push(field.forbidden(`${path}.items`, 'items must be a schema object and not an array'))
  if (insideMetadata && s['x-kubernetes-embedded-resource'])
    errors.push(field.forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'))
}

/** Whether a schema says what no structural schema can: its structure is not judged then. */
function hasUnsupported(s: JsonSchema): boolean {
  if (s['x-kubernetes-preserve-unknown-fields'] === false) return true
  if (!unset(s.$schema) || Array.isArray(s.items) || UNSUPPORTED.some(([name, test]) => test(s[name]))) return true
  const { additionalProperties: values } = s
  const inner = [s.items, s.not, typeof values === 'object' ? values : null, ...Object.values(s.properties ?? {})]
  return [...inner, ...items(s.allOf), ...items(s.anyOf), ...items(s.oneOf)].some((part) => part && hasUnsupported(part))
}
