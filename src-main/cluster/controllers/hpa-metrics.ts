/** How many replicas one metric asks for (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details). */
import type * as k8s from '@kubernetes/client-node'
import { formatQuantity, quantityMilli, quantityValue, tryParseQuantity } from '../api/kinds/rules/quantity.js'
import type { Pod, Wire } from '../api/object.js'
import { isPodFinished, podCondition, timeOf } from './pods.js'
import { printedSelector } from './selector.js'

export type MetricSpec = Wire<k8s.V2MetricSpec>
export type MetricStatus = Wire<k8s.V2MetricStatus>

/** What one pod uses. */
export interface PodUsage {
  pod: string
  /** The end of the window it was measured over, ms. */
  timestamp: number
  windowMs: number
  /** Millicores and bytes. */
  containers: readonly { name: string; cpu: number; memory: number }[]
}

/** Where metrics come from. Values other than usage are in thousandths. A rejection is shown to the user. */
export interface MetricsSource {
  /** The usage of the pods of a namespace that match a selector (a query string); those not measured yet are left out. */
  podUsage(namespace: string, selector: string): Promise<readonly PodUsage[]>
  /** A metric of each pod, such as requests a second. */
  podMetric?(namespace: string, selector: string, metric: string): Promise<readonly { pod: string; milli: number }[]>
  /** A metric of one object. */
  objectMetric?(namespace: string, object: { apiVersion?: string; kind: string; name: string }, metric: string): Promise<number>
  /** The values of a metric from outside. */
  externalMetric?(namespace: string, metric: string, selector: k8s.V1LabelSelector | undefined): Promise<readonly number[]>
}

export interface MetricInput {
  metric: MetricSpec
  namespace: string
  selector: string
  pods: readonly Pod[]
  /** The scale's `spec.replicas` and `status.replicas`. */
  specReplicas: number
  statusReplicas: number
  source: MetricsSource
  tolerance: { up: number; down: number }
  now: number
}

export interface Proposal {
  replicas: number
  /** As it stands in the event, such as `cpu resource utilization (percentage of request)`. */
  name: string
  status: MetricStatus
}

/** A metric could not be had. `context` is what is said before the message where several metrics are spoken of. */
export class MetricError extends Error {
  constructor(
    readonly reason: string,
    message: string,
    readonly context = '',
  ) {
    super(message)
    this.name = 'MetricError'
  }
}

/** A pod that became ready within this time of its start may still be starting up. */
const CPU_INITIALIZATION_MS = 5 * 60_000
const INITIAL_READINESS_MS = 30_000
const NO_PODS = 'no pods returned by selector while calculating replica count'
/** What the client of the custom metrics API says in a cluster without one. */
const NO_CUSTOM_METRICS = 'no custom metrics API (custom.metrics.k8s.io) registered'

export async function propose(input: MetricInput): Promise<Proposal> {
  const { metric } = input
  switch (metric.type) {
    case 'Resource':
      return resourceProposal(input, metric.resource!.name, undefined, metric.resource!.target)
    case 'ContainerResource':
      return resourceProposal(input, metric.containerResource!.name, metric.containerResource!.container, metric.containerResource!.target)
    case 'Pods':
      return podsProposal(input)
    case 'Object':
      return objectProposal(input)
    case 'External':
      return externalProposal(input)
    default:
      throw new MetricError('InvalidMetricSourceType', `unknown metric source type ${JSON.stringify(metric.type)}`)
  }
}

/** Pods by whether their metric can be trusted. */
interface Groups {
  ready: number
  unready: Set<string>
  missing: Set<string>
  /** Pods that are going or have ended. */
  ignored: Set<string>
}

/** Sorts pods by whether their metric can be trusted. */
function group(
  pods: readonly Pod[],
  usage: ReadonlyMap<string, { timestamp: number; windowMs: number } | undefined>,
  cpu: boolean,
  now: number,
): Groups {
  const g: Groups = { ready: 0, unready: new Set(), missing: new Set(), ignored: new Set() }
  for (const pod of pods) {
    const name = pod.metadata.name!
    const measured = usage.get(name)
    if (pod.metadata.deletionTimestamp !== undefined || isPodFinished(pod)) g.ignored.add(name)
    else if (pod.status?.phase === 'Pending') g.unready.add(name)
    else if (!measured) g.missing.add(name)
    else if (cpu && isStarting(pod, measured, now)) g.unready.add(name)
    else g.ready++
  }
  return g
}

