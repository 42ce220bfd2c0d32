import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { release } from './support/harbour.js'
import {
  connection,
  keptSettings,
  kubectlOn,
  live,
  newDirectory,
  openKind,
  place,
  row,
  screenOf,
  startCluster,
  startWeb,
  type OtherCluster,
  type WebApp,
} from './support/app.js'
import { unreachable, type Kubeconfig } from './support/unreachable.js'

/**
 * Whether what the window shows is the truth: a second cluster, reached only by its kubeconfig, plays a real one that stops, hangs,
 * comes back, or takes the credentials away; and contexts that cannot be connected to, or may do little.
 */

let app: WebApp
let real: OtherCluster
let kubectl: (args: string, input?: string) => string
let admin: Kubeconfig
/** Kubeconfigs that the window reads again whenever they change. */
const folder = newDirectory()
/** On the PATH of the app. */
const programs = newDirectory()

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  real = await startCluster('real')
  kubectl = await kubectlOn(real.kubeconfig)
  admin = JSON.parse(kubectl('config view --raw -o json')) as Kubeconfig
  app = await startWeb({ env: { KUBECONFIG: real.kubeconfig, PATH: `${programs}${path.delimiter}${process.env.PATH}` } })
  await live(app.page)
  await app.page.getByRole('link', { name: 'All clusters' }).click()
  await app.page.getByRole('button', { name: 'Kubeconfigs' }).click()
  await dialog().getByRole('textbox', { name: 'File or folder' }).fill(folder)
  await dialog().getByRole('button', { name: 'Add' }).first().click()
  await dialog().getByRole('button', { name: 'Close' }).last().click()
})
test.afterAll(async () => {
  await app?.close()
  await real?.kill()
  for (const directory of [real.data, folder, programs]) fs.rmSync(directory, { recursive: true, force: true })
})

const dialog = () => app.page.getByRole('dialog')
const main = () => app.page.getByRole('main')
const rail = () => app.page.getByRole('navigation', { name: 'Clusters' })

/** Writes a kubeconfig of one context into the folder that the window watches. */
function writeContext(name: string, change: (config: Kubeconfig) => void, namespace = 'default'): void {
  const config = structuredClone(admin)
  change(config)
  const [cluster, user] = [config.clusters[0]!, config.users[0]!]
  config.contexts = [{ name, context: { cluster: cluster.name, user: user.name, namespace } }]
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(config))
}

async function openContext(name: string): Promise<void> {
  const { page } = app
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('row').getByRole('link', { name, exact: true }).click()
}

test('nothing connects until it is opened', async () => {
  const { page } = app
  await expect(page.getByRole('row').filter({ hasText: 'real' })).toContainText('Not connected')
  await openContext('real')
  await live(page)
  kubectl('create configmap greeting --from-literal=text=hello')
  await openKind(page, 'ConfigMaps')
  await expect(row(page, 'greeting')).toBeVisible()
})

