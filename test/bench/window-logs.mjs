// The tail of a log in a real Chromium: a server writes 50,000 lines a second, each with the time it was written. How far behind is
// what the window shows, and does the window stay within its bounds once more has come than it keeps?
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { chromium } from '@playwright/test'
import { root } from '../../src-main/tools/build.mjs'
import { percentile, round } from './support.mjs'

const RATE = 50_000
const SECONDS = Number(process.env.BENCH_LOG_SECONDS ?? 12)
/** Lines written at once before the tail is measured: more than the window keeps. */
const PAST = 1_200_000
/** ms between two writes. */
const EVERY = 10
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'talker', namespace: 'default', uid: 'u1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { containers: [{ name: 'main', image: 'talker' }] },
  status: { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }] },
}
const line = (n, at) =>
  `${new Date(at).toISOString().replace('Z', '000000Z')} {"level":"info","at":${at},"n":${n},"route":"/products/${n % 512}","took_ms":${n % 60}}\n`

/** Writes the past, then RATE lines a second, as fast as they are taken; counts the lines that were due and not taken. */
function talk(response, state) {
  let n = 0
  const began = Date.now()
  const past = () => {
    while (n < PAST) {
      let text = ''
      for (let i = 0; i < 1000; i++) text += line(n++, began)
      if (!response.write(text)) return response.once('drain', past)
    }
    state.past = true
  }
  past()
  let start = 0
  let sent = 0
  const timer = setInterval(() => {
    if (!state.past || !state.go) return
    start ||= Date.now()
    const now = Date.now()
    const due = Math.floor(((now - start) / 1000) * RATE)
    state.due = due
    // A server does not write to who does not read.
    if (response.writableLength > 16 * 1024 * 1024) return
    let text = ''
    for (; sent < due; sent++) text += line(n++, now)
    state.sent = sent
    if (text) response.write(text)
  }, EVERY)
  response.once('close', () => clearInterval(timer))
}

/** An API server with one pod that talks. */
async function startServer(state) {
  const resources = [
    { resource: 'pods', responseKind: { kind: 'Pod' }, scope: 'Namespaced', verbs: ['get', 'list', 'watch'], shortNames: ['po'] },
  ]
  const answers = {
    '/version': { gitVersion: 'v1.36.0' },
    '/api': { kind: 'APIGroupDiscoveryList', items: [{ metadata: { name: '' }, versions: [{ version: 'v1', resources }] }] },
    '/apis': { kind: 'APIGroupDiscoveryList', items: [] },
    '/api/v1/pods': { kind: 'PodList', metadata: { resourceVersion: '1' }, items: [pod] },
    '/api/v1/namespaces/default/pods': { kind: 'PodList', metadata: { resourceVersion: '1' }, items: [pod] },
    '/api/v1/namespaces/default/pods/talker': pod,
  }
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://x')
    if (url.pathname.endsWith('/log')) {
      response.writeHead(200, { 'content-type': 'text/plain' })
      return talk(response, state)
    }
    const allowed = request.method === 'POST' && url.pathname.includes('selfsubjectaccessreviews')
    const body = allowed ? { status: { allowed: true } } : answers[url.pathname]
    if (url.searchParams.get('watch')) return void response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? { kind: 'Status', reason: 'NotFound', code: 404, message: 'not found' }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

export async function run() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-bench-logs-'))
  const state = { past: false, go: false, sent: 0, due: 0 }
  const server = await startServer(state)
  const kubeconfig = path.join(directory, 'config')
  const cluster = { server: `http://127.0.0.1:${server.address().port}`, 'insecure-skip-tls-verify': true }
  fs.writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'talk', cluster }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'talk', context: { cluster: 'talk', user: 'u' } }],
    }),
  )
  const child = spawn(process.execPath, [path.join(root, 'out/main/web.cjs'), '--data', path.join(directory, 'data'), '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HOME: directory, KUBECONFIG: kubeconfig },
  })
  const url = await new Promise((resolve, reject) => {
    readline.createInterface({ input: child.stdout }).on('line', (l) => l.startsWith('open ') && resolve(l.slice(5)))
    child.once('exit', (code) => reject(new Error(`web mode ended with ${code}`)))
  })
  const executablePath = BROWSERS.find((p) => fs.existsSync(p))
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox', '--js-flags=--expose-gc'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(url)
    // The window goes to its embedded cluster by itself once that is there.
    await page.waitForFunction(() => location.hash.length > 2, undefined, { timeout: 60_000 })
    await page.goto(`${url.replace(/\?.*/, '')}#/c/talk/pods?ns=default&o=pods/default/talker`)
    await page
      .getByRole('region', { name: 'Details: talker' })
      .getByRole('button', { name: 'Logs', exact: true })
      .click({ timeout: 60_000 })
    await page.locator('.log .line').first().waitFor({ timeout: 60_000 })
    while (!state.past) await new Promise((resolve) => setTimeout(resolve, 100))
    const kept = async () => Number((await page.getByText(/^[\d,]+ lines$/).textContent()).replaceAll(/\D/g, ''))
    while ((await kept()) < 1_000_000) await new Promise((resolve) => setTimeout(resolve, 100))
    state.go = true
    // The age of the newest line that is painted, frame by frame.
    const ages = await page.evaluate(
      (ms) =>
        new Promise((resolve) => {
          const ages = []
          const began = performance.now()
          const frame = () => {
            const now = performance.now()
            const at = Number(/"at":(\d+)/.exec([...document.querySelectorAll('.log .line')].at(-1)?.textContent ?? '')?.[1])
            // The first second brings the window up to the tail.
            if (now - began > 1000) ages.push(Date.now() - at)
            if (now - began < ms) requestAnimationFrame(frame)
            else resolve(ages)
          }
          requestAnimationFrame(frame)
        }),
      SECONDS * 1000,
    )
    // What the server could not write because nobody took it would be missing.
    const { sent, due } = state
    const taken = Math.round((sent / due) * RATE)
    const end = ages.slice(-Math.ceil(ages.length / 4))
    const heap = await page.evaluate(() => (globalThis.gc?.(), performance.memory?.usedJSHeapSize ?? 0))
    const name = 'log tail'
    return [
      {
        what: `${name}: lines taken of ${RATE.toLocaleString('en-US')} a second`,
        value: taken,
        unit: '/s',
        budget: RATE * 0.98,
        atLeast: true,
      },
      { what: `${name}: age of the newest line shown, p99`, value: round(percentile(ages, 0.99)), unit: 'ms', budget: 500 },
      { what: `${name}: the same at the end, p50`, value: round(percentile(end, 0.5)), unit: 'ms', budget: 200 },
      { what: `${name}: lines kept of ${round((PAST + sent) / 1e6, 1)} million`, value: await kept(), unit: 'lines', budget: 1_000_000 },
      { what: `${name}: heap of the window`, value: round(heap / 1024 ** 2), unit: 'MiB', budget: 600 },
    ]
  } finally {
    await browser.close()
    const exit = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await exit
    server.closeAllConnections()
    server.close()
    fs.rmSync(directory, { recursive: true, force: true })
  }
}
