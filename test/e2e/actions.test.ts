import http from 'node:http'
import type { AddressInfo } from 'node:net'
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import fs from 'node:fs'
import * as x509 from '@peculiar/x509'
import { expect, test } from '@playwright/test'
import { connection, live, openKind, row, screenOf, startLiveWeb, undo, type Kubectl, type WebApp } from './support/app.js'

/** Actions on objects and on clusters, in a real Chromium on an embedded cluster. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('create deployment web --image=nginx:1.26 --replicas=2 --port=80')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

/** Opens an action of the object whose details are shown, from its menu. */
async function action(name: string): Promise<void> {
  const { page } = app
  await page.locator('.details').getByRole('button', { name: 'More actions' }).click()
  // The name of the item ends with its key.
  await page.getByRole('menuitem', { name: new RegExp(`^${name}( |$|[a-z]$)`) }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
}
const dialog = () => app.page.getByRole('dialog')

test('labels are changed with the command that kubectl would need, and the change is taken back', async () => {
  const { page } = app
  await openKind(page, 'Deployments')
  await row(page, 'web').click()
  await action('Edit labels')
  await dialog().getByRole('button', { name: 'Add' }).click()
  await dialog().getByRole('textbox', { name: 'Key' }).last().fill('team')
  await dialog().getByRole('textbox', { name: 'Value' }).last().fill('blue')
  await expect(dialog()).toContainText('kubectl --context drydock -n default label deployment.apps/web team=blue')
  await dialog().getByRole('button', { name: 'Edit labels' }).click()
  await expect(page.locator('.details')).toContainText('team=blue')
  expect(kubectl('get deployment web -o jsonpath={.metadata.labels.team}')).toBe('blue')
  await undo(page, 'Edit labels: Deployment web')
  await expect(page.locator('.details')).not.toContainText('team=blue')
  expect(kubectl('get deployment web -o jsonpath={.metadata.labels}')).toBe('{"app":"web"}')
})

test('a rollout is rolled back to the revision before, with the difference in sight, and that is taken back', async () => {
  const { page } = app
  kubectl('set image deployment/web nginx=nginx:1.27')
  kubectl('rollout status deployment/web --timeout=60s')
  await action('Roll back')
  await expect(dialog()).toContainText('rollout undo deployment.apps/web --to-revision=1')
  await expect(dialog().locator('.diff')).toContainText('image: nginx:1.26')
  await dialog().getByRole('button', { name: 'Roll back' }).click()
  await expect(dialog()).toHaveCount(0)
  const image = () => kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')
  expect(image()).toBe('nginx:1.26')
  await undo(page, 'Deployment web rolled back to revision 1')
  await expect.poll(image).toBe('nginx:1.27')
  kubectl('rollout undo deployment/web')
  expect(image()).toBe('nginx:1.26')
})

test('a Deployment is exposed and autoscaled, and both are taken back', async () => {
  const { page } = app
  await action('Expose')
  await dialog().getByRole('spinbutton', { name: 'Port' }).fill('80')
  await dialog().getByRole('button', { name: 'Expose' }).click()
  await expect(dialog()).toHaveCount(0)
  expect(kubectl('get service web -o jsonpath={.spec.selector}')).toBe('{"app":"web"}')
  await action('Autoscale')
  await expect(dialog()).toContainText('autoscale deployment.apps/web --min=2 --max=4 --cpu=80%')
  await dialog().getByRole('button', { name: 'Autoscale' }).click()
  await expect(dialog()).toHaveCount(0)
  expect(kubectl('get hpa web -o jsonpath={.spec.maxReplicas}')).toBe('4')
  await undo(page, 'Autoscale: Deployment web')
  await expect.poll(() => kubectl('get hpa -o name')).toBe('')
  await undo(page, 'Expose: Deployment web')
  await expect.poll(() => kubectl('get service -o name')).toBe('service/kubernetes\n')
})

test('a CronJob is run now', async () => {
  const { page } = app
  kubectl('create cronjob report --image=busybox --schedule=@yearly -- echo done')
  await openKind(page, 'CronJobs')
  await row(page, 'report').click()
  await page.locator('.details').getByRole('button', { name: 'Run now' }).click()
  await dialog().getByRole('textbox', { name: 'Name' }).fill('report-now')
  await dialog().getByRole('button', { name: 'Run now' }).click()
  await expect(dialog()).toHaveCount(0)
  kubectl('wait --for=condition=complete job/report-now --timeout=60s')
})

/** A pod of the class Burstable, and one that has a claim bound. */
const burstable = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'burst' },
  spec: { containers: [{ name: 'main', image: 'nginx:1.27', resources: { requests: { cpu: '10m' } } }] },
}
const reader = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'reader' },
  spec: {
    containers: [{ name: 'main', image: 'nginx:1.27', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  },
}

/** Opens the details of an object, by its address. */
async function show(resource: string, object: string): Promise<void> {
  const { page } = app
  await page.goto(page.url().replace(/#.*/, `#/c/drydock/${resource}?o=${resource}/${object}`))
  await expect(page.getByRole('region', { name: `Details: ${object.split('/').at(-1)}` })).toBeVisible()
}
/** Presses the button of a dialog that does it, and waits until it is done. */
async function confirm(name: string): Promise<void> {
  await dialog().getByRole('button', { name, exact: true }).click()
  await expect(dialog()).toHaveCount(0)
}

test('a rollout is paused and resumed, and gets another image', async () => {
  await show('deployments.apps', 'default/web')
  await action('Pause rollout')
  await expect(dialog()).toContainText('rollout pause deployment.apps/web')
  await confirm('Pause rollout')
  expect(kubectl('get deployment web -o jsonpath={.spec.paused}')).toBe('true')
  await action('Resume rollout')
  await expect(dialog()).toContainText('rollout resume deployment.apps/web')
  await confirm('Resume rollout')
  await action('Set image')
  // What the namespace runs is offered, and what the registry has when it is asked.
  await expect(dialog().locator('datalist option[value="nginx:1.27"]')).toBeAttached()
  const registry = http.createServer((_, response) => response.end(JSON.stringify({ tags: ['1.0', '1.1'] })))
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
  const own = `127.0.0.1:${(registry.address() as AddressInfo).port}/shop/web`
  await dialog().getByRole('combobox').first().fill(own)
  await dialog().getByRole('button', { name: 'Tags', exact: true }).click()
  await dialog().getByRole('combobox', { name: 'Tags for nginx' }).selectOption(`${own}:1.1`)
  await expect(dialog()).toContainText(`set image deployment.apps/web nginx=${own}:1.1`)
  registry.close()
  // Of the images that it runs itself the embedded cluster knows the tags.
  await dialog().getByRole('combobox').first().fill('nginx')
  await dialog().getByRole('button', { name: 'Tags', exact: true }).click()
  await dialog().getByRole('combobox', { name: 'Tags for nginx' }).selectOption('nginx:1.27.5-alpine')
  await expect(dialog()).toContainText('set image deployment.apps/web nginx=nginx:1.27.5-alpine')
  await dialog().getByRole('combobox').first().fill('nginx:1.27')
  await expect(dialog()).toContainText('set image deployment.apps/web nginx=nginx:1.27')
  await confirm('Set image')
  kubectl('rollout status deployment/web --timeout=60s')
  expect(kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1.27')
})

test('a pod gets a debug container, other resources while it runs, and is evicted', async () => {
  kubectl('run solo --image=nginx:1.27')
  kubectl('wait --for=condition=Ready pod/solo --timeout=60s')
  kubectl('apply -f -', JSON.stringify(burstable))
  kubectl('wait --for=condition=Ready pod/burst --timeout=60s')
  await show('pods', 'default/burst')
  await action('Resize')
  await dialog().getByRole('textbox', { name: 'CPU request' }).fill('50m')
  await expect(dialog()).toContainText('patch pod/burst --subresource=resize -p')
  await confirm('Resize')
  expect(kubectl('get pod burst -o jsonpath={.spec.containers[0].resources.requests.cpu}')).toBe('50m')

  await show('pods', 'default/solo')
  await action('Debug container')
  await expect(dialog()).toContainText('debug -it solo --image=busybox --target=solo')
  await dialog().getByRole('button', { name: 'Debug container', exact: true }).click()
  await expect(screenOf(app.page)).toContainText(/[#$]\s*$/)
  expect(kubectl('get pod solo -o jsonpath={.spec.ephemeralContainers[0].image}')).toBe('busybox')

  await action('Evict')
  await expect(dialog()).toContainText('create --raw /api/v1/namespaces/default/pods/solo/eviction -f -')
  await confirm('Evict')
  // Its debug shell lives until the grace period is over.
  await expect.poll(() => kubectl('get pods -o name'), { timeout: 60_000 }).not.toContain('pod/solo\n')
})

test('a claim grows, and another class becomes the default', async () => {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: claim }))
  const annotations = { 'storageclass.beta.kubernetes.io/is-default-class': 'false' }
  const fast = { metadata: { name: 'fast', annotations }, provisioner: 'example.com/fast' }
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', ...fast }))
  await show('storageclasses.storage.k8s.io', 'fast')
  await action('Make default')
  await expect(dialog()).toContainText('annotate storageclass.storage.k8s.io/fast storageclass.kubernetes.io/is-default-class=true')
  await confirm('Make default')
  const defaults = () => kubectl('get storageclasses').match(/^\S+ \(default\)/gm)
  await expect.poll(defaults).toEqual(['fast (default)'])
  await undo(app.page, 'Make default: StorageClass fast')
  await expect.poll(defaults).toEqual(['standard (default)'])

  kubectl('patch storageclass standard -p {"allowVolumeExpansion":true}')
  kubectl('apply -f -', JSON.stringify(reader))
  kubectl('wait --for=condition=Ready pod/reader --timeout=60s')
  await show('persistentvolumeclaims', 'default/data')
  await action('Expand')
  await dialog().getByRole('textbox', { name: 'Size' }).fill('500Mi')
  await expect(dialog().getByRole('button', { name: 'Expand', exact: true })).toBeDisabled()
  await dialog().getByRole('textbox', { name: 'Size' }).fill('2Gi')
  await expect(dialog()).toContainText('patch persistentvolumeclaim/data -p')
  await confirm('Expand')
  expect(kubectl('get pvc data -o jsonpath={.spec.resources.requests.storage}')).toBe('2Gi')
})

test('a node is tainted, and the taint taken off', async () => {
  await show('nodes', 'drydock-m03')
  await action('Edit taints')
  await dialog().getByRole('button', { name: 'Add' }).click()
  await dialog().getByRole('textbox', { name: 'Key' }).fill('dedicated')
  await dialog().getByRole('textbox', { name: 'Value' }).fill('gpu')
  await dialog().getByRole('combobox', { name: 'Effect' }).selectOption('PreferNoSchedule')
  await expect(dialog()).toContainText('taint nodes drydock-m03 dedicated=gpu:PreferNoSchedule')
  await confirm('Edit taints')
  const taints = () => kubectl('get node drydock-m03 -o jsonpath={.spec.taints[*].key}')
  expect(taints()).toBe('dedicated')
  await undo(app.page, 'Edit taints: Node drydock-m03')
  await expect.poll(taints).toBe('')
})

test('a certificate request is approved, and a token is made for a service account', async () => {
  const { page } = app
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  x509.cryptoProvider.set(webcrypto as Crypto)
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=jane', keys: keys as CryptoKeyPair, signingAlgorithm })
  const spec = {
    request: Buffer.from(csr.toString('pem')).toString('base64'),
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
  }
  const metadata = { name: 'jane' }
  kubectl('create -f -', JSON.stringify({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata, spec }))
  await show('certificatesigningrequests.certificates.k8s.io', 'jane')
  await page.locator('.details').getByRole('button', { name: 'Approve' }).click()
  await expect(dialog()).toContainText('certificate approve jane')
  await confirm('Approve')
  await expect.poll(() => kubectl('get csr jane -o jsonpath={.status.certificate}')).toMatch(/^LS0t/)

  kubectl('create serviceaccount robot')
  await show('serviceaccounts', 'default/robot')
  await action('Create token')
  await expect(dialog()).toContainText('create token robot --duration=1h')
  await dialog().getByRole('button', { name: 'Create token', exact: true }).click()
  await expect(dialog()).toContainText('It is not kept anywhere')
  await expect(dialog()).not.toContainText('eyJ')
  await dialog().getByRole('button', { name: 'Reveal' }).click()
  await expect(dialog()).toContainText('eyJ')
  await dialog().getByRole('button', { name: 'Close' }).last().click()
})

test('a node is drained with its progress in sight, and taken into service again', async () => {
  const { page } = app
  await openKind(page, 'Nodes')
  await row(page, 'drydock-m02').click()
  await page.locator('.details').getByRole('button', { name: 'Drain' }).click()
  await dialog().getByRole('checkbox', { name: 'Delete data in emptyDir volumes' }).check()
  await dialog().getByRole('checkbox', { name: 'Also delete pods without a controller' }).check()
  await expect(dialog()).toContainText('kubectl --context drydock drain drydock-m02 --ignore-daemonsets --delete-emptydir-data --force')
  await dialog().getByRole('button', { name: 'Drain' }).click()
  const drain = page.getByRole('region', { name: 'Drain of drydock-m02' })
  await expect(drain).toContainText('drydock-m02 is drained', { timeout: 60_000 })
  await expect(drain).toContainText(/stays\s*its DaemonSet would put it back/)
  expect(kubectl('get node drydock-m02 -o jsonpath={.spec.unschedulable}')).toBe('true')
  await page.locator('.details').getByRole('button', { name: 'Uncordon' }).click()
  await dialog().getByRole('button', { name: 'Uncordon' }).click()
  await expect(page.locator('.details').getByRole('button', { name: 'Cordon' })).toBeVisible()
})

test('a shell on a node runs in a pod of its own, which goes with its tab', async () => {
  const { page } = app
  await action('Node shell')
  await dialog().getByRole('button', { name: 'Node shell' }).click()
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
  expect(kubectl('get pods -o name')).toContain('node-debugger-drydock-m02-')
  await page.getByRole('tab', { name: 'node/drydock-m02' }).focus()
  await page.keyboard.press('Delete')
  await expect(async () => expect(kubectl('get pods -o name')).not.toContain('node-debugger')).toPass({ timeout: 10_000 })
})

test('a second embedded cluster is created, named, made read-only, stopped and deleted', async () => {
  const { page } = app
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('button', { name: 'New embedded cluster' }).click()
  await dialog().getByRole('textbox', { name: 'Name', exact: true }).fill('lab')
  await dialog().getByRole('spinbutton', { name: 'Nodes' }).fill('1')
  await dialog().getByRole('button', { name: 'Create' }).click()
  const line = page.getByRole('row').filter({ hasText: 'lab' })
  await expect(line).toContainText('Not connected', { timeout: 30_000 })
  await line.getByRole('button', { name: 'More actions: lab' }).click()
  await page.getByRole('menuitem', { name: 'Name, group, protection' }).click()
  await dialog().getByRole('textbox', { name: 'Shown as' }).fill('Laboratory')
  await dialog().getByRole('combobox', { name: 'Protection' }).selectOption('read-only')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'Laboratory' }).first().click()
  await live(page)
  await openKind(page, 'Nodes')
  await row(page, 'lab').click()
  await expect(page.locator('.details').getByRole('button', { name: 'Cordon' })).toBeDisabled()

  await page.getByRole('link', { name: 'All clusters' }).click()
  const more = page.getByRole('button', { name: 'More actions: Laboratory' })
  await more.click()
  await page.getByRole('menuitem', { name: 'Stop' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Laboratory' })).toContainText('Stopped', { timeout: 20_000 })
  await more.click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog().getByRole('textbox').fill('lab')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Laboratory' })).toHaveCount(0)
  expect(fs.readdirSync(`${app.data}/clusters`)).toEqual(['drydock'])
})

test('a pasted kubeconfig with wrong credentials tells what is wrong', async () => {
  const { page } = app
  const config = JSON.parse(kubectl('config view --raw -o json')) as { users: unknown; clusters: { name: string }[]; contexts: unknown }
  config.users = [{ name: 'nobody', user: { token: 'wrong' } }]
  config.contexts = [{ name: 'stale-token', context: { cluster: config.clusters[0]!.name, user: 'nobody' } }]
  await page.getByRole('button', { name: 'Kubeconfigs' }).click()
  await dialog().getByRole('textbox', { name: 'Or paste a kubeconfig' }).fill(JSON.stringify(config))
  await dialog().getByRole('button', { name: 'Add' }).last().click()
  await expect(dialog()).toContainText('pasted')
  await dialog().getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('link', { name: 'stale-token' }).click()
  await expect(page.getByRole('main')).toContainText('Unauthorized', { timeout: 10_000 })
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page
    .getByRole('link', { name: /^drydock/ })
    .first()
    .click()
  await expect(connection(page)).toContainText('Live')
})
