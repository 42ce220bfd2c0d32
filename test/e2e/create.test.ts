import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test, type Locator } from '@playwright/test'
import { templates, templateText } from '../../src-renderer/create/templates.js'
import { live, startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** Creating by form, template, file and folder, in a real Chromium against the embedded cluster. */

let app: WebApp
let kubectl: Kubectl
let folder: string

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-create-'))
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

const editor = () => app.page.locator('.dock .cm-content:visible').first()
const form = (): Locator => app.page.getByRole('form')
const tools = () => app.page.getByRole('toolbar', { name: 'Create from YAML' })
const results = () => app.page.getByRole('region', { name: 'Results' }).locator('li[class]')
const field = (label: string) => form().getByLabel(label, { exact: true })
/** Labels of what has to be filled in end with a star. */
const needed = (label: string) => form().getByLabel(new RegExp(`^${label} \\*$`))

/** An empty tab that creates. */
async function emptyTab(): Promise<void> {
  const { page } = app
  const tabs = page.getByRole('tablist', { name: 'Dock' }).getByRole('tab')
  while ((await tabs.count()) > 0) {
    const before = await tabs.count()
    await tabs.first().focus()
    await page.keyboard.press('Delete')
    await expect(tabs).toHaveCount(before - 1)
  }
  await page.getByRole('button', { name: 'Create from YAML' }).click()
  await expect(editor()).toBeVisible()
}
async function begin(kind: string): Promise<void> {
  await emptyTab()
  await tools().getByRole('button', { name: 'New', exact: true }).click()
  await app.page.getByRole('menuitem', { name: kind, exact: true }).click()
  await expect(app.page.getByRole('form', { name: `${kind} form` })).toBeVisible()
}
async function apply(...outcomes: string[]): Promise<void> {
  await tools().getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(results()).toHaveText(words(...outcomes))
}
/** Words with any space between them: names, namespaces and outcomes are elements of their own. */
const words = (...lines: string[]) => lines.map((l) => new RegExp(l.replaceAll(' ', '\\s+')))
const read = (what: string, at: string) => kubectl(`get ${what} -o jsonpath=${at}`)
const write = (name: string, text: string | Uint8Array): string => {
  const file = path.join(folder, name)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
  return file
}

test('a Deployment is made by its form; what the server refuses stands at the field, in the YAML and in a list that leads there', async () => {
  const { page } = app
  await begin('Deployment')
  await expect(needed('Name').first()).toBeFocused()
  await needed('Name').first().fill('web')
  await expect(editor()).toContainText('matchLabels:      app: web')
  await field('Replicas').fill('-2')
  await form().getByRole('button', { name: 'Add variable' }).click()
  await form().getByRole('textbox', { name: 'Variable' }).fill('MODE')
  await form().getByRole('textbox', { name: 'Value', exact: true }).last().fill('plain')
  await tools().getByRole('button', { name: 'Dry run' }).click()
  await expect(results()).toHaveText(words('Deployment web default failed .Dry run.'))
  await expect(field('Replicas')).toHaveAttribute('aria-invalid', 'true')
  await expect(form().getByRole('alert')).toHaveText('Invalid value: -2: must be greater than or equal to 0')
  await expect(page.locator('.dock .cm-lintRange-error')).toHaveText('-2')
  await editor().press('Control+Home')
  await page.getByRole('button', { name: /^spec\.replicas/ }).click()
  await expect(page.locator('.dock .cm-activeLine')).toHaveText('  replicas: -2')

  await field('Replicas').fill('2')
  await expect(form().getByRole('alert')).toHaveCount(0)
  await apply('Deployment web default created$')
  expect(read('deployment web', '{.spec.replicas}/{.spec.template.spec.containers[0].env[0].value}/{.spec.selector.matchLabels.app}')).toBe(
    '2/plain/web',
  )
})

test('the command palette begins with a form, and asks for what is needed at once', async () => {
  const { page } = app
  await emptyTab()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeVisible()
  await page.keyboard.insertText('new job')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('form', { name: 'Job form' })).toBeVisible()
  await expect(needed('Name').first()).toBeFocused()
})

test('the form follows the YAML, keeps what it does not know, and waits while the YAML cannot be read', async () => {
  const { page } = app
  await begin('Deployment')
  await editor().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: typed # by hand\nspec:\n  replicas: 7\n  unheardOf: 1\n',
  )
  await expect(needed('Name')).toHaveValue('typed')
  await expect(field('Replicas')).toHaveValue('7')
  await field('Replicas').fill('8')
  await expect(editor()).toContainText('name: typed # by handspec:  replicas: 8  unheardOf: 1')
  await editor().click()
  const places = async () => [await needed('Name').boundingBox(), await field('Replicas').boundingBox()]
  const before = await places()
  await page.keyboard.press('Control+End')
  await page.keyboard.insertText('x: [\n')
  await expect(form().getByRole('status')).toContainText('The form waits until the YAML can be read.')
  await expect(form().getByRole('status')).toBeInViewport({ ratio: 1 })
  await expect(field('Replicas')).toBeDisabled()
  expect(await places()).toEqual(before)
})

