/** What requests to the fake backend name, select and change, and how it refuses them. */
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import type { FakeObject } from './fake-maker.js'

export class FakeError extends Error {
  constructor(readonly detail: RpcError) {
    super(detail.message)
  }
}

/** The key of a resource: `pods`, `deployments.apps`. */
export const keyOf = (r: { group: string; resource: string }) => (r.group ? `${r.resource}.${r.group}` : r.resource)

/** Whether a list of these namespaces and labels has the object. */
export function matches(o: FakeObject, p: { namespaces?: string[]; labelSelector?: string }): boolean {
  if (p.namespaces?.length && o.metadata.namespace && !p.namespaces.includes(o.metadata.namespace)) return false
  if (!p.labelSelector) return true
  return p.labelSelector.split(',').every((t) => {
    const [k, v] = t.split('=')
    return o.metadata.labels?.[k!] === v
  })
}

/** Merges as RFC 7386 has it. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const out: Record<string, unknown> = typeof target === 'object' && target !== null ? { ...(target as Record<string, unknown>) } : {}
  for (const [k, v] of Object.entries(patch)) {
    if (v === null) delete out[k]
    else out[k] = mergePatch(out[k], v)
  }
  return out
}
