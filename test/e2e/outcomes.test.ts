import { expect, test, type Locator } from '@playwright/test'
import { openKind, row, startLiveWeb, toastOf, undo as undoOf, type Kubectl, type WebApp } from './support/app.js'

/** What comes of an action is told: that it is done, how it is taken back, how far a rollout is, and how it ends. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('create deployment web --image=nginx:1.27 --replicas=2')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

const toast = (text: string | RegExp): Locator => toastOf(app.page, text)
const dialog = (): Locator => app.page.getByRole('dialog')
async function act(kind: string, name: string, action: string): Promise<void> {
  await openKind(app.page, kind)
  await row(app.page, name).click({ button: 'right' })
  await app.page.getByRole('menuitem', { name: new RegExp(`^${action}`) }).click()
}
const undo = (text: string | RegExp): Promise<void> => undoOf(app.page, text)
const image = () => kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')

test('a rollout is followed to its end: how far it is, and that it is done', async () => {
  await act('Deployments', 'web', 'Restart')
  await dialog().getByRole('button', { name: 'Restart' }).click()
  await expect(app.page.getByRole('contentinfo').getByRole('progressbar', { name: 'Rolling out Deployment web' })).toBeVisible()
  await expect(toast('Deployment web is rolled out')).toBeVisible({ timeout: 60_000 })
  await expect(app.page.getByRole('contentinfo').getByRole('progressbar')).toHaveCount(0)
})

test('an image that was set is taken back', async () => {
  await act('Deployments', 'web', 'Set image')
  await dialog().getByRole('combobox').first().fill('nginx:1.28')
  await dialog().getByRole('button', { name: 'Set image' }).click()
  await expect.poll(image).toBe('nginx:1.28')
  await undo(/image/i)
  await expect.poll(image).toBe('nginx:1.27')
})

test('a scale is taken back', async () => {
  await act('Deployments', 'web', 'Scale')
  await dialog().getByRole('spinbutton').fill('4')
  await dialog().getByRole('button', { name: 'Scale' }).click()
  await undo('4')
  await expect.poll(() => kubectl('get deployment web -o jsonpath={.spec.replicas}')).toBe('2')
})

test('a cordon is taken back', async () => {
  const cordoned = () => kubectl('get node drydock-m02 -o jsonpath={.spec.unschedulable}')
  await act('Nodes', 'drydock-m02', 'Cordon')
  await dialog().getByRole('button', { name: 'Cordon' }).click()
  await expect.poll(cordoned).toBe('true')
  await undo('drydock-m02')
  await expect.poll(cordoned).toBe('')
})

test('a restart is taken back: the ReplicaSet that was is taken up again', async () => {
  const hash = () => kubectl('get rs -l app=web -o jsonpath={.items[?(@.spec.replicas>0)].metadata.labels.pod-template-hash}')
  const before = hash()
  await act('Deployments', 'web', 'Restart')
  await dialog().getByRole('button', { name: 'Restart' }).click()
  await expect.poll(hash).not.toBe(before)
  await undo('Restart: Deployment web')
  await expect(toast('Restart undone: Deployment web')).toBeVisible()
  await expect.poll(hash).toBe(before)
})

test('a scale is not taken back when somebody has scaled to something else since, and that is said', async () => {
  await act('Deployments', 'web', 'Scale')
  await dialog().getByRole('spinbutton').fill('3')
  await dialog().getByRole('button', { name: 'Scale' }).click()
  await expect(toast('scaled to 3')).toBeVisible()
  kubectl('scale deployment web --replicas=1')
  await undo('scaled to 3')
  await expect(toast('Scale could not be undone')).toContainText('spec.replicas was changed since. Nothing was taken back.')
  expect(kubectl('get deployment web -o jsonpath={.spec.replicas}')).toBe('1')
})

test('an edit that was saved is taken back, and only that', async () => {
  kubectl('create configmap words --from-literal=a=one --from-literal=b=two')
  await act('ConfigMaps', 'words', 'Edit YAML')
  const editor = app.page.locator('.cm-content').last()
  await editor.getByText('a: one').click()
  await app.page.keyboard.press('End')
  await app.page.keyboard.type(' more')
  await app.page.getByRole('button', { name: 'Save', exact: true }).last().click()
  await expect.poll(() => kubectl('get configmap words -o jsonpath={.data}')).toBe('{"a":"one more","b":"two"}')
  kubectl('patch configmap words -p {"data":{"b":"three"}}')
  await undo('ConfigMap words')
  await expect.poll(() => kubectl('get configmap words -o jsonpath={.data}')).toBe('{"a":"one","b":"three"}')
})

test('a Service that was deleted is created again with its address; a Deployment says nothing of undo', async () => {
  kubectl('create service clusterip front --tcp=80')
  const address = () => kubectl('get services -o jsonpath={.items[?(@.metadata.name=="front")].spec.clusterIP}')
  const before = address()
  await act('Services', 'front', 'Delete')
  await expect(dialog()).toContainText('It can be created again from the message that follows')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await expect.poll(address).toBe('')
  await undo('Service front deleted')
  await expect(toast('Delete undone: Service front')).toBeVisible()
  expect(address()).toBe(before)

  kubectl('create deployment other --image=nginx')
  await act('Deployments', 'other', 'Delete')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await expect(toast('Deployment other deleted')).toBeVisible()
  await expect(toast('Deployment other deleted').getByRole('button', { name: 'Undo' })).toHaveCount(0)
})

test('a rollout that makes no progress is told as failed, in the controller’s words, and leads to the workload', async () => {
  kubectl('patch deployment web -p {"spec":{"progressDeadlineSeconds":3}}')
  await act('Deployments', 'web', 'Set image')
  await dialog().getByRole('combobox').first().fill('nginx:1.999')
  await dialog().getByRole('button', { name: 'Set image' }).click()
  const failed = toast('The rollout of Deployment web failed')
  await expect(failed).toContainText(/ReplicaSet "web-\w+" has timed out progressing\./, { timeout: 60_000 })
  await openKind(app.page, 'Nodes')
  await failed.getByRole('button', { name: 'Open' }).click()
  await expect(app.page.getByRole('region', { name: 'Details: web' })).toBeVisible()
})
