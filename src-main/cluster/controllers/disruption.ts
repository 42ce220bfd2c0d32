/** The PodDisruptionBudget controller: how many pods of an application may be taken away now (https://kubernetes.io/docs/tasks/run-application/configure-pdb/). */
import type { Informer } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Deployment, KubeObject, ObjectMeta, Pod, ReplicaSet, ReplicationController } from '../api/object.js'
import { controllerOf, keyOf, splitKey } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { PodDisruptionBudget } from '../scheduler/preemption.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { scaledValue } from './deployment-replicasets.js'
import type { ResourceDiscovery } from './discovery.js'
import { findByKind } from './discovery.js'
import { referenceTo } from './events.js'
import { resolveOwner } from './ownedpods.js'
import { isPodReady, podInformer, timeOrLongAgo } from './pods.js'
import { matcherOf, printedSelector } from './selector.js'
import type { StatefulSet } from './statefulset-pods.js'
import { updateStatus } from './status.js'
import { sameValue } from './templatehash.js'

/** An eviction that has not led to a deletion after this time is taken to have failed. */
const DISRUPTION_TIMEOUT_MS = 2 * 60_000

type Status = NonNullable<PodDisruptionBudget['status']>

/** Anything that has a size. */
type Scaled = { metadata: ObjectMeta; spec?: { replicas?: number } }

/** The kinds whose sizes are known without asking. */
const WORKLOADS = new Set(['ReplicaSet', 'ReplicationController', 'StatefulSet'])

export interface DisruptionOptions {
  /** To find the resource of a pod's controller by its kind. */
  discovery?: ResourceDiscovery
}

