/** The preload of every window: hands the page its port to the backend, and nothing else. */
import { ipcRenderer } from 'electron'

window.addEventListener('message', (event) => {
  if (event.source === window && (event.data as { type?: string } | null)?.type === 'drydock:ready') ipcRenderer.send('drydock:ready')
})
ipcRenderer.on('drydock:port', (event) => window.postMessage({ type: 'drydock:port' }, window.location.origin, event.ports))
ipcRenderer.on('drydock:lost', () => window.postMessage({ type: 'drydock:lost' }, window.location.origin))
