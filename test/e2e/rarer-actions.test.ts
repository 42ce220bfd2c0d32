import { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { expect, test } from '@playwright/test'
import { openKind, place, row, screenOf, startLiveWeb, undo, type Kubectl, type WebApp } from './support/app.js'

/** Actions that are needed once in a while: who has a role, Jobs again, requests that are refused, several objects at once. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
})
test.afterAll(async () => {
  await app?.close()
})

const dialog = () => app.page.getByRole('dialog')
/** Opens the dialog of an action from the menu of a row. */
async function act(name: string, action: string): Promise<void> {
  await row(app.page, name).click({ button: 'right' })
  await app.page.getByRole('menuitem', { name: action, exact: true }).click()
  await expect(dialog()).toBeVisible()
}
/** Presses the button of a dialog that does it, and waits until it is done. */
async function confirm(name: string): Promise<void> {
  await dialog().getByRole('button', { name, exact: true }).click()
  await expect(dialog()).toHaveCount(0)
}

test('a binding gets a group and a service account, and loses one', async () => {
  const { page } = app
  kubectl('create rolebinding readers --clusterrole=view --user=jane')
  await place(page, '/c/drydock/rolebindings.rbac.authorization.k8s.io?ns=default')
  await act('readers', 'Add a subject')
  await dialog().getByLabel('Name', { exact: true }).fill('jane')
  await expect(dialog()).toContainText('The binding has this subject already.')
  await dialog().getByLabel('Kind of subject').selectOption('Group')
  await dialog().getByLabel('Name', { exact: true }).fill('crew')
  await expect(dialog()).toContainText('set subject rolebinding.rbac.authorization.k8s.io/readers --group=crew')
  await confirm('Add a subject')
  await act('readers', 'Add a subject')
  await dialog().getByLabel('Kind of subject').selectOption('ServiceAccount')
  await dialog().getByLabel('Name', { exact: true }).fill('robot')
  await expect(dialog().getByLabel('Namespace')).toHaveValue('default')
  await expect(dialog()).toContainText('--serviceaccount=default:robot')
  await confirm('Add a subject')
  const subjects = () => kubectl('get rolebinding readers -o jsonpath={.subjects[*].name}')
  expect(subjects()).toBe('jane crew robot')
  await act('readers', 'Remove a subject')
  await dialog().getByLabel('Subject', { exact: true }).selectOption('Group crew')
  await expect(dialog()).toContainText('[{"op":"remove","path":"/subjects/1"}]')
  await confirm('Remove a subject')
  expect(subjects()).toBe('jane robot')
  await undo(page, 'Remove a subject: RoleBinding readers')
  await expect.poll(subjects).toBe('jane crew robot')
  await row(page, 'readers').click()
  await expect(page.getByRole('region', { name: 'Details: readers' })).toContainText('crew')
})

test('a Job is run again, and is suspended and goes on', async () => {
  const { page } = app
  kubectl('create job count --image=busybox:1.36 -- sleep 1')
  kubectl('create job long --image=busybox:1.36 -- sleep 100000')
  kubectl('wait --for=condition=complete job/count --timeout=60s')
  await openKind(page, 'Jobs')
  await act('count', 'Run again')
  await dialog().getByLabel('Name', { exact: true }).fill('count-twice')
  await expect(dialog()).toContainText('get job.batch/count -o json | jq')
  await confirm('Run again')
  kubectl('wait --for=condition=complete job/count-twice --timeout=60s')
  await undo(page, 'Run again: Job count')
  await expect.poll(() => kubectl('get job count-twice --ignore-not-found')).toBe('')
  await act('long', 'Suspend')
  await expect(dialog()).toContainText('{"spec":{"suspend":true}}')
  await confirm('Suspend')
  await expect(row(page, 'long')).toContainText('Suspended')
  await act('long', 'Resume')
  await expect(dialog()).toContainText('{"spec":{"suspend":false}}')
  await confirm('Resume')
  await expect.poll(() => kubectl('get job long -o jsonpath={.status.active}')).toBe('1')
})

test('what is not possible in the state of an object is not offered in its menu', async () => {
  const { page } = app
  kubectl('create deployment anchor --image=nginx:1.27')
  kubectl('rollout status deployment/anchor --timeout=60s')
  kubectl('create service externalname sea --external-name=sea.example')
  kubectl('run stuck --image=nginx:does-not-exist-1')
  for (const [resource, name, refused, offered] of [
    ['jobs.batch', 'count', 'Suspend', 'Run again'],
    ['jobs.batch', 'long', 'Resume', 'Suspend'],
    ['deployments.apps', 'anchor', 'Resume rollout', 'Pause rollout'],
    ['services', 'sea', 'Benchmark over HTTP', 'Forward port'],
    ['storageclasses.storage.k8s.io', 'standard', 'Make default', 'Delete'],
    ['pods', 'stuck', 'Debug container', 'Evict'],
    ['pods', 'stuck', 'Previous logs', 'Evict'],
  ] as const) {
    await place(page, `/c/drydock/${resource}?ns=default`)
    await row(page, name).click({ button: 'right' })
    const item = (label: string) => page.getByRole('menuitem', { name: new RegExp(`^${label}`) }).first()
    await expect(item(refused)).toHaveAttribute('aria-disabled', 'true')
    await expect(item(refused)).toHaveAttribute('title', 'Not possible in the state that the object is in.')
    await expect(item(offered)).not.toHaveAttribute('aria-disabled', 'true')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('menu')).toHaveCount(0)
  }
})

