/**
 * Empties a node as `kubectl drain` does: cordons it, refuses when pods would be lost that no option covers, then evicts
 * (or deletes) the rest and waits until they are gone.
 * https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
 */
import { BackendError, toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { DrainOptions, ObjectRef, Streams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { collectionPath, objectPath, query } from '../session/paths.js'
import { pause } from '../session/retry.js'
import type { ApiConnection } from '../session/connection.js'
import type { Session } from '../session/session.js'
import { patchObject } from './objects.js'

/** How long to wait after a disruption budget said no, and between two looks at a pod that is ending, ms. */
const RETRY_EVICTION = 5_000
const LOOK_AGAIN = 500
const PODS = { group: '', version: 'v1', resource: 'pods' }

/** What kubectl's filters say of a pod. */
export interface DrainVerdict {
  pod: Json
  act: 'evict' | 'skip'
  skipped?: 'daemonset' | 'mirror'
  /** Why the node must not be drained, in kubectl's words. */
  refusal?: string
}

/** Which pods of a node go, stay, or stand in the way. The order of the filters is kubectl's. */
export function drainVerdict(pod: Json, options: DrainOptions): DrainVerdict {
  const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  const controller = pod.metadata?.ownerReferences?.find((o: Json) => o.controller)
  if (controller?.kind === 'DaemonSet' && !finished)
    return options.ignoreDaemonSets
      ? { pod, act: 'skip', skipped: 'daemonset' }
      : { pod, act: 'evict', refusal: 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' }
  if (pod.metadata?.annotations?.['kubernetes.io/config.mirror']) return { pod, act: 'skip', skipped: 'mirror' }
  if (!finished && !options.deleteEmptyDirData && pod.spec?.volumes?.some((v: Json) => v.emptyDir))
    return { pod, act: 'evict', refusal: 'cannot delete Pods with local storage (use --delete-emptydir-data to override)' }
  if (!finished && !controller && !options.force)
    return { pod, act: 'evict', refusal: 'cannot delete Pods that declare no controller (use --force to override)' }
  return { pod, act: 'evict' }
}

/** `REFUSAL: ns/a, ns/b` for each kind of refusal, as kubectl prints them. */
export function refusals(verdicts: readonly DrainVerdict[]): string[] {
  const byText = new Map<string, string[]>()
  for (const v of verdicts)
    if (v.refusal) byText.set(v.refusal, [...(byText.get(v.refusal) ?? []), `${v.pod.metadata.namespace}/${v.pod.metadata.name}`])
  return [...byText].map(([text, pods]) => `${text}: ${pods.join(', ')}`)
}

export async function drainNode(session: Session, p: Streams['drain']['params'], stream: StreamContext<'drain'>): Promise<void> {
  const { node, options } = p
  const abort = new AbortController()
  const stop = (): void => abort.abort()
  stream.signal.addEventListener('abort', stop, { once: true })
  const timer = options.timeoutSeconds > 0 ? setTimeout(stop, options.timeoutSeconds * 1000) : undefined
  try {
    const ref: ObjectRef = { group: '', version: 'v1', resource: 'nodes', name: node }
    await patchObject(session, { context: p.context, ref, type: 'merge', patch: { spec: { unschedulable: true } } })
    const api = await session.api()
    const list = await api.json<{ items?: Json[] }>(
      collectionPath(PODS) + query({ fieldSelector: `spec.nodeName=${node}`, labelSelector: options.podSelector }),
    )
    const verdicts = (list.items ?? []).map((pod) => drainVerdict(pod, options))
    const errors = refusals(verdicts)
    if (errors.length)
      throw new BackendError({
        reason: 'DrainRefused',
        message: `unable to drain node "${node}" due to error: ${errors.length > 1 ? `[${errors.join(', ')}]` : errors[0]}`,
      })
    stream.emit({
      type: 'pods',
      pods: verdicts.map(({ pod, skipped }) => ({
        namespace: pod.metadata.namespace,
        name: pod.metadata.name,
        ...(skipped ? { skipped } : {}),
      })),
    })
    const failures = await Promise.all(
      verdicts.filter((v) => v.act === 'evict').map(({ pod }) => removePod(api, pod, options, stream, abort.signal)),
    )
    if (abort.signal.aborted && !stream.signal.aborted)
      throw new BackendError({
        reason: 'Timeout',
        message: `error when draining node "${node}": global timeout reached: ${options.timeoutSeconds}s`,
      })
    const failed = failures.filter((f) => f !== undefined)
    if (failed.length) throw new BackendError({ reason: 'Internal', message: failed.join('; ') })
    stream.emit({ type: 'done' })
  } catch (error) {
    stream.emit({ type: 'done', error: toRpcError(error) })
  } finally {
    clearTimeout(timer)
    stream.end()
  }
}

/** Evicts or deletes one pod and waits until it is gone. Gives what went wrong, if that is final. */
async function removePod(
  api: ApiConnection,
  pod: Json,
  options: DrainOptions,
  stream: StreamContext<'drain'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { namespace, name, uid } = pod.metadata as { namespace: string; name: string; uid: string }
  const ref: ObjectRef = { ...PODS, namespace, name }
  const tell = (state: 'evicting' | 'blocked' | 'gone' | 'failed', message?: string): void =>
    stream.emit({ type: 'pod', namespace, name, state, ...(message ? { message } : {}) })
  const grace = options.gracePeriodSeconds >= 0 ? { gracePeriodSeconds: options.gracePeriodSeconds } : {}
  for (;;) {
    if (signal.aborted) return undefined
    try {
      if (options.disableEviction)
        await api.text(objectPath(ref), { method: 'DELETE', body: JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', ...grace }) })
      else
        await api.text(objectPath(ref, 'eviction'), {
          method: 'POST',
          body: JSON.stringify({
            apiVersion: 'policy/v1',
            kind: 'Eviction',
            metadata: { name, namespace },
            deleteOptions: { preconditions: { uid }, ...grace },
          }),
        })
      break
    } catch (error) {
      const { code, message } = toRpcError(error)
      if (code === 404) return void tell('gone')
      if (code !== 429) {
        tell('failed', message)
        return message
      }
      // A disruption budget stands in the way for now; kubectl asks again after five seconds.
      tell('blocked', message)
      await pause(RETRY_EVICTION, signal)
    }
  }
  tell('evicting')
  while (!signal.aborted) {
    const now = await api.json<Json>(objectPath(ref)).catch((error: unknown) => {
      if (toRpcError(error).code === 404) return undefined
      throw error
    })
    if (!now || now.metadata.uid !== uid) return void tell('gone')
    await pause(LOOK_AGAIN, signal)
  }
  return undefined
}
