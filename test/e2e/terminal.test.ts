import fs from 'node:fs'
import path from 'node:path'
import { expect, test, type Locator } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, newDirectory, row, screenOf, startWeb, type WebApp } from './support/app.js'
import { axe } from './support/axe.js'

/** Terminals of every sort in a real Chromium: in containers, on nodes, and of this machine. */

let app: WebApp
let kubectl: (args: string, input?: string) => string
const data = newDirectory()
/** Where the login shell of the test finds kubectl, once it is there. */
const bin = path.join(data, 'bin')

const pods = `
apiVersion: v1
kind: Pod
metadata: { name: shells }
spec:
  containers:
    - { name: has-bash, image: 'nginx:1.27' }
    - { name: has-ash, image: 'busybox:1.36', command: [sleep, infinity] }
---
apiVersion: v1
kind: Pod
metadata: { name: calculator }
spec:
  containers:
    - { name: main, image: 'busybox:1.36', stdin: true, tty: true, command: [sh, -c, 'while read n; do echo "twice is $((n * 2))"; done'] }
---
apiVersion: v1
kind: Pod
metadata: { name: lines }
spec:
  containers:
    - { name: main, image: 'busybox:1.36', stdin: true, command: [sh, -c, 'while read n; do echo "got $n"; done; sleep 1000'] }
---
apiVersion: v1
kind: Pod
metadata: { name: shell-less }
spec:
  containers:
    - { name: main, image: 'registry.k8s.io/pause:3.10' }
---
apiVersion: v1
kind: Pod
metadata: { name: deaf }
spec:
  containers:
    - { name: main, image: 'busybox:1.36', command: [sh, -c, 'while true; do echo tick; sleep 1; done'] }
`

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  fs.mkdirSync(bin)
  fs.writeFileSync(path.join(data, '.profile'), `PS1='local> '\nexport PATH=${bin}\nexport KUBECONFIG=/elsewhere\n`)
  app = await startWeb({ data, env: { SHELL: '/bin/bash' } })
  await app.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(data))
  kubectl('apply -f -', pods)
  kubectl('wait --for=condition=Ready pod/shells pod/calculator pod/lines pod/deaf pod/shell-less --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
  fs.rmSync(data, { recursive: true, force: true })
})

