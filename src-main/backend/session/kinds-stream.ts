/**
 * The `kinds` stream: the kinds of a cluster, again whenever they have changed. What brings and takes kinds are
 * CustomResourceDefinitions and APIServices, so these are watched, whoever makes them.
 */
import type { Json } from '../kinds/kind.js'
import type { KindInfo } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { Session } from './session.js'

const SOURCES = [
  { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
  { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' },
]
/** After the last change, ms: many come at once, and a server lists a new kind a little after its definition is established. */
const LOOKS = [300, 2_000, 8_000]
/** How often whoever may not watch these asks instead, ms. */
const ASK_EVERY = 60_000

/** What of a definition or an APIService the kinds depend on: status that keeps changing without meaning anything does not count. */
function meaning(object: Json): string {
  const conditions = ((object.status?.conditions ?? []) as { type: string; status: string }[]).map((c) => `${c.type}=${c.status}`)
  return [object.metadata.uid, object.metadata.generation, Boolean(object.metadata.deletionTimestamp), ...conditions].join(' ')
}

/** Emits the kinds now and after each change, until the stream ends. */
export function streamKinds(session: Session, stream: StreamContext<'kinds'>): void {
  let told = ''
  let timers: NodeJS.Timeout[] = []
  const forbidden = new Set<string>()

  const look = async (fresh: boolean): Promise<void> => {
    let kinds: KindInfo[]
    try {
      kinds = await session.kinds(fresh)
    } catch {
      // The connection's own state says why; the kinds are read again when it is back.
      return
    }
    const key = JSON.stringify(kinds)
    if (key === told || stream.signal.aborted) return
    told = key
    stream.emit(kinds)
  }
  const lookSoon = (): void => {
    timers.forEach(clearTimeout)
    timers = LOOKS.map((after) => setTimeout(() => void look(true), after).unref())
  }

  const stops = SOURCES.map((resource) => {
    const known = new Map<string, string>()
    let listed = false
    return session.watches.subscribe<{ id: string; meaning: string }>(
      {
        resource,
        projection: 'kind-source',
        project: (object) => ({ id: object.metadata.uid ?? '', meaning: meaning(object as Json) }),
      },
      {
        reset: () => known.clear(),
        changes: (upserts, removes) => {
          const news = upserts.filter((u) => known.get(u.id) !== u.meaning).length + removes.filter((id) => known.delete(id)).length
          for (const u of upserts) known.set(u.id, u.meaning)
          if (listed && news) lookSoon()
        },
        listed: () => {
          // After a relist something may have come and gone unseen.
          if (listed) lookSoon()
          listed = true
        },
        state: (phase) => {
          if (phase === 'forbidden') forbidden.add(resource.resource)
          else forbidden.delete(resource.resource)
        },
      },
    )
  })
  const asking = setInterval(() => void (forbidden.size && session.state.phase === 'live' && look(true)), ASK_EVERY).unref()
  // A server that came back may have other kinds than before.
  const stopListening = session.listen(({ phase }) => {
    if (phase === 'live') void look(false)
  })
  const stop = (): void => {
    stopListening()
    clearInterval(asking)
    timers.forEach(clearTimeout)
    stops.forEach((s) => s())
  }
  if (stream.signal.aborted) stop()
  else stream.signal.addEventListener('abort', stop, { once: true })
}
