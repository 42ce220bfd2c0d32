/** pods/eviction: deletes a pod if no PodDisruptionBudget forbids it. Follows "API-initiated Eviction". */
import { WriteConflictError } from '../../store/store.js'
import type { ConnectHandler } from '../connect.js'
import { copyJson } from '../copy.js'
import { badRequest, forbidden, notFound, tooManyRequests, withoutReason, type StatusError } from '../errors.js'
import { prefixOf } from '../kindset.js'
import { matchesSelector } from '../kinds/rules/selectors.js'
import type { KubeObject, LabelSelector, Pod } from '../object.js'
import { rfc3339 } from '../../clock.js'
import { remove, type DeleteRequest } from '../verbs/delete.js'
import { attributesOf, type Call, type Machinery } from '../verbs/machinery.js'
import { success } from './binding.js'

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' }

interface Eviction extends KubeObject {
  deleteOptions?: DeleteRequest & { dryRun?: string[] }
}

interface Condition {
  type: string
  status: string
  observedGeneration?: number
  lastTransitionTime: string
  reason: string
  message: string
}

interface Budget extends KubeObject {
  spec?: { selector?: LabelSelector; unhealthyPodEvictionPolicy?: string }
  status?: {
    disruptionsAllowed?: number
    observedGeneration?: number
    currentHealthy?: number
    desiredHealthy?: number
    disruptedPods?: Record<string, string>
    conditions?: Condition[]
  }
}

/** How soon a refused client may try again, seconds. */
const RETRY_AFTER = 10
/** A budget with more evictions than this that have not been seen to happen grants no others. */
const MOST_DISRUPTED = 2000
const ALLOWED = 'DisruptionAllowed'

/** Handles an eviction. */
export function evictionHandler(m: Machinery): ConnectHandler {
  return async ({ body, namespace, name, call }) => {
    const eviction = body as Eviction
    if (eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
    const options = eviction.deleteOptions ?? {}
    const dryRun = call.dryRun || (options.dryRun?.length ?? 0) > 0
    const kind = m.kinds.findResource('', 'pods')!
    const stored = m.store.get(`${prefixOf(kind, namespace)}${name}`)
    if (!stored) throw notFound({ group: '', resource: 'pods' }, name)
    const pod = stored.object as unknown as Pod
    const of = { kind, objectKind: EVICTION, name, subresource: 'eviction' }
    const attributes = attributesOf(m, { ...call, dryRun }, { ...of, operation: 'CREATE', object: eviction, oldObject: undefined })
    await m.admission.admit(attributes)
    await m.admission.validate(attributes)
    if (!mayAlwaysGo(pod)) await useBudget(m, pod, dryRun)
    const evicted: Call = { ...call, dryRun }
    await remove(m, kind, evicted, name, dryRun ? options : await markDisrupted(m, stored.key, options))
    return success(201)
  }
}

/**
 * Says in the pod's status that it is deleted as a disruption, which is no failure of its own: pod failure policies of Jobs
 * go by it. Gives the options of the deletion, whose precondition moves on with the version.
 */
async function markDisrupted(m: Machinery, key: string, options: DeleteRequest): Promise<DeleteRequest> {
  const { uid, resourceVersion } = options.preconditions ?? {}
  for (let current = m.store.get(key); current;) {
    const isAnother = uid !== undefined && uid !== current.object.metadata.uid
    // What does not meet the preconditions is left to the deletion to refuse.
    if (isAnother || (resourceVersion !== undefined && resourceVersion !== String(current.modRevision))) return options
    const pod = copyJson(current.object) as unknown as Pod
    const condition = {
      type: 'DisruptionTarget',
      ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
      status: 'True',
      lastTransitionTime: rfc3339(m.clock.now()),
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    }
    const others = pod.status?.conditions?.filter((c) => c.type !== condition.type) ?? []
    pod.status = { ...pod.status, conditions: [...others, condition] }
    try {
      const { modRevision } = await m.store.put(key, pod as unknown as KubeObject, current.modRevision)
      if (resourceVersion === undefined) return options
      return { ...options, preconditions: { ...options.preconditions, resourceVersion: String(modRevision) } }
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
      current = error.actual
    }
  }
  return options
}

/** What does not count as available can be evicted without asking. */
function mayAlwaysGo(pod: Pod): boolean {
  const phase = pod.status?.phase
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined
}

const isReady = (pod: Pod): boolean => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true

function noDisruption(why: string, retryAfter: number): StatusError {
  const error = tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfter)
  error.status.details = {
    causes: [{ reason: 'DisruptionBudget', message: why }],
    ...(retryAfter ? { retryAfterSeconds: retryAfter } : {}),
  }
  return error
}

