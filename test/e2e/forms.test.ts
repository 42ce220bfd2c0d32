import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test, type Locator } from '@playwright/test'
import { startLiveWeb, type Kubectl, type WebApp } from './support/app.js'
import { command } from './support/panel.js'

/** What the forms of the tab that creates are made of, and its other ways to a text: every button and field that the rest of the tests leaves out. */

let app: WebApp
let kubectl: Kubectl
let folder: string

test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-forms-'))
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

const editor = () => app.page.locator('.dock .cm-content:visible').first()
const form = (): Locator => app.page.getByRole('form')
const tools = () => app.page.getByRole('toolbar', { name: 'Create from YAML' })
const button = (name: string | RegExp) => form().getByRole('button', { name, exact: true })
const group = (name: string) => form().getByRole('group', { name, exact: true })
const write = (name: string, text: string): string => {
  const file = path.join(folder, name)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
  return file
}
/** A new tab with a form. */
async function begin(kind: string): Promise<void> {
  await command(app.page, `New ${kind}`)
  await expect(app.page.getByRole('form', { name: `${kind} form` })).toBeVisible()
}
/** Presses a button that asks for files, and chooses. */
async function choose(control: Locator, chosen: string | string[]): Promise<void> {
  const asked = app.page.waitForEvent('filechooser')
  await control.click()
  await (await asked).setFiles(chosen)
}
const shows = (text: string | RegExp) => expect(editor()).toContainText(text)

test('a pod template takes commands word by word, containers, mounts, volumes and a node selector, and loses them', async () => {
  await begin('Deployment')
  await form()
    .getByLabel(/^Name \*$/)
    .first()
    .fill('boat')
  await form().getByLabel('Command', { exact: true }).fill('sleep\ninfinity')
  await shows(/command:\s+- sleep\s+- infinity/)
  await form().getByLabel('Command', { exact: true }).fill('')
  await expect(editor()).not.toContainText('command:')
  await button('Add source').click()
  await form().getByRole('combobox', { name: 'Name', exact: true }).last().fill('settings')
  await shows(/envFrom:\s+- configMapRef:\s+name: settings/)
  await form().getByRole('combobox', { name: 'Source' }).last().selectOption('Secret')
  await shows(/envFrom:\s+- secretRef:/)
  await button('Add mount').click()
  await form()
    .getByLabel(/^Path in the container/)
    .fill('/data')
  await group('/data').getByRole('checkbox', { name: 'Read-only' }).check()
  await shows('readOnly: true')
  await group('/data').getByRole('button', { name: 'Remove /data' }).click()
  await expect(editor()).not.toContainText('volumeMounts')
  await button('Add container').click()
  await group('2')
    .getByLabel(/^Name \*$/)
    .fill('beside')
  await group('beside').getByRole('button', { name: 'Remove beside' }).click()
  await expect(editor()).not.toContainText('beside')
  // Enter in a field sends nothing anywhere.
  await form().getByLabel('Replicas', { exact: true }).press('Enter')
  await form().locator('summary', { hasText: 'Volumes' }).click()
  await button('Add volume').click()
  await expect(form().getByRole('checkbox', { name: /^Empty/ })).toBeChecked()
  await form()
    .getByRole('checkbox', { name: /^Empty/ })
    .uncheck()
  await expect(editor()).not.toContainText('emptyDir')
  await form().locator('summary', { hasText: 'Pod' }).click()
  const nodes = group('Node selector')
  await nodes.getByRole('button', { name: 'Add' }).click()
  await nodes.getByRole('textbox', { name: 'Key' }).fill('disk')
  await nodes.getByRole('textbox', { name: 'Value' }).fill('ssd')
  await shows(/nodeSelector:\s+disk: ssd/)
  await nodes.getByRole('button', { name: 'Remove disk' }).click()
  await expect(editor()).not.toContainText('nodeSelector')
  await button('Add pull secret').click()
  await shows('imagePullSecrets')
  await tools().getByRole('button', { name: 'Form', exact: true }).click()
  await expect(form()).toHaveCount(0)
})

test('a Service takes its selector pair by pair; an autoscaler another kind of workload and a metric', async () => {
  await begin('Service')
  const selector = group('Selector')
  await selector.getByRole('textbox', { name: 'Value' }).first().fill('front')
  await shows(/selector:\s+app: front/)
  await button('Add port').click()
  await begin('HorizontalPodAutoscaler')
  await form().getByRole('combobox', { name: 'Kind', exact: true }).selectOption('StatefulSet')
  await shows('kind: StatefulSet')
  await button('Add metric').click()
})

test('an Ingress takes another rule, path and certificate', async () => {
  await begin('Ingress')
  await button('Add path').click()
  await button('Add rule').click()
  await form().locator('summary', { hasText: 'TLS' }).click()
  await button('Add TLS').click()
  await shows(/tls:\s+- hosts: \[\]/)
})

