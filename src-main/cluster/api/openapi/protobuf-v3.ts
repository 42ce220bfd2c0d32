/**
 * Writes an OpenAPI v3 document as the protobuf message `openapi.v3.Document` of gnostic. Only the fields that our
 * documents have. The numbers are those of gnostic's OpenAPIv3.proto.
 */
import { any, extensions, Message, named, object } from './message.js'
import type { OpenApiObject } from './schemas.js'

const LISTS = [
  ['allOf', 26],
  ['oneOf', 27],
  ['anyOf', 28],
] as const

function schemaOrReference(s: OpenApiObject): Message {
  if (typeof s.$ref === 'string') return new Message().message(2, new Message().string(1, s.$ref))
  return new Message().message(1, schema(s))
}

function schema(s: OpenApiObject): Message {
  const m = new Message()
    .bool(1, s.nullable)
    .string(9, s.title)
    .double(10, s.multipleOf)
    .double(11, s.maximum)
    .bool(12, s.exclusiveMaximum)
    .double(13, s.minimum)
    .bool(14, s.exclusiveMinimum)
    .integer(15, s.maxLength)
    .integer(16, s.minLength)
    .string(17, s.pattern)
    .integer(18, s.maxItems)
    .integer(19, s.minItems)
    .bool(20, s.uniqueItems)
    .integer(21, s.maxProperties)
    .integer(22, s.minProperties)
    .strings(23, s.required)
  for (const value of (s.enum as unknown[] | undefined) ?? []) m.message(24, any(value))
  m.string(25, s.type)
  for (const [name, field] of LISTS) {
    for (const part of (s[name] as OpenApiObject[] | undefined) ?? []) m.message(field, schemaOrReference(part))
  }
  if (s.not) m.message(29, schema(object(s.not)))
  if (s.items) m.message(30, new Message().message(1, schemaOrReference(object(s.items))))
  if (s.properties) m.message(31, named(1, object(s.properties), schemaOrReference))
  if (s.additionalProperties === true) m.message(32, new Message().bool(2, true))
  else if (s.additionalProperties) m.message(32, new Message().message(1, schemaOrReference(object(s.additionalProperties))))
  const scalar = defaultOf(s.default)
  if (scalar) m.message(33, scalar)
  return extensions(m.string(34, s.description).string(35, s.format), 36, s)
}

/** A default value; the message has no place for lists and objects. */
function defaultOf(value: unknown): Message | undefined {
  if (typeof value === 'number') return new Message().double(1, value)
  if (typeof value === 'boolean') return new Message().bool(2, value)
  return typeof value === 'string' ? new Message().string(3, value) : undefined
}

function parameter(p: OpenApiObject): Message {
  const m = new Message().string(1, p.name).string(2, p.in).string(3, p.description).bool(4, p.required)
  return new Message().message(1, m.message(10, schemaOrReference(object(p.schema))))
}

const mediaTypes = (content: unknown): Message =>
  named(1, object(content), (type) => new Message().message(1, schemaOrReference(object(type.schema))))

function response(r: OpenApiObject): Message {
  const m = new Message().string(1, r.description)
  if (r.content) m.message(3, mediaTypes(r.content))
  return new Message().message(1, m)
}

function operation(o: OpenApiObject): Message {
  const m = new Message().strings(1, o.tags).string(3, o.description).string(5, o.operationId)
  for (const p of (o.parameters as OpenApiObject[] | undefined) ?? []) m.message(6, parameter(p))
  if (o.requestBody) {
    const { content, required } = object(o.requestBody)
    m.message(7, new Message().message(1, new Message().message(2, mediaTypes(content)).bool(3, required)))
  }
  return extensions(m.message(8, named(2, object(o.responses), response)), 13, o)
}

function pathItem(item: OpenApiObject): Message {
  const m = new Message()
  for (const [method, field] of [
    ['get', 4],
    ['put', 5],
    ['post', 6],
    ['delete', 7],
    ['options', 8],
    ['head', 9],
    ['patch', 10],
  ] as const) {
    if (item[method]) m.message(field, operation(object(item[method])))
  }
  for (const p of (item.parameters as OpenApiObject[] | undefined) ?? []) m.message(13, parameter(p))
  return m
}

function securityScheme(s: OpenApiObject): Message {
  return new Message().message(1, new Message().string(1, s.type).string(2, s.description).string(3, s.name).string(4, s.in))
}

/** The bytes of a document made by `v3.ts`. */
export function encodeDocumentV3(document: OpenApiObject): Buffer {
  const info = object(document.info)
  const components = object(document.components)
  const parts = new Message()
    .message(1, named(1, object(components.schemas), schemaOrReference))
    .message(7, named(1, object(components.securitySchemes), securityScheme))
  return new Message()
    .string(1, document.openapi)
    .message(2, new Message().string(1, info.title).string(6, info.version))
    .message(4, named(1, object(document.paths), pathItem))
    .message(5, parts)
    .toBuffer()
}
