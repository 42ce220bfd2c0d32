/**
 * Who sends a request: a client certificate, a bearer token, or nobody. And as whom they want to act: impersonation.
 * Follows "Authenticating" of the Kubernetes documentation.
 */
import type { PeerCertificate } from 'node:tls'
import type { IncomingHttpHeaders } from 'node:http'
import type { UserInfo } from '../api/client.js'
import { badRequest, printed, unauthorized } from '../api/errors.js'
import { refusal, type Authorizer } from './authorizer.js'

const AUTHENTICATED = 'system:authenticated'
const NOT_AUTHENTICATED = 'system:unauthenticated'
export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: [NOT_AUTHENTICATED] }
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id'

/** Checks a bearer token; undefined when it is not good. */
export type TokenCheck = (token: string) => Promise<UserInfo | undefined>

/** The user of a certificate that the cluster's CA signed: common name, organisations, and the certificate's SHA-256. */
export function userOfCertificate(certificate: PeerCertificate | undefined): UserInfo | undefined {
  const subject = certificate?.subject as { CN?: string | string[]; O?: string | string[] } | undefined
  if (!subject?.CN) return undefined
  const username = Array.isArray(subject.CN) ? subject.CN[0]! : subject.CN
  const organisations = subject.O === undefined ? [] : Array.isArray(subject.O) ? subject.O : [subject.O]
  const groups = [...organisations, AUTHENTICATED]
  // Tells in reviews and audit which certificate it was: https://kubernetes.io/docs/reference/access-authn-authz/authentication/
  const fingerprint = certificate?.fingerprint256?.replaceAll(':', '').toLowerCase()
  return fingerprint ? { username, groups, extra: { [CREDENTIAL_ID]: [`X509SHA256=${fingerprint}`] } } : { username, groups }
}

/**
 * The user of a request. `certificate` is the user of a verified client certificate, `rejected` says that there was one
 * that is not good. Throws 401.
 */
export async function authenticate(
  headers: IncomingHttpHeaders,
  certificate: UserInfo | undefined,
  rejected: boolean,
  checkToken: TokenCheck,
): Promise<UserInfo> {
  if (certificate) return certificate
  const token = bearerToken(headers)
  if (token !== undefined) {
    const user = await checkToken(token)
    if (!user) throw unauthorized()
    return user.groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] }
  }
  if (rejected) throw unauthorized()
  return ANONYMOUS
}

/** The bearer token of a request: in the header, or as a WebSocket protocol, since a browser cannot set headers there. */
function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const match = /^Bearer\s+(.*)$/i.exec(headers.authorization?.trim() ?? '')
  if (match) return match[1]!.trim()
  const prefix = 'base64url.bearer.authorization.k8s.io.'
  const protocol = headers['sec-websocket-protocol']
    ?.split(',')
    .map((p) => p.trim())
    .find((p) => p.startsWith(prefix))
  return protocol && Buffer.from(protocol.slice(prefix.length), 'base64url').toString('utf8')
}

/** The service account that a user name is of. */
export function serviceAccountOf(username: string): { namespace: string; name: string } | undefined {
  const [system, kind, namespace, name, ...more] = username.split(':')
  if (system !== 'system' || kind !== 'serviceaccount' || !namespace || !name || more.length > 0) return undefined
  return { namespace, name }
}

/** The values of a header sent several times, which Node joins with `, `; a value may well hold a comma, as LDAP names do. */
const list = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : value.split(', ')

/** A user without a name as Go prints the value, `%#v`: the API server tells what was asked for in that form. */
function printedUser(uid: string, groups: readonly string[], extra: Readonly<Record<string, string[]>>): string {
  const strings = (values: readonly string[]): string =>
    `[]string${values.length > 0 ? `{${values.map((v) => printed(v)).join(', ')}}` : '(nil)'}`
  const keys = Object.keys(extra).sort()
  const pairs = keys.map((key) => `${printed(key)}:${strings(extra[key]!)}`).join(', ')
  const extras = `map[string][]string${keys.length > 0 ? `{${pairs}}` : '(nil)'}`
  return `&user.DefaultInfo{Name:"", UID:${printed(uid)}, Groups:${strings(groups)}, Extra:${extras}}`
}

/** The user that a request acts as, by its Impersonate- headers. Throws 403 when it may not, 400 without a name. */
export function impersonate(headers: IncomingHttpHeaders, user: UserInfo, authorizer: Authorizer): UserInfo {
  const username = headers['impersonate-user'] as string | undefined
  const groups = list(headers['impersonate-group'])
  const uid = headers['impersonate-uid'] as string | undefined
  const extra: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('impersonate-extra-')) extra[decodeURIComponent(name.slice('impersonate-extra-'.length))] = list(value)
  }
  if (!username) {
    if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return user
    throw badRequest(`requested ${printedUser(uid ?? '', groups, extra)} without impersonating a user name`)
  }
  const check = (group: string, resource: string, subresource: string, namespace: string, name: string): void => {
    const access = { verb: 'impersonate', group, version: 'v1', resource, subresource, namespace, name }
    const decision = authorizer.authorize(user, access)
    if (!decision.allowed) throw refusal(user, access, decision.reason)
  }
  const account = serviceAccountOf(username)
  if (account) check('', 'serviceaccounts', '', account.namespace, account.name)
  else check('', 'users', '', '', username)
  for (const g of groups) check('', 'groups', '', '', g)
  if (uid !== undefined) check('authentication.k8s.io', 'uids', '', '', uid)
  for (const [key, values] of Object.entries(extra)) for (const v of values) check('authentication.k8s.io', 'userextras', key, '', v)

  const as = [...groups]
  if (account && groups.length === 0) as.push('system:serviceaccounts', `system:serviceaccounts:${account.namespace}`)
  const anonymous = username === ANONYMOUS.username
  const said = anonymous ? [NOT_AUTHENTICATED] : [AUTHENTICATED, NOT_AUTHENTICATED]
  if (!said.some((g) => as.includes(g))) as.push(said[0]!)
  return { username, groups: as, ...(uid !== undefined ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) }
}
