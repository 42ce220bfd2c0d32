/** Images that are in use or at hand: on nodes, in pods, and in the revisions of a workload. */
import { workloadRevisions } from '../apply/revisions.js'
import type { Json } from '../kinds/kind.js'
import type { ObjectRef } from '../rpc/contract.js'
import { collectionPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { readImage } from './reference.js'

/** As many nodes and pods are looked at. */
const MOST = 500

/**
 * The images that an object's containers may be given, by name: what its earlier revisions had, what pods of its namespace run and what
 * nodes have pulled. What may not be read is left out.
 */
export async function knownImages(session: Session, ref: ObjectRef): Promise<string[]> {
  const api = await session.api()
  const list = async (resource: string, namespace?: string): Promise<Json[]> =>
    (await api.json<{ items?: Json[] }>(collectionPath({ group: '', version: 'v1', resource }, namespace) + query({ limit: MOST })))
      .items ?? []
  const sources = [
    ['deployments', 'statefulsets', 'daemonsets'].includes(ref.resource)
      ? workloadRevisions(session, ref).then((all) => all.flatMap((r) => imagesOf(r.template.spec)))
      : Promise.resolve([]),
    list('pods', ref.namespace).then((pods) => pods.flatMap((pod) => imagesOf(pod.spec))),
    list('nodes').then((nodes) => nodes.flatMap((n) => (n.status?.images ?? []).flatMap((i: Json) => i.names ?? []))),
  ]
  const names = (await Promise.allSettled(sources)).flatMap((s): string[] => (s.status === 'fulfilled' ? s.value : []))
  const known = names.flatMap((name) => {
    const image = readImage(name)
    return image?.tag ? [`${image.short}:${image.tag}`] : []
  })
  return [...new Set(known)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

function imagesOf(spec: Json): string[] {
  return ['initContainers', 'containers'].flatMap((list) => (spec?.[list] ?? []).map((c: Json) => String(c.image ?? '')))
}
