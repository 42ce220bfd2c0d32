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
  type Kubectl,
  type OtherCluster,
  type WebApp,
} from './support/app.js'
import { axe } from './support/axe.js'

/** One list over several clusters: the embedded one, and one that is reached only by its kubeconfig. */

let app: WebApp
let real: OtherCluster
let here: Kubectl
let there: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  real = await startCluster('real')
  there = await kubectlOn(real.kubeconfig)
  app = await startWeb({ env: { KUBECONFIG: real.kubeconfig } })
  await live(app.page)
  here = await kubectlOn(embeddedKubeconfig(app.data))
  here('create deployment web --image=nginx:1.27 --replicas=2')
  here('create deployment api --image=nginx:1.27')
  there('create deployment web --image=nginx:1.25')
  there('create deployment api --image=nginx:1.27')
  await app.page.getByRole('link', { name: 'All clusters' }).click()
  await app.page.getByRole('row').getByRole('link', { name: 'real', exact: true }).click()
  await expect(connection(app.page)).toContainText('Live')
})
test.afterAll(async () => {
  await app?.close()
  await real?.kill()
  fs.rmSync(real.data, { recursive: true, force: true })
})

const dialog = () => app.page.getByRole('dialog')
const strip = () => app.page.getByRole('group', { name: /^\d clusters$/ })
const rail = () => app.page.getByRole('navigation', { name: 'Clusters' })
/** What axe finds in a part of the window. */
const clean = async (part: string) => expect((await axe(app.page, { include: part })).violations).toEqual([])
/** The row of an object in one of the clusters. */
const rowIn = (cluster: string, name: string) =>
  row(app.page, name).filter({ has: app.page.getByRole('gridcell', { name: cluster, exact: true }) })

test('the catalogue tells the version and the number of nodes of clusters that are open', async () => {
  const { page } = app
  await page.getByRole('link', { name: 'All clusters' }).click()
  const cells = (name: RegExp) =>
    page
      .getByRole('row')
      .filter({ has: page.getByRole('link', { name }) })
      .getByRole('cell')
  await expect(cells(/^real$/).nth(2)).toHaveText(/^v1\.36/)
  await expect(cells(/^real$/).nth(3)).toHaveText('1')
  await expect(cells(/^drydock/).nth(3)).toHaveText('3')
})

test('a list takes in other open clusters, and keeps them when another kind is opened', async () => {
  const { page } = app
  await rail()
    .getByRole('link', { name: /^drydock/ })
    .click()
  await openKind(page, 'Nodes')
  await page.getByRole('button', { name: '1 cluster', exact: true }).click()
  await page.getByRole('menuitemcheckbox', { name: 'real' }).click()
  await page.keyboard.press('Escape')
  await expect(strip()).toContainText('real')
  await expect(page.getByRole('grid').getByRole('columnheader', { name: 'Cluster' })).toBeVisible()
  await openKind(page, 'Deployments')
  await expect(rowIn('drydock', 'web')).toHaveCount(1)
  await expect(rowIn('real', 'web')).toHaveCount(1)
  await clean('.strip')
})

test('columns are filtered by their values, from the heading too', async () => {
  const { page } = app
  await page.getByRole('columnheader', { name: 'Cluster' }).click({ button: 'right' })
  const filters = page.getByRole('dialog', { name: 'Filter by column' })
  await filters.getByRole('button', { name: /^real/ }).click()
  await expect(rowIn('drydock', 'web')).toHaveCount(0)
  await expect(rowIn('real', 'web')).toHaveCount(1)
  await filters.getByRole('combobox', { name: 'Column' }).selectOption('Images')
  await filters.getByRole('textbox', { name: 'What its cells are' }).fill('/nginx:1\\.2[0-6]/')
  await clean('.column-filters')
  await page.keyboard.press('Enter')
  await expect(rowIn('real', 'web')).toHaveCount(1)
  await expect(rowIn('real', 'api')).toHaveCount(0)
  await page.getByRole('button', { name: 'Images: /nginx:1\\.2[0-6]/' }).click()
  await expect(rowIn('real', 'api')).toHaveCount(1)
  await page.getByRole('button', { name: 'Cluster: =real' }).click()
  await expect(rowIn('drydock', 'web')).toHaveCount(1)
})

