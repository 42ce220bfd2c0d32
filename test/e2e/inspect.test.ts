import { expect, test } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, openKind, row, startWeb, type WebApp } from './support/app.js'

/** What details tell and change, and what only the embedded cluster has, in a real Chromium. */

let app: WebApp
let kubectl: (args: string, input?: string) => string

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  app = await startWeb()
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(app.data))
  kubectl('create configmap settings --from-literal=colour=red')
  kubectl('create secret generic db --from-literal=password=hunter2')
  kubectl('create deployment web --image=nginx:1.27')
  kubectl('set env deployment/web --from=configmap/settings')
  kubectl('expose deployment web --port=80')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})
const details = () => app.page.locator('.details')

test('one key of a ConfigMap is edited, and what uses it is told', async () => {
  const { page } = app
  await openKind(page, 'ConfigMaps')
  await row(page, 'settings').click()
  await details().getByRole('button', { name: 'Edit colour' }).click()
  await details().getByRole('textbox', { name: 'Value of colour' }).fill('blue')
  await details().getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('colour is saved')).toBeVisible()
  expect(kubectl('get configmap settings -o jsonpath={.data}')).toBe('{"colour":"blue"}')
  await expect(details().getByRole('row').filter({ hasText: 'Deployment' })).toContainText('environment')
})

test('a Secret is masked until it is revealed', async () => {
  const { page } = app
  await openKind(page, 'Secrets')
  await row(page, 'db').click()
  await expect(details()).toContainText('•••')
  await expect(details()).not.toContainText('hunter2')
  await details().getByRole('button', { name: 'Reveal password' }).click()
  await expect(details()).toContainText('hunter2')
})

test('a pod tells why it is on its node', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await row(page, /^web-/).click()
  await expect(details()).toContainText('Why this node')
  await details()
    .getByRole('button', { name: /^Plugins for/ })
    .first()
    .click()
  await expect(details().getByRole('row').filter({ hasText: 'NodeResourcesFit' })).toContainText('passed')
})

test('a Service tells its endpoints, and a tunnel leads to it', async () => {
  const { page } = app
  await openKind(page, 'Services')
  await row(page, 'web').click()
  await expect(details()).toContainText('1 of 1 endpoints ready')
  await details().getByRole('button', { name: 'Open a tunnel' }).click()
  const link = details().getByRole('link', { name: /^http:\/\/127\.0\.0\.1(:|$)/ })
  await expect(link).toBeVisible({ timeout: 15_000 })
  const answer = await fetch((await link.getAttribute('href'))!)
  expect(await answer.text()).toContain('Welcome to nginx')
})

test('the clock is paused and a node is added and taken away in the overview', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Overview' }).click()
  const clock = page.getByRole('region', { name: 'Clock' })
  await clock.getByRole('button', { name: 'Pause' }).click()
  await expect(clock.getByRole('button', { name: 'Pause' })).toHaveAttribute('aria-pressed', 'true')
  expect(kubectl('get clock cluster -o jsonpath={.spec.speed}')).toBe('0')
  await clock.getByRole('button', { name: '1x', exact: true }).click()
  await expect(clock.getByRole('button', { name: '1x', exact: true })).toHaveAttribute('aria-pressed', 'true')
  const machines = page.getByRole('region', { name: 'Machines' })
  await machines.getByRole('button', { name: 'Add node' }).click()
  await machines.getByRole('button', { name: /^Remove node-/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(machines.getByRole('button', { name: /^Remove node-/ })).toHaveCount(0, { timeout: 20_000 })
})

test('the tabs of the dock come back with the window', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await row(page, /^web-/).click()
  await details().getByRole('button', { name: 'Logs', exact: true }).click()
  const tab = page.getByRole('tablist', { name: 'Dock' }).getByRole('tab', { name: /^web-/ })
  await expect(tab).toBeVisible()
  await expect(async () => {
    await page.reload()
    await expect(tab).toBeVisible({ timeout: 5_000 })
  }).toPass({ timeout: 20_000 })
})
