import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { embeddedKubeconfig, keptSettings, kubectlOn, live, openKind, row, startWeb, type WebApp } from './support/app.js'

/** What a person does with a list, in a real Chromium on an embedded cluster. */

let app: WebApp
let kubectl: (args: string, input?: string) => string

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  app = await startWeb()
  await app.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(app.data))
  for (const [name, tier] of [
    ['cart', 'back'],
    ['front', 'web'],
    ['search', 'back'],
    ['shop', 'web'],
  ])
    kubectl(`run ${name} --image=nginx:1.27 --labels=app=${name},tier=${tier}`)
  kubectl('run broken --image=nginx:does-not-exist-1 --labels=app=broken')
  kubectl('wait --for=condition=Ready pod/cart pod/front pod/search pod/shop --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

const grid = () => app.page.getByRole('grid')
const heading = (name: string) => grid().getByRole('columnheader', { name, exact: true })
const headings = () => grid().getByRole('columnheader').allInnerTexts()
const names = () => grid().locator('.row .cell.name').allInnerTexts()
const search = () => app.page.getByRole('textbox', { name: 'Search' })
const clipboard = () => app.page.evaluate(() => navigator.clipboard.readText())

async function pods(query = 'ns=default'): Promise<void> {
  await app.page.goto(app.page.url().replace(/#.*/, `#/c/drydock/pods?${query}`))
  await expect(grid().getByRole('row').nth(1)).toBeVisible()
}

test('search finds names, labels and states, takes regular expressions and what must not be there', async () => {
  await openKind(app.page, 'Pods')
  await pods()
  const finds = async (text: string, found: string[]): Promise<void> => {
    await search().fill(text)
    await expect.poll(names).toEqual(found)
  }
  await finds('tier=back', ['cart', 'search'])
  await finds('running', ['cart', 'front', 'search', 'shop'])
  await finds('/^s/', ['search', 'shop'])
  await finds('/^s/ !shop', ['search'])
  await finds('!/^(s|c)/ tier', ['front'])
  // What no cell and no label says may stand in an annotation.
  kubectl('annotate pod cart owner.example/contact=harbour-master')
  await search().fill('harbour-master')
  await app.page.getByRole('link', { name: 'Search annotations and other fields' }).click()
  await expect(app.page.getByRole('searchbox').or(app.page.getByRole('textbox')).first()).toHaveValue('kind:pods harbour-master')
  await expect(app.page.getByRole('main')).toContainText('owner.example/contact=harbour-master')
  await expect(app.page.getByRole('main')).toContainText('cart')
  await app.page.goBack()
  await search().fill('/(/')
  await expect(search()).toHaveAttribute('aria-invalid', 'true')
  await search().fill('')
  await search().press('Enter')
})

test('kinds come and go with their definitions, whoever makes them', async () => {
  const { page } = app
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'ferries.harbour.example.com' },
    spec: {
      group: 'harbour.example.com',
      scope: 'Namespaced',
      names: { plural: 'ferries', singular: 'ferry', kind: 'Ferry' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          additionalPrinterColumns: [{ name: 'Owner', type: 'string', jsonPath: '.owner' }],
        },
      ],
    },
  }
  const filter = page.getByRole('textbox', { name: 'Filter kinds' })
  const link = page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: /^Ferries/ })
  await filter.fill('ferries')
  await expect(link).toHaveCount(0)
  kubectl('apply -f -', JSON.stringify(definition))
  await expect(link).toBeVisible()
  await link.click()
  await expect(page.getByRole('heading', { name: 'Ferries', level: 1 })).toBeVisible()
  kubectl(
    'apply -f -',
    JSON.stringify({ apiVersion: 'harbour.example.com/v1', kind: 'Ferry', metadata: { name: 'mary', namespace: 'default' }, owner: 'ann' }),
  )
  await expect(row(page, 'mary')).toContainText('ann')
  // It has the name that the definition gives it, though other kinds have an owner that is something else.
  await expect(page.getByRole('columnheader', { name: 'Owner' })).toBeVisible()
  kubectl('delete crd ferries.harbour.example.com')
  await filter.fill('ferries')
  await expect(link).toHaveCount(0)
  await filter.fill('')
})

