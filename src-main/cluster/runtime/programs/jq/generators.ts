/** The natives of jq that put out many values. */
import type { Evaluator } from './evaluate.js'
import type { Closure, Item, Native } from './scope.js'
import type { Json } from './json.js'
import { JqError } from './paths.js'
import { number, product } from './arguments.js'

export async function* range(jq: Evaluator, input: Item, args: readonly Closure[]): AsyncGenerator<Item> {
  for await (const values of product(jq, input.value, args)) {
    const [from, to, by] = args.length === 1 ? [0, values[0]!, 1] : [values[0]!, values[1]!, values[2] ?? 1]
    const step = number(by as Json, 'cannot be a range step')
    const end = typeof to === 'number' ? to : NaN
    if (typeof from !== 'number' || Number.isNaN(end)) throw new JqError('Range bounds must be numeric')
    if (step === 0) continue
    for (let n = from; step > 0 ? n < end : n > end; n += step) {
      const pause = jq.host.tick()
      if (pause) await pause
      yield { value: n }
    }
  }
}

/** The first `n` outputs, or all but them. */
export function counted(keep: boolean): Native {
  return async function* (jq, input, [count, body]) {
    for await (const value of jq.values(count!, input.value)) {
      let left = number(value)
      if (keep && left <= 0) continue
      for await (const item of jq.run(body!, input)) {
        if (keep) {
          yield item
          if (--left <= 0) break
        } else if (left-- <= 0) yield item
      }
    }
  }
}

/** States that `until` and its like may have open. */
const MOST_STEPS = 100_000

/**
 * `until`, `while` and `repeat`: from state to state, without a call in a call. `go` tells of a state whether it is
 * updated; the states that are (`every`), or those that are not, are put out.
 */
export async function* steps(
  jq: Evaluator,
  input: Item,
  update: Closure,
  go: (item: Item) => Promise<boolean>,
  every: boolean,
): AsyncGenerator<Item> {
  const open: AsyncGenerator<Item>[] = [jq.evaluate({ type: 'identity' }, input, {})]
  while (open.length > 0) {
    const next = await open.at(-1)!.next()
    if (next.done) {
      open.pop()
      continue
    }
    const more = await go(next.value)
    if (more === every) yield next.value
    if (!more) continue
    if (open.length > MOST_STEPS) throw new JqError('Maximum call depth exceeded')
    open.push(jq.run(update, next.value))
  }
}
