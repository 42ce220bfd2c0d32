import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

interface Failure {
  file: string
  name: string
  message: string
}
type Read = (file: string) => { passed: number; skipped: number; failures: Failure[] }

const { failureLines, playwrightReport, vitestReport } = (await import('../../src-main/tools/test-reports.mjs' as string)) as {
  failureLines: (failures: Failure[], root: string, linesOfEach?: number) => string[]
  playwrightReport: Read
  vitestReport: Read
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-reports-'))
const report = (content: unknown) => {
  const file = path.join(folder, 'report.json')
  fs.writeFileSync(file, JSON.stringify(content))
  return file
}
afterAll(() => fs.rmSync(folder, { recursive: true }))

describe('what Vitest reports', () => {
  it('is counted, and each failure has its file, its whole name and its messages', () => {
    const file = report({
      numPassedTests: 2,
      numPendingTests: 1,
      testResults: [
        {
          name: '/repo/test/a.test.ts',
          status: 'failed',
          message: '',
          assertionResults: [
            { status: 'passed', fullName: 'a holds', failureMessages: [] },
            { status: 'failed', fullName: 'a holds not', failureMessages: ['expected 1 to be 2', 'and more'] },
          ],
        },
        {
          name: '/repo/test/b.test.ts',
          status: 'passed',
          message: '',
          assertionResults: [{ status: 'passed', fullName: 'b', failureMessages: [] }],
        },
      ],
    })
    expect(vitestReport(file)).toEqual({
      passed: 2,
      skipped: 1,
      failures: [{ file: '/repo/test/a.test.ts', name: 'a holds not', message: 'expected 1 to be 2\nand more' }],
    })
  })

  it('has a failure for a file that fails before its first test', () => {
    const file = report({
      numPassedTests: 0,
      numPendingTests: 0,
      testResults: [{ name: '/repo/test/c.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] }],
    })
    expect(vitestReport(file).failures).toEqual([{ file: '/repo/test/c.test.ts', name: '', message: 'Cannot find module' }])
  })
})

describe('what Playwright reports', () => {
  const spec = (title: string, ok: boolean, ...errors: string[]) => ({
    title,
    ok,
    file: 'e2e/keys.test.ts',
    tests: [{ results: [{ errors: errors.map((message) => ({ message })) }] }],
  })

  it('is counted, groups within groups and what went wrong outside of a test included', () => {
    const file = report({
      config: { rootDir: '/repo/test' },
      stats: { expected: 4, flaky: 0, skipped: 2, unexpected: 2 },
      suites: [{ specs: [spec('opens', true), spec('closes', false, 'late')], suites: [{ specs: [spec('in a group', false, 'never')] }] }],
      errors: [{ message: 'no browser' }],
    })
    expect(playwrightReport(file)).toEqual({
      passed: 4,
      skipped: 2,
      failures: [
        { file: '/repo/test/e2e/keys.test.ts', name: 'closes', message: 'late' },
        { file: '/repo/test/e2e/keys.test.ts', name: 'in a group', message: 'never' },
        { file: '', name: '', message: 'no browser' },
      ],
    })
  })
})

it('a failure is shown by its file and name, with the first lines of its message', () => {
  const failure = { file: '/repo/test/a.test.ts', name: 'a holds', message: 'one\ntwo\nthree' }
  expect(failureLines([failure], '/repo', 2)).toEqual(['✗ test/a.test.ts › a holds', '    one', '    two'])
})
