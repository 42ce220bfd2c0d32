import { onScopeDispose, watch } from 'vue'
import type { ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { objectLocation, targetOf } from '../actions/run.js'
import { errorText } from '../app/error-text.js'
import { i18n } from '../app/i18n/i18n.js'
import { resourceRef } from '../app/routes.js'
import { plainText } from '../components/table-cell.js'
import { useContexts } from './contexts.js'
import { ListFeed } from './list-feed.js'
import { useNotices, type News } from './notices.js'
import { useSettings } from './settings.js'

/** What a Warning event says, in news: events of one reason, namespace and kind of object are one. */
export function newsOf(context: string, row: Row, columns: readonly ColumnInfo[]): News {
  const cell = (id: string): string => {
    const index = columns.findIndex((c) => c.id === id)
    return index < 0 ? '' : plainText(row.cells[index] ?? null, columns[index]!)
  }
  const [reason, object, message] = [cell('reason'), cell('object'), cell('message')]
  const [word = '', name] = object.split('/')
  const kind = useContexts()
    .kinds(context)
    .find((k) => k.kind.toLowerCase() === word)
  const target =
    kind && name
      ? targetOf(context, {
          kind: kind.kind,
          apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version,
          name,
          ...(kind.namespaced ? { namespace: row.namespace } : {}),
        })
      : undefined
  return {
    key: ['warning', context, reason, row.namespace, word].join('\n'),
    tone: 'warn',
    text: () => `${reason} · ${object}`,
    detail: () => message,
    context,
    ...(target ? { to: objectLocation(target) } : {}),
  }
}

/** Tells of connections that are lost and come back, and of warnings in the clusters that are open, from now on. */
export function useClusterNews(): void {
  const contexts = useContexts()
  const notices = useNotices()
  const settings = useSettings()
  const { t } = i18n.global

  const phases = new Map<string, string>()
  watch(
    () => [...contexts.open].map(([id, o]) => ({ id, phase: o.connection.phase, error: o.connection.error })),
    (now) => {
      for (const { id, phase, error } of now) {
        const before = phases.get(id)
        const name = contexts.title(id)
        if (phase === 'stale' && before === 'live')
          notices.add({
            tone: 'bad',
            text: () => t('notices.lost', { name }),
            detail: error && (() => errorText(error)),
            context: id,
            key: `lost ${id}`,
          })
        else if (phase === 'live' && before === 'stale')
          notices.add({ tone: 'ok', text: () => t('notices.back', { name }), context: id, key: `back ${id}` })
        if (phase === 'live' || phase === 'stale') phases.set(id, phase)
      }
    },
  )

  const feeds = new Map<string, ListFeed>()
  const close = (id: string): void => {
    feeds.get(id)?.close()
    feeds.delete(id)
  }
  function follow(id: string): void {
    const kind = contexts.kind(id, 'events')
    if (!kind) return
    const namespaces = settings.value.clusters?.[id]?.namespaces
    let columns: ColumnInfo[] = []
    // What is there already is no news.
    let known = false
    const params = {
      context: id,
      resource: resourceRef(kind),
      fieldSelector: 'type=Warning',
      ...(namespaces?.length ? { namespaces } : {}),
    }
    feeds.set(
      id,
      new ListFeed(params, {
        columns: (now) => (columns = now),
        snapshot: () => (known = false),
        changes: (upserts) => {
          if (known && upserts.length) notices.add(...upserts.map((row) => newsOf(id, row, columns)))
        },
        state: ({ phase, more }) => {
          if (phase === 'live' && !more) known = true
        },
      }),
    )
  }
  watch(
    () =>
      settings.value.notify?.warnings === false ? '' : [...contexts.open.keys()].filter((id) => contexts.kind(id, 'events')).join('\n'),
    (text) => {
      const wanted = new Set(text ? text.split('\n') : [])
      for (const id of feeds.keys()) if (!wanted.has(id)) close(id)
      for (const id of wanted) if (!feeds.has(id)) follow(id)
    },
    { immediate: true },
  )
  onScopeDispose(() => [...feeds.keys()].forEach(close))
}
