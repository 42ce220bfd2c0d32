/** The walk over a parsed body, field by field along the schema: what Go's decoder does with its structs. */
import { field } from '../errors.js'
import { canonicalQuantity, QuantityError } from '../kinds/rules/quantity.js'
import type { Model, Property } from './schema.js'
import { parseMicroTime, parseTime, TimeFault } from './time.js'
import { restoreFault } from './restore.js'
import { omitsEmptyString, omitsZero } from './zero.js'

/** A field whose value has not its type. The message is the decoder's, as it stands after `cannot be handled as a …: `. */
export class DecodeFault extends Error {}

/** How encoding/json names a JSON value. */
export function jsonKind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'bigint' ? 'number' : typeof value
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Where Go's base64 decoder stops; undefined when the text is fine. Line breaks are skipped, as it does. */
function base64Fault(text: string): number | undefined {
  if (BASE64.test(text)) return undefined
  const bare = text.replace(/[\r\n]/g, '')
  if (BASE64.test(bare)) return undefined
  const bad = /[^A-Za-z0-9+/=\r\n]/.exec(text)
  const padding = /=+/.exec(text)
  if (bad && (!padding || bad.index < padding.index)) return bad.index
  if (padding && padding.index + padding[0].length < text.length) return padding.index + padding[0].length
  return padding ? padding.index : text.length - (bare.length % 4)
}

/**
 * The one walk. Objects without anything to correct are given back as they are (they belong to the request);
 * others are rebuilt. Paths are only put together for messages.
 */
export class Walk {
  /** `unknown field "spec.foo"` and `duplicate field "spec.bar"`, in the order of the document. */
  readonly faults: string[] = []

  /** @param restored whether the value is no longer JSON in Go but a map, as after a strategic merge patch: faults read otherwise */
  constructor(
    private readonly duplicates: readonly string[],
    private readonly restored = false,
  ) {}

  /**
   * @param path as strict decoding says it, with indices and keys: `spec.containers[0].env`
   * @param goPath as type errors say it, with neither
   */
  object(value: Record<string, unknown>, model: Model, path: string, goPath: string): Record<string, unknown> {
    // What is frozen comes from the store, which a patch has left alone: it went through here when it was written.
    if (Object.isFrozen(value) && !model.custom) return value
    const properties = model.properties
    let out: Record<string, unknown> | undefined
    let kept = 0
    const keys = Object.keys(value)
    for (const key of keys) {
      const property = properties.get(key)
      const before = value[key]
      let after: unknown
      if (property) {
        if (this.duplicates.length) this.reportDuplicate(path, key)
        after =
          before === null && !property.nullable
            ? undefined
            : this.value(before, property, model, path ? `${path}.${key}` : key, goPath ? `${goPath}.${key}` : key)
        if (after !== undefined && isDropped(after, property, model, key)) after = undefined
      } else if (model.preserveUnknown) {
        after = before
      } else {
        // A field that is unknown and repeated is reported once, as unknown.
        this.faults.push(`unknown field ${JSON.stringify(path ? `${path}.${key}` : key)}`)
        after = undefined
      }
      if (after === before) {
        if (out) out[key] = after
      } else {
        if (!out) {
          out = {}
          for (let i = 0; i < kept; i++) out[keys[i]!] = value[keys[i]!]
        }
        if (after !== undefined) out[key] = after
      }
      kept++
    }
    return out ?? value
  }

  private reportDuplicate(path: string, key: string): void {
    const at = path ? `${path}.${key}` : key
    for (const d of this.duplicates) if (d === at) this.faults.push(`duplicate field ${JSON.stringify(at)}`)
  }

