import { useToasts } from '../stores/toasts.js'
import { i18n } from './i18n/i18n.js'

/**
 * Parts of the window are loaded when they are first needed. When the app's files are replaced while a window is open,
 * those parts are not there any more: the window says so once, and offers to load itself anew.
 *
 * @returns whether an error is of such a part, which has been told
 */
export function tellStaleWindow(target: EventTarget = window, reload: () => void = () => location.reload()): (error: unknown) => boolean {
  const told = new WeakSet<object>()
  let shown: number | undefined
  target.addEventListener('vite:preloadError', (event) => {
    const { payload } = event as Event & { payload?: Error }
    if (payload) told.add(payload)
    const toasts = useToasts()
    if (toasts.list.some((toast) => toast.id === shown)) return
    const { t } = i18n.global
    shown = toasts.add({ tone: 'bad', text: () => t('app.stale'), action: { label: () => t('app.reload'), run: reload } })
  })
  return (error) => error instanceof Error && told.has(error)
}
