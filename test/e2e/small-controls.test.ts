import { expect, test, type Locator } from '@playwright/test'
import { connection, openKind, place, row, screenOf, startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** The second ways: chips and buttons of lists, details, logs, terminals, files, searches and the catalogue that do what keys and menus do, too. */

let app: WebApp
let kubectl: Kubectl
const shell = {
  name: 'many',
  image: 'busybox:1.36',
  command: ['sh', '-c', 'for n in $(seq 1 600); do echo line $n; touch /tmp/f$n; done; sleep 10000'],
}

test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('create deployment web --image=nginx:1.27 --replicas=2 --port=80')
  kubectl('expose deployment web --port=80')
  kubectl('create poddisruptionbudget web --selector=app=web --min-available=2')
  kubectl('create configmap rope --from-literal=length=10')
  kubectl(
    'apply -f -',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'many', annotations: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`note-${i}`, 'x'])) },
      spec: { containers: [shell] },
    }),
  )
  kubectl('run bare --image=registry.k8s.io/pause:3.10')
  kubectl('rollout status deployment/web --timeout=60s')
  kubectl('wait --for=condition=Ready pod/many pod/bare --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

const dialog = (): Locator => app.page.getByRole('dialog')
const details = (name: string | RegExp): Locator =>
  app.page.getByRole('region', { name: typeof name === 'string' ? `Details: ${name}` : name, exact: true })
const press = (within: Locator, name: string | RegExp): Promise<void> => within.getByRole('button', { name, exact: true }).first().click()
const heading = (name: string) => expect(app.page.getByRole('heading', { name, level: 1 })).toBeVisible()
const show = (resource: string, object: string): Promise<unknown> =>
  place(app.page, `/c/drydock/${resource}?ns=default&o=${resource}/${object}`)
/** The panel of the dock in front. */
const dock = (): Locator => app.page.locator('.dock [role=tabpanel]:visible').last()

test('filters of a list are taken off one by one, by chips and by the notice that nothing is left', async () => {
  const { page } = app
  await place(page, '/c/drydock/pods?ns=default&label=app%3Dweb')
  await expect(row(page, /^web-/)).toHaveCount(2)
  await page.locator('.chip.filter').click()
  await expect(row(page, 'many')).toBeVisible()
  await page.getByRole('button', { name: 'Label selector' }).click()
  await press(page.getByRole('list', { name: 'Labels of these objects' }), /^app=web/)
  await expect(row(page, 'many')).toHaveCount(0)
  await page.keyboard.press('Escape')
  await place(page, '/c/drydock/pods?ns=default&q=nothing-like-this')
  await page.getByRole('main').getByText('Clear search').click()
  await expect(row(page, 'many')).toBeVisible()
  await place(page, '/c/drydock/pods?ns=default&label=a%20b%20c')
  await page.getByRole('main').getByRole('button', { name: 'Remove filter' }).last().click()
  await expect(row(page, 'many')).toBeVisible()
  await place(page, '/c/drydock/pods?ns=default&label=app%3Dnobody')
  await expect(page.getByRole('main')).toContainText('Nothing matches “app=nobody”')
  await page.getByRole('main').getByRole('button', { name: 'Remove filter' }).last().click()
  await expect(row(page, 'many')).toBeVisible()
  await page.getByRole('button', { name: 'Filter by column' }).click()
  await page.getByRole('dialog').getByRole('combobox').selectOption('Name')
  await page.getByRole('textbox', { name: 'What its cells are' }).fill('many')
  await page.keyboard.press('Enter')
  await expect(row(page, /^web-/)).toHaveCount(0)
  await page.getByRole('button', { name: 'Filter by column' }).click()
  await page.getByRole('button', { name: 'Remove all filters' }).click()
  await expect(row(page, /^web-/)).toHaveCount(2)
  await page.keyboard.press('Escape')
})

test('an empty list of a namespace leads to all of them; a namespace is added with the mouse', async () => {
  const { page } = app
  await place(page, '/c/drydock/daemonsets.apps?ns=default')
  await page.getByRole('main').getByRole('button', { name: 'Show all namespaces' }).click()
  await expect(page.getByRole('button', { name: /^Namespaces/ })).toHaveText('All namespaces')
  await openKind(page, 'Pods')
  await page.getByRole('button', { name: /^Namespaces/ }).click()
  await page.getByRole('option', { name: 'default' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: /^Namespaces/ })).toHaveText('default')
  await page.getByRole('button', { name: /^Namespaces/ }).click()
  await page.getByRole('option', { name: 'kube-system' }).hover()
  await page.getByRole('option', { name: 'kube-system' }).getByText('only', { exact: true }).click()
  await expect(page.getByRole('button', { name: /^Namespaces/ })).toHaveText('kube-system')
})

