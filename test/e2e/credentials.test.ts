import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import {
  connection,
  kubectlOn,
  live,
  newDirectory,
  openKind,
  row,
  startCluster,
  startWeb,
  type OtherCluster,
  type WebApp,
} from './support/app.js'
import type { Kubeconfig } from './support/unreachable.js'

/** Who a person is to a cluster, and how a window asks for it: a login with the browser, a user that acts as another, a server that is not checked. */

let app: WebApp
let real: OtherCluster
let provider: http.Server
let gate: http.Server
/** The token that the gate lets in. */
let token = ''
/** Whether the identity provider lets the person in. */
let welcome = false
const folder = newDirectory()
const file = path.join(folder, 'config')

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  real = await startCluster('real')
  const kubectl = await kubectlOn(real.kubeconfig)
  const admin = JSON.parse(kubectl('config view --raw -o json')) as Kubeconfig
  const { cluster } = admin.clusters[0]!
  const { user } = admin.users[0]!
  kubectl('create namespace shop')
  kubectl('create configmap greeting -n shop --from-literal=text=hello')
  kubectl('create rolebinding jane -n shop --clusterrole=view --user=jane')
  provider = http.createServer(provide)
  gate = http.createServer((request, response) => pass(request, response, cluster.server as string, cluster, user))
  const issuer = await listen(provider)
  const other = { ...cluster, 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true }
  const contexts = [
    { name: 'by-login', cluster: 'gate', user: 'person' },
    { name: 'as-jane', cluster: 'unchecked', user: 'jane' },
  ]
  const config = {
    clusters: [
      { name: 'gate', cluster: { server: await listen(gate) } },
      { name: 'unchecked', cluster: other },
    ],
    users: [
      {
        name: 'person',
        user: { 'auth-provider': { name: 'oidc', config: { 'idp-issuer-url': issuer, 'client-id': 'drydock' } } },
      },
      { name: 'jane', user: { ...user, as: 'jane' } },
    ],
    contexts: contexts.map(({ name, ...context }) => ({ name, context: { ...context, namespace: 'shop' } })),
  }
  fs.writeFileSync(file, JSON.stringify(config, null, 2))
  app = await startWeb({ env: { KUBECONFIG: file } })
  await live(app.page)
})
test.afterAll(async () => {
  await app?.close()
  await real?.kill()
  for (const server of [provider, gate]) {
    server?.closeAllConnections()
    server?.close()
  }
  for (const directory of [real.data, folder]) fs.rmSync(directory, { recursive: true, force: true })
})

async function listen(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
}

/** An identity provider: its page sends the browser back at once, as where somebody is logged in already. */
function provide(request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = new URL(request.url!, `http://${request.headers.host}`)
  const answer = (body: object): unknown => response.end(JSON.stringify(body))
  const { origin, pathname, searchParams: asked } = url
  if (pathname === '/.well-known/openid-configuration')
    return void answer({ authorization_endpoint: `${origin}/auth`, token_endpoint: `${origin}/token` })
  if (pathname === '/token') return void answer({ id_token: token, refresh_token: 'next' })
  const claims = [{ alg: 'none' }, { exp: Math.floor(Date.now() / 1000) + 3600, nonce: asked.get('nonce') }]
  token = `${claims.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.c2ln`
  const back = new URL(asked.get('redirect_uri')!)
  back.searchParams.set('state', asked.get('state')!)
  if (welcome) back.searchParams.set('code', 'x')
  else back.searchParams.set('error', 'access_denied')
  response.writeHead(302, { location: back.href }).end()
}

/** Passes requests with the token on to the cluster: it knows the provider, the cluster does not. */
function pass(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  server: string,
  cluster: Record<string, unknown>,
  user: Record<string, unknown>,
): void {
  const { authorization, host: _, ...headers } = request.headers
  if (!token || authorization !== `Bearer ${token}`)
    return void response.writeHead(401).end(JSON.stringify({ kind: 'Status', reason: 'Unauthorized', code: 401, message: 'Unauthorized' }))
  const pem = (text: unknown) => Buffer.from(text as string, 'base64')
  const on = https.request(
    `${server}${request.url}`,
    {
      method: request.method!,
      headers,
      ca: pem(cluster['certificate-authority-data']),
      cert: pem(user['client-certificate-data']),
      key: pem(user['client-key-data']),
    },
    (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    },
  )
  on.on('error', () => response.destroy())
  response.on('close', () => on.destroy())
  request.pipe(on)
}

const main = () => app.page.getByRole('main')
async function openContext(name: string): Promise<void> {
  await app.page.getByRole('link', { name: 'All clusters' }).click()
  await app.page.getByRole('row').getByRole('link', { name }).click()
}

test('a login with the browser connects, and the kubeconfig keeps its tokens; one that is refused or left off is told', async () => {
  const { page } = app
  await openContext('by-login')
  await expect(main()).toContainText('there is none to renew it with')
  await expect(main()).toContainText('Log in with your browser.')
  const logIn = async (): Promise<string> => {
    const opened = page.context().waitForEvent('page')
    await main().getByRole('button', { name: 'Log in' }).click()
    const browser = await opened
    await browser.waitForURL(/localhost/)
    const said = await browser.locator('body').innerText()
    await browser.close()
    return said
  }
  expect(await logIn()).toBe('Not logged in. access_denied')
  await expect(main().getByRole('alert')).toContainText('The login failed: access_denied')
  welcome = true
  expect(await logIn()).toBe('Logged in. This page can be closed.')
  await live(page)
  await openKind(page, 'ConfigMaps')
  await expect(row(page, 'greeting')).toBeVisible()
  expect(JSON.parse(fs.readFileSync(file, 'utf8')).users[0].user['auth-provider'].config).toMatchObject({
    'id-token': token,
    'refresh-token': 'next',
  })
})

test('a context that acts as another and whose server is not checked says so, and may do what the other may', async () => {
  const { page } = app
  await page.getByRole('link', { name: 'All clusters' }).click()
  const jane = page.getByRole('row').filter({ hasText: 'as-jane' })
  await expect(jane).toContainText('TLS not checked')
  await expect(jane).toContainText('as jane')
  await openContext('as-jane')
  await live(page)
  await expect(connection(page)).toContainText('TLS not checked')
  await expect(connection(page)).toContainText('as jane')
  await openKind(page, 'ConfigMaps')
  // Who may list pods in the namespace of the kubeconfig only begins there.
  await expect(row(page, 'greeting')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Namespaces/ })).toHaveText('shop')
  await row(page, 'greeting').click({ button: 'right' })
  const remove = page.getByRole('menuitem', { name: /^Delete/ }).first()
  await expect(remove).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
  await openKind(page, 'Secrets')
  await expect(main()).toContainText('User "jane" cannot list resource "secrets"')
})
