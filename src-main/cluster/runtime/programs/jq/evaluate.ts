/** Runs jq programs: every expression turns one input into any number of outputs, each with its path where paths are asked for. */
import { typeOf, type Json, type JsonObject } from './json.js'
import { arithmetic } from './arithmetic.js'
import { applyFormat } from './formats.js'
import type { Expression } from './syntax.js'
import { excerpt, getPath, JqError, setPath, deletePaths, sliceKey } from './paths.js'
import { child, plain, truthy } from './item.js'
import { type Closure, type Definition, type Env, type Host, type Item, bind } from './scope.js'
import { Destructuring } from './destructuring.js'

/** `break $name`. */
class Break {
  constructor(readonly token: symbol) {}
}

/** Calls within calls that a program may make. */
const DEEPEST = 2000

/** The paths of a value's children. */
function keysOf(value: Json): Json[] {
  if (Array.isArray(value)) return value.map((_, i) => i)
  if (value instanceof Map) return [...value.keys()]
  throw new JqError(`Cannot iterate over ${typeOf(value)}${value === null ? '' : ` (${excerpt(value)})`}`)
}

export class Evaluator extends Destructuring {
  private depth = 0

  constructor(readonly host: Host) {
    super()
  }

  /** All outputs of a closure for an input. */
  run(closure: Closure, input: Item): AsyncGenerator<Item> {
    return this.evaluate(closure.body, input, closure.env)
  }

  /** The plain values that a closure puts out. */
  async *values(closure: Closure, value: Json): AsyncGenerator<Json> {
    for await (const item of this.run(closure, { value })) yield item.value
  }

  /** The first output; null when there is none. */
  async first(closure: Closure, value: Json): Promise<Json> {
    for await (const item of this.run(closure, { value })) return item.value
    return null
  }

  /** The paths that a closure picks in a value. Throws {@link JqError} when it makes values of its own. */
  async *paths(closure: Closure, value: Json): AsyncGenerator<readonly Json[]> {
    for await (const item of this.run(closure, { value, path: [] })) {
      if (!item.path) throw new JqError(`Invalid path expression with result ${excerpt(item.value)}`)
      yield item.path
    }
  }

  async *evaluate(e: Expression, input: Item, env: Env): AsyncGenerator<Item> {
    const pause = this.host.tick()
    if (pause) await pause
    switch (e.type) {
      case 'identity':
        yield input
        return
      case 'recurse':
        yield* this.recurse(input)
        return
      case 'literal':
        yield { value: e.value }
        return
      case 'string':
        for await (const value of this.text(e.parts, 0, e.format, input, env)) yield { value }
        return
      case 'format':
        yield { value: applyFormat(e.name, input.value) }
        return
      case 'variable':
        yield { value: this.variable(e.name, env) }
        return
      case 'field':
        for await (const name of this.evaluate(e.name, plain(input), env))
          for await (const of of this.evaluate(e.of, input, env)) yield child(of, name.value)
        return
      case 'slice':
        for await (const to of this.optional(e.to, input, env))
          for await (const from of this.optional(e.from, input, env))
            for await (const of of this.evaluate(e.of, input, env)) yield child(of, sliceKey(from, to))
        return
      case 'iterate':
        for await (const of of this.evaluate(e.of, input, env)) for (const key of keysOf(of.value)) yield child(of, key)
        return
      case 'pipe':
        for await (const left of this.evaluate(e.left, input, env)) yield* this.evaluate(e.right, left, env)
        return
      case 'comma':
        yield* this.evaluate(e.left, input, env)
        yield* this.evaluate(e.right, input, env)
        return
      case 'alternative':
        yield* this.alternative(e.left, e.right, input, env)
        return
      case 'and':
      case 'or':
        for await (const { value } of this.evaluate(e.left, plain(input), env)) {
          if (truthy(value) === (e.type === 'or')) yield { value: e.type === 'or' }
          else for await (const right of this.evaluate(e.right, plain(input), env)) yield { value: truthy(right.value) }
        }
        return
      case 'negate':
        for await (const { value } of this.evaluate(e.of, plain(input), env)) {
          if (typeof value !== 'number') throw new JqError(`${typeOf(value)} (${excerpt(value)}) cannot be negated`)
          yield { value: -value }
        }
        return
      case 'binary':
        for await (const right of this.evaluate(e.right, plain(input), env))
          for await (const left of this.evaluate(e.left, plain(input), env)) yield { value: arithmetic(e.op, left.value, right.value) }
        return
      case 'if':
        for await (const { value } of this.evaluate(e.condition, plain(input), env)) {
          const branch = truthy(value) ? e.consequent : e.alternative
          if (branch) yield* this.evaluate(branch, input, env)
          else yield input
        }
        return
      case 'try':
        yield* this.attempt(e.body, e.handler, input, env)
        return
      case 'array':
        yield { value: e.body ? await this.collect(e.body, input, env) : [] }
        return
      case 'object':
        for await (const value of this.object(e.entries, 0, new Map(), plain(input), env)) yield { value }
        return
      case 'reduce':
        yield await this.reduce(e, input, env)
        return
      case 'foreach':
        yield* this.foreach(e, input, env)
        return
      case 'bind':
        for await (const { value } of this.evaluate(e.source, plain(input), env))
          for await (const inner of this.destructure(e.pattern, value, env)) yield* this.evaluate(e.body, input, inner)
        return
      case 'define': {
        const functions = new Map<string, Definition>()
        const inner: Env = { parent: env, functions }
        functions.set(`${e.name}/${e.params.length}`, { params: e.params, body: e.body, env: inner })
        yield* this.evaluate(e.rest, input, inner)
        return
      }
      case 'label': {
        const token = Symbol(e.name)
        try {
          yield* this.evaluate(e.body, input, { parent: env, label: { name: e.name, token } })
        } catch (error) {
          if (!(error instanceof Break) || error.token !== token) throw error
        }
        return
      }
      case 'break':
        for (let at: Env | undefined = env; at; at = at.parent) if (at.label?.name === e.name) throw new Break(at.label.token)
        throw new JqError(`$*label-${e.name} is not defined`)
      case 'assign':
        yield* this.assign(e, input, env)
        return
      case 'call':
        yield* this.call(e.name, e.args, input, env)
    }
  }

