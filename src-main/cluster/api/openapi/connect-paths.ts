/** Subresources that are no part of their object: those that connect to a container or beyond, logs, and requests about it. */
import type { Kind, Subresource } from '../kinds/kind.js'
import { loadSchema } from '../schema/schema.js'
import { DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION, NAME, NAMESPACE, PRETTY, query, type Parameter } from './parameters.js'
import { article, capital, idPrefix } from './operation-names.js'
import type { Operation, PathItem } from './paths.js'

type Connect = Extract<Subresource<unknown>, { type: 'connect' }>

const streams = (operation: string): Parameter[] => [
  query(operation, 'container', 'string'),
  query(operation, 'stderr', 'boolean'),
  query(operation, 'stdin', 'boolean'),
  query(operation, 'stdout', 'boolean'),
  query(operation, 'tty', 'boolean'),
]

const EXEC = 'connectGetNamespacedPodExec'

/** What each subresource that connects is asked with. */
const CONNECTED: Readonly<Record<string, (kind: string) => readonly Parameter[]>> = {
  attach: () => streams('connectGetNamespacedPodAttach'),
  exec: () => [query(EXEC, 'command', 'string'), ...streams(EXEC)],
  portforward: () => [query('connectGetNamespacedPodPortforward', 'ports', 'integer')],
  proxy: (kind) => [query(kind === 'Node' ? 'connectGetNodeProxy' : `connectGetNamespaced${kind}Proxy`, 'path', 'string')],
}

const READ_LOG = 'readNamespacedPodLog'
const LOG: readonly Parameter[] = [
  query(READ_LOG, 'container', 'string'),
  query(READ_LOG, 'follow', 'boolean'),
  query(READ_LOG, 'insecureSkipTLSVerifyBackend', 'boolean'),
  query(READ_LOG, 'limitBytes', 'integer'),
  query(READ_LOG, 'previous', 'boolean'),
  query(READ_LOG, 'sinceSeconds', 'integer'),
  query(READ_LOG, 'stream', 'string'),
  query(READ_LOG, 'tailLines', 'integer'),
  query(READ_LOG, 'timestamps', 'boolean'),
]

const METHODS: Readonly<Record<string, readonly Operation['method'][]>> = {
  proxy: ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'],
}

/** The paths of a subresource that is no part of its object. */
export function connectPaths(kind: Kind, name: string, sub: Connect, path: string): PathItem[] {
  const gvk = { group: sub.group ?? kind.group, version: sub.version ?? kind.version, kind: sub.kind }
  const id = `${kind.namespaced ? 'Namespaced' : ''}${kind.kind}${capital(name)}`
  const prefix = idPrefix(kind.group, kind.version)
  const namespace = kind.namespaced ? [NAMESPACE] : []
  const connected = CONNECTED[name]?.(kind.kind)
  if (connected) {
    const operations = (suffix: string): Operation[] =>
      (METHODS[name] ?? ['get', 'post']).map((method) => ({
        method,
        id: `connect${prefix}${capital(method)}${id}${suffix}`,
        description: `connect ${method.toUpperCase()} requests to ${name} of ${kind.kind}`,
        action: 'connect',
        gvk,
        parameters: [],
        codes: [200],
        makes: ['*/*'],
      }))
    const parameters = [...connected, NAME(sub.kind), ...namespace]
    const items = [{ path, parameters, operations: operations('') }]
    if (name !== 'proxy') return items
    const rest: Parameter = { name: 'path', in: 'path', type: 'string', description: 'path to the resource' }
    return [...items, { path: `${path}/{path}`, parameters: [...parameters, rest], operations: operations('WithPath') }]
  }
  const reads = sub.verbs.includes('get')
  const schema = loadSchema()
  const model = schema.names().find((n) => schema.model(n).definition.endsWith(`.${gvk.version}.${gvk.kind}`))
  const body = !reads && model ? { answer: schema.model(model), body: schema.model(model) } : {}
  const operation: Operation = {
    method: reads ? 'get' : 'post',
    id: `${reads ? 'read' : 'create'}${prefix}${id}`,
    description: reads ? `read ${name} of the specified ${kind.kind}` : `create ${name} of ${article(kind.kind)}`,
    action: reads ? 'get' : 'post',
    gvk,
    parameters: [],
    codes: reads ? [200] : [200, 201, 202],
    ...(reads ? { makes: ['text/plain', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] } : {}),
    ...body,
  }
  const options = reads ? LOG : [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION]
  return [{ path, parameters: [...options, NAME(reads ? kind.kind : sub.kind), ...namespace, PRETTY], operations: [operation] }]
}
