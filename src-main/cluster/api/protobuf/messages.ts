/**
 * The messages of Kubernetes' protobuf encoding: what fields they have, by number, and which message a kind is.
 * See "Kubernetes Protobuf encoding" in the API concepts.
 */
import generated from './generated/messages.json'
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

const known = new Map<string, ReadonlyMap<number, Field>>()

/** The fields of a message by their numbers; undefined for one that is not known. */
export function messageNamed(name: string): ReadonlyMap<number, Field> | undefined {
  let fields = known.get(name)
  const texts = [(generated as Record<string, string>)[name], LATER[name]].filter((text) => text !== undefined)
  if (!fields && texts.length > 0) {
    fields = new Map(
      texts
        .flatMap((text) => text.split(','))
        .map((f) => {
          const [number, label, type] = f.split(' ') as [string, string, string]
          const mark = '*%<'.includes(type[0]!) ? (type[0] as Field['mark']) : ''
          return [Number(number), { name: label, type: mark ? type.slice(1) : type, mark }]
        }),
    )
    known.set(name, fields)
  }
  return fields
}

/** Messages that are a list in JSON: their only field is `items`. */
export const LISTS = /\.(ExtraValue|Verbs)$/

/** `apps/v1` Deployment is `apps.v1.Deployment`. */
function conventionalName(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['core', apiVersion]
  // Options belong to no group of their own: they are sent under whatever version the client speaks.
  if (/(Delete|Create|Update|Patch|List|Get)Options$/.test(kind)) return `meta.v1.${kind}`
  return `${group.split('.')[0]!}.${version}.${kind}`
}

/** Whether objects of a kind can be written as protobuf: custom resources cannot. */
export const hasMessage = (apiVersion: string, kind: string): boolean => messageNamed(messageOfKind(apiVersion, kind)) !== undefined

/** The name of the message of a kind; of one that is not known, a name that no message has. */
export function messageOfKind(apiVersion: string, kind: string): string {
  const names = [conventionalName(apiVersion, kind), conventionalName(apiVersion.replace(/v1beta1$/, 'v1'), kind), `meta.v1.${kind}`]
  return names.find((name) => messageNamed(name)) ?? names[0]!
}
