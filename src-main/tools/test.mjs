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
import { failureLines, playwrightReport, vitestReport } from './test-reports.mjs'

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
const wanted = (name) => !values.only || values.only.includes(name)
const results = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-test-'))
/** More files than these that fail are no accident of timing. */
const filesOfAccident = 3
const total = { passed: 0, skipped: 0, failures: [], flaky: [] }
const problems = []

/** Runs a test runner once, on all its tests or on those of some files. One that reports nothing, or fails without a failed test, failed. */
function runOnce({ name, command, args, again = [], env, variable, read }, files = []) {
  const file = path.join(results, `${name.replace(/\W/g, '-')}${files.length ? '-again' : ''}.json`)
  console.log(`\n── ${name}${files.length ? ', once more and by themselves: the files that failed' : ''}`)
  const { status } = spawnSync(command, [...args.map((a) => a.replace('REPORT', file)), ...(files.length ? again : []), ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, ...(variable ? { [variable]: file } : {}) },
  })
  const lost = (message) => ({ file: '', name, message })
  try {
    const report = read(file)
    if (status !== 0 && !report.failures.length) report.failures.push(lost(`the runner ended with ${status}`))
    return report
  } catch {
    return { passed: 0, skipped: 0, failures: [lost('no report was written')] }
  }
}

/**
 * Runs all tests of a runner. A file or two that fail are run again by themselves: what fails again has failed; what passes when nothing
 * runs beside it is told as flaky at the end, with how it failed, to be mended as a fault of its own.
 * @returns whether all have passed
 */
function runner(description) {
  const { passed, skipped, failures } = runOnce(description)
  total.skipped += skipped
  total.passed += passed
  const files = [...new Set(failures.map((f) => f.file))]
  if (!files.length) return true
  if (files.length > filesOfAccident || files.includes('')) {
    total.failures.push(...failures)
    return false
  }
  const again = runOnce(description, files)
  const flaky = failures.filter((a) => !again.failures.some((b) => a.file === b.file && (a.name === b.name || !b.name)))
  total.passed += flaky.length
  total.flaky.push(...flaky)
  total.failures.push(...again.failures)
  return again.failures.length === 0
}

const vitest = (name, ...projects) => ({
  name,
  command: 'npx',
  args: [
    'vitest',
    'run',
    ...projects.flatMap((p) => ['--project', p]),
    '--passWithNoTests',
    '--reporter=dot',
    '--reporter=json',
    '--outputFile.json=REPORT',
  ],
  read: vitestReport,
})

for (const problem of wanted('e2e') || wanted('clients') ? systemPackages() : []) problems.push(problem)
await buildIfStale()
if (wanted('clients')) clients()

const unit = [...(wanted('unit') ? ['unit', 'main'] : []), ...(wanted('renderer') ? ['renderer'] : [])]
if (unit.length) runner(vitest(unit.join(', '), ...unit))
if (wanted('clients')) runner(vitest('real clients', 'clients'))
if (wanted('e2e')) {
  const electron = findElectron()
  if (electron.problem) problems.push(`Electron: ${electron.problem}`)
  const [command, ...before] =
    process.platform === 'linux' && !process.env.DISPLAY ? ['xvfb-run', '-a', '--server-args=-screen 0 1600x1000x24', 'npx'] : ['npx']
  const playwright = (name, ...projects) => ({
    name,
    command,
    args: [...before, 'playwright', 'test', ...projects.map((p) => `--project=${p}`), '--reporter=list,json'],
    // What fails once more tells each step.
    again: ['--no-deps', '--trace=retain-on-failure'],
    // All tests of the window run: what they use of it is known in the end.
    env: { DRYDOCK_INVENTORY: '1', ...(electron.binary ? { DRYDOCK_ELECTRON: electron.binary } : {}) },
    variable: 'PLAYWRIGHT_JSON_OUTPUT_FILE',
    read: playwrightReport,
  })
  // What was used is known when all have run, those that were run again too; of tests that failed it is not.
  if (runner(playwright('window and browser', 'browser', 'electron'))) {
    const inventory = playwright('inventory of the window', 'inventory')
    runner({ ...inventory, args: [...inventory.args, '--no-deps'] })
  }
}

fs.rmSync(results, { recursive: true, force: true })
console.log('')
for (const line of failureLines(total.failures, root)) console.log(line)
if (total.flaky.length) {
  console.log('\nFlaky, failed among the others and passed by themselves:')
  for (const line of failureLines(total.flaky, root)) console.log(line)
}
for (const p of problems) console.log(p)
const failed = total.failures.length + problems.length
const also = [total.skipped && `${total.skipped} skipped`, total.flaky.length && `${total.flaky.length} flaky`].filter(Boolean)
console.log([`${total.passed} passed`, `${failed} failed`, ...also].join(', '))
process.exit(failed ? 1 : 0)
