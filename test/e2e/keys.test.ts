import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, openKind, row, startWeb, type WebApp } from './support/app.js'

/** What is done with one key or one line of a menu: namespaces by number, the owner of a pod, the logs of several pods, last resorts. */

test.describe.configure({ mode: 'serial' })

const ships = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ships.harbour.example' },
  spec: {
    group: 'harbour.example',
    names: { kind: 'Ship', plural: 'ships', singular: 'ship' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
}
let app: WebApp
let kubectl: Awaited<ReturnType<typeof kubectlOn>>

test.beforeAll(async () => {
  app = await startWeb()
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(app.data))
  kubectl('apply -f -', JSON.stringify(ships))
  kubectl('create deployment web --image=nginx:1.27 --replicas=2')
  kubectl('create serviceaccount robot')
  kubectl('create clusterrolebinding robot --clusterrole=view --serviceaccount=default:robot')
  await expect.poll(() => kubectl('get deployment web -o jsonpath={.status.readyReplicas}'), { timeout: 60_000 }).toBe('2')
})
test.afterAll(async () => {
  await app?.close()
})

const dialog = () => app.page.getByRole('dialog')
async function menu(name: string | RegExp, item: string): Promise<void> {
  await row(app.page, name).click({ button: 'right' })
  await app.page.getByRole('menu').getByRole('menuitem', { name: item, exact: true }).click()
}
const namespaces = () => app.page.getByRole('button', { name: /^Namespaces/ })

test('recent namespaces have the keys 1 to 9, and 0 shows all', async () => {
  const { page } = app
  await openKind(page, 'Namespaces')
  await menu('kube-system', 'Show only this namespace')
  await expect(page.getByRole('heading', { name: 'Pods', level: 1 })).toBeVisible()
  await expect(namespaces()).toHaveText('kube-system')
  await openKind(page, 'Namespaces')
  await menu('default', 'Show only this namespace')
  await expect(row(page, /^web-/)).toHaveCount(2)
  await page.getByRole('grid').focus()
  await page.keyboard.press('1')
  await expect(namespaces()).toHaveText('kube-system')
  await page.keyboard.press('0')
  await expect(namespaces()).toHaveText('All namespaces')
  await page.keyboard.press('2')
  await expect(namespaces()).toHaveText('default')
})

test('o goes from a pod to its ReplicaSet, and on to the Deployment; from an event to what it is about', async () => {
  const { page } = app
  await row(page, /^web-/).first().click()
  await page.getByRole('grid').press('o')
  await expect(page.getByRole('region', { name: /^Details: web-[a-z0-9]+$/ })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'ReplicaSets', level: 1 })).toBeVisible()
  await page.getByRole('grid').press('o')
  await expect(page.getByRole('region', { name: 'Details: web', exact: true })).toBeVisible()
  await openKind(page, 'Pods')
  await row(page, /^web-/).first().click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Go to the node' }).click()
  await expect(page.getByRole('heading', { name: 'Nodes', level: 1 })).toBeVisible()
  await expect(page.getByRole('region', { name: /^Details: drydock/ })).toBeVisible()
  await openKind(page, 'Events')
  await row(page, 'ScalingReplicaSet').first().click()
  await page.getByRole('grid').press('o')
  await expect(page.getByRole('region', { name: 'Details: web', exact: true })).toBeVisible()
})

test('events are there with the last one first', async () => {
  const { page } = app
  await openKind(page, 'Events')
  await expect(page.getByRole('columnheader', { name: 'Last seen' })).toHaveAttribute('aria-sort', 'ascending')
})

test('the logs of several pods that are selected are one log', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await page.getByRole('checkbox', { name: 'Select all' }).check({ force: true })
  await page.getByRole('grid').press('l')
  const log = page.getByRole('tabpanel')
  await expect(log.getByText('2 pods')).toBeVisible()
  const pods = kubectl('get pods -l app=web -o jsonpath={.items[*].metadata.name}').split(' ')
  const lines = pods.map((pod) => kubectl(`logs ${pod}`).trimEnd().split('\n').length)
  expect(lines).toHaveLength(2)
  await expect(log.getByText(`${lines[0]! + lines[1]!} lines`)).toBeVisible()
})

