import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { live, newDirectory, place, startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** What is amiss in a cluster is found before it fails, and leads to where it is mended. */

let app: WebApp
let kubectl: Kubectl
const folder = newDirectory()

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('create namespace shop')
  kubectl('create namespace empty')
  kubectl('create rolebinding jane -n shop --clusterrole=view --user=jane')
  kubectl('create deployment web -n shop --image=nginx --port=80')
  kubectl('expose deployment web -n shop')
  kubectl('create service clusterip till -n shop --tcp=80:80')
  const containers = [{ name: 'main', image: 'nginx:1.27', envFrom: [{ configMapRef: { name: 'settings' } }] }]
  kubectl(
    'apply -f -',
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cart', namespace: 'shop' }, spec: { containers } }),
  )
  kubectl('rollout status deployment/web -n shop --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

const main = () => app.page.getByRole('main')
const rule = (name: string | RegExp) => main().getByRole('region', { name })

test('the checks tell what is broken, risky and advisable, and lead to the object', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Checks' }).click()
  await expect(page.getByRole('heading', { name: 'Checks', level: 1 })).toBeVisible()
  // What the control plane is made of is looked at as well.
  await expect(rule(/^Pods that reach into their node/)).toContainText('kube-proxy')
  await place(page, '/c/drydock/checks?ns=shop')
  await expect(rule('Something that is referred to is not there')).toContainText(/Pod\s*cart\s*shop\s*ConfigMap settings is missing/)
  await expect(rule('Services that select no pods')).toContainText('till')
  await expect(rule(/^Images without a fixed tag/)).toContainText('nginx: nginx')
  await expect(rule(/^Behind a Service without a readiness probe/)).toContainText('web')
  await rule('Services that select no pods').getByRole('link', { name: 'till' }).click()
  await expect(page.getByRole('region', { name: 'Details: till' })).toBeVisible()
  await page.keyboard.press('Escape')
})

test('they are narrowed by gravity and by text, and looked for again once something is mended', async () => {
  const { page } = app
  await main()
    .getByRole('button', { name: /^Advice/ })
    .click()
  await expect(rule(/^Containers without a memory limit/)).toHaveCount(0)
  await main().getByRole('textbox', { name: 'Search' }).fill('till')
  await expect(main().getByRole('listitem')).toHaveCount(1)
  kubectl('delete service till -n shop')
  await main().getByRole('button', { name: 'Look again' }).click()
  await expect(main()).toContainText('Nothing matches')
  await main().getByText('Clear search').click()
  await expect(rule(/^Containers without a memory limit/)).toBeVisible()
  await place(page, '/c/drydock/checks?ns=empty')
  await expect(main()).toContainText('Nothing amiss')
})

test('what a scanner of the cluster reports of images is among them', async () => {
  const { page } = app
  const any = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  kubectl(
    'apply -f -',
    JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'vulnerabilityreports.aquasecurity.github.io' },
      spec: {
        group: 'aquasecurity.github.io',
        scope: 'Namespaced',
        names: { plural: 'vulnerabilityreports', singular: 'vulnerabilityreport', kind: 'VulnerabilityReport' },
        versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema: any } }],
      },
    }),
  )
  kubectl('wait --for=condition=Established crd/vulnerabilityreports.aquasecurity.github.io --timeout=30s')
  const report = { artifact: { repository: 'library/nginx', tag: '1.14' }, summary: { criticalCount: 2, highCount: 7 } }
  const metadata = { name: 'web-nginx', namespace: 'shop' }
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'aquasecurity.github.io/v1alpha1', kind: 'VulnerabilityReport', metadata, report }))
  const kinds = page.getByRole('navigation', { name: 'Kinds' })
  await page.getByRole('textbox', { name: 'Filter kinds' }).fill('vulnerab')
  await expect(kinds.getByRole('link', { name: /^VulnerabilityReports/ })).toBeVisible()
  await page.getByRole('textbox', { name: 'Filter kinds' }).fill('')
  await place(page, '/c/drydock/checks?ns=shop')
  await expect(rule(/^Images with known vulnerabilities/)).toContainText('2 critical, 7 high: library/nginx:1.14')
})

test('who may see one namespace is told what could not be looked at', async () => {
  const { page } = app
  const config = JSON.parse(kubectl('config view --raw -o json'))
  config.users[0].user.as = 'jane'
  config.contexts[0].name = 'jane'
  config.contexts[0].context.namespace = 'shop'
  fs.writeFileSync(path.join(folder, 'jane'), JSON.stringify(config))
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('button', { name: 'Kubeconfigs' }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'File or folder' }).fill(folder)
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('row').getByRole('link', { name: /^jane/ }).click()
  await live(page)
  await page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Checks' }).click()
  await expect(page.getByRole('heading', { name: 'Checks', level: 1 })).toBeVisible()
  // The namespace of the kubeconfig is chosen as soon as it is known that no others may be listed.
  await page.goto(page.url().replace(/\?.*$|$/, '?ns=*'))
  await expect(main()).toContainText('The objects could not be read')
  await main().getByRole('button', { name: 'Show shop' }).click()
  await expect(rule(/^Images without a fixed tag/)).toContainText('nginx: nginx')
  await expect(main()).toContainText('Not looked at, as they may not be listed: Secret.')
})

test('the palette finds the checks by what such are called elsewhere', async () => {
  const { page } = app
  await place(page, '/c/drydock/pods?ns=shop')
  await page.getByRole('grid').focus()
  await page.keyboard.press(':')
  await page.getByRole('combobox', { name: 'Command palette' }).fill('popeye')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Checks', level: 1 })).toBeVisible()
})
