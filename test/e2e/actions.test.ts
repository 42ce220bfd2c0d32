import fs from 'node:fs'
import { expect, test } from '@playwright/test'
import { connection, embeddedKubeconfig, kubectlOn, live, openKind, row, screenOf, startWeb, type WebApp } from './support/app.js'

/** Actions on objects and on clusters, in a real Chromium on an embedded cluster. */

let app: WebApp
let kubectl: (args: string, input?: string) => string

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  app = await startWeb()
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(app.data))
  kubectl('create deployment web --image=nginx:1.26 --replicas=2')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

/** Opens an action of the object whose details are shown, from its menu. */
async function action(name: string): Promise<void> {
  const { page } = app
  await page.locator('.details').getByRole('button', { name: 'More actions' }).click()
  // The name of the item ends with its key.
  await page.getByRole('menuitem', { name: new RegExp(`^${name}( |$|[a-z]$)`) }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
}
const dialog = () => app.page.getByRole('dialog')

test('labels are changed with the command that kubectl would need, and the change is taken back', async () => {
  const { page } = app
  await openKind(page, 'Deployments')
  await row(page, 'web').click()
  await action('Edit labels')
  await dialog().getByRole('button', { name: 'Add' }).click()
  await dialog().getByRole('textbox', { name: 'Key' }).last().fill('team')
  await dialog().getByRole('textbox', { name: 'Value' }).last().fill('blue')
  await expect(dialog()).toContainText('kubectl --context drydock -n default label deployment.apps/web team=blue')
  await dialog().getByRole('button', { name: 'Edit labels' }).click()
  await expect(page.locator('.details')).toContainText('team=blue')
  expect(kubectl('get deployment web -o jsonpath={.metadata.labels.team}')).toBe('blue')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.locator('.details')).not.toContainText('team=blue')
  expect(kubectl('get deployment web -o jsonpath={.metadata.labels}')).toBe('{"app":"web"}')
})

