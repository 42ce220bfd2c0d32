import type { Target } from '../stores/dialogs.js'

/** Does `act` for every target, a few at a time; gives what went wrong, by target. */
export async function runAll(
  targets: readonly Target[],
  act: (target: Target) => Promise<unknown>,
  atOnce = 8,
): Promise<{ target: Target; error: unknown }[]> {
  const failures: { target: Target; error: unknown }[] = []
  const queue = [...targets]
  const worker = async () => {
    for (let target = queue.shift(); target; target = queue.shift()) {
      try {
        await act(target)
      } catch (error) {
        failures.push({ target, error })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, worker))
  return failures
}