export function startDisruptionController(ctx: ControllerContext, options: DisruptionOptions = {}): Controller {
  const client = ctx.client.resource<PodDisruptionBudget>(resources.poddisruptionbudgets)
  const budgets = ctx.informers.for<PodDisruptionBudget>(resources.poddisruptionbudgets)
  const pods = podInformer(ctx.informers)
  const deployments = ctx.informers.for<Deployment>(resources.deployments)
  const replicaSets = ctx.informers.for<ReplicaSet>(resources.replicasets)
  const controllers = ctx.informers.for<ReplicationController>(resources.replicationcontrollers)
  const statefulSets = ctx.informers.for<StatefulSet>(resources.statefulsets)
  const controller = new KeyedController(ctx, { name: 'disruption-controller', workers: 1, sync })

  const enqueue = (budget: PodDisruptionBudget): void => controller.queue.add(keyOf(budget))
  controller.listen(budgets, { add: enqueue, update: (_old, budget) => enqueue(budget) })
  const onPod = (pod: Pod): void => {
    const mine = [...budgets.list(pod.metadata.namespace)].filter((b) => matcherOf(b.spec?.selector)(pod.metadata.labels))
    for (const budget of mine) enqueue(budget)
    if (mine.length < 2) return
    const [first] = mine.map((b) => b.metadata.name!).sort()
    const text = `Pod "${pod.metadata.namespace}"/"${pod.metadata.name}" matches multiple PodDisruptionBudgets.  Chose "${first}" arbitrarily.`
    ctx.events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'MultiplePodDisruptionBudgets', text)
  }
  controller.listen(pods, {
    add: onPod,
    update(old, pod) {
      onPod(pod)
      if (!sameValue(old.metadata.labels, pod.metadata.labels)) onPod(old)
    },
    delete: onPod,
  })
  // The size of a workload counts, also while its pods are not there yet.
  const onScale = (old: { metadata: ObjectMeta; spec?: { replicas?: number } }, now: typeof old): void => {
    if (old.spec?.replicas !== now.spec?.replicas) for (const budget of budgets.list(now.metadata.namespace)) enqueue(budget)
  }
  for (const informer of [deployments, replicaSets, controllers, statefulSets])
    controller.listen(informer as Informer<Deployment>, { update: onScale })
  return controller.startAfter(budgets, pods, deployments, replicaSets, controllers, statefulSets)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const budget = budgets.get(namespace, name)
    if (!budget) return
    const selects = matcherOf(budget.spec?.selector)
    const mine = [...pods.list(namespace)].filter((p) => selects(p.metadata.labels))
    if (mine.length === 0) ctx.events.event(about(budget), 'Normal', 'NoPods', 'No matching pods found')
    let expected: number
    let desired: number
    let unmanaged: boolean
    try {
      ;({ expected, desired, unmanaged } = await wanted(budget, mine))
    } catch (error) {
      const text = (error as Error).message
      ctx.events.event(
        about(budget),
        'Warning',
        'CalculateExpectedPodCountFailed',
        `Failed to calculate the number of expected pods: ${text}`,
      )
      return store(budget, { ...budget.status!, disruptionsAllowed: 0 }, 'SyncFailed', text)
    }
    if (unmanaged) ctx.events.event(about(budget), 'Warning', 'UnmanagedPods', unmanagedText(budget))
    const disruptedPods = stillDisrupted(key, budget, mine)
    const healthy = mine.filter(
      (p) => isPodReady(p) && p.metadata.deletionTimestamp === undefined && !disruptedPods[p.metadata.name!],
    ).length
    const disruptionsAllowed = expected > 0 && healthy > desired ? healthy - desired : 0
    const status: Status = {
      currentHealthy: healthy,
      desiredHealthy: desired,
      expectedPods: expected,
      disruptionsAllowed,
      observedGeneration: budget.metadata.generation ?? 0,
      ...(Object.keys(disruptedPods).length ? { disruptedPods } : {}),
      ...(budget.status?.conditions ? { conditions: budget.status.conditions } : {}),
    }
    await store(budget, status, disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods', '')
  }

  /** How many pods there should be, how many of them must be healthy, and whether some are left out because nobody controls them. */
  async function wanted(
    budget: PodDisruptionBudget,
    mine: readonly Pod[],
  ): Promise<{ expected: number; desired: number; unmanaged: boolean }> {
    const { minAvailable, maxUnavailable } = budget.spec ?? {}
    if (maxUnavailable === undefined && typeof minAvailable !== 'string')
      return { expected: mine.length, desired: (minAvailable as number | undefined) ?? 0, unmanaged: false }
    const managed = mine.filter((pod) => controllerOf(pod))
    const expected = await expectedScale(managed)
    const desired =
      maxUnavailable === undefined
        ? scaledValue(minAvailable, expected, 'up')
        : Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up'))
    return { expected, desired, unmanaged: managed.length < mine.length }
  }

  /** The sum of the sizes of the workloads that the pods belong to. */
  async function expectedScale(managed: readonly Pod[]): Promise<number> {
    const sizes = new Map<string, number>()
    for (const pod of managed) {
      if (sizes.has(controllerOf(pod)!.uid)) continue
      const owner = scaleOf(pod) ?? (await otherScaleOf(pod))
      if (!owner) throw new Error(`found no controllers for pod "${pod.metadata.name}"`)
      sizes.set(owner.metadata.uid!, owner.spec?.replicas ?? 1)
    }
    return [...sizes.values()].reduce((a, b) => a + b, 0)
  }

  /** The scale of a controller of any other kind. Rejects for a kind that has none; undefined when the controller is gone. */
  async function otherScaleOf(pod: Pod): Promise<Scaled | undefined> {
    const ref = controllerOf(pod)!
    const resource = findByKind(options.discovery?.resources() ?? [], ref.apiVersion, ref.kind)
    if (!resource || WORKLOADS.has(ref.kind)) return undefined
    try {
      // A patch that changes nothing reads the scale: reading a subresource is not in the client's contract.
      const scale = ctx.client.resource<KubeObject & Scaled>(resource)
      return await scale.patch(pod.metadata.namespace!, ref.name, {}, { type: 'merge', subresource: 'scale' })
    } catch (error) {
      if (!isReason(error, 'NotFound', 'MethodNotAllowed')) throw error
    }
    const name = resource.group ? `${resource.resource}.${resource.group}` : resource.resource
    const live = await ctx.client
      .resource<KubeObject>(resource)
      .get(resource.namespaced ? pod.metadata.namespace! : '', ref.name)
      .catch(nothingIfGone)
    if (live) throw new Error(`${name} does not implement the scale subresource`)
    return undefined
  }

  function scaleOf(pod: Pod): Scaled | undefined {
    const namespace = pod.metadata.namespace!
    const ref = controllerOf(pod)
    const set = resolveOwner(replicaSets, 'ReplicaSet', namespace, ref)
    if (set) return resolveOwner(deployments, 'Deployment', namespace, controllerOf(set)) ?? set
    return resolveOwner(controllers, 'ReplicationController', namespace, ref) ?? resolveOwner(statefulSets, 'StatefulSet', namespace, ref)
  }

  /** Pods whose eviction was granted and that are not being deleted yet; grants that led to nothing are forgotten. */
  function stillDisrupted(key: string, budget: PodDisruptionBudget, mine: readonly Pod[]): Record<string, string> {
    const kept: Record<string, string> = {}
    const now = ctx.clock.now()
    for (const [name, at] of Object.entries(budget.status?.disruptedPods ?? {})) {
      const pod = mine.find((p) => p.metadata.name === name)
      if (!pod || pod.metadata.deletionTimestamp !== undefined) continue
      const left = timeOrLongAgo(at) + DISRUPTION_TIMEOUT_MS - now
      if (left <= 0) {
        ctx.events.event(
          referenceTo('v1', 'Pod', pod),
          'Warning',
          'NotDeleted',
          // Twice the namespace, as kube-controller-manager prints it.
          `Pod was expected by PDB ${pod.metadata.namespace}/${pod.metadata.namespace} to be deleted but it wasn't`,
        )
        continue
      }
      kept[name] = at
      controller.queue.addAfter(key, left)
    }
    return kept
  }

  async function store(budget: PodDisruptionBudget, status: Status, reason: string, message: string): Promise<void> {
    const old = budget.status?.conditions?.find((c) => c.type === 'DisruptionAllowed')
    const state = reason === 'SufficientPods' ? 'True' : 'False'
    const condition = {
      type: 'DisruptionAllowed',
      status: state,
      reason,
      message,
      // That of the last status that was worked out: failing to work one out does not raise it.
      ...(status.observedGeneration ? { observedGeneration: status.observedGeneration } : {}),
      lastTransitionTime: old?.status === state ? old.lastTransitionTime : rfc3339(ctx.clock.now()),
    }
    const others = (status.conditions ?? []).filter((c) => c.type !== 'DisruptionAllowed')
    const next: Status = { ...status, conditions: [...others, condition] }
    if (!sameValue(budget.status, next)) await updateStatus(client, budget, next)
  }
}

function nothingIfGone(error: unknown): undefined {
  if (!isReason(error, 'NotFound')) throw error
}

function unmanagedText({ spec }: PodDisruptionBudget): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${printedSelector(spec?.selector)}) were found to be unmanaged. ` +
    'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  )
}

function about(budget: PodDisruptionBudget): ReturnType<typeof referenceTo> {
  return referenceTo('policy/v1', 'PodDisruptionBudget', budget)
}