test('a label selector is applied by the server; one that is not valid is explained', async () => {
  const { page } = app
  await pods()
  await page.getByRole('button', { name: 'Label selector' }).click()
  await page.getByRole('textbox', { name: 'Label selector' }).fill('tier in (web),app!=shop')
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect.poll(names).toEqual(['front'])
  await expect(page.getByRole('button', { name: 'tier in (web),app!=shop' })).toBeVisible()
  await search().fill('-l tier=back')
  await search().press('Enter')
  await expect.poll(names).toEqual(['cart', 'search'])
  await expect(search()).toHaveValue('')
  await search().fill('-l tier=back web')
  await search().press('Enter')
  const main = page.getByRole('main')
  await expect(main).toContainText('“tier=back web” is not a valid selector')
  await expect(main).toContainText("found 'web', expected: ',' or 'end of string'")
  await main.getByRole('button', { name: 'Remove filter' }).last().click()
  await expect.poll(names).toEqual(['broken', 'cart', 'front', 'search', 'shop'])
})

test('what is in trouble is marked with its last warning, and can be shown alone', async () => {
  const { page } = app
  await pods()
  await expect(row(page, 'broken').getByRole('img', { name: /^Failed: / })).toBeVisible({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Only those in trouble' }).click()
  await expect.poll(names).toEqual(['broken'])
  await grid().focus()
  await page.keyboard.press('Control+z')
  await expect.poll(names).toHaveLength(5)
})

test('keys sort by a column, as in k9s', async () => {
  const { page } = app
  await pods()
  await grid().focus()
  await page.keyboard.press('N')
  await expect(heading('Name')).toHaveAttribute('aria-sort', 'ascending')
  await page.keyboard.press('N')
  await expect.poll(names).toEqual(['shop', 'search', 'front', 'cart', 'broken'])
  await page.keyboard.press('S')
  await expect(heading('Status')).toHaveAttribute('aria-sort', 'ascending')
})

test('columns of labels and JSONPath are made, sorted by and remembered', async () => {
  const { page } = app
  await pods()
  const add = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('menuitem', { name: 'Add a column' }).click()
  }
  const dialog = page.getByRole('dialog')
  await add()
  await dialog.getByRole('combobox', { name: 'Shows' }).selectOption('JSONPath')
  await dialog.getByRole('textbox', { name: 'JSONPath' }).fill('.spec.containers[')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await expect(dialog).toContainText('This cannot be read: a bracket is not closed')
  await dialog.getByRole('textbox', { name: 'JSONPath' }).fill('.spec.containers[*].image')
  await dialog.getByRole('textbox', { name: 'Heading' }).fill('Runs')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await expect(heading('Runs')).toBeVisible()
  await add()
  await dialog.getByRole('combobox', { name: 'Key' }).fill('tier')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await expect(row(page, 'cart')).toContainText('nginx:1.27')
  await expect(row(page, 'cart')).toContainText('back')
  await heading('tier').getByRole('button').click()
  await expect.poll(names).toEqual(['broken', 'cart', 'search', 'front', 'shop'])
  await expect.poll(() => JSON.stringify(keptSettings(app.data).columns['/pods'])).toContain('tier')
  await page.reload()
  await expect(heading('Runs')).toBeVisible()
  await expect(row(page, 'front')).toContainText('web')
})

test('columns are hidden, moved and resized, and stay so; reset brings the usual ones back', async () => {
  const { page } = app
  await pods()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Restarts' }).click()
  await page.keyboard.press('Escape')
  await expect(heading('Restarts')).toHaveCount(0)
  await heading('Status').dragTo(heading('Ready'), { targetPosition: { x: 4, y: 10 } })
  const order = async () => (await headings()).filter((h) => ['Status', 'Ready'].includes(h))
  await expect.poll(order).toEqual(['Status', 'Ready'])
  const grip = (await heading('Status').locator('.grip').boundingBox())!
  await page.mouse.move(grip.x + 3, grip.y + 5)
  await page.mouse.down()
  await page.mouse.move(grip.x + 63, grip.y + 5, { steps: 4 })
  await page.mouse.up()
  const wide = Math.round((await heading('Status').boundingBox())!.width)
  const kept = () => keptSettings(app.data).columns['/pods'].widths?.status as number
  await expect.poll(kept).toBe(wide)
  await page.reload()
  await expect.poll(order).toEqual(['Status', 'Ready'])
  await expect.poll(async () => Math.round((await heading('Status').boundingBox())!.width)).toBe(wide)
  // The same by keys; and a column of one's own is taken away.
  await page.getByRole('button', { name: 'Columns' }).click()
  const inMenu = (name: string) => page.getByRole('menuitemcheckbox', { name })
  await inMenu('Status').press('Alt+ArrowDown')
  await expect.poll(order).toEqual(['Ready', 'Status'])
  await inMenu('Status').press('Alt+ArrowUp')
  await expect.poll(order).toEqual(['Status', 'Ready'])
  await inMenu('tier').press('Delete')
  await expect(heading('tier')).toHaveCount(0)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitem', { name: 'Reset columns' }).click()
  await expect.poll(order).toEqual(['Ready', 'Status'])
  await expect(heading('Restarts')).toBeVisible()
  await expect(heading('Runs')).toHaveCount(0)
})

test('a range is selected with Shift, and all of it is labelled at once', async () => {
  const { page } = app
  await pods()
  await row(page, 'cart').getByRole('checkbox').check({ force: true })
  await row(page, 'search').click({ modifiers: ['Shift'] })
  const bar = page.getByRole('toolbar', { name: '3 selected' })
  await expect(bar).toBeVisible()
  await bar.getByRole('button', { name: 'Edit labels' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.getByRole('textbox', { name: 'Key' }).last().fill('team')
  await dialog.getByRole('textbox', { name: 'Value' }).last().fill('blue')
  await dialog.getByRole('button', { name: 'Edit labels' }).click()
  await expect(dialog).toHaveCount(0)
  await expect.poll(() => kubectl('get pods -l team=blue -o name').trim().split('\n')).toEqual(['pod/cart', 'pod/front', 'pod/search'])
  await page.getByRole('button', { name: 'Clear selection' }).click()
})

test('a cell, a row and names are copied, and the list goes out as CSV', async () => {
  const { page } = app
  await pods()
  await row(page, 'cart').getByText('Running').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy Status' }).click()
  await expect.poll(clipboard).toBe('Running')
  await row(page, 'cart').getByText('Running').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy row' }).click()
  await expect.poll(clipboard).toMatch(/^cart\t/)
  // A command that is copied runs in a terminal that knows nothing of this cluster.
  await row(page, 'cart').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy kubectl command' }).click()
  await expect.poll(clipboard).toMatch(/^kubectl --kubeconfig \S+ --context drydock -n default get pod\/cart$/)
  const elsewhere = await kubectlOn(path.join(os.tmpdir(), 'no-kubeconfig-here'))
  expect(elsewhere((await clipboard()).replace(/^kubectl /, ''))).toMatch(/^NAME.*\ncart +1\/1 +Running/)
  await grid().focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+c')
  await expect.poll(clipboard).toBe('broken\ncart\nfront\nsearch\nshop')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Columns' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export CSV' }).click()])
  expect(file.suggestedFilename()).toBe('pods.csv')
  const lines = fs.readFileSync(await file.path(), 'utf8').split('\r\n')
  expect(lines[0]).toMatch(/^Name,Containers,Ready,Status,/)
  expect(lines[2]).toMatch(/^cart,.*Running/)
  expect(lines).toHaveLength(7)
})

