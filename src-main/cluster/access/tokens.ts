/**
 * Service-account tokens: signed JWTs bound to a service account and, if wanted, to a pod, secret or node. Follows
 * "Managing Service Accounts" of the Kubernetes documentation.
 */
import './webcrypto.js'
import { createPrivateKey, createPublicKey, createHash, sign, type KeyObject } from 'node:crypto'
import { decodeJwt, errors, exportJWK, jwtVerify, type JWTPayload } from 'jose'
import type { UserInfo } from '../api/client.js'
import type { KubeObject } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { ClusterCertificates } from './certificates.js'
import { checkLegacyToken, legacyClaims, LEGACY_ISSUER, type LegacyTokenRequest } from './legacytokens.js'
import { serviceAccountUser } from './service-account-user.js'

/** Who the tokens are from, and whom they are for when the request does not say. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local'

/** An object a token is bound to: with it the token ends. */
export interface BoundObject {
  kind: 'Pod' | 'Secret' | 'Node'
  name: string
  uid: string
}

export interface TokenRequest {
  namespace: string
  name: string
  uid: string
  audiences: readonly string[]
  expirationSeconds: number
  bound?: BoundObject
  /** The node of the pod a token is bound to. */
  node?: { name: string; uid: string }
  /** Set where the token holds for longer than its holder is told: how long that is. */
  warnAfterSeconds?: number
}

export interface IssuedToken {
  readonly token: string
  /** When its holder should have another one, ms since the epoch, cluster time. */
  readonly expires: number
}

/** What of a token is its own. */
interface Unsigned {
  readonly request: TokenRequest
  readonly id: string
  /** Seconds since the epoch. */
  readonly issuedAt: number
}

/** A token that is signed when somebody first reads it: most pods of a large cluster never come with theirs. */
class LateToken implements IssuedToken {
  private text: string | undefined

  constructor(
    private readonly issuer: { sign(token: Unsigned): string },
    private readonly unsigned: Unsigned,
  ) {}

  get token(): string {
    return (this.text ??= this.issuer.sign(this.unsigned))
  }

  get expires(): number {
    const { request, issuedAt } = this.unsigned
    return (issuedAt + (request.warnAfterSeconds ?? request.expirationSeconds)) * SECOND
  }
}

interface Named {
  name: string
  uid: string
}

interface KubernetesClaims {
  namespace: string
  node?: Named | undefined
  pod?: Named | undefined
  secret?: Named | undefined
  serviceaccount: Named
  /** From when on whoever still comes with it ought to have another one, seconds since the epoch. */
  warnafter?: number | undefined
}

/** Reads a stored object, to see whether what a token is bound to is still there. */
export type ObjectLookup = (group: string, resource: string, namespace: string, name: string) => KubeObject | undefined

/** A token that was checked: whose it is, and for whom it is meant. */
export interface CheckedToken {
  readonly user: UserInfo
  readonly audiences: readonly string[]
}

const SECOND = 1000
const ISSUERS = [ISSUER, LEGACY_ISSUER]

/** Issues and checks the tokens of one cluster. */
export class ServiceAccountTokens {
  private readonly privateKey: KeyObject
  private readonly publicKey: KeyObject
  private readonly keyId: string
  readonly issuer = ISSUER

  constructor(
    keys: ClusterCertificates['serviceAccounts'],
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly lookup: ObjectLookup,
    /** Told of each Secret whose token somebody comes with; the answer waits for it. */
    private readonly onLegacyUse: (secret: KubeObject) => Promise<void> = async () => undefined,
  ) {
    this.privateKey = createPrivateKey(keys.privateKey)
    this.publicKey = createPublicKey(keys.publicKey)
    const der = this.publicKey.export({ type: 'spki', format: 'der' })
    this.keyId = createHash('sha256').update(der).digest('base64url')
  }

  async issue(request: TokenRequest): Promise<IssuedToken> {
    const issuedAt = Math.floor(this.clock.now() / SECOND)
    return new LateToken(this, { request, id: this.random.uuid(), issuedAt })
  }

  /** The text of an issued token. */
  sign({ request, id, issuedAt }: Unsigned): string {
    const { bound, node } = request
    const boundTo = (kind: BoundObject['kind']): Named | undefined =>
      bound?.kind === kind ? { name: bound.name, uid: bound.uid } : undefined
    // Claims are in the order of their names, as Go writes them; those that are undefined are left out.
    const claims: KubernetesClaims = {
      namespace: request.namespace,
      node: boundTo('Node') ?? node,
      pod: boundTo('Pod'),
      secret: boundTo('Secret'),
      serviceaccount: { name: request.name, uid: request.uid },
      warnafter: request.warnAfterSeconds === undefined ? undefined : issuedAt + request.warnAfterSeconds,
    }
    return this.signed({
      aud: request.audiences,
      exp: issuedAt + request.expirationSeconds,
      iat: issuedAt,
      iss: ISSUER,
      jti: id,
      'kubernetes.io': claims,
      nbf: issuedAt,
      sub: `system:serviceaccount:${request.namespace}:${request.name}`,
    })
  }

  /** A token for a Secret, which holds for as long as the Secret and its account do. */
  issueLegacy(request: LegacyTokenRequest): string {
    return this.signed(legacyClaims(request))
  }

