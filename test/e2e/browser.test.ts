import { expect, test } from '@playwright/test'
import { connection, live, openKind, row, screenOf, startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** Web mode in a real Chromium, on an embedded cluster. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
})
test.afterAll(async () => {
  await app?.close()
})

test('what kubectl does shows within a second', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  kubectl('create deployment web --image=nginx --replicas=2')
  kubectl('rollout status deployment/web --timeout=60s')
  await expect(row(page, /^web-/)).toHaveCount(2)
  await expect(row(page, /^web-/).first()).toContainText('Running')
  // A machine that is busy with others may be late for one of them.
  let pods = 0
  await expect(async () => {
    kubectl(`run soon-${++pods} --image=nginx`)
    await expect(row(page, `soon-${pods}`)).toHaveCount(1, { timeout: 1000 })
  }).toPass()
  kubectl('run kubia --image=luksa/kubia --port=8080')
  await expect(row(page, 'kubia')).toContainText('Running')
})

test('from the list of pods to the answer of hostname in a shell', async () => {
  const { page } = app
  await row(page, 'kubia').click()
  const details = page.getByRole('region', { name: 'Details: kubia' })
  await expect(
    details
      .getByRole('definition')
      .filter({ hasText: /^Running/ })
      .first(),
  ).toBeVisible()
  await details.getByRole('button', { name: 'Shell', exact: true }).click()
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
  await page.keyboard.type('hostname\n')
  await expect(screenOf(page)).toContainText(/hostname\s*kubia\s*root@kubia/)
  await page.keyboard.type('stty size\n')
  await expect(screenOf(page)).toContainText(/\d+ \d+/)
})

test('a shell stays when the list changes, and knows a new size', async () => {
  const { page } = app
  await openKind(page, 'Services')
  await page.setViewportSize({ width: 1000, height: 900 })
  await page.locator('.xterm-helper-textarea').last().focus()
  await page.keyboard.type('clear; stty size\n')
  await expect(screenOf(page)).toContainText(/^\d+ \d+/)
  const narrow = Number(/(\d+) (\d+)/.exec((await screenOf(page).textContent())!)![2])
  await page.setViewportSize({ width: 1400, height: 900 })
  await page.locator('.xterm-helper-textarea').last().focus()
  await expect(async () => {
    await page.keyboard.type('clear; stty size\n')
    await expect(screenOf(page)).toContainText(/^\d+ \d+/, { timeout: 1000 })
    expect(Number(/(\d+) (\d+)/.exec((await screenOf(page).textContent())!)![2])).toBeGreaterThan(narrow)
  }).toPass({ timeout: 10_000 })
})

test('logs stream', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await row(page, 'kubia').hover()
  await row(page, 'kubia').getByRole('button', { name: 'Logs kubia' }).click()
  const log = page.getByRole('tabpanel').filter({ hasText: 'Kubia server starting...' }).last()
  await expect(log).toBeVisible()
  kubectl('exec kubia -- curl -s http://localhost:8080')
  await expect(page.getByText(/Received request from/).last()).toBeVisible()
})

test('search and namespaces narrow the list', async () => {
  const { page } = app
  kubectl('create namespace team-a')
  kubectl('-n team-a create configmap settings --from-literal=colour=blue')
  await openKind(page, 'Pods')
  await page.getByRole('textbox', { name: 'Search' }).fill('kubia')
  await expect(row(page, /^web-/)).toHaveCount(0)
  await expect(row(page, 'kubia')).toHaveCount(1)
  await page.getByRole('textbox', { name: 'Search' }).fill('!kubia')
  await expect(row(page, /^web-/)).toHaveCount(2)
  await page.getByRole('textbox', { name: 'Search' }).fill('')
  await openKind(page, 'ConfigMaps')
  await expect(row(page, 'settings')).toContainText('team-a')
  await page.getByRole('button', { name: /^Namespaces/ }).click()
  await page.getByRole('option', { name: 'team-a' }).click()
  await page.keyboard.press('Escape')
  await expect(row(page, 'settings')).toHaveCount(1)
  await expect(page.getByRole('grid').getByRole('row')).toHaveCount(3)
})

test('YAML, events and details of an object', async () => {
  const { page } = app
  await page.goto(page.url().replace(/#.*/, '#/c/drydock/pods?ns=default'))
  await row(page, 'kubia').click()
  const details = page.getByRole('region', { name: 'Details: kubia' })
  await details.getByRole('tab', { name: 'Events' }).click()
  await expect(details).toContainText('Successfully assigned default/kubia to')
  await details.getByRole('tab', { name: 'YAML' }).click()
  await expect(details.locator('.cm-content')).toContainText('image: luksa/kubia')
  await expect(details.locator('.cm-content')).not.toContainText('managedFields')
})

test('scales a Deployment, and deletes a pod after asking', async () => {
  const { page } = app
  await openKind(page, 'Deployments')
  await row(page, 'web').click()
  await page.getByRole('region', { name: 'Details: web' }).getByRole('button', { name: 'Scale' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('spinbutton').fill('3')
  await dialog.getByRole('button', { name: 'Scale' }).click()
  await expect(row(page, 'web')).toContainText('3/3')
  expect(kubectl('get deployment web -o jsonpath={.spec.replicas}')).toBe('3')

  await openKind(page, 'Pods')
  await row(page, 'kubia').click()
  await page.getByRole('region', { name: 'Details: kubia' }).getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('dialog', { name: 'Delete Pod kubia' })).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(row(page, 'kubia')).toContainText('Terminating')
  // It does not hear SIGTERM: it is killed when its grace period is over.
  kubectl('patch clock cluster --type=merge -p {"spec":{"jumpSeconds":31}}')
  await expect(row(page, 'kubia')).toHaveCount(0)
})

test('Secrets are masked until a key is revealed', async () => {
  const { page } = app
  kubectl('create secret generic login --from-literal=password=hunter2')
  await openKind(page, 'Secrets')
  await row(page, 'login').click()
  const details = page.getByRole('region', { name: 'Details: login' })
  await expect(details).toContainText('password')
  await expect(details).not.toContainText('hunter2')
  await details
    .getByRole('button', { name: /^Reveal/ })
    .first()
    .click()
  await expect(details).toContainText('hunter2')
})

test('a place survives a reload, and back returns to the one before', async () => {
  const { page } = app
  await openKind(page, 'Nodes')
  await row(page, 'drydock-m02').click()
  await expect(page.getByRole('region', { name: 'Details: drydock-m02' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('region', { name: 'Details: drydock-m02' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('region', { name: 'Details: drydock-m02' })).toHaveCount(0)
})

test('a cluster that crashes is told to be stale, and is live again by itself with all that was there', async () => {
  const { page } = app
  await openKind(page, 'Deployments')
  const pid = Number((await import('node:fs')).readFileSync(`${app.data}/clusters/drydock/lock`, 'utf8').split(' ')[0])
  process.kill(pid, 'SIGKILL')
  await expect(connection(page)).not.toContainText('Live', { timeout: 15_000 })
  await expect(row(page, 'web')).toHaveCount(1)
  await live(page)
  await expect(row(page, 'web')).toContainText('3/3', { timeout: 30_000 })
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors.filter((e) => !/ERR_CONNECTION|WebSocket/.test(e))).toEqual([])
})
