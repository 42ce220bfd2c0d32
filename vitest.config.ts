import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Three kinds of tests: `unit` on the virtual clock, `renderer` in a simulated DOM, `clients` with real kubectl, Helm and processes. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{cluster,backend,main,tools}/**/*.test.ts'],
          environment: 'node',
          testTimeout: 20_000,
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
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['test/kubectl/**/*.test.ts', 'test/durability/**/*.test.ts', 'test/hostile/**/*.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
})