  /**
   * A JWT in compact form. Every pod that starts gets one: signing here and now costs a fraction of what Web Crypto
   * takes to hand the same work to another thread.
   */
  private signed(payload: object): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const text = `${part({ alg: 'ES256', kid: this.keyId })}.${part(payload)}`
    const signature = sign('sha256', Buffer.from(text), { key: this.privateKey, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signature.toString('base64url')}`
  }

  /** Checks a token for one of some audiences. Rejects with an Error that says what is wrong. */
  async check(token: string, audiences: readonly string[]): Promise<CheckedToken> {
    const payload = await this.verified(token)
    if (payload.iss === LEGACY_ISSUER) return this.checkLegacy(token, payload, audiences)
    const has = Array.isArray(payload.aud) ? payload.aud : payload.aud === undefined ? [] : [payload.aud]
    const matching = audiences.filter((a) => has.includes(a))
    if (matching.length === 0) throw wrongAudience(has, audiences)
    const claims = payload['kubernetes.io'] as KubernetesClaims | undefined
    if (!claims) throw new Error('invalid bearer token')
    this.checkBound(claims)
    const { namespace, serviceaccount, pod, node } = claims
    const extra: Record<string, string[]> = { 'authentication.kubernetes.io/credential-id': [`JTI=${payload.jti}`] }
    if (pod) {
      extra['authentication.kubernetes.io/pod-name'] = [pod.name]
      extra['authentication.kubernetes.io/pod-uid'] = [pod.uid]
    }
    if (node) {
      extra['authentication.kubernetes.io/node-name'] = [node.name]
      extra['authentication.kubernetes.io/node-uid'] = [node.uid]
    }
    const { username, groups } = serviceAccountUser(namespace, serviceaccount.name)
    const user = { username, uid: serviceaccount.uid, groups: [...groups, 'system:authenticated'], extra }
    return { user, audiences: matching }
  }

  private async checkLegacy(token: string, payload: JWTPayload, audiences: readonly string[]): Promise<CheckedToken> {
    // A token of a Secret says nothing of audiences: it is for the API server.
    if (!audiences.includes(ISSUER)) throw wrongAudience([ISSUER], audiences)
    let legacy: ReturnType<typeof checkLegacyToken>
    try {
      legacy = checkLegacyToken(token, payload, (resource, namespace, name) => this.lookup('', resource, namespace, name))
    } catch (error) {
      throw invalidToken((error as Error).message)
    }
    await this.onLegacyUse(legacy.secret)
    return { user: legacy.user, audiences: [ISSUER] }
  }

  /** The payload of a token that this cluster signed and that is of use now. */
  private async verified(token: string): Promise<JWTPayload> {
    if (!ISSUERS.includes(issuerOf(token) ?? '')) throw new Error('invalid bearer token')
    try {
      const currentDate = toDate(this.clock.now())
      return (await jwtVerify(token, this.publicKey, { issuer: ISSUERS, algorithms: ['ES256'], currentDate })).payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw invalidToken('service account token has expired')
      if (error instanceof errors.JWSSignatureVerificationFailed) throw invalidToken('go-jose/go-jose: error in cryptographic primitive')
      throw new Error('invalid bearer token')
    }
  }

  /** The public keys as RFC 7517 has them. */
  async jwks(): Promise<object> {
    const jwk = await exportJWK(this.publicKey)
    return { keys: [{ use: 'sig', kid: this.keyId, alg: 'ES256', ...jwk }] }
  }

  private checkBound(claims: KubernetesClaims): void {
    const { namespace, serviceaccount, pod, secret, node } = claims
    const present = (resource: string, name: string, uid: string): boolean => {
      const object = this.lookup('', resource, resource === 'nodes' ? '' : namespace, name)
      return object?.metadata.uid === uid && !(object.metadata.deletionTimestamp && this.isOver(object))
    }
    const holds =
      present('serviceaccounts', serviceaccount.name, serviceaccount.uid) &&
      (!pod || present('pods', pod.name, pod.uid)) &&
      (!secret || present('secrets', secret.name, secret.uid)) &&
      // The node in a pod's token is only told, not checked: the pod is what it is bound to.
      (!node || pod !== undefined || present('nodes', node.name, node.uid))
    if (!holds) throw invalidToken('service account token has been invalidated')
  }

  /** What is being deleted is taken to be gone a minute after its time. */
  private isOver(object: KubeObject): boolean {
    return Date.parse(object.metadata.deletionTimestamp!) + 60 * SECOND < this.clock.now()
  }
}

/** An error in the form in which the chain of authenticators tells it. */
function invalidToken(why: string): Error {
  return new Error(`[invalid bearer token, ${why}]`)
}

function wrongAudience(has: readonly string[], wanted: readonly string[]): Error {
  const quoted = (audiences: readonly string[]): string => `[${audiences.map((a) => JSON.stringify(a)).join(' ')}]`
  return invalidToken(`token audiences ${quoted(has)} is invalid for the target audiences ${quoted(wanted)}`)
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined // Not a JWT, so not one of this cluster's.
  }
}

function toDate(ms: number): Date {
  return new Date(ms)
}
