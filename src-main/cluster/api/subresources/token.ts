/** serviceaccounts/token: issues a token for a service account. */
import { rfc3339 } from '../../clock.js'
import type { BoundObject, IssuedToken, ServiceAccountTokens } from '../../access/tokens.js'
import type { ConnectHandler } from '../connect.js'
import { badRequest, conflict, field, invalid, notFound, type FieldError } from '../errors.js'
import { storageKey } from '../kindset.js'
import type { KubeObject, Pod } from '../object.js'
import { attributesOf, type Machinery } from '../verbs/machinery.js'

interface TokenRequestObject extends KubeObject {
  spec?: {
    audiences?: string[]
    expirationSeconds?: number
    boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string }
  }
}

const SHORTEST = 600
const LONGEST = 2 ** 32
const DEFAULT = 3600
/** What the volumes of pods ask for. Programs that read such a token only once may go on with it for a year. */
const EXTENDED = 3607
const YEAR = 365 * 24 * 3600
const REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }
const BOUND: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }

/** What a component in this process is answered: it reads the token when it needs it. */
class LateStatus {
  constructor(private readonly issued: IssuedToken) {}

  get token(): string {
    return this.issued.token
  }

  get expirationTimestamp(): string {
    return rfc3339(this.issued.expires)
  }
}

/** Handles a TokenRequest. */
export function tokenHandler(m: Machinery, tokens: ServiceAccountTokens): ConnectHandler {
  const read = (resource: string, namespace: string, name: string): KubeObject => {
    const kind = m.kinds.findResource('', resource)
    const stored = kind && m.store.get(storageKey(kind, kind.namespaced ? namespace : '', name))
    if (!stored) throw notFound({ group: '', resource }, name)
    return stored.object
  }
  const usual = [tokens.issuer]
  return async ({ body, namespace, name, call, exchange }) => {
    const request = body as TokenRequestObject
    const asked = request.metadata
    if (asked.name && asked.name !== name)
      throw invalid(REQUEST, name, [field.invalid('metadata.name', asked.name, 'must match the service account name if specified')])
    const account = read('serviceaccounts', namespace, name)
    const uid = account.metadata.uid!
    if (asked.uid && asked.uid !== uid) {
      const why = `the UID in the token request (${asked.uid}) does not match the UID of the service account (${uid})`
      throw conflict({ group: REQUEST.group, resource: REQUEST.kind }, name, why)
    }
    const spec = (request.spec ??= {})
    const accounts = m.kinds.findResource('', 'serviceaccounts')!
    const of = { kind: accounts, objectKind: REQUEST, name, subresource: 'token' }
    const attributes = attributesOf(m, call, { ...of, operation: 'CREATE', object: request, oldObject: undefined })
    await m.admission.admit(attributes)
    const expirationSeconds = spec.expirationSeconds || DEFAULT
    const errors: FieldError[] = []
    const path = 'spec.expirationSeconds'
    if (expirationSeconds < SHORTEST) errors.push(field.invalid(path, expirationSeconds, 'may not specify a duration less than 10 minutes'))
    if (expirationSeconds > LONGEST)
      errors.push(field.invalid(path, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
    if (errors.length > 0) throw invalid(REQUEST, '', errors)
    await m.admission.validate(attributes)
    const audiences = spec.audiences?.length ? spec.audiences : usual
    let bound: BoundObject | undefined
    let node: { name: string; uid: string } | undefined
    const ref = spec.boundObjectRef
    if (ref) {
      const { group, version } = groupVersion(ref.apiVersion)
      const resource = BOUND[ref.kind ?? '']
      // Only the group is looked at: any version of it will do, and none at all.
      if (!resource || group !== '') throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${ref.kind ?? ''}`)
      const object = read(resource, namespace, ref.name ?? '')
      if (ref.kind === 'Pod') {
        const { spec: podSpec } = object as unknown as Pod
        if (podSpec?.serviceAccountName !== name) {
          throw badRequest(`cannot bind token for serviceaccount "${name}" to pod running with different serviceaccount name.`)
        }
        const kind = m.kinds.findResource('', 'nodes')
        const stored = podSpec.nodeName && kind ? m.store.get(storageKey(kind, '', podSpec.nodeName)) : undefined
        if (podSpec.nodeName) node = { name: podSpec.nodeName, uid: stored?.object.metadata.uid ?? '' }
      }
      if (ref.uid && ref.uid !== object.metadata.uid) {
        const why = `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
        throw conflict({ group: '', resource: ref.kind! }, ref.name ?? '', why)
      }
      bound = { kind: ref.kind as BoundObject['kind'], name: ref.name!, uid: object.metadata.uid! }
    }
    const { labels, annotations, managedFields } = asked
    const metadata = {
      name,
      namespace,
      uid,
      creationTimestamp: rfc3339(m.clock.now()),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(managedFields ? { managedFields } : {}),
    }
    const answered = { ...request, metadata, spec: { ...spec, audiences, expirationSeconds } }
    const isExtended = bound?.kind === 'Pod' && expirationSeconds === EXTENDED && audiences.every((a) => a === tokens.issuer)
    // A dry run gets one, too: nothing of it is stored.
    const issued = await tokens.issue({
      namespace,
      name,
      uid,
      audiences,
      ...(isExtended ? { expirationSeconds: YEAR, warnAfterSeconds: expirationSeconds } : { expirationSeconds }),
      ...(bound ? { bound } : {}),
      ...(node ? { node } : {}),
    })
    const status = new LateStatus(issued)
    return { ...answered, status: exchange ? { token: status.token, expirationTimestamp: status.expirationTimestamp } : status }
  }
}

/** The two parts of an apiVersion; one that cannot be read has neither. */
function groupVersion(apiVersion: string | null | undefined): { group: string; version: string } {
  const parts = (apiVersion ?? '').split('/')
  if (parts.length > 2) return { group: '', version: '' }
  return parts.length === 2 ? { group: parts[0]!, version: parts[1]! } : { group: '', version: parts[0]! }
}