test('a server that is killed is stale, then offline with the reason, on the rail as well; started again it is live without a click', async () => {
  const { page } = app
  await real.kill()
  await expect(connection(page)).toContainText('Stale', { timeout: 15_000 })
  await expect(connection(page)).toContainText('The connection was refused: nothing listens there.')
  await expect(rail().getByRole('link', { name: 'real: Stale' })).toBeVisible()
  // What was there stays in sight, and is told to be old.
  await expect(row(page, 'greeting')).toBeVisible()
  await expect(main()).toContainText('Connection lost. The list is as it was')
  await expect(connection(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(rail().getByRole('link', { name: 'real: Offline' })).toBeVisible()
  await expect(row(page, 'greeting')).toBeVisible()
  // A page that was not there before has nothing to show, and may be asked for again.
  await place(page, '/c/real/checks')
  await expect(main()).toContainText('The objects could not be read')
  await main().getByRole('button', { name: 'Retry now' }).click()
  await expect(main()).toContainText('The objects could not be read')
  await page.goBack()

  real = await startCluster('real', real.data)
  await expect(connection(page)).toContainText('Live', { timeout: 40_000 })
  await expect(main()).not.toContainText('Connection lost')
  kubectl('create configmap after --from-literal=text=again')
  await expect(row(page, 'after')).toBeVisible()
})

test('a server that hangs, as behind a VPN that is gone, is told so, and what changed meanwhile shows when it answers', async () => {
  const { page } = app
  real.process.kill('SIGSTOP')
  await expect(connection(page)).toContainText('The server did not answer in time.', { timeout: 40_000 })
  real.process.kill('SIGCONT')
  await expect(connection(page)).toContainText('Live', { timeout: 40_000 })
  kubectl('create configmap later --from-literal=text=again')
  await expect(row(page, 'later')).toBeVisible()
})

test('a token that expires ends the connection with the reason; a new one in the file brings it back without a click', async () => {
  const { page } = app
  kubectl('create serviceaccount robot')
  kubectl('create clusterrolebinding robot --clusterrole=view --serviceaccount=default:robot')
  const token = () => kubectl('create token robot --duration=10m').trim()
  writeContext('expiring', (c) => (c.users[0]!.user = { token: token() }))
  await openContext('expiring')
  await live(page)
  await openKind(page, 'ConfigMaps')
  await expect(row(page, 'greeting')).toBeVisible()
  // An hour passes.
  kubectl('patch clock cluster --type=merge -p {"spec":{"jumpSeconds":3600}}')
  await expect(connection(page)).toContainText('Unauthorized', { timeout: 40_000 })
  await expect(row(page, 'greeting')).toBeVisible()
  writeContext('expiring', (c) => (c.users[0]!.user = { token: token() }))
  await expect(connection(page)).toContainText('Live', { timeout: 40_000 })
})

for (const { name, change, told, advice } of unreachable)
  test(`a context that cannot be connected to says why: ${name}`, async () => {
    const { page } = app
    writeContext(name, change)
    await openContext(name)
    await expect(main()).toContainText(`No connection to ${name}`, { timeout: 30_000 })
    await expect(main()).toContainText(told)
    await expect(main()).toContainText(advice)
    await expect(connection(page)).toContainText('Offline')
    await main()
      .getByRole('button', { name: /^Try again|^Retry/ })
      .click()
    await expect(main()).toContainText(told, { timeout: 30_000 })
  })

test('a server that says nothing, and a plugin that is missing, are told with what helps; each is live without a click once that is done', async () => {
  const { page } = app
  const silent = net.createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  writeContext('mended', (c) => (c.clusters[0]!.cluster.server = `https://127.0.0.1:${(silent.address() as net.AddressInfo).port}`))
  await openContext('mended')
  await expect(main()).toContainText('took the connection, but not the TLS handshake.', { timeout: 30_000 })
  await expect(main()).toContainText('The server took too long to answer.')
  writeContext('mended', (c) => {
    c.users[0]!.user = {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'drydock-late-plugin',
        interactiveMode: 'Never',
        installHint: 'Get it from example.com.',
      },
    }
  })
  await expect(main()).toContainText(
    'The credential plugin "drydock-late-plugin" was not found on the PATH of your login shell. Get it from example.com.',
    { timeout: 30_000 },
  )
  const token = kubectl('create token robot --duration=10m').trim()
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }
  fs.writeFileSync(path.join(programs, 'drydock-late-plugin'), `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o755 })
  await expect(connection(page)).toContainText('Live', { timeout: 60_000 })
  silent.close()
})

test('who does not want to wait for the next try has one at once', async () => {
  const { page } = app
  const { hostname, port } = new URL(admin.clusters[0]!.cluster.server as string)
  const relay = net.createServer((socket) => {
    const server = net.connect(Number(port), hostname)
    server.pipe(socket).pipe(server)
    for (const s of [server, socket]) s.on('error', () => [server, socket].forEach((x) => x.destroy()))
  })
  const listen = (at: number): Promise<number> =>
    new Promise((resolve) => relay.listen(at, '127.0.0.1', () => resolve((relay.address() as net.AddressInfo).port)))
  const at = await listen(0)
  await new Promise((resolve) => relay.close(resolve))
  writeContext('waiting', (c) => (c.clusters[0]!.cluster.server = `https://127.0.0.1:${at}`))
  await openContext('waiting')
  await expect(connection(page)).toContainText(/next try in 1\d s/, { timeout: 60_000 })
  await listen(at)
  await page.getByRole('contentinfo').getByRole('button', { name: 'Retry now' }).click()
  await expect(connection(page)).toContainText('Live', { timeout: 8_000 })
  await expect(page.getByRole('contentinfo').getByRole('button', { name: 'Retry now' })).toHaveCount(0)
  await page.getByRole('link', { name: /^waiting: / }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Close waiting' }).click()
  relay.close()
})

test('a credential plugin is found on the PATH, and a proxy carries the connection', async () => {
  const { page } = app
  const carried: string[] = []
  const proxy = http.createServer().on('connect', (request, socket, head) => {
    carried.push(request.url!)
    const [host, port] = request.url!.split(':')
    const server = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      server.write(head)
      server.pipe(socket).pipe(server)
    })
    for (const s of [server, socket]) s.on('error', () => [server, socket].forEach((x) => x.destroy()))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const token = kubectl('create token robot --duration=10m').trim()
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }
  fs.writeFileSync(path.join(programs, 'drydock-test-plugin'), `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o755 })
  writeContext('by-plugin', (c) => {
    c.users[0]!.user = {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'drydock-test-plugin', interactiveMode: 'Never' },
    }
    c.clusters[0]!.cluster['proxy-url'] = `http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`
  })
  await openContext('by-plugin')
  await live(page)
  await openKind(page, 'ConfigMaps')
  await expect(row(page, 'greeting')).toBeVisible()
  const server = new URL(admin.clusters[0]!.cluster.server as string)
  expect(new Set(carried)).toEqual(new Set([server.host]))
  proxy.closeAllConnections()
  proxy.close()
})

test('a credential plugin that asks is answered in a terminal, and again when what it gave has expired', async () => {
  const { page } = app
  const token = kubectl('create token robot --duration=10m').trim()
  const status = `{"token":"'$answer'","expirationTimestamp":"'$(date -u -d +6sec +%Y-%m-%dT%H:%M:%SZ)'"}`
  const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}`
  fs.writeFileSync(
    path.join(programs, 'drydock-asking-plugin'),
    `#!/bin/sh\nprintf 'word of the day? ' >&2\nread -r word\n[ "$word" = anchor ] && answer=${token} || answer=none\necho '${credential}'\n`,
    { mode: 0o755 },
  )
  writeContext('asking', (c) => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'drydock-asking-plugin', interactiveMode: 'Always' }
    c.users[0]!.user = { exec }
  })
  await openContext('asking')
  await expect(main()).toContainText('The credential plugin "drydock-asking-plugin" asks in a terminal')
  const answer = async (word: string): Promise<void> => {
    await expect(screenOf(page)).toContainText('word of the day?')
    await page.keyboard.type(`${word}\n`)
  }
  await main().getByRole('button', { name: 'Answer the plugin in a terminal' }).click()
  await answer('rope')
  await expect(page.locator('.dock').getByRole('status')).toContainText('asks in a terminal')
  await page.locator('.dock').getByRole('button', { name: 'Run again' }).click()
  await expect(screenOf(page)).toContainText(/word of the day\?.*word of the day\?/)
  await answer('anchor')
  await live(page)
  await openKind(page, 'ConfigMaps')
  await expect(row(page, 'greeting')).toBeVisible()
  expect(await screenOf(page).textContent()).not.toContain('ExecCredential')
  await page.getByRole('contentinfo').getByRole('button', { name: 'Answer the plugin in a terminal' }).click({ timeout: 60_000 })
  await answer('anchor')
  await live(page)
  const tabs = page.locator('.dock').getByRole('tab', { name: 'Credentials: asking' })
  await expect(tabs).toHaveCount(2)
  for (const left of [1, 0]) {
    await tabs.first().focus()
    await page.keyboard.press('Delete')
    await expect(tabs).toHaveCount(left)
  }
})

