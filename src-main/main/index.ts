/** The Electron entry: one instance, its windows, and the two processes behind them. Thin: no Kubernetes in here. */
import path from 'node:path'
import { app, BrowserWindow, Menu, powerMonitor, session } from 'electron'
import { clusterKubeconfig, defaultDataDirectory } from '../directories.js'
import { ClusterFleet, reportCrashes } from '../backend/embedded/fleet.js'
import { version } from '../backend/version.js'
import { assistantArguments, ownAssistantCommand, serveAssistantOnly } from './assistant.js'
import { BackendProcess } from './backend-process.js'
import { reportProcessCrashes } from './crash-reports.js'
import { openOutside } from './links.js'
import { handleChoose } from './choose.js'
import { applicationMenu } from './menu.js'
import { showNotification } from './notifications.js'
import { limitPermissions } from './permissions.js'
import { handleAppScheme, registerAppScheme } from './scheme.js'
import { TrayIcon } from './tray.js'
import { forkUtility } from './utility.js'
import { handleWindowMessages } from './window-messages.js'
import { openWindow } from './window.js'

const NAME = 'drydock'

const data = defaultDataDirectory()
const assistant = assistantArguments(process.argv)
if (assistant) {
  void serveAssistantOnly(assistant, data)
} else {
  registerAppScheme()
  // As root Chromium has no sandbox to offer, and `--no-sandbox` was given; windows stay isolated by their preferences.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  app.setName('Drydock')
  // Chromium's own files (cookies, caches) stay apart from the data that a person may want to keep or delete.
  app.setPath('userData', path.join(data, 'window'))
  if (!app.requestSingleInstanceLock()) app.quit()
  else void start()
}

async function start(): Promise<void> {
  const kubeconfig = clusterKubeconfig(data, NAME)
  const fleet = new ClusterFleet(data, (args) => forkUtility(path.join(__dirname, 'cluster.cjs'), args, 'Drydock cluster'))
  const ready = new Set<string>()
  fleet.listen((states) => {
    for (const e of states) {
      if (e.phase !== 'ready') ready.delete(e.name)
      else if (!ready.has(e.name)) {
        ready.add(e.name)
        console.log(`ready ${e.server} kubeconfig ${e.kubeconfig}`)
      }
    }
  })
  fleet.listen(reportCrashes((line) => console.error(line)))
  fleet.startAll(NAME)
  const backend = new BackendProcess(
    path.join(__dirname, 'backend.cjs'),
    {
      version,
      mode: 'electron',
      platform: process.platform,
      electron: process.versions.electron,
      dataDirectory: data,
      kubeconfig,
      assistant: ownAssistantCommand(data),
    },
    fleet,
  )

  const toFront = (): void => {
    const window = BrowserWindow.getAllWindows()[0]
    if (!window) return void openWindow(data)
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  app.on('second-instance', toFront)
  const tray = new TrayIcon(toFront, () => app.quit())
  let locale = ''
  handleChoose()
  handleWindowMessages({
    // A window asks for its port when its code has loaded, and again after a reload.
    ready: (contents) => backend.attach(contents),
    paste: (contents) => contents.paste(),
    notify: showNotification,
    language: (language) => {
      if (language === locale) return
      locale = language
      Menu.setApplicationMenu(applicationMenu(locale))
      tray.set(tray.on, locale)
    },
    tray: (on) => tray.set(on, locale),
  })
  reportProcessCrashes(path.join(data, 'crashes'))

  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    // Links open in the person's own browser; the app never opens a window for a page.
    contents.setWindowOpenHandler(({ url }) => {
      openOutside(url)
      return { action: 'deny' }
    })
  })

  let ended = false
  app.on('before-quit', (event) => {
    if (ended) return
    event.preventDefault()
    void Promise.all([fleet.close(), backend.stop()]).finally(() => {
      ended = true
      app.quit()
    })
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && !tray.on) app.quit()
  })
  process.on('SIGINT', () => app.quit())
  process.on('SIGTERM', () => app.quit())

  await app.whenReady()
  limitPermissions(session.defaultSession)
  handleAppScheme(path.join(__dirname, '../renderer'))
  locale = app.getLocale()
  Menu.setApplicationMenu(applicationMenu(locale))
  openWindow(data)
  powerMonitor.on('resume', () => backend.woken())
  app.on('activate', () => {
    if (!BrowserWindow.getAllWindows().length) openWindow(data)
  })
}
