import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { useSettings } from './settings.js'

/** How a context is guarded against changes by mistake. */
export type Protection = 'none' | 'confirm' | 'read-only'

/** A confirmation holds this long, ms: one act on many objects asks once. */
const HOLDS = 30_000

/** Per-context protection: `read-only` refuses changes, `confirm` asks for the context's name to be typed first. */
export const useProtection = defineStore('protection', () => {
  const settings = useSettings()
  const confirmed = new Map<string, number>()
  /** The question that is being asked. */
  const asking = shallowRef<{ context: string; answer: (yes: boolean) => void } | null>(null)
  /** Contexts that are to be asked about, each with who waits for the answer: one act on many objects asks once. */
  const waiting = new Map<string, ((yes: boolean) => void)[]>()

  function of(context: string): Protection {
    return settings.value.clusters?.[context]?.protection ?? 'none'
  }

  /** Whether a change to a context may go on; asks the person when it has to be confirmed. Each context is asked about by itself. */
  function allow(context: string): Promise<boolean> {
    if (of(context) !== 'confirm' || Date.now() - (confirmed.get(context) ?? -Infinity) < HOLDS) return Promise.resolve(true)
    return new Promise((resolve) => {
      waiting.set(context, [...(waiting.get(context) ?? []), resolve])
      if (!asking.value) askNext()
    })
  }

  function askNext(): void {
    const [context] = waiting.keys()
    if (context === undefined) return
    asking.value = {
      context,
      answer: (yes) => {
        asking.value = null
        if (yes) confirmed.set(context, Date.now())
        const waited = waiting.get(context) ?? []
        waiting.delete(context)
        for (const tell of waited) tell(yes)
        askNext()
      },
    }
  }

  return { of, allow, asking }
})
