/** Which pods there are on a node and in a namespace, and which use a claim, a Secret or a ConfigMap: for columns of lists of those. */
import type { Json } from '../kinds/kind.js'
import { usedBy } from '../relations/used-by.js'
import { PodsByPlace, type PlacedPod } from './pods-by-place.js'
import type { Session } from './session.js'

/** What pods are counted by. */
export type CensusOf = 'nodes' | 'namespaces' | 'persistentvolumeclaims' | 'secrets' | 'configmaps'

/** The names of pods, by what they are counted by: see {@link placeOf}. */
export type PodCensus = PodsByPlace<string>

/** An object that pods are counted by, as one word. */
export const placeOf = (of: CensusOf, namespace: string, name: string): string => `${of}/${namespace}/${name}`

function count(pod: Json): PlacedPod<string> {
  const { uid, name = '', namespace = '' } = pod.metadata ?? {}
  const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  return {
    id: uid ?? `${namespace}/${name}`,
    what: name,
    mark: '',
    places: [
      placeOf('namespaces', '', namespace),
      // A pod that is over takes nothing of its node any more.
      ...(pod.spec?.nodeName && !over ? [placeOf('nodes', '', pod.spec.nodeName)] : []),
      ...usedBy(pod).map((used) => placeOf(used.key, namespace, used.name)),
    ],
  }
}

/** Counts the pods of a session, kept up to date until it is closed. @param onChange told a moment after something has changed */
export const takeCensus = (session: Session, namespaces: readonly (string | undefined)[], onChange: () => void): PodCensus =>
  new PodsByPlace(session, namespaces, 'census', count, onChange)
