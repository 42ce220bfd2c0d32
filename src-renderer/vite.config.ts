import path from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The window's own build: `npx vite src-renderer` serves it, with `?fake` on a backend that lives in memory. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [vue()],
  server: { fs: { allow: [path.resolve(import.meta.dirname, '..')] } },
  worker: { format: 'es' },
  build: {
    target: 'chrome114',
    outDir: path.resolve(import.meta.dirname, '../out/renderer'),
    emptyOutDir: true,
    // Fonts stay files: the content security policy knows no data: fonts.
    assetsInlineLimit: 0,
    // For those who look for a fault, and for the test that asks what of the window was used; no package has them.
    sourcemap: 'hidden',
    chunkSizeWarningLimit: 1000,
  },
})
