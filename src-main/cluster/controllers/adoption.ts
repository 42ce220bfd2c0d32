/**
 * Who owns what by label: a controller adopts matching objects that nobody controls and releases its own that no longer
 * match, as Kubernetes' controller reference manager does.
 */
import type { ResourceClient } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ObjectMeta, OwnerReference } from '../api/object.js'
import { controllerOf } from '../api/object.js'
import type { LabelMatcher } from './selector.js'

interface Ownable {
  metadata: ObjectMeta
}

export interface ClaimOptions<T extends Ownable> {
  /** The reference that adopted objects get. */
  owner: OwnerReference
  /** Whether the owner is being deleted; then it adopts nothing. */
  ownerDeleted: boolean
  selects: LabelMatcher
  client: ResourceClient<T>
  /** A finalizer that objects carry for as long as they belong to the owner. */
  finalizer?: string
  /** Reads the owner live: adoption must not happen for an owner that was deleted or replaced since. */
  stillThere(): Promise<boolean>
}

/**
 * Gives those of `candidates` that belong to the owner, after adopting and releasing.
 *
 * @param candidates the owner's objects and those of its namespace that nobody controls
 */
export async function claim<T extends Ownable>(candidates: Iterable<T>, options: ClaimOptions<T>): Promise<T[]> {
  const { owner, selects } = options
  const claimed: T[] = []
  const toAdopt: T[] = []
  const toRelease: T[] = []
  for (const object of candidates) {
    const controller = controllerOf(object)
    const matches = selects(object.metadata.labels)
    if (controller) {
      if (controller.uid !== owner.uid) continue
      if (matches) claimed.push(object)
      else if (!options.ownerDeleted) toRelease.push(object)
    } else if (matches && !options.ownerDeleted && object.metadata.deletionTimestamp === undefined) toAdopt.push(object)
  }
  const { client, finalizer } = options
  if (toRelease.length) await Promise.all(toRelease.map((object) => release(object, owner, client, finalizer)))
  if (toAdopt.length && (await options.stillThere())) {
    const adopted = await Promise.all(toAdopt.map((object) => adopt(object, owner, client, finalizer)))
    for (const object of adopted) if (object) claimed.push(object)
  }
  return claimed
}

/** Adds the owner's reference. Gives undefined when the object is gone; rejects with Conflict when it has changed. */
export async function adopt<T extends Ownable>(
  object: T,
  owner: OwnerReference,
  client: ResourceClient<T>,
  finalizer?: string,
): Promise<T | undefined> {
  const others = (object.metadata.ownerReferences ?? []).filter((r) => r.uid !== owner.uid)
  const finalizers = finalizer && [...otherFinalizers(object, finalizer), finalizer]
  return setOwners(object, [...others, owner], client, finalizers || undefined)
}

async function release<T extends Ownable>(
  object: T,
  owner: OwnerReference,
  client: ResourceClient<T>,
  finalizer: string | undefined,
): Promise<void> {
  const others = (object.metadata.ownerReferences ?? []).filter((r) => r.uid !== owner.uid)
  await setOwners(object, others, client, finalizer === undefined ? undefined : otherFinalizers(object, finalizer))
}

function otherFinalizers(object: Ownable, finalizer: string): string[] {
  return (object.metadata.finalizers ?? []).filter((f) => f !== finalizer)
}

/**
 * Replaces an object's owner references, and its finalizers if some are given. The uid and the resource version in the patch make sure that it is the same
 * object and that nobody changed the list meanwhile.
 */
export async function setOwners<T extends Ownable>(
  object: T,
  owners: readonly OwnerReference[],
  client: ResourceClient<T>,
  finalizers?: readonly string[],
): Promise<T | undefined> {
  const { namespace = '', name, uid, resourceVersion } = object.metadata
  const held = finalizers && { finalizers: finalizers.length ? finalizers : null }
  const patch = { metadata: { ownerReferences: owners.length ? owners : null, ...held, uid, resourceVersion } }
  try {
    return await client.patch(namespace, name!, patch, { type: 'merge' })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
