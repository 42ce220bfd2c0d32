// `npm run dist [-- electron-builder arguments]`: builds and packages. Without arguments: a directory build for this OS.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { build, root } from './build.mjs'
import { findElectron } from './electron.mjs'

await build()
const args = process.argv.slice(2)
const electron = findElectron()
if (electron.problem) {
  console.error(electron.problem)
  process.exit(1)
}
// A runtime that is not the declared one is fine to see that packaging works, and must never be shipped.
const own = electron.declared ? [] : [`-c.electronVersion=${electron.version}`, `-c.electronDist=${path.dirname(electron.binary)}`]
if (!electron.declared) console.log(`packaging with Electron ${electron.version}: for trying out only`)
const { status } = spawnSync(
  'npx',
  ['--no-install', 'electron-builder', ...(args.length ? args : ['--dir']), '--publish', 'never', ...own],
  { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' },
)
process.exit(status ?? 1)
