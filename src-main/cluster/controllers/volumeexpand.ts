/** Says of claims that ask for more than they have that somebody else makes their volumes larger; this controller knows no kind of volume itself. */
import { resources } from '../api/client.js'
import { compareQuantities, parseQuantity } from '../api/kinds/rules/quantity.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import type { Claim, Volume } from './persistentvolume-model.js'
import { isClaimOf, provisionerOf } from './persistentvolume-model.js'

/** Tells which driver is to make the volume of a claim larger. */
const RESIZER = 'volume.kubernetes.io/storage-resizer'
/** Volumes of plugins that Kubernetes had built in, whose drivers make them larger now. */
const BUILT_IN = {
  awsElasticBlockStore: 'kubernetes.io/aws-ebs',
  azureDisk: 'kubernetes.io/azure-disk',
  azureFile: 'kubernetes.io/azure-file',
  cinder: 'kubernetes.io/cinder',
  gcePersistentDisk: 'kubernetes.io/gce-pd',
  portworxVolume: 'kubernetes.io/portworx-volume',
  vsphereVolume: 'kubernetes.io/vsphere-volume',
} as const

export function startVolumeExpandController(ctx: ControllerContext): Controller {
  const claimClient = ctx.client.resource<Claim>(resources.persistentvolumeclaims)
  const claims = ctx.informers.for<Claim>(resources.persistentvolumeclaims)
  const volumes = ctx.informers.for<Volume>(resources.persistentvolumes)
  const controller = new KeyedController(ctx, { name: 'volume-expand', sync })
  const enqueue = (claim: Claim): void => {
    if (claim.status?.phase === 'Bound') controller.queue.add(keyOf(claim))
  }
  controller.listen(claims, {
    add: enqueue,
    update(old, claim) {
      if (isMore(wanted(claim), wanted(old)) || isMore(has(claim), has(old))) enqueue(claim)
    },
  })
  return controller.startAfter(claims, volumes)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const claim = claims.get(namespace, name)
    const volume = claim?.spec?.volumeName ? volumes.get('', claim.spec.volumeName) : undefined
    if (!claim || !volume || !isClaimOf(volume, claim) || !isMore(wanted(claim), has(claim))) return
    const about = referenceTo('v1', 'PersistentVolumeClaim', claim)
    const plugin = Object.keys(BUILT_IN).find((source) => volume.spec?.[source as keyof typeof BUILT_IN])
    if (!plugin) return ctx.events.event(about, 'Normal', 'ExternalExpanding', 'waiting for an external controller to expand this PVC')
    const migrated = BUILT_IN[plugin as keyof typeof BUILT_IN]
    const text = `CSI migration enabled for ${migrated}; waiting for external resizer to expand the pvc`
    ctx.events.event(about, 'Normal', 'ExternalExpanding', text)
    const resizer = provisionerOf(migrated)!
    if (claim.metadata.annotations?.[RESIZER] === resizer) return
    await claimClient.patch(namespace, name, { metadata: { annotations: { [RESIZER]: resizer } } }, { type: 'merge' })
  }
}

function wanted(claim: Claim): string {
  return claim.spec?.resources?.requests?.storage ?? '0'
}

function has(claim: Claim): string {
  return claim.status?.capacity?.storage ?? '0'
}

function isMore(a: string, b: string): boolean {
  return a !== b && compareQuantities(parseQuantity(a), parseQuantity(b)) > 0
}
