/** The preload of every window: hands the page its port to the backend and passes a few named messages, and nothing else. */
import { ipcRenderer } from 'electron'

/** What the page may say to main. */
const outward: ReadonlySet<string> = new Set([
  'drydock:ready',
  'drydock:paste',
  'drydock:notify',
  'drydock:language',
  'drydock:tray',
  'drydock:choose',
])

window.addEventListener('message', (event) => {
  if (event.source !== window) return
  const message = event.data as { type?: string } | null
  if (message?.type && outward.has(message.type)) ipcRenderer.send(message.type, message)
})
ipcRenderer.on('drydock:port', (event) => window.postMessage({ type: 'drydock:port' }, window.location.origin, event.ports))
for (const type of ['drydock:lost', 'drydock:command', 'drydock:notified', 'drydock:chosen'])
  ipcRenderer.on(type, (_event, message: object | undefined) => window.postMessage({ ...message, type }, window.location.origin))
