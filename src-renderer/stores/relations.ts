import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { RelationGraph, RpcError } from '../../src-main/backend/rpc/contract.js'
import { asRpcError, backend } from '../app/rpc.js'

/** How often the objects are read again while they are in sight, ms. */
const AGAIN = 5_000

/**
 * How the objects of namespaces hang together, read again every few seconds; null until the first answer. What was read stays when a
 * later read fails, and stays the very same when nothing has changed.
 */
export function useRelations(params: () => { context: string; namespaces?: string[] } | null): {
  graph: ShallowRef<RelationGraph | null>
  error: ShallowRef<RpcError | undefined>
} {
  const graph = shallowRef<RelationGraph | null>(null)
  const error = shallowRef<RpcError | undefined>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0
  let last = ''

  async function read(mine: number): Promise<void> {
    const p = params()
    if (!p) return
    try {
      const answer = await backend.call('relations.read', p)
      if (mine !== turn) return
      const text = JSON.stringify(answer)
      if (text !== last) graph.value = answer
      last = text
      error.value = undefined
    } catch (e) {
      if (mine !== turn) return
      error.value = asRpcError(e)
    }
    timer = setTimeout(() => void read(mine), AGAIN)
  }
  watch(
    () => JSON.stringify(params()),
    () => {
      clearTimeout(timer)
      graph.value = null
      last = ''
      void read(++turn)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    turn++
    clearTimeout(timer)
  })
  return { graph, error }
}
