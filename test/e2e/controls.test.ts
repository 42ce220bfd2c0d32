import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { openKind, place, row, screenOf, startLiveWeb, type Kubectl, type WebApp } from './support/app.js'
import { command } from './support/panel.js'

/** The smaller controls of panels: keys of data, revealed values, time and machines, the editor's buttons, steppers, themes, keys. */

let app: WebApp
let kubectl: Kubectl

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('create configmap rope --from-literal=length=10')
  kubectl('create secret generic vault --from-literal=password=hunter2')
  kubectl('create deployment web --image=nginx:1.27 --replicas=2')
  kubectl('set env deployment/web --from=secret/vault')
  kubectl('rollout status deployment/web --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

const dialog = () => app.page.getByRole('dialog')
const details = (name: string | RegExp) => app.page.getByRole('region', { name: typeof name === 'string' ? `Details: ${name}` : name })

test('a key is added to a ConfigMap and taken out of it; one that is taken or no key is told', async () => {
  const { page } = app
  await openKind(page, 'ConfigMaps')
  await row(page, 'rope').click()
  await details('rope').getByRole('button', { name: 'Add key' }).click()
  const key = details('rope').getByRole('textbox', { name: 'Key', exact: true })
  await key.fill('length')
  await expect(details('rope').getByRole('button', { name: 'Save' })).toBeDisabled()
  await key.fill('colour')
  await details('rope').getByRole('textbox', { name: 'Value of the new key' }).fill('red')
  await details('rope').getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => kubectl('get configmap rope -o jsonpath={.data}')).toBe('{"colour":"red","length":"10"}')
  await details('rope').getByRole('button', { name: 'Delete length' }).click()
  await expect(dialog()).toContainText('The key is taken out of rope.')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await expect.poll(() => kubectl('get configmap rope -o jsonpath={.data}')).toBe('{"colour":"red"}')
})

test('a value of the environment that comes from a Secret is revealed and hidden, a container has its log and its shell', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await row(page, /^web-/).first().click()
  const pod = details(/^Details: web-/)
  await pod.getByText(/^Environment/).click()
  await pod.getByRole('button', { name: 'Reveal PASSWORD' }).click()
  await expect(pod).toContainText('hunter2')
  await pod.getByRole('button', { name: 'Hide PASSWORD' }).click()
  await expect(pod).not.toContainText('hunter2')
  await pod.getByRole('button', { name: 'Logs nginx' }).click()
  await expect(page.locator('.dock').getByRole('tabpanel')).toContainText('start worker process')
  await pod.getByRole('button', { name: 'Shell nginx' }).click()
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
})

test('the clock is moved ahead, and a machine is stopped and started', async () => {
  const { page } = app
  await place(page, '/c/drydock/overview')
  const time = () => Date.parse(kubectl('get clock cluster -o jsonpath={.status.time}'))
  const before = time()
  await page.getByRole('region', { name: 'Clock' }).getByRole('button', { name: '1 hour ahead' }).click()
  await expect.poll(time).toBeGreaterThanOrEqual(before + 3_600_000)
  const machines = page.getByRole('region', { name: 'Machines' })
  await machines.getByRole('button', { name: 'Stop drydock-m03' }).click()
  await expect(machines.getByRole('button', { name: 'Start drydock-m03' })).toBeVisible()
  expect(kubectl('get machine drydock-m03 -o jsonpath={.spec.running}')).toBe('false')
  await machines.getByRole('button', { name: 'Start drydock-m03' }).click()
  await expect(machines.getByRole('button', { name: 'Stop drydock-m03' })).toBeVisible()
})

