import fs from 'node:fs'
import { expect, test } from '@playwright/test'
import {
  connection,
  embeddedKubeconfig,
  kubectlOn,
  live,
  openKind,
  row,
  startCluster,
  startWeb,
  type OtherCluster,
  type WebApp,
} from './support/app.js'
import { axe } from './support/axe.js'

/** Objects of all kinds are found in all open clusters: the embedded one, and one that is reached only by its kubeconfig. */

let app: WebApp
let real: OtherCluster

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  real = await startCluster('real')
  const there = await kubectlOn(real.kubeconfig)
  app = await startWeb({ env: { KUBECONFIG: real.kubeconfig } })
  await live(app.page)
  const here = await kubectlOn(embeddedKubeconfig(app.data))
  here('create deployment web --image=nginx:1.27')
  here('create secret generic sails-token --from-literal=password=hunter2')
  here('annotate deployment web example.com/owner=team-sails')
  there('create deployment web --image=nginx:1.25')
  there('create deployment bad --image=nginx:1.999')
  await app.page.getByRole('link', { name: 'All clusters' }).click()
  await app.page.getByRole('row').getByRole('link', { name: 'real', exact: true }).click()
  await expect(connection(app.page)).toContainText('Live')
})
test.afterAll(async () => {
  await app?.close()
  await real?.kill()
  fs.rmSync(real.data, { recursive: true, force: true })
})

const field = () => app.page.getByRole('textbox', { name: 'Search objects' })
const main = () => app.page.getByRole('main')
/** What was found, as `name cluster`. */
const found = (name: string, cluster: string) =>
  main()
    .getByRole('row')
    .filter({ has: app.page.getByRole('link', { name, exact: true }) })
    .filter({ has: app.page.getByRole('cell', { name: cluster, exact: true }) })
/** What axe finds in a part of the window. */
const clean = async (part: string) => expect((await axe(app.page, { include: part })).violations).toEqual([])

test('a text typed in the palette is searched for in all open clusters', async () => {
  const { page } = app
  await page.keyboard.press('Control+k')
  await page.keyboard.type('sails')
  await page.getByRole('option', { name: 'Search all open clusters for “sails”' }).click()
  await expect(field()).toHaveValue('sails')
  await expect(found('web', 'drydock')).toContainText('example.com/owner=team-sails')
  await expect(found('sails-token', 'drydock')).toHaveCount(1)
  await expect(main()).not.toContainText('hunter2')
  await clean('.search-view')
})

test('fields narrow it; what was found is grouped by kind and tells why', async () => {
  await field().fill('image:nginx kind:deploy')
  await expect(found('web', 'drydock')).toContainText('nginx:1.27')
  await expect(found('web', 'real')).toContainText('nginx:1.25')
  await expect(main().getByRole('rowheader', { name: /^Deployments 3/ })).toBeVisible()
  await field().fill('status:trouble kind:pod')
  await expect(main().getByRole('row').filter({ hasText: /^bad-/ })).toHaveCount(1)
  await field().fill('web cluster:real kind:rs')
  await expect(main().getByRole('rowheader', { name: /^ReplicaSets 1/ })).toBeVisible()
  await field().fill('name:/(/')
  await expect(main()).toContainText('“name:/(/” cannot be read')
  await field().fill('no-such-thing-anywhere')
  await expect(main()).toContainText('Nothing matches “no-such-thing-anywhere”')
})

test('what was found changes while the search is open', async () => {
  const there = await kubectlOn(real.kubeconfig)
  await field().fill('kind:deploy late')
  await expect(main()).toContainText('Nothing matches “kind:deploy late”')
  await expect(main().locator('.follows')).toHaveText('Live')
  there('create deployment later --image=nginx:1.27')
  await expect(found('later', 'real')).toHaveCount(1)
  there('delete deployment later')
  await expect(main()).toContainText('Nothing matches “kind:deploy late”')
})

test('clusters are taken out of a search and put back', async () => {
  const { page } = app
  await field().fill('kind:deploy web')
  await expect(found('web', 'real')).toHaveCount(1)
  await page.getByRole('button', { name: 'real', exact: true }).click()
  await expect(main().getByRole('link', { name: 'web', exact: true })).toHaveCount(1)
  await page.getByRole('button', { name: 'real', exact: true }).click()
  await expect(found('web', 'real')).toHaveCount(1)
})

test('what was found is reached and opened by keyboard', async () => {
  const { page } = app
  await field().fill('kind:deploy cluster:real web')
  await expect(main().getByRole('rowheader', { name: /^Deployments 1/ })).toBeVisible()
  await field().press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Details: web' })).toContainText('nginx:1.25')
  await page.goBack()
  await expect(field()).toHaveValue('kind:deploy cluster:real web')
})

test('a search is kept under a name, and found again from the palette after a reload', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Saved searches' }).click()
  await page.getByRole('textbox', { name: 'Name of the search' }).fill('The real web')
  await clean('.saved-searches')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect.poll(() => fs.readFileSync(`${app.data}/settings.json`, 'utf8')).toContain('The real web')
  await page.reload()
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('the real w')
  await page.getByRole('option', { name: /^The real web/ }).click()
  await expect(field()).toHaveValue('kind:deploy cluster:real web')
  await expect(main().getByRole('link', { name: 'web', exact: true })).toHaveCount(1)
  await page.getByRole('button', { name: 'Saved searches' }).click()
  await page.getByRole('button', { name: 'Forget the search The real web' }).click()
  await expect(page.getByText('No searches are saved.')).toBeVisible()
})

test('a command gets another key; the help and the menus tell it, and a key that is taken is told', async () => {
  const { page } = app
  const dialog = page.getByRole('dialog')
  await page
    .getByRole('navigation', { name: 'Clusters' })
    .getByRole('link', { name: /^drydock/ })
    .click()
  await openKind(page, 'Deployments')
  await page.getByRole('grid').focus()
  await page.keyboard.press('?')
  await dialog.getByRole('button', { name: 'Change keys' }).click()
  await dialog.getByRole('button', { name: 'Key for Search objects: Ctrl+/' }).click()
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('Enter cannot be used for this')
  await page.keyboard.press('l')
  await expect(dialog.getByRole('alert')).toContainText('l is the key of “Logs”.')
  await clean('.key-row:has([role=alert])')
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await dialog.getByRole('button', { name: 'Change keys' }).click()
  await dialog.getByRole('button', { name: 'Key for Scale: c' }).click()
  await page.keyboard.press('l')
  await dialog.getByRole('button', { name: 'Use it here instead' }).click()
  await expect(dialog.getByRole('button', { name: 'Key for Logs: none' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(
    dialog
      .locator('dl > div')
      .filter({ has: page.getByText('Scale', { exact: true }) })
      .locator('kbd'),
  ).toHaveText(['l'])
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await row(page, 'web').click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: /^Scale/ })).toContainText('l')
  await page.keyboard.press('Escape')
  await page.getByRole('grid').focus()
  await page.keyboard.press('j')
  await page.keyboard.press('l')
  await expect(dialog).toContainText('Scale')
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await dialog.getByRole('button', { name: 'Reset all' }).click()
  await expect(
    dialog
      .locator('dl > div')
      .filter({ has: page.getByText('Scale', { exact: true }) })
      .locator('kbd'),
  ).toHaveText(['c'])
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+/')
  await expect(field()).toBeFocused()
})
