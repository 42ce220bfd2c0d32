/**
 * Bootstrap tokens: Secrets in `kube-system` with which nodes that join come for their first certificate.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
import { timingSafeEqual } from 'node:crypto'
import type { KubeObject } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { CheckedToken, ObjectLookup, ServiceAccountTokens } from './tokens.js'

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/
/** The type of their Secrets. */
export const BOOTSTRAP_TOKEN = 'bootstrap.kubernetes.io/token'

type Secret = KubeObject & { type?: string; data?: Record<string, string> }

/** A field of a token's Secret, decoded; empty when it is not there. */
export function tokenField(secret: Secret, name: string): string {
  return Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8')
}

/** Milliseconds until a token expires, 0 or less when it has; Infinity when it never does. A time that cannot be read has passed. */
export function tokenLife(secret: Secret, now: number): number {
  const expiration = tokenField(secret, 'expiration')
  if (!expiration) return Infinity
  const at = Date.parse(expiration)
  return Number.isNaN(at) ? 0 : at - now
}

/** Checks a bearer token of any kind for one of some audiences. Rejects with an Error that says what is wrong. */
export interface TokenChecker {
  /** Whom tokens are for when nobody says: the API server itself. */
  readonly issuer: string
  check(token: string, audiences: readonly string[]): Promise<CheckedToken>
}

/** Checks tokens of service accounts and bootstrap tokens, which are good for whatever audience there is. */
export function tokenChecker(accounts: ServiceAccountTokens, lookup: ObjectLookup, clock: Clock): TokenChecker {
  return {
    issuer: accounts.issuer,
    async check(token, audiences) {
      const parts = TOKEN.exec(token)
      if (!parts) return accounts.check(token, audiences)
      const [, id, secret] = parts as unknown as [string, string, string]
      const groups = groupsOf(lookup('', 'secrets', 'kube-system', `bootstrap-token-${id}`), id, secret, clock)
      if (!groups || !audiences.includes(accounts.issuer)) throw new Error('invalid bearer token')
      return { user: { username: `system:bootstrap:${id}`, groups }, audiences: [accounts.issuer] }
    },
  }
}

/** The groups of who comes with a token; undefined when it is not good. */
function groupsOf(secret: Secret | undefined, id: string, key: string, clock: Clock): string[] | undefined {
  if (!secret || secret.metadata.deletionTimestamp || secret.type !== BOOTSTRAP_TOKEN) return undefined
  const said = (name: string): string => tokenField(secret, name)
  if (!isSame(said('token-secret'), key) || said('token-id') !== id) return undefined
  if (tokenLife(secret, clock.now()) <= 0) return undefined
  if (said('usage-bootstrap-authentication') !== 'true') return undefined
  const extra = said('auth-extra-groups').split(',').filter(Boolean)
  if (!extra.every((group) => EXTRA_GROUP.test(group))) return undefined
  return [...new Set([...extra, 'system:bootstrappers'])].sort().concat('system:authenticated')
}

/** Compares without telling by its time how much was right. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