test('what kubectl describe says is read again', async () => {
  const { page } = app
  await show('pods', 'default/bare')
  await details('bare').getByRole('tab', { name: 'Describe' }).click()
  await expect(details('bare')).toContainText('registry.k8s.io/pause:3.10')
  kubectl('label pod bare seen=twice')
  await press(details('bare'), 'Refresh')
  await expect(details('bare')).toContainText('seen=twice')
  await page.keyboard.press('Escape')
})

test('the menu of a row opens its details; a column that was added is taken away', async () => {
  const { page } = app
  await place(page, '/c/drydock/pods?ns=default')
  await row(page, 'many').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Details Enter' }).click()
  await expect(details('many')).toBeVisible()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitem', { name: 'Add a column' }).click()
  await dialog().getByLabel('Key').fill('app')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('columnheader', { name: 'app' })).toBeVisible()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'app' }).hover()
  await page.getByRole('button', { name: 'Remove the column app' }).click({ force: true })
  await expect(page.getByRole('columnheader', { name: 'app' })).toHaveCount(0)
  await page.keyboard.press('Escape')
})

test('details lead to the pods of what they are about', async () => {
  const { page } = app
  for (const [resource, object] of [
    ['deployments.apps', 'default/web'],
    ['services', 'default/web'],
    ['poddisruptionbudgets.policy', 'default/web'],
    ['nodes', 'drydock-m02'],
  ] as const) {
    await show(resource, object)
    await press(details(object.split('/').at(-1)!), 'Show in the list')
    await heading('Pods')
  }
  await expect(page.locator('.chip.filter')).toHaveText('spec.nodeName=drydock-m02')
})

test('of more pods than fifty the next ones, then all are shown in the details of what they belong to', async () => {
  const { page } = app
  kubectl('create deployment crew --image=registry.k8s.io/pause:3.10 --replicas=160')
  await show('deployments.apps', 'default/crew')
  const pods = details('crew').getByRole('link', { name: /^crew-\w+-\w+$/ })
  await press(details('crew'), 'Show 50 more')
  await expect(pods).toHaveCount(100)
  await press(details('crew'), 'Show all 60 that are left')
  await expect(pods).toHaveCount(160)
  kubectl('delete deployment crew')
  await openKind(page, 'Pods')
  await expect(row(page, /^crew-/)).toHaveCount(0)
})

test('a warning that is pointed at, or has the keyboard, stays where it is while newer ones come', async () => {
  const { page } = app
  const cause = (name: string) => kubectl(`run ${name} --image=nginx:no-such-${name}`)
  cause('first')
  await place(page, '/c/drydock/overview?ns=default')
  const warnings = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: /^pod\// }) })
  const heading = page.getByRole('heading', { name: /^Recent warnings/ })
  await expect(warnings.filter({ hasText: 'pod/first' }).first()).toBeVisible()
  await warnings.last().hover()
  const before = await warnings.getByRole('link').allTextContents()
  cause('second')
  await expect(heading).toContainText('new, once nothing here is pointed at')
  expect(await warnings.getByRole('link').allTextContents()).toEqual(before)
  await heading.hover()
  await expect(warnings.filter({ hasText: 'pod/second' }).first()).toBeVisible()
  await warnings.last().getByRole('link').focus()
  cause('third')
  await expect(heading).toContainText('new, once nothing here is pointed at')
  await warnings.last().getByRole('link').blur()
  await expect(warnings.filter({ hasText: 'pod/third' }).first()).toBeVisible()
  kubectl('delete pod first second third')
})

