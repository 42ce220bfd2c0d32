/** The DaemonSet controller: one pod on every node that it selects (https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/). */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Node, Pod, PodTemplateSpec } from '../api/object.js'
import { controllerRef, keyOf, mutable, splitKey } from '../api/object.js'
import { claim } from './adoption.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { DaemonSet, Placement } from './daemonset-placement.js'
import { placementOf, withDaemonTolerations } from './daemonset-placement.js'
import { scaledValue } from './deployment-replicasets.js'
import { referenceTo } from './events.js'
import { Expectations } from './expectations.js'
import { revisionInformer, revisionsOf, trimRevisions } from './history.js'
import { listenToOwnedPods } from './ownedpods.js'
import { createPod, deleteOwnedPod, firstError, podFromTemplate, slowStart } from './podcontrol.js'
import { isPodAvailable, isPodFinished, isPodReady, podInformer, podsControlledBy, podsWithoutController, timeOf } from './pods.js'
import { isEmptySelector, matcherOf } from './selector.js'
import { writeStatus } from './status.js'
import { sameValue } from './templatehash.js'

const HASH_LABEL = 'controller-revision-hash'
const GENERATION_LABEL = 'pod-template-generation'
const BURST = 250
/** With more nodes than these, changes of daemon pods are gathered for a while before their set is looked at. */
const MANY_NODES = 100
/** A failed daemon pod is replaced after 1 s, 2 s, 4 s, … up to 15 min. */
const MAX_FAILED_BACKOFF_MS = 15 * 60_000

