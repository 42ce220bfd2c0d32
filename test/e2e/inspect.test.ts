import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { newDirectory, openKind, row, startLiveWeb, type Kubectl, type WebApp } from './support/app.js'
import { gatewayApi } from './support/gateway.js'

/** What details tell and change, and what only the embedded cluster has, in a real Chromium. */

let app: WebApp
let kubectl: Kubectl
let data: string

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  data = newDirectory()
  // What the login shell finds is what its profile says.
  fs.writeFileSync(path.join(data, '.profile'), 'PATH=/nowhere\nexport PATH\n')
  ;({ app, kubectl } = await startLiveWeb({ data, env: { SHELL: '/bin/sh' } }))
  kubectl('create configmap settings --from-literal=colour=red')
  kubectl('create secret generic db --from-literal=password=hunter2')
  kubectl('create deployment web --image=nginx:1.27')
  kubectl('set env deployment/web --from=configmap/settings')
  kubectl('expose deployment web --port=80')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(data, { recursive: true, force: true })
})
const details = () => app.page.locator('.details')

test('one key of a ConfigMap is edited, and what uses it is told', async () => {
  const { page } = app
  await openKind(page, 'ConfigMaps')
  await row(page, 'settings').click()
  await details().getByRole('button', { name: 'Edit colour' }).click()
  await details().getByRole('textbox', { name: 'Value of colour' }).fill('blue')
  await details().getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('colour is saved')).toBeVisible()
  expect(kubectl('get configmap settings -o jsonpath={.data}')).toBe('{"colour":"blue"}')
  await expect(details().getByRole('row').filter({ hasText: 'Deployment' })).toContainText('environment')
})

test('a Secret is masked until it is revealed', async () => {
  const { page } = app
  await openKind(page, 'Secrets')
  await row(page, 'db').click()
  await expect(details()).toContainText('•••')
  await expect(details()).not.toContainText('hunter2')
  await details().getByRole('button', { name: 'Reveal password' }).click()
  await expect(details()).toContainText('hunter2')
})

test('the text of kubectl describe is shown of any object, by your own kubectl; without one it is said how to get it', async () => {
  const { page } = app
  await openKind(page, 'Deployments')
  await row(page, 'web').click()
  await details().getByRole('tab', { name: 'Describe' }).click()
  await expect(details()).toContainText('kubectl is not installed on this machine')
  await expect(details()).toContainText('kubectl --context drydock -n default describe deployment.apps/web')
  const { clients } = (await import('../../src-main/tools/clients.mjs' as string)) as { clients: () => { kubectl: string } }
  fs.writeFileSync(path.join(data, '.profile'), `PATH=${path.dirname(clients().kubectl)}:/usr/bin:/bin\nexport PATH\n`)
  await details().getByRole('button', { name: 'Look again' }).click()
  const text = details().getByRole('textbox', { name: 'Describe: web' })
  await expect(text).toContainText('StrategyType:')
  await expect(text).toContainText('1 desired | 1 updated | 1 total | 1 available | 0 unavailable')
  // It follows the object.
  kubectl('scale deployment web --replicas=2')
  await expect(text).toContainText('2 desired | 2 updated | 2 total | 2 available | 0 unavailable', { timeout: 30_000 })
  kubectl('scale deployment web --replicas=1')
  await openKind(page, 'StorageClasses')
  await row(page, 'standard').focus()
  await page.getByRole('grid').focus()
  await page.keyboard.press('j')
  await page.keyboard.press('Shift+D')
  await expect(details().getByRole('textbox', { name: 'Describe: standard' })).toContainText('IsDefaultClass:')
})

test('a pod tells why it is on its node', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await row(page, /^web-/).click()
  await expect(details()).toContainText('Why this node')
  await details()
    .getByRole('button', { name: /^Plugins for/ })
    .first()
    .click()
  await expect(details().getByRole('row').filter({ hasText: 'NodeResourcesFit' })).toContainText('passed')
})

test('a Service tells its endpoints, and a tunnel leads to it until it is closed', async () => {
  const { page } = app
  await openKind(page, 'Services')
  await row(page, 'web').click()
  await expect(details()).toContainText('1 of 1 endpoints ready')
  await details().getByRole('button', { name: 'Open a tunnel' }).click()
  const link = details().getByRole('link', { name: /^http:\/\/127\.0\.0\.1(:|$)/ })
  await expect(link).toBeVisible({ timeout: 15_000 })
  const address = (await link.getAttribute('href'))!
  const answer = await fetch(address)
  expect(await answer.text()).toContain('Welcome to nginx')
  await details()
    .getByRole('button', { name: /^Close web-/ })
    .click()
  await expect(link).toHaveCount(0)
  expect(kubectl('get tunnels -A -o name')).toBe('')
  await expect(fetch(address)).rejects.toThrow('fetch failed')
})

