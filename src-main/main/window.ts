/** A window, where and as large as it was left. */
import fs from 'node:fs'
import path from 'node:path'
import { BrowserWindow, nativeTheme, screen, type Rectangle } from 'electron'
import { APP_ORIGIN } from './scheme.js'

interface Place extends Partial<Rectangle> {
  maximized?: boolean
}

/** Opens a window; its place is kept in `DATA/window.json`. */
export function openWindow(data: string): BrowserWindow {
  const file = path.join(data, 'window.json')
  const place = visible(readPlace(file))
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    ...place,
    minWidth: 820,
    minHeight: 520,
    show: false,
    title: 'Drydock',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    autoHideMenuBar: true,
    webPreferences: {
      preload: path.join(__dirname, '../preload/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  if (place.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  let timer: NodeJS.Timeout | undefined
  const save = (): void => {
    clearTimeout(timer)
    if (window.isDestroyed() || window.isMinimized()) return
    const next: Place = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    fs.mkdirSync(data, { recursive: true })
    fs.writeFileSync(file, JSON.stringify(next))
  }
  const later = (): void => {
    clearTimeout(timer)
    timer = setTimeout(save, 400)
  }
  window.on('resize', later)
  window.on('move', later)
  window.on('close', save)
  window.on('closed', () => clearTimeout(timer))
  void window.loadURL(`${APP_ORIGIN}/`)
  return window
}

function readPlace(file: string): Place {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Place
  } catch {
    return {}
  }
}

/** Drops a place on a screen that is no longer there. */
function visible(place: Place): Place {
  const { x, y, width, height } = place
  if (![width, height].every((n) => Number.isInteger(n) && n! > 200)) return {}
  if (!Number.isInteger(x) || !Number.isInteger(y)) return place
  const on = screen
    .getAllDisplays()
    .some(({ workArea: a }) => x! < a.x + a.width - 100 && x! + width! > a.x + 100 && y! >= a.y - 20 && y! < a.y + a.height - 60)
  return on ? place : { width: width!, height: height!, ...(place.maximized ? { maximized: true } : {}) }
}
