import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { connection, keptSettings, kubectlOn, live, newDirectory, openKind, place, row, startCluster, startWeb } from './support/app.js'
import type { OtherCluster, WebApp } from './support/app.js'

/**
 * What a person chooses for a context that is reached only by its kubeconfig: how it is called, where it stands in the catalogue, how it
 * is guarded, through what it is reached.
 */

let app: WebApp
let real: OtherCluster
let kubectl: (args: string, input?: string) => string
const directory = newDirectory()

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  real = await startCluster('real')
  kubectl = await kubectlOn(real.kubeconfig)
  app = await startWeb()
  await live(app.page)
  await place(app.page, '/')
})
test.afterAll(async () => {
  await app?.close()
  await real?.kill()
  for (const d of [real.data, directory]) fs.rmSync(d, { recursive: true, force: true })
})

const dialog = () => app.page.getByRole('dialog')
const line = (name: string) => app.page.getByRole('main').getByRole('row').filter({ hasText: name })
/** Chooses something from the menu of a context. */
async function choose(context: string, item: string): Promise<void> {
  await line(context)
    .getByRole('button', { name: /^More actions/ })
    .click()
  await app.page.getByRole('menuitem', { name: item }).click()
}
/** Opens what is kept for a context, changes it, and saves it. */
async function settle(context: string, change: () => Promise<unknown>): Promise<void> {
  await choose(context, 'Name, group, protection')
  await change()
  await dialog().getByRole('button', { name: 'Save' }).click()
  await expect(dialog()).toHaveCount(0)
}

test('a kubeconfig file is added and taken away again, and one that is none is refused', async () => {
  const { page } = app
  const file = path.join(directory, 'config')
  fs.copyFileSync(real.kubeconfig, file)
  await page.getByRole('button', { name: 'Kubeconfigs' }).click()
  const field = dialog().getByRole('textbox', { name: 'File or folder' })
  await field.fill(path.join(directory, 'none'))
  await field.press('Enter')
  await expect(dialog().getByRole('alert')).toContainText('none')
  await field.fill(file)
  await field.press('Enter')
  await expect(dialog().getByRole('row').filter({ hasText: file })).toContainText('1 context')
  await dialog()
    .getByRole('button', { name: `Remove ${file}` })
    .click()
  await expect(dialog().getByRole('row').filter({ hasText: file })).toHaveCount(0)
  await field.fill(file)
  await field.press('Enter')
  await expect(dialog().getByRole('row').filter({ hasText: file })).toContainText('1 context')
  await dialog().getByRole('button', { name: 'Close' }).last().click()
  await expect(line('real')).toContainText('Not connected')
})