test('an edit is tried on the server, compared, reverted, saved by its button; what is not saved is asked about', async () => {
  const { page } = app
  kubectl('create configmap paint --from-literal=colour=red')
  await openKind(page, 'ConfigMaps')
  await row(page, 'paint').click()
  await page.getByRole('grid').press('e')
  const dock = page.locator('.dock')
  const editor = dock.locator('.cm-content:visible').last()
  const bar = dock.getByRole('toolbar', { name: 'YAML' })
  const type = async (): Promise<void> => {
    await expect(editor).toContainText('colour: red')
    await editor.locator('.cm-line').filter({ hasText: 'colour: red' }).click()
    await page.keyboard.press('End')
    await page.keyboard.press('Control+Backspace')
    await page.keyboard.type('blue')
  }
  await type()
  await bar.getByRole('button', { name: 'Dry run' }).click()
  await expect(bar).toContainText('The server would accept this')
  await bar.getByRole('button', { name: 'Changes' }).click()
  await expect(dock.locator('.cm-changedLine')).toContainText('colour: blue')
  await bar.getByRole('button', { name: 'Hide changes' }).click()
  await bar.getByRole('button', { name: 'Revert' }).click()
  // The whole text is taken out and another put in its place; a field that there is not is refused, not left out without a word.
  const text = kubectl('get configmap paint -o yaml')
  await editor.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await expect(editor).toHaveText('')
  await page.keyboard.insertText(text.replace('data:', 'datta:'))
  await bar.getByRole('button', { name: 'Dry run' }).click()
  await expect(dock).toContainText('strict decoding error: unknown field "datta"')
  await bar.getByRole('button', { name: 'Revert' }).click()
  await type()
  await dock.getByRole('tab', { name: 'paint' }).focus()
  await page.keyboard.press('Delete')
  await expect(dialog()).toContainText('The changes to paint have not been saved.')
  await dialog().getByRole('button', { name: 'Cancel' }).click()
  await bar.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => kubectl('get configmap paint -o jsonpath={.data.colour}')).toBe('blue')
  await bar.getByRole('checkbox', { name: 'Managed fields' }).check()
  await expect(editor).toContainText('managedFields')
})

test('a scale is stepped, what depends is kept when its owner is deleted', async () => {
  const { page } = app
  await openKind(page, 'Deployments')
  await row(page, 'web').click()
  await page.getByRole('grid').press('c')
  await dialog().getByRole('button', { name: '+1' }).click()
  await dialog().getByRole('button', { name: '+1' }).click()
  await dialog().getByRole('button', { name: '-1' }).click()
  await expect(dialog()).toContainText('--replicas=3')
  await dialog().getByRole('button', { name: 'Scale' }).click()
  await expect.poll(() => kubectl('get deployment web -o jsonpath={.spec.replicas}')).toBe('3')
  await page.getByRole('grid').press('Control+d')
  await dialog().getByLabel('Dependants').selectOption('Orphan')
  await expect(dialog()).toContainText('--cascade=orphan')
  await dialog().getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(row(page, 'web')).toHaveCount(0)
  await expect.poll(() => kubectl('get replicasets -l app=web -o jsonpath={.items[0].metadata.ownerReferences}')).toBe('')
})

test('the form of a Deployment takes variables from a Secret and a ConfigMap', async () => {
  const { page } = app
  await command(page, 'New Deployment')
  const form = page.getByRole('form', { name: 'Deployment form' })
  await form.getByRole('button', { name: 'Add variable' }).click()
  await form.getByRole('textbox', { name: 'Variable', exact: true }).last().fill('PASSWORD')
  await form.getByLabel('Source', { exact: true }).last().selectOption('secretKeyRef')
  const variable = form.getByRole('group', { name: 'PASSWORD' })
  await variable.getByLabel('Name', { exact: true }).fill('vault')
  await variable.getByLabel('Key', { exact: true }).fill('password')
  const editor = page.locator('.dock .cm-content:visible').first()
  await expect(editor).toContainText('secretKeyRef')
  await expect(editor).toContainText('key: password')
  await variable.getByRole('button', { name: /^Remove/ }).click()
  await expect(editor).not.toContainText('secretKeyRef')
})

test('a theme is saved as a file, added again under another name, and removed; one that is none is refused', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Clusters' }).getByRole('button', { name: 'Settings' }).click()
  const saving = page.waitForEvent('download')
  await dialog().getByRole('button', { name: 'Save this theme as a file' }).click()
  const theme = JSON.parse(fs.readFileSync(await (await saving).path(), 'utf8')) as { name: string; colours: Record<string, string> }
  const file = path.join(app.data, 'night.json')
  const add = (text: string): Promise<void> => {
    fs.writeFileSync(file, text)
    return dialog().locator('input[type=file]').setInputFiles(file)
  }
  await add('[]')
  await expect(dialog().getByRole('alert')).toHaveText('night.json is no theme: it is not a JSON object.')
  await add(JSON.stringify({ ...theme, name: 'Night', colours: { ...theme.colours, accent: '#00aa77' } }))
  await expect(dialog().getByRole('radio', { name: 'Night' })).toBeChecked()
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent').trim())).toBe('#00aa77')
  // Another one is taken for a while, and this one again.
  await dialog().getByRole('radio', { name: 'Dark' }).check()
  await dialog().getByRole('radio', { name: 'Night' }).check()
  const asked = page.waitForEvent('filechooser')
  await dialog().getByText('Add a theme from a file').click()
  await (await asked).setFiles([])
  await dialog().getByRole('button', { name: 'Remove Night' }).click()
  await expect(dialog().getByRole('radio', { name: 'Night' })).toHaveCount(0)
  await dialog().getByRole('button', { name: 'About Drydock' }).click()
  await expect(page.getByRole('dialog', { name: /About/ })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('navigation', { name: 'Clusters' }).getByRole('button', { name: 'Settings' }).click()
  await dialog().getByRole('button', { name: 'Keyboard shortcuts' }).click()
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await page.keyboard.press('Escape')
})

