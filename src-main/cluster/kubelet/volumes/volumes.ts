/** Sets up the volumes of a pod and keeps the files that come from the API up to date. */
import type { Client } from '../../api/client.js'
import { resources } from '../../api/client.js'
import type { KubeObject, Pod } from '../../api/object.js'
import type { Clock } from '../../clock.js'
import type { ContainerRuntime, Volume } from '../../runtime/cri.js'
import type { ReferencedObjects } from '../env.js'
import type { NodeFacts } from '../downward-api.js'
import { bytes } from '../quantity.js'
import { hasGeneratedFiles, volumeFiles } from './files.js'
import type { FileSources } from './files.js'
import { PodTokens } from './tokens.js'

type PodVolume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]

/** By how much an emptyDir on disk can exceed its limit until its pod is evicted, bytes. */
const DISK_SLACK = 64 * 1024 ** 2

/** A volume could not be set up. */
export class MountError extends Error {
  constructor(
    readonly volume: string,
    detail: string,
  ) {
    super(`MountVolume.SetUp failed for volume "${volume}" : ${detail}`)
    this.name = 'MountError'
  }
}

/** Volumes that belong to a PersistentVolume: they outlive pods and are shared by all nodes of a cluster. */
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
    },
  ) {
    this.tokens = new PodTokens(options.client, options.clock)
  }

  /** Makes one volume of a pod. Rejects with {@link MountError}. */
  async setUp(volume: PodVolume, pod: Pod, podIP: string): Promise<Volume> {
    try {
      return await this.make(volume, pod, podIP)
    } catch (error) {
      throw new MountError(volume.name, error instanceof Error ? error.message : String(error))
    }
  }

  /** Writes the files of a generated volume anew. Rejects as {@link setUp}. */
  async refresh(volume: PodVolume, target: Volume, pod: Pod, podIP: string): Promise<void> {
    try {
      target.replaceFiles(await volumeFiles(volume, pod, this.sources(podIP)), owner(pod))
    } catch (error) {
      throw new MountError(volume.name, error instanceof Error ? error.message : String(error))
    }
  }

  private async make(volume: PodVolume, pod: Pod, podIP: string): Promise<Volume> {
    const { runtime } = this.options
    if (hasGeneratedFiles(volume)) {
      const files = await volumeFiles(volume, pod, this.sources(podIP))
      const made = runtime.createVolume()
      made.replaceFiles(files, owner(pod))
      return made
    }
    if (volume.hostPath) return runtime.hostPathVolume(this.options.node().name, volume.hostPath.path, volume.hostPath.type ?? '')
    if (volume.persistentVolumeClaim) return this.claimed(pod.metadata.namespace!, volume.persistentVolumeClaim.claimName)
    if (volume.ephemeral) return this.claimed(pod.metadata.namespace!, `${pod.metadata.name}-${volume.name}`)
    if (volume.emptyDir || Object.keys(volume).length === 1) {
      const { medium, sizeLimit } = volume.emptyDir ?? {}
      return runtime.createVolume({
        // Memory is a file system of that size; on disk the limit is looked after by eviction, and writes go on.
        ...(sizeLimit ? { sizeLimit: bytes(sizeLimit) + (medium === 'Memory' ? 0 : DISK_SLACK) } : {}),
        ...(medium === 'Memory' ? { medium } : {}),
      })
    }
    const kind = Object.keys(volume).find((k) => k !== 'name')
    throw new Error(`no volume plugin matched: volumes of type ${kind} are not simulated`)
  }

  /** The volume behind a bound claim. */
  private async claimed(namespace: string, name: string): Promise<Volume> {
    const { client, runtime, persistent } = this.options
    const claim = await client.resource<KubeObject>(resources.persistentvolumeclaims).get(namespace, name)
    const pvName = (claim.spec as { volumeName?: string }).volumeName
    if (!pvName || (claim.status as { phase?: string } | undefined)?.phase !== 'Bound')
      throw new Error(`error processing PVC ${namespace}/${name}: PVC is not bound`)
    const pv = await client.resource<KubeObject>(resources.persistentvolumes).get('', pvName)
    const spec = pv.spec as { hostPath?: { path: string }; local?: { path: string } }
    const path = spec.hostPath?.path ?? spec.local?.path
    if (path) return runtime.hostPathVolume(this.options.node().name, path, 'DirectoryOrCreate')
    let made = persistent.get(pv.metadata.uid!)
    if (!made) persistent.set(pv.metadata.uid!, (made = runtime.createVolume()))
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
