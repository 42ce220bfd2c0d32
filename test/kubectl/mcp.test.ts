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
async function ask(client: Client, name: string, parameters: Record<string, unknown> = {}, onprogress?: (p: Progress) => void): Promise<string> {
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
  cluster.ok('create namespace shop')
  cluster.ok('-n shop create secret generic vault --from-literal=password=hunter2')
  cluster.ok('-n shop run teller --image=busybox --restart=Never -- sh -c', undefined)
  reader = await assistant()
  writer = await assistant(['--allow-writes'])
})
afterAll(async () => {
  await reader?.close()
  await writer?.close()
  await cluster?.stop()
  fs.rmSync(data, { recursive: true, force: true })
})
