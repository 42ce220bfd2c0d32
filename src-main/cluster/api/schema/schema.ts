/**
 * The API schema in memory: what each object looks like, field by field. It comes from `generated/schema.json`
 * (`npm run schema`) and `annotations.ts`; custom resources make their own {@link Model}s. Decoding, patching, apply and
 * the OpenAPI documents are driven by it, so that no kind needs code of its own for them.
 *
 * Nothing is built before it is asked for: loading costs about two milliseconds, a model some microseconds.
 */
import generated from './generated/schema.json'
import { annotations, atomicModels, quantities } from './annotations.js'
import { describeObjectField } from './descriptions.js'

export type PropertyType =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'number'
  /** `resource.Quantity`: a string, or a number that becomes one. */
  | 'quantity'
  /** RFC 3339; `format` is `date-time` or, with microseconds, `date-time-micro`. */
  | 'time'
  | 'int-or-string'
  /** base64 in JSON. */
  | 'bytes'
  /** An object with known fields: {@link Property.model}. */
  | 'object'
  | 'array'
  /** An object with any keys, whose values are all {@link Property.items}. */
  | 'map'
  /** Anything at all, kept as it is and owned as a whole. */
  | 'any'

/** One field, or the elements of a list or map. */
export interface Property {
  /** The field's name; empty for elements. */
  readonly name: string
  readonly type: PropertyType
  /** `int32`, `int64`, `double`, `date-time`, `date-time-micro`, `byte`, `int-or-string`, or ''. */
  readonly format: string
  /** The fields of an `object`. */
  readonly model: Model | undefined
  /** The elements of an `array` or the values of a `map`. */
  readonly items: Property | undefined
  readonly description: string
  readonly required: boolean
  /** Whether an explicit null is kept (custom resources only; everywhere else null means absent). */
  readonly nullable?: boolean
  /** For arrays; `atomic` unless said otherwise. */
  readonly list: 'atomic' | 'set' | 'map'
  readonly keys: readonly string[]
  /** Whether a map or object is owned as a whole. */
  readonly atomic: boolean
  /** Said by the field itself, against what the object's type says. */
  readonly mapType?: 'atomic' | 'granular'
  readonly patchStrategy: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey: string
  /** For `any` in custom resources: apply goes into maps field by field, as into what has no schema. */
  readonly deduced?: boolean
  readonly default?: unknown
  readonly enum?: readonly string[]
  /** How Go's JSON decoder calls the type in its messages: `int32`, `[]v1.Container`, `map[string]string`. */
  readonly goType: string
}

/** An object with known fields. */
export interface Model {
  /** The name in client-node, such as `V1Pod`; for a custom resource its own. */
  readonly name: string
  /** The OpenAPI definition, such as `io.k8s.api.core.v1.Pod`. */
  readonly definition: string
  readonly description: string
  readonly properties: ReadonlyMap<string, Property>
  readonly required: readonly string[]
  /** Owned as a whole. */
  readonly atomic: boolean
  /** The Go type's name, such as `PodSpec`. */
  readonly goName: string
  /** Part of a custom resource, which is kept as it was sent: no Go struct stands behind it. Its group may well end in `k8s.io`. */
  readonly custom?: boolean
  /** Fields that are not declared are kept (custom resources with `x-kubernetes-preserve-unknown-fields`). */
  readonly preserveUnknown?: boolean
  /** What OpenAPI publishes instead of the fields above; `refer` makes another model part of the document. */
  readonly publish?: (version: 2 | 3, refer: (model: Model) => Record<string, unknown>) => Record<string, unknown>
  /** The model of lists of it, where the generated schema has none. */
  readonly list?: Model
}

/** The name of a generated model, or a model. */
export type ModelLike = string | Model

/** All models of the built-in API. */
export interface Schema {
  /** @throws when there is no such model: a mistake in the code, not in a request */
  model(name: string): Model
  has(name: string): boolean
  /** All names, in the order of the alphabet. */
  names(): readonly string[]
  /** What a parameter of an operation is for; the operations are those of pods, as in `listNamespacedPod`. */
  describeParameter(operation: string, name: string): string
}

interface RawModel {
  d: string
  p: Record<string, string>
  r?: string[]
}

let loaded: GeneratedSchema | undefined

/** The schema of the built-in API, shared. */
export function loadSchema(): Schema {
  return (loaded ??= new GeneratedSchema())
}

/** The model itself for a name or a model. */
export function modelOf(model: ModelLike): Model {
  return typeof model === 'string' ? loadSchema().model(model) : model
}

class GeneratedSchema implements Schema {
  private readonly raw = JSON.parse(generated.models) as Record<string, RawModel>
  private readonly models = new Map<string, Model>()
  private texts: Record<string, [string, Record<string, string>]> | undefined

  private parameters: Record<string, Record<string, string>> | undefined

  has(name: string): boolean {
    return Object.hasOwn(this.raw, name)
  }

  names(): readonly string[] {
    return Object.keys(this.raw)
  }

  model(name: string): Model {
    const known = this.models.get(name)
    if (known) return known
    if (!this.has(name)) throw new Error(`the schema has no model ${name}`)
    const model = new GeneratedModel(this, name, this.raw[name]!)
    this.models.set(name, model)
    return model
  }