/** Opens the details of an object, by its address. */
async function show(resource: string, object: string): Promise<void> {
  const { page } = app
  await page.goto(page.url().replace(/#.*/, `#/c/drydock/${resource}?o=${resource}/${object}`))
  await expect(page.getByRole('region', { name: `Details: ${object.split('/').at(-1)}` })).toBeVisible()
}
const line = (text: string | RegExp) => details().getByRole('row').filter({ hasText: text })

test('a pod tells its environment with what it refers to, its mounts and its owner', async () => {
  kubectl('set env deployment/web --from=secret/db')
  kubectl('rollout status deployment/web --timeout=60s')
  const pod = kubectl('get pods -l app=web --field-selector=status.phase=Running -o name').trim().split('\n').at(-1)!.replace('pod/', '')
  await show('pods', `default/${pod}`)
  await details()
    .getByText(/^Environment/)
    .click()
  await expect(details()).toContainText('COLOUR')
  await expect(details()).toContainText('blue')
  await expect(details()).not.toContainText('hunter2')
  await expect(details()).toContainText('/var/run/secrets/kubernetes.io/serviceaccount')
  await details().getByRole('link', { name: /^web-/ }).first().click()
  await expect(app.page).toHaveURL(/replicasets\.apps/)
})

test('a Deployment has a history, each revision with its difference', async () => {
  await show('deployments.apps', 'default/web')
  await expect(details()).toContainText('Revision')
  await details().getByRole('button', { name: 'Roll back' }).first().click()
  await expect(app.page.getByRole('dialog').locator('.diff')).toContainText('PASSWORD')
  await app.page.keyboard.press('Escape')
})

test('an Ingress tells the health of each backend', async () => {
  kubectl('create ingress shop --class=nginx --rule=shop.example/=web:80 --rule=shop.example/gone=nothing:80')
  await show('ingresses.networking.k8s.io', 'default/shop')
  await expect(line('/gone')).toContainText('No such Service')
  await expect(line('web').first()).toContainText('1 of 1 endpoints ready')
})

test('a claim leads to its volume and its class, and back', async () => {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: claim }))
  const mounts = [{ name: 'data', mountPath: '/data' }]
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
  const spec = { containers: [{ name: 'main', image: 'nginx:1.27', volumeMounts: mounts }], volumes }
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'keeper' }, spec }))
  kubectl('wait --for=condition=Ready pod/keeper --timeout=60s')
  await show('persistentvolumeclaims', 'default/data')
  await expect(details()).toContainText('Bound')
  await expect(line('keeper')).toContainText('volume')
  await details().getByRole('link', { name: /^pvc-/ }).click()
  await expect(details().getByRole('link', { name: 'data' })).toBeVisible()
  await details().getByRole('link', { name: 'standard' }).click()
  await expect(line('data')).toContainText('1Gi')
})

test('a CronJob tells the Jobs that it has made, a Job its pods', async () => {
  kubectl('create cronjob nightly --image=busybox --schedule=@yearly -- date')
  kubectl('create job nightly-now --from=cronjob/nightly')
  kubectl('wait --for=condition=complete job/nightly-now --timeout=60s')
  await show('cronjobs.batch', 'default/nightly')
  await expect(line('nightly-now')).toContainText('Complete')
  await details().getByRole('link', { name: 'nightly-now' }).click()
  await expect(line(/^nightly-now-/)).toContainText('Completed')
})

test('a Role tells its rules and who has them, and anybody can be asked about', async () => {
  kubectl('create serviceaccount till')
  kubectl('create role reader --verb=get,list --resource=configmaps')
  kubectl('create rolebinding reader --role=reader --serviceaccount=default:till')
  await show('roles.rbac.authorization.k8s.io', 'default/reader')
  await expect(line('configmaps').first()).toContainText('get, list')
  await expect(details()).toContainText('till')
  await details().getByRole('button', { name: 'Ask who may do something' }).click()
  await details().getByRole('combobox', { name: 'Verbs' }).selectOption('get')
  await details().getByRole('combobox', { name: 'Resources' }).selectOption({ label: 'configmaps' })
  await expect(line('till').last()).toContainText('reader')
  await show('serviceaccounts', 'default/till')
  await expect(details()).toContainText('reader')
})

test('a quota tells its use, a limit range its defaults, a policy itself in words', async () => {
  kubectl('create quota small --hard=pods=50,configmaps=20')
  const limits = [{ type: 'Container', default: { memory: '128Mi' }, defaultRequest: { memory: '64Mi' } }]
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'sizes' }, spec: { limits } }))
  const policy = { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'front' } } }] }] }
  kubectl(
    'apply -f -',
    JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'web' }, spec: policy }),
  )
  await show('resourcequotas', 'default/small')
  await expect(details()).toContainText('configmaps')
  await show('limitranges', 'default/sizes')
  await expect(line('memory')).toContainText('128Mi')
  await expect(line('memory')).toContainText('64Mi')
  await show('networkpolicies.networking.k8s.io', 'default/web')
  await expect(details()).toContainText('Incoming is allowed from pods with app=front on all ports.')
})