test('who may only see one namespace sees that, and is told what is forbidden and why an action is not offered', async () => {
  const { page } = app
  kubectl('create namespace team')
  kubectl('create serviceaccount viewer -n team')
  kubectl('create rolebinding viewer -n team --clusterrole=view --serviceaccount=team:viewer')
  kubectl('create configmap greeting -n team --from-literal=text=hello')
  kubectl('create namespace crew')
  kubectl('create rolebinding viewer -n crew --clusterrole=view --serviceaccount=team:viewer')
  kubectl('create configmap hail -n crew --from-literal=text=ahoy')
  const token = kubectl('create token viewer -n team').trim()
  writeContext('narrow', (c) => (c.users[0]!.user = { token }))
  await openContext('narrow')
  await live(page)
  await openKind(page, 'ConfigMaps')
  await expect(main()).toContainText('Not allowed to list ConfigMaps', { timeout: 15_000 })
  await expect(main()).toContainText(
    'configmaps is forbidden: User "system:serviceaccount:team:viewer" cannot list resource "configmaps" in API group "" at the cluster scope',
  )
  // The namespace of the kubeconfig is offered, and the name of any other can be typed where namespaces cannot be listed.
  await main().getByRole('button', { name: 'Show default', exact: true }).click()
  await expect(main()).toContainText('cannot list resource "configmaps" in API group "" in the namespace "default"')
  await main().getByRole('button', { name: 'Choose namespaces' }).click()
  await expect(page.getByRole('combobox', { name: /^Filter, or type/ })).toBeFocused()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Namespaces/ }).click()
  await page.getByRole('combobox', { name: /^Filter, or type/ }).fill('team')
  await page.keyboard.press('Enter')
  await expect(row(page, 'greeting')).toBeVisible()
  // Another is added to it by its name, and those that were typed are there to be picked.
  await page.getByRole('button', { name: 'Namespaces: team' }).click()
  await page.getByRole('combobox', { name: /^Filter, or type/ }).fill('crew')
  await page.keyboard.press('Control+Space')
  await expect(page.getByRole('button', { name: 'Namespaces: team, crew' })).toBeVisible()
  await expect(row(page, 'hail')).toBeVisible()
  await expect(row(page, 'greeting')).toBeVisible()
  await page.getByRole('combobox', { name: /^Filter, or type/ }).fill('')
  await expect(page.getByRole('listbox', { name: 'Namespaces' }).getByRole('option')).toHaveText([
    /^All namespaces/,
    /^crew/,
    /^default/,
    /^team/,
  ])
  await page.keyboard.press('Escape')
  await row(page, 'greeting').click()
  const details = page.locator('.details')
  await expect(details.getByRole('button', { name: 'Edit text' })).toBeDisabled()
  const remove = details.getByRole('button', { name: 'Delete', exact: true })
  await expect(remove).toBeDisabled()
  await expect(remove).toHaveAttribute('title', /^Not allowed/)
})

