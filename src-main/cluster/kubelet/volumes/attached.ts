/**
 * The volumes of a node that have to be attached to it: which of them its pods use, as `status.volumesInUse` tells, and
 * whether they are attached, as `status.volumesAttached` says.
 */
import type * as k8s from '@kubernetes/client-node'
import type { Client } from '../../api/client.js'
import { resources } from '../../api/client.js'
import { isReason } from '../../api/errors.js'
import type { Node } from '../../api/object.js'
import type { CSIDriver } from '../../controllers/volumeattachment-model.js'
import { requiresAttach, uniqueVolumeName } from '../../controllers/volumeattachment-model.js'

export type CsiSource = Pick<k8s.V1CSIPersistentVolumeSource, 'driver' | 'volumeHandle'>

export class AttachedVolumes {
  private readonly used = new Map<string, Set<string>>()

  /** @param changed told when other volumes are in use than before */
  constructor(
    private readonly client: Client,
    private readonly node: () => Node | undefined,
    private readonly changed: () => void,
  ) {}

  /** The names of the volumes that pods use, or are about to. */
  get inUse(): string[] {
    return [...new Set([...this.used.values()].flatMap((names) => [...names]))].sort()
  }

  /** What is said of the driver of a volume; undefined for one that nobody has described. */
  async driverOf({ driver }: CsiSource): Promise<CSIDriver | undefined> {
    return this.client
      .resource<CSIDriver>(resources.csidrivers)
      .get('', driver)
      .catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) throw error
        return undefined
      })
  }

  /** Notes that a pod uses a volume of a driver. Says whether it can be mounted: it is attached, or needs not be. */
  wants(podUid: string, source: CsiSource, driver: CSIDriver | undefined): boolean {
    if (!requiresAttach(driver)) return true
    const name = uniqueVolumeName(source)
    let names = this.used.get(podUid)
    if (!names) this.used.set(podUid, (names = new Set()))
    if (!names.has(name)) {
      names.add(name)
      this.changed()
    }
    return !!this.node()?.status?.volumesAttached?.some((v) => v.name === name)
  }

  /** A pod uses none of them any more. */
  release(podUid: string): void {
    if (this.used.delete(podUid)) this.changed()
  }
}
