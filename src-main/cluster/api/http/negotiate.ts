/** Content negotiation: which form an answer takes, and how a body is read. */
import { StatusError } from '../errors.js'
import { protobufToJson } from '../protobuf/decode.js'
import { PROTOBUF } from '../protobuf/messages.js'
import type { PatchType } from '../client.js'

/** The forms an answer can have. */
export interface AnswerForm {
  readonly mediaType: 'application/json' | 'application/yaml' | typeof PROTOBUF
  /** A transformation that the client asked for with `as=`. */
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined
  /** The version of meta.k8s.io of the transformation. */
  readonly metaVersion: string
  /** Whether the Accept header asks for JSON to be indented (`pretty=1`). */
  readonly pretty?: boolean
}

interface Clause {
  readonly type: string
  readonly subtype: string
  readonly parameters: Readonly<Record<string, string>>
  readonly q: number
}

/** Those of custom resources as they are, of kinds that have no message, and of what is no object of the API. */
export const TEXT_TYPES = ['application/json', 'application/yaml'] as const
const ANSWER_TYPES = [...TEXT_TYPES, PROTOBUF] as const

function parseAccept(header: string): Clause[] {
  return header
    .split(',')
    .map((text) => {
      const [range = '', ...rest] = text.split(';').map((s) => s.trim())
      const [type = '', subtype = ''] = range.toLowerCase().split('/')
      const parameters: Record<string, string> = {}
      for (const parameter of rest) {
        const [name = '', value = ''] = parameter.split('=')
        parameters[name.trim().toLowerCase()] = value.trim().replace(/^"|"$/g, '')
      }
      return { type, subtype: type === '*' && subtype === '' ? '*' : subtype, parameters, q: Number(parameters['q'] ?? 1) }
    })
    .filter((c) => c.type !== '' && c.q > 0)
    .sort((a, b) => b.q - a.q)
}

/** What a clause wants an answer to be; undefined when it can be no such thing, as when it names a group but no kind. */
function transformation({ parameters }: Clause, mediaType: AnswerForm['mediaType']): Pick<AnswerForm, 'as' | 'metaVersion'> | undefined {
  const { as, g, v, stream, sv } = parameters
  if (stream && (stream !== 'watch' || mediaType === 'application/yaml')) return undefined
  if (sv && sv !== 'v1') return undefined
  if (as === undefined && g === undefined && v === undefined) return { as: undefined, metaVersion: '' }
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined
  if (as !== 'Table' && as !== 'PartialObjectMetadata' && as !== 'PartialObjectMetadataList') return undefined
  return { as, metaVersion: v }
}

/**
 * Chooses the form of an answer by the Accept header. Those who would rather have protobuf but also take JSON get that:
 * it is at hand. `wholeTypes` are those of what is not transformed, when they are fewer. Throws 406 when nothing fits.
 */
export function negotiate(
  accept: string | undefined,
  options: { transform: boolean; types?: readonly string[]; wholeTypes?: readonly string[] },
): AnswerForm {
  const types = (options.types ?? ANSWER_TYPES) as readonly AnswerForm['mediaType'][]
  if (!accept) return { mediaType: types[0]!, as: undefined, metaVersion: '' }
  const clauses = parseAccept(accept)
  const text = types.filter((t) => t !== PROTOBUF)
  const rounds: readonly (readonly AnswerForm['mediaType'][])[] = text.length < types.length ? [text, [PROTOBUF]] : [types]
  for (const offered of rounds)
    for (const clause of clauses) {
      const mediaType = offered.find((t) => {
        const [type, subtype] = t.split('/')
        return (clause.type === '*' || clause.type === type) && (clause.subtype === '*' || clause.subtype === subtype)
      })
      if (!mediaType) continue
      const form = transformation(clause, mediaType)
      // A Table has no protobuf.
      if (form && !form.as && options.wholeTypes?.includes(mediaType) === false) continue
      if (!form || (form.as && !options.transform) || (form.as === 'Table' && mediaType === PROTOBUF)) continue
      return { mediaType, ...form, ...(clause.parameters['pretty'] === '1' && { pretty: true }) }
    }
  throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`)
}

/**
 * Refuses an Accept header that names none of what the API's router can route to: it knows the types as they are spelled
 * and any type, but no `application/*`, and looks at no parameters. Throws 406.
 */
export function checkProduced(accept: string | undefined, types: readonly string[] = ANSWER_TYPES): void {
  if (!accept) return
  const named = accept.split(',').map((range) => range.split(';')[0]!.trim())
  if (named.some((range) => range === '*/*' || types.includes(range))) return
  throw new StatusError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`, {})
}

/** The media types of patches. */
export const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/** Refuses a patch of no type that the API's router can route to; it knows them as they are spelled. Throws 415. */
export function checkPatchType(contentType: string | undefined): void {
  const named = (contentType ?? '').split(',').map((type) => type.split(';')[0]!.trim())
  if (named.some((type) => Object.hasOwn(PATCH_TYPES, type))) return
  throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

/** The types of the log of a container, which is text whatever is asked for. */
export const LOG_TYPES = ['text/plain', ...ANSWER_TYPES]

/** The media type of a header without its parameters, in lower case. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';')[0]!.trim().toLowerCase()
}

/** 415 in the API's wording. */
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`
  return new StatusError(415, 'UnsupportedMediaType', message)
}

/** The types a body that holds an object may have. */
const BODY_TYPES = ['application/json', 'application/yaml', PROTOBUF]

/** A body as JSON or YAML text: protobuf becomes JSON. Without a type it is JSON. Throws 415, and 400 for bad protobuf. */
export function readableBody(
  body: Buffer,
  contentType: string | undefined,
): { bytes: Buffer; type: 'application/json' | 'application/yaml' } {
  const type = mediaTypeOf(contentType)
  if (type === '' || type === 'application/json') return { bytes: body, type: 'application/json' }
  if (type === 'application/yaml') return { bytes: body, type }
  if (type === PROTOBUF) return { bytes: protobufToJson(body), type: 'application/json' }
  throw unsupportedMediaType(BODY_TYPES)
}
