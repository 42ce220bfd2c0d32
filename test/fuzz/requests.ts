/** Requests that a client with bad intentions, or with a bug, might send: every kind, verb, subresource and option. */
import fc from 'fast-check'
import { stringify } from 'yaml'
import { recordedSteps } from './manifests.js'
import { escaped, headers, query } from './options.js'
import { known, namespace, objectName, pathOf, resources, YARD, type Resource } from './resources.js'
import { byteChange, change, changed, changedBytes, withRepeatedKeys, type Change } from './spoil.js'
import { anything, NAMES, nastyString, objectOf } from './values.js'

/** A request as plain data, so that a counterexample can be read. Texts are latin-1: one character for one byte. */
export interface FuzzRequest {
  readonly via: 'http1' | 'http2' | 'raw' | 'websocket'
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What is sent to a subresource that is not the object itself. */
const SUBRESOURCE_KINDS: Readonly<Record<string, string>> = {
  eviction: 'policy/v1 Eviction',
  binding: 'v1 Binding',
  token: 'authentication.k8s.io/v1 TokenRequest',
  scale: 'autoscaling/v1 Scale',
}

const via = fc.oneof({ weight: 8, arbitrary: fc.constant('http1' as const) }, { weight: 6, arbitrary: fc.constant('http2' as const) })

/** UTF-8 as latin-1. */
const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** An object of a kind: a right one with changes, or one that only the schema made. */
function objectFor(resource: Resource, of = resource.manifests): fc.Arbitrary<unknown> {
  const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...NAMES) }, nastyString)
  const fromSchema = (model: NonNullable<Resource['model']>): fc.Arbitrary<unknown> =>
    fc.tuple(objectOf(model, 4), name).map(([fields, n]) => ({
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      ...fields,
      metadata: { name: n, ...(fields['metadata'] as object | undefined) },
    }))
  const spoiled = fc
    .tuple(
      fc.nat(1000),
      name,
      fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) }),
      fc.boolean(),
    )
    .map(([i, n, changes, renamed]) => {
      const base = of[i % of.length]!
      return changed(renamed ? { ...base, metadata: { ...base.metadata, name: n, namespace: undefined } } : base, changes)
    })
  if (of.length === 0) return resource.model ? fromSchema(resource.model) : anything
  if (!resource.model) return spoiled
  // A part of a right object replaced by what its schema makes of it.
  const model = typeof resource.model === 'string' ? undefined : resource.model
  return model
    ? fc.oneof(spoiled, fromSchema(model))
    : fc.oneof({ weight: 4, arbitrary: spoiled }, { weight: 1, arbitrary: fromSchema(resource.model) })
}

/** The text of an object: JSON mostly, YAML, JSON with keys that come twice, or bytes that were damaged. */
function encoded(object: fc.Arbitrary<unknown>): fc.Arbitrary<{ type: string; body: string }> {
  const form = fc.oneof(
    { weight: 8, arbitrary: fc.constant('json') },
    { weight: 4, arbitrary: fc.constantFrom('yaml', 'repeated', 'damaged', 'damaged-yaml', 'pretty') },
  )
  const types = fc.oneof(
    { weight: 30, arbitrary: fc.constant('') },
    fc.constantFrom('application/vnd.kubernetes.protobuf', 'text/plain', 'application/json; charset=utf-16', ';'),
  )
  return fc.tuple(object, form, fc.array(byteChange, { minLength: 1, maxLength: 3 }), types).map(([value, how, changes, other]) => {
    const yaml = how === 'yaml' || how === 'damaged-yaml'
    let body: string
    try {
      body = bytesOf(yaml ? stringify(value, { aliasDuplicateObjects: false }) : JSON.stringify(value, undefined, how === 'pretty' ? 2 : 0))
    } catch {
      // Nested deeper than the writer can follow.
      body = '[]'
    }
    if (how === 'repeated') body = withRepeatedKeys(body)
    if (how.startsWith('damaged')) body = changedBytes(body, changes)
    return { type: other || (yaml ? 'application/yaml' : 'application/json'), body }
  })
}

const resource = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...resources.filter((r) => r.manifests.length > 0)) },
  { weight: 1, arbitrary: fc.constantFrom(...resources) },
)

const request = (
  parts: fc.Arbitrary<{ method: string; path: string; body?: { type: string; body: string } | undefined }>,
): fc.Arbitrary<FuzzRequest> =>
  fc.tuple(parts, via, headers, query).map(([{ method, path, body }, by, h, q]) => ({
    via: by,
    method,
    path: path + q,
    headers: body ? { 'content-type': body.type, ...h } : h,
    ...(body ? { body: body.body } : {}),
  }))

const creates = request(
  resource.chain((r) =>
    fc.tuple(namespace, encoded(objectFor(r))).map(([ns, body]) => ({ method: 'POST', path: pathOf(r, { namespace: ns }), body })),
  ),
)

