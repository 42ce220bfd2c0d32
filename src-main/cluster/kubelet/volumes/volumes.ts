/** Sets up the volumes of a pod and keeps the files that come from the API up to date. */
import type * as k8s from '@kubernetes/client-node'
import type { Client } from '../../api/client.js'
import { resources } from '../../api/client.js'
import type { Pod } from '../../api/object.js'
import type { Clock } from '../../clock.js'
import type { Claim, Volume as PersistentVolume } from '../../controllers/persistentvolume-model.js'
import type { ContainerRuntime, Volume } from '../../runtime/cri.js'
import type { ReferencedObjects } from '../env.js'
import type { NodeFacts } from '../downward-api.js'
import { bytes } from '../quantity.js'
import type { AttachedVolumes, CsiSource } from './attached.js'
import { hasGeneratedFiles, volumeFiles } from './files.js'
import type { FileSources } from './files.js'
import { giveToGroup, takesGroup } from './group.js'
import { PodTokens } from './tokens.js'

type PodVolume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]
type Share = { server: string; path: string }

/** By how much an emptyDir on disk can exceed its limit until its pod is evicted, bytes. */
const DISK_SLACK = 64 * 1024 ** 2

/** A volume could not be set up. */
export class MountError extends Error {
  constructor(
    readonly volume: string,
    error: unknown,
  ) {
    super(
      error instanceof ClaimError || error instanceof ModeError
        ? `Unable to attach or mount volumes: unmounted volumes=[${volume}], unattached volumes=[], failed to process volumes=[${volume}]: ${error.message}`
        : `MountVolume.SetUp failed for volume "${volume}" : ${error instanceof Error ? error.message : String(error)}`,
    )
    this.name = 'MountError'
  }
}

/** A volume has to be attached to the node first, and is not yet. */
export class NotAttached extends Error {
  constructor(volume: string) {
    super(`volume "${volume}" is not attached according to node status`)
    this.name = 'NotAttached'
  }
}

/** The claim of a volume does not lead to one: the kubelet does not even begin to set it up. */
class ClaimError extends Error {
  constructor(claim: string, why: string) {
    super(`error processing PVC ${claim}: ${why}`)
    this.name = 'ClaimError'
  }
}

/** A container uses a volume otherwise than the volume can be used. */
class ModeError extends Error {}

/** Refuses a volume that a container mounts though it is a block device, or the other way round. */
function checkMode(pod: Pod, volume: string, { spec }: PersistentVolume): void {
  const mode = spec?.volumeMode ?? 'Filesystem'
  const containers = [...(pod.spec!.initContainers ?? []), ...pod.spec!.containers]
  const where = mode === 'Block' ? 'volumeMounts' : 'volumeDevices'
  if (containers.some((c) => c[where]?.some(({ name }) => name === volume)))
    throw new ModeError(`volume ${volume} has volumeMode ${mode}, but is specified in ${where}`)
}

/** Volumes that outlive pods and are shared by all nodes of a cluster: those of PersistentVolumes by uid, and what file servers export. */
export type PersistentVolumes = Map<string, Volume>

export class NodeVolumes {
  readonly tokens: PodTokens

  constructor(
    private readonly options: {
      client: Client
      clock: Clock
      runtime: ContainerRuntime
      objects: ReferencedObjects
      node(): NodeFacts
      persistent: PersistentVolumes
      attached: AttachedVolumes
    },
  ) {
    this.tokens = new PodTokens(options.client, options.clock)
  }

  /** Makes one volume of a pod. Rejects with {@link NotAttached}, or with {@link MountError}. */
  async setUp(volume: PodVolume, pod: Pod, podIP: string): Promise<Volume> {
    try {
      return await this.make(volume, pod, podIP)
    } catch (error) {
      throw error instanceof NotAttached ? error : new MountError(volume.name, error)
    }
  }

  /** A pod has no more use for its volumes. */
  release(pod: Pod): void {
    this.options.attached.release(pod.metadata.uid!)
  }

  /** Writes the files of a generated volume anew. Rejects as {@link setUp}. */
  async refresh(volume: PodVolume, target: Volume, pod: Pod, podIP: string): Promise<void> {
    try {
      target.replaceFiles(await volumeFiles(volume, pod, this.sources(podIP)), owner(pod))
    } catch (error) {
      throw new MountError(volume.name, error)
    }
  }