test('a rollout is rolled back to the revision before, with the difference in sight', async () => {
  kubectl('set image deployment/web nginx=nginx:1.27')
  kubectl('rollout status deployment/web --timeout=60s')
  await action('Roll back')
  await expect(dialog()).toContainText('rollout undo deployment.apps/web --to-revision=1')
  await expect(dialog().locator('.diff')).toContainText('nginx:1.26')
  await dialog().getByRole('button', { name: 'Roll back' }).click()
  await expect(dialog()).toHaveCount(0)
  expect(kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1.26')
})

test('a Deployment is exposed and autoscaled', async () => {
  await action('Expose')
  await dialog().getByRole('spinbutton', { name: 'Port' }).fill('80')
  await dialog().getByRole('button', { name: 'Expose' }).click()
  await expect(dialog()).toHaveCount(0)
  expect(kubectl('get service web -o jsonpath={.spec.selector}')).toBe('{"app":"web"}')
  await action('Autoscale')
  await expect(dialog()).toContainText('autoscale deployment.apps/web --min=2 --max=4 --cpu=80%')
  await dialog().getByRole('button', { name: 'Autoscale' }).click()
  await expect(dialog()).toHaveCount(0)
  expect(kubectl('get hpa web -o jsonpath={.spec.maxReplicas}')).toBe('4')
  kubectl('delete hpa web')
})

test('a CronJob is run now', async () => {
  const { page } = app
  kubectl('create cronjob report --image=busybox --schedule=@yearly -- echo done')
  await openKind(page, 'CronJobs')
  await row(page, 'report').click()
  await page.locator('.details').getByRole('button', { name: 'Run now' }).click()
  await dialog().getByRole('textbox', { name: 'Name' }).fill('report-now')
  await dialog().getByRole('button', { name: 'Run now' }).click()
  await expect(dialog()).toHaveCount(0)
  kubectl('wait --for=condition=complete job/report-now --timeout=60s')
})

test('a node is drained with its progress in sight, and taken into service again', async () => {
  const { page } = app
  await openKind(page, 'Nodes')
  await row(page, 'drydock-m02').click()
  await page.locator('.details').getByRole('button', { name: 'Drain' }).click()
  await dialog().getByRole('checkbox', { name: 'Delete data in emptyDir volumes' }).check()
  await dialog().getByRole('checkbox', { name: 'Also delete pods without a controller' }).check()
  await expect(dialog()).toContainText('kubectl --context drydock drain drydock-m02 --ignore-daemonsets --delete-emptydir-data --force')
  await dialog().getByRole('button', { name: 'Drain' }).click()
  const drain = page.getByRole('region', { name: 'Drain of drydock-m02' })
  await expect(drain).toContainText('drydock-m02 is drained', { timeout: 60_000 })
  await expect(drain).toContainText('kept: its DaemonSet would put it back')
  expect(kubectl('get node drydock-m02 -o jsonpath={.spec.unschedulable}')).toBe('true')
  await page.locator('.details').getByRole('button', { name: 'Uncordon' }).click()
  await dialog().getByRole('button', { name: 'Uncordon' }).click()
  await expect(page.locator('.details').getByRole('button', { name: 'Cordon' })).toBeVisible()
})

test('a shell on a node runs in a pod of its own, which goes with its tab', async () => {
  const { page } = app
  await action('Node shell')
  await dialog().getByRole('button', { name: 'Node shell' }).click()
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
  expect(kubectl('get pods -o name')).toContain('node-debugger-drydock-m02-')
  await page.getByRole('tab', { name: 'node/drydock-m02' }).focus()
  await page.keyboard.press('Delete')
  await expect(async () => expect(kubectl('get pods -o name')).not.toContain('node-debugger')).toPass({ timeout: 10_000 })
})

test('a second embedded cluster is created, named, made read-only, stopped and deleted', async () => {
  const { page } = app
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('button', { name: 'New embedded cluster' }).click()
  await dialog().getByRole('textbox', { name: 'Context' }).fill('lab')
  await dialog().getByRole('spinbutton', { name: 'Nodes' }).fill('1')
  await dialog().getByRole('button', { name: 'Create' }).click()
  const line = page.getByRole('row').filter({ hasText: 'lab' })
  await expect(line).toContainText('Not connected', { timeout: 30_000 })
  await line.getByRole('button', { name: 'More actions: lab' }).click()
  await page.getByRole('menuitem', { name: 'Name, group, protection' }).click()
  await dialog().getByRole('textbox', { name: 'Shown as' }).fill('Laboratory')
  await dialog().getByRole('combobox', { name: 'Protection' }).selectOption('read-only')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'Laboratory' }).first().click()
  await live(page)
  await openKind(page, 'Nodes')
  await row(page, 'lab').click()
  await expect(page.locator('.details').getByRole('button', { name: 'Cordon' })).toBeDisabled()

  await page.getByRole('link', { name: 'All clusters' }).click()
  const more = page.getByRole('button', { name: 'More actions: Laboratory' })
  await more.click()
  await page.getByRole('menuitem', { name: 'Stop' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Laboratory' })).toContainText('Stopped', { timeout: 20_000 })
  await more.click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog().getByRole('textbox').fill('lab')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Laboratory' })).toHaveCount(0)
  expect(fs.readdirSync(`${app.data}/clusters`)).toEqual(['drydock'])
})

test('a pasted kubeconfig with wrong credentials tells what is wrong', async () => {
  const { page } = app
  const config = JSON.parse(kubectl('config view --raw -o json')) as { users: unknown; clusters: { name: string }[]; contexts: unknown }
  config.users = [{ name: 'nobody', user: { token: 'wrong' } }]
  config.contexts = [{ name: 'stale-token', context: { cluster: config.clusters[0]!.name, user: 'nobody' } }]
  await page.getByRole('button', { name: 'Kubeconfigs' }).click()
  await dialog().getByRole('textbox', { name: 'Or paste a kubeconfig' }).fill(JSON.stringify(config))
  await dialog().getByRole('button', { name: 'Add' }).last().click()
  await expect(dialog()).toContainText('pasted')
  await dialog().getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('link', { name: 'stale-token' }).click()
  await expect(page.getByRole('main')).toContainText('Unauthorized', { timeout: 10_000 })
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page
    .getByRole('link', { name: /^drydock/ })
    .first()
    .click()
  await expect(connection(page)).toContainText('Live')
})
