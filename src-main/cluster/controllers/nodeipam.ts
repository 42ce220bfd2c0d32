/** Gives every node a part of the cluster's pod network: `spec.podCIDR`, one /24 each. */
import { resources } from '../api/client.js'
import type { Node } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'

export interface NodeIpamOptions {
  /** Such as `10.244.0.0/16`. */
  clusterCIDR: string
}

const NODE_BITS = 24
/** Nodes up to which a new cluster has the usual pod network: 256 fit, and some room is for machines that come later. */
const USUAL_NODES = 200

/**
 * The pod network of a cluster that is created with so many nodes: kubeadm's and minikube's usual one, or for a large
 * cluster one with room for 32,768 nodes; neither meets the Services' network.
 */
export function podNetworkFor(nodes: number): string {
  return nodes <= USUAL_NODES ? '10.244.0.0/16' : '10.128.0.0/9'
}

export function startNodeIpamController(ctx: ControllerContext, { clusterCIDR }: NodeIpamOptions): Controller {
  const client = ctx.client.resource<Node>(resources.nodes)
  const nodes = ctx.informers.for<Node>(resources.nodes)
  const { base, count } = blocksOf(clusterCIDR)
  /** Which block each node has. */
  const taken = new Map<number, string>()
  /** Where the search for a free one begins: after the last that was given out. */
  let candidate = 0
  // One at a time, so that blocks are given out in order.
  const controller = new KeyedController(ctx, { name: 'node-ipam-controller', workers: 1, sync })
  controller.listen(nodes, {
    add(node) {
      occupy(node)
      controller.queue.add(node.metadata.name!)
    },
    update: (_old, node) => occupy(node),
    delete(node) {
      for (const [block, name] of taken) if (name === node.metadata.name) taken.delete(block)
    },
  })
  return controller.startAfter(nodes)

  function occupy(node: Node): void {
    const block = node.spec?.podCIDR ? indexOf(node.spec.podCIDR) : undefined
    if (block !== undefined) taken.set(block, node.metadata.name!)
  }

  function indexOf(cidr: string): number {
    return (addressNumber(cidr) - base) / 2 ** (32 - NODE_BITS)
  }

  function freeBlock(): number | undefined {
    for (let i = 0; i < count; i++) {
      const block = (candidate + i) % count
      if (!taken.has(block)) return block
    }
    return undefined
  }

  async function sync(name: string): Promise<void> {
    const node = nodes.get('', name)
    if (!node || node.spec?.podCIDR) return
    const block = freeBlock()
    if (block === undefined) {
      ctx.events.event(referenceTo('v1', 'Node', node), 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
      return
    }
    taken.set(block, name)
    candidate = (block + 1) % count
    const podCIDR = `${addressText(base + block * 2 ** (32 - NODE_BITS))}/${NODE_BITS}`
    await client.patch('', name, { spec: { podCIDR, podCIDRs: [podCIDR] } }, { type: 'strategic' })
  }
}

function blocksOf(cidr: string): { base: number; count: number } {
  const bits = Number(cidr.split('/')[1])
  return { base: addressNumber(cidr), count: 2 ** (NODE_BITS - bits) }
}

function addressNumber(cidr: string): number {
  return cidr
    .split('/')[0]!
    .split('.')
    .reduce((n, part) => n * 256 + Number(part), 0)
}

function addressText(n: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.')
}
