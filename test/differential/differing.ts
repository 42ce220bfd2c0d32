/** Runs a case and tells how its answers differ from the recorded ones, or those of two servers from each other. */
import type { Answer, Case, Mode } from './case.js'
import { differences } from './compare.js'
import type { Connection } from './connection.js'
import { runCase } from './run.js'

/** How the answers of a server differ from the recorded ones; a failed preparation counts as a difference. */
export async function differingFromRecorded(connection: Connection, script: Case): Promise<string[]> {
  const { answers, problems } = await runCase(connection, script)
  return [...problems, ...differing(script, script.answers ?? [], answers)]
}

/**
 * How the answers of server `b` differ from those of `a`. All that both say is compared, unless another mode is asked
 * for: the modes of a case are for servers of different versions.
 */
export async function differingFromEachOther(a: Connection, b: Connection, script: Case, mode: Mode = 'exact'): Promise<string[]> {
  const [first, second] = await Promise.all([runCase(a, script), runCase(b, script)])
  const alike = { ...script, mode, steps: script.steps.map((step) => ({ ...step, mode })) }
  const found = [
    ...first.problems.map((problem) => `a: ${problem}`),
    ...second.problems.map((problem) => `b: ${problem}`),
    ...differing(alike, first.answers, second.answers),
  ]
  // Of sets only what the first lacks is found; so the other way is looked at too.
  if (script.unordered && found.length === 0) found.push(...differing(alike, second.answers, first.answers).map((d) => `from b to a: ${d}`))
  return found
}

function differing(script: Case, want: Answer[], got: Answer[]): string[] {
  return script.steps.flatMap((step, i) => {
    const mode = step.mode ?? script.mode ?? 'message'
    const found = want[i] ? differences(want[i], got[i]!, mode, script.unordered) : ['nothing was recorded for it']
    return found.map((difference) => `step ${i + 1} ${step.method} ${step.path}: ${difference}`)
  })
}
