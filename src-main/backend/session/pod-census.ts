/** Which pods there are on a node and in a namespace, and which use a claim, a Secret or a ConfigMap: for columns of lists of those. */
import type { Json } from '../kinds/kind.js'
import { usedBy } from '../relations/used-by.js'
import type { Session } from './session.js'

/** What pods are counted by. */
export type CensusOf = 'nodes' | 'namespaces' | 'persistentvolumeclaims' | 'secrets' | 'configmaps'

/** What is kept of a pod. */
interface Counted {
  id: string
  name: string
  /** Where it counts: see {@link placeOf}. */
  places: string[]
}

const PODS = { group: '', version: 'v1', resource: 'pods' }
/** Pods come and go in bursts: what changed is told this long after, ms. */
const TELL_AFTER = 500

/** An object that pods are counted by, as one word. */
export const placeOf = (of: CensusOf, namespace: string, name: string): string => `${of}/${namespace}/${name}`

function count(pod: Json): Counted {
  const { uid, name = '', namespace = '' } = pod.metadata ?? {}
  const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  return {
    id: uid ?? `${namespace}/${name}`,
    name,
    places: [
      placeOf('namespaces', '', namespace),
      // A pod that is over takes nothing of its node any more.
      ...(pod.spec?.nodeName && !over ? [placeOf('nodes', '', pod.spec.nodeName)] : []),
      ...usedBy(pod).map((used) => placeOf(used.key, namespace, used.name)),
    ],
  }
}

/** Counts the pods of a session, kept up to date until it is closed. */
export class PodCensus {
  private readonly pods = new Map<string, Counted>()
  private readonly byPlace = new Map<string, Map<string, string>>()
  /** Counted up whenever a place gets or loses a pod. */
  private readonly turns = new Map<string, number>()
  private readonly stops: (() => void)[]
  private listed = 0
  private timer: NodeJS.Timeout | undefined

  /** @param onChange told a moment after something has changed */
  constructor(
    session: Session,
    private readonly namespaces: readonly (string | undefined)[],
    private readonly onChange: () => void,
  ) {
    this.stops = namespaces.map((namespace) =>
      session.watches.subscribe<Counted>(
        { resource: PODS, ...(namespace ? { namespace } : {}), projection: 'census', project: count },
        {
          changes: (upserts, removes) => {
            for (const pod of upserts) this.put(pod)
            for (const id of removes) this.drop(id)
            this.tell()
          },
          listed: () => {
            this.listed++
            this.tell()
          },
        },
      ),
    )
  }

  /** The names of the pods of a place; undefined until all pods have been listed, or when they may not be. */
  of(place: string): string[] | undefined {
    if (this.listed < this.namespaces.length) return undefined
    return [...(this.byPlace.get(place)?.values() ?? [])]
  }

  /** What tells whether a place has other pods than before; undefined as {@link of}. */
  turn(place: string): number | undefined {
    return this.listed < this.namespaces.length ? undefined : (this.turns.get(place) ?? 0)
  }

  close(): void {
    for (const stop of this.stops) stop()
    clearTimeout(this.timer)
  }

  private tell(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.onChange()
    }, TELL_AFTER).unref()
  }

  private put(pod: Counted): void {
    const before = this.pods.get(pod.id)
    if (before && before.places.join() === pod.places.join()) return
    this.drop(pod.id)
    this.pods.set(pod.id, pod)
    for (const place of pod.places) {
      this.turned(place)
      const known = this.byPlace.get(place)
      if (known) known.set(pod.id, pod.name)
      else this.byPlace.set(place, new Map([[pod.id, pod.name]]))
    }
  }

  private drop(id: string): void {
    const pod = this.pods.get(id)
    if (!pod) return
    this.pods.delete(id)
    for (const place of pod.places) {
      this.turned(place)
      const left = this.byPlace.get(place)
      left?.delete(id)
      if (left?.size === 0) this.byPlace.delete(place)
    }
  }

  private turned(place: string): void {
    this.turns.set(place, (this.turns.get(place) ?? 0) + 1)
  }
}
