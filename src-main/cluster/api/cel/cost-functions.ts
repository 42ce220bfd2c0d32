/** What calls cost at most: CEL's own functions, its extensions, and Kubernetes' libraries. */
import type { SizeAt } from './cost.js'
import { add, addSizes, share, times, timesSizes, union, unknown, type Entries, type Estimate, type Size } from './cost-sizes.js'
import type { Overload } from './functions/overload.js'
import type { Expr } from './syntax.js'

/** The cost of a call with its arguments, and what is known of its result. */
export interface CallEstimate {
  readonly cost: number
  readonly size?: Size | undefined
  readonly entries?: Entries | undefined
}

interface Call {
  readonly expr: Expr & { kind: 'call' }
  readonly target: Estimate | undefined
  readonly args: readonly Estimate[]
  readonly sizeAt: SizeAt
}

/** Going through a character of a text. */
const CHARACTER = 0.1
/** A character of a regular expression: four of them are taken to be one step. */
const PATTERN_CHARACTER = 0.25
/** The longest pattern of a named format, and the longest name of one. */
const FORMAT_PATTERN = 128
const FORMAT_NAME = 64

const sizeOf = (of: Estimate | undefined): Size => of?.size ?? unknown
const text = (size: number): number => share(size, CHARACTER)

/** Estimates a call that may turn out to be any of some overloads: the most that one of them costs. */
export function callCost(
  expr: Expr & { kind: 'call' },
  overloads: readonly Overload[],
  target: Estimate | undefined,
  args: readonly Estimate[],
  sizeAt: SizeAt,
): CallEstimate {
  const given = args.reduce((total, { cost }) => add(total, cost), target?.cost ?? 0)
  switch (expr.name) {
    case '_&&_':
    case '_||_':
      return { cost: given }
    case '_?_:_':
      return conditional(args)
    case 'dyn':
      return { cost: add(given, 1), size: args[0]?.size, entries: args[0]?.entries }
  }
  const call: Call = { expr, target, args, sizeAt }
  let cost = 0
  let size: Size | undefined
  let entries: Entries | undefined
  for (const overload of overloads) {
    const estimate = LIBRARY[expr.name]?.(call, overload) ?? STANDARD[expr.name]?.(call, overload) ?? { cost: 1 }
    cost = Math.max(cost, estimate.cost)
    if (estimate.size) size = size ? union(size, estimate.size) : estimate.size
    entries = estimate.entries ?? entries
  }
  return { cost: add(given, cost), size, entries }
}

function conditional([condition, yes, no]: readonly Estimate[]): CallEstimate {
  const entries = yes!.entries && no!.entries && unionEntries(yes!.entries, no!.entries)
  return { cost: add(condition!.cost, Math.max(yes!.cost, no!.cost)), size: union(sizeOf(yes), sizeOf(no)), entries }
}

const unionEntries = (a: Entries, b: Entries): Entries => ({
  isList: a.isList,
  key: union(a.key, b.key),
  value: union(a.value, b.value),
})

/** Undefined where a function has no estimate of its own for such a call. */
type Estimator = (call: Call, overload: Overload) => CallEstimate | undefined

const isText = (kind: string | undefined): boolean => kind === 'string' || kind === 'bytes'

/** Only as much is compared as the smaller one holds. */
const comparison = ({ args }: Call): CallEstimate => ({ cost: text(Math.min(sizeOf(args[0]).max, sizeOf(args[1]).max)) })
const orderOf: Estimator = (call, { args }) => (isText(args[0]?.kind) ? comparison(call) : undefined)
const prefix: Estimator = ({ args }) => ({ cost: text(sizeOf(args[0]).max) })

const matching = (of: Estimate | undefined, pattern: Estimate | undefined): number =>
  times(text(add(sizeOf(of).max, 1)), share(sizeOf(pattern).max, PATTERN_CHARACTER))

const STANDARD: Readonly<Record<string, Estimator>> = {
  format: ({ target }) => ({ cost: text(sizeOf(target).max) }),
  bytes({ args }, overload) {
    const { min, max } = sizeOf(args[0])
    return overload.args[0]?.kind === 'string' ? { cost: text(max), size: { min, max: times(max, 4) } } : undefined
  },
  string({ args }, overload) {
    const { min, max } = sizeOf(args[0])
    return overload.args[0]?.kind === 'bytes' ? { cost: text(max), size: { min: Math.floor(min / 4), max } } : undefined
  },
  'strings.quote'({ args }) {
    const { min, max } = sizeOf(args[0])
    return { cost: text(max), size: { min: add(min, 2), max: add(times(max, 2), 2) } }
  },
  startsWith: prefix,
  endsWith: prefix,
  '@in': ({ args }, overload) => (overload.args[1]?.kind === 'list' ? { cost: sizeOf(args[1]).max } : undefined),
  matches: ({ target, args }) => (target ? { cost: matching(target, args[0]) } : undefined),
  contains: ({ target, args }) => ({ cost: times(text(sizeOf(target).max), text(sizeOf(args[0]).max)) }),
  '_+_'({ args: [left, right] }, overload) {
    const kind = overload.args[0]?.kind
    if (!isText(kind) && kind !== 'list') return undefined
    const size = addSizes(sizeOf(left), sizeOf(right))
    const entries = left?.entries && right?.entries && unionEntries(left.entries, right.entries)
    return { cost: kind === 'list' ? 1 : text(size.max), size, entries }
  },
  '_==_': comparison,
  '_!=_': comparison,
  '_<_': orderOf,
  '_<=_': orderOf,
  '_>_': orderOf,
  '_>=_': orderOf,
}

