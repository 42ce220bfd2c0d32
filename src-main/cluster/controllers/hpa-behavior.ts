/** How fast a HorizontalPodAutoscaler may follow its metrics: stabilisation windows and scaling policies. */
import type * as k8s from '@kubernetes/client-node'
import type { ObjectMeta, Wire } from '../api/object.js'

export type HorizontalPodAutoscaler = Wire<k8s.V2HorizontalPodAutoscaler> & { metadata: ObjectMeta }
type Rules = Wire<k8s.V2HPAScalingRules>

/** What was recommended or done at a time, ms. */
export interface Recommendation {
  at: number
  replicas: number
}
export interface ScaleEvent {
  at: number
  /** Replicas added, or taken away (always positive). */
  change: number
}

/** What the past of one autoscaler is needed for. */
export interface ScalingHistory {
  recommendations: Recommendation[]
  ups: ScaleEvent[]
  downs: ScaleEvent[]
}

export interface Decision {
  replicas: number
  ableToScale: { reason: string; message: string }
  limited: { status: 'True' | 'False'; reason: string; message: string }
}

const DEFAULT_UP: Rules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}
const DEFAULT_DOWN: Rules = {
  stabilizationWindowSeconds: 300,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
}

/** What an autoscaler without `behavior` may do in one step up: twice its size, and always to four. */
const SCALE_UP_FACTOR = 2
const SCALE_UP_MINIMUM = 4

const within = (message: string): Decision['limited'] => ({ status: 'False', reason: 'DesiredWithinRange', message })
const limited = (reason: string, message: string): Decision['limited'] => ({ status: 'True', reason, message })
const WITHIN_RANGE = within('the desired count is within the acceptable range')
const TOO_MANY = limited('TooManyReplicas', 'the desired replica count is more than the maximum replica count')
const TOO_FEW = limited('TooFewReplicas', 'the desired replica count is less than the minimum replica count')
const TOO_FAST_UP = limited('ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate')
const TOO_FAST_DOWN = limited('ScaleDownLimit', 'the desired replica count is decreasing faster than the maximum scale rate')

/** The past of an autoscaler that is looked at first when its target has `current` replicas: so many are taken to have been recommended. */
export function freshHistory(current: number, now: number): ScalingHistory {
  return { recommendations: [{ at: now, replicas: current }], ups: [], downs: [] }
}

/** Turns what the metrics ask for into what is done now. Notes the recommendation in the history. */
export function decide(hpa: HorizontalPodAutoscaler, history: ScalingHistory, current: number, desired: number, now: number): Decision {
  const up = { ...DEFAULT_UP, ...hpa.spec?.behavior?.scaleUp }
  const down = { ...DEFAULT_DOWN, ...hpa.spec?.behavior?.scaleDown }
  const { lowest, highest } = recommended(history, desired, up, down, now, hpa.spec?.behavior === undefined)
  // Without `behavior` the highest recommendation of the window counts, also above what there is now.
  const stabilized = hpa.spec?.behavior ? Math.min(Math.max(current, lowest), highest) : highest
  let ableToScale = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
  if (stabilized > desired)
    ableToScale = {
      reason: 'ScaleDownStabilized',
      message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
    }
  else if (stabilized < desired)
    ableToScale = {
      reason: 'ScaleUpStabilized',
      message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
    }
  const bounds = hpa.spec?.behavior ? bounded(hpa, history, current, stabilized, up, down, now) : boundedByDefault(hpa, current, stabilized)
  return { ableToScale, ...bounds }
}

/** Without `behavior` only the step up is limited, whatever was done before it. */
function boundedByDefault(hpa: HorizontalPodAutoscaler, current: number, wanted: number): Pick<Decision, 'replicas' | 'limited'> {
  const { minReplicas: min = 1, maxReplicas: max = 1 } = hpa.spec ?? {}
  const limit = Math.max(SCALE_UP_FACTOR * current, SCALE_UP_MINIMUM)
  if (wanted < min) return { replicas: min, limited: TOO_FEW }
  if (wanted > Math.min(limit, max)) return max > limit ? { replicas: limit, limited: TOO_FAST_UP } : { replicas: max, limited: TOO_MANY }
  return { replicas: wanted, limited: WITHIN_RANGE }
}

/**
 * The bounds of what was recommended within the windows; notes the present recommendation.
 *
 * @param closed whether a recommendation exactly as old as the window still counts, as it does without `behavior`
 */
function recommended(
  history: ScalingHistory,
  desired: number,
  up: Rules,
  down: Rules,
  now: number,
  closed: boolean,
): { lowest: number; highest: number } {
  const upSince = now - (up.stabilizationWindowSeconds ?? 0) * 1000
  const downSince = now - (down.stabilizationWindowSeconds ?? 300) * 1000
  let lowest = desired
  let highest = desired
  for (const r of history.recommendations) {
    if (r.at > upSince) lowest = Math.min(lowest, r.replicas)
    if (r.at > downSince || (closed && r.at === downSince)) highest = Math.max(highest, r.replicas)
  }
  history.recommendations = history.recommendations.filter((r) => r.at >= Math.min(upSince, downSince))
  history.recommendations.push({ at: now, replicas: desired })
  return { lowest, highest }
}

function bounded(
  hpa: HorizontalPodAutoscaler,
  history: ScalingHistory,
  current: number,
  wanted: number,
  up: Rules,
  down: Rules,
  now: number,
): Pick<Decision, 'replicas' | 'limited'> {
  const { minReplicas: min = 1, maxReplicas: max = 1 } = hpa.spec ?? {}
  if (wanted > current) {
    const limit = Math.max(current, allowed(up, current, history, now, 1))
    if (wanted > Math.min(limit, max))
      return limit >= max ? { replicas: max, limited: TOO_MANY } : { replicas: limit, limited: TOO_FAST_UP }
  } else if (wanted < current) {
    const limit = Math.min(current, allowed(down, current, history, now, -1))
    if (wanted < Math.max(limit, min))
      return limit <= min ? { replicas: min, limited: TOO_FEW } : { replicas: limit, limited: TOO_FAST_DOWN }
  }
  if (wanted > max) return { replicas: max, limited: TOO_MANY }
  if (wanted < min) return { replicas: min, limited: TOO_FEW }
  return { replicas: wanted, limited: WITHIN_RANGE }
}

/** How many replicas the policies let it have, counting what it did in their periods. */
function allowed(rules: Rules, current: number, history: ScalingHistory, now: number, direction: 1 | -1): number {
  if (rules.selectPolicy === 'Disabled') return current
  const results = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const since = now - periodSeconds * 1000
    const sum = (events: readonly ScaleEvent[]): number => events.reduce((n, e) => (e.at > since ? n + e.change : n), 0)
    const before = current - sum(history.ups) + sum(history.downs)
    if (type === 'Pods') return before + direction * value
    return direction > 0 ? Math.ceil(before * (1 + value / 100)) : Math.floor(before * (1 - value / 100))
  })
  if (results.length === 0) return current
  const most = rules.selectPolicy !== 'Min'
  return direction > 0 === most ? Math.max(...results) : Math.min(...results)
}

/** Notes that the size was changed. */
export function noteChange(history: ScalingHistory, before: number, after: number, now: number): void {
  const keep = (events: ScaleEvent[]): ScaleEvent[] => events.filter((e) => e.at > now - 1_800_000)
  history.ups = keep(history.ups)
  history.downs = keep(history.downs)
  if (after > before) history.ups.push({ at: now, change: after - before })
  else history.downs.push({ at: now, change: before - after })
}
