import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'

/** The command lines of the cluster and of web mode, when they are given what they cannot use. */

const out = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../out/main')

function run(entry: string, ...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(out, `${entry}.cjs`), ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { code: status, stdout, stderr }
}

it('an option that is wrong is named, with what it takes, and nothing is started', () => {
  expect(run('cluster', '--nodes', '0')).toEqual({ code: 2, stdout: '', stderr: '--nodes must be a whole number from 1 to 5000, got 0\n' })
  expect(run('cluster', '--port', 'http')).toEqual({
    code: 2,
    stdout: '',
    stderr: '--port must be a whole number from 0 to 65535, got http\n',
  })
  expect(run('cluster', '--speed', '-1').stderr).toContain('--speed')
  expect(run('cluster', '--name', 'Not Valid')).toEqual({
    code: 2,
    stdout: '',
    stderr: "--name must be lower-case letters, digits and '-', at most 52, got Not Valid\n",
  })
  expect(run('web', '--port', '70000')).toEqual({ code: 2, stdout: '', stderr: '--port must be a number from 0 to 65535, got 70000\n' })
  const unknown = run('cluster', '--bogus')
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain("Unknown option '--bogus'")
  expect(unknown.stderr).toContain('usage: npm run cluster -- [options]')
})

it('a directory that holds another cluster is refused by name', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-other-'))
  fs.writeFileSync(path.join(directory, 'cluster.json'), JSON.stringify({ name: 'first', seed: 1, port: 0, nodes: 1, time: 0 }))
  expect(run('cluster', '--name', 'second', '--data', directory)).toEqual({
    code: 1,
    stdout: '',
    stderr: `${directory} holds the cluster "first", not "second"\n`,
  })
  fs.rmSync(directory, { recursive: true })
})

it('name, port, kubeconfig and number of nodes are as asked for; SIGINT stops it cleanly', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-options-'))
  const kubeconfig = path.join(directory, 'elsewhere', 'config')
  const cluster = await TestCluster.start({
    directory,
    args: ['--name', 'harbour', '--nodes', '2', '--kubeconfig', kubeconfig, '--seed', '3'],
  })
  fs.copyFileSync(kubeconfig, cluster.kubeconfig)
  expect(cluster.ok('config current-context')).toBe('harbour\n')
  expect(cluster.ok('get nodes -o name')).toBe('node/harbour\nnode/harbour-m02\n')
  expect(fs.statSync(kubeconfig).mode & 0o777).toBe(0o600)
  expect(await cluster.stop({ signal: 'SIGINT' })).toBe(0)
})

it('a cluster goes on when nobody reads what it prints', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-unread-'))
  const child = spawn(process.execPath, [path.join(out, 'cluster.cjs'), '--data', directory, '--nodes', '1'])
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const kubeconfig = path.join(directory, 'kubeconfig')
  await expect.poll(() => fs.existsSync(kubeconfig), { timeout: 60_000 }).toBe(true)
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  const ready = async (): Promise<unknown> =>
    (await api.listNode().catch(() => undefined))?.items[0]?.status?.conditions?.find((c) => c.type === 'Ready')?.status
  await expect.poll(ready, { timeout: 60_000 }).toBe('True')
  // The line that says so has nowhere to go.
  child.kill('SIGTERM')
  expect([await ended, said]).toEqual([0, ''])
  fs.rmSync(directory, { recursive: true, force: true })
})

it('the embedded cluster of web mode ends with it, even when that is killed, and begins again with the next', async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-killed-'))
  const lock = path.join(data, 'clusters/drydock/lock')
  const start = async () => {
    const web = spawn(process.execPath, [path.join(out, 'web.cjs'), '--data', data, '--no-open'], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(web.stdout, 'data')
    return web
  }
  const owner = (): number => Number(fs.existsSync(lock) ? fs.readFileSync(lock, 'utf8').split(' ')[0] : 0)
  const web = await start()
  await expect.poll(owner, { timeout: 60_000 }).toBeGreaterThan(0)
  const first = owner()
  web.kill('SIGKILL')
  const runs = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  await expect.poll(() => runs(first), { timeout: 30_000 }).toBe(false)
  const next = await start()
  await expect.poll(() => ![0, first].includes(owner()), { timeout: 60_000 }).toBe(true)
  const second = owner()
  const ended = new Promise((resolve) => next.once('exit', (code) => resolve(code)))
  next.kill('SIGTERM')
  expect([await ended, runs(second)]).toEqual([0, false])
  fs.rmSync(data, { recursive: true, force: true })
})