export function startDaemonSetController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<DaemonSet>(resources.daemonsets)
  const podClient = ctx.client.resource<Pod>(resources.pods)
  const sets = ctx.informers.for<DaemonSet>(resources.daemonsets)
  const nodes = ctx.informers.for<Node>(resources.nodes)
  const pods = podInformer(ctx.informers)
  const revisions = revisionInformer(ctx)
  const expectations = new Expectations(ctx.clock)
  /** For each set and node how often its pod has failed, and when it may be replaced. */
  const failures = new Map<string, { count: number; until: number }>()
  const controller = new KeyedController(ctx, { name: 'daemonset-controller', workers: 2, sync })

  /** How long changes wait for others to come along, ms. */
  const gatherMs = (): number => (nodes.size > MANY_NODES ? Math.min(nodes.size / 5, 1000) : 0)
  const enqueue = (set: DaemonSet): void => controller.queue.add(keyOf(set))
  controller.listen(sets, {
    add: enqueue,
    update(old, set) {
      // What this controller wrote itself, the status, is no news.
      if (old.metadata.generation === set.metadata.generation && old.metadata.deletionTimestamp === set.metadata.deletionTimestamp)
        controller.queue.addAfter(keyOf(set), gatherMs())
      else enqueue(set)
    },
    delete(set) {
      expectations.delete(keyOf(set))
      enqueue(set)
    },
  })
  /** Looks at the sets for which a node has come, changed in what matters to them, or gone. */
  const onNode = (concerns: (fits: Placement) => boolean): void => {
    for (const set of sets.list()) if (concerns(placementOf(set))) controller.queue.addAfter(keyOf(set), gatherMs())
  }
  controller.listen(nodes, {
    add: (node) => onNode((fits) => fits(node).shouldRun),
    update(old, node) {
      onNode((fits) => {
        const before = fits(old)
        const now = fits(node)
        return before.shouldRun !== now.shouldRun || before.mayStay !== now.mayStay
      })
    },
    delete: () => onNode(() => true),
  })
  listenToOwnedPods<DaemonSet>({
    controller,
    pods,
    ownerKind: 'DaemonSet',
    owners: sets,
    expectations,
    gatherMs,
    *matching(pod) {
      for (const set of sets.list(pod.metadata.namespace)) if (matcherOf(set.spec?.selector)(pod.metadata.labels)) yield set
    },
  })
  return controller.startAfter(sets, nodes, pods, revisions)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const set = sets.get(namespace, name)
    if (!set) return expectations.delete(key)
    if (isEmptySelector(set.spec?.selector)) {
      const text = 'This daemon set is selecting all pods. A non-empty selector is required.'
      return ctx.events.event(about(set), 'Warning', 'SelectingAll', text)
    }
    if (set.metadata.deletionTimestamp !== undefined) return
    const known = await revisionsOf(ctx, revisions, 'DaemonSet', set, HASH_LABEL)
    const hash = known.update.metadata.labels![HASH_LABEL]!
    const mine = await claimPods(set)
    // What has ended and is being deleted is in nobody's way, whatever holds it back.
    const byNode = podsByNode(mine.filter((p) => !(isPodFinished(p) && p.metadata.deletionTimestamp !== undefined)))
    const fits = placementOf(set)
    let failure: unknown
    if (expectations.satisfied(key)) {
      failure = await manage(key, set, byNode, hash, fits)
      if (failure === undefined && expectations.satisfied(key) && set.spec?.updateStrategy?.type !== 'OnDelete')
        failure = await rollingUpdate(key, set, byNode, hash, fits)
    }
    const inUse = new Set(mine.map((p) => `${name}-${p.metadata.labels?.[HASH_LABEL]}`)).add(known.update.metadata.name!)
    // Old revisions that pods still have count for the limit too.
    const old = known.all.filter((r) => r !== known.update && inUse.has(r.metadata.name!)).length
    await trimRevisions(ctx, known.all, inUse, Math.max(0, (set.spec?.revisionHistoryLimit ?? 10) - old))
    await report(set, byNode, hash, fits)
    if (failure !== undefined) throw failure
  }

  function claimPods(set: DaemonSet): Promise<Pod[]> {
    const { namespace, name, uid } = set.metadata
    return claim([...podsControlledBy(pods, uid!), ...podsWithoutController(pods, namespace!)], {
      owner: controllerRef('apps/v1', 'DaemonSet', set),
      ownerDeleted: set.metadata.deletionTimestamp !== undefined,
      selects: matcherOf(set.spec?.selector),
      client: podClient,
      async stillThere() {
        const live = await client.get(namespace!, name!)
        return live.metadata.uid === uid && live.metadata.deletionTimestamp === undefined
      },
    })
  }

  /** Makes pods where they are missing, and deletes those that are too many, have ended, or should not be there. */
  async function manage(key: string, set: DaemonSet, byNode: Map<string, Pod[]>, hash: string, fits: Placement): Promise<unknown> {
    const missing: string[] = []
    const surplus: Pod[] = []
    for (const node of nodes.list()) {
      const name = node.metadata.name!
      const { shouldRun, mayStay } = fits(node)
      const here = byNode.get(name) ?? []
      const alive = here.filter((p) => p.metadata.deletionTimestamp === undefined)
      if (shouldRun && here.length === 0) missing.push(name)
      else if (!mayStay) surplus.push(...alive)
      else {
        const { ended, running } = sorted(key, set, name, alive)
        surplus.push(...ended, ...surplusOf(set, running, hash))
        // A set that surges does not wait until the pod that goes is gone.
        if (shouldRun && running.length === 0 && allowsSurge(set)) missing.push(name)
      }
    }
    // No scheduler will ever put them anywhere; those that ran on a node that is gone are for the garbage collector of pods.
    for (const [name, list] of byNode)
      if (name && !nodes.get('', name)) surplus.push(...list.filter((p) => !p.spec?.nodeName && p.metadata.deletionTimestamp === undefined))
    return exchange(key, set, surplus, missing, hash)
  }

  /** The pods of one node: those that have ended and are to be deleted, failed ones with back-off, and the others. */
  function sorted(key: string, set: DaemonSet, nodeName: string, alive: readonly Pod[]): { ended: Pod[]; running: Pod[] } {
    const ended: Pod[] = []
    const running: Pod[] = []
    for (const pod of alive) {
      const phase = pod.status?.phase
      if (phase === 'Failed') {
        const failureKey = `${set.metadata.uid}/${nodeName}`
        const now = ctx.clock.now()
        const known = failures.get(failureKey)
        if (known && known.until > now) {
          controller.queue.addAfter(key, known.until - now)
          continue
        }
        const count = known && now - known.until < 2 * MAX_FAILED_BACKOFF_MS ? known.count + 1 : 1
        failures.set(failureKey, { count, until: now + Math.min(1000 * 2 ** (count - 1), MAX_FAILED_BACKOFF_MS) })
        const text = `Found failed daemon pod ${keyOf(pod)} on node ${nodeName}, will try to kill it`
        ctx.events.event(about(set), 'Warning', 'FailedDaemonPod', text)
        ended.push(pod)
      } else if (phase === 'Succeeded') {
        const text = `Found succeeded daemon pod ${keyOf(pod)} on node ${nodeName}, will try to delete it`
        ctx.events.event(about(set), 'Normal', 'SucceededDaemonPod', text)
        ended.push(pod)
      } else running.push(pod)
    }
    return { ended, running }
  }

  /**
   * Of the running pods of one node those that are too many: all but the oldest. With surge an old pod that is ready may
   * stay beside a new one until that is available.
   */
  function surplusOf(set: DaemonSet, running: readonly Pod[], hash: string): Pod[] {
    const byAge = [...running].sort(oldestFirst)
    if (!allowsSurge(set)) return byAge.slice(1)
    const [fresh, ...laterFresh] = byAge.filter((p) => isOfRevision(p, hash))
    const [old, ...laterOld] = byAge.filter((p) => !isOfRevision(p, hash))
    const done = fresh && old && (!isPodReady(old) || isAvailable(set, fresh))
    return [...laterFresh, ...laterOld, ...(done ? [old] : [])]
  }

  function isAvailable(set: DaemonSet, pod: Pod): boolean {
    const wait = (ms: number): void => controller.queue.addAfter(keyOf(set), ms)
    return isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, ctx.clock.now(), wait)
  }

  /** Deletes pods, or else makes some: one after the other, so that each waits for what the other brings. */
  function exchange(key: string, set: DaemonSet, victims: readonly Pod[], nodeNames: readonly string[], hash: string): Promise<unknown> {
    if (victims.length) return remove(key, set, victims.slice(0, BURST))
    return nodeNames.length ? create(key, set, nodeNames.slice(0, BURST), hash) : Promise.resolve(undefined)
  }

  async function create(key: string, set: DaemonSet, nodeNames: readonly string[], hash: string): Promise<unknown> {
    expectations.expectCreations(key, nodeNames.length)
    const template = daemonTemplate(set, hash)
    const owner = controllerRef('apps/v1', 'DaemonSet', set)
    const { succeeded, error } = await slowStart(nodeNames.length, (i) => {
      const pod = podFromTemplate(template, set.metadata.namespace!, owner)
      pinTo(pod, nodeNames[i]!)
      return createPod(ctx, pod, about(set))
    })
    if (succeeded < nodeNames.length) expectations.creationObserved(key, nodeNames.length - succeeded)
    return error
  }

  async function remove(key: string, set: DaemonSet, victims: readonly Pod[]): Promise<unknown> {
    expectations.expectDeletions(key, victims.map(keyOf))
    return firstError(
      victims.map(async (pod) => {
        try {
          await deleteOwnedPod(ctx, pod, about(set))
        } catch (error) {
          expectations.deletionObserved(key, keyOf(pod))
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
  }

  async function rollingUpdate(key: string, set: DaemonSet, byNode: Map<string, Pod[]>, hash: string, fits: Placement): Promise<unknown> {
    // Most often all pods are of today's template.
    if (![...byNode.values()].some((here) => here.some((p) => !isOfRevision(p, hash)))) return undefined
    const wanted = [...nodes.list()].filter((n) => fits(n).shouldRun).map((n) => n.metadata.name!)
    const byName = new Map([...wanted.map((name): [string, Pod[]] => [name, []]), ...byNode])
    const surge = surgeOf(set, wanted.length)
    return surge > 0
      ? surgeUpdate(key, set, byName, hash, { surge, wanted: new Set(wanted) })
      : exchange(key, set, replaceable(set, byName, hash, unavailableOf(set, wanted.length)), [], hash)
  }

  /** The old pods that may go: those that do not work anyway, and as many others as may be missing. */
  function replaceable(set: DaemonSet, byNode: ReadonlyMap<string, readonly Pod[]>, hash: string, maxUnavailable: number): Pod[] {
    const idle: Pod[] = []
    const serving: Pod[] = []
    let unavailable = 0
    for (const here of byNode.values()) {
      const { fresh, old } = pairOf(here, hash)
      const [one] = fresh
      // Several of a kind, none, or both: the node has yet to come to one pod.
      if (fresh.length + old.length !== 1) unavailable++
      else if (one) unavailable += isAvailable(set, one) ? 0 : 1
      else (isAvailable(set, old[0]!) ? serving : idle).push(old[0]!)
    }
    return [...idle, ...serving.slice(0, Math.max(0, maxUnavailable - unavailable))]
  }

  /**
   * With maxSurge the new pod comes first, and the old one goes when the new one is available. Where the set should not
   * run any more no new one comes: the old one goes when there are more available ones than it takes, or if it is none.
   */
  async function surgeUpdate(
    key: string,
    set: DaemonSet,
    byNode: ReadonlyMap<string, readonly Pod[]>,
    hash: string,
    { surge, wanted }: { surge: number; wanted: ReadonlySet<string> },
  ): Promise<unknown> {
    const idle: string[] = []
    const serving: string[] = []
    const victims: Pod[] = []
    const misplaced: Pod[] = []
    let surging = 0
    let available = 0
    for (const [name, here] of byNode) {
      const { fresh, old } = pairOf(here, hash)
      if (fresh.length > 1 || old.length > 1) {
        surging++
        continue
      }
      const first = old[0] ?? fresh[0]
      const serves = first !== undefined && isAvailable(set, first)
      if (serves) available++
      if (!old[0]) continue
      if (fresh[0] && isAvailable(set, fresh[0])) victims.push(old[0])
      else if (fresh[0]) surging++
      else if (wanted.has(name)) (serves ? serving : idle).push(name)
      else (serves ? misplaced : victims).push(old[0])
    }
    victims.push(...misplaced.slice(0, Math.max(0, available - wanted.size)))
    // A pod that does not work may be joined by a new one beyond the surge.
    return exchange(key, set, victims, [...idle, ...serving.slice(0, Math.max(0, surge - surging))], hash)
  }

  async function report(set: DaemonSet, byNode: Map<string, Pod[]>, hash: string, fits: Placement): Promise<void> {
    const s = { current: 0, misscheduled: 0, desired: 0, ready: 0, updated: 0, available: 0 }
    for (const node of nodes.list()) {
      const here = byNode.get(node.metadata.name!) ?? []
      if (!fits(node).shouldRun) {
        if (here.length) s.misscheduled++
        continue
      }
      s.desired++
      if (here.length === 0) continue
      s.current++
      const pod = here.length === 1 ? here[0]! : [...here].sort(oldestFirst)[0]!
      if (isPodReady(pod)) s.ready++
      if (isAvailable(set, pod)) s.available++
      if (isOfRevision(pod, hash)) s.updated++
    }
    const unavailable = s.desired - s.available
    const { collisionCount, conditions } = set.status ?? {}
    const status: NonNullable<DaemonSet['status']> = {
      currentNumberScheduled: s.current,
      numberMisscheduled: s.misscheduled,
      desiredNumberScheduled: s.desired,
      numberReady: s.ready,
      observedGeneration: set.metadata.generation ?? 0,
      ...(s.updated ? { updatedNumberScheduled: s.updated } : {}),
      ...(s.available ? { numberAvailable: s.available } : {}),
      ...(unavailable ? { numberUnavailable: unavailable } : {}),
      ...(collisionCount === undefined ? {} : { collisionCount }),
      ...(conditions?.length ? { conditions } : {}),
    }
    if (!sameValue(set.status, status)) await writeStatus(client, set, status)
  }
}

function about(set: DaemonSet): ReturnType<typeof referenceTo> {
  return referenceTo('apps/v1', 'DaemonSet', set)
}

function surgeOf(set: DaemonSet, nodes: number): number {
  return scaledValue(set.spec?.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodes, 'up')
}

function allowsSurge(set: DaemonSet): boolean {
  return set.spec?.updateStrategy?.type !== 'OnDelete' && surgeOf(set, 1) > 0
}

/** How many nodes may be without a working pod; asked only of a set that does not surge, which could not move with none. */
function unavailableOf(set: DaemonSet, nodes: number): number {
  const { maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {}
  return scaledValue(maxUnavailable, nodes, 'up') || 1
}

function isOfRevision(pod: Pod, hash: string): boolean {
  return pod.metadata.labels?.[HASH_LABEL] === hash
}

/** The pods of a node that are not being deleted, by whether they are of today's template. */
function pairOf(here: readonly Pod[], hash: string): { fresh: Pod[]; old: Pod[] } {
  const alive = here.filter((p) => p.metadata.deletionTimestamp === undefined)
  return { fresh: alive.filter((p) => isOfRevision(p, hash)), old: alive.filter((p) => !isOfRevision(p, hash)) }
}

function daemonTemplate(set: DaemonSet, hash: string): PodTemplateSpec {
  const template: PodTemplateSpec = mutable(set.spec!.template)
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation']
  template.metadata = {
    ...template.metadata,
    labels: { ...template.metadata?.labels, [HASH_LABEL]: hash, ...(generation ? { [GENERATION_LABEL]: generation } : {}) },
  }
  template.spec!.tolerations = withDaemonTolerations(template)
  return template
}

/** Ties a pod to one node by affinity, so that the scheduler still looks whether there is room. */
function pinTo(pod: Pod, nodeName: string): void {
  const field = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }
  const affinity = pod.spec!.affinity ?? {}
  const nodeAffinity = affinity.nodeAffinity ?? {}
  const terms = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const pinned = terms?.length ? terms.map((t) => ({ ...t, ...field })) : [field]
  pod.spec!.affinity = {
    ...affinity,
    nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: pinned } },
  }
}

/** The node of a daemon pod: where it runs, or where it is tied to. */
function nodeOf(pod: Pod): string {
  if (pod.spec?.nodeName) return pod.spec.nodeName
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  for (const t of terms) for (const f of t.matchFields ?? []) if (f.key === 'metadata.name') return f.values?.[0] ?? ''
  return ''
}

function podsByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>()
  for (const pod of pods) {
    const name = nodeOf(pod)
    const list = byNode.get(name)
    if (list) list.push(pod)
    else byNode.set(name, [pod])
  }
  return byNode
}

/** Pods that a node has already before those that wait for one, then by age, then by name. */
function oldestFirst(a: Pod, b: Pod): number {
  return (
    Number(!a.spec?.nodeName) - Number(!b.spec?.nodeName) ||
    timeOf(a.metadata.creationTimestamp) - timeOf(b.metadata.creationTimestamp) ||
    (a.metadata.name! < b.metadata.name! ? -1 : 1)
  )
}
