/** The HorizontalPodAutoscaler controller (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/). */
import type { KubeObject, Pod } from '../api/object.js'
import { resources } from '../api/client.js'
import { tryParseQuantity } from '../api/kinds/rules/quantity.js'
import { keyOf, splitKey } from '../api/object.js'
import { parseLabelSelector } from '../api/selectors/labels.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { ResourceDiscovery } from './discovery.js'
import { findByKind } from './discovery.js'
import { referenceTo } from './events.js'
import type { Decision, HorizontalPodAutoscaler, ScalingHistory } from './hpa-behavior.js'
import { decide, freshHistory, noteChange } from './hpa-behavior.js'
import type { MetricSpec, MetricStatus, MetricsSource, Proposal } from './hpa-metrics.js'
import { MetricError, propose } from './hpa-metrics.js'
import { podInformer } from './pods.js'
import { writeStatus } from './status.js'
import { canonical } from './templatehash.js'

export interface HorizontalPodAutoscalerOptions {
  metrics: MetricsSource
  /** To find the resource of a target by its kind. */
  discovery: ResourceDiscovery
  /** How often each autoscaler looks at its metrics; 15 s by default. */
  periodMs?: number
}

type Condition = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['conditions']>[number]

/** What the metrics of an autoscaler say: its `currentMetrics`, and the proposal to follow unless there is none. */
interface Evaluation {
  metrics?: MetricStatus[]
  best?: Proposal
}

interface Scale extends KubeObject {
  spec: { replicas?: number }
  status: { replicas: number; selector?: string }
}

/** Ratios this near to 1 change nothing. */
const TOLERANCE = 0.1
const DEFAULT_METRICS: readonly MetricSpec[] = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
]

