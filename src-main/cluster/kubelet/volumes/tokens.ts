/**
 * Service-account tokens for pods: asked for through the `token` subresource, bound to the pod, renewed when 80 % of
 * their time is over. Kubernetes documentation, "Configure Service Accounts", "ServiceAccount token volume projection".
 */
import type { Client } from '../../api/client.js'
import { resources } from '../../api/client.js'
import type { KubeObject, Pod } from '../../api/object.js'
import type { Clock } from '../../clock.js'
import type { TokenProjection } from './files.js'
import { TokenRenewals } from './token-renewals.js'

interface Token {
  /** Its text, which whoever asks for makes. */
  text: () => string
  /** ms since the epoch */
  renewAt: number
}

/** A token, once it is there, of the projections that ask for the same. */
interface Held {
  readonly audience: string | undefined
  readonly seconds: number | undefined
  token: Token | Promise<Token>
}

/** Apart from what asks for the token, which the reader would keep. */
const reading = (status: { readonly token: string }) => (): string => status.token

/** The kubelet renews at 80 % of the lifetime, and in any case after a day. */
const LONGEST_MS = 24 * 3_600_000

/** The token that is held, undefined when it could not be had. Once it is there its promise is not kept. */
async function present(held: Held): Promise<Token | undefined> {
  const { token } = held
  if (!(token instanceof Promise)) return token
  const made = await token.catch(() => undefined)
  if (made && held.token === token) held.token = made
  return made
}

export class PodTokens {
  /** By the pod's uid. */
  private readonly tokens = new Map<string, readonly Held[]>()
  readonly renewals: TokenRenewals

  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
  ) {
    this.renewals = new TokenRenewals(clock)
  }

  /** The token of a projection, from the cache while it is fresh. */
  async token(pod: Pod, projection: TokenProjection): Promise<() => string> {
    const uid = pod.metadata.uid!
    const { audience, expirationSeconds: seconds } = projection
    const held = this.tokens.get(uid)?.find((h) => h.audience === audience && h.seconds === seconds)
    const known = held && (await present(held))
    if (known && known.renewAt > this.clock.now()) return known.text
    const request = this.request(pod, projection, known !== undefined)
    if (held) held.token = request
    else this.tokens.set(uid, [...(this.tokens.get(uid) ?? []), { audience, seconds, token: request }])
    return (await request).text
  }

  /** When the next token of a pod is to be renewed, ms since the epoch. */
  async nextRenewal(uid: string): Promise<number | undefined> {
    let next: number | undefined
    for (const held of this.tokens.get(uid) ?? []) {
      const t = await present(held)
      if (t && (next === undefined || t.renewAt < next)) next = t.renewAt
    }
    return next
  }

  /** Drops the tokens of a pod. */
  forget(uid: string): void {
    this.tokens.delete(uid)
  }

  /** @param renewed whether the pod has had one before */
  private async request(pod: Pod, projection: TokenProjection, renewed: boolean): Promise<Token> {
    const { namespace, name, uid } = pod.metadata
    const account = pod.spec!.serviceAccountName || 'default'
    const asked = this.clock.now()
    const lifetime = projection.expirationSeconds ?? 3600
    const extra = renewed ? this.secondsLeftOut(lifetime) : 0
    const seconds = lifetime + extra
    const request: KubeObject = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: account, namespace: namespace! },
      spec: {
        audiences: projection.audience ? [projection.audience] : [],
        expirationSeconds: seconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    }
    const accounts = this.client.resource<KubeObject>(resources.serviceaccounts)
    // Signing happens on a thread of its own, which a jump of the clock has to wait for.
    const answer = await this.clock.track(accounts.create(namespace!, request, { subresource: 'token' }))
    const status = answer.status as { token: string; expirationTimestamp?: string }
    const expires = status.expirationTimestamp ? Date.parse(status.expirationTimestamp) : asked + seconds * 1000
    return { text: reading(status), renewAt: asked + extra * 1000 + Math.min((expires - asked - extra * 1000) * 0.8, LONGEST_MS) }
  }

  /**
   * How much longer a token is asked for while time jumps ahead, s: over all renewals of the jump but the last, of a day
   * at most. A jump over a week would sign little else, and at its end the token is as fresh as ever.
   */
  private secondsLeftOut(lifetime: number): number {
    const now = this.clock.now()
    const ahead = Math.min((this.clock.jumpsTo ?? now) - now, LONGEST_MS)
    const period = Math.min(lifetime * 0.8 * 1000, LONGEST_MS)
    return Math.max(0, Math.floor(((Math.floor(ahead / period) - 1) * period) / 1000))
  }
}
