/**
 * What claims are going to get once pods on their way to a node are bound: no other claim may have these volumes, and
 * pods that share a claim go where its volume is going to be. The API tells of it only a moment later.
 */
import type { PodInfo } from '../podinfo.js'
import type { Claim, Volume } from './podclaims.js'
import type { VolumePlan } from './volumeplan.js'

/** What is going to become of one claim. */
export interface Assumption {
  /** The node of the pods that use it. */
  readonly node: string
  /** The volume that it gets; undefined when one is to be made. */
  readonly volume: Volume | undefined
}

export class VolumeAssumptions {
  /** By the claim's uid, with the uids of the pods that count on it. */
  private readonly claims = new Map<string, Assumption & { readonly pods: Set<string> }>()
  /** The names of the volumes that are taken. */
  private readonly taken = new Set<string>()

  of(claim: Claim): Assumption | undefined {
    return this.claims.get(claim.metadata.uid!)
  }

  isTaken(volume: Volume): boolean {
    return this.taken.has(volume.metadata.name!)
  }

  /** Notes what the claims of a pod get on its node. */
  note(pod: PodInfo, node: string, { volumes, provision }: VolumePlan): void {
    for (const [claim, volume] of volumes) this.noteOne(pod, claim, { node, volume })
    for (const claim of provision) this.noteOne(pod, claim, { node, volume: undefined })
  }

  /** Forgets what one pod has counted on: it has got it, or has given it up. */
  release({ uid }: PodInfo): void {
    for (const [claim, { pods, volume }] of this.claims) {
      if (!pods.delete(uid) || pods.size > 0) continue
      this.claims.delete(claim)
      if (volume) this.taken.delete(volume.metadata.name!)
    }
  }

  private noteOne(pod: PodInfo, claim: Claim, assumption: Assumption): void {
    const uid = claim.metadata.uid!
    const known = this.claims.get(uid)
    if (known) known.pods.add(pod.uid)
    else this.claims.set(uid, { ...assumption, pods: new Set([pod.uid]) })
    if (assumption.volume) this.taken.add(assumption.volume.metadata.name!)
  }
}
