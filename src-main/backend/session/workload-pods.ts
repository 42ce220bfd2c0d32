/**
 * The pods of each workload: how they are, and what they ask for. Those of a Deployment are the pods of its ReplicaSets, or, where
 * ReplicaSets may not be listed, those whose ReplicaSet bears its name.
 */
import type { WorkloadPod } from '../kinds/kept-pods.js'
import type { Json } from '../kinds/kind.js'
import { podSummary, podTone } from '../kinds/pods.js'
import { podAllowance } from '../metrics/usage-cells.js'
import { PodsByPlace, type PlacedPod } from './pods-by-place.js'
import type { Session } from './session.js'

const REPLICA_SETS = { group: 'apps', version: 'v1', resource: 'replicasets' }

/** The resources of what keeps pods, by the kind of a controller. */
const resourceOf: Record<string, string> = {
  Deployment: 'deployments.apps',
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
  DaemonSet: 'daemonsets.apps',
  ReplicationController: 'replicationcontrollers',
  Job: 'jobs.batch',
}

/** A workload as one word. @param resource as in `deployments.apps` */
export const workloadPlace = (resource: string, namespace: string, name: string): string => `${resource}/${namespace}/${name}`

/** The workload that controls an object, as one word. */
function controllerPlace(object: Json): string | undefined {
  const controller = (object.metadata?.ownerReferences ?? []).find((r: Json) => r.controller)
  const resource = controller && resourceOf[controller.kind]
  return resource && workloadPlace(resource, object.metadata.namespace ?? '', controller.name)
}

/** Tells what is only known by a name from what is known for certain. */
const byName = (place: string): string => `named ${place}`

/**
 * The Deployment whose name the ReplicaSet of a pod bears, as one word: the Deployment controller calls its ReplicaSets by its name and
 * the hash of the pod template, which is the pod's label `pod-template-hash`.
 */
function namedDeployment(pod: Json): string | undefined {
  const set = (pod.metadata?.ownerReferences ?? []).find((r: Json) => r.controller && r.kind === 'ReplicaSet')?.name as string | undefined
  const hash = pod.metadata?.labels?.['pod-template-hash']
  if (!set || !hash || !set.endsWith(`-${hash}`)) return undefined
  return byName(workloadPlace('deployments.apps', pod.metadata.namespace ?? '', set.slice(0, -hash.length - 1)))
}

function place(pod: Json): PlacedPod<WorkloadPod> {
  const { uid, name = '', namespace = '' } = pod.metadata ?? {}
  const { status, ready, total } = podSummary(pod)
  const places = [controllerPlace(pod), namedDeployment(pod)].filter((p) => p !== undefined)
  const allowance = podAllowance(pod)
  const what: WorkloadPod = { name, namespace, status, tone: podTone(status, ready === total), allowance }
  return { id: uid ?? `${namespace}/${name}`, places, what, mark: `${status} ${what.tone} ${JSON.stringify(allowance)}` }
}

/** A ReplicaSet and what it belongs to. */
interface Link {
  id: string
  at: string
  of: string | undefined
}
function link(set: Json): Link {
  const { uid, name = '', namespace = '' } = set.metadata ?? {}
  return { id: uid ?? `${namespace}/${name}`, at: workloadPlace('replicasets.apps', namespace, name), of: controllerPlace(set) }
}

/** Kept up to date until it is closed. */
export class WorkloadPods {
  private readonly pods: PodsByPlace<WorkloadPod>
  private readonly links = new Map<string, Link>()
  /** The ReplicaSets of each Deployment, by place. */
  private readonly sets = new Map<string, Set<string>>()
  /** The pods of each workload as they were put together last, and when. */
  private readonly found = new Map<string, { turn: string; pods: WorkloadPod[] }>()
  /** The namespaces whose ReplicaSets may not be listed; undefined stands for all of them. */
  private readonly refused = new Set<string | undefined>()
  private readonly stops: (() => void)[]

  /** @param onChange told a moment after something has changed */
  constructor(session: Session, namespaces: readonly (string | undefined)[], onChange: () => void) {
    this.pods = new PodsByPlace(session, namespaces, 'workload pods', place, onChange)
    this.stops = namespaces.map((namespace) =>
      session.watches.subscribe<Link>(
        { resource: REPLICA_SETS, ...(namespace ? { namespace } : {}), projection: 'link', project: link },
        {
          changes: (upserts, removes) => {
            for (const l of upserts) this.put(l)
            for (const id of removes) this.drop(id)
            this.pods.tell()
          },
          state: (phase) => {
            if (phase === 'forbidden') this.refused.add(namespace)
            else if (!this.refused.delete(namespace)) return
            this.pods.tell()
          },
        },
      ),
    )
  }

  /** The pods of a workload, as {@link workloadPlace} names it, by name; undefined until all pods are known, or when they may not be listed. */
  of(workload: string): WorkloadPod[] | undefined {
    const turn = this.turn(workload)
    const known = this.found.get(workload)
    if (known?.turn === turn) return known.pods
    const all = this.placesOf(workload).map((p) => this.pods.of(p))
    if (all.some((pods) => pods === undefined)) return undefined
    const pods = all.flatMap((part) => part ?? []).sort((a, b) => (a.name < b.name ? -1 : 1))
    this.found.set(workload, { turn, pods })
    return pods
  }

  /** What tells whether {@link of} would give something else than before. */
  turn(workload: string): string {
    return this.placesOf(workload)
      .map((p) => `${p} ${this.pods.turn(p)}`)
      .join()
  }

  close(): void {
    this.pods.close()
    for (const stop of this.stops) stop()
  }

  private placesOf(workload: string): string[] {
    if (this.refused.has(undefined) || this.refused.has(workload.split('/')[1])) return [workload, byName(workload)]
    return [workload, ...(this.sets.get(workload) ?? [])]
  }
  private put(l: Link): void {
    this.drop(l.id)
    this.links.set(l.id, l)
    if (l.of) this.sets.set(l.of, (this.sets.get(l.of) ?? new Set()).add(l.at))
  }
  private drop(id: string): void {
    const known = this.links.get(id)
    this.links.delete(id)
    if (known?.of) this.sets.get(known.of)?.delete(known.at)
  }
}