const panel = (): Locator => app.page.locator('.dock [role=tabpanel]:visible').last()
const screen = (): Locator => screenOf(app.page)
const type = (text: string): Promise<void> => app.page.keyboard.type(text)
/** A place in the first letters of the last line's part that begins with `text`. */
async function at(text: string): Promise<[number, number]> {
  const line = screen().locator('> div').filter({ hasText: text }).last()
  await expect(line).toBeVisible()
  const cell = await screen().evaluate((el) => {
    const span = document.createElement('span')
    span.textContent = 'm'.repeat(100)
    el.append(span)
    const { width } = span.getBoundingClientRect()
    span.remove()
    return width / 100
  })
  const box = (await line.boundingBox())!
  return [box.x + cell * ((await line.textContent())!.indexOf(text) + 3.5), box.y + box.height / 2]
}
async function details(kind: string, name: string, key: string): Promise<Locator> {
  await app.page.goto(app.page.url().replace(/#.*|$/, `#/c/drydock/${kind}?ns=default&o=${key}`))
  return app.page.getByRole('region', { name: `Details: ${name}` })
}
/** Waits until a terminal has the keyboard. */
const front = (title: string | RegExp): Promise<void> =>
  expect(app.page.locator('.dock [role=tabpanel]:visible').getByRole('textbox', { name: title })).toBeFocused()
/** An action of an object, from its row's menu. */
async function fromMenu(kind: string, name: string, key: string, action: string): Promise<void> {
  await details(kind, name, key)
  await row(app.page, name).click({ button: 'right' })
  await app.page.getByRole('menuitem', { name: new RegExp(`^${action}`) }).click()
}
async function shell(pod: string): Promise<void> {
  const box = await details('pods', pod, `pods/default/${pod}`)
  await box.getByRole('button', { name: 'Shell', exact: true }).click()
  await front(`Terminal of ${pod}`)
  await expect(screen()).toContainText(/[#$]\s*$/)
}

test('the shell of a container is bash where there is one, else what there is', async () => {
  await shell('shells')
  await type('echo "it is $0"\n')
  await expect(screen()).toContainText('it is bash')
  await panel().getByRole('combobox', { name: 'Container' }).selectOption('has-ash')
  await expect(screen()).toContainText(/[#$]\s*$/)
  await type('clear; hostname; test -e /etc/nginx || echo "another container"\n')
  await expect(screen()).toContainText(/shells\s*another container/)
})

test('the exit code is shown, and the terminal can be opened again', async () => {
  await type('exit 3\n')
  await expect(panel().getByRole('status')).toHaveText('The process exited with code 3.')
  await panel().getByRole('button', { name: 'Open again' }).click()
  await expect(panel().getByRole('status')).toHaveCount(0)
  await type('clear; echo back $((40 + 2))\n')
  await expect(screen()).toContainText('back 42')
})

test('copy and paste by the keys of Linux, and by the right button', async () => {
  const { page } = app
  await page.evaluate(() => navigator.clipboard.writeText('echo pasted $((1 + 1))'))
  await panel().locator('.xterm-screen').click({ button: 'right' })
  await expect(screen()).toContainText('echo pasted $((1 + 1))')
  await page.keyboard.press('Enter')
  await expect(screen()).toContainText('pasted 2')
  await page.evaluate(() => navigator.clipboard.writeText('# by key'))
  await page.keyboard.press('Control+Shift+V')
  await expect(screen()).toContainText(/# by key\s*$/)
  await page.keyboard.press('Control+C')
  const [x, y] = await at('pasted 2')
  await page.mouse.dblclick(x, y)
  await page.keyboard.press('Control+Shift+C')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('pasted')
})

test('what scrolled away is found, and links are opened outside, those of other schemes not', async () => {
  const { page } = app
  await type('clear; i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "row $i of many"; done\n')
  await expect(screen()).toContainText('row 200 of many')
  await page.keyboard.press('Control+Shift+F')
  const find = panel().getByRole('textbox', { name: 'Find in terminal' })
  await find.fill('row 1[79] of')
  await panel().getByRole('button', { name: 'Regular expression' }).click()
  await expect(panel().getByRole('search')).toContainText(/\d of 2/)
  await find.press('Shift+Enter')
  await expect(screen()).toContainText(/row 1[79] of many/)
  await find.press('Escape')
  await page.evaluate(() => {
    const opened: string[] = []
    Object.assign(window, { opened, open: (url: string) => void opened.push(url) })
  })
  await type(
    'clear; echo; echo "see https://kubernetes.io/docs/ for more"; printf "\\033]8;;file:///etc/passwd\\033\\\\\\\\local file\\033]8;;\\033\\\\\\\\\\n"\n',
  )
  const click = async (text: string): Promise<void> => {
    const [x, y] = await at(text)
    await page.mouse.move(x, y)
    await page.mouse.move(x + 2, y)
    await page.mouse.click(x + 2, y)
  }
  await click('local file')
  await click('https://kubernetes.io/docs/')
  await expect.poll(() => page.evaluate(() => (window as unknown as { opened: string[] }).opened)).toEqual(['https://kubernetes.io/docs/'])
})

test('attached to a container with a terminal, what it reads is typed to it', async () => {
  await fromMenu('pods', 'calculator', 'pods/default/calculator', 'Attach')
  await front('Terminal of calculator')
  await expect(panel().getByRole('toolbar', { name: 'Attach' })).toBeVisible()
  await expect(panel().getByRole('status')).toHaveCount(0)
  await type('21\n')
  await expect(screen()).toContainText('twice is 42')
})

test('attached to one with input but no terminal, lines are sent; to one without input, its output is shown', async () => {
  await fromMenu('pods', 'lines', 'pods/default/lines', 'Attach')
  await front('Terminal of lines')
  await expect(panel().getByRole('status')).toHaveText('The container has no terminal (tty is false): lines are sent with Enter.')
  await type('helol')
  await app.page.keyboard.press('Backspace')
  await app.page.keyboard.press('Backspace')
  await type('lo\n')
  await expect(screen()).toContainText(/hello\s*got hello/)
  await fromMenu('pods', 'deaf', 'pods/default/deaf', 'Attach')
  await front('Terminal of deaf')
  await expect(panel().getByRole('status')).toHaveText('The container takes no input (stdin is false): its output is shown.')
  await expect(screen()).toContainText('tick')
})

test('files are copied out of a container and into one, and what is not there is told', async () => {
  const { page } = app
  const dialog = page.getByRole('dialog', { name: 'Copy files of shells' })
  const open = async (): Promise<void> => {
    await row(page, 'shells').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Copy files' }).click()
  }
  await open()
  await dialog.getByLabel('Path in the container').fill('/usr/share/nginx/html/none.html')
  await dialog.getByLabel('Path on this machine').fill(path.join(data, 'copied.html'))
  await expect(dialog.locator('code')).toHaveText(
    `kubectl --context drydock -n default cp shells:/usr/share/nginx/html/none.html ${path.join(data, 'copied.html')} -c has-bash`,
  )
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('none.html: Cannot stat: No such file or directory')
  await dialog.getByLabel('Path in the container').fill('/usr/share/nginx/html/index.html')
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click()
  await expect(page.getByText(/^Copied 1 file, /)).toBeVisible()
  expect(fs.readFileSync(path.join(data, 'copied.html'), 'utf8')).toContain('Welcome to nginx!')

  await open()
  await dialog.getByLabel('Direction').selectOption('to')
  await dialog.getByLabel('Container', { exact: true }).selectOption('has-ash')
  await dialog.getByLabel('Path on this machine').fill(path.join(data, 'copied.html'))
  await dialog.getByLabel('Path in the container').fill('/tmp')
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click()
  await expect(dialog).toHaveCount(0)
  expect(kubectl('exec shells -c has-ash -- grep -c Welcome /tmp/copied.html')).toBe('2\n')
})

test('the files of a container are gone through by keyboard, looked at, and copied from where they are', async () => {
  const { page } = app
  await fromMenu('pods', 'shells', 'pods/default/shells', 'Files')
  const file = (name: string) => panel().getByRole('button', { name, exact: true })
  await expect(file('etc')).toBeVisible()
  await expect(file('bin → usr/bin')).toBeVisible()
  await file('etc').focus()
  await page.keyboard.press('Enter')
  await expect(panel().getByRole('textbox', { name: 'Folder' })).toHaveValue('/etc')
  await expect(panel().getByRole('table', { name: 'Files of /etc' })).toBeVisible()
  await panel().getByRole('textbox', { name: 'Filter files' }).fill('hostn')
  await page.keyboard.press('ArrowDown')
  await expect(file('hostname')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(panel().getByRole('region', { name: 'Text of hostname' })).toContainText('shells')
  expect((await axe(page, { include: '.dock' })).violations).toEqual([])
  await page.keyboard.press('Backspace')
  await expect(file('etc')).toBeFocused()
  await panel().getByRole('button', { name: 'Copy etc to this machine' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('textbox', { name: 'Path in the container' })).toHaveValue('/etc')
  await expect(dialog.locator('code')).toContainText('cp shells:/etc')
  await page.keyboard.press('Escape')
  await panel().getByRole('combobox', { name: 'Container' }).selectOption('has-ash')
  await expect(file('etc')).toBeVisible()
  await panel().getByRole('textbox', { name: 'Folder' }).fill('/nowhere')
  await page.keyboard.press('Enter')
  await expect(panel()).toContainText('/nowhere cannot be read')
  await panel().getByRole('button', { name: 'Parent folder' }).last().click()
  await expect(file('etc')).toBeVisible()
})

test('a container without a shell is told to have none for listing its files, and a debug container is offered', async () => {
  const { page } = app
  await fromMenu('pods', 'shell-less', 'pods/default/shell-less', 'Files')
  await expect(panel()).toContainText('The files of this container cannot be listed')
  await panel().getByRole('button', { name: 'Debug container' }).click()
  await expect(page.getByRole('dialog')).toContainText('shell-less')
  await page.keyboard.press('Escape')
})

test('a debug container shares the pod’s host name and network', async () => {
  await fromMenu('pods', 'deaf', 'pods/default/deaf', 'Debug container')
  await app.page.getByRole('dialog').getByRole('button', { name: 'Debug', exact: false }).last().click()
  await front(/^Terminal of deaf \/ debugger-/)
  await expect(screen()).toContainText(/[#$]\s*$/)
  await type('hostname\n')
  await expect(screen()).toContainText(/hostname\s*deaf/)
})

test('the shell of a node is root on it, and its pod goes with the tab', async () => {
  await fromMenu('nodes', 'drydock-m02', 'nodes/drydock-m02', 'Node shell')
  await app.page.getByRole('dialog').getByRole('button', { name: /shell/i }).last().click()
  await front('Terminal of node/drydock-m02')
  await expect(screen()).toContainText(/[#$]\s*$/)
  await type('id -u; hostname\n')
  await expect(screen()).toContainText(/hostname\s*0\s*drydock-m02/)
  expect(kubectl('get pods -A')).toContain('node-debugger-drydock-m02')
  await app.page.locator('.dock').getByRole('tab', { name: 'node/drydock-m02' }).focus()
  await app.page.keyboard.press('Delete')
  await expect.poll(() => kubectl('get pods -A')).not.toContain('node-debugger-drydock-m02')
})

test('a local terminal has kubectl on the tab’s cluster and namespace; where there is none it says how to get it', async () => {
  const { page } = app
  await details('pods', 'deaf', 'pods/default/deaf')
  await page.getByRole('grid').focus()
  await page.keyboard.press('Control+Shift+Backquote')
  await front('Terminal of Local: drydock')
  await expect(screen()).toContainText('local>')
  await expect(panel()).toContainText('kubectl is not installed on this machine')
  await expect(panel().getByRole('link', { name: 'How to install kubectl' })).toHaveAttribute(
    'href',
    'https://kubernetes.io/docs/tasks/tools/',
  )
  await type('kubectl version\n')
  await expect(screen()).toContainText(/not found/)
  const { clients } = (await import('../../src-main/tools/clients.mjs' as string)) as { clients: () => { kubectl: string } }
  fs.symlinkSync(clients().kubectl, path.join(bin, 'kubectl'))
  await type('exit\n')
  await expect(panel().getByRole('status').first()).toContainText('The process exited')
  await panel().getByRole('button', { name: 'Open again' }).click()
  // The prompt of the next shell, not those that are on the screen still.
  await expect(screen()).toContainText(/exit\s*local>\s*$/)
  await type(
    'clear; kubectl config current-context; kubectl get pod deaf -o name; kubectl config view --minify -o jsonpath={..namespace}\n',
  )
  await expect(screen()).toContainText(/drydock\s*pod\/deaf\s*default/, { timeout: 30_000 })
  await expect(panel()).not.toContainText('kubectl is not installed')
})

test('a terminal whose connection is cut says why, and is opened again by itself when the cluster is back', async () => {
  await shell('calculator')
  process.kill(Number(fs.readFileSync(`${data}/clusters/drydock/lock`, 'utf8').split(' ')[0]), 'SIGKILL')
  await expect(panel().getByRole('status')).toContainText(/Trying again in \d+ s\./)
  await expect(panel().getByRole('status')).toHaveCount(0, { timeout: 60_000 })
  await type('clear; echo here $((40 + 2))\n')
  await expect(screen()).toContainText('here 42')
})
