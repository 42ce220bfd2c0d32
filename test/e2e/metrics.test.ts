import fs from 'node:fs'
import { expect, test, type Locator } from '@playwright/test'
import { keptSettings, openKind, row, startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** Charts from a Prometheus in the cluster, reached through the API server; without one, what the cluster has itself. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('create deployment web --image=nginx:1.27')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

const details = (): Locator => app.page.getByRole('region', { name: /^Details: / })
const chart = (name: string): Locator => details().getByRole('figure').filter({ hasText: name })
async function show(kind: string, name: string | RegExp): Promise<void> {
  await openKind(app.page, kind)
  await row(app.page, name).click()
}
/** Asks the settings of the cluster where Prometheus is; `place` is what is set, empty to look for it. */
async function askFor(place: string, answer: string | RegExp): Promise<void> {
  const { page } = app
  const rail = page.getByRole('navigation', { name: 'Clusters' })
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('button', { name: 'More actions: drydock' }).click()
  await page.getByRole('menuitem', { name: 'Name, group, protection' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Prometheus', { exact: true }).fill(place)
  await dialog.getByRole('button', { name: 'Test' }).click()
  await expect(dialog.getByRole('status')).toHaveText(answer, { timeout: 60_000 })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await rail.getByRole('link', { name: /^drydock/ }).click()
}

test('without Prometheus a pod shows what the cluster measures itself', async () => {
  await show('Pods', /^web-/)
  await expect(details().getByRole('heading', { name: 'Usage' })).toBeVisible()
  await expect(details().getByRole('heading', { name: 'Metrics' })).toHaveCount(0)
})

test('a Prometheus is found by its labels, and a workload shows its charts', async () => {
  kubectl('apply -f -', fs.readFileSync(new URL('./prometheus.yaml', import.meta.url), 'utf8'))
  kubectl('-n monitoring wait pod/prometheus --for=condition=Ready --timeout=60s')
  // That there was none is believed for a while, unless somebody asks.
  await askFor('', 'It answers at monitoring/prometheus-server:80.')
  await show('Deployments', 'web')
  await expect(details().getByRole('heading', { name: 'Metrics' })).toBeVisible()
  await expect(details().getByText('From Prometheus at monitoring/prometheus-server:80')).toBeVisible()
  await expect(details().getByRole('figure').locator('figcaption strong')).toHaveText(['CPU', 'Memory', 'Network'])
  await expect(chart('CPU').getByRole('listitem')).toHaveText([/^usage\d+m$/, 'limits500m'])
  await expect(chart('Memory').getByRole('listitem')).toHaveText(['usage94 MiB'])
})

test('the range is chosen and kept, and the keys read a moment of a chart', async () => {
  const { page } = app
  await details().getByRole('button', { name: 'Last 7 days' }).click()
  await expect(details().getByRole('button', { name: 'Last 7 days' })).toHaveAttribute('aria-pressed', 'true')
  const plot = details().getByRole('slider', { name: 'Network' })
  await plot.press('Home')
  await expect(plot).toHaveAttribute('aria-valuetext', /received 2 KiB\/s, sent 2 KiB\/s$/)
  await plot.press('ArrowRight')
  await expect(plot).toHaveAttribute('aria-valuenow', '1')
  await expect.poll(() => keptSettings(app.data).metricRange).toBe('7d')
  await page.reload()
  await expect(details().getByRole('button', { name: 'Last 7 days' })).toHaveAttribute('aria-pressed', 'true')
})

test('pods, nodes, namespaces, claims and Ingresses have charts of their own', async () => {
  kubectl(
    'apply -f -',
    `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 16Mi } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { ingressClassName: nginx, defaultBackend: { service: { name: web, port: { number: 80 } } } }
`,
  )
  for (const [kind, name, charts] of [
    ['Pods', /^web-/, ['CPU', 'Memory', 'Network']],
    ['Nodes', 'drydock', ['CPU', 'Memory', 'Network']],
    ['Namespaces', 'default', ['CPU', 'Memory', 'Network']],
    ['PersistentVolumeClaims', 'data', ['File system']],
    ['Ingresses', 'web', ['Requests']],
  ] as const) {
    await show(kind, name)
    await expect(details().getByRole('figure').locator('figcaption strong')).toHaveText([...charts])
  }
  await expect(chart('Requests').getByRole('listitem')).toHaveText(['all12/s', 'errors (5xx)0.5/s'])
})

test('one that is set but does not answer is told, and what the cluster measures itself is shown', async () => {
  await askFor('monitoring/elsewhere:80', /not found/)
  await show('Pods', /^web-/)
  await expect(details().getByText(/^Prometheus did not answer: .*"elsewhere" not found/)).toBeVisible()
  await expect(details().getByRole('heading', { name: 'Usage' })).toBeVisible()
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
