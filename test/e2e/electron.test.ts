import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test, type ElectronApplication, type Page } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, newDirectory, openKind, row, screenOf, startElectron } from './support/app.js'

/** The window in a real Electron. */

let data: string
/** Started as from a dock: what the profile of the person exports is not in the environment. */
const fromDock = { KUBECONFIG: undefined, SHELL: '/bin/bash' }
let app: ElectronApplication
let page: Page

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  data = newDirectory()
  fs.writeFileSync(path.join(data, '.bash_profile'), 'export PATH="$HOME/programs:$PATH" KUBECONFIG="$HOME/exported"\n')
  ;({ app, page } = await startElectron(data, fromDock))
  await live(page)
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(data, { recursive: true, force: true })
})

test('opens on the embedded cluster, and goes from the list of pods to the answer of hostname in a shell', async () => {
  const kubectl = await kubectlOn(embeddedKubeconfig(data))
  await openKind(page, 'Pods')
  kubectl('run shell --image=busybox -- sleep 1000000')
  await expect(row(page, 'shell')).toContainText('Running')
  await row(page, 'shell').click()
  await page.getByRole('region', { name: 'Details: shell' }).getByRole('button', { name: 'Shell', exact: true }).click()
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
  await page.keyboard.type('hostname\n')
  await expect(screenOf(page)).toContainText(/hostname\s*shell/)
})

test('the page is sandboxed and isolated: no Node, no way out', async () => {
  const seen = await page.evaluate(() => ({
    require: typeof (globalThis as { require?: unknown }).require,
    process: typeof (globalThis as { process?: unknown }).process,
    electron: Object.keys(globalThis).filter((k) => /electron|ipc/i.test(k)),
  }))
  expect(seen).toEqual({ require: 'undefined', process: 'undefined', electron: [] })
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    const { sandbox, contextIsolation, nodeIntegration, webviewTag } = contents.getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration, webviewTag }
  })
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false })
})

test('started for an assistant it shows no window, speaks to it beside the one that is open, and ends with it', async () => {
  const child = spawn(process.env.DRYDOCK_ELECTRON!, ['--no-sandbox', path.resolve('.'), '--mcp', '--context', 'drydock'], {
    env: { ...process.env, DRYDOCK_DATA: data, HOME: data, KUBECONFIG: path.join(data, 'none') },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let said = ''
  child.stdout.on('data', (d: Buffer) => (said += d.toString()))
  const clientInfo = { name: 'e2e', version: '1' }
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } })
  send({ method: 'notifications/initialized' })
  send({ id: 2, method: 'tools/call', params: { name: 'get', arguments: { context: 'drydock', kind: 'pod', name: 'shell' } } })
  await expect.poll(() => said).toContain('"id":2')
  const [first, answer] = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { result: { serverInfo: object; content: { text: string }[] } })
  expect(first!.result.serverInfo).toMatchObject({ name: 'drydock' })
  expect(answer!.result.content[0]!.text).toMatch(/^apiVersion: v1\nkind: Pod\n/)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.stdin.end()
  expect(await ended).toBe(0)
})

test('a second start on the same data ends at once and leaves the first window in front', async () => {
  const second = spawn(process.env.DRYDOCK_ELECTRON!, ['--no-sandbox', path.resolve('.')], {
    env: { ...process.env, DRYDOCK_DATA: data, HOME: data, KUBECONFIG: path.join(data, 'none') },
    stdio: 'ignore',
  })
  expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('a backend that crashes is replaced, and the window goes on', async () => {
  await app.evaluate(({ app: electron }) => {
    const backend = electron.getAppMetrics().find((m) => m.name === 'Drydock backend' || m.serviceName === 'Drydock backend')
    if (backend) process.kill(backend.pid, 'SIGKILL')
  })
  await openKind(page, 'Nodes')
  await expect(row(page, 'drydock')).toContainText('Ready', { timeout: 30_000 })
  await live(page)
})

test('the size of the window is remembered, and the cluster with it', async () => {
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setSize(1111, 777))
  await expect
    .poll(() =>
      fs.existsSync(`${data}/window.json`) ? (JSON.parse(fs.readFileSync(`${data}/window.json`, 'utf8')) as { width: number }).width : 0,
    )
    .toBe(1111)
  await app.close()
  ;({ app, page } = await startElectron(data, fromDock))
  await live(page)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getSize())).toEqual([1111, 777])
  await openKind(page, 'Pods')
  await expect(row(page, 'shell')).toContainText('Running')
})

