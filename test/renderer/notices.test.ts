import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { ConnectionState, KindInfo, ListParams, Row } from '../../src-main/backend/rpc/contract.js'
import { useClusterNews } from '../../src-renderer/stores/cluster-news.js'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import { useNotices } from '../../src-renderer/stores/notices.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import { useToasts } from '../../src-renderer/stores/toasts.js'
import { inScope, StreamStub } from './stream-stub.js'

const kind = (name: string, resource: string): KindInfo => ({
  kind: name,
  group: '',
  version: 'v1',
  resource,
  namespaced: true,
  verbs: ['list'],
  shortNames: [],
  categories: [],
})
const columns = ['reason', 'object', 'message'].map((id) => ({ id, title: id, type: 'text' as const }))
const event = (reason: string, object: string, message = 'why'): Row => ({
  id: `${reason} ${object}`,
  name: 'x.17',
  namespace: 'shop',
  cells: [reason, object, message],
})
let stub: StreamStub
let news: { stop: () => void }
const texts = () => useNotices().list.map((n) => `${n.text()}${n.count > 1 ? ` ×${n.count}` : ''}`)
const phase = (p: ConnectionState['phase'], message?: string) => {
  const o = useContexts().open.get('prod')!
  const error = message ? { error: { reason: 'Unreachable', message } } : {}
  useContexts().open.set('prod', { ...o, connection: { context: 'prod', phase: p, since: 0, ...error } })
}
const warnings = () => stub.of('list').find((s) => (s.params as ListParams).fieldSelector === 'type=Warning')

beforeEach(async () => {
  vi.useFakeTimers()
  stub = new StreamStub()
  setActivePinia(createPinia())
  const none = { input: () => {}, close: () => {} }
  useContexts().open.set('prod', {
    connection: { context: 'prod', phase: 'live', since: 0 },
    kinds: [kind('Event', 'events'), kind('Pod', 'pods')],
    watch: none,
    kindsWatch: none,
  })
  news = inScope(() => (useClusterNews(), {}))
  await nextTick()
})
afterEach(() => {
  news.stop()
  vi.useRealTimers()
})

describe('notifications', () => {
  it('keep what toasts have told, newest first, until they are read and cleared', () => {
    const notices = useNotices()
    useToasts().ok(() => 'Scaled')
    useToasts().failed(() => 'Delete failed', new Error('no'))
    vi.advanceTimersByTime(60_000)
    expect(notices.list.map((n) => [n.tone, n.text(), n.detail?.()])).toEqual([
      ['bad', 'Delete failed', 'no'],
      ['ok', 'Scaled', undefined],
    ])
    expect(notices.unread).toBe(1)
    notices.markRead()
    expect(notices.unread).toBe(0)
    notices.clear()
    expect(notices.list).toEqual([])
  })

  it('of the same toast are one, that happened again', () => {
    const toasts = useToasts()
    for (const text of ['Pod a deleted', 'Pod b deleted', 'Pod a deleted']) toasts.ok(() => text)
    expect(useNotices().list.map((n) => [n.text(), n.count])).toEqual([
      ['Pod a deleted', 2],
      ['Pod b deleted', 1],
    ])
  })

  it('tell of a connection that is lost and comes back, but not of how it was at first', async () => {
    phase('stale', 'connect ECONNREFUSED')
    await nextTick()
    expect(texts()).toEqual([])
    phase('live')
    await nextTick()
    phase('stale', 'connect ECONNREFUSED')
    await nextTick()
    phase('live')
    await nextTick()
    expect(texts()).toEqual(['prod is connected again ×2', 'The connection to prod is lost'])
    expect(useNotices().list[1]!.detail!()).toBe('connect ECONNREFUSED')
  })

  it('tell of warnings that come, those of one reason and kind as one, and lead to the object', () => {
    const stream = warnings()!
    stream.emit({ type: 'columns', columns })
    stream.emit({ type: 'snapshot', rows: [event('Old', 'pod/a')], complete: true, total: 1 })
    expect(texts()).toEqual([])
    stream.emit({
      type: 'changes',
      upserts: [event('BackOff', 'pod/web-1'), event('BackOff', 'pod/web-2'), event('Failed', 'ship/x')],
      removes: [],
    })
    expect(texts()).toEqual(['Failed · ship/x', 'BackOff · pod/web-2 ×2'])
    const [ship, pod] = useNotices().list
    expect(ship!.to).toBeUndefined()
    expect(pod).toMatchObject({
      tone: 'warn',
      context: 'prod',
      to: { name: 'list', params: { context: 'prod', resource: 'pods' }, query: { o: 'pods/shop/web-2' } },
    })
    expect(pod!.detail!()).toBe('why')
    // After a reconnect the list comes whole again: that is no news either.
    stream.emit({ type: 'snapshot', rows: [event('Old', 'pod/a')], complete: false, total: 2 })
    stream.emit({ type: 'more', rows: [event('Old', 'pod/b')], complete: true })
    expect(texts()).toEqual(['Failed · ship/x', 'BackOff · pod/web-2 ×2'])
  })

  it('leave warnings out, and their watch, where a person wants none', async () => {
    expect(warnings()).toBeDefined()
    useSettings().set({ notify: { warnings: false } })
    await nextTick()
    expect(warnings()).toBeUndefined()
  })

  it('are bounded', () => {
    for (let i = 0; i < 500; i++) useNotices().add({ tone: 'ok', text: () => String(i), key: String(i) })
    expect(useNotices().list.length).toBe(200)
    expect(useNotices().list[0]!.text()).toBe('499')
  })
})
