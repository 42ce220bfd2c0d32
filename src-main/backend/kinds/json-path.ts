/**
 * JSONPath as kubectl reads it in `-o custom-columns` and `-o jsonpath`: `.spec.nodeName`, `{.status.conditions[?(@.type=="Ready")].status}`,
 * `metadata.labels['a.b/c']`, `.items[*].name`, `.a[0]`, `.a[-1]`, `..image`.
 * https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */
import type { Json } from './kind.js'

type Step = (values: Json[]) => Json[]

const isMap = (v: Json): boolean => typeof v === 'object' && v !== null && !Array.isArray(v)
const childrenOf = (v: Json): Json[] => (typeof v === 'object' && v !== null ? Object.values(v) : [])

const field =
  (name: string): Step =>
  (values) =>
    values.flatMap((v) => (isMap(v) && Object.hasOwn(v, name) ? [v[name]] : []))

const all: Step = (values) => values.flatMap(childrenOf)

function withDescendants(values: Json[]): Json[] {
  return values.flatMap((v) => [v, ...withDescendants(childrenOf(v))])
}

/** `[2]`, `[-1]`, `[1:3]`. */
function slice(text: string): Step {
  const [from, to] = text.split(':')
  const one = to === undefined
  return (values) =>
    values.flatMap((v) => {
      if (!Array.isArray(v)) return []
      const start = from ? Number(from) : 0
      if (one) return v.slice(start, start === -1 ? undefined : start + 1)
      return v.slice(start, to ? Number(to) : undefined)
    })
}

const comparisons: Record<string, (a: Json, b: Json) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

function literal(text: string): Json {
  const quoted = /^(["'])(.*)\1$/.exec(text)
  if (quoted) return quoted[2]
  if (text === 'true' || text === 'false') return text === 'true'
  if (text !== '' && Number.isFinite(Number(text))) return Number(text)
  throw new Error(`${text} is no value: texts are quoted`)
}

/** `[?(@.type=="Ready")]`: elements for which the comparison holds, or that have the field. */
function filter(text: string): Step {
  const match = /^@((?:[^=!<>"']|\[(?:"[^"]*"|'[^']*')\])*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/.exec(text)
  if (!match) throw new Error(`the filter ${text} cannot be read`)
  const [, path = '', operator, right] = match
  const steps = parse(path.trim())
  const holds = operator === undefined ? undefined : comparisons[operator]
  const wanted = right === undefined ? undefined : literal(right)
  return (values) =>
    values
      .flatMap((v) => (Array.isArray(v) ? v : childrenOf(v)))
      .filter((v) => {
        const found = walk(steps, [v])
        return holds ? found.some((f) => holds(f, wanted)) : found.length > 0
      })
}

/** Where the bracket that opens at `at` closes; brackets in quotes do not count. */
function closing(text: string, at: number): number {
  let depth = 0
  let quote = ''
  for (let i = at; i < text.length; i++) {
    const c = text[i]!
    if (quote) quote = c === quote ? '' : quote
    else if (c === '"' || c === "'") quote = c
    else if (c === '[') depth++
    else if (c === ']' && --depth === 0) return i
  }
  throw new Error('a bracket is not closed')
}

function bracket(text: string): Step {
  const inner = text.trim()
  if (inner === '*') return all
  const quoted = /^(["'])(.*)\1$/.exec(inner)
  if (quoted) return field(quoted[2]!)
  const condition = /^\?\((.*)\)$/.exec(inner)
  if (condition) return filter(condition[1]!.trim())
  if (/^-?\d+$|^-?\d*:-?\d*$/.test(inner)) return slice(inner)
  throw new Error(`[${inner}] cannot be read`)
}

function parse(text: string): Step[] {
  const steps: Step[] = []
  let i = 0
  while (i < text.length) {
    if (text.startsWith('..', i)) {
      steps.push(withDescendants)
      i += text[i + 2] === '[' ? 2 : 1
    } else if (text[i] === '[') {
      const end = closing(text, i)
      steps.push(bracket(text.slice(i + 1, end)))
      i = end + 1
    } else {
      // A dot in a name is written `\.`, as in `.metadata.labels.app\.kubernetes\.io/name`.
      const name = /^\.?((?:\\.|[^.[\]\\])+)/.exec(text.slice(i))
      if (!name) throw new Error(`“${text.slice(i)}” cannot be read`)
      const word = name[1]!.replace(/\\(.)/g, '$1')
      steps.push(word === '*' ? all : field(word))
      i += name[0].length
    }
  }
  return steps
}

const walk = (steps: readonly Step[], values: Json[]): Json[] => steps.reduce((v, step) => step(v), values)

/**
 * Reads an expression once; the function it gives finds all values of an object. Throws an Error that says what cannot
 * be read.
 */
export function jsonPath(expression: string): (object: Json) => Json[] {
  const bare = expression
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^[$@](?=\.|\[|$)/, '')
  if (!bare) throw new Error('the expression is empty')
  const steps = parse(bare)
  return (object) => walk(steps, [object])
}
