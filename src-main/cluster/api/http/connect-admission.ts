/**
 * Admission of connections: exec, attach, port-forward and proxies are shown to it as CONNECT, with their options as the
 * object. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
import { badRequest } from '../errors.js'
import type { Kind } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'
import { flag } from '../streaming/target.js'
import { attributesOf, type Call, type Machinery } from '../verbs/machinery.js'
import type { Exchange } from './exchange.js'

/** The streams of an exec or attach, and its container. */
function streamOptions(query: URLSearchParams): object {
  const asked = ['stdin', 'stdout', 'stderr', 'tty'].filter((name) => flag(query, name))
  const container = query.get('container')
  return { ...Object.fromEntries(asked.map((name) => [name, true])), ...(container && { container }) }
}

/** The options of a connection as an object; what was not asked for is left out. */
function optionsOf(kind: string, { query, rest }: Exchange['info']): KubeObject {
  const command = query.getAll('command')
  const ports = query.getAll('ports').flatMap((p) => p.split(',').map(Number))
  const fields = {
    PodExecOptions: { ...streamOptions(query), command },
    PodAttachOptions: streamOptions(query),
    PodPortForwardOptions: ports.length > 0 ? { ports } : {},
  }[kind]
  return { apiVersion: 'v1', kind, metadata: {}, ...(fields ?? (rest && { path: rest })) } as KubeObject
}

/** Refuses a connection that is asked for as a dry run. */
export function refuseDryRun(m: Machinery, { info }: Exchange, kind: Kind): void {
  const sub = m.kinds.rulesOf(kind).subresources?.[info.subresource]
  if (sub?.type === 'connect' && sub.kind.endsWith('Options') && info.query.has('dryRun')) throw badRequest('dryRun is not supported')
}

/** Shows a connection to admission; nothing is done for subresources that are no connection. Rejects as the plugin does that refuses. */
export async function admitConnection(m: Machinery, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  const { info } = exchange
  const sub = m.kinds.rulesOf(kind).subresources?.[info.subresource]
  if (sub?.type !== 'connect' || !sub.kind.endsWith('Options')) return
  const write = {
    kind,
    objectKind: { group: '', version: 'v1', kind: sub.kind },
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