test('a Service takes its selector from a workload that is picked, and its ports', async () => {
  await begin('Service')
  await needed('Name').fill('web')
  await form().getByRole('combobox', { name: 'Pods of a workload…' }).selectOption('Deployment/web')
  expect((await form().getByLabel('Protocol').boundingBox())!.width).toBeGreaterThanOrEqual(116)
  await field('Type').selectOption('NodePort')
  await form().getByLabel('Node port').fill('30123')
  await apply('Service web default created$')
  expect(read('service web', '{.spec.selector.app}/{.spec.type}/{.spec.ports[0].nodePort}')).toBe('web/NodePort/30123')
})

test('a ConfigMap is made of values, files, a folder and an env file; what is no text is binaryData', async () => {
  await begin('ConfigMap')
  await needed('Name').fill('settings')
  for (const remove of await form()
    .getByRole('button', { name: /^Remove/ })
    .all())
    void remove
  await form().getByRole('button', { name: 'Remove app.properties' }).click()
  await form().getByRole('button', { name: 'Remove LOG_LEVEL' }).click()
  await form().getByRole('button', { name: 'Add entry' }).click()
  await form().getByRole('textbox', { name: 'Key' }).fill('colour')
  await form().getByRole('textbox', { name: 'Value' }).fill('blue')
  write('conf/app.conf', 'a=b\n')
  write('conf/deeper/left-out.conf', 'x')
  await form()
    .locator('input[type=file][aria-label=Files]')
    .setInputFiles([write('logo.bin', new Uint8Array([0xff, 0x00, 0xfe]))])
  await expect(form().getByText('3 B, not text')).toBeVisible()
  await form().locator('input[type=file][aria-label=Folder]').setInputFiles(path.join(folder, 'conf'))
  await expect(form().getByRole('group', { name: 'app.conf' })).toBeVisible()
  await form()
    .locator('input[type=file][aria-label="Env file"]')
    .setInputFiles([write('x.env', '# c\nONE=1\nTWO=a=b\n')])
  await expect(form().getByRole('group', { name: 'TWO' })).toBeVisible()
  await apply('ConfigMap settings default created$')
  const made = JSON.parse(kubectl('get configmap settings -o json')) as Record<string, unknown>
  expect(made.data).toEqual({ colour: 'blue', 'app.conf': 'a=b\n', ONE: '1', TWO: 'a=b' })
  expect(made.binaryData).toEqual({ 'logo.bin': '/wD+' })
})

test('Secrets of each type are made by the form, base64 in the YAML and hidden in the form', async () => {
  const { page } = app
  await begin('Secret')
  await needed('Name').fill('opaque')
  await form().getByRole('textbox', { name: 'Value' }).fill('hunter2')
  await expect(editor()).toContainText('password: aHVudGVyMg==')
  await apply('Secret opaque default created$')
  expect(read('secret opaque', '{.type}/{.data.password}')).toBe('Opaque/aHVudGVyMg==')

  await begin('Secret')
  await needed('Name').fill('basic')
  await field('Type').selectOption('kubernetes.io/basic-auth')
  await field('User name').fill('anna')
  await field('Password').fill('s3cret')
  await expect(field('Password')).toHaveAttribute('type', 'password')
  await apply('Secret basic default created$')
  expect(read('secret basic', '{.type}/{.data.username}/{.data.password}')).toBe('kubernetes.io/basic-auth/YW5uYQ==/czNjcmV0')

  await begin('Secret')
  await needed('Name').fill('registry')
  await field('Type').selectOption('kubernetes.io/dockerconfigjson')
  await field('Server').fill('https://registry.example')
  await field('User name').fill('anna')
  await field('Password').fill('pw')
  await apply('Secret registry default created$')
  const login = Buffer.from(read('secret registry', '{.data.\\.dockerconfigjson}'), 'base64').toString()
  expect(JSON.parse(login)).toEqual({ auths: { 'https://registry.example': { username: 'anna', password: 'pw', auth: 'YW5uYTpwdw==' } } })

  await begin('Secret')
  await needed('Name').fill('ssh')
  await field('Type').selectOption('kubernetes.io/ssh-auth')
  await form()
    .locator('input[type=file]')
    .setInputFiles([write('id_rsa', 'key\n')])
  await expect(editor()).toContainText('ssh-privatekey: a2V5Cg==')
  await apply('Secret ssh default created$')

  await begin('Secret')
  await needed('Name').fill('tls')
  await field('Type').selectOption('kubernetes.io/tls')
  await tools().getByRole('button', { name: 'Dry run' }).click()
  await expect(form().getByRole('alert').first()).toHaveText('Required value')
  await needed('Certificate \\(tls\\.crt\\)').fill('cert\n')
  await needed('Private key \\(tls\\.key\\)').fill('key\n')
  await tools().getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(results()).toHaveText(words('Secret tls default'))
  await expect(page.locator('.dock')).toBeVisible()
})