test('details are kept beside the next ones, show long annotations, and forward a port of a container', async () => {
  const { page } = app
  await show('pods', 'default/many')
  await press(details('many'), /^Show all/)
  await expect(details('many')).toContainText('note-11')
  await press(details('many'), 'Show less')
  await press(details('many'), 'Keep beside the next object')
  await expect(page.getByRole('region', { name: 'Kept details: many' })).toBeVisible()
  await row(page, /^web-/).first().click()
  await press(details(/^Details: web-/), /^80\/TCP/)
  await dialog().getByLabel('Port of the target').fill('81')
  await press(dialog(), /^80/)
  await expect(dialog().getByLabel('Port of the target')).toHaveValue('80')
  await press(dialog(), 'Cancel')
})

test('a value that is being written is let be; versions that were seen are compared as chosen', async () => {
  await show('configmaps', 'default/rope')
  await press(details('rope'), 'Edit length')
  await press(details('rope'), 'Cancel')
  await press(details('rope'), 'Add key')
  await press(details('rope'), 'Cancel')
  await expect(details('rope').locator('form')).toHaveCount(0)
  for (const n of [11, 12]) kubectl(`patch configmap rope --type=merge -p {"data":{"length":"${n}"}}`)
  await details('rope').getByRole('tab', { name: 'History' }).click()
  const [from, to] = [details('rope').locator('select').nth(0), details('rope').locator('select').nth(1)]
  await expect(from.locator('option')).toHaveCount(3)
  await from.selectOption({ index: 2 })
  await to.selectOption({ index: 1 })
  await expect(details('rope').locator('.cm-deletedChunk').filter({ hasText: 'length: "10"' })).toBeVisible()
})

test('a log is followed and let go, gone to its end, and cleared', async () => {
  await show('pods', 'default/many')
  await press(details('many'), 'Logs')
  const tools = app.page.getByRole('toolbar', { name: 'Logs' })
  const follow = tools.getByRole('button', { name: 'Follow' })
  await expect(tools).toContainText('600 lines')
  await expect(follow).toHaveAttribute('aria-pressed', 'true')
  await app.page.getByRole('log', { name: 'Log' }).hover()
  await app.page.mouse.wheel(0, -2000)
  await expect(follow).toHaveAttribute('aria-pressed', 'false')
  await press(dock(), 'Jump to the end')
  await expect(app.page.getByRole('log', { name: 'Log' }).locator('.line').last()).toContainText('line 600')
  await follow.click()
  await expect(follow).toHaveAttribute('aria-pressed', 'false')
  await press(tools, 'Clear')
  await expect(tools).toContainText('0 lines')
})

test('a terminal is searched forwards and back, by a pattern, and cleared', async () => {
  const { page } = app
  await show('pods', 'default/many')
  await press(details('many'), 'Shell')
  await expect(screenOf(page)).toContainText('/ #')
  await page.keyboard.type('echo one; echo two; echo one\n')
  await expect(screenOf(page)).toContainText('two')
  await press(dock(), 'Find in terminal')
  const find = dock().getByRole('search')
  await find.getByRole('textbox').fill('^o.e')
  await press(find, 'Regular expression')
  await expect(find.getByRole('status')).toHaveText(/of 2$/)
  const at = async () => (await find.getByRole('status').textContent())!
  const before = await at()
  await press(find, 'Match case')
  await expect(find.getByRole('button', { name: 'Match case' })).toHaveAttribute('aria-pressed', 'true')
  await press(find, 'Match case')
  await press(find, 'Next match')
  await expect.poll(at).not.toBe(before)
  await press(find, 'Previous match')
  await expect.poll(at).toBe(before)
  await press(find, 'Close')
  await press(dock(), 'Clear')
  await expect(screenOf(page)).not.toContainText('two')
})