test('what is rare comes below all else in a menu, which does not move when the object has come', async () => {
  const { page } = app
  kubectl(
    'apply -f -',
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', finalizers: ['example.com/kept'] } }),
  )
  kubectl('delete configmap kept --wait=false')
  await place(page, '/c/drydock/configmaps?ns=default')
  await row(page, 'kept').click({ button: 'right' })
  await expect(page.getByRole('menuitem').last()).toHaveText('Remove finalizers')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toHaveCount(0)
  kubectl('patch configmap kept --type=merge -p {"metadata":{"finalizers":null}}')
})

test('a container that runs before the others gets another image', async () => {
  const { page } = app
  const boat = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'boat', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'boat' } },
      template: {
        metadata: { labels: { app: 'boat' } },
        spec: {
          initContainers: [{ name: 'prepare', image: 'busybox:1.36', command: ['true'] }],
          containers: [{ name: 'main', image: 'nginx:1.27' }],
        },
      },
    },
  }
  kubectl('apply -f -', JSON.stringify(boat))
  await place(page, '/c/drydock/deployments.apps?ns=default')
  await act('boat', 'Set image')
  await expect(dialog().getByLabel('main', { exact: true })).toHaveValue('nginx:1.27')
  await dialog().getByLabel('prepare', { exact: true }).fill('busybox:1.37')
  await expect(dialog()).toContainText('set image deployment.apps/boat prepare=busybox:1.37')
  await confirm('Set image')
  const images = () => kubectl('get deployment boat -o jsonpath={..containers[0].image}/{..initContainers[0].image}')
  expect(images()).toBe('nginx:1.27/busybox:1.37')
  await undo(page, 'Image of Deployment boat')
  await expect.poll(images).toBe('nginx:1.27/busybox:1.36')
})

test('a certificate request is denied', async () => {
  const { page } = app
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  x509.cryptoProvider.set(webcrypto as Crypto)
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=mallory', keys: keys as CryptoKeyPair, signingAlgorithm })
  const request = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'mallory' },
    spec: {
      request: Buffer.from(csr.toString('pem')).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
    },
  }
  kubectl('create -f -', JSON.stringify(request))
  await place(page, '/c/drydock/certificatesigningrequests.certificates.k8s.io')
  await act('mallory', 'Deny')
  await expect(dialog()).toContainText('certificate deny mallory')
  await confirm('Deny')
  await expect(row(page, 'mallory')).toContainText('Denied')
  expect(kubectl('get csr mallory -o jsonpath={.status.conditions[*].type}')).toBe('Denied')
  // What is decided cannot be decided again.
  await row(page, 'mallory').click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: 'Approve', exact: true })).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
})

