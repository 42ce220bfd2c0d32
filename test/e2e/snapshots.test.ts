import fs from 'node:fs'
import { expect, test, type Page } from '@playwright/test'
import {
  embeddedKubeconfig,
  kubectlOn,
  live,
  newDirectory,
  openKind,
  row,
  startElectron,
  startLiveWeb,
  type Kubectl,
  type WebApp,
} from './support/app.js'

/** Snapshots of embedded clusters: taken while one runs, put back, and the beginning of another one. */

test.describe.configure({ mode: 'serial' })

const dialog = (page: Page) => page.getByRole('dialog')
const status = (page: Page) => dialog(page).getByRole('status')

const inCatalogue = (page: Page, name: string) => page.getByRole('row').getByRole('link', { name: `${name} Embedded` })

async function openSnapshots(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('button', { name: 'More actions: drydock', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Snapshots…' }).click()
}

async function take(page: Page, name: string): Promise<void> {
  await dialog(page).getByRole('textbox', { name: 'Name of the next snapshot' }).fill(name)
  await dialog(page).getByRole('button', { name: 'Take snapshot' }).click()
  await expect(status(page)).toHaveText(`${name} is taken.`)
}

async function restore(page: Page, name: string): Promise<void> {
  await dialog(page)
    .getByRole('button', { name: `Restore ${name}` })
    .click()
  await expect(dialog(page)).toContainText('all that changed since is lost. It restarts if it runs.')
  await dialog(page).getByRole('button', { name: 'Restore', exact: true }).click()
  await expect(status(page)).toHaveText(`${name} is restored.`, { timeout: 60_000 })
  await page.keyboard.press('Escape')
}

test.describe('in a browser', () => {
  let app: WebApp
  let kubectl: Kubectl
  test.beforeAll(async () => {
    ;({ app, kubectl } = await startLiveWeb())
  })
  test.afterAll(() => app?.close())

  test('a snapshot is taken while the cluster runs, and is listed with its time and size', async () => {
    const { page } = app
    kubectl('create configmap kept --from-literal=a=b')
    await openSnapshots(page)
    await expect(status(page)).toHaveText('No snapshots yet.')
    await take(page, 'before')
    const taken = dialog(page).getByRole('listitem').filter({ hasText: 'before' })
    await expect(taken).toContainText(/\d+(\.\d)? (KiB|MiB)/)
    await expect(taken).toContainText(String(new Date().getFullYear()))
    await dialog(page).getByRole('textbox', { name: 'Name of the next snapshot' }).fill('before')
    await dialog(page).getByRole('button', { name: 'Take snapshot' }).click()
    await expect(dialog(page)).toContainText('There is a snapshot "before" of "drydock" already.')
    await page.keyboard.press('Escape')
  })

  test('restoring it brings back what was deleted and takes away what came later, in the list that is open', async () => {
    const { page } = app
    kubectl('delete configmap kept')
    kubectl('create configmap later --from-literal=a=b')
    await inCatalogue(page, 'drydock').click()
    await live(page)
    await openKind(page, 'ConfigMaps')
    await expect(row(page, 'later')).toBeVisible()
    await expect(row(page, 'kept')).toHaveCount(0)
    await openSnapshots(page)
    await restore(page, 'before')
    await inCatalogue(page, 'drydock').click()
    await live(page)
    await expect(row(page, 'kept')).toBeVisible()
    await expect(row(page, 'later')).toHaveCount(0)
    kubectl('create configmap after --from-literal=a=b')
    await expect(row(page, 'after')).toBeVisible()
  })

  test('a new cluster begins from it, beside the first one', async () => {
    const { page } = app
    await openSnapshots(page)
    await dialog(page).getByRole('button', { name: 'New cluster from before' }).click()
    await expect(dialog(page)).toContainText('A cluster of its own with all that drydock held when the snapshot before was taken')
    await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('copy')
    await dialog(page).getByRole('button', { name: 'Create' }).click()
    await inCatalogue(page, 'copy').click()
    await live(page)
    await openKind(page, 'ConfigMaps')
    await expect(row(page, 'kept')).toBeVisible()
    await expect(row(page, 'after')).toHaveCount(0)
  })

  test('one that is deleted is gone after its deletion was confirmed', async () => {
    const { page } = app
    await openSnapshots(page)
    for (const act of ['Restore before', 'Delete before']) {
      await dialog(page).getByRole('button', { name: act }).click()
      await dialog(page).getByRole('listitem').getByRole('button', { name: 'Cancel' }).click()
      await expect(dialog(page).getByRole('button', { name: 'Cancel' })).toHaveCount(0)
    }
    await dialog(page).getByRole('button', { name: 'Delete before' }).click()
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click()
    await expect(status(page)).toHaveText('before is deleted.')
    await expect(dialog(page).getByRole('listitem')).toHaveCount(0)
    expect(app.errors).toEqual([])
  })
})

test('in Electron a snapshot is taken and restored as well', async () => {
  const data = newDirectory()
  const { app, page } = await startElectron(data)
  try {
    await live(page)
    const kubectl = await kubectlOn(embeddedKubeconfig(data))
    kubectl('create configmap kept --from-literal=a=b')
    await openSnapshots(page)
    await take(page, 'before')
    kubectl('delete configmap kept')
    await restore(page, 'before')
    await inCatalogue(page, 'drydock').click()
    await live(page)
    await openKind(page, 'ConfigMaps')
    await expect(row(page, 'kept')).toBeVisible()
  } finally {
    await app.close()
    fs.rmSync(data, { recursive: true, force: true })
  }
})
