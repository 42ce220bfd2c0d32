import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { i18n } from '../app/i18n/i18n.js'
import { backend } from '../app/rpc.js'
import type { DrainOptions, HelmOperation, KindInfo, ObjectRef } from '../../src-main/backend/rpc/contract.js'
import {
  emptyLayout,
  frontTab,
  moveEdge,
  neighbour,
  paneOf,
  panesOf,
  placeTab,
  removeTab,
  renameTabs,
  splitPane,
  type Edge,
  type Layout,
  type Side,
} from './dock-layout.js'
import { useToasts } from './toasts.js'

/** What a tab of the dock shows. */
export type DockContent =
  | {
      type: 'logs'
      namespace: string
      pod: string
      container?: string
      previous?: boolean
      /** Other pods that were chosen with it, in the same log. */
      also?: { namespace: string; pod: string }[]
    }
  | { type: 'workload-logs'; kind: KindInfo; ref: ObjectRef; labelSelector: string }
  | {
      type: 'shell'
      namespace: string
      pod: string
      container?: string
      mode: 'exec' | 'attach'
      /** The pod was made for this tab and goes with it. */ deleteAfter?: boolean
    }
  /** The files of a container, in the folder `path`. */
  | { type: 'files'; namespace: string; pod: string; container?: string; path?: string }
  /** The login shell of this machine, with a KUBECONFIG for the context and namespace. */
  | { type: 'local'; namespace?: string }
  /** The credential plugin of the context, which asks the person. */
  | { type: 'plugin' }
  /** A command of the person's own, as it was prepared and shown. */
  | { type: 'command'; run: string; line: string }
  | { type: 'drain'; node: string; options: DrainOptions }
  | { type: 'helm'; operation: HelmOperation }
  | { type: 'yaml'; kind: KindInfo; ref: ObjectRef }
  /** Everything about an object, as at the side of its list. */
  | { type: 'details'; kind: KindInfo; ref: ObjectRef }
  /** `draft` is the name under which the backend keeps what is typed, `form` the kind whose form it begins with. */
  | { type: 'create'; namespace: string; draft?: string; form?: string }
  | { type: 'forwards' }

export interface DockTab {
  id: number
  context: string
  title: string
  content: DockContent
  /** It came back with the window: nothing is started before the person says so. */
  dormant?: boolean
}

/** What is remembered of the dock between two runs. */
export interface DockMemory {
  tabs: Omit<DockTab, 'id' | 'dormant'>[]
  /** Which of them was in front; -1: none. */
  active: number
  shown: boolean
  /** Panes and splits, with tabs named by their place in `tabs`. */
  layout?: Layout
}

/** Whether a second tab with the same content makes sense: two logs, two shells. */
function twice(content: DockContent): boolean {
  return (
    content.type === 'logs' ||
    content.type === 'workload-logs' ||
    content.type === 'local' ||
    (content.type === 'shell' && !content.deleteAfter)
  )
}

/** Whether a tab comes back after a restart. Drains, runs of helm and commands end with the window, and pods made for a tab with the tab. */
function lasting(content: DockContent): boolean {
  return (
    content.type !== 'drain' &&
    content.type !== 'helm' &&
    content.type !== 'command' &&
    content.type !== 'plugin' &&
    !(content.type === 'create' && !content.draft) &&
    !(content.type === 'shell' && content.deleteAfter)
  )
}

