/** Models of the schema as OpenAPI schemas, version 2 or 3: what `kubectl explain` and client-side tools read. */
import type { Model, Property } from '../schema/schema.js'

export type OpenApiVersion = 2 | 3
/** A JSON object of an OpenAPI document. */
export type OpenApiObject = Record<string, unknown>

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'
const RAW_EXTENSION = 'io.k8s.apimachinery.pkg.runtime.RawExtension'
const FIELDS_V1 = `${META}.FieldsV1`
const TIME = `${META}.Time`
const MICRO_TIME = `${META}.MicroTime`
export const PATCH = `${META}.Patch`
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'

/** The free fields of custom resource definitions have types of their own: what else they may be than an object. */
const EXTENSION_TYPES: Readonly<Record<string, string>> = {
  additionalItems: `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  additionalProperties: `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  default: `${EXTENSIONS}.JSON`,
  dependencies: `${EXTENSIONS}.JSONSchemaPropsOrStringArray`,
  enum: `${EXTENSIONS}.JSON`,
  example: `${EXTENSIONS}.JSON`,
  items: `${EXTENSIONS}.JSONSchemaPropsOrArray`,
  status: `${EXTENSIONS}.CustomResourceSubresourceStatus`,
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  [QUANTITY]:
    'A quantity: a decimal number with an optional suffix. Binary suffixes are Ki, Mi, Gi, Ti, Pi and Ei; decimal ones n, u, m, k, M, G, T, P and E, or a decimal exponent. At most nine digits after the point are kept. The server answers with the canonical form: no fraction, the largest suffix that loses nothing.',
  [INT_OR_STRING]:
    'IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and unmarshalling, it produces or consumes the inner type.  This allows you to have, for example, a JSON field that can accept a name or number.',
  [RAW_EXTENSION]: 'An object of any kind, kept as it was sent.',
  [FIELDS_V1]:
    'A set of fields as a trie: each key is a dot for the field itself, or `f:` and the name of a field, `k:` and the keys of a list element, `v:` and a value, `i:` and an index.',
  [TIME]: 'A time with seconds, in RFC 3339.',
  [MICRO_TIME]: 'A time with microseconds, in RFC 3339.',
  [`${EXTENSIONS}.JSON`]: 'Any JSON value.',
  [`${EXTENSIONS}.JSONSchemaPropsOrBool`]: 'A schema, or whether any value is allowed.',
  [`${EXTENSIONS}.JSONSchemaPropsOrArray`]: 'A schema, or a list of schemas.',
  [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`]: 'A schema, or a list of field names.',
  [`${EXTENSIONS}.CustomResourceSubresourceStatus`]: 'That custom resources have a status subresource, which writes nothing but `.status`.',
  [PATCH]: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
}

/** The scalar types that have a definition of their own. */
function scalarDefinition(name: string, version: OpenApiVersion): OpenApiObject {
  const description = DESCRIPTIONS[name]
  switch (name) {
    case QUANTITY:
      return version === 2 ? { description, type: 'string' } : { description, oneOf: [{ type: 'string' }, { type: 'number' }] }
    case INT_OR_STRING:
      return version === 2
        ? { description, type: 'string', format: 'int-or-string' }
        : { description, format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }
    case TIME:
    case MICRO_TIME:
      return { description, type: 'string', format: 'date-time' }
    default:
      // Those of schemas may be something else than an object, so they name no type.
      return name.startsWith(`${EXTENSIONS}.JSON`) ? { description } : { description, type: 'object' }
  }
}

/** Collects the definitions that a document refers to, each once. */
export class Definitions {
  private readonly done = new Map<string, OpenApiObject>()
  private readonly queue: Model[] = []

  constructor(
    private readonly version: OpenApiVersion,
    /** The kinds that a definition is registered as. */
    private readonly kindsOf: (definition: string) => readonly OpenApiObject[],
  ) {}

  /** A reference to a model, which is then part of the document. */
  model(model: Model): OpenApiObject {
    if (!this.done.has(model.definition)) {
      this.done.set(model.definition, {})
      this.queue.push(model)
    }
    return this.ref(model.definition)
  }

  /** A reference to one of the scalar types, or to Patch. */
  scalar(name: string): OpenApiObject {
    if (!this.done.has(name)) this.done.set(name, scalarDefinition(name, this.version))
    return this.ref(name)
  }

  /** All definitions, by name, sorted. */
  all(): Record<string, OpenApiObject> {
    for (let model; (model = this.queue.pop());) this.done.set(model.definition, this.render(model))
    return Object.fromEntries([...this.done].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  private ref(name: string): OpenApiObject {
    return { $ref: `#/${this.version === 2 ? 'definitions' : 'components/schemas'}/${name}` }
  }

  private render(model: Model): OpenApiObject {
    if (model.publish) {
      const kinds = this.kindsOf(model.definition)
      const published = model.publish(this.version, (other) => this.model(other))
      return { ...published, ...(kinds.length ? { 'x-kubernetes-group-version-kind': kinds } : {}) }
    }
    const properties: Record<string, OpenApiObject> = {}
    for (const [name, property] of model.properties) properties[name] = this.property(property, model)
    const kinds = this.kindsOf(model.definition)
    return {
      ...(model.description ? { description: model.description } : {}),
      type: 'object',
      ...(model.required.length ? { required: model.required } : {}),
      ...(model.properties.size ? { properties } : {}),
      ...(kinds.length ? { 'x-kubernetes-group-version-kind': kinds } : {}),
      ...(model.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...(model.preserveUnknown ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    }
  }

  private property(property: Property, owner: Model): OpenApiObject {
    const type = this.type(property, owner)
    const extra: OpenApiObject = {}
    const { description } = property
    if (description) extra.description = description
    if (property.default !== undefined) extra.default = property.default
    else if (this.version === 3 && property.type === 'object' && property.required) extra.default = {}
    // Enumerations are shown where a client can only read them: the server checks the values itself.
    if (property.enum) extra.enum = property.enum
    if (property.type === 'array') extra['x-kubernetes-list-type'] = property.list
    if (property.keys.length) extra['x-kubernetes-list-map-keys'] = property.keys
    if (property.mapType) extra['x-kubernetes-map-type'] = property.mapType
    if (property.patchStrategy.length) extra['x-kubernetes-patch-strategy'] = property.patchStrategy.join(',')
    if (property.patchMergeKey) extra['x-kubernetes-patch-merge-key'] = property.patchMergeKey
    if (!('$ref' in type)) return { ...extra, ...type }
    if (this.version === 2) return { ...extra, ...type }
    // In version 3 nothing may stand beside a $ref.
    return Object.keys(extra).length ? { ...extra, allOf: [type] } : type
  }

  /** @param field the field that the property is, or is an element of */
  private type(property: Property, owner: Model, field = property.name): OpenApiObject {
    switch (property.type) {
      case 'string':
      case 'boolean':
        return { type: property.type }
      case 'integer':
      case 'number':
        return property.format ? { type: property.type, format: property.format } : { type: property.type }
      case 'bytes':
        return { type: 'string', format: 'byte' }
      case 'quantity':
        return this.scalar(QUANTITY)
      case 'time':
        return this.scalar(property.format === 'date-time-micro' ? MICRO_TIME : TIME)
      case 'int-or-string':
        return this.scalar(INT_OR_STRING)
      case 'any':
        if (owner.definition.startsWith(`${EXTENSIONS}.`) && EXTENSION_TYPES[field]) return this.scalar(EXTENSION_TYPES[field])
        return property.name === 'fieldsV1' ? this.scalar(FIELDS_V1) : isJson(owner) ? {} : this.scalar(RAW_EXTENSION)
      case 'object':
        return this.model(property.model!)
      case 'array':
        return { type: 'array', items: this.element(property.items!, owner, property.name) }
      case 'map':
        return { type: 'object', additionalProperties: this.element(property.items!, owner, property.name) }
    }
  }

  private element(items: Property, owner: Model, field: string): OpenApiObject {
    const type = this.type(items, owner, field)
    // As the generator does: values of maps and lists have a zero default in version 3.
    if (this.version === 3 && items.type === 'string') return { ...type, default: '' }
    if (this.version === 3 && items.type === 'object') return { allOf: [type], default: {} }
    return type
  }
}

/** Whether a free value of this object may be anything but an object: the schemas of custom resources. */
function isJson(owner: Model): boolean {
  return owner.definition.includes('apiextensions') || owner.custom === true
}
