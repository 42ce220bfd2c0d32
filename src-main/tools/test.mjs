// `npm test`: sets up what the tests need, runs all of them, and ends with a line `N passed, N failed`.
//   npm test -- --only unit|renderer|clients|e2e   runs some; may be given several times
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale, root } from './build.mjs'
import { clients } from './clients.mjs'
import { findElectron } from './electron.mjs'
import { systemPackages } from './system.mjs'

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
const wanted = (name) => !values.only || values.only.includes(name)
const results = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-test-'))
let passed = 0
let failed = 0
let skipped = 0
const problems = []

/** Runs a test runner; `read` takes the counts from its JSON report. A runner that reports nothing counts as one failure. */
function runner(name, command, args, env, read) {
  const file = path.join(results, `${name.replace(/\W/g, '-')}.json`)
  console.log(`\n── ${name}`)
  const { status } = spawnSync(
    command,
    args.map((a) => a.replace('REPORT', file)),
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...env, ...(env.reportVariable ? { [env.reportVariable]: file } : {}) } },
  )
  let counts
  try {
    counts = read(JSON.parse(fs.readFileSync(file, 'utf8')))
  } catch {
    counts = { passed: 0, failed: 1, skipped: 0 }
    problems.push(`${name}: no report was written`)
  }
  if (status !== 0 && counts.failed === 0) {
    counts.failed++
    problems.push(`${name}: the runner ended with ${status}`)
  }
  passed += counts.passed
  failed += counts.failed
  skipped += counts.skipped
}

const vitest = (r) => ({
  passed: r.numPassedTests,
  failed: r.numFailedTests + r.testResults.filter((t) => t.status === 'failed' && !t.assertionResults.length).length,
  skipped: r.numPendingTests + (r.numTodoTests ?? 0),
})
const vitestArgs = (...projects) => [
  'vitest',
  'run',
  ...projects.flatMap((p) => ['--project', p]),
  '--passWithNoTests',
  '--reporter=dot',
  '--reporter=json',
  '--outputFile.json=REPORT',
]

for (const problem of wanted('e2e') || wanted('clients') ? systemPackages() : []) problems.push(problem)
await buildIfStale()
if (wanted('clients')) clients()

const unit = ['unit', 'renderer'].filter(wanted)
if (unit.length) runner(unit.join(' and '), 'npx', vitestArgs(...unit), {}, vitest)
if (wanted('clients')) runner('real clients', 'npx', vitestArgs('clients'), {}, vitest)
if (wanted('e2e')) {
  const electron = findElectron()
  if (electron.problem) problems.push(`Electron: ${electron.problem}`)
  const command =
    process.platform === 'linux' && !process.env.DISPLAY ? ['xvfb-run', '-a', '--server-args=-screen 0 1600x1000x24', 'npx'] : ['npx']
  const env = { reportVariable: 'PLAYWRIGHT_JSON_OUTPUT_FILE', ...(electron.binary ? { DRYDOCK_ELECTRON: electron.binary } : {}) }
  runner('window and browser', command[0], [...command.slice(1), 'playwright', 'test', '--reporter=list,json'], env, (r) => ({
    passed: r.stats.expected + r.stats.flaky,
    failed: r.stats.unexpected + r.errors.length,
    skipped: r.stats.skipped,
  }))
}

fs.rmSync(results, { recursive: true, force: true })
console.log('')
for (const p of problems) console.log(p)
console.log(
  `${passed} passed, ${failed + (problems.length && !failed ? problems.length : 0)} failed${skipped ? `, ${skipped} skipped` : ''}`,
)
process.exit(failed || problems.length ? 1 : 0)
