/** What a HorizontalPodAutoscaler measures and how fast it may react. https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { firstAndMore } from './columns.js'
import { dns1123Label, pathSegmentName } from './names.js'
import { formatQuantity, tryParseQuantity } from './quantity.js'
import { validateContainerResourceName } from './resources.js'
import { validateScaleReference, versionProblem, type SentReference } from './scale-reference.js'
import { isEmpty, items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Spec = Sent<k8s.V2MetricSpec>
type Status = Sent<k8s.V2MetricStatus>
type Target = Sent<k8s.V2MetricTarget>
type Behavior = Sent<k8s.V2HorizontalPodAutoscalerBehavior>
type Rules = Sent<k8s.V2HPAScalingRules>

/** The types of metrics with the fields that describe them. */
const SOURCES = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const

/** Fills in the rules of scaling up and down where any are given, in place. */
export function setBehaviorDefaults(behavior: Behavior | null | undefined): void {
  if (!behavior) return
  const up = (behavior.scaleUp ??= {})
  up.stabilizationWindowSeconds ??= 0
  up.selectPolicy ??= 'Max'
  // An empty list is one: it is left, and refused.
  if (!up.policies) {
    up.policies = [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ]
  }
  const down = (behavior.scaleDown ??= {})
  down.selectPolicy ??= 'Max'
  down.policies ??= [{ type: 'Percent', value: 100, periodSeconds: 15 }]
}

interface Measured {
  minReplicas?: number | null
  metrics?: (Spec | null)[] | null
}

const objectVersionProblem = (ref: SentReference): string | undefined => versionProblem(ref.apiVersion ?? '')

/** Checks the metrics of a spec; a version that is none may stay where the old spec has one. */
export function validateMetrics(spec: Measured, old: Measured | undefined, path: string, errors: FieldError[]): void {
  const hadOdd = items(old?.metrics).some((m) => m.object?.describedObject && objectVersionProblem(m.object.describedObject))
  const problem = hadOdd ? undefined : objectVersionProblem
  const metrics = items(spec.metrics)
  metrics.forEach((m, i) => validateMetric(m, problem, `${path}[${i}]`, errors))
  // Pods that are not there cannot be measured.
  if (spec.minReplicas === 0 && !metrics.some((m) => m.type === 'Object' || m.type === 'External')) {
    const text = 'must specify at least one Object or External metric to support scaling to zero replicas'
    errors.push(field.forbidden(path, text))
  }
}

type VersionProblem = Parameters<typeof validateScaleReference>[1]

function validateMetric(m: Spec, problem: VersionProblem, path: string, errors: FieldError[]): void {
  const type = m.type ?? ''
  if (!type) errors.push(field.required(`${path}.type`, 'must specify a metric source type'))
  if (!(type in SOURCES)) errors.push(field.notSupported(`${path}.type`, type, Object.keys(SOURCES)))
  const expected = SOURCES[type as keyof typeof SOURCES]
  const present = (['object', 'external', 'pods', 'resource', 'containerResource'] as const).filter((s) => m[s])
  const first = present[0]
  if (first) validateSource(m, first, problem, `${path}.${first}`, errors)
  // The type is looked at twice, and told twice when it is none.
  if (!expected) errors.push(field.notSupported(`${path}.type`, type, Object.keys(SOURCES)))
  else if (!present.includes(expected))
    errors.push(field.required(`${path}.${expected}`, 'must populate information for the given metric source'))
  if (present.length !== 1)
    for (const s of present) if (s !== expected) errors.push(field.forbidden(`${path}.${s}`, 'must populate the given metric source only'))
}

function validateSource(
  m: Spec,
  source: (typeof SOURCES)[keyof typeof SOURCES],
  problem: VersionProblem,
  path: string,
  errors: FieldError[],
): void {
  const target: Target = m[source]?.target ?? {}
  const at = `${path}.target`
  const has = (name: 'value' | 'averageValue' | 'averageUtilization'): boolean => target[name] !== undefined && target[name] !== null
  if (source === 'object') validateScaleReference(m.object?.describedObject ?? {}, problem, `${path}.describedObject`, errors)
  if (source === 'resource' || source === 'containerResource') {
    const resource = m[source]
    const named = checkRequired(resource?.name, `${path}.name`, errors, 'must specify a resource name')
    if (source === 'containerResource') {
      if (named) validateContainerResourceName(resource!.name!, `${path}.name`, errors)
      const { container } = m.containerResource ?? {}
      if (checkRequired(container, `${path}.container`, errors, 'must specify a container'))
        checkName(dns1123Label, container!, `${path}.container`, errors)
    }
    validateTarget(target, at, errors)
    if (!has('averageUtilization') && !has('averageValue'))
      errors.push(field.required(`${at}.averageUtilization`, 'must set either a target raw value or a target utilization'))
    if (has('averageUtilization') && has('averageValue'))
      errors.push(field.forbidden(`${at}.averageValue`, 'may not set both a target raw value and a target utilization'))
    return
  }
  const metric = m[source]?.metric
  if (checkRequired(metric?.name, `${path}.metric.name`, errors, 'must specify a metric name'))
    checkName(pathSegmentName, metric!.name!, `${path}.metric.name`, errors)
  validateTarget(target, at, errors)
  if (source === 'pods') {
    if (!has('averageValue')) errors.push(field.required(`${at}.averageValue`, 'must specify a positive target averageValue'))
  } else if (!has('value') && !has('averageValue')) {
    const what =
      source === 'external'
        ? 'must set either a target value for metric or a per-pod target'
        : 'must set either a target value or averageValue'
    errors.push(field.required(`${at}.averageValue`, what))
  } else if (source === 'external' && has('value') && has('averageValue')) {
    errors.push(field.forbidden(`${at}.value`, 'may not set both a target value for metric and a per-pod target'))
  }
}

