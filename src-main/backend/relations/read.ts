/** Reads the objects of namespaces, a few kinds at once, and tells how they hang together. */
import { toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { KindInfo, RelationGraph } from '../rpc/contract.js'
import { collectionPath, query, resourceKey } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { relate, type Listed } from './relate.js'

/** The kinds of a map, as `resource.group`. */
const MAPPED = [
  'ingresses.networking.k8s.io',
  'services',
  'horizontalpodautoscalers.autoscaling',
  'poddisruptionbudgets.policy',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'replicationcontrollers',
  'cronjobs.batch',
  'jobs.batch',
  'pods',
  'persistentvolumeclaims',
  'configmaps',
  'secrets',
]
/** Of these only metadata is read: no value of a Secret leaves the server for a map. */
const METADATA_ONLY = new Set(['configmaps', 'secrets'])
const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'
/** The most objects of one kind and namespace that are read: a map of more says nothing to a person. */
const MOST = 500

/** @param namespaces all of them when there are none */
export async function readRelations(session: Session, namespaces: readonly string[] = []): Promise<RelationGraph> {
  const { lists, kinds, cut, forbidden } = await readLists(session, namespaces, MOST)
  return { ...relate(lists, kinds), cut, forbidden }
}

/** What was read of each kind that hangs together with others. */
export interface ReadLists {
  lists: Listed[]
  /** All kinds of the cluster. */
  kinds: KindInfo[]
  /** Names of kinds of which there are more than were read, and of those that may not be listed. */
  cut: string[]
  forbidden: string[]
}

/**
 * Reads the objects themselves, of ConfigMaps and Secrets metadata alone.
 * @param most the most objects of one kind and namespace
 */
export async function readLists(session: Session, namespaces: readonly string[], most: number): Promise<ReadLists> {
  const kinds = await session.kinds()
  const mapped = kinds.filter((k) => MAPPED.includes(resourceKey(k)) && k.verbs.includes('list'))
  const cut: string[] = []
  const forbidden: string[] = []
  const lists = await Promise.all(
    mapped.map(async (kind): Promise<Listed> => {
      const parts = await Promise.all((namespaces.length ? namespaces : [undefined]).map((n) => readSome(session, kind, n, most)))
      if (parts.some((p) => p.forbidden)) forbidden.push(kind.kind)
      if (parts.some((p) => p.more)) cut.push(kind.kind)
      return { kind, objects: parts.flatMap((p) => p.items), whole: !parts.some((p) => p.forbidden || p.more) }
    }),
  )
  return { lists, kinds, cut: cut.sort(), forbidden: forbidden.sort() }
}

async function readSome(
  session: Session,
  kind: KindInfo,
  namespace: string | undefined,
  most: number,
): Promise<{ items: Json[]; more?: boolean; forbidden?: boolean }> {
  try {
    const api = await session.api()
    const list = await api.json<{ items?: Json[]; metadata?: { continue?: string } }>(
      collectionPath(kind, namespace) + query({ limit: most }),
      METADATA_ONLY.has(kind.resource) ? { accept: METADATA } : {},
    )
    return { items: list.items ?? [], more: Boolean(list.metadata?.continue) }
  } catch (error) {
    if (toRpcError(error).code === 403) return { items: [], forbidden: true }
    throw error
  }
}
