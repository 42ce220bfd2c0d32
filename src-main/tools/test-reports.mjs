// What the JSON reports of the test runners say: how many tests passed, and which failed, file by file.
import fs from 'node:fs'
import path from 'node:path'

/**
 * @typedef {{ file: string, name: string, message: string }} Failure `file` as the runner takes it on its command line.
 * @typedef {{ passed: number, skipped: number, failures: Failure[] }} Report
 */

/** Of Vitest. A file that fails before its first test counts as one failure. @returns {Report} */
export function vitestReport(file) {
  const report = JSON.parse(fs.readFileSync(file, 'utf8'))
  const failures = report.testResults.flatMap((result) => {
    const failed = result.assertionResults.filter((test) => test.status === 'failed')
    if (result.status === 'failed' && failed.length === 0) return [{ file: result.name, name: '', message: result.message ?? '' }]
    return failed.map((test) => ({ file: result.name, name: test.fullName, message: test.failureMessages.join('\n') }))
  })
  return { passed: report.numPassedTests, skipped: report.numPendingTests + (report.numTodoTests ?? 0), failures }
}

/** Of Playwright. What goes wrong outside of a test, in a file that cannot be read for one, counts as a failure. @returns {Report} */
export function playwrightReport(file) {
  const report = JSON.parse(fs.readFileSync(file, 'utf8'))
  const under = report.config.rootDir
  const specs = (suite) => [...suite.specs, ...(suite.suites ?? []).flatMap(specs)]
  const failures = report.suites
    .flatMap(specs)
    .filter((spec) => !spec.ok)
    .map((spec) => ({ file: path.join(under, spec.file), name: spec.title, message: messages(spec) }))
  const outside = report.errors.map((error) => ({ file: error.location?.file ?? '', name: '', message: error.message ?? '' }))
  return { passed: report.stats.expected + report.stats.flaky, skipped: report.stats.skipped, failures: [...failures, ...outside] }
}

const messages = (spec) =>
  spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors.map((error) => error.message))).join('\n')

/** The failures to read at the end of a long output: where, which, and how each message begins. */
export function failureLines(failures, root, linesOfEach = 12) {
  return failures.flatMap(({ file, name, message }) => [
    `✗ ${[path.relative(root, file), name].filter(Boolean).join(' › ')}`,
    ...message
      .split('\n')
      .slice(0, linesOfEach)
      .map((line) => `    ${line}`),
  ])
}