/** Comparing each element once; texts are gone through besides. */
const throughList: Estimator = ({ target, sizeAt }) => {
  if (!target) return undefined
  const { max } = sizeOf(target)
  if (target.type.kind !== 'list') return { cost: text(max) }
  const element = target.type.element.kind
  return { cost: times(max, isText(element) ? add(1, text(elementSize(target, sizeAt).max)) : 1) }
}

function elementSize({ path }: Estimate, sizeAt: SizeAt): Size {
  const max = path.length > 0 ? sizeAt([...path, '@items'].slice(1)) : undefined
  return max === undefined ? unknown : { min: 0, max }
}

const throughText: Estimator = ({ target }) => target && { cost: text(sizeOf(target).max), size: sizeOf(target) }

const searching: Estimator = ({ target, args }) => target && { cost: matching(target, args[0]), size: { min: 0, max: sizeOf(target).max } }

/** Addresses are 4 or 16 bytes, which are gone through twice. */
const containing =
  (cost: number): Estimator =>
  ({ args }, overload) => ({ cost: add(cost, overload.args[0]?.kind === 'string' ? text(sizeOf(args[0]).max) : 0) })

/** Each element of one with each of the other. */
const comparingSets =
  (factor: number): Estimator =>
  ({ args }) => ({ cost: add(times(times(sizeOf(args[0]).max, sizeOf(args[1]).max), factor), 1) })

const LIBRARY: Readonly<Record<string, Estimator>> = {
  isSorted: throughList,
  sum: throughList,
  max: throughList,
  min: throughList,
  indexOf: throughList,
  lastIndexOf: throughList,
  url: ({ args }) => ({ cost: text(sizeOf(args[0]).max), size: sizeOf(args[0]) }),
  lowerAscii: throughText,
  upperAscii: throughText,
  substring: throughText,
  trim: throughText,
  replace: ({ target, args }) =>
    target && { cost: share(sizeOf(target).max, 2 * CHARACTER), size: replaced(sizeOf(target), sizeOf(args[0]), sizeOf(args[1])) },
  split({ expr, target }) {
    const limit = expr.args[1]
    const parts = limit?.kind === 'const' && typeof limit.value === 'bigint' ? Number(BigInt.asUintN(64, limit.value)) : sizeOf(target).max
    return target && { cost: share(sizeOf(target).max, 2 * CHARACTER), size: { min: 0, max: parts } }
  },
  join({ target, args, sizeAt }) {
    if (!target) return undefined
    const list = sizeOf(target)
    const elements = timesSizes(list, elementSize(target, sizeAt))
    const between: Size = { min: Math.max(list.min - 1, 0), max: Math.max(list.max - 1, 0) }
    const size = args[0] ? addSizes(elements, timesSizes(sizeOf(args[0]), between)) : elements
    return { cost: text(size.max), size }
  },
  find: searching,
  findAll: searching,
  containsIP: containing(4),
  containsCIDR: containing(7),
  validate: ({ args }) => ({ cost: share(text(sizeOf(args[0]).max), FORMAT_PATTERN * PATTERN_CHARACTER) }),
  'sets.contains': comparingSets(1),
  'sets.intersects': comparingSets(1),
  'sets.equivalent': comparingSets(2),
  '_==_'({ args: [left, right] }) {
    if (left?.type.kind !== right?.type.kind) return undefined
    switch (left?.type.kind) {
      case 'net.IP':
      case 'net.CIDR':
      case 'kubernetes.Quantity':
      case 'kubernetes.Semver':
        return { cost: 1 }
      case 'kubernetes.NamedFormat':
        return { cost: text(FORMAT_NAME) }
      case 'kubernetes.URL':
        return { cost: text(right?.size?.max ?? 1) }
      default:
        return undefined
    }
  },
}

/** The size of a text in which one text was replaced by another: at most and at least. */
function replaced(whole: Size, from: Size, to: Size): Size {
  const [most, kept] =
    from.min === 0 ? [add(whole.max, 1), whole.max] : to.max <= from.min ? [0, whole.max] : [Math.ceil(whole.max / from.min), 0]
  const [least, left] =
    from.max === 0 ? [add(whole.min, 1), whole.min] : from.max <= to.min ? [0, whole.min] : [Math.ceil(whole.min / from.max), 0]
  return { min: add(times(least, to.min), left), max: add(times(most, to.max), kept) }
}
