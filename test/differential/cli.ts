/**
 * Sends scripts of requests to an API server and compares its answers with the recorded ones, or to two servers and
 * compares their answers with each other.
 *
 *     npx tsx test/differential/cli.ts --a KUBECONFIG [--b KUBECONFIG] [options] CASES.jsonl…
 *
 *     --a FILE      the server to ask; its user must be an admin that may impersonate
 *     --b FILE      a second server: the answers of both are compared with each other, in all they say
 *     --only REGEX  only cases whose id matches
 *     --mode MODE   with --b: status, message, subset or exact (the default)
 *     --jobs N      cases to run at a time (6)
 *
 * For example the recorded answers, held against a cluster that runs here:
 *
 *     npx tsx test/differential/cli.ts --a ~/.kube/config test/data/recorded/answers.jsonl
 *
 * case.ts describes the format of cases. The exit code is 0 when all are equal, 1 when some differ, 2 for wrong usage.
 */
import { parseArgs } from 'node:util'
import { readCases, type Mode } from './case.js'
import { connect } from './connection.js'
import { differingFromEachOther, differingFromRecorded } from './differing.js'
import { inParallel } from './run.js'

const USAGE = 'usage: cli.ts --a KUBECONFIG [--b KUBECONFIG] [--only REGEX] [--mode status|message|subset|exact] [--jobs N] CASES.jsonl…'
const MODES: readonly string[] = ['status', 'message', 'subset', 'exact']

function options(): { a: string; b?: string; only: RegExp; mode: Mode; jobs: number; files: string[] } {
  try {
    const { values, positionals: files } = parseArgs({
      allowPositionals: true,
      options: {
        a: { type: 'string' },
        b: { type: 'string' },
        only: { type: 'string', default: '' },
        mode: { type: 'string', default: 'exact' },
        jobs: { type: 'string', default: '6' },
      },
    })
    const jobs = Number(values.jobs)
    if (!values.a || files.length === 0 || !MODES.includes(values.mode) || !(jobs >= 1)) throw new Error(USAGE)
    return { a: values.a, b: values.b, only: new RegExp(values.only), mode: values.mode as Mode, jobs, files }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(2)
  }
}

const { a, b, only, mode, jobs, files } = options()
const first = await connect(a)
const second = b === undefined ? undefined : await connect(b)
const cases = files.flatMap(readCases).filter((c) => only.test(c.id))
const found = await inParallel(cases, jobs, (c) =>
  second ? differingFromEachOther(first, second, c, mode) : differingFromRecorded(first, c),
)
for (const [i, differences] of found.entries()) {
  if (differences.length === 0) continue
  console.log(`${cases[i]!.id}: ${cases[i]!.about}`)
  for (const difference of differences) console.log(`    ${difference}`)
}
const differ = found.filter((differences) => differences.length > 0).length
console.log(`${cases.length - differ} equal, ${differ} differ`)
first.close()
second?.close()
process.exitCode = differ === 0 ? 0 : 1
