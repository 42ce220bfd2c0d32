import fs from 'node:fs'
import path from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type Locator } from '@playwright/test'
import {
  openKind,
  place,
  row,
  screenOf,
  startCluster,
  startLiveWeb,
  toastOf,
  undo,
  type Kubectl,
  type OtherCluster,
  type WebApp,
} from './support/app.js'

/** Commands and links of a person's own, from the settings to the terminal, in a real Chromium; on a cluster that is reached by kubeconfig. */

let app: WebApp
let kubectl: Kubectl
let real: OtherCluster
const dialog = (name?: string | RegExp): Locator => app.page.getByRole('dialog', name ? { name } : {})
const button = (name: string | RegExp): Locator => dialog().getByRole('button', { name, exact: typeof name === 'string' })
const field = (name: string | RegExp): Locator => dialog().getByLabel(name, { exact: true })
const choose = async (pod: string, item: string): Promise<void> => {
  await row(app.page, pod).click({ button: 'right' })
  await app.page.getByRole('menuitem', { name: item }).click()
}

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb({ env: { SHELL: '/bin/sh' } }))
  real = await startCluster('harbour')
  fs.mkdirSync(path.join(app.data, 'bin'))
  fs.writeFileSync(path.join(app.data, '.profile'), `PATH=${app.data}/bin:/usr/bin:/bin\nexport PATH\n`)
  fs.writeFileSync(
    path.join(app.data, 'bin/greet'),
    '#!/bin/sh\nprintf "who are you? "; read -r who; echo "hello $who, this is $1 on $2"; echo "$KUBECONFIG"\n',
    { mode: 0o755 },
  )
  const pod = (name: string, images: readonly string[]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: images.map((image, i) => ({ name: `c${i}`, image, command: ['sleep', '1000'] })),
    },
  })
  const items = [pod('alone', ['busybox:1.36']), pod('both', ['busybox:1.36', 'alpine:3.20'])]
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  kubectl('wait --for=condition=Ready pod/alone pod/both --timeout=60s')
  await app.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
})
test.afterAll(async () => {
  await app?.close()
  await real?.kill()
  if (real) fs.rmSync(real.data, { recursive: true, force: true })
  if (app) fs.rmSync(app.data, { recursive: true, force: true })
})

test('a command is made in the settings; each field that is wrong says so, and what mends it', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await page.keyboard.press('Control+,')
  await button('Change commands and links').click()
  await expect(dialog()).toContainText('No command or link yet')
  await button('New command').click()
  await field('Arguments, one a line').fill('$NAME\n$FILTER')
  await button('Save').click()
  await expect(dialog().getByRole('alert')).toHaveText([
    'The command has no name. Give it one that menus show.',
    'No kind is named. Name kinds as kubectl takes them, such as pods or deployments.apps, or "all".',
    'There is no program to run. Name one that the login shell finds, or its path.',
    /^args\[1\]: There is no variable \$FILTER\./,
  ])
  await field('Name').fill('Greet')
  await field('Description, optional').fill('Says hello to it')
  await field('Kinds').fill('po, deploy')
  await field('Program').fill('greet')
  await field('Arguments, one a line').fill('$NAME\n$COL-NODE')
  await field('Key in lists, optional').press('l')
  await expect(dialog().getByRole('alert').last()).toHaveText('l is the key of “Logs”.')
  await field('Key in lists, optional').press('Backspace')
  await field('Key in lists, optional').press('Shift+Y')
  expect((await new AxeBuilder({ page }).include('[role=dialog]').analyze()).violations).toEqual([])
  await field('Program').press('Enter')
  await expect(dialog().getByRole('listitem')).toContainText(['GreetYpo, deploy · Says hello to itgreet $NAME $COL-NODE'])
  expect((await new AxeBuilder({ page }).include('[role=dialog]').analyze()).violations).toEqual([])
  await button('Close').last().click()
})