  private value(value: unknown, property: Property, owner: Model, path: string, goPath: string): unknown {
    // Wrong types in a custom resource are no fault of decoding: its schema judges them, with the rest.
    if (owner.custom && isApiObject(property)) return this.metadata(value, property, path)
    if (owner.custom && !isContainer(value, property)) return value
    switch (property.type) {
      case 'string':
        if (typeof value !== 'string') return value === null ? '' : this.mismatch(value, property, owner, goPath)
        return value
      case 'boolean':
        if (typeof value !== 'boolean') return value === null ? false : this.mismatch(value, property, owner, goPath)
        return value
      case 'integer':
        if (typeof value === 'bigint') return this.long(value, property, owner, goPath)
        if (typeof value !== 'number') return value === null ? 0 : this.mismatch(value, property, owner, goPath)
        if (this.restored && !Number.isInteger(value)) return this.mismatch(value, property, owner, goPath)
        // Go's converter cuts off what is too large; the rules of the kind judge what is left.
        if (this.restored && property.format === 'int32') return value | 0
        // What is whole beyond 2^53 and no bigint does not fit into 64 bits, or was no whole number.
        if (!Number.isSafeInteger(value) || (property.format === 'int32' && (value > 2147483647 || value < -2147483648)))
          throw unfit(value, property, owner, goPath)
        return value
      case 'number':
        if (typeof value === 'bigint') return Number(value)
        if (typeof value !== 'number') return this.mismatch(value, property, owner, goPath)
        return value
      case 'quantity':
        return this.quantity(value)
      case 'time':
        return this.time(value, property)
      case 'int-or-string':
        if (typeof value === 'string') return value
        if (typeof value !== 'number' && typeof value !== 'bigint')
          throw new DecodeFault(`json: cannot unmarshal ${jsonKind(value)} into Go value of type int32`)
        if (typeof value === 'bigint' || !Number.isInteger(value) || Math.abs(value) > 2147483647) {
          throw new DecodeFault(`json: cannot unmarshal number ${value} into Go value of type int32`)
        }
        return value
      case 'bytes': {
        if (typeof value !== 'string') return value === null ? '' : this.mismatch(value, property, owner, goPath)
        const at = base64Fault(value)
        if (at !== undefined)
          throw new DecodeFault(`${this.restored ? 'error decoding from json: ' : ''}illegal base64 data at input byte ${at}`)
        return value
      }
      case 'object':
        if (typeof value !== 'object' || Array.isArray(value)) return this.mismatch(value, property, owner, goPath)
        return this.object((value ?? {}) as Record<string, unknown>, property.model!, path, goPath)
      case 'array':
        return this.array(value, property, owner, path, goPath)
      case 'map':
        return this.map(value, property, owner, path, goPath)
      case 'any':
        return owner.name === SCHEMA_MODEL ? schemaPart(value, property.name, owner) : value
    }
  }

  /** The metadata of a custom resource, or of a resource that it has in it, is decoded by itself. */
  private metadata(value: unknown, property: Property, path: string): unknown {
    try {
      if (jsonKind(value) !== 'object')
        throw new DecodeFault(`json: cannot unmarshal ${jsonKind(value)} into Go value of type v1.${property.model!.goName}`)
      return this.object(value as Record<string, unknown>, property.model!, path, '')
    } catch (error) {
      if (!(error instanceof DecodeFault) || path === 'metadata') throw error
      const { field: at, body } = field.invalid(path, value, error.message)
      throw new DecodeFault(`${at}: ${body}`)
    }
  }

  /** A whole number beyond 2^53, which only a field of 64 bits takes. */
  private long(value: bigint, property: Property, owner: Model, goPath: string): unknown {
    if (property.format !== 'int32') return value
    if (this.restored) return Number(BigInt.asIntN(32, value))
    throw unfit(value, property, owner, goPath)
  }

  private array(value: unknown, property: Property, owner: Model, path: string, goPath: string): unknown {
    if (!Array.isArray(value)) return this.mismatch(value, property, owner, goPath)
    const items = property.items!
    let out: unknown[] | undefined
    for (let i = 0; i < value.length; i++) {
      const before: unknown = value[i]
      const after =
        items.type === 'string' && typeof before === 'string' ? before : this.value(before, items, owner, `${path}[${i}]`, goPath)
      if (after !== before && !out) out = value.slice(0, i)
      out?.push(after)
    }
    return out ?? value
  }

