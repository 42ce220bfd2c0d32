/**
 * `metadata.managedFields` for people: which manager owns which fields. The keys of `fieldsV1` are `f:NAME` for a field, `k:{…}` for the
 * item of a list with these keys, `v:…` for a value of a set, `i:N` for an index, and `.` for the thing itself.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
import { fieldBelow, isMap } from '../apply/fields.js'
import type { Json } from '../kinds/kind.js'
import type { FieldManager, OwnedField } from '../rpc/contract.js'

/** A longer value is cut, characters. */
const LONG = 120
/** What `kubectl apply` keeps for itself: the whole object once more. */
const APPLIED = 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]'

/** One step from a value to what a key of `fieldsV1` names in it. */
function step(key: string, path: string, value: Json): { path: string; value: Json } | undefined {
  const rest = key.slice(2)
  if (key.startsWith('f:')) return { path: fieldBelow(path, rest), value: isMap(value) ? value[rest] : undefined }
  if (key.startsWith('i:')) return { path: `${path}[${rest}]`, value: Array.isArray(value) ? value[Number(rest)] : undefined }
  if (key.startsWith('v:')) {
    const wanted = JSON.parse(rest) as Json
    const here = Array.isArray(value) && value.some((v) => JSON.stringify(v) === JSON.stringify(wanted))
    return { path: `${path}[${String(wanted)}]`, value: here ? wanted : undefined }
  }
  if (key.startsWith('k:')) {
    const keys = Object.entries(JSON.parse(rest) as Record<string, Json>)
    const item = Array.isArray(value) ? value.find((v: Json) => keys.every(([k, wanted]) => v?.[k] === wanted)) : undefined
    return { path: `${path}[${keys.map(([k, v]) => `${k}=${String(v)}`).join(',')}]`, value: item }
  }
  return undefined
}

/** Goes through the fields that `fieldsV1` names and tells the values that an object has there, from the outside in. */
export function walkFields(fields: Json, object: Json, tell: (path: string, value: Json) => void, path = ''): void {
  const below = isMap(fields) ? Object.keys(fields).filter((key) => key !== '.') : []
  if (below.length === 0) return tell(path, object)
  for (const key of below) {
    const next = step(key, path, object)
    if (next) walkFields((fields as Json)[key], next.value, tell, next.path)
  }
}

function text(value: Json): string {
  const whole = typeof value === 'string' ? value : JSON.stringify(value)
  return whole.length > LONG ? `${whole.slice(0, LONG)}…` : whole
}

/** The managers of an object whose values are `shown`, the one that changed something last before the others. */
export function fieldManagers(managedFields: unknown, shown: Json): FieldManager[] {
  const entries = Array.isArray(managedFields) ? (managedFields as Json[]) : []
  return entries
    .map((e): FieldManager => {
      const fields: OwnedField[] = []
      walkFields(
        e.fieldsV1,
        shown,
        (path, value) => path && fields.push({ path, ...(value === undefined ? {} : { value: path === APPLIED ? '…' : text(value) }) }),
      )
      return {
        manager: e.manager ?? '',
        operation: e.operation ?? '',
        ...(e.subresource ? { subresource: e.subresource } : {}),
        apiVersion: e.apiVersion ?? '',
        time: e.time ? Date.parse(e.time) : null,
        fields,
      }
    })
    .sort((a, b) => (b.time ?? 0) - (a.time ?? 0))
}

/** The keys by which items of a list are told apart where no schema is at hand, in the order in which they are tried. */
const ITEM_KEYS = [['name'], ['type'], ['containerPort', 'protocol'], ['port', 'protocol'], ['mountPath'], ['ip'], ['uid'], ['key']]

function itemsByKey(list: Json[]): Map<string, Json> | undefined {
  if (!list.every(isMap)) return undefined
  for (const keys of ITEM_KEYS) {
    const named = new Map(
      list.map((item: Json) => [
        keys
          .filter((k) => item[k] !== undefined)
          .map((k) => `${k}=${item[k]}`)
          .join(','),
        item,
      ]),
    )
    if (named.size === list.length && !named.has('')) return named
  }
  return undefined
}

/** The fields in which two values differ, the outermost where a whole part came or went. */
export function changedFields(before: Json, after: Json, path = ''): string[] {
  if (isMap(before) && isMap(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      changedFields(before[key], after[key], fieldBelow(path, key)),
    )
  if (Array.isArray(before) && Array.isArray(after)) {
    const [a, b] = [itemsByKey(before), itemsByKey(after)]
    if (a && b && before.length && after.length)
      return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) => changedFields(a.get(key), b.get(key), `${path}[${key}]`))
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
}