test('files are copied to a folder chosen in the system’s dialog', async () => {
  await app.evaluate(({ dialog }, folder) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] })
  }, data)
  await row(page, 'shell').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy files' }).click()
  const dialog = page.getByRole('dialog', { name: 'Copy files of shell' })
  await dialog.getByRole('button', { name: 'Browse' }).click()
  await expect(dialog.getByLabel('Path on this machine')).toHaveValue(data)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

test('a page gets no permission but to write to the clipboard', async () => {
  const asked = await page.evaluate(async () => {
    const state = async (name: string) => (await navigator.permissions.query({ name: name as PermissionName })).state
    const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => 'granted',
      (e: Error) => e.name,
    )
    return {
      media,
      notifications: await Notification.requestPermission(),
      geolocation: await state('geolocation'),
      reading: await navigator.clipboard.readText().then(
        () => 'granted',
        (e: Error) => e.name,
      ),
      write: await state('clipboard-write'),
    }
  })
  expect(asked).toMatchObject({ notifications: 'denied', geolocation: 'denied', reading: 'NotAllowedError', write: 'granted' })
  expect(asked.media).toMatch(/NotAllowedError|NotFoundError/)
})

test('the menu’s commands reach the window, and it is in the window’s language', async () => {
  const click = (id: string) => app.evaluate(({ Menu }, name) => Menu.getApplicationMenu()!.getMenuItemById(name)!.click(), id)
  await click('settings')
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible()
  await page.getByRole('radio', { name: '简体中文' }).check()
  await expect.poll(() => app.evaluate(({ Menu }) => Menu.getApplicationMenu()!.items.map((i) => i.label))).toContain('文件')
  await page.getByRole('radio', { name: 'English' }).check()
  await page.keyboard.press('Escape')
  await click('shortcuts')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await page.keyboard.press('Escape')
})

test('a local terminal runs in the window, and what is on the clipboard is pasted by the right button', async () => {
  await app.evaluate(({ clipboard }) => clipboard.writeText('echo "pasted $((40 + 2))"'))
  await app.evaluate(({ Menu }) => Menu.getApplicationMenu()!.getMenuItemById('terminal')!.click())
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
  await page.locator('.dock [role=tabpanel]:visible .xterm-screen').last().click({ button: 'right' })
  await expect(screenOf(page)).toContainText('echo "pasted')
  await page.keyboard.press('Enter')
  await expect(screenOf(page)).toContainText('pasted 42')
  await page.keyboard.type('echo $KUBECONFIG\n')
  await expect(screenOf(page)).toContainText('clusters/drydock/kubeconfig')
})