  private async *recurse(item: Item): AsyncGenerator<Item> {
    const pause = this.host.tick()
    if (pause) await pause
    yield item
    if (item.value instanceof Map || Array.isArray(item.value)) for (const key of keysOf(item.value)) yield* this.recurse(child(item, key))
  }

  private async *optional(e: Expression | undefined, input: Item, env: Env): AsyncGenerator<Json> {
    if (!e) yield null
    else for await (const { value } of this.evaluate(e, plain(input), env)) yield value
  }

  private async *text(
    parts: readonly (string | Expression)[],
    from: number,
    name: string | undefined,
    input: Item,
    env: Env,
  ): AsyncGenerator<string> {
    let head = ''
    let i = from
    while (i < parts.length && typeof parts[i] === 'string') head += parts[i++] as string
    if (i === parts.length) {
      yield head
      return
    }
    for await (const { value } of this.evaluate(parts[i] as Expression, plain(input), env)) {
      const middle = applyFormat(name ?? '@text', value)
      for await (const tail of this.text(parts, i + 1, name, input, env)) yield head + middle + tail
    }
  }

  private async *alternative(left: Expression, right: Expression, input: Item, env: Env): AsyncGenerator<Item> {
    let any = false
    try {
      for await (const item of this.evaluate(left, input, env)) {
        if (!truthy(item.value)) continue
        any = true
        yield item
      }
    } catch (error) {
      if (!(error instanceof JqError)) throw error
    }
    if (!any) yield* this.evaluate(right, input, env)
  }

  private async *attempt(body: Expression, handler: Expression | undefined, input: Item, env: Env): AsyncGenerator<Item> {
    const source = this.evaluate(body, input, env)
    for (;;) {
      let next: IteratorResult<Item>
      try {
        next = await source.next()
      } catch (error) {
        if (!(error instanceof JqError)) throw error
        if (handler) yield* this.evaluate(handler, { value: error.value }, env)
        return
      }
      if (next.done) return
      yield next.value
    }
  }

  private async collect(body: Expression, input: Item, env: Env): Promise<Json[]> {
    const out: Json[] = []
    for await (const { value } of this.evaluate(body, plain(input), env)) out.push(value)
    return out
  }

  private async *object(
    entries: readonly { key: Expression; value: Expression }[],
    from: number,
    made: JsonObject,
    input: Item,
    env: Env,
  ): AsyncGenerator<JsonObject> {
    const entry = entries[from]
    if (!entry) {
      yield made
      return
    }
    for await (const { value: key } of this.evaluate(entry.key, input, env)) {
      if (typeof key !== 'string') throw new JqError(`Cannot use ${typeOf(key)} (${excerpt(key)}) as object key`)
      for await (const { value } of this.evaluate(entry.value, input, env))
        yield* this.object(entries, from + 1, new Map(made).set(key, value), input, env)
    }
  }

