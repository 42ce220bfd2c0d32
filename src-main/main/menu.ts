/** The native menu: what each OS expects, in English or 简体中文. Its commands are carried out by the window in front. */
import { BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron'
import { openOutside } from './links.js'

const words = {
  en: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    window: 'Window',
    help: 'Help',
    settings: 'Settings…',
    palette: 'Search commands…',
    catalogue: 'All clusters',
    create: 'Create from YAML…',
    terminal: 'New local terminal',
    dock: 'Show or hide the dock',
    shortcuts: 'Keyboard shortcuts',
    about: 'About Drydock',
    kubernetes: 'Kubernetes documentation',
    show: 'Show Drydock',
    quit: 'Quit Drydock',
  },
  zh: {
    file: '文件',
    edit: '编辑',
    view: '视图',
    window: '窗口',
    help: '帮助',
    settings: '设置…',
    palette: '搜索命令…',
    catalogue: '所有集群',
    create: '用 YAML 创建…',
    terminal: '新建本地终端',
    dock: '显示或隐藏停靠栏',
    shortcuts: '键盘快捷键',
    about: '关于 Drydock',
    kubernetes: 'Kubernetes 文档',
    show: '显示 Drydock',
    quit: '退出 Drydock',
  },
}

/** @param locale such as `zh-CN` */
export const menuWords = (locale: string): typeof words.en => (locale.startsWith('zh') ? words.zh : words.en)

/** Tells the window in front what was chosen. */
function command(name: string): void {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  window?.show()
  window?.webContents.send('drydock:command', { command: name })
}

/**
 * The template of the application menu.
 * @param platform decides what is where: an app menu on a Mac, Quit under File elsewhere
 */
export function menuTemplate(locale: string, platform: NodeJS.Platform = process.platform): MenuItemConstructorOptions[] {
  const t = menuWords(locale)
  const mac = platform === 'darwin'
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const item = (name: keyof typeof t, accelerator?: string): MenuItemConstructorOptions => ({
    id: name,
    label: t[name],
    ...(accelerator ? { accelerator, registerAccelerator: false } : {}),
    click: () => command(name),
  })
  // The window hears these keys itself; the menu shows them. Only Settings is a key of the menu alone.
  const settings: MenuItemConstructorOptions = { ...item('settings'), accelerator: 'CmdOrCtrl+,' }
  return [
    ...(mac
      ? [
          {
            label: 'Drydock',
            submenu: [
              item('about'),
              separator,
              settings,
              separator,
              { role: 'services' },
              separator,
              { role: 'hide' },
              { role: 'hideOthers' },
              { role: 'unhide' },
              separator,
              { role: 'quit' },
            ],
          } as MenuItemConstructorOptions,
        ]
      : []),
    {
      label: t.file,
      submenu: [
        item('create'),
        item('terminal', 'Ctrl+Shift+`'),
        separator,
        ...(mac
          ? [{ role: 'close' } as MenuItemConstructorOptions]
          : [settings, separator, { role: 'quit' } as MenuItemConstructorOptions]),
      ],
    },
    {
      label: t.edit,
      submenu: [{ role: 'undo' }, { role: 'redo' }, separator, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }],
    },
    {
      label: t.view,
      submenu: [
        item('palette', 'CmdOrCtrl+K'),
        item('catalogue'),
        item('dock', 'CmdOrCtrl+J'),
        separator,
        { role: 'reload' },
        { role: 'toggleDevTools' },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    { label: t.window, role: 'window', submenu: [{ role: 'minimize' }, { role: 'zoom' }, ...(mac ? [{ role: 'front' } as const] : [])] },
    {
      label: t.help,
      role: 'help',
      submenu: [
        item('shortcuts', '?'),
        { id: 'kubernetes', label: t.kubernetes, click: () => openOutside('https://kubernetes.io/docs/home/') },
        ...(mac ? [] : [separator, item('about')]),
      ],
    },
  ]
}

export const applicationMenu = (locale: string): Menu => Menu.buildFromTemplate(menuTemplate(locale))
