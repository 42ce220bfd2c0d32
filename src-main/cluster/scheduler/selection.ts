/** One attempt to find a node for one pod: filters, scores, choice; with the reasons for everything. */
import type { Random } from '../random.js'
import type { NodeRejection, NodeScore } from './explain.js'
import { MAX_LISTED } from './explain.js'
import type { NodeFilter, NodeScorer, Plugin, Rejection, SchedulerView } from './framework.js'
import { isRejection } from './framework.js'
import type { NodeInfo } from './nodeinfo.js'
import type { Nominations } from './nominations.js'
import type { PodInfo } from './podinfo.js'

export interface SelectionInput {
  pod: PodInfo
  view: SchedulerView
  plugins: readonly Plugin[]
  nominations: Nominations
  /** Where in the list of nodes to begin: each attempt goes on where the last one stopped. */
  start: number
  random: Random
}

export interface Selection {
  chosen: NodeInfo | undefined
  total: number
  evaluated: number
  feasible: number
  nextStart: number
  filters: readonly { plugin: string; filter: NodeFilter }[]
  rejections: ReadonlyMap<NodeInfo, Rejection>
  /** Which plugins refused a node, or all. */
  rejectedBy: ReadonlySet<string>
  /** A reason that holds for every node. */
  everywhere: string | undefined
  reasons: ReadonlyMap<string, number>
  listedRejections: readonly NodeRejection[]
  /** The best nodes with the parts of their scores, the chosen one first. */
  scores: () => NodeScore[]
}

const MIN_FEASIBLE = 100
const MIN_PERCENT = 5

/** How many nodes that fit are enough in a cluster of `total` nodes: all up to 100, then half of them, down to 5 % of very many. */
export function feasibleNodesToFind(total: number): number {
  if (total < MIN_FEASIBLE) return total
  const percent = Math.max(MIN_PERCENT, 50 - Math.floor(total / 125))
  return Math.max(MIN_FEASIBLE, Math.floor((total * percent) / 100))
}

