/** The last Warning event of each object, for marks on rows: one watch of warnings for all lists of a namespace. */
import type { Json } from '../kinds/kind.js'
import type { RowWarning } from '../rpc/contract.js'
import { eventRow } from './object-stream.js'
import type { Session } from './session.js'

interface Warning extends RowWarning {
  /** The event. */
  id: string
  /** The object's uid; the name of a node, because kubelets put that into the uid. */
  object: string
}

const EVENTS = { group: '', version: 'v1', resource: 'events' }

function warningOf(event: Json): Warning {
  const { id, reason, message, count, last } = eventRow(event)
  const on = event.involvedObject ?? {}
  return { id, object: on.kind === 'Node' ? on.name : (on.uid ?? ''), reason, message, count, last }
}

/** Warnings by object, kept up to date until it is closed. */
export class RowWarnings {
  private readonly byObject = new Map<string, Map<string, Warning>>()
  private readonly objects = new Map<string, string>()
  private readonly stops: (() => void)[]

  /** @param onChange told after each change, with the objects whose warnings it is about */
  constructor(session: Session, namespaces: readonly (string | undefined)[], onChange: (objects: ReadonlySet<string>) => void) {
    this.stops = namespaces.map((namespace) =>
      session.watches.subscribe<Warning>(
        {
          resource: EVENTS,
          ...(namespace ? { namespace } : {}),
          fieldSelector: 'type=Warning',
          projection: 'warning',
          project: warningOf,
        },
        {
          changes: (upserts, removes) => {
            const touched = new Set<string>()
            for (const w of upserts) touched.add(this.put(w))
            for (const id of removes) touched.add(this.drop(id))
            onChange(touched)
          },
        },
      ),
    )
  }

  /** The last warning about an object, by uid (of a node by name). */
  of(object: string): RowWarning | undefined {
    const all = this.byObject.get(object)
    if (!all) return undefined
    const { reason, message, count, last } = [...all.values()].reduce((a, b) => (b.last >= a.last ? b : a))
    return { reason, message, count, last }
  }

  close(): void {
    for (const stop of this.stops) stop()
  }

  private put(w: Warning): string {
    const known = this.byObject.get(w.object)
    if (known) known.set(w.id, w)
    else this.byObject.set(w.object, new Map([[w.id, w]]))
    this.objects.set(w.id, w.object)
    return w.object
  }

  private drop(id: string): string {
    const object = this.objects.get(id) ?? ''
    this.objects.delete(id)
    const left = this.byObject.get(object)
    left?.delete(id)
    if (left?.size === 0) this.byObject.delete(object)
    return object
  }
}