function isStarting(pod: Pod, measured: { timestamp: number; windowMs: number }, now: number): boolean {
  const condition = podCondition(pod, 'Ready')
  const start = timeOf(pod.status?.startTime)
  if (!condition || Number.isNaN(start)) return true
  const changed = timeOf(condition.lastTransitionTime)
  if (start + CPU_INITIALIZATION_MS > now) return condition.status === 'False' || measured.timestamp < changed + measured.windowMs
  return condition.status === 'False' && start + INITIAL_READINESS_MS > changed
}

async function resourceProposal(
  input: MetricInput,
  resource: string,
  container: string | undefined,
  target: Wire<k8s.V2MetricTarget>,
): Promise<Proposal> {
  const { source, namespace, selector, pods, now } = input
  const failed = (message: string): MetricError =>
    new MetricError(
      container ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric',
      `failed to get ${resource} ${target.type === 'Utilization' ? 'utilization' : 'usage'}: ${message}`,
      `failed to get ${resource} ${container ? 'container' : 'resource'} metric value: `,
    )
  let measured: readonly PodUsage[]
  try {
    measured = await source.podUsage(namespace, selector)
  } catch (error) {
    throw failed(
      `unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: ${(error as Error).message}`,
    )
  }
  if (measured.length === 0) throw failed(`unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`)
  const values = new Map<string, number>()
  for (const m of measured) {
    if (container && !m.containers.some((c) => c.name === container)) {
      const where = `container ${container} not present in metrics for pod ${namespace}/${m.pod}`
      throw failed(`unable to get metrics for resource ${resource}: failed to get container metrics: ${where}`)
    }
    values.set(m.pod, usageOf(m, resource, container))
  }
  const groups = trusted(pods, values, new Map(measured.map((m) => [m.pod, m])), resource === 'cpu', now, failed)

  const name = container ? `${resource} container resource` : `${resource} resource`
  const utilization = target.averageUtilization
  const requests = utilization === undefined ? undefined : requestsOf(pods, resource, container, failed)
  const goal = targetMilli(target)
  const against = requests ? utilizationAgainst(requests, utilization!, failed) : usageAgainst(goal)
  const fallback = (pod: string): number => (requests ? Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, utilization!)) / 100) : goal)
  const { replicas, measure } = replicasFor(input, groups, values, against, fallback)
  const current = {
    averageValue: amountText(measure.average),
    ...(measure.utilization === undefined ? {} : { averageUtilization: measure.utilization }),
  }
  const status: MetricStatus = container
    ? { type: 'ContainerResource', containerResource: { name: resource, container, current } }
    : { type: 'Resource', resource: { name: resource, current } }
  return { replicas, name: requests ? `${name} utilization (percentage of request)` : name, status }
}

async function podsProposal(input: MetricInput): Promise<Proposal> {
  const { metric, source, namespace, selector, pods, now } = input
  const { metric: identifier, target } = metric.pods!
  const failed = (message: string): MetricError => new MetricError('FailedGetPodsMetric', message, 'failed to get pods metric value: ')
  const unfetched = (why: string): MetricError =>
    failed(`unable to get metric ${identifier.name}: unable to fetch metrics from custom metrics API: ${why}`)
  if (!source.podMetric) throw unfetched(NO_CUSTOM_METRICS)
  const measured = await source.podMetric(namespace, selector, identifier.name).catch((error: Error) => {
    throw unfetched(error.message)
  })
  if (measured.length === 0) throw failed(`unable to get metric ${identifier.name}: no metrics returned from custom metrics API`)
  const values = new Map(measured.map((m) => [m.pod, m.milli]))
  const groups = trusted(pods, values, new Map(measured.map((m) => [m.pod, { timestamp: now, windowMs: 0 }])), false, now, failed)
  const goal = targetMilli(target)
  const { replicas, measure } = replicasFor(input, groups, values, usageAgainst(goal), () => goal)
  const current = { averageValue: amountText(measure.average) }
  return { replicas, name: `pods metric ${identifier.name}`, status: { type: 'Pods', pods: { metric: identifier, current } } }
}

