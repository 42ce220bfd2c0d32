import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { toRpcError } from '../../../src-main/backend/errors.js'
import { Clusters } from '../../../src-main/backend/mcp/clusters.js'
import { toolsFor } from '../../../src-main/backend/mcp/server.js'
import { inputSchema, type Tool } from '../../../src-main/backend/mcp/tool.js'
import type { Settings } from '../../../src-main/backend/rpc/contract.js'
import { FakeApiServer } from '../support/api-server.js'

let data: string
let server: FakeApiServer
let kubeconfig: string
let open: Clusters[] = []

beforeEach(async () => {
  data = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-mcp-'))
  server = new FakeApiServer()
  await server.start()
  kubeconfig = server.kubeconfig(data)
  const core = [
    { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get', 'list'], shortNames: ['po'] },
    { name: 'secrets', kind: 'Secret', namespaced: true, verbs: ['get', 'list'] },
  ]
  server.on('GET', /^\/api$/, () => ({ body: { kind: 'APIVersions', versions: ['v1'] } }))
  server.on('GET', /^\/apis$/, () => ({
    body: { kind: 'APIGroupList', groups: [{ name: 'apps', versions: [{ version: 'v1' }], preferredVersion: { version: 'v1' } }] },
  }))
  server.on('GET', /^\/api\/v1$/, () => ({ body: { kind: 'APIResourceList', resources: core } }))
  server.on('GET', /^\/apis\/apps\/v1$/, () => ({
    body: {
      kind: 'APIResourceList',
      resources: [
        { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get', 'list'], shortNames: ['deploy'] },
        { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs: ['get'] },
      ],
    },
  }))
})
afterEach(async () => {
  for (const c of open) c.close()
  open = []
  await server.stop()
  fs.rmSync(data, { recursive: true, force: true })
})

const choose = (clusters: Settings['clusters']): void => fs.writeFileSync(path.join(data, 'settings.json'), JSON.stringify({ clusters }))

function clusters(options: { allowWrites?: boolean; contexts?: string[] } = {}): Clusters {
  const c = new Clusters({ data, kubeconfigs: [kubeconfig], allowWrites: false, ...options })
  open.push(c)
  return c
}

/** What a tool answers; what it refuses begins with the reason. */
async function ask(
  on: Clusters,
  name: string,
  parameters: Record<string, unknown> = {},
  signal = new AbortController().signal,
): Promise<string> {
  const tool = toolsFor(true).find((t) => t.name === name) as unknown as Tool<Record<string, unknown>>
  try {
    return await tool.run(parameters, { clusters: on, signal, progress: () => undefined })
  } catch (error) {
    const { reason, message } = toRpcError(error)
    return `${reason}! ${message}`
  }
}
const scaled = (on: Clusters): Promise<string> =>
  ask(on, 'scale', { context: 'fake', kind: 'deploy', namespace: 'shop', name: 'web', replicas: 3 })
const writes = (): string[] => server.requests.filter((r) => r.method !== 'GET').map((r) => `${r.method} ${r.path}`)
const answerScale = (): void => {
  server.on('GET', /\/scale$/, () => ({ body: { kind: 'Scale', spec: { replicas: 2 } } }))
  server.on('PATCH', /\/scale$/, () => ({ body: { kind: 'Scale', metadata: {} } }))
}

it('only reading tools are there unless the person allows more', () => {
  const names = (allow: boolean): string[] => toolsFor(allow).map((t) => t.name)
  const reading = [
    'contexts',
    'api_resources',
    'list',
    'get',
    'describe',
    'events',
    'logs',
    'why_node',
    'checks',
    'usage',
    'search',
    'diff',
  ]
  expect(names(false)).toEqual(reading)
  expect(names(true)).toEqual([...reading, 'apply', 'scale', 'restart', 'delete'])
  expect(toolsFor(false).every((t) => t.effect === 'reads')).toBe(true)
})

it('every parameter of every tool is described, those that are needed are there, and others are refused', () => {
  for (const tool of toolsFor(true)) {
    const { properties, required = [], additionalProperties } = inputSchema(tool)
    expect(additionalProperties).toBe(false)
    expect(required.filter((name) => !(name in properties))).toEqual([])
    expect(Object.values(properties).filter((p) => p.description.length < 10)).toEqual([])
  }
})

it('the contexts are told without connecting to one, and without credentials', async () => {
  const told = await ask(clusters({ allowWrites: true }), 'contexts')
  expect(told).toBe(
    `CONTEXT   CLUSTER   NAMESPACE   SERVER                   CHANGES   PROBLEM\nfake      fake      default     http://127.0.0.1:${server.port}   yes`.replace(
      /SERVER +CHANGES/,
      `SERVER${' '.repeat(`http://127.0.0.1:${server.port}`.length - 6)}   CHANGES`,
    ),
  )
  expect(server.requests).toEqual([])
  expect(told).not.toContain('let-me-in')
})

it('a password in the address of a server is not told', async () => {
  fs.writeFileSync(kubeconfig, fs.readFileSync(kubeconfig, 'utf8').replace('http://', 'http://jane:s3cret@'))
  expect(await ask(clusters(), 'contexts')).not.toMatch(/jane|s3cret/)
})

it('a context that the window does not show, or that was not named, is not there', async () => {
  choose({ fake: { hidden: true } })
  const gone = 'NotFound! There is no context "fake" in the kubeconfig files.'
  expect(await ask(clusters(), 'contexts')).toBe('Drydock knows no context that may be used.')
  expect(await ask(clusters(), 'api_resources', { context: 'fake' })).toBe(gone)
  expect(await ask(clusters({ contexts: ['other'] }), 'api_resources', { context: 'fake' })).toBe(gone)
  expect(server.requests).toEqual([])
  // Who names it means it.
  expect(await ask(clusters({ contexts: ['fake'] }), 'api_resources', { context: 'fake', filter: 'deploy' })).toBe(
    'NAME          SHORTNAMES   APIVERSION   NAMESPACED   KIND         VERBS\ndeployments   deploy       apps/v1      true         Deployment   get,list',
  )
})

it('nothing is changed without --allow-writes', async () => {
  answerScale()
  expect(await scaled(clusters())).toBe('ReadOnly! Changes are not allowed: Drydock was started for this assistant without --allow-writes.')
  expect(server.requests).toEqual([])
})

it('what the person protects in the window holds at once, and what they free too', async () => {
  answerScale()
  const c = clusters({ allowWrites: true })
  expect(await scaled(c)).toBe('deployments.apps/web scaled from 2 to 3')
  expect(writes()).toEqual(['PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale'])
  choose({ fake: { protection: 'read-only' } })
  expect(await scaled(c)).toBe('ReadOnly! The context "fake" is protected as read-only in Drydock.')
  choose({ fake: { protection: 'confirm' } })
  expect(await scaled(c)).toMatch(/^ReadOnly! The context "fake" is guarded in Drydock: each change is to be confirmed in its window/)
  fs.writeFileSync(path.join(data, 'settings.json'), '{')
  expect(await scaled(c)).toMatch(/are damaged\.$/)
  expect(writes()).toHaveLength(1)
  choose({})
  await scaled(c)
  expect(writes()).toHaveLength(2)
})

it('a list has the columns of the server, and its parts follow each other by the token', async () => {
  server.on('GET', /\/pods$/, ({ query }) => ({
    body: {
      kind: 'Table',
      metadata: query.get('continue') ? {} : { continue: 'next', remainingItemCount: 1 },
      columnDefinitions: [
        { name: 'Name', priority: 0 },
        { name: 'Status', priority: 0 },
        { name: 'IP', priority: 1 },
      ],
      rows: [{ cells: [query.get('continue') ? 'b' : 'a', 'Running', '10.0.0.1'], object: { metadata: { namespace: 'shop' } } }],
    },
  }))
  const c = clusters()
  const list = (more: object): Promise<string> =>
    ask(c, 'list', { context: 'fake', kind: 'Pod', limit: 1, labelSelector: 'app=web', ...more })
  expect(await list({})).toBe('NAMESPACE   NAME   STATUS\nshop        a      Running\n[1 shown, 1 more. Call again with continue next]')
  expect(await list({ continue: 'next', wide: true, namespace: 'shop' })).toBe('NAME   STATUS    IP\nb      Running   10.0.0.1')
  const asked = server.requests.filter((r) => r.path.endsWith('/pods'))
  expect(asked.map((r) => `${r.path} ${r.query.get('limit')} ${r.query.get('labelSelector')}`)).toEqual([
    '/api/v1/pods 1 app=web',
    '/api/v1/namespaces/shop/pods 1 app=web',
  ])
})

it('what the server refuses is told in its own words', async () => {
  const message = 'secrets "vault" is forbidden: User "tester" cannot get resource "secrets" in API group "" in the namespace "shop"'
  server.on('GET', /\/secrets\/vault$/, () => ({ code: 403, body: { kind: 'Status', reason: 'Forbidden', code: 403, message } }))
  const c = clusters()
  expect(await ask(c, 'get', { context: 'fake', kind: 'secret', namespace: 'shop', name: 'vault' })).toBe(`Forbidden! ${message}`)
  expect(await ask(c, 'get', { context: 'fake', kind: 'gizmos', name: 'x' })).toBe(
    'NotFound! the server doesn\'t have a resource type "gizmos"',
  )
  expect(await ask(c, 'usage', { context: 'fake', of: 'pods' })).toBe(
    'NotFound! Metrics API not available: this cluster has no metrics.k8s.io.',
  )
})

it('a log that is not wanted any more is not read on', async () => {
  let ended = (): void => undefined
  const left = new Promise<void>((resolve) => (ended = resolve))
  const wanted = new AbortController()
  server.on('GET', /\/log$/, (_request, response) => {
    response.on('close', ended)
    response.writeHead(200)
    response.write('one\n', () => wanted.abort())
    return undefined
  })
  expect(await ask(clusters(), 'logs', { context: 'fake', pod: 'web', namespace: 'shop' }, wanted.signal)).toBe(
    'Timeout! The request was cancelled.',
  )
  await left
  expect(server.requests.at(-1)!.query.get('tailLines')).toBe('201')
})

it('a cluster that cannot be reached is not tried again until a tool asks for it', async () => {
  await server.stop()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const c = clusters()
    await ask(c, 'contexts')
    const before = vi.getTimerCount()
    expect(await ask(c, 'api_resources', { context: 'fake' })).toMatch(/^Refused! /)
    expect(vi.getTimerCount()).toBe(before)
    await server.start(server.port)
    expect(await ask(c, 'api_resources', { context: 'fake', filter: 'pods' })).toMatch(/\npods /)
    expect(server.requests[0]!.path).toBe('/version')
  } finally {
    vi.useRealTimers()
  }
})

it('of an embedded cluster that does not run it is told when it does', async () => {
  await server.stop()
  const folder = path.join(data, 'clusters/dock')
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'kubeconfig'), fs.readFileSync(kubeconfig, 'utf8').replaceAll('"fake"', '"dock"'))
  const c = new Clusters({ data, kubeconfigs: [], allowWrites: false })
  open.push(c)
  expect(await ask(c, 'contexts')).toMatch(/^dock +dock \(embedded in Drydock\) /m)
  expect(await ask(c, 'api_resources', { context: 'dock' })).toBe(
    'Refused! The connection was refused: nothing listens there. The embedded cluster "dock" runs only while Drydock does.',
  )
})

it('a cluster that nobody asks about for five minutes is let go', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const c = clusters()
    await ask(c, 'contexts')
    const before = vi.getTimerCount()
    await ask(c, 'api_resources', { context: 'fake' })
    // Its heartbeat, and when it will have been long enough.
    expect(vi.getTimerCount()).toBe(before + 2)
    vi.advanceTimersByTime(5 * 60_000)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
