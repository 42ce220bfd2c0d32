// `npm start`: the window in Electron; where that cannot be, the same app in a browser, and one line that says why.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { buildIfStale, root } from './build.mjs'
import { findElectron } from './electron.mjs'

const args = process.argv.slice(2)
const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

await buildIfStale()
const electron = hasDisplay ? findElectron() : { problem: 'there is no display' }
if (electron.problem) {
  console.log(`${electron.problem}; showing the window in a browser instead`)
  const file = path.join(root, 'out/main/web.cjs')
  process.argv = [process.argv[0], file, ...args]
  createRequire(import.meta.url)(file)
} else {
  if (!electron.declared)
    console.log(`using Electron ${electron.version}, a runtime for development and tests: the declared version cannot be had here`)
  // Chromium refuses to sandbox its processes for root.
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(electron.binary, [...flags, root, ...args], { stdio: 'inherit' })
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 0)))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
}
