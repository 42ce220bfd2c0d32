import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { Wording } from '../app/i18n/wording.js'

/** Something that happened, kept after its toast has gone. */
export interface Notice {
  id: number
  tone: 'ok' | 'warn' | 'bad' | 'info'
  text: Wording
  detail?: Wording | undefined
  /** The cluster that it happened in. */
  context?: string
  /** Where a person can look at it. */
  to?: RouteLocationRaw
  /** When it happened last, ms since the epoch, and how often. */
  at: number
  count: number
  read: boolean
}

/** What is told of a notice. What has one key is one notice, that happened again; so is what has none and says the same. */
export type News = Pick<Notice, 'tone' | 'text' | 'detail' | 'context' | 'to'> & {
  key?: string
  /** The person has seen it already. */
  read?: boolean
}

/** So many are kept. */
const MOST = 200

/** What is told now is what was told before, in the words of the window's language. */
const saysTheSame = (a: Notice, b: News): boolean =>
  a.tone === b.tone && a.context === b.context && a.text() === b.text() && a.detail?.() === b.detail?.()

/** What happened while the window was open: outcomes of what a person did, lost and regained connections, warnings of clusters. */
export const useNotices = defineStore('notices', () => {
  /** The newest first. */
  const list = shallowRef<Notice[]>([])
  const unread = computed(() => list.value.filter((n) => !n.read).length)
  const keys = new Map<string, number>()
  let last = 0

  function add(...news: News[]): void {
    let next = list.value
    for (const { key, ...n } of news) {
      const known = next.find((x) => (key === undefined ? saysTheSame(x, n) : x.id === keys.get(key)))
      const id = known?.id ?? ++last
      if (key !== undefined) keys.set(key, id)
      next = [{ ...n, id, at: Date.now(), count: (known?.count ?? 0) + 1, read: n.read ?? false }, ...next.filter((x) => x !== known)]
    }
    list.value = next.slice(0, MOST)
    if (keys.size > 2 * MOST) {
      const kept = new Set(list.value.map((n) => n.id))
      for (const [key, id] of keys) if (!kept.has(id)) keys.delete(key)
    }
  }

  function markRead(): void {
    if (unread.value) list.value = list.value.map((n) => (n.read ? n : { ...n, read: true }))
  }

  function clear(): void {
    list.value = []
    keys.clear()
  }

  return { list, unread, add, markRead, clear }
})
