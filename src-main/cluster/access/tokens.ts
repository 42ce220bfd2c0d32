/**
 * Service-account tokens: signed JWTs bound to a service account and, if wanted, to a pod, secret or node. Follows
 * "Managing Service Accounts" of the Kubernetes documentation.
 */
import './webcrypto.js'
import { createPrivateKey, createPublicKey, createHash, sign, type KeyObject } from 'node:crypto'
import { errors, exportJWK, jwtVerify, type JWTPayload } from 'jose'
import type { UserInfo } from '../api/client.js'
import type { KubeObject } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { ClusterCertificates } from './certificates.js'

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
}

export interface IssuedToken {
  readonly token: string
  /** ms since the epoch, cluster time. */
  readonly expires: number
}

interface KubernetesClaims {
  namespace: string
  serviceaccount: { name: string; uid: string }
  pod?: { name: string; uid: string }
  secret?: { name: string; uid: string }
  node?: { name: string; uid: string }
  warnafter?: number
}

/** Reads a stored object, to see whether what a token is bound to is still there. */
export type ObjectLookup = (group: string, resource: string, namespace: string, name: string) => KubeObject | undefined

/** A token that was checked: whose it is, and for whom it is meant. */
export interface CheckedToken {
  readonly user: UserInfo
  readonly audiences: readonly string[]
}

const SECOND = 1000

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
  ) {
    this.privateKey = createPrivateKey(keys.privateKey)
    this.publicKey = createPublicKey(keys.publicKey)
    const der = this.publicKey.export({ type: 'spki', format: 'der' })
    this.keyId = createHash('sha256').update(der).digest('base64url')
  }

  async issue(request: TokenRequest): Promise<IssuedToken> {
    const now = Math.floor(this.clock.now() / SECOND)
    const expires = now + request.expirationSeconds
    const { bound, node } = request
    const claims: KubernetesClaims = {
      namespace: request.namespace,
      serviceaccount: { name: request.name, uid: request.uid },
      ...(bound ? { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } } : {}),
      ...(node ? { node } : {}),
    }
    const payload = {
      'kubernetes.io': claims,
      iss: ISSUER,
      sub: `system:serviceaccount:${request.namespace}:${request.name}`,
      aud: request.audiences,
      iat: now,
      nbf: now,
      exp: expires,
      jti: this.random.uuid(),
    }
    return { token: this.signed(payload), expires: expires * SECOND }
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
    let payload: JWTPayload
    try {
      const currentDate = { currentDate: toDate(this.clock.now()) }
      payload = (await jwtVerify(token, this.publicKey, { issuer: ISSUER, algorithms: ['ES256'], ...currentDate })).payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new Error('[invalid bearer token, service account token has expired]')
      throw new Error('invalid bearer token')
    }
    const has = Array.isArray(payload.aud) ? payload.aud : payload.aud === undefined ? [] : [payload.aud]
    const matching = audiences.filter((a) => has.includes(a))
    if (matching.length === 0) {
      throw new Error(
        `[invalid bearer token, token audiences ${JSON.stringify(has)} is invalid for the target audiences ${JSON.stringify(audiences)}]`,
      )
    }
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
    const user = {
      username: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      extra,
    }
    return { user, audiences: matching }
  }

  /** The public keys as RFC 7517 has them. */
  async jwks(): Promise<object> {
    const jwk = await exportJWK(this.publicKey)
    return { keys: [{ use: 'sig', kid: this.keyId, alg: 'ES256', ...jwk }] }
  }

  private checkBound(claims: KubernetesClaims): void {
    const { namespace, serviceaccount, pod, secret } = claims
    const present = (resource: string, name: string, uid: string): boolean => {
      const object = this.lookup('', resource, namespace, name)
      return object?.metadata.uid === uid && !(object.metadata.deletionTimestamp && this.isOver(object))
    }
    if (!present('serviceaccounts', serviceaccount.name, serviceaccount.uid)) {
      throw new Error('[invalid bearer token, service account token has been invalidated]')
    }
    if ((pod && !present('pods', pod.name, pod.uid)) || (secret && !present('secrets', secret.name, secret.uid))) {
      throw new Error('[invalid bearer token, service account token has been invalidated]')
    }
  }

  /** What is being deleted is taken to be gone a minute after its time. */
  private isOver(object: KubeObject): boolean {
    return Date.parse(object.metadata.deletionTimestamp!) + 60 * SECOND < this.clock.now()
  }
}

function toDate(ms: number): Date {
  return new Date(ms)
}