test('a context gets a name, a group, a colour and a place among the first', async () => {
  const { page } = app
  await settle('real', async () => {
    await dialog().getByLabel('Shown as').fill('Shipyard')
    await dialog().getByLabel('Group').fill('Production')
    await dialog().getByRole('radio', { name: '3' }).check({ force: true })
  })
  await expect(page.getByRole('main').getByRole('columnheader', { name: 'Production 1' })).toBeVisible()
  await line('Shipyard').getByRole('button', { name: 'Favourite: Shipyard' }).click()
  await expect(line('Shipyard').getByRole('button', { name: 'Favourite: Shipyard' })).toHaveAttribute('aria-pressed', 'true')
  await expect
    .poll(() => Object.values(keptSettings(app.data).clusters as object))
    .toContainEqual({ title: 'Shipyard', group: 'Production', colour: expect.stringMatching(/^#/), favourite: true })
})

test('the address of each server is read whole in a narrow window', async () => {
  const { page } = app
  const size = page.viewportSize()!
  await page.setViewportSize({ width: 1000, height: 700 })
  for (const name of ['Shipyard', 'drydock']) {
    const cell = line(name).first().locator('td.mono')
    await expect(cell).toHaveText(/^127\.0\.0\.1:\d+$/)
    expect(await cell.evaluate((e) => e.scrollWidth <= e.clientWidth)).toBe(true)
  }
  await page.setViewportSize(size)
  // As a cloud gives them out: no shorter one is in these kubeconfigs.
  const whole = await line('drydock')
    .first()
    .locator('.server')
    .evaluate((e) => {
      const address = e.textContent
      e.textContent = '0A1B2C3D4E5F60718293A4B5C6D7E8F9.gr7.eu-central-1.eks.amazonaws.com'
      const fits = e.scrollHeight <= e.clientHeight && e.closest('tr')!.clientHeight <= 45
      e.textContent = address
      return fits
    })
  expect(whole).toBe(true)
})

test('a context is taken out of the catalogue, back at once, and shown among the removed', async () => {
  const { page } = app
  await choose('Shipyard', 'Remove from the catalogue')
  await expect(line('Shipyard')).toHaveCount(0)
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click()
  await expect(line('Shipyard')).toHaveCount(1)
  await choose('Shipyard', 'Remove from the catalogue')
  await page.getByRole('checkbox', { name: 'Show 1 removed' }).check()
  await choose('Shipyard', 'Show in the catalogue')
  await expect(page.getByRole('checkbox', { name: 'Show 1 removed' })).toHaveCount(0)
  await expect(line('Shipyard')).toHaveCount(1)
})

test('a proxy that is chosen for a context carries its connection, and one with a password is not kept', async () => {
  const { page } = app
  const carried: string[] = []
  const proxy = http.createServer().on('connect', (request, socket, head) => {
    carried.push(request.url!)
    const [host, port] = request.url!.split(':')
    const server = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      server.write(head)
      server.pipe(socket).pipe(server)
    })
    for (const s of [server, socket]) s.on('error', () => [server, socket].forEach((x) => x.destroy()))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const port = (proxy.address() as net.AddressInfo).port
  await settle('Shipyard', async () => {
    await dialog().getByLabel('Proxy').fill('proxy.example')
    await expect(dialog().getByRole('alert')).toHaveText('A proxy is an address that begins with http://, https:// or socks5://.')
    await dialog().getByLabel('Proxy').fill(`http://jane:s3cret@127.0.0.1:${port}`)
    await expect(dialog().getByRole('alert')).toContainText('Settings hold no passwords')
    await expect(dialog().getByRole('button', { name: 'Save' })).toBeDisabled()
    await dialog().getByLabel('Proxy').fill(`http://127.0.0.1:${port}`)
  })
  await page.getByRole('link', { name: 'Shipyard', exact: true }).click()
  await live(page)
  const { server } = (JSON.parse(kubectl('config view --raw -o json')) as { clusters: { cluster: { server: string } }[] }).clusters[0]!
    .cluster
  expect(new Set(carried)).toEqual(new Set([new URL(server).host]))
  expect(fs.readFileSync(path.join(app.data, 'settings.json'), 'utf8')).not.toContain('s3cret')
  // Without it the server is reached directly, and what was open goes on.
  await place(page, '/')
  await settle('Shipyard', () => dialog().getByLabel('Proxy').fill(''))
  proxy.closeAllConnections()
  proxy.close()
  await page.getByRole('link', { name: 'Shipyard', exact: true }).click()
  await live(page)
})

test('the namespaces of a context are those that are shown when none is chosen', async () => {
  const { page } = app
  kubectl('create namespace dock')
  kubectl('create configmap crane -n dock')
  await place(page, '/')
  await settle('Shipyard', () => dialog().getByLabel('Namespaces').fill('dock, default'))
  await page.getByRole('link', { name: 'Shipyard', exact: true }).click()
  await page.getByRole('button', { name: /^Namespaces/ }).click()
  await expect(page.getByRole('option', { name: 'dock' })).toBeVisible()
  await page.keyboard.press('Escape')
})

test('of a context that is guarded each change waits until its name is typed', async () => {
  const { page } = app
  kubectl('create configmap rope --from-literal=length=10')
  await place(page, '/')
  await settle('Shipyard', () => dialog().getByLabel('Protection').selectOption('confirm'))
  await page.getByRole('link', { name: 'Shipyard', exact: true }).click()
  await openKind(page, 'ConfigMaps')
  const remove = async (): Promise<void> => {
    await row(page, 'rope').click({ button: 'right' })
    await page.getByRole('menuitem', { name: /^Delete/ }).click()
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click()
  }
  await remove()
  const gate = page.getByRole('dialog', { name: 'Change Shipyard' })
  await gate.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('The change was not confirmed.').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog()).toHaveCount(0)
  await remove()
  await expect(gate).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(gate).toHaveCount(0)
  expect(kubectl('get configmap rope -o name')).toBe('configmap/rope\n')
  await page.keyboard.press('Escape')
  await expect(dialog()).toHaveCount(0)
  await remove()
  await expect(gate.getByRole('button', { name: 'Confirm' })).toBeDisabled()
  await gate.getByRole('textbox', { name: 'Type Shipyard to confirm' }).fill('Shipyard')
  await gate.getByRole('button', { name: 'Confirm' }).click()
  await expect(row(page, 'rope')).toHaveCount(0)
  expect(kubectl('get configmap rope --ignore-not-found')).toBe('')
})

test('a context is disconnected from its menu', async () => {
  const { page } = app
  await place(page, '/')
  await choose('Shipyard', 'Disconnect')
  await expect(line('Shipyard')).toContainText('Not connected')
  await expect(page.getByRole('navigation', { name: 'Clusters' }).getByRole('link', { name: /^Shipyard/ })).toHaveCount(0)
})

test('an embedded cluster of a given seed is made, stopped, started from the status line, and disconnected', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'New embedded cluster' }).click()
  await dialog().getByRole('textbox', { name: 'Name', exact: true }).fill('seeded')
  await dialog().getByRole('spinbutton', { name: 'Nodes' }).fill('2')
  await dialog().getByRole('spinbutton', { name: 'Seed' }).fill('7')
  await expect(dialog()).toContainText('npm run cluster -- --name seeded --nodes 2 --seed 7')
  await dialog().getByRole('button', { name: 'Create' }).click()
  await expect(line('seeded')).toContainText('Not connected', { timeout: 30_000 })
  await line('seeded').getByRole('link').click()
  await live(page)
  await openKind(page, 'Nodes')
  await expect(row(page, /^seeded/)).toHaveCount(2)
  await place(page, '/')
  await choose('seeded', 'Stop')
  await expect(line('seeded')).toContainText('Stopped', { timeout: 20_000 })
  await line('seeded').getByRole('link').click()
  await expect(page.getByRole('contentinfo')).toContainText('The embedded cluster is stopped')
  await page.getByRole('contentinfo').getByRole('button', { name: 'Restart embedded cluster' }).click()
  await live(page)
  await expect(connection(page)).toContainText('seeded')
})
