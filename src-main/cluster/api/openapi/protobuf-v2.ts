/**
 * Writes an OpenAPI v2 document as the protobuf message `openapi.v2.Document` of gnostic, which is what client-go asks
 * for. Only the fields that our documents have. The numbers are those of gnostic's OpenAPIv2.proto.
 */
import { any, extensions, Message, named, object } from './message.js'
import type { OpenApiObject } from './schemas.js'

function schema(s: OpenApiObject): Message {
  const m = new Message().string(1, s.$ref).string(2, s.format).string(4, s.description)
  if (s.default !== undefined) m.message(5, any(s.default))
  m.bool(16, s.uniqueItems).strings(19, s.required)
  for (const value of (s.enum as unknown[] | undefined) ?? []) m.message(20, any(value))
  if (s.additionalProperties) m.message(21, new Message().message(1, schema(object(s.additionalProperties))))
  if (s.type) m.message(22, new Message().strings(1, [s.type as string]))
  if (s.items) m.message(23, new Message().message(1, schema(object(s.items))))
  if (s.properties) m.message(25, named(1, object(s.properties), schema))
  return extensions(m, 31, s)
}

function parameter(p: OpenApiObject): Message {
  if (p.in === 'body') {
    const body = new Message()
      .string(1, p.description)
      .string(2, p.name)
      .string(3, 'body')
      .bool(4, p.required)
      .message(5, schema(object(p.schema)))
    return new Message().message(1, new Message().message(1, body))
  }
  const path = p.in === 'path'
  const plain = new Message().bool(1, p.required).string(2, p.in).string(3, p.description).string(4, p.name)
  // A query parameter has `allow_empty_value` in between, so its type is one further.
  plain.string(path ? 5 : 6, p.type)
  return new Message().message(1, new Message().message(2, new Message().message(path ? 4 : 3, plain)))
}

function response(r: OpenApiObject): Message {
  const m = new Message().string(1, r.description)
  if (r.schema) m.message(2, new Message().message(1, schema(object(r.schema))))
  return new Message().message(1, m)
}

function operation(o: OpenApiObject): Message {
  const m = new Message().strings(1, o.tags).string(3, o.description).string(5, o.operationId).strings(6, o.produces).strings(7, o.consumes)
  for (const p of (o.parameters as OpenApiObject[] | undefined) ?? []) m.message(8, parameter(p))
  m.message(9, named(1, object(o.responses), response)).strings(10, o.schemes)
  return extensions(m, 13, o)
}

function pathItem(item: OpenApiObject): Message {
  const m = new Message()
  for (const [method, field] of [
    ['get', 2],
    ['put', 3],
    ['post', 4],
    ['delete', 5],
    ['options', 6],
    ['head', 7],
    ['patch', 8],
  ] as const) {
    if (item[method]) m.message(field, operation(object(item[method])))
  }
  for (const p of (item.parameters as OpenApiObject[] | undefined) ?? []) m.message(9, parameter(p))
  return m
}

/** The bytes of a document made by `v2.ts`. */
export function encodeDocument(document: OpenApiObject): Buffer {
  const info = object(document.info)
  const token = object(object(document.securityDefinitions).BearerToken)
  const apiKey = new Message().string(1, token.type).string(2, token.name).string(3, token.in).string(4, token.description)
  return new Message()
    .string(1, document.swagger)
    .message(2, new Message().string(1, info.title).string(2, info.version))
    .message(8, named(2, object(document.paths), pathItem))
    .message(9, named(1, object(document.definitions), schema))
    .message(12, new Message().message(1, new Message().string(1, 'BearerToken').message(2, new Message())))
    .message(13, new Message().message(1, new Message().string(1, 'BearerToken').message(2, new Message().message(2, apiKey))))
    .toBuffer()
}
