import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { i18n } from '../app/i18n/i18n.js'
import { backend } from '../app/rpc.js'
import type { DrainOptions, KindInfo, ObjectRef } from '../../src-main/backend/rpc/contract.js'
import { useToasts } from './toasts.js'

/** What a tab of the dock shows. */
export type DockContent =
  | { type: 'logs'; namespace: string; pod: string; container?: string; previous?: boolean }
  | { type: 'workload-logs'; kind: KindInfo; ref: ObjectRef; labelSelector: string }
  | {
      type: 'shell'
      namespace: string
      pod: string
      container?: string
      mode: 'exec' | 'attach'
      /** The pod was made for this tab and goes with it. */ deleteAfter?: boolean
    }
  | { type: 'drain'; node: string; options: DrainOptions }
  | { type: 'yaml'; kind: KindInfo; ref: ObjectRef }
  | { type: 'create'; namespace: string }
  | { type: 'forwards' }

export interface DockTab {
  id: number
  context: string
  title: string
  content: DockContent
}

/** What is remembered of the dock between two runs. */
export interface DockMemory {
  tabs: Omit<DockTab, 'id'>[]
  /** Which of them was in front; -1: none. */
  active: number
  shown: boolean
}

/** The dock's tabs, which stay while the list changes. A tab lives until it is closed. */
export const useDock = defineStore('dock', () => {
  const tabs = shallowRef<DockTab[]>([])
  const activeId = shallowRef(0)
  const shown = shallowRef(false)
  const maximised = shallowRef(false)
  const active = computed(() => tabs.value.find((t) => t.id === activeId.value))
  /** Asks a tab whether it may close: unsaved YAML says no until the person has confirmed. */
  const guards = new Map<number, () => boolean | Promise<boolean>>()
  let last = 0

  /** Opens a tab, or shows the one that has the same content. Shells are always new. */
  function open(context: string, title: string, content: DockContent): number {
    const same =
      content.type === 'shell' || content.type === 'create' || content.type === 'drain'
        ? undefined
        : tabs.value.find((t) => t.context === context && JSON.stringify(t.content) === JSON.stringify(content))
    const id = same?.id ?? ++last
    if (!same) tabs.value = [...tabs.value, { id, context, title, content }]
    activeId.value = id
    shown.value = true
    return id
  }

  async function close(id: number): Promise<void> {
    const guard = guards.get(id)
    if (guard && !(await guard())) return
    guards.delete(id)
    const index = tabs.value.findIndex((t) => t.id === id)
    if (index < 0) return
    const { context, content } = tabs.value[index]!
    if (content.type === 'shell' && content.deleteAfter) {
      const ref = { group: '', version: 'v1', resource: 'pods', namespace: content.namespace, name: content.pod }
      backend
        .call('objects.delete', { context, ref, gracePeriodSeconds: 0 })
        .catch((e: unknown) => useToasts().failed(i18n.global.t('dialog.deleteFailed', { name: content.pod }), e))
    }
    tabs.value = tabs.value.filter((t) => t.id !== id)
    if (activeId.value === id) activeId.value = (tabs.value[index] ?? tabs.value[index - 1])?.id ?? 0
    if (tabs.value.length === 0) {
      shown.value = false
      maximised.value = false
    }
  }

  function show(id: number): void {
    activeId.value = id
    shown.value = true
  }

  function rename(id: number, title: string): void {
    tabs.value = tabs.value.map((t) => (t.id === id ? { ...t, title } : t))
  }

  /** Moves `by` tabs from the active one, around the ends. */
  function cycle(by: number): void {
    const i = tabs.value.findIndex((t) => t.id === activeId.value)
    const next = tabs.value[(i + by + tabs.value.length) % tabs.value.length]
    if (next) show(next.id)
  }

  /** The tabs that can come back after a restart: what only shows something. Shells, drains and unsaved work end with the window. */
  function kept(): DockMemory {
    const again = tabs.value.filter((tab) => ['logs', 'workload-logs', 'yaml', 'forwards'].includes(tab.content.type))
    return {
      tabs: again.map(({ context, title, content }) => ({ context, title, content })),
      active: again.findIndex((tab) => tab.id === activeId.value),
      shown: shown.value,
    }
  }

  /** Opens the tabs of contexts that are still there, as they were left. */
  function restore(memory: DockMemory, known: (context: string) => boolean): void {
    if (tabs.value.length) return
    const back = memory.tabs.filter((tab) => known(tab.context)).map((tab) => ({ ...tab, id: ++last }))
    if (back.length === 0) return
    tabs.value = back
    const wanted = memory.tabs[memory.active]
    activeId.value = (back.find((tab) => JSON.stringify(tab.content) === JSON.stringify(wanted?.content)) ?? back[0]!).id
    shown.value = memory.shown
  }

  return { tabs, activeId, active, shown, maximised, guards, open, close, show, rename, cycle, kept, restore }
})
