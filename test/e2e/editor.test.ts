import { expect, test } from '@playwright/test'
import { startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** Writing YAML with the help of the cluster's own schemas, in a real Chromium. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
})
test.afterAll(async () => {
  await app?.close()
})

const editor = () => app.page.locator('.dock .cm-content')

test('keys and values are completed, a key is explained, and a wrong one is marked', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Create from YAML' }).click()
  await editor().click()
  await page.keyboard.insertText('apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n')
  await page.keyboard.type('  repl')
  await expect(page.getByRole('option', { name: /^replicas/ })).toContainText('integer')
  await page.getByRole('option', { name: /^replicas/ }).click()
  await page.keyboard.type('2')
  await expect(editor()).toContainText('replicas: 2')

  await editor().getByText('replicas').hover()
  await expect(page.locator('.schema-card')).toContainText('Number of desired pods')

  await page.keyboard.press('Enter')
  await page.keyboard.type('paused: t')
  await page.getByRole('option', { name: 'true' }).click()
  await expect(editor()).toContainText('paused: true')

  await page.keyboard.press('Enter')
  await page.keyboard.insertText('replicsa: 3')
  await page.keyboard.press('Escape')
  await page.locator('.dock .cm-lintRange').filter({ hasText: 'replicsa' }).hover()
  await expect(page.locator('.cm-tooltip-lint')).toContainText('unknown field “spec.replicsa”')
})

test('several documents are tried on the server, then applied', async () => {
  const { page } = app
  await editor().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: b\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: two\n',
  )
  const tools = page.getByRole('toolbar', { name: 'Create from YAML' })
  await tools.getByRole('button', { name: 'Dry run' }).click()
  const results = page.getByRole('region', { name: 'Results' }).locator('li')
  await expect(results).toHaveText([/ConfigMap one\s+default\s+created \(Dry run\)/, /ConfigMap two\s+default\s+created \(Dry run\)/])
  expect(kubectl('get configmaps -o name')).not.toContain('configmap/one')
  await tools.getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(results).toHaveText([/ConfigMap one\s+default\s+created$/, /ConfigMap two\s+default\s+created$/])
  expect(kubectl('get configmap one -o jsonpath={.data.a}')).toBe('b')
})

test('an edit is saved as a patch of what was changed, while others change the same object', async () => {
  const { page } = app
  await page.goto(page.url().replace(/#.*|$/, '#/c/drydock/configmaps?ns=default&o=configmaps/default/one'))
  await page.getByRole('region', { name: 'Details: one' }).getByRole('tab', { name: 'YAML' }).click()
  const details = page.getByRole('region', { name: 'Details: one' })
  await details.locator('.cm-line', { hasText: 'a: b' }).click()
  await page.keyboard.press('End')
  await page.keyboard.insertText('etter')
  kubectl('label configmap one touched=yes')
  await expect(details).toContainText('Changed on the server since it was opened')
  await details.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => kubectl('get configmap one -o jsonpath={.data.a}-{.metadata.labels.touched}')).toBe('better-yes')
})
