/** How a node comes into the API: its kubelet makes its Node, or takes over the one that is there. */
import type { Client, ResourceClient } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Node } from '../api/object.js'
import type { ContainerRuntime } from '../runtime/cri.js'
import { ImageError } from '../runtime/cri.js'
import type { Machine } from './node-status.js'
import { CONTROL_PLANE_LABELS, nodeAnnotations, nodeLabels } from './node-status.js'

export interface RegistrationOptions {
  machine: Machine
  /** Acts as the node. */
  nodes: ResourceClient<Node>
  /** Acts as the installer of the cluster, for what a kubelet may not do to its own Node. */
  installer: Client
  runtime: ContainerRuntime
  status: NonNullable<Node['status']>
}

/** Makes the Node of a machine, or gives the one that is there. Rejects while the API is not open to nodes. */
export async function makeNodeObject({ machine, nodes, installer, runtime, status }: RegistrationOptions): Promise<Node> {
  const fresh: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: machine.name, labels: nodeLabels(machine), annotations: nodeAnnotations() },
    spec: machine.taints?.length ? { taints: machine.taints.map((t) => ({ ...t })) } : {},
    status,
  }
  let node: Node
  try {
    node = await nodes.create('', fresh)
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
    const known = await nodes.get('', machine.name)
    adoptImages(known, runtime)
    return known
  }
  if (machine.controlPlane)
    node = await installer
      .resource<Node>(resources.nodes)
      .patch('', machine.name, { metadata: { labels: CONTROL_PLANE_LABELS } }, { type: 'merge' })
  return node
}

/** The images that the node had before a restart of the simulator are still on its disk. */
function adoptImages({ metadata, status }: Node, runtime: ContainerRuntime): void {
  for (const image of status?.images ?? []) {
    const name = image.names?.find((n) => !n.includes('@'))
    if (!name) continue
    try {
      runtime.adoptImage?.(metadata.name!, name)
    } catch (error) {
      // The catalogue of a newer version may have dropped it.
      if (!(error instanceof ImageError)) throw error
    }
  }
}
