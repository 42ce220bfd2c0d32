import fs from 'node:fs'
import path from 'node:path'
import { loadCertificates, signCertificate } from '../../src-main/cluster/access/certificates.js'
import { expect, test, type ElectronApplication, type Page } from '@playwright/test'
import {
  connection,
  kubectlOn,
  live,
  newDirectory,
  openKind,
  row,
  startCluster,
  startElectron,
  type Kubectl,
  type OtherCluster,
} from './support/app.js'
import type { Kubeconfig } from './support/unreachable.js'

/** What breaks under an open cluster, in a real Electron: its server, its credentials, and the kubeconfig file itself. */

const data = newDirectory()
const file = path.join(data, 'config')
let app: ElectronApplication
let page: Page
let real: OtherCluster
let kubectl: Kubectl
let admin: Kubeconfig

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  real = await startCluster('real')
  kubectl = await kubectlOn(real.kubeconfig)
  admin = JSON.parse(kubectl('config view --raw -o json')) as Kubeconfig
  write(admin)
  ;({ app, page } = await startElectron(data, { KUBECONFIG: file }))
  await live(page)
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('row').getByRole('link', { name: 'real', exact: true }).click()
  await live(page)
  kubectl('create configmap greeting --from-literal=text=hello')
  await openKind(page, 'ConfigMaps')
  await expect(row(page, 'greeting')).toBeVisible()
})
test.afterAll(async () => {
  await app?.close()
  await real?.kill()
  for (const directory of [data, real.data]) fs.rmSync(directory, { recursive: true, force: true })
})

const write = (config: unknown): void => fs.writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config))
const rail = () => page.getByRole('navigation', { name: 'Clusters' })
/** The admin's kubeconfig with another user. */
function withUser(user: Record<string, unknown>): Kubeconfig {
  const config = structuredClone(admin)
  config.users[0]!.user = user
  return config
}
async function restart(): Promise<void> {
  await real.kill()
  real = await startCluster('real', real.data)
}
/** It is live, and what happens in the cluster shows. */
let turn = 0
async function worksAgain(): Promise<void> {
  await expect(connection(page)).toContainText('Live', { timeout: 60_000 })
  const name = `after-${++turn}`
  kubectl(`create configmap ${name} --from-literal=text=again`)
  await expect(row(page, name)).toBeVisible({ timeout: 30_000 })
}

test('a server that stops is stale, then offline with the reason; started again it is live without a click', async () => {
  await real.kill()
  await expect(connection(page)).toContainText('Stale', { timeout: 15_000 })
  await expect(connection(page)).toContainText('The connection was refused: nothing listens there.')
  await expect(row(page, 'greeting')).toBeVisible()
  await expect(connection(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(rail().getByRole('link', { name: 'real: Offline' })).toBeVisible()
  real = await startCluster('real', real.data)
  await worksAgain()
})

test('a credential that is wrong is told once the server asks for it again; the right one brings it back without a click', async () => {
  write(withUser({ token: 'wrong' }))
  await restart()
  await expect(connection(page)).toContainText('Unauthorized', { timeout: 40_000 })
  await expect(row(page, 'greeting')).toBeVisible()
  write(admin)
  await worksAgain()
})

test('a client certificate that has expired is told as such; a new one brings it back without a click', async () => {
  const { ca } = await loadCertificates({ directory: path.join(real.data, 'pki') })
  const { cert, key } = await signCertificate(ca, {
    commonName: 'jane',
    organizations: ['system:masters'],
    usage: 'client',
    notAfter: new Date(Date.now() - 60_000),
  })
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  write(withUser({ 'client-certificate-data': base64(cert), 'client-key-data': base64(key) }))
  await restart()
  await expect(connection(page)).toContainText('The server does not accept the client certificate, which has expired on ', {
    timeout: 40_000,
  })
  await expect(row(page, 'greeting')).toBeVisible()
  write(admin)
  await worksAgain()
})

test('a kubeconfig that is torn under an open cluster is told; mended, all is as it was', async () => {
  write('clusters: [\n  - {')
  await expect(connection(page)).toContainText(`${file} is not valid YAML (line 2).`)
  await stays()
  write(admin)
  await expect(connection(page)).not.toContainText('YAML')
  await worksAgain()
})

test('a kubeconfig that is removed under an open cluster is told; put back, all is as it was', async () => {
  fs.rmSync(file)
  await expect(connection(page)).toContainText(`There is no context "real" in ${file} any more.`)
  await stays()
  write(admin)
  await expect(connection(page)).not.toContainText('any more')
  await worksAgain()
})

/** What is open stays at its place and live, as long as its connection. */
async function stays(): Promise<void> {
  await expect(rail().getByRole('link', { name: 'real: Live' })).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'Kinds' })).toBeVisible()
  await worksAgain()
}
