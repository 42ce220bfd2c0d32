import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { requester } from './support/requests.js'

const program = path.resolve(import.meta.dirname, '../../out/main/cluster.cjs')
let parent: string
let cluster: TestCluster | undefined

const directory = (): string => path.join(parent, 'lab')
const start = async (...args: string[]): Promise<TestCluster> =>
  (cluster = await TestCluster.start({ directory: directory(), args: ['--nodes', '1', ...args] }))
const run = (...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--data', directory(), ...args], { encoding: 'utf8' })
  return status === 0 ? stdout : stderr.trim()
}
const configMap = (name: string, value: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { value },
})
const base = '/api/v1/namespaces/default/configmaps'

beforeEach(() => {
  parent = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-snapshot-'))
})
afterEach(async () => {
  await cluster?.stop()
  cluster = undefined
  fs.rmSync(parent, { recursive: true, force: true })
})

it('a snapshot of a cluster that is being written to is a prefix of what was written, with all that was acknowledged before it', async () => {
  await start()
  const request = requester(cluster!.kubeconfig, { connections: 4 })
  let last = -1
  let writing = true
  const writer = (async () => {
    for (let i = 0; writing; i++) {
      const answer = await request('POST', base, configMap(`item-${String(i).padStart(6, '0')}`, String(i)))
      expect(answer.code).toBe(201)
      last = i
    }
  })()
  while (last < 50) await new Promise(setImmediate)
  const atLeast = last
  const taking = spawn(process.execPath, [program, '--data', directory(), '--snapshot', 'busy'])
  expect(await new Promise((resolve) => taking.once('exit', resolve))).toBe(0)
  const atMost = last + 1
  writing = false
  await writer
  await cluster!.stop({ keep: true })
  expect(run('--restore', 'busy')).toBe(`restored ${directory()}\n`)
  await start()
  const names = cluster!
    .ok('get configmaps -o name')
    .trim()
    .split('\n')
    .filter((n) => n.includes('/item-'))
  expect(names).toEqual(names.map((_n, i) => `configmap/item-${String(i).padStart(6, '0')}`))
  expect(names.length - 1).toBeGreaterThanOrEqual(atLeast)
  expect(names.length - 1).toBeLessThanOrEqual(atMost)
})

it('restoring brings back what was deleted, and the pods of a Deployment run again', async () => {
  await start()
  cluster!.ok('create deployment web --image=nginx --replicas=2')
  cluster!.ok('rollout status deployment/web --timeout=60s')
  expect(run('--snapshot', 'before')).toBe(`snapshot ${directory()}/snapshots/before\n`)
  cluster!.ok('delete deployment web')
  cluster!.ok('create configmap later --from-literal=a=b')
  const later = Number(cluster!.ok('get configmap later -o jsonpath={.metadata.resourceVersion}'))
  expect(run('--restore', 'before')).toContain(`is in use by process ${cluster!.child.pid}`)
  await cluster!.stop({ keep: true })
  expect(run('--restore', 'before')).toBe(`restored ${directory()}\n`)
  await start()
  cluster!.ok('rollout status deployment/web --timeout=60s')
  expect(cluster!.ok('get deployment web --no-headers').split(/\s+/).slice(0, 4)).toEqual(['web', '2/2', '2', '2'])
  expect(cluster!.kubectl('get configmap later').stderr).toBe('Error from server (NotFound): configmaps "later" not found\n')
  // Whoever had seen the later state is told to list again, rather than that nothing happened.
  const watch = cluster!.kubectl(['get', '--raw', `${base}?watch=1&resourceVersion=${later}&timeoutSeconds=1`])
  expect(JSON.parse(watch.stdout)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
})

it('a new cluster from a snapshot is one of its own beside the first', async () => {
  await start('--name', 'lab')
  cluster!.ok('create configmap kept --from-literal=a=b')
  expect(run('--snapshot', 'before')).toBe(`snapshot ${directory()}/snapshots/before\n`)
  const copy = await TestCluster.start({
    directory: path.join(parent, 'copy'),
    args: ['--name', 'copy', '--from', path.join(directory(), 'snapshots', 'before')],
  })
  try {
    expect(copy.server).not.toBe(cluster!.server)
    expect(copy.ok('config current-context').trim()).toBe('copy')
    expect(copy.ok('get nodes -o name').trim()).toBe('node/lab')
    copy.ok('delete configmap kept')
    copy.ok('run probe --image=nginx --restart=Never')
    copy.ok('wait --for=condition=Ready pod/probe --timeout=60s')
    expect(cluster!.ok('get configmap kept -o name').trim()).toBe('configmap/kept')
  } finally {
    await copy.stop()
  }
})