test('a token is made for an audience, for as long as was chosen', async () => {
  const { page } = app
  kubectl('create serviceaccount robot')
  await place(page, '/c/drydock/serviceaccounts?ns=default')
  await act('robot', 'Create token')
  await dialog().getByLabel('Valid for').selectOption('8h')
  await dialog().getByLabel('Audience').fill('vault')
  await expect(dialog()).toContainText('create token robot --duration=8h --audience=vault')
  await dialog().getByRole('button', { name: 'Create token', exact: true }).click()
  await dialog().getByRole('button', { name: 'Reveal' }).click()
  const token = (await dialog().locator('code.selectable').first().textContent()) ?? ''
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { aud: string[]; iat: number; exp: number }
  expect(claims.aud).toEqual(['vault'])
  expect(claims.exp - claims.iat).toBe(8 * 3600)
  await dialog().getByRole('button', { name: 'Close' }).last().click()
})

test('several nodes are cordoned at once with one command, and taken back together', async () => {
  const { page } = app
  await openKind(page, 'Nodes')
  for (const name of ['drydock-m02', 'drydock-m03']) await row(page, name).click({ modifiers: ['Control'] })
  const [tools, age] = [row(page, 'drydock-m03').locator('.tools'), row(page, 'drydock-m03').locator('.cell').last()]
  // No part of an age is beside the buttons of the row under the pointer, where it would be read as another age.
  expect((await tools.boundingBox())!.width).toBeGreaterThanOrEqual(Math.min(72, (await age.boundingBox())!.width))
  await page
    .getByRole('toolbar', { name: /selected$/ })
    .getByRole('button', { name: 'Cordon', exact: true })
    .click()
  await expect(dialog()).toContainText(/kubectl --context drydock cordon drydock-m02 drydock-m03/)
  await confirm('Cordon')
  const cordoned = () => kubectl('get nodes -o jsonpath={.items[?(@.spec.unschedulable==true)].metadata.name}')
  expect(cordoned()).toBe('drydock-m02 drydock-m03')
  await undo(page, 'Cordon: 2 Nodes')
  await expect.poll(cordoned).toBe('')
  await page.getByRole('grid').press('Escape')
})

test('taints of a node are changed and taken off', async () => {
  const { page } = app
  kubectl('taint node drydock-m03 old=1:PreferNoSchedule keep=1:PreferNoSchedule')
  await openKind(page, 'Nodes')
  await act('drydock-m03', 'Edit taints')
  await expect(dialog().getByRole('textbox', { name: 'Key' })).toHaveCount(2)
  await dialog()
    .getByRole('button', { name: /^Remove old/ })
    .click()
  await expect(dialog()).toContainText('taint nodes drydock-m03 old:PreferNoSchedule-')
  await confirm('Edit taints')
  expect(kubectl('get node drydock-m03 -o jsonpath={.spec.taints[*].key}')).toBe('keep')
})

test('the pods of a node and of a Service are shown in the list', async () => {
  const { page } = app
  const show = (name: string): Promise<void> =>
    row(page, name)
      .click({ button: 'right' })
      .then(() => page.getByRole('menuitem', { name: 'Show pods', exact: true }).click())
  await show('drydock-m02')
  await expect(page.getByRole('heading', { name: 'Pods', level: 1 })).toBeVisible()
  await expect(page).toHaveURL(/field=spec\.nodeName(=|%3D)drydock-m02/)
  await place(page, '/c/drydock/services?ns=kube-system')
  await show('kube-dns')
  await expect(row(page, /^coredns-/)).toHaveCount(1)
})