test('the settings for an assistant are copied, and start what speaks to it', async () => {
  const { page } = app
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('navigation', { name: 'Clusters' }).getByRole('button', { name: 'Settings' }).click()
  const section = dialog().getByRole('region', { name: 'Assistants (MCP)' })
  const shown = section.getByRole('group', { name: 'Settings for the assistant' })
  await expect(section).toContainText('It may change nothing.')
  await section.getByRole('radio', { name: 'VS Code' }).check()
  await expect(shown).toContainText('"type": "stdio"')
  await section.getByRole('radio', { name: 'Claude Desktop and most others' }).check()
  await section.getByRole('button', { name: 'Copy the settings for the assistant' }).click()
  const { command, args } = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())).mcpServers.drydock as {
    command: string
    args: string[]
  }
  expect(args.slice(1)).toEqual(['--data', app.data])
  await section.getByRole('checkbox', { name: 'It may change things' }).check()
  await expect(shown).toContainText('"--allow-writes"')
  await expect(section).toContainText('It may apply, scale, restart and delete with your rights')
  await page.keyboard.press('Escape')

  const clientInfo = { name: 'e2e', version: '1' }
  const messages = [
    { id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'list', arguments: { context: 'drydock', kind: 'configmaps', namespace: 'default' } } },
  ]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH, HOME: app.data } })
  for (const message of messages) child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  let said = ''
  child.stdout.on('data', (d: Buffer) => (said += d.toString()))
  await expect.poll(() => said).toContain('"id":2')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.stdin.end()
  expect(await ended).toBe(0)
  expect(JSON.parse(said.trim().split('\n').at(-1)!).result.content[0].text).toMatch(/^NAME +DATA +AGE\n(.*\n)*rope +1 /)
})

test('a command loses its key, and gets it back by itself', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Clusters' }).getByRole('button', { name: 'Keyboard shortcuts' }).click()
  await dialog().getByRole('button', { name: 'Change keys' }).click()
  await dialog().getByRole('button', { name: 'No key for Logs' }).click()
  await expect(dialog().getByRole('button', { name: 'Key for Logs: none' })).toBeVisible()
  await dialog().getByRole('button', { name: 'Reset Logs' }).click()
  await expect(dialog().getByRole('button', { name: 'Key for Logs: l' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog()).toHaveCount(0)
})

test('a VerticalPodAutoscaler sets what it recommends beside what is asked for', async () => {
  const group = 'autoscaling.k8s.io'
  const names = { kind: 'VerticalPodAutoscaler', plural: 'verticalpodautoscalers', singular: 'verticalpodautoscaler' }
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `verticalpodautoscalers.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' } },
    spec: { group, names, scope: 'Namespaced', versions: [{ name: 'v1', served: true, storage: true, schema }] },
  }
  kubectl('apply -f -', JSON.stringify(crd))
  kubectl(`wait --for=condition=Established crd/verticalpodautoscalers.${group} --timeout=60s`)
  kubectl('create deployment api --image=nginx:1.27')
  kubectl('set resources deployment/api --requests=cpu=500m')
  const vpa = {
    apiVersion: `${group}/v1`,
    kind: 'VerticalPodAutoscaler',
    metadata: { name: 'api' },
    spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' } },
    status: { recommendation: { containerRecommendations: [{ containerName: 'nginx', target: { cpu: '25m' } }] } },
  }
  kubectl('apply -f -', JSON.stringify(vpa))
  await place(app.page, `/c/drydock/verticalpodautoscalers.${group}?o=verticalpodautoscalers.${group}/default/api`)
  await expect(details('api').getByRole('row').filter({ hasText: 'nginx' })).toContainText('500m')
  await expect(details('api').getByRole('row').filter({ hasText: 'nginx' })).toContainText('25m')
})

test('the first stop of the Tab key skips to the list', async () => {
  const { page } = app
  await openKind(page, 'Pods')
  await expect(row(page, /^web-/).first()).toBeVisible()
  await page.getByRole('link', { name: 'Skip to the list' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('grid')).toBeFocused()
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
