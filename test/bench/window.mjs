// The window in a real Chromium, on a cluster of 10,000 and then 50,000 pods: how soon it is there, how soon a list shows its first
// rows, and how long its main thread is busy while a person scrolls and while a thousand rows a second change. Busy is counted in
// time that the thread itself was running: other programs take none of it, though they make it slower, so that an empty page is
// scrolled beside the list.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { chromium } from '@playwright/test'
import { root } from '../../src-main/tools/build.mjs'
import { idlePod, percentile, rate, round, startCluster } from './support.mjs'

const FEW = Number(process.env.BENCH_PODS ?? 10_000)
const MANY = Number(process.env.BENCH_MANY_PODS ?? 50_000)
const CHANGES = 1000
const SECONDS = 5
/** How often the list is scrolled. */
const SCROLLS = 5
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const pods = (namespace) => `/api/v1/namespaces/${namespace}/pods`

/** Web mode with the contexts of a kubeconfig; `ms` is the time to its address. */
async function startWeb(data, kubeconfig) {
  const child = spawn(process.execPath, [path.join(root, 'out/main/web.cjs'), '--data', data, '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HOME: data, KUBECONFIG: kubeconfig },
  })
  const url = await new Promise((resolve, reject) => {
    readline.createInterface({ input: child.stdout }).on('line', (l) => l.startsWith('open ') && resolve(l.slice(5)))
    child.once('exit', (code) => reject(new Error(`web mode ended with ${code}`)))
  })
  const stop = async () => {
    const exit = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await exit
  }
  return { url, stop }
}

/** Goes to a place of the window; gives the time until its list has rows, ms. */
async function firstRows(page, hash) {
  return page.evaluate(
    (to) =>
      new Promise((resolve) => {
        const began = performance.now()
        location.hash = to
        const look = () => {
          const shown = location.hash === to && document.querySelector('.grid .row')
          if (shown) resolve(performance.now() - began)
          else requestAnimationFrame(look)
        }
        // What is shown of the place before is gone by then.
        requestAnimationFrame(() => requestAnimationFrame(look))
      }),
    hash,
  )
}

/** Runs `act` and gives the tasks of the window's main thread meanwhile: when each began and how long the thread ran, ms. */
async function tasksDuring(browser, page, act) {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] })
  await act()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
  const frames = traceEvents.filter((e) => e.name === 'FunctionCall' && e.args?.data?.functionName === 'benchFrame')
  const marker = frames[0] ?? traceEvents.find((e) => e.name === 'FunctionCall' && e.args?.data?.url?.includes('/assets/'))
  const own = traceEvents.filter((e) => e.pid === marker.pid && e.tid === marker.tid)
  const tasks = own
    .filter((e) => e.ph === 'X' && e.name.endsWith('RunTask'))
    .map((e) => ({ at: e.ts / 1000, ms: (e.tdur ?? e.dur ?? 0) / 1000 }))
    .sort((a, b) => a.at - b.at)
  return { tasks, frames: frames.map((e) => e.ts / 1000).sort((a, b) => a - b) }
}

/** Of the frames of a scroll: how long the thread was busy in the busiest, and how long the slowest took until the next, ms. */
function worstFrames({ tasks, frames }) {
  const worst = { busy: 0, wait: 0 }
  let t = 0
  for (let i = 1; i < frames.length; i++) {
    let busy = 0
    while (t < tasks.length && tasks[t].at < frames[i]) {
      if (tasks[t].at >= frames[i - 1]) busy += tasks[t].ms
      t++
    }
    worst.busy = Math.max(worst.busy, busy)
    worst.wait = Math.max(worst.wait, frames[i] - frames[i - 1])
  }
  return worst
}

const longest = ({ tasks }) => tasks.reduce((n, task) => Math.max(n, task.ms), 0)

/** Scrolls as a hand does, three rows a frame and now and then a whole page. */
const scroll = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const grid = document.querySelector('.grid')
        const page = grid.clientHeight
        grid.scrollTop = 0
        let left = 240
        let top = 0
        // Reading the place back would lay the page out once more than a hand does.
        function benchFrame() {
          if (left-- === 0) return resolve()
          grid.scrollTop = top += left % 12 ? 84 : page
          requestAnimationFrame(benchFrame)
        }
        requestAnimationFrame(benchFrame)
      }),
  )

/** A page with nothing but room to scroll in, as high as the list: what any page takes on this machine at this time. */
const EMPTY = `<div class="grid" style="height: 860px; overflow: auto"><div style="height: ${MANY * 28}px"></div></div>`