test('a workload leads to what it controls, and its shell is one in a pod of it', async () => {
  const { page } = app
  const choose = (name: string, item: string | RegExp): Promise<void> =>
    row(page, name)
      .click({ button: 'right' })
      .then(() => page.getByRole('menuitem', { name: item }).click())
  kubectl('create cronjob report --image=busybox:1.36 --schedule=@yearly -- echo done')
  kubectl('create job report-now --from=cronjob/report')
  await place(page, '/c/drydock/cronjobs.batch?ns=default')
  await choose('report', 'Show Jobs')
  await expect(page.getByRole('heading', { name: 'Jobs', level: 1 })).toBeVisible()
  await expect(row(page, 'report-now')).toHaveCount(1)
  await place(page, '/c/drydock/deployments.apps?ns=kube-system')
  await choose('coredns', 'Show ReplicaSets')
  await expect(page.getByRole('heading', { name: 'ReplicaSets', level: 1 })).toBeVisible()
  await expect(row(page, /^coredns-/)).toHaveCount(1)
  kubectl('create deployment idle --image=nginx:1.27 --replicas=0')
  kubectl('create deployment busy --image=nginx:1.27')
  kubectl('rollout status deployment/busy --timeout=60s')
  await place(page, '/c/drydock/deployments.apps?ns=default')
  await choose('idle', /^Shell/)
  await expect(page.locator('.toast').filter({ hasText: 'idle' })).toBeVisible()
  await choose('busy', /^Shell/)
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
  await page.keyboard.type('hostname\n')
  await expect(screenOf(page)).toContainText(/busy-\w+-\w+/)
})

test('the log of the run before is opened from the menu of a pod', async () => {
  const { page } = app
  const containers = [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', 'echo ran aground; exit 1'] }]
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'wreck' }, spec: { containers } }))
  await expect.poll(() => kubectl('get pod wreck -o jsonpath={.status.containerStatuses[0].restartCount}'), { timeout: 60_000 }).toBe('1')
  await place(page, '/c/drydock/pods?ns=default')
  await row(page, 'wreck').click({ button: 'right' })
  await page.getByRole('menuitem', { name: /^Previous logs/ }).click()
  await expect(page.locator('.dock').getByRole('tabpanel')).toContainText('ran aground')
})

test('a custom resource that can be scaled is, wherever it keeps the number; its pods and their log are found by what it selects', async () => {
  const { page } = app
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  kubectl(
    'apply -f -',
    JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'fleets.harbour.example.com' },
      spec: {
        group: 'harbour.example.com',
        scope: 'Namespaced',
        names: { plural: 'fleets', singular: 'fleet', kind: 'Fleet' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { spec: schema, status: schema } } },
            subresources: {
              status: {},
              scale: { specReplicasPath: '.spec.boats', statusReplicasPath: '.status.boats', labelSelectorPath: '.status.selector' },
            },
          },
        ],
      },
    }),
  )
  kubectl('wait --for=condition=Established crd/fleets.harbour.example.com --timeout=30s')
  const fleet = (name: string) =>
    JSON.stringify({ apiVersion: 'harbour.example.com/v1', kind: 'Fleet', metadata: { name }, spec: { boats: 2 } })
  for (const name of ['north', 'south']) kubectl('apply -f -', fleet(name))
  kubectl('patch fleet north --subresource=status --type=merge -p {"status":{"boats":2,"selector":"crew=north"}}')
  const containers = [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', 'echo ahoy; sleep 1000'] }]
  const boat = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'boat', labels: { crew: 'north' } }, spec: { containers } }
  kubectl('apply -f -', JSON.stringify(boat))
  kubectl('wait --for=condition=Ready pod/boat --timeout=60s')
  await place(page, '/c/drydock/fleets.harbour.example.com?ns=default')
  await act('north', 'Scale c')
  await expect(dialog()).toContainText('Now 2')
  await dialog().getByRole('spinbutton').fill('5')
  await expect(dialog()).toContainText('scale fleet.harbour.example.com/north --replicas=5')
  await confirm('Scale')
  expect(kubectl('get fleet north -o jsonpath={.spec.boats}')).toBe('5')
  await undo(page, 'Fleet north scaled to 5')
  await expect.poll(() => kubectl('get fleet north -o jsonpath={.spec.boats}')).toBe('2')
  await row(page, 'north').click({ button: 'right' })
  await page.getByRole('menuitem', { name: /^Logs/ }).click()
  await expect(page.locator('.dock').getByRole('tabpanel')).toContainText('ahoy')
  // One that says nothing of its pods is not taken for one that has all.
  await row(page, 'south').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Show pods' }).click()
  await expect(page.locator('.toast').filter({ hasText: 'south does not tell which pods are its own.' })).toBeVisible()
  await row(page, 'north').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Show pods' }).click()
  await expect(page.getByRole('heading', { name: 'Pods', level: 1 })).toBeVisible()
  await expect(row(page, 'boat')).toBeVisible()
})