test('an autoscaler and an Ingress are filled from what the cluster has', async () => {
  await begin('HorizontalPodAutoscaler')
  await needed('Name').fill('web')
  await expect(form().locator('datalist option[value=web]')).toBeAttached()
  await needed('Workload').fill('web')
  await needed('Max replicas').fill('4')
  await apply('HorizontalPodAutoscaler web default created$')
  expect(read('hpa web', '{.spec.scaleTargetRef.name}/{.spec.maxReplicas}')).toBe('web/4')

  await begin('Ingress')
  await needed('Name').fill('web')
  await expect(form().locator('datalist option[value=nginx]')).toBeAttached()
  await field('Ingress class').fill('nginx')
  await field('Host').fill('web.example')
  await needed('Service').fill('web')
  await expect(form().locator('datalist option[value=http]')).toBeAttached()
  await needed('Service port').fill('http')
  await apply('Ingress web default created$')
  const backend = '{.spec.ingressClassName}/{.spec.rules[0].host}/{.spec.rules[0].http.paths[0].backend.service.port.name}'
  expect(read('ingress web', backend)).toBe('nginx/web.example/http')
})

test('a Job and a CronJob are made by their forms; a schedule shows when it next runs', async () => {
  await begin('Job')
  await needed('Name').first().fill('once')
  await field('Completions').fill('2')
  await apply('Job once default created$')
  expect(read('job once', '{.spec.completions}')).toBe('2')

  await begin('CronJob')
  await needed('Name').first().fill('nightly')
  await needed('Schedule').fill('99 3 * * *')
  await expect(form().getByText('Not a schedule that Kubernetes takes')).toBeVisible()
  await needed('Schedule').fill('30 3 * * *')
  await expect(form().getByText(/^Next:/)).toContainText(/\d{4}-\d\d-\d\d \d\d:30 \(in /)
  await field('Time zone').fill('Asia/Shanghai')
  await apply('CronJob nightly default created$')
  expect(read('cronjob nightly', '{.spec.schedule}/{.spec.timeZone}')).toBe('30 3 * * */Asia/Shanghai')
})

test('a kustomize folder is built, previewed against the cluster, and applied', async () => {
  const { page } = app
  kubectl('create configmap kept --from-literal=a=old')
  write('kust/base/kustomization.yaml', 'resources: [all.yaml]\nconfigMapGenerator: [{ name: made, literals: [A=1] }]\n')
  write(
    'kust/base/all.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: kept }\ndata: { a: new }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: fresh }\n',
  )
  write('kust/overlays/dev/kustomization.yaml', 'resources: [../../base, ns.yaml]\ncommonLabels: { env: dev }\n')
  write('kust/overlays/dev/ns.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: dev }\n')
  await emptyTab()
  await page.locator('.dock input[type=file][aria-label=Folder]').setInputFiles(path.join(folder, 'kust'))
  const choice = page.getByRole('group', { name: 'There are several kustomizations. Which one?' })
  await expect(choice.getByRole('button')).toHaveText(['kust/base', 'kust/overlays/dev', 'The files as they are', 'Cancel'])
  await choice.getByRole('button', { name: 'kust/overlays/dev' }).click()
  const objects = page.getByRole('listbox', { name: 'Preview' }).getByRole('option')
  await expect(objects).toHaveText([
    /Namespace dev\s*new/,
    /ConfigMap fresh\s*new/,
    /ConfigMap kept\s*refused/,
    /ConfigMap made-\w{10}\s*new/,
  ])
  // Somebody else wrote the field: both sides are shown, and it can be taken over.
  await objects.nth(2).click()
  await expect(page.locator('.dock .change .cm-deletedChunk').first()).toContainText('a: old')
  await expect(page.locator('.dock .change .cm-changedLine').filter({ hasText: 'a: new' })).toBeVisible()
  await page.getByRole('button', { name: 'Take over' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take over' }).click()
  await expect(objects.nth(2)).toHaveText(/ConfigMap kept\s*unchanged/)
  expect(read('configmap kept', '{.data.a}/{.metadata.labels.env}')).toBe('new/dev')
  await tools().getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(results()).toHaveText(
    words('Namespace dev created', 'fresh default created', 'kept default unchanged', 'made-\\w{10} default created'),
  )
})

test('documents that fail are retried alone, once what they lack is there', async () => {
  const { page } = app
  await emptyTab()
  await editor().click()
  await page.keyboard.insertText(
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: lost\n  namespace: nowhere\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: found\n',
  )
  await apply('lost nowhere failed.*namespaces "nowhere" not found', 'found default created$')
  kubectl('create namespace nowhere')
  await page.getByRole('button', { name: 'Retry failed (1)' }).click()
  await expect(results()).toHaveText(words('lost nowhere created$', 'found default created$'))
})

test('what is typed comes back after a reload, and after its tab was closed', async () => {
  const { page } = app
  await emptyTab()
  await editor().click()
  await page.keyboard.insertText('kind: ConfigMap\nmetadata:\n  name: half-done\n')
  const drafts = path.join(app.data, 'drafts')
  const kept = (): string | undefined =>
    fs.existsSync(drafts)
      ? fs.readdirSync(drafts).find((file) => fs.readFileSync(path.join(drafts, file), 'utf8').includes('half-done'))
      : undefined
  await expect.poll(kept).toBeDefined()
  await expect.poll(() => fs.readFileSync(path.join(app.data, 'settings.json'), 'utf8')).toContain(path.parse(kept()!).name)
  await page.reload()
  await live(page)
  await expect(editor()).toContainText('name: half-done')
  await page.getByRole('tablist', { name: 'Dock' }).getByRole('tab').first().focus()
  await page.keyboard.press('Delete')
  await page.getByRole('button', { name: 'Open again' }).click()
  await expect(editor()).toContainText('name: half-done')
})

test('a template is put in with the namespace, and the person’s own are kept and removed', async () => {
  const { page } = app
  await emptyTab()
  const pick = async (text: string) => {
    await tools().getByRole('button', { name: 'New', exact: true }).click()
    await page.getByRole('menuitem', { name: 'From a template' }).click()
    await page.getByRole('textbox', { name: 'Find a template' }).fill(text)
  }
  await pick('networkpolicy deny')
  await page.keyboard.press('Enter')
  await expect(editor()).toContainText('name: deny-all  namespace: default')
  await tools().getByRole('button', { name: 'Save as template' }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Our policy')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Template Our policy saved')).toBeVisible()
  await pick('our policy')
  await expect(page.getByRole('dialog').locator('.pick')).toHaveText([/Our policy\s*NetworkPolicy deny-all/])
  await page.getByRole('button', { name: 'Remove the template Our policy' }).click()
  await expect(page.getByRole('dialog').locator('.pick')).toHaveCount(0)
  await page.keyboard.press('Escape')
})

test('manifests that are dropped on the window open with a preview', async () => {
  const { page } = app
  await emptyTab()
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dropped"}}'], 'dropped.json'))
    return data
  })
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
  await expect(page.getByText('Drop manifests or a folder to open them for drydock')).toBeVisible()
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
  await expect(page.getByRole('listbox', { name: 'Preview' }).getByRole('option')).toHaveText([/ConfigMap dropped\s*new/])
})