const updates = request(
  resource.chain((r) =>
    fc
      .tuple(namespace, objectName, encoded(objectFor(r)), fc.constantFrom('', '', '', ...r.subresources, 'none'))
      .map(([ns, name, body, subresource]) => ({ method: 'PUT', path: pathOf(r, { namespace: ns, name, subresource }), body })),
  ),
)

const SOME_SUBRESOURCES = [...new Set(resources.flatMap((r) => r.subresources))]

const subresourceWrites = request(
  fc.constantFrom(...resources.filter((r) => r.subresources.length > 0)).chain((r) =>
    fc.constantFrom(...r.subresources, ...SOME_SUBRESOURCES).chain((subresource) => {
      const of = known.get(SUBRESOURCE_KINDS[subresource] ?? '')
      return fc
        .tuple(
          namespace,
          objectName,
          encoded(of ? objectFor(r, of) : objectFor(r)),
          fc.constantFrom('POST', 'PUT', 'PATCH', 'GET', 'DELETE'),
        )
        .map(([ns, name, body, method]) => ({
          method,
          path: pathOf(r, { namespace: ns, name, subresource }),
          ...(method === 'GET' ? {} : { body }),
        }))
    }),
  ),
)

const pointer = fc.oneof(
  fc.constantFrom(
    '/metadata/labels/a',
    '/metadata/name',
    '/spec/replicas',
    '/spec/template/spec/containers/0/image',
    '/spec/containers/-',
    '/data',
    '/status',
    '',
    '/',
    '/metadata/annotations/a~1b',
    '/metadata/finalizers/0',
    '/spec/parts/-',
    '/__proto__/a',
    '/metadata/labels/~2',
    '/kind',
    '/spec/containers/01',
    '/metadata/managedFields',
  ),
  nastyString.map((s) => `/${s}`),
)
const jsonPatch = fc.array(
  fc.record(
    { op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'nothing'), path: pointer, from: pointer, value: anything },
    { requiredKeys: ['op', 'path'] },
  ),
  { maxLength: 4 },
)

const DIRECTIVES: readonly Change[] = [
  { at: 0, how: 'add', key: '$patch', value: 'replace' },
  { at: 3, how: 'add', key: '$patch', value: 'delete' },
  { at: 2, how: 'add', key: '$patch', value: 'merge' },
  { at: 1, how: 'add', key: '$patch', value: 7 },
  { at: 4, how: 'add', key: '$retainKeys', value: ['type'] },
  { at: 4, how: 'add', key: '$retainKeys', value: 'x' },
  { at: 5, how: 'add', key: '$setElementOrder/containers', value: [{ name: 'b' }, { name: 'a' }] },
  { at: 5, how: 'add', key: '$setElementOrder/ports', value: [1, null] },
  { at: 3, how: 'add', key: '$deleteFromPrimitiveList/finalizers', value: ['a'] },
  { at: 3, how: 'add', key: '$deleteFromPrimitiveList/command', value: {} },
]

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

const patches = request(
  resource.chain((r) =>
    fc
      .tuple(
        namespace,
        objectName,
        fc.constantFrom(...PATCH_TYPES, 'application/json', 'application/apply-patch+cbor'),
        fc.oneof({ weight: 3, arbitrary: encoded(objectFor(r)) }, encoded(jsonPatch), encoded(anything)),
        fc.array(
          fc.nat(400).chain((at) => fc.constantFrom(...DIRECTIVES).map((d) => ({ ...d, at: d.at + (at % 8) }))),
          { maxLength: 2 },
        ),
        jsonPatch,
        fc.constantFrom('', '', '', '', '?fieldManager=one', '?fieldManager=two&force=true', 'sub'),
        byteChange,
        fc.nat(5),
      )
      .map(([ns, name, type, body, directives, operations, more, damage, how]) => {
        let text = body.body
        if (type === PATCH_TYPES[0] && how > 1) text = bytesOf(JSON.stringify(operations))
        if (type === PATCH_TYPES[2] && directives.length > 0) text = withDirectives(text, directives)
        if (how === 0) text = changedBytes(text, [damage])
        const subresource = more === 'sub' ? (r.subresources[0] ?? 'status') : ''
        const manager = more.startsWith('?') ? more : type === PATCH_TYPES[3] ? '?fieldManager=one' : ''
        return { method: 'PATCH', path: pathOf(r, { namespace: ns, name, subresource }) + manager, body: { type, body: text } }
      }),
  ),
).map((r) => ({ ...r, path: r.path.replace(/\?(.*)\?/, '?$1&') }))

function withDirectives(text: string, directives: readonly Change[]): string {
  try {
    return JSON.stringify(changed(JSON.parse(text) as unknown, directives))
  } catch {
    return text
  }
}