export function startHorizontalPodAutoscalerController(ctx: ControllerContext, options: HorizontalPodAutoscalerOptions): Controller {
  const { metrics: source, discovery, periodMs = 15_000 } = options
  const client = ctx.client.resource<HorizontalPodAutoscaler>(resources.horizontalpodautoscalers)
  const hpas = ctx.informers.for<HorizontalPodAutoscaler>(resources.horizontalpodautoscalers)
  const pods = podInformer(ctx.informers)
  const histories = new Map<string, ScalingHistory>()
  /** The pods' selector of each autoscaler's target, by its key. */
  const selectors = new Map<string, string>()
  const controller = new KeyedController(ctx, { name: 'horizontal-pod-autoscaler', sync })
  controller.listen(hpas, {
    // Each is looked at once a period and not sooner, whatever changes: a new one shows no metrics until then.
    add: (hpa) => controller.queue.addAfter(keyOf(hpa), periodMs),
    delete(hpa) {
      histories.delete(hpa.metadata.uid!)
      selectors.delete(keyOf(hpa))
    },
  })
  return controller.startAfter(hpas, pods)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const hpa = hpas.get(namespace, name)
    if (!hpa) return
    try {
      await scale(hpa)
    } finally {
      controller.queue.addAfter(key, periodMs)
    }
  }

  async function scale(hpa: HorizontalPodAutoscaler): Promise<void> {
    const about = referenceTo('autoscaling/v2', 'HorizontalPodAutoscaler', hpa)
    const { namespace } = hpa.metadata
    const { scaleTargetRef: target, maxReplicas, minReplicas = 1 } = hpa.spec!
    const now = ctx.clock.now()
    const state = new StatusBuilder(hpa, now)
    const resource = findByKind(discovery.resources(), target.apiVersion ?? 'v1', target.kind)
    let current: Scale
    try {
      if (!resource) throw new Error(`no matches for kind "${target.kind}" in group "${(target.apiVersion ?? '').split('/')[0]}"`)
      // A patch that changes nothing reads the scale: reading a subresource is not in the client's contract.
      current = await ctx.client.resource<Scale>(resource).patch(namespace!, target.name, {}, { type: 'merge', subresource: 'scale' })
    } catch (error) {
      const text = (error as Error).message
      state.set('AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${text}`)
      ctx.events.event(about, 'Warning', 'FailedGetScale', text)
      return store(hpa, state)
    }
    const specReplicas = current.spec.replicas ?? 0
    const history = historyOf(hpa, specReplicas, now)
    state.currentReplicas = specReplicas
    state.set('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale")

    if (specReplicas === 0 && minReplicas !== 0) {
      state.desiredReplicas = 0
      state.metrics = undefined
      state.set('ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero')
      return store(hpa, state)
    }
    let wanted = specReplicas
    let reason = ''
    let metrics: MetricStatus[] | undefined
    if (specReplicas > maxReplicas) {
      reason = 'Current number of replicas above Spec.MaxReplicas'
      wanted = maxReplicas
    } else if (specReplicas < minReplicas) {
      reason = 'Current number of replicas below Spec.MinReplicas'
      wanted = minReplicas
    } else {
      const found = await evaluate(hpa, current, state, now)
      metrics = found.metrics
      const { best } = found
      if (!best) {
        state.metrics = metrics
        return store(hpa, state)
      }
      if (best.replicas > specReplicas) reason = `${best.name} above target`
      else if (best.replicas < specReplicas) reason = 'All metrics below target'
      const decision: Decision = decide(hpa, history, specReplicas, best.replicas, now)
      wanted = decision.replicas
      state.set('AbleToScale', 'True', decision.ableToScale.reason, decision.ableToScale.message)
      state.set('ScalingLimited', decision.limited.status, decision.limited.reason, decision.limited.message)
    }
    if (wanted !== specReplicas) {
      try {
        await ctx.client
          .resource<Scale>(resource!)
          .patch(namespace!, target.name, { spec: { replicas: wanted } }, { type: 'merge', subresource: 'scale' })
      } catch (error) {
        const text = (error as Error).message
        ctx.events.event(about, 'Warning', 'FailedRescale', `New size: ${wanted}; reason: ${reason}; error: ${text}`)
        state.set('AbleToScale', 'False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${text}`)
        return store(hpa, state)
      }
      state.set('AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${wanted}`)
      ctx.events.event(about, 'Normal', 'SuccessfulRescale', `New size: ${wanted}; reason: ${reason}`)
      // Only policies ask for what was done before.
      if (hpa.spec!.behavior) noteChange(history, specReplicas, wanted, now)
      state.lastScaleTime = rfc3339(now)
    }
    state.desiredReplicas = wanted
    state.metrics = metrics
    await store(hpa, state)
  }

  /** Asks all metrics and takes the largest proposal; when some fail it never shrinks. */
  async function evaluate(hpa: HorizontalPodAutoscaler, current: Scale, state: StatusBuilder, now: number): Promise<Evaluation> {
    const about = referenceTo('autoscaling/v2', 'HorizontalPodAutoscaler', hpa)
    const { namespace } = hpa.metadata
    const selector = current.status.selector ?? ''
    const specReplicas = current.spec.replicas ?? 0
    const unusable = (text: string): Evaluation => {
      ctx.events.event(about, 'Warning', 'FailedComputeMetricsReplicas', text)
      return {}
    }
    if (!selector) {
      state.set('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector")
      ctx.events.event(about, 'Warning', 'SelectorRequired', 'selector is required')
      return unusable('selector is required')
    }
    try {
      parseLabelSelector(selector)
    } catch (error) {
      const text = `couldn't convert selector into a corresponding internal selector object: ${(error as Error).message}`
      ctx.events.event(about, 'Warning', 'InvalidSelector', text)
      state.set('ScalingActive', 'False', 'InvalidSelector', text)
      return unusable(text)
    }
    selectors.set(keyOf(hpa), selector)
    const mine = podsOf(namespace!, selector)
    const rivals = autoscalersOf(namespace!, mine)
    if (rivals.length > 1) {
      const text = `pods by selector ${selector} are controlled by multiple HPAs: [${rivals.join(' ')}]`
      ctx.events.event(about, 'Warning', 'AmbiguousSelector', text)
      state.set('ScalingActive', 'False', 'AmbiguousSelector', text)
      return unusable(text)
    }
    const list = hpa.spec!.metrics?.length ? hpa.spec!.metrics : DEFAULT_METRICS
    const { scaleUp, scaleDown } = hpa.spec!.behavior ?? {}
    const tolerance = { up: toleranceOf(scaleUp?.tolerance), down: toleranceOf(scaleDown?.tolerance) }
    let best: Proposal | undefined
    const failures: MetricError[] = []
    const metrics: MetricStatus[] = []
    for (const metric of list) {
      try {
        const common = { namespace: namespace!, selector, pods: mine, source, tolerance, now }
        const proposal = await propose({ ...common, metric, specReplicas, statusReplicas: current.status.replicas })
        metrics.push(proposal.status)
        if (!best || proposal.replicas > best.replicas) best = proposal
      } catch (error) {
        // Its place stays empty, so that each of the others is shown beside its own target.
        metrics.push({ type: '' })
        failures.push(error instanceof MetricError ? error : new MetricError('FailedGetResourceMetric', (error as Error).message))
      }
    }
    for (const f of failures) ctx.events.event(about, 'Warning', f.reason, f.message)
    const first = failures[0]
    if (first && (!best || best.replicas < specReplicas)) {
      state.set('ScalingActive', 'False', first.reason, `the HPA was unable to compute the replica count: ${first.message}`)
      unusable(`invalid metrics (${failures.length} invalid out of ${list.length}), first error is: ${first.context}${first.message}`)
      return { metrics }
    }
    state.set('ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best!.name}`)
    return { metrics, ...(best ? { best } : {}) }
  }

  function podsOf(namespace: string, selector: string): Pod[] {
    const selects = parseLabelSelector(selector)!
    return [...pods.list(namespace)].filter((pod) => selects(pod.metadata.labels))
  }

  /** The autoscalers of a namespace whose targets have one of these pods, as `NAMESPACE/NAME`. */
  function autoscalersOf(namespace: string, mine: readonly Pod[]): string[] {
    const found: string[] = []
    for (const hpa of hpas.list(namespace)) {
      const selector = selectors.get(keyOf(hpa))
      const selects = selector === undefined ? undefined : parseLabelSelector(selector)
      if (selects && mine.some((pod) => selects(pod.metadata.labels))) found.push(keyOf(hpa))
    }
    return found.sort()
  }

  function historyOf(hpa: HorizontalPodAutoscaler, replicas: number, now: number): ScalingHistory {
    let history = histories.get(hpa.metadata.uid!)
    if (!history) histories.set(hpa.metadata.uid!, (history = freshHistory(replicas, now)))
    return history
  }

  async function store(hpa: HorizontalPodAutoscaler, state: StatusBuilder): Promise<void> {
    const status = state.build()
    if (canonical(status) !== canonical(hpa.status)) await writeStatus(client, hpa, status)
  }
}

/** Collects the status of one sync. */
class StatusBuilder {
  currentReplicas: number
  desiredReplicas: number
  lastScaleTime: string | undefined
  metrics: MetricStatus[] | undefined
  private readonly conditions: Condition[]

  constructor(
    private readonly hpa: HorizontalPodAutoscaler,
    private readonly now: number,
  ) {
    this.currentReplicas = hpa.status?.currentReplicas ?? 0
    this.desiredReplicas = hpa.status?.desiredReplicas ?? 0
    this.lastScaleTime = hpa.status?.lastScaleTime
    this.metrics = hpa.status?.currentMetrics
    this.conditions = [...(hpa.status?.conditions ?? [])]
  }

  set(type: string, status: string, reason: string, message: string): void {
    const at = this.conditions.findIndex((c) => c.type === type)
    const old = this.conditions[at]
    const since = old?.status === status ? old.lastTransitionTime : rfc3339(this.now)
    const condition = { type, status, lastTransitionTime: since!, reason, message }
    if (at < 0) this.conditions.push(condition)
    else this.conditions[at] = condition
  }

  build(): NonNullable<HorizontalPodAutoscaler['status']> {
    return {
      ...(this.hpa.status?.observedGeneration === undefined ? {} : { observedGeneration: this.hpa.status.observedGeneration }),
      ...(this.lastScaleTime ? { lastScaleTime: this.lastScaleTime } : {}),
      currentReplicas: this.currentReplicas,
      desiredReplicas: this.desiredReplicas,
      ...(this.metrics?.length ? { currentMetrics: this.metrics } : {}),
      conditions: this.conditions,
    }
  }
}

/** The share of the target by which what is measured may be off, as a direction has it or as all do. */
function toleranceOf(own: string | undefined): number {
  const quantity = tryParseQuantity(own)
  return quantity ? Number(quantity.nano) / 1e9 : TOLERANCE
}
