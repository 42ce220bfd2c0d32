/** The deprecated paths of watches, below `/watch/`, which clients that are made from OpenAPI still go by. */
import type { Kind } from '../kinds/kind.js'
import { loadSchema } from '../schema/schema.js'
import { LIST, NAME, NAMESPACE, PRETTY, type Parameter } from './parameters.js'
import { has, idPrefix, rootPath } from './operation-names.js'
import type { Operation, PathItem } from './paths.js'

/** What lists answer with, which may be watches. */
export const STREAMED_TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
] as const

const byName = (parameters: readonly Parameter[]): Parameter[] => [...parameters].sort((a, b) => (a.name < b.name ? -1 : 1))

/** The watch paths of a kind of the API itself; custom resources publish none. */
export function watchPaths(kind: Kind): PathItem[] {
  if (!has(kind, 'watch') || kind.virtual) return []
  const root = `${rootPath(kind.group, kind.version)}/watch`
  const prefix = idPrefix(kind.group, kind.version)
  const scope = kind.namespaced ? 'Namespaced' : ''
  const namespace = kind.namespaced ? [NAMESPACE] : []
  const item = (path: string, id: string, action: 'watch' | 'watchlist', own: readonly Parameter[]): PathItem => {
    const one = action === 'watch'
    const about = one ? `watch changes to an object of kind ${kind.kind}` : `watch individual changes to a list of ${kind.kind}`
    const instead = one ? ", filtered to a single item with the 'fieldSelector' parameter" : ''
    const operation: Operation = {
      method: 'get',
      id: `watch${prefix}${id}`,
      description: `${about}. deprecated: use the 'watch' parameter with a list operation instead${instead}.`,
      action,
      gvk: { group: kind.group, version: kind.version, kind: kind.kind },
      parameters: [],
      answer: loadSchema().model('V1WatchEvent'),
      codes: [200],
      makes: STREAMED_TYPES,
    }
    return { path, parameters: byName([...LIST, PRETTY, ...own]), operations: [operation] }
  }
  const base = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`
  const everywhere = kind.namespaced ? [item(`${root}/${kind.plural}`, `${kind.kind}ListForAllNamespaces`, 'watchlist', [])] : []
  return [
    ...everywhere,
    item(base, `${scope}${kind.kind}List`, 'watchlist', namespace),
    ...(has(kind, 'get') ? [item(`${base}/{name}`, `${scope}${kind.kind}`, 'watch', [NAME(kind.kind), ...namespace])] : []),
  ]
}