test('a kind that is pinned is at the top of the sidebar, after a reload too', async () => {
  const { page } = app
  const kinds = page.getByRole('navigation', { name: 'Kinds' })
  await kinds.getByRole('button', { name: 'Pin Secrets' }).focus()
  await page.keyboard.press('Enter')
  await expect(kinds.getByRole('heading', { name: 'Pinned' })).toBeVisible()
  // Settings are written a moment later.
  await expect.poll(() => fs.readFileSync(path.join(app.data, 'settings.json'), 'utf8')).toContain('"secrets"')
  await page.reload()
  await expect(kinds.getByRole('listitem').first()).toContainText('Secrets')
})

test('what waits for a finalizer goes when that is removed, for which there is an act only then', async () => {
  const { page } = app
  kubectl('create configmap stuck')
  kubectl('create configmap other')
  kubectl('patch configmap stuck --type=merge -p {"metadata":{"finalizers":["example.com/wait"]}}')
  kubectl('delete configmap stuck --wait=false')
  await openKind(page, 'ConfigMaps')
  await row(page, 'other').click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: 'Edit YAML' })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: 'Remove finalizers' })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await menu('stuck', 'Remove finalizers')
  await expect(dialog()).toContainText('patch configmap/stuck --type=merge')
  await dialog().getByRole('button', { name: 'Remove finalizers' }).click()
  await expect(row(page, 'stuck')).toHaveCount(0)
})

test('a kubeconfig made for a service account reaches the cluster as it', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Kinds' }).getByRole('button', { name: 'Access' }).click()
  await openKind(page, 'ServiceAccounts')
  await menu('robot', 'Create kubeconfig')
  await dialog().getByRole('button', { name: 'Create kubeconfig' }).click()
  await dialog().getByRole('button', { name: 'Reveal' }).click()
  const file = path.join(app.data, 'robot.json')
  fs.writeFileSync(file, (await dialog().locator('code.selectable').first().textContent()) ?? '')
  const asRobot = await kubectlOn(file)
  expect(asRobot('auth whoami -o jsonpath={.status.userInfo.username}')).toBe('system:serviceaccount:default:robot')
  expect(asRobot('get deployments -o name')).toBe('deployment.apps/web\n')
  await dialog().getByRole('button', { name: 'Close' }).last().click()
})

test('a definition leads to the objects of its kind', async () => {
  const { page } = app
  await openKind(page, 'CustomResourceDefinitions')
  await menu('ships.harbour.example', 'Show its objects')
  await expect(page.getByRole('heading', { name: 'Ships', level: 1 })).toBeVisible()
})

test('a line after the colon goes to a kind of a namespace, searched, and to a cluster', async () => {
  const { page } = app
  const say = async (line: string): Promise<void> => {
    await page.keyboard.press(':')
    await page.getByRole('combobox', { name: 'Command palette' }).fill(line)
    await page.keyboard.press('Enter')
  }
  await openKind(page, 'Pods')
  await page.getByRole('grid').focus()
  await say('dp kube-system /dns')
  await expect(page.getByRole('heading', { name: 'Deployments', level: 1 })).toBeVisible()
  await expect(namespaces()).toHaveText('kube-system')
  await expect(row(page, 'coredns')).toBeVisible()
  await page.getByRole('link', { name: 'All clusters' }).click()
  await expect(page.getByRole('heading', { name: 'Clusters' })).toBeVisible()
  await page.keyboard.press(':')
  await expect(page.getByRole('option', { name: /^drydock/ })).toBeVisible()
  await page.keyboard.press('Escape')
  await say('ctx dry')
  await expect(row(page, 'coredns')).toBeVisible()
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
