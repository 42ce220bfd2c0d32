// The scheduler among 5,000 nodes: pods that wait already are bound, through the API, in memory.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { root } from '../../src-main/tools/build.mjs'

const NODES = 5000
const PODS = 6000

export async function run() {
  const outDir = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-bench-'))
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'warn',
      ssr: { noExternal: true, external: ['lmdb'] },
      build: {
        ssr: true,
        outDir,
        emptyOutDir: true,
        minify: false,
        rolldownOptions: {
          input: path.join(root, 'test/bench/scheduler-cluster.ts'),
          external: ['lmdb'],
          output: { format: 'cjs', entryFileNames: 'scheduler.cjs' },
        },
      },
    })
    // What is not bundled is found from here.
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(outDir, 'node_modules'))
    const { schedule } = (await import(pathToFileURL(path.join(outDir, 'scheduler.cjs')).href)).default
    const { wall, cpu } = await schedule(NODES, PODS)
    return [
      {
        what: `scheduler: ${NODES} nodes, ${PODS} pods bound`,
        value: Math.round((PODS / wall) * 1000),
        unit: 'pods/s',
        budget: 3000,
        atLeast: true,
      },
      { what: 'scheduler: CPU for each of them, its binding included', value: Math.round((cpu / PODS) * 1000), unit: 'µs', budget: 500 },
    ]
  } finally {
    fs.rmSync(outDir, { recursive: true, force: true })
  }
}
