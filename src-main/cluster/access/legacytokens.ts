/**
 * Tokens that live in Secrets of type `kubernetes.io/service-account-token` and never expire: their claims, and when
 * they hold. https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
 */
import type { JWTPayload } from 'jose'
import type { UserInfo } from '../api/client.js'
import type { KubeObject } from '../api/object.js'
import { serviceAccountUser } from './service-account-user.js'

export const LEGACY_ISSUER = 'kubernetes/serviceaccount'
const CLAIM = 'kubernetes.io/serviceaccount'
/** On a Secret: the day (UTC) on which its token was last seen. */
export const LAST_USED_LABEL = 'kubernetes.io/legacy-token-last-used'
/** On a Secret: the day (UTC) on which its token became invalid because nobody had used it for long. */
export const INVALID_SINCE_LABEL = 'kubernetes.io/legacy-token-invalid-since'

/** Whose token it is and which Secret holds it. */
export interface LegacyTokenRequest {
  namespace: string
  /** The service account. */
  name: string
  uid: string
  secretName: string
}

/** The payload of a token for a Secret. */
export function legacyClaims({ namespace, name, uid, secretName }: LegacyTokenRequest): object {
  return {
    iss: LEGACY_ISSUER,
    [`${CLAIM}/namespace`]: namespace,
    [`${CLAIM}/secret.name`]: secretName,
    [`${CLAIM}/service-account.name`]: name,
    [`${CLAIM}/service-account.uid`]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
}

/** A legacy token that holds. */
export interface LegacyToken {
  readonly user: UserInfo
  readonly secret: KubeObject
}

/**
 * Checks the claims of a legacy token whose signature is good: its Secret and its account must still be there and be
 * the same. Throws an Error that says what is wrong.
 */
export function checkLegacyToken(
  token: string,
  payload: JWTPayload,
  lookup: (resource: 'secrets' | 'serviceaccounts', namespace: string, name: string) => KubeObject | undefined,
): LegacyToken {
  const claim = (name: string, spoken: string): string => {
    const value = payload[`${CLAIM}/${name}`]
    if (typeof value !== 'string' || !value) throw new Error(`${spoken} claim is missing`)
    return value
  }
  if (!payload.sub) throw new Error('sub claim is missing')
  const namespace = claim('namespace', 'namespace')
  const secretName = claim('secret.name', 'secretName')
  const name = claim('service-account.name', 'serviceAccountName')
  const uid = claim('service-account.uid', 'serviceAccountUID')
  const { username, groups } = serviceAccountUser(namespace, name)
  if (payload.sub !== username) throw new Error('sub claim is invalid')

  const secret = lookup('secrets', namespace, secretName) as (KubeObject & { data?: Record<string, string> }) | undefined
  if (!secret || secret.metadata.deletionTimestamp) throw new Error('Token has been invalidated')
  if (Buffer.from(secret.data?.token ?? '', 'base64').toString() !== token) throw new Error("Token does not match server's copy")
  const account = lookup('serviceaccounts', namespace, name)
  if (!account) throw new Error(`serviceaccounts "${name}" not found`)
  if (account.metadata.deletionTimestamp) throw new Error(`ServiceAccount ${namespace}/${name} has been deleted`)
  if (account.metadata.uid !== uid) throw new Error(`ServiceAccount UID (${account.metadata.uid}) does not match claim (${uid})`)
  if (secret.metadata.labels?.[INVALID_SINCE_LABEL] !== undefined) {
    throw new Error(
      `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked invalid. ` +
        `Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE_LABEL}' label ` +
        'from the secret to temporarily allow use of this token',
    )
  }
  return { user: { username, uid, groups: [...groups, 'system:authenticated'] }, secret }
}
