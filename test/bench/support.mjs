// An embedded cluster to measure, and a plain HTTPS client with many connections.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { parse } from 'yaml'
import { openLoad } from './load.mjs'
import { root } from '../../src-main/tools/build.mjs'

/** What Node is told when a cluster is started by `npm run cluster`. */
const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
const nodeOptions = scripts.cluster.split(' ').filter((word) => word.startsWith('--'))

/** Starts a cluster in a new directory. `ms` is the time to its Ready line. */
export async function startCluster(args = []) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-bench-'))
  const began = performance.now()
  const child = spawn(process.execPath, [...nodeOptions, path.join(root, 'out/main/cluster.cjs'), '--data', directory, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve, reject) => {
    readline.createInterface({ input: child.stdout }).on('line', (l) => l.startsWith('ready ') && resolve())
    child.once('exit', (code) => reject(new Error(`the cluster ended with ${code}`)))
  })
  const ms = performance.now() - began
  const config = parse(fs.readFileSync(path.join(directory, 'kubeconfig'), 'utf8'))
  const decode = (s) => Buffer.from(s, 'base64')
  const user = config.users[0].user
  const server = new URL(config.clusters[0].cluster.server)
  const credentials = {
    ca: decode(config.clusters[0].cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  }
  const agent = new https.Agent({ keepAlive: true, maxSockets: 32, ...credentials })
  const request = (method, pathname, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const data = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
      const r = https.request(
        {
          agent,
          host: server.hostname,
          port: server.port,
          method,
          path: pathname,
          headers: { ...(data ? { 'content-type': 'application/json', 'content-length': data.length } : {}), ...headers },
        },
        (answer) => {
          const parts = []
          answer.on('data', (d) => parts.push(d))
          answer.on('error', reject)
          answer.on('end', () =>
            answer.statusCode < 300
              ? resolve(Buffer.concat(parts))
              : reject(new Error(`${method} ${pathname}: ${answer.statusCode} ${Buffer.concat(parts).toString().slice(0, 300)}`)),
          )
        },
      )
      r.on('error', reject)
      r.end(data)
    })
  return {
    ms,
    child,
    directory,
    kubeconfig: path.join(directory, 'kubeconfig'),
    request,
    /** `width` connections that cost this process little. */
    load: (width) => openLoad({ host: server.hostname, port: server.port, ...credentials }, width),
    /** Resident memory in bytes and CPU time in ms of its process (Linux). */
    usage: () => {
      const stat = fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return { rss: Number(fields[21]) * 4096, cpuMs: (Number(fields[11]) + Number(fields[12])) * 10 }
    },
    stop: async () => {
      agent.destroy()
      const exit = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await exit
      fs.rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Runs `count` calls of `one(i)`, `width` at a time; gives calls a second. */
export async function rate(count, width, one) {
  let next = 0
  const began = performance.now()
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await one(next++)
    }),
  )
  return Math.round((count / (performance.now() - began)) * 1000)
}

/** The value below which `p` (0..1) of the samples lie. */
export function percentile(samples, p) {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]
}

/** A pod that nothing touches: no scheduler takes it. */
export function idlePod(name, namespace = 'default') {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: 'bench' } },
    spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80 }] }] },
  }
}

export const round = (n, digits = 0) => Number(n.toFixed(digits))
