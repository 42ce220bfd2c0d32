import { onActivated, onBeforeUnmount, onDeactivated } from 'vue'
import type { Action } from '../actions/action.js'

/** What the keys of a list need of it. */
export interface ListKeys {
  action(id: string): void
  actions(): Action[]
  search(): void
  details(tab?: string): void
  /** Sorts by a column, the other way the second time; false when there is none of that name. */
  sort(column: string): boolean
  /** Shows only what is in trouble, or all again. */
  faults(): void
  focusList(): void
  /** Undoes one thing (selection, search); false when there was nothing to undo. */
  escape(): boolean
}

/** What the window's keys need of it. */
export interface WindowKeys {
  palette(mode: 'all' | 'kinds'): void
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

/** Columns that a key sorts by, as in k9s. */
export const sortKeys: Record<string, string> = {
  N: 'name',
  A: 'age',
  S: 'status',
  R: 'ready',
  T: 'restarts',
  C: 'cpu',
  M: 'memory',
  O: 'node',
  I: 'ip',
  P: 'namespace',
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

function typing(target: EventTarget | null): boolean {
  const el = target as HTMLElement | null
  return !!el?.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable=true], .xterm, .cm-editor')
}

/** Installs the window's keys. Single letters work wherever nothing is typed; in terminals and editors only the few with modifiers do. */
export function installKeys(keys: WindowKeys): () => void {
  const down = (e: KeyboardEvent) => {
    if (e.defaultPrevented || e.isComposing) return
    const mod = e.ctrlKey || e.metaKey
    const inTerminal = !!(e.target as HTMLElement | null)?.closest?.('.xterm')
    const handled = (): boolean => {
      if (keys.blocked()) return false
      // In a terminal Ctrl+letter belongs to the program, except with Shift.
      if (mod && e.key.toLowerCase() === 'k' && (!inTerminal || e.shiftKey || e.metaKey)) return (keys.palette('all'), true)
      // With Shift the key writes ~ on many keyboards.
      if (e.ctrlKey && e.shiftKey && e.code === 'Backquote') return (keys.localTerminal(), true)
      if (mod && (e.key === 'j' || e.key === '`') && !inTerminal) return (keys.toggleDock(), true)
      if (e.ctrlKey && e.key === '`') return (keys.toggleDock(), true)
      if (e.ctrlKey && (e.key === 'PageDown' || e.key === 'PageUp')) return (keys.nextTab(e.key === 'PageDown' ? 1 : -1), true)
      if (e.altKey && !mod && /^[1-9]$/.test(e.key)) return (keys.cluster(Number(e.key)), true)
      if (e.altKey && !mod && !inTerminal && (e.key === 'ArrowLeft' || e.key === 'ArrowRight'))
        return (keys.back(e.key === 'ArrowLeft' ? -1 : 1), true)
      if (typing(e.target)) return false
      if (e.key === 'Escape') return (list?.escape() ?? false) || keys.escape()
      const name = `${e.ctrlKey ? 'ctrl+' : ''}${e.key}`
      if (!e.metaKey && !e.altKey) {
        const action = list?.actions().find((a) => a.key === name)
        if (action && list) return (list.action(action.id), true)
      }
      if (name === 'ctrl+z' && list) return (list.faults(), true)
      if (mod || e.altKey) return false
      const column = sortKeys[e.key]
      if (column && list?.sort(column)) return true
      if (/^\d$/.test(e.key)) return keys.namespace(Number(e.key))
      switch (e.key) {
        case ':':
          return (keys.palette('kinds'), true)
        case '?':
          return (keys.help(), true)
        case '/':
          return list ? (list.search(), true) : false
        case 'n':
          return (keys.namespaces(), true)
        case 'd':
          return list ? (list.details(), true) : false
        case 'y':
          return list ? (list.details('yaml'), true) : false
      }
      return false
    }
    if (handled()) {
      e.preventDefault()
      e.stopPropagation()
    }
  }
  window.addEventListener('keydown', down)
  return () => window.removeEventListener('keydown', down)
}