  private map(value: unknown, property: Property, owner: Model, path: string, goPath: string): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.mismatch(value, property, owner, goPath)
    const items = property.items!
    let out: Record<string, unknown> | undefined
    for (const key of Object.keys(value)) {
      const before = (value as Record<string, unknown>)[key]
      if (this.duplicates.length) this.reportDuplicate(path, key)
      const after =
        items.type === 'string' && typeof before === 'string' ? before : this.value(before, items, owner, `${path}.${key}`, goPath)
      if (after !== before) {
        out ??= { ...(value as Record<string, unknown>) }
        out[key] = after
      }
    }
    return out ?? value
  }

  private quantity(value: unknown): unknown {
    if (value === null) return '0'
    // Quantity's own decoder is given the raw JSON, whatever it is, and says only that it is no quantity.
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') throw new DecodeFault(QUANTITY_WRONG)
    try {
      return canonicalQuantity(typeof value === 'number' ? value : String(value).trim())
    } catch (error) {
      if (error instanceof QuantityError) throw new DecodeFault(error.message)
      throw error
    }
  }

  private time(value: unknown, property: Property): unknown {
    if (value === null) return undefined
    if (typeof value !== 'string') throw new DecodeFault(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`)
    try {
      return property.format === 'date-time-micro' ? parseMicroTime(value) : parseTime(value)
    } catch (error) {
      if (error instanceof TimeFault) throw new DecodeFault(error.message)
      throw error
    }
  }

  private mismatch(value: unknown, property: Property, owner: Model, goPath: string): never {
    const fault = this.restored ? restoreFault(value, property) : undefined
    if (fault) throw new DecodeFault(fault)
    throw new DecodeFault(
      `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${owner.goName}.${goPath} of type ${property.goType}`,
    )
  }
}

/** A number that is none of the field's type. */
const unfit = (value: number | bigint, property: Property, owner: Model, goPath: string): DecodeFault =>
  new DecodeFault(
    `json: cannot unmarshal number ${Number.isInteger(value) ? BigInt(value) : value} into Go struct field ${owner.goName}.${goPath} of type ${property.goType}`,
  )

/** The model of an OpenAPI schema in a CustomResourceDefinition. */
const SCHEMA_MODEL = 'V1JSONSchemaProps'

/**
 * The parts of a schema that are a schema or something else: the generated model knows no such types. They have a decoder
 * of their own in Go, which begins anew: its messages do not say where it is, and it reports no unknown fields.
 */
function schemaPart(value: unknown, name: string, owner: Model): unknown {
  const orBool = name === 'additionalProperties' || name === 'additionalItems'
  if (!orBool && name !== 'items') return value
  const schema = (part: unknown): unknown => {
    if (jsonKind(part) !== 'object') throw new DecodeFault(`json: cannot unmarshal ${jsonKind(part)} into Go value of type ${owner.goName}`)
    return new Walk([]).object(part as Record<string, unknown>, owner, '', '')
  }
  if (jsonKind(value) === 'object') return schema(value)
  if (orBool) {
    if (typeof value === 'boolean' || value === null) return value
    throw new DecodeFault('boolean or JSON schema expected')
  }
  // Anything else than a schema or a list of them counts as not said.
  return Array.isArray(value) ? value.map(schema) : undefined
}

const QUANTITY_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** Whether Go's encoder would leave the value out. Required fields are always written. */
function isDropped(value: unknown, property: Property, model: Model, key: string): boolean {
  if (property.required || property.nullable) return false
  switch (property.type) {
    case 'string':
      return value === '' && !model.custom && omitsEmptyString(model.name, key)
    case 'boolean':
      return value === false && omitsZero(model.name, key)
    case 'integer':
      return value === 0 && omitsZero(model.name, key)
    case 'array':
      return (value as unknown[]).length === 0 && !model.custom
    case 'map':
      return !model.custom && Object.keys(value as object).length === 0
    default:
      return false
  }
}

/** Whether a value has parts that the property says something about. */
function isContainer(value: unknown, property: Property): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) ? property.type === 'array' : property.type === 'object' || property.type === 'map'
}

/** The metadata of a custom resource is the API's own. */
function isApiObject(property: Property): boolean {
  return property.type === 'object' && !property.model!.custom
}