async function objectProposal(input: MetricInput): Promise<Proposal> {
  const { metric, source, namespace } = input
  const { metric: identifier, target, describedObject } = metric.object!
  const failed = (message: string): MetricError => new MetricError('FailedGetObjectMetric', message, 'failed to get object metric value: ')
  const unfetched = (why: string): MetricError =>
    failed(
      // In the order in which kube-controller-manager prints it.
      `unable to get metric ${identifier.name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/unable to fetch metrics from custom metrics API: ${why}`,
    )
  if (!source.objectMetric) throw unfetched(NO_CUSTOM_METRICS)
  const milli = await source.objectMetric(namespace, describedObject, identifier.name).catch((error: Error) => {
    throw unfetched(error.message)
  })
  const { replicas, average } = fromTotal(input, milli, target, failed)
  const current = average === undefined ? { value: amountText(milli) } : { averageValue: amountText(average) }
  return {
    replicas,
    name:
      average === undefined
        ? `${describedObject.kind} metric ${identifier.name}`
        : `external metric ${identifier.name}(${printedSelector(identifier.selector)})`,
    status: { type: 'Object', object: { metric: identifier, describedObject, current } },
  }
}

async function externalProposal(input: MetricInput): Promise<Proposal> {
  const { metric, source, namespace } = input
  const { metric: identifier, target } = metric.external!
  const where = `${namespace}/${identifier.name}/${printedSelector(identifier.selector)}`
  const what = target.averageValue === undefined ? `external metric ${identifier.name}` : `${identifier.name} external metric`
  const failed = (message: string): MetricError =>
    new MetricError('FailedGetExternalMetric', message, `failed to get ${identifier.name} external metric value: failed to get ${what}: `)
  const unfetched = (why: string): MetricError =>
    failed(`unable to get external metric ${where}: unable to fetch metrics from external metrics API: ${why}`)
  if (!source.externalMetric)
    throw unfetched(`the server could not find the requested resource (get ${identifier.name}.external.metrics.k8s.io)`)
  const values = await source
    .externalMetric(namespace, identifier.name, identifier.selector as k8s.V1LabelSelector | undefined)
    .catch((error: Error) => {
      throw unfetched(error.message)
    })
  const milli = values.reduce((a, b) => a + b, 0)
  const { replicas, average } = fromTotal(input, milli, target, failed)
  const current = average === undefined ? { value: amountText(milli) } : { averageValue: amountText(average) }
  return {
    replicas,
    name: `external metric ${identifier.name}(${printedSelector(identifier.selector)})`,
    status: { type: 'External', external: { metric: identifier, current } },
  }
}

/** Replicas for a metric that is one number for all: against a total, or against a share for each replica. */
function fromTotal(
  input: MetricInput,
  milli: number,
  target: Wire<k8s.V2MetricTarget>,
  failed: (m: string) => MetricError,
): { replicas: number; average: number | undefined } {
  const { specReplicas, statusReplicas } = input
  if (target.averageValue !== undefined) {
    const goal = targetMilli(target)
    const ratio = milli / (goal * statusReplicas)
    const replicas = isClose(input, ratio) ? statusReplicas : Math.ceil(milli / goal)
    return { replicas, average: statusReplicas ? Math.ceil(milli / statusReplicas) : 0 }
  }
  const ratio = milli / targetMilli(target)
  // From zero there are no pods to multiply: the ratio itself is the number.
  if (specReplicas === 0) return { replicas: Math.ceil(ratio), average: undefined }
  if (isClose(input, ratio)) return { replicas: specReplicas, average: undefined }
  if (input.pods.length === 0) throw failed(`unable to calculate ready pods: ${NO_PODS}`)
  const ready = input.pods.filter((p) => p.status?.phase === 'Running' && podCondition(p, 'Ready')?.status === 'True').length
  return { replicas: Math.ceil(ratio * ready), average: undefined }
}

/** Sorts pods by whether their metric can be trusted, and drops the values of those whose cannot. */
function trusted(
  pods: readonly Pod[],
  values: Map<string, number>,
  usage: Parameters<typeof group>[1],
  cpu: boolean,
  now: number,
  failed: (m: string) => MetricError,
): Groups {
  if (pods.length === 0) throw failed(NO_PODS)
  const groups = group(pods, usage, cpu, now)
  for (const name of [...groups.ignored, ...groups.unready]) values.delete(name)
  if (values.size === 0) throw failed('did not receive metrics for targeted pods (pods might be unready)')
  return groups
}

/** What metrics come to against a target; whole numbers, as the controller counts. */
interface Measure {
  ratio: number
  /** Thousandths for each pod. */
  average: number
  /** Per cent of the requests. */
  utilization?: number
}
type Against = (values: ReadonlyMap<string, number>) => Measure

