import fs from 'node:fs'
import path from 'node:path'
import { expect, test, type ElectronApplication, type Page } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, newDirectory, openKind, row, screenOf, startElectron } from './support/app.js'

/** After a session in which Secrets were shown and edited, none of their values is in anything that the app leaves behind. */

const data = newDirectory()
let app: ElectronApplication
let page: Page
/** Everything that the app's processes printed. */
let printed = ''

const values = [
  's3cret-before-it-was-edited',
  's3cret-after-it-was-edited',
  's3cret-typed-into-yaml',
  's3cret-of-a-form',
  's3cret-half-typed',
]

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, page } = await startElectron(data))
  for (const stream of ['stdout', 'stderr'] as const) app.process()[stream]?.on('data', (d: Buffer) => (printed += d.toString()))
  page.on('console', (m) => (printed += m.text()))
  await live(page)
})
test.afterAll(async () => {
  await app?.close().catch(() => undefined)
  fs.rmSync(data, { recursive: true, force: true })
})

test('a Secret is revealed, copied, edited by key and in YAML, and printed in terminals', async () => {
  const kubectl = await kubectlOn(embeddedKubeconfig(data))
  kubectl(`create secret generic vault --from-literal=password=${values[0]}`)
  kubectl('run keeper --image=busybox:1.36 --command -- sleep 1000000')
  await openKind(page, 'Secrets')
  await row(page, 'vault').click()
  const details = page.getByRole('region', { name: 'Details: vault' })
  await details.getByRole('button', { name: 'Reveal password' }).click()
  await expect(details).toContainText(values[0]!)
  await details.getByRole('button', { name: 'Edit password' }).click()
  await details.getByRole('textbox', { name: 'Value of password' }).fill(values[1]!)
  await details.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('password is saved')).toBeVisible()
  await page.getByRole('grid').press('e')
  await expect(page.locator('.dock .cm-content')).toContainText('kind: Secret')
  await page.locator('.dock .cm-content').click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(`stringData:\nextra: ${values[2]}`)
  await openKind(page, 'Pods')
  await expect(row(page, 'keeper')).toContainText('Running')
  await row(page, 'keeper').click()
  await page.getByRole('region', { name: 'Details: keeper' }).getByRole('button', { name: 'Shell', exact: true }).click()
  await expect(page.getByRole('textbox', { name: 'Terminal of keeper' })).toBeFocused()
  await expect(screenOf(page)).toContainText(/[#$]\s*$/)
  await page.keyboard.type(`echo ${values[1]}\n`)
  await expect(screenOf(page)).toContainText(values[1]!)
})

test('a Secret is made by its form, half typed as YAML, and shown in an environment, a description and a history', async () => {
  const kubectl = await kubectlOn(embeddedKubeconfig(data))
  const create = (): Promise<void> => page.getByRole('button', { name: 'Create from YAML' }).click()
  await create()
  await page.getByRole('toolbar', { name: 'Create from YAML' }).getByRole('button', { name: 'New', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Secret', exact: true }).click()
  const form = page.getByRole('form', { name: 'Secret form' })
  await form.getByLabel(/^Name/).first().fill('chest')
  await form.getByRole('textbox', { name: 'Value' }).fill(values[3]!)
  await page.getByRole('toolbar', { name: 'Create from YAML' }).getByRole('button', { name: 'Apply', exact: true }).click()
  await expect.poll(() => kubectl('get secret chest --ignore-not-found -o name')).toBe('secret/chest\n')
  await create()
  await page.locator('.dock .cm-content:visible').click()
  await page.keyboard.insertText(`metadata:\n  name: half\nstringData:\n  password: ${values[4]}\n`)
  // What is typed is kept as a draft, without the value.
  const drafts = path.join(data, 'drafts')
  await expect
    .poll(() => (fs.existsSync(drafts) ? fs.readdirSync(drafts).map((f) => fs.readFileSync(path.join(drafts, f), 'utf8')) : []).join())
    .toContain('name: half')
  const env = [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'chest', key: 'password' } } }]
  const containers = [{ name: 'main', image: 'busybox:1.36', command: ['sleep', '1000000'], env }]
  kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'diver' }, spec: { containers } }))
  await openKind(page, 'Pods')
  await row(page, 'diver').click()
  const pod = page.getByRole('region', { name: 'Details: diver' })
  await pod.getByText(/^Environment/).click()
  await expect(pod).not.toContainText(values[3]!)
  await pod.getByRole('button', { name: 'Reveal' }).click()
  await expect(pod).toContainText(values[3]!)
  await openKind(page, 'Secrets')
  await row(page, 'chest').click()
  const secret = page.getByRole('region', { name: 'Details: chest' })
  await secret.getByRole('button', { name: 'Reveal password' }).click()
  await expect(secret).toContainText(values[3]!)
  for (const tab of ['YAML', 'History']) {
    await secret.getByRole('tab', { name: tab, exact: true }).click()
    await expect(secret.getByRole('tab', { name: tab, exact: true })).toHaveAttribute('aria-selected', 'true')
  }
})

test('a token of a ServiceAccount and a kubeconfig made of one are shown', async () => {
  await page.goto(page.url().replace(/#.*/, '#/c/drydock/serviceaccounts?ns=default'))
  for (const act of ['Create token', 'Create kubeconfig']) {
    await row(page, 'default').first().click({ button: 'right' })
    await page.getByRole('menuitem', { name: act, exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: act, exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Reveal' }).click()
    const shown = (await page.getByRole('dialog').locator('code.selectable').first().textContent()) ?? ''
    // The signature is of this token alone.
    const [, signature] = /eyJ[\w-]+\.[\w-]+\.([\w-]{40,})/.exec(shown) ?? []
    expect(signature).toBeDefined()
    values.push(signature!)
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
  }
})

test('a window that crashes leaves a report of it and comes back by itself', async () => {
  const crashes = path.join(data, 'crashes')
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer())
  await expect.poll(() => (fs.existsSync(crashes) ? fs.readdirSync(crashes).length : 0)).toBe(1)
  const report = JSON.parse(fs.readFileSync(path.join(crashes, fs.readdirSync(crashes)[0]!), 'utf8')) as object
  expect(report).toMatchObject({ process: 'window', platform: 'linux' })
  await expect.poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.isCrashed())).toBe(false)
  // The person goes on, and what is remembered is written again.
  await expect
    .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript('document.title')))
    .toContain('drydock')
})

test('no value is in the settings, the crash reports, the storage of the window, or what the app printed', async () => {
  await app.close()
  const forms = values.flatMap((v) => [
    v,
    Buffer.from(v).toString('base64').replace(/=+$/, ''),
    Buffer.from(v, 'utf16le').toString('latin1'),
  ])
  const found: string[] = []
  let files = 0
  const visit = (directory: string): void => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const file = path.join(directory, entry.name)
      // The embedded cluster keeps its Secrets, as a cluster does.
      if (file === path.join(data, 'clusters')) continue
      if (entry.isDirectory()) visit(file)
      else if (entry.isFile()) {
        files++
        const text = fs.readFileSync(file, 'latin1')
        for (const form of forms) if (text.includes(form)) found.push(`${path.relative(data, file)}: ${form}`)
      }
    }
  }
  visit(data)
  for (const form of forms) if (printed.includes(form)) found.push(`printed: ${form}`)
  expect(found).toEqual([])
  expect(['settings.json', 'window/Local Storage', 'crashes'].filter((f) => !fs.existsSync(path.join(data, f)))).toEqual([])
  expect(files).toBeGreaterThan(10)
})