test('what belongs to a kind is in its columns', async () => {
  const { page } = app
  kubectl('create cronjob nightly --image=busybox --schedule=@daily -- date')
  kubectl('create job once --image=busybox -- true')
  kubectl('create ingress shop --rule=shop.example/api=shop:80')
  kubectl('create poddisruptionbudget web --selector=tier=web --min-available=1')
  kubectl('create rolebinding jane --clusterrole=view --user=jane')
  kubectl('create quota small --hard=pods=50')
  for (const [resource, name, ...texts] of [
    ['cronjobs.batch', 'nightly', '@daily', /\d+[hms]/],
    ['jobs.batch', 'once', 'Complete', '1/1'],
    ['ingresses.networking.k8s.io', 'shop', 'shop.example', '/api→shop:80'],
    ['poddisruptionbudgets.policy', 'web', '1'],
    ['rolebindings.rbac.authorization.k8s.io', 'jane', 'ClusterRole/view', 'jane'],
    ['storageclasses.storage.k8s.io', 'standard', 'Default', 'Delete'],
    ['namespaces', 'default', 'Active', 'kubernetes.io/metadata.name=default'],
  ] as [string, string, ...(string | RegExp)[]][]) {
    await page.goto(page.url().replace(/#.*/, `#/c/drydock/${resource}`))
    for (const text of texts) await expect(row(page, name), `${resource} ${name}`).toContainText(text)
  }
})

test('pods and nodes show what they use', async () => {
  const { page } = app
  // Until they have been measured twice.
  kubectl('patch clock cluster --type=merge -p {"spec":{"jumpSeconds":60}}')
  await pods()
  await expect(row(page, 'cart')).toContainText(/\d+Mi/, { timeout: 40_000 })
  await openKind(page, 'Nodes')
  await expect(row(page, 'drydock')).toContainText(/\d+%/, { timeout: 40_000 })
})

test('a workload shows its pods, how they are and what they use together', async () => {
  kubectl('create deployment twins --image=nginx:1.27 --replicas=2')
  kubectl('wait --for=condition=Available deployment/twins --timeout=60s')
  kubectl('patch clock cluster --type=merge -p {"spec":{"jumpSeconds":60}}')
  await app.page.goto(app.page.url().replace(/#.*/, '#/c/drydock/deployments.apps?ns=default'))
  const twins = row(app.page, 'twins')
  await expect(twins.getByRole('img', { name: /^twins-\S+: Running, twins-\S+: Running$/ })).toBeVisible()
  await expect(twins.locator('.cell.cpu')).toHaveText(/^\d+m$/, { timeout: 40_000 })
  await expect(twins.locator('.cell.memory')).toHaveText(/^\d+Mi$/)
  kubectl('set image deployment/twins nginx=nginx:does-not-exist-1')
  await expect(twins.getByRole('img', { name: /(ErrImagePull|ImagePullBackOff)/ })).toBeVisible()
  kubectl('rollout undo deployment/twins')
  kubectl('scale deployment/twins --replicas=8')
  await expect(twins.getByRole('img', { name: '8 Running', exact: true })).toBeVisible()
  kubectl('delete deployment twins')
})

test('workloads of all kinds are one live list, each row with its own acts and details', async () => {
  const { page } = app
  kubectl('create deployment web --image=nginx:1.27 --replicas=2')
  kubectl('create job again --image=busybox -- true')
  kubectl('create cronjob weekly --image=busybox --schedule=@weekly -- date')
  kubectl('rollout status deployment/web --timeout=60s')
  await page.goto(page.url().replace(/#.*/, '#/c/drydock/pods?ns=default'))
  await page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Workloads' }).click()
  await expect(page.getByRole('heading', { name: 'Workloads', level: 1 })).toBeVisible()
  await expect(row(page, 'web')).toContainText(/Deployment.*2\/2.*Available.*nginx:1.27/)
  await expect(row(page, 'again')).toContainText(/Job.*1\/1.*Complete/)
  await expect(row(page, 'weekly')).toContainText(/CronJob.*Scheduled/)
  await expect(row(page, 'cart')).toContainText(/Pod.*1\/1.*Running/)
  await expect(row(page, /^web-/)).toHaveCount(0)
  kubectl('scale deployment web --replicas=0')
  await expect(row(page, 'web')).toContainText('Scaled to zero')
  await row(page, 'web').click()
  await expect(page.getByRole('region', { name: 'Details: web' }).getByRole('button', { name: 'Restart' })).toBeVisible()
  await row(page, 'weekly').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Suspend' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Suspend', exact: true }).click()
  await expect(row(page, 'weekly')).toContainText('Suspended')
  await grid().focus()
  await page.keyboard.press(':')
  await page.keyboard.type('wk kube-system /proxy')
  await page.keyboard.press('Enter')
  await expect(row(page, 'kube-proxy')).toContainText('DaemonSet')
  await expect.poll(names).toEqual(['kube-proxy'])
  await page.getByRole('button', { name: 'Also what they control' }).click()
  await expect(row(page, /^kube-proxy-/).first()).toContainText(/Pod.*1\/1.*Running/)
})

test('the name of a kind is read whole beside open details, in small windows too', async () => {
  const { page } = app
  const was = page.viewportSize()!
  const kinds = {
    Deployments: 'deployments.apps',
    HorizontalPodAutoscalers: 'horizontalpodautoscalers.autoscaling',
    ValidatingAdmissionPolicyBindings: 'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  }
  for (const [title, resource] of Object.entries(kinds)) {
    await page.goto(page.url().replace(/#.*/, `#/c/drydock/${resource}?ns=kube-system&o=deployments.apps/kube-system/coredns`))
    const name = page.getByRole('heading', { name: title, exact: true })
    await expect(page.getByRole('region', { name: 'Details: coredns' })).toBeVisible()
    for (const width of [1400, 1280, 1024]) {
      await page.setViewportSize({ width, height: 700 })
      await expect.poll(() => search().boundingBox()).not.toBeNull()
      const missing = await name.evaluate((h) => {
        const text = document.createRange()
        text.selectNodeContents(h)
        return text.getBoundingClientRect().width - h.getBoundingClientRect().width
      })
      // The smallest part of a pixel would end it with dots.
      expect(missing, `px of ${title}, in a window of ${width}`).toBeLessThanOrEqual(0)
    }
  }
  // What is typed has room.
  await search().focus()
  expect((await search().boundingBox())!.width).toBeGreaterThan(75)
  await page.setViewportSize(was)
})

test('in a narrow list the tools stand behind one button, and over the name while they are used', async () => {
  const { page } = app
  const was = page.viewportSize()!
  await page.setViewportSize({ width: 1024, height: 700 })
  await page.goto(page.url().replace(/#.*/, '#/c/drydock/deployments.apps?ns=kube-system&o=deployments.apps/kube-system/coredns'))
  const more = page.getByRole('button', { name: 'Tools of the list' })
  const faults = page.getByRole('button', { name: 'Only those in trouble' })
  await expect(faults).toBeHidden()
  await more.click()
  await faults.click()
  await expect(page.getByText('No Deployments in trouble')).toBeVisible()
  await expect(more).toHaveClass(/\bon\b/)
  await faults.click()
  await page.keyboard.press('Escape')
  await expect(faults).toBeHidden()
  await more.click()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Selector' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('columnheader', { name: 'Selector' })).toBeVisible()
  await row(page, 'coredns').click()
  await expect(faults).toBeHidden()
  await page.setViewportSize(was)
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
