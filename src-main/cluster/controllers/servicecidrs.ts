/**
 * Says when a ServiceCIDR can be used, and lets one that is being deleted go only when no address of a Service would be
 * left without a range (https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/).
 */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { IPAddress } from '../api/kinds/ipaddress.js'
import { blockContains, parseCIDR, parseIP, type Block } from '../api/kinds/rules/ip.js'
import type { ServiceCIDR } from '../api/kinds/servicecidr.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer'
/** How long one that is being deleted stays at least, ms: nobody takes an address of it by then. */
const DELETION_GRACE_MS = 10_000
const ORPHANS = 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'

export function startServiceCIDRController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<ServiceCIDR>(resources.servicecidrs)
  const cidrs = ctx.informers.for<ServiceCIDR>(resources.servicecidrs)
  const addresses = ctx.informers.for<IPAddress>(resources.ipaddresses)
  const controller = new KeyedController(ctx, { name: 'service-cidrs-controller', sync })
  // What is deleted may have been what kept another one, or what could have taken its place.
  const wakeLeaving = (): void => {
    for (const { metadata } of cidrs.list()) if (metadata.deletionTimestamp) controller.queue.add(metadata.name!)
  }
  const onCIDR = ({ metadata }: ServiceCIDR): void => {
    controller.queue.add(metadata.name!)
    wakeLeaving()
  }
  controller.listen(cidrs, { add: onCIDR, update: (_old, cidr) => onCIDR(cidr), delete: wakeLeaving })
  controller.listen(addresses, { delete: wakeLeaving })
  return controller.startAfter(cidrs, addresses)

  async function sync(name: string): Promise<void> {
    const cidr = cidrs.get('', name)
    if (!cidr) return
    const { deletionTimestamp, finalizers = [] } = cidr.metadata
    if (!deletionTimestamp) {
      if (!finalizers.includes(FINALIZER)) await setFinalizers(cidr, [...finalizers, FINALIZER])
      return setReady(cidr, true)
    }
    if (!finalizers.includes(FINALIZER)) return
    if (!canGo(cidr)) return setReady(cidr, false)
    const left = Date.parse(deletionTimestamp) + DELETION_GRACE_MS - ctx.clock.now()
    if (left > 0) return controller.queue.addAfter(name, left)
    await setFinalizers(
      cidr,
      finalizers.filter((f) => f !== FINALIZER),
    )
  }

  /** Whether each address in its ranges is in a range of another one, too. */
  function canGo(cidr: ServiceCIDR): boolean {
    const own = blocksOf(cidr)
    const others = [...cidrs.list()].filter((o) => o !== cidr && !o.metadata.deletionTimestamp).flatMap(blocksOf)
    for (const { metadata } of addresses.list()) {
      const ip = parseIP(metadata.name!)
      const within = (block: Block): boolean => ip !== undefined && blockContains(block, ip)
      if (own.some(within) && !others.some(within)) return false
    }
    return true
  }

  async function setFinalizers({ metadata }: ServiceCIDR, finalizers: readonly string[]): Promise<void> {
    const { name, resourceVersion } = metadata
    const patch = { metadata: { resourceVersion, finalizers: finalizers.length ? finalizers : null } }
    await client.patch('', name!, patch, { type: 'merge' }).catch(unlessGone)
  }

  async function setReady({ metadata, status }: ServiceCIDR, ready: boolean): Promise<void> {
    const others = (status?.conditions ?? []).filter((c) => c.type !== 'Ready')
    const before = status?.conditions?.find((c) => c.type === 'Ready')
    if (before?.status === (ready ? 'True' : 'False')) return
    const condition = {
      type: 'Ready',
      status: ready ? 'True' : 'False',
      lastTransitionTime: rfc3339(ctx.clock.now()),
      reason: ready ? '' : 'Terminating',
      message: ready ? 'Kubernetes Service CIDR is ready' : ORPHANS,
    }
    const patch = { status: { conditions: [...others, condition] } }
    await client.patch('', metadata.name!, patch, { type: 'merge', subresource: 'status' }).catch(unlessGone)
  }
}

function blocksOf({ spec }: ServiceCIDR): Block[] {
  return (spec?.cidrs ?? []).flatMap((text) => parseCIDR(text as string) ?? [])
}

function unlessGone(error: unknown): void {
  if (!isReason(error, 'NotFound')) throw error
}
