import { onBeforeUnmount, ref, type Ref } from 'vue'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import type { Wording } from '../app/i18n/wording.js'
import { useToasts } from '../stores/toasts.js'

export type WorkPhase = 'running' | 'done' | 'stopped' | 'failed'

/** Work of the backend that a tab of the dock follows. It ends with the tab. */
export interface Work {
  phase: Ref<WorkPhase>
  /** Why it failed. */
  problem: Ref<RpcError | null>
  /** The work says that it has come to its end, well unless there is an error; a toast tells it. */
  finish: (error?: RpcError) => void
  /** The line to the work is closed: when it was still under way, it has failed. */
  lost: (error?: RpcError) => void
  /** Ends it from this side. */
  stop: () => void
}

/**
 * @param close ends the stream of the work
 * @param says what the toast at the end says
 */
export function useWork(close: () => void, says: { done: Wording; failed: Wording }): Work {
  const toasts = useToasts()
  const phase = ref<WorkPhase>('running')
  const problem = ref<RpcError | null>(null)
  function lost(error?: RpcError): void {
    if (phase.value !== 'running') return
    phase.value = 'failed'
    problem.value = error ?? null
  }
  onBeforeUnmount(close)
  return {
    phase,
    problem,
    lost,
    finish(error) {
      if (phase.value !== 'running') return
      if (error) {
        lost(error)
        toasts.add({ tone: 'bad', text: says.failed, error })
      } else {
        phase.value = 'done'
        toasts.ok(says.done)
      }
    },
    stop() {
      close()
      phase.value = 'stopped'
    },
  }
}
