/**
 * JSONPath as printer columns use it (the simple paths of https://kubernetes.io/docs/reference/kubectl/jsonpath/):
 * fields, quoted fields, indices, `*`, and filters such as `[?(@.type=="Ready")]`.
 */
import { isObject } from './schema.js'

type Step = (value: unknown) => unknown[]

/** Compiles a path such as `.status.conditions[?(@.type=="Ready")].status`. Undefined when it is malformed. */
export function compilePath(path: string): ((object: unknown) => unknown[]) | undefined {
  const steps: Step[] = []
  let rest = path.startsWith('$') ? path.slice(1) : path
  while (rest) {
    const token = nextStep(rest)
    if (!token) return undefined
    steps.push(token.step)
    rest = rest.slice(token.length)
  }
  return (object) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [object])
}

function nextStep(text: string): { step: Step; length: number } | undefined {
  const dotted = /^\.((?:\\.|[^.[\]\\])+)/.exec(text)
  if (dotted) {
    const name = dotted[1]!.replace(/\\(.)/g, '$1')
    return { step: name === '*' ? all : fieldStep(name), length: dotted[0].length }
  }
  if (text.startsWith('.[')) return shifted(nextStep(text.slice(1)))
  const quoted = /^\[\s*(?:'((?:\\.|[^'])*)'|"((?:\\.|[^"])*)")\s*\]/.exec(text)
  if (quoted) return { step: fieldStep((quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1')), length: quoted[0].length }
  const index = /^\[\s*(-?\d+)\s*\]/.exec(text)
  if (index) return { step: (v) => (Array.isArray(v) ? present((v as unknown[]).at(Number(index[1]))) : []), length: index[0].length }
  const slice = /^\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]/.exec(text)
  if (slice) {
    const [from, to] = [slice[1] ? Number(slice[1]) : 0, slice[2] ? Number(slice[2]) : undefined]
    return { step: (v) => (Array.isArray(v) ? v.slice(from, to) : []), length: slice[0].length }
  }
  const star = /^\[\s*\*\s*\]/.exec(text)
  if (star) return { step: all, length: star[0].length }
  const filter = /^\[\?\((.*?)\)\]/.exec(text)
  const test = filter && compileFilter(filter[1]!)
  return test ? { step: (v) => (Array.isArray(v) ? v.filter(test) : []), length: filter[0].length } : undefined
}

const shifted = (token: ReturnType<typeof nextStep>): ReturnType<typeof nextStep> => token && { ...token, length: token.length + 1 }

const present = (value: unknown): unknown[] => (value === undefined ? [] : [value])

const fieldStep =
  (name: string): Step =>
  (value) =>
    isObject(value) && Object.hasOwn(value, name) ? present(value[name]) : []

const all: Step = (value) => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [])

function compileFilter(text: string): ((element: unknown) => boolean) | undefined {
  const parts = /^\s*@(.*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/.exec(text)
  const left = parts && compilePath(parts[1]!)
  if (!left) return undefined
  const [, , operator, literal] = parts
  if (!operator) return (element) => left(element).length > 0
  const right = readLiteral(literal!)
  return (element) => left(element).some((value) => compare(value, operator, right))
}

function readLiteral(text: string): unknown {
  const quoted = /^'(.*)'$|^"(.*)"$/.exec(text)
  if (quoted) return quoted[1] ?? quoted[2]
  if (text === 'true' || text === 'false') return text === 'true'
  return Number.isNaN(Number(text)) ? text : Number(text)
}

function compare(a: unknown, operator: string, b: unknown): boolean {
  if (operator === '==') return a === b
  if (operator === '!=') return a !== b
  if (typeof a !== typeof b || (typeof a !== 'number' && typeof a !== 'string')) return false
  const [x, y] = [a, b as typeof a]
  return operator === '<' ? x < y : operator === '>' ? x > y : operator === '<=' ? x <= y : x >= y
}