test('of a folder with very many files all are shown on request; a file that is read is left; a folder is written to', async () => {
  const { page } = app
  await place(page, '/c/drydock/pods?ns=default')
  await row(page, 'many').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Files', exact: true }).click()
  const path = dock().getByRole('textbox', { name: 'Folder' })
  await path.fill('/tmp')
  await path.press('Enter')
  await press(dock(), 'Show all 600')
  await expect(dock().getByRole('row')).toHaveCount(601)
  await press(dock(), 'f7')
  await expect(dock().getByRole('region', { name: 'Text of f7' })).toBeVisible()
  await press(dock().getByRole('region', { name: 'Text of f7' }), 'Close')
  await expect(dock().getByRole('button', { name: 'f7', exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  await dock().getByRole('region', { name: 'Text of f7' }).getByRole('button', { name: 'Close' }).press('Escape')
  await expect(dock().getByRole('region', { name: 'Text of f7' })).toHaveCount(0)
  await path.fill('/not/there')
  await path.press('Enter')
  await expect(dock()).toContainText('No such file or directory')
  kubectl('exec many -- mkdir -p /not/there')
  await press(dock(), 'Retry now')
  await expect(dock()).toContainText('The folder is empty')
  await path.fill('/tmp')
  await path.press('Enter')
  await expect(dock().getByRole('button', { name: 'f7', exact: true })).toBeVisible()
  await press(dock(), 'Copy files into this folder')
  await expect(dialog().getByLabel('In the container')).toHaveValue('/tmp')
  await press(dialog(), 'Cancel')
})

test('what has no shell offers a debug container in place of its files', async () => {
  const { page } = app
  await place(page, '/c/drydock/pods?ns=default')
  await row(page, 'bare').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Files', exact: true }).click()
  await press(dock(), 'Debug container')
  await expect(dialog()).toContainText('debug -it bare')
  await dialog().getByRole('textbox').first().press('Escape')
})

test('Enter in a field of a dialog does it', async () => {
  const { page } = app
  await place(page, '/c/drydock/deployments.apps?ns=default')
  await row(page, 'web').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Autoscale', exact: true }).click()
  await dialog().getByRole('spinbutton').last().press('Enter')
  await expect(dialog()).toHaveCount(0)
  expect(kubectl('get hpa web -o name')).toBe('horizontalpodautoscaler.autoscaling/web\n')
  await place(page, '/c/drydock/serviceaccounts?ns=default')
  await row(page, 'default').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Create token', exact: true }).click()
  await dialog().getByRole('textbox').first().press('Enter')
  await expect(dialog().getByRole('button', { name: 'Reveal' })).toBeVisible()
  await page.keyboard.press('Escape')
})

test('the map is narrowed to what is in trouble', async () => {
  const { page } = app
  await place(page, '/c/drydock/map?ns=default')
  // The list that was open before has a button of that name, too.
  await expect(page.getByRole('main').getByRole('link', { name: /^Service web/ })).toBeVisible()
  const faults = page.getByRole('main').getByRole('button', { name: 'Only those in trouble' })
  await faults.click()
  await expect(faults).toHaveAttribute('aria-pressed', 'true')
  await place(page, '/c/drydock/map?ns=default&q=nothing-like-this')
  await page.getByRole('main').getByText('Clear search').click()
  await expect(page.getByRole('main').getByRole('link', { name: /^Service web/ })).toBeVisible()
})

test('a search begins with an example, is asked again, kept and taken up; all of many hits are shown', async () => {
  const { page } = app
  const field = page.getByRole('textbox', { name: 'Search objects' })
  await place(page, '/search')
  await page.getByRole('main').locator('.examples button').first().click()
  await expect(field).toHaveValue('status:trouble')
  await field.fill('system kind:clusterrole')
  await page
    .getByRole('main')
    .getByRole('button', { name: /^Show all \d+$/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Search again' }).click()
  await page.getByRole('button', { name: 'Saved searches' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await field.fill('web')
  await page.getByRole('button', { name: 'Saved searches' }).click()
  await page.getByRole('list', { name: 'Saved searches' }).getByRole('button').first().click()
  await expect(field).toHaveValue('system kind:clusterrole')
  await expect(
    page
      .getByRole('main')
      .getByRole('link', { name: /^system:/ })
      .first(),
  ).toBeVisible()
  await field.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await expect(field).toBeFocused()
})

test('the catalogue opens a cluster by its row and by its menu; one that was stopped is started there', async () => {
  const { page } = app
  const inCatalogue = page.getByRole('row').filter({ hasText: 'drydock' })
  const choose = async (item: string): Promise<void> => {
    await place(page, '/')
    await inCatalogue.click({ button: 'right' })
    await page.getByRole('menuitem', { name: item, exact: true }).click()
  }
  await place(page, '/')
  await inCatalogue.getByRole('cell').nth(1).click()
  await expect(connection(page)).toContainText('Live')
  await choose('Disconnect')
  await choose('Open')
  await expect(connection(page)).toContainText('Live')
  await choose('Stop')
  await expect(inCatalogue).toContainText('Stopped')
  await choose('Start')
  await expect(inCatalogue).not.toContainText('Stopped')
  await inCatalogue.getByRole('cell').nth(1).click()
  await expect(connection(page)).toContainText('Live', { timeout: 60_000 })
})

test('a rollout under way leads to its workload, a notification to what it tells of, and a drain is stopped', async () => {
  const { page } = app
  await place(page, '/c/drydock/deployments.apps?ns=default')
  await row(page, 'web').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Set image', exact: true }).click()
  await dialog().getByLabel('nginx', { exact: true }).fill('nginx:no-such-tag')
  await press(dialog(), 'Set image')
  const notifications = page.getByRole('dialog', { name: 'Notifications' })
  const bell = page.getByRole('contentinfo').getByRole('button', { name: /notification/i })
  // Where notifications open, no toast lies over them.
  const toast = page.locator('.toast').last()
  await expect(toast).toBeVisible()
  await bell.click()
  await expect(notifications).toBeVisible()
  const [over, under] = [(await toast.boundingBox())!, (await notifications.boundingBox())!]
  expect(over.x + over.width).toBeLessThanOrEqual(under.x)
  await page.keyboard.press('Escape')
  // Nor do toasts lie over the buttons of a dialog, which stays while they are acted on.
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
  const buttons = dialog().getByRole('button', { name: /^(Change keys|Close)$/ })
  for (const b of await buttons.all()) {
    const [t, box] = [(await toast.boundingBox())!, (await b.boundingBox())!]
    expect(t.x + t.width <= box.x || t.y >= box.y + box.height).toBe(true)
  }
  await toast.getByRole('button', { name: 'Close' }).click()
  await press(dialog(), 'Change keys')
  await press(dialog(), 'Done')
  await page.keyboard.press('Escape')
  await openKind(page, 'Nodes')
  await page
    .getByRole('contentinfo')
    .getByRole('button', { name: /Deployment web/ })
    .click()
  await expect(details('web')).toBeVisible()
  await bell.click()
  await notifications.getByRole('link').first().click()
  await expect(notifications).toHaveCount(0)
  // The budget lets no pod go; what nothing would make again would not be drained at all.
  kubectl('delete pod bare many --force --grace-period=0')
  const node = kubectl('get pods -l app=web --field-selector=status.phase=Running -o jsonpath={.items[0].spec.nodeName}')
  await openKind(page, 'Nodes')
  await row(page, node).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Drain', exact: true }).click()
  await press(dialog(), 'Drain')
  const drain = page.getByRole('region', { name: `Drain of ${node}` })
  await press(drain, 'Stop')
  await expect(drain.getByRole('button', { name: 'Stop' })).toHaveCount(0)
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