  /** The description of a model, or of one of its properties. Parsed on first use: only OpenAPI wants them. */
  describe(model: string, property?: string): string {
    this.texts ??= JSON.parse(generated.descriptions) as Record<string, [string, Record<string, string>]>
    const texts = this.texts[model]
    return (property === undefined ? texts?.[0] : texts?.[1][property]) ?? ''
  }

  describeParameter(operation: string, name: string): string {
    this.parameters ??= JSON.parse(generated.parameters) as Record<string, Record<string, string>>
    const text = this.parameters[operation]?.[name]
    if (text === undefined) throw new Error(`the schema has no parameter ${name} of ${operation}`)
    return text
  }
}

class GeneratedModel implements Model {
  readonly definition: string
  readonly required: readonly string[]
  readonly atomic: boolean
  readonly goName: string
  private fields: Map<string, Property> | undefined

  constructor(
    readonly schema: GeneratedSchema,
    readonly name: string,
    private readonly raw: RawModel,
  ) {
    this.definition = raw.d
    this.required = raw.r ?? []
    this.atomic = atomicModels.has(name)
    this.goName = raw.d.slice(raw.d.lastIndexOf('.') + 1)
  }

  get description(): string {
    return this.schema.describe(this.name)
  }

  get properties(): ReadonlyMap<string, Property> {
    if (!this.fields) {
      const fields = new Map<string, Property>()
      for (const [name, code] of Object.entries(this.raw.p)) fields.set(name, new GeneratedProperty(this, name, code))
      this.fields = fields
    }
    return this.fields
  }
}

const TYPES: Readonly<Record<string, readonly [PropertyType, string, string]>> = {
  s: ['string', '', 'string'],
  b: ['boolean', '', 'bool'],
  i32: ['integer', 'int32', 'int32'],
  i64: ['integer', 'int64', 'int64'],
  n: ['number', 'double', 'float64'],
  t: ['time', 'date-time', 'v1.Time'],
  u: ['time', 'date-time-micro', 'v1.MicroTime'],
  y: ['bytes', 'byte', '[]uint8'],
  ios: ['int-or-string', 'int-or-string', 'intstr.IntOrString'],
  q: ['quantity', '', 'resource.Quantity'],
  '*': ['any', '', 'runtime.RawExtension'],
}

class GeneratedProperty implements Property {
  readonly type: PropertyType
  readonly format: string
  readonly items: Property | undefined
  readonly list: 'atomic' | 'set' | 'map'
  readonly keys: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly patchStrategy: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly required: boolean
  private readonly ref: string
  private readonly goTypeName: string | undefined

  constructor(
    private readonly owner: GeneratedModel,
    readonly name: string,
    code: string,
    /** The field that this is the element of. */
    field: string = name,
  ) {
    const a = name ? annotations[owner.name]?.[name] : undefined
    this.list = a?.list ?? 'atomic'
    this.keys = a?.keys ?? []
    this.patchStrategy = (a?.patchStrategy?.split(',') as Property['patchStrategy'] | undefined) ?? []
    this.patchMergeKey = a?.patchMergeKey ?? ''
    this.required = name !== '' && owner.required.includes(name)
    this.goTypeName = a?.goType
    if (a?.map) this.mapType = a.map
    if (a && 'default' in a) this.default = a.default
    if (a?.enum) this.enum = a.enum
    this.ref = ''
    this.format = ''
    if (code.startsWith('[]') || code.startsWith('{}')) {
      this.type = code.startsWith('[]') ? 'array' : 'map'
      this.items = new GeneratedProperty(owner, '', code.slice(2), field)
    } else if (code.startsWith('#')) {
      this.type = 'object'
      this.ref = code.slice(1)
    } else {
      const known = TYPES[code === 's' && quantities[owner.name]?.includes(field) ? 'q' : code]!
      this.type = known[0]
      this.format = known[1]
      this.goTypeName ??= known[2]
    }
  }

  get model(): Model | undefined {
    return this.ref ? this.owner.schema.model(this.ref) : undefined
  }

  get atomic(): boolean {
    if (this.mapType) return this.mapType === 'atomic'
    return this.type === 'any' || (this.type === 'object' && this.model!.atomic)
  }

  get description(): string {
    if (!this.name) return ''
    // The models repeat the type's own text where a field of a number or a text had none.
    if (this.type === 'int-or-string') return describeObjectField(this.owner.name, this.owner.goName, this.name)
    const own = this.owner.schema.describe(this.owner.name, this.name)
    if (own || this.type !== 'object') return own
    return describeObjectField(this.owner.name, this.owner.goName, this.name) || this.model!.description
  }

  get goType(): string {
    if (this.goTypeName) return this.goTypeName
    if (this.type === 'array') return `[]${this.items!.goType}`
    if (this.type === 'map') {
      // A ResourceList is a named map type.
      return this.items!.type === 'quantity' ? 'v1.ResourceList' : `map[string]${this.items!.goType}`
    }
    const definition = this.model!.definition.split('.')
    return `${definition[definition.length - 2]}.${definition[definition.length - 1]}`
  }
}
