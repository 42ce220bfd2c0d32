import fs from 'node:fs'
import { expect, test, type Locator } from '@playwright/test'
import { embeddedKubeconfig, keptSettings, kubectlOn, live, newDirectory, screenOf, startWeb, type WebApp } from './support/app.js'

/** The dock's tabs and splits in a real Chromium. */

let app: WebApp
const data = newDirectory()

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  app = await startWeb({ data })
  await live(app.page)
  const kubectl = await kubectlOn(embeddedKubeconfig(data))
  for (const name of ['one', 'two', 'three']) kubectl(`run ${name} --image=busybox:1.36 -- sh -c`.concat(' sleep${IFS}1000000'))
  kubectl('wait --for=condition=Ready pod/one pod/two pod/three --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(data, { recursive: true, force: true })
})

const panes = (): Locator => app.page.locator('.dock [role=tablist]')
const tab = (name: string): Locator => app.page.locator('.dock').getByRole('tab', { name, exact: true })
/** The tabs of each pane, the one in front with a star. */
const tabs = (): Promise<string[][]> =>
  panes().evaluateAll((lists) =>
    lists.map((l) =>
      [...l.querySelectorAll('[role=tab]')].map((t) => t.textContent!.trim() + (t.getAttribute('aria-selected') === 'true' ? '*' : '')),
    ),
  )
async function openShell(pod: string): Promise<void> {
  await app.page.goto(app.page.url().replace(/#.*|$/, `#/c/drydock/pods?ns=default&o=pods/default/${pod}`))
  await app.page
    .getByRole('region', { name: `Details: ${pod}` })
    .getByRole('button', { name: 'Shell', exact: true })
    .click()
  await expect(screenOf(app.page)).toContainText(/[#$]\s*$/)
}

test('a split gives the tab in front a pane of its own, beside the others', async () => {
  await openShell('one')
  await openShell('two')
  await app.page.keyboard.type('n=1; echo started $n\n')
  await expect(screenOf(app.page)).toContainText('started 1')
  await app.page.getByRole('button', { name: 'Split right' }).click()
  expect(await tabs()).toEqual([['one*'], ['two*']])
  await expect(app.page.locator('.xterm-rows:visible')).toHaveCount(2)
  const [left, right] = await Promise.all(['one', 'two'].map((n) => tab(n).boundingBox()))
  expect(right!.x).toBeGreaterThan(left!.x + 300)
})

test('the terminal that was moved is the same one, and knows its new size', async () => {
  await app.page.getByRole('textbox', { name: 'Terminal of two' }).focus()
  await app.page.keyboard.type('echo "still $n"; stty size\n')
  await expect(screenOf(app.page)).toContainText(/still 1\s*\d+ \d+/)
})

test('a tab is dragged to an edge, and back among the others', async () => {
  const { page } = app
  await tab('one').click()
  await openShell('three')
  await page.getByRole('button', { name: 'Maximise' }).click()
  expect(await tabs()).toEqual([['one', 'three*'], ['two*']])
  const below = page.getByRole('tabpanel', { name: 'two' })
  const box = (await below.boundingBox())!
  await tab('three').hover()
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 })
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 12, { steps: 4 })
  await expect(page.locator('.dock .target.down')).toBeVisible()
  await page.mouse.up()
  await expect.poll(tabs).toEqual([['one*'], ['two*'], ['three*']])
  const [two, three] = await Promise.all(['two', 'three'].map((n) => tab(n).boundingBox()))
  expect([three!.x, three!.y > two!.y + 100]).toEqual([two!.x, true])
  await tab('three').dragTo(tab('one'), { targetPosition: { x: 4, y: 10 } })
  await expect.poll(tabs).toEqual([['three*', 'one'], ['two*']])
})

test('keys move a tab to the pane beside it, and the edge between panes', async () => {
  const { page } = app
  await tab('three').focus()
  await page.keyboard.press('Control+Shift+ArrowRight')
  await expect.poll(tabs).toEqual([['one*'], ['two', 'three*']])
  await expect(tab('three')).toBeFocused()
  await page.keyboard.press('Control+Shift+ArrowDown')
  await expect.poll(tabs).toEqual([['one*'], ['two*'], ['three*']])
  await page.keyboard.press('ArrowLeft')
  await expect(tab('two')).toBeFocused()
  const edge = page.getByRole('separator', { name: 'Edge between panes' }).first()
  const before = (await tab('two').boundingBox())!.x
  await edge.focus()
  await page.keyboard.press('Shift+ArrowLeft')
  // Whole pixels of an odd width.
  await expect.poll(async () => Math.round((before - (await tab('two').boundingBox())!.x) / 2) * 2).toBe(64)
})

test('after a restart all is where it was; terminals wait to be opened again', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Restore' }).click()
  await tab('one').click()
  await openShell('one')
  const place = (await tab('two').boundingBox())!.x
  // The settings are written a moment after the last change.
  await expect.poll(() => keptSettings(data).dock.tabs.length).toBe(4)
  await page.reload()
  await live(page)
  expect(await tabs()).toEqual([['one', 'one*'], ['two*'], ['three*']])
  expect((await tab('two').boundingBox())!.x).toBe(place)
  await expect(page.getByText('Not connected since the window was closed.')).toHaveCount(4)
  await page.getByRole('tabpanel', { name: 'two' }).getByRole('button', { name: 'Open again' }).click()
  await expect(page.getByRole('tabpanel', { name: 'two' }).locator('.xterm-rows')).toContainText(/[#$]\s*$/)
})

test('a pane goes with its last tab', async () => {
  await tab('three').focus()
  await app.page.keyboard.press('Delete')
  await tab('two').focus()
  await app.page.keyboard.press('Delete')
  expect(await tabs()).toEqual([['one', 'one*']])
  expect(app.errors).toEqual([])
})

test('details of several objects are open at once, in tabs and side by side, and come back with the window', async () => {
  const { page } = app
  const region = (name: string) => page.locator('.dock').getByRole('region', { name: `Details: ${name}` })
  await page.goto(page.url().replace(/#.*|$/, '#/c/drydock/pods?ns=default&o=pods/default/one'))
  await page.getByRole('region', { name: 'Details: one' }).getByRole('button', { name: 'Details in a tab' }).click()
  await expect(region('one').getByText('Running').first()).toBeVisible()
  await expect(page).not.toHaveURL(/o=pods/)
  await page.getByRole('grid').getByRole('row', { name: 'two' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Details in a tab' }).click()
  await expect(region('two')).toBeVisible()
  await expect(region('one')).toBeHidden()
  await page.getByRole('button', { name: 'Split right' }).last().click()
  await expect(region('one')).toBeVisible()
  await region('two').getByRole('tab', { name: 'Events' }).click()
  await expect(region('two').getByText('Started').first()).toBeVisible()
  await expect
    .poll(() => keptSettings(data).dock?.tabs?.filter((x: { content: { type: string } }) => x.content.type === 'details').length)
    .toBe(2)
  await page.reload()
  await expect(region('one').getByText('Running').first()).toBeVisible()
  await expect(region('two').getByText('Running').first()).toBeVisible()
})
