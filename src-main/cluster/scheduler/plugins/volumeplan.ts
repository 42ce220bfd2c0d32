/**
 * Where the claims of a pod that wait for their first consumer would get their volumes from, if the pod went to a node:
 * free volumes that the node can reach, or a provisioner that has room there
 * (https://kubernetes.io/docs/concepts/storage/storage-capacity/).
 */
import type { Informer, Informers } from '../../api/client.js'
import { resources } from '../../api/client.js'
import { compareQuantities, parseQuantity } from '../../api/kinds/rules/quantity.js'
import { canServe, isClaimOf, SELECTED_NODE } from '../../controllers/persistentvolume-model.js'
import type { CSIDriver } from '../../controllers/volumeattachment-model.js'
import { matcherOf } from '../../controllers/selector.js'
import type { Rejection } from '../framework.js'
import { reject } from '../framework.js'
import type { NodeInfo } from '../nodeinfo.js'
import { nodeSelectorMatcher } from './nodeaffinity.js'
import type { Claim, StorageClass, Volume } from './podclaims.js'
import { VolumeAssumptions } from './volumeassumptions.js'
import type { CSIStorageCapacity, VolumeChange } from './volumehints.js'
import { follow, roomOf } from './volumehints.js'

const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

const noVolume = reject("node(s) didn't find available persistent volumes to bind", true)
const noSpace = reject('node(s) did not have enough free storage')

export interface VolumePlan {
  /** The volumes that are there, by claim. */
  readonly volumes: ReadonlyMap<Claim, Volume>
  /** The claims whose volumes are to be made. */
  readonly provision: readonly Claim[]
}

export class VolumePlanner {
  readonly synced: Promise<unknown>
  /** Stops following drivers and their capacities. */
  readonly stop: () => void
  readonly assumptions = new VolumeAssumptions()
  private readonly volumes: Informer<Volume>
  private readonly classes: Informer<StorageClass>
  private readonly drivers: Informer<CSIDriver>
  private readonly capacities: Informer<CSIStorageCapacity>

  /** @param changed called when there may be room where there was none */
  constructor(informers: Informers, changed: (change: VolumeChange) => void) {
    this.volumes = informers.for<Volume>(resources.persistentvolumes)
    this.classes = informers.for<StorageClass>(resources.storageclasses)
    this.drivers = informers.for<CSIDriver>(resources.csidrivers)
    this.capacities = informers.for<CSIStorageCapacity>({ group: 'storage.k8s.io', version: 'v1', resource: 'csistoragecapacities' })
    this.synced = Promise.all([this.drivers.synced, this.capacities.synced])
    const stops = [follow('CSIDriver', this.drivers, changed), follow('CSIStorageCapacity', this.capacities, changed)]
    this.stop = () => stops.forEach((stop) => stop())
  }

  /** How a node would serve all of the claims together, or why it cannot. */
  plan(claims: readonly Claim[], node: NodeInfo): VolumePlan | Rejection {
    const chosen = new Map<Claim, Volume>()
    const provision: Claim[] = []
    // The smaller first, so that it does not take what only the larger one needs.
    for (const claim of [...claims].sort((a, b) => compareQuantities(sizeOf(a), sizeOf(b)))) {
      const assumed = this.assumptions.of(claim)
      const selected = claim.metadata.annotations?.[SELECTED_NODE] ?? (assumed && !assumed.volume ? assumed.node : undefined)
      if (selected !== undefined && selected !== node.name) return noVolume
      if (assumed?.volume && !reaches(assumed.volume, node)) return noVolume
      const volume = selected === undefined ? (assumed?.volume ?? this.matching(claim, node, new Set(chosen.values()))) : undefined
      if (volume) chosen.set(claim, volume)
      else provision.push(claim)
    }
    for (const claim of provision) {
      const why = this.unprovisionable(claim, node)
      if (why) return why
    }
    return { volumes: chosen, provision }
  }

  /** The volume that was set aside for the claim, which has no other then, or else the smallest free one that serves it from this node. */
  private matching(claim: Claim, node: NodeInfo, taken: ReadonlySet<Volume>): Volume | undefined {
    let best: Volume | undefined
    for (const volume of this.volumes.list()) {
      if (taken.has(volume) || this.assumptions.isTaken(volume) || !canServe(volume, claim)) continue
      if (isClaimOf(volume, claim)) return reaches(volume, node) ? volume : undefined
      if (!reaches(volume, node)) continue
      if (!best || compareQuantities(capacityOf(volume), capacityOf(best)) < 0) best = volume
    }
    return best
  }

  private unprovisionable(claim: Claim, node: NodeInfo): Rejection | undefined {
    const name = claim.spec?.storageClassName
    const storageClass = name ? this.classes.get('', name) : undefined
    if (!storageClass || storageClass.provisioner === NO_PROVISIONER) return noVolume
    const allowed = storageClass.allowedTopologies ?? []
    const isAllowed = allowed.some((t) => (t.matchLabelExpressions ?? []).every((e) => e.values.includes(node.labels[e.key] ?? '')))
    if (allowed.length > 0 && !isAllowed) return noVolume
    return this.hasSpace(claim, storageClass, node) ? undefined : noSpace
  }

  /** Whether there is room for a claim, as far as its driver tells; a driver that tells nothing is taken to have it. */
  private hasSpace(claim: Claim, storageClass: StorageClass, node: NodeInfo): boolean {
    if (!this.drivers.get('', storageClass.provisioner)?.spec?.storageCapacity) return true
    const wanted = sizeOf(claim)
    for (const told of this.capacities.list()) {
      const { storageClassName, nodeTopology } = told
      if (storageClassName !== storageClass.metadata.name || !nodeTopology) continue
      const room = roomOf(told)
      if (room !== undefined && compareQuantities(parseQuantity(room), wanted) >= 0 && matcherOf(nodeTopology)(node.labels)) return true
    }
    return false
  }
}

/** Whether a volume can be used from a node. */
export function reaches(volume: Volume, node: NodeInfo): boolean {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms
  return !terms || nodeSelectorMatcher(terms)(node.name, node.labels)
}

function sizeOf(claim: Claim): ReturnType<typeof parseQuantity> {
  return parseQuantity(claim.spec?.resources?.requests?.storage ?? '0')
}

function capacityOf(volume: Volume): ReturnType<typeof parseQuantity> {
  return parseQuantity(volume.spec?.capacity?.storage ?? '0')
}
