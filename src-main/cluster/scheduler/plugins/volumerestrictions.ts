/**
 * Keeps a claim with the access mode ReadWriteOncePod to one pod of the whole cluster
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes), and a disk that can be written by one
 * machine's mount only to one pod of a node.
 */
import type { Informer, Informers } from '../../api/client.js'
import { resources } from '../../api/client.js'
import type { Pod } from '../../api/object.js'
import type { ClusterEvent, NodeFilter, Plugin, SchedulerView } from '../framework.js'
import { reject } from '../framework.js'
import type { PodInfo } from '../podinfo.js'
import type { Claim } from './podclaims.js'
import { claimNamesOf } from './podclaims.js'
import { isOwnClaim } from './volumehints.js'

const inUse = reject('node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode')
const noDisk = reject('node(s) had no available disk')

type PodVolume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]

export class VolumeRestrictions implements Plugin {
  readonly name = 'VolumeRestrictions'
  private readonly claims: Informer<Claim>

  constructor(informers: Informers) {
    this.claims = informers.for<Claim>(resources.persistentvolumeclaims)
  }

  helps(event: ClusterEvent, pod: PodInfo): boolean {
    if (event.type === 'VolumeChange') return isOwnClaim(event.change, pod)
    if (event.type !== 'AssignedPodDelete') return event.type === 'NodeAdd'
    const gone = event.pod
    const claims = gone.metadata.namespace === pod.namespace ? claimNamesOf(gone) : []
    const shared = claimNamesOf(pod.pod).some((name) => claims.includes(name))
    return shared || (gone.spec!.volumes ?? []).some((a) => pod.pod.spec!.volumes?.some((b) => conflicts(a, b)))
  }

  filter(pod: PodInfo, view: SchedulerView): NodeFilter | undefined {
    const single = claimNamesOf(pod.pod).filter((name) =>
      this.claims.get(pod.namespace, name)?.spec?.accessModes?.includes('ReadWriteOncePod'),
    )
    const disks = (pod.pod.spec!.volumes ?? []).filter(isDisk)
    if (single.length === 0 && disks.length === 0) return undefined
    const uses = (info: PodInfo, name: string): boolean => info.namespace === pod.namespace && claimNamesOf(info.pod).includes(name)
    let others = 0
    for (const name of single) {
      const { byNode } = view.cache.countsOf(`claim|${pod.namespace}/${name}`, (info) => uses(info, name))
      for (const n of byNode.values()) others += n
    }
    return {
      check(node) {
        if (others > 0) return inUse
        for (const other of disks.length ? node.pods.values() : [])
          for (const volume of other.pod.spec!.volumes ?? []) if (disks.some((d) => conflicts(d, volume))) return noDisk
        return undefined
      },
      shift(other, _node, by) {
        for (const name of single) if (uses(other, name)) others += by
      },
    }
  }
}

function isDisk(v: PodVolume): boolean {
  return Boolean(v.gcePersistentDisk ?? v.awsElasticBlockStore ?? v.rbd ?? v.iscsi)
}

/** Whether two volumes are the same disk and cannot both be mounted on a node. */
function conflicts(a: PodVolume, b: PodVolume): boolean {
  const [gce, gce2] = [a.gcePersistentDisk, b.gcePersistentDisk]
  if (gce && gce2) return gce.pdName === gce2.pdName && !(gce.readOnly && gce2.readOnly)
  const [ebs, ebs2] = [a.awsElasticBlockStore, b.awsElasticBlockStore]
  if (ebs && ebs2) return ebs.volumeID === ebs2.volumeID
  const [iscsi, iscsi2] = [a.iscsi, b.iscsi]
  if (iscsi && iscsi2) return iscsi.iqn === iscsi2.iqn && !(iscsi.readOnly && iscsi2.readOnly)
  const [rbd, rbd2] = [a.rbd, b.rbd]
  if (!rbd || !rbd2) return false
  const same = rbd.pool === rbd2.pool && rbd.image === rbd2.image && rbd.monitors.some((m) => rbd2.monitors.includes(m))
  return same && !(rbd.readOnly && rbd2.readOnly)
}
