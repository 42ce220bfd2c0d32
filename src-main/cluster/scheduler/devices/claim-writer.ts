/** Writes into claims what was allocated for them, and for whom. */
import type { Client, Informer, ResourceClient } from '../../api/client.js'
import { resources } from '../../api/client.js'
import { isReason } from '../../api/errors.js'
import { DELETE_PROTECTION, type ResourceClaim } from '../../api/kinds/resourceclaim.js'
import type { Pod } from '../../api/object.js'
import type { PodInfo } from '../podinfo.js'
import type { Allocation } from './model.js'
import { claimKey } from './requests.js'

/** How often a write is tried that others were faster than. */
const TRIES = 5

/** Whether a claim is reserved for the pod with a uid. */
export const isReservedFor = ({ status }: ResourceClaim, uid: string): boolean => status?.reservedFor?.some((r) => r.uid === uid) ?? false

export class ClaimWriter {
  private readonly client: ResourceClient<ResourceClaim>
  private readonly pods: ResourceClient<Pod>

  constructor(
    client: Client,
    private readonly claims: Informer<ResourceClaim>,
  ) {
    this.client = client.resource<ResourceClaim>(resources.resourceclaims)
    this.pods = client.resource<Pod>(resources.pods)
  }

  /** Stores a claim that was made for extended resources. */
  async create({ metadata: { uid: _, ...metadata }, ...claim }: ResourceClaim): Promise<ResourceClaim> {
    const what = `${metadata.namespace}/${metadata.generateName}`
    return wrapped(this.client.create(metadata.namespace!, { ...claim, metadata }), `create claim for extended resources ${what}`)
  }

  /** Notes in a pod's status which claim serves its extended resources. */
  async tell({ namespace, pod }: PodInfo, extendedResourceClaimStatus: object): Promise<void> {
    const doing = `update pod ${namespace}/${pod.metadata.name} ExtendedResourceClaimStatus`
    const patch = { status: { extendedResourceClaimStatus } }
    await wrapped(this.pods.patch(namespace, pod.metadata.name!, patch, { type: 'strategic', subresource: 'status' }), doing)
  }

  /** Deletes a claim, its devices with it. */
  async remove({ metadata: { namespace, name } }: ResourceClaim): Promise<void> {
    await this.untilWritten(namespace!, name!, async ({ metadata, ...claim }) => {
      const finalizers = metadata.finalizers?.filter((f) => f !== DELETE_PROTECTION) ?? []
      await this.client.update({ ...claim, metadata: { ...metadata, finalizers } })
    })
    await this.client.delete(namespace!, name!)
  }

  /**
   * Reserves a claim for a pod; with an allocation, that is written too, and the claim is kept from being deleted.
   * Rejects when somebody else was faster, or the claim is gone.
   */
  async reserve({ metadata: { namespace, name } }: ResourceClaim, pod: PodInfo, allocation: Allocation | undefined): Promise<void> {
    const user = { resource: 'pods', name: pod.pod.metadata.name!, uid: pod.uid }
    const what = allocation ? 'allocation and reservation' : 'reservation'
    await this.untilWritten(namespace!, name!, async (found) => {
      let claim = found
      if (claim.metadata.deletionTimestamp !== undefined) throw new Error(`claim ${claimKey(claim)} got deleted in the meantime`)
      if (allocation && claim.status?.allocation) throw new Error(`claim ${claimKey(claim)} got allocated elsewhere in the meantime`)
      const finalizers = claim.metadata.finalizers ?? []
      if (allocation && !finalizers.includes(DELETE_PROTECTION)) {
        const metadata = { ...claim.metadata, finalizers: [...finalizers, DELETE_PROTECTION] }
        claim = await wrapped(this.client.update({ ...claim, metadata }), `add finalizer to claim ${claimKey(claim)}`)
      }
      const reservedFor = [...(claim.status?.reservedFor ?? []), user]
      const status = { ...claim.status, ...(allocation ? { allocation } : {}), reservedFor }
      await wrapped(this.client.update({ ...claim, status }, { subresource: 'status' }), `add ${what} to claim ${claimKey(claim)}`)
    })
  }

  /** Takes back what was reserved for a pod that could not be bound. */
  async release({ metadata: { namespace, name } }: ResourceClaim, { uid }: PodInfo): Promise<void> {
    await this.untilWritten(namespace!, name!, async (claim) => {
      if (!isReservedFor(claim, uid)) return
      const { reservedFor = [], ...rest } = claim.status!
      const left = reservedFor.filter((r) => r.uid !== uid)
      const status = left.length > 0 ? { ...rest, reservedFor: left } : rest
      await this.client.update({ ...claim, status }, { subresource: 'status' })
    })
  }

  /** Gives the devices of a claim back. */
  async deallocate({ metadata: { namespace, name } }: ResourceClaim): Promise<void> {
    await this.untilWritten(namespace!, name!, async (claim) => {
      const { allocation: _, reservedFor: __, devices: ___, ...status } = claim.status ?? {}
      await this.client.update({ ...claim, status }, { subresource: 'status' })
    })
  }

  /** Writes what is known of a claim, changed, and after a conflict what the server has of it. */
  private async untilWritten(namespace: string, name: string, write: (claim: ResourceClaim) => Promise<void>): Promise<void> {
    let claim = this.claims.get(namespace, name) ?? (await this.client.get(namespace, name))
    for (let i = 1; ; i++) {
      try {
        return await write(claim)
      } catch (error) {
        if (i >= TRIES || !isReason(error, 'Conflict')) throw error
        claim = await this.client.get(namespace, name)
      }
    }
  }
}

/** Says what was being written when that failed, but for conflicts, after which it is tried again. */
async function wrapped<T>(work: Promise<T>, doing: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (isReason(error, 'Conflict')) throw error
    throw new Error(`${doing}: ${(error as Error).message}`)
  }
}
