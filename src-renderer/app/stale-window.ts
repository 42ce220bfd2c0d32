import { watch, type ShallowRef } from 'vue'
import { useToasts } from '../stores/toasts.js'
import { i18n } from './i18n/i18n.js'
import type { LinkState } from './rpc.js'

/**
 * Parts of the window are loaded when they are first needed. When the app's files are replaced while a window is open,
 * those parts are not there any more: the window says so once, and offers to load itself anew. While the backend, which may be what
 * serves them, does not answer, it says that instead: a window that is loaded anew then would be gone.
 *
 * @param link whether the backend answers
 * @returns whether an error is of such a part, which has been told
 */
export function tellStaleWindow(
  link: ShallowRef<LinkState>,
  target: EventTarget = window,
  reload: () => void = () => location.reload(),
): (error: unknown) => boolean {
  const told = new WeakSet<object>()
  const { t } = i18n.global
  let shown: number | undefined
  let waits = false
  target.addEventListener('vite:preloadError', (event) => {
    const { payload } = event as Event & { payload?: Error }
    if (payload) told.add(payload)
    const toasts = useToasts()
    if (toasts.list.some((toast) => toast.id === shown)) return
    waits = link.value.phase === 'lost'
    shown = waits
      ? toasts.add({ tone: 'bad', text: () => t('app.partWaits') })
      : toasts.add({ tone: 'bad', text: () => t('app.stale'), action: { label: () => t('app.reload'), run: reload } })
  })
  watch(link, ({ phase }) => {
    if (phase === 'open' && waits && shown !== undefined) useToasts().close(shown)
  })
  return (error) => error instanceof Error && told.has(error)
}
