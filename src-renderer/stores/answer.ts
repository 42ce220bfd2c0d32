import { shallowRef, watch, type ShallowRef } from 'vue'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { asRpcError } from '../app/rpc.js'

/** Reads something anew whenever what it depends on changes; null until the first answer. An answer that comes late is not shown. */
export function useAnswer<P, A>(
  params: () => P | null,
  read: (params: P) => Promise<A>,
): { answer: ShallowRef<A | null>; error: ShallowRef<RpcError | null>; again: () => void } {
  const answer = shallowRef<A | null>(null) as ShallowRef<A | null>
  const error = shallowRef<RpcError | null>(null)
  let turn = 0
  async function again(): Promise<void> {
    const mine = ++turn
    const p = params()
    if (p === null) return
    try {
      const got = await read(p)
      if (mine !== turn) return
      answer.value = got
      error.value = null
    } catch (e) {
      if (mine === turn) error.value = asRpcError(e)
    }
  }
  watch(
    () => JSON.stringify(params()),
    () => {
      answer.value = null
      error.value = null
      void again()
    },
    { immediate: true },
  )
  return { answer, error, again: () => void again() }
}
