import fs from 'node:fs'
import http from 'node:http'
import { expect, test } from '@playwright/test'
import { live, newDirectory, row, startLiveWeb, startWeb, type Kubectl, type WebApp } from './support/app.js'
import { axe } from './support/axe.js'

/** A port-forward to a Service outlives its pod and the app. */

let app: WebApp
let address = ''
let kubectl: Kubectl
const data = newDirectory()

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb({ data }))
  kubectl('create deployment web --image=nginx')
  kubectl('expose deployment web --port=80')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(data, { recursive: true, force: true })
})

const manager = () => app.page.locator('.dock .forwards')
/** The status of the page behind the forward, over a connection of its own. */
const page = (): Promise<number> =>
  new Promise((resolve, reject) =>
    http.get(`http://${address}/`, { agent: false }, (answer) => resolve(answer.resume().statusCode!)).once('error', reject),
  )

test('it leads to a pod of the Service, and its traffic is counted', async () => {
  await app.page.goto(app.page.url().replace(/#.*|$/, '#/c/drydock/services?ns=default&o=services/default/web'))
  await app.page
    .getByRole('region', { name: 'Details: web' })
    .getByRole('button', { name: /^Forward/ })
    .first()
    .click()
  await app.page.getByRole('dialog').getByRole('button', { name: 'Forward', exact: true }).click()
  await app.page
    .getByRole('contentinfo')
    .getByRole('button', { name: /forward/i })
    .click()
  address = (await manager()
    .getByText(/^127\.0\.0\.1:\d+$/)
    .textContent())!
  expect(await page()).toBe(200)
  await expect(manager()).toContainText(/↓ \d{3} B ↑ \d{2,3} B/)
})

test('it is opened in the browser from the manager', async () => {
  const opening = app.page.waitForEvent('popup')
  await manager().getByRole('link', { name: 'Open in browser' }).click()
  const opened = await opening
  await expect(opened.getByRole('heading', { name: 'Welcome to nginx!' })).toBeVisible()
  expect(opened.url()).toBe(`http://${address}/`)
  await opened.close()
})

test('while nothing runs behind it a connection waits, and gets its answer from the pod that comes', async () => {
  kubectl('scale deployment web --replicas=0')
  kubectl('wait --for=delete pod -l app=web --timeout=60s')
  const answer = page()
  await expect(manager()).toContainText('Waiting for a pod')
  kubectl('scale deployment web --replicas=1')
  expect(await answer).toBe(200)
  await expect(manager()).toContainText('Active')
})

test('it finds the pod that comes in place of a deleted one', async () => {
  const before = kubectl('get pods -l app=web -o jsonpath={.items[0].metadata.name}')
  kubectl(`delete pod ${before} --grace-period=1`)
  kubectl('rollout status deployment/web --timeout=60s')
  const now = kubectl('get pods -l app=web -o jsonpath={.items[0].metadata.name}')
  expect(now).not.toBe(before)
  await expect(manager()).toContainText(now)
  expect(await page()).toBe(200)
})

test('it is there again after the app was started anew, until it is stopped', async () => {
  await app.close()
  app = await startWeb({ data })
  await live(app.page)
  await expect.poll(page).toBe(200)
  await app.page
    .getByRole('contentinfo')
    .getByRole('button', { name: /forward/i })
    .click()
  await expect(manager()).toContainText('Active')
  await manager()
    .getByRole('button', { name: `Stop ${address}` })
    .click()
  await expect(app.page.getByText('No port forwards')).toBeVisible()
  await expect(page()).rejects.toThrow()
})

test('a Service is benchmarked through the proxy of the API server', async () => {
  const dialog = app.page.getByRole('dialog')
  await app.page.goto(app.page.url().replace(/#.*|$/, '#/c/drydock/services?ns=default'))
  await row(app.page, 'web').click({ button: 'right' })
  await app.page.getByRole('menuitem', { name: 'Benchmark over HTTP' }).click()
  await dialog.getByLabel('Requests').fill('60')
  await expect(dialog).toContainText('kubectl --context drydock get --raw /api/v1/namespaces/default/services/web:80/proxy/')
  await dialog.getByRole('button', { name: 'Start' }).click()
  await expect(dialog.getByRole('status')).toHaveText('60 of 60 requests')
  const result = dialog.getByRole('region', { name: 'Result' })
  await expect(result).toContainText('HTTP 200')
  await expect(result.getByRole('list', { name: 'Latencies' }).getByRole('listitem')).not.toHaveCount(0)
  expect((await axe(app.page, { include: '[role=dialog]' })).violations).toEqual([])
})