test('the namespace of the kubeconfig is shown from the start to who may list nothing elsewhere', async () => {
  const { page } = app
  const token = kubectl('create token viewer -n team').trim()
  writeContext('at-home', (c) => (c.users[0]!.user = { token }), 'team')
  await openContext('at-home')
  await live(page)
  await openKind(page, 'ConfigMaps')
  await expect(row(page, 'greeting')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Namespaces: team' })).toBeVisible()
  // All of them can be asked for still, and stay so.
  await page.getByRole('grid').focus()
  await page.keyboard.press('0')
  await expect(main()).toContainText('Not allowed to list ConfigMaps')
  await main().getByRole('button', { name: 'Show team', exact: true }).click()
  await expect(row(page, 'greeting')).toBeVisible()
})

test('of a cluster that is reached only by its kubeconfig there are Helm releases, histories, and charts of its Prometheus', async () => {
  const { page } = app
  kubectl('create namespace shop')
  kubectl('apply -f -', release())
  kubectl('apply -f -', fs.readFileSync(new URL('./prometheus.yaml', import.meta.url), 'utf8'))
  kubectl('create deployment web --image=nginx:1.27')
  kubectl('rollout status deployment/web --timeout=60s')
  kubectl('-n monitoring wait pod/prometheus --for=condition=Ready --timeout=60s')
  await rail()
    .getByRole('link', { name: /^real: / })
    .click()
  await live(page)
  await page.getByRole('link', { name: 'Helm releases' }).click()
  await row(page, 'web').click()
  const details = page.getByRole('region', { name: 'Details: web' })
  await details.getByRole('tab', { name: 'Values' }).click()
  await expect(details.getByRole('textbox', { name: 'User-supplied: web' })).toHaveText('replicas: 2')
  await openKind(page, 'Deployments')
  await row(page, 'web').click()
  await expect(details.getByText('From Prometheus at monitoring/prometheus-server:80')).toBeVisible({ timeout: 60_000 })
  await expect(details.getByRole('figure').locator('figcaption strong')).toHaveText(['CPU', 'Memory', 'Network'])
  await details.getByRole('tab', { name: 'History' }).click()
  kubectl('label deployment web tier=front')
  await expect(
    details.getByRole('list', { name: 'Changes seen here' }).getByRole('listitem').filter({ hasText: 'metadata.labels.tier' }),
  ).toContainText('kubectl-label')
  await details.getByRole('button', { name: 'Close' }).click()
})

test('hundreds of contexts are listed and searched in an instant, and none of them is connected to', async () => {
  const { page } = app
  const names = Array.from({ length: 500 }, (_, i) => `fleet-${i % 5 ? 'edge' : 'core'}-${String(i).padStart(3, '0')}`)
  const asked: string[] = []
  const nobody = net.createServer((socket) => socket.destroy()).on('connection', () => asked.push('a connection'))
  await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve))
  const server = `https://127.0.0.1:${(nobody.address() as net.AddressInfo).port}`
  await page.getByRole('link', { name: 'All clusters' }).click()
  const count = main().getByRole('heading', { name: 'Clusters' }).locator('+ span')
  const before = Number(await count.innerText())
  fs.writeFileSync(
    path.join(folder, 'fleet.json'),
    JSON.stringify({
      clusters: names.map((name) => ({ name, cluster: { server: `${server}/${name}` } })),
      users: [{ name: 'fleet', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere' } } }],
      contexts: names.map((name) => ({ name, context: { cluster: name, user: 'fleet' } })),
    }),
  )
  await expect(count).toHaveText(String(before + 500))
  // Those in sight are drawn; the others have their room.
  const rows = main()
    .getByRole('row')
    .filter({ hasText: /fleet-/ })
  const link = (name: string) => main().getByRole('link', { name, exact: true })
  await expect(link('fleet-core-000')).toBeVisible()
  expect(await rows.count()).toBeLessThan(60)
  const field = page.getByRole('textbox', { name: 'Search contexts' })
  await field.fill('fleet-core-49')
  await expect(rows).toHaveCount(2)
  await expect(rows).toContainText(['fleet-core-490', 'fleet-core-495'])
  await expect(rows.first()).toContainText('Not connected')
  // The rows are one stop of the Tab key, and the arrows walk through them.
  await field.press('ArrowDown')
  await expect(link('fleet-core-490')).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(link('fleet-core-495')).toBeFocused()
  await expect(link('fleet-core-490')).toHaveAttribute('tabindex', '-1')
  // The last of all is one key away, and stays where it was chosen.
  await field.fill('fleet')
  await field.press('ArrowDown')
  await page.keyboard.press('End')
  await expect(link('fleet-edge-499')).toBeFocused()
  await expect(link('fleet-edge-499')).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('ArrowUp')
  await expect(link('fleet-edge-498')).toBeFocused()
  await page.keyboard.press('Home')
  await expect(link('fleet-core-000')).toBeInViewport({ ratio: 1 })
  await field.fill('')
  // Going to one by keys alone finds it among all.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('fleet-edge-123')
  await expect(dialog().getByRole('option').first()).toContainText('fleet-edge-123')
  await page.keyboard.press('Escape')
  // A file that is gone takes its contexts with it.
  fs.rmSync(path.join(folder, 'fleet.json'))
  await expect(count).toHaveText(String(before))
  expect(asked).toEqual([])
  nobody.close()
})

test('what is wrong is told in the language of the window, and what a server says in its words', async () => {
  const { page } = app
  const language = async (name: string): Promise<void> => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
  }
  await openContext('no-proxy')
  await language('简体中文')
  await expect(main()).toContainText('代理 127.0.0.1:1 拒绝了连接：该地址没有服务在监听。')
  await page.getByRole('link', { name: /^narrow: / }).click()
  await page.getByRole('link', { name: 'Nodes', exact: true }).click()
  await expect(main()).toContainText('没有列出 Nodes 的权限')
  await expect(main()).toContainText('nodes is forbidden: User "system:serviceaccount:team:viewer" cannot list resource "nodes"')
  await language('English')
  await expect(main()).toContainText('Not allowed to list Nodes')
  await openKind(page, 'ConfigMaps')
  await row(page, 'greeting').click()
})