test('entries come from files, folders and env files that buttons ask for; the values of a Secret are shown on request', async () => {
  await begin('ConfigMap')
  await choose(button('Files'), [write('a.txt', 'one')])
  await expect(group('a.txt')).toBeVisible()
  await choose(button('Env file'), write('x.env', 'ONE=1\n'))
  await expect(group('ONE')).toBeVisible()
  await choose(button('Folder'), path.dirname(write('conf/app.conf', 'x=y\n')))
  await expect(group('app.conf')).toBeVisible()
  await begin('Secret')
  const value = form().getByRole('textbox', { name: 'Value' }).first()
  await expect(value).toHaveClass(/hidden/)
  await button('Show values').click()
  await expect(value).not.toHaveClass(/hidden/)
  await form().getByLabel('Type', { exact: true }).selectOption('kubernetes.io/tls')
  await choose(button('Certificate (tls.crt) from a file'), write('tls.crt', 'certificate\n'))
  await shows('tls.crt: Y2VydGlmaWNhdGUK')
  await button('Show Private key (tls.key)').click()
  await expect(button('Show Private key (tls.key)')).toHaveAttribute('aria-pressed', 'true')
})

test('a folder with several kustomizations is left, or taken as the files it is; a file that is none is named', async () => {
  const { page } = app
  await command(page, 'Create from YAML')
  write('kust/one/kustomization.yaml', 'resources: [map.yaml]\n')
  write('kust/one/map.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: plain }\n')
  write('kust/two/kustomization.yaml', 'resources: [../one]\n')
  write('kust/torn.yaml', 'kind: [\n')
  const which = page.getByRole('group', { name: 'There are several kustomizations. Which one?' })
  await choose(tools().getByRole('button', { name: 'Folder' }), path.join(folder, 'kust'))
  await which.getByRole('button', { name: 'Cancel' }).click()
  await expect(which).toHaveCount(0)
  await choose(tools().getByRole('button', { name: 'Folder' }), path.join(folder, 'kust'))
  await which.getByRole('button', { name: 'The files as they are' }).click()
  await expect(page.getByRole('listbox', { name: 'Preview' }).getByRole('option')).toHaveText([/ConfigMap plain\s*new/])
  await page.locator('.dock .loaded summary').click()
  await expect(page.locator('.dock .loaded li').filter({ hasText: 'torn.yaml' })).toBeVisible()
})

test('a draft that was left is taken up from the menu, and is applied with the key that saves', async () => {
  const { page } = app
  await command(page, 'Create from YAML')
  await editor().click()
  await page.keyboard.insertText('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: drafted\n  namespace: default\n')
  await expect.poll(() => fs.existsSync(path.join(app.data, 'drafts')) && fs.readdirSync(path.join(app.data, 'drafts')).length).toBeTruthy()
  await page.locator('.dock [role=tab][aria-selected=true]').focus()
  await page.keyboard.press('Delete')
  await command(page, 'Create from YAML')
  await tools().getByRole('button', { name: 'New', exact: true }).click()
  await page.getByRole('menuitem', { name: /^ConfigMap drafted/ }).click()
  await shows('name: drafted')
  await editor().click()
  await page.keyboard.press('Control+s')
  await expect(page.getByRole('region', { name: 'Results' }).locator('li[class]')).toHaveText(/drafted\s+default\s+created$/)
  expect(kubectl('get configmap drafted -o name')).toBe('configmap/drafted\n')
  await page.getByRole('region', { name: 'Results' }).getByRole('button', { name: 'Close' }).click()
  await tools().getByRole('button', { name: 'New', exact: true }).click()
  await page.getByRole('menuitem', { name: 'From a template' }).click()
  await page.getByRole('dialog').locator('.pick').first().click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('an edit that meets another one is saved over it, given up for it, or thought over', async () => {
  const { page } = app
  kubectl('create configmap meeting --from-literal=colour=red')
  await page.goto(page.url().replace(/#.*|$/, '#/c/drydock/configmaps?ns=default&o=configmaps/default/meeting&tab=yaml'))
  const details = page.getByRole('region', { name: 'Details: meeting' })
  const text = details.locator('.cm-content').first()
  const conflict = details.getByRole('alert', { name: 'Changed here and on the server' })
  const value = () => kubectl('get configmap meeting -o jsonpath={.data.colour}')
  /** Writes another colour here, and one there, and saves with the key. */
  const meet = async (from: string, mine: string, theirs: string): Promise<void> => {
    await details.locator('.cm-line', { hasText: `colour: ${from}` }).click()
    await page.keyboard.press('End')
    await page.keyboard.press('Control+Backspace')
    await page.keyboard.type(mine)
    kubectl(`patch configmap meeting --type=merge -p {"data":{"colour":"${theirs}"}}`)
    await expect(details).toContainText('Changed on the server since it was opened')
    await page.keyboard.press('Control+s')
    await expect(conflict).toBeVisible()
  }
  await meet('red', 'blue', 'green')
  await conflict.getByRole('button', { name: 'Close' }).click()
  await expect(conflict).toHaveCount(0)
  await page.keyboard.press('Control+s')
  await details.getByRole('button', { name: 'Save', exact: true }).click()
  await conflict.getByRole('button', { name: 'Save mine' }).click()
  await expect.poll(value).toBe('blue')
  await expect(text).toContainText('colour: blue')
  await meet('blue', 'white', 'black')
  await conflict.getByRole('button', { name: 'Load the server’s' }).click()
  await expect(text).toContainText('colour: black')
  expect(value()).toBe('black')
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