test('several Deployments are restarted at once', async () => {
  const { page } = app
  for (const name of ['api', 'web']) kubectl(`create deployment ${name} --image=nginx:1.27`)
  for (const name of ['api', 'web']) kubectl(`rollout status deployment/${name} --timeout=60s`)
  await openKind(page, 'Deployments')
  for (const name of ['api', 'web']) await row(page, name).click({ modifiers: ['Control'] })
  const bar = page.getByRole('toolbar', { name: /selected$/ })
  // All that can be done with them is in one line.
  expect((await bar.boundingBox())!.height).toBeLessThan(44)
  await bar.getByRole('button', { name: 'Restart', exact: true }).click()
  await expect(dialog()).toContainText('rollout restart deployments.apps api web')
  await confirm('Restart')
  const restarted = 'get deployments -o jsonpath={.items[*].spec.template.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt}'
  expect(kubectl(restarted).split(' ')).toHaveLength(2)
})

test('a Deployment goes back to a ReplicaSet that is chosen among its own', async () => {
  const { page } = app
  kubectl('rollout status deployment/web --timeout=60s')
  const sets = 'get rs -l app=web -o jsonpath={.items[?(@.spec.replicas=='
  const [before, now] = ['0)].metadata.name}', '1)].metadata.name}'].map((rest) => kubectl(`${sets}${rest}`)) as [string, string]
  await openKind(page, 'ReplicaSets')
  // The one that runs is what it would go back to.
  await row(page, now).click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: 'Edit labels' })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: 'Roll back to this' })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await act(before, 'Roll back to this')
  await expect(dialog()).toContainText('Roll Deployment web back to revision 1')
  await expect(dialog()).toContainText('rollout undo deployment.apps/web --to-revision=1')
  await confirm('Roll back')
  await expect.poll(() => kubectl(`${sets}1)].metadata.name}`)).toBe(before)
})

test('the pod of a node that is gone is deleted by force', async () => {
  const { page } = app
  // The machine of the control plane cannot be switched off.
  kubectl('run lost --image=nginx:1.27 --overrides={"spec":{"nodeName":"drydock-m02"}}')
  kubectl('wait --for=condition=Ready pod/lost --timeout=60s')
  const node = kubectl('get pod lost -o jsonpath={.spec.nodeName}')
  kubectl(`patch machine ${node} --type=merge -p {"spec":{"running":false}}`)
  kubectl('delete pod lost --wait=false')
  await place(page, '/c/drydock/pods?ns=default')
  await act('lost', 'Force delete')
  await expect(dialog()).toContainText('Its processes may still be running.')
  await expect(dialog()).toContainText('delete pod/lost --force --grace-period=0')
  await confirm('Force delete')
  await expect(row(page, 'lost')).toHaveCount(0)
  expect(kubectl('get pods lost --ignore-not-found')).toBe('')
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
