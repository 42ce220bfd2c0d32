import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon, type ISearchDecorationOptions } from '@xterm/addon-search'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import type { TerminalSettings } from '../stores/settings.js'

/** The fonts of terminals and logs, after a person's own choice. */
export const monoFont = (own = ''): string =>
  [own && `'${own.replaceAll("'", '')}'`, "'JetBrains Mono Variable'", "'Noto Sans Mono CJK SC'", 'ui-monospace', 'monospace']
    .filter(Boolean)
    .join(', ')

/** Opens a link outside of the app. Other schemes than http and https are dead text: output is not to be trusted. */
export function openLink(uri: string): void {
  if (/^https?:\/\//i.test(uri)) window.open(uri, '_blank', 'noopener')
}

export interface TerminalScreen {
  term: Terminal
  fit: FitAddon
  finder: SearchAddon
}

/** A terminal as the settings want it, with search and links. */
export function terminalScreen(settings: TerminalSettings): TerminalScreen {
  const term = new Terminal({
    ...screenOptions(settings),
    lineHeight: 1.2,
    allowProposedApi: true,
    macOptionIsMeta: true,
    // Links that programs mark themselves (OSC 8).
    linkHandler: { activate: (_e, uri) => openLink(uri) },
  })
  const fit = new FitAddon()
  const finder = new SearchAddon()
  term.loadAddon(fit)
  term.loadAddon(finder)
  term.loadAddon(new WebLinksAddon((_e, uri) => openLink(uri)))
  return { term, fit, finder }
}

/** What of the settings a terminal follows while it is open. */
export function screenOptions(s: TerminalSettings): {
  fontFamily: string
  fontSize: number
  scrollback: number
  cursorBlink: boolean
  cursorStyle: 'block' | 'bar' | 'underline'
  screenReaderMode: boolean
} {
  return {
    fontFamily: monoFont(s.fontFamily),
    fontSize: s.fontSize ?? 13,
    scrollback: s.scrollback ?? 10_000,
    cursorBlink: s.cursorBlink ?? false,
    cursorStyle: s.cursorStyle ?? 'block',
    screenReaderMode: s.screenReader ?? false,
  }
}

/** Colours of what a search found, in the window's theme. */
export function findDecorations(): ISearchDecorationOptions {
  const css = getComputedStyle(document.documentElement)
  const match = css.getPropertyValue('--match').trim()
  const current = css.getPropertyValue('--accent-line').trim()
  return { matchBackground: match, matchOverviewRuler: match, activeMatchBackground: current, activeMatchColorOverviewRuler: current }
}
