import { expect, test } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, startWeb, type WebApp } from './support/app.js'

/** The logs of a workload and of a pod in a real Chromium. */

let app: WebApp
let kubectl: (args: string, input?: string) => string

const talker = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: till }
spec:
  replicas: 2
  selector: { matchLabels: { app: till } }
  template:
    metadata: { labels: { app: till } }
    spec:
      containers:
        - name: sales
          image: busybox:1.36
          command: [sh, -c]
          args:
            - |
              for n in 1 2 3 4 5 6; do echo "{\\"level\\":\\"info\\",\\"msg\\":\\"sold\\",\\"n\\":$n}"; done
              echo '{"level":"error","msg":"drawer is stuck","n":7}'
              sleep 1000
        - { name: door, image: 'busybox:1.36', command: [sh, -c, 'echo the door is open; sleep 1000'] }
`

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  app = await startWeb()
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(app.data))
  kubectl('apply -f -', talker)
  kubectl('rollout status deployment/till --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

const lines = () => app.page.getByRole('log', { name: 'Log' }).locator('.line')
const tools = () => app.page.getByRole('toolbar', { name: 'Logs' })

test('all pods of a Deployment in one log, one container or all of them', async () => {
  const { page } = app
  await page.goto(page.url().replace(/#.*|$/, '#/c/drydock/deployments.apps?ns=default&o=deployments.apps/default/till'))
  await page.getByRole('region', { name: 'Details: till' }).getByRole('button', { name: 'Logs', exact: true }).click()
  await expect(tools()).toContainText('2 pods')
  await page.getByRole('button', { name: 'Maximise' }).click()
  await expect(tools()).toContainText('14 lines')
  await tools().getByRole('combobox', { name: 'Container' }).selectOption('door')
  await expect(lines()).toHaveText([/the door is open$/, /the door is open$/])
  await tools().getByRole('combobox', { name: 'Container' }).selectOption({ label: 'All containers' })
  await expect(tools()).toContainText('16 lines')
})

test('a pod that comes later joins in', async () => {
  kubectl('scale deployment/till --replicas=3')
  await expect(tools()).toContainText('3 pods')
  await expect(tools()).toContainText('24 lines')
})

test('only what is grave enough, and only what matches', async () => {
  await tools().getByRole('combobox', { name: 'Severity' }).selectOption('error')
  await expect(lines()).toHaveCount(3)
  await expect(lines().first()).toContainText('drawer is stuck')
  await tools().getByRole('combobox', { name: 'Severity' }).selectOption('')
  await tools().getByRole('textbox', { name: 'Find' }).fill('!/sold|stuck/')
  await tools().getByRole('button', { name: 'Only matching lines' }).click()
  await expect(lines()).toHaveCount(3)
  await expect(lines().first()).toContainText('the door is open')
  await tools().getByRole('textbox', { name: 'Find' }).fill('')
  await tools().getByRole('button', { name: 'Only matching lines' }).click()
})

test('JSON in columns, times in UTC, and a mark', async () => {
  await tools().getByRole('button', { name: 'JSON lines as columns' }).click()
  await expect(lines().filter({ hasText: /error\s+drawer is stuck\s+n=7$/ })).toHaveCount(3)
  await tools().getByRole('button', { name: 'Timestamps' }).click()
  await tools().getByRole('button', { name: 'Times in UTC' }).click()
  await expect(lines().last()).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ /)
  await tools().getByRole('button', { name: 'Put a mark at the end' }).click()
  await expect(lines().last()).toHaveText(/^──── \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ────$/)
})
