/**
 * The messages of Kubernetes' protobuf encoding: what fields they have, by number, and which message a kind is.
 * See "Kubernetes Protobuf encoding" in the API concepts.
 */
import generated from './generated/messages.json'
import { GROUP_MESSAGES } from './groups.js'
import { LATER } from './later.js'

export const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** `k8s` and a zero byte: what every such body starts with. */
export const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0])
export interface Field {
  readonly name: string
  /** A scalar (one letter), or the name of a message. */
  readonly type: string
  /** `*` a list, `%` a map by strings, `<` a message whose fields are those of the outer one in JSON. */
  readonly mark: '' | '*' | '%' | '<'
}

const known = new Map<string, ReadonlyMap<number, Field> | undefined>()

/** The fields of a message by their numbers; undefined for one that is not known. */
export function messageNamed(name: string): ReadonlyMap<number, Field> | undefined {
  if (known.has(name)) return known.get(name)
  const [, inGroup = '', message = ''] = /^(.+)\.(\w+)$/.exec(name) ?? []
  const texts = [(generated as Record<string, string>)[name], GROUP_MESSAGES[inGroup]?.[message], LATER[name]]
  const said = texts.filter((text) => text !== undefined)
  // Names that are not known come from outside, as many as one likes: only those that are known are kept.
  if (said.length === 0) return undefined
  const fields = said.flatMap((text) => (text === '' ? [] : text.split(','))).map((text) => fieldOf(text, inGroup))
  const byNumber = new Map(fields)
  known.set(name, byNumber)
  return byNumber
}

/** `3 name *type`; a type that starts with a dot is in the same group and version. */
function fieldOf(text: string, inGroup: string): [number: number, field: Field] {
  const [number, name, marked] = text.split(' ') as [string, string, string]
  const mark = '*%<'.includes(marked[0]!) ? (marked[0] as Field['mark']) : ''
  const type = mark ? marked.slice(1) : marked
  return [Number(number), { name, type: type.startsWith('.') ? inGroup + type : type, mark }]
}

/** Messages that are a list in JSON: their only field is `items`. */
const LISTS = /\.(ExtraValue|Verbs)$/

/** Messages that are a schema in JSON or something else, and the field of the latter. */
const SCHEMA_OR: Readonly<Record<string, string>> = {
  'apiextensions.v1.JSONSchemaPropsOrArray': 'jSONSchemas',
  'apiextensions.v1.JSONSchemaPropsOrBool': 'allows',
  'apiextensions.v1.JSONSchemaPropsOrStringArray': 'property',
}

type Fields = Readonly<Record<string, unknown>>

/** The fields of a message that holds a value of JSON. */
export function wrapped(type: string, value: unknown): Fields {
  if (LISTS.test(type)) return { items: value }
  const other = SCHEMA_OR[type]
  if (!other) return value as Fields
  if (typeof value !== 'object' || Array.isArray(value)) return { [other]: value }
  return other === 'allows' ? { allows: true, schema: value } : { schema: value }
}

/** The value of JSON that the fields of a message say. */
export function unwrapped(type: string, fields: Fields): unknown {
  if (LISTS.test(type)) return fields['items'] ?? []
  const other = SCHEMA_OR[type]
  return other ? (fields['schema'] ?? fields[other] ?? (other === 'allows' ? false : [])) : fields
}

/** The groups that have messages, and what the names of their packages start with. Custom resources may have a group like them. */
const PACKAGES: Readonly<Record<string, string>> = {
  '': 'core',
  'admissionregistration.k8s.io': 'admissionregistration',
  'apiextensions.k8s.io': 'apiextensions',
  'apiregistration.k8s.io': 'apiregistration',
  apps: 'apps',
  'authentication.k8s.io': 'authentication',
  'authorization.k8s.io': 'authorization',
  autoscaling: 'autoscaling',
  batch: 'batch',
  'certificates.k8s.io': 'certificates',
  'coordination.k8s.io': 'coordination',
  'discovery.k8s.io': 'discovery',
  'events.k8s.io': 'events',
  'flowcontrol.apiserver.k8s.io': 'flowcontrol',
  'metrics.k8s.io': 'metrics',
  'networking.k8s.io': 'networking',
  'node.k8s.io': 'node',
  policy: 'policy',
  'rbac.authorization.k8s.io': 'rbac',
  'resource.k8s.io': 'resource',
  'scheduling.k8s.io': 'scheduling',
  'storage.k8s.io': 'storage',
}

/** `apps/v1` Deployment is `apps.v1.Deployment`. */
function conventionalName(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion]
  // Options belong to no group of their own: they are sent under whatever version the client speaks.
  if (/(Delete|Create|Update|Patch|List|Get)Options$/.test(kind)) return `meta.v1.${kind}`
  return `${PACKAGES[group] ?? ''}.${version}.${kind}`
}

/** Whether objects of a kind can be written as protobuf: custom resources cannot. */
export const hasMessage = (apiVersion: string, kind: string): boolean => messageNamed(messageOfKind(apiVersion, kind)) !== undefined

/** The name of the message of a kind; of one that is not known, a name that no message has. */
export function messageOfKind(apiVersion: string, kind: string): string {
  const names = [conventionalName(apiVersion, kind), conventionalName(apiVersion.replace(/v1beta1$/, 'v1'), kind)]
  if (/^(v1|meta\.k8s\.io\/v1(beta1)?)?$/.test(apiVersion)) names.push(`meta.v1.${kind}`)
  return names.find((name) => messageNamed(name)) ?? names[0]!
}