function whyNone({ metadata, status = {} }: Budget): string {
  const { currentHealthy = 0, desiredHealthy = 0 } = status
  const subject = `The disruption budget ${metadata.name}`
  const condition = status.conditions?.find((c) => c.type === ALLOWED)
  if (condition?.status === 'False' && condition.reason === 'SyncFailed' && condition.message)
    return `${subject} does not allow evicting pods currently because it failed sync: ${condition.message}`
  if (currentHealthy <= desiredHealthy) return `${subject} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  return `${subject} does not allow evicting pods currently`
}

/** Says in the budget's conditions that the last disruption has been granted. */
function markUsedUp(status: NonNullable<Budget['status']>, now: string): void {
  const before = status.conditions?.find((c) => c.type === ALLOWED)
  const condition: Condition = {
    type: ALLOWED,
    status: 'False',
    ...(status.observedGeneration ? { observedGeneration: status.observedGeneration } : {}),
    lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : now,
    reason: 'InsufficientPods',
    message: '',
  }
  status.conditions = before ? status.conditions!.map((c) => (c === before ? condition : c)) : [...(status.conditions ?? []), condition]
}

/** Takes one disruption from the pod's budget. Throws 429 when there is none left, 500 when there are two budgets. */
async function useBudget(m: Machinery, pod: Pod, dryRun: boolean): Promise<void> {
  const kind = m.kinds.findResource('policy', 'poddisruptionbudgets')
  if (!kind) return
  const { namespace, name, labels } = pod.metadata
  const budgets = m.store.list(prefixOf(kind, namespace)).items.filter((s) => matchesSelector((s.object as Budget).spec?.selector, labels))
  if (budgets.length === 0) return
  if (budgets.length > 1) {
    throw withoutReason('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')
  }
  for (let current = m.store.get(budgets[0]!.key); current;) {
    const budget = copyJson(current.object as Budget)
    const status = (budget.status ??= {})
    const policy = budget.spec?.unhealthyPodEvictionPolicy
    const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0 } = status
    if (!isReady(pod) && (policy === 'AlwaysAllow' || (desiredHealthy > 0 && currentHealthy >= desiredHealthy))) return
    if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0))
      throw noDisruption(`The disruption budget ${budget.metadata.name} is still being processed by the server.`, RETRY_AFTER)
    const refused = { group: 'policy', resource: 'poddisruptionbudget' }
    if (disruptionsAllowed < 0) throw forbidden(refused, budget.metadata.name!, 'pdb disruptions allowed is negative')
    if (Object.keys(status.disruptedPods ?? {}).length > MOST_DISRUPTED) {
      const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
      throw forbidden(refused, budget.metadata.name!, why)
    }
    if (disruptionsAllowed === 0) throw noDisruption(whyNone(budget), 0)
    if (dryRun) return
    status.disruptionsAllowed = disruptionsAllowed - 1
    if (status.disruptionsAllowed === 0) markUsedUp(status, rfc3339(m.clock.now()))
    status.disruptedPods = { ...status.disruptedPods, [name!]: rfc3339(m.clock.now()) }
    try {
      await m.store.put(current.key, budget, current.modRevision)
      return
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
      current = error.actual
    }
  }
}