function validateTarget(t: Target, path: string, errors: FieldError[]): void {
  if (!t.type) errors.push(field.required(`${path}.type`, 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(t.type ?? ''))
    errors.push(field.invalid(`${path}.type`, t.type ?? '', 'must be either Utilization, Value, or AverageValue'))
  for (const name of ['value', 'averageValue'] as const) {
    const amount = tryParseQuantity(t[name])
    if (amount && amount.nano <= 0n) errors.push(field.invalid(`${path}.${name}`, formatQuantity(amount), 'must be positive'))
  }
  if (typeof t.averageUtilization === 'number' && t.averageUtilization < 1)
    errors.push(field.invalid(`${path}.averageUtilization`, t.averageUtilization, 'must be greater than 0'))
}

export function validateBehavior(behavior: Behavior | null | undefined, path: string, errors: FieldError[]): void {
  for (const name of ['scaleUp', 'scaleDown'] as const) if (behavior?.[name]) validateRules(behavior[name], `${path}.${name}`, errors)
}

function validateRules(r: Rules, path: string, errors: FieldError[]): void {
  const window = r.stabilizationWindowSeconds
  if (typeof window === 'number') {
    if (window < 0) errors.push(field.invalid(`${path}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero'))
    if (window > 3600) errors.push(field.invalid(`${path}.stabilizationWindowSeconds`, window, 'must be less than or equal to 3600'))
  }
  if (typeof r.selectPolicy === 'string' && !['Disabled', 'Max', 'Min'].includes(r.selectPolicy))
    errors.push(field.notSupported(`${path}.selectPolicy`, r.selectPolicy, ['Disabled', 'Max', 'Min']))
  if (isEmpty(r.policies)) errors.push(field.required(`${path}.policies`, 'must specify at least one Policy'))
  items(r.policies).forEach((p, i) => {
    const at = `${path}.policies[${i}]`
    if (!['Percent', 'Pods'].includes(p.type ?? '')) errors.push(field.notSupported(`${at}.type`, p.type ?? '', ['Percent', 'Pods']))
    if ((p.value ?? 0) <= 0) errors.push(field.invalid(`${at}.value`, p.value ?? 0, 'must be greater than zero'))
    const seconds = p.periodSeconds ?? 0
    if (seconds <= 0) errors.push(field.invalid(`${at}.periodSeconds`, seconds, 'must be greater than zero'))
    if (seconds > 1800) errors.push(field.invalid(`${at}.periodSeconds`, seconds, 'must be less than or equal to 1800'))
  })
  const tolerance = tryParseQuantity(r.tolerance)
  if (tolerance && tolerance.nano < 0n) errors.push(field.invalid(`${path}.tolerance`, r.tolerance, 'must be greater than or equal to 0'))
}

/** The TARGETS cell: current over wanted for the first two metrics. */
export function metricsText(specs: (Spec | null)[] | null | undefined, statuses: (Status | null)[] | null | undefined): string {
  const now = items(statuses)
  return firstAndMore(
    items(specs).map((s, i) => metricText(s, now[i])),
    2,
    '<none>',
    ', ',
  )
}

function metricText(s: Spec, status: Status | undefined): string {
  const source = SOURCES[s.type as keyof typeof SOURCES]
  if (!source) return '<unknown type>'
  const target: Target = s[source]?.target ?? {}
  const current = status?.[source]?.current
  const unknown = '<unknown>'
  switch (source) {
    case 'pods':
      return `${current?.averageValue ?? unknown}/${target.averageValue ?? ''}`
    case 'external':
    case 'object':
      if (target.averageValue !== undefined && target.averageValue !== null)
        return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
      return `${current?.value ?? unknown}/${target.value ?? ''}`
    default: {
      const name = s[source]?.name ?? ''
      if (target.averageValue !== undefined && target.averageValue !== null)
        return `${name}: ${current?.averageValue ?? unknown}/${target.averageValue}`
      const used = typeof current?.averageUtilization === 'number' ? `${current.averageUtilization}%` : unknown
      const wanted = typeof target.averageUtilization === 'number' ? `${target.averageUtilization}%` : '<auto>'
      return `${name}: ${used}/${wanted}`
    }
  }
}