  private async reduce(e: Expression & { type: 'reduce' }, input: Item, env: Env): Promise<Item> {
    let state: Item = { value: null }
    for await (const item of this.evaluate(e.init, input, env)) state = item
    for await (const { value } of this.evaluate(e.source, plain(input), env))
      for await (const inner of this.destructure(e.pattern, value, env)) {
        let next: Item = { value: null }
        for await (const item of this.evaluate(e.update, state, inner)) next = item
        state = next
      }
    return state
  }

  private async *foreach(e: Expression & { type: 'foreach' }, input: Item, env: Env): AsyncGenerator<Item> {
    for await (const init of this.evaluate(e.init, input, env)) {
      let state = init
      for await (const { value } of this.evaluate(e.source, plain(input), env))
        for await (const inner of this.destructure(e.pattern, value, env))
          for await (const item of this.evaluate(e.update, state, inner)) {
            state = item
            if (e.extract) yield* this.evaluate(e.extract, item, inner)
            else yield item
          }
    }
  }

  private async *assign(e: Expression & { type: 'assign' }, input: Item, env: Env): AsyncGenerator<Item> {
    const target: Closure = { body: e.left, env }
    if (e.op === '|=') {
      let { value } = input
      const deleted: Json[] = []
      for await (const path of this.paths(target, value)) {
        let updated: Json | undefined
        for await (const item of this.evaluate(e.right, { value: getPath(value, path) }, env)) {
          updated = item.value
          break
        }
        if (updated === undefined) deleted.push([...path])
        else value = setPath(value, path, updated)
      }
      yield { value: deletePaths(value, deleted) }
      return
    }
    for await (const { value: right } of this.evaluate(e.right, plain(input), env)) {
      let { value } = input
      for await (const path of this.paths(target, input.value)) {
        const old = getPath(value, path)
        const next = e.op === '=' ? right : e.op === '//=' ? (truthy(old) ? old : right) : arithmetic(e.op.slice(0, -1) as '+', old, right)
        value = setPath(value, path, next)
      }
      yield { value }
    }
  }

  private variable(name: string, env: Env): Json {
    for (let at: Env | undefined = env; at; at = at.parent) {
      const value = at.variables?.get(name)
      if (value !== undefined) return value
    }
    if (name === 'ENV') return this.host.environment()
    if (name === '__loc__')
      return new Map<string, Json>([
        ['file', '<top-level>'],
        ['line', 1],
      ])
    throw new JqError(`$${name} is not defined`)
  }

  private async *call(name: string, args: readonly Expression[], input: Item, env: Env): AsyncGenerator<Item> {
    const id = `${name}/${args.length}`
    for (let at: Env | undefined = env; at; at = at.parent) {
      const found = at.functions?.get(id)
      if (!found) continue
      if (++this.depth > DEEPEST) throw new JqError('Maximum call depth exceeded')
      try {
        if ('params' in found) yield* this.callDefined(found, args, 0, input, env, { parent: found.env })
        else yield* this.evaluate(found.body, input, found.env)
      } finally {
        this.depth--
      }
      return
    }
    const native = Object.hasOwn(this.host.natives, id) ? this.host.natives[id]! : undefined
    if (!native) throw new JqError(`${id} is not defined`)
    const result = native(
      this,
      input,
      args.map((body) => ({ body, env })),
    )
    if (isIterable(result)) yield* result
    else yield { value: await result }
  }

  /** Binds the parameters: `f` is a closure, `$f` each of its values. */
  private async *callDefined(
    d: Definition,
    args: readonly Expression[],
    from: number,
    input: Item,
    env: Env,
    inner: Env,
  ): AsyncGenerator<Item> {
    const param = d.params[from]
    if (param === undefined) {
      yield* this.evaluate(d.body, input, inner)
      return
    }
    const closure: Closure = { body: args[from]!, env }
    if (!param.startsWith('$')) {
      yield* this.callDefined(d, args, from + 1, input, env, { parent: inner, functions: new Map([[`${param}/0`, closure]]) })
      return
    }
    for await (const { value } of this.run(closure, plain(input))) {
      const name = param.slice(1)
      const literal: Closure = { body: { type: 'variable', name }, env: bind(inner, name, value) }
      yield* this.callDefined(d, args, from + 1, input, env, { parent: literal.env, functions: new Map([[`${name}/0`, literal]]) })
    }
  }
}

function isIterable(result: AsyncIterable<Item> | Promise<Json> | Json): result is AsyncIterable<Item> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result
}
