import { expect, test } from '@playwright/test'
import { keptSettings, openKind, row, startLiveWeb, toastOf, type Kubectl, type WebApp } from './support/app.js'
import { command, palette } from './support/panel.js'

/** The frame around what is looked at: edges, rail, sidebar, status line, notifications, settings, and where the palette leads. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('create deployment web --image=nginx:1.27')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

const dialog = () => app.page.getByRole('dialog')
const heading = (name: string) => app.page.getByRole('heading', { name, level: 1 })
const closeDialog = async (): Promise<void> => {
  await app.page.keyboard.press('Escape')
  await expect(dialog()).toHaveCount(0)
}

test('the edges of sidebar, details and dock are dragged, moved by keys, and get their first size back', async () => {
  const { page } = app
  await openKind(page, 'Deployments')
  await row(page, 'web').click()
  await page.getByRole('grid').press('e')
  await expect(page.locator('.dock .cm-content')).toContainText('kind: Deployment')
  for (const [name, key, axis, by] of [
    ['Kinds', 'ArrowRight', 'x', 40],
    ['Details', 'ArrowLeft', 'x', -40],
    ['Height of the dock', 'ArrowUp', 'y', -40],
  ] as const) {
    const edge = page.getByRole('separator', { name, exact: true })
    const size = async () => Number(await edge.getAttribute('aria-valuenow'))
    const first = await size()
    await edge.press(key)
    expect(await size()).toBe(first + 16)
    const box = (await edge.boundingBox())!
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    await page.mouse.move(at.x, at.y)
    await page.mouse.down()
    await page.mouse.move(at.x + (axis === 'x' ? by : 0), at.y + (axis === 'y' ? by : 0), { steps: 4 })
    await page.mouse.up()
    expect(await size()).toBe(first + 56)
    await edge.dblclick()
    expect(await size()).toBe(first)
  }
})

test('details are pinned, widened over the list and back, and closed', async () => {
  const { page } = app
  const details = page.getByRole('region', { name: 'Details: web' })
  await details.getByRole('button', { name: 'Keep open when the list changes' }).click()
  await openKind(page, 'Pods')
  await expect(details).toBeVisible()
  await details.getByRole('button', { name: 'Close when the list changes' }).click()
  await details.getByRole('button', { name: 'Widen' }).click()
  await expect(page.getByRole('grid')).toBeHidden()
  await details.getByRole('button', { name: 'Narrow' }).click()
  await expect(page.getByRole('grid')).toBeVisible()
  await details.getByRole('button', { name: 'Close', exact: true }).click()
  await expect(details).toHaveCount(0)
})

test('the dock is hidden and shown, maximised and restored, and its tabs are closed by pointer', async () => {
  const { page } = app
  const dock = page.locator('.dock')
  await dock.getByRole('button', { name: 'Maximise' }).click()
  await expect(page.getByRole('main')).toBeHidden()
  await dock.getByRole('button', { name: 'Restore' }).click()
  await dock.getByRole('button', { name: 'Hide the dock' }).click()
  await expect(dock).toBeHidden()
  await page.getByRole('contentinfo').getByRole('button', { name: 'Dock 1' }).click()
  await expect(dock).toBeVisible()
  await page.keyboard.press('Control+j')
  await expect(dock).toBeHidden()
  await page.keyboard.press('Control+j')
  await command(page, 'Create from YAML')
  await expect(dock.getByRole('tab')).toHaveCount(2)
  await page.keyboard.press('Control+PageUp')
  await expect(dock.getByRole('tab', { name: 'web' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Control+PageDown')
  await expect(dock.getByRole('tab', { name: 'web' })).toHaveAttribute('aria-selected', 'false')
  await dock.getByRole('tab', { name: 'web' }).click()
  await expect(dock.getByRole('tab', { name: 'web' })).toHaveAttribute('aria-selected', 'true')
  await dock.getByRole('tab', { name: 'web' }).click({ button: 'middle' })
  await expect(dock.getByRole('tab')).toHaveCount(1)
  await dock.locator('.dock-tab button').last().click()
  await expect(dock).toHaveCount(0)
})

test('kinds are filtered by name and by short name, and folded', async () => {
  const { page } = app
  const kinds = page.getByRole('navigation', { name: 'Kinds' })
  const field = page.getByRole('textbox', { name: 'Filter kinds' })
  await field.fill('hpa')
  await expect(kinds.getByRole('listitem')).toHaveText([/^HorizontalPodAutoscalers/])
  await field.fill('nothing')
  await expect(kinds).toContainText('No kind matches.')
  await field.press('Escape')
  await expect(kinds.getByRole('link', { name: /^Pods/ })).toBeVisible()
  await kinds.getByRole('button', { name: 'Workloads', exact: true }).click()
  await expect(kinds.getByRole('link', { name: /^Pods/ })).toHaveCount(0)
  await kinds.getByRole('button', { name: 'Workloads', exact: true }).click()
})

test('the rail has the palette, the help and the settings; and another tab on a cluster', async () => {
  const { page } = app
  const rail = page.getByRole('navigation', { name: 'Clusters' })
  await rail.getByRole('button', { name: 'Search commands' }).click()
  await expect(dialog()).toHaveAccessibleName('Command palette')
  await closeDialog()
  await rail.getByRole('button', { name: 'Keyboard shortcuts' }).click()
  await expect(dialog()).toHaveAccessibleName('Keyboard shortcuts')
  await closeDialog()
  await rail.getByRole('button', { name: 'Settings' }).click()
  await expect(dialog()).toHaveAccessibleName('Settings')
  await closeDialog()
  await rail.getByRole('link', { name: /^drydock/ }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Another tab on drydock' }).click()
  await expect(rail.getByRole('link', { name: /^drydock 2/ })).toBeVisible()
  await openKind(page, 'Services')
  await page.keyboard.press('Alt+1')
  await expect(heading('Services')).toHaveCount(0)
  await page.keyboard.press('Alt+2')
  await expect(heading('Services')).toBeVisible()
  await rail.getByRole('link', { name: /^drydock 2/ }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Close drydock 2' }).click()
  await expect(rail.getByRole('link', { name: /^drydock/ })).toHaveCount(1)
})

test('the palette leads to every kind of place, and back and forward go between them', async () => {
  const { page } = app
  for (const [text, title] of [
    ['Map', 'Map'],
    ['Helm releases', 'Helm releases'],
    ['Overview', 'Overview'],
    ['Workloads', 'Workloads'],
    ['Ingresses', 'Ingresses'],
    ['All clusters', 'Clusters'],
  ] as const) {
    await command(page, text)
    await expect(heading(title)).toBeVisible()
  }
  await page.keyboard.press('Alt+ArrowLeft')
  await expect(heading('Ingresses')).toBeVisible()
  await page.keyboard.press('Alt+ArrowRight')
  await expect(heading('Clusters')).toBeVisible()
  await command(page, 'drydock')
  await expect(heading('Ingresses')).toBeVisible()
  await command(page, 'Port forwards')
  await expect(page.getByRole('tab', { name: 'Port forwards' })).toBeVisible()
  await command(page, 'New Service')
  await expect(page.getByRole('form', { name: 'Service form' })).toBeVisible()
  await command(page, 'Settings of drydock')
  await expect(dialog()).toContainText('The kubeconfig is not changed.')
  await closeDialog()
  await command(page, 'Search objects')
  await expect(page).toHaveURL(/#\/search/)
  await command(page, 'drydock')
  // Of the object whose details are open it has the acts, and runs them.
  await openKind(page, 'Deployments')
  await row(page, 'web').click()
  await command(page, 'Restart')
  await expect(dialog()).toContainText('rollout restart deployment.apps/web')
  await closeDialog()
  for (const [text, name] of [
    ['About Drydock', /About/],
    ['Keyboard shortcuts', 'Keyboard shortcuts'],
    ['Settings', 'Settings'],
    ['Install a chart', /helm|chart/i],
  ] as const) {
    await command(page, text)
    await expect(dialog()).toHaveAccessibleName(name)
    await closeDialog()
  }
  await command(page, 'Local terminal')
  await expect(page.getByRole('tab', { name: 'Local: drydock' })).toBeVisible()
  await page.getByRole('grid').focus()
  await page.keyboard.press(':')
  await page.keyboard.type('deploy @dry')
  await page.keyboard.press('Enter')
  await expect(heading('Deployments')).toBeVisible()
  await page.getByRole('grid').focus()
  await page.keyboard.press(':')
  await page.keyboard.type('ns kube-system')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: /^Namespaces/ })).toHaveText('kube-system')
  await command(page, 'Theme: Dark')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await command(page, 'Theme: Light')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await command(page, 'Language: 简体中文')
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await palette(page)
  await page.keyboard.type('English')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
})

test('namespaces are chosen by their key', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await page.getByRole('grid').focus()
  await page.keyboard.press('n')
  const field = page.getByRole('combobox', { name: /^Filter, or type/ })
  await expect(field).toBeFocused()
  await field.fill('default')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: /^Namespaces/ })).toHaveText('default')
  await page.keyboard.press('Escape')
})

test('the keys of a list open details, YAML and the text of kubectl describe', async () => {
  const { page } = app
  const tab = (name: string) => page.getByRole('region', { name: /^Details: web-/ }).getByRole('tab', { name, exact: true })
  await page.getByRole('grid').focus()
  await page.keyboard.press('j')
  await page.keyboard.press('d')
  await expect(tab('Overview')).toHaveAttribute('aria-selected', 'true')
  await page.getByRole('grid').press('y')
  await expect(tab('YAML')).toHaveAttribute('aria-selected', 'true')
  await page.getByRole('grid').press('D')
  await expect(tab('Describe')).toHaveAttribute('aria-selected', 'true')
  await page.getByRole('grid').press('Escape')
  await expect(page.getByRole('region', { name: /^Details/ })).toHaveCount(0)
})

test('notifications are narrowed to problems, lead to what they are about, and are cleared', async () => {
  const { page } = app
  kubectl('create configmap rope')
  await openKind(page, 'ConfigMaps')
  await row(page, 'rope').click({ button: 'right' })
  await page.getByRole('menuitem', { name: /^Delete/ }).click()
  await dialog().getByRole('button', { name: 'Delete', exact: true }).click()
  await toastOf(page, 'ConfigMap rope deleted').getByRole('button', { name: 'Close' }).click()
  await expect(toastOf(page, 'ConfigMap rope deleted')).toHaveCount(0)
  await page
    .getByRole('contentinfo')
    .getByRole('button', { name: /notification/i })
    .click()
  const centre = page.getByRole('dialog', { name: 'Notifications' })
  await expect(centre.getByRole('listitem').filter({ hasText: 'ConfigMap rope deleted' })).toHaveCount(1)
  await centre.getByRole('checkbox', { name: 'Only problems' }).check()
  await expect(centre.getByRole('listitem').filter({ hasText: 'ConfigMap rope deleted' })).toHaveCount(0)
  await centre.getByRole('checkbox', { name: 'Only problems' }).uncheck()
  await centre.getByRole('button', { name: 'Clear' }).click()
  await expect(centre).toContainText('Nothing has happened yet.')
  await page.keyboard.press('Escape')
})

test('every setting takes effect and is kept', async () => {
  const { page } = app
  await page.getByRole('grid').focus()
  await page.keyboard.press('Control+,')
  const html = page.locator('html')
  await dialog().getByRole('radio', { name: 'Dark', exact: true }).check()
  await expect(html).toHaveAttribute('data-theme', 'dark')
  await dialog().getByRole('radio', { name: 'Follow the system' }).first().check()
  const accents = dialog().getByRole('group', { name: 'Accent' }).getByRole('radio')
  const accent = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent'))
  const before = await accent()
  await accents.nth(2).check({ force: true })
  expect(await accent()).not.toBe(before)
  await dialog().getByLabel('Another').fill('#118844')
  await accents.first().check({ force: true })
  expect(await accent()).toBe(before)
  await dialog().getByRole('radio', { name: '简体中文' }).check()
  await expect(html).toHaveAttribute('lang', 'zh-CN')
  await dialog().getByRole('radio', { name: 'English' }).check()
  await dialog().getByRole('group', { name: 'Language' }).getByRole('radio', { name: 'Follow the system' }).check()
  for (const [name, value] of [
    ['Editor size, px', '14'],
    ['Log size, px', '13'],
    ['Terminal size, px', '15'],
    ['Lines kept', '5000'],
  ] as const) {
    await dialog().getByLabel(name).fill(value)
    await dialog().getByLabel(name).blur()
  }
  await dialog().getByLabel('Font').fill('monospace')
  await dialog().getByLabel('Font').blur()
  await dialog().getByRole('combobox', { name: 'Cursor' }).selectOption('bar')
  for (const name of ['The cursor blinks', 'What is selected is copied at once', 'Output is read by screen readers'])
    await dialog().getByRole('checkbox', { name }).check()
  for (const name of [/^Open terminals in containers again/, /^Show warnings/, /^Tell when a rollout/, /^Write OIDC tokens/])
    await dialog().getByRole('checkbox', { name }).uncheck()
  await expect
    .poll(() => keptSettings(app.data))
    .toMatchObject({
      theme: 'system',
      language: 'system',
      codeSize: 14,
      logSize: 13,
      terminal: {
        fontSize: 15,
        scrollback: 5000,
        fontFamily: 'monospace',
        cursorStyle: 'bar',
        cursorBlink: true,
        copyOnSelect: true,
        screenReader: true,
        reconnect: false,
      },
      notify: { warnings: false, rollouts: false },
      writeTokens: false,
    })
  await dialog().getByRole('button', { name: 'Change drydock' }).click()
  await expect(dialog()).toHaveAccessibleName('Settings of drydock')
  await closeDialog()
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})

test('a window whose files were replaced says so, and is loaded anew from there', async () => {
  const { page } = app
  const gone = /assets\/(ChecksView|YamlView)-.*\.js/
  await page.route(gone, (route) => route.fulfill({ status: 404 }))
  await openKind(page, 'Deployments')
  await page.reload()
  await row(page, 'web').click()
  await page.getByRole('grid').press('e')
  const told = page.getByText('A part of this window could not be loaded. The app may have been updated since the window was opened.')
  await expect(told).toBeVisible()
  await page.goto(page.url().replace(/deployments\.apps.*/, 'checks'))
  await expect(told).toHaveCount(1)
  await expect(page.getByText('Something unexpected went wrong.')).toHaveCount(0)
  await page.unroute(gone)
  await page.getByRole('button', { name: 'Reload the window' }).click()
  await expect(told).toHaveCount(0)
  await page.goto(page.url().replace(/deployments\.apps.*/, 'checks'))
  await expect(heading('Checks')).toBeVisible()
})
