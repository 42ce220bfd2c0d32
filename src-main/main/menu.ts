/** The native menu: what each OS expects, in English or 简体中文. The window's own commands live in its palette. */
import { Menu, type MenuItemConstructorOptions } from 'electron'

const words = {
  en: { file: 'File', edit: 'Edit', view: 'View', window: 'Window' },
  zh: { file: '文件', edit: '编辑', view: '视图', window: '窗口' },
}

/** @param locale as Electron tells it, such as `zh-CN` */
export function applicationMenu(locale: string): Menu {
  const t = locale.startsWith('zh') ? words.zh : words.en
  const mac = process.platform === 'darwin'
  const template: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    { label: t.file, submenu: [mac ? { role: 'close' } : { role: 'quit' }] },
    {
      label: t.edit,
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: t.view,
      submenu: [
        { role: 'reload' },
        { role: 'toggleDevTools' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { label: t.window, submenu: [{ role: 'minimize' }, { role: 'zoom' }] },
  ]
  return Menu.buildFromTemplate(template)
}
