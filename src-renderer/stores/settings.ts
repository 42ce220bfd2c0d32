import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Settings } from '../../src-main/backend/rpc/contract.js'
import type { OwnTheme } from '../app/own-theme.js'
import { backend } from '../app/rpc.js'
import type { DockMemory } from './dock.js'
import { bothChanges, changeToSend } from './settings-change.js'

/** The settings that the backend keeps, and keys of the window's own beside them (the backend keeps what it does not know). */
export interface WindowSettings extends Settings {
  /** Contexts on the rail, in order. */
  open?: string[]
  /** What charts from Prometheus cover. */
  metricRange?: string
  /** Groups of the sidebar that are folded. */
  folded?: string[]
  /** Per context: the namespaces that were shown alone, in the order in which they came; the keys 1 to 9 stand for them. */
  recentNamespaces?: Record<string, string[]>
  /** Kinds at the top of the sidebar, as addresses write them. */
  pinnedKinds?: string[]
  /** Details stay when the list changes. */
  pinned?: boolean
  /** Tabs of the dock that come back. */
  dock?: DockMemory
  /** Keys that were chosen, by command; an empty list takes its keys from a command. See `key-commands.ts`. */
  keys?: Record<string, string[]>
  /** Searches over kinds and clusters that are kept, by name. */
  searches?: SavedSearch[]
  logs?: { timestamps?: boolean; wrap?: boolean; utc?: boolean; json?: boolean }
  /** The fields of JSON lines that are shown, by the name of the container. */
  logFields?: Record<string, string[]>
  terminal?: TerminalSettings
  /** Themes of a person's own. */
  themes?: OwnTheme[]
  /** The name of the one that is shown; left out: what `theme` says. */
  ownTheme?: string | undefined
  /** `#rrggbb`; the theme's own when left out. */
  accent?: string | undefined
  /** px; editors of YAML and data. */
  codeSize?: number
  /** px; logs. */
  logSize?: number
  /** The system tells of them when the window has not the focus; true by default. */
  notify?: {
    rollouts?: boolean
    /** Warnings of the clusters that are open are among the notifications; true by default. */
    warnings?: boolean
  }
  /** Electron: an icon in the tray, and the app stays when its last window is closed. */
  tray?: boolean
}

/** A search over kinds and clusters that a person keeps. */
export interface SavedSearch {
  name: string
  query: string
  /** Contexts; left out for all that are open. */
  clusters?: string[]
}

/** How terminals look and behave; what is left out is as xterm and this app have it by default. */
export interface TerminalSettings {
  /** px. */
  fontSize?: number
  /** Before the bundled font. */
  fontFamily?: string
  /** Lines that stay above the screen. */
  scrollback?: number
  cursorBlink?: boolean
  cursorStyle?: 'block' | 'bar' | 'underline'
  /** What is selected is on the clipboard at once. */
  copyOnSelect?: boolean
  /** Output is read out by screen readers. */
  screenReader?: boolean
  /** Terminals in containers are opened again after a lost connection; true by default. */
  reconnect?: boolean
}

const defaults: WindowSettings = { theme: 'system', language: 'system', places: {}, columns: {}, layout: {} }

/** Settings: read once, written a moment after the last change. */
export const useSettings = defineStore('settings', () => {
  const value = shallowRef<WindowSettings>(defaults)
  let pending: Record<string, unknown> = {}
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    value.value = { ...defaults, ...(await backend.call('settings.get', {})) }
  }

  /** Changes whole top-level keys. */
  function set(wanted: Partial<WindowSettings>): void {
    // One of the window's themes takes the place of a person's own.
    const change = 'theme' in wanted ? { ownTheme: undefined, ...wanted } : wanted
    pending = bothChanges(pending, changeToSend({ ...value.value }, change))
    value.value = { ...value.value, ...change }
    clearTimeout(timer)
    timer = setTimeout(() => void save(), 250)
  }

  async function save(): Promise<void> {
    clearTimeout(timer)
    const change = pending
    if (Object.keys(change).length === 0) return
    pending = {}
    try {
      await backend.call('settings.set', { change })
    } catch (error) {
      // The window goes on with what was chosen; the next change tries again.
      pending = bothChanges(change, pending)
      console.error('saving the settings failed', error)
    }
  }

  /** The theme of a person's own that is shown; undefined for one of the two of the window. */
  const ownTheme = computed(() => value.value.themes?.find((x) => x.name === value.value.ownTheme))

  /** A remembered size in px. */
  function size(name: string, otherwise: number): number {
    return value.value.layout[name] ?? otherwise
  }

  function setSize(name: string, px: number): void {
    set({ layout: { ...value.value.layout, [name]: Math.round(px) } })
  }

  return { value, ownTheme, load, set, save, size, setSize }
})