test('it is run from the menu of a row in a terminal, with the very command line to copy', async () => {
  const { page } = app
  await choose('alone', 'Greet')
  const panel = page.getByRole('tabpanel', { name: 'Greet: alone' })
  await expect(screenOf(page)).toContainText('who are you?')
  await expect(panel.locator('code')).toHaveText(/^greet alone drydock(-m0\d)?$/)
  await panel.getByRole('button', { name: 'Copy' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^greet alone drydock/)
  await page.locator('.xterm:visible').click()
  await page.keyboard.type('ann\n')
  await expect(screenOf(page)).toContainText('hello ann, this is alone on drydock')
  await expect(panel.getByRole('status')).toHaveText('The process exited with code 0.')
  await panel.getByRole('button', { name: 'Run again' }).click()
  await expect(screenOf(page)).toContainText(/who are you.*who are you/)
  await page.keyboard.type('eve\n')
  await expect(screenOf(page)).toContainText('hello eve')
})

test('its key, the palette and the details run it too; other kinds have it not', async () => {
  const { page } = app
  await row(page, 'both').click()
  await page.getByRole('grid').focus()
  await page.keyboard.press('Shift+Y')
  await expect(page.getByRole('tab', { name: 'Greet: both' })).toBeVisible()
  await page.keyboard.press('Control+Shift+K')
  await page.getByRole('combobox').fill('Greet')
  await page.getByRole('option', { name: /^Greet/ }).click()
  await expect(page.getByRole('tab', { name: 'Greet: both' })).toHaveCount(2)
  const box = page.getByRole('region', { name: 'Details: both' })
  await box.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Greet' }).click()
  await expect(page.getByRole('tab', { name: 'Greet: both' })).toHaveCount(3)
  await page.keyboard.press('Control+j')
  await openKind(page, 'Nodes')
  await row(page, 'drydock').click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: 'Copy name' })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: 'Greet' })).toHaveCount(0)
  await page.keyboard.press('Escape')
})

test('plugins of k9s are taken over; the first run of each is shown, and asks for the container', async () => {
  const { page } = app
  fs.writeFileSync(
    path.join(app.data, 'plugins.yaml'),
    `
plugins:
  where: { shortCut: Shift-1, scopes: [pods], background: true, command: sh, args: [-c, 'echo "$0 in $1"; exit $2', $NAME, $CONTAINER, 0] }
  fails: { scopes: [pods], background: true, command: sh, args: [-c, 'echo so it goes; exit 4', $NAME] }
  waits: { scopes: [pods], background: true, command: sleep, args: ['1000'] }
  drop: { scopes: [po], dangerous: true, background: true, command: kubectl, args: [delete, pod, $NAME, -n, $NAMESPACE] }
  bad: { scopes: [po], command: [echo] }
`,
  )
  await openKind(page, 'Pods')
  await page.keyboard.press('Control+Shift+K')
  await page.getByRole('combobox').fill('plugins')
  await page.getByRole('option', { name: 'Change commands and links' }).click()
  const file = field('Take over plugins of k9s: a file or a folder')
  await file.fill('~/none.yaml')
  await file.press('Enter')
  await expect(dialog().getByRole('alert')).toContainText('does not exist')
  await file.fill('~/plugins.yaml')
  await button('Add').click()
  await expect(dialog().getByRole('status')).toContainText('4 commands taken over')
  await expect(dialog().getByRole('status').getByRole('listitem')).toHaveText([
    'plugins.yaml › where › shortCut The shortcut Shift-1 is no key that all keyboards have. The command was taken without one.',
    'plugins.yaml › bad › command command has to be a text.',
  ])
  await button('Close').last().click()
  await choose('both', 'where')
  await expect(dialog('where: Pod both')).toContainText('It came from a file and has not been run here before.')
  await expect(dialog().locator('code')).toHaveText('sh -c \'echo "$0 in $1"; exit $2\' both c0 0')
  await field('Container').selectOption('c1')
  await expect(dialog().locator('code')).toHaveText('sh -c \'echo "$0 in $1"; exit $2\' both c1 0')
  await button('Run').click()
  await toastOf(page, 'where: both has finished').getByRole('button', { name: 'Output' }).click()
  await expect(dialog('where: both').locator('pre')).toHaveText('both in c1\n')
  await button('Copy').last().click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('both in c1\n')
  await button('Close').last().click()
  await choose('alone', 'where')
  await expect(toastOf(page, 'where: alone has finished')).toBeVisible()
})

test('a command in the background tells how it failed, and can be stopped; several objects are asked about at once', async () => {
  const { page } = app
  await choose('alone', 'fails')
  await button('Cancel').click()
  await choose('alone', 'fails')
  await button('Run').click()
  await toastOf(page, 'fails: alone ended with exit code 4').getByRole('button', { name: 'Output' }).click()
  await expect(dialog().locator('pre')).toHaveText('so it goes\n')
  await page.keyboard.press('Escape')
  await choose('alone', 'waits')
  await button('Run').click()
  await toastOf(page, 'waits: alone is running').getByRole('button', { name: 'Stop' }).click()
  await expect(toastOf(page, 'waits: alone was stopped')).toBeVisible()
  await row(page, 'alone').click()
  await row(page, 'both').click({ modifiers: ['Control'] })
  await page.getByRole('toolbar', { name: '2 selected' }).getByRole('button', { name: 'where' }).click()
  await expect(dialog('where: 2 Pods').locator('code')).toHaveText(/alone c0 0\nsh .* both c0 0/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
})

test('one that is dangerous wants the name typed, and is not to be had on a read-only context', async () => {
  const { page } = app
  const { clients } = (await import('../../src-main/tools/clients.mjs' as string)) as { clients: () => { kubectl: string } }
  fs.symlinkSync(clients().kubectl, path.join(app.data, 'bin/kubectl'))
  // The context of the pod, whatever the file at hand would say.
  await choose('alone', 'drop')
  await expect(button('Run')).toBeDisabled()
  await field('Type alone to confirm').fill('alone')
  await expect(button('Run')).toBeEnabled()
  await field('Type alone to confirm').press('Enter')
  await toastOf(page, 'drop: alone has finished').getByRole('button', { name: 'Output' }).click()
  await expect(dialog().locator('pre')).toContainText('pod "alone" deleted')
  await page.keyboard.press('Escape')
  await expect(row(page, 'alone')).toHaveCount(0)
  await page.keyboard.press('Control+Shift+K')
  await page.getByRole('combobox').fill('protection')
  await page.getByRole('option').first().click()
  await field('Protection').selectOption('read-only')
  await button('Save').click()
  await row(page, 'both').click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: 'drop' })).toHaveAttribute('aria-disabled', 'true')
  await expect(page.getByRole('menuitem', { name: 'where' })).not.toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
})

