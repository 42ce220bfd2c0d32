/**
 * The machines of a cluster follow the objects `machines.drydock.dev`: one is added, switched off and on, or removed by
 * writing its object through the API like any other, by kubectl and by the window alike.
 */
import type { Client, Informers } from './api/client.js'
import { isReason } from './api/errors.js'
import { MACHINE_FINALIZER, ZONE_LABEL, type MachineObject } from './api/kinds/machine.js'
import type { KubeObject, Node } from './api/object.js'
import type { Clock } from './clock.js'
import { adopted, defaultNodes, isSimulated, type Kubelets, type NodeSpec } from './kubelet/kubelets.js'
import { shutdownSteps } from './kubelet/node-shutdown.js'
import type { Machine } from './kubelet/node-status.js'
import { sameContent } from './kubelet/status-writer.js'

export const MACHINES = { group: 'drydock.dev', version: 'v1', resource: 'machines' }

/** What the kubelets are to know of a machine. */
export function nodeSpecOf({ metadata, spec, status }: MachineObject): NodeSpec {
  const { address, machineID, systemUUID, bootID } = status ?? {}
  return {
    name: metadata.name!,
    running: spec.running,
    ...hardwareOf(spec),
    ...(address ? { address } : {}),
    ...(machineID ? { machineID } : {}),
    ...(systemUUID ? { systemUUID } : {}),
    ...(bootID ? { bootID } : {}),
  }
}

/** The part of a machine that its object says; it is in effect from its next start on. */
function hardwareOf(spec: MachineObject['spec']): Omit<Machine, 'name' | 'address' | 'machineID' | 'systemUUID' | 'bootID'> {
  const { controlPlane = false, cpu, memory, ephemeralStorage, pods, zone, taints, kubelet = {} } = spec
  const labels: Record<string, string> = { ...spec.labels }
  if (zone) labels[ZONE_LABEL] ??= zone
  return { controlPlane, cpu, memory, ephemeralStorage, pods, labels, taints: taints ?? [], kubelet }
}

/**
 * The machines that a cluster is to have: those of its objects. When there are none they are made, for the Nodes of a
 * cluster from before there were machines, or for `count` new ones: then the cluster is new.
 */
export async function wantedMachines(options: {
  client: Client
  nodes: Iterable<Node>
  clusterName: string
  count: number
}): Promise<{ machines: readonly MachineObject[]; isNew: boolean }> {
  const machines = options.client.resource<MachineObject & KubeObject>(MACHINES)
  const { items } = await machines.list()
  if (items.length) return { machines: items, isNew: false }
  const before = [...options.nodes].filter(isSimulated).map(adopted)
  const wanted: readonly NodeSpec[] = before.length ? before : defaultNodes(options.clusterName, options.count)
  const made: MachineObject[] = []
  for (const { name, controlPlane, cpu, memory, ephemeralStorage, pods, ...facts } of wanted) {
    const spec = { ...(controlPlane ? { controlPlane } : {}), cpu, memory, ephemeralStorage, pods }
    const object = { kind: 'Machine', apiVersion: 'drydock.dev/v1', metadata: { name }, spec }
    const created = await machines.create('', object as unknown as MachineObject & KubeObject)
    made.push({ ...created, status: facts })
  }
  return { machines: made, isNew: before.length === 0 }
}

export interface MachineResourceOptions {
  /** One that may write the objects. */
  client: Client
  informers: Informers
  kubelets: Kubelets
  clock: Clock
  log(message: string, error: unknown): void
}

/** Makes the machines follow their objects. Returns a function that stops. */
export function followMachines(options: MachineResourceOptions): () => void {
  const { informers, kubelets, clock, log } = options
  const client = options.client.resource<MachineObject & KubeObject>(MACHINES)
  const machines = informers.for<MachineObject>(MACHINES)
  /** What is under way, by machine: one thing at a time. */
  const busy = new Map<string, Promise<void>>()
  const shuttingDown = new Set<string>()
  let stopped = false

  const sync = async (name: string): Promise<void> => {
    const object = machines.get('', name)
    const powered = kubelets.powered(name)
    const known = powered !== undefined
    if (stopped) return
    if (!object || object.metadata.deletionTimestamp) {
      if (known) await kubelets.removeNode(name)
      if (object) await release(object)
      return
    }
    const { running } = object.spec
    if (!known) await kubelets.addNode(nodeSpecOf(object))
    else if (running && !powered) await kubelets.startNode(name, hardwareOf(object.spec))
    else if (!running && powered) {
      if (shuttingDown.has(name) || shutdownSteps(kubelets.machine(name)?.kubelet ?? {}).length) return shutDown(object)
      await kubelets.stopNode(name)
    }
    await tell(object)
  }

  /** Begins what takes cluster time, and so must not be waited for by the clock. */
  const shutDown = (object: MachineObject): void => {
    const name = object.metadata.name!
    if (shuttingDown.has(name)) return
    const done = kubelets.shutDownNode(name)
    shuttingDown.add(name)
    void done
      .catch((error: unknown) => log(`the machine ${name} cannot be shut down`, error))
      .finally(() => {
        shuttingDown.delete(name)
        changed(object)
      })
  }

  /** Lets a machine go that is being deleted. */
  const release = async ({ metadata }: MachineObject): Promise<void> => {
    const finalizers = metadata.finalizers?.filter((f) => f !== MACHINE_FINALIZER) ?? []
    if (finalizers.length === metadata.finalizers?.length) return
    await client.patch('', metadata.name!, { metadata: { uid: metadata.uid, finalizers } }, { type: 'merge' }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    })
  }

  const tell = async ({ metadata, spec, status }: MachineObject): Promise<void> => {
    const { address, machineID, systemUUID, bootID } = kubelets.machine(metadata.name!)!
    const phase = spec.running ? 'Running' : 'Stopped'
    const wanted = { phase, address, machineID, systemUUID, bootID, observedGeneration: metadata.generation }
    if (sameContent(status, wanted)) return
    await client.patch('', metadata.name!, { status: wanted }, { type: 'merge', subresource: 'status' }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
  }

  const changed = ({ metadata: { name } }: MachineObject): void => {
    const before = busy.get(name!) ?? Promise.resolve()
    const work = before
      .then(() => sync(name!))
      .catch((error: unknown) => log(`the machine ${name} cannot be brought to what its object says`, error))
      .finally(() => {
        if (busy.get(name!) === work) busy.delete(name!)
      })
    busy.set(name!, clock.track(work))
  }
  const stop = machines.on({ add: changed, update: (_, object) => changed(object), delete: changed })
  return () => {
    stopped = true
    stop()
  }
}