const reads = request(
  fc
    .tuple(
      resource,
      namespace,
      fc.option(objectName, { nil: undefined }),
      fc.constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'TRACE'),
      fc.constantFrom('', '', '', ...SOME_SUBRESOURCES),
    )
    .map(([r, ns, name, method, subresource]) => ({
      method,
      path: pathOf(r, { namespace: ns, ...(name === undefined ? {} : { name, subresource }) }),
    })),
)

const deletes = request(
  resource.chain((r) =>
    fc
      .tuple(
        namespace,
        fc.option(objectName, { nil: undefined }),
        fc.option(
          encoded(
            fc
              .tuple(objectOf('V1DeleteOptions', 3), fc.array(change, { maxLength: 1 }))
              .map(([o, c]) => changed({ apiVersion: 'v1', kind: 'DeleteOptions', ...o }, c)),
          ),
          { nil: undefined },
        ),
      )
      .map(([ns, name, body]) => ({ method: 'DELETE', path: pathOf(r, { namespace: ns, ...(name === undefined ? {} : { name }) }), body })),
  ),
)

const ROOTS = [
  '/',
  '/api',
  '/apis',
  '/api/v1',
  '/apis/apps',
  '/apis/apps/v1',
  '/version',
  '/healthz',
  '/livez/etcd',
  '/readyz',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/api/v1',
  '/openid/v1/jwks',
  '/.well-known/openid-configuration',
  '/api/v1/watch/pods',
  '/api/v1/componentstatuses',
  '/logs',
  '/debug/pprof',
]
const paths = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE', 'PUT', 'OPTIONS'),
    fc.constantFrom(...ROOTS),
    fc.array(
      nastyString.map((s) => escaped(s.slice(0, 200))),
      { maxLength: 2 },
    ),
    query,
    via,
    headers,
  )
  .map(([method, root, more, q, by, h]): FuzzRequest => ({
    via: by,
    method,
    path: ([root.replace(/\/$/, ''), ...more].join('/') || '/') + q,
    headers: h,
  }))

/** A recorded request with some of its bytes changed: those of its body, or all of it on the wire. */
const steps = recordedSteps(YARD)
const damaged = fc
  .tuple(fc.nat(10_000), fc.array(byteChange, { maxLength: 4 }), fc.constantFrom('body', 'body', 'body', 'wire'), via)
  .map(([i, changes, what, by]): FuzzRequest => {
    const step = steps[i % steps.length]!
    const body = step.body === undefined ? undefined : bytesOf(typeof step.body === 'string' ? step.body : JSON.stringify(step.body))
    const h: Record<string, string> = { accept: step.accept ?? 'application/json' }
    if (body !== undefined) h['content-type'] = step.contentType ?? 'application/json'
    const path = encodeURI(decodeSafely(step.path))
    if (what === 'body')
      return { via: by, method: step.method, path, headers: h, ...(body === undefined ? {} : { body: changedBytes(body, changes) }) }
    const head = Object.entries(h).map(([name, value]) => `${name}: ${value}\r\n`)
    const length = body === undefined ? '' : `content-length: ${body.length}\r\n`
    const wire = `${step.method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${head.join('')}${length}\r\n${body ?? ''}`
    return { via: 'raw', method: step.method, path, headers: {}, body: changedBytes(wire, changes) }
  })

function decodeSafely(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

const webSockets = fc
  .tuple(resource, namespace, fc.option(objectName, { nil: undefined }), fc.constantFrom('exec', 'attach', 'portforward', 'log', ''), query)
  .map(([r, ns, name, subresource, q]): FuzzRequest => {
    const watch = name === undefined ? `${q ? '&' : '?'}watch=1` : ''
    return {
      via: 'websocket',
      method: 'GET',
      path: pathOf(r, { namespace: ns, ...(name === undefined ? {} : { name, subresource }) }) + q + watch,
      headers: {},
    }
  })

/** Deleting these would take the rest of the run its ground. */
function sparesTheGround({ via: by, method, path, headers: h, body }: FuzzRequest): boolean {
  const text = by === 'raw' ? (body ?? '') : `${method} ${path}`
  if (/^(DELETE|PUT|POST|PATCH)/.test(text) && /\/namespaces\/(ledger|kube-system)(\/finalize)?(\/?[?#\s]|\/?$)/.test(text)) return false
  // Without these no controller may do its work.
  if (text.startsWith('DELETE') && /\/clusterrole(binding)?s(\/?[?#\s]|\/?$)/.test(text)) return false
  // To act as nobody in particular is an internal error in Kubernetes, too.
  return h['impersonate-user'] !== ''
}

export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc
  .oneof(
    { weight: 22, arbitrary: creates },
    { weight: 12, arbitrary: updates },
    { weight: 8, arbitrary: subresourceWrites },
    { weight: 22, arbitrary: patches },
    { weight: 12, arbitrary: reads },
    { weight: 6, arbitrary: deletes },
    { weight: 3, arbitrary: paths },
    { weight: 14, arbitrary: damaged },
    { weight: 1, arbitrary: webSockets },
  )
  .filter(sparesTheGround)
