// Builds the three parts of the app into out/: `node src-main/tools/build.mjs [--if-stale]`.
//   out/main/      index.cjs (Electron), backend.cjs (utility process), cluster.cjs, web.cjs and mcp.cjs (also plain Node)
//   out/preload/   preload.cjs
//   out/renderer/  the window
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const stamp = path.join(root, 'out/.stamp')

/** The newest change in everything that the build reads, ms. */
function newestSource() {
  let newest = 0
  const visit = (p) => {
    const s = fs.statSync(p, { throwIfNoEntry: false })
    if (!s) return
    newest = Math.max(newest, s.mtimeMs)
    if (s.isDirectory()) for (const name of fs.readdirSync(p)) if (name !== 'generated') visit(path.join(p, name))
  }
  for (const p of ['src-main', 'src-renderer', 'package-lock.json']) visit(path.join(root, p))
  return newest
}

/** Whether out/ is older than its sources. */
export function isStale() {
  const built = fs.statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return newestSource() > built
}

/** Modules that stay outside of the bundles: native code, and Electron's own. */
const external = ['electron', 'lmdb', '@lydell/node-pty', 'bufferutil', 'utf-8-validate']

/** Builds everything. `only` limits it to some of `main`, `preload`, `renderer`. */
export async function build({ only = ['main', 'preload', 'renderer'], log = 'warn' } = {}) {
  const started = Date.now()
  const { generate } = await import('./schema.mjs')
  await generate()
  const { build: viteBuild } = await import('vite')
  const node = (outDir, input) => ({
    configFile: false,
    root,
    logLevel: log,
    define: { 'process.env.NODE_ENV': '"production"' },
    ssr: { noExternal: true, external },
    build: {
      ssr: true,
      target: 'node18',
      outDir: path.join(root, outDir),
      emptyOutDir: true,
      minify: false,
      sourcemap: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input,
        external,
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
      },
    },
  })
  const at = (file) => path.join(root, 'src-main', file)
  // Vite leaves NODE_ENV=production, which is not for what this process runs next.
  const { NODE_ENV: before } = process.env
  const jobs = []
  if (only.includes('main'))
    jobs.push(
      viteBuild(
        node('out/main', {
          index: at('main/index.ts'),
          backend: at('main/backend.ts'),
          cluster: at('cluster/cli.ts'),
          web: at('backend/web/cli.ts'),
          mcp: at('backend/mcp/cli.ts'),
        }),
      ),
    )
  if (only.includes('preload')) jobs.push(viteBuild(node('out/preload', { preload: at('main/preload.ts') })))
  if (only.includes('renderer'))
    jobs.push(
      viteBuild({
        configFile: path.join(root, 'src-renderer/vite.config.ts'),
        root: path.join(root, 'src-renderer'),
        logLevel: log,
        build: { outDir: path.join(root, 'out/renderer'), emptyOutDir: true },
      }),
    )
  try {
    await Promise.all(jobs)
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
  fs.writeFileSync(stamp, '')
  return Date.now() - started
}

/** Builds if a source is newer than the last build; tells so on stderr. */
export async function buildIfStale() {
  if (!isStale()) return
  process.stderr.write('building …')
  const ms = await build()
  process.stderr.write(` ${(ms / 1000).toFixed(1)} s\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--if-stale')) await buildIfStale()
  else console.log(`built in ${((await build({ log: 'info' })) / 1000).toFixed(1)} s`)
}
