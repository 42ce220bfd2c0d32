/**
 * From the bytes of a request to an object of the API: parsed, checked against the schema, and cleaned of what the API
 * does not know. One walk does it all. The wording is that of the API server's decoder (k8s.io/apimachinery
 * serializer/json and "Field Validation" in the API concepts).
 */
import { badRequest, field, invalid, StatusError } from '../errors.js'
import type { KubeObject } from '../object.js'
import { apiVersionOf, groupVersionKindOf, groupVersionOf, packageOf } from './groups.js'
import { parseJson, parseYaml, SyntaxFault } from './json.js'
import type { Parsed } from './json.js'
import { loadSchema, modelOf } from './schema.js'
import type { Model, ModelLike } from './schema.js'
import { DecodeFault, jsonKind, Walk } from './walk.js'
import { fillStatus } from './written.js'

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
  if (m.custom) checkSaysKind(parsed.value, bytes, want)
  checkKind(type, want, m, nameOf(parsed.value))
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
  fillStatus(object, m)
  const found = m.custom ? faultsOfCustom(parsed.duplicates, walk.faults) : walk.faults
  if (fieldValidation === 'Strict' && (faults.length || found.length)) {
    throw cannotBeHandled(type.kind, type.version, want.kind, `strict decoding error: ${[...faults, ...found].join(', ')}`)
  }
  const warnings = fieldValidation === 'Warn' ? [...repeated, ...found] : []
  return { object, warnings }
}

/**
 * Runs an object that is no longer bytes (the outcome of a patch) through the same walk.
 * @param restored whether Go would no longer have it as JSON but as a map: what is wrong with it is then said otherwise
 * @returns a new object, and the texts of what is unknown in it
 * @throws StatusError 422 as a patched object that is malformed gets it (with the decoder's text), 400 for others
 */
export function decodeValue(value: unknown, model: ModelLike, restored = false): { object: KubeObject; faults: string[] } {
  const m = modelOf(model)
  const { kind, version } = groupVersionKindOf(m.definition)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${version}.${kind}`)
  }
  const walk = new Walk([], restored)
  try {
    const object = walk.object(value as Record<string, unknown>, m, '', '') as KubeObject
    fillStatus(object, m)
    return { object, faults: m.custom ? faultsOfCustom([], walk.faults) : walk.faults }
  } catch (error) {
    if (error instanceof DecodeFault) throw badRequest(error.message)
    throw error
  }
}

const UNKNOWN = 'unknown field "'

/**
 * What is odd about a custom resource, in the API server's order: what is said twice, be it known or not, as the parser
 * finds it; then what its metadata does not know, and what its schema does not, which pruning tells sorted.
 */
function faultsOfCustom(duplicates: readonly string[], faults: readonly string[]): string[] {
  const unknown = faults.filter((fault) => fault.startsWith(UNKNOWN))
  const inMetadata = unknown.filter((fault) => fault.startsWith(`${UNKNOWN}metadata.`))
  const others = unknown.filter((fault) => !inMetadata.includes(fault)).sort()
  return [...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`), ...inMetadata, ...others]
}

/** Parses a body with no schema, for patches. @throws StatusError 400 with the decoder's text */
export function decodeJson(bytes: Buffer): unknown {
  return plain(() => parseJson(bytes, false).value)
}

/**
 * Parses the body of a patch, which has no schema.
 * @param findRepeated whether to look for keys that it says twice
 * @param prefix what comes before the decoder's text
 * @returns the patch, and what strict decoding has to say of repeated keys
 * @throws StatusError 400 with the decoder's text
 */
export function decodePatch(bytes: Buffer, findRepeated: boolean, prefix = ''): { patch: unknown; repeated: string[] } {
  return plain(() => {
    const { value, duplicates } = parseJson(bytes, findRepeated)
    return { patch: value, repeated: duplicates.map((d) => `duplicate field "${d}"`) }
  }, prefix)
}

const NO_YAML = 'error decoding YAML: error converting YAML to JSON: '

/** Parses a YAML (or JSON) body with no schema, for apply patches. @throws StatusError 400 with the decoder's text */
export function decodeYaml(bytes: Buffer): unknown {
  return plain(() => parseYaml(bytes, false).value, NO_YAML)
}

/**
 * What strict decoding has to say of an apply patch: repeated keys. Unknown fields are found by the typed merge.
 */
export function repeatedYamlKeys(bytes: Buffer): string[] {
  const { duplicates, yamlDuplicates } = plain(() => parseYaml(bytes, true), NO_YAML)
  return [
    ...duplicates.map((d) => `duplicate field "${d}"`),
    ...yamlDuplicates.map((d) => `line ${d.line}: key ${JSON.stringify(d.key)} already set in map`),
  ]
}

function plain<T>(read: () => T, prefix = ''): T {
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
  return { ...groupVersionOf(apiVersion), kind: kind || want.kind }
}

/**
 * Checks that data are of the kind and version that are expected.
 * @param name what the object is called, for a refusal that names it
 * @param refused the error for data that the codec cannot read as what is expected, with its words
 * @throws StatusError that error; 400 and 422 in words of their own for other versions and custom resources
 */
export function checkKind(
  type: ExpectedKind,
  want: ExpectedKind,
  model: Model,
  name: string,
  refused = (why: string): Error => cannotBeHandled(type.kind, type.version, want.kind, why),
): void {
  if (type.kind === want.kind && type.group === want.group && type.version === want.version) return
  const apiVersion = apiVersionOf(type.group, type.version)
  if (model.custom) throw customMismatch(type, want, name)
  if (!registeredDefinition(type)) {
    throw refused(
      `no kind ${JSON.stringify(type.kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    )
  }
  if (type.kind !== want.kind || type.group !== want.group) {
    throw refused(`converting (${type.version}.${type.kind}) to (${packageOf(model.definition)}.${want.kind}): unknown conversion`)
  }
  throw badRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(want.group, want.version)})`,
  )
}

/** A custom resource must say what it is; for built-in kinds the endpoint fills it in. */
function checkSaysKind(value: unknown, bytes: Buffer, want: ExpectedKind): void {
  const { kind, apiVersion } = (value ?? {}) as { kind?: unknown; apiVersion?: unknown }
  if (kind && apiVersion) return
  const version = kind ? '' : want.version
  throw cannotBeHandled(want.kind, version, want.kind, `Object '${kind ? 'apiVersion' : 'Kind'}' is missing in '${bytes.toString('utf8')}'`)
}

/** Any object can be read as a custom resource; what it says it is must be what the endpoint serves. */
function customMismatch(type: ExpectedKind, want: ExpectedKind, name: string): StatusError {
  const expected = apiVersionOf(want.group, want.version)
  const sent = apiVersionOf(type.group, type.version)
  if (sent !== expected) return badRequest(`the API version in the data (${sent}) does not match the expected API version (${expected})`)
  return invalid(type, name, [field.invalid('kind', type.kind, `must be ${want.kind}`)])
}

function nameOf(value: unknown): string {
  const name = (value as { metadata?: { name?: unknown } | null } | null | undefined)?.metadata?.name
  return typeof name === 'string' ? name : ''
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
