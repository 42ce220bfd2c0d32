/** Applies the documents of a text: what others need first, one result for each. And tells beforehand what that would change. */
import { setTimeout as wait } from 'node:timers/promises'
import { jsonText } from '../../exact-json.js'
import { BackendError, toRpcError, problem } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { Calls, DocumentPreview, DocumentResult, KindInfo, ObjectRef } from '../rpc/contract.js'
import type { ApiConnection } from '../session/connection.js'
import { withoutManagedFields } from '../session/object-stream.js'
import { collectionPath, objectPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { compareResources } from './kustomize/order.js'
import { gvkOf } from './kustomize/resource.js'
import { fromYaml, toYaml } from './yaml.js'

/** The name under which server-side apply keeps what this app manages. */
export const MANAGER = 'drydock'
/** How long a new CustomResourceDefinition may take until its objects can be made, ms. */
const ESTABLISHED_WITHIN = 15_000

interface Document {
  index: number
  object: Json
}

/** The documents of a text in the order in which they can be applied. A List counts as what is in it. Throws when there is none. */
export function orderedDocuments(yaml: string): Document[] {
  const documents = fromYaml(yaml).flatMap((object, index): Document[] =>
    object.kind === 'List' && Array.isArray(object.items)
      ? (object.items as Json[]).map((item) => ({ index, object: item }))
      : [{ index, object }],
  )
  if (!documents.length) throw problem('Invalid', 'noDocument')
  // A stable sort by kind only: documents of one kind stay in the order in which they were written.
  const byKind = (d: Document): Json => ({ kind: rankable(d.object) })
  return documents.sort((a, b) => compareResources(byKind(a), byKind(b)))
}

/** Kinds without a place of their own are all the same to the order. */
const rankable = (object: Json): string => {
  const kind = String(object?.kind ?? '')
  return compareResources({ kind }, { kind: '~' }) < 0 && compareResources({ kind }, { kind: '!' }) > 0 ? '~' : kind
}

/** What a set of documents brings along for its other documents. */
interface Brought {
  namespaces: Set<string>
  kinds: KindInfo[]
}

function brought(documents: readonly Document[]): Brought {
  const of = (kind: string): Json[] => documents.map((d) => d.object).filter((o) => o.kind === kind)
  return {
    namespaces: new Set(of('Namespace').map((o) => String(o.metadata?.name))),
    kinds: of('CustomResourceDefinition').flatMap((crd) =>
      ((crd.spec?.versions ?? []) as Json[]).map((v) => ({
        group: String(crd.spec.group),
        version: String(v.name),
        resource: String(crd.spec.names?.plural),
        kind: String(crd.spec.names?.kind),
        namespaced: crd.spec.scope === 'Namespaced',
        verbs: [],
        shortNames: [],
        categories: [],
      })),
    ),
  }
}

/** The address of a document's object, by its apiVersion and kind. Without a name, that of its collection: `name` is empty. */
async function locate(session: Session, object: Json, namespace: string | undefined, with_: Brought): Promise<ObjectRef> {
  const { apiVersion, kind } = object
  if (!apiVersion || !kind) throw problem('Invalid', 'fieldMissing', { field: !apiVersion ? 'apiVersion' : 'kind' })
  if (!object.metadata?.name && !object.metadata?.generateName)
    throw new BackendError({
      reason: 'Invalid',
      message: 'resource name may not be empty',
      causes: [{ field: 'metadata.name', message: 'Required value: name or generateName is required', reason: 'FieldValueRequired' }],
    })
  const { group, version } = gvkOf(object)
  const isIt = (k: KindInfo): boolean => k.group === group && k.kind === kind
  const info = with_.kinds.find(isIt) ?? (await session.kinds()).find(isIt) ?? (await session.kinds(true)).find(isIt)
  if (!info) throw new BackendError({ reason: 'NotFound', message: `no matches for kind "${kind}" in version "${apiVersion}"` })
  const ns = info.namespaced ? object.metadata.namespace || namespace || 'default' : undefined
  return { group, version, resource: info.resource, name: object.metadata.name ?? '', ...(ns ? { namespace: ns } : {}) }
}

const missing = async (found: Promise<Json>): Promise<Json | undefined> => {
  try {
    return await found
  } catch (error) {
    if (toRpcError(error).code === 404) return undefined
    throw error
  }
}

/** What the object is and what applying makes of it; `after` only on paper in a dry run. */
async function applyOne(
  api: ApiConnection,
  ref: ObjectRef,
  object: Json,
  { dryRun, force }: { dryRun?: boolean | undefined; force?: boolean | undefined },
): Promise<{ before: Json | undefined; after: Json }> {
  const options = { fieldManager: MANAGER, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined }
  const body = jsonText(object)
  if (!ref.name)
    return {
      before: undefined,
      after: await api.json<Json>(collectionPath(ref, ref.namespace) + query(options), { method: 'POST', body, exact: true }),
    }
  const path = objectPath(ref)
  const before = await missing(api.json<Json>(path, { exact: true }))
  const after = await api.json<Json>(path + query({ ...options, force: force ? 'true' : undefined }), {
    method: 'PATCH',
    contentType: 'application/apply-patch+yaml',
    body,
    exact: true,
  })
  return { before, after }
}

/** Waits until the objects of a new CustomResourceDefinition can be made. What goes wrong is left to them to tell. */
async function established(api: ApiConnection, ref: ObjectRef): Promise<void> {
  const until = Date.now() + ESTABLISHED_WITHIN
  while (Date.now() < until) {
    const crd = await missing(api.json<Json>(objectPath(ref)))
    if (((crd?.status?.conditions ?? []) as Json[]).some((c) => c.type === 'Established' && c.status === 'True')) return
    await wait(100)
  }
}

/** Which of what a document needs, and the same text brings, is not there yet: that makes a dry run of it impossible. */
function waitsFor(error: unknown, ref: ObjectRef, with_: Brought): DocumentResult['waits'] {
  const { code, message } = toRpcError(error)
  if (code !== 404) return undefined
  if (ref.namespace && with_.namespaces.has(ref.namespace) && message.includes(`namespaces "${ref.namespace}" not found`))
    return 'namespace'
  return with_.kinds.some((k) => k.group === ref.group && k.resource === ref.resource) ? 'definition' : undefined
}

type Outcome = DocumentResult & { before?: Json; after?: Json }

async function applyAll(session: Session, p: Parameters<Calls['objects.apply']>[0], showBothSides = false): Promise<Outcome[]> {
  const api = await session.api()
  const documents = orderedDocuments(p.yaml)
  const with_ = brought(documents)
  const results: Outcome[] = []
  for (const { index, object } of documents) {
    if (p.only && !p.only.includes(index)) continue
    const kind = String(object?.kind ?? '')
    const ref: ObjectRef = { group: '', version: '', resource: '', name: String(object?.metadata?.name ?? '') }
    const result = { document: index, kind, ref }
    try {
      Object.assign(ref, await locate(session, object, p.namespace, with_))
      const { before, after } = await applyOne(api, ref, object, p)
      ref.name ||= String(after.metadata?.name ?? '')
      const same = before && jsonText(withoutServerFields(before)) === jsonText(withoutServerFields(after))
      results.push({ ...result, action: !before ? 'created' : same ? 'unchanged' : 'configured', ...(before ? { before } : {}), after })
      if (kind === 'CustomResourceDefinition' && !p.dryRun) await established(api, ref)
    } catch (error) {
      const waits = p.dryRun ? waitsFor(error, ref, with_) : undefined
      // Both sides of a conflict: what is there, and what taking over would make of it.
      if (showBothSides && toRpcError(error).reason === 'Conflict') {
        const { before, after } = await applyOne(api, ref, object, { dryRun: true, force: true }).catch(() => ({
          before: undefined,
          after: undefined,
        }))
        results.push({ ...result, action: 'failed', error: toRpcError(error), ...(before ? { before } : {}), ...(after ? { after } : {}) })
        continue
      }
      results.push(waits ? { ...result, action: 'created', waits } : { ...result, action: 'failed', error: toRpcError(error) })
    }
  }
  return results
}

/** Applies documents one after the other with server-side apply; one that fails does not stop the rest. */
export async function applyDocuments(session: Session, p: Parameters<Calls['objects.apply']>[0]): Promise<DocumentResult[]> {
  return (await applyAll(session, p)).map(({ before: _b, after: _a, ...result }) => result)
}

/** What applying would change, by a dry run on the server. */
export async function previewDocuments(session: Session, p: Parameters<Calls['objects.preview']>[0]): Promise<DocumentPreview[]> {
  const written = fromYaml(p.yaml)
  return (await applyAll(session, { ...p, dryRun: true }, true)).map(({ before, after, ...result }) => {
    const next = after ?? (result.waits ? written[result.document] : undefined)
    const [live, merged] = masked(before && withoutServerFields(before), next && withoutServerFields(next))
    return { ...result, live: live ? toYaml(live) : '', merged: merged ? toYaml(merged) : '' }
  })
}

function withoutServerFields(object: Json): Json {
  const { status: _s, ...rest } = withoutManagedFields(object)
  const { resourceVersion: _r, generation: _g, uid: _u, creationTimestamp: _c, selfLink: _l, ...metadata } = rest.metadata ?? {}
  return { ...rest, metadata }
}

/** Values of Secrets do not show: `***`, or which side they are of where they differ, as `kubectl diff` has it. */
function masked(live: Json | undefined, merged: Json | undefined): [Json | undefined, Json | undefined] {
  if ((live ?? merged)?.kind !== 'Secret') return [live, merged]
  const side = (one: Json | undefined, other: Json | undefined, word: string): Json | undefined => {
    if (!one) return undefined
    const out = { ...one }
    for (const field of ['data', 'stringData'])
      if (one[field])
        out[field] = Object.fromEntries(
          Object.entries(one[field] as Record<string, unknown>).map(([k, v]) => [
            k,
            other?.[field]?.[k] === undefined || other[field][k] === v ? '***' : `*** (${word})`,
          ]),
        )
    return out
  }
  return [side(live, merged, 'before'), side(merged, live, 'after')]
}
