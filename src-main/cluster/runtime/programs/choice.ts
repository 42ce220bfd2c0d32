/** Options of GNU programs that take one of several words: `--sort=size`, `--color=auto`. */
import { Fail, type Command } from './command.js'

/**
 * The word that is meant: itself or a beginning that only it has; the first of those that mean the same.
 * @param option as the message calls it, `--sort`
 * @param groups words that mean the same stand together
 * Throws Fail with the list of all words.
 */
export function choice(c: Command, option: string, given: string, groups: readonly (readonly string[])[], status = 1): string {
  const exact = groups.find((words) => words.includes(given))
  if (exact) return exact[0]!
  const begun = groups.filter((words) => words.some((word) => word.startsWith(given)))
  if (begun.length === 1 && given !== '') return begun[0]![0]!
  const list = groups.map((words) => `  - ${words.map((word) => `'${word}'`).join(', ')}\n`).join('')
  throw new Fail(
    `${c.name}: ${begun.length > 1 ? 'ambiguous' : 'invalid'} argument '${given}' for '${option}'\nValid arguments are:\n${list}Try '${c.name} --help' for more information.`,
    status,
  )
}
