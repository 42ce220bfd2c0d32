// `npm run screenshots [-- NAME …]`: a picture of every panel (or of those whose name matches) in both themes and in
// Chinese, in .cache/screenshots/light, dark and zh-CN, taken in a real Chromium of an embedded cluster with workloads made for it.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { buildIfStale, root } from './build.mjs'
import { clients } from './clients.mjs'
import { systemPackages } from './system.mjs'

const problems = systemPackages()
for (const problem of problems) console.error(problem)
if (problems.length) process.exit(1)
clients()
await buildIfStale()
const names = process.argv.slice(2).filter((a) => !a.startsWith('-'))
const out = path.join(root, '.cache/screenshots')
if (names.length === 0) fs.rmSync(out, { recursive: true, force: true })
const config = path.join(root, 'test/screenshots/playwright.config.ts')
const { status } = spawnSync(
  'npx',
  ['playwright', 'test', '--config', config, ...(names.length ? ['--grep', `(^|\\s)(${names.join('|')})$`] : [])],
  { cwd: root, stdio: 'inherit' },
)
if (status === 0) console.log(out)
process.exit(status ?? 1)