/**
 * Scrolls the list and an empty page in turns, so that both meet the same moods of the machine.
 * @returns of each the busiest frame and the longest wait for the next one: the median of `SCROLLS` times, ms
 */
async function scrollBoth(browser, page) {
  const plain = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await plain.setContent(EMPTY)
  const seen = new Map([page, plain].map((p) => [p, []]))
  for (let i = 0; i < SCROLLS; i++) {
    for (const [p, worst] of seen) {
      await p.bringToFront()
      worst.push(worstFrames(await tasksDuring(browser, p, () => scroll(p))))
    }
  }
  await plain.close()
  const median = (worst, key) =>
    round(
      percentile(
        worst.map((w) => w[key]),
        0.5,
      ),
      1,
    )
  return [...seen.values()].map((worst) => ({ busy: median(worst, 'busy'), wait: median(worst, 'wait') }))
}

/** Changes a label of `CHANGES` pods a second. */
async function churn(cluster, namespace, count) {
  const began = performance.now()
  const headers = { 'content-type': 'application/merge-patch+json' }
  let sent = 0
  const running = new Set()
  while (performance.now() - began < SECONDS * 1000) {
    for (; sent < ((performance.now() - began) / 1000) * CHANGES; sent++) {
      const body = { metadata: { labels: { turn: String(sent) } } }
      const one = cluster.request('PATCH', `${pods(namespace)}/p${(sent * 7) % count}`, body, headers).finally(() => running.delete(one))
      running.add(one)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await Promise.all(running)
  return Math.round((sent / (performance.now() - began)) * 1000)
}

export async function run() {
  const rows = []
  const cluster = await startCluster(['--name', 'bench'])
  const data = fs.mkdtempSync(path.join(cluster.directory, 'web-'))
  const executablePath = BROWSERS.find((p) => fs.existsSync(p))
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] })
  let web
  try {
    await rate(FEW, 32, (i) => cluster.request('POST', pods('default'), idlePod(`p${i}`)))
    // The first start makes the embedded cluster of the app; a person's second start is the usual one.
    const first = await startWeb(data, cluster.kubeconfig)
    while (!fs.existsSync(path.join(data, 'clusters/drydock/kubeconfig'))) await new Promise((resolve) => setTimeout(resolve, 100))
    await first.stop()
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const began = performance.now()
    web = await startWeb(data, cluster.kubeconfig)
    await page.goto(web.url)
    await page.locator('.rail').waitFor()
    rows.push({ what: 'window usable after the start', value: round((performance.now() - began) / 1000, 2), unit: 's', budget: 2 })

    await page.goto(`${web.url.replace(/#.*/, '')}#/c/bench/overview`)
    await page.getByRole('contentinfo').getByText('Live').waitFor({ timeout: 60_000 })
    await page
      .getByRole('navigation', { name: 'Kinds' })
      .getByRole('link', { name: /^Nodes/ })
      .click()
    await page.locator('.grid .row').first().waitFor()
    const shown = await firstRows(page, '#/c/bench/pods?ns=default')
    rows.push({ what: `first rows of ${FEW.toLocaleString('en-US')} pods`, value: round(shown / 1000, 2), unit: 's', budget: 1 })

    await cluster.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'more' } })
    await rate(MANY - FEW, 32, (i) => cluster.request('POST', pods('more'), idlePod(`p${i}`, 'more')))
    await firstRows(page, '#/c/bench/pods?ns=*')
    await page.waitForFunction((n) => document.querySelector('.grid')?.getAttribute('aria-rowcount') > n, MANY, { timeout: 120_000 })
    const of = MANY.toLocaleString('en-US')
    const [list, empty] = await scrollBoth(browser, page)
    const note = `an empty page: ${empty.busy} ms; longest wait for a frame ${list.wait} ms, of an empty page ${empty.wait} ms`
    rows.push({ what: `scrolling ${of} rows: busiest frame`, value: list.busy, unit: 'ms', budget: 16, note })

    let changes = 0
    const changing = await tasksDuring(browser, page, async () => {
      changes = await churn(cluster, 'default', FEW)
    })
    rows.push({
      what: `${changes} changes a second in ${of} rows: longest task`,
      value: round(longest(changing), 1),
      unit: 'ms',
      budget: 50,
    })
    rows.push({ what: 'changes that were sent', value: changes, unit: '/s', budget: 0.9 * CHANGES, atLeast: true })
    return rows
  } finally {
    await browser.close()
    await web?.stop()
    await cluster.stop()
  }
}
