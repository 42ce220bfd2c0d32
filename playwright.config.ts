import path from 'node:path'
import { defineConfig } from '@playwright/test'
import { DRIVEN } from './test/e2e/support/driven.js'

/** Windows of Electron take the keyboard from each other; pages of a browser without a head do not. */
const electron = /(electron|secrets|snapshots)\.test\.ts$/

const inventory = /inventory\.test\.ts$/
/** What the browsers call is gathered in a run of all tests (`npm test`), which alone can tell what none of them uses. */
const takesStock = process.env.DRYDOCK_INVENTORY === '1'
// The processes of the tests have it from the one that reads this first.
if (takesStock) process.env[DRIVEN] ??= path.resolve(import.meta.dirname, '.cache/driven')

/** A real window (Electron) and a real browser (Chromium), each on an embedded cluster of its own. */
export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 2,
  ...(takesStock ? { globalSetup: './test/e2e/support/fresh-calls.ts' } : {}),
  projects: [
    { name: 'browser', testIgnore: [electron, inventory] },
    { name: 'electron', testMatch: electron, workers: 1 },
    ...(takesStock ? [{ name: 'inventory', testMatch: inventory }] : []),
  ],
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: 'list',
  // A name that is wrong costs no more than what is not there.
  // A trace takes each step down, which costs much of the time: it is kept where it is asked for (`--trace retain-on-failure`).
  use: { screenshot: 'only-on-failure', actionTimeout: 30_000 },
})
