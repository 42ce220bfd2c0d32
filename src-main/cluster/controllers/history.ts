/** The ControllerRevisions of DaemonSets and StatefulSets: each template they ever had, by which they roll back. */
import type * as k8s from '@kubernetes/client-node'
import type { Informer } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ObjectMeta, PodTemplateSpec, Wire } from '../api/object.js'
import { controllerOf, controllerRef } from '../api/object.js'
import { claim } from './adoption.js'
import type { ControllerContext } from './controller.js'
import { matcherOf } from './selector.js'
import { canonical, templateHash } from './templatehash.js'

export type ControllerRevision = Wire<k8s.V1ControllerRevision> & { metadata: ObjectMeta }

interface Revisioned {
  metadata: ObjectMeta
  spec?: { template: PodTemplateSpec; selector: { matchLabels?: Record<string, string> } }
  status?: { collisionCount?: number }
}

const INDEX = 'controllerrevisions-by-controller'

const OWNERS = { DaemonSet: resources.daemonsets, StatefulSet: resources.statefulsets } as const
type OwnerKind = keyof typeof OWNERS

export function revisionInformer(ctx: ControllerContext): Informer<ControllerRevision> {
  const informer = ctx.informers.for<ControllerRevision>(resources.controllerrevisions)
  informer.addIndex(INDEX, (r) => [controllerOf(r)?.uid ?? `orphans/${r.metadata.namespace}`])
  return informer
}

/**
 * What a revision stores: a patch that puts the template back. Its fields are in the order of their names: kubectl
 * compares the text itself with that of the template to tell whether there is anything to roll back.
 */
function dataOf(template: PodTemplateSpec): object {
  return sorted({ spec: { template: { ...template, $patch: 'replace' } } }) as object
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]))
}

/** The template in a revision. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const template = { ...(revision.data as { spec: { template: PodTemplateSpec & { $patch?: string } } }).spec.template }
  delete template.$patch
  return template
}

export interface Revisions {
  /** The revision of the current template. */
  update: ControllerRevision
  /** All, oldest first. */
  all: ControllerRevision[]
}

/**
 * The revisions of an owner, oldest first. Those that an owner of this name has left behind (`--cascade=orphan`) become
 * its own, as its pods do.
 */
async function claimRevisions(
  ctx: ControllerContext,
  informer: Informer<ControllerRevision>,
  kind: OwnerKind,
  owner: Revisioned,
): Promise<ControllerRevision[]> {
  const { namespace, name, uid, deletionTimestamp } = owner.metadata
  const mine = await claim([...informer.byIndex(INDEX, uid!), ...informer.byIndex(INDEX, `orphans/${namespace}`)], {
    owner: controllerRef('apps/v1', kind, owner),
    ownerDeleted: deletionTimestamp !== undefined,
    selects: matcherOf(owner.spec?.selector),
    client: ctx.client.resource<ControllerRevision>(resources.controllerrevisions),
    async stillThere() {
      const { metadata } = await ctx.client.resource<{ metadata: ObjectMeta }>(OWNERS[kind]).get(namespace!, name!)
      return metadata.uid === uid && metadata.deletionTimestamp === undefined
    },
  })
  return mine.sort((a, b) => Number(a.revision) - Number(b.revision))
}

/**
 * Finds the revision of the current template, or makes it. A template that was there before gets its old revision
 * under the highest number.
 *
 * @param hashLabel the label that carries the hash on revisions
 */
export async function revisionsOf(
  ctx: ControllerContext,
  informer: Informer<ControllerRevision>,
  kind: OwnerKind,
  owner: Revisioned,
  hashLabel: string,
): Promise<Revisions> {
  const client = ctx.client.resource<ControllerRevision>(resources.controllerrevisions)
  const { namespace, name, uid } = owner.metadata
  const all = await claimRevisions(ctx, informer, kind, owner)
  const template = owner.spec!.template
  const text = canonical(dataOf(template))
  const next = Number(all.at(-1)?.revision ?? 0) + 1
  const equal = all.filter((r) => canonical(r.data) === text).at(-1)
  if (equal) {
    if (equal === all.at(-1)) return { update: equal, all }
    const update = await client.patch(namespace!, equal.metadata.name!, { revision: next }, { type: 'merge' })
    return { update, all: [...all.filter((r) => r !== equal), update] }
  }
  const hash = templateHash(template, owner.status?.collisionCount ?? 0)
  const wanted: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace: namespace!,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(owner.metadata.annotations ? { annotations: owner.metadata.annotations } : {}),
      ownerReferences: [controllerRef('apps/v1', kind, owner)],
    },
    data: dataOf(template),
    revision: next,
  }
  try {
    const update = await client.create(namespace!, wanted)
    return { update, all: [...all, update] }
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
    const existing = await client.get(namespace!, wanted.metadata.name!)
    if (controllerOf(existing)?.uid === uid && canonical(existing.data) === text) return { update: existing, all: [...all, existing] }
    throw error
  }
}

/** Deletes the oldest revisions beyond `limit` that no pod uses. */
export async function trimRevisions(
  ctx: ControllerContext,
  all: readonly ControllerRevision[],
  inUse: ReadonlySet<string>,
  limit: number,
): Promise<void> {
  const unused = all.filter((r) => !inUse.has(r.metadata.name!))
  for (const r of unused.slice(0, Math.max(0, unused.length - limit)))
    await ctx.client
      .resource<ControllerRevision>(resources.controllerrevisions)
      .delete(r.metadata.namespace!, r.metadata.name!)
      .catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) throw error
      })
}
