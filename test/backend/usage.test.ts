import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Backend } from '../../src-main/backend/backend.js'
import { sampleOf, usageQuantity } from '../../src-main/backend/metrics/usage.js'
import { FakeApiServer } from './support/api-server.js'
import { testBackend, testWindow, type TestWindow } from './support/window.js'

let server: FakeApiServer
let backend: Backend
let window: TestWindow
let directory: string

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  server.on('GET', /^\/api(s)?$/, () => ({ body: { groups: [], versions: [] } }))
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-usage-'))
  backend = testBackend([server.kubeconfig(directory)], directory)
  window = testWindow(backend)
})
afterEach(async () => {
  window.close()
  backend.close()
  await server.stop()
  fs.rmSync(directory, { recursive: true })
})

it.each([
  ['682890n', 0.00068289],
  ['250m', 0.25],
  ['2', 2],
  ['1484Ki', 1_519_616],
  ['?', 0],
])('the quantity %s of a sample is %d', (text, value) => expect(usageQuantity(text)).toBe(value))

it('a pod uses what its containers use together', () => {
  const usage = (cpu: string, memory: string) => ({ usage: { cpu, memory } })
  expect(sampleOf({ containers: [usage('100m', '1Mi'), usage('50m', '1Mi')] })).toEqual({
    cpuCores: 0.15000000000000002,
    memoryBytes: 2_097_152,
  })
})

it('a cluster without a history is sampled through metrics.k8s.io', async () => {
  server.on('GET', /metrics\.k8s\.io\/v1beta1\/nodes\/n1$/, () => ({
    body: { timestamp: '2026-11-21T09:00:00Z', usage: { cpu: '500m', memory: '1Gi' } },
  }))
  const usage = window.open('usage', { context: 'fake', name: 'n1' })
  expect(await usage.until(() => true)).toEqual({
    until: Date.parse('2026-11-21T09:00:00Z'),
    intervalSeconds: 15,
    cpuCores: [0.5],
    memoryBytes: [1_073_741_824],
  })
  usage.close()
})

it('a cluster without metrics says so', async () => {
  const usage = window.open('usage', { context: 'fake', name: 'web', namespace: 'shop' })
  await new Promise<void>((resolve) => {
    const look = (): void => (usage.events.length ? resolve() : void setImmediate(look))
    look()
  })
  expect(usage.events).toEqual([null])
  usage.close()
})
