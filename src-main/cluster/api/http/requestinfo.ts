/** What a request's method and path ask for, before anything is looked up. Follows kube-apiserver's RequestInfo. */
import { nameInSelector } from '../selectors/fields.js'

export interface RequestInfo {
  /** The path as it was sent, without its percent-encoding. */
  readonly path: string
  readonly query: URLSearchParams
  /** False for /healthz, discovery and the like. */
  readonly isResource: boolean
  /** `get`, `list`, `watch`, `create`, …; for a path the method in lower case. */
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** Of a collection; empty without one. */
  readonly fieldSelector: string
  /** What follows the subresource, with its slash: for proxies. */
  readonly rest: string
  /** The one object that a deprecated path of /watch/ names; empty for all others. */
  readonly watched: string
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Subresources of namespaces: the path /namespaces/NAME/status does not name a resource of that namespace. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize'])

function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0'
}

/**
 * The parts of a path: percent-encoding is undone before it is cut, and slashes at its end count for nothing. Empty for
 * one that begins with two slashes, which leads nowhere.
 */
function partsOf(path: string): string[] {
  return path.startsWith('//') ? [] : path.replace(/^\/|\/+$/g, '').split('/')
}

/**
 * Reads method and URL. An empty part in the middle of a path makes it one that is no resource. Throws URIError for a path
 * whose percent-encoding is broken.
 */
export function readRequest(method: string, url: string): RequestInfo {
  const question = url.indexOf('?')
  const sent = question < 0 ? url : url.slice(0, question)
  const path = sent.includes('%') ? decodeURIComponent(sent) : sent
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1))
  const plain: RequestInfo = {
    path,
    query,
    isResource: false,
    verb: method.toLowerCase(),
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    fieldSelector: '',
    rest: '',
    watched: '',
  }
  const parts = partsOf(path)
  const core = parts[0] === 'api'
  if (!core && parts[0] !== 'apis') return plain
  const group = core ? '' : (parts[1] ?? '')
  const version = (core ? parts[1] : parts[2]) ?? ''
  let rest = parts.slice(core ? 2 : 3)
  if (!version || rest.length === 0 || (!core && !group)) return plain
  let verb = VERBS[method] ?? method.toLowerCase()
  // The deprecated /watch/ prefix of a path.
  const watched = rest[0] === 'watch' && method === 'GET' && rest.length > 1
  if (watched) {
    rest = rest.slice(1)
    verb = 'watch'
  }
  let namespace = ''
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) rest = rest.slice(2)
  }
  const [resource = '', named = '', subresource = '', ...more] = rest
  if (parts.slice(0, parts.length - more.length).includes('')) return plain
  const inNamespaces = resource === 'namespaces' && core
  if (inNamespaces && namespace === '' && named) namespace = named
  let name = named
  if (!name && verb === 'get') verb = isTrue(query.get('watch')) ? 'watch' : 'list'
  if (!name && verb === 'delete') verb = 'deletecollection'
  let fieldSelector = ''
  if (!name && (verb === 'list' || verb === 'watch' || verb === 'deletecollection')) {
    fieldSelector = query.get('fieldSelector') ?? ''
    name = nameInSelector(fieldSelector) ?? ''
  }
  return {
    ...plain,
    isResource: true,
    verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    fieldSelector,
    watched: watched ? (named ?? '') : '',
    rest: more.length > 0 ? `/${more.join('/')}` : path.endsWith('/') && subresource ? '/' : '',
  }
}

/** The name in the path itself: empty for a collection, whatever its field selector says. */
export function nameInPath(info: RequestInfo): string {
  return ['list', 'watch', 'deletecollection'].includes(info.verb) ? '' : info.name
}