test('details and actions are those of the row’s own cluster', async () => {
  const { page } = app
  await rowIn('real', 'web').getByRole('gridcell', { name: 'web', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Details: web' })).toContainText('nginx:1.25')
  await page.keyboard.press('Escape')
  await rowIn('drydock', 'web').click({ modifiers: ['Control'] })
  await rowIn('real', 'web').click({ modifiers: ['Control'] })
  await page.getByRole('toolbar', { name: '2 selected' }).getByRole('button', { name: 'Scale' }).click()
  await expect(dialog()).toContainText('drydock / default / web')
  await expect(dialog()).toContainText('real / default / web')
  await expect(dialog()).toContainText('kubectl --context drydock -n default scale deployment.apps/web --replicas=N')
  await expect(dialog()).toContainText('kubectl --context real -n default scale deployment.apps/web --replicas=N')
  await dialog().getByLabel('Replicas').fill('3')
  await dialog().getByRole('button', { name: 'Scale' }).click()
  await expect(dialog()).toBeHidden()
  expect(here('get deployment web -o jsonpath={.spec.replicas}')).toBe('3')
  expect(there('get deployment web -o jsonpath={.spec.replicas}')).toBe('3')
})

test('a cluster that is read-only refuses for its own rows only', async () => {
  const { page } = app
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('button', { name: 'More actions: real' }).click()
  await page.getByRole('menuitem', { name: 'Name, group, protection' }).click()
  await dialog().getByLabel('Protection').selectOption('read-only')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await rail()
    .getByRole('link', { name: /^drydock/ })
    .click()
  await rowIn('drydock', 'web').click({ modifiers: ['Control'] })
  const bulk = page.getByRole('toolbar', { name: /selected$/ })
  await expect(bulk.getByRole('button', { name: 'Restart' })).toBeEnabled()
  await rowIn('real', 'web').click({ modifiers: ['Control'] })
  await expect(bulk.getByRole('button', { name: 'Restart' })).toBeDisabled()
  await expect(bulk.getByRole('button', { name: 'Restart' })).toHaveAttribute('title', /^real: This cluster is read-only/)
  await bulk.getByRole('button', { name: 'Clear selection' }).click()
})

test('clusters are compared side by side: here the images of a workload differ', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Compare clusters' }).click()
  const compared = (name: string) => row(page, name).getByRole('gridcell')
  await expect(compared('web')).toContainText(['', 'web', 'default', 'Differs', 'nginx:1.27', 'nginx:1.25'])
  await expect(compared('api')).toContainText(['', 'api', 'default', 'Same', 'nginx:1.27', 'nginx:1.27'])
  await page.getByRole('checkbox', { name: 'Only what differs' }).check()
  await expect(row(page, 'api')).toHaveCount(0)
  await clean('.compare')
  await page.getByLabel('Compare', { exact: true }).selectOption('Ready')
  await expect(row(page, 'web')).toHaveCount(0)
  await page.getByRole('checkbox', { name: 'Only what differs' }).uncheck()
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').first().click()
  await row(page, 'api').click()
  await expect(page.getByRole('region', { name: 'Details: api' })).toBeVisible()
  await page.getByRole('button', { name: 'Compare clusters' }).click()
})

test('a cluster that is gone says so, its rows stay, and the others stay live', async () => {
  await real.kill()
  await expect(strip().getByRole('listitem').filter({ hasText: 'real' })).toContainText(/offline for/, { timeout: 30_000 })
  await expect(rowIn('real', 'web')).toHaveCount(1)
  await app.page.getByRole('button', { name: /new notification/ }).click()
  const notifications = app.page.getByRole('dialog', { name: 'Notifications' })
  await expect(notifications).toContainText('The connection to real is lost')
  await notifications.getByRole('checkbox', { name: 'Only problems' }).check()
  await expect(notifications).not.toContainText('Scaled')
  await clean('.notices')
  await app.page.keyboard.press('Escape')
  here('create deployment late --image=nginx:1.27')
  await expect(rowIn('drydock', 'late')).toHaveCount(1)
  real = await startCluster('real', real.data)
  await expect(strip().getByRole('listitem').filter({ hasText: 'real' })).not.toContainText(/offline/, { timeout: 60_000 })
  there('create deployment back --image=nginx:1.27')
  await expect(rowIn('real', 'back')).toHaveCount(1)
})

test('the place is kept: after a reload the same clusters are in the list', async () => {
  const { page } = app
  await page.reload()
  await expect(rowIn('drydock', 'web')).toHaveCount(1)
  await expect(rowIn('real', 'web')).toHaveCount(1)
  await page.getByRole('button', { name: 'Leave real out of this list' }).click()
  await expect(row(page, 'back')).toHaveCount(0)
  await expect(page.getByRole('grid').getByRole('columnheader', { name: 'Cluster' })).toHaveCount(0)
})