test('a link opens a page of the web with the facts of the object, and no other', async () => {
  const { page } = app
  await page.keyboard.press('Control+,')
  await button('Change commands and links').click()
  await button('New link').click()
  await field('Name').fill('where')
  await field('Kinds').fill('all')
  await field('Address').fill('javascript:alert($NAME)')
  await button('Save').click()
  await expect(dialog().getByRole('alert')).toHaveText([
    'Another command has this name. Give it one of its own.',
    '"javascript:alert($NAME)" is no address of the web. It has to begin with https:// or http://.',
  ])
  await button('Cancel').click()
  await button('New link').click()
  await field('Name').fill('Dashboard')
  await field('Kinds').fill('all')
  await field('Address').fill('https://grafana.example/d?pod=$NAME&in=$NAMESPACE&on=$CONTEXT')
  await button('Save').click()
  await expect(button('Change Dashboard')).toBeVisible()
  await button('Close').last().click()
  await page.evaluate(() => {
    const opened: string[] = []
    Object.assign(window, { opened, open: (url: string) => void opened.push(url) })
  })
  await choose('both', 'Dashboard')
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { opened: string[] }).opened))
    .toEqual(['https://grafana.example/d?pod=both&in=default&on=drydock'])
})

test('a command is changed, removed, and brought back', async () => {
  const { page } = app
  await page.keyboard.press('Control+,')
  await button('Change commands and links').click()
  // Escape leads out of the form, and then out of the list.
  await button('Change Greet').click()
  await field('Name').fill('Never')
  await page.keyboard.press('Escape')
  await expect(button('Change Greet')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog()).toHaveCount(0)
  await page.keyboard.press('Control+,')
  await button('Change commands and links').click()
  await button('Change Greet').click()
  await field('Description, optional').fill('')
  await field('Ask before each run').check()
  await button('Save').click()
  await button('Remove Greet').click()
  await expect(dialog().getByText('Greet', { exact: true })).toHaveCount(0)
  await button('Close').last().click()
  await undo(page, 'Greet removed')
  await choose('both', 'Greet')
  await expect(dialog('Greet: Pod both').locator('code')).toHaveText(/^greet both drydock/)
  await page.keyboard.press('Escape')
})

test('on a cluster that is reached by its kubeconfig alone, a command works there and nowhere else', async () => {
  const { page } = app
  await page.keyboard.press('Escape')
  fs.writeFileSync(
    path.join(app.data, 'more.yaml'),
    'scopes: [namespaces]\ncommand: kubectl\nbackground: true\nargs: [--kubeconfig, $KUBECONFIG, get, namespace, $NAME, -o, "jsonpath={.metadata.name}"]\n',
  )
  await page.keyboard.press('Control+Shift+K')
  await page.getByRole('combobox').fill('Change commands and links')
  await page.getByRole('option').first().click()
  await field('Take over plugins of k9s: a file or a folder').fill('~/more.yaml')
  await button('Add').click()
  await expect(dialog().getByRole('status')).toContainText('One command taken over')
  await button('Close').last().click()
  await place(page, '/')
  await page.getByRole('button', { name: 'Kubeconfigs' }).click()
  await field('File or folder').fill(real.kubeconfig)
  await button('Add').first().click()
  await page.keyboard.press('Escape')
  await place(page, '/c/harbour/namespaces')
  await choose('kube-system', 'more')
  await expect(dialog().locator('code')).toContainText('get namespace kube-system')
  await button('Run').click()
  await toastOf(page, 'more: kube-system has finished').getByRole('button', { name: 'Output' }).click()
  await expect(dialog().locator('pre')).toHaveText('kube-system')
  expect(app.errors).toEqual([])
})