test('an edit that meets another change of the same field shows both sides, and goes onto the new version', async () => {
  const { page } = app
  await page.goto(page.url().replace(/#.*|$/, '#/c/drydock/configmaps?ns=default&o=configmaps/default/settings'))
  const details = page.getByRole('region', { name: 'Details: settings' })
  await details.getByRole('tab', { name: 'YAML' }).click()
  await details.locator('.cm-line', { hasText: 'colour: blue' }).click()
  await page.keyboard.press('End')
  await page.keyboard.insertText('-mine')
  kubectl('patch configmap settings --type=merge -p {"data":{"colour":"theirs","other":"new"}}')
  await expect(details).toContainText('Changed on the server since it was opened')
  await details.getByRole('button', { name: 'Save' }).click()
  const conflict = details.getByRole('alert', { name: 'Changed here and on the server' })
  await expect(conflict.locator('tbody td')).toHaveText(['data.colour', 'blue', 'blue-mine', 'theirs'])
  expect(read('configmap settings', '{.data.colour}')).toBe('theirs')
  await conflict.getByRole('button', { name: 'Carry my changes over' }).click()
  await expect(details.locator('.cm-content')).toContainText('other: new')
  await details.getByRole('button', { name: 'Save', exact: true }).click()
  await expect.poll(() => read('configmap settings', '{.data.colour}/{.data.other}')).toBe('blue-mine/new')
})

test('the server takes every template that the app brings', () => {
  const all = templates.map((t) => templateText(t, 'default').replace(/my-(app|tls|registry)$/m, (x, i) => x + i)).join('---\n')
  const tls = all.replaceAll('tls.crt: ""', 'tls.crt: YQ==').replaceAll('tls.key: ""', 'tls.key: YQ==')
  const taken = kubectl('apply --dry-run=server -f -', tls).trim().split('\n')
  expect(taken.length).toBe(templates.length)
})
