import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { ManifestSource } from '../../src-main/backend/rpc/contract.js'

/** Files on their way to a tab that creates: those that were dropped on the window. */
export const useIncoming = defineStore('incoming', () => {
  const waiting = shallowRef<{ tab: number; source: ManifestSource }[]>([])

  function send(tab: number, source: ManifestSource): void {
    waiting.value = [...waiting.value, { tab, source }]
  }

  /** Takes what has come for a tab. */
  function take(tab: number): ManifestSource | undefined {
    const found = waiting.value.find((w) => w.tab === tab)
    if (found) waiting.value = waiting.value.filter((w) => w !== found)
    return found?.source
  }

  return { waiting, send, take }
})
