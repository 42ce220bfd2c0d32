/**
 * Tells kubelets by an annotation of their Node how long they may keep Secrets and ConfigMaps before they ask again: the
 * longer, the more nodes there are (kube-controller-manager's ttl-controller).
 */
import { resources } from '../api/client.js'
import type { Node } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'

export const TTL_ANNOTATION = 'node.alpha.kubernetes.io/ttl'

/** Seconds by the size of the cluster. The ranges overlap, so that a node more or less does not change all Nodes. */
const STEPS: readonly { from: number; to: number; seconds: number }[] = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Infinity, seconds: 300 },
]

export function startTTLController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Node>(resources.nodes)
  const nodes = ctx.informers.for<Node>(resources.nodes)
  const controller = new KeyedController(ctx, { name: 'ttl-controller', sync })
  let step = 0
  const resize = (): void => {
    const before = step
    while (nodes.size > STEPS[step]!.to) step++
    while (nodes.size < STEPS[step]!.from) step--
    if (step !== before) for (const node of nodes.list()) controller.queue.add(node.metadata.name!)
  }
  controller.listen(nodes, {
    add(node) {
      resize()
      controller.queue.add(node.metadata.name!)
    },
    update: (_old, node) => {
      if (node.metadata.annotations?.[TTL_ANNOTATION] !== wanted()) controller.queue.add(node.metadata.name!)
    },
    delete: resize,
  })
  return controller.startAfter(nodes)

  function wanted(): string {
    return String(STEPS[step]!.seconds)
  }

  async function sync(name: string): Promise<void> {
    const node = nodes.get('', name)
    if (!node || node.metadata.annotations?.[TTL_ANNOTATION] === wanted()) return
    await client.patch('', name, { metadata: { annotations: { [TTL_ANNOTATION]: wanted() } } }, { type: 'strategic' })
  }
}