function usageAgainst(goal: number): Against {
  return (values) => {
    const average = Math.trunc(sumOf(values.values()) / values.size)
    return { ratio: average / goal, average }
  }
}

/** Pods that are measured and not there any more have no requests, and do not count. */
function utilizationAgainst(requests: ReadonlyMap<string, number>, target: number, failed: (m: string) => MetricError): Against {
  return (values) => {
    const known = [...values].filter(([pod]) => requests.has(pod))
    const used = sumOf(known.map(([, value]) => value))
    const requested = sumOf(known.map(([pod]) => requests.get(pod)!))
    if (requested === 0) throw failed('no metrics returned matched known pods')
    const utilization = Math.trunc((used * 100) / requested)
    return { ratio: utilization / target, average: Math.trunc(used / known.length), utilization }
  }
}

/** Replicas from the ratio over ready pods, made careful by what is assumed of the pods that were not measured. */
function replicasFor(
  input: MetricInput,
  groups: Groups,
  values: ReadonlyMap<string, number>,
  against: Against,
  fallback: (pod: string) => number,
): { replicas: number; measure: Measure } {
  const { specReplicas } = input
  const measure = against(values)
  const { ratio } = measure
  const countUnready = groups.unready.size > 0 && ratio > 1
  if (groups.missing.size === 0 && !countUnready)
    return { replicas: isClose(input, ratio) ? specReplicas : Math.ceil(ratio * groups.ready), measure }
  const assumed = new Map(values)
  // When growing, what is not known is taken as idle; when shrinking, as busy.
  if (ratio !== 1) for (const pod of groups.missing) assumed.set(pod, ratio < 1 ? fallback(pod) : 0)
  if (countUnready) for (const pod of groups.unready) assumed.set(pod, 0)
  const careful = against(assumed).ratio
  const replicas = Math.ceil(careful * assumed.size)
  // Assumptions must not turn the direction.
  const turned = (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1)
  const backwards = (careful < 1 && replicas > specReplicas) || (careful > 1 && replicas < specReplicas)
  return { replicas: isClose(input, careful) || turned || backwards ? specReplicas : replicas, measure }
}

function isClose({ tolerance }: MetricInput, ratio: number): boolean {
  return ratio >= 1 - tolerance.down && ratio <= 1 + tolerance.up
}

function usageOf(m: PodUsage, resource: string, container: string | undefined): number {
  let sum = 0
  for (const c of m.containers) if (!container || c.name === container) sum += resource === 'cpu' ? c.cpu : c.memory * 1000
  return sum
}

/** Requests of each pod in thousandths. A container without one makes utilisation meaningless. */
function requestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string | undefined,
  failed: (m: string) => MetricError,
): Map<string, number> {
  const requests = new Map<string, number>()
  for (const pod of pods) {
    const { name } = pod.metadata
    const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')
    const containers = [...(pod.spec?.containers ?? []), ...sidecars].filter((c) => !container || c.name === container)
    const whole = container ? {} : (pod.spec?.resources?.requests ?? {})
    let sum: number | undefined
    for (const c of containers) {
      const q = tryParseQuantity(c.resources?.requests?.[resource])
      if (q) sum = (sum ?? 0) + milliOf(q, resource)
      // A pod with requests of its own needs none of its containers.
      else if (Object.keys(whole).length === 0) throw failed(`missing request for ${resource} in container ${c.name} of Pod ${name}`)
    }
    if (container && containers.length === 0) throw failed(`container ${container} not found in Pod ${name}`)
    const own = tryParseQuantity(whole[resource])
    if (own) sum = milliOf(own, resource)
    if (sum === undefined) throw failed(`missing pod-level request for ${resource} in Pod ${name}`)
    requests.set(name!, sum)
  }
  return requests
}

function milliOf(q: NonNullable<ReturnType<typeof tryParseQuantity>>, resource: string): number {
  return resource === 'cpu' ? quantityMilli(q) : quantityValue(q) * 1000
}

function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

function targetMilli(target: Wire<k8s.V2MetricTarget>): number {
  const q = tryParseQuantity(target.averageValue ?? target.value)
  return q ? quantityMilli(q) : 0
}

/** Thousandths as a quantity. */
function amountText(milli: number): string {
  return formatQuantity({ nano: BigInt(Math.round(milli)) * 1_000_000n, format: 'DecimalSI' })
}
