/** What a kubelet's server looks at: the Node, its pods as the API has them, and what their containers use now. */
import type { Clock } from '../../clock.js'
import type { KubeletConfiguration } from '../../kubelet/kubelet-configuration.js'
import type { PodStats } from '../../kubelet/pod-stats.js'
import type { Traffic } from '../../network/network.js'
import type { Store } from '../../store/store.js'
import { parseQuantity, quantityMilli, quantityValue } from '../kinds/rules/quantity.js'
import type { Node, ObjectMeta, Pod } from '../object.js'

/** How much CPU was used lately, on average, billionths of a core. */
export interface CpuRates {
  node(name: string): { readonly cpuNanoCores: number } | undefined
  pod(
    namespace: string,
    name: string,
  ): { readonly uid: string; readonly containers: readonly { name: string; cpuNanoCores: number }[] } | undefined
}

export interface KubeletView {
  readonly store: Store
  readonly clock: Clock
  readonly node: string
  /** What the node's running pods use. */
  readonly usage: readonly PodStats[]
  /** What the node's own network interface has carried. */
  readonly traffic?: Traffic | undefined
  readonly rates?: CpuRates | undefined
  /** What its machine says of the kubelet. */
  readonly configuration?: KubeletConfiguration | undefined
}

/** The pods that are bound to the node. */
export function podsOf({ store, node }: KubeletView): Pod[] {
  const stored = store.list('/registry/core/pods/').items.map(({ object }) => object as unknown as Pod)
  return stored.filter((pod) => pod.spec?.nodeName === node)
}

/** A pod as the API has it; undefined for one that is gone. */
export const podOf = ({ store }: KubeletView, { namespace, name }: { namespace: string; name: string }): Pod | undefined =>
  store.get(`/registry/core/pods/${namespace}/${name}`)?.object as Pod | undefined

export const nodeOf = ({ store, node }: KubeletView): Node | undefined =>
  store.get(`/registry/core/nodes/${node}`)?.object as Node | undefined

/** Sums up numbers of things. */
export const total = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((sum, item) => sum + of(item), 0)

/** What a quantity comes to; 0 where there is none. */
export const amount = (quantity: string | undefined): number => (quantity === undefined ? 0 : quantityValue(parseQuantity(quantity)))

/** How many cores a quantity of CPU comes to; 0 where there is none. */
export const cores = (quantity: string | undefined): number => (quantity === undefined ? 0 : quantityMilli(parseQuantity(quantity)) / 1000)

/** Since when the machine is on, ms: its Node tells since when it is ready. */
export function bootedAt(view: KubeletView): number {
  const node = nodeOf(view)
  const ready = node?.status?.conditions?.find((c) => c.type === 'Ready' && c.status === 'True')
  return Date.parse(ready?.lastTransitionTime ?? node?.metadata.creationTimestamp ?? '') || view.clock.now()
}

/** A file system: bytes and inodes. */
export interface FileSystem {
  readonly capacityBytes: number
  readonly usedBytes: number
  readonly inodes: number
  readonly inodesUsed: number
}

/** Bytes for each inode of a file system, as mkfs.ext4 lays it out. */
const BYTES_PER_INODE = 16_384

export const inodesOf = (capacityBytes: number): number => Math.floor(capacityBytes / BYTES_PER_INODE)

/** The size of the images that a node tells of, bytes. */
export const imageBytes = (view: KubeletView): number => total(nodeOf(view)?.status?.images ?? [], (image) => Number(image.sizeBytes ?? 0))

/** The disk of the node: images, writable layers, logs, and the volumes that lie on it. */
export function nodeDisk(view: KubeletView): FileSystem {
  const capacityBytes = amount(nodeOf(view)?.status?.capacity?.['ephemeral-storage'])
  const onDisk = view.usage.flatMap((pod) => volumesOf(view, pod).filter((v) => v.local))
  return {
    capacityBytes,
    usedBytes:
      imageBytes(view) + total(view.usage, (p) => total(p.containers, (c) => c.diskBytes ?? 0)) + total(onDisk, (v) => v.usedBytes),
    inodes: inodesOf(capacityBytes),
    inodesUsed: total(onDisk, (v) => v.inodes),
  }
}

/** A volume of a pod of which the kubelet knows how full it is. */
export interface MeasuredVolume {
  readonly name: string
  readonly usedBytes: number
  readonly inodes: number
  /** Undefined for one that is as large as the node's disk or memory. */
  readonly sizeBytes: number | undefined
  /** Of a claim: its name. */
  readonly claim: string | undefined
  /** Whether it lies on the node's disk and counts as the pod's ephemeral storage. */
  readonly local: boolean
  /** Whether it lies in memory. */
  readonly inMemory: boolean
}

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]

/** Volumes that are directories of the node or images are not measured. */
const isMeasured = (volume: Volume): boolean => !volume.hostPath && !('image' in volume)

export function volumesOf(view: KubeletView, pod: PodStats): MeasuredVolume[] {
  const declared = podOf(view, pod)?.spec?.volumes ?? []
  return declared.filter(isMeasured).flatMap((volume): MeasuredVolume[] => {
    const used = pod.volumes.find((v) => v.name === volume.name)
    if (!used) return []
    const claim = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.name}-${volume.name}` : undefined)
    const inMemory = volume.emptyDir?.medium === 'Memory' || Boolean(volume.secret ?? volume.projected)
    const size = claim ? claimSize(view, pod.namespace, claim) : volume.emptyDir?.sizeLimit
    return [
      {
        ...used,
        sizeBytes: size === undefined ? undefined : amount(size),
        claim,
        local: !claim && !inMemory && !volume.csi && !volume.nfs,
        inMemory,
      },
    ]
  })
}

function claimSize({ store }: KubeletView, namespace: string, name: string): string | undefined {
  type Claim = { metadata: ObjectMeta; status?: { capacity?: Record<string, string> } }
  const claim = store.get(`/registry/core/persistentvolumeclaims/${namespace}/${name}`)?.object as unknown as Claim | undefined
  return claim?.status?.capacity?.storage
}

/** The file system of a volume. */
export function volumeDisk(view: KubeletView, volume: MeasuredVolume): FileSystem {
  const node = nodeOf(view)?.status?.capacity
  const capacityBytes = volume.sizeBytes ?? amount(volume.inMemory ? node?.memory : node?.['ephemeral-storage'])
  return { capacityBytes, usedBytes: volume.usedBytes, inodes: inodesOf(capacityBytes), inodesUsed: volume.inodes }
}
