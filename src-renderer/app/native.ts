import { watch } from 'vue'
import { i18n } from './i18n/i18n.js'

/** What the window asks of Electron's main process, through the preload. The preload knows these types, and no others. */
export type WindowRequest =
  | { type: 'drydock:paste' }
  | { type: 'drydock:notify'; id: number; title: string; body: string }
  | { type: 'drydock:language'; language: string }
  | { type: 'drydock:tray'; on: boolean }

/** A command of the native menu. */
export type MenuCommand = 'settings' | 'palette' | 'shortcuts' | 'about' | 'terminal' | 'dock' | 'create' | 'catalogue'

export const inElectron = navigator.userAgent.includes('Electron')

/** Does nothing in a browser. */
export function tellMain(request: WindowRequest): void {
  if (inElectron) window.postMessage(request, window.location.origin)
}

const waiting = new Map<number, () => void>()
let last = 0

/** Tells something by the system, if the window has not the person's attention. In a browser only with its permission. */
export function notify(title: string, body: string, onClick: () => void): void {
  if (document.hasFocus()) return
  const id = ++last
  if (inElectron) {
    waiting.set(id, onClick)
    tellMain({ type: 'drydock:notify', id, title, body })
  } else if (typeof Notification === 'function' && Notification.permission === 'granted') {
    new Notification(title, { body }).addEventListener('click', () => {
      window.focus()
      onClick()
    })
  }
}

/** Hears the native menu's commands and clicks on notifications; tells main which language the menu is to be in. */
export function followMain(command: (name: MenuCommand) => void): void {
  if (!inElectron) return
  window.addEventListener('message', (e) => {
    if (e.source !== window) return
    const message = e.data as { type?: string; command?: MenuCommand; id?: number } | null
    if (message?.type === 'drydock:command' && message.command) command(message.command)
    if (message?.type === 'drydock:notified' && message.id !== undefined) {
      waiting.get(message.id)?.()
      waiting.delete(message.id)
    }
  })
  watch(i18n.global.locale, (language) => tellMain({ type: 'drydock:language', language }), { immediate: true })
}