test('a namespace tells what runs in it and how full its quotas are, a disruption budget its pods', async () => {
  const { page } = app
  kubectl('create namespace team')
  kubectl('-n team create deployment shop --image=nginx:1.27')
  kubectl('-n team create quota limits --hard=pods=4')
  kubectl('-n team create poddisruptionbudget shop --selector=app=shop --min-available=1')
  kubectl('-n team rollout status deployment/shop --timeout=60s')
  await openKind(page, 'Namespaces')
  await row(page, 'team').click()
  await expect(details().getByRole('link', { name: /^Deployments 1 all healthy$/ })).toBeVisible()
  await expect(details().getByRole('meter', { name: 'pods' })).toHaveAttribute('aria-valuetext', '1 / 4')
  await details()
    .getByRole('link', { name: /^Deployments/ })
    .click()
  await expect(page.getByRole('heading', { name: 'Deployments', level: 1 })).toBeVisible()
  await expect(page.getByRole('grid').locator('.row .cell.name')).toHaveText(['shop'])
  await page.goto(page.url().replace(/#.*/, '#/c/drydock/poddisruptionbudgets.policy?o=poddisruptionbudgets.policy/team/shop'))
  await expect(details()).toContainText('1 of 1, 1 needed')
  await expect(
    details()
      .getByRole('row')
      .filter({ hasText: /^shop-/ }),
  ).toContainText('Running')
})

test('kinds of the Gateway API have columns and details of their own', async () => {
  const { page } = app
  gatewayApi(kubectl)
  await page.reload()
  await openKind(page, 'Gateways')
  await expect(row(page, 'edge')).toContainText(/nginx.*Programmed.*HTTP:80/)
  await row(page, 'edge').click()
  await details().getByRole('link', { name: 'shop', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'HTTPRoutes', level: 1 })).toBeVisible()
  await expect(row(page, 'shop')).toContainText(/shop.example.*edge.*NotAllowedByListeners/)
  await expect(details().getByRole('row').filter({ hasText: 'web' })).toContainText('9 (90%)')
  await details().getByRole('link', { name: 'web', exact: true }).click()
  await expect(details()).toContainText('1 of 1 endpoints ready')
})

test('an autoscaler draws its metric against the target, and its replicas', async () => {
  kubectl('set resources deployment/web --requests=cpu=10m,memory=16Mi')
  kubectl('autoscale deployment web --min=1 --max=3 --cpu=50%')
  await show('horizontalpodautoscalers.autoscaling', 'default/web')
  await expect(details().getByRole('img', { name: /^\d+ replicas?, .* desired, 1 to 3 allowed/ })).toBeVisible({ timeout: 30_000 })
  await expect(line(/^cpu/)).toContainText('50%')
})

test('a pod and a node show what they use, with requests and limits', async () => {
  await show('nodes', 'drydock')
  await expect(details()).toContainText('Asked for by pods, of allocatable')
  await expect(details().getByRole('img', { name: /CPU/ }).first()).toBeVisible({ timeout: 30_000 })
})

test('the clock is paused and a node is added and taken away in the overview', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Overview' }).click()
  await expect(page.getByRole('main')).toContainText(/CPU used\s*\d+m \/ 12 \(\d+%\)/, { timeout: 40_000 })
  const nodes = page.getByRole('table').filter({ hasText: 'Memory used' })
  await expect(nodes.getByRole('columnheader')).toHaveText(['Name', 'Status', 'Roles', 'CPU used', 'Memory used', 'Pods'])
  await expect(nodes.getByRole('row').nth(1)).toHaveText(/^drydock\s*Ready\s*control-plane\s*\d+%\s*\d+%\s*[1-9]\d*\/110$/)
  const clock = page.getByRole('region', { name: 'Clock' })
  await clock.getByRole('button', { name: 'Pause' }).click()
  await expect(clock.getByRole('button', { name: 'Pause' })).toHaveAttribute('aria-pressed', 'true')
  expect(kubectl('get clock cluster -o jsonpath={.spec.speed}')).toBe('0')
  await clock.getByRole('button', { name: '1x', exact: true }).click()
  await expect(clock.getByRole('button', { name: '1x', exact: true })).toHaveAttribute('aria-pressed', 'true')
  const machines = page.getByRole('region', { name: 'Machines' })
  await machines.getByRole('button', { name: 'Add node' }).click()
  await machines.getByRole('button', { name: /^Remove node-/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(machines.getByRole('button', { name: /^Remove node-/ })).toHaveCount(0, { timeout: 20_000 })
})

test('the tabs of the dock come back with the window', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await row(page, /^web-/).click()
  await details().getByRole('button', { name: 'Logs', exact: true }).click()
  const tab = page.getByRole('tablist', { name: 'Dock' }).getByRole('tab', { name: /^web-/ })
  await expect(tab).toBeVisible()
  await expect(async () => {
    await page.reload()
    await expect(tab).toBeVisible({ timeout: 5_000 })
  }).toPass({ timeout: 20_000 })
})
