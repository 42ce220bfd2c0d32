// `npm run check`: types, lint (with the walls between the rooms), format. Runs all, reports all, fails if one fails.
import { spawnSync } from 'node:child_process'
import { generate } from './schema.mjs'

await generate()
const steps = [
  ['types', 'vue-tsc', ['--noEmit', '-p', '.']],
  ['lint', 'oxlint', ['--quiet', 'src-main', 'src-renderer', 'test']],
  ['walls and templates', 'eslint', ['--max-warnings', '0', 'src-main', 'src-renderer', 'test']],
  ['format', 'oxfmt', ['--check', '.']],
]
let failed = 0
for (const [name, command, args] of steps) {
  const started = Date.now()
  const { status } = spawnSync('npx', ['--no-install', command, ...args], { stdio: 'inherit', shell: process.platform === 'win32' })
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  if (status !== 0) failed++
}
process.exit(failed ? 1 : 0)
