/** Events, and why a pod is on its node or on none. */
import { objectYaml } from '../../apply/objects.js'
import type { Json } from '../../kinds/kind.js'
import { eventRow } from '../../session/object-stream.js'
import { collectionPath, query } from '../../session/paths.js'
import type { Session } from '../../session/session.js'
import { kindNamed } from '../kinds.js'
import { part, table } from '../text.js'
import { contextParameter, objectNamespace, type Tool } from '../tool.js'

/** The most events that are read to find the latest. */
const MOST_READ = 2000

interface Wanted {
  namespace?: string | undefined
  kind?: string | undefined
  name?: string | undefined
  type?: string | undefined
}

/** Events as lines, the latest last, and how many there were. */
async function readEvents(session: Session, wanted: Wanted, limit: number, signal: AbortSignal): Promise<string | undefined> {
  const fieldSelector = [
    wanted.kind ? `involvedObject.kind=${wanted.kind}` : '',
    wanted.name ? `involvedObject.name=${wanted.name}` : '',
    wanted.type ? `type=${wanted.type}` : '',
  ]
    .filter(Boolean)
    .join(',')
  const path = collectionPath({ group: '', version: 'v1', resource: 'events' }, wanted.namespace)
  const body = await (await session.api()).json<Json>(path + query({ fieldSelector, limit: MOST_READ }), { signal })
  const rows = ((body.items ?? []) as Json[]).map((e) => ({ ...eventRow(e), of: e.involvedObject ?? {} })).sort((a, b) => a.last - b.last)
  if (!rows.length) return undefined
  const shown = rows.slice(-limit)
  const text = table(
    ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'COUNT', 'MESSAGE'],
    shown.map((e) => [
      e.last ? new Date(e.last).toISOString() : '',
      e.type,
      e.reason,
      `${String(e.of.kind).toLowerCase()}/${e.of.name}${wanted.namespace || !e.of.namespace ? '' : ` in ${e.of.namespace}`}`,
      e.count,
      e.message,
    ]),
  )
  const earlier = rows.length - shown.length
  const notes = [
    earlier ? `${earlier} earlier ones are left out: ask with a larger limit.` : '',
    body.metadata?.continue ? `Only ${MOST_READ} events were looked at: choose a namespace, or an object.` : '',
  ].filter(Boolean)
  return notes.length ? `${text}\n[${notes.join(' ')}]` : text
}

interface EventParameters extends Wanted {
  context: string
  limit?: number
}

export const events: Tool<EventParameters> = {
  name: 'events',
  title: 'Events',
  description: 'The latest events of an object, of a namespace or of the whole cluster, the newest at the end.',
  effect: 'reads',
  parameters: {
    context: contextParameter,
    namespace: { type: 'string', description: 'Only of this namespace; of all namespaces when left out.' },
    kind: { type: 'string', minLength: 1, description: 'Only of objects of this kind.' },
    name: { type: 'string', minLength: 1, description: 'Only of the object of this name.' },
    type: { type: 'string', enum: ['Normal', 'Warning'], description: 'Only events of this type.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 50, description: 'The most events of the answer.' },
  },
  required: ['context'],
  run: (p, { clusters, signal }) =>
    clusters.use(p.context, async (session) => {
      const kind = p.kind === undefined ? undefined : (await kindNamed(session, p.kind)).kind
      const found = await readEvents(session, { ...p, kind }, p.limit ?? 50, signal)
      return found === undefined ? 'No events found.' : part(found)
    }),
}

export const whyNode: Tool<{ context: string; namespace?: string; pod: string }> = {
  name: 'why_node',
  title: 'Why a pod is on its node',
  description:
    "Why a pod is on its node, or on none: in Drydock's embedded clusters what each plugin of the scheduler said of each node, elsewhere the scheduler's events.",
  effect: 'reads',
  parameters: {
    context: contextParameter,
    namespace: objectNamespace,
    pod: { type: 'string', minLength: 1, description: 'Name of the pod.' },
  },
  required: ['context', 'pod'],
  run: ({ context, pod, namespace: given }, { clusters, signal }) =>
    clusters.use(context, async (session) => {
      const namespace = given || clusters.namespaceOf(context)
      const decisions = (await session.kinds()).find((k) => k.group === 'drydock.dev' && k.resource === 'schedulingdecisions')
      if (decisions) return part(await objectYaml(session, { ...decisions, namespace, name: pod }))
      return (await readEvents(session, { namespace, kind: 'Pod', name: pod }, 50, signal)) ?? 'No events of this pod are kept any more.'
    }),
}
