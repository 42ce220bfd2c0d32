/**
 * In the place of the external attachers of CSI drivers (https://kubernetes-csi.github.io/docs/external-attacher.html):
 * the simulated storage of any driver that somebody has described can be attached at once.
 */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { CSIDriver, VolumeAttachment } from './volumeattachment-model.js'
import { requiresAttach } from './volumeattachment-model.js'

export function startVolumeAttacher(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<VolumeAttachment>(resources.volumeattachments)
  const attachments = ctx.informers.for<VolumeAttachment>(resources.volumeattachments)
  const drivers = ctx.informers.for<CSIDriver>(resources.csidrivers)
  const controller = new KeyedController(ctx, { name: 'volume-attacher', sync })
  const enqueue = (attachment: VolumeAttachment): void => controller.queue.add(attachment.metadata.name!)
  controller.listen(attachments, { add: enqueue })
  controller.listen(drivers, { add: () => [...attachments.list()].forEach(enqueue) })
  return controller.startAfter(attachments, drivers)

  async function sync(name: string): Promise<void> {
    const attachment = attachments.get('', name)
    if (!attachment || attachment.status?.attached || attachment.metadata.deletionTimestamp !== undefined) return
    if (!requiresAttach(drivers.get('', attachment.spec?.attacher ?? ''))) return
    await client.patch('', name, { status: { attached: true } }, { type: 'merge', subresource: 'status' }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
  }
}
