import { defineConfig } from '@playwright/test'

/** Pictures of every panel, not tests: `npm run screenshots`. */
export default defineConfig({
  testDir: '.',
  testMatch: 'screenshots.ts',
  outputDir: '../../test-results',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1,
  reporter: 'list',
})