/** The dock's tabs, in panes, which stay while the list changes. A tab lives until it is closed. */
export const useDock = defineStore('dock', () => {
  const tabs = shallowRef<DockTab[]>([])
  const layout = shallowRef<Layout>(emptyLayout())
  /** The pane that new tabs go to and that keys are about. */
  const paneId = shallowRef(1)
  const shown = shallowRef(false)
  const maximised = shallowRef(false)
  const panes = computed(() => panesOf(layout.value))
  const pane = computed(() => panes.value.find((p) => p.id === paneId.value) ?? panes.value[0]!)
  const activeId = computed(() => pane.value.active)
  const active = computed(() => tabs.value.find((t) => t.id === activeId.value))
  /** Asks a tab whether it may close: unsaved YAML says no until the person has confirmed. */
  const guards = new Map<number, () => boolean | Promise<boolean>>()
  let last = 0
  let lastPane = 1

  const get = (id: number): DockTab | undefined => tabs.value.find((t) => t.id === id)
  /** Whether a tab is the one in front of its pane. */
  const inFront = (id: number): boolean => panes.value.some((p) => p.active === id)

  function add(context: string, title: string, content: DockContent): number {
    const id = ++last
    tabs.value = [...tabs.value, { id, context, title, content }]
    return id
  }

  /** Opens a tab, or shows the one that has the same content. Shells are always new. */
  function open(context: string, title: string, content: DockContent): number {
    const same = ['shell', 'local', 'command', 'plugin', 'create', 'drain', 'helm'].includes(content.type)
      ? undefined
      : tabs.value.find((t) => t.context === context && JSON.stringify(t.content) === JSON.stringify(content))
    const id = same?.id ?? add(context, title, content)
    if (!same) layout.value = placeTab(layout.value, pane.value.id, id)
    show(id)
    return id
  }

  async function close(id: number): Promise<void> {
    const guard = guards.get(id)
    if (guard && !(await guard())) return
    guards.delete(id)
    const tab = get(id)
    if (!tab) return
    const { context, content } = tab
    if (content.type === 'shell' && content.deleteAfter) {
      const ref = { group: '', version: 'v1', resource: 'pods', namespace: content.namespace, name: content.pod }
      backend
        .call('objects.delete', { context, ref, gracePeriodSeconds: 0 })
        .catch((e: unknown) => useToasts().failed(() => i18n.global.t('dialog.deleteFailed', { name: content.pod }), e))
    }
    tabs.value = tabs.value.filter((t) => t.id !== id)
    layout.value = removeTab(layout.value, id)
    paneId.value = pane.value.id
    if (tabs.value.length === 0) {
      shown.value = false
      maximised.value = false
    }
  }

  function show(id: number): void {
    layout.value = frontTab(layout.value, id)
    paneId.value = paneOf(layout.value, id)?.id ?? paneId.value
    shown.value = true
  }

  function rename(id: number, title: string): void {
    tabs.value = tabs.value.map((t) => (t.id === id ? { ...t, title } : t))
  }

  /** Gives a tab other content of its kind. */
  function change(id: number, content: DockContent): void {
    tabs.value = tabs.value.map((t) => (t.id === id ? { ...t, content } : t))
  }

  /** A tab that came back with the window is used again. */
  function wake(id: number): void {
    tabs.value = tabs.value.map((t) => (t.id === id ? { ...t, dormant: false } : t))
  }

  /** Moves `by` tabs from the active one through all panes, around the ends. */
  function cycle(by: number): void {
    const all = panes.value.flatMap((p) => p.tabs)
    const next = all[(all.indexOf(activeId.value) + by + all.length) % all.length]
    if (next) show(next)
  }

  /** Makes a pane `id` the one that keys are about. */
  function focusPane(id: number): void {
    paneId.value = id
  }

  /** Puts a tab into a pane, at `index` or at the end. */
  function move(id: number, toPane: number, index?: number): void {
    layout.value = placeTab(layout.value, toPane, id, index)
    show(id)
  }

  /** Puts a tab into a new pane on a side of `besides`. */
  function moveBeside(id: number, besides: number, side: Side): void {
    layout.value = splitPane(layout.value, besides, side, id, ++lastPane)
    show(id)
  }

  /** Whether {@link split} does anything for a tab. */
  function canSplit(id: number): boolean {
    const tab = get(id)
    return tab !== undefined && ((paneOf(layout.value, id)?.tabs.length ?? 0) > 1 || twice(tab.content))
  }

  /** Gives a tab a pane of its own on a side. A tab that is alone in its pane is opened a second time there. */
  function split(id: number, side: Side): void {
    const tab = get(id)
    const from = paneOf(layout.value, id)
    if (!tab || !from || !canSplit(id)) return
    moveBeside(from.tabs.length > 1 ? id : add(tab.context, tab.title, tab.content), from.id, side)
  }

  /** Moves a tab towards a side: into the pane that is there, or into a new one. */
  function shift(id: number, side: Side): void {
    const from = paneOf(layout.value, id)
    if (!from) return
    const next = neighbour(layout.value, from.id, side)
    if (next) move(id, next.id)
    else if (from.tabs.length > 1) moveBeside(id, from.id, side)
  }

  function resize(edge: Pick<Edge, 'path' | 'index'>, share: number): void {
    layout.value = moveEdge(layout.value, edge.path, edge.index, share)
  }

  /** The tabs that can come back after a restart, and where they are. */
  function kept(): DockMemory {
    const again = tabs.value.filter((tab) => lasting(tab.content))
    const place = new Map(again.map((tab, i) => [tab.id, i]))
    const places = renameTabs(layout.value, (id) => place.get(id))
    return {
      tabs: again.map(({ context, title, content }) => ({ context, title, content })),
      active: place.get(activeId.value) ?? -1,
      shown: shown.value,
      ...(places ? { layout: places } : {}),
    }
  }

  /** Opens the tabs of contexts that are still there, as they were left. Terminals wait to be started again. */
  function restore(memory: DockMemory, known: (context: string) => boolean): void {
    if (tabs.value.length) return
    const ids = new Map<number, number>()
    const back = memory.tabs.flatMap((tab, i): DockTab[] => {
      if (!known(tab.context)) return []
      const id = ++last
      ids.set(i, id)
      return [{ ...tab, id, ...(tab.content.type === 'shell' || tab.content.type === 'local' ? { dormant: true } : {}) }]
    })
    if (back.length === 0) return
    tabs.value = back
    const all = back.map((tab) => tab.id)
    const places = memory.layout && renameTabs(memory.layout, (i) => ids.get(i))
    // A file written by hand may name tabs twice or not at all.
    const placed = places ? panesOf(places).flatMap((p) => p.tabs) : []
    const whole = placed.length === all.length && all.every((id) => placed.includes(id))
    layout.value = whole ? places! : { id: 1, tabs: all, active: all[0]! }
    lastPane = Math.max(...panes.value.map((p) => p.id))
    show(ids.get(memory.active) ?? all[0]!)
    shown.value = memory.shown
  }

  return {
    tabs,
    layout,
    panes,
    paneId,
    activeId,
    active,
    shown,
    maximised,
    guards,
    get,
    inFront,
    open,
    close,
    show,
    rename,
    change,
    wake,
    cycle,
    focusPane,
    move,
    moveBeside,
    canSplit,
    split,
    shift,
    resize,
    kept,
    restore,
  }
})
