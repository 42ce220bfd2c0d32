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
const NAMESPACE = 'kube-node-lease'

export class NodeLease {
  private lease: Lease | undefined
  private busy = false
  private renewedAt = -Infinity

  /** @param owner the Node's uid, which takes the Lease with it when it goes */
  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
    private readonly node: string,
    private readonly owner: () => string | undefined,
  ) {}

  /**
   * Renews the Lease, or makes it. Never rejects: the next renewal tries again. While time jumps ahead, renewals that
   * are followed by another before the Lease can expire and before the jump is over are left out: a jump over a week
   * would write little else.
   */
  async renew(): Promise<void> {
    const { clock } = this
    const now = clock.now()
    const next = now + LEASE_RENEWAL_MS
    const hasTime = next - this.renewedAt < LEASE_SECONDS * 1000
    if (this.busy || (hasTime && clock.jumpsTo !== undefined && next <= clock.jumpsTo)) return
    this.busy = true
    try {
      await this.write()
      this.renewedAt = now
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

  private async write(): Promise<void> {
    const leases = this.client.resource<Lease>(resources.leases)
    const spec = {
      holderIdentity: this.node,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: rfc3339Micro(this.clock.now()),
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
