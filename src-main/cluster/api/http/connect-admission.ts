/**
 * Admission of connections: exec, attach, port-forward and proxies are shown to it as CONNECT, with their options as the
 * object. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
import type { Kind } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'
import { attributesOf, type Call, type Machinery } from '../verbs/machinery.js'
import type { Exchange } from './exchange.js'

const CORE = { group: '', version: 'v1' }

/** Booleans of a query string as the API server converts them: only `0`, `false` and absence are false. */
function flags(query: URLSearchParams, ...names: string[]): Record<string, true> {
  const isSet = (name: string): boolean => !['0', 'false'].includes((query.get(name) ?? 'false').toLowerCase())
  return Object.fromEntries(names.filter(isSet).map((name) => [name, true]))
}

/** The options of a connection as an object; what was not asked for is left out. */
function optionsOf(kind: string, { query, rest }: Exchange['info']): KubeObject {
  const container = query.get('container')
  const command = query.getAll('command')
  const ports = query.getAll('ports').flatMap((p) => p.split(',').map(Number))
  const fields = {
    PodExecOptions: { ...flags(query, 'stdin', 'stdout', 'stderr', 'tty'), ...(container && { container }), command },
    PodAttachOptions: { ...flags(query, 'stdin', 'stdout', 'stderr', 'tty'), ...(container && { container }) },
    PodPortForwardOptions: ports.length > 0 ? { ports } : {},
  }[kind]
  return { apiVersion: 'v1', kind, metadata: {}, ...(fields ?? (rest && { path: rest })) } as KubeObject
}

/** Shows a connection to admission; nothing is done for subresources that are no connection. Rejects as the plugin does that refuses. */
export async function admitConnection(m: Machinery, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  const { info } = exchange
  const sub = m.kinds.rulesOf(kind).subresources?.[info.subresource]
  if (sub?.type !== 'connect' || !sub.kind.endsWith('Options')) return
  const write = {
    kind,
    objectKind: { ...CORE, kind: sub.kind },
    operation: 'CONNECT',
    object: optionsOf(sub.kind, info),
    oldObject: undefined,
    name: info.name,
    subresource: info.subresource,
  } as const
  const attributes = attributesOf(m, call, write)
  await m.admission.admit(attributes)
  await m.admission.validate(attributes)
}
