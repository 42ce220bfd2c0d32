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
import { isPodAvailable, isPodReady, podInformer, podsControlledBy, podsWithoutController, timeOf } from './pods.js'
import { isEmptySelector, matcherOf } from './selector.js'
import { writeStatus } from './status.js'
import { canonical } from './templatehash.js'

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
    const byNode = podsByNode(await claimPods(set))
    const fits = placementOf(set)
    let failure: unknown
    if (expectations.satisfied(key)) {
      failure = await manage(key, set, byNode, hash, fits)
      if (failure === undefined && expectations.satisfied(key) && set.spec?.updateStrategy?.type !== 'OnDelete')
        failure = await rollingUpdate(key, set, byNode, hash, fits)
    }
    const inUse = new Set([known.update.metadata.name!])
    for (const list of byNode.values()) for (const p of list) inUse.add(`${name}-${p.metadata.labels?.[HASH_LABEL]}`)
    await trimRevisions(ctx, known.all, inUse, set.spec?.revisionHistoryLimit ?? 10)
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
      else surplus.push(...surplusOf(key, set, name, alive))
    }
    for (const [name, list] of byNode)
      if (name && !nodes.get('', name)) surplus.push(...list.filter((p) => p.metadata.deletionTimestamp === undefined))
    if (surplus.length) {
      const gone = surplus.slice(0, BURST)
      return remove(key, set, gone)
    }
    return missing.length ? create(key, set, missing.slice(0, BURST), hash) : undefined
  }

  /** Of the pods on one node those to delete: the ended ones, with back-off, and all but the oldest of the others. */
  function surplusOf(key: string, set: DaemonSet, nodeName: string, alive: readonly Pod[]): Pod[] {
    const surplus: Pod[] = []
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
        surplus.push(pod)
      } else if (phase === 'Succeeded') {
        const text = `Found succeeded daemon pod ${keyOf(pod)} on node ${nodeName}, will try to delete it`
        ctx.events.event(about(set), 'Normal', 'SucceededDaemonPod', text)
        surplus.push(pod)
      } else running.push(pod)
    }
    // During a rolling update with surge an old and a new pod share the node.
    if (running.length > 1 && surgeOf(set, 1) === 0) {
      running.sort((a, b) => timeOf(a.metadata.creationTimestamp) - timeOf(b.metadata.creationTimestamp))
      surplus.push(...running.slice(1))
    }
    return surplus
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
    const isNew = (p: Pod): boolean => p.metadata.labels?.[HASH_LABEL] === hash
    // Most often all pods are of today's template.
    if (![...byNode.values()].some((here) => here.some((p) => !isNew(p)))) return undefined
    const wanted = [...nodes.list()].filter((n) => fits(n).shouldRun).map((n) => n.metadata.name!)
    const minReady = set.spec?.minReadySeconds ?? 0
    const available = (p: Pod): boolean =>
      p.metadata.deletionTimestamp === undefined && isPodAvailable(p, minReady, ctx.clock.now(), (ms) => controller.queue.addAfter(key, ms))
    const surge = surgeOf(set, wanted.length)
    if (surge > 0) return surgeUpdate(key, set, byNode, wanted, hash, surge, isNew, available)

    const maxUnavailable = unavailableOf(set, wanted.length)
    let unavailable = 0
    const idle: Pod[] = []
    const serving: Pod[] = []
    for (const name of wanted) {
      const here = byNode.get(name) ?? []
      const old = here.find((p) => !isNew(p) && p.metadata.deletionTimestamp === undefined)
      const fresh = here.find((p) => isNew(p) && p.metadata.deletionTimestamp === undefined)
      if (old) (available(old) ? serving : idle).push(old)
      if (!(fresh ? available(fresh) : old && available(old))) unavailable++
    }
    // Pods that do not work anyway cost nothing; then as many as may be missing.
    const victims = [...idle, ...serving.slice(0, Math.max(0, maxUnavailable - unavailable))]
    return victims.length ? remove(key, set, victims.slice(0, BURST)) : undefined
  }

  /** With maxSurge the new pod comes first and the old one goes when the new one is available. */
  async function surgeUpdate(
    key: string,
    set: DaemonSet,
    byNode: Map<string, Pod[]>,
    wanted: readonly string[],
    hash: string,
    surge: number,
    isNew: (p: Pod) => boolean,
    available: (p: Pod) => boolean,
  ): Promise<unknown> {
    const replace: string[] = []
    const victims: Pod[] = []
    let surging = 0
    for (const name of wanted) {
      const here = (byNode.get(name) ?? []).filter((p) => p.metadata.deletionTimestamp === undefined)
      const old = here.find((p) => !isNew(p))
      const fresh = here.find(isNew)
      if (!old) continue
      if (fresh && available(fresh)) victims.push(old)
      else if (fresh) surging++
      else replace.push(name)
    }
    if (victims.length) return remove(key, set, victims.slice(0, BURST))
    const room = Math.max(0, surge - surging)
    return room > 0 && replace.length ? create(key, set, replace.slice(0, room), hash) : undefined
  }

  async function report(set: DaemonSet, byNode: Map<string, Pod[]>, hash: string, fits: Placement): Promise<void> {
    const minReady = set.spec?.minReadySeconds ?? 0
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
      const pod = oldest(here)
      if (isPodReady(pod)) s.ready++
      if (isPodAvailable(pod, minReady, ctx.clock.now(), (ms) => controller.queue.addAfter(keyOf(set), ms))) s.available++
      if (pod.metadata.labels?.[HASH_LABEL] === hash) s.updated++
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
    if (canonical(set.status) !== canonical(status)) await writeStatus(client, set, status)
  }
}

function about(set: DaemonSet): ReturnType<typeof referenceTo> {
  return referenceTo('apps/v1', 'DaemonSet', set)
}

function surgeOf(set: DaemonSet, nodes: number): number {
  return scaledValue(set.spec?.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodes, 'up')
}

function unavailableOf(set: DaemonSet, nodes: number): number {
  const { maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {}
  return scaledValue(maxUnavailable, nodes, 'up')
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

function oldest(pods: readonly Pod[]): Pod {
  return pods.reduce((a, b) => (timeOf(b.metadata.creationTimestamp) < timeOf(a.metadata.creationTimestamp) ? b : a))
}
