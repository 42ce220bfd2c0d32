/** Subresources that many kinds have, made from what a kind keeps when they are written. */
import type { ObjectSubresource, RuleContext, ScaleSubresource, Verb } from '../kind.js'
import type { FieldError } from '../../errors.js'
import type { ObjectMeta } from '../../object.js'

interface StoredObject {
  metadata: ObjectMeta
  spec?: unknown
  status?: unknown
}

/**
 * `status`: writes the status and the metadata, keeps everything else. `keep` names metadata fields that are kept too:
 * kinds differ on whether labels may come with a status.
 */
export function statusSubresource<T extends { metadata: object }>(
  options: {
    keep?: readonly (keyof ObjectMeta)[]
    verbs?: readonly Verb[]
    validateUpdate?: (object: T, old: T, ctx: RuleContext) => FieldError[]
  } = {},
): ObjectSubresource<T> {
  return {
    type: 'object',
    verbs: options.verbs ?? ['get', 'update', 'patch'],
    prepareForUpdate(object, old) {
      const o = object as unknown as StoredObject & Record<string, unknown>
      const before = old as unknown as StoredObject & Record<string, unknown>
      for (const name of new Set([...Object.keys(o), ...Object.keys(before)])) {
        if (['apiVersion', 'kind', 'metadata', 'status'].includes(name)) continue
        if (before[name] === undefined) delete o[name]
        else o[name] = before[name]
      }
      keepMetadata(o.metadata, before.metadata, options.keep ?? [])
    },
    resets: ['spec', ...(options.keep === OWN_METADATA ? ['metadata'] : (options.keep ?? []).map((name) => `metadata.${name}`))],
    ...(options.validateUpdate ? { validateUpdate: options.validateUpdate } : {}),
  }
}

/** What a status cannot bring with it where nothing of the metadata may come with one (`ResetObjectMetaForStatus`). */
export const OWN_METADATA = ['deletionTimestamp', 'labels', 'annotations', 'finalizers', 'ownerReferences'] as const

/** Puts back metadata fields as they were. */
export function keepMetadata(metadata: ObjectMeta, old: ObjectMeta, names: readonly (keyof ObjectMeta)[]): void {
  const to = metadata as Record<string, unknown>
  for (const name of names) {
    if (old[name] === undefined) delete to[name]
    else to[name] = old[name]
  }
}

/** `scale` of a kind that has `spec.replicas` and `status.replicas`. */
export function scaleSubresource(selector = '.spec.selector'): ScaleSubresource {
  return { type: 'scale', specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector }
}

/** Keeps the stored status on a write of the object itself. */
export function keepStatus(object: { status?: unknown }, old: { status?: unknown }): void {
  if (old.status === undefined) delete object.status
  else object.status = old.status
}