test('a rollout that was started here is told by the system when the person looks elsewhere', async () => {
  const kubectl = await kubectlOn(embeddedKubeconfig(data))
  kubectl('create deployment web --image=nginx')
  kubectl('rollout status deployment/web --timeout=60s')
  await app.evaluate(({ BrowserWindow, Notification }) => {
    const shown: string[] = []
    const clicks: (() => void)[] = []
    Object.assign(globalThis, { shown, clicks })
    Notification.isSupported = () => true
    Notification.prototype.show = function (this: { title: string; on: unknown; emit(name: string): void }) {
      shown.push(this.title)
      clicks.push(() => this.emit('click'))
    }
    BrowserWindow.getAllWindows()[0]!.isFocused = () => false
  })
  // To the page, too, the window is one that has not the focus.
  await page.evaluate(() => (document.hasFocus = () => false))
  await page.goto('app://drydock/#/c/drydock/deployments.apps?ns=default')
  await row(page, 'web').click()
  await page.getByRole('region', { name: 'Details: web' }).getByRole('button', { name: 'Restart' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click()
  await expect(page.locator('.toast').getByText('Deployment web is rolled out')).toBeVisible({ timeout: 60_000 })
  await expect
    .poll(() => app.evaluate(() => (globalThis as unknown as { shown: string[] }).shown))
    .toEqual(['Deployment web is rolled out'])
  await openKind(page, 'Pods')
  await app.evaluate(() => (globalThis as unknown as { clicks: (() => void)[] }).clicks[0]!())
  await expect(page.getByRole('heading', { name: 'Deployments', level: 1 })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Details: web' })).toBeVisible()
})

test('with the icon in the tray the app stays when its window is closed', async () => {
  await app.evaluate(({ Menu }) => Menu.getApplicationMenu()!.getMenuItemById('settings')!.click())
  await page.getByRole('checkbox', { name: /tray/i }).check()
  await page.keyboard.press('Escape')
  await page.close()
  // The page is gone a little before its window.
  await expect.poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(0)
  const next = app.waitForEvent('window')
  await app.evaluate(({ app: electron }) => electron.emit('second-instance'))
  page = await next
  await live(page)
  await app.evaluate(({ Menu }) => Menu.getApplicationMenu()!.getMenuItemById('settings')!.click())
  await page.getByRole('checkbox', { name: /tray/i }).uncheck()
  await page.keyboard.press('Escape')
})

test('what the profile exports is known, also when the app was started without it: KUBECONFIG, and where credential plugins are', async () => {
  const kubectl = await kubectlOn(embeddedKubeconfig(data))
  kubectl('create serviceaccount robot')
  kubectl('create clusterrolebinding robot --clusterrole=view --serviceaccount=default:robot')
  const token = kubectl('create token robot --duration=10m').trim()
  const v1 = 'client.authentication.k8s.io/v1'
  const { clusters } = JSON.parse(kubectl('config view --raw -o json')) as { clusters: { name: string }[] }
  const credential = JSON.stringify({ kind: 'ExecCredential', apiVersion: v1, status: { token } })
  fs.mkdirSync(path.join(data, 'programs'))
  fs.writeFileSync(path.join(data, 'programs', 'dock-plugin'), `#!/bin/sh\necho '${credential}'\n`, { mode: 0o755 })
  fs.writeFileSync(
    path.join(data, 'exported'),
    JSON.stringify({
      clusters,
      users: [{ name: 'robot', user: { exec: { apiVersion: v1, command: 'dock-plugin', interactiveMode: 'Never' } } }],
      contexts: [{ name: 'from-profile', context: { cluster: clusters[0]!.name, user: 'robot' } }],
    }),
  )
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('row').getByRole('link', { name: 'from-profile', exact: true }).click()
  await expect(page.getByRole('contentinfo')).toContainText('from-profile')
  await live(page)
})

test('a link of a page is opened outside if it is one of the web', async () => {
  await app.evaluate(({ shell }) => {
    const opened: string[] = []
    Object.assign(globalThis, { opened })
    shell.openExternal = (url) => Promise.resolve(void opened.push(url))
  })
  await page.evaluate(() => {
    for (const url of ['https://kubernetes.io/', 'file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share']) window.open(url)
  })
  await expect.poll(() => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)).toEqual(['https://kubernetes.io/'])
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

// Last: to the test driver a navigation that is denied stays under way.
test('navigation and new windows are denied, and the policy blocks scripts from elsewhere', async () => {
  const before = page.url()
  await page.evaluate(() => {
    window.open('https://example.com')
    window.location.href = 'https://example.com'
  })
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(null))))
  expect(page.url()).toBe(before)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  const blocked = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (e) => resolve(e.effectiveDirective), { once: true })
        const script = document.createElement('script')
        script.src = 'https://example.com/x.js'
        document.head.append(script)
      }),
  )
  expect(blocked).toBe('script-src-elem')
})
