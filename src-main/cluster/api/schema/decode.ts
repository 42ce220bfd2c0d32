/**
 * From the bytes of a request to an object of the API: parsed, checked against the schema, and cleaned of what the API
 * does not know. One walk does it all. The wording is that of the API server's decoder (k8s.io/apimachinery
 * serializer/json and "Field Validation" in the API concepts).
 */
import { badRequest, StatusError } from '../errors.js'
import type { KubeObject } from '../object.js'
import { canonicalQuantity, QuantityError } from '../kinds/rules/quantity.js'
import { apiVersionOf, groupVersionKindOf, packageOf } from './groups.js'
import { parseJson, parseYaml, SyntaxFault } from './json.js'
import type { Parsed } from './json.js'
import { loadSchema, modelOf } from './schema.js'
import type { Model, ModelLike, Property } from './schema.js'
import { parseMicroTime, parseTime, TimeFault } from './time.js'
import { omitsEmptyString, omitsZero } from './zero.js'

export type MediaType = 'application/json' | 'application/yaml'
/** What is done about fields that are unknown or said twice; `Warn` is the server's default. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** The group, version and kind that an endpoint takes; by default the model's own. */
export interface ExpectedKind {
  group: string
  version: string
  kind: string
}

/** A decoded body. */
export interface Decoded {
  object: KubeObject
  /** Texts for Warning headers, for `Warn`. */
  warnings: string[]
}

/** Decoding stops at a fault that the type of a field makes; its message is shown after `cannot be handled as a …: `. */
class DecodeFault extends Error {}

/**
 * Decodes a body as an object of a model: unknown fields are dropped (and reported as `fieldValidation` says), nulls
 * mean absent, quantities become canonical. `apiVersion` and `kind` are filled in.
 * @throws StatusError 400
 */
export function decodeObject(
  bytes: Buffer,
  mediaType: MediaType,
  model: ModelLike,
  fieldValidation: FieldValidation,
  expected?: ExpectedKind,
): Decoded {
  const m = modelOf(model)
  const want = expected ?? groupVersionKindOf(m.definition)
  let parsed: Parsed
  try {
    parsed = parse(bytes, mediaType, fieldValidation !== 'Ignore')
  } catch (error) {
    throw unrecognized(bytes, mediaType, want.kind, error)
  }
  const type = readType(parsed.value, bytes, want)
  checkKind(type, want, m)
  const repeated = parsed.yamlDuplicates.map((d) => `line ${d.line}: key ${JSON.stringify(d.key)} already set in map`)
  const faults = repeated.length ? [`yaml: unmarshal errors:\n${repeated.map((text) => `  ${text}`).join('\n')}`] : []
  const walk = new Walk(parsed.duplicates)
  let fields: Record<string, unknown>
  try {
    fields = walk.object((parsed.value ?? {}) as Record<string, unknown>, m, '', '')
  } catch (error) {
    if (error instanceof DecodeFault) throw cannotBeHandled(type.kind, type.version, want.kind, error.message)
    throw error
  }
  const object = { kind: want.kind, apiVersion: apiVersionOf(want.group, want.version), ...fields } as KubeObject
  object.kind = want.kind
  object.apiVersion = apiVersionOf(want.group, want.version)
  object.metadata ??= {}
  if (fieldValidation === 'Strict' && (faults.length || walk.faults.length)) {
    throw cannotBeHandled(type.kind, type.version, want.kind, `strict decoding error: ${[...faults, ...walk.faults].join(', ')}`)
  }
  const warnings = fieldValidation === 'Warn' ? [...repeated, ...walk.faults] : []
  return { object, warnings }
}

/**
 * Runs an object that is no longer bytes (the outcome of a patch) through the same walk.
 * @returns a new object, and the texts of what is unknown in it
 * @throws StatusError 422 as a patched object that is malformed gets it (with the decoder's text), 400 for others
 */
