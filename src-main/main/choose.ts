/** The system's dialog for files and folders, asked for by a window. */
import { BrowserWindow, dialog, ipcMain, type OpenDialogOptions } from 'electron'
import { isOwnPage } from './window-messages.js'

const manifests: OpenDialogOptions = {
  properties: ['openFile', 'multiSelections'],
  filters: [
    { name: 'YAML, JSON', extensions: ['yaml', 'yml', 'json'] },
    { name: '*', extensions: ['*'] },
  ],
}
const options: Readonly<Record<string, OpenDialogOptions>> = {
  folder: { properties: ['openDirectory'] },
  any: { properties: ['openFile'] },
}

/** Answers a window that asks for files or a folder with the paths that were chosen; with none when the person chose none. */
export function handleChoose(): void {
  ipcMain.on('drydock:choose', async (event, message: { id?: unknown; what?: unknown } | null) => {
    const window = BrowserWindow.fromWebContents(event.sender)
    if (!window || !isOwnPage(event)) return
    const { filePaths } = await dialog.showOpenDialog(window, options[String(message?.what)] ?? manifests)
    event.sender.send('drydock:chosen', { id: message?.id, paths: filePaths })
  })
}
