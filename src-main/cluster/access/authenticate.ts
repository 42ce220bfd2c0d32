/**
 * Who sends a request: a client certificate, a bearer token, or nobody.
 * Follows "Authenticating" of the Kubernetes documentation.
 */
import type { PeerCertificate } from 'node:tls'
import type { IncomingHttpHeaders } from 'node:http'
import type { UserInfo } from '../api/client.js'
import { unauthorized } from '../api/errors.js'

/** The group of all who are known. */
export const AUTHENTICATED = 'system:authenticated'
/** The group of those who are not. */
export const NOT_AUTHENTICATED = 'system:unauthenticated'
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
