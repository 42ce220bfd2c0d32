import type { Terminal } from '@xterm/xterm'
import { copyText, readClipboard } from '../components/clipboard.js'
import { clipboardAct, keyboardPlatform } from './terminal-keys.js'

/** The keys and the mouse of a terminal's clipboard, as each operating system expects them. */
export function clipboardOf(
  term: Terminal,
  options: { search(): void; copyOnSelect(): boolean },
): {
  /** The right button copies what is selected, else pastes. */
  contextMenu(e: MouseEvent): void
} {
  const platform = keyboardPlatform(navigator.platform)
  const copy = (): void => {
    if (term.hasSelection()) void copyText(term.getSelection())
  }
  term.attachCustomKeyEventHandler((e) => {
    if (e.type !== 'keydown') return true
    // These belong to the window.
    if (e.ctrlKey && e.shiftKey && e.code === 'Backquote') return false
    if (e.ctrlKey && (e.key === 'PageUp' || e.key === 'PageDown' || e.key === '`')) return false
    if (e.ctrlKey && e.shiftKey && e.key.toLowerCase() === 'k') return false
    const act = clipboardAct(e, platform, term.hasSelection())
    if (!act) return true
    // Pasting is left to the browser, whose paste event xterm takes: reading the clipboard would need a permission.
    if (act === 'paste') return false
    e.preventDefault()
    if (act === 'copy') copy()
    else options.search()
    return false
  })
  term.onSelectionChange(() => {
    if (options.copyOnSelect()) copy()
  })
  return {
    contextMenu: (e) => {
      e.preventDefault()
      if (term.hasSelection()) {
        copy()
        term.clearSelection()
        return
      }
      term.focus()
      // In Electron the app's main process pastes: the page itself may not read the clipboard.
      if (navigator.userAgent.includes('Electron')) window.postMessage({ type: 'drydock:paste' }, window.location.origin)
      else void readClipboard().then((text) => text && term.paste(text))
    },
  }
}
