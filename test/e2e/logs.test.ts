import fs from 'node:fs'
import { expect, test } from '@playwright/test'
import { startLiveWeb, type Kubectl, type WebApp } from './support/app.js'

/** The logs of a workload and of a pod in a real Chromium. */

let app: WebApp
let kubectl: Kubectl

const talker = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: till }
spec:
  replicas: 2
  selector: { matchLabels: { app: till } }
  template:
    metadata: { labels: { app: till } }
    spec:
      containers:
        - name: sales
          image: busybox:1.36
          command: [sh, -c]
          args:
            - |
              for n in 1 2 3 4 5 6; do echo "{\\"level\\":\\"info\\",\\"msg\\":\\"sold\\",\\"n\\":$n}"; done
              echo '{"level":"error","msg":"drawer is stuck","n":7}'
              sleep 1000
        - { name: door, image: 'busybox:1.36', command: [sh, -c, 'echo the door is open; sleep 1000'] }
`

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  ;({ app, kubectl } = await startLiveWeb())
  kubectl('apply -f -', talker)
  kubectl('rollout status deployment/till --timeout=60s')
})
test.afterAll(async () => {
  await app?.close()
})

const lines = () => app.page.getByRole('log', { name: 'Log' }).locator('.line')
const tools = () => app.page.getByRole('toolbar', { name: 'Logs' })

test('all pods of a Deployment in one log, one container or all of them', async () => {
  const { page } = app
  await page.goto(page.url().replace(/#.*|$/, '#/c/drydock/deployments.apps?ns=default&o=deployments.apps/default/till'))
  await page.getByRole('region', { name: 'Details: till' }).getByRole('button', { name: 'Logs', exact: true }).click()
  await expect(tools()).toContainText('2 pods')
  await page.getByRole('button', { name: 'Maximise' }).click()
  await expect(tools()).toContainText('14 lines')
  await tools().getByRole('combobox', { name: 'Container' }).selectOption('door')
  await expect(lines()).toHaveText([/the door is open$/, /the door is open$/])
  await tools().getByRole('combobox', { name: 'Container' }).selectOption({ label: 'All containers' })
  await expect(tools()).toContainText('16 lines')
})

test('a pod that comes later joins in', async () => {
  kubectl('scale deployment/till --replicas=3')
  await expect(tools()).toContainText('3 pods')
  await expect(tools()).toContainText('24 lines')
})

test('only what is grave enough, and only what matches', async () => {
  await tools().getByRole('combobox', { name: 'Severity' }).selectOption('error')
  await expect(lines()).toHaveCount(3)
  await expect(lines().first()).toContainText('drawer is stuck')
  await tools().getByRole('combobox', { name: 'Severity' }).selectOption('')
  await tools().getByRole('textbox', { name: 'Find' }).fill('!/sold|stuck/')
  await tools().getByRole('button', { name: 'Only matching lines' }).click()
  await expect(lines()).toHaveCount(3)
  await expect(lines().first()).toContainText('the door is open')
  await tools().getByRole('textbox', { name: 'Find' }).fill('')
  await tools().getByRole('button', { name: 'Only matching lines' }).click()
})

test('JSON in columns, times in UTC, and a mark', async () => {
  await tools().getByRole('button', { name: 'JSON lines as columns' }).click()
  await expect(lines().filter({ hasText: /error\s+drawer is stuck\s+n=7$/ })).toHaveCount(3)
  // The fields are chosen and moved, for all logs of containers of this name.
  const field = (name: string) => app.page.getByRole('menuitemcheckbox', { name, exact: true })
  await tools().getByRole('button', { name: 'Fields of JSON lines' }).click()
  await field('msg').click()
  await expect(lines().filter({ hasText: /^\S* ?error\s+n=7$/ })).toHaveCount(3)
  await field('n').press('Alt+ArrowUp')
  await expect(lines().filter({ hasText: /n=7\s+error$/ })).toHaveCount(3)
  await app.page.getByRole('menuitem', { name: 'All fields' }).click()
  await expect(lines().filter({ hasText: /error\s+drawer is stuck\s+n=7$/ })).toHaveCount(3)
  await tools().getByRole('button', { name: 'Timestamps' }).click()
  await tools().getByRole('button', { name: 'Times in UTC' }).click()
  await expect(lines().last()).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ /)
  await tools().getByRole('button', { name: 'Put a mark at the end' }).click()
  await expect(lines().last()).toHaveText(/^──── \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ────$/)
})

test('of a span of time only what was written in it, relative or between two moments', async () => {
  const { page } = app
  const moment = (ms: number) => new Date(ms).toISOString().slice(0, 19)
  const since = tools().getByRole('combobox', { name: 'Since' }).filter({ visible: true })
  await since.selectOption('30 min')
  await expect(lines().filter({ visible: true }).first()).toBeVisible()
  await since.selectOption('Between…')
  const until = tools()
    .getByLabel(/^Until/)
    .filter({ visible: true })
  await until.fill(moment(Date.now() - 3_600_000 * 30))
  await until.press('Tab')
  await expect(page.getByText('The log ended.').filter({ visible: true }).first()).toBeVisible()
  await expect(lines().filter({ visible: true })).toHaveCount(0)
  await until.fill('')
  await until.press('Tab')
  const from = tools().getByLabel(/^From/).filter({ visible: true })
  await from.fill(moment(Date.now() - 3_600_000 * 30))
  await from.press('Tab')
  await expect(lines().filter({ visible: true }).first()).toBeVisible()
  await since.selectOption('tail')
})

test('search goes from match to match and around, and the lines found can be saved', async () => {
  await tools().getByRole('button', { name: 'JSON lines as columns' }).click()
  await tools().getByRole('button', { name: 'Timestamps' }).click()
  const find = tools().getByRole('textbox', { name: 'Find' })
  await find.fill('stuck')
  // Three of the lines, once all are there.
  await expect(tools()).toContainText(/3\s*24 lines/)
  await find.press('Enter')
  await expect(tools()).toContainText('1 of 3')
  await tools().getByRole('button', { name: 'Next match' }).click()
  await expect(tools()).toContainText('2 of 3')
  await tools().getByRole('button', { name: 'Previous match' }).click()
  await tools().getByRole('button', { name: 'Previous match' }).click()
  await expect(tools()).toContainText('3 of 3')
  await tools().getByRole('button', { name: 'Only matching lines' }).click()
  await expect(lines()).toHaveCount(3)
  const saving = app.page.waitForEvent('download')
  await tools().getByRole('button', { name: 'Download the lines shown' }).click()
  const saved = fs.readFileSync(await (await saving).path(), 'utf8')
  expect(saved.split('\n').filter(Boolean)).toHaveLength(3)
  expect(saved).toMatch(/^\S+\/sales \{"level":"error","msg":"drawer is stuck","n":7\}$/m)
  await tools().getByRole('button', { name: 'Only matching lines' }).click()
  await find.fill('')
})

test('keys find, mark, wrap and save as in k9s, and are typed where something is typed', async () => {
  const { page } = app
  const view = page.getByRole('log', { name: 'Log' })
  await view.focus()
  await page.keyboard.press('/')
  await page.keyboard.type('n stuck')
  await expect(tools().getByRole('textbox', { name: 'Find' })).toHaveValue('n stuck')
  await tools().getByRole('textbox', { name: 'Find' }).fill('stuck')
  await expect(tools()).toContainText(/3\s*24 lines/)
  await view.focus()
  await page.keyboard.press('n')
  await expect(tools()).toContainText('1 of 3')
  await page.keyboard.press('n')
  await expect(tools()).toContainText('2 of 3')
  await page.keyboard.press('N')
  await expect(tools()).toContainText('1 of 3')
  await page.keyboard.press('&')
  await expect(lines()).toHaveCount(3)
  const saving = page.waitForEvent('download')
  await page.keyboard.press('Control+s')
  expect((await saving).suggestedFilename()).toMatch(/\.log$/)
  await page.keyboard.press('&')
  await page.keyboard.press('Control+f')
  await page.keyboard.press('Delete')
  await expect(tools().getByRole('textbox', { name: 'Find' })).toHaveValue('')
  await view.focus()
  for (const [key, button] of [
    ['t', 'Timestamps'],
    ['w', 'Wrap lines'],
  ] as const) {
    const pressed = tools().getByRole('button', { name: button })
    const before = await pressed.getAttribute('aria-pressed')
    await page.keyboard.press(key)
    await expect(pressed).toHaveAttribute('aria-pressed', before === 'true' ? 'false' : 'true')
    await page.keyboard.press(key)
    await expect(pressed).toHaveAttribute('aria-pressed', before!)
  }
  await page.keyboard.press('p')
  await expect(tools()).toContainText('Paused')
  await page.keyboard.press('p')
  await expect(tools()).not.toContainText('Paused')
  await page.setViewportSize({ width: 1400, height: 420 })
  await page.keyboard.press('g')
  await expect(tools().getByRole('button', { name: 'Follow' })).toHaveAttribute('aria-pressed', 'false')
  const top = () => view.evaluate((el) => el.scrollTop)
  await expect.poll(top).toBe(0)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await expect.poll(top).toBeGreaterThan(0)
  await page.keyboard.press('G')
  await expect(tools().getByRole('button', { name: 'Follow' })).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('m')
  await expect(lines().last()).toHaveText(/^──── /)
  await page.setViewportSize({ width: 1400, height: 900 })
})

test('wrapped, a long line takes as many rows as it needs', async () => {
  const { page } = app
  await page.setViewportSize({ width: 700, height: 900 })
  const height = () =>
    lines()
      .filter({ hasText: 'stuck' })
      .first()
      .evaluate((el) => el.getBoundingClientRect().height)
  const one = await height()
  await tools().getByRole('button', { name: 'Wrap lines' }).click()
  await page.setViewportSize({ width: 420, height: 900 })
  await expect.poll(height).toBeGreaterThan(one)
  await tools().getByRole('button', { name: 'Wrap lines' }).click()
  await page.setViewportSize({ width: 1400, height: 900 })
})

test.describe('one pod', () => {
  const pods = `
