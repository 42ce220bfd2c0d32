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

  function of(context: string): Protection {
    return settings.value.clusters?.[context]?.protection ?? 'none'
  }

  /** Whether a change to a context may go on; asks the person when it has to be confirmed. */
  function allow(context: string): Promise<boolean> {
    if (of(context) !== 'confirm' || Date.now() - (confirmed.get(context) ?? -Infinity) < HOLDS) return Promise.resolve(true)
    const before = asking.value
    return new Promise((resolve) => {
      asking.value = {
        context,
        answer: (yes) => {
          asking.value = null
          if (yes) confirmed.set(context, Date.now())
          before?.answer(yes)
          resolve(yes)
        },
      }
    })
  }

  return { of, allow, asking }
})
