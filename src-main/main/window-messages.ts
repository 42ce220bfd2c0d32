/**
 * What windows ask of main, each message checked: that it comes from the app's own page and not from a frame or another page, and that
 * it has the shape it should have.
 */
import { ipcMain, type IpcMainEvent, type WebContents } from 'electron'
import { APP_ORIGIN } from './scheme.js'

export interface WindowMessages {
  /** The window's code has loaded (again): it wants its port to the backend. */
  ready(contents: WebContents): void
  /** Pastes into what has the focus. */
  paste(contents: WebContents): void
  notify(contents: WebContents, notice: { id: number; title: string; body: string }): void
  /** The language that the window is in. */
  language(language: string): void
  tray(on: boolean): void
}

/** Whether a message comes from the main frame of the app's own page. */
export function isOwnPage(event: Pick<IpcMainEvent, 'sender' | 'senderFrame'>): boolean {
  const frame = event.senderFrame
  return !!frame && frame === event.sender.mainFrame && frame.url.startsWith(`${APP_ORIGIN}/`)
}

const text = (value: unknown, most: number): string => (typeof value === 'string' ? value.slice(0, most) : '')

/** Listens to the windows. Messages that are not as they should be are dropped. */
export function handleWindowMessages(handlers: WindowMessages): void {
  const on = (channel: string, listener: (contents: WebContents, message: Record<string, unknown>) => void): void => {
    ipcMain.on(channel, (event, message: unknown) => {
      if (isOwnPage(event)) listener(event.sender, typeof message === 'object' && message ? (message as Record<string, unknown>) : {})
    })
  }
  on('drydock:ready', (contents) => handlers.ready(contents))
  on('drydock:paste', (contents) => handlers.paste(contents))
  on('drydock:notify', (contents, m) => {
    if (typeof m.id === 'number') handlers.notify(contents, { id: m.id, title: text(m.title, 200), body: text(m.body, 1000) })
  })
  on('drydock:language', (_contents, m) => handlers.language(text(m.language, 20)))
  on('drydock:tray', (_contents, m) => handlers.tray(m.on === true))
}