export function decodeValue(
  value: unknown,
  model: ModelLike,
  duplicates: readonly string[] = [],
): { object: KubeObject; faults: string[] } {
  const m = modelOf(model)
  const { kind, version } = groupVersionKindOf(m.definition)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${version}.${kind}`)
  }
  const walk = new Walk(duplicates)
  try {
    const object = walk.object(value as Record<string, unknown>, m, '', '') as KubeObject
    return { object, faults: walk.faults }
  } catch (error) {
    if (error instanceof DecodeFault) throw badRequest(error.message)
    throw error
  }
}

/** Parses a body with no schema, for patches. @throws StatusError 400 with the decoder's text */
export function decodeJson(bytes: Buffer): unknown {
  return plain(() => parseJson(bytes, false).value)
}

/** Parses a YAML (or JSON) body with no schema, for apply patches. @throws StatusError 400 with the decoder's text */
export function decodeYaml(bytes: Buffer): unknown {
  return plain(() => parseYaml(bytes, false).value, 'error decoding YAML: error converting YAML to JSON: ')
}

/**
 * What strict decoding has to say of an apply patch: repeated keys. Unknown fields are found by the typed merge.
 */
export function repeatedYamlKeys(bytes: Buffer): string[] {
  const { duplicates, yamlDuplicates } = parseYaml(bytes, true)
  return [
    ...duplicates.map((d) => `duplicate field "${d}"`),
    ...yamlDuplicates.map((d) => `line ${d.line}: key ${JSON.stringify(d.key)} already set in map`),
  ]
}

function plain(read: () => unknown, prefix = ''): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof SyntaxFault) throw badRequest(prefix + error.message)
    throw error
  }
}

function parse(bytes: Buffer, mediaType: MediaType, findDuplicates: boolean): Parsed {
  return mediaType === 'application/yaml' ? parseYaml(bytes, findDuplicates) : parseJson(bytes, findDuplicates)
}

function unrecognized(bytes: Buffer, mediaType: MediaType, kind: string, error: unknown): Error {
  if (!(error instanceof SyntaxFault)) return error as Error
  const reason = mediaType === 'application/json' ? `couldn't get version/kind; json parse error: ${error.message}` : error.message
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${reason} (${summary(bytes)})`)
}

/** The beginning of a body as error messages show it: as text when it looks like JSON, else in hexadecimal. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  const head = bytes.subarray(0, 30)
  return (bytes[0] === 0x7b ? head.toString('utf8') : head.toString('hex')) + (bytes.length > 30 ? ' ...' : '')
}

const TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** The apiVersion and kind of a body; what is missing is taken from the endpoint. */
function readType(value: unknown, bytes: Buffer, want: ExpectedKind): ExpectedKind {
  let fault = ''
  let apiVersion = ''
  let kind = ''
  if (value === null || value === undefined) {
    // Go decodes null into the empty struct.
  } else if (typeof value !== 'object' || Array.isArray(value))
    fault = `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${TYPE_META}`
  else {
    const body = value as { apiVersion?: unknown; kind?: unknown }
    for (const field of ['apiVersion', 'kind'] as const) {
      const v = body[field] ?? ''
      if (typeof v !== 'string') fault ||= `json: cannot unmarshal ${jsonKind(v)} into Go struct field .${field} of type string`
    }
    if (!fault) {
      apiVersion = (body.apiVersion as string | null | undefined) ?? ''
      kind = (body.kind as string | null | undefined) ?? ''
    }
  }
  if (fault) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${want.kind}): couldn't get version/kind; json parse error: ${fault} (${summary(bytes)})`,
    )
  }
  if (!apiVersion) return { group: want.group, version: want.version, kind: kind || want.kind }
  const slash = apiVersion.indexOf('/')
  if (apiVersion.indexOf('/', slash + 1) > 0 && slash >= 0) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${want.kind}): unexpected GroupVersion string: ${apiVersion} (${summary(bytes)})`,
    )
  }
  return slash < 0
    ? { group: '', version: apiVersion, kind: kind || want.kind }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind: kind || want.kind }
}

function checkKind(type: ExpectedKind, want: ExpectedKind, model: Model): void {
  if (type.kind === want.kind && type.group === want.group && type.version === want.version) return
  const apiVersion = apiVersionOf(type.group, type.version)
  const registered = registeredDefinition(type)
  if (!registered) {
    throw cannotBeHandled(
      type.kind,
      type.version,
      want.kind,
      `no kind ${JSON.stringify(type.kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    )
  }
  if (type.kind !== want.kind || type.group !== want.group) {
    const from = `${type.version}.${type.kind}`
    const to = `${packageOf(model.definition)}.${want.kind}`
    throw cannotBeHandled(type.kind, type.version, want.kind, `converting (${from}) to (${to}): unknown conversion`)
  }
  throw badRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(want.group, want.version)})`,
  )
}

let registered: ReadonlySet<string> | undefined

function registeredDefinition(type: ExpectedKind): boolean {
  if (!registered) {
    const schema = loadSchema()
    const all = new Set<string>()
    for (const name of schema.names()) {
      const model = schema.model(name)
      if (!model.properties.has('apiVersion') || !model.properties.has('kind')) continue
      const gvk = groupVersionKindOf(model.definition)
      all.add(`${apiVersionOf(gvk.group, gvk.version)} ${gvk.kind}`)
    }
    registered = all
  }
  return registered.has(`${apiVersionOf(type.group, type.version)} ${type.kind}`)
}

function cannotBeHandled(kind: string, version: string, as: string, why: string): StatusError {
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${as}: ${why}`)
}

