import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { asRpcError } from '../app/rpc.js'

/**
 * Reads something anew whenever what it depends on changes; null until the first answer. An answer that comes late is not shown. What was
 * read stays when a later reading fails, and stays the very same where it is read again by itself and nothing has changed.
 * @param every how long after a reading it is read again by itself, ms, by how long the reading took, ms; never when it is not given
 */
export function useAnswer<P, A>(
  params: () => P | null,
  read: (params: P) => Promise<A>,
  every?: (took: number) => number,
): {
  answer: ShallowRef<A | null>
  error: ShallowRef<RpcError | null>
  /** When it was last read with success, by this machine's clock, ms since the epoch. */
  at: ShallowRef<number>
  /** Reads it now. */
  again: () => void
} {
  const answer = shallowRef<A | null>(null) as ShallowRef<A | null>
  const error = shallowRef<RpcError | null>(null)
  const at = shallowRef(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0
  let last = ''
  async function again(): Promise<void> {
    clearTimeout(timer)
    const mine = ++turn
    const p = params()
    if (p === null) return
    const began = Date.now()
    try {
      const got = await read(p)
      if (mine !== turn) return
      const text = every ? JSON.stringify(got) : ''
      if (!every || text !== last) answer.value = got
      last = text
      at.value = Date.now()
      error.value = null
    } catch (e) {
      if (mine !== turn) return
      error.value = asRpcError(e)
    }
    if (every) timer = setTimeout(() => void again(), every(Date.now() - began))
  }
  watch(
    () => JSON.stringify(params()),
    () => {
      answer.value = null
      error.value = null
      last = ''
      void again()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    turn++
    clearTimeout(timer)
  })
  return { answer, error, at, again: () => void again() }
}
