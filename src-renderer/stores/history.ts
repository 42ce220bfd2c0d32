import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { ObjectHistory, ObjectRef, RpcError } from '../../src-main/backend/rpc/contract.js'
import { backend, type StreamHandle } from '../app/rpc.js'

/** Follows who changed what of the object that `params` names; null until it is known. */
export function useHistory(params: () => { context: string; ref: ObjectRef }): {
  history: ShallowRef<ObjectHistory | null>
  error: ShallowRef<RpcError | undefined>
} {
  const history = shallowRef<ObjectHistory | null>(null)
  const error = shallowRef<RpcError | undefined>()
  let stream: StreamHandle<'history'> | undefined
  watch(
    () => JSON.stringify(params()),
    () => {
      stream?.close()
      history.value = null
      error.value = undefined
      const opened: StreamHandle<'history'> = backend.open(
        'history',
        params(),
        (e) => {
          if (stream === opened) history.value = e
        },
        (e) => {
          if (stream === opened) error.value = e
        },
      )
      stream = opened
    },
    { immediate: true },
  )
  onScopeDispose(() => stream?.close())
  return { history, error }
}
