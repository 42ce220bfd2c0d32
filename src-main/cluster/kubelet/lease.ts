/** The Lease by which a node says that it lives. Kubernetes documentation, "Leases", "Node heartbeats". */
import type { Client } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Lease } from '../api/object.js'
import type { Clock } from '../clock.js'
import { rfc3339Micro } from '../clock.js'

/** Every node renews its Lease this often, ms. */
export const LEASE_RENEWAL_MS = 10_000
const LEASE_SECONDS = 40
/** The longest a Lease is taken for while time jumps ahead, s. */
const LONGEST_SECONDS = 3600
const NAMESPACE = 'kube-node-lease'

export class NodeLease {
  private lease: Lease | undefined
  private busy = false
  private renewedAt = -Infinity
  /** What the Lease was last taken for, s. */
  private seconds = LEASE_SECONDS
  /** The time of the last heartbeat, ms. */
  private aliveAt = 0

  /** @param owner the Node's uid, which takes the Lease with it when it goes */
  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
    private readonly node: string,
    private readonly owner: () => string | undefined,
  ) {}

  /**
   * Renews the Lease, or makes it; undefined when that can wait. Never rejects: the next renewal tries again. For a jump
   * of time the Lease is taken for longer, up to an hour, and renewed before that is over: a jump over a week would
   * write little else. At the end of the jump it is as short and as fresh as ever.
   */
  renew(): Promise<void> | undefined {
    const { jumpsTo } = this.clock
    const now = this.clock.now()
    this.aliveAt = now
    const next = now + LEASE_RENEWAL_MS
    const goesOn = jumpsTo !== undefined && next <= jumpsTo
    if (this.busy || (goesOn && next < this.endsAt)) return undefined
    const ahead = goesOn ? Math.ceil((jumpsTo - now) / 1000) : 0
    return this.take(now, Math.min(LEASE_SECONDS + ahead, LONGEST_SECONDS))
  }

  /** The time before which {@link renew} has nothing to do as long as time jumps ahead, ms. */
  get restsUntil(): number {
    const { jumpsTo = -Infinity } = this.clock
    return this.busy ? -Infinity : Math.min(jumpsTo, this.endsAt) - LEASE_RENEWAL_MS
  }

  /** When the Lease is over unless it is renewed, ms. */
  private get endsAt(): number {
    return this.renewedAt + this.seconds * 1000
  }

  /** The node has fallen silent: a Lease that was taken for longer ends as the last of its usual renewals would. */
  async shorten(): Promise<void> {
    if (this.seconds <= LEASE_SECONDS) return
    // A jump may have left out the heartbeats since.
    const beats = Math.floor((this.clock.now() - this.aliveAt) / LEASE_RENEWAL_MS)
    await this.take(this.aliveAt + beats * LEASE_RENEWAL_MS, LEASE_SECONDS)
  }

  private async take(from: number, seconds: number): Promise<void> {
    this.busy = true
    try {
      await this.write(from, seconds)
      this.renewedAt = from
      this.seconds = seconds
    } catch (error) {
      // Somebody else wrote or removed it, or its namespace is not there yet.
      this.lease = undefined
      if (!isReason(error, 'Conflict', 'NotFound', 'AlreadyExists', 'Forbidden')) this.lastError = error
    } finally {
      this.busy = false
    }
  }

  /** The last unexpected error, for diagnosis. */
  lastError: unknown

  private async write(from: number, leaseDurationSeconds: number): Promise<void> {
    const leases = this.client.resource<Lease>(resources.leases)
    const spec = {
      holderIdentity: this.node,
      leaseDurationSeconds,
      renewTime: rfc3339Micro(from),
    } as Lease['spec']
    let known = this.lease
    if (!known) {
      try {
        known = await leases.get(NAMESPACE, this.node)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }
    if (known) {
      this.lease = await leases.update({ ...known, spec })
      return
    }
    const uid = this.owner()
    this.lease = await leases.create(NAMESPACE, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: this.node,
        namespace: NAMESPACE,
        ...(uid ? { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: this.node, uid }] } : {}),
      },
      spec,
    } as Lease)
  }
}
