import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Client, type Progress } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'

/** The clusters as an assistant has them: the SDK's own client starts the built entry and speaks to it over its stdin and stdout. */

const entry = path.resolve(import.meta.dirname, '../../out/main/mcp.cjs')
let cluster: TestCluster
let data: string
let reader: Client
let writer: Client

const environment = (): Record<string, string> => ({
  PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
  HOME: data,
  SHELL: '/bin/sh',
  KUBECONFIG: cluster.kubeconfig,
})
async function assistant(args: string[] = [], version: 'legacy' | 'auto' = 'legacy'): Promise<Client> {
  const client = new Client({ name: 'tests', version: '1' }, { versionNegotiation: { mode: version } })
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [entry, '--data', data, ...args], env: environment(), stderr: 'pipe' }),
  )
  return client
}

/** The text of an answer; `! ` before what is told as an error. */
async function ask(
  client: Client,
  name: string,
  parameters: Record<string, unknown> = {},
  onprogress?: (p: Progress) => void,
): Promise<string> {
  const result = await client.callTool({ name, arguments: parameters }, onprogress ? { onprogress } : {})
  const [content] = result.content as { type: string; text: string }[]
  expect(content!.type).toBe('text')
  return (result.isError ? '! ' : '') + content!.text
}

const web = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: nginx, image: nginx:1.27 }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: colours, namespace: shop }
data: { wall: red }
`
const c = { context: 'drydock' }

beforeAll(async () => {
  data = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-assistant-'))
  cluster = await TestCluster.start()
  // The pinned kubectl is found by the login shell, as the person's own is.
  const { clients } = (await import('../../src-main/tools/clients.mjs' as string)) as { clients: () => { kubectl: string } }
  fs.mkdirSync(path.join(data, 'programs'))
  fs.symlinkSync(clients().kubectl, path.join(data, 'programs/kubectl'))
  fs.writeFileSync(path.join(data, '.profile'), 'PATH="$HOME/programs:$PATH"\n')
  cluster.ok('create namespace shop')
  cluster.ok('-n shop create secret generic vault --from-literal=password=hunter2')
  cluster.ok([
    '-n',
    'shop',
    'run',
    'teller',
    '--image=busybox',
    '--restart=Never',
    '--',
    'sh',
    '-c',
    'for i in 1 2 3 4 5; do echo line $i; done',
  ])
  cluster.ok('-n shop wait pod/teller --for=jsonpath={.status.phase}=Succeeded --timeout=60s')
  reader = await assistant()
  writer = await assistant(['--allow-writes'])
})
afterAll(async () => {
  await reader?.close()
  await writer?.close()
  await cluster?.stop()
  fs.rmSync(data, { recursive: true, force: true })
})

describe('an assistant that may only read', () => {
  it('is told of tools that change nothing, and of the context, without its credentials', async () => {
    expect(reader.getServerVersion()).toMatchObject({ name: 'drydock', title: 'Drydock' })
    expect(reader.getInstructions()).toContain('Nothing can be changed')
    const { tools } = await reader.listTools()
    expect(tools.map((t) => t.name)).toEqual(
      'contexts api_resources list get describe events logs why_node checks usage search diff'.split(' '),
    )
    expect(tools.filter((t) => t.annotations?.readOnlyHint !== true || t.annotations.destructiveHint !== false)).toEqual([])
    expect(tools.find((t) => t.name === 'get')!.inputSchema).toMatchObject({
      type: 'object',
      required: ['context', 'kind', 'name'],
      additionalProperties: false,
      properties: { offset: { type: 'integer', minimum: 0, default: 0 } },
    })
    const told = await ask(reader, 'contexts')
    expect(told).toMatch(/^drydock +drydock +default +https:\/\/127\.0\.0\.1:\d+ +no$/m)
    const { user } = JSON.parse(cluster.ok('config view --raw -o json')).users[0] as { user: Record<string, string> }
    for (const secret of Object.values(user)) expect(told).not.toContain(secret)
  })

  it('lists pods with the columns of kubectl, in parts', async () => {
    const rows = (text: string): string[] => text.split('\n').filter((l) => /^\S+ +\S+ +\d\/\d/.test(l))
    const all = await ask(reader, 'list', { ...c, kind: 'po' })
    expect(all.split('\n')[0]).toMatch(/^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE$/)
    expect(all).toMatch(/^shop +teller +0\/1 +Completed +0 /m)
    const first = await ask(reader, 'list', { ...c, kind: 'pods', limit: 2 })
    expect(rows(first)).toHaveLength(2)
    const token = /Call again with continue (\S+)\]$/.exec(first)![1]
    const second = await ask(reader, 'list', { ...c, kind: 'pods', limit: 500, continue: token })
    expect(rows(first).length + rows(second).length).toBe(rows(all).length)
    expect(await ask(reader, 'list', { ...c, kind: 'po', namespace: 'shop', labelSelector: 'run=other' })).toBe(
      'No pods found in namespace shop.',
    )
  })

  it('reads a log from its end, and what the server says where there is none', async () => {
    const log = (more: object): Promise<string> => ask(reader, 'logs', { ...c, namespace: 'shop', pod: 'teller', ...more })
    expect(await log({})).toBe('line 1\nline 2\nline 3\nline 4\nline 5')
    expect(await log({ tail: 2 })).toBe('[Earlier lines: call again with skip 2.]\nline 4\nline 5')
    expect(await log({ tail: 2, skip: 3 })).toBe('line 1\nline 2')
    expect(await log({ previous: true })).toBe('! BadRequest: previous terminated container "teller" in pod "teller" not found')
    expect(await log({ pod: 'nobody' })).toBe('! NotFound: pods "nobody" not found')
  })

  it('gets an object as YAML, and of a Secret no value', async () => {
    const pod = await ask(reader, 'get', { ...c, kind: 'pod', namespace: 'shop', name: 'teller' })
    expect(pod).toMatch(/^apiVersion: v1\nkind: Pod\n/)
    expect(pod).not.toContain('managedFields')
    const vault = { ...c, kind: 'secret', namespace: 'shop', name: 'vault' }
    const secret = await ask(reader, 'get', vault)
    expect(secret).toContain('data:\n  password: "***"\n')
    const others = [
      secret,
      await ask(reader, 'list', { ...c, kind: 'secrets', wide: true }),
      await ask(reader, 'search', { ...c, query: 'vault' }),
    ]
    for (const text of others) expect(text).not.toMatch(/hunter2|aHVudGVyMg/)
    // kubectl keeps all of a manifest in an annotation, and prints the token of a ServiceAccount.
    cluster.ok('-n shop apply -f -', JSON.stringify({ ...secretManifest('hunter2'), metadata: { name: 'plain', namespace: 'shop' } }))
    expect(cluster.ok('-n shop get secret plain -o yaml')).toContain('hunter2')
    expect(await ask(reader, 'get', { ...vault, name: 'plain' })).toContain('last-applied-configuration: "***"')
    cluster.ok('-n shop create serviceaccount robot')
    const annotations = { 'kubernetes.io/service-account.name': 'robot' }
    const token = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'robot', annotations },
      type: 'kubernetes.io/service-account-token',
    }
    cluster.ok('-n shop apply -f -', JSON.stringify(token))
    await expect.poll(() => cluster.ok('-n shop describe secret robot')).toMatch(/^token: +ey/m)
    const described = await ask(reader, 'describe', { ...vault, name: 'robot' })
    expect(described).toMatch(/^ca\.crt: +\d+ bytes\nnamespace: +4 bytes\ntoken: {2}\*\*\*$/m)
    expect(described).not.toContain('eyJ')
    expect(await ask(reader, 'diff', { ...c, manifest: JSON.stringify({ ...secretManifest('hunter3') }) })).toMatch(
      /Secret shop\/vault .*\n(.*\n)*-  password: "\*\*\* \(before\)"\n\+  password: "\*\*\* \(after\)"\n/,
    )
  })

  it('sees events, why a pod is on its node, findings, and finds objects', async () => {
    expect(await ask(reader, 'events', { ...c, namespace: 'shop', kind: 'pod', name: 'teller' })).toMatch(
      /Normal +Scheduled +pod\/teller +1 +Successfully assigned shop\/teller to /,
    )
    expect(await ask(reader, 'why_node', { ...c, namespace: 'shop', pod: 'teller' })).toMatch(/^outcome: Scheduled$/m)
    expect(await ask(reader, 'checks', { ...c, namespaces: ['shop'], severity: 'info' })).toMatch(
      /^info +Secret shop\/vault +unused +nothing uses it$/m,
    )
    expect(await ask(reader, 'search', { ...c, query: 'kind:pod teller' })).toMatch(/^Pod +shop +teller +Completed/m)
    await expect
      .poll(() => ask(reader, 'usage', { ...c, of: 'nodes' }), { timeout: 60_000 })
      .toMatch(/^NAME +CPU\(cores\) +MEMORY\(bytes\)\ndrydock\S* +\d+m /)
  })

  it('is refused what is wrong with a call, and every change', async () => {
    expect(await ask(reader, 'get', { ...c, kind: 'pod' })).toContain("must have required property 'name'")
    expect(await ask(reader, 'list', { ...c, kind: 'pod', limit: 501 })).toContain('must be <= 500')
    await expect(reader.callTool({ name: 'delete', arguments: { ...c, kind: 'pod', namespace: 'shop', name: 'teller' } })).rejects.toThrow(
      /delete not found/,
    )
    expect(cluster.ok('-n shop get pod teller -o name')).toBe('pod/teller\n')
  })
})

const secretManifest = (password: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'vault', namespace: 'shop' },
  stringData: { password },
})

describe('an assistant that may write', () => {
  it('is told of the tools that change something as such', async () => {
    const { tools } = await writer.listTools()
    expect(tools.filter((t) => t.annotations?.destructiveHint).map((t) => t.name)).toEqual(['apply', 'scale', 'restart', 'delete'])
  })

  it('sees what a manifest would change, and applies it, document by document', async () => {
    expect(await ask(writer, 'diff', { ...c, manifest: web(2) })).toMatch(
      /^ConfigMap shop\/colours created \(server dry run\)\n(.*\n)*Deployment shop\/web created \(server dry run\)\n/,
    )
    expect(cluster.kubectl('-n shop get deployment web').code).toBe(1)
    const heard: Progress[] = []
    expect(await ask(writer, 'apply', { ...c, manifest: web(2) }, (p) => heard.push(p))).toBe(
      'ConfigMap shop/colours created\nDeployment shop/web created',
    )
    expect(heard[0]).toEqual({ progress: 1, total: 2, message: 'ConfigMap shop/colours created' })
    expect(await ask(writer, 'apply', { ...c, manifest: web(2) })).toBe('ConfigMap shop/colours unchanged\nDeployment shop/web unchanged')
    expect(await ask(writer, 'diff', { ...c, manifest: web(3) })).toMatch(
      /Deployment shop\/web configured(.*\n)*-  replicas: 2\n\+  replicas: 3\n/,
    )
  })

  it('changes nothing where a part of a manifest is refused, and is told of conflicts with others', async () => {
    cluster.ok([
      '-n',
      'shop',
      'patch',
      'configmap',
      'colours',
      '--field-manager=painter',
      '--type=merge',
      '-p',
      '{"data":{"wall":"green"}}',
    ])
    const refused = await ask(writer, 'apply', { ...c, manifest: web(4) })
    expect(refused).toMatch(
      /^! Nothing was changed\.\nConfigMap shop\/colours failed \(Conflict\): Apply failed with 1 conflict: conflict with "painter" using v1: \.data\.wall\n/,
    )
    expect(cluster.ok('-n shop get deployment web -o jsonpath={.spec.replicas}')).toBe('2')
    expect(await ask(writer, 'apply', { ...c, manifest: web(4), force: true })).toBe(
      'ConfigMap shop/colours configured\nDeployment shop/web configured',
    )
    expect(cluster.ok('-n shop get configmap colours -o jsonpath={.data.wall}')).toBe('red')
    const bad = 'apiVersion: v1\nkind: Pod\nmetadata: { name: bad, namespace: shop }\nspec: { containers: [] }\n'
    expect(await ask(writer, 'apply', { ...c, manifest: bad })).toBe(
      '! Nothing was changed.\nPod shop/bad failed (Invalid): Pod "bad" is invalid: spec.containers: Required value',
    )
    expect(await ask(writer, 'apply', { ...c, manifest: web(4).replace('replicas:', 'replica:') })).toMatch(
      /^! Nothing was changed\.\n.*\nDeployment shop\/web failed: failed to create typed patch object .*: \.spec\.replica: field not declared in schema$/,
    )
  })

  it('scales, restarts and deletes', async () => {
    const deployment = { ...c, kind: 'deploy', namespace: 'shop', name: 'web' }
    expect(await ask(writer, 'scale', { ...deployment, replicas: 1 })).toBe('deployments.apps/web scaled from 4 to 1')
    expect(await ask(writer, 'restart', deployment)).toBe('deployments.apps/web restarted')
    expect(cluster.ok('-n shop rollout status deployment/web --timeout=60s')).toContain('successfully rolled out')
    expect(cluster.ok(['-n', 'shop', 'get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas} {.metadata.generation}'])).toBe('1 4')
    expect(await ask(writer, 'scale', { ...c, kind: 'configmap', namespace: 'shop', name: 'colours', replicas: 1 })).toBe(
      '! Invalid: configmaps cannot be scaled',
    )
    expect(await ask(writer, 'delete', deployment)).toBe('deployments.apps/web deleted from namespace shop')
    expect(await ask(writer, 'delete', deployment)).toBe('! NotFound: deployments.apps "web" not found')
  })

  it('is refused in a context that the window protects, from then on', async () => {
    const settings = path.join(data, 'settings.json')
    fs.writeFileSync(settings, JSON.stringify({ clusters: { drydock: { protection: 'read-only' } } }))
    const deleted = (): Promise<string> => ask(writer, 'delete', { ...c, kind: 'configmap', namespace: 'shop', name: 'colours' })
    expect(await deleted()).toBe('! ReadOnly: The context "drydock" is protected as read-only in Drydock.')
    fs.rmSync(settings)
    expect(await deleted()).toBe('configmaps/colours deleted from namespace shop')
  })
})

describe('the protocol', () => {
  it('is spoken in the revision of 2026 too', async () => {
    const client = await assistant([], 'auto')
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28')
    expect(await ask(client, 'contexts')).toContain('drydock')
    await client.close()
  })

  it('alone is on stdout, and the process ends with its stdin', async () => {
    const child = spawn(process.execPath, [entry, '--data', data], { env: environment(), stdio: ['pipe', 'pipe', 'pipe'] })
    let stdout = ''
    child.stdout.on('data', (d: Buffer) => (stdout += d.toString()))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
    const answers = (): { id?: number }[] =>
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { id?: number })
    const clientInfo = { name: 'raw', version: '1' }
    send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } })
    await expect
      .poll(() => answers().at(-1))
      .toMatchObject({ id: 1, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} } } })
    send({ method: 'notifications/initialized' })
    send({ id: 2, method: 'tools/call', params: { name: 'logs', arguments: { ...c, namespace: 'shop', pod: 'nobody' } } })
    await expect.poll(() => answers().at(-1)).toMatchObject({ id: 2, result: { isError: true } })
    // How far it is comes before the answer.
    send({
      id: 3,
      method: 'tools/call',
      params: { name: 'search', arguments: { ...c, query: 'kind:pod teller' }, _meta: { progressToken: 'p' } },
    })
    await expect.poll(() => answers().at(-1)).toMatchObject({ id: 3 })
    expect(answers().at(-2)).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 'p', progress: 1, total: 1, message: 'kinds read' },
    })
    // What is not wanted any more is not answered.
    send({ id: 4, method: 'tools/call', params: { name: 'checks', arguments: c } })
    send({ method: 'notifications/cancelled', params: { requestId: 4 } })
    send({ id: 5, method: 'ping' })
    await expect.poll(() => answers().at(-1)).toMatchObject({ id: 5, result: {} })
    child.stdin.end()
    expect(await ended).toBe(0)
    expect(answers().flatMap((a) => a.id ?? [])).toEqual([1, 2, 3, 5])
    expect(fs.existsSync(path.join(data, 'assistants', String(child.pid)))).toBe(false)
  })

  it('is not begun with an option that there is not', async () => {
    const child = spawn(process.execPath, [entry, '--allow-all'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (d: Buffer) => (stdout += d.toString()))
    child.stderr.on('data', (d: Buffer) => (stderr += d.toString()))
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /^Unknown option '--allow-all'[^]*usage: npm run --silent mcp -- \[--context NAME …\] \[--allow-writes\] \[--data DIR\]\n$/,
    )
  })
})
