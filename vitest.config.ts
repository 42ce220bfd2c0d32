import os from 'node:os'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** What a busy machine may take for what a quiet one does in a moment, ms. */
const PATIENCE = 60_000
/** On two cores Vitest would take one of them; the tests of one process leave the other half idle. */
const maxWorkers = Math.max(2, os.availableParallelism() - 1)
const expect = { poll: { timeout: 15_000 } }

/**
 * Kinds of tests: `unit` on the virtual clock, `main` of what starts the processes, `renderer` in a simulated DOM, `clients` with real
 * kubectl, Helm and processes. Those of `unit` keep nothing in modules, so that a process loads the rooms once for all its files: to
 * load them for each took two thirds of the time.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{cluster,backend}/**/*.test.ts'],
          environment: 'node',
          isolate: false,
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
          expect,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'main',
          include: ['test/{main,tools}/**/*.test.ts'],
          environment: 'node',
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
          expect,
          maxWorkers,
        },
      },
      {
        plugins: [vue()],
        // Stylesheets are left out, but for the one whose colours a test reads.
        test: {
          name: 'renderer',
          include: ['test/renderer/**/*.test.ts'],
          environment: 'happy-dom',
          css: { include: /tokens\.css/ },
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
          expect,
          maxWorkers,
        },
      },
      {
        // The actions of the window are among what is held against kubectl.
        plugins: [vue()],
        test: {
          name: 'clients',
          include: ['test/kubectl/**/*.test.ts', 'test/durability/**/*.test.ts', 'test/hostile/**/*.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect,
          maxWorkers: 2,
        },
      },
    ],
  },
})
