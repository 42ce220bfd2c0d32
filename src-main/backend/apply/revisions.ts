/**
 * Revisions of workloads, and the way back to one of them, as `kubectl rollout history` and `kubectl rollout undo` have
 * it: a Deployment's are its ReplicaSets, those of a StatefulSet or DaemonSet are ControllerRevisions.
 */
import { BackendError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { ObjectRef, WorkloadRevision } from '../rpc/contract.js'
import { collectionPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { getObject, patchObject } from './objects.js'

const REVISION = 'deployment.kubernetes.io/revision'
const CAUSE = 'kubernetes.io/change-cause'
const HASH = 'pod-template-hash'

/** The revisions of a Deployment, StatefulSet or DaemonSet, newest first. */
export async function workloadRevisions(session: Session, ref: ObjectRef): Promise<WorkloadRevision[]> {
  const owner = await getObject(session, ref)
  const found =
    ref.resource === 'deployments' ? await replicaSetRevisions(session, ref, owner) : await controllerRevisions(session, ref, owner)
  return found.sort((a, b) => b.revision - a.revision)
}

/** Takes the workload back to the pod template of one of its revisions. */
export async function rollBack(session: Session, ref: ObjectRef, revision: number): Promise<void> {
  const to = (await workloadRevisions(session, ref)).find((r) => r.revision === revision)
  if (!to) throw new BackendError({ reason: 'NotFound', message: `unable to find specified revision ${revision} in history` })
  await patchObject(session, {
    context: session.context,
    ref,
    type: 'json',
    patch: [{ op: 'replace', path: '/spec/template', value: to.template }],
  })
}

async function owned(session: Session, ref: ObjectRef, owner: Json, resource: string): Promise<Json[]> {
  const api = await session.api()
  const path = collectionPath({ group: 'apps', version: 'v1', resource }, ref.namespace)
  const list = await api.json<{ items?: Json[] }>(path + query({ labelSelector: selector(owner.spec?.selector) }))
  return (list.items ?? []).filter((o) => o.metadata?.ownerReferences?.some((r: Json) => r.uid === owner.metadata?.uid))
}

async function replicaSetRevisions(session: Session, ref: ObjectRef, owner: Json): Promise<WorkloadRevision[]> {
  const current = owner.metadata?.annotations?.[REVISION]
  return (await owned(session, ref, owner, 'replicasets'))
    .filter((set) => set.metadata?.annotations?.[REVISION])
    .map((set) => {
      const { [HASH]: _, ...labels } = set.spec?.template?.metadata?.labels ?? {}
      const template = { ...set.spec?.template, metadata: { ...set.spec?.template?.metadata, labels } }
      return entry(set, 'ReplicaSet', Number(set.metadata.annotations[REVISION]), template, set.metadata.annotations[REVISION] === current)
    })
}

async function controllerRevisions(session: Session, ref: ObjectRef, owner: Json): Promise<WorkloadRevision[]> {
  const found = await owned(session, ref, owner, 'controllerrevisions')
  // The controller gives the revision that it brings about the highest number.
  const current = Math.max(...found.map((r) => r.revision ?? 0))
  return found.map((r) => {
    // The data is a strategic merge patch that replaces the template.
    const { $patch: _, ...template } = (r.data?.spec?.template ?? {}) as Json
    return entry(r, 'ControllerRevision', r.revision ?? 0, template, r.revision === current)
  })
}

function entry(object: Json, kind: WorkloadRevision['kind'], revision: number, template: Json, current: boolean): WorkloadRevision {
  const cause = object.metadata?.annotations?.[CAUSE]
  return {
    revision,
    kind,
    ref: {
      group: 'apps',
      version: 'v1',
      resource: kind === 'ReplicaSet' ? 'replicasets' : 'controllerrevisions',
      namespace: object.metadata?.namespace,
      name: object.metadata?.name,
    },
    created: Date.parse(object.metadata?.creationTimestamp ?? '') || 0,
    ...(cause ? { cause } : {}),
    images: (template.spec?.containers ?? []).map((c: Json) => c.image),
    current,
    template,
  }
}

/** A LabelSelector as the query parameter. */
function selector(s: Json): string {
  const parts = Object.entries((s?.matchLabels ?? {}) as Record<string, string>).map(([k, v]) => `${k}=${v}`)
  for (const e of (s?.matchExpressions ?? []) as { key: string; operator: string; values?: string[] }[]) {
    if (e.operator === 'Exists') parts.push(e.key)
    else if (e.operator === 'DoesNotExist') parts.push(`!${e.key}`)
    else parts.push(`${e.key} ${e.operator === 'In' ? 'in' : 'notin'} (${(e.values ?? []).join(',')})`)
  }
  return parts.join(',')
}
