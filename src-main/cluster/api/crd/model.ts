/**
 * A custom resource's schema as a {@link Model}, so that decoding, apply and managedFields work on it as on the
 * built-in kinds.
 */
import { loadSchema, type Model, type Property, type PropertyType } from '../schema/schema.js'
import { isObject, isTypeOrMetadata, keepsUnknown, valuesOf, type SchemaNode } from './schema.js'

const EMPTY: SchemaNode = {}

/** What server-side apply makes of values without a schema: maps are granular, lists atomic. */
const DEDUCED: Property = property('', 'any', { deduced: true, nullable: true })

/** The model of a custom resource in one version. Its parts are made when they are first asked for. */
export function customModel(of: { group: string; version: string; kind: string }, schema: SchemaNode | null | undefined): Model {
  const definition = `${of.group.split('.').reverse().join('.')}.${of.version}.${of.kind}`
  return new NodeModel(definition, of.kind, schema ?? { 'x-kubernetes-preserve-unknown-fields': true }, true)
}

/** Fields that are declared, and for an open object any others as well. */
class OpenProperties extends Map<string, Property> {
  override get(name: string): Property | undefined {
    return super.get(name) ?? DEDUCED
  }
}

class NodeModel implements Model {
  readonly name: string
  readonly description: string
  readonly required: readonly string[]
  readonly atomic: boolean
  readonly preserveUnknown: boolean
  readonly custom = true
  private fields: ReadonlyMap<string, Property> | undefined

  constructor(
    readonly definition: string,
    readonly goName: string,
    private readonly node: SchemaNode,
    /** Whether it is an object of the API: with apiVersion, kind and metadata. */
    private readonly isResource: boolean,
  ) {
    this.name = definition
    this.description = node.description ?? ''
    this.required = node.required ?? []
    this.atomic = node['x-kubernetes-map-type'] === 'atomic'
    this.preserveUnknown = keepsUnknown(node)
  }

  get properties(): ReadonlyMap<string, Property> {
    if (!this.fields) {
      const fields = this.preserveUnknown ? new OpenProperties() : new Map<string, Property>()
      if (this.isResource) {
        fields.set('apiVersion', property('apiVersion', 'string'))
        fields.set('kind', property('kind', 'string'))
        fields.set('metadata', property('metadata', 'object', { model: loadSchema().model('V1ObjectMeta') }))
      }
      for (const [name, node] of Object.entries(this.node.properties ?? {})) {
        if (this.isResource && isTypeOrMetadata(name)) continue
        fields.set(name, propertyOf(name, node, `${this.definition}.${name}`, this.required.includes(name)))
      }
      this.fields = fields
    }
    return this.fields
  }
}

function propertyOf(name: string, node: SchemaNode, definition: string, required: boolean): Property {
  const common = {
    required,
    description: node.description ?? '',
    format: node.format ?? '',
    nullable: node.nullable === true,
    ...(node.default === undefined || node.default === null ? {} : { default: node.default }),
  }
  const type = typeOf(node)
  switch (type) {
    case 'array': {
      const list = node['x-kubernetes-list-type']
      return property(name, type, {
        ...common,
        list: list === 'set' || list === 'map' ? list : 'atomic',
        keys: node['x-kubernetes-list-map-keys'] ?? [],
        items: propertyOf('', node.items ?? EMPTY, definition, false),
      })
    }
    case 'map':
      return property(name, type, {
        ...common,
        items: isObject(node.additionalProperties) ? propertyOf('', valuesOf(node)!, definition, false) : DEDUCED,
        ...mapType(node),
      })
    case 'object': {
      const isResource = node['x-kubernetes-embedded-resource'] === true
      return property(name, type, { ...common, model: new NodeModel(definition, name, node, isResource), ...mapType(node) })
    }
    case 'any':
      return property(name, type, { ...common, nullable: true, deduced: true })
    default:
      return property(name, type, common)
  }
}

function mapType(node: SchemaNode): Partial<Property> {
  const type = node['x-kubernetes-map-type']
  if (type !== 'atomic' && type !== 'granular') return {}
  return { mapType: type, atomic: type === 'atomic' }
}

function typeOf(node: SchemaNode): PropertyType {
  if (node['x-kubernetes-int-or-string']) return 'int-or-string'
  switch (node.type) {
    case 'string':
    case 'boolean':
    case 'integer':
    case 'number':
    case 'array':
      return node.type
    case 'object':
      return (node.additionalProperties ?? false) !== false ? 'map' : 'object'
    default:
      return node.properties || node['x-kubernetes-embedded-resource'] ? 'object' : 'any'
  }
}

function property(name: string, type: PropertyType, rest: Partial<Property> = {}): Property {
  return {
    name,
    type,
    format: '',
    model: undefined,
    items: undefined,
    description: '',
    required: false,
    list: 'atomic',
    keys: [],
    atomic: false,
    patchStrategy: [],
    patchMergeKey: '',
    goType: 'interface {}',
    ...rest,
  }
}
