import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { asRpcError, backend } from '../app/rpc.js'
import { resourceRef } from '../app/routes.js'
import { useContexts } from './contexts.js'
import { joinFirstFill } from './first-fill.js'
import type { KubeObject } from './object.js'

/** A few whole objects that the details of another one need. */
export interface ObjectsQuery {
  context: string
  /** The kind as addresses write it: `pods`, `jobs.batch`. */
  key: string
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

/** How often they are read again while they are in sight, ms. */
export const AGAIN = 5_000

/**
 * Reads the objects that `query` names (at most 500) and reads them again every few seconds. Null until the first
 * answer; empty where the cluster has no such kind. What was read stays when a later read fails.
 * @param again how long after a reading they are read again, ms
 */
export function useObjects(
  query: () => ObjectsQuery | null,
  again: (items: KubeObject[] | null) => number = () => AGAIN,
): {
  items: ShallowRef<KubeObject[] | null>
  error: ShallowRef<RpcError | undefined>
  /** Reads them now, after a change. */
  refresh: () => void
} {
  const contexts = useContexts()
  const items = shallowRef<KubeObject[] | null>(null)
  const error = shallowRef<RpcError | undefined>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0
  joinFirstFill(() => items.value !== null || error.value !== undefined || query() === null)

  async function read(q: ObjectsQuery, mine: number): Promise<void> {
    const kind = contexts.kind(q.context, q.key)
    try {
      const found = kind
        ? await backend.call('objects.list', {
            context: q.context,
            resource: { ...resourceRef(kind), ...(q.namespace && kind.namespaced ? { namespace: q.namespace } : {}) },
            ...(q.labelSelector ? { labelSelector: q.labelSelector } : {}),
            ...(q.fieldSelector ? { fieldSelector: q.fieldSelector } : {}),
          })
        : []
      if (mine !== turn) return
      items.value = found as unknown as KubeObject[]
      error.value = undefined
    } catch (e) {
      if (mine !== turn) return
      error.value = asRpcError(e)
    }
    timer = setTimeout(() => void read(q, mine), again(items.value))
  }

  function refresh(): void {
    clearTimeout(timer)
    const mine = ++turn
    const q = query()
    if (q) void read(q, mine)
  }

  watch(
    () => JSON.stringify(query()),
    () => {
      items.value = null
      refresh()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    turn++
    clearTimeout(timer)
  })
  return { items, error, refresh }
}
