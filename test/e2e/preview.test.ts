import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** What applying would change, object by object: chosen with buttons, walked with keys, and one of them taken over from its manager. */

let app: WebApp
let kubectl: Kubectl
let folder: string

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-preview-'))
  kubectl('create configmap kept --from-literal=a=old')
  kubectl('create configmap same --from-literal=a=1')
  await app.page.getByRole('button', { name: 'Create from YAML' }).click()
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

const tools = () => app.page.getByRole('toolbar', { name: 'Create from YAML' })
const results = () => app.page.getByRole('region', { name: 'Results' })
const objects = () => app.page.getByRole('listbox', { name: 'Preview' }).getByRole('option')
const configMap = (name: string, a: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { a } })
const valueOf = (name: string) => kubectl(`get configmap ${name} -o jsonpath={.data.a}`)
/** Presses a button of the tools that asks for files, and chooses. */
async function choose(button: string, chosen: string | string[]): Promise<void> {
  const asked = app.page.waitForEvent('filechooser')
  await tools().getByRole('button', { name: button, exact: true }).click()
  await (await asked).setFiles(chosen)
}

test('files are chosen with a button, and what they change is seen at once', async () => {
  const write = (name: string, text: string): string => {
    fs.writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }
  await choose('Files', [write('kept.json', configMap('kept', 'new')), write('made.json', configMap('made', '1'))])
  await expect(objects()).toHaveText([/ConfigMap kept\s*refused/, /ConfigMap made\s*new/])
  await expect(objects().first()).toHaveAttribute('aria-selected', 'true')
})

test('the objects are walked with the arrow keys, those that stay as they are left out on request', async () => {
  const { page } = app
  // What the window itself wrote, as it is written here.
  kubectl('apply --server-side --field-manager=drydock -f -', configMap('third', '3'))
  fs.mkdirSync(path.join(folder, 'more'))
  fs.writeFileSync(path.join(folder, 'more/third.json'), configMap('third', '3'))
  await tools().getByRole('button', { name: 'Preview' }).click()
  await choose('Folder', path.join(folder, 'more'))
  await expect(objects()).toHaveText([/ConfigMap kept\s*refused/, /ConfigMap made\s*new/, /ConfigMap third\s*unchanged/])
  await objects().first().focus()
  await page.keyboard.press('ArrowDown')
  await expect(objects().nth(1)).toBeFocused()
  await expect(page.locator('.dock .change-head strong')).toHaveText('ConfigMap made')
  await page.keyboard.press('ArrowDown')
  await expect(objects().nth(2)).toBeFocused()
  await expect(page.locator('.dock .change')).toContainText('Nothing changes')
  // After the last one there is none.
  await page.keyboard.press('ArrowDown')
  await expect(objects().nth(2)).toHaveAttribute('aria-selected', 'true')
  // The one that is shown is among those that are listed, and the keys go on from there.
  await page.getByRole('checkbox', { name: 'Only what changes' }).check()
  await expect(objects()).toHaveText([/ConfigMap kept/, /ConfigMap made/])
  await expect(objects().first()).toHaveAttribute('aria-selected', 'true')
  await objects().first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await expect(objects().first()).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('button', { name: 'Edit this document' }).click()
  await expect(page.locator('.dock .cm-content')).toBeFocused()
  await expect(page.locator('.dock .cm-activeLine')).toHaveText('apiVersion: v1')
  // After the seven lines of the first, and a line that names the file of each.
  await expect(page.locator('.dock .cm-lineNumbers .cm-activeLineGutter')).toHaveText('11')
})

test('of what was applied the document that another manager refuses is taken over, and only that', async () => {
  const { page } = app
  await tools().getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(results().locator('li[class]')).toHaveText([
    /kept\s+default\s+failed/,
    /made\s+default\s+created$/,
    /third\s+default\s+unchanged$/,
  ])
  expect(valueOf('kept')).toBe('old')
  kubectl('delete configmap made')
  await results().getByRole('button', { name: 'Take over' }).click()
  const dialog = page.getByRole('dialog', { name: 'Take over fields of ConfigMap kept' })
  await expect(dialog).toContainText('conflict with "kubectl-create"')
  await dialog.getByRole('button', { name: 'Take over' }).click()
  await expect(results().locator('li[class]').first()).toHaveText(/kept\s+default\s+configured$/)
  expect(valueOf('kept')).toBe('new')
  expect(kubectl('get configmap made --ignore-not-found -o name')).toBe('')
  await results().getByRole('button', { name: 'Close' }).click()
  await expect(results()).toHaveCount(0)
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
