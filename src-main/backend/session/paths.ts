/** URL paths of the Kubernetes API. */
import type { ObjectRef, ResourceRef } from '../rpc/contract.js'

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function groupPath(r: { group: string; version: string }): string {
  return r.group ? `/apis/${r.group}/${r.version}` : `/api/${r.version}`
}

/** What a resource is called where its version does not matter, as kubectl takes it: `pods`, `deployments.apps`. */
export function resourceKey(r: Pick<ResourceRef, 'group' | 'resource'>): string {
  return r.group ? `${r.resource}.${r.group}` : r.resource
}

/** The path of a collection, of all namespaces when none is given. */
export function collectionPath(r: ResourceRef, namespace?: string): string {
  return `${groupPath(r)}${namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''}/${r.resource}`
}

/** The path of one object or of one of its subresources. */
export function objectPath(ref: ObjectRef, subresource?: string): string {
  return `${collectionPath(ref, ref.namespace)}/${encodeURIComponent(ref.name)}${subresource ? `/${subresource}` : ''}`
}

/** `?a=b&c=d` without the undefined ones; empty when there are none. */
export function query(params: Record<string, string | number | boolean | undefined>): string {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(params)) if (v !== undefined && v !== '') q.append(k, String(v))
  const s = q.toString()
  return s ? `?${s}` : ''
}
