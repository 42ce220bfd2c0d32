/** Events, newest first by when they were seen last. */
import { eventRow } from '../session/object-stream.js'
import { namespaceColumn, type Json, type ListKind } from './kind.js'

export const events: ListKind = {
  group: '',
  resource: 'events',
  columns: [
    { id: 'type', title: 'Type', type: 'status', width: 90 },
    { id: 'lastSeen', title: 'Last seen', type: 'age', width: 84, align: 'right', stays: 'always' },
    { id: 'reason', title: 'Reason', type: 'text', width: 160, stays: 'always' },
    { id: 'object', title: 'Object', type: 'text', width: 240, stays: 'always' },
    { id: 'message', title: 'Message', type: 'text', width: 420, stays: 'always' },
    { id: 'source', title: 'Source', type: 'text', width: 150 },
    { id: 'count', title: 'Count', type: 'number', width: 64, align: 'right' },
    { id: 'firstSeen', title: 'First seen', type: 'age', width: 84, align: 'right', wide: true },
    { id: 'part', title: 'Part', type: 'text', width: 150, wide: true },
    { id: 'node', title: 'Node', type: 'text', width: 130, wide: true },
    namespaceColumn,
    { id: 'name', title: 'Name', type: 'text', width: 260, wide: true },
  ],
  cells: (o: Json) => {
    const e = eventRow(o)
    const on = o.involvedObject ?? o.regarding ?? {}
    return [
      { text: e.type, tone: e.type === 'Warning' ? 'warn' : 'ok' },
      e.last || null,
      e.reason,
      on.kind ? `${String(on.kind).toLowerCase()}/${on.name ?? ''}` : '',
      e.message,
      e.source,
      e.count,
      e.first || null,
      on.fieldPath ?? '',
      o.source?.host || (on.kind === 'Node' ? on.name : '') || '',
      o.metadata?.namespace ?? '',
      o.metadata?.name ?? '',
    ]
  },
}
