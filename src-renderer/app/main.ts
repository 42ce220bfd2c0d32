import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/page.css'
import { createPinia } from 'pinia'
import { createApp, watch } from 'vue'
import { useApp } from '../stores/app.js'
import { useContexts } from '../stores/contexts.js'
import { useDock } from '../stores/dock.js'
import { useForwards } from '../stores/forwards.js'
import { useSettings } from '../stores/settings.js'
import { useToasts } from '../stores/toasts.js'
import App from './App.vue'
import { followLanguage, i18n } from './i18n/i18n.js'
import { pathAhead } from './navigation.js'
import { placeOf, rememberPlace } from './places.js'
import { router } from './router.js'
import { tellStaleWindow } from './stale-window.js'
import { watchRollouts } from './watch-rollouts.js'
import { guardWrites } from './write-guard.js'
import { Rpc, setBackend } from './rpc.js'
import { followLook, followSizes } from './theme.js'
import { connectMessagePort, connectWebSocket, type Transport, type TransportListener } from './transport.js'

/** How this window reaches its backend: a port from the preload in Electron, a WebSocket of the same origin elsewhere. */
async function chooseTransport(): Promise<(listener: TransportListener) => Transport> {
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fake')) {
    const { FakeBackend } = await import('../../test/renderer/fake-backend.js')
    const q = new URLSearchParams(location.search)
    const number = (name: string) => Number(q.get(name) ?? 0)
    const fake = new FakeBackend({ pods: number('pods'), churn: number('churn'), logRate: q.has('logs') ? number('logs') : 4, latency: 8 })
    Object.assign(window, { fake })
    return fake.connect
  }
  if (navigator.userAgent.includes('Electron')) return (listener) => connectMessagePort(window, listener)
  const url = new URL('/rpc', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return (listener) => connectWebSocket(url.href, listener)
}

/** On the first start the embedded cluster is still being made: its window opens by itself, unless the person went elsewhere. */
function openEmbeddedWhenReady(): void {
  const contexts = useContexts()
  const stop = watch(
    () => contexts.all.find((c) => c.embedded),
    (embedded) => {
      if (!embedded) return
      stop()
      if (pathAhead() === '/') void router.replace(placeOf(embedded.id))
    },
  )
}

/** Brings the dock's tabs back, and keeps what is in it from then on. */
function rememberDock(): void {
  const dock = useDock()
  const contexts = useContexts()
  const settings = useSettings()
  const memory = settings.value.dock
  if (memory) {
    dock.restore(memory, (id) => contexts.get(id) !== undefined)
    // Their clusters are opened with them: a tab of a closed one would stay empty.
    for (const id of new Set(dock.tabs.map((tab) => tab.context))) void contexts.enter(id)
  }
  watch(
    () => JSON.stringify(dock.kept()),
    () => settings.set({ dock: dock.kept() }),
  )
}

async function start(): Promise<void> {
  const rpc = setBackend(new Rpc(await chooseTransport()))
  guardWrites(rpc)
  watchRollouts(rpc)
  const app = createApp(App).use(createPinia()).use(i18n).use(router)
  const settings = app.runWithContext(() => useSettings())
  followLook(() => ({ theme: settings.value.theme, own: settings.ownTheme, accent: settings.value.accent }))
  followSizes(() => ({ code: settings.value.codeSize, log: settings.value.logSize }))
  followLanguage(() => settings.value.language)
  const isStale = tellStaleWindow(rpc.link)
  app.config.errorHandler = (error) => {
    console.error(error)
    if (isStale(error)) return
    useToasts().failed(() => i18n.global.t('reason.Internal'), error)
  }
  // The page is shown in its theme and at its place; if the backend is slow, it says so itself.
  const loaded = Promise.all([settings.load(), useContexts().load(), useApp().load()]).catch((error: unknown) => console.error(error))
  useForwards().load()
  await Promise.race([loaded, new Promise((done) => setTimeout(done, 1500))])
  if (!location.hash || location.hash === '#/') {
    const last = settings.value.lastContext
    const contexts = useContexts()
    const first = contexts.get(last ?? '') ?? contexts.all.find((c) => c.embedded)
    if (first) await router.replace(placeOf(first.id))
    else openEmbeddedWhenReady()
  }
  router.afterEach((to, from) => rememberPlace(to, from))
  rememberDock()
  await router.isReady().catch(() => undefined)
  app.mount('#app')
  window.addEventListener('pagehide', () => void settings.save())
  Object.assign(window, { drydock: { link: rpc.link } })
}

void start()
