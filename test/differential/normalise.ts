/**
 * Takes out of an answer what differs from run to run: names, times and numbers that a server makes up. Recorded answers
 * hold the same marks (`<uid>`, `<rv>`, `<time>`, …), so both sides can be compared as they are.
 */
import type { Case } from './case.js'
import { removeAt, setAt, valueAt } from './pointer.js'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Plain = any

export interface Normalising extends Pick<Case, 'only' | 'ignore' | 'managedFields'> {
  /** The namespace of this run; it reads `{{ns}}`. */
  namespace: string
}

/** Tell nothing about behaviour: gone since 1.20, a hash of the build, or the address of this server. */
const DROPPED = new Set(['selfLink', 'storageVersionHash', 'serverAddressByClientCIDRs'])
const AGES = new Set(['Age', 'Last Seen', 'First Seen', 'Duration', 'Created At'])

/** Normalises text that a server wrote: a message, a warning, a name. */
export function normaliseText(text: string, namespace: string): string {
  return text
    .replaceAll(namespace, '{{ns}}')
    .replace(/\b(?!0{8}-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uid>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '<time>')
    .replace(/(?<=current: |object meta: |in record \()\d+/g, '<rv>')
}

/** Normalises a body, or one event of a watch. The given value stays as it is. */
export function normalise(value: unknown, options: Normalising): unknown {
  const body = normaliseValue(value, '', options) as Plain
  if (body === null || typeof body !== 'object') return body
  KINDS[body.kind]?.(body)
  if (body.gitVersion) for (const key of Object.keys(body)) body[key] = '<text>'
  return selected(body, options)
}

function normaliseValue(value: unknown, key: string, options: Normalising): unknown {
  if (Array.isArray(value)) return normaliseList(value, key, options)
  if (value !== null && typeof value === 'object') return normaliseObject(value, options)
  if (typeof value === 'number') return value > 0 && (key === 'nodePort' || key === 'healthCheckNodePort') ? '<port>' : value
  if (typeof value !== 'string') return value
  if (value !== '') {
    if (key === 'resourceVersion') return value === '0' ? value : '<rv>'
    if (key === 'uid') return '<uid>'
    if (key === 'continue') return '<continue>'
    if (key === 'clusterIP' || key === 'clusterIPs') return isAddress(value) ? '<ip>' : value
  }
  return normaliseText(value, options.namespace)
}

function normaliseObject(object: object, options: Normalising): Plain {
  const out: Plain = {}
  for (const [key, value] of Object.entries(object)) {
    // null says no more than absence.
    if (value === null || DROPPED.has(key) || (key === 'managedFields' && !options.managedFields)) continue
    out[normaliseText(key, options.namespace)] = normaliseValue(value, key, options)
  }
  if (out.generateName && typeof out.name === 'string' && out.name.startsWith(out.generateName)) out.name = `${out.generateName}<suffix>`
  return out
}

/** Lists whose order nobody promised are sorted by what tells their elements apart. */
const ORDERS: Record<string, (element: Plain) => unknown[]> = {
  causes: (c) => [c.field, c.reason, c.message],
  managedFields: (m) => [m.manager, m.operation, m.subresource ?? '', m.apiVersion],
}

function normaliseList(list: unknown[], key: string, options: Normalising): unknown[] {
  const out = list.map((element) => normaliseValue(element, key, options))
  const order = ORDERS[key]
  if (!order) return out
  const rank = (element: unknown): string => JSON.stringify(order(element))
  return out.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
}

function isAddress(text: string): boolean {
  return /^\d+(\.\d+){3}$/.test(text) || /^[0-9a-f]*:[0-9a-f:]+$/.test(text)
}

/** What is peculiar to some kinds of answers; changes them in place. */
const KINDS: Record<string, (body: Plain) => void> = {
  Status(status) {
    const { details } = status
    // A message puts several causes in an order of its own; the causes say the same.
    if (details?.causes?.length > 1) status.message = status.message?.replace(/ is invalid: \[[^]*\]$/, ' is invalid: [<causes>]')
    // Ingresses belonged to another group before 1.22.
    if (details?.group === 'extensions') {
      details.group = 'networking.k8s.io'
      status.message = status.message?.replace(/^(\w+)\.extensions /, '$1.networking.k8s.io ')
    }
  },
  APIResourceList(list) {
    for (const resource of list.resources ?? []) delete resource.singularName // was empty before 1.27
  },
  Table(table) {
    const columns: Plain[] = table.columnDefinitions ?? []
    const ages = columns.map((column) => AGES.has(column.name))
    table.columnDefinitions = columns.map(({ name, type, priority }) => ({ name, type, priority }))
    table.rows = table.rows?.map(({ cells, object }: Plain) => ({
      cells: cells.map((cell: unknown, i: number) => (typeof cell === 'string' ? normaliseCell(cell, ages[i]!) : cell)),
      object: object && { kind: object.kind, apiVersion: object.apiVersion, metadata: { name: object.metadata?.name } },
    }))
  },
}

function normaliseCell(cell: string, age: boolean): string {
  if (age && cell !== '') return '<age>'
  return isAddress(cell) ? '<ip>' : cell.replace(/:3\d{4}\//g, ':<port>/')
}

/** The parts of a body that are compared. */
function selected(body: Plain, { only, ignore }: Normalising): unknown {
  if (!only) {
    for (const pointer of ignore ?? []) removeAt(body, pointer)
    return withoutUndefined(body)
  }
  const kept: Plain = body.kind === 'Status' ? body : { kind: body.kind, apiVersion: body.apiVersion }
  for (const pointer of only) {
    const value = valueAt(body, pointer)
    if (value !== undefined) setAt(kept, pointer, value)
  }
  return withoutUndefined(kept)
}

function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown
}
