/** The pods of a session by where they count: what is kept of each, for columns of lists of what has pods. */
import type { Json } from '../kinds/kind.js'
import type { Session } from './session.js'

/** What is kept of a pod. */
export interface PlacedPod<T> {
  id: string
  /** Where it counts, each one word. */
  places: readonly string[]
  what: T
  /** Another word whenever `what` says something else. */
  mark: string
}

const PODS = { group: '', version: 'v1', resource: 'pods' }
/** Pods come and go in bursts: what changed is told this long after, ms. */
const TELL_AFTER = 500

/** Kept up to date until it is closed. */
export class PodsByPlace<T> {
  private readonly pods = new Map<string, PlacedPod<T>>()
  private readonly byPlace = new Map<string, Map<string, T>>()
  /** Counted up whenever a place gets or loses a pod, or one of its pods changes. */
  private readonly turns = new Map<string, number>()
  private readonly stops: (() => void)[]
  private listed = 0
  private timer: NodeJS.Timeout | undefined

  /**
   * @param projection tells apart what is kept of pods
   * @param onChange told a moment after something has changed
   */
  constructor(
    session: Session,
    private readonly namespaces: readonly (string | undefined)[],
    projection: string,
    project: (pod: Json) => PlacedPod<T>,
    private readonly onChange: () => void,
  ) {
    this.stops = namespaces.map((namespace) =>
      session.watches.subscribe<PlacedPod<T>>(
        { resource: PODS, ...(namespace ? { namespace } : {}), projection, project },
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

  /** What is kept of the pods of a place; undefined until all pods have been listed, or when they may not be. */
  of(place: string): T[] | undefined {
    if (this.listed < this.namespaces.length) return undefined
    return [...(this.byPlace.get(place)?.values() ?? [])]
  }

  /** What tells whether {@link of} would give something else than before; undefined as there. */
  turn(place: string): number | undefined {
    return this.listed < this.namespaces.length ? undefined : (this.turns.get(place) ?? 0)
  }

  close(): void {
    for (const stop of this.stops) stop()
    clearTimeout(this.timer)
  }

  /** Has it told a moment later that something has changed. */
  tell(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.onChange()
    }, TELL_AFTER).unref()
  }

  private put(pod: PlacedPod<T>): void {
    const before = this.pods.get(pod.id)
    if (before && before.mark === pod.mark && before.places.join() === pod.places.join()) return
    this.drop(pod.id)
    this.pods.set(pod.id, pod)
    for (const place of pod.places) {
      this.turned(place)
      const known = this.byPlace.get(place)
      if (known) known.set(pod.id, pod.what)
      else this.byPlace.set(place, new Map([[pod.id, pod.what]]))
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