  private async make(volume: PodVolume, pod: Pod, podIP: string): Promise<Volume> {
    const { runtime } = this.options
    if (hasGeneratedFiles(volume)) {
      const files = await volumeFiles(volume, pod, this.sources(podIP))
      // A ConfigMap's files are on disk, all others in memory: what is secret, and what may be.
      const made = volume.configMap
        ? runtime.createVolume()
        : runtime.createVolume({ medium: 'Memory', sizeLimit: this.memoryFor(pod, undefined) })
      made.replaceFiles(files, owner(pod))
      return made
    }
    if (volume.hostPath) return runtime.hostPathVolume(this.options.node().name, volume.hostPath.path, volume.hostPath.type ?? '')
    if (volume.persistentVolumeClaim) return this.claimed(pod, volume.persistentVolumeClaim.claimName, volume.name)
    if (volume.ephemeral) return this.claimed(pod, `${pod.metadata.name}-${volume.name}`, volume.name)
    if (volume.emptyDir || Object.keys(volume).length === 1) {
      const made = this.empty(volume.emptyDir ?? {}, pod)
      giveToGroup(made, pod, false)
      return made
    }
    if (volume.nfs) return this.share(volume.nfs)
    if (volume.csi) {
      const why = `driver name ${volume.csi.driver} not found in the list of registered CSI drivers`
      throw new Error(`kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${why}`)
    }
    if (volume.gitRepo) {
      const how = 'if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`'
      throw new Error(`git-repo volume plugin has been disabled; ${how}`)
    }
    const kind = Object.keys(volume).find((k) => k !== 'name')
    throw new Error(`no volume plugin matched: volumes of type ${kind} are not simulated`)
  }

  private empty({ medium, sizeLimit }: k8s.V1EmptyDirVolumeSource, pod: Pod): Volume {
    const { runtime } = this.options
    if (medium === 'Memory') return runtime.createVolume({ medium, sizeLimit: this.memoryFor(pod, sizeLimit) })
    // On disk the limit is looked after by eviction, and writes go on.
    return runtime.createVolume(sizeLimit ? { sizeLimit: bytes(sizeLimit) + DISK_SLACK } : {})
  }

  /** The size of a file system in memory, bytes: its limit, but no more than the pod's containers may use together, or the node has. */
  private memoryFor(pod: Pod, sizeLimit: string | undefined): number {
    const { containers } = pod.spec!
    const limits = containers.map((c) => c.resources?.limits?.['memory'])
    const together = limits.every((limit) => limit !== undefined) ? limits.reduce((sum, limit) => sum + bytes(limit!), 0) : Infinity
    const { memory } = this.options.node().allocatable
    return Math.min(sizeLimit ? bytes(sizeLimit) : Infinity, together, memory ? bytes(memory) : Infinity)
  }

  /** The volume behind a bound claim. */
  private async claimed(pod: Pod, name: string, volumeOfPod: string): Promise<Volume> {
    const { client, attached } = this.options
    const { namespace, uid } = pod.metadata
    const key = `${namespace}/${name}`
    const reading = client.resource<Claim>(resources.persistentvolumeclaims).get(namespace!, name)
    const claim = await reading.catch((error: Error) => {
      throw new ClaimError(key, `failed to fetch PVC from API server: ${error.message}`)
    })
    if (claim.metadata.deletionTimestamp !== undefined) throw new ClaimError(key, 'PVC is being deleted')
    const { volumeName } = claim.spec ?? {}
    if (!volumeName || claim.status?.phase !== 'Bound') throw new ClaimError(key, 'PVC is not bound')
    const pv = await client.resource<PersistentVolume>(resources.persistentvolumes).get('', volumeName)
    checkMode(pod, volumeOfPod, pv)
    const csi = pv.spec?.csi as CsiSource | undefined
    const driver = csi && (await attached.driverOf(csi))
    if (csi && !attached.wants(uid!, csi, driver)) throw new NotAttached(name)
    const volume = this.persistent(pv)
    if (pv.spec?.volumeMode === 'Block') return volume.asDevice!(bytes(pv.spec.capacity?.['storage'] ?? '0'))
    if (takesGroup(pv, driver)) giveToGroup(volume, pod, true)
    return volume
  }

  private persistent({ metadata, spec }: PersistentVolume): Volume {
    const { runtime, node } = this.options
    const path = spec?.hostPath?.path ?? spec?.local?.path
    if (path) return runtime.hostPathVolume(node().name, path, 'DirectoryOrCreate')
    return spec?.nfs ? this.share(spec.nfs as Share) : this.lasting(metadata.uid!)
  }

  /** What a file server exports is the same for all who mount it, by whatever name. */
  private share({ server, path }: Share): Volume {
    return this.lasting(`nfs://${server}${path}`)
  }

  private lasting(key: string): Volume {
    const { runtime, persistent } = this.options
    let made = persistent.get(key)
    if (!made) persistent.set(key, (made = runtime.createVolume()))
    return made
  }

  private sources(podIP: string): FileSources {
    return {
      node: this.options.node(),
      podIP,
      objects: this.options.objects,
      token: (pod, projection) => this.tokens.token(pod, projection),
    }
  }
}

function owner(pod: Pod): { uid?: number; gid?: number } {
  const gid = pod.spec!.securityContext?.fsGroup
  return gid === undefined ? {} : { gid }
}
