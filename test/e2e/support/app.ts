/** The app as a person starts it: in a browser (web mode) or as an Electron window, on a data directory of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { _electron, chromium, expect, type Browser, type ElectronApplication, type Locator, type Page } from '@playwright/test'
import { countCalls } from './driven.js'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Runs kubectl with words that spaces separate, and a text on its stdin; gives what it printed, throws when it fails. */
export type Kubectl = (args: string, input?: string) => string

/** The pinned kubectl on a kubeconfig. */
export async function kubectlOn(kubeconfig: string): Promise<Kubectl> {
  const { clients } = (await import('../../../src-main/tools/clients.mjs' as string)) as { clients: () => { kubectl: string } }
  const { kubectl } = clients()
  return (args, input = '') => {
    const result = spawnSync(kubectl, args.split(/\s+/), {
      env: { PATH: process.env.PATH, HOME: path.dirname(kubeconfig), KUBECONFIG: kubeconfig },
      encoding: 'utf8',
      input,
      timeout: 60_000,
    })
    if (result.status !== 0) throw new Error(`kubectl ${args}: ${result.stderr}`)
    return result.stdout
  }
}

export const newDirectory = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-e2e-'))
export const embeddedKubeconfig = (data: string): string => path.join(data, 'clusters/drydock/kubeconfig')

/** An embedded cluster in a process of its own, for windows that reach it only by its kubeconfig: it plays a real cluster. */
export interface OtherCluster {
  data: string
  kubeconfig: string
  process: ChildProcess
  /** Ends it, as a crash or a power cut would. */
  kill(): Promise<void>
}

/** Starts it, in a directory where one was before, or in a new one. */
export async function startCluster(name: string, data = newDirectory()): Promise<OtherCluster> {
  const child = spawn(process.execPath, [path.join(root, 'out/main/cluster.cjs'), '--name', name, '--nodes', '1', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    readline.createInterface({ input: child.stdout! }).on('line', (line) => line.startsWith('ready ') && resolve())
    child.once('exit', (code) => reject(new Error(`the cluster ended with ${code}`)))
  })
  const kill = (): Promise<void> =>
    new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  return { data, kubeconfig: path.join(data, 'kubeconfig'), process: child, kill }
}

/** Web mode in a process, and a browser that opened its URL. */
export interface WebApp {
  page: Page
  browser: Browser
  data: string
  process: ChildProcess
  /** Everything the browser's console called an error. */
  errors: string[]
  close(): Promise<void>
}

export async function startWeb(options: { data?: string; env?: NodeJS.ProcessEnv } = {}): Promise<WebApp> {
  const data = options.data ?? newDirectory()
  // No kubeconfig of the person who runs the tests may show up.
  const child = spawn(process.execPath, [path.join(root, 'out/main/web.cjs'), '--data', data, '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HOME: data, KUBECONFIG: path.join(data, 'none'), ...options.env },
  })
  const url = await new Promise<string>((resolve, reject) => {
    readline.createInterface({ input: child.stdout! }).on('line', (line) => line.startsWith('open ') && resolve(line.slice(5)))
    child.once('exit', (code) => reject(new Error(`web mode ended with ${code}`)))
  })
  const executablePath = BROWSERS.find((p) => fs.existsSync(p))
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, locale: 'en-US' })
  const page = await context.newPage()
  const writeCalls = await countCalls(page)
  const errors: string[] = []
  page.on('console', (m) => m.type() === 'error' && errors.push(m.text()))
  page.on('pageerror', (e) => errors.push(e.message))
  await page.goto(url)
  return {
    page,
    browser,
    data,
    process: child,
    errors,
    close: async () => {
      await writeCalls()
      await browser.close()
      const exit = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await exit
      if (!options.data) fs.rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Web mode whose window is on its live embedded cluster, and kubectl on that. */
export async function startLiveWeb(options: { data?: string; env?: NodeJS.ProcessEnv } = {}): Promise<{ app: WebApp; kubectl: Kubectl }> {
  const app = await startWeb(options)
  await live(app.page)
  return { app, kubectl: await kubectlOn(embeddedKubeconfig(app.data)) }
}

/** The Electron app on a data directory. */
export async function startElectron(
  data: string,
  variables: Record<string, string | undefined> = {},
): Promise<{ app: ElectronApplication; page: Page }> {
  const executablePath = process.env.DRYDOCK_ELECTRON
  if (!executablePath) throw new Error('DRYDOCK_ELECTRON is not set: run the tests with npm test')
  const app = await _electron.launch({
    executablePath,
    args: ['--no-sandbox', root],
    env: Object.fromEntries(
      Object.entries({ ...process.env, DRYDOCK_DATA: data, HOME: data, KUBECONFIG: path.join(data, 'none'), ...variables }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    ),
  })
  const page = await app.firstWindow()
  const writeCalls = await countCalls(page)
  const close = app.close.bind(app)
  // A window that was closed has nothing to tell any more.
  app.close = async () => (await writeCalls().catch(() => undefined), close())
  return { app, page }
}

/** The settings as they are kept: the window writes them a moment after the last change. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever is remembered
export const keptSettings = (data: string): any => JSON.parse(fs.readFileSync(path.join(data, 'settings.json'), 'utf8'))

/** What the status line says of the connection. */
export const connection = (page: Page): Locator => page.getByRole('contentinfo').getByRole('status')

/** Waits until the window is on the live embedded cluster. */
export async function live(page: Page): Promise<void> {
  await expect(connection(page)).toContainText('Live', { timeout: 60_000 })
}

/** Goes to a place of the window. */
export const place = (page: Page, hash: string): Promise<unknown> => page.goto(page.url().replace(/#.*|$/, `#${hash}`))

/** Opens the list of a kind from the sidebar. */
export async function openKind(page: Page, kind: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Kinds' })
    .getByRole('link', { name: new RegExp(`^${kind}( \\d+)?$`) })
    .click()
  await expect(page.getByRole('heading', { name: kind, level: 1 })).toBeVisible()
}

/** The row of an object in the list that is open; a pattern is looked for in names, which other cells may tell of, too. */
export function row(page: Page, name: string | RegExp): Locator {
  const cell = page.getByRole('gridcell', { name, exact: typeof name === 'string' })
  return page
    .getByRole('grid')
    .getByRole('row')
    .filter({ has: typeof name === 'string' ? cell : page.locator('.cell.name').and(cell) })
}

/** The text on the screen of the terminal in front. */
export function screenOf(page: Page): Locator {
  return page.locator('.xterm-rows:visible').last()
}

/** The toasts that say `text`. */
export const toastOf = (page: Page, text: string | RegExp): Locator => page.locator('.toast').filter({ hasText: text })

/** Takes back what the toast that says `text` tells of. */
export const undo = (page: Page, text: string | RegExp): Promise<void> => toastOf(page, text).getByRole('button', { name: 'Undo' }).click()
