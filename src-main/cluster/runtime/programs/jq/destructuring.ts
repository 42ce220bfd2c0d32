/** Patterns of jq: the names that they give to the parts of a value. */
import { typeOf, type Json } from './json.js'
import type { Expression, Pattern } from './syntax.js'
import { get, JqError } from './paths.js'
import { type Env, type Item, bind } from './scope.js'

/** Takes values apart by patterns: `as [$a, {b: $c}]`. */
export abstract class Destructuring {
  /** The scopes that a pattern makes of a value. */
  protected async *destructure(pattern: Pattern, value: Json, env: Env): AsyncGenerator<Env> {
    if (pattern.type === 'variable') {
      yield bind(env, pattern.name, value)
      return
    }
    if (pattern.type === 'array') {
      if (value !== null && !Array.isArray(value)) throw new JqError(`Cannot index ${typeOf(value)} with number`)
      yield* this.destructureAll(
        pattern.items.map(
          (p, i) =>
            async function* () {
              yield { pattern: p, value: get(value, i) }
            },
        ),
        0,
        env,
      )
      return
    }
    const evaluate = (key: Expression, at: Env): AsyncGenerator<Item> => this.evaluate(key, { value }, at)
    yield* this.destructureAll(
      pattern.entries.map(
        (entry) =>
          async function* (at: Env) {
            for await (const key of evaluate(entry.key, at)) {
              if (typeof key.value !== 'string') throw new JqError(`Cannot index ${typeOf(value)} with ${typeOf(key.value)}`)
              const found = get(value, key.value)
              yield { pattern: entry.value, value: found, variable: entry.variable }
            }
          },
      ),
      0,
      env,
    )
  }

  private async *destructureAll(
    sources: readonly ((env: Env) => AsyncGenerator<{ pattern?: Pattern; value: Json; variable?: string }>)[],
    from: number,
    env: Env,
  ): AsyncGenerator<Env> {
    const source = sources[from]
    if (!source) {
      yield env
      return
    }
    for await (const { pattern, value, variable } of source(env)) {
      const named = variable === undefined ? env : bind(env, variable, value)
      if (!pattern) yield* this.destructureAll(sources, from + 1, named)
      else for await (const inner of this.destructure(pattern, value, named)) yield* this.destructureAll(sources, from + 1, inner)
    }
  }

  abstract evaluate(e: Expression, input: Item, env: Env): AsyncGenerator<Item>
}
