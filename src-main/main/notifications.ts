/** Notifications of the operating system, for a person who looks elsewhere. */
import { BrowserWindow, Notification, type WebContents } from 'electron'

/** Shows one, unless the window has the focus; a click brings the window to the front and tells it. */
export function showNotification(contents: WebContents, notice: { id: number; title: string; body: string }): void {
  const window = BrowserWindow.fromWebContents(contents)
  if (!window || window.isFocused() || !Notification.isSupported()) return
  const notification = new Notification({ title: notice.title, body: notice.body })
  notification.on('click', () => {
    if (window.isDestroyed()) return
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
    contents.send('drydock:notified', { id: notice.id })
  })
  notification.show()
}