export function selectNode(input: SelectionInput): Selection {
  const { pod, view, plugins } = input
  const nodes = view.cache.list
  const filters: { plugin: string; filter: NodeFilter }[] = []
  const reasons = new Map<string, number>()
  const rejections = new Map<NodeInfo, Rejection>()
  const rejectedBy = new Set<string>()
  const listedRejections: NodeRejection[] = []
  const base = { total: nodes.length, filters, reasons, rejections, rejectedBy, listedRejections }

  for (const plugin of plugins) {
    const prepared = plugin.filter?.(pod, view)
    if (isRejection(prepared)) {
      rejectedBy.add(plugin.name)
      for (const node of nodes) rejections.set(node, { reasons: prepared.reasons, unresolvable: true })
      for (const { name } of nodes.slice(0, MAX_LISTED))
        listedRejections.push({ node: name, plugin: plugin.name, reasons: prepared.reasons })
      const everywhere = prepared.reasons.join(', ')
      return { ...base, chosen: undefined, evaluated: 0, feasible: 0, nextStart: input.start, everywhere, scores: noScores }
    }
    if (prepared) filters.push({ plugin: plugin.name, filter: prepared })
  }

  const named = namedNodes(filters)
  if (named) for (const plugin of named.plugins) rejectedBy.add(plugin)
  const candidates = named ? [...named.names].flatMap((name) => view.cache.nodes.get(name) ?? []) : nodes

  const feasible: NodeInfo[] = []
  const evaluate = (node: NodeInfo): boolean => {
    const found = firstRejection(node, filters, input)
    if (!found) {
      feasible.push(node)
      return true
    }
    const { plugin, rejection } = found
    rejections.set(node, rejection)
    rejectedBy.add(plugin)
    for (const reason of rejection.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    if (listedRejections.length < MAX_LISTED) listedRejections.push({ node: node.name, plugin, reasons: rejection.reasons })
    return false
  }

  /** The nodes that were not looked at since the pod names others. */
  const rejectUnnamed = ({ names, plugins: by }: NamedNodes): void => {
    const rejection: Rejection = { reasons: [`node(s) didn't satisfy plugin(s) [${by.join(' ')}]`], unresolvable: true }
    for (const node of nodes) {
      if (names.has(node.name)) continue
      rejections.set(node, rejection)
      reasons.set(rejection.reasons[0]!, (reasons.get(rejection.reasons[0]!) ?? 0) + 1)
      if (listedRejections.length < MAX_LISTED) listedRejections.push({ node: node.name, plugin: by[0]!, reasons: rejection.reasons })
    }
  }

  // The node that preemption has made room on comes first, and alone if it fits.
  const nominated = view.cache.nodes.get(input.nominations.nodeFor(pod.key) ?? '')
  let evaluated = 0
  let nextStart = nodes.length ? input.start % nodes.length : 0
  if (!nominated || !evaluate(nominated)) {
    const enough = feasibleNodesToFind(candidates.length)
    const start = nextStart
    for (let i = 0; i < candidates.length && feasible.length < enough; i++) {
      const node = candidates[(start + i) % candidates.length]!
      evaluated++
      if (node !== nominated) evaluate(node)
    }
    nextStart = nodes.length ? (start + evaluated) % nodes.length : 0
  } else evaluated = 1
  if (feasible.length === 0) {
    if (named) rejectUnnamed(named)
    return { ...base, chosen: undefined, evaluated, feasible: 0, nextStart, everywhere: undefined, scores: noScores }
  }

  const { totals, parts } = scoreNodes(pod, view, plugins, feasible)
  const chosen = pickBest(totals, input.random)
  return {
    ...base,
    chosen: feasible[chosen],
    evaluated,
    feasible: feasible.length,
    nextStart,
    everywhere: undefined,
    scores: bestScores(feasible, totals, parts, chosen),
  }
}

interface NamedNodes {
  names: ReadonlySet<string>
  /** The plugins that name them. */
  plugins: readonly string[]
}

/** The only nodes that all filters which name some agree on; undefined when none does. */
function namedNodes(filters: readonly { plugin: string; filter: NodeFilter }[]): NamedNodes | undefined {
  const naming = filters.filter(({ filter }) => filter.only)
  if (naming.length === 0) return undefined
  const [first, ...others] = naming.map(({ filter }) => filter.only!)
  return {
    names: new Set([...first!].filter((name) => others.every((o) => o.has(name)))),
    plugins: naming.map(({ plugin }) => plugin).sort(),
  }
}

/** Which plugin refuses a node first, and why: also for the sake of pods that are promised the node and weigh no less. */
export function firstRejection(
  node: NodeInfo,
  filters: readonly { plugin: string; filter: NodeFilter }[],
  { pod, nominations }: Pick<SelectionInput, 'pod' | 'nominations'>,
): { plugin: string; rejection: Rejection } | undefined {
  if (!nominations.isEmpty) {
    const others = nominations.on(node.name).filter((n) => n.priority >= pod.priority && n.key !== pod.key && !node.pods.has(n.key))
    if (others.length) {
      // As if those pods were there already; and then without them too, since they may never come.
      for (const other of others) shift(node, filters, other, 1)
      const rejection = check(node, filters)
      for (const other of others) shift(node, filters, other, -1)
      if (rejection) return rejection
    }
  }
  return check(node, filters)
}

function shift(node: NodeInfo, filters: readonly { filter: NodeFilter }[], other: PodInfo, by: 1 | -1): void {
  if (by > 0) node.addPod(other)
  else node.removePod(other)
  for (const { filter } of filters) filter.shift?.(other, node, by)
}

function check(
  node: NodeInfo,
  filters: readonly { plugin: string; filter: NodeFilter }[],
): { plugin: string; rejection: Rejection } | undefined {
  for (const { plugin, filter } of filters) {
    const rejection = filter.check(node)
    if (rejection) return { plugin, rejection }
  }
  return undefined
}

interface ScorePart {
  plugin: string
  weight: number
  scores: Float64Array
}

function scoreNodes(
  pod: PodInfo,
  view: SchedulerView,
  plugins: readonly Plugin[],
  nodes: readonly NodeInfo[],
): { totals: Float64Array; parts: ScorePart[] } {
  const totals = new Float64Array(nodes.length)
  const parts: ScorePart[] = []
  for (const plugin of plugins) {
    const scorer: NodeScorer | undefined = plugin.weight ? plugin.score?.(pod, view, nodes) : undefined
    if (!scorer) continue
    const scores = new Float64Array(nodes.length)
    for (let i = 0; i < nodes.length; i++) scores[i] = scorer.score(nodes[i]!)
    scorer.normalize?.(scores, nodes)
    const weight = plugin.weight!
    for (let i = 0; i < nodes.length; i++) totals[i]! += scores[i]! * weight
    parts.push({ plugin: plugin.name, weight, scores })
  }
  return { totals, parts }
}

/** The index of the highest total; one of them by chance when several share it. */
function pickBest(totals: Float64Array, random: Random): number {
  let best = 0
  let ties = 1
  for (let i = 1; i < totals.length; i++) {
    if (totals[i]! > totals[best]!) {
      best = i
      ties = 1
    } else if (totals[i] === totals[best] && random.int(++ties) === 0) best = i
  }
  return best
}

const noScores = (): NodeScore[] => []

/**
 * The best nodes with the parts of their scores, the chosen one first. Kept as numbers: a record is made of every pod,
 * and hardly any is ever read.
 */
function bestScores(nodes: readonly NodeInfo[], totals: Float64Array, parts: readonly ScorePart[], chosen: number): () => NodeScore[] {
  let indexes: number[]
  if (nodes.length <= MAX_LISTED) indexes = nodes.map((_n, i) => i)
  else indexes = topIndexes(totals, MAX_LISTED, chosen)
  indexes.sort((a, b) => Number(b === chosen) - Number(a === chosen) || totals[b]! - totals[a]!)
  return told(
    indexes.map((i) => nodes[i]!.name),
    parts.map(({ plugin, weight }) => ({ plugin, weight })),
    Float64Array.from(indexes.flatMap((i) => parts.map((p) => p.scores[i]!))),
  )
}

/** @param scores of one node after the other, one of each plugin */
function told(nodes: readonly string[], plugins: readonly { plugin: string; weight: number }[], scores: Float64Array): () => NodeScore[] {
  return () =>
    nodes.map((node, n) => {
      const own = plugins.map((p, i) => ({ plugin: p.plugin, score: scores[n * plugins.length + i]!, weight: p.weight }))
      return { node, total: own.reduce((sum, p) => sum + p.score * p.weight, 0), plugins: own }
    })
}

/** The indexes of the `n` highest totals and of the chosen one: one pass that keeps the best so far in order. */
function topIndexes(totals: Float64Array, n: number, chosen: number): number[] {
  const top: number[] = []
  for (let i = 0; i < totals.length; i++) {
    if (i === chosen) continue
    const total = totals[i]!
    if (top.length === n - 1 && total <= totals[top.at(-1)!]!) continue
    let at = top.length
    while (at > 0 && totals[top[at - 1]!]! < total) at--
    top.splice(at, 0, i)
    if (top.length === n) top.pop()
  }
  return [chosen, ...top]
}
