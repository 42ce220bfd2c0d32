import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, type Locator } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, newDirectory, row, startWeb, type Kubectl, type WebApp } from './support/app.js'

/** Releases of Helm, with the person's own helm where its engine is needed: installed, looked at, upgraded, rolled back, uninstalled. */

const chart = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../data/charts/shop')
let app: WebApp
let kubectl: Kubectl
let data: string

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  data = newDirectory()
  // What the login shell finds is what its profile says.
  fs.writeFileSync(path.join(data, '.profile'), 'PATH=/usr/bin:/bin\nexport PATH\n')
  app = await startWeb({ data, env: { SHELL: '/bin/sh' } })
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(data))
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(data, { recursive: true, force: true })
})

const dialog = (): Locator => app.page.getByRole('dialog')
const details = (): Locator => app.page.getByRole('region', { name: 'Details: s' })
const output = (): Locator => app.page.getByRole('log', { name: 'Output of helm' }).filter({ visible: true })
const tab = (name: string): Promise<void> => details().getByRole('tab', { name }).click()
async function writeValues(text: string): Promise<void> {
  await dialog().getByRole('textbox', { name: 'Values' }).click()
  await app.page.keyboard.press('Control+a')
  await app.page.keyboard.insertText(text)
}

test('without helm the window says what works all the same, and how to get it', async () => {
  const { page } = app
  await page.getByRole('link', { name: 'Helm releases' }).click()
  await expect(page.getByRole('heading', { name: 'Helm releases', level: 1 })).toBeVisible()
  await expect(page.getByText('No Helm releases', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Install a chart' }).click()
  await expect(dialog()).toContainText('helm is not installed here')
  await expect(dialog()).toContainText('The list, values, manifests, history and comparisons need no helm.')
  await dialog().locator('.foot').getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Install a chart' }).click()
  await expect(dialog()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog()).toHaveCount(0)
  await page.getByRole('button', { name: 'Install a chart' }).click()
  await dialog().getByRole('button', { name: 'Look again' }).click()
  await expect(dialog().getByRole('status')).toHaveText('Your login shell does not find helm.')
  const { clients } = (await import('../../src-main/tools/clients.mjs' as string)) as { clients: () => { helm: string } }
  fs.writeFileSync(path.join(data, '.profile'), `PATH=${path.dirname(clients().helm)}:/usr/bin:/bin\nexport PATH\n`)
  await dialog().getByRole('button', { name: 'Look again' }).click()
  await expect(dialog()).toHaveCount(0)
})

test('a chart is installed with values that were looked at first, and its release appears', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Install a chart' }).click()
  await dialog().getByLabel('Namespace', { exact: true }).fill('shop')
  await dialog().getByLabel('Chart', { exact: true }).fill(chart)
  await dialog().getByRole('button', { name: 'Load the chart’s values' }).click()
  await expect(dialog().getByRole('textbox', { name: 'Values' })).toContainText('image: nginx:1.25')
  await expect(dialog().getByLabel('Name', { exact: true })).toHaveValue('shop')
  await dialog().getByLabel('Name', { exact: true }).fill('s')
  await writeValues('replicas: x')
  await dialog().getByLabel('Create the namespace if it is not there').check()
  await expect(dialog()).toContainText(`helm --kube-context drydock -n shop install s ${chart} -f values.yaml --create-namespace`)
  await writeValues('replicas: 2')
  await dialog().getByRole('button', { name: 'Preview' }).click()
  await expect(dialog().getByRole('textbox', { name: 'What would change in the manifest' })).toContainText('replicas: 2', {
    timeout: 30_000,
  })
  await dialog().getByRole('button', { name: 'Back to the values' }).click()
  await expect(dialog().getByRole('textbox', { name: 'Values' })).toContainText('replicas: 2')
  await dialog().getByRole('button', { name: 'Install', exact: true }).click()
  await expect(output()).toContainText('The shop answers at http://s-web.', { timeout: 60_000 })
  await expect(row(page, 's')).toContainText('deployed')
  await expect(row(page, 's')).toContainText('shop-0.1.0')
})

test('its details tell its notes, its values and its objects as they are', async () => {
  const { page } = app
  await row(page, 's').click()
  await expect(details()).toContainText('The shop answers at http://s-web.')
  const objects = details().getByRole('list', { name: 'Objects' })
  await expect(objects.getByRole('listitem').filter({ hasText: 'Deployment' })).toContainText('2/2', { timeout: 30_000 })
  await expect(objects.getByRole('link')).toHaveText(['s-web', 's-web', 's'])
  await tab('Values')
  await expect(details().getByRole('textbox', { name: 'User-supplied: s' })).toHaveText('replicas: 2')
  await details().getByRole('button', { name: 'Computed' }).click()
  await expect(details().getByRole('textbox', { name: 'Computed: s' })).toContainText('image: nginx:1.25')
  await tab('Manifest')
  await expect(details().getByRole('textbox', { name: 'Manifest: s' })).toContainText('# Source: shop/templates/all.yaml')
  await page.reload()
  await expect(details().getByRole('textbox', { name: 'Manifest: s' })).toContainText('kind: Gadget')
})

test('an upgrade starts from the values that are in force, and shows in the history what it changed', async () => {
  await details().getByRole('button', { name: 'Upgrade' }).click()
  await expect(dialog().getByRole('textbox', { name: 'Values' })).toContainText('replicas: 2')
  await dialog().getByLabel('Chart', { exact: true }).fill(chart)
  await writeValues('replicas: 3')
  await dialog().getByRole('button', { name: 'Upgrade', exact: true }).click()
  await expect(output()).toContainText('Release "s" has been upgraded.', { timeout: 60_000 })
  await tab('History')
  await expect(details().getByRole('row', { name: /^2 deployed/ })).toBeVisible()
  await expect(details().getByRole('row', { name: /^1 superseded/ })).toBeVisible()
  await details().getByLabel('What to compare').selectOption('User-supplied')
  await expect(details().locator('.cm-deletedChunk')).toHaveText('replicas: 2')
  await expect(details().locator('.cm-changedLine')).toHaveText('replicas: 3')
})

test('a rollback brings the earlier manifest back as a new revision, and shows the command that does the same', async () => {
  await details().getByRole('button', { name: 'Roll back' }).click()
  await expect(dialog()).toContainText('helm --kube-context drydock -n shop rollback s 1')
  await dialog().getByRole('button', { name: 'Roll back' }).click()
  await expect(output()).toContainText('Rollback was a success', { timeout: 60_000 })
  await expect(details().getByRole('row', { name: /^3 deployed.*Rollback to 1$/ })).toBeVisible()
  await expect.poll(() => kubectl('-n shop get deployment s-web -o jsonpath={.spec.replicas}')).toBe('2')
})

test('the tests of a chart are run, and what they say is shown', async () => {
  const { page } = app
  await row(page, 's').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Run tests', exact: true }).click()
  await expect(dialog()).toContainText('helm --kube-context drydock -n shop test s')
  await dialog().getByRole('button', { name: 'Run tests' }).click()
  await expect(output()).toContainText(/Phase:\s+Succeeded/, { timeout: 60_000 })
})

test('what helm refuses is told in its words', async () => {
  await details().getByRole('button', { name: 'Upgrade' }).click()
  await dialog().getByLabel('Chart', { exact: true }).fill(path.join(data, 'nothing'))
  await dialog().getByRole('button', { name: 'Preview' }).click()
  await expect(dialog().getByRole('alert')).toContainText('not found', { timeout: 30_000 })
  await dialog().getByRole('button', { name: 'Cancel' }).click()
})

test('a release is uninstalled with the key that deletes, and its row goes', async () => {
  const { page } = app
  await row(page, 's').click()
  await page.keyboard.press('Control+d')
  await expect(dialog()).toContainText('All objects of the release are deleted')
  await expect(dialog()).toContainText('helm --kube-context drydock -n shop uninstall s')
  await dialog().getByRole('button', { name: 'Uninstall' }).click()
  await expect(output()).toContainText('release "s" uninstalled', { timeout: 60_000 })
  await expect(page.getByText('No Helm releases', { exact: true })).toBeVisible()
  expect(kubectl('-n shop get deployments,secrets -o name')).toBe('')
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
