import type { KindInfo, ObjectRef, ResourceRef } from '../../src-main/backend/rpc/contract.js'
import { RELEASES, releaseKind } from './release-kind.js'

/** A resource as Kubernetes writes it in one word: `pods`, `deployments.apps`. Unique in a context; the version is discovery's. */
export function resourceKey(ref: { group: string; resource: string }): string {
  return ref.group ? `${ref.resource}.${ref.group}` : ref.resource
}

/** An object in one word, for addresses: `pods/default/web-0`, `nodes/minikube`. */
export function objectKey(ref: Pick<ObjectRef, 'group' | 'resource' | 'namespace' | 'name'>): string {
  return [resourceKey(ref), ...(ref.namespace ? [ref.namespace] : []), ref.name].join('/')
}

/** The object that an address names, given the kinds of the context. */
export function parseObjectKey(key: string, kinds: readonly KindInfo[]): { ref: ObjectRef; kind: KindInfo } | null {
  const [resource, ...rest] = key.split('/')
  const kind = kinds.find((k) => resourceKey(k) === resource) ?? (resource === RELEASES ? releaseKind : undefined)
  const name = rest.at(-1)
  if (!kind || !name || rest.length > 2) return null
  const ref: ObjectRef = { group: kind.group, version: kind.version, resource: kind.resource, name }
  if (rest.length === 2) ref.namespace = rest[0]!
  return { ref, kind }
}

/** The three words that name a kind to the backend. */
export function resourceRef(kind: ResourceRef): ResourceRef {
  return { group: kind.group, version: kind.version, resource: kind.resource }
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersion(ref: { group: string; version: string }): string {
  return ref.group ? `${ref.group}/${ref.version}` : ref.version
}
