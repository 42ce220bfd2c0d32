/** Creates and deletes the pods of a workload, and says so with the events that `kubectl describe` shows. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ObjectMeta, OwnerReference, Pod, PodTemplateSpec } from '../api/object.js'
import { mutable } from '../api/object.js'
import type { ControllerContext } from './controller.js'
import type { ObjectReference } from './events.js'
import { deletePod } from './pods.js'

/**
 * A pod made from a template.
 *
 * @param name the exact name; without it one is generated from `owner.name-`
 */
export function podFromTemplate(template: PodTemplateSpec, namespace: string, owner: OwnerReference, name?: string): Pod {
  const copy = mutable(template)
  const metadata: ObjectMeta = {
    namespace,
    ...(name ? { name } : { generateName: generateName(owner.name) }),
    ...(copy.metadata?.labels ? { labels: copy.metadata.labels } : {}),
    ...(copy.metadata?.annotations ? { annotations: copy.metadata.annotations } : {}),
    ...(copy.metadata?.finalizers ? { finalizers: copy.metadata.finalizers } : {}),
    ownerReferences: [{ ...owner }],
  }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: copy.spec! }
}

/** The prefix of generated pod names; names that would be too long lose the dash, as in Kubernetes. */
function generateName(owner: string): string {
  const prefix = `${owner}-`
  return prefix.length > 253 ? owner : prefix
}

/** Creates a pod and records `SuccessfulCreate` or `FailedCreate` on its owner. Rejects with the API's error. */
export async function createPod(ctx: ControllerContext, pod: Pod, owner: ObjectReference): Promise<Pod> {
  try {
    const created = await ctx.client.resource<Pod>(resources.pods).create(pod.metadata.namespace!, pod)
    ctx.events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
    return created
  } catch (error) {
    // While its namespace is being deleted no pod can be made, and nobody needs to be told.
    if (!isNamespaceTerminating(error)) ctx.events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`)
    throw error
  }
}

/** Deletes a pod and records `SuccessfulDelete` or `FailedDelete` on its owner. A pod that is gone already is fine. */
export async function deleteOwnedPod(ctx: ControllerContext, pod: Pod, owner: ObjectReference): Promise<void> {
  try {
    await deletePod(ctx.client, pod)
    ctx.events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
  } catch (error) {
    if (isReason(error, 'NotFound')) throw error
    ctx.events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`)
    throw error
  }
}

/** Whether a create was refused because the namespace is being deleted. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!isReason(error, 'Forbidden', 'NotFound')) return false
  return (
    !!error.status.details?.causes?.some((c) => c.reason === 'NamespaceTerminating') || /because it is being terminated/.test(error.message)
  )
}

/**
 * Calls `fn` `count` times in batches of 1, 2, 4, … at once, and stops after the batch in which one failed: a template
 * that cannot work costs one request, not a thousand.
 *
 * @returns how many succeeded, and the first error
 */
export async function slowStart(count: number, fn: (index: number) => Promise<unknown>): Promise<{ succeeded: number; error?: unknown }> {
  let done = 0
  let succeeded = 0
  for (let size = Math.min(1, count); size > 0; size = Math.min(2 * size, count - done)) {
    const results = await Promise.allSettled(Array.from({ length: size }, (_, i) => fn(done + i)))
    done += size
    let error: unknown
    for (const r of results) {
      if (r.status === 'fulfilled') succeeded++
      else error ??= r.reason
    }
    if (error !== undefined) return { succeeded, error }
  }
  return { succeeded }
}

/** The first rejection of several requests that all go out at once; undefined when all succeeded. */
export async function firstError(work: readonly Promise<unknown>[]): Promise<unknown> {
  for (const r of await Promise.allSettled(work)) if (r.status === 'rejected') return r.reason
  return undefined
}
