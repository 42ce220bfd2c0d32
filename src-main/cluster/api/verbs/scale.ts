/** The subresource scale: an autoscaling/v1 Scale read from and written to three paths of the object. */
import { rfc3339 } from '../../clock.js'
import { WriteConflictError } from '../../store/store.js'
import { entriesOfScaled, scaleEntries } from '../apply/scale.js'
import { copyJson } from '../copy.js'
import { badRequest, conflict, field, internalError, invalid, notFound, OPTIMISTIC_LOCK } from '../errors.js'
import { apiVersionOf, storageKey } from '../kindset.js'
import type { Kind, ScaleSubresource } from '../kinds/kind.js'
import { ageColumn, column, nameColumn } from '../kinds/rules/columns.js'
import { selectorQuery } from '../kinds/rules/selectors.js'
import type { KubeObject, LabelSelector } from '../object.js'
import type { Call, Machinery } from './machinery.js'
import { checkApplied } from './patch.js'
import { checkRevision, namedRevision, preconditionFailed } from './preconditions.js'
import { checkName, replace } from './update.js'

/** The Scale of an object. */
export interface Scale extends KubeObject {
  spec: { replicas?: number }
  status: { replicas: number; selector?: string }
}

/** How a Scale is shown. It is no resource of its own. */
export const SCALE: Kind<Scale> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  singular: 'scale',
  namespaced: true,
  model: 'V1Scale',
  columns: [
    nameColumn(),
    column('Desired', 'Desired number of instances for the scaled object.', (o) => o.spec.replicas ?? 0, { type: 'integer' }),
    column('Available', 'Actual number of observed instances of the scaled object.', (o) => o.status.replicas, { type: 'integer' }),
    ageColumn(),
  ],
}

const parts = (path: string): string[] => path.split('.').filter((p) => p !== '')

function read(object: KubeObject, path: string): unknown {
  let value: unknown = object
  for (const part of parts(path)) value = (value as Record<string, unknown> | undefined | null)?.[part]
  return value
}

function write(object: KubeObject, path: string, value: unknown): void {
  const names = parts(path)
  let at: Record<string, unknown> = object
  for (const part of names.slice(0, -1)) at = (at[part] ??= {}) as Record<string, unknown>
  at[names[names.length - 1]!] = value
}

/** A selector as a query: a LabelSelector, the plain map of a ReplicationController, or a custom resource's own text. */
function queryOf(selector: unknown): string {
  if (typeof selector === 'string') return selector
  if (typeof selector !== 'object' || selector === null) return ''
  const { matchLabels, matchExpressions } = selector as LabelSelector
  if (matchLabels !== undefined || matchExpressions !== undefined) return selectorQuery(selector)
  return selectorQuery({ matchLabels: selector as Record<string, string> })
}

/** A custom resource need not say how many replicas it has; the API server then takes this number for it, which is none. */
const UNSAID_REPLICAS = -2147483648

function hasReplicas(object: KubeObject, scale: ScaleSubresource): boolean {
  const replicas = read(object, scale.specReplicas)
  return replicas !== undefined && replicas !== null
}

function scaleOf(object: KubeObject, scale: ScaleSubresource): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = read(object, scale.specReplicas) as number | undefined
  const query = scale.selector ? queryOf(read(object, scale.selector)) : ''
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: (read(object, scale.statusReplicas) as number | undefined) ?? 0, ...(query ? { selector: query } : {}) },
  }
}

/** Reads the Scale of an object. */
export async function getScale(m: Machinery, kind: Kind, scale: ScaleSubresource, namespace: string, name: string): Promise<Scale> {
  const stored = m.store.get(storageKey(kind, namespace, name))
  if (!stored) {
    // The scale of a ReplicationController is looked up under its own name, and missed under it.
    const own = kind.group === '' && kind.plural === 'replicationcontrollers'
    throw notFound(own ? { group: 'autoscaling', resource: `${kind.plural}/scale` } : { group: kind.group, resource: kind.plural }, name)
  }
  await m.store.durable(stored.modRevision)
  if (!hasReplicas(stored.object, scale))
    throw internalError(`the spec replicas field ${JSON.stringify(scale.specReplicas)} does not exist`)
  return scaleOf(stored.object, scale)
}

/** How a Scale is written: made anew from the present one, or by server-side apply of a configuration. */
export type ScaleChange = ((present: Scale) => Scale) | { config: KubeObject; force: boolean }

/** The wanted Scale with its managedFields: those of the object that are about replicas, and the writer's. */
function changed(m: Machinery, call: Call, present: Scale, change: ScaleChange): Scale {
  const tracked = {
    manager: call.fieldManager,
    model: SCALE.model,
    subresource: 'scale',
    apiVersion: apiVersionOf(SCALE),
    time: rfc3339(m.clock.now()),
  }
  if (typeof change !== 'function') {
    checkApplied(SCALE, change.config)
    return copyJson(m.fields.applyServerSide({ ...tracked, live: present, ...change })) as Scale
  }
  const { managedFields, ...metadata } = present.metadata
  const wanted = change({ ...present, metadata })
  wanted.metadata = { ...wanted.metadata, ...(managedFields ? { managedFields } : {}) }
  if (call.fieldManager) m.fields.trackUpdate({ ...tracked, operation: 'Update', old: present, new: wanted })
  return wanted
}

/**
 * Writes `spec.replicas` of an object through its Scale. A function makes the wanted Scale of the present one and may be
 * called again when somebody else was faster.
 */
export async function updateScale(
  m: Machinery,
  kind: Kind,
  scale: ScaleSubresource,
  call: Call,
  name: string,
  change: ScaleChange,
): Promise<Scale> {
  const resource = { group: kind.group, resource: kind.plural }
  for (let current = m.store.get(storageKey(kind, call.namespace, name)); current;) {
    const owners = current.object.metadata.managedFields
    const present = scaleOf(current.object, scale)
    if (!hasReplicas(current.object, scale)) present.spec.replicas = UNSAID_REPLICAS
    const entries = scaleEntries(owners, scale)
    if (entries.length > 0) present.metadata.managedFields = entries
    const wanted = changed(m, call, present, change)
    const metadata = (wanted.metadata ??= {})
    checkName(kind, call, name, metadata)
    const { uid } = metadata
    const is = current.object.metadata.uid ?? ''
    if (uid && uid !== is) throw preconditionFailed(kind, call.namespace, name, 'UID', uid, is)
    const revision = namedRevision(metadata.resourceVersion)
    checkRevision(kind, name, revision, current)
    const replicas = wanted.spec?.replicas ?? 0
    if (replicas === UNSAID_REPLICAS) throw badRequest(`the spec replicas field ${JSON.stringify(scale.specReplicas)} cannot be empty`)
    if (replicas < 0) {
      const error = field.invalid('spec.replicas', replicas, 'must be greater than or equal to 0')
      throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [error])
    }
    const object = copyJson(current.object)
    write(object, scale.specReplicas, replicas)
    const managedFields = entriesOfScaled(owners, wanted.metadata.managedFields, scale, apiVersionOf(kind))
    if (owners) object.metadata.managedFields = managedFields
    try {
      const shown = { object: wanted, oldObject: present, name, subresource: 'scale', objectKind: SCALE } as const
      const answer = await replace(m, kind, { ...call }, current, object, '', 'applied', { kind, operation: 'UPDATE', ...shown })
      return scaleOf(answer.object, scale)
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
      if (revision) throw conflict(resource, name, OPTIMISTIC_LOCK)
      current = error.actual
    }
  }
  throw notFound(resource, name)
}
