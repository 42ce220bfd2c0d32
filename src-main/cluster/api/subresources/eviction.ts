/** pods/eviction: deletes a pod if no PodDisruptionBudget forbids it. Follows "API-initiated Eviction". */
import { WriteConflictError } from '../../store/store.js'
import type { ConnectHandler } from '../connect.js'
import { copyJson } from '../copy.js'
import { badRequest, notFound, StatusError, tooManyRequests } from '../errors.js'
import { prefixOf } from '../kindset.js'
import { matchesSelector } from '../kinds/rules/selectors.js'
import type { KubeObject, LabelSelector, Pod } from '../object.js'
import { rfc3339 } from '../../clock.js'
import { remove, type DeleteRequest } from '../verbs/delete.js'
import { admitMutating, admitValidating, attributesOf, type Call, type Machinery } from '../verbs/machinery.js'
import { success } from './binding.js'

interface Eviction extends KubeObject {
  deleteOptions?: DeleteRequest & { dryRun?: string[] }
}

interface Budget extends KubeObject {
  spec?: { selector?: LabelSelector; unhealthyPodEvictionPolicy?: string }
  status?: {
    disruptionsAllowed?: number
    observedGeneration?: number
    currentHealthy?: number
    desiredHealthy?: number
    disruptedPods?: Record<string, string>
  }
}

/** How soon a refused client may try again, seconds. */
const RETRY_AFTER = 10

/** Handles an eviction. */
export function evictionHandler(m: Machinery): ConnectHandler {
  return async ({ body, namespace, name, call }) => {
    const eviction = body as Eviction
    if (eviction.metadata.name && eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
    const options = eviction.deleteOptions ?? {}
    const dryRun = call.dryRun || (options.dryRun?.length ?? 0) > 0
    const kind = m.kinds.findResource('', 'pods')!
    const stored = m.store.get(`${prefixOf(kind, namespace)}${name}`)
    if (!stored) throw notFound({ group: '', resource: 'pods' }, name)
    const pod = stored.object as unknown as Pod
    const write = { kind, operation: 'CREATE', object: eviction, oldObject: undefined, name, subresource: 'eviction' } as const
    const attributes = attributesOf(m, { ...call, dryRun }, write)
    await admitMutating(m, attributes)
    await admitValidating(m, attributes)
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

/** Takes one disruption from the pod's budget. Throws 429 when there is none left, 500 when there are two budgets. */
async function useBudget(m: Machinery, pod: Pod, dryRun: boolean): Promise<void> {
  const kind = m.kinds.findResource('policy', 'poddisruptionbudgets')
  if (!kind) return
  const { namespace, name, labels } = pod.metadata
  const budgets = m.store.list(prefixOf(kind, namespace)).items.filter((s) => matchesSelector((s.object as Budget).spec?.selector, labels))
  if (budgets.length === 0) return
  if (budgets.length > 1) {
    throw new StatusError(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  }
  for (let current = m.store.get(budgets[0]!.key); current;) {
    const budget = copyJson(current.object as Budget)
    const status = (budget.status ??= {})
    const policy = budget.spec?.unhealthyPodEvictionPolicy
    if (!isReady(pod) && (policy === 'AlwaysAllow' || (status.currentHealthy ?? 0) >= Math.max(1, status.desiredHealthy ?? 0))) return
    if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) {
      throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", RETRY_AFTER)
    }
    if ((status.disruptionsAllowed ?? 0) <= 0) {
      const { currentHealthy = 0, desiredHealthy = 0 } = status
      const error = tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 0)
      error.status.details = {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
          },
        ],
      }
      throw error
    }
    if (dryRun) return
    status.disruptionsAllowed = status.disruptionsAllowed! - 1
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
