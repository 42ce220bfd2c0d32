/**
 * How a kind is shown in lists: ONE FILE PER KIND that wants columns of its own, each exporting one {@link ListKind};
 * every other kind is shown by the server's own Table (`table.ts`).
 */
import type { Allowance, Sample } from '../metrics/usage-cells.js'
import type { Cell, ColumnInfo, Row } from '../rpc/contract.js'
import type { CensusOf } from '../session/pod-census.js'

/** An object as JSON, read without trust: every field may be missing. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any

export interface ListKind {
  group: string
  resource: string
  columns: ColumnInfo[]
  /** One cell per column. `age` columns want the creation time in ms. */
  cells(object: Json): Cell[]
  /** For kinds by which pods are counted: the column that tells of them, and its cell given the pods' names and the cell so far. */
  pods?: { of: CensusOf; column: string; cell(names: readonly string[], before: Cell): Cell }
  /** For kinds that keep pods: has the columns of `kept-pods.ts`, which tell of those. */
  keepsPods?: true
  /** For kinds of which metrics.k8s.io has samples: columns whose cells are null until there is one. */
  usage?: {
    resource: 'pods' | 'nodes'
    /** Ids of columns, in the order of `cells`. */
    columns: readonly string[]
    allowance(object: Json): Allowance
    cells(sample: Sample, allowance: Allowance): Cell[]
  }
}

/** The row of an object. */
export function rowOf(kind: ListKind, object: Json): Row {
  const m = object.metadata ?? {}
  return {
    id: m.uid ?? `${m.namespace ?? ''}/${m.name}`,
    name: m.name ?? '',
    namespace: m.namespace ?? '',
    cells: kind.cells(object),
    ...(m.labels ? { labels: m.labels } : {}),
    ...(m.deletionTimestamp ? { deleting: true } : {}),
  }
}

/** The creation time in ms, null when there is none. */
export function born(object: Json): number | null {
  const t = object.metadata?.creationTimestamp
  return t ? Date.parse(t) : null
}

/** A time of the API in ms since the epoch, null when there is none. */
export function time(text: unknown): number | null {
  return typeof text === 'string' && text ? Date.parse(text) : null
}

export const containersColumn = { id: 'containers', title: 'Containers', type: 'text', width: 140, wide: true } as const
/** The names of the containers of a pod template, as the wide columns of kubectl have them. */
export function containersOf(template: Json): string {
  return (template?.spec?.containers ?? []).map((c: Json) => c.name).join(', ')
}

/** The images of a pod template's containers. */
export function imagesOf(template: Json): string {
  return (template?.spec?.containers ?? []).map((c: Json) => c.image).join(', ')
}

/** A selector as kubectl writes it: `app=web,tier in (a,b),!old`. Plain maps, as Services have them, too. */
export function selectorText(selector: Json): string {
  const s = selector ?? {}
  const labels = s.matchLabels ?? (s.matchExpressions ? {} : s)
  const words: Record<string, (e: Json) => string> = {
    In: (e) => `${e.key} in (${(e.values ?? []).join(',')})`,
    NotIn: (e) => `${e.key} notin (${(e.values ?? []).join(',')})`,
    Exists: (e) => e.key,
    DoesNotExist: (e) => `!${e.key}`,
  }
  return [
    ...Object.entries(labels).map(([k, v]) => `${k}=${v}`),
    ...(s.matchExpressions ?? []).map((e: Json) => words[e.operator]?.(e) ?? `${e.key} ${e.operator}`),
  ].join(',')
}

/** The column of who uses an object; see {@link usersCell}. */
export const usedByColumn: ColumnInfo = { id: 'usedBy', title: 'Used by', type: 'text', width: 180, ofPods: true }

/** Most names in a tooltip. */
const MOST_NAMES = 20

/** The pods that use an object: the first by name, and how many more. */
export function usersCell(names: readonly string[]): Cell {
  const [first, ...more] = [...names].sort()
  if (first === undefined) return null
  const title = [...[first, ...more].slice(0, MOST_NAMES), ...(more.length >= MOST_NAMES ? ['…'] : [])].join('\n')
  return { text: more.length ? `${first} +${more.length}` : first, sort: names.length, title }
}

/** Columns that most kinds have. */
export const nameColumn: ColumnInfo = { id: 'name', title: 'Name', type: 'text', width: 260 }
export const namespaceColumn: ColumnInfo = { id: 'namespace', title: 'Namespace', type: 'text', width: 130 }
export const ageColumn: ColumnInfo = { id: 'age', title: 'Age', type: 'age', width: 70, align: 'right' }
