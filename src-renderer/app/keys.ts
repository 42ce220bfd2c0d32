import { onActivated, onBeforeUnmount, onDeactivated } from 'vue'
import type { Action } from '../actions/action.js'
import { useKeys } from '../stores/keys.js'
import type { KeyCommand } from './key-commands.js'

/** What the keys of a list need of it; what a page leaves out, its keys do not do there. */
export interface ListKeys {
  action?: (id: string) => void
  actions?: () => Action[]
  search: () => void
  details?: (tab?: string) => void
  /** Sorts by a column, the other way the second time; false when there is none of that name. */
  sort?: (column: string) => boolean
  /** Shows only what is in trouble, or all again. */
  faults?: () => void
  focusList: () => void
  /** Undoes one thing (selection, search); false when there was nothing to undo. */
  escape?: () => boolean
}

/** What the window's keys need of it. */
export interface WindowKeys {
  palette(mode: 'all' | 'kinds'): void
  /** The search over kinds and clusters. */
  search(): void
  settings(): void
  help(): void
  namespaces(): void
  /** Shows all namespaces (0) or the nth of those that were shown lately; false when there are not that many. */
  namespace(n: number): boolean
  toggleDock(): void
  localTerminal(): void
  nextTab(by: number): void
  cluster(n: number): void
  back(by: number): void
  /** Closes the innermost thing that is open; false when there is nothing. */
  escape(): boolean
  /** A dialog or a menu is open and has the keys. */
  blocked(): boolean
}

let list: ListKeys | null = null

/** Gives the list that is shown the keys, until it goes away. */
export function bindListKeys(keys: ListKeys): void {
  const take = () => {
    list = keys
  }
  const leave = () => {
    if (list === keys) list = null
  }
  take()
  onActivated(take)
  onDeactivated(leave)
  onBeforeUnmount(leave)
}

/** Puts the keyboard on the list, if one is shown. */
export function focusList(): void {
  list?.focusList()
}

/** Whether keys that are pressed at an element are typed into it. */
export function typing(target: EventTarget | null): boolean {
  const el = target as HTMLElement | null
  return !!el?.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable=true], .xterm, .cm-editor')
}

/** A key that the program in a terminal needs: Ctrl with what makes a control character, and the arrows of words. */
function forProgram(e: KeyboardEvent): boolean {
  if (!(e.target as HTMLElement | null)?.closest?.('.xterm')) return false
  return (e.ctrlKey && !e.shiftKey && !e.metaKey && /^[a-z@[\\\]^_/]$/i.test(e.key)) || (e.altKey && e.key.startsWith('Arrow'))
}

/** Does what a command says; false when there is nothing here that it is about. */
function run({ id }: KeyCommand, keys: WindowKeys): boolean {
  const [place, what = ''] = id.split('.')
  if (place === 'action') {
    const action = list?.actions?.().find((a) => useKeys().ofAct(a.id)?.id === id)
    return action ? (list?.action?.(action.id), true) : false
  }
  if (place === 'sort') return list?.sort?.(what) ?? false
  const { search, details, faults }: Partial<ListKeys> = list ?? {}
  const inList: Record<string, (() => void) | undefined> = {
    'list.search': search,
    'list.details': details && (() => details()),
    'list.yaml': details && (() => details('yaml')),
    'list.describe': details && (() => details('describe')),
    'list.faults': faults,
  }
  const inWindow: Record<string, () => void> = {
    palette: () => keys.palette('all'),
    kinds: () => keys.palette('kinds'),
    search: () => keys.search(),
    settings: () => keys.settings(),
    help: () => keys.help(),
    namespaces: () => keys.namespaces(),
    back: () => keys.back(-1),
    forward: () => keys.back(1),
    dock: () => keys.toggleDock(),
    terminal: () => keys.localTerminal(),
    'tab.next': () => keys.nextTab(1),
    'tab.previous': () => keys.nextTab(-1),
  }
  const does = inWindow[id] ?? inList[id]
  return does ? (does(), true) : false
}

/** Installs the window's keys. Single letters work wherever nothing is typed; in terminals and editors only the few with modifiers do. */
export function installKeys(keys: WindowKeys): () => void {
  const bindings = useKeys()
  const down = (e: KeyboardEvent) => {
    if (e.defaultPrevented || e.isComposing) return
    const handled = (): boolean => {
      if (keys.blocked() || forProgram(e)) return false
      const commands = bindings.commandsFor(e)
      // A key that writes something is typed where something is typed, whatever else it has been given.
      const writes = e.key.length === 1 && !e.ctrlKey && !e.metaKey && !e.altKey && typing(e.target)
      if (!writes) for (const c of commands) if (c.typing && run(c, keys)) return true
      if (e.altKey && !e.ctrlKey && !e.metaKey && /^[1-9]$/.test(e.key)) return (keys.cluster(Number(e.key)), true)
      if (typing(e.target)) return false
      if (e.key === 'Escape') return (list?.escape?.() ?? false) || keys.escape()
      for (const c of commands) if (!c.typing && run(c, keys)) return true
      return !e.ctrlKey && !e.metaKey && !e.altKey && /^\d$/.test(e.key) && keys.namespace(Number(e.key))
    }
    if (handled()) {
      e.preventDefault()
      e.stopPropagation()
    }
  }
  window.addEventListener('keydown', down)
  return () => window.removeEventListener('keydown', down)
}
