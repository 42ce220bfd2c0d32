import { expect, test, type Locator } from '@playwright/test'
import { openKind, row, startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** Who changed what of an object, and when: versions that came by while it was open, revisions, and whose fields are whose. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('create deployment web --image=nginx:1.27')
  kubectl('rollout status deployment/web --timeout=60s')
  kubectl('create secret generic login --from-literal=user=jane --from-literal=password=hunter2')
})
test.afterAll(async () => {
  await app?.close()
})

const details = (name: string): Locator => app.page.getByRole('region', { name: `Details: ${name}` })
const versions = (name: string): Locator => details(name).getByRole('list', { name: 'Changes seen here' }).getByRole('listitem')
async function history(kind: string, name: string): Promise<void> {
  await openKind(app.page, kind)
  await row(app.page, name).click()
  await details(name).getByRole('tab', { name: 'History' }).click()
}

test('a change shows with who made it, what it changed, and the difference', async () => {
  await history('Deployments', 'web')
  await expect(details('web')).toContainText('What changes from now on shows here.')
  kubectl('label deployment web tier=front')
  const labelled = versions('web').filter({ hasText: 'metadata.labels.tier' })
  await expect(labelled).toContainText('kubectl-label')
  kubectl('scale deployment web --replicas=2')
  const scaled = versions('web').filter({ hasText: 'spec.replicas' })
  await expect(scaled.first()).toContainText('kubectl (scale)')
  await labelled.getByRole('button').click()
  await expect(labelled.getByRole('button')).toHaveAttribute('aria-pressed', 'true')
  await expect(details('web').locator('.cm-changedLine').filter({ hasText: 'tier: front' })).toBeVisible()
})

test('the revisions of the rollout and the managers of its fields are there too', async () => {
  await expect(details('web').getByRole('heading', { name: /^Rollout history/ })).toBeVisible()
  const managers = details('web').getByRole('list', { name: 'Field managers' })
  const scaler = managers.getByRole('listitem').filter({ hasText: 'kubectl (scale)' })
  await scaler.getByRole('button').press('Enter')
  await expect(scaler.getByRole('term')).toHaveText(['spec.replicas'])
  await expect(scaler.getByRole('definition')).toHaveText(['2'])
})

test('what was seen is there when the details are opened again', async () => {
  await openKind(app.page, 'Pods')
  await app.page.reload()
  await history('Deployments', 'web')
  await expect(versions('web').filter({ hasText: 'metadata.labels.tier' })).toContainText('kubectl-label')
})

test('of a Secret it shows that a value changed, and never the value', async () => {
  await history('Secrets', 'login')
  await expect(details('login').getByRole('button', { name: /^kubectl-create/ })).toBeVisible()
  kubectl('patch secret login -p {"stringData":{"password":"hunter3"}}')
  await expect(versions('login').filter({ hasText: 'data.password' })).toContainText('kubectl-patch')
  await expect(details('login').locator('.cm-changedLine').filter({ hasText: 'password' })).toHaveText('password: "*** (value 2)"')
  await details('login')
    .getByRole('button', { name: /^kubectl-create/ })
    .click()
  await expect(details('login').getByRole('definition').first()).toHaveText('***')
  const text = await details('login').innerText()
  expect(text).not.toMatch(/hunter|aHVudGVy|amFuZQ/)
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
