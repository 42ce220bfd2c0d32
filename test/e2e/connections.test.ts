import { expect, test } from '@playwright/test'
import { connection, embeddedKubeconfig, kubectlOn, live, openKind, row, startWeb, type WebApp } from './support/app.js'

/** Connections that cannot be made, may do little, or are lost, in a real Chromium. */

interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[]
  users: { name: string; user: Record<string, unknown> }[]
  contexts: { name: string; context: Record<string, unknown> }[]
  [field: string]: unknown
}

let app: WebApp
let kubectl: (args: string, input?: string) => string
let admin: Kubeconfig

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  app = await startWeb()
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(app.data))
  admin = JSON.parse(kubectl('config view --raw -o json')) as Kubeconfig
})
test.afterAll(async () => {
  await app?.close()
})

const dialog = () => app.page.getByRole('dialog')

/** Pastes a kubeconfig of one context and opens it. */
async function openContext(name: string, change: (config: Kubeconfig) => void): Promise<void> {
  const { page } = app
  const config = structuredClone(admin)
  change(config)
  const [cluster, user] = [config.clusters[0]!, config.users[0]!]
  config.contexts = [{ name, context: { cluster: cluster.name, user: user.name, namespace: 'default' } }]
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('button', { name: 'Kubeconfigs' }).click()
  await dialog().getByRole('textbox', { name: 'Or paste a kubeconfig' }).fill(JSON.stringify(config))
  await dialog().getByRole('button', { name: 'Add' }).last().click()
  await expect(dialog()).toContainText('pasted')
  await dialog().getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('link', { name }).first().click()
}

test('a server that nobody listens at is told as refused', async () => {
  await openContext('nobody-there', (c) => (c.clusters[0]!.cluster.server = 'https://127.0.0.1:1'))
  await expect(app.page.getByRole('main')).toContainText('The connection was refused: nothing listens there.', { timeout: 15_000 })
  await expect(connection(app.page)).toContainText('nobody-there')
})

test('a server whose certificate nobody vouches for is told so', async () => {
  await openContext('no-ca', (c) => delete c.clusters[0]!.cluster['certificate-authority-data'])
  await expect(app.page.getByRole('main')).toContainText(/certificate/i, { timeout: 15_000 })
})

test('who may only see one namespace sees that, and is told what is forbidden', async () => {
  const { page } = app
  kubectl('create namespace team')
  kubectl('create serviceaccount viewer -n team')
  kubectl('create rolebinding viewer -n team --clusterrole=view --serviceaccount=team:viewer')
  kubectl('create configmap greeting -n team --from-literal=text=hello')
  const token = kubectl('create token viewer -n team').trim()
  await openContext('narrow', (c) => (c.users[0]!.user = { token }))
  await live(page)
  await openKind(page, 'ConfigMaps')
  await expect(page.getByRole('main')).toContainText('system:serviceaccount:team:viewer', { timeout: 15_000 })
  await page.goto(page.url().replace(/(\?.*)?$/, '?ns=team'))
  await row(page, 'greeting').click()
  await expect(page.locator('.details').getByRole('button', { name: 'Edit text' })).toBeDisabled()
})
