import { getCurrentInstance, onBeforeUnmount, ref, type Ref } from 'vue'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { errorText } from '../app/error-text.js'
import type { Wording } from '../app/i18n/wording.js'
import { useNotices } from '../stores/notices.js'
import { useToasts } from '../stores/toasts.js'

export type WorkPhase = 'running' | 'done' | 'stopped' | 'failed'

/** Work of the backend that a tab of the dock follows. It ends with the tab. */
export interface Work {
  phase: Ref<WorkPhase>
  /** Why it failed. */
  problem: Ref<RpcError | null>
  /** The work says that it has come to its end, well unless there is an error. A toast tells it, unless its failure is read in the tab. */
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
  const notices = useNotices()
  const tab = getCurrentInstance()
  /** Whether the tab is in sight: neither behind another one, nor in a window that is not. */
  const seen = (): boolean => !document.hidden && Boolean((tab?.proxy?.$el as HTMLElement | undefined)?.checkVisibility?.())
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
        if (seen()) notices.add({ tone: 'bad', text: says.failed, detail: () => errorText(error), read: true })
        else toasts.add({ tone: 'bad', text: says.failed, error })
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