apiVersion: v1
kind: Pod
metadata: { name: clock }
spec:
  containers:
    - name: main
      image: busybox:1.36
      command: [sh, -c, 'n=0; while true; do n=$((n+1)); echo "tick $n."; sleep 1; done']
---
apiVersion: v1
kind: Pod
metadata: { name: stumbler }
spec:
  containers:
    - { name: main, image: 'busybox:1.36', command: [sh, -c, 'echo "run $(cat /proc/uptime)"; sleep 3; exit 1'] }
`
  async function open(pod: string): Promise<void> {
    const { page } = app
    if (await page.getByRole('button', { name: 'Restore' }).isVisible()) await page.getByRole('button', { name: 'Restore' }).click()
    await page.goto(page.url().replace(/#.*|$/, `#/c/drydock/pods?ns=default&o=pods/default/${pod}`))
    await page
      .getByRole('region', { name: `Details: ${pod}` })
      .getByRole('button', { name: 'Logs', exact: true })
      .click()
    await expect(lines().first()).toBeVisible({ timeout: 60_000 })
  }
  const numbers = async () => (await lines().allTextContents()).map((t) => Number(/tick (\d+)\./.exec(t)?.[1] ?? 0))

  test('is paused and goes on without a gap', async () => {
    kubectl('apply -f -', pods)
    kubectl('wait --for=condition=Ready pod/clock --timeout=60s')
    await open('clock')
    await expect(lines().filter({ hasText: 'tick 3.' })).toBeVisible()
    await tools().getByRole('button', { name: 'Pause' }).click()
    await expect(tools()).toContainText('Paused')
    const held = Math.max(...(await numbers()))
    await expect.poll(() => Number(/tick (\d+)\.\s*$/.exec(kubectl('logs clock --tail=1'))![1])).toBeGreaterThan(held + 2)
    expect(Math.max(...(await numbers()))).toBe(held)
    await tools().getByRole('button', { name: 'Continue' }).click()
    await expect(lines().filter({ hasText: `tick ${held + 3}.` })).toBeVisible()
    const shown = await numbers()
    expect(shown).toEqual(Array.from(shown, (_, i) => shown[0]! + i))
  })

  test('since a time shows what is younger', async () => {
    await tools().getByRole('combobox', { name: 'Since' }).selectOption({ label: '5 min' })
    await expect(lines().filter({ hasText: 'tick 1.' })).toBeVisible()
    await tools().getByRole('combobox', { name: 'Since' }).selectOption({ label: 'Last 5,000 lines' })
    await expect(lines().filter({ hasText: 'tick 1.' })).toBeVisible()
  })

  test('whose container restarts goes on with the next run, and its previous run can be read', async () => {
    await open('stumbler')
    await expect(lines().filter({ hasText: /run [\d.]+/ })).toHaveCount(2, { timeout: 60_000 })
    await expect(tools().getByText('The container ended; its next run follows here')).toBeVisible()
    await tools().getByRole('button', { name: 'Previous', exact: true }).click()
    await expect(lines()).toHaveText([/run [\d.]+/])
    await expect(tools()).toContainText('The log ended.')
  })

  test('goes on when the cluster is back, no line twice', async () => {
    await open('clock')
    const pid = Number(fs.readFileSync(`${app.data}/clusters/drydock/lock`, 'utf8').split(' ')[0])
    process.kill(pid, 'SIGKILL')
    await expect(tools()).toContainText('Connection lost, trying again')
    await expect(tools()).not.toContainText('Connection lost, trying again', { timeout: 60_000 })
    const last = async () => (await numbers()).at(-1)!
    const at = await last()
    await expect.poll(last, { timeout: 30_000 }).not.toBe(at)
    const texts = (await lines().allTextContents()).filter((t) => t.includes('tick'))
    expect(texts.length).toBeGreaterThan(1)
    // The container runs anew after the crash of its machine: its count begins again, once.
    const shown = await numbers()
    expect(shown.filter((n, i) => i > 0 && n !== shown[i - 1]! + 1 && n !== 1)).toEqual([])
  })
})
