import type { ITheme } from '@xterm/xterm'

/** The terminal's colours, from the window's. */
export function terminalTheme(): ITheme {
  const css = getComputedStyle(document.documentElement)
  const v = (name: string) => css.getPropertyValue(name).trim()
  const ansi = (n: number) => v(`--ansi-${n}`)
  return {
    background: v('--sunken'),
    foreground: v('--text'),
    cursor: v('--accent'),
    cursorAccent: v('--sunken'),
    selectionBackground: v('--accent-line'),
    black: ansi(0),
    red: ansi(1),
    green: ansi(2),
    yellow: ansi(3),
    blue: ansi(4),
    magenta: ansi(5),
    cyan: ansi(6),
    white: ansi(7),
    brightBlack: ansi(8),
    brightRed: ansi(9),
    brightGreen: ansi(10),
    brightYellow: ansi(11),
    brightBlue: ansi(12),
    brightMagenta: ansi(13),
    brightCyan: ansi(14),
    brightWhite: ansi(15),
  }
}