test('each cluster is found again at the place where it was left', async () => {
  const { page } = app
  await rail()
    .getByRole('link', { name: /^real: / })
    .click()
  await openKind(page, 'Nodes')
  await rail()
    .getByRole('link', { name: /^narrow: / })
    .click()
  await expect(page.getByRole('region', { name: 'Details: greeting' })).toBeVisible()
  await expect.poll(() => keptSettings(app.data).places.real?.route).toBe('/c/real/nodes')
  await page.reload()
  await expect(page.getByRole('region', { name: 'Details: greeting' })).toBeVisible()
  await rail()
    .getByRole('link', { name: /^real: / })
    .click()
  await expect(page.getByRole('heading', { name: 'Nodes', level: 1 })).toBeVisible()
})

test('one cluster is open in two tabs, each at a place of its own', async () => {
  const { page } = app
  const tab = (name: string) => rail().getByRole('link', { name: `${name}: Live` })
  const heading = (name: string) => page.getByRole('heading', { name, level: 1 })
  await tab('real').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Another tab on real' }).click()
  await expect(tab('real 2')).toHaveAttribute('aria-current', 'page')
  await expect(heading('Nodes')).toBeVisible()
  await openKind(page, 'Pods')
  await tab('real').click()
  await expect(heading('Nodes')).toBeVisible()
  await tab('real 2').click()
  await expect(heading('Pods')).toBeVisible()
  await expect.poll(() => JSON.stringify(keptSettings(app.data).places)).toContain('"/c/real/pods"')
  await page.reload()
  await expect(heading('Pods')).toBeVisible()
  await expect(tab('real 2')).toHaveAttribute('aria-current', 'page')
  await page.goBack()
  await expect(heading('Nodes')).toBeVisible()
  await expect(tab('real')).toHaveAttribute('aria-current', 'page')
  await tab('real 2').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Close real 2' }).click()
  await expect(tab('real 2')).toHaveCount(0)
  await live(page)
})