/** How encoding/json names a JSON value. */
function jsonKind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
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
class Walk {
  /** `unknown field "spec.foo"` and `duplicate field "spec.bar"`, in the order of the document. */
  readonly faults: string[] = []

  constructor(private readonly duplicates: readonly string[]) {}

  /**
   * @param path as strict decoding says it, with indices and keys: `spec.containers[0].env`
   * @param goPath as type errors say it, with neither
   */
  object(value: Record<string, unknown>, model: Model, path: string, goPath: string): Record<string, unknown> {
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
    switch (property.type) {
      case 'string':
        if (typeof value !== 'string') return value === null ? '' : this.mismatch(value, property, owner, goPath)
        return value
      case 'boolean':
        if (typeof value !== 'boolean') return value === null ? false : this.mismatch(value, property, owner, goPath)
        return value
      case 'integer':
        if (typeof value !== 'number') return value === null ? 0 : this.mismatch(value, property, owner, goPath)
        if (!Number.isInteger(value) || (property.format === 'int32' && (value > 2147483647 || value < -2147483648))) {
          throw new DecodeFault(
            `json: cannot unmarshal number ${value} into Go struct field ${owner.goName}.${goPath} of type ${property.goType}`,
          )
        }
        return value
      case 'number':
        if (typeof value !== 'number') return this.mismatch(value, property, owner, goPath)
        return value
      case 'quantity':
        return this.quantity(value)
      case 'time':
        return this.time(value, property)
      case 'int-or-string':
        if (typeof value === 'string') return value
        if (typeof value !== 'number') throw new DecodeFault(`json: cannot unmarshal ${jsonKind(value)} into Go value of type int32`)
        if (!Number.isInteger(value) || Math.abs(value) > 2147483647) {
          throw new DecodeFault(`json: cannot unmarshal number ${value} into Go value of type int32`)
        }
        return value
      case 'bytes': {
        if (typeof value !== 'string') return value === null ? '' : this.mismatch(value, property, owner, goPath)
        const at = base64Fault(value)
        if (at !== undefined) throw new DecodeFault(`illegal base64 data at input byte ${at}`)
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
        return value
    }
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
    if (typeof value !== 'string' && typeof value !== 'number') throw new DecodeFault(QUANTITY_WRONG)
    try {
      return canonicalQuantity(value)
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
    throw new DecodeFault(
      `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${owner.goName}.${goPath} of type ${property.goType}`,
    )
  }
}

const QUANTITY_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** Whether Go's encoder would leave the value out. Required fields are always written. */
function isDropped(value: unknown, property: Property, model: Model, key: string): boolean {
  if (property.required || property.nullable) return false
  switch (property.type) {
    case 'string':
      return value === '' && !isCustom(model) && omitsEmptyString(model.name, key)
    case 'boolean':
      return value === false && omitsZero(model.name, key)
    case 'integer':
      return value === 0 && omitsZero(model.name, key)
    case 'array':
      return (value as unknown[]).length === 0 && !isCustom(model)
    case 'map':
      return !isCustom(model) && Object.keys(value as object).length === 0
    default:
      return false
  }
}

/** Custom resources are kept as they were sent: only types of our own go through Go structs. */
function isCustom(model: Model): boolean {
  return !model.definition.startsWith('io.k8s.')
}
