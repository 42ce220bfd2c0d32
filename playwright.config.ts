import { defineConfig } from '@playwright/test'

/** Windows of Electron take the keyboard from each other; pages of a browser without a head do not. */
const electron = /(electron|secrets|snapshots)\.test\.ts$/

/** A real window (Electron) and a real browser (Chromium), each on an embedded cluster of its own. */
export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 2,
  projects: [
    { name: 'browser', testIgnore: electron },
    { name: 'electron', testMatch: electron, workers: 1 },
  ],
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: 'list',
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
})
